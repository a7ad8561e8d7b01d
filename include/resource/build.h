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
/* At most one row: the JSON, the ETag. */
const struct built *build_get(struct arena *a, const struct query *q, struct str id);

/* What a write is asked for beside its rows. */
struct write {
	struct str id; /* the row of the path; empty: the collection */
	struct str if_match; /* an array literal of ETags; empty: none */
	bool if_any; /* If-Match: * */
	bool if_absent; /* If-None-Match: *, on put */
	bool wants_rows;
	bool wants_one; /* exactly one row, or nothing is done (ERR_NOT_ACCEPTABLE) */
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
	struct str if_match; /* an array literal; empty: none */
	bool if_any;
	bool if_absent; /* on put: only where there are none */
};

/* Rows, binary: the piece's number, the SHA-256, the type, the piece. They come in order, LIMIT_MEDIA_PIECE bytes in
 * each; an empty one when the SHA-256 (or *) is among `known`, an array literal. */
enum { CONTENT_PIECE, CONTENT_SHA256, CONTENT_TYPE, CONTENT_BYTES };
const struct built *build_content_get(
	struct arena *a, const struct resource *r, struct str id, struct str known);
/* Each answers one row: how many were written, how many of them are new, the SHA-256, and whether there is what it was
 * asked for: on put the row of r, on remove the bytes. */
enum { CONTENT_AFFECTED, CONTENT_CREATED, CONTENT_DIGEST, CONTENT_THERE };
const struct built *build_content_put(struct arena *a, const struct resource *r, const struct content *c);
const struct built *build_content_remove(struct arena *a, const struct resource *r, const struct content *c);

#endif
