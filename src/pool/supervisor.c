/*
 * Forks, watches and dismisses workers. Believes only waitpid about life and death; what a worker writes
 * on the scoreboard decides when an old one may go and when a stuck one must, never more. Loads no
 * configuration and opens no socket.
 */
#include "pool/supervisor.h"

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

enum {
	MS = 1000,
	BACKOFF_FIRST_US = 100 * MS,
	BACKOFF_MOST_US = 5000 * MS,
	YOUNG_US = 10000 * MS, /* who dies younger makes the back-off grow */
	NUDGE_US = 200 * MS, /* a SIGTERM is repeated: one just before accept may go unseen */
	GRACE_US = 1000 * MS, /* beyond request_deadline, for the worker to end the request itself */
	ROUND_US = 1000 * MS, /* a look at the scoreboard when nothing else is due */
	HANDOVER_US = 20 * MS, /* the same while a generation takes over */
	STARTING_US = 10000 * MS /* who is silent longer counts as ready, or a reload would never end */
};

void supervisor_init(struct supervisor *s, const struct pool *pool, const struct config *config, int listener)
{
	*s = (struct supervisor){ .work = pool->worker, .config = config, .listener = listener };
	s->board = scoreboard_new(SUPERVISOR_SLOTS);
}

void supervisor_release(struct supervisor *s)
{
	scoreboard_free(s->board);
}

static size_t seats_wanted(const struct supervisor *s)
{
	int64_t workers = s->config->server.workers;
	if (s->draining || workers < 1)
		return 0;
	return workers > LIMIT_WORKERS ? LIMIT_WORKERS : (size_t)workers;
}

/* ---- one worker's birth ---- */

/* The seat's own slot when it is free, else the lowest free one; SUPERVISOR_SLOTS when all are taken. */
static size_t find_slot(const struct supervisor *s, const struct seat *seat)
{
	if (seat->was_taken && s->children[seat->slot].pid == 0)
		return seat->slot;
	size_t i = 0;
	while (i < SUPERVISOR_SLOTS && s->children[i].pid != 0)
		i++;
	return i;
}

static NORETURN void live(const struct supervisor *s, size_t slot, pid_t master)
{
	worker_signals_init();
	/* The master may have died between fork and prctl. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != master)
		_exit(0);
	(void)prctl(PR_SET_NAME, "tenantd-worker");
	privileges_hide_memory();
	listener_leave_lock();
	s->board->slots[slot].pid = getpid();
	metrics_use(&s->board->slots[slot].metrics);
	const struct worker_birth birth = {
		.config = s->config, .listener = s->listener, .board = s->board, .slot = slot
	};
	_exit(s->work(&birth));
}

static void clean_slot(struct slot *slot)
{
	slot->state = WORKER_NONE;
	slot->pid = 0;
	slot->busy_since_us = 0;
	slot->waiting_since_us = 0;
	slot->started_us = 0;
}

static void back_off(struct seat *seat, int64_t now)
{
	seat->delay_us = seat->delay_us == 0 ? BACKOFF_FIRST_US : seat->delay_us * 2;
	if (seat->delay_us > BACKOFF_MOST_US)
		seat->delay_us = BACKOFF_MOST_US;
	seat->due_us = now + seat->delay_us;
}

static void fill_seat(struct supervisor *s, size_t number, int64_t now)
{
	struct seat *seat = &s->seats[number];
	size_t at = find_slot(s, seat);
	if (at == SUPERVISOR_SLOTS)
		return; /* an old generation still drains; its first death makes room */
	struct slot *slot = &s->board->slots[at];
	slot->state = WORKER_STARTING;
	slot->started_us = now;
	if (s->board->slots_used <= at)
		s->board->slots_used = at + 1;

	pid_t master = getpid();
	pid_t pid = fork();
	if (pid == 0)
		live(s, at, master);
	if (pid < 0) {
		clean_slot(slot);
		back_off(seat, now);
		LOG(ERROR, "worker.fork_failed", LOG_C("reason", strerror(errno)),
			LOG_INT("delay_ms", seat->delay_us / MS));
		return;
	}
	slot->pid = pid;
	if (seat->was_taken)
		slot->respawns++;
	s->children[at] =
		(struct child){ .pid = pid, .seat = number, .generation = s->generation, .started_us = now };
	seat->taken = true;
	seat->was_taken = true;
	seat->slot = at;
	LOG(INFO, "worker.started", LOG_INT("worker", pid), LOG_INT("slot", at),
		LOG_INT("generation", s->generation));
}

/* ---- one worker's end ---- */

static void log_end(const struct child *child, int status, int64_t delay_us)
{
	bool is_signal = WIFSIGNALED(status);
	int number = is_signal ? WTERMSIG(status) : WEXITSTATUS(status);
	if (!is_signal && number == 0) {
		LOG(INFO, "worker.left", LOG_INT("worker", child->pid));
		return;
	}
	LOG(WARN, "worker.died", LOG_INT("worker", child->pid), LOG_INT(is_signal ? "signal" : "status", number),
		LOG_INT("delay_ms", delay_us / MS));
}

static void bury(struct supervisor *s, size_t at, int status, int64_t now)
{
	struct child child = s->children[at];
	s->children[at] = (struct child){ 0 };
	clean_slot(&s->board->slots[at]);

	int64_t delay_us = 0;
	if (child.generation == s->generation && !s->draining) {
		struct seat *seat = &s->seats[child.seat];
		bool is_normal = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		seat->taken = false;
		seat->due_us = now;
		if (is_normal || now - child.started_us >= YOUNG_US)
			seat->delay_us = 0;
		else
			back_off(seat, now);
		delay_us = seat->delay_us;
	}
	log_end(&child, status, delay_us);
}

void supervisor_reap(struct supervisor *s)
{
	int status;
	pid_t pid;
	/* Children that came with the process (a launcher may exec us with some) are reaped and forgotten. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
			if (s->children[i].pid == pid)
				bury(s, i, status, clock_mono_us());
	}
}

static void kill_child(struct child *child)
{
	if (!child->killed)
		(void)kill(child->pid, SIGKILL);
	child->killed = true;
}

static void dismiss(struct supervisor *s, size_t at, int64_t now)
{
	struct child *child = &s->children[at];
	if (child->leave_by_us != 0)
		return;
	child->leave_by_us = now + s->config->server.drain_timeout * 1000 * MS;
	(void)kill(child->pid, SIGTERM);
	s->nudge_us = now + NUDGE_US;
}

/* ---- what a tick does ---- */

static void fill_seats(struct supervisor *s, int64_t now, int64_t *next)
{
	for (size_t i = 0; i < seats_wanted(s); i++) {
		struct seat *seat = &s->seats[i];
		if (!seat->taken && seat->due_us <= now)
			fill_seat(s, i, now);
		if (!seat->taken && seat->due_us > now && seat->due_us < *next)
			*next = seat->due_us;
	}
}

static bool is_ready(const struct supervisor *s, size_t at, int64_t now)
{
	return s->board->slots[at].state != WORKER_STARTING || now - s->children[at].started_us >= STARTING_US;
}

/* The oldest worker that still serves from before this generation; SUPERVISOR_SLOTS when there is none. */
static size_t oldest_before(const struct supervisor *s)
{
	size_t found = SUPERVISOR_SLOTS;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		const struct child *child = &s->children[i];
		if (child->pid == 0 || child->leave_by_us != 0 || child->generation == s->generation)
			continue;
		if (found == SUPERVISOR_SLOTS || child->generation < s->children[found].generation)
			found = i;
	}
	return found;
}

/* Old ones go as new ones can answer in their place. */
static void hand_over(struct supervisor *s, int64_t now, int64_t *next)
{
	size_t ready = 0, old = 0;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		const struct child *child = &s->children[i];
		if (child->pid == 0 || child->leave_by_us != 0)
			continue;
		if (child->generation != s->generation)
			old++;
		else if (is_ready(s, i, now))
			ready++;
	}
	while (old > 0 && (s->draining || ready + old > seats_wanted(s))) {
		dismiss(s, oldest_before(s), now);
		old--;
	}
	if (old > 0 && now + HANDOVER_US < *next)
		*next = now + HANDOVER_US;
}

static void press_leavers(struct supervisor *s, int64_t now, int64_t *next)
{
	bool is_nudge = now >= s->nudge_us;
	bool is_any = false;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		struct child *child = &s->children[i];
		if (child->pid == 0 || child->leave_by_us == 0 || child->killed)
			continue;
		if (now >= child->leave_by_us) {
			LOG(WARN, "worker.did_not_leave", LOG_INT("worker", child->pid), LOG_INT("slot", i));
			kill_child(child);
			continue;
		}
		is_any = true;
		if (is_nudge)
			(void)kill(child->pid, SIGTERM);
		if (child->leave_by_us < *next)
			*next = child->leave_by_us;
	}
	if (is_nudge)
		s->nudge_us = now + NUDGE_US;
	if (is_any && s->nudge_us < *next)
		*next = s->nudge_us;
}

/* A request in hand has its deadline, and so has one that is being read. Who waits looks around far more often: a worker
 * that was stopped with a connection in hand would else sit in its slot for ever, and its peer with it. */
static void watch(struct supervisor *s, int64_t now, int64_t *next)
{
	int64_t allowed = s->config->limits.request_deadline * MS + GRACE_US;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		struct child *child = &s->children[i];
		const struct slot *slot = &s->board->slots[i];
		int64_t busy = slot->busy_since_us;
		int64_t since = busy ? busy : slot->waiting_since_us;
		if (child->pid == 0 || child->killed || since == 0)
			continue;
		if (now - since < allowed) {
			if (since + allowed < *next)
				*next = since + allowed;
			continue;
		}
		s->board->watchdog_kills++;
		LOG(ERROR, "worker.watchdog", LOG_INT("worker", child->pid), LOG_INT("slot", i),
			LOG_INT(busy ? "busy_ms" : "silent_ms", (now - since) / MS));
		kill_child(child);
	}
}

int64_t supervisor_tick(struct supervisor *s)
{
	int64_t now = clock_mono_us();
	int64_t next = now + ROUND_US;
	watch(s, now, &next);
	fill_seats(s, now, &next);
	hand_over(s, now, &next);
	press_leavers(s, now, &next);
	int64_t wait = next - clock_mono_us();
	return wait > 0 ? wait : 0;
}

/* ---- generations ---- */

void supervisor_renew(struct supervisor *s, const struct config *config)
{
	int64_t now = clock_mono_us();
	s->config = config;
	s->generation++;
	for (size_t i = 0; i < LIMIT_WORKERS; i++)
		s->seats[i] = (struct seat){ .due_us = now };
}

void supervisor_drain(struct supervisor *s)
{
	int64_t now = clock_mono_us();
	s->draining = true;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
		if (s->children[i].pid != 0)
			dismiss(s, i, now);
}

bool supervisor_is_empty(const struct supervisor *s)
{
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
		if (s->children[i].pid != 0)
			return false;
	return true;
}
