/*
 * What tests/support/preload.c, a library that a test preloads into a server, is told while the server runs: a page of shared
 * memory, which is a file whose path is in FAULT_PAGE. All zero: nothing fails.
 */
#ifndef TENANTD_TESTS_PRELOAD_H
#define TENANTD_TESTS_PRELOAD_H

#include <stdatomic.h>

struct fault_page {
	atomic_uint allocations; /* every so manieth fails, in the children of the process that was started */
	atomic_uint forks; /* not 0: fork fails */
	atomic_llong step_s; /* the clock of the day is ahead by this; the monotonic one is not changed */
};

#endif
