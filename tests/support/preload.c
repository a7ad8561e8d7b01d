/*
 * Preloaded into a server by a test: makes allocations and forks fail and steps the clock, as its page says. (A bound on the
 * number of processes would not stop root.) Must do nothing when there is no page.
 */
#include "support/preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* glibc's own, which these stand before. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *was, size_t size);

static struct fault_page *page;
static pid_t first; /* the master, which allocations never fail */
static atomic_uint allocations;
static pid_t (*real_fork)(void);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULT_PAGE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	void *at = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	void *found = dlsym(RTLD_NEXT, "fork");
	__builtin_memcpy(&real_fork, &found, sizeof(found));
	first = getpid();
	page = at == MAP_FAILED ? NULL : at;
}

static bool fails(void)
{
	unsigned every = page ? page->allocations : 0;
	if (every == 0 || getpid() == first || ++allocations % every != 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *was, size_t size)
{
	return fails() ? NULL : __libc_realloc(was, size);
}

pid_t fork(void)
{
	if (page && page->forks) {
		errno = EAGAIN;
		return -1;
	}
	return real_fork();
}

int clock_gettime(clockid_t which, struct timespec *out)
{
	int rc = (int)syscall(SYS_clock_gettime, which, out);
	if (rc == 0 && page && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
		out->tv_sec += page->step_s;
	return rc;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;
	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	*out = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
