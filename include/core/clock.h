/* The two clocks, and the one place a test may replace them. */
#ifndef TENANTD_CORE_CLOCK_H
#define TENANTD_CORE_CLOCK_H

#include "core/base.h"

/* Seconds since 1970 in UTC: for tokens and proofs only. */
int64_t clock_unix_s(void);
/* Microseconds since 1970 in UTC: for log lines. */
int64_t clock_unix_us(void);
/* Microseconds of CLOCK_MONOTONIC: for every deadline and duration. */
int64_t clock_mono_us(void);
/* Tests only: what clock_unix_s answers from now on; a negative value gives the real clock back. */
void clock_pretend_unix_s(int64_t seconds);

#endif
