/* fcgi_io with streamed bodies: those of requests, which are read in pieces up to their exact end, and of answers. */
#include "core/clock.h"
#include "core/limits.h"
#include "test_http.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_MS = 50 }; /* between two reads of a KiB */
enum { LONG = STAGE_BODY - 1, PIECES = LONG / LIMIT_MEDIA_PIECE + 1 };

static struct stage stage;
static struct fcgi_reply reply;
static char body[LONG];

static struct {
	struct bytes bytes;
	pthread_t thread;
} sender;

static bool admits_streams(
	const void *who, const struct request *req, size_t length, bool *streams, struct error *err)
{
	(void)who, (void)req, (void)err;
	*streams = length > 1;
	return true;
}

static void begin(void)
{
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)('a' + i % 23);
	stage_open(&stage, SOCK_STREAM);
	stage.limits.admits = admits_streams;
	stage_restart(&stage);
}

static void *send_all(void *arg)
{
	(void)arg;
	fcgi_send(stage.client, &sender.bytes);
	bytes_release(&sender.bytes);
	return NULL;
}

/* A request whose Content-Length is `length` and whose body has `len` bytes, which are sent while it is read. */
static void ask(const char *length, size_t len)
{
	struct bytes params = { 0 };
	record_begin(&sender.bytes, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
	param_usual(&params, "PUT", "/v1/x", length);
	record_stream(&sender.bytes, FCGI_PARAMS, 1, params.at, params.len);
	record_stream(&sender.bytes, FCGI_STDIN, 1, body, len);
	bytes_release(&params);
	if (stage.client < 0)
		stage.client = fcgi_connect(stage.path);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&sender.thread, NULL, send_all, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	CU_ASSERT_FATAL(stage.req.has_body && stage.req.stream && str_is_empty(stage.req.body));
}

/* Takes pieces up to the end or a refusal; how many bytes. */
static size_t take_all(bool *ok)
{
	const struct byte_source *stream = stage.req.stream;
	struct str piece = STR("");
	size_t total = 0;
	while ((*ok = stream->next(stream->from, &piece, &stage.err)) && piece.len > 0) {
		CU_ASSERT(piece.len <= LIMIT_MEDIA_PIECE && total + piece.len <= sizeof(body));
		CU_ASSERT(memcmp(piece.at, body + total, piece.len) == 0);
		total += piece.len;
	}
	return total;
}

static int answered(struct str with)
{
	CU_ASSERT_TRUE(stage_answer(&stage, with));
	pthread_join(sender.thread, NULL);
	fcgi_receive(stage.client, 1000, &reply);
	int status = reply.ended ? reply.status : -1;
	fcgi_reply_release(&reply);
	return status;
}

static void a_streamed_body_comes_in_pieces_up_to_its_end(void)
{
	static char length[16];
	bool ok;
	begin();
	snprintf(length, sizeof(length), "%d", LONG);
	for (int i = 0; i < 2; i++) { /* the second one over the same connection */
		ask(length, LONG);
		CU_ASSERT_EQUAL(take_all(&ok), LONG);
		CU_ASSERT(ok && arena_used(arena) < 2 * LIMIT_MEDIA_PIECE);
		CU_ASSERT_EQUAL(answered(STR("{}")), 200);
	}
	stage_close(&stage);
}

static void a_streamed_body_must_be_as_long_as_it_says(void) /* T83 */
{
	static const struct {
		const char *length;
		size_t len;
	} cases[] = { { "1000000", LONG }, { "1000000", 999999 }, { "1000000", 1 }, { "2", 0 } };
	bool ok;
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ask(cases[i].length, cases[i].len);
		take_all(&ok);
		CU_ASSERT(!ok);
		CU_ASSERT_EQUAL(answered(STR("")), 400);
		CU_ASSERT_TRUE(fcgi_is_closed(stage.client, 1000));
		stage_hang_up(&stage);
	}
	stage_close(&stage);
}

static void a_stream_that_nobody_takes_is_read_away(void)
{
	static char length[16];
	const struct byte_source *stream;
	struct str piece;
	begin();
	snprintf(length, sizeof(length), "%d", LONG);
	for (int taken = 0; taken < 2; taken++) { /* nothing of it, a piece of it; the connection is kept */
		ask(length, LONG);
		stream = stage.req.stream;
		if (taken > 0)
			CU_ASSERT(stream->next(stream->from, &piece, &stage.err) && piece.len == LIMIT_MEDIA_PIECE);
		CU_ASSERT_EQUAL(answered(STR("{}")), 200);
	}
	stage_close(&stage);
}

/* T85: a streamed body has the same time as one that is held in memory. */
static void a_stream_that_stops_is_408(void)
{
	struct bytes some = { 0 }, params = { 0 };
	bool ok;
	begin();
	stage_hurry(&stage);
	record_begin(&some, 1, FCGI_RESPONDER, 0);
	param_usual(&params, "PUT", "/v1/x", "1000");
	record_stream(&some, FCGI_PARAMS, 1, params.at, params.len);
	record_add(&some, FCGI_STDIN, 1, body, 500, 0);
	bytes_release(&params);
	stage_send(&stage, &some);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	take_all(&ok);
	CU_ASSERT(!ok);
	CU_ASSERT_EQUAL(stage_refusal(&stage), 408);
	stage_close(&stage);
}

/* Begins an answer of LONG bytes and sends `len` of them; whether the peer took them. */
static bool answer_in_pieces(struct response *res, size_t len)
{
	bool ok;
	response_init(res, arena);
	res->peer = fcgi_sink(stage.fcgi);
	res->content_type = "image/png";
	ok = response_begin(res, LONG, &stage.err);
	for (size_t at = 0; ok && at < len; at += LIMIT_MEDIA_PIECE)
		ok = response_put(
			res, str_of(body + at, len - at < LIMIT_MEDIA_PIECE ? len - at : LIMIT_MEDIA_PIECE), &stage.err);
	return ok;
}

static void *receive_all(void *arg)
{
	(void)arg;
	fcgi_receive(stage.client, STAGE_PATIENT_MS, &reply);
	return NULL;
}

static void an_answer_in_pieces_is_whole_or_has_no_end(void)
{
	struct response res;
	struct bytes get = { 0 };
	begin();
	for (size_t len = LONG; len > 0; len -= LONG / 2 + 1) {
		record_request(&get, FCGI_KEEP_CONN, "GET", "/v1/x", STR(""));
		stage_send(&stage, &get);
		CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&sender.thread, NULL, receive_all, NULL), 0);
		CU_ASSERT(answer_in_pieces(&res, len));
		CU_ASSERT_EQUAL(fcgi_end(stage.fcgi, res.left == 0), len == LONG);
		pthread_join(sender.thread, NULL);
		CU_ASSERT(reply.status == 200 && reply.ended == (len == LONG) && reply.closed == (len < LONG));
		struct str got = fcgi_reply_body(&reply);
		CU_ASSERT(len < LONG ? got.len <= len : got.len == len);
		CU_ASSERT(memcmp(got.at, body, got.len) == 0);
		CHECK_STR(fcgi_reply_header(&reply, "Content-Length"), "1048575");
		fcgi_reply_release(&reply);
		if (len < LONG)
			break;
	}
	stage_close(&stage);
}

static void a_peer_that_takes_nothing_ends_the_answer(void) /* T85 */
{
	struct response res;
	struct bytes get = { 0 };
	begin();
	stage_hurry(&stage);
	record_request(&get, 0, "GET", "/v1/x", STR(""));
	stage_send(&stage, &get);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	CU_ASSERT(!answer_in_pieces(&res, LONG));
	CU_ASSERT(res.left > 0 && !fcgi_end(stage.fcgi, false));
	stage_close(&stage);
}

static void *receive_slowly(void *arg)
{
	struct pollfd p = { .fd = stage.client, .events = 0 };
	char some[1024];
	(void)arg;
	while (poll(&p, 1, SLOW_MS) == 0 && recv(stage.client, some, sizeof(some), 0) > 0)
		;
	return NULL;
}

/* T85: each write of 8 KiB has a time limit, and so have all writes together. */
static void an_answer_that_is_taken_slowly_ends_in_its_time(void)
{
	enum { WRITE_MS = 1000, ALL_MS = 1500 };
	struct response res;
	struct bytes get = { 0 };
	begin();
	stage.limits.peer_ms = WRITE_MS;
	stage.limits.request_ms = ALL_MS;
	stage_restart(&stage);
	record_request(&get, 0, "GET", "/v1/x", STR(""));
	stage_send(&stage, &get);
	CU_ASSERT_EQUAL_FATAL(stage_next(&stage), FCGI_GOT_REQUEST);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&sender.thread, NULL, receive_slowly, NULL), 0);
	int64_t began = clock_mono_us();
	CU_ASSERT(!answer_in_pieces(&res, LONG));
	int64_t took = clock_mono_us() - began;
	CU_ASSERT(took >= ALL_MS * 900 && took < ALL_MS * 2000);
	CU_ASSERT(!fcgi_end(stage.fcgi, false));
	pthread_join(sender.thread, NULL);
	stage_close(&stage);
}

const struct unit_test stream_tests[] = {
	TEST(a_streamed_body_comes_in_pieces_up_to_its_end),
	TEST(a_streamed_body_must_be_as_long_as_it_says),
	TEST(a_stream_that_nobody_takes_is_read_away),
	TEST(a_stream_that_stops_is_408),
	TEST(an_answer_in_pieces_is_whole_or_has_no_end),
	TEST(a_peer_that_takes_nothing_ends_the_answer),
	TEST(an_answer_that_is_taken_slowly_ends_in_its_time),
};
const size_t stream_test_count = COUNT_OF(stream_tests);
