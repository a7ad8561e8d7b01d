/* A queue without a lock: each worker writes its own slot before it reads the others (as in turns.c), and who is first
 * follows from the times, so that all workers see the same order. */
#include "pool/hashing.h"

#include "core/clock.h"
#include "core/limits.h"

#include <poll.h>

enum { LOOK_MS = 5 };

static size_t count_before(const struct scoreboard *board, size_t slot, int64_t since)
{
	size_t count = 0, used = board->slots_used;
	for (size_t i = 0; i < used; i++) {
		int64_t other = board->slots[i].hashing_since_us;
		if (i != slot && other != 0 && (other < since || (other == since && i < slot)))
			count++;
	}
	return count;
}

bool hashing_begin(struct scoreboard *board, size_t slot, size_t most)
{
	int64_t now = clock_mono_us();
	board->slots[slot].hashing_since_us = now;
	size_t before = count_before(board, slot, now);
	if (before < 2 * most) {
		for (int64_t waited = 0; waited < LIMIT_HASHING_MS; waited += LOOK_MS) {
			if (count_before(board, slot, now) < most)
				return true;
			poll(NULL, 0, LOOK_MS);
		}
	}
	hashing_end(board, slot);
	return false;
}

void hashing_end(struct scoreboard *board, size_t slot)
{
	board->slots[slot].hashing_since_us = 0;
}

size_t hashing_most(size_t workers)
{
	return workers < 8 ? 1 : workers / 4;
}
