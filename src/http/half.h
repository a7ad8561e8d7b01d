/*
 * A request that has not arrived whole, put aside so that it holds no worker: where its reader stands, and what it read.
 */
#ifndef TENANTD_HTTP_HALF_H
#define TENANTD_HTTP_HALF_H

#include "http/fcgi_read.h"

struct half {
	struct arena *arena; /* its own; it lives there itself */
	size_t size; /* bytes that it may come to, more or less */
	struct fcgi_reader reader;
	struct fcgi_head head;
	struct half_body {
		bool has_begun;
		char *at;
		size_t len, got;
	} body;
};

/* A copy of what was read so far; the reader must be starved. The caller ends it. */
struct half *half_new(
	const struct fcgi_reader *r, const struct fcgi_head *head, const struct half_body *body);
/* Overwrites and frees it (T91). NULL: nothing. */
void half_free(struct half *h);

#endif
