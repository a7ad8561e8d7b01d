/*
 * Who asks: a bearer token, an API key, or the cookie of a browser that signed in here. There must be one Authorization header, of one
 * exact form: a header that two servers could read in different ways is refused. A browser sends its cookie with requests
 * that other sites make it send, so with a cookie a change needs a proof that a page of this server asked for it.
 */
#include "app/authn.h"

#include "core/metrics.h"
#include "crypto/digest.h"
#include "http/cookie.h"

/* An API key (db/functions/api_keys.sql): tnt_ENV_TENANT_SECRET, the tenant's id in 32 hex digits. What it names is a claim
 * like that of a token; the database knows whether the tenant has this key, by its digest. */
static bool by_api_key(
	const struct request *req, struct str key, struct token_claims *claims, struct error *err)
{
	enum { SECRET = 43, HEX = 32 };
	struct str part, env, tenant,
		rest = str_split(str_split(str_split(key, '_', &part), '_', &env), '_', &tenant);
	uint8_t digest[SHA256_SIZE], id[HEX / 2];
	if (rest.len != SECRET || !hex_decode(tenant, id, sizeof(id))) {
		metrics_count(COUNT_AUTH_MALFORMED);
		return error_set(
			err, ERR_UNAUTHENTICATED, "the API key is not complete: it is tnt_ENV_TENANT_SECRET");
	}
	digest_sha256(key, digest);
	*claims = (struct token_claims){ .who = context_of_nobody(req->arena, "").who,
		.tenant = arena_printf(req->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", tenant.at, tenant.at + 8,
			tenant.at + 12, tenant.at + 16, tenant.at + 20),
		.env = env };
	claims->who.issuer = STR(API_KEY_ISSUER);
	claims->who.subject = hex_encode(req->arena, digest, sizeof(digest));
	return true;
}

static bool by_header(
	const struct server *server, const struct request *req, struct token_claims *claims, struct error *err)
{
	struct str scheme, token;
	token = str_split(req->headers[HEADER_AUTHORIZATION], ' ', &scheme);
	/* With a space or a comma inside, the header was probably sent twice and joined on the way. */
	if (!str_eq_nocase(scheme, STR("Bearer")) || str_find(token, ' ') < token.len ||
		str_find(token, ',') < token.len) {
		metrics_count(COUNT_AUTH_MALFORMED);
		return error_set(err, ERR_UNAUTHENTICATED, "the Authorization header is not one bearer token");
	}
	if (str_starts(token, STR("tnt_")))
		return by_api_key(req, token, claims, err);
	if (!token_verify(server->keys, req->arena, token, server->config->auth.leeway, claims, err))
		return false;
	if (!claims->is_cookie)
		return true;
	metrics_count(COUNT_AUTH_CLAIMS);
	return error_set(err, ERR_UNAUTHENTICATED, "token refused: it is not an access token");
}

/* True for a request that changes nothing, or that a page of this server's own origin made. Sec-Fetch-Site is set by the
 * browser alone; older browsers say the Origin. */
static bool is_own_request(const struct server *server, const struct request *req)
{
	struct str site = req->headers[HEADER_SEC_FETCH_SITE], origin = req->headers[HEADER_ORIGIN];
	if (req->method == METHOD_GET || req->method == METHOD_HEAD)
		return true;
	if (!str_is_empty(origin) && !origin_is_of(origin, server->config->accounts.issuer))
		return false;
	return str_eq(site, STR("same-origin")) || (str_is_empty(site) && !str_is_empty(origin));
}

static bool by_cookie(const struct server *server, const struct request *req, struct str cookie,
	struct token_claims *claims, struct error *err)
{
	if (!token_verify(server->keys, req->arena, cookie, server->config->auth.leeway, claims, err))
		return false;
	if (!claims->is_cookie) {
		metrics_count(COUNT_AUTH_CLAIMS);
		return error_set(err, ERR_UNAUTHENTICATED, "token refused: it was not made for a cookie");
	}
	return is_own_request(server, req) ||
		error_set(err, ERR_FORBIDDEN,
			"with the session's cookie, a change is taken from pages of this server alone (Sec-Fetch-Site or Origin)");
}

bool authenticate(
	const struct server *server, const struct request *req, struct token_claims *claims, struct error *err)
{
	struct str cookie;
	size_t cookies = server->accounts.signer
		? cookie_find(req->headers[HEADER_COOKIE], account_cookie_name(&server->accounts), &cookie)
		: 0;
	bool has_header = !str_is_empty(req->headers[HEADER_AUTHORIZATION]);
	if (has_header && cookies > 0)
		return error_set(err, ERR_INVALID_REQUEST,
			"there is a bearer token and the session's cookie: send one of them, so that it is clear who asks");
	if (has_header)
		return by_header(server, req, claims, err);
	if (cookies == 1)
		return by_cookie(server, req, cookie, claims, err);
	if (cookies > 1)
		return error_set(err, ERR_INVALID_REQUEST, "the session's cookie is there more than once");
	metrics_count(COUNT_AUTH_MISSING);
	return error_set(err, ERR_UNAUTHENTICATED, "a bearer token is required");
}
