/* The shared mapping. The master makes it once before the first fork; it never grows, and it is gone with the last
 * process that has it. Pages that were never used take no memory, so there can be many slots. */
#include "pool/scoreboard.h"

#include "core/base.h"
#include <assert.h>
#include <sys/mman.h>

struct scoreboard *scoreboard_new(size_t slots)
{
	size_t size;
	if (__builtin_mul_overflow(slots, sizeof(struct slot), &size) ||
		__builtin_add_overflow(size, sizeof(struct scoreboard), &size))
		BUG("%zu slots are too many", slots);
	struct scoreboard *board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		out_of_memory();
	board->slot_count = slots;
	return board;
}

void scoreboard_free(struct scoreboard *board)
{
	munmap(board, sizeof(struct scoreboard) + board->slot_count * sizeof(struct slot));
}

const char *worker_state_name(enum worker_state s)
{
	static const char *const names[] = {
		[WORKER_NONE] = "none",
		[WORKER_STARTING] = "starting",
		[WORKER_REFUSING] = "refusing",
		[WORKER_IDLE] = "idle",
		[WORKER_BUSY] = "busy",
		[WORKER_DRAINING] = "draining",
	};
	static_assert(COUNT_OF(names) == WORKER_STATE_COUNT, "every state has a name");
	return (size_t)s < COUNT_OF(names) ? names[s] : "unknown";
}
