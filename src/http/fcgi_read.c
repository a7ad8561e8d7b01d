/*
 * The bounded reader of FastCGI records. A request must come in one fixed order, all under one request id: BEGIN,
 * then PARAMS up to its empty record, then STDIN up to its empty record. Anything else (another id, ABORT, DATA,
 * management records, another version) ends the connection. Neither lighttpd nor Apache sends it, and skipping a
 * record that is not understood could mix two requests. Nothing here writes.
 */
#include "http/fcgi_read.h"
#include "core/clock.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum record { BEGIN_REQUEST = 1, PARAMS = 4, STDIN = 5 };
enum { VERSION = 1, HEADER_SIZE = 8, BEGIN_SIZE = 8, KEEP_CONN = 1 };

static bool drop(struct error *err, const char *why)
{
	return error_log(err, ERR_INVALID_REQUEST, "%s", why);
}

int64_t fcgi_read_expires(const struct fcgi_reader *r)
{
	int64_t silence_us = r->heard_us + r->peer_ms * 1000;
	return silence_us < r->deadline_us ? silence_us : r->deadline_us;
}

/* Waits until there is something to read. False when the time for one read, for the whole request, or up to
 * hold_until_us is over. */
static bool wait_readable(struct fcgi_reader *r, struct error *err)
{
	for (;;) {
		int64_t until_us = fcgi_read_expires(r);
		until_us = until_us < r->hold_until_us ? until_us : r->hold_until_us;
		int64_t left_us = until_us - clock_mono_us();
		struct pollfd p = { .fd = r->fd, .events = POLLIN };
		int n = poll(&p, 1, left_us <= 0 ? 0 : (int)((left_us + 999) / 1000));
		if (n > 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		r->is_starved = clock_mono_us() < fcgi_read_expires(r);
		r->timed_out = !r->is_starved;
		return r->is_starved ? false : drop(err, "the peer was too slow");
	}
}

/* One recv into the empty buffer. It looks at the clock each time, so that a peer that sends single bytes slowly
 * cannot stretch a request beyond its deadline. */
static bool fill(struct fcgi_reader *r, struct error *err)
{
	r->at = r->len = 0;
	r->is_starved = false;
	for (;;) {
		int64_t now = clock_mono_us();
		if (now > r->deadline_us) {
			r->timed_out = true;
			return drop(err, "the request took too long to arrive");
		}
		ssize_t n = recv(r->fd, r->in, FCGI_READ_BUFFER, MSG_DONTWAIT);
		if (n > 0) {
			r->heard_us = now;
			r->len = (size_t)n;
			r->touched = r->len > r->touched ? r->len : r->touched;
			return true;
		}
		if (n == 0)
			return drop(err, "the peer closed the connection in mid-request");
		if (errno == EAGAIN && !wait_readable(r, err))
			return false;
		if (errno != EAGAIN && errno != EINTR)
			return drop(err, "reading from the peer failed");
	}
}

bool fcgi_read_start(struct fcgi_reader *r, int fd, int64_t peer_ms, int64_t request_ms, bool *closed)
{
	*r = (struct fcgi_reader){ .fd = fd, .peer_ms = peer_ms, .hold_until_us = INT64_MAX, .in = r->in };
	ssize_t n = recv(fd, r->in, FCGI_READ_BUFFER, MSG_DONTWAIT);
	*closed = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n <= 0)
		return false;
	r->len = r->touched = (size_t)n;
	r->heard_us = clock_mono_us();
	r->deadline_us = r->heard_us + request_ms * 1000;
	return true;
}

/* The next bytes, at most `max`, in place in the buffer; they are valid until the next call. */
static bool piece(struct fcgi_reader *r, size_t max, struct str *out, struct error *err)
{
	if (r->at == r->len && !fill(r, err))
		return false;
	size_t n = r->len - r->at;
	n = n < max ? n : max;
	*out = str_of((const char *)r->in + r->at, n);
	r->at += n;
	return true;
}

static bool content_piece(struct fcgi_reader *r, struct str *out, struct error *err)
{
	if (!piece(r, r->content, out, err))
		return false;
	r->content -= out->len;
	return true;
}

/* Fills `fixed` with the next bytes. */
static bool take_fixed(struct fcgi_reader *r, struct error *err)
{
	while (r->taken < sizeof(r->fixed)) {
		struct str s;
		if (!piece(r, sizeof(r->fixed) - r->taken, &s, err))
			return false;
		memcpy(r->fixed + r->taken, s.at, s.len);
		r->taken += s.len;
	}
	r->taken = 0;
	return true;
}

static bool skip_padding(struct fcgi_reader *r, struct error *err)
{
	while (r->padding > 0) {
		struct str s;
		if (!piece(r, r->padding, &s, err))
			return false;
		r->padding -= s.len;
	}
	return true;
}

/* Reads the header of the next record. The content of the previous one must have been taken. */
static bool next_record(struct fcgi_reader *r, struct error *err)
{
	static_assert(sizeof(r->fixed) == HEADER_SIZE && HEADER_SIZE == BEGIN_SIZE, "one place for both");
	const unsigned char *h = r->fixed;
	if (!skip_padding(r, err) || !take_fixed(r, err))
		return false;
	if (h[0] != VERSION)
		return drop(err, "a record has an unknown protocol version");
	r->type = h[1];
	r->id = (unsigned)h[2] << 8 | h[3];
	r->content = (size_t)h[4] << 8 | h[5];
	r->padding = h[6];
	return true;
}

/* Reads the header of a stream's next record. An empty record ends the stream; its padding is read too. */
static bool stream_record(struct fcgi_reader *r, unsigned type, unsigned id, struct error *err)
{
	if (!r->is_ending && !next_record(r, err))
		return false;
	if (r->type != type || r->id != id)
		return drop(err, "a record does not belong to the request");
	r->is_ending = r->content == 0;
	if (r->is_ending && !skip_padding(r, err))
		return false;
	r->is_ending = false;
	return true;
}

static bool read_begin(struct fcgi_reader *r, struct fcgi_head *head, struct error *err)
{
	const unsigned char *b = r->fixed;
	if (r->stage == FCGI_BEGINS) {
		if (!next_record(r, err))
			return false;
		if (r->type != BEGIN_REQUEST || r->id == 0 || r->content != BEGIN_SIZE)
			return drop(err, "the connection does not begin with a request");
		r->stage = FCGI_HAS_RECORD;
	}
	if (!take_fixed(r, err))
		return false;
	r->content = 0;
	*head = (struct fcgi_head){
		.id = r->id, .role = (unsigned)b[0] << 8 | b[1], .keep = b[2] & KEEP_CONN, .params = STR("")
	};
	r->stage = FCGI_HAS_BEGUN;
	return true;
}

/* Reads the parameters up to and including the empty record that ends them. */
static bool read_params(struct fcgi_reader *r, const struct fcgi_head *head, struct error *err)
{
	for (;;) {
		while (r->content > 0) {
			struct str s;
			if (!content_piece(r, &s, err))
				return false;
			buf_add(&r->params, s);
		}
		if (!stream_record(r, PARAMS, head->id, err))
			return false;
		if (r->content == 0)
			return true;
		r->params_len += r->content;
		if (r->params_len > FCGI_PARAMS_DRAIN)
			return drop(err, "the parameters do not end");
	}
}

bool fcgi_read_head(struct fcgi_reader *r, struct arena *a, struct fcgi_head *head, struct error *err)
{
	if (r->stage < FCGI_HAS_BEGUN) {
		if (!read_begin(r, head, err))
			return false;
		buf_init(&r->params, a, LIMIT_PARAMS);
	}
	if (r->stage == FCGI_HAS_HEAD || head->role != FCGI_ROLE_RESPONDER)
		return true;
	if (!read_params(r, head, err))
		return false;
	head->params_too_large = !buf_ok(&r->params);
	head->params = buf_str(&r->params);
	r->stage = FCGI_HAS_HEAD;
	return true;
}

/* A length of one byte, or of four with the high bit set. */
static bool take_length(struct str *rest, size_t *out)
{
	const unsigned char *b = (const unsigned char *)rest->at;
	if (rest->len < 1 || (b[0] & 0x80 && rest->len < 4))
		return false;
	if (!(b[0] & 0x80)) {
		*out = b[0];
		*rest = str_skip(*rest, 1);
		return true;
	}
	*out = (size_t)(b[0] & 0x7f) << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
	*rest = str_skip(*rest, 4);
	return true;
}

static bool take_pair(struct str *rest, struct param *p)
{
	size_t name, value;
	if (!take_length(rest, &name) || !take_length(rest, &value) || name > rest->len ||
		value > rest->len - name)
		return false;
	p->name = str_of(rest->at, name);
	p->value = str_of(rest->at + name, value);
	*rest = str_skip(*rest, name + value);
	return true;
}

enum fcgi_read fcgi_read_params(
	struct str params, struct arena *a, struct param **out, size_t *count, struct error *err)
{
	struct param p, all[REQUEST_PARAMS];
	size_t n = 0;
	for (; !str_is_empty(params); n++) {
		if (!take_pair(&params, &p)) {
			drop(err, "a parameter is longer than the record that holds it");
			return FCGI_READ_DROPPED;
		}
		if (n < REQUEST_PARAMS)
			all[n] = p;
	}
	if (n > REQUEST_PARAMS) {
		error_set(err, ERR_HEADERS_TOO_LARGE, "the request has more than %d parameters", REQUEST_PARAMS);
		return FCGI_READ_REFUSED;
	}
	*out = ARENA_ARRAY(a, struct param, n);
	*count = n;
	memcpy(*out, all, n * sizeof(*all));
	return FCGI_READ_WHOLE;
}

/* When a body stops arriving the peer gets an answer, since the headers are complete. A peer that is gone gets none. */
static enum fcgi_read body_failed(const struct fcgi_reader *r, struct error *err)
{
	if (r->is_starved)
		return FCGI_READ_STARVED;
	if (!r->timed_out)
		return FCGI_READ_DROPPED;
	error_set(err, ERR_REQUEST_TIMEOUT, "the body did not arrive in time");
	return FCGI_READ_REFUSED;
}

/* Reads the header of the body's next record and sets *ends when it is the last one. */
static enum fcgi_read body_record(
	struct fcgi_reader *r, const struct fcgi_head *head, bool *ends, struct error *err)
{
	if (!stream_record(r, STDIN, head->id, err))
		return body_failed(r, err);
	*ends = r->stdin_ended = r->content == 0;
	if (*ends && r->body_left > 0)
		error_set(err, ERR_INVALID_REQUEST, "the body is shorter than Content-Length says");
	else if (r->content > r->body_left)
		error_set(err, ERR_INVALID_REQUEST, "the body is longer than Content-Length says");
	else
		return FCGI_READ_WHOLE;
	return FCGI_READ_REFUSED;
}

enum fcgi_read fcgi_read_body(struct fcgi_reader *r, const struct fcgi_head *head, char *into, size_t room,
	size_t *got, struct error *err)
{
	struct str s;
	bool ends = r->stdin_ended;
	for (*got = 0; !ends && (*got < room || r->body_left == 0);) {
		if (r->content == 0) {
			enum fcgi_read read = body_record(r, head, &ends, err);
			if (read != FCGI_READ_WHOLE)
				return read;
			continue;
		}
		if (!piece(r, r->content < room - *got ? r->content : room - *got, &s, err))
			return body_failed(r, err);
		memcpy(into + *got, s.at, s.len);
		*got += s.len;
		r->content -= s.len;
		r->body_left -= s.len;
	}
	return FCGI_READ_WHOLE;
}

void fcgi_read_drain(struct fcgi_reader *r, const struct fcgi_head *head)
{
	if (r->stdin_ended)
		return;
	struct error ignored = ERROR_INIT;
	struct str s;
	size_t total = 0;
	while (!r->stdin_ended && !r->timed_out && total < FCGI_DRAIN) {
		if (r->content == 0) {
			if (!stream_record(r, STDIN, head->id, &ignored))
				return;
			r->stdin_ended = r->content == 0;
			continue;
		}
		if (!content_piece(r, &s, &ignored))
			return;
		total += s.len;
	}
}

bool fcgi_read_is_clean(const struct fcgi_reader *r)
{
	return r->stdin_ended && r->at == r->len;
}

void fcgi_read_wipe(struct fcgi_reader *r)
{
	if (r->touched > 0)
		explicit_bzero(r->in, r->touched);
	r->touched = r->at = r->len = 0;
}
