/*
 * A request that has not arrived completely and was put aside so that it does not occupy the worker: the state of
 * its reader and what has been read.
 */
#ifndef TENANTD_HTTP_HALF_H
#define TENANTD_HTTP_HALF_H

#include "http/fcgi_read.h"

struct half {
	struct arena *arena; /* belongs to this request; the struct itself lives in it */
	size_t size; /* about how many bytes it may take in memory */
	struct fcgi_reader reader;
	struct fcgi_head head;
	struct half_body {
		bool has_begun;
		char *at;
		size_t len, got;
	} body;
};

/* Copies what was read so far; the reader must be starved. The caller frees the result. */
struct half *half_new(
	const struct fcgi_reader *r, const struct fcgi_head *head, const struct half_body *body);
/* Overwrites and frees it (T91). Does nothing for NULL. */
void half_free(struct half *h);

#endif
