/* The core room's tests: one program, a file for each part of the room. */
#include "test_core.h"

#include <sys/stat.h>

char *read_source(const char *path)
{
	char full[512];
	struct stat s;
	snprintf(full, sizeof(full), "%s/%s", TOP_SRCDIR, path);
	FILE *f = fopen(full, "r");
	if (!f || fstat(fileno(f), &s) != 0) {
		fprintf(stderr, "cannot read '%s'\n", full);
		exit(EXIT_FAILURE);
	}
	char *text = calloc(1, (size_t)s.st_size + 1);
	if (!text || fread(text, 1, (size_t)s.st_size, f) != (size_t)s.st_size)
		exit(EXIT_FAILURE);
	fclose(f);
	return text;
}

int main(void)
{
	const struct core_tests parts[] = { core_values, core_csv, core_json, core_json_write, core_config,
		core_log, core_metrics, core_time, core_validate };
	struct unit_test all[256];
	size_t count = 0;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		for (size_t j = 0; j < parts[i].count; j++)
			all[count++] = parts[i].at[j];
	return unit_main("core", all, count);
}
