/* Starts and ends the children that do errands. Must never do any of their work in the master. */
#include "pool/errand.h"

#include "core/clock.h"
#include "core/log.h"
#include "pool/listener.h"
#include "pool/privileges.h"
#include "pool/worker_signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECOND_US = 1000 * 1000, PAUSE_MOST_US = 60 * SECOND_US };

static NORETURN void live(const struct errand *e, const struct config *config, pid_t master)
{
	worker_signals_init();
	/* The master may have died between fork and prctl. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != master)
		_exit(0);
	(void)prctl(PR_SET_NAME, e->kind->name);
	privileges_hide_memory();
	listener_leave_lock();
	if (e->listener >= 0)
		close(e->listener);
	_exit(e->kind->run(config, e->number));
}

static void start(struct errand *e, const struct config *config, int64_t now)
{
	pid_t master = getpid();
	e->is_asked = false;
	pid_t pid = fork();
	if (pid == 0)
		live(e, config, master);
	if (pid < 0) {
		LOG(ERROR, "errand.fork_failed", LOG_C("reason", strerror(errno)));
		e->not_before_us = now + PAUSE_MOST_US;
		return;
	}
	e->pid = pid;
	e->killed = false;
	e->leave_by_us = now + e->kind->most_s * SECOND_US;
	e->begun_us = now;
}

/* By the interval that is in force now: a reload may have changed it. */
static int64_t due_us(const struct errand *e, const struct config *config)
{
	int64_t wait = e->kind->interval(config, e->number);
	int64_t (*pause)(const struct config *) = e->kind->pause;
	if (pause && e->pause_us > 0)
		return e->not_before_us;
	if (pause && e->is_asked && pause(config) < wait)
		wait = pause(config);
	int64_t due = e->begun_us == 0 ? 0 : e->begun_us + wait * SECOND_US;
	return due > e->not_before_us ? due : e->not_before_us;
}

void errand_tick(struct errand *e, const struct config *config, int64_t now, int64_t *next)
{
	if (e->pid == 0 && (e->draining || e->kind->interval(config, e->number) == 0))
		return;
	if (e->pid == 0 && now >= due_us(e, config))
		start(e, config, now);
	if (e->pid != 0 && now >= e->leave_by_us && !e->killed) {
		LOG(ERROR, "errand.watchdog", LOG_C("errand", e->kind->name), LOG_INT("child", e->pid));
		e->killed = kill(e->pid, SIGKILL) == 0;
	}
	int64_t then = e->pid == 0 ? due_us(e, config) : e->leave_by_us;
	if (!e->killed && then < *next)
		*next = then;
}

enum errand_end errand_ended(struct errand *e, pid_t pid, int status)
{
	if (pid != e->pid || pid == 0)
		return ERRAND_IS_ANOTHERS;
	bool has_news = WIFEXITED(status) && WEXITSTATUS(status) == ERRAND_NEWS;
	bool is_good = has_news || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
	e->pid = 0;
	e->pause_us = is_good ? 0 : e->pause_us == 0 ? SECOND_US : 2 * e->pause_us;
	if (e->pause_us > PAUSE_MOST_US)
		e->pause_us = PAUSE_MOST_US;
	e->not_before_us = clock_mono_us() + e->pause_us;
	if (!is_good)
		LOG(WARN, "errand.failed", LOG_C("errand", e->kind->name), LOG_INT("child", pid),
			LOG_INT(WIFSIGNALED(status) ? "signal" : "status",
				WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)),
			LOG_INT("pause_ms", e->pause_us / 1000));
	return has_news ? ERRAND_HAS_NEWS : is_good ? ERRAND_DONE : ERRAND_FAILED;
}

void errand_hurry(struct errand *e)
{
	e->begun_us = 0;
}

void errand_drain(struct errand *e, const struct config *config, int64_t now)
{
	e->draining = true;
	if (e->pid == 0)
		return;
	(void)kill(e->pid, SIGTERM);
	e->leave_by_us = now + config->server.drain_timeout * SECOND_US;
}
