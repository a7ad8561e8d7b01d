/* fcgi_io with well-behaved peers: requests, bodies, kept connections, several peers, large answers. */
#define _GNU_SOURCE 1 /* memmem */

#include "core/clock.h"
#include "support/files.h"
#include "test_http.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct bytes out;
static struct fcgi_reply reply;

static void ask(struct stage *s, unsigned flags, const char *method, const char *uri, struct str body)
{
	record_request(&out, flags, method, uri, body);
	stage_send(s, &out);
}

/* Answers the request in hand and takes the answer's status as the client saw it. */
static int answered(struct stage *s, struct str body)
{
	CU_ASSERT_TRUE(stage_answer(s, body));
	fcgi_receive(s->client, 1000, &reply);
	CU_ASSERT_TRUE(reply.ended);
	CU_ASSERT_EQUAL(reply.protocol_status, 0);
	CHECK_STR(fcgi_reply_body(&reply), body.at);
	fcgi_reply_release(&reply);
	return reply.status;
}

static void request_is_read_and_answered(void)
{
	struct stage s;
	stage_open(&s, SOCK_STREAM);
	ask(&s, 0, "POST", "/v1/x?a=b", STR("{\"n\":1}"));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CU_ASSERT_EQUAL(s.req.method, METHOD_POST);
	CHECK_STR(s.req.path.raw, "/v1/x");
	CHECK_STR(s.req.body, "{\"n\":1}");
	CHECK_STR(s.req.headers[HEADER_HOST], "localhost");
	CHECK_STR(s.req.peer, "127.0.0.1");
	CU_ASSERT_EQUAL(answered(&s, STR("{}")), 200);
	CU_ASSERT_TRUE(fcgi_is_closed(s.client, 1000));
	stage_close(&s);
}

static void small_answer_is_one_write(void)
{
	struct stage s;
	stage_open(&s, SOCK_SEQPACKET);
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	getsockname(s.listener, (struct sockaddr *)&sa, &len);
	s.client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL_FATAL(connect(s.client, (struct sockaddr *)&sa, len), 0);
	ask(&s, 0, "GET", "/v1/x", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CU_ASSERT_TRUE(stage_answer(&s, STR("{\"n\":1}")));
	fcgi_receive(s.client, 1000, &reply);
	CU_ASSERT_TRUE(reply.ended);
	CU_ASSERT_EQUAL(reply.reads, 1);
	CU_ASSERT_EQUAL(reply.err.len, 0);
	fcgi_reply_release(&reply);
	stage_close(&s);
}

static void request_in_crumbs_is_the_same_request(void)
{
	struct stage s;
	struct bytes params = { 0 };
	stage_open(&s, SOCK_STREAM);
	record_begin(&out, 0x1234, FCGI_RESPONDER, 0);
	param_usual(&params, "PUT", "/v1/x", "3");
	for (size_t i = 0; i < params.len; i++)
		record_add(&out, FCGI_PARAMS, 0x1234, params.at + i, 1, (unsigned)i % 256);
	record_add(&out, FCGI_PARAMS, 0x1234, NULL, 0, 7);
	for (size_t i = 0; i < 3; i++)
		record_add(&out, FCGI_STDIN, 0x1234, &"abc"[i], 1, 255);
	record_add(&out, FCGI_STDIN, 0x1234, NULL, 0, 255);
	bytes_release(&params);
	stage_send(&s, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CHECK_STR(s.req.body, "abc");
	CU_ASSERT_EQUAL(s.req.method, METHOD_PUT);
	CU_ASSERT_TRUE(stage_answer(&s, STR("[]")));
	fcgi_receive(s.client, 1000, &reply);
	CU_ASSERT_EQUAL(reply.id, 0x1234);
	fcgi_reply_release(&reply);
	stage_close(&s);
}

static void kept_connection_carries_the_next_request(void)
{
	struct stage s;
	stage_open(&s, SOCK_STREAM);
	for (int i = 0; i < 3; i++) {
		ask(&s, FCGI_KEEP_CONN, "POST", "/v1/x", i % 2 ? STR("") : STR("body"));
		CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
		CU_ASSERT_EQUAL(answered(&s, STR("[1]")), 200);
		CU_ASSERT_FALSE(fcgi_is_closed(s.client, 0));
	}
	ask(&s, 0, "GET", "/v1/x", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CU_ASSERT_EQUAL(answered(&s, STR("[2]")), 200);
	CU_ASSERT_TRUE(fcgi_is_closed(s.client, 1000));
	stage_close(&s);
}

static void kept_and_silent_peers_hold_nobody_up(void) /* T85 */
{
	struct stage s;
	int silent[100], kept;
	stage_open(&s, SOCK_STREAM);
	s.limits.peer_ms = STAGE_PEER_MS;
	stage_restart(&s);
	ask(&s, FCGI_KEEP_CONN, "GET", "/first", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	kept = s.client;
	s.client = -1;
	for (size_t i = 0; i < COUNT_OF(silent) / 2; i++)
		silent[i] = fcgi_connect(s.path);
	int64_t began = clock_mono_us();
	ask(&s, 0, "GET", "/second", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CHECK_STR(s.req.path.raw, "/second");
	CU_ASSERT_TRUE(clock_mono_us() - began < (int64_t)COUNT_OF(silent) / 4 * STAGE_PEER_MS * 1000);
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	stage_hang_up(&s);
	s.client = kept;
	ask(&s, FCGI_KEEP_CONN, "GET", "/third", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CHECK_STR(s.req.path.raw, "/third");
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	uint64_t dropped = stage_dropped();
	while (stage_dropped() < dropped + COUNT_OF(silent) / 2 && stage_next(&s) == FCGI_GOT_NOTHING)
		CU_ASSERT_FATAL(clock_mono_us() - began < STAGE_PATIENT_MS * 1000);
	for (size_t i = 0; i < COUNT_OF(silent) / 2; i++) {
		CU_ASSERT_TRUE(fcgi_is_closed(silent[i], 0));
		close(silent[i]);
	}
	stage_close(&s);
}

/* A web server sends its request a moment after it connected, and then waits for its turn, however long the worker has
 * something else to do. Behind Apache such a client was answered 503. */
static void request_that_came_while_the_worker_was_busy_is_served(void)
{
	struct stage s;
	stage_open(&s, SOCK_STREAM);
	s.limits.peer_ms = STAGE_PEER_MS;
	stage_restart(&s);
	s.client = fcgi_connect(s.path);
	CU_ASSERT_EQUAL(
		fcgi_next(s.fcgi, arena, 0, NULL, &s.req, &s.err), FCGI_GOT_NOTHING); /* it has said nothing yet */
	ask(&s, 0, "GET", "/late", STR(""));
	int64_t busy_until = clock_mono_us() + 2 * STAGE_PEER_MS * 1000;
	UNTIL(1, clock_mono_us() > busy_until);
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CHECK_STR(s.req.path.raw, "/late");
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	stage_close(&s);
}

static void more_silent_peers_than_places_leave_room_for_a_request(void) /* T85 */
{
	struct stage s;
	int silent[100];
	stage_open(&s, SOCK_STREAM);
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		silent[i] = fcgi_connect(s.path);
	ask(&s, 0, "GET", "/x", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST); /* and not after their time */
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		close(silent[i]);
	stage_close(&s);
}

struct sender {
	int fd;
	struct bytes bytes;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	fcgi_send(s->fd, &s->bytes);
	bytes_release(&s->bytes);
	return NULL;
}

static void body_of_the_largest_size_arrives(void) /* T100 */
{
	static char body[STAGE_BODY + 1];
	struct stage s;
	struct sender sender = { 0 };
	pthread_t thread;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)('a' + i % 23);
	stage_open(&s, SOCK_STREAM);
	for (size_t len = STAGE_BODY; len <= STAGE_BODY + 1; len++) {
		s.client = sender.fd = fcgi_connect(s.path);
		record_request(&sender.bytes, FCGI_KEEP_CONN, "PUT", "/v1/x", str_of(body, len));
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, send_all, &sender), 0);
		if (len == STAGE_BODY) {
			CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
			CU_ASSERT_TRUE(str_eq(s.req.body, str_of(body, len)));
			CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
			stage_hang_up(&s);
		} else {
			CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REFUSAL);
			CU_ASSERT_EQUAL(stage_refusal(&s), 413); /* heard, because the body was read away */
		}
		pthread_join(thread, NULL);
	}
	stage_close(&s);
}

static const char doorman[] = "who";

static bool admits_little(
	const void *who, const struct request *req, size_t length, bool *streams, struct error *err)
{
	CU_ASSERT(who == doorman && req->method == METHOD_PUT && str_is_empty(req->body) && !*streams);
	return length <= 100 || error_set(err, ERR_UNAUTHENTICATED, "not from you");
}

static void a_body_that_is_not_admitted_is_refused_unread(void)
{
	static char body[STAGE_BODY];
	struct stage s;
	struct sender sender = { 0 };
	pthread_t thread;
	memset(body, 'a', sizeof(body));
	stage_open(&s, SOCK_STREAM);
	s.limits.admits = admits_little;
	s.limits.who = doorman;
	stage_restart(&s);
	for (size_t len = 100; len <= STAGE_BODY; len += STAGE_BODY - 100) {
		s.client = sender.fd = fcgi_connect(s.path);
		record_request(&sender.bytes, 0, "PUT", "/v1/x", str_of(body, len));
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, send_all, &sender), 0);
		if (len == 100) {
			CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
			CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
			stage_hang_up(&s);
		} else {
			CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REFUSAL);
			CU_ASSERT(arena_used(arena) < STAGE_BODY / 2);
			CU_ASSERT_EQUAL(stage_refusal(&s), 401);
		}
		pthread_join(thread, NULL);
	}
	stage_close(&s);
}

struct receiver {
	int fd;
	struct fcgi_reply reply;
};

static void *receive_all(void *arg)
{
	struct receiver *r = arg;
	fcgi_receive(r->fd, STAGE_PATIENT_MS, &r->reply);
	return NULL;
}

static void large_answer_arrives_whole(void)
{
	static char body[5 * 1000 * 1000 + 3];
	struct stage s;
	struct receiver receiver;
	pthread_t thread;
	memset(body, 'x', sizeof(body));
	body[0] = '"';
	body[sizeof(body) - 1] = '"';
	stage_open(&s, SOCK_STREAM);
	ask(&s, 0, "GET", "/v1/x", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	receiver.fd = s.client;
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, receive_all, &receiver), 0);
	CU_ASSERT_TRUE(stage_answer(&s, str_of(body, sizeof(body))));
	pthread_join(thread, NULL);
	CU_ASSERT_TRUE(receiver.reply.ended);
	CU_ASSERT_TRUE(str_eq(fcgi_reply_body(&receiver.reply), str_of(body, sizeof(body))));
	fcgi_reply_release(&receiver.reply);
	stage_close(&s);
}

static void answer_to_a_peer_that_is_gone_fails_quietly(void)
{
	struct stage s;
	stage_open(&s, SOCK_STREAM);
	for (int i = 0; i < 3; i++) {
		ask(&s, i == 1 ? FCGI_KEEP_CONN : 0, "GET", "/v1/x", STR(""));
		CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
		stage_hang_up(&s);
		CU_ASSERT_FALSE(stage_answer(&s, STR("[]")));
	}
	ask(&s, 0, "GET", "/v1/x", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	stage_close(&s);
}

static void request_that_was_not_answered_is_dropped(void)
{
	struct stage s;
	stage_open(&s, SOCK_STREAM);
	ask(&s, FCGI_KEEP_CONN, "GET", "/first", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	int first = s.client;
	s.client = -1;
	ask(&s, 0, "GET", "/second", STR(""));
	CU_ASSERT_EQUAL_FATAL(stage_next(&s), FCGI_GOT_REQUEST);
	CU_ASSERT_TRUE(fcgi_is_closed(first, 0));
	CU_ASSERT_EQUAL(answered(&s, STR("[]")), 200);
	close(first);
	stage_close(&s);
}

static volatile sig_atomic_t signals;

static void count_signal(int signo)
{
	(void)signo;
	signals++;
}

static void signals_arrive_only_while_waiting(void)
{
	struct stage s;
	struct sigaction sa = { .sa_handler = count_signal }, before, after;
	sigset_t block, open;
	sigaction(SIGTERM, &sa, &before);
	stage_open(&s, SOCK_STREAM);
	sigaction(SIGTERM, NULL, &after);
	CU_ASSERT_TRUE(after.sa_handler == count_signal); /* libfcgi did not take it */
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &open);
	signals = 0;
	raise(SIGTERM);
	CU_ASSERT_EQUAL(signals, 0);
	CU_ASSERT_EQUAL(fcgi_next(s.fcgi, arena, -1, &open, &s.req, &s.err), FCGI_GOT_NOTHING);
	CU_ASSERT_EQUAL(signals, 1);
	raise(SIGTERM);
	CU_ASSERT_EQUAL(fcgi_next(s.fcgi, arena, 0, NULL, &s.req, &s.err), FCGI_GOT_NOTHING);
	CU_ASSERT_EQUAL(signals, 1);
	sigprocmask(SIG_SETMASK, &open, NULL);
	sigaction(SIGTERM, &before, NULL);
	stage_close(&s);
}

static void waiting_ends_with_its_time(void)
{
	struct stage s;
	stage_open(&s, SOCK_STREAM);
	int64_t began = clock_mono_us();
	CU_ASSERT_EQUAL(fcgi_next(s.fcgi, arena, 30, NULL, &s.req, &s.err), FCGI_GOT_NOTHING);
	int64_t took = clock_mono_us() - began;
	CU_ASSERT_TRUE(took >= 29 * 1000);
	stage_close(&s);
}

enum { REGION_MAX = 64 * 1024 * 1024 }; /* larger ones are a sanitizer's shadow */

static size_t count_in_region(int mem, unsigned long from, size_t size, const char *marker)
{
	size_t found = 0, n = strlen(marker);
	char *copy = malloc(size);
	ssize_t got = copy ? pread(mem, copy, size, (off_t)from) : -1;
	const char *at = copy, *end = copy + (got > 0 ? got : 0);
	while (at < end && (at = memmem(at, (size_t)(end - at), marker, n)) != NULL) {
		found++;
		at++;
	}
	free(copy);
	return found;
}

/* How often `marker` stands in the writable memory of a child. */
static size_t count_in_memory(pid_t pid, const char *marker)
{
	char line[512], name[64];
	size_t found = 0;
	unsigned long from, to;
	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	FILE *maps = fopen(name, "r");
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)pid);
	int mem = open(name, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_TRUE_FATAL(maps && mem >= 0);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, " rw") && sscanf(line, "%lx-%lx", &from, &to) == 2 && to - from <= REGION_MAX)
			found += count_in_region(mem, from, to - from, marker);
	fclose(maps);
	close(mem);
	return found;
}

/* A worker that stops with the request in hand, and again when it has answered with its body. */
static void serve_one(struct stage *s, int sync)
{
	char go;
	if (stage_next(s) != FCGI_GOT_REQUEST || write(sync, "r", 1) != 1 || read(sync, &go, 1) != 1)
		_exit(1);
	stage_answer(s, s->req.body); /* so that it passes through libfcgi too */
	arena_reset(arena);
	s->req = (struct request){ 0 };
	if (write(sync, "a", 1) != 1 || read(sync, &go, 1) != 0)
		_exit(1);
	_exit(0);
}

static void nothing_of_a_request_stays_in_memory(void) /* T91 */
{
	struct stage s;
	int sync[2], status;
	char at = 0, marker[33];
	stage_open(&s, SOCK_STREAM);
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sync), 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(sync[0]);
		serve_one(&s, sync[1]);
	}
	close(sync[1]);
	for (size_t i = 0; i < sizeof(marker); i++) /* after the fork: the worker has it from the request alone */
		marker[i] = (char)(i < sizeof(marker) - 1 ? 'A' + i * 7 % 53 : 0);
	ask(&s, 0, "POST", "/v1/x", str_c(marker));
	CU_ASSERT_EQUAL_FATAL(read(sync[0], &at, 1), 1);
	CU_ASSERT_TRUE(count_in_memory(pid, marker) > 0);
	CU_ASSERT_EQUAL_FATAL(write(sync[0], "g", 1), 1);
	CU_ASSERT_EQUAL_FATAL(read(sync[0], &at, 1), 1);
	CU_ASSERT_EQUAL(at, 'a');
	CU_ASSERT_EQUAL(count_in_memory(pid, marker), 0);
	close(sync[0]);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	stage_close(&s);
}

const struct unit_test fcgi_tests[] = {
	TEST(request_is_read_and_answered),
	TEST(small_answer_is_one_write),
	TEST(request_in_crumbs_is_the_same_request),
	TEST(kept_connection_carries_the_next_request),
	TEST(kept_and_silent_peers_hold_nobody_up),
	TEST(request_that_came_while_the_worker_was_busy_is_served),
	TEST(more_silent_peers_than_places_leave_room_for_a_request),
	TEST(body_of_the_largest_size_arrives),
	TEST(a_body_that_is_not_admitted_is_refused_unread),
	TEST(large_answer_arrives_whole),
	TEST(answer_to_a_peer_that_is_gone_fails_quietly),
	TEST(request_that_was_not_answered_is_dropped),
	TEST(signals_arrive_only_while_waiting),
	TEST(waiting_ends_with_its_time),
	TEST(nothing_of_a_request_stays_in_memory),
};
const size_t fcgi_test_count = COUNT_OF(fcgi_tests);
