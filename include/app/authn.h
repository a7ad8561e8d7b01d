/* Finds out who asks. */
#ifndef TENANTD_APP_AUTHN_H
#define TENANTD_APP_AUTHN_H

#include "app/server.h"
#include "crypto/token.h"
#include "http/request.h"

/* ERR_UNAUTHENTICATED or ERR_TOKEN_EXPIRED, counted by reason; the caller is told which check failed, but not what was
 * expected. ERR_INVALID_REQUEST for a token and a cookie at once, ERR_FORBIDDEN for a change by cookie that another site may
 * have asked for. */
MUST_CHECK bool authenticate(
	const struct server *server, const struct request *req, struct token_claims *claims, struct error *err);

#endif
