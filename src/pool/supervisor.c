/*
 * Starts workers, watches them and collects those that ended; handover.c decides which worker leaves for which. Whether
 * a worker is alive is learned only from waitpid. What workers write on the scoreboard decides only when an old one may
 * leave and when a stuck one is killed. It must never load a configuration or open a socket.
 */
#include "pool/supervisor.h"

#include "handover.h"

#include "core/clock.h"
#include "core/log.h"
#include "pool/listener.h"
#include "pool/privileges.h"
#include "pool/worker_signals.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MS = 1000,
	BACKOFF_FIRST_US = 100 * MS,
	BACKOFF_MOST_US = 5000 * MS,
	YOUNG_US = 10000 * MS, /* a worker that dies younger than this makes the back-off grow */
	GRACE_US = 1000 * MS, /* after request_deadline, for the worker to end the request itself */
	ROUND_US = 1000 * MS /* how often the scoreboard is looked at when nothing else is due */
};

static void init_errands(struct supervisor *s, const struct pool *pool)
{
	for (size_t i = 0; i < pool->errand_kinds; i++)
		for (size_t number = 0; number < pool->errands[i].count; number++) {
			if (s->errand_count == ERRANDS_MOST)
				BUG("more than %d errands", ERRANDS_MOST);
			s->errands[s->errand_count++] =
				(struct errand){ .kind = &pool->errands[i], .number = number, .listener = s->listener };
		}
}

void supervisor_init(struct supervisor *s, const struct pool *pool, const struct config *config, int listener)
{
	*s = (struct supervisor){ .work = pool->worker, .listener = listener };
	init_errands(s, pool);
	s->crew.config = config;
	if (getrandom(s->pool_key, sizeof(s->pool_key), 0) != sizeof(s->pool_key))
		BUG("the kernel has no random bytes: %s", strerror(errno));
	s->board = scoreboard_new(SUPERVISOR_SLOTS);
	s->seen = seen_new();
}

void supervisor_release(struct supervisor *s)
{
	scoreboard_free(s->board);
	seen_free(s->seen);
}

/* The crew that a worker belongs to; NULL when that crew has been replaced. */
static struct crew *crew_of(struct supervisor *s, const struct child *child)
{
	if (s->crew.generation == child->generation)
		return &s->crew;
	return s->coming.config && s->coming.generation == child->generation ? &s->coming : NULL;
}

/* ---- starting a worker ---- */

/* The seat's last slot when it is free, else the first free one; SUPERVISOR_SLOTS when all are taken. */
static size_t find_slot(const struct supervisor *s, const struct seat *seat)
{
	if (seat->was_taken && s->children[seat->slot].pid == 0)
		return seat->slot;
	size_t i = 0;
	while (i < SUPERVISOR_SLOTS && s->children[i].pid != 0)
		i++;
	return i;
}

static NORETURN void live(const struct supervisor *s, const struct config *config, size_t slot, pid_t master)
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
	const struct worker_birth birth = { .config = config,
		.listener = s->listener,
		.board = s->board,
		.slot = slot,
		.seen = s->seen,
		.pool_key = s->pool_key };
	_exit(s->work(&birth));
}

static void clean_slot(struct slot *slot)
{
	slot->state = WORKER_NONE;
	slot->pid = 0;
	slot->busy_since_us = 0;
	slot->waiting_since_us = 0;
	slot->is_due = false;
	slot->turn = 0;
	slot->turn_since_us = 0;
	slot->hashing_ticket = 0;
	slot->started_us = 0;
}

static void back_off(struct seat *seat, int64_t now)
{
	seat->delay_us = seat->delay_us == 0 ? BACKOFF_FIRST_US : seat->delay_us * 2;
	if (seat->delay_us > BACKOFF_MOST_US)
		seat->delay_us = BACKOFF_MOST_US;
	seat->due_us = now + seat->delay_us;
}

static void fill_seat(struct supervisor *s, struct crew *crew, size_t number, int64_t now)
{
	struct seat *seat = &crew->seats[number];
	size_t at = find_slot(s, seat);
	if (at == SUPERVISOR_SLOTS)
		return; /* an old crew is still draining; the first of its workers to end makes room */
	struct slot *slot = &s->board->slots[at];
	slot->state = WORKER_STARTING;
	slot->started_us = now;
	if (s->board->slots_used <= at)
		s->board->slots_used = at + 1;

	pid_t master = getpid();
	pid_t pid = fork();
	if (pid == 0)
		live(s, crew->config, at, master);
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
	s->children[at] = (struct child){ .pid = pid,
		.seat = number,
		.generation = crew->generation,
		.started_us = now,
		.allowed_us = crew->config->limits.request_deadline * MS + GRACE_US };
	seat->taken = true;
	seat->was_taken = true;
	seat->slot = at;
	LOG(INFO, "worker.started", LOG_INT("worker", pid), LOG_INT("slot", at),
		LOG_INT("generation", crew->generation));
}

/* ---- the end of a worker ---- */

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
	note_who_serves(s); /* its slot still says whether it served */
	struct child child = s->children[at];
	s->children[at] = (struct child){ 0 };
	clean_slot(&s->board->slots[at]);

	int64_t delay_us = 0;
	struct crew *crew = crew_of(s, &child);
	if (crew && !child.has_successor && !s->draining) {
		struct seat *seat = &crew->seats[child.seat];
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

static void end_errand(struct supervisor *s, struct errand *e, pid_t pid, int status)
{
	enum errand_end end = errand_ended(e, pid, status);
	s->has_news = s->has_news || end == ERRAND_HAS_NEWS;
	if (!e->kind->pause || end == ERRAND_IS_ANOTHERS)
		return;
	atomic_fetch_add(end == ERRAND_HAS_NEWS ? &s->board->key_fetches_new
			: end == ERRAND_DONE            ? &s->board->key_fetches_same
											: &s->board->key_fetches_failed,
		1);
}

void supervisor_reap(struct supervisor *s)
{
	int status;
	pid_t pid;
	/* A launcher that has children of its own may exec us. Those children are collected and ignored. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < s->errand_count; i++)
			end_errand(s, &s->errands[i], pid, status);
		for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
			if (s->children[i].pid == pid)
				bury(s, i, status, clock_mono_us());
	}
}

/* ---- what a tick does ---- */

static void fill_seats(struct supervisor *s, struct crew *crew, int64_t now, int64_t *next)
{
	for (size_t i = 0; i < seats_wanted(s, crew); i++) {
		struct seat *seat = &crew->seats[i];
		if (seat->taken || seat->is_given_up)
			continue;
		if (seat->due_us <= now)
			fill_seat(s, crew, i, now);
		if (!seat->taken && seat->due_us > now && seat->due_us < *next)
			*next = seat->due_us;
	}
}

/* Kills workers that have been busy with one request, or waiting without looking around, for longer than a request may
 * take. A healthy worker that waits looks around far more often. Without this a worker that was stopped while it had a
 * connection would keep its slot and its peer for ever. */
static void watch(struct supervisor *s, int64_t now, int64_t *next)
{
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		struct child *child = &s->children[i];
		const struct slot *slot = &s->board->slots[i];
		int64_t busy = slot->busy_since_us;
		int64_t since = busy ? busy : slot->waiting_since_us;
		if (child->pid == 0 || child->killed || since == 0)
			continue;
		if (now - since < child->allowed_us) {
			if (since + child->allowed_us < *next)
				*next = since + child->allowed_us;
			continue;
		}
		s->board->watchdog_kills++;
		LOG(ERROR, "worker.watchdog", LOG_INT("worker", child->pid), LOG_INT("slot", i),
			LOG_INT(busy ? "busy_ms" : "silent_ms", (now - since) / MS));
		kill_child(child);
	}
}

static void tick_errands(struct supervisor *s, int64_t now, int64_t *next)
{
	uint32_t asked = atomic_exchange(&s->board->asked, 0);
	for (size_t i = 0; i < s->errand_count; i++) {
		struct errand *e = &s->errands[i];
		/* What is asked for while it is being done is forgotten: if it is still wanted then, it is asked for again. */
		if (e->kind->pause && e->pid == 0 && (asked >> e->number & 1) != 0)
			e->is_asked = true;
		errand_tick(e, s->crew.config, now, next);
	}
}

int64_t supervisor_tick(struct supervisor *s)
{
	int64_t now = clock_mono_us();
	int64_t next = now + ROUND_US;
	watch(s, now, &next);
	fill_seats(s, &s->crew, now, &next);
	fill_seats(s, &s->coming, now, &next);
	hand_over(s, now, &next);
	press_leavers(s, now, &next);
	tick_errands(s, now, &next);
	int64_t wait = next - clock_mono_us();
	return wait > 0 ? wait : 0;
}

/* ---- crews ---- */

void supervisor_hurry(struct supervisor *s)
{
	for (size_t i = 0; i < s->errand_count; i++)
		errand_hurry(&s->errands[i]);
}

bool supervisor_is_renewing(const struct supervisor *s)
{
	return s->coming.config != NULL;
}

struct crew *supervisor_newest(struct supervisor *s)
{
	return supervisor_is_renewing(s) ? &s->coming : &s->crew;
}

void supervisor_renew(struct supervisor *s, const struct config *config)
{
	uint64_t before = supervisor_newest(s)->generation;
	s->coming = (struct crew){ .config = config, .generation = before + 1 };
}

void supervisor_drain(struct supervisor *s)
{
	int64_t now = clock_mono_us();
	s->draining = true;
	for (size_t i = 0; i < s->errand_count; i++)
		errand_drain(&s->errands[i], s->crew.config, now);
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
		if (s->children[i].pid != 0)
			dismiss(s, i, now);
}

bool supervisor_is_empty(const struct supervisor *s)
{
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
		if (s->children[i].pid != 0)
			return false;
	for (size_t i = 0; i < s->errand_count; i++)
		if (s->errands[i].pid != 0)
			return false;
	return true;
}

size_t supervisor_serving(const struct supervisor *s)
{
	size_t count = 0;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++)
		count += s->children[i].pid != 0 && is_serving(s, i);
	return count;
}
