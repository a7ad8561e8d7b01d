/*
 * SQL out of a parsed request. Names come from the catalog, quoted there; no value is ever printed, each is a
 * parameter; every statement, and every part of one that touches the table, says tenant_id = $1 AND env = $2 beside
 * the policy. PostgreSQL makes the JSON.
 */
#ifndef TENANTD_RESOURCE_BUILD_H
#define TENANTD_RESOURCE_BUILD_H

#include "resource/input.h"
#include "resource/keyset.h"
#include "resource/prefer.h"

/* Rows: the JSON, then the keys of the order as text. One row more than the limit, behind `behind` (may be NULL). */
const struct built *build_list(struct arena *a, const struct query *q, const struct keyset *behind);
/* One row: how many the filters find. */
const struct built *build_count(struct arena *a, const struct query *q);
/* Rows: the JSON, the ETag. At most one of a table, two of a view where several have this key. */
const struct built *build_get(struct arena *a, const struct query *q, struct str id);

/* What a write is asked for beside its rows. */
struct write {
	struct str id; /* the row of the path; empty: the collection */
	struct str if_match; /* an array literal of ETags; empty: none */
	bool if_any; /* If-Match: * */
	bool if_absent; /* If-None-Match: *, on put */
	bool wants_rows;
	bool wants_one; /* exactly one row, or nothing is done (ERR_NOT_ACCEPTABLE) */
	bool has_most;
	int64_t most; /* rows that a change or removal may reach; of more, none is (ERR_TOO_MANY_AFFECTED) */
	enum prefer_resolution resolution;
	bool missing_default;
	struct str remember; /* the Idempotency-Key; empty: none */
};

/* Each answers one row: body (null when no rows are wanted), affected, created, key and ETag of a row (null without
 * one), whether the row of the path is there (null when that does not matter). */
enum { WROTE_BODY, WROTE_AFFECTED, WROTE_CREATED, WROTE_KEY, WROTE_ETAG, WROTE_THERE };
const struct built *build_create(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in);
const struct built *build_change(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in);
const struct built *build_replace(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in);
const struct built *build_remove(struct arena *a, const struct query *q, const struct write *w);
/* The body is what the function said; ERR_NOT_FOUND when there is no row of this id. */
const struct built *build_action(struct arena *a, const struct resource *r, const struct action *action,
	const struct write *w, struct str body);

/* The bytes of a row, which stand in r->content. The conditions are about their SHA-256 in hex. */
struct content {
	struct str id;
	struct str bytes, type; /* on put */
	const struct byte_source *stream; /* instead of `bytes`, when they are too large to be held */
	struct str if_match; /* an array literal; empty: none */
	bool if_any;
	bool if_absent; /* on put: only where there are none */
};

/* Which bytes are asked for: none when their SHA-256 (or *) is in `known`, an array literal. A range begins at `from`,
 * counted from their end when that is negative, and ends before `upto`; it is none when `range_of` is said and is not
 * their SHA-256. */
struct content_ask {
	struct str id;
	struct str known;
	bool is_head; /* what they are, and none of them */
	bool is_range;
	int64_t from, upto;
	struct str range_of;
};

/* Rows, binary, in their order. Each says what the whole is, whether a range of it is sent and whether it is known
 * ("true"), from where up to where it is sent, and has a piece of that, LIMIT_MEDIA_PIECE bytes at most; its START is the
 * piece's. When nothing is to be sent there is one row with an empty piece, and START is that of the range. */
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
/* Keeps each piece of the stream for the put that follows it in the same transaction. */
const struct built *build_content_piece(struct arena *a, const struct resource *r, const struct content *c);
/* Each answers one row: how many were written, how many of them are new, the SHA-256, and whether there is what it was
 * asked for: on put the row of r, on remove the bytes. */
enum { CONTENT_AFFECTED, CONTENT_CREATED, CONTENT_DIGEST, CONTENT_THERE };
const struct built *build_content_put(struct arena *a, const struct resource *r, const struct content *c);
const struct built *build_content_remove(struct arena *a, const struct resource *r, const struct content *c);

#endif
