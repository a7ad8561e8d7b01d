/* Bytes that pass through a piece at a time, between rooms that need not know each other: a body on its way from the
 * web server to the database, rows on their way back. */
#ifndef TENANTD_CORE_STREAM_H
#define TENANTD_CORE_STREAM_H

#include "core/error.h"
#include "core/str.h"

/* Gives the next piece, good until it is asked again; an empty one is the end. False: *err, and there is no more. */
struct byte_source {
	bool (*next)(void *from, struct str *piece, struct error *err);
	void *from;
};

/* Takes a piece. False: *err, and it takes no more. */
struct byte_sink {
	bool (*put)(void *to, struct str piece, struct error *err);
	void *to;
};

#endif
