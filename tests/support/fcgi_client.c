#define _GNU_SOURCE 1 /* memmem */

#include "support/fcgi_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER_SIZE = 8, STREAM_RECORD = 32 * 1024, SEND_MS = 5000, RECORDED_MAX = 4096 };

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

void bytes_add(struct bytes *b, const void *at, size_t len)
{
	if (b->len + len > b->room) {
		b->room = 2 * (b->len + len);
		b->at = realloc(b->at, b->room);
		if (!b->at)
			die("realloc");
	}
	if (len > 0)
		memcpy(b->at + b->len, at, len);
	b->len += len;
}

void bytes_release(struct bytes *b)
{
	free(b->at);
	*b = (struct bytes){ 0 };
}

void record_add(struct bytes *b, int type, unsigned id, const void *content, size_t len, unsigned padding)
{
	static const unsigned char zeroes[255];
	const unsigned char header[HEADER_SIZE] = { 1, (unsigned char)type, (unsigned char)(id >> 8),
		(unsigned char)id, (unsigned char)(len >> 8), (unsigned char)len, (unsigned char)padding, 0 };
	bytes_add(b, header, sizeof(header));
	bytes_add(b, content, len);
	bytes_add(b, zeroes, padding);
}

void record_begin(struct bytes *b, unsigned id, unsigned role, unsigned flags)
{
	const unsigned char body[8] = { (unsigned char)(role >> 8), (unsigned char)role, (unsigned char)flags };
	record_add(b, FCGI_BEGIN_REQUEST, id, body, sizeof(body), 0);
}

void record_stream(struct bytes *b, int type, unsigned id, const void *content, size_t len)
{
	const char *at = content;
	while (len > 0) {
		size_t n = len < STREAM_RECORD ? len : STREAM_RECORD;
		record_add(b, type, id, at, n, (unsigned)(-n & 7));
		at += n;
		len -= n;
	}
	record_add(b, type, id, NULL, 0, 0);
}

static void add_length(struct bytes *b, size_t n)
{
	const unsigned char four[] = { (unsigned char)(n >> 24 | 0x80), (unsigned char)(n >> 16),
		(unsigned char)(n >> 8), (unsigned char)n };
	if (n < 128)
		bytes_add(b, &four[3], 1);
	else
		bytes_add(b, four, sizeof(four));
}

void param_add(struct bytes *params, struct str name, struct str value)
{
	add_length(params, name.len);
	add_length(params, value.len);
	bytes_add(params, name.at, name.len);
	bytes_add(params, value.at, value.len);
}

void param_usual(struct bytes *params, const char *method, const char *uri, const char *length)
{
	param_add(params, STR("REQUEST_METHOD"), str_c(method));
	param_add(params, STR("REQUEST_URI"), str_c(uri));
	param_add(params, STR("SERVER_PROTOCOL"), STR("HTTP/1.1"));
	param_add(params, STR("REMOTE_ADDR"), STR("127.0.0.1"));
	param_add(params, STR("HTTP_HOST"), STR("localhost"));
	if (length)
		param_add(params, STR("CONTENT_LENGTH"), str_c(length));
}

void record_request(struct bytes *b, unsigned flags, const char *method, const char *uri, struct str body)
{
	struct bytes params = { 0 };
	char length[24];
	snprintf(length, sizeof(length), "%zu", body.len);
	param_usual(&params, method, uri, length);
	record_begin(b, 1, FCGI_RESPONDER, flags);
	record_stream(b, FCGI_PARAMS, 1, params.at, params.len);
	record_stream(b, FCGI_STDIN, 1, body.at, body.len);
	bytes_release(&params);
}

int fcgi_connect(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || strlen(path) >= sizeof(sa.sun_path))
		die("socket");
	memcpy(sa.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		die("connect");
	return fd;
}

/* With TENANTD_RECORD_FCGI, a folder, what is sent goes there as well: the fuzzer begins with it (tests/fuzz/record). */
static void record(const struct bytes *b)
{
	static int number;
	char path[256];
	const char *folder = getenv("TENANTD_RECORD_FCGI");
	if (!folder || b->len > RECORDED_MAX)
		return;
	snprintf(path, sizeof(path), "%s/%d-%d", folder, (int)getpid(),
		__atomic_add_fetch(&number, 1, __ATOMIC_RELAXED));
	FILE *f = fopen(path, "we");
	if (f) {
		(void)fwrite(b->at, 1, b->len, f);
		fclose(f);
	}
}

bool fcgi_send(int fd, const struct bytes *b)
{
	record(b);
	size_t at = 0;
	while (at < b->len) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		ssize_t n = send(fd, b->at + at, b->len - at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN || poll(&p, 1, SEND_MS) != 1)
			return false;
	}
	return true;
}

/* Removes the complete records from `in`. What remains is the beginning of a record. */
static void take_records(struct bytes *in, struct fcgi_reply *reply)
{
	size_t at = 0;
	while (in->len - at >= HEADER_SIZE) {
		const unsigned char *h = in->at + at;
		size_t len = (size_t)h[4] << 8 | h[5];
		if (in->len - at < HEADER_SIZE + len + h[6])
			break;
		const unsigned char *c = h + HEADER_SIZE;
		if (h[1] == FCGI_STDOUT)
			bytes_add(&reply->out, c, len);
		if (h[1] == FCGI_STDERR)
			bytes_add(&reply->err, c, len);
		if (h[1] == FCGI_END_REQUEST && len == 8) {
			reply->ended = true;
			reply->id = (unsigned)h[2] << 8 | h[3];
			reply->app_status = (unsigned)c[0] << 24 | (unsigned)c[1] << 16 | (unsigned)c[2] << 8 | c[3];
			reply->protocol_status = c[4];
		}
		at += HEADER_SIZE + len + h[6];
	}
	memmove(in->at, in->at + at, in->len - at);
	in->len -= at;
}

void fcgi_receive(int fd, int timeout_ms, struct fcgi_reply *reply)
{
	static char chunk[256 * 1024];
	struct bytes in = { 0 };
	*reply = (struct fcgi_reply){ 0 };
	while (!reply->ended && !reply->closed) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, timeout_ms) != 1)
			break;
		ssize_t n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		reply->closed = n <= 0;
		if (n <= 0)
			break;
		reply->reads++;
		bytes_add(&in, chunk, (size_t)n);
		take_records(&in, reply);
	}
	bytes_release(&in);
	bytes_add(&reply->out, "", 1); /* so that it is a C string; not counted */
	reply->out.len--;
	struct str status = fcgi_reply_header(reply, "Status");
	reply->status = status.len >= 3 ? atoi(status.at) : 0;
}

void fcgi_reply_release(struct fcgi_reply *reply)
{
	bytes_release(&reply->out);
	bytes_release(&reply->err);
}

struct str fcgi_reply_body(const struct fcgi_reply *reply)
{
	const char *start = (const char *)reply->out.at;
	const char *blank = memmem(start, reply->out.len, "\r\n\r\n", 4);
	return blank ? str_of(blank + 4, reply->out.len - (size_t)(blank + 4 - start)) : STR("");
}

struct str fcgi_reply_header(const struct fcgi_reply *reply, const char *name)
{
	const char *line = (const char *)reply->out.at;
	const char *end = memmem(line, reply->out.len, "\r\n\r\n", 4);
	while (end && line < end) {
		const char *eol = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		size_t n = strlen(name);
		if ((size_t)(eol - line) > n + 1 && memcmp(line, name, n) == 0 && line[n] == ':')
			return str_of(line + n + 2, (size_t)(eol - line) - n - 2);
		line = eol + 2;
	}
	return STR("");
}

bool fcgi_is_closed(int fd, int timeout_ms)
{
	char trash[4096];
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, timeout_ms) != 1)
			return false;
		if (recv(fd, trash, sizeof(trash), MSG_DONTWAIT) <= 0)
			return true;
	}
}
