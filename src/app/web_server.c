/* Recognises a web server that is not configured as it must be. It may only log. */
#include "app/web_server.h"

#include "core/log.h"
#include <assert.h>

enum fault { NO_CREDENTIALS, LOOK_ALIKES, MISSING_PARAMETER, BELOW_A_PATH, FAULTS };
static const char *const EVENTS[] = {
	[NO_CREDENTIALS] = "web_server.no_credentials",
	[LOOK_ALIKES] = "web_server.look_alikes",
	[MISSING_PARAMETER] = "web_server.missing_parameter",
	[BELOW_A_PATH] = "web_server.below_a_path",
};
static_assert(COUNT_OF(EVENTS) == FAULTS, "every fault has its event");

/* What to do about it, by how SERVER_SOFTWARE begins; the last row of a fault is for any other server. */
static const struct advice {
	enum fault fault;
	struct str software;
	const char *text;
} ADVICE[] = {
	{ NO_CREDENTIALS, STR("Apache"),
		"set 'CGIPassAuth On' in the Location of tenantd, as contrib/apache/tenantd-common.conf does; where that "
		"is not allowed: RewriteRule ^ - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]" },
	{ NO_CREDENTIALS, STR("lighttpd"),
		"lighttpd passes Authorization on: look at what stands in front of it, or at a module that asks for "
		"passwords itself (mod_auth)" },
	{ NO_CREDENTIALS, STR("nginx"), "set 'fastcgi_param HTTP_AUTHORIZATION $http_authorization'" },
	{ NO_CREDENTIALS, STR(""), "let it pass the header Authorization on, as HTTP_AUTHORIZATION" },
	{ LOOK_ALIKES, STR("lighttpd"),
		"include contrib/lighttpd/tenantd.conf, and repeat its setenv lines in each block of the host's own that "
		"has setenv.add-environment or setenv.set-environment, since they replace them" },
	{ LOOK_ALIKES, STR("nginx"), "set 'underscores_in_headers off'" },
	{ LOOK_ALIKES, STR(""),
		"let it drop headers whose names have other characters than letters, digits and dashes" },
	{ MISSING_PARAMETER, STR("Apache"),
		"include contrib/apache/tenantd-common.conf as it is; CONTENT_LENGTH needs 'SetEnv proxy-sendcl 1'" },
	{ MISSING_PARAMETER, STR("nginx"), "include fastcgi_params, and fastcgi_request_buffering on" },
	{ MISSING_PARAMETER, STR(""), "let it pass the parameters of CGI on (RFC 3875), and REQUEST_URI" },
	{ BELOW_A_PATH, STR("Apache"),
		"put tenantd at the root of a virtual host: ProxyPass \"unix:…|fcgi://tenantd/\" in <Location \"/\">" },
	{ BELOW_A_PATH, STR("lighttpd"), "put tenantd at the root of a host: fastcgi.server = ( \"/\" => … )" },
	{ BELOW_A_PATH, STR(""), "put tenantd at the root of a host of its own" },
};

static const char *advice_of(enum fault fault, struct str software)
{
	for (size_t i = 0; i < COUNT_OF(ADVICE); i++)
		if (ADVICE[i].fault == fault && str_starts(software, ADVICE[i].software))
			return ADVICE[i].text;
	BUG("a fault without advice");
}

/* Only the first of all workers says it. */
static void say(struct web_server_seen *seen, enum fault fault, const struct request *req, struct str what)
{
	unsigned bit = 1u << fault;
	if (atomic_load(&seen->said) & bit || atomic_fetch_or(&seen->said, bit) & bit)
		return;
	LOG(WARN, EVENTS[fault], LOG_STR("server", req->via.software), LOG_STR("what", what),
		LOG_C("advice", advice_of(fault, req->via.software)));
}

static void look_for_credentials(
	struct web_server_seen *seen, const struct request *req, enum error_code code)
{
	if (atomic_load(&seen->has_come))
		return;
	if (!str_is_empty(req->headers[HEADER_AUTHORIZATION]) || !str_is_empty(req->headers[HEADER_COOKIE])) {
		atomic_store(&seen->has_come, true);
		return;
	}
	if (code == ERR_UNAUTHENTICATED && atomic_fetch_add(&seen->without, 1) + 1 >= WEB_SERVER_MANY)
		say(seen, NO_CREDENTIALS, req, STR("no request had Authorization or a cookie"));
}

/* lighttpd cannot drop such headers. Its configuration adds the names of the tenant to each request instead, so that a
 * look-alike is the second of its name; here it is seen that it does. The other servers drop them, so that no header comes
 * twice. */
static void look_for_look_alikes(struct web_server_seen *seen, const struct request *req)
{
	bool is_lighttpd = str_starts(req->via.software, STR("lighttpd"));
	if (is_lighttpd && !req->via.names_tenant && !req->via.has_twins)
		say(seen, LOOK_ALIKES, req, STR("X_Tenant_ID would be taken for X-Tenant-ID"));
	else if (!is_lighttpd && req->via.has_twins)
		say(seen, LOOK_ALIKES, req, STR("a header came in two spellings"));
}

/* The path of the request, or a part of it, by the rules of any path. */
static bool parse(const struct request *req, struct str text, struct request *out)
{
	struct error err = ERROR_INIT;
	struct str authority;
	*out = *req;
	return path_parse(&out->path, req->arena, text, &authority, &err);
}

static bool is_route(const struct request *req)
{
	struct call call = { .request = req };
	struct error err = ERROR_INIT;
	struct str allow;
	return route_find(req, &call, &allow, &err) || err.code == ERR_METHOD_NOT_ALLOWED;
}

/* True when `end` is the path of a route and the target is this path below another one, *above. */
static bool is_below(const struct request *req, struct str end, struct str *above)
{
	struct request part;
	struct str path;
	(void)str_split(req->via.target, '?', &path);
	*above = str_of(path.at, path.len > end.len ? path.len - end.len : 0);
	return str_starts(end, STR("/")) && above->len > 1 && str_ends(path, end) && parse(req, *above, &part) &&
		parse(req, end, &part) && is_route(&part);
}

/* The web server tells which part of the target it takes for that of tenantd: lighttpd in PATH_INFO, mod_proxy_fcgi in
 * SCRIPT_FILENAME, as "proxy:fcgi://tenantd/v1/tenant". lighttpd at the root tells of "/x/v1/tenant" what it tells below
 * "/x", so that one such request shows nothing. */
static void look_for_a_path(struct web_server_seen *seen, const struct request *req)
{
	static const struct str proxy = STR("proxy:fcgi://");
	struct str end = req->via.rest, above, host;
	if (str_starts(req->via.file, proxy)) {
		end = str_skip(req->via.file, proxy.len);
		(void)str_split(end, '/', &host);
		end = str_skip(end, host.len);
	}
	if (is_below(req, end, &above) && atomic_fetch_add(&seen->below, 1) + 1 >= WEB_SERVER_MANY)
		say(seen, BELOW_A_PATH, req, above);
}

void web_server_look(
	struct web_server_seen *seen, const struct request *req, const struct route *route, enum error_code code)
{
	/* Such a request may have been malformed, and then it is not passed on as others are. */
	if (req->via.is_refusal)
		return;
	look_for_credentials(seen, req, code);
	look_for_look_alikes(seen, req);
	if (req->via.missing)
		say(seen, MISSING_PARAMETER, req, str_c(req->via.missing));
	if (route && !atomic_load(&seen->has_route))
		atomic_store(&seen->has_route, true);
	if (!route && code == ERR_NOT_FOUND && !atomic_load(&seen->has_route))
		look_for_a_path(seen, req);
}
