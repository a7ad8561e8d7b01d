/*
 * Builds a request from the CGI parameters (RFC 3875). Every parameter must first pass the general rules. After that
 * only those in one of the two tables below are used.
 */
#include "http/request.h"

#include <assert.h>
#include <stdio.h>

static const char *const METHOD_NAMES[] = {
	[METHOD_OTHER] = "",
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE",
};
static_assert(COUNT_OF(METHOD_NAMES) == METHOD_COUNT, "every method has a name");

/* The headers that are kept. Where names_tenant is set, the header names a tenant or an environment, and a value with
 * a comma is refused. Where may_cross is not set, the browser or a web server sets the header, or it is not for
 * programs in a page. */
static const struct header_row {
	struct str param;
	const char *name;
	bool names_tenant;
	bool may_cross;
} HEADERS[] = {
	[HEADER_AUTHORIZATION] = { STR("HTTP_AUTHORIZATION"), "authorization", false, true },
	[HEADER_TENANT_ID] = { STR("HTTP_X_TENANT_ID"), "x-tenant-id", true, true },
	[HEADER_TENANT_SLUG] = { STR("HTTP_X_TENANT_SLUG"), "x-tenant-slug", true, true },
	[HEADER_ENV] = { STR("HTTP_X_ENV"), "x-env", true, true },
	[HEADER_HOST] = { STR("HTTP_HOST"), "host", false, false },
	[HEADER_TRACEPARENT] = { STR("HTTP_TRACEPARENT"), "traceparent", false, true },
	[HEADER_CONTENT_TYPE] = { STR("CONTENT_TYPE"), "content-type", false, true },
	[HEADER_ACCEPT] = { STR("HTTP_ACCEPT"), "accept", false, true },
	[HEADER_ORIGIN] = { STR("HTTP_ORIGIN"), "origin", false, false },
	[HEADER_SEC_FETCH_SITE] = { STR("HTTP_SEC_FETCH_SITE"), "sec-fetch-site", false, false },
	[HEADER_CROSS_METHOD] = { STR("HTTP_ACCESS_CONTROL_REQUEST_METHOD"), "access-control-request-method",
		false, false },
	[HEADER_IF_MATCH] = { STR("HTTP_IF_MATCH"), "if-match", false, true },
	[HEADER_IF_NONE_MATCH] = { STR("HTTP_IF_NONE_MATCH"), "if-none-match", false, true },
	[HEADER_PREFER] = { STR("HTTP_PREFER"), "prefer", false, true },
	[HEADER_IDEMPOTENCY_KEY] = { STR("HTTP_IDEMPOTENCY_KEY"), "idempotency-key", false, true },
	[HEADER_RANGE] = { STR("HTTP_RANGE"), "range", false, true },
	[HEADER_IF_RANGE] = { STR("HTTP_IF_RANGE"), "if-range", false, true },
	[HEADER_CONTENT_ENCODING] = { STR("HTTP_CONTENT_ENCODING"), "content-encoding", false, false },
	[HEADER_CONTENT_RANGE] = { STR("HTTP_CONTENT_RANGE"), "content-range", false, false },
	[HEADER_RANGE_UNIT] = { STR("HTTP_RANGE_UNIT"), "range-unit", false, true },
	[HEADER_COOKIE] = { STR("HTTP_COOKIE"), "cookie", false, false },
	[HEADER_USER_AGENT] = { STR("HTTP_USER_AGENT"), "user-agent", false, false },
	[HEADER_FORWARDED_FOR] = { STR("HTTP_X_FORWARDED_FOR"), "x-forwarded-for", false, false },
	[HEADER_FORWARDED_PROTO] = { STR("HTTP_X_FORWARDED_PROTO"), "x-forwarded-proto", false, false },
};
static_assert(COUNT_OF(HEADERS) == HEADER_COUNT, "every header has a parameter");

/* The other parameters that are used. */
enum meta {
	META_METHOD,
	META_URI,
	META_LENGTH,
	META_CODING,
	META_PEER,
	META_HTTPS,
	META_SCHEME,
	META_REDIRECT,
	META_PROTOCOL,
	META_SOFTWARE,
	META_REST,
	META_FILE,
	META_COUNT
};
static const struct str META[] = {
	[META_METHOD] = STR("REQUEST_METHOD"),
	[META_URI] = STR("REQUEST_URI"),
	[META_LENGTH] = STR("CONTENT_LENGTH"),
	[META_CODING] = STR("HTTP_TRANSFER_ENCODING"),
	[META_PEER] = STR("REMOTE_ADDR"),
	[META_HTTPS] = STR("HTTPS"),
	[META_SCHEME] = STR("REQUEST_SCHEME"),
	[META_REDIRECT] = STR("REDIRECT_STATUS"),
	[META_PROTOCOL] = STR("SERVER_PROTOCOL"),
	[META_SOFTWARE] = STR("SERVER_SOFTWARE"),
	[META_REST] = STR("PATH_INFO"),
	[META_FILE] = STR("SCRIPT_FILENAME"),
};
static_assert(COUNT_OF(META) == META_COUNT, "every meta-variable has a name");

const char *method_name(enum method m)
{
	return METHOD_NAMES[m];
}

const char *header_name(enum header h)
{
	return HEADERS[h].name;
}

bool header_may_cross(enum header h)
{
	return HEADERS[h].may_cross;
}

/* The names seen so far: an open hash table, twice as large as what it can hold. */
struct seen {
	uint16_t at[2 * REQUEST_PARAMS]; /* index + 1; 0: free */
};

/* True when a parameter before params[i] has the same name. */
static bool is_seen(struct seen *seen, const struct param *params, size_t i)
{
	struct str name = params[i].name;
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (size_t k = 0; k < name.len; k++)
		hash = (hash ^ (unsigned char)name.at[k]) * 16777619u;
	for (size_t slot = hash % COUNT_OF(seen->at);; slot = (slot + 1) % COUNT_OF(seen->at)) {
		if (seen->at[slot] == 0) {
			seen->at[slot] = (uint16_t)(i + 1);
			return false;
		}
		if (str_eq(params[seen->at[slot] - 1].name, name))
			return true;
	}
}

static size_t value_limit(struct str name)
{
	return str_eq(name, HEADERS[HEADER_AUTHORIZATION].param) ? LIMIT_AUTHORIZATION : LIMIT_HEADER_VALUE;
}

/* The rules for every parameter, known or not (T88, T100). */
static bool check_params(struct request *r, const struct param *params, size_t count, struct error *err)
{
	struct seen seen = { { 0 } };
	size_t headers = 0;
	if (count > REQUEST_PARAMS)
		return error_set(
			err, ERR_HEADERS_TOO_LARGE, "the request has more than %d parameters", REQUEST_PARAMS);
	for (size_t i = 0; i < count; i++) {
		struct str name = params[i].name, value = params[i].value;
		if (str_is_empty(name) || str_find(name, '=') < name.len || str_has_control(name))
			return error_set(err, ERR_INVALID_REQUEST, "a header name is malformed");
		if (str_find(value, '\0') < value.len)
			return error_set(err, ERR_INVALID_REQUEST, "a header value contains a NUL");
		r->via.has_twins = is_seen(&seen, params, i);
		if (r->via.has_twins)
			return error_set(err, ERR_INVALID_REQUEST, "a header is given in two spellings");
		if (!str_starts(name, STR("HTTP_")))
			continue;
		if (++headers > LIMIT_HEADERS)
			return error_set(
				err, ERR_HEADERS_TOO_LARGE, "the request has more than %d header fields", LIMIT_HEADERS);
		if (value.len > value_limit(name))
			return error_set(
				err, ERR_HEADERS_TOO_LARGE, "a header value is longer than %zu bytes", value_limit(name));
	}
	return true;
}

static bool keep_header(struct request *r, size_t h, struct str value, struct error *err)
{
	/* check_params bounds only the names that begin with HTTP_, and CONTENT_TYPE does not. */
	if (value.len > value_limit(HEADERS[h].param))
		return error_set(err, ERR_HEADERS_TOO_LARGE, "a header value is longer than %zu bytes",
			value_limit(HEADERS[h].param));
	for (size_t i = str_plain(value); i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return error_set(
				err, ERR_INVALID_REQUEST, "\"%s\" contains a control character", HEADERS[h].name);
	}
	/* Web servers pass on two fields of one name as "1, 2" (T22). */
	if (HEADERS[h].names_tenant && str_find(value, ',') < value.len)
		return error_set(err, ERR_INVALID_REQUEST, "\"%s\" is given more than once", HEADERS[h].name);
	r->headers[h] = str_trim(value);
	return true;
}

/* Finds the meta-variables and looks how the web server passed the request on, of a request that is refused, too. */
static void sort_meta(struct request_via *via, const struct param *params, size_t count, struct str *meta)
{
	static const enum meta needed[] = { META_METHOD, META_URI, META_PEER, META_LENGTH };
	static const enum header tenant[] = { HEADER_TENANT_ID, HEADER_TENANT_SLUG, HEADER_ENV };
	size_t named = 0;
	for (size_t m = 0; m < META_COUNT; m++)
		meta[m] = STR("");
	for (size_t i = 0; i < count; i++) {
		for (size_t m = 0; m < META_COUNT; m++)
			if (str_eq(META[m], params[i].name))
				meta[m] = params[i].value;
		for (size_t h = 0; h < COUNT_OF(tenant); h++)
			named += str_eq(HEADERS[tenant[h]].param, params[i].name);
	}
	via->software = meta[META_SOFTWARE];
	via->target = meta[META_URI];
	via->rest = meta[META_REST];
	via->file = meta[META_FILE];
	via->names_tenant = named >= COUNT_OF(tenant);
	via->is_refusal = !str_is_empty(meta[META_REDIRECT]) && !str_eq(meta[META_REDIRECT], STR("200"));
	/* The length of a body that came in chunks must be told, too. Without a body there may be none. */
	for (size_t i = 0; i < COUNT_OF(needed) && !via->missing; i++)
		if (str_is_empty(meta[needed[i]]) && (needed[i] != META_LENGTH || !str_is_empty(meta[META_CODING])))
			via->missing = META[needed[i]].at;
}

static bool sort_headers(struct request *r, const struct param *params, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		size_t h = 0;
		while (h < HEADER_COUNT && !str_eq(HEADERS[h].param, params[i].name))
			h++;
		if (h < HEADER_COUNT && !keep_header(r, h, params[i].value, err))
			return false;
	}
	return true;
}

static bool parse_method(struct request *r, struct str text, struct error *err)
{
	if (str_is_empty(text) || str_has_control(text))
		return error_set(err, ERR_INVALID_REQUEST, "the request has no method");
	r->method_text = text;
	for (size_t m = METHOD_GET; m < METHOD_COUNT; m++)
		if (str_eq(text, str_c(METHOD_NAMES[m])))
			r->method = (enum method)m;
	return true;
}

/*
 * A web server can pass on a request that it has refused, so that tenantd writes the answer. lighttpd does so with
 * server.error-handler, Apache with ErrorDocument: it sends a GET with the client's target and headers, which may tell of
 * a body that is not sent, and REDIRECT_STATUS with the status that it would have answered. A client cannot set this parameter, since its headers begin with HTTP_. In any other
 * request it is absent or 200.
 *
 *   411   lighttpd gives this only to a POST without Content-Length. It is taken as a POST with an empty body, except by
 *         HTTP/2: there a body need not tell its length, and lighttpd says nothing of it (T135).
 *   500, 502, 504   a worker ended, or was silent for too long, when it had the request. It may have done what was
 *         asked, and the client must learn that: with 503, which stands for a request that no worker took, nothing was done.
 *   501   lighttpd does not know the method. It passes on neither the method nor the target.
 *   others are answered as they are, or as a general refusal when they are not in the table below
 */
static bool take_refusal(struct request *r, const struct str *meta, struct error *err)
{
	struct str status = meta[META_REDIRECT], length = meta[META_LENGTH];
	static const struct {
		struct str status;
		enum error_code code;
		const char *detail;
	} refusals[] = {
		{ STR("403"), ERR_NOT_FOUND, "there is no such route" },
		{ STR("404"), ERR_NOT_FOUND, "there is no such route" },
		{ STR("405"), ERR_METHOD_NOT_ALLOWED, "no path takes this method" },
		{ STR("408"), ERR_REQUEST_TIMEOUT, "the request did not come to its end in time" },
		{ STR("413"), ERR_CONTENT_TOO_LARGE, "the body is larger than the web server takes" },
		{ STR("414"), ERR_HEADERS_TOO_LARGE, "the headers are larger than the web server takes" },
		{ STR("431"), ERR_HEADERS_TOO_LARGE, "the headers are larger than the web server takes" },
		{ STR("501"), ERR_METHOD_NOT_ALLOWED, "no path takes this method" },
	};
	if (str_is_empty(status) || str_eq(status, STR("200")))
		return true;
	if (str_eq(status, STR("411")) && str_starts(meta[META_PROTOCOL], STR("HTTP/2")))
		return error_set(err, ERR_INVALID_REQUEST,
			"a POST needs Content-Length here, be it 0: by HTTP/2 the web server does not pass a body on without it");
	if (str_eq(status, STR("411")) && r->method == METHOD_GET &&
		(str_is_empty(length) || str_eq(length, STR("0")))) {
		r->method = METHOD_POST;
		r->method_text = STR("POST");
		return true;
	}
	/* Apache finds no file under a target that tenantd finds malformed, such as one with a NUL. */
	struct str authority;
	if ((str_eq(status, STR("403")) || str_eq(status, STR("404"))) &&
		!path_parse(&r->path, r->arena, meta[META_URI], &authority, err))
		return false;
	for (size_t i = 0; i < COUNT_OF(refusals); i++)
		if (str_eq(status, refusals[i].status))
			return error_set(err, refusals[i].code, "%s", refusals[i].detail);
	if (str_starts(status, STR("4")))
		return error_set(err, ERR_INVALID_REQUEST, "the web server found the request malformed");
	(void)error_log(err, ERR_UNAVAILABLE, "the web server answered with status %.*s", STR_ARG(status));
	if (str_eq(status, STR("500")) || str_eq(status, STR("502")) || str_eq(status, STR("504")))
		snprintf(err->detail, sizeof(err->detail),
			"the request was not answered: a change may or may not have been made");
	return false;
}

/* A method that no route has. lighttpd refuses those that it has never heard of, and tells tenantd neither the method nor
 * the target (501 above); Apache and mod_fcgid pass them on. So they are all answered without a look at the target. OPTIONS
 * is a browser's question about the methods of a path. */
static bool knows_method(const struct request *r, struct error *err)
{
	if (r->method != METHOD_OTHER || str_eq(r->method_text, STR("OPTIONS")))
		return true;
	return error_set(err, ERR_METHOD_NOT_ALLOWED, "no path takes this method");
}

static bool parse_length(
	const struct request *r, const struct str *meta, size_t body_limit, size_t *out, struct error *err)
{
	struct str text = meta[META_LENGTH];
	int64_t length = 0;
	if (!str_is_empty(text) && !str_to_int64(text, &length))
		return error_set(err, ERR_INVALID_REQUEST, "Content-Length is not a number");
	if (!str_is_empty(text) && !str_is_empty(meta[META_CODING]))
		return error_set(
			err, ERR_INVALID_REQUEST, "the request has both Content-Length and Transfer-Encoding");
	if ((uint64_t)length > body_limit)
		return error_set(err, ERR_CONTENT_TOO_LARGE, "the body is larger than %zu bytes", body_limit);
	if (length > 0 && (r->method == METHOD_GET || r->method == METHOD_HEAD))
		return error_set(
			err, ERR_INVALID_REQUEST, "a %s request must not have a body", METHOD_NAMES[r->method]);
	*out = (size_t)length;
	return true;
}

void request_init(struct request *r, struct arena *a)
{
	*r = (struct request){ .arena = a, .method_text = STR(""), .body = STR(""), .peer = STR("") };
	r->via.software = r->via.target = r->via.rest = r->via.file = STR("");
	for (size_t h = 0; h < HEADER_COUNT; h++)
		r->headers[h] = STR("");
}

bool request_parse(struct request *r, struct arena *a, const struct param *params, size_t count,
	size_t body_limit, size_t *content_length, struct error *err)
{
	struct str meta[META_COUNT], authority;
	request_init(r, a);
	*content_length = 0;
	sort_meta(&r->via, params, count, meta);
	if (!check_params(r, params, count, err) || !sort_headers(r, params, count, err) ||
		!parse_method(r, meta[META_METHOD], err) || !take_refusal(r, meta, err) || !knows_method(r, err) ||
		!parse_length(r, meta, body_limit, content_length, err) ||
		!path_parse(&r->path, a, meta[META_URI], &authority, err))
		return false;
	/* An absolute target overrides Host (RFC 9112, 3.2.2). When the two differ, it is not clear which of them the
	 * client meant, so the request is refused. */
	if (!str_is_empty(authority) && !str_is_empty(r->headers[HEADER_HOST]) &&
		!str_eq_nocase(authority, r->headers[HEADER_HOST]))
		return error_set(err, ERR_INVALID_REQUEST, "the request target and Host name different hosts");
	if (!str_is_empty(authority))
		r->headers[HEADER_HOST] = authority;
	r->has_body = *content_length > 0;
	r->peer = meta[META_PEER];
	r->is_https =
		str_eq_nocase(meta[META_HTTPS], STR("on")) || str_eq_nocase(meta[META_SCHEME], STR("https"));
	return true;
}

bool request_has_type(const struct request *r, struct str type)
{
	struct str media, rest = str_split(r->headers[HEADER_CONTENT_TYPE], ';', &media);
	if (!str_eq_nocase(str_trim(media), type))
		return false;
	while (!str_is_empty(rest)) {
		struct str parameter, name, value;
		rest = str_split(rest, ';', &parameter);
		value = str_trim(str_split(parameter, '=', &name));
		if (!str_eq_nocase(str_trim(name), STR("charset")))
			continue;
		if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
			value = str_of(value.at + 1, value.len - 2);
		if (!str_eq_nocase(value, STR("utf-8")))
			return false;
	}
	return true;
}

bool request_query(const struct request *r, struct str name, struct str *out)
{
	*out = STR("");
	for (size_t i = 0; i < r->path.query_count; i++) {
		if (str_eq(r->path.query[i].name, name)) {
			*out = r->path.query[i].value;
			return true;
		}
	}
	return false;
}

size_t request_query_count(const struct request *r, struct str name)
{
	size_t n = 0;
	for (size_t i = 0; i < r->path.query_count; i++)
		n += str_eq(r->path.query[i].name, name);
	return n;
}
