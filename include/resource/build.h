/*
 * Builds SQL from a parsed request. Names come from the catalog, already quoted. Every value is a parameter; none is
 * printed into the text. Each part of a statement that uses the table has the condition tenant_id = $1 AND env = $2, in
 * addition to the row policy. PostgreSQL makes the JSON.
 */
#ifndef TENANTD_RESOURCE_BUILD_H
#define TENANTD_RESOURCE_BUILD_H

#include "resource/input.h"
#include "resource/keyset.h"
#include "resource/prefer.h"

/* Each row has the JSON and then the order's columns as text. There is one row more than the limit if there are so many.
 * The list begins after the row with the keys `behind`, or at the start when that is NULL. */
const struct built *build_list(struct arena *a, const struct query *q, const struct keyset *behind);
/* One row: how many rows the filters match. */
const struct built *build_count(struct arena *a, const struct query *q);
/* Each row has the JSON and the ETag. There is at most one from a table, and at most two from a view, where several rows
 * may have this key. */
const struct built *build_get(struct arena *a, const struct query *q, struct str id);

/* What a write has to do, apart from the rows in its body. */
struct write {
	struct str id; /* the key in the path; empty: the whole collection */
	struct str if_match; /* an array literal of ETags; empty: no such condition */
	bool if_any; /* If-Match: * */
	bool if_absent; /* If-None-Match: *, on put */
	bool wants_rows;
	bool wants_one; /* unless exactly one row is affected, nothing is done (ERR_NOT_ACCEPTABLE) */
	bool has_most;
	int64_t most; /* if more rows than this would be affected, nothing is done (ERR_TOO_MANY_AFFECTED) */
	enum prefer_resolution resolution;
	bool missing_default;
	struct str remember; /* the Idempotency-Key under which the answer is kept; empty: none */
};

/* Each returns one row: the body (null when no rows are wanted), how many rows were affected and how many created, the
 * key and the ETag of a row (null without one), and whether the row of the path exists (null when that does not
 * matter). */
enum { WROTE_BODY, WROTE_AFFECTED, WROTE_CREATED, WROTE_KEY, WROTE_ETAG, WROTE_THERE };
const struct built *build_create(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in);
const struct built *build_change(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in);
const struct built *build_replace(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in);
const struct built *build_remove(struct arena *a, const struct query *q, const struct write *w);
/* The body is the result of the function. ERR_NOT_FOUND when there is no row with this id. */
const struct built *build_action(struct arena *a, const struct resource *r, const struct action *action,
	const struct write *w, struct str body);

/* The content of a row: bytes that are kept in the table of r->content. Its ETag is its SHA-256 in hex. */
struct content {
	struct str id;
	struct str bytes, type; /* on put */
	const struct byte_source *stream; /* replaces `bytes` when they are too large to be held in memory */
	struct str if_match; /* an array literal of ETags; empty: no such condition */
	bool if_any;
	bool if_absent; /* on put: only when the row has no content yet */
};

/* Which bytes of a content are asked for. None are sent when its SHA-256 or "*" is in `known`, an array literal. A range
 * begins at `from`, which is counted from the end when it is negative, and ends before `upto`. The range is ignored when
 * `range_of` is given and is not the SHA-256. */
struct content_ask {
	struct str id;
	struct str known;
	bool is_head; /* only type, size and SHA-256 are asked for */
	bool is_range;
	int64_t from, upto;
	struct str range_of;
};

/* The rows are binary and in order. Each describes the whole content: its SHA-256, type and size, whether only a range
 * is sent (PART), whether the caller has it already (KNOWN), both as "true" or "false", and where the sent part ends
 * (STOP). Each also has a piece of at most LIMIT_MEDIA_PIECE bytes and the position of that piece (START). When nothing
 * is to be sent there is one row with an empty piece, and START is where the range begins. */
enum {
	CONTENT_SHA256,
	CONTENT_TYPE,
	CONTENT_SIZE,
	CONTENT_PART,
	CONTENT_KNOWN,
	CONTENT_START,
	CONTENT_STOP,
	CONTENT_BYTES
};
const struct built *build_content_get(
	struct arena *a, const struct resource *r, const struct content_ask *ask, struct row_taker taker);
/* Stores each piece of the stream. build_content_put, which follows in the same transaction, puts them together. */
const struct built *build_content_piece(struct arena *a, const struct resource *r, const struct content *c);
/* Each returns one row: how many contents were written or removed, how many of them are new, the SHA-256, and whether
 * the target exists: on put the row of r, on remove its content. */
enum { CONTENT_AFFECTED, CONTENT_CREATED, CONTENT_DIGEST, CONTENT_THERE };
const struct built *build_content_put(struct arena *a, const struct resource *r, const struct content *c);
const struct built *build_content_remove(struct arena *a, const struct resource *r, const struct content *c);

#endif
