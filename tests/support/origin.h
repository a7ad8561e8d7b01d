/*
 * A very small web server on a loopback port, for tests of what tenantd fetches: it answers with whatever bytes a test
 * gives it, also with those that no decent server would send. There is one in a process.
 */
#ifndef TENANTD_TESTS_ORIGIN_H
#define TENANTD_TESTS_ORIGIN_H

#include "core/str.h"

#include <stddef.h>

/* Begins to listen; returns the port. It ends with the process. */
int origin_begin(void);
/* From now on a GET of `path` is answered with `body` under a status line such as "200 OK". `headers` are whole lines,
 * each with "\r\n" at its end, or "". */
void origin_says(const char *path, const char *status, const char *headers, struct str body);
/* The same, but the body never comes. */
void origin_hangs(const char *path);
/* From now on every connection is closed without an answer. origin_says and origin_hangs end that. */
void origin_dies(void);
/* How many requests came for this path since the process began. */
size_t origin_asked(const char *path);

#endif
