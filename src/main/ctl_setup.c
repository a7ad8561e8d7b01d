/*
 * tenantctl setup: becomes the script that was installed beside the migrations. It is a script because it runs psql and
 * useradd and changes files of PostgreSQL's, and because whoever runs it as root should be able to read it before.
 */
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { SCRIPT_ARGS = 4 };

/* The path of this program, which the script calls in turn. */
static const char *own_path(struct arena *a)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
	return len > 0 && (size_t)len < sizeof(path) ? arena_cstr(a, str_of(path, (size_t)len)) : "tenantctl";
}

enum ctl_status ctl_setup(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	const char *directory = ctl_option(ctl, "--directory");
	const char *argv[SCRIPT_ARGS + CTL_GIVEN + 1];
	size_t n = 0;
	if (!directory)
		directory = PKGDATADIR;
	const char *script = arena_printf(ctl->arena, "%s/setup", directory).at;
	argv[n++] = script;
	argv[n++] = own_path(ctl->arena);
	argv[n++] = ctl_config_path(ctl);
	argv[n++] = directory;
	for (size_t i = 0; i < ctl->given_count; i++)
		if (strcmp(ctl->given[i].name, "--directory") != 0)
			argv[n++] = arena_printf(ctl->arena, "%s=%s", ctl->given[i].name, ctl->given[i].value).at;
	argv[n] = NULL;
	execv(script, (char *const *)(uintptr_t)argv);
	error_log(&err, ERR_INTERNAL, "cannot run '%s': %s", script, strerror(errno));
	return ctl_fail(&err);
}
