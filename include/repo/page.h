/*
 * Pages of a list by key set: a page ends with a row, the next one begins behind it. The cursor that a
 * caller carries from one to the other is opaque: the row's key with a MAC over it, the tenant, the env, the
 * user, the route and the filters, so that neither another tenant or user nor another query can use it.
 */
#ifndef TENANTD_REPO_PAGE_H
#define TENANTD_REPO_PAGE_H

#include "repo/tx.h"

struct page {
	int64_t limit; /* rows, 1..LIMIT_PAGE */
	struct str filters; /* whatever must be the same on the next page; may be empty */
	struct str after_key[2]; /* of the row the page begins behind; empty: from the start */
};

/* Reads a cursor that page_cursor made into page->after_key. ERR_INVALID_REQUEST naming `cursor`. */
MUST_CHECK bool page_resume(
	const struct context *ctx, struct page *page, struct str cursor, struct error *err);
/* The cursor of a row, by its two key columns. */
struct str page_cursor(const struct context *ctx, const struct page *page, struct str key0, struct str key1);

/* What is under both: `keys`, at most CURSOR_KEYS bytes of any kind, sealed to the context and the filters. */
enum { CURSOR_KEYS = 1024 };
struct str page_seal(const struct context *ctx, struct str filters, struct str keys);
MUST_CHECK bool page_open(
	const struct context *ctx, struct str filters, struct str cursor, struct str *keys, struct error *err);

/* The JSON array of column 0 of the first `count` rows. */
struct str page_array(struct arena *a, const struct rows *rows, size_t count);
/* Rows as answered: column 0 is a row's JSON, columns 1 and 2 its key; one row more than the limit was asked
 * for. The JSON array of at most `limit` of them, and the cursor of the next page, empty at the end. */
void page_render(const struct context *ctx, const struct page *page, const struct rows *rows,
	struct str *array, struct str *next);

#endif
