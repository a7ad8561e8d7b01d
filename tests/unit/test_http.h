/* What the tests of the http room share. */
#ifndef TENANTD_TESTS_HTTP_H
#define TENANTD_TESTS_HTTP_H

#include "core/arena.h"
#include "core/error.h"
#include "http/fcgi_io.h"
#include "support/fcgi_client.h"
#include "support/unit.h"

extern struct arena *arena; /* reset before the tests of each file; a test may reset it at any time */

/* A listener in a directory of its own, the worker's end of it, and one client. */
struct stage {
	char dir[32], path[48];
	int listener;
	int client; /* -1: none */
	struct fcgi_limits limits;
	struct fcgi *fcgi;
	struct request req; /* what stage_next got */
	struct error err;
};

/* The time limits in tests about time. Other tests have limits that are long enough for a busy machine. */
enum { STAGE_PEER_MS = 100, STAGE_REQUEST_MS = 300, STAGE_PATIENT_MS = 10 * 1000, STAGE_BODY = 1024 * 1024 };

/* `type` is SOCK_STREAM, or SOCK_SEQPACKET to receive the worker's writes one by one. */
void stage_open(struct stage *s, int type);
/* Replaces the worker's end by a new one with the current s->limits. */
void stage_restart(struct stage *s);
/* The same, with STAGE_PEER_MS and STAGE_REQUEST_MS. */
void stage_hurry(struct stage *s);
void stage_close(struct stage *s);
/* Sends `b` and empties it, over a new connection when there is none. */
void stage_send(struct stage *s, struct bytes *b);
/* Resets the arena and calls fcgi_next until there is a request or a refusal, or a peer was dropped. */
enum fcgi_got stage_next(struct stage *s);
/* Answers 200 with this body, or the refusal in s->err. */
bool stage_answer(struct stage *s, struct str body);
/* Answers with s->err and returns the status that the client received. The connection must be closed then. */
int stage_refusal(struct stage *s);
/* Closes the client's end. */
void stage_hang_up(struct stage *s);
/* How many peers have been dropped so far. */
uint64_t stage_dropped(void);

#define CHECK_STR(actual, expected) check_str(__LINE__, __FILE__, (actual), str_c(expected))
void check_str(int line, const char *file, struct str actual, struct str expected);

extern const struct unit_test path_tests[], request_tests[], response_tests[], fcgi_tests[], hostile_tests[],
	stream_tests[], workers_tests[];
extern const size_t path_test_count, request_test_count, response_test_count, fcgi_test_count,
	hostile_test_count, stream_test_count, workers_test_count;

#endif
