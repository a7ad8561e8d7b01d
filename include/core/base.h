/* What every file needs: the attributes of the house, BUG(), and nothing of the domain. */
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

/* A broken promise of our own code: says where on stderr and aborts. Never for bad input. */
#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
NORETURN void bug(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);

/* Memory ran out: ends the process (the master forks another). Never returns NULL to a caller. */
NORETURN void out_of_memory(void);

#endif
