/*
 * One HTTP GET to an issuer: the only place that opens a connection to another host, and the only door to libcurl. Never
 * call it in a worker or in the master: it waits for the other side.
 */
#ifndef TENANTD_ISSUER_FETCH_H
#define TENANTD_ISSUER_FETCH_H

#include "core/arena.h"
#include "core/error.h"

/* The body of the answer to GET `url`, at most `most` bytes of it, in `a`. Only an answer 200 is taken, a redirect is not
 * followed, and over https the other side's certificate must be good. It takes LIMIT_FETCH_MS at most and ends early when
 * should_stop says so. The reason of a failure is in err->operator. */
MUST_CHECK bool fetch(struct arena *a, struct str url, size_t most, bool (*should_stop)(void),
	struct str *out, struct error *err);

#endif
