/* The queue of those who compute passwords (T103). Each worker of a real pool is a process; here they are threads. */
#include "test_pool.h"

#include "core/clock.h"
#include "core/limits.h"
#include "pool/hashing.h"

#include <poll.h>
#include <pthread.h>

enum { SLOTS = 8 };

struct queue {
	struct scoreboard *board;
	size_t most;
	_Atomic int inside, most_inside, let_in, turned_away;
};

struct one {
	struct queue *queue;
	size_t slot;
};

static void *compute(void *arg)
{
	struct one *one = arg;
	struct queue *q = one->queue;
	if (!hashing_begin(q->board, one->slot, q->most)) {
		q->turned_away++;
		return NULL;
	}
	int now = ++q->inside;
	if (now > q->most_inside)
		q->most_inside = now;
	q->let_in++;
	poll(NULL, 0, 20); /* what is computed takes a while */
	q->inside--;
	hashing_end(q->board, one->slot);
	return NULL;
}

void few_compute_passwords_at_once_and_a_flood_is_turned_away(void)
{
	struct queue q = { .board = scoreboard_new(SLOTS), .most = 2 };
	struct one all[SLOTS];
	pthread_t threads[SLOTS];
	q.board->slots_used = SLOTS;
	for (size_t i = 0; i < SLOTS; i++) {
		all[i] = (struct one){ &q, i };
		CU_ASSERT_FATAL(pthread_create(&threads[i], NULL, compute, &all[i]) == 0);
	}
	for (size_t i = 0; i < SLOTS; i++)
		pthread_join(threads[i], NULL);
	CU_ASSERT(q.most_inside <= 2);
	CU_ASSERT(q.let_in >= 2);
	CU_ASSERT_EQUAL(q.let_in + q.turned_away, SLOTS);
	scoreboard_free(q.board);
}

void who_is_held_up_while_it_takes_its_ticket_is_waited_for(void)
{
	struct scoreboard *board = scoreboard_new(SLOTS);
	board->slots_used = SLOTS;
	board->slots[0].hashing_ticket = HASHING_TAKES;
	CU_ASSERT_TRUE(hashing_begin(board, 1, 2));
	CU_ASSERT_FALSE(hashing_begin(board, 2, 2)); /* the first may come before it */
	board->slots[0].hashing_ticket = 3;
	CU_ASSERT_TRUE(hashing_begin(board, 2, 3));
	CU_ASSERT_EQUAL(board->slots[2].hashing_ticket, 4);
	scoreboard_free(board);
}

void who_comes_while_two_compute_and_two_wait_is_turned_away_at_once(void)
{
	struct scoreboard *board = scoreboard_new(SLOTS);
	board->slots_used = SLOTS;
	for (size_t i = 0; i < 4; i++)
		board->slots[i].hashing_ticket = 1;
	int64_t began = clock_mono_us();
	CU_ASSERT_FALSE(hashing_begin(board, 4, 2));
	CU_ASSERT(clock_mono_us() - began < LIMIT_HASHING_MS * 1000LL);
	CU_ASSERT_EQUAL(board->slots[4].hashing_ticket, 0);
	hashing_end(board, 0);
	hashing_end(board, 1);
	hashing_end(board, 2);
	CU_ASSERT_TRUE(hashing_begin(board, 4, 2));
	hashing_end(board, 4);
	scoreboard_free(board);
}

void a_quarter_of_the_workers_compute_and_one_at_least(void)
{
	CU_ASSERT_EQUAL(hashing_most(1), 1);
	CU_ASSERT_EQUAL(hashing_most(4), 1);
	CU_ASSERT_EQUAL(hashing_most(16), 4);
}
