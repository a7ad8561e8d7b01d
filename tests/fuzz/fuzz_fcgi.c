/*
 * Fuzzes the record reader. Whatever a peer sends before it closes, a request is complete, refused or dropped, within
 * the bounds, and a complete one has a body of exactly Content-Length bytes. The bytes arrive in two parts: the reader
 * stops without waiting where the first one ends and goes on from there.
 */
#include "http/fcgi_read.h"

#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEER_MS = 1000, BODY = 1024, PIECE = 64 };

static unsigned char in[FCGI_READ_BUFFER];
static struct fcgi_reader reader = { .in = in };

static int peer;
static const uint8_t *rest; /* what the peer has not sent yet; NULL: nothing */
static size_t rest_len;

/* True when the reader stopped for want of what now follows. */
static bool goes_on(void)
{
	if (!reader.is_starved || !rest)
		return false;
	(void)send(peer, rest, rest_len, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(peer, SHUT_WR);
	rest = NULL;
	reader.hold_until_us = INT64_MAX;
	return true;
}

static bool read_head(struct arena *a, struct fcgi_head *head, struct error *err)
{
	while (!fcgi_read_head(&reader, a, head, err))
		if (!goes_on())
			return false;
	return true;
}

static void read_one(struct arena *a, int fd)
{
	struct fcgi_head head;
	struct param *params;
	struct request req;
	struct error err = ERROR_INIT;
	size_t count, length;
	bool is_closed;
	char piece[PIECE];
	if (!fcgi_read_start(&reader, fd, PEER_MS, PEER_MS, &is_closed))
		return;
	reader.hold_until_us = 0;
	if (!read_head(a, &head, &err) || head.role != FCGI_ROLE_RESPONDER)
		return;
	if (head.params.len > LIMIT_PARAMS)
		BUG("parameters beyond their bound");
	if (fcgi_read_params(head.params, a, &params, &count, &err) != FCGI_READ_WHOLE)
		return;
	if (!request_parse(&req, a, params, count, BODY, &length, &err)) {
		(void)goes_on();
		reader.hold_until_us = 0;
		fcgi_read_drain(&reader, &head);
		return;
	}
	/* In pieces, as bytes are read. */
	size_t total = 0, got;
	reader.body_left = length;
	while (!reader.stdin_ended) {
		enum fcgi_read read = fcgi_read_body(&reader, &head, piece, sizeof(piece), &got, &err);
		total += got;
		if (read != FCGI_READ_WHOLE && (read != FCGI_READ_STARVED || !goes_on()))
			return;
	}
	if (total != length)
		BUG("a body that is not as long as it says");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	int fds[2];
	if (!arena)
		arena = arena_new(LIMIT_REQUEST_POOL);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		BUG("socketpair failed");
	size_t cut = size > 0 ? data[size - 1] * size / 256 : 0;
	peer = fds[1];
	rest = data + cut;
	rest_len = size - cut;
	(void)send(peer, data, cut, MSG_DONTWAIT | MSG_NOSIGNAL);
	read_one(arena, fds[0]);
	fcgi_read_wipe(&reader);
	close(fds[0]);
	close(fds[1]);
	arena_reset(arena);
	return 0;
}
