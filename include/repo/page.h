/*
 * Pages of a list: the next page begins after the last row of the page before. The cursor that a caller
 * carries from one page to the next is opaque. It holds that row's key, with a MAC over the key, the tenant,
 * the env, the user, the route and the filters, so that no other tenant or user and no other query can use
 * it.
 */
#ifndef TENANTD_REPO_PAGE_H
#define TENANTD_REPO_PAGE_H

#include "repo/tx.h"

struct page {
	int64_t limit; /* rows, 1..LIMIT_PAGE */
	struct str filters; /* whatever must be the same on the next page; may be empty */
	struct str after_key[2]; /* the key of the row after which the page begins; empty: it is the first page */
};

/* Reads a cursor, which page_cursor made, into page->after_key. Any other text: ERR_INVALID_REQUEST for
 * `cursor`. */
MUST_CHECK bool page_resume(
	const struct context *ctx, struct page *page, struct str cursor, struct error *err);
/* The cursor of a row, by its two key columns. */
struct str page_cursor(const struct context *ctx, const struct page *page, struct str key0, struct str key1);

/* What both are made of: seals `keys`, at most CURSOR_KEYS bytes of any kind, to the context and the
 * filters. */
enum { CURSOR_KEYS = 1024 };
struct str page_seal(const struct context *ctx, struct str filters, struct str keys);
MUST_CHECK bool page_open(
	const struct context *ctx, struct str filters, struct str cursor, struct str *keys, struct error *err);

/* The JSON array of column 0 of the first `count` rows. */
struct str page_array(struct arena *a, const struct rows *rows, size_t count);
/* Makes the JSON array of at most `limit` rows, and the cursor of the next page, which is empty at the
 * end. Column 0 of `rows` is the JSON of a row, columns 1 and 2 are its key. The statement must have asked
 * for one row more than the limit. */
void page_render(const struct context *ctx, const struct page *page, const struct rows *rows,
	struct str *array, struct str *next);

#endif
