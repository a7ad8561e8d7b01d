/*
 * Checks what the table of keys cannot: addresses, envs, issuers whose algorithms have no key. Refuses at
 * start what would otherwise fail only at the first request. Must never open a secret, only look at its
 * permissions.
 */
#include "config_check.h"

#include "config_file.h"
#include "core/validate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

static bool refuse(struct error *err, const char *key, struct str value, const char *rule)
{
	return error_log(err, ERR_INTERNAL, "%s: '%.*s' %s", key, STR_ARG(value), rule);
}

/* ADDRESS or ADDRESS/BITS. */
static bool is_address_block(struct str s)
{
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	struct str head;
	bool has_bits = str_find(s, '/') < s.len;
	struct str tail = str_split(s, '/', &head);
	if (head.len >= sizeof(address))
		return false;
	memcpy(address, head.at, head.len);
	address[head.len] = '\0';
	int64_t bits = 0, most = inet_pton(AF_INET, address, bytes) == 1 ? 32 : 128;
	if (most == 128 && inet_pton(AF_INET6, address, bytes) != 1)
		return false;
	return !has_bits || (str_to_int64(tail, &bits) && bits <= most);
}

static bool check_blocks(const char *key, const struct str_list *list, struct error *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (!is_address_block(list->at[i]))
			return refuse(err, key, list->at[i], "is not an address or a CIDR block");
	return true;
}

static bool is_listen(struct str s)
{
	int64_t number;
	if (str_starts(s, STR("unix:/")))
		return s.len > 6;
	if (str_starts(s, STR("fd:")))
		return str_to_int64(str_skip(s, 3), &number) && number < 1024;
	if (!str_starts(s, STR("tcp:")))
		return false;
	size_t colon = s.len;
	while (colon > 4 && s.at[colon - 1] != ':')
		colon--;
	return colon > 5 && str_to_int64(str_skip(s, colon), &number) && number > 0 && number < 65536;
}

static bool is_mode(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < '0' || s.at[i] > '7')
			return false;
	return s.len == 3 || (s.len == 4 && s.at[0] == '0');
}

/* Links are made of it and stand in HTML, in text and at the end of a line, so it has none of the characters that would
 * end a link there. */
static bool is_base_url(struct str s)
{
	size_t scheme = str_starts(s, STR("https://")) ? 8 : str_starts(s, STR("http://")) ? 7 : 0;
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~' || strchr("\"'<>\\^`{|}#?", s.at[i]))
			return false;
	return scheme > 0 && s.len > scheme && s.at[scheme] != '/' && !str_ends(s, STR("/"));
}

static bool check_errands(const struct config *c, struct error *err)
{
	struct error why = ERROR_INIT;
	if (c->mail.from.len > 0 && !validate_email(STR("from"), c->mail.from, &why))
		return refuse(err, "[mail] from", c->mail.from, why.fields[0].why);
	if (!str_starts(c->mail.sendmail, STR("/")))
		return refuse(err, "[mail] sendmail", c->mail.sendmail, "does not begin with the path of a program");
	if (c->mail.spool.len > 0 && c->mail.spool.at[0] != '/')
		return refuse(err, "[mail] spool", c->mail.spool, "is not an absolute path");
	if (c->mail.interval > 0 && c->database.errands_url.len == 0)
		return error_log(err, ERR_INTERNAL, "[mail] interval needs [database] errands_url");
	if (c->domains.interval > 0 && c->database.errands_url.len == 0)
		return error_log(err, ERR_INTERNAL, "[domains] interval needs [database] errands_url");
	return true;
}

static bool check_server(const struct config *c, struct error *err)
{
	if (!is_listen(c->server.listen))
		return refuse(
			err, "[server] listen", c->server.listen, "is not unix:/PATH, tcp:ADDRESS:PORT or fd:N");
	if (!is_mode(c->server.socket_mode))
		return refuse(
			err, "[server] socket_mode", c->server.socket_mode, "is not an octal mode such as 0660");
	if (c->server.public_url.len > 0 && !is_base_url(c->server.public_url))
		return refuse(err, "[server] public_url", c->server.public_url,
			"is not http:// or https:// with a host, without a slash at the end");
	return check_blocks("[server] metrics_allow", &c->server.metrics_allow, err) &&
		check_blocks("[server] trusted_proxies", &c->server.trusted_proxies, err);
}

/* True for the name of a host, with labels in lower case. */
static bool is_domain(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
			return false;
	}
	return s.at[0] != '.' && s.at[s.len - 1] != '.';
}

static bool check_tenancy(struct config *c, struct error *err)
{
	for (size_t i = 0; i < c->tenancy.allowed_envs.count; i++) {
		enum env e;
		if (!env_parse(c->tenancy.allowed_envs.at[i], &e))
			return refuse(
				err, "[tenancy] allowed_envs", c->tenancy.allowed_envs.at[i], "is not dev, staging or prod");
		c->tenancy.env_allowed[e] = true;
	}
	struct str domain = c->tenancy.base_domain;
	if (domain.len > 0 && !is_domain(domain))
		return refuse(err, "[tenancy] base_domain", domain, "is not a domain in lower case");
	return true;
}

/* True when the text is an origin as browsers spell it in their header: nothing else would ever be equal to it. */
static bool is_origin(struct str s)
{
	static const char scheme_has[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
	static const char host_has[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	static const char address_has[] = "0123456789abcdef:.";
	int64_t number = 1;
	size_t scheme = str_find(s, ':');
	struct str host = str_skip(s, scheme + 3), port = STR("");
	if (s.len > LIMIT_ORIGIN || scheme == 0 || !str_starts(str_skip(s, scheme), STR("://")) ||
		strspn(s.at, scheme_has) != scheme)
		return false;
	bool is_address = str_starts(host, STR("["));
	size_t inside = is_address ? 1 + strspn(host.at + 1, address_has) : strspn(host.at, host_has);
	if (inside <= is_address || (is_address && host.at[inside] != ']'))
		return false;
	host = str_skip(host, inside + is_address);
	if (str_is_empty(host))
		return true;
	port = str_skip(host, 1);
	return host.at[0] == ':' && port.at[0] != '0' && str_to_int64(port, &number) && number < 65536 &&
		!(number == 443 && str_starts(s, STR("https:"))) && !(number == 80 && str_starts(s, STR("http:")));
}

static bool check_cors(const struct config *c, struct error *err)
{
	const struct str_list *origins = &c->cors.origins;
	for (size_t i = 0; i < origins->count; i++) {
		if (str_eq(origins->at[i], STR("*")))
			return refuse(err, "[cors] origins", origins->at[i],
				"would let every page of the web in: name the origins");
		if (!is_origin(origins->at[i]))
			return refuse(err, "[cors] origins", origins->at[i],
				"is not an origin as a browser spells it: SCHEME://HOST or SCHEME://HOST:PORT in lower case, "
				"without a path, a slash at the end or the scheme's usual port");
	}
	return true;
}

enum { ISSUER_KEY = 128 }; /* "[issuer.NAME] KEY"; a name has at most 32 bytes */

static bool check_secret_file(const char *key, struct str path, struct error *err)
{
	struct stat s;
	if (path.len == 0)
		return true;
	if (stat(path.at, &s) != 0) /* values are terminated */
		return errno == EACCES ||
			error_log(err, ERR_INTERNAL, "%s: cannot look at '%s': %s", key, path.at, strerror(errno));
	return !config_is_open_to_others(&s) || config_refuse_open_secret(key, path.at, &s, err);
}

/* Sorts the algorithms into those that need a public key and the one that needs a secret. */
static bool check_algorithms(
	const struct issuer_config *in, bool *wants_key, bool *wants_secret, struct error *err)
{
	for (size_t i = 0; i < in->algorithms.count; i++) {
		struct str name = in->algorithms.at[i];
		if (str_eq(name, STR("HS256")))
			*wants_secret = true;
		else if (str_eq(name, STR("ES256")) || str_eq(name, STR("RS256")) || str_eq(name, STR("EdDSA")))
			*wants_key = true;
		else
			return error_log(err, ERR_INTERNAL,
				"[issuer.%.*s] algorithms: '%.*s' is not ES256, RS256, EdDSA or HS256", STR_ARG(in->name),
				STR_ARG(name));
	}
	return true;
}

/* What is fetched has one place where it is kept, and comes from where nobody on the way can change it. */
static bool check_fetch(const struct config *c, const struct issuer_config *in, struct error *err)
{
	bool by_discovery = str_eq(in->discovery, STR("on"));
	struct str url = by_discovery ? in->issuer : in->jwks_url;
	if (!config_is_fetched(in))
		return true;
	if (by_discovery && in->jwks_url.len > 0)
		return error_log(err, ERR_INTERNAL,
			"[issuer.%.*s] has jwks_url and discovery: one of them says where the keys are",
			STR_ARG(in->name));
	if (!url_is_fetchable(url))
		return error_log(err, ERR_INTERNAL,
			"[issuer.%.*s] %s: '%.*s' is not an https:// URL, or http:// of this host", STR_ARG(in->name),
			by_discovery ? "issuer" : "jwks_url", STR_ARG(url));
	if (in->jwks_file.len == 0)
		return error_log(err, ERR_INTERNAL,
			"[issuer.%.*s] needs jwks_file, in which the keys that were fetched are kept", STR_ARG(in->name));
	for (const struct issuer_config *other = c->issuers; other < in; other++)
		if (str_eq(other->jwks_file, in->jwks_file))
			return error_log(err, ERR_INTERNAL, "[issuer.%.*s] and [issuer.%.*s] have the same jwks_file",
				STR_ARG(other->name), STR_ARG(in->name));
	return true;
}

static bool check_issuer(const struct issuer_config *in, struct error *err)
{
	bool wants_key = false, wants_secret = false;
	bool has_key = in->jwks_file.len > 0 || in->pem_file.len > 0 || config_is_fetched(in);
	bool has_secret = in->hs256_secret_file.len > 0;
	if (!check_algorithms(in, &wants_key, &wants_secret, err))
		return false;
	if (!has_key && !has_secret)
		return error_log(err, ERR_INTERNAL,
			"[issuer.%.*s] has no key: set discovery, jwks_url, jwks_file, pem_file or hs256_secret_file",
			STR_ARG(in->name));
	if (wants_key != has_key)
		return error_log(err, ERR_INTERNAL,
			"[issuer.%.*s] ES256, RS256 or EdDSA in algorithms and jwks_file or pem_file go together",
			STR_ARG(in->name));
	if (wants_secret != has_secret)
		return error_log(err, ERR_INTERNAL,
			"[issuer.%.*s] HS256 in algorithms and hs256_secret_file go together", STR_ARG(in->name));
	if (str_eq(in->issuer, STR(API_KEY_ISSUER)) || str_eq(in->issuer, STR("canary")))
		return error_log(
			err, ERR_INTERNAL, "[issuer.%.*s] issuer: this name is tenantd's own", STR_ARG(in->name));
	if (in->issuer.len > LIMIT_ISSUER)
		return error_log(err, ERR_INTERNAL, "[issuer.%.*s] issuer is longer than %d bytes", STR_ARG(in->name),
			LIMIT_ISSUER);
	char key[ISSUER_KEY];
	snprintf(key, sizeof(key), "[issuer.%.*s] hs256_secret_file", STR_ARG(in->name));
	return check_secret_file(key, in->hs256_secret_file, err);
}

/* The issuer that [accounts] makes of this server stands among the others, so that its tokens are verified like theirs. */
static bool add_own_issuer(struct config *c, struct error *err)
{
	if (str_is_empty(c->accounts.issuer))
		return true;
	if (!str_starts(c->accounts.issuer, STR("https://")) && !str_starts(c->accounts.issuer, STR("http://")))
		return refuse(err, "[accounts] issuer", c->accounts.issuer, "is not a URL");
	if (str_ends(c->accounts.issuer, STR("/")) || c->accounts.issuer.len > LIMIT_ISSUER)
		return refuse(err, "[accounts] issuer", c->accounts.issuer, "ends with a slash or is too long");
	if (str_is_empty(c->accounts.keys_dir) || str_is_empty(c->accounts.audience))
		return error_log(err, ERR_INTERNAL, "[accounts] issuer needs [accounts] keys_dir and audience");
	if (c->issuer_count == LIMIT_ISSUERS)
		return error_log(
			err, ERR_INTERNAL, "[accounts] issuer would be one issuer more than %d", LIMIT_ISSUERS);
	c->issuers[c->issuer_count++] = (struct issuer_config){ .name = STR("accounts"),
		.issuer = c->accounts.issuer,
		.audience = c->accounts.audience,
		.tenant_claim = STR("app_metadata.tenant_id"),
		.env_claim = STR("env"),
		.email_claim = STR("email"),
		.email_verified_claim = STR("email_verified"),
		.name_claim = STR("name"),
		.is_own = true,
		.keys_dir = c->accounts.keys_dir };
	return true;
}

bool config_is_fetched(const struct issuer_config *issuer)
{
	return issuer->jwks_url.len > 0 || str_eq(issuer->discovery, STR("on"));
}

enum env config_any_env(const struct config *c)
{
	for (enum env e = ENV_DEV; e < ENV_COUNT; e++)
		if (c->tenancy.env_allowed[e])
			return e;
	BUG("no env is served");
}

bool config_check(struct config *c, struct error *err)
{
	if (!check_server(c, err) || !check_tenancy(c, err) || !check_errands(c, err) || !check_cors(c, err) ||
		!add_own_issuer(c, err))
		return false;
	if (c->issuer_count == 0)
		return error_log(err, ERR_INTERNAL,
			"missing [issuer.NAME] issuer (or TENANTD_ISSUER_NAME_ISSUER): no token could be verified");
	for (size_t i = 0; i < c->issuer_count; i++) {
		if (!c->issuers[i].is_own &&
			(!check_issuer(&c->issuers[i], err) || !check_fetch(c, &c->issuers[i], err)))
			return false;
		for (size_t j = 0; j < i; j++)
			if (str_eq(c->issuers[i].issuer, c->issuers[j].issuer))
				return error_log(err, ERR_INTERNAL, "[issuer.%.*s] and [issuer.%.*s] name the same issuer",
					STR_ARG(c->issuers[j].name), STR_ARG(c->issuers[i].name));
	}
	return check_secret_file("[tenancy] context_key_file", c->tenancy.context_key_file, err);
}
