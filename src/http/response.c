/*
 * Collects the answer and prints it into one buffer: the lengths are summed first, then the bytes are copied.
 * No value from outside can break a header line (T98), because a control character in a value is a bug.
 */
#include "http/response.h"
#include "core/log.h"

#include <strings.h>

/* The usual statuses of tenantd's answers. Clients ignore the reason phrase (RFC 9112, 4), so a status that is missing
 * here is printed without one. */
static const struct {
	int status;
	struct str line;
} LINES[] = {
	{ 200, STR("Status: 200 OK\r\n") },
	{ 201, STR("Status: 201 Created\r\n") },
	{ 202, STR("Status: 202 Accepted\r\n") },
	{ 204, STR("Status: 204 No Content\r\n") },
	{ 206, STR("Status: 206 Partial Content\r\n") },
	{ 304, STR("Status: 304 Not Modified\r\n") },
	{ 400, STR("Status: 400 Bad Request\r\n") },
	{ 401, STR("Status: 401 Unauthorized\r\n") },
	{ 403, STR("Status: 403 Forbidden\r\n") },
	{ 404, STR("Status: 404 Not Found\r\n") },
	{ 405, STR("Status: 405 Method Not Allowed\r\n") },
	{ 409, STR("Status: 409 Conflict\r\n") },
	{ 412, STR("Status: 412 Precondition Failed\r\n") },
	{ 416, STR("Status: 416 Range Not Satisfiable\r\n") },
	{ 500, STR("Status: 500 Internal Server Error\r\n") },
	{ 503, STR("Status: 503 Service Unavailable\r\n") },
};

static const struct str TYPE = STR("Content-Type: ");
static const struct str LENGTH = STR("Content-Length: ");
static const struct str NO_STORE = STR("Cache-Control: no-store\r\n");
static const struct str NOSNIFF = STR("X-Content-Type-Options: nosniff\r\n");
static const struct str CRLF = STR("\r\n");

enum { STATUS_BOUND = 64 };

void response_init(struct response *r, struct arena *a)
{
	*r = (struct response){ .arena = a };
	response_reset(r);
}

void response_reset(struct response *r)
{
	r->status = 200;
	r->header_count = 0;
	r->content_type = NULL;
	r->body = STR("");
}

void response_header(struct response *r, const char *name, struct str value)
{
	if (r->header_count == LIMIT_RESPONSE_HEADERS)
		BUG("no room for response header \"%s\"", name);
	if (str_has_control(value))
		BUG("control character in response header \"%s\"", name);
	r->headers[r->header_count++] = (struct response_header){ name, arena_str(r->arena, value) };
}

bool response_has(const struct response *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return true;
	return false;
}

void response_json(struct response *r, int status, struct str body)
{
	r->status = status;
	r->content_type = "application/json";
	r->body = body;
}

void response_empty(struct response *r, int status)
{
	r->status = status;
	r->content_type = NULL;
	r->body = STR("");
}

static char *put(char *at, struct str s)
{
	memcpy(at, s.at, s.len);
	return at + s.len;
}

static char *put_number(char *at, size_t n)
{
	char room[STR_INT];
	return put(at, str_of_int((int64_t)n, room));
}

static char *put_status(char *at, int status)
{
	for (size_t i = 0; i < COUNT_OF(LINES); i++)
		if (LINES[i].status == status)
			return put(at, LINES[i].line);
	at = put(at, STR("Status: "));
	at = put_number(at, (size_t)status);
	return put(at, STR(" \r\n"));
}

/* The most bytes that are written before the body. */
static size_t head_bound(const struct response *r)
{
	size_t n = STATUS_BOUND + TYPE.len + LENGTH.len + STR_INT + NO_STORE.len + NOSNIFF.len + 3 * CRLF.len;
	if (r->content_type)
		n += strlen(r->content_type);
	for (size_t i = 0; i < r->header_count; i++)
		n += strlen(r->headers[i].name) + 2 + r->headers[i].value.len + CRLF.len;
	return n;
}

static char *put_headers(char *at, const struct response *r)
{
	if (r->content_type) {
		at = put(put(at, TYPE), str_c(r->content_type));
		at = put(at, CRLF);
	}
	for (size_t i = 0; i < r->header_count; i++) {
		at = put(put(at, str_c(r->headers[i].name)), STR(": "));
		at = put(put(at, r->headers[i].value), CRLF);
	}
	if (!response_has(r, "Cache-Control"))
		at = put(at, NO_STORE);
	return put(at, NOSNIFF);
}

static bool is_bodyless(const struct response *r)
{
	return r->status == 204 || r->status == 304;
}

/* Prints the status, the headers and the blank line, and leaves room for `body` bytes after it. */
static char *print_head(const struct response *r, size_t length, size_t body, char **start)
{
	if (r->status < 200 || r->status > 599)
		BUG("response status %d", r->status);
	*start = arena_alloc(r->arena, head_bound(r) + body);
	char *at = put_headers(put_status(*start, r->status), r);
	if (!is_bodyless(r)) {
		at = put_number(put(at, LENGTH), length);
		at = put(at, CRLF);
	}
	return put(at, CRLF);
}

struct str response_print(struct response *r)
{
	char *start;
	if (r->body.len > LIMIT_RESPONSE) {
		LOG(ERROR, "response_too_large", LOG_INT("bytes", r->body.len));
		response_reset(r);
		r->status = 500;
	}
	size_t body = r->is_head || is_bodyless(r) ? 0 : r->body.len;
	char *at = put(print_head(r, r->body.len, body, &start), str_of(r->body.at, body));
	return str_of(start, (size_t)(at - start));
}

bool response_begin(struct response *r, size_t length, struct error *err)
{
	char *start;
	if (r->has_begun || is_bodyless(r))
		BUG("a body of %zu bytes begins, but this answer has none or has begun already", length);
	char *end = print_head(r, length, 0, &start);
	r->has_begun = true;
	r->left = r->is_head ? 0 : length;
	return r->peer.put(r->peer.to, str_of(start, (size_t)(end - start)), err);
}

bool response_put(struct response *r, struct str bytes, struct error *err)
{
	if (!r->has_begun || bytes.len > r->left)
		BUG("%zu bytes are put into a body that has room for %zu", bytes.len, r->left);
	if (!r->peer.put(r->peer.to, bytes, err))
		return false;
	r->left -= bytes.len;
	r->sent += bytes.len;
	return true;
}
