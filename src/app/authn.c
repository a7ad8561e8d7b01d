/* The bearer token. There must be one Authorization header, of one exact form: a header that two servers
 * could read in different ways is refused. */
#include "app/authn.h"

#include "core/metrics.h"

bool authenticate(
	const struct server *server, const struct request *req, struct token_claims *claims, struct error *err)
{
	struct str scheme, token;
	struct str header = req->headers[HEADER_AUTHORIZATION];
	if (str_is_empty(header)) {
		metrics_count(COUNT_AUTH_MISSING);
		return error_set(err, ERR_UNAUTHENTICATED, "a bearer token is required");
	}
	token = str_split(header, ' ', &scheme);
	/* With a space or a comma inside, the header was probably sent twice and joined on the way. */
	if (!str_eq_nocase(scheme, STR("Bearer")) || str_find(token, ' ') < token.len ||
		str_find(token, ',') < token.len) {
		metrics_count(COUNT_AUTH_MALFORMED);
		return error_set(err, ERR_UNAUTHENTICATED, "the Authorization header is not one bearer token");
	}
	return token_verify(server->keys, req->arena, token, server->config->auth.leeway, claims, err);
}
