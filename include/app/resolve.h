/*
 * The one tenant resolver. It makes the request context from the verified token, the headers and the host.
 * Nothing else in the program decides which tenant or env a request is for. It fails closed: a request is
 * refused when something is missing or contradicts the rest.
 *
 * The token's claim is authoritative; X-Tenant-ID, X-Tenant-Slug and the host's subdomain must agree with it.
 * Without a claim they may name the tenant only as [tenancy] header_fallback says.
 */
#ifndef TENANTD_APP_RESOLVE_H
#define TENANTD_APP_RESOLVE_H

#include "app/server.h"
#include "crypto/token.h"
#include "http/request.h"
#include "http/response.h"

/* Fills ctx->who, tenant, tenant_is_claimed, slug and env; dispatch fills the rest. After a refusal, ctx
 * holds what was certain by then, for the audit row. When header_fallback is `warn`, the use of a header
 * is logged, counted and answered with Deprecation (RFC 9745). */
MUST_CHECK bool resolve(const struct server *server, const struct request *req,
	const struct token_claims *claims, struct context *ctx, struct response *res, struct error *err);

#endif
