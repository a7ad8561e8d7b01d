/*
 * The two reasons for which a process ends itself: a mistake in our own code, and no memory. Bad input must
 * never lead here, and nothing here may print what a request held.
 */
#include "core/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_NO_MEMORY = 71 }; /* EX_OSERR of sysexits.h */

void bug(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "bug at %s:%d: %s\n", file, line, text);
	abort();
}

void out_of_memory(void)
{
	static const char text[] = "out of memory, this process ends\n";
	/* Nothing here allocates, and no exit handlers run: they might need memory too. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_NO_MEMORY);
	_exit(EXIT_NO_MEMORY);
}
