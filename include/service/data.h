/*
 * The rows of the application's own tables: read, created, changed, replaced, removed, acted upon. What may be asked
 * for is said by the catalog (resource/catalog.h), what was asked for by a parsed request.
 */
#ifndef TENANTD_SERVICE_DATA_H
#define TENANTD_SERVICE_DATA_H

#include "resource/build.h"

struct data_request {
	const struct resource *resource;
	struct query query;
	struct prefer prefer;
	struct write write;
	struct str body;
	struct remembered remembered; /* of a POST with an Idempotency-Key */
};

struct data_answer {
	struct str json; /* an array; of data_show and data_act one value */
	bool has_json;
	size_t count; /* rows in json, or written */
	size_t created;
	struct str key; /* of the row written, when it is known */
	struct str etag; /* of the one row; empty: none */
	size_t position; /* of a list: rows before it */
	int64_t total; /* rows that the filters find; -1: not asked for */
	struct str cursor; /* of the next page; empty: there is none */
	size_t next_offset; /* the same when no cursor leads there: keys too long, or equal; 0: not so */
};

MUST_CHECK bool data_list(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
MUST_CHECK bool data_show(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
/* The writes change nothing when they answer false. */
MUST_CHECK bool data_create(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
MUST_CHECK bool data_change(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
MUST_CHECK bool data_replace(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
MUST_CHECK bool data_remove(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
MUST_CHECK bool data_act(const struct context *ctx, const struct data_request *r, const struct action *action,
	struct data_answer *answer, struct error *err);
/* The catalog as JSON, for a member. */
MUST_CHECK bool data_resources(const struct context *ctx, struct str *json, struct error *err);

#endif
