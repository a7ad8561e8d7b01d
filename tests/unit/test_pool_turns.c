/* How many workers a tenant may occupy (T133): the counting, at times that the tests choose. */
#include "test_pool.h"

#include "core/limits.h"
#include "pool/turns.h"

enum { SLOTS = 4, A = 11, B = 22, MS = 1000 };

static const int64_t START = 1000000 * (int64_t)MS;

static struct scoreboard *open_board(void)
{
	struct scoreboard *board = scoreboard_new(SLOTS);
	board->slots_used = SLOTS;
	return board;
}

static void end(struct scoreboard *board, size_t slot, size_t share, int64_t now_us)
{
	turn_answer(board, slot, share, now_us);
	turn_end(board, slot);
}

void quick_requests_of_one_tenant_may_have_every_worker(void)
{
	struct scoreboard *board = open_board();
	for (int round = 0; round < 100; round++) {
		int64_t now = START + round * LIMIT_SLOW_MS * MS;
		for (size_t i = 0; i < SLOTS; i++)
			CU_ASSERT_TRUE(turn_begin(board, i, A, 1, now));
		for (size_t i = 0; i < SLOTS; i++)
			end(board, i, 1, now + (LIMIT_SLOW_MS - 1) * MS);
	}
	scoreboard_free(board);
}

void slow_requests_have_their_share_and_others_the_rest(void)
{
	struct scoreboard *board = open_board();
	int64_t later = START + (LIMIT_SLOW_MS + 1) * MS;
	for (size_t i = 0; i < SLOTS - 1; i++)
		CU_ASSERT_TRUE(turn_begin(board, i, A, SLOTS - 1, START));
	CU_ASSERT_TRUE(turn_begin(board, SLOTS - 1, A, SLOTS - 1, START + 1)); /* none of them is slow yet */
	end(board, SLOTS - 1, SLOTS - 1, START + 2);
	CU_ASSERT_FALSE(turn_begin(board, SLOTS - 1, A, SLOTS - 1, later));
	CU_ASSERT_EQUAL(board->slots[SLOTS - 1].turn, 0);
	CU_ASSERT_TRUE(turn_begin(board, SLOTS - 1, B, SLOTS - 1, later));
	scoreboard_free(board);
}

void whoever_took_more_than_its_share_is_held_to_it_for_a_while(void)
{
	struct scoreboard *board = open_board();
	int64_t now = START;
	CU_ASSERT_TRUE(turn_begin(board, 0, A, 1, now));
	CU_ASSERT_TRUE(turn_begin(board, 1, A, 1, now));
	now += 2 * LIMIT_SLOW_MS * MS;
	end(board, 0, 1, now);
	end(board, 1, 1, now);
	CU_ASSERT_TRUE(turn_begin(board, 0, A, 1, now));
	CU_ASSERT_FALSE(turn_begin(board, 1, A, 1, now)); /* at the same time, and the first has it */
	end(board, 0, 1, now);
	CU_ASSERT_TRUE(turn_begin(board, 1, B, 1, now));
	end(board, 1, 1, now);
	now += (LIMIT_STRICT_MS + 1) * MS;
	CU_ASSERT_TRUE(turn_begin(board, 0, A, 1, now));
	CU_ASSERT_TRUE(turn_begin(board, 1, A, 1, now));
	scoreboard_free(board);
}

void two_names_of_a_tenant_have_one_share(void)
{
	struct scoreboard *board = open_board();
	int64_t later = START + (LIMIT_SLOW_MS + 1) * MS;
	enum { SLUG = 33 };
	turn_same(board, SLUG, A);
	CU_ASSERT_TRUE(turn_begin(board, 0, A, 1, START));
	CU_ASSERT_FALSE(turn_begin(board, 1, SLUG, 1, later));
	end(board, 0, 1, later);
	later += (LIMIT_STRICT_MS + 1) * MS;
	CU_ASSERT_TRUE(turn_begin(board, 0, SLUG, 1, later));
	CU_ASSERT_FALSE(turn_begin(board, 1, A, 1, later + (LIMIT_SLOW_MS + 1) * MS));
	scoreboard_free(board);
}

/* The client sends its next request as soon as it has the answer, perhaps before the worker comes to turn_end. */
void an_answered_request_does_not_count_against_the_next(void)
{
	struct scoreboard *board = open_board();
	int64_t now = START + 10 * LIMIT_SLOW_MS * MS;
	CU_ASSERT_TRUE(turn_begin(board, 0, A, 1, START));
	CU_ASSERT_FALSE(turn_begin(board, 1, A, 1, now)); /* from now on A is held to its share strictly */
	turn_answer(board, 0, 1, now);
	CU_ASSERT_TRUE(turn_begin(board, 1, A, 1, now + 1));
	turn_answer(board, 1, 1, now + 2);
	turn_end(board, 1);
	now += 2 * LIMIT_SLOW_MS * MS; /* the worker is still busy with sending: that counts */
	CU_ASSERT_FALSE(turn_begin(board, 1, A, 1, now));
	turn_end(board, 0);
	CU_ASSERT_TRUE(turn_begin(board, 1, A, 1, now + 1));
	scoreboard_free(board);
}

void without_a_share_there_is_no_bound(void)
{
	struct scoreboard *board = open_board();
	for (size_t i = 0; i < SLOTS; i++)
		CU_ASSERT_TRUE(turn_begin(board, i, A, 0, START + (int64_t)i * LIMIT_STRICT_MS * MS));
	for (size_t i = 0; i < SLOTS; i++)
		end(board, i, 0, START + SLOTS * LIMIT_STRICT_MS * MS);
	scoreboard_free(board);
}
