/*
 * Counts how many workers are busy for a tenant. It needs no lock: each worker writes its own slot before it reads the
 * others, so when two begin at the same time at least one sees the other. A worker that is held up between its look at the
 * clock and its note can be one more than the share, and a tenant's note may be overwritten by that of another tenant with
 * the same place: both only make the sharing less fair for a moment. (hashing.c, whose bound must hold, gives out tickets.)
 */
#include "pool/turns.h"

#include "core/limits.h"

static struct turn_note *note_of(struct scoreboard *board, uint64_t tenant)
{
	return &board->notes[tenant % TURN_NOTES];
}

static void make_strict(struct scoreboard *board, uint64_t tenant, int64_t now_us)
{
	struct turn_note *note = note_of(board, tenant);
	if (note->turn != tenant)
		note->same_as = 0;
	note->turn = tenant;
	note->strict_until_us = now_us + LIMIT_STRICT_MS * 1000;
}

static bool is_strict(struct scoreboard *board, uint64_t tenant, int64_t now_us)
{
	const struct turn_note *note = note_of(board, tenant);
	return note->turn == tenant && note->strict_until_us > now_us;
}

/* How many other workers run a request of this tenant that began before `before_us`. When it began exactly then, only
 * a worker in a lower slot counts, so that two that begin together do not both refuse. */
static size_t count_others(const struct scoreboard *board, size_t slot, uint64_t tenant, int64_t before_us)
{
	size_t count = 0, used = board->slots_used;
	for (size_t i = 0; i < used; i++) {
		int64_t since = board->slots[i].turn_since_us;
		if (i != slot && board->slots[i].turn == tenant && since != 0 &&
			(since < before_us || (since == before_us && i < slot)))
			count++;
	}
	return count;
}

bool turn_begin(struct scoreboard *board, size_t slot, uint64_t tenant, size_t share, int64_t now_us)
{
	const struct turn_note *note = note_of(board, tenant);
	struct slot *own = &board->slots[slot];
	if (share == 0)
		return true;
	if (note->turn == tenant && note->same_as != 0)
		tenant = note->same_as;
	own->turn = tenant;
	own->turn_since_us = now_us;
	bool strict = is_strict(board, tenant, now_us);
	if (count_others(board, slot, tenant, strict ? now_us : now_us - LIMIT_SLOW_MS * 1000) < share)
		return true;
	own->turn_since_us = 0;
	own->turn = 0;
	make_strict(board, tenant, now_us);
	return false;
}

void turn_answer(struct scoreboard *board, size_t slot, size_t share, int64_t now_us)
{
	struct slot *own = &board->slots[slot];
	uint64_t tenant = own->turn;
	int64_t slow_us = now_us - LIMIT_SLOW_MS * 1000;
	if (tenant == 0)
		return;
	if (own->turn_since_us < slow_us && count_others(board, slot, tenant, slow_us) >= share)
		make_strict(board, tenant, now_us);
	own->turn_since_us = now_us + LIMIT_SLOW_MS * 1000;
}

void turn_end(struct scoreboard *board, size_t slot)
{
	struct slot *own = &board->slots[slot];
	own->turn_since_us = 0;
	own->turn = 0;
}

void turn_same(struct scoreboard *board, uint64_t tenant, uint64_t as)
{
	struct turn_note *note = note_of(board, tenant);
	if (tenant == as || note->same_as == as)
		return;
	note->same_as = 0;
	note->turn = tenant;
	note->strict_until_us = 0;
	note->same_as = as;
}
