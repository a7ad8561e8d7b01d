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

static bool act_as(struct ctl *ctl, const char *key, struct str name, struct error *err)
{
	if (own.is_other || geteuid() != 0 || str_is_empty(name))
		return true;
	const struct passwd *user = getpwnam(arena_cstr(ctl->arena, name));
	if (!user)
		return error_log(err, ERR_INTERNAL, "%s: there is no user '%.*s'", key, STR_ARG(name));
	own.group = getegid();
	own.count = getgroups(GROUPS_MAX, own.groups);
	own.is_other = true;
	return (own.count >= 0 && initgroups(user->pw_name, user->pw_gid) == 0 && setegid(user->pw_gid) == 0 &&
			   seteuid(user->pw_uid) == 0) ||
		error_log(err, ERR_INTERNAL, "cannot act as the user '%s': %s", user->pw_name, strerror(errno));
}

bool ctl_act_as_server(struct ctl *ctl, struct error *err)
{
	return act_as(ctl, "[server] user", ctl->config.server.user, err);
}

bool ctl_act_as_peer(struct ctl *ctl, struct error *err)
{
	const struct str_list *peers = &ctl->config.server.peers;
	return peers->count == 0 || act_as(ctl, "[server] peers", peers->at[0], err);
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
	struct str name = geteuid() == 0 ? ctl->config.server.user : STR("");
	const struct passwd *user = str_is_empty(name) ? NULL : getpwnam(arena_cstr(ctl->arena, name));
	if (!user || (chown(path, (uid_t)-1, user->pw_gid) == 0 && chmod(path, (mode_t)mode) == 0))
		return true;
	return error_log(err, ERR_INTERNAL, "cannot let [server] user read '%s': %s", path, strerror(errno));
}
