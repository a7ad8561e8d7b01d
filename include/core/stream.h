/* Bytes that pass through one piece at a time, between parts of the program that need not know each other: a
 * body on its way from the web server to the database, and rows on their way back. */
#ifndef TENANTD_CORE_STREAM_H
#define TENANTD_CORE_STREAM_H

#include "core/error.h"
#include "core/str.h"

/* Gives the next piece, which is valid until the next call. An empty piece is the end. When it returns false,
 * *err says why, and it must not be called again. */
struct byte_source {
	bool (*next)(void *from, struct str *piece, struct error *err);
	void *from;
};

/* Takes a piece. When it returns false, *err says why, and it must not be called again. */
struct byte_sink {
	bool (*put)(void *to, struct str piece, struct error *err);
	void *to;
};

#endif
