/*
 * What a handler is given. The query and the body were read by the route's forms before it is called, and it
 * uses neither a connection nor a transaction directly. Handlers of /v1/data read the request themselves,
 * because its grammar is PostgREST's.
 */
#ifndef TENANTD_API_CALL_H
#define TENANTD_API_CALL_H

#include "api/form.h"
#include "core/buf.h"
#include "core/context.h"
#include "http/request.h"
#include "http/response.h"

enum { CALL_PARAMS = 3 };

struct call {
	const struct request *request;
	const struct route *route; /* api/route.h */
	struct str params[CALL_PARAMS]; /* the parameters of the path's template, in their order */
	struct given query[FORM_QUERY]; /* one for each field of the route's query */
	struct str body; /* the checked JSON object; empty when the route has no form for a body */
};

typedef bool handler(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err);

/* Answers a page of a list: the array, and Link: rel="next" (RFC 8288) when there is more. */
void call_answer_page(const struct call *call, struct response *res, struct str array, struct str next);
/* Adds Link: rel="next", which is the same request with `name`=`value` in place of the cursor and offset
 * that it had. */
void call_link_next(const struct call *call, struct response *res, struct str name, struct str value);
/* Adds s, percent-encoded for a path or a query (RFC 3986: everything except unreserved characters). */
void call_add_escaped(struct buf *b, struct str s);

#endif
