/* Temporary directories and files of tests, and waiting for a condition. A failure ends the test program. */
#ifndef TENANTD_TESTS_FILES_H
#define TENANTD_TESTS_FILES_H

#include "core/clock.h"

#include <poll.h>
#include <sys/types.h>

/* Makes the directory tenantd-NAME-XXXXXX in $TMPDIR, or in /tmp when $TMPDIR is so long that the path of a socket would
 * not fit in 107 bytes. `dir` holds its path afterwards; files_end removes it with everything in it. */
void files_begin(char *dir, size_t size, const char *name);
void files_end(const char *dir);
/* Replaces what the file holds. */
void files_write(const char *path, const char *text, mode_t mode);

/* Waits until `condition` holds, at most this number of seconds. The caller must assert it afterwards. */
#define UNTIL(seconds, condition)                                                                            \
	for (int64_t until_us_ = clock_mono_us() + (seconds)*1000000LL;                                          \
		 !(condition) && clock_mono_us() < until_us_;)                                                       \
	poll(NULL, 0, 5)

#endif
