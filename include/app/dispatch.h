/*
 * Every request goes through the same steps, and there is no other path: route, token, context, handler
 * (whose one transaction begins with the database's own check), audit of a refusal, answer, log, metrics.
 */
#ifndef TENANTD_APP_DISPATCH_H
#define TENANTD_APP_DISPATCH_H

#include "app/server.h"
#include "http/request.h"
#include "http/response.h"

/* Answers `req`. When `refusal` is not NULL, the request could not be read, and the refusal is the answer.
 * The caller initialises `res` and can print it afterwards. */
void dispatch(const struct server *server, const struct request *req, const struct error *refusal,
	struct response *res);

/* Called before the body of a request is read (fcgi_limits.admits; `who` is the struct server): false when
 * the body is larger than its route allows. On a route that takes bytes, a body larger than
 * LIMIT_MEDIA_PIECE is left to the handler, which reads it once the caller has been authenticated
 * (*streams is then true). */
MUST_CHECK bool dispatch_admits(
	const void *who, const struct request *req, size_t length, bool *streams, struct error *err);

#endif
