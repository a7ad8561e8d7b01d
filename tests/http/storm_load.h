/*
 * The load of test_http_storm.c: clients that change things without a pause, each of which repeats a request until it has a definite
 * answer, and write down what they were answered.
 */
#ifndef TENANTD_TESTS_STORM_LOAD_H
#define TENANTD_TESTS_STORM_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORM_CLIENTS = 5 };

/* Makes the tables and each client's tenant. Main thread, as everything here. */
void storm_prepare(void);
void storm_begin(void);
/* Lets each client finish what it has begun. */
void storm_end(void);

/* What the entries of the book from now on belong to, for those who look for the reason of a fault. */
void storm_name(const char *fault);
/* Definite answers so far, answers that were none (5xx of any kind, or nothing), and those that are a fault in themselves. */
size_t storm_good(void);
size_t storm_refused(void);
size_t storm_odd(void);
/* While true, 401 is no fault: the clock is wrong, and with it what a token says. */
void storm_forgives(bool clocks);

/* Compares the books with the database and returns how many things differ, each printed. */
size_t storm_differences(void);

#endif
