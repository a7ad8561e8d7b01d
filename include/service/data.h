/*
 * Reads and writes the rows of the application's own tables, and calls their actions. The catalog (resource/catalog.h)
 * tells what can be asked for; the parsed request tells what was asked for.
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
	struct remembered remembered; /* for a POST with an Idempotency-Key */
};

struct data_answer {
	struct str json; /* an array; one value from data_show and data_act */
	bool has_json;
	size_t count; /* the number of rows in json, or of rows written */
	size_t created;
	struct str key; /* of the written row, when it is known */
	struct str etag; /* of the row when there is exactly one; empty: none */
	size_t position; /* how many rows come before a list */
	int64_t total; /* how many rows the filters match; -1: not asked for */
	struct str cursor; /* for the next page; empty: none */
	size_t next_offset; /* where the next page begins when a cursor cannot tell (see find_next); 0: not so */
};

MUST_CHECK bool data_list(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
MUST_CHECK bool data_show(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err);
/* When a write returns false, nothing was changed. */
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
