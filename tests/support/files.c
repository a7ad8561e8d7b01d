/* See files.h. Must never remove anything outside of a directory that it made. */
#define _GNU_SOURCE 1 /* nftw */
#include "support/files.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TMPDIR_MAX = 36 };

void files_begin(char *dir, size_t size, const char *name)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(dir, size, "%s/tenantd-%s-XXXXXX", tmp && strlen(tmp) < TMPDIR_MAX ? tmp : "/tmp", name);
	if (mkdtemp(dir))
		return;
	fprintf(stderr, "cannot make '%s': %s\n", dir, strerror(errno));
	exit(EXIT_FAILURE);
}

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return remove(path);
}

void files_end(const char *dir)
{
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void files_write(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "we");
	if (f && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0)
		return;
	fprintf(stderr, "cannot write '%s': %s\n", path, strerror(errno));
	exit(EXIT_FAILURE);
}
