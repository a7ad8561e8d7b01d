/* A queue without a lock: Lamport's bakery algorithm (A New Solution of Dijkstra's Concurrent Programming Problem, CACM
 * 17(8), 1974), which lets in `most` instead of one. Whoever comes says that it takes a ticket before it looks at the
 * others', and each of them waits until it has one. So nobody who was held up in between comes with an earlier ticket than
 * those who were let in meanwhile, as would happen with times. */
#include "pool/hashing.h"

#include "core/limits.h"

#include <poll.h>

enum { LOOK_MS = 5 };

static int64_t take_ticket(struct scoreboard *board, size_t slot)
{
	int64_t last = 0;
	size_t used = board->slots_used;
	board->slots[slot].hashing_ticket = HASHING_TAKES;
	for (size_t i = 0; i < used; i++) {
		int64_t other = board->slots[i].hashing_ticket;
		last = other > last ? other : last;
	}
	board->slots[slot].hashing_ticket = last + 1;
	return last + 1;
}

/* Those who take a ticket just now count too. */
static size_t count_before(const struct scoreboard *board, size_t slot, int64_t ticket)
{
	size_t count = 0, used = board->slots_used;
	for (size_t i = 0; i < used; i++) {
		int64_t other = board->slots[i].hashing_ticket;
		if (i != slot && other != 0 && (other < ticket || (other == ticket && i < slot)))
			count++;
	}
	return count;
}

bool hashing_begin(struct scoreboard *board, size_t slot, size_t most)
{
	int64_t ticket = take_ticket(board, slot);
	if (count_before(board, slot, ticket) < 2 * most) {
		for (int64_t waited = 0; waited < LIMIT_HASHING_MS; waited += LOOK_MS) {
			if (count_before(board, slot, ticket) < most)
				return true;
			poll(NULL, 0, LOOK_MS);
		}
	}
	hashing_end(board, slot);
	return false;
}

void hashing_end(struct scoreboard *board, size_t slot)
{
	board->slots[slot].hashing_ticket = 0;
}

size_t hashing_most(size_t workers)
{
	return workers < 8 ? 1 : workers / 4;
}
