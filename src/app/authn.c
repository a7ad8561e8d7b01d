/*
 * Who asks: a bearer token, or the cookie of a browser that signed in here. There must be one Authorization header, of one
 * exact form: a header that two servers could read in different ways is refused. A browser sends its cookie with requests
 * that other sites make it send, so with a cookie a change needs a proof that a page of this server asked for it.
 */
#include "app/authn.h"

#include "core/metrics.h"
#include "http/cookie.h"

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
