/* SIGHUP: what happens to the old and new workers, the socket, the log and the peers. */
#include "test_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* Asks without pause until told to stop, and counts those who got no answer. */
struct crowd {
	const struct world *w;
	atomic_bool enough;
	_Atomic long asked, failed;
};

static void *ask_on(void *of)
{
	struct crowd *crowd = of;
	char answer[ANSWER];
	while (!crowd->enough) {
		if (!ask(crowd->w, "self", answer))
			crowd->failed++;
		crowd->asked++;
	}
	return NULL;
}

/* True when there are as many processes as configured and the workers answer with the new number. */
static bool generation_is(const struct world *w, int word, int workers)
{
	bool is_so = ask_number(w, "board", 2) == workers;
	for (int i = 0; is_so && i < 20; i++)
		is_so = ask_number(w, "self", 1) == word;
	return is_so;
}

static void reload(struct world *w, int word)
{
	w->word = word;
	world_config(w, NULL);
	CU_ASSERT_EQUAL(kill(w->master, SIGHUP), 0);
}

void reload_refuses_no_connection(void)
{
	struct world w;
	struct crowd crowd = { .w = &w };
	pthread_t askers[3];
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	for (size_t i = 0; i < COUNT_OF(askers); i++)
		CU_ASSERT_EQUAL(pthread_create(&askers[i], NULL, ask_on, &crowd), 0);
	for (int word = 1001; word <= 1005; word++) {
		reload(&w, word);
		EVENTUALLY(ask_number(&w, "board", 1) == word - 1000);
		EVENTUALLY(generation_is(&w, word, 2));
	}
	crowd.enough = true;
	for (size_t i = 0; i < COUNT_OF(askers); i++)
		pthread_join(askers[i], NULL);
	CU_ASSERT_TRUE(crowd.asked > 100);
	CU_ASSERT_EQUAL(crowd.failed, 0);
	CU_ASSERT_FALSE(log_has(&w, "\"worker.died\""));
	world_end(&w);
}

void reload_lets_the_old_worker_finish(void)
{
	struct world w;
	char answer[ANSWER];
	pid_t old = world_of_one(&w);
	int fd = hold(&w, "hold");
	reload(&w, 1001);
	pid_t new = next_birth(&w).pid;
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), new);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 2), 2);
	CU_ASSERT_TRUE(let_go(fd, answer));
	CU_ASSERT_EQUAL(strtol(answer, NULL, 10), old);
	CU_ASSERT_PTR_NOT_NULL(strstr(answer, " 1000"));
	EVENTUALLY(generation_is(&w, 1001, 1));
	world_end(&w);
}

void reload_changes_the_number_of_workers(void)
{
	struct world w;
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	w.workers = 5;
	reload(&w, 1001);
	EVENTUALLY(ask_number(&w, "board", 1) == 1);
	EVENTUALLY(generation_is(&w, 1001, 5));
	w.workers = 1;
	reload(&w, 1002);
	EVENTUALLY(ask_number(&w, "board", 1) == 2);
	EVENTUALLY(generation_is(&w, 1002, 1));
	world_end(&w);
}

void reload_of_a_broken_configuration_keeps_the_old(void)
{
	struct world w;
	pid_t old = world_of_one(&w);
	w.word = 1001;
	world_config(&w, "[nonsense]\nkey = value\n");
	kill(w.master, SIGHUP);
	EVENTUALLY(log_has(&w, "\"master.reload_refused\""));
	CU_ASSERT_TRUE(log_has(&w, "nonsense"));
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), old);
	/* Its successor is born from the old configuration too. */
	CU_ASSERT_EQUAL(ask_number(&w, "leave", 0), old);
	EVENTUALLY(ask_number(&w, "self", 0) != old);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 1), 1000);
	CU_ASSERT_EQUAL(ask_number(&w, "board", 1), 0);
	reload(&w, 1002);
	EVENTUALLY(ask_number(&w, "board", 1) == 1);
	EVENTUALLY(generation_is(&w, 1002, 1));
	world_end(&w);
}

void reload_that_the_check_refuses_keeps_the_old(void)
{
	struct world w;
	world_begin(&w);
	w.workers = 1;
	world_config(&w, NULL);
	world_start(&w, NULL);
	touch(w.refusal);
	reload(&w, 1001);
	EVENTUALLY(log_has(&w, "the check says no"));
	CU_ASSERT_EQUAL(ask_number(&w, "self", 1), 1000);
	unlink(w.refusal);
	reload(&w, 1002);
	EVENTUALLY(ask_number(&w, "board", 1) == 1);
	EVENTUALLY(generation_is(&w, 1002, 1));
	world_end(&w);
}

/* Serves under the first configuration, dies at once under any later one. */
static int serve_only_the_first(const struct worker_birth *birth)
{
	return birth->config->limits.lock_timeout == 1000 ? world_accept_loop(birth) : 4;
}

void reload_whose_workers_do_not_start_keeps_the_old_ones(void)
{
	struct world w;
	world_begin(&w);
	w.workers = 1;
	world_config(&w, NULL);
	world_start(&w, serve_only_the_first);
	pid_t old = next_birth(&w).pid;
	reload(&w, 1001);
	EVENTUALLY(log_has(&w, "\"delay_ms\":400"));
	CU_ASSERT_EQUAL(ask_number(&w, "self", 0), old);
	CU_ASSERT_EQUAL(ask_number(&w, "self", 1), 1000);
	/* Mended, the next generation takes over without waiting for the back-off of the last. */
	reload(&w, 1000);
	EVENTUALLY(ask_number(&w, "board", 1) == 2);
	EVENTUALLY(ask_number(&w, "self", 0) != old);
	EVENTUALLY(generation_is(&w, 1000, 1));
	world_end(&w);
}

void reload_keeps_the_socket_when_listen_changed(void)
{
	struct world w;
	char elsewhere[128];
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	snprintf(elsewhere, sizeof(elsewhere), "unix:%s/other", w.dir);
	w.listen = elsewhere;
	reload(&w, 1001);
	EVENTUALLY(ask_number(&w, "board", 1) == 1);
	EVENTUALLY(generation_is(&w, 1001, 2));
	CU_ASSERT_TRUE(log_has(&w, "\"master.needs_restart\""));
	CU_ASSERT_TRUE(log_has(&w, "server.listen"));
	CU_ASSERT_FALSE(is_there(elsewhere + strlen("unix:")));
	world_end(&w);
	CU_ASSERT_FALSE(is_there(w.socket));
}

void reload_opens_the_log_again(void)
{
	struct world w;
	char rotated[128];
	world_begin(&w);
	world_config(&w, NULL);
	world_start(&w, NULL);
	snprintf(rotated, sizeof(rotated), "%s.1", w.log);
	CU_ASSERT_EQUAL(rename(w.log, rotated), 0);
	reload(&w, 1001);
	EVENTUALLY(log_has(&w, "\"master.reloaded\""));
	CU_ASSERT_EQUAL(rename(w.log, rotated), 0);
	world_config(&w, "[nonsense]\nkey = value\n");
	kill(w.master, SIGHUP);
	EVENTUALLY(log_has(&w, "\"master.reload_refused\""));
	world_end(&w);
}

void many_reloads_at_once_end_in_one_generation(void)
{
	struct world w;
	int fds[4];
	char answer[ANSWER];
	world_begin(&w);
	w.workers = 2;
	world_config(&w, NULL);
	world_start(&w, NULL);
	for (int i = 0; i < (int)COUNT_OF(fds); i++) {
		fds[i] = hold(&w, "hold");
		reload(&w, 1001 + i);
		EVENTUALLY(ask_number(&w, "board", 1) == i + 1);
	}
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		CU_ASSERT_TRUE(let_go(fds[i], answer));
	}
	EVENTUALLY(generation_is(&w, 1004, 2));
	world_end(&w);
}
