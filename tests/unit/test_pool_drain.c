/* How the pool ends: by a signal, when the drain timeout is over, and when the master dies. */
#include "test_pool.h"

#include "pool/worker_signals.h"
#include <signal.h>
#include <unistd.h>

void sigterm_drains_a_busy_worker(void)
{
	struct world w;
	char answer[ANSWER], lock[128];
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	snprintf(lock, sizeof(lock), "%s.lock", w.socket);
	int fd = hold(&w, "hold");
	CU_ASSERT_EQUAL(ask_number(&w, "board", 3), 2); /* the one that holds and the one that answers */
	kill(w.master, SIGTERM);
	EVENTUALLY(log_has(&w, "\"worker.left\"")); /* the idle one */
	CU_ASSERT_TRUE(process_is_there(w.master));
	CU_ASSERT_TRUE(let_go(fd, answer));
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_FALSE(is_there(w.socket));
	CU_ASSERT_FALSE(is_there(lock));
	CU_ASSERT_FALSE(is_there(w.pid_file));
	CU_ASSERT_FALSE(log_has(&w, "\"worker.died\""));
	CU_ASSERT_TRUE(log_has(&w, "\"master.stopped\""));
	world_end(&w);
}

void sigint_stops_idle_workers(void)
{
	struct world w;
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	int64_t begun = now_ms();
	kill(w.master, SIGINT);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_TRUE(now_ms() - begun < w.drain_s * 1000);
	CU_ASSERT_FALSE(log_has(&w, "\"worker.did_not_leave\""));
	world_end(&w);
}

static volatile sig_atomic_t told;
static const char *birth_mark; /* inherited by the worker */

static void count_told(int number)
{
	(void)number;
	told++;
}

/* Misses the first two SIGTERMs, as one just before accept may be missed. */
static int leave_when_told_thrice(const struct worker_birth *birth)
{
	struct sigaction action = { .sa_handler = count_told };
	sigaction(SIGTERM, &action, NULL);
	birth->board->slots[birth->slot].state = WORKER_IDLE;
	touch(birth_mark);
	while (told < 3)
		sigsuspend(worker_wait_mask());
	return 0;
}

void sigterm_is_said_again_until_it_is_heard(void)
{
	struct world w;
	char mark[96];
	world_begin(&w);
	w.workers = 1;
	world_config(&w, NULL);
	snprintf(mark, sizeof(mark), "%s/mark", w.dir);
	birth_mark = mark;
	world_start(&w, leave_when_told_thrice);
	EVENTUALLY(is_there(mark));
	kill(w.master, SIGTERM);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_FALSE(log_has(&w, "\"worker.did_not_leave\""));
	CU_ASSERT_TRUE(log_has(&w, "\"worker.left\""));
	world_end(&w);
}

void worker_that_does_not_leave_is_killed_at_the_drain_timeout(void)
{
	struct world w;
	char answer[ANSWER];
	world_begin(&w);
	w.drain_s = 1;
	world_config(&w, NULL);
	world_start(&w, NULL);
	int fd = hold(&w, "stick");
	int64_t begun = now_ms();
	kill(w.master, SIGTERM);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_TRUE(now_ms() - begun >= 1000);
	CU_ASSERT_FALSE(ask_end(fd, answer));
	CU_ASSERT_TRUE(log_has(&w, "\"worker.did_not_leave\""));
	CU_ASSERT_FALSE(is_there(w.socket));
	world_end(&w);
}

void workers_leave_when_the_master_dies(void)
{
	struct world w;
	char answer[ANSWER];
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	pid_t first = next_birth(&w).pid, second = next_birth(&w).pid;
	int fd = hold(&w, "hold");
	kill(w.master, SIGKILL);
	CU_ASSERT_EQUAL(world_wait_master(&w), 1000 + SIGKILL);
	EVENTUALLY(!process_is_there(first) || !process_is_there(second));
	/* The busy one finishes first. */
	CU_ASSERT_TRUE(let_go(fd, answer));
	EVENTUALLY(!process_is_there(first) && !process_is_there(second));
	world_end(&w);
}

void new_master_starts_beside_the_orphans_of_the_old(void)
{
	struct world w;
	char answer[ANSWER];
	pid_t old = world_of_one(&w);
	int fd = hold(&w, "hold");
	kill(w.master, SIGKILL);
	CU_ASSERT_EQUAL(world_wait_master(&w), 1000 + SIGKILL);
	CU_ASSERT_TRUE(process_is_there(old));
	/* Asked only now: until the new socket stands, the orphan's is at the path and nobody accepts there. */
	world_start_alone(&w);
	pid_t new = next_birth(&w).pid;
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), new);
	CU_ASSERT_TRUE(let_go(fd, answer));
	CU_ASSERT_EQUAL(strtol(answer, NULL, 10), old);
	EVENTUALLY(!process_is_there(old));
	world_end(&w);
}
