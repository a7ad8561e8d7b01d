/* Verifies the bearer token of a request. */
#ifndef TENANTD_APP_AUTHN_H
#define TENANTD_APP_AUTHN_H

#include "app/server.h"
#include "crypto/token.h"
#include "http/request.h"

/* ERR_UNAUTHENTICATED or ERR_TOKEN_EXPIRED, counted by reason. The caller is told which check failed, but
 * not what was expected. */
MUST_CHECK bool authenticate(
	const struct server *server, const struct request *req, struct token_claims *claims, struct error *err);

#endif
