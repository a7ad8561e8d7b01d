/* The setting of the tests of fcgi_io: a listener, a worker's end of it, and a client. */
#include "core/clock.h"
#include "core/metrics.h"
#include "http/problem.h"
#include "support/files.h"
#include "test_http.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_US = 5 * 1000 * 1000 };

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

void stage_open(struct stage *s, int type)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	*s = (struct stage){ .client = -1 };
	s->limits = (struct fcgi_limits){
		.body = STAGE_BODY, .peer_ms = STAGE_PATIENT_MS, .request_ms = STAGE_PATIENT_MS
	};
	files_begin(s->dir, sizeof(s->dir), "http");
	snprintf(s->path, sizeof(s->path), "%s/s", s->dir);
	memcpy(sa.sun_path, s->path, strlen(s->path));
	s->listener = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
		listen(s->listener, 128) != 0)
		die("listener");
	stage_restart(s);
}

void stage_restart(struct stage *s)
{
	fcgi_free(s->fcgi);
	s->fcgi = fcgi_new(s->listener, &s->limits);
	if (!s->fcgi)
		die("fcgi_new");
}

void stage_hurry(struct stage *s)
{
	s->limits.peer_ms = STAGE_PEER_MS;
	s->limits.request_ms = STAGE_REQUEST_MS;
	stage_restart(s);
}

void stage_hang_up(struct stage *s)
{
	if (s->client >= 0)
		close(s->client);
	s->client = -1;
}

void stage_close(struct stage *s)
{
	stage_hang_up(s);
	fcgi_free(s->fcgi);
	close(s->listener);
	files_end(s->dir);
}

void stage_send(struct stage *s, struct bytes *b)
{
	if (s->client < 0)
		s->client = fcgi_connect(s->path);
	fcgi_send(s->client, b);
	bytes_release(b);
}

uint64_t stage_dropped(void)
{
	return metrics_value(COUNT_FCGI_DROPPED);
}

enum fcgi_got stage_next(struct stage *s)
{
	uint64_t dropped = stage_dropped();
	int64_t end = clock_mono_us() + PATIENCE_US;
	enum fcgi_got got = FCGI_GOT_NOTHING;
	while (got == FCGI_GOT_NOTHING && stage_dropped() == dropped && clock_mono_us() < end) {
		arena_reset(arena);
		s->err = (struct error)ERROR_INIT;
		got = fcgi_next(s->fcgi, arena, 1000, NULL, &s->req, &s->err);
	}
	return got;
}

bool stage_answer(struct stage *s, struct str body)
{
	struct response res;
	response_init(&res, arena);
	if (s->err.code == ERR_NONE)
		response_json(&res, 200, body);
	else
		problem_render(&res, &s->err, "t");
	return fcgi_answer(s->fcgi, response_print(&res));
}

int stage_refusal(struct stage *s)
{
	struct fcgi_reply reply;
	stage_answer(s, STR(""));
	fcgi_receive(s->client, 1000, &reply);
	int status = reply.ended ? reply.status : -1;
	fcgi_reply_release(&reply);
	CU_ASSERT_TRUE(fcgi_is_closed(s->client, 1000));
	stage_hang_up(s);
	return status;
}
