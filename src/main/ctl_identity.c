/*
 * As whom tenantctl reaches files and the database. Root may read every file, and PostgreSQL knows whom it talks to, so what
 * works for root need not work for the workers: what is looked at for them is looked at as [server] user. It must never
 * leave root's groups to somebody who is not root.
 */
#include "ctl.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MAX = 256 };

static struct {
	bool is_other; /* the process acts as somebody else than it is */
	gid_t group;
	gid_t groups[GROUPS_MAX];
	int count;
} own;

static const struct passwd *server_user(const struct ctl *ctl)
{
	return ctl->config.server.user.len > 0 ? getpwnam(arena_cstr(ctl->arena, ctl->config.server.user)) : NULL;
}

bool ctl_act_as_server(struct ctl *ctl, struct error *err)
{
	if (own.is_other || geteuid() != 0 || str_is_empty(ctl->config.server.user))
		return true;
	const struct passwd *user = server_user(ctl);
	if (!user)
		return error_log(
			err, ERR_INTERNAL, "[server] user '%.*s' is not known", STR_ARG(ctl->config.server.user));
	own.group = getegid();
	own.count = getgroups(GROUPS_MAX, own.groups);
	own.is_other = true;
	return (own.count >= 0 && initgroups(user->pw_name, user->pw_gid) == 0 && setegid(user->pw_gid) == 0 &&
			   seteuid(user->pw_uid) == 0) ||
		error_log(err, ERR_INTERNAL, "cannot act as [server] user '%s': %s", user->pw_name, strerror(errno));
}

bool ctl_act_as_self(struct ctl *ctl, struct error *err)
{
	(void)ctl;
	if (!own.is_other)
		return true;
	own.is_other = false;
	return (seteuid(0) == 0 && setegid(own.group) == 0 && setgroups((size_t)own.count, own.groups) == 0) ||
		error_log(err, ERR_INTERNAL, "cannot become root again: %s", strerror(errno));
}

const char *ctl_acts_as(struct arena *a)
{
	const struct passwd *user = getpwuid(geteuid());
	return user ? arena_cstr(a, str_c(user->pw_name)) : arena_printf(a, "uid %u", (unsigned)geteuid()).at;
}

bool ctl_hand_over(const struct ctl *ctl, const char *path, unsigned mode, struct error *err)
{
	const struct passwd *user = geteuid() == 0 ? server_user(ctl) : NULL;
	if (!user || (chown(path, (uid_t)-1, user->pw_gid) == 0 && chmod(path, (mode_t)mode) == 0))
		return true;
	return error_log(err, ERR_INTERNAL, "cannot let [server] user read '%s': %s", path, strerror(errno));
}
