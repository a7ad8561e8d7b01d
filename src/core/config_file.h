/* Reading config and secret files, and the permission rule of core/config.h. Private to the core room. */
#ifndef TENANTD_CORE_CONFIG_FILE_H
#define TENANTD_CORE_CONFIG_FILE_H

#include "core/config.h"
#include <sys/stat.h>

/* Does the same as config_read_file, and fills *s with the file's status. */
MUST_CHECK bool config_read(struct arena *a, const char *key, const char *path, size_t max, bool is_secret,
	struct str *out, struct stat *s, struct error *err);
/* The primary group of `user` ("": nobody's) counts as the process's own from now on. */
void config_own_group_of(const char *user);
bool config_is_open_to_others(const struct stat *s);
/* Fills `err` with the refusal and what mends it, and returns false. */
bool config_refuse_open_secret(const char *key, const char *path, const struct stat *s, struct error *err);

#endif
