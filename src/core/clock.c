/*
 * The two clocks. Deadlines and durations must never use the wall clock, because somebody may set it.
 */
#include "core/clock.h"

#include <time.h>

static int64_t pretended_s = -1;

static int64_t microseconds(clockid_t id)
{
	struct timespec t;
	if (clock_gettime(id, &t) != 0)
		BUG("clock %d does not answer", (int)id);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_unix_s(void)
{
	return pretended_s >= 0 ? pretended_s : clock_unix_us() / 1000000;
}

int64_t clock_unix_us(void)
{
	return microseconds(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
	return microseconds(CLOCK_MONOTONIC);
}

void clock_pretend_unix_s(int64_t seconds)
{
	pretended_s = seconds;
}
