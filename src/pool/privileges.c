/*
 * The change from root to the configured user. When a step fails, tenantd does not start, so that it never runs with
 * more rights than the operator intended. Must not run after a worker was forked.
 */
#include "pool/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

bool account_find(struct account *out, struct str user, struct error *err)
{
	*out = (struct account){ .uid = geteuid(), .gid = getegid() };
	if (str_is_empty(user))
		return true;
	if (user.len >= sizeof(out->name))
		return error_log(err, ERR_INTERNAL, "server.user \"%.*s\" is too long", STR_ARG(user));
	memcpy(out->name, user.at, user.len);
	errno = 0;
	const struct passwd *entry = getpwnam(out->name);
	if (!entry)
		return error_log(err, ERR_INTERNAL, "server.user \"%s\" is not known: %s", out->name,
			errno ? strerror(errno) : "no such user");
	out->uid = entry->pw_uid;
	out->gid = entry->pw_gid;
	return true;
}

bool group_find(gid_t *out, struct str name, gid_t standard, struct error *err)
{
	char text[64];
	*out = standard;
	if (str_is_empty(name))
		return true;
	if (name.len >= sizeof(text))
		return error_log(err, ERR_INTERNAL, "server.socket_group \"%.*s\" is too long", STR_ARG(name));
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	errno = 0;
	const struct group *entry = getgrnam(text);
	if (!entry)
		return error_log(err, ERR_INTERNAL, "server.socket_group \"%s\" is not known: %s", text,
			errno ? strerror(errno) : "no such group");
	*out = entry->gr_gid;
	return true;
}

static bool is_gone_for_good(const struct account *who)
{
	uid_t real_uid, uid, saved_uid;
	gid_t real_gid, gid, saved_gid;
	if (getresuid(&real_uid, &uid, &saved_uid) != 0 || getresgid(&real_gid, &gid, &saved_gid) != 0)
		return false;
	if (real_uid != who->uid || uid != who->uid || saved_uid != who->uid)
		return false;
	if (real_gid != who->gid || gid != who->gid || saved_gid != who->gid)
		return false;
	return setresuid(0, 0, 0) != 0 && (who->gid == 0 || setresgid(0, 0, 0) != 0);
}

bool privileges_drop(const struct account *who, struct error *err)
{
	if (who->uid == geteuid())
		return true;
	if (geteuid() != 0)
		return error_log(err, ERR_INTERNAL, "only root can change to server.user \"%s\"", who->name);
	if (initgroups(who->name, who->gid) != 0 || setresgid(who->gid, who->gid, who->gid) != 0 ||
		setresuid(who->uid, who->uid, who->uid) != 0)
		return error_log(
			err, ERR_INTERNAL, "changing to server.user \"%s\" failed: %s", who->name, strerror(errno));
	if (!is_gone_for_good(who))
		return error_log(
			err, ERR_INTERNAL, "the process could become root again after changing to \"%s\"", who->name);
	return true;
}

void privileges_harden(void)
{
	const struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		BUG("core files or new privileges cannot be forbidden: %s", strerror(errno));
}

void privileges_hide_memory(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		BUG("the kernel refused to hide this process's memory: %s", strerror(errno));
}
