/*
 * The master: start, the loop that waits for signals, reload, drain. It must never hold a connection, serve a request or
 * read what a peer sent. It waits in one place only (sigtimedwait), so that no signal is lost and none interrupts
 * anything.
 */
#include "pool/master.h"

#include "core/clock.h"
#include "core/log.h"
#include "pool/listener.h"
#include "pool/privileges.h"
#include "pool/supervisor.h"
#include "pool/systemd.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { CONFIG_POOL = 16 * 1024, STATUS_MAX = 512 };

struct master {
	const struct pool *pool;
	struct arena *arena; /* of the configuration in force */
	struct config *config;
	struct arena *next_arena; /* of a new configuration whose workers do not all serve yet; NULL: none */
	struct config *next_config;
	struct account user;
	int listener;
	char pid_file[PATH_MAX]; /* as configured at the start; "": none */
	char refusal[STATUS_MAX / 2]; /* why the last reload was refused; "": it was not */
	char told[STATUS_MAX]; /* the status that the service manager was told last */
	int64_t pulse_us; /* when it gets the next sign of life */
	sigset_t signals;
	struct supervisor workers;
};

/* ---- configuration ---- */

static const char *reason(const struct error *err)
{
	const char *words = err->operator;
	return words[0] ? words : err->detail;
}

static bool open_log(const struct config *config, struct arena *a, struct error *err)
{
	enum log_level level;
	if (!log_level_parse(config->log.level, &level))
		return error_log(
			err, ERR_INTERNAL, "log.level \"%.*s\" is not a log level", STR_ARG(config->log.level));
	return log_open(arena_cstr(a, config->log.target), level, err);
}

/* Gives a log file that root opened to server.user, because the process must open it again after a rotation. */
static void give_log(const struct master *m)
{
	struct str target = m->config->log.target;
	if (geteuid() != 0 || m->user.uid == 0 || !str_starts(target, STR("/")))
		return;
	if (lchown(arena_cstr(m->arena, target), m->user.uid, m->user.gid) != 0)
		LOG(WARN, "master.log_not_given", LOG_STR("path", target), LOG_C("reason", strerror(errno)));
}

static bool check(const struct master *m, const struct config *config, struct arena *a, struct error *err)
{
	return !m->pool->check || m->pool->check(config, a, err);
}

static void warn_restart(const char *key, struct str before, struct str now)
{
	if (!str_eq(before, now))
		LOG(WARN, "master.needs_restart", LOG_C("key", key), LOG_STR("in_force", before),
			LOG_STR("wanted", now));
}

static void warn_restarts(const struct config *before, const struct config *now)
{
	warn_restart("server.listen", before->server.listen, now->server.listen);
	warn_restart("server.socket_mode", before->server.socket_mode, now->server.socket_mode);
	warn_restart("server.socket_group", before->server.socket_group, now->server.socket_group);
	warn_restart("server.user", before->server.user, now->server.user);
	warn_restart("server.pid_file", before->server.pid_file, now->server.pid_file);
}

/* The log is opened again on each SIGHUP, even when the configuration is refused: log rotation sends the signal only for
 * that. */
static void reopen_log(const struct config *config, struct arena *a)
{
	struct error err = ERROR_INIT;
	if (!open_log(config, a, &err))
		LOG(ERROR, "master.log_not_reopened", LOG_C("reason", reason(&err)));
}

static void forget(struct arena *a)
{
	/* arena_reset overwrites what the configuration contained. */
	arena_reset(a);
	arena_free(a);
}

/* Frees the old configuration once the workers of the new one have taken over. Until then it is needed, because old
 * workers that die are replaced under it. */
static void settle(struct master *m)
{
	if (!m->next_arena || supervisor_is_renewing(&m->workers))
		return;
	forget(m->arena);
	m->arena = m->next_arena;
	m->config = m->next_config;
	m->next_arena = NULL;
	m->next_config = NULL;
	supervisor_hurry(&m->workers);
	LOG(INFO, "master.handed_over", LOG_INT("generation", m->workers.crew.generation));
}

/* For the workers, who tell of it, and for the service manager, on one line, because a line break ends what that is told.
 * "": the last reload was not refused. */
static void note_refusal(struct master *m, const char *why)
{
	m->workers.board->is_reload_refused = why[0] != '\0';
	snprintf(m->refusal, sizeof(m->refusal), "%.*s", (int)sizeof(m->refusal) - 1, why);
	for (char *at = m->refusal; *at; at++)
		*at = *at == '\n' ? ' ' : *at;
}

static void reload(struct master *m)
{
	struct error err = ERROR_INIT;
	struct arena *newest_arena = m->next_arena ? m->next_arena : m->arena;
	const struct config *newest = m->next_arena ? m->next_config : m->config;
	struct arena *arena = arena_new(CONFIG_POOL);
	struct config *config = ARENA_NEW(arena, struct config);
	if (!config_load(config, arena, m->pool->config_path, &err) || !check(m, config, arena, &err)) {
		reopen_log(newest, newest_arena);
		LOG(ERROR, "master.reload_refused", LOG_C("reason", reason(&err)));
		m->workers.board->reloads_refused++;
		note_refusal(m, reason(&err));
		forget(arena);
		return;
	}
	reopen_log(config, arena);
	warn_restarts(newest, config);
	supervisor_renew(&m->workers, config);
	note_refusal(m, "");
	m->workers.board->reloads++;
	web_server_forget(&m->workers.board->web_server);
	if (m->next_arena)
		forget(m->next_arena);
	m->next_arena = arena;
	m->next_config = config;
	LOG(INFO, "master.reloaded", LOG_INT("generation", m->workers.coming.generation),
		LOG_INT("workers", config->server.workers));
}

/* Replaces all workers under the configuration in force, because what they read at their start has changed. */
static void take_news(struct master *m)
{
	struct error err = ERROR_INIT;
	const struct config *newest = m->next_arena ? m->next_config : m->config;
	struct arena *scratch = arena_new(CONFIG_POOL);
	if (check(m, newest, scratch, &err)) {
		supervisor_renew(&m->workers, newest);
		LOG(INFO, "master.renewed", LOG_INT("generation", m->workers.coming.generation));
	} else {
		LOG(ERROR, "master.renewal_refused", LOG_C("reason", reason(&err)));
	}
	forget(scratch);
	m->workers.has_news = false;
}

/* ---- start and end ---- */

static void block_signals(struct master *m)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGCHLD };
	sigemptyset(&m->signals);
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		sigaddset(&m->signals, ours[i]);
	/* A launcher that ignores SIGCHLD would pass that on to us, and waitpid would not report the workers' ends. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
		sigprocmask(SIG_BLOCK, &m->signals, NULL) != 0)
		BUG("signals cannot be set up: %s", strerror(errno));
}

static bool write_pid_file(struct master *m, struct error *err)
{
	struct str path = m->config->server.pid_file;
	char text[32];
	if (path.len >= sizeof(m->pid_file))
		return error_log(err, ERR_INTERNAL, "server.pid_file is too long");
	if (str_is_empty(path))
		return true;
	memcpy(m->pid_file, path.at, path.len);
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	int fd = open(m->pid_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool done = fd >= 0 && write(fd, text, (size_t)length) == length;
	if (!done) {
		error_log(err, ERR_INTERNAL, "cannot write the pid file \"%s\": %s", m->pid_file, strerror(errno));
		m->pid_file[0] = '\0';
	}
	if (fd >= 0)
		close(fd);
	return done;
}

static void remove_pid_file(const struct master *m)
{
	if (m->pid_file[0] && unlink(m->pid_file) != 0 && errno != ENOENT)
		LOG(WARN, "master.pid_file_stays", LOG_C("path", m->pid_file), LOG_C("reason", strerror(errno)));
}

static int refuse(const struct error *err, int status)
{
	fprintf(stderr, "tenantd: cannot start: %s\n", reason(err));
	return status;
}

static bool become_user(struct master *m, struct error *err)
{
	give_log(m);
	if (!privileges_drop(&m->user, err))
		return false;
	if (geteuid() == 0)
		LOG(WARN, "master.is_root", LOG_C("advice", "set server.user"));
	privileges_harden();
	return true;
}

/* Refuses whatever can be refused before the first fork. Returns 0 or the exit status. */
static int start(struct master *m)
{
	struct error err = ERROR_INIT;
	m->config = ARENA_NEW(m->arena, struct config);
	if (!config_load(m->config, m->arena, m->pool->config_path, &err) ||
		!open_log(m->config, m->arena, &err) || !account_find(&m->user, m->config->server.user, &err))
		return refuse(&err, EX_CONFIG);
	if ((m->listener = listener_open(m->config, &err)) < 0)
		return refuse(&err, EX_UNAVAILABLE);
	if (!write_pid_file(m, &err) || !become_user(m, &err))
		return refuse(&err, EX_UNAVAILABLE);
	if (!check(m, m->config, m->arena, &err))
		return refuse(&err, EX_CONFIG);
	return EX_OK;
}

static void finish(struct master *m)
{
	if (m->listener >= 0)
		listener_close(m->listener);
	remove_pid_file(m);
	if (m->next_arena)
		forget(m->next_arena);
	forget(m->arena);
}

/* ---- the loop ---- */

static void on_signal(struct master *m, int number)
{
	if (number == SIGHUP && !m->workers.draining) {
		systemd_tell("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_us());
		reload(m);
		systemd_tell("READY=1");
	}
	if ((number == SIGTERM || number == SIGINT || number == SIGUSR1) && !m->workers.draining) {
		LOG(INFO, "master.draining", LOG_INT("signal", number));
		systemd_tell("STOPPING=1");
		supervisor_drain(&m->workers);
	}
}

/* Tells the service manager what `systemctl status` shows, when that has changed, and gives it signs of life. */
static void report(struct master *m)
{
	char line[STATUS_MAX];
	int64_t now = clock_mono_us(), pulse = systemd_pulse_us();
	snprintf(line, sizeof(line), "%zu of %lld workers serve%s%s", supervisor_serving(&m->workers),
		(long long)m->config->server.workers, m->refusal[0] ? "; the last reload was refused: " : "",
		m->refusal);
	if (strcmp(line, m->told) != 0)
		systemd_tell("STATUS=%s", line);
	memcpy(m->told, line, sizeof(line));
	if (pulse > 0 && now >= m->pulse_us) {
		systemd_tell("WATCHDOG=1");
		m->pulse_us = now + pulse;
	}
}

/* The least of what the workers and the service manager need, in microseconds. */
static int64_t patience(const struct master *m, int64_t wait_us)
{
	int64_t pulse = m->pulse_us - clock_mono_us();
	if (systemd_pulse_us() == 0 || pulse > wait_us)
		return wait_us;
	return pulse > 0 ? pulse : 0;
}

static void supervise(struct master *m)
{
	supervisor_init(&m->workers, m->pool, m->config, m->listener);
	LOG(INFO, "master.started", LOG_STR("listen", m->config->server.listen),
		LOG_INT("workers", m->config->server.workers));
	systemd_tell("READY=1");
	for (;;) {
		supervisor_reap(&m->workers);
		if (m->workers.draining && supervisor_is_empty(&m->workers))
			break;
		if (m->workers.has_news && !m->workers.draining)
			take_news(m);
		int64_t wait_us = supervisor_tick(&m->workers);
		settle(m);
		report(m);
		wait_us = patience(m, wait_us);
		const struct timespec wait = { .tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000 };
		int number = sigtimedwait(&m->signals, NULL, &wait);
		if (number > 0)
			on_signal(m, number);
	}
	LOG(INFO, "master.stopped");
	supervisor_release(&m->workers);
}

int master_run(const struct pool *pool)
{
	struct master m = { .pool = pool, .listener = -1 };
	systemd_begin();
	block_signals(&m);
	m.arena = arena_new(CONFIG_POOL);
	int status = start(&m);
	if (status == EX_OK)
		supervise(&m);
	finish(&m);
	return status;
}
