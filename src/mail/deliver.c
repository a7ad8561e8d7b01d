/* Gives messages to sendmail or to the spool. Must never start a shell, and never leave a part of a message under the name of
 * a whole one. */
#include "mail/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { WORDS = 24, NOT_RUN = 127 };

static bool write_all(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0 && errno != EINTR)
			return false;
		bytes = str_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return true;
}

/* ---- the spool ---- */

/* Under a name of its own until it is whole. A file of this name was left by a sender that ended, because a mail has one
 * sender at a time. */
static bool spool_file(int folder, const char *part, const char *whole, struct str message)
{
	(void)unlinkat(folder, part, 0);
	int fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool good = write_all(fd, message) && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	return good && renameat(folder, part, folder, whole) == 0;
}

static enum delivery spool(
	struct arena *a, const struct config *c, const struct parcel *parcel, struct error *err)
{
	const char *part = arena_printf(a, ".%s.part", parcel->id.text).at;
	const char *whole = arena_printf(a, "%.*s-%s.eml", STR_ARG(parcel->kind), parcel->id.text).at;
	int folder = open(arena_cstr(a, c->mail.spool), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	bool good = folder >= 0 && spool_file(folder, part, whole, parcel->message);
	if (!good)
		error_log(err, ERR_UNAVAILABLE, "[mail] spool: cannot write to '%.*s': %s", STR_ARG(c->mail.spool),
			strerror(errno));
	if (folder >= 0)
		close(folder);
	return good ? DELIVERY_DONE : DELIVERY_LATER;
}

/* ---- sendmail ---- */

/* An empty file in memory with the message: unlike a pipe it cannot block, and it is in no folder. -1: there is none. */
static int file_of(struct str message)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);
	if (fd >= 0 && (!write_all(fd, message) || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The words of [mail] sendmail, the sender and the recipient. Whatever the recipient begins with, "--" keeps it from being
 * an option. */
static bool build_command(struct arena *a, const struct config *c, struct str recipient, char *argv[WORDS])
{
	struct str rest = c->mail.sendmail, word;
	size_t n = 0;
	while (!str_is_empty(rest) && n < WORDS - 5) {
		rest = str_split(rest, ' ', &word);
		if (word.len > 0)
			argv[n++] = arena_cstr(a, word);
	}
	argv[n++] = arena_cstr(a, STR("-f"));
	argv[n++] = arena_cstr(a, c->mail.from);
	argv[n++] = arena_cstr(a, STR("--"));
	argv[n++] = arena_cstr(a, recipient);
	argv[n] = NULL;
	return str_is_empty(rest);
}

/* What mail programs want to know, such as msmtp, which looks for its configuration in HOME. */
static void build_environment(struct arena *a, char *env[WORDS])
{
	static const char *const kept[] = { "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ" };
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		const char *value = getenv(kept[i]);
		if (value)
			env[n++] = arena_cstr(a, arena_printf(a, "%s=%s", kept[i], value));
	}
	env[n] = NULL;
}

/* In the child. A group of its own, so that an interrupt at the terminal lets it finish, and so that a time-out reaches what
 * it has started. */
static NORETURN void become(char *argv[], char *env[], int message)
{
	sigset_t none;
	sigemptyset(&none);
	(void)setpgid(0, 0);
	for (int number = 1; number < SIGRTMIN; number++)
		(void)signal(number, SIG_DFL);
	/* When nothing was open as 0, the message may be there already, to be closed by exec. */
	if (sigprocmask(SIG_SETMASK, &none, NULL) != 0 || fcntl(message, F_SETFD, 0) != 0 ||
		dup2(message, 0) < 0 || dup2(2, 1) < 0 || close_range(3, ~0U, 0) != 0)
		_exit(NOT_RUN);
	execve(argv[0], argv, env);
	_exit(NOT_RUN);
}

/* Waits for the end of the child, and ends it when that takes too long. Returns what waitpid said; *in_time: it ended by
 * itself. */
static int wait_for(pid_t pid, int patience_ms, bool *in_time)
{
	int status = 0, ready, fd = pidfd_open(pid, 0);
	struct pollfd end = { .fd = fd, .events = POLLIN };
	do
		ready = poll(&end, 1, patience_ms);
	while (ready < 0 && errno == EINTR);
	*in_time = fd >= 0 && ready == 1;
	if (!*in_time && kill(-pid, SIGKILL) != 0)
		(void)kill(pid, SIGKILL); /* it has not got to setpgid */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fd >= 0)
		close(fd);
	return status;
}

/* What an exit status means (sysexits.h). Those that are not here may be the program's or the host's fault and are tried
 * again. */
static enum delivery verdict(int status)
{
	switch (status) {
	case EX_OK:
		return DELIVERY_DONE;
	case EX_DATAERR:
	case EX_NOUSER:
	case EX_NOHOST:
		return DELIVERY_NEVER;
	default:
		return DELIVERY_LATER;
	}
}

static enum delivery judge(int how, bool in_time, struct error *err)
{
	int status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
	if (!in_time)
		error_log(err, ERR_UNAVAILABLE, "sendmail took too long and was ended");
	else if (status == NOT_RUN)
		error_log(err, ERR_UNAVAILABLE, "sendmail could not be run");
	else if (status < 0)
		error_log(err, ERR_UNAVAILABLE, "sendmail was ended by signal %d", WTERMSIG(how));
	else if (status != EX_OK)
		error_log(err, ERR_UNAVAILABLE, "sendmail exited with %d", status);
	return in_time ? verdict(status) : DELIVERY_LATER;
}

static enum delivery give_to_sendmail(
	struct arena *a, const struct config *c, const struct parcel *parcel, struct error *err)
{
	char *argv[WORDS], *env[WORDS];
	if (!build_command(a, c, parcel->recipient, argv)) {
		error_log(err, ERR_INTERNAL, "[mail] sendmail has more than %d words", WORDS - 5);
		return DELIVERY_LATER;
	}
	build_environment(a, env);
	int fd = file_of(parcel->message);
	pid_t pid = fd < 0 ? -1 : fork();
	if (pid == 0)
		become(argv, env, fd);
	if (pid < 0)
		error_log(err, ERR_UNAVAILABLE, "sendmail could not be started: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (pid < 0)
		return DELIVERY_LATER;
	bool in_time;
	int how = wait_for(pid, parcel->patience_ms, &in_time);
	return judge(how, in_time, err);
}

/* ---- either ---- */

bool delivery_is_ready(const struct config *c, struct error *err)
{
	struct str program, spool_path = c->mail.spool;
	if (str_is_empty(c->mail.from))
		return error_log(err, ERR_INTERNAL, "[mail] from is not set: no mail can be sent");
	if (spool_path.len > 0) /* values are terminated */
		return access(spool_path.at, W_OK | X_OK) == 0 ||
			error_log(
				err, ERR_INTERNAL, "[mail] spool: cannot write to '%s': %s", spool_path.at, strerror(errno));
	struct arena *a = arena_new(1024);
	str_split(c->mail.sendmail, ' ', &program);
	bool good = access(arena_cstr(a, program), X_OK) == 0 ||
		error_log(
			err, ERR_INTERNAL, "[mail] sendmail: cannot run '%.*s': %s", STR_ARG(program), strerror(errno));
	arena_free(a);
	return good;
}

enum delivery deliver(struct arena *a, const struct config *c, const struct parcel *parcel, struct error *err)
{
	return c->mail.spool.len > 0 ? spool(a, c, parcel, err) : give_to_sendmail(a, c, parcel, err);
}
