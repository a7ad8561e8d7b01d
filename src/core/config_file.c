/*
 * Reads the configuration file and the files that it names, and decides whether others can read a secret.
 * Must never wait on what is not a regular file, and never repeat a file's content in a message.
 */
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS = 256 };

/* The group of [server] user: it counts as the process's own before privileges are dropped. */
static gid_t future_group = (gid_t)-1;

void config_own_group_of(const char *user)
{
	const struct passwd *entry = user[0] != '\0' ? getpwnam(user) : NULL;
	future_group = entry ? entry->pw_gid : (gid_t)-1;
}

static bool is_own_group(gid_t group)
{
	if (group == getegid() || group == future_group)
		return true;
	gid_t groups[GROUPS];
	int count = getgroups(GROUPS, groups);
	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

bool config_is_open_to_others(const struct stat *s)
{
	return (s->st_mode & 0007) != 0 || ((s->st_mode & 0070) != 0 && !is_own_group(s->st_gid));
}

/* What gives a file to those who must read it and to nobody else. A file that another user owns, such as root, must be
 * readable for a group: chmod 0600 would keep the server itself out. */
static void put_remedy(char *out, size_t size, const struct stat *s, const char *path)
{
	gid_t gid = future_group != (gid_t)-1 ? future_group : getegid();
	const struct group *group = getgrgid(gid);
	if (s->st_uid == geteuid() && (future_group == (gid_t)-1 || geteuid() != 0))
		snprintf(out, size, "chmod 0600 '%s'", path);
	else if (group)
		snprintf(out, size, "chgrp %s '%s' && chmod 0640 '%s'", group->gr_name, path, path);
	else
		snprintf(out, size, "chgrp %u '%s' && chmod 0640 '%s'", (unsigned)gid, path, path);
}

bool config_refuse_open_secret(const char *key, const char *path, const struct stat *s, struct error *err)
{
	char remedy[ERROR_OPERATOR / 2];
	put_remedy(remedy, sizeof(remedy), s, path);
	return error_log(
		err, ERR_INTERNAL, "%s: '%s' holds a secret and others can read it, run: %s", key, path, remedy);
}

/* Root can open a file that [server] user cannot, so the message says what that user needs. */
static bool refuse_unopened(const char *key, const char *path, struct error *err)
{
	char remedy[ERROR_OPERATOR / 2] = "";
	int reason = errno;
	struct stat s;
	if (reason == EACCES && stat(path, &s) == 0)
		put_remedy(remedy, sizeof(remedy), &s, path);
	return error_log(err, ERR_INTERNAL, "%s: cannot open '%s': %s%s%s", key, path, strerror(reason),
		remedy[0] ? ", as root run: " : "", remedy);
}

/* All bytes of `fd`, at most `max`. */
static bool read_all(struct arena *a, int fd, size_t max, struct str *out)
{
	char *bytes = arena_alloc(a, max + 1);
	size_t len = 0;
	for (;;) {
		ssize_t got = read(fd, bytes + len, max + 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		len += (size_t)got;
		if (len > max) {
			errno = EFBIG;
			return false;
		}
	}
	*out = (struct str){ bytes, len };
	return true;
}

static bool read_open(struct arena *a, const char *key, const char *path, int fd, size_t max, bool is_secret,
	struct str *out, struct stat *s, struct error *err)
{
	if (fstat(fd, s) != 0)
		return error_log(err, ERR_INTERNAL, "%s: cannot look at '%s': %s", key, path, strerror(errno));
	if (!S_ISREG(s->st_mode))
		return error_log(err, ERR_INTERNAL, "%s: '%s' is not a file", key, path);
	if (is_secret && config_is_open_to_others(s))
		return config_refuse_open_secret(key, path, s, err);
	/* Whoever can write the list of keys can make tokens that are accepted. */
	if ((s->st_mode & S_IWOTH) != 0)
		return error_log(err, ERR_INTERNAL, "%s: '%s' can be written by others, run chmod o-w", key, path);
	if (s->st_size > (off_t)max)
		return error_log(err, ERR_INTERNAL, "%s: '%s' is larger than %zu bytes", key, path, max);
	size_t room = (size_t)s->st_size; /* what is in it now; a file that grows meanwhile is refused */
	if (!read_all(a, fd, room, out))
		return error_log(err, ERR_INTERNAL, "%s: cannot read '%s': %s", key, path, strerror(errno));
	return true;
}

bool config_read(struct arena *a, const char *key, const char *path, size_t max, bool is_secret,
	struct str *out, struct stat *s, struct error *err)
{
	/* O_NONBLOCK: if somebody put a FIFO there, this must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return refuse_unopened(key, path, err);
	bool ok = read_open(a, key, path, fd, max, is_secret, out, s, err);
	close(fd);
	return ok;
}

bool config_read_file(struct arena *a, const char *key, struct str path, size_t max, bool is_secret,
	struct str *out, struct error *err)
{
	struct stat s;
	return config_read(a, key, arena_cstr(a, path), max, is_secret, out, &s, err);
}
