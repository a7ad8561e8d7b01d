/*
 * The content of a row: bytes in the table that was registered with content_of. Their size is bounded ([limits] media).
 * They pass through in pieces, and only one piece is in memory at a time.
 */
#ifndef TENANTD_SERVICE_CONTENT_H
#define TENANTD_SERVICE_CONTENT_H

#include "resource/build.h"

/* What is known before the first byte is sent. */
struct content_answer {
	struct str type; /* as it was stored */
	struct str sha256; /* in hex */
	bool is_known; /* the caller has these bytes already, so they are not sent */
	bool is_part; /* only the range that was asked for is sent; it is empty when it begins after the end */
	size_t size; /* of the whole content */
	size_t start, stop; /* the bytes from `start` up to before `stop` are sent */
	bool is_new; /* on put: the row had no content before */
};

/* Receives the content: `begin` is called once, then `bytes` for each piece. When one returns false with *err, no more
 * is sent. */
struct content_taker {
	bool (*begin)(void *who, const struct content_answer *answer, struct error *err);
	struct byte_sink bytes;
};

/* ERR_NOT_FOUND when there is no content; the taker is then not called. */
MUST_CHECK bool content_show(const struct context *ctx, const struct resource *r,
	const struct content_ask *ask, const struct content_taker *taker, struct error *err);
/* ERR_NOT_FOUND when the row does not exist, ERR_PRECONDITION_FAILED when the present content does not meet the
 * condition. When reading the stream fails, that error is returned and nothing is stored. */
MUST_CHECK bool content_put(const struct context *ctx, const struct resource *r, const struct content *c,
	struct content_answer *answer, struct error *err);
/* ERR_NOT_FOUND when there is no content, ERR_PRECONDITION_FAILED when it does not meet the condition. */
MUST_CHECK bool content_remove(
	const struct context *ctx, const struct resource *r, const struct content *c, struct error *err);

#endif
