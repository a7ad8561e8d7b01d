/*
 * Replaces workers. Whatever the reason, a worker that serves stays until another one serves in its place. A new worker
 * that has not reported, or that the isolation gate keeps out, does not count as serving. Nothing is forked here.
 */
#include "handover.h"

#include "core/log.h"
#include <signal.h>

enum {
	MS = 1000,
	NUDGE_US = 200 * MS, /* how often SIGTERM is repeated: one just before accept may go unnoticed */
	HANDOVER_US = 20 * MS, /* how often the scoreboard is looked at while a worker is to be replaced */
	LONG_US = 1000 * MS, /* a replacement that takes longer than this is logged */
	HANDOVER_LONG_US = 200 * MS, /* how often the scoreboard is looked at after that */
	TELL_US = 5000 * MS /* how often it is logged again */
};

size_t seats_wanted(const struct supervisor *s, const struct crew *crew)
{
	if (s->draining || !crew->config || crew->config->server.workers < 1)
		return 0;
	int64_t workers = crew->config->server.workers;
	return workers > LIMIT_WORKERS ? LIMIT_WORKERS : (size_t)workers;
}

void kill_child(struct child *child)
{
	if (!child->killed)
		(void)kill(child->pid, SIGKILL);
	child->killed = true;
}

void dismiss(struct supervisor *s, size_t at, int64_t now)
{
	struct child *child = &s->children[at];
	if (child->leave_by_us != 0)
		return;
	child->leave_by_us = now + supervisor_newest(s)->config->server.drain_timeout * 1000 * MS;
	(void)kill(child->pid, SIGTERM);
	s->nudge_us = now + NUDGE_US;
}

void press_leavers(struct supervisor *s, int64_t now, int64_t *next)
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

/* ---- which workers there are ---- */

static bool is_staying(const struct child *child)
{
	return child->pid != 0 && child->leave_by_us == 0;
}

bool is_serving(const struct supervisor *s, size_t at)
{
	int state = s->board->slots[at].state;
	return state == WORKER_IDLE || state == WORKER_BUSY;
}

void note_who_serves(struct supervisor *s)
{
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		struct child *child = &s->children[i];
		if (child->pid == 0 || !is_serving(s, i))
			continue;
		child->has_served = true;
		s->crew.has_served |= child->generation == s->crew.generation;
		s->coming.has_served |= child->generation == s->coming.generation;
	}
}

struct tally {
	size_t ready; /* workers of the newest crew that can take the place of an old one */
	size_t old; /* workers of earlier crews */
	size_t renewed; /* workers of the newest crew whose successor does not serve yet */
};

/* Counts the workers. When an old worker has ever served, only a new one that serves can replace it. When none has (the
 * database could not be reached from the start), there is nothing to preserve and the new configuration may be the
 * remedy, so a new worker that refuses is enough. */
static struct tally take_stock(struct supervisor *s)
{
	uint64_t newest = supervisor_newest(s)->generation;
	struct tally t = { 0 };
	size_t refusing = 0;
	bool is_any_worth = supervisor_is_renewing(s) && s->crew.has_served;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		const struct child *child = &s->children[i];
		if (!is_staying(child))
			continue;
		if (child->generation != newest) {
			t.old++;
			is_any_worth |= child->has_served;
			continue;
		}
		t.ready += is_serving(s, i);
		t.renewed += child->has_successor;
		refusing += s->board->slots[i].state == WORKER_REFUSING;
	}
	t.ready += is_any_worth ? 0 : refusing;
	return t;
}

/* ---- which workers leave ---- */

/* The worker of an earlier crew that leaves first: one that does not serve before one that does, then the oldest crew. */
static size_t first_to_go(const struct supervisor *s, uint64_t newest)
{
	size_t found = SUPERVISOR_SLOTS;
	bool is_found_serving = false;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		const struct child *child = &s->children[i];
		if (!is_staying(child) || child->generation == newest)
			continue;
		bool serves = is_serving(s, i);
		if (found == SUPERVISOR_SLOTS || (is_found_serving && !serves) ||
			(is_found_serving == serves && child->generation < s->children[found].generation)) {
			found = i;
			is_found_serving = serves;
		}
	}
	return found;
}

static void replace_one(struct supervisor *s, int64_t now)
{
	size_t at = first_to_go(s, supervisor_newest(s)->generation);
	const struct child *child = &s->children[at];
	if (child->generation == s->crew.generation && !child->has_successor)
		s->crew.seats[child->seat].is_given_up = true;
	dismiss(s, at, now);
}

/* Dismisses workers that never served and whose crew was replaced before it took over. */
static void dismiss_strays(struct supervisor *s, int64_t now)
{
	uint64_t newest = supervisor_newest(s)->generation;
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		const struct child *child = &s->children[i];
		if (is_staying(child) && !child->has_served && child->generation != newest &&
			child->generation != s->crew.generation)
			dismiss(s, i, now);
	}
}

static bool successor_serves(const struct supervisor *s, const struct child *of)
{
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		const struct child *child = &s->children[i];
		if (is_staying(child) && child != of && child->generation == of->generation &&
			child->seat == of->seat && is_serving(s, i))
			return true;
	}
	return false;
}

/* Workers that ask for a successor (max_requests, max_age) get one and leave when it serves. Workers of an old crew are
 * being replaced already. */
static void renew_the_due(struct supervisor *s, int64_t now)
{
	struct crew *crew = supervisor_newest(s);
	for (size_t i = 0; i < SUPERVISOR_SLOTS; i++) {
		struct child *child = &s->children[i];
		if (!is_staying(child) || child->generation != crew->generation || !s->board->slots[i].is_due)
			continue;
		if (!child->has_served) {
			dismiss(s, i, now); /* it never served, so its seat may be empty for a moment */
		} else if (!child->has_successor) {
			child->has_successor = true;
			crew->seats[child->seat].taken = false;
			crew->seats[child->seat].due_us = now;
		} else if (successor_serves(s, child)) {
			dismiss(s, i, now);
		}
	}
}

/* Logs that workers stay because their successors do not serve, but not at once and not all the time. */
static void tell(struct supervisor *s, const struct tally *t, int64_t now)
{
	size_t kept = t->old + t->renewed;
	const struct crew *crew = supervisor_newest(s);
	s->board->overdue = kept;
	if (kept == 0 || s->kept_since_us == 0)
		s->kept_since_us = kept == 0 ? 0 : now;
	if (kept == 0 || now - s->kept_since_us < LONG_US || now < s->tell_us)
		return;
	s->tell_us = now + TELL_US;
	LOG(WARN, "master.waits_for_successors", LOG_INT("kept", kept), LOG_INT("ready", t->ready),
		LOG_INT("wanted", seats_wanted(s, crew)), LOG_INT("generation", crew->generation),
		LOG_C("advice", "see worker.refuses and worker.died for what keeps them from serving"));
}

void hand_over(struct supervisor *s, int64_t now, int64_t *next)
{
	if (s->draining)
		return;
	note_who_serves(s);
	dismiss_strays(s, now);
	renew_the_due(s, now);
	struct tally t = take_stock(s);
	size_t wanted = seats_wanted(s, supervisor_newest(s));
	for (; t.ready > 0 && t.old > 0 && t.ready + t.old > wanted; t.old--)
		replace_one(s, now);
	if (supervisor_is_renewing(s) && t.old == 0 && t.ready >= wanted) {
		s->crew = s->coming;
		s->coming = (struct crew){ 0 };
	}
	tell(s, &t, now);
	if (t.old + t.renewed == 0)
		return;
	int64_t look = now + (now - s->kept_since_us < LONG_US ? HANDOVER_US : HANDOVER_LONG_US);
	if (look < *next)
		*next = look;
}
