/*
 * The two ways in which a process ends itself: a broken promise of our own code, and no memory. Must
 * never be reached by bad input, and must never print what a request held.
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
	/* nothing that allocates, no exit handlers: they might need memory too */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_NO_MEMORY);
	_exit(EXIT_NO_MEMORY);
}
