/* A worker that serves stays until another one serves in its place: reloads and renewals whose new workers do not get
 * ready. */
#include "test_pool.h"

#include "pool/worker_signals.h"
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* The numbers of the configurations in these tests; they decide what the workers do. */
enum { GOOD = 1000, REFUSED = 2000, SILENT = 3000, DUE = 4000 };

static const char *mended; /* while this file stands, refused workers serve after all */

static void wait_in_state(const struct worker_birth *birth, enum worker_state state, bool ends_when_mended)
{
	birth->board->slots[birth->slot].state = (int)state;
	while (!worker_should_stop() && !(ends_when_mended && is_there(mended)))
		(void)ppoll(NULL, 0, &(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, worker_wait_mask());
}

static int live_by_the_word(const struct worker_birth *birth)
{
	int word = (int)birth->config->limits.lock_timeout;
	if (word / 1000 * 1000 == REFUSED)
		wait_in_state(birth, WORKER_REFUSING, true);
	if (word / 1000 * 1000 == SILENT)
		wait_in_state(birth, WORKER_STARTING, true);
	if (word == DUE) { /* from the beginning, and so is its successor */
		birth->board->slots[birth->slot].state = WORKER_IDLE;
		birth->board->slots[birth->slot].is_due = true;
	}
	return worker_should_stop() ? 0 : world_accept_loop(birth);
}

static void begin(struct world *w, int workers, int word)
{
	static char path[96];
	world_begin(w);
	snprintf(path, sizeof(path), "%s/mended", w->dir);
	mended = path;
	w->workers = workers;
	w->word = word;
	world_config(w, NULL);
	world_start(w, live_by_the_word);
	EVENTUALLY(log_count(w, "\"worker.started\"") >= workers);
}

static void reload(struct world *w, int word)
{
	int reloads = log_count(w, "\"master.reloaded\"");
	w->word = word;
	world_config(w, NULL);
	CU_ASSERT_EQUAL(kill(w->master, SIGHUP), 0);
	EVENTUALLY(log_count(w, "\"master.reloaded\"") == reloads + 1);
}

static bool answers_are(const struct world *w, int word, int processes)
{
	bool is_so = ask_number(w, "board", 2) == processes && ask_number(w, "board", 6) == 0;
	for (int i = 0; is_so && i < 20; i++)
		is_so = ask_number(w, "self", 1) == word;
	return is_so;
}

/* Twelve seconds: a silent worker counted as ready after ten. */
static void check_kept(int word)
{
	struct world w;
	begin(&w, 2, GOOD);
	pid_t first = next_birth(&w).pid, second = next_birth(&w).pid;
	reload(&w, word);
	EVENTUALLY(log_count(&w, "\"master.waits_for_successors\"") >= (word == SILENT ? 3 : 1));
	CU_ASSERT_TRUE(process_is_there(first) && process_is_there(second));
	for (int i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(ask_number(&w, "self", 1), GOOD);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 6), 2); /* who stays, for /metrics */
	CU_ASSERT_FALSE(log_has(&w, "\"worker.left\""));
	touch(mended);
	EVENTUALLY(answers_are(&w, word, 2));
	CU_ASSERT_FALSE(process_is_there(first) || process_is_there(second));
	CU_ASSERT_TRUE(log_has(&w, "\"master.handed_over\""));
	world_end(&w);
}

void reload_whose_workers_refuse_keeps_the_old_ones(void)
{
	check_kept(REFUSED);
}

void reload_whose_workers_are_silent_keeps_the_old_ones(void)
{
	check_kept(SILENT);
}

void fewer_workers_are_no_reason_to_dismiss_those_that_serve(void)
{
	struct world w;
	begin(&w, 3, GOOD);
	EVENTUALLY(ask_number(&w, "board", 2) == 3);
	w.workers = 1;
	reload(&w, REFUSED);
	EVENTUALLY(log_has(&w, "\"master.waits_for_successors\""));
	CU_ASSERT_EQUAL(ask_number(&w, "board", 2), 4);
	CU_ASSERT_FALSE(log_has(&w, "\"worker.left\""));
	touch(mended);
	EVENTUALLY(answers_are(&w, REFUSED, 1));
	world_end(&w);
}

void reload_while_another_waits_takes_its_place(void)
{
	struct world w;
	begin(&w, 2, GOOD);
	for (int i = 0; i < 4; i++) {
		reload(&w, REFUSED + i);
		/* Those that wait, and those that serve; whoever waited before has left. */
		EVENTUALLY(ask_number(&w, "board", 2) == 4);
		CU_ASSERT_EQUAL(ask_number(&w, "self", 1), GOOD);
	}
	reload(&w, GOOD + 1);
	EVENTUALLY(answers_are(&w, GOOD + 1, 2));
	CU_ASSERT_FALSE(log_has(&w, "\"worker.did_not_leave\""));
	world_end(&w);
}

void worker_that_dies_while_a_reload_waits_is_replaced_by_its_like(void)
{
	struct world w;
	begin(&w, 1, GOOD);
	pid_t old = next_birth(&w).pid;
	reload(&w, REFUSED);
	CU_ASSERT_EQUAL(kill(old, SIGKILL), 0);
	pid_t new = next_birth(&w).pid; /* only those that serve tell of their birth */
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), new);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 1), GOOD);
	touch(mended);
	EVENTUALLY(answers_are(&w, REFUSED, 1));
	world_end(&w);
}

/* The master is stopped before it looks at the scoreboard once more, so it learns only from the dead worker's slot that its
 * crew has served. */
void crew_whose_worker_was_not_seen_to_serve_is_kept_too(void)
{
	struct world w;
	begin(&w, 1, SILENT);
	touch(mended);
	pid_t old = next_birth(&w).pid;
	CU_ASSERT_EQUAL(kill(w.master, SIGSTOP), 0);
	unlink(mended);
	CU_ASSERT_EQUAL(kill(old, SIGKILL), 0);
	w.word = REFUSED;
	world_config(&w, NULL);
	CU_ASSERT_EQUAL(kill(w.master, SIGHUP), 0);
	CU_ASSERT_EQUAL(kill(w.master, SIGCONT), 0);
	EVENTUALLY(log_has(&w, "\"master.waits_for_successors\""));
	CU_ASSERT_FALSE(log_has(&w, "\"master.handed_over\""));
	touch(mended);
	EVENTUALLY(answers_are(&w, REFUSED, 1));
	world_end(&w);
}

void sigterm_ends_a_reload_that_waits(void)
{
	struct world w;
	begin(&w, 2, GOOD);
	reload(&w, REFUSED);
	EVENTUALLY(ask_number(&w, "board", 2) == 4);
	CU_ASSERT_EQUAL(kill(w.master, SIGTERM), 0);
	CU_ASSERT_EQUAL(world_wait_master(&w), 0);
	CU_ASSERT_FALSE(log_has(&w, "\"worker.did_not_leave\""));
	world_end(&w);
}

/* No worker has ever served, so there is nothing to preserve, and the new configuration may be the remedy. */
void reload_of_a_pool_that_never_served_replaces_it(void)
{
	struct world w;
	begin(&w, 2, REFUSED);
	reload(&w, REFUSED + 1);
	EVENTUALLY(log_count(&w, "\"worker.left\"") == 2);
	CU_ASSERT_FALSE(log_has(&w, "\"master.waits_for_successors\""));
	reload(&w, GOOD);
	EVENTUALLY(answers_are(&w, GOOD, 2));
	world_end(&w);
}

void worker_that_is_due_stays_until_its_successor_serves(void)
{
	struct world w;
	begin(&w, 1, DUE);
	/* A successor is due as soon as it serves: one after the other, and always somebody to ask. */
	pid_t before = next_birth(&w).pid;
	for (int i = 0; i < 5; i++) {
		CU_ASSERT_TRUE(ask_number(&w, "self", 0) > 0);
		pid_t after = next_birth(&w).pid;
		CU_ASSERT_NOT_EQUAL(after, before);
		EVENTUALLY(!process_is_there(before));
		before = after;
	}
	CU_ASSERT_FALSE(log_has(&w, "\"worker.died\""));
	world_end(&w);
}

static int wait_when_second(const struct worker_birth *birth)
{
	if (birth->slot > 0)
		wait_in_state(birth, WORKER_REFUSING, true);
	birth->board->slots[birth->slot].is_due = birth->slot == 0;
	return worker_should_stop() ? 0 : world_accept_loop(birth);
}

void worker_that_is_due_serves_on_when_its_successor_does_not(void)
{
	struct world w;
	char path[96];
	world_begin(&w);
	snprintf(path, sizeof(path), "%s/mended", w.dir);
	mended = path;
	w.workers = 1;
	world_config(&w, NULL);
	world_start(&w, wait_when_second);
	pid_t old = next_birth(&w).pid;
	EVENTUALLY(log_has(&w, "\"master.waits_for_successors\""));
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), old);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 6), 1);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 2), 2);
	touch(mended);
	EVENTUALLY(!process_is_there(old));
	CU_ASSERT_TRUE(ask_number(&w, "self", 0) > 0);
	world_end(&w);
}
