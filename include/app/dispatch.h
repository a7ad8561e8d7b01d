/*
 * The pipeline of a request, the only path there is: route, token, context, handler (whose one transaction
 * begins with the database's own check), audit of a refusal, answer, log, metrics.
 */
#ifndef TENANTD_APP_DISPATCH_H
#define TENANTD_APP_DISPATCH_H

#include "app/server.h"
#include "http/request.h"
#include "http/response.h"

/* Answers `req`; when `refusal` is not NULL the request could not be read and that is the answer. `res` is
 * initialised by the caller and printable afterwards. */
void dispatch(const struct server *server, const struct request *req, const struct error *refusal,
	struct response *res);

/* Before the body of a request is read (fcgi_limits.admits; `who` is the struct server): is it as small as its route
 * wants it? What is larger than a piece of LIMIT_MEDIA_PIECE, on a route that takes bytes, is left to its handler, who
 * reads it when the sender was recognised. */
MUST_CHECK bool dispatch_admits(
	const void *who, const struct request *req, size_t length, bool *streams, struct error *err);

#endif
