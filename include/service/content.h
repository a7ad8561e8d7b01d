/*
 * The bytes of a row, in the table that was registered with content_of. They are bounded ([limits] media) and pass
 * through: no more than a piece of them is held at a time.
 */
#ifndef TENANTD_SERVICE_CONTENT_H
#define TENANTD_SERVICE_CONTENT_H

#include "resource/build.h"

/* What is told before the first byte. */
struct content_answer {
	struct str type; /* as it was stored */
	struct str sha256; /* in hex */
	bool is_known; /* the caller has these bytes, and they are not sent */
	bool is_part; /* of the range that was asked for; an empty one lies behind the end */
	size_t size; /* of all */
	size_t start, stop; /* what is sent: from `start` up to before `stop` */
	bool is_new;
};

/* Who takes them: `begin` once, then `bytes` as often as it takes. False: *err, and no more is given. */
struct content_taker {
	bool (*begin)(void *who, const struct content_answer *answer, struct error *err);
	struct byte_sink bytes;
};

/* ERR_NOT_FOUND when there are no bytes; the taker hears nothing then. */
MUST_CHECK bool content_show(const struct context *ctx, const struct resource *r,
	const struct content_ask *ask, const struct content_taker *taker, struct error *err);
/* ERR_NOT_FOUND without its row, ERR_PRECONDITION_FAILED when the bytes that are there are not the condition's; what a
 * stream refuses is the request's refusal, and nothing is kept. */
MUST_CHECK bool content_put(const struct context *ctx, const struct resource *r, const struct content *c,
	struct content_answer *answer, struct error *err);
/* ERR_NOT_FOUND when there are none. */
MUST_CHECK bool content_remove(
	const struct context *ctx, const struct resource *r, const struct content *c, struct error *err);

#endif
