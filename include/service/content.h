/*
 * The bytes of a row, in the table that was registered with content_of. They are bounded ([limits] media) and are held
 * in memory whole.
 */
#ifndef TENANTD_SERVICE_CONTENT_H
#define TENANTD_SERVICE_CONTENT_H

#include "resource/build.h"

struct content_answer {
	struct str bytes;
	struct str type; /* as it was stored */
	struct str sha256; /* in hex */
	bool is_known; /* the caller has these bytes, and they are not answered */
	bool is_new;
};

/* `known`: an array literal of SHA-256s in hex, or of *. ERR_NOT_FOUND when there are no bytes. */
MUST_CHECK bool content_show(const struct context *ctx, const struct resource *r, struct str id,
	struct str known, struct content_answer *answer, struct error *err);
/* ERR_NOT_FOUND without its row, ERR_PRECONDITION_FAILED when the bytes that are there are not the condition's. */
MUST_CHECK bool content_put(const struct context *ctx, const struct resource *r, const struct content *c,
	struct content_answer *answer, struct error *err);
/* ERR_NOT_FOUND when there are none. */
MUST_CHECK bool content_remove(
	const struct context *ctx, const struct resource *r, const struct content *c, struct error *err);

#endif
