/* fcgi_io with badly behaved peers: which requests are dropped, which are answered, and within which time. */
#include "core/clock.h"
#include "http/fcgi_read.h"
#include "test_http.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static struct bytes out, params;
static struct stage stage;

/* Sends what is in `out` and expects a drop: counted, the connection closed, nothing answered. */
static void check_dropped(int line)
{
	uint64_t before = stage_dropped();
	stage_send(&stage, &out);
	CU_ASSERT_EQUAL(stage_next(&stage), FCGI_GOT_NOTHING);
	bool is_dropped = stage_dropped() == before + 1 && fcgi_is_closed(stage.client, 0);
	CU_ASSERT_TRUE(is_dropped);
	if (!is_dropped)
		printf("\n    not dropped: line %d\n", line);
	stage_hang_up(&stage);
}
#define CHECK_DROPPED() check_dropped(__LINE__)

/* Sends what is in `out` and takes the status of the refusal. */
static int refused(void)
{
	stage_send(&stage, &out);
	if (stage_next(&stage) != FCGI_GOT_REFUSAL)
		return 0;
	/* Whoever answers looks at it, however early it was refused. */
	CU_ASSERT(stage.req.arena == arena && stage.req.headers[HEADER_HOST].at);
	return stage_refusal(&stage);
}

/* The stream PARAMS of what is in `params`, then this body as STDIN. */
static void add_streams(struct str body)
{
	record_stream(&out, FCGI_PARAMS, 1, params.at, params.len);
	record_stream(&out, FCGI_STDIN, 1, body.at, body.len);
	bytes_release(&params);
}

/* The next request is served normally. */
static void check_alive(void)
{
	struct fcgi_reply reply;
	record_request(&out, 0, "GET", "/alive", STR(""));
	stage_send(&stage, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	CHECK_STR(stage.req.path.raw, "/alive");
	CU_ASSERT_TRUE(stage_answer(&stage, STR("[]")));
	fcgi_receive(stage.client, 1000, &reply);
	CU_ASSERT_EQUAL(reply.status, 200);
	fcgi_reply_release(&reply);
	stage_close(&stage);
}

static void body_must_be_as_long_as_it_says(void) /* T83 */
{
	static const struct {
		const char *length;
		struct str body;
	} cases[] = { { "5", STR("1234") }, { "5", STR("") }, { "5", STR("123456") }, { NULL, STR("1") },
		{ "0", STR("1") }, { "1000000", STR("x") } };
	stage_open(&stage, SOCK_STREAM);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_begin(&out, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
		param_usual(&params, "POST", "/v1/x", cases[i].length);
		add_streams(cases[i].body);
		CU_ASSERT_EQUAL(refused(), 400);
	}
	check_alive();
}

static void what_follows_a_request_never_runs_as_another(void) /* an undrained body, a forged request */
{
	struct fcgi_reply reply;
	stage_open(&stage, SOCK_STREAM);
	record_request(&out, FCGI_KEEP_CONN, "GET", "/first", STR(""));
	record_request(&out, FCGI_KEEP_CONN, "DELETE", "/forged", STR(""));
	stage_send(&stage, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	CHECK_STR(stage.req.path.raw, "/first");
	CU_ASSERT_TRUE(stage_answer(&stage, STR("[]")));
	fcgi_receive(stage.client, 1000, &reply);
	CU_ASSERT_EQUAL(reply.status, 200);
	fcgi_reply_release(&reply);
	CU_ASSERT_TRUE(fcgi_is_closed(stage.client, 1000));
	stage_hang_up(&stage);
	struct bytes forged = { 0 };
	record_request(&forged, FCGI_KEEP_CONN, "DELETE", "/forged", STR(""));
	record_begin(&out, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
	param_usual(&params, "POST", "/v1/x", "2");
	add_streams(str_of((char *)forged.at, forged.len));
	bytes_release(&forged);
	CU_ASSERT_EQUAL(refused(), 400);
	check_alive();
}

static void lengths_beyond_what_is_there_are_dropped(void) /* T84 */
{
	static const unsigned char *const lengths[] = {
		(const unsigned char *)"\xff\xff\xff\xff\xff\xff\xff\xff",
		(const unsigned char *)"\xff\xff\xff\xff\x01",
		(const unsigned char *)"\x01\xff\xff\xff\xff",
		(const unsigned char *)"\x80\x00\x01\x00\x01xx",
		(const unsigned char *)"\x05\x05\x01",
		(const unsigned char *)"\x05",
		(const unsigned char *)"\x80",
		(const unsigned char *)"\x01\x80\x00",
	};
	static const size_t sizes[] = { 8, 5, 5, 7, 3, 1, 1, 3 };
	stage_open(&stage, SOCK_STREAM);
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		record_begin(&out, 1, FCGI_RESPONDER, 0);
		param_usual(&params, "GET", "/v1/x", NULL);
		bytes_add(&params, lengths[i], sizes[i]);
		add_streams(STR(""));
		CHECK_DROPPED();
	}
	check_alive();
}

static void records_out_of_order_are_dropped(void)
{
	static const char begin[] = { 1, 1, 0, 1, 0, 8, 0, 0 };
	static const int types[] = { FCGI_STDIN, FCGI_DATA, FCGI_ABORT_REQUEST, FCGI_BEGIN_REQUEST, FCGI_STDOUT,
		FCGI_GET_VALUES, 0, 200 };
	stage_open(&stage, SOCK_STREAM);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (types[i] != FCGI_BEGIN_REQUEST) {
			record_add(&out, types[i], 1, "12345678", 8, 0);
			CHECK_DROPPED();
		}
		record_begin(&out, 1, FCGI_RESPONDER, 0);
		record_add(&out, types[i], 1, begin, 8, 0);
		CHECK_DROPPED();
		record_begin(&out, 1, FCGI_RESPONDER, 0);
		param_usual(&params, "POST", "/v1/x", "8");
		record_stream(&out, FCGI_PARAMS, 1, params.at, params.len);
		bytes_release(&params);
		if (types[i] != FCGI_STDIN) {
			record_add(&out, types[i], 1, begin, 8, 0);
			CHECK_DROPPED();
		}
		bytes_release(&out);
	}
	check_alive();
}

static void records_of_another_request_or_version_are_dropped(void)
{
	stage_open(&stage, SOCK_STREAM);
	record_begin(&out, 0, FCGI_RESPONDER, 0);
	CHECK_DROPPED();
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	record_stream(&out, FCGI_PARAMS, 2, "\1\1ab", 4);
	CHECK_DROPPED();
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	param_usual(&params, "POST", "/v1/x", "4");
	record_stream(&out, FCGI_PARAMS, 1, params.at, params.len);
	record_stream(&out, FCGI_STDIN, 2, "1234", 4);
	bytes_release(&params);
	CHECK_DROPPED();
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	out.at[0] = 2;
	CHECK_DROPPED();
	bytes_add(&out, "GET / HTTP/1.0\r\n\r\n", 18);
	CHECK_DROPPED();
	record_add(&out, FCGI_BEGIN_REQUEST, 1, "\0\1\0\0", 4, 0);
	CHECK_DROPPED();
	check_alive();
}

static void libfcgi_never_sees_management_records(void) /* repeated names smash its stack */
{
	stage_open(&stage, SOCK_STREAM);
	for (int i = 0; i < 100; i++)
		param_add(&params, STR("FCGI_MPXS_CONNS"), STR(""));
	record_add(&out, FCGI_GET_VALUES, 0, params.at, params.len, 0);
	CHECK_DROPPED();
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	record_add(&out, FCGI_GET_VALUES, 0, params.at, params.len, 0);
	CHECK_DROPPED();
	bytes_release(&params);
	check_alive();
}

static void every_cut_of_a_request_is_dropped(void) /* T86 */
{
	struct bytes whole = { 0 };
	stage_open(&stage, SOCK_STREAM);
	record_request(&whole, 0, "POST", "/v1/x", STR("body"));
	for (size_t n = 1; n < whole.len; n++) {
		uint64_t before = stage_dropped();
		bytes_add(&out, whole.at, n);
		stage_send(&stage, &out);
		shutdown(stage.client, SHUT_WR);
		CU_ASSERT_EQUAL(stage_next(&stage), FCGI_GOT_NOTHING);
		CU_ASSERT_EQUAL(stage_dropped(), before + 1);
		stage_hang_up(&stage);
	}
	bytes_release(&whole);
	check_alive();
}

static void silent_peer_is_closed_in_time(void) /* T85 */
{
	stage_open(&stage, SOCK_STREAM);
	stage_hurry(&stage);
	int64_t began = clock_mono_us();
	CHECK_DROPPED(); /* nothing was sent */
	int64_t took = clock_mono_us() - began;
	CU_ASSERT_TRUE(took >= STAGE_PEER_MS * 1000 && took < STAGE_PATIENT_MS * 500);
	check_alive();
}

static void half_a_header_is_dropped_in_time(void) /* T85, T86 */
{
	stage_open(&stage, SOCK_STREAM);
	stage_hurry(&stage);
	int64_t began = clock_mono_us();
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	out.len -= 12;
	CHECK_DROPPED();
	int64_t took = clock_mono_us() - began;
	CU_ASSERT_TRUE(took >= STAGE_PEER_MS * 1000 && took < STAGE_PATIENT_MS * 500);
	check_alive();
}

static void body_that_stops_is_answered_408(void) /* T85 */
{
	stage_open(&stage, SOCK_STREAM);
	stage_hurry(&stage);
	record_begin(&out, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
	param_usual(&params, "POST", "/v1/x", "100");
	add_streams(STR("some"));
	out.len -= 8; /* the end of STDIN */
	CU_ASSERT_EQUAL(refused(), 408);
	check_alive();
}

/* Sends what is in `out` byte by byte, each well before the time for one read is over. */
static void *drip(void *arg)
{
	struct pollfd p = { .fd = stage.client, .events = POLLIN };
	(void)arg;
	for (size_t i = 0; i < out.len && poll(&p, 1, STAGE_PEER_MS / 10) == 0; i++)
		if (send(stage.client, out.at + i, 1, MSG_NOSIGNAL) != 1)
			break;
	return NULL;
}

/* True when a peer that sends single bytes slowly was given its full time and not more. */
static bool drips_in_time(enum fcgi_got *got)
{
	pthread_t thread;
	stage.client = fcgi_connect(stage.path);
	int64_t began = clock_mono_us();
	if (pthread_create(&thread, NULL, drip, NULL) != 0)
		return false;
	*got = stage_next(&stage);
	int64_t took = clock_mono_us() - began;
	if (*got == FCGI_GOT_REFUSAL)
		stage_answer(&stage, STR(""));
	pthread_join(thread, NULL);
	bytes_release(&out);
	stage_hang_up(&stage);
	return took >= STAGE_REQUEST_MS * 1000 && took < STAGE_PATIENT_MS * 500;
}

static void dripping_peer_has_one_deadline_for_all(void) /* T85, T99 */
{
	enum fcgi_got got = FCGI_GOT_REQUEST;
	stage_open(&stage, SOCK_STREAM);
	stage_hurry(&stage);
	record_request(&out, 0, "POST", "/v1/x", STR("body"));
	CU_ASSERT_TRUE(drips_in_time(&got));
	CU_ASSERT_EQUAL(got, FCGI_GOT_NOTHING);
	for (int i = 0; i < 100; i++) /* what libfcgi would skip for ever */
		record_add(&out, FCGI_STDIN, 7, "x", 1, 255);
	CU_ASSERT_TRUE(out.len > 1000);
	CHECK_DROPPED();
	check_alive();
}

static void *drain_slowly(void *arg)
{
	struct pollfd p = { .fd = stage.client, .events = 0 };
	char some[32 * 1024];
	(void)arg;
	while (poll(&p, 1, STAGE_PEER_MS / 10) == 0 && recv(stage.client, some, sizeof(some), 0) > 0)
		;
	return NULL;
}

static void slow_reader_of_a_large_answer_has_a_deadline(void)
{
	static char body[20 * 1000 * 1000];
	pthread_t thread;
	stage_open(&stage, SOCK_STREAM);
	stage_hurry(&stage);
	record_request(&out, 0, "GET", "/v1/x", STR(""));
	stage_send(&stage, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	int64_t began = clock_mono_us();
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, drain_slowly, NULL), 0);
	CU_ASSERT_FALSE(stage_answer(&stage, str_of(body, sizeof(body))));
	int64_t took = clock_mono_us() - began;
	CU_ASSERT_TRUE(took < STAGE_PATIENT_MS * 500);
	pthread_join(thread, NULL);
	stage_hang_up(&stage);
	check_alive();
}

static void peer_that_reads_nothing_is_given_up(void)
{
	static char body[2 * 1000 * 1000];
	stage_open(&stage, SOCK_STREAM);
	stage_hurry(&stage);
	record_request(&out, 0, "GET", "/v1/x", STR(""));
	stage_send(&stage, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	int64_t began = clock_mono_us();
	CU_ASSERT_FALSE(stage_answer(&stage, str_of(body, sizeof(body))));
	CU_ASSERT_TRUE(clock_mono_us() - began < STAGE_PATIENT_MS * 500);
	stage_hang_up(&stage);
	check_alive();
}

static void other_roles_are_refused(void) /* T87 */
{
	static const unsigned roles[] = { FCGI_AUTHORIZER, FCGI_FILTER, 0, 9, 0x101 };
	struct fcgi_reply reply;
	stage_open(&stage, SOCK_STREAM);
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		uint64_t before = stage_dropped();
		record_begin(&out, 3, roles[i], 0);
		param_usual(&params, "GET", "/v1/x", NULL);
		record_stream(&out, FCGI_PARAMS, 3, params.at, params.len);
		bytes_release(&params);
		stage_send(&stage, &out);
		CU_ASSERT_EQUAL(stage_next(&stage), FCGI_GOT_NOTHING);
		CU_ASSERT_EQUAL(stage_dropped(), before + 1);
		fcgi_receive(stage.client, 1000, &reply);
		CU_ASSERT_TRUE(reply.ended);
		CU_ASSERT_EQUAL(reply.protocol_status, 3); /* FCGI_UNKNOWN_ROLE */
		CU_ASSERT_EQUAL(reply.id, 3);
		CU_ASSERT_EQUAL(reply.out.len, 0);
		fcgi_reply_release(&reply);
		stage_hang_up(&stage);
	}
	check_alive();
}

static void malformed_parameters_are_answered_400(void) /* T88, T92, T93, T97 */
{
	static const struct {
		struct str name, value;
	} bad[] = { { STR("HTTP_A"), STR("x\0y") }, { STR("HTTP_A\0"), STR("x") }, { STR("HTTP_A=B"), STR("x") },
		{ STR(""), STR("x") }, { STR("HTTP_HOST"), STR("other") }, { STR("REQUEST_URI"), STR("/other") },
		{ STR("HTTP_TRANSFER_ENCODING"), STR("chunked") }, { STR("HTTP_X_TENANT_ID"), STR("a, b") } };
	stage_open(&stage, SOCK_STREAM);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		record_begin(&out, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
		param_usual(&params, "GET", "/v1/x", "0");
		param_add(&params, bad[i].name, bad[i].value);
		add_streams(STR(""));
		CU_ASSERT_EQUAL(refused(), 400);
	}
	record_request(&out, 0, "GET", "/v1/x", STR("a body"));
	CU_ASSERT_EQUAL(refused(), 400);
	record_request(&out, 0, "GET", "/a%2fb", STR(""));
	CU_ASSERT_EQUAL(refused(), 400);
	record_request(&out, 0, "GET", "/a%00", STR(""));
	CU_ASSERT_EQUAL(refused(), 400);
	record_request(&out, 0, "GET", "/a//b", STR(""));
	CU_ASSERT_EQUAL(refused(), 404);
	check_alive();
}

static void too_many_and_too_large_parameters_are_answered_431(void) /* T100 */
{
	static char big[LIMIT_HEADER_VALUE + 1];
	char name[24];
	memset(big, 'x', sizeof(big));
	stage_open(&stage, SOCK_STREAM);
	for (int count = 9; count <= 200; count += 191) {
		record_begin(&out, 1, FCGI_RESPONDER, 0);
		param_usual(&params, "GET", "/v1/x", NULL);
		for (int i = 0; i < count; i++) {
			snprintf(name, sizeof(name), "HTTP_X_%d", i);
			param_add(&params, str_c(name), str_of(big, count == 9 ? LIMIT_HEADER_VALUE : 2));
		}
		add_streams(STR(""));
		CU_ASSERT_EQUAL(refused(), 431); /* by LIMIT_PARAMS, by LIMIT_HEADERS */
	}
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	for (int i = 0; i <= REQUEST_PARAMS; i++) {
		snprintf(name, sizeof(name), "X_%d", i);
		param_add(&params, str_c(name), STR(""));
	}
	add_streams(STR(""));
	CU_ASSERT_EQUAL(refused(), 431);
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	param_usual(&params, "GET", "/v1/x", NULL);
	param_add(&params, STR("HTTP_BIG"), str_of(big, sizeof(big)));
	add_streams(STR(""));
	CU_ASSERT_EQUAL(refused(), 431);
	check_alive();
}

static void *send_out(void *arg)
{
	(void)arg;
	fcgi_send(stage.client, &out);
	return NULL;
}

static void parameters_without_end_are_dropped(void) /* T100 */
{
	static char content[60000];
	pthread_t thread;
	uint64_t before = stage_dropped();
	stage_open(&stage, SOCK_STREAM);
	record_begin(&out, 1, FCGI_RESPONDER, 0);
	for (size_t n = 0; n <= FCGI_PARAMS_DRAIN; n += sizeof(content))
		record_add(&out, FCGI_PARAMS, 1, content, sizeof(content), 0);
	stage.client = fcgi_connect(stage.path);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, send_out, NULL), 0);
	CU_ASSERT_EQUAL(stage_next(&stage), FCGI_GOT_NOTHING);
	CU_ASSERT_EQUAL(stage_dropped(), before + 1);
	CU_ASSERT_TRUE(arena_used(arena) <= 4 * LIMIT_PARAMS);
	pthread_join(thread, NULL);
	bytes_release(&out);
	stage_hang_up(&stage);
	check_alive();
}

static void abort_in_mid_request_is_a_drop(void) /* T89: nothing has run yet */
{
	stage_open(&stage, SOCK_STREAM);
	record_begin(&out, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
	param_usual(&params, "POST", "/v1/x", "100");
	add_streams(STR("some"));
	out.len -= 8;
	record_add(&out, FCGI_ABORT_REQUEST, 1, NULL, 0, 0);
	CHECK_DROPPED();
	check_alive();
}

static void abort_after_the_request_does_not_undo_it(void) /* T89: it is answered whole */
{
	struct fcgi_reply reply;
	stage_open(&stage, SOCK_STREAM);
	record_request(&out, FCGI_KEEP_CONN, "POST", "/v1/x", STR("x"));
	stage_send(&stage, &out);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	record_add(&out, FCGI_ABORT_REQUEST, 1, NULL, 0, 0);
	stage_send(&stage, &out);
	CU_ASSERT_TRUE(stage_answer(&stage, STR("[]")));
	fcgi_receive(stage.client, 1000, &reply);
	CU_ASSERT_EQUAL(reply.status, 200);
	fcgi_reply_release(&reply);
	CHECK_DROPPED(); /* the ABORT begins no request */
	check_alive();
}

static void foreign_uid_is_denied(void) /* T90 */
{
	const unsigned mine = (unsigned)getuid(), others[] = { mine + 1, mine + 2 };
	stage_open(&stage, SOCK_STREAM);
	stage.limits.peer_uids = others;
	stage.limits.peer_uid_count = COUNT_OF(others);
	stage_restart(&stage);
	record_request(&out, 0, "GET", "/v1/x", STR(""));
	CHECK_DROPPED();
	stage.limits.peer_uids = &mine;
	stage.limits.peer_uid_count = 1;
	stage_restart(&stage);
	check_alive();
}

const struct unit_test hostile_tests[] = {
	TEST(body_must_be_as_long_as_it_says),
	TEST(what_follows_a_request_never_runs_as_another),
	TEST(lengths_beyond_what_is_there_are_dropped),
	TEST(records_out_of_order_are_dropped),
	TEST(records_of_another_request_or_version_are_dropped),
	TEST(libfcgi_never_sees_management_records),
	TEST(every_cut_of_a_request_is_dropped),
	TEST(silent_peer_is_closed_in_time),
	TEST(half_a_header_is_dropped_in_time),
	TEST(body_that_stops_is_answered_408),
	TEST(dripping_peer_has_one_deadline_for_all),
	TEST(slow_reader_of_a_large_answer_has_a_deadline),
	TEST(peer_that_reads_nothing_is_given_up),
	TEST(other_roles_are_refused),
	TEST(malformed_parameters_are_answered_400),
	TEST(too_many_and_too_large_parameters_are_answered_431),
	TEST(parameters_without_end_are_dropped),
	TEST(abort_in_mid_request_is_a_drop),
	TEST(abort_after_the_request_does_not_undo_it),
	TEST(foreign_uid_is_denied),
};
const size_t hostile_test_count = COUNT_OF(hostile_tests);
