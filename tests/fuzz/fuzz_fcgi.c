/*
 * The record reader: whatever a peer sends and then hangs up, a request is whole, refused or dropped, within
 * the bounds; what is whole has a body of exactly Content-Length bytes.
 */
#include "http/fcgi_read.h"

#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEER_MS = 1000, BODY = 1024, PIECE = 64 };

static unsigned char in[FCGI_READ_BUFFER];
static struct fcgi_reader reader = { .in = in };

static void read_one(struct arena *a, int fd)
{
	struct fcgi_head head;
	struct param *params;
	struct request req;
	struct error err = ERROR_INIT;
	size_t count, length;
	bool is_closed;
	char piece[PIECE];
	if (!fcgi_read_start(&reader, fd, PEER_MS, PEER_MS, &is_closed) ||
		!fcgi_read_head(&reader, a, &head, &err) || head.role != FCGI_ROLE_RESPONDER)
		return;
	if (head.params.len > LIMIT_PARAMS)
		BUG("parameters beyond their bound");
	if (fcgi_read_params(head.params, a, &params, &count, &err) != FCGI_READ_WHOLE)
		return;
	if (!request_parse(&req, a, params, count, BODY, &length, &err)) {
		fcgi_read_drain(&reader, &head);
		return;
	}
	/* In pieces, as bytes are read. */
	size_t total = 0, got;
	reader.body_left = length;
	while (!reader.stdin_ended) {
		if (fcgi_read_body(&reader, &head, piece, sizeof(piece), &got, &err) != FCGI_READ_WHOLE)
			return;
		total += got;
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
	(void)send(fds[1], data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fds[1]);
	read_one(arena, fds[0]);
	fcgi_read_wipe(&reader);
	close(fds[0]);
	arena_reset(arena);
	return 0;
}
