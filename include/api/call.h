/*
 * What a handler is given and what it may use: parse, service, render, nothing else. It sees no connection, no
 * transaction and no header that stands not in struct request.
 */
#ifndef TENANTD_API_CALL_H
#define TENANTD_API_CALL_H

#include "core/buf.h"
#include "core/context.h"
#include "core/json.h"
#include "http/request.h"
#include "http/response.h"
#include "repo/page.h"

enum { CALL_PARAMS = 3 };

struct call {
	const struct request *request;
	struct str params[CALL_PARAMS]; /* of the path's template, in their order */
};

typedef bool handler(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err);

/* The body as a JSON object; ERR_INVALID_REQUEST else. */
MUST_CHECK bool call_object(
	const struct context *ctx, const struct call *call, const struct json **object, struct error *err);
/* No body, or an empty object: for routes that take none. */
MUST_CHECK bool call_no_body(const struct context *ctx, const struct call *call, struct error *err);
/* Refuses every query parameter that is not named here, and each that is given twice. */
MUST_CHECK bool call_query(const struct call *call, const struct str *names, size_t count, struct error *err);
/* `limit` and `cursor`; the other parameters are bound to the cursor as its filters. */
MUST_CHECK bool call_page(
	const struct context *ctx, const struct call *call, struct page *page, struct error *err);
/* A page of a list: the array, and Link: rel="next" (RFC 8288) when there is more. */
void call_answer_page(const struct call *call, struct response *res, struct str array, struct str next);
/* Link: rel="next" to this very request with the parameter `name` as the place to go on; the cursor and offset that
 * it had are gone. */
void call_link_next(const struct call *call, struct response *res, struct str name, struct str value);
/* s percent-encoded for a path or a query (RFC 3986: everything but unreserved characters). */
void call_add_escaped(struct buf *b, struct str s);

#endif
