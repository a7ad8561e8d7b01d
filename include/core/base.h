/* What every file needs: the compiler attributes used here, and BUG(). Nothing here knows about tenants. */
#ifndef TENANTD_CORE_BASE_H
#define TENANTD_CORE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* For a mistake in our own code, never for bad input: says on stderr where it was found, and aborts. */
#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
NORETURN void bug(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);

/* Called when memory ran out: ends the process; the master then forks another worker. */
NORETURN void out_of_memory(void);

#endif
