/* Who asks: the bearer token of a request, verified. */
#ifndef TENANTD_APP_AUTHN_H
#define TENANTD_APP_AUTHN_H

#include "app/server.h"
#include "crypto/token.h"
#include "http/request.h"

/* ERR_UNAUTHENTICATED or ERR_TOKEN_EXPIRED; the reason is counted and goes to the operator only. */
MUST_CHECK bool authenticate(const struct server *server, const struct request *req, struct token_claims *claims,
	struct error *err);

#endif
