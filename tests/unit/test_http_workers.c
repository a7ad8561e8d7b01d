/* fcgi_io with several workers on one listener, each a process: who takes what, when others do not. */
#define _GNU_SOURCE 1 /* sched_setaffinity, SCHED_IDLE */

#include "core/clock.h"
#include "test_http.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CREW_MOST = 4, TRIES = 8, SOON_MS = 1250 /* five ticks of a worker that waits */ };

static struct bytes out;

struct crew {
	struct stage stage;
	pid_t pids[CREW_MOST];
	size_t count;
};

static NORETURN void serve(struct stage *s, int ready)
{
	s->fcgi = NULL;
	stage_restart(s);
	if (write(ready, "r", 1) != 1)
		_exit(1);
	close(ready);
	for (;;) {
		arena_reset(arena);
		s->err = (struct error)ERROR_INIT;
		if (fcgi_next(s->fcgi, arena, 1000, NULL, &s->req, &s->err) != FCGI_GOT_NOTHING)
			(void)stage_answer(s, STR("[1]"));
	}
}

/* One after the other: the kernel wakes the first of those that wait. */
static void crew_begin(struct crew *c, size_t count)
{
	char byte;
	int ends[2];
	fcgi_free(c->stage.fcgi); /* or this process were one of the crew */
	c->stage.fcgi = NULL;
	fflush(NULL);
	for (c->count = 0; c->count < count; c->count++) {
		CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
		c->pids[c->count] = fork();
		if (c->pids[c->count] == 0)
			serve(&c->stage, ends[1]);
		close(ends[1]);
		CU_ASSERT_EQUAL_FATAL(read(ends[0], &byte, 1), 1);
		close(ends[0]);
	}
}

static void crew_open(struct crew *c, size_t count)
{
	stage_open(&c->stage, SOCK_STREAM);
	crew_begin(c, count);
}

static void crew_close(struct crew *c)
{
	for (size_t i = 0; i < c->count; i++)
		kill(c->pids[i], SIGKILL);
	for (size_t i = 0; i < c->count; i++)
		waitpid(c->pids[i], NULL, 0);
	stage_close(&c->stage);
}

/* Waits until the process sleeps: a worker that has nothing to do. */
static void wait_until_idle(pid_t pid)
{
	char name[64], state = ' ';
	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	for (int64_t end = clock_mono_us() + STAGE_PATIENT_MS * 1000; state != 'S' && clock_mono_us() < end;) {
		FILE *stat = fopen(name, "r");
		if (!stat || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			state = ' ';
		if (stat)
			fclose(stat);
	}
	CU_ASSERT_EQUAL(state, 'S');
}

/* From now on `pid` runs only when this process sleeps: what is done to it in one go, it learns afterwards. */
static void slow_down(pid_t pid, const cpu_set_t *usual)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	for (size_t cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, usual))
			CPU_SET(cpu, &one);
	CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(one), &one), 0);
	CU_ASSERT_EQUAL(sched_setaffinity(pid, sizeof(one), &one), 0);
	CU_ASSERT_EQUAL(sched_setscheduler(pid, SCHED_IDLE, &(struct sched_param){ 0 }), 0);
}

/* How long a whole request waited for its answer, in ms; -1: there was none. */
static int64_t ask(struct crew *c)
{
	struct fcgi_reply reply;
	int64_t began = clock_mono_us();
	stage_hang_up(&c->stage);
	record_request(&out, 0, "GET", "/v1/x", STR(""));
	stage_send(&c->stage, &out);
	fcgi_receive(c->stage.client, STAGE_PATIENT_MS, &reply);
	int status = reply.ended ? reply.status : -1;
	fcgi_reply_release(&reply);
	return status == 200 ? (clock_mono_us() - began) / 1000 : -1;
}

/* The kernel wakes one worker for a connection. When that one never takes it, nobody else was told: the first worker is
 * told to stop and is woken before it does. */
static void check_that_others_take_over(int signal_number)
{
	cpu_set_t usual;
	CU_ASSERT_EQUAL_FATAL(sched_getaffinity(0, sizeof(usual), &usual), 0);
	for (int i = 0; i < TRIES; i++) {
		struct crew c;
		crew_open(&c, 3);
		for (size_t w = 0; w < c.count; w++)
			wait_until_idle(c.pids[w]);
		slow_down(c.pids[0], &usual);
		kill(c.pids[0], signal_number);
		for (int request = 0; request < 3; request++) {
			int64_t ms = ask(&c);
			CU_ASSERT_TRUE(ms >= 0 && ms < SOON_MS);
		}
		crew_close(&c);
		CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(usual), &usual), 0);
	}
}

static void request_is_not_lost_to_a_stopped_worker(void)
{
	check_that_others_take_over(SIGSTOP);
}

static void request_is_not_lost_to_a_worker_killed_as_it_was_woken(void)
{
	check_that_others_take_over(SIGKILL);
}

const struct unit_test workers_tests[] = {
	TEST(request_is_not_lost_to_a_stopped_worker),
	TEST(request_is_not_lost_to_a_worker_killed_as_it_was_woken),
};
const size_t workers_test_count = COUNT_OF(workers_tests);
