/* fcgi_io with several worker processes on one listener: which worker takes a connection when another one does not. */
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

/* Workers are started one after the other, because the kernel wakes the first of those that wait. */
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

/* From now on `pid` runs only while this process sleeps, so it notices several things that are done to it only together. */
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

/* ---- half a request ---- */

enum { HALVES = 16, PEER_MS = 2000, FEW_MS = 1000 };

/* Sends only a part of a request: a part of the headers, or all of them and a part of the body. */
static int send_half(struct crew *c, bool has_head)
{
	struct bytes params = { 0 };
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	param_usual(&params, "POST", "/v1/x", "1000");
	record_stream(&out, FCGI_PARAMS, 1, params.at, params.len);
	if (has_head)
		record_add(&out, FCGI_STDIN, 1, "begun", 5, 3);
	else
		out.len /= 2;
	bytes_release(&params);
	int fd = fcgi_connect(c->stage.path);
	CU_ASSERT_TRUE(fcgi_send(fd, &out));
	bytes_release(&out);
	return fd;
}

/* If they occupied workers, sixteen of them would hold two workers for eight times peer_timeout. */
static void check_that_halves_hold_nobody(bool has_head)
{
	struct crew c;
	struct fcgi_reply reply;
	int halves[HALVES];
	stage_open(&c.stage, SOCK_STREAM);
	c.stage.limits.peer_ms = PEER_MS;
	crew_begin(&c, 2);
	int64_t began = clock_mono_us();
	for (size_t i = 0; i < HALVES; i++)
		halves[i] = send_half(&c, has_head);
	for (int i = 0; i < 5; i++) {
		int64_t ms = ask(&c);
		CU_ASSERT_TRUE(ms >= 0 && ms < FEW_MS);
	}
	for (size_t i = 0; i < HALVES; i++) {
		fcgi_receive(halves[i], STAGE_PATIENT_MS, &reply);
		CU_ASSERT_TRUE(reply.closed || fcgi_is_closed(halves[i], STAGE_PATIENT_MS));
		CU_ASSERT_EQUAL(reply.status, has_head ? 408 : 0); /* whose head is whole is told */
		fcgi_reply_release(&reply);
		close(halves[i]);
	}
	int64_t took_ms = (clock_mono_us() - began) / 1000;
	CU_ASSERT_TRUE(took_ms >= PEER_MS && took_ms < PEER_MS * HALVES / 2);
	crew_close(&c);
}

static void half_a_head_holds_no_worker(void) /* T85, T86 */
{
	check_that_halves_hold_nobody(false);
}

static void half_a_body_holds_no_worker(void) /* T99 */
{
	check_that_halves_hold_nobody(true);
}

static void request_cut_at_every_byte_is_the_same_request(void)
{
	struct stage s;
	struct bytes params = { 0 }, all = { 0 };
	stage_open(&s, SOCK_STREAM);
	record_begin(&all, 7, FCGI_RESPONDER, FCGI_KEEP_CONN);
	param_usual(&params, "PUT", "/v1/x", "6");
	record_add(&all, FCGI_PARAMS, 7, params.at, 40, 3);
	record_add(&all, FCGI_PARAMS, 7, params.at + 40, params.len - 40, 1);
	record_add(&all, FCGI_PARAMS, 7, NULL, 0, 5);
	record_add(&all, FCGI_STDIN, 7, "abcd", 4, 4);
	record_add(&all, FCGI_STDIN, 7, "ef", 2, 0);
	record_add(&all, FCGI_STDIN, 7, NULL, 0, 2);
	for (int round = 0; round < 2; round++) { /* and once more on the connection that was kept */
		for (size_t i = 0; i < all.len; i++) {
			enum fcgi_got got;
			bytes_add(&out, all.at + i, 1);
			stage_send(&s, &out);
			do {
				arena_reset(arena);
				got = fcgi_next(s.fcgi, arena, 0, NULL, &s.req, &s.err);
			} while (i == all.len - 1 && got == FCGI_GOT_NOTHING);
			CU_ASSERT_EQUAL_FATAL(got, i < all.len - 1 ? FCGI_GOT_NOTHING : FCGI_GOT_REQUEST);
		}
		CU_ASSERT_EQUAL(s.req.method, METHOD_PUT);
		CHECK_STR(s.req.path.raw, "/v1/x");
		CHECK_STR(s.req.headers[HEADER_HOST], "localhost");
		CHECK_STR(s.req.body, "abcdef");
		CU_ASSERT_TRUE(stage_answer(&s, STR("[]")));
	}
	bytes_release(&params);
	bytes_release(&all);
	stage_close(&s);
}

static void halves_are_dropped_when_they_become_too_many(void)
{
	enum { MANY = 24, FIT = 15 /* of a mebibyte each, and what else they need, in sixteen */ };
	struct stage s;
	int fds[MANY];
	char length[16];
	struct bytes params = { 0 };
	stage_open(&s, SOCK_STREAM);
	uint64_t before = stage_dropped();
	snprintf(length, sizeof(length), "%d", STAGE_BODY);
	for (size_t i = 0; i < MANY; i++) {
		record_begin(&out, 1, FCGI_RESPONDER, 0);
		param_usual(&params, "PUT", "/v1/x", length);
		record_stream(&out, FCGI_PARAMS, 1, params.at, params.len);
		record_add(&out, FCGI_STDIN, 1, "x", 1, 0);
		bytes_release(&params);
		stage_send(&s, &out);
		CU_ASSERT_EQUAL(fcgi_next(s.fcgi, arena, 1000, NULL, &s.req, &s.err), FCGI_GOT_NOTHING);
		fds[i] = s.client;
		s.client = -1;
	}
	CU_ASSERT_EQUAL(stage_dropped() - before, MANY - FIT);
	record_request(&out, 0, "GET", "/alive", STR(""));
	stage_send(&s, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CHECK_STR(s.req.path.raw, "/alive");
	for (size_t i = 0; i < MANY; i++)
		close(fds[i]);
	stage_close(&s);
}

const struct unit_test workers_tests[] = {
	TEST(request_is_not_lost_to_a_stopped_worker),
	TEST(request_is_not_lost_to_a_worker_killed_as_it_was_woken),
	TEST(half_a_head_holds_no_worker),
	TEST(half_a_body_holds_no_worker),
	TEST(request_cut_at_every_byte_is_the_same_request),
	TEST(halves_are_dropped_when_they_become_too_many),
};
const size_t workers_test_count = COUNT_OF(workers_tests);
