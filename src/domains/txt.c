/* TXT records by c-ares. What comes from DNS is hostile: it is compared, counted, and never shown. */
#include "domains/txt.h"

#include "core/clock.h"
#include "core/limits.h"

#include <ares.h>
#include <sys/select.h>

struct txt_resolver {
	struct arena *arena;
	ares_channel channel;
};

struct question {
	struct txt_resolver *resolver;
	struct str name, value;
	bool is_answered;
	enum domain_record found;
	struct str why;
};

struct txt_resolver *txt_open(struct arena *a, struct str servers, struct error *err)
{
	struct txt_resolver *r = arena_alloc(a, sizeof(*r));
	struct ares_options options = { .timeout = LIMIT_DNS_MS / 4, .tries = 2 };
	int code = ares_library_init(ARES_LIB_INIT_ALL);
	r->arena = a;
	r->channel = NULL;
	if (code == ARES_SUCCESS)
		code = ares_init_options(&r->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
	if (code == ARES_SUCCESS && !str_is_empty(servers))
		code = ares_set_servers_ports_csv(r->channel, arena_cstr(a, servers));
	if (code == ARES_SUCCESS)
		return r;
	error_log(err, ERR_UNAVAILABLE, "the resolver cannot be set up: %s", ares_strerror(code));
	txt_close(r);
	return NULL;
}

void txt_close(struct txt_resolver *r)
{
	if (r->channel)
		ares_destroy(r->channel);
	ares_library_cleanup();
}

/* The strings of one record follow each other; record_start marks the first of each. */
static bool says(const struct question *q, const struct ares_txt_ext *replies, int *records)
{
	struct str rest = STR("");
	bool is_same = false, is_there = false;
	*records = 0;
	for (const struct ares_txt_ext *t = replies; t; t = t->next) {
		struct str part = str_of((const char *)t->txt, t->length);
		if (t->record_start) {
			is_there = is_there || (is_same && str_is_empty(rest));
			rest = q->value;
			is_same = true;
			++*records;
		}
		is_same = is_same && str_starts(rest, part);
		if (is_same)
			rest = str_skip(rest, part.len);
	}
	return is_there || (is_same && str_is_empty(rest));
}

static void answered(void *arg, int status, int timeouts, unsigned char *bytes, int length)
{
	struct question *q = arg;
	struct arena *a = q->resolver->arena;
	struct ares_txt_ext *replies = NULL;
	int records = 0;
	(void)timeouts;
	q->is_answered = true;
	if (status == ARES_SUCCESS)
		status = ares_parse_txt_reply_ext(bytes, length, &replies);
	if (status == ARES_SUCCESS && says(q, replies, &records)) {
		q->found = DOMAIN_RECORD_THERE;
	} else if (status == ARES_SUCCESS && records > 0) {
		q->found = DOMAIN_RECORD_ABSENT;
		q->why =
			arena_printf(a, "%.*s has TXT records, and none of the %d says this", STR_ARG(q->name), records);
	} else if (status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND) {
		q->found = DOMAIN_RECORD_ABSENT;
		q->why = arena_printf(a, "%.*s has no TXT record", STR_ARG(q->name));
	} else {
		q->found = DOMAIN_RECORD_UNKNOWN;
		q->why = arena_printf(a, "DNS did not answer: %s", ares_strerror(status));
	}
	if (replies)
		ares_free_data(replies);
}

/* One turn of c-ares: waits for its sockets, a quarter of a second at most, so that it hears when it must stop. */
static void turn(ares_channel channel)
{
	fd_set readable, writable;
	struct timeval most = { 0, 250 * 1000 }, wait;
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	int count = ares_fds(channel, &readable, &writable);
	if (select(count, &readable, &writable, NULL, ares_timeout(channel, &most, &wait)) < 0) {
		FD_ZERO(&readable);
		FD_ZERO(&writable);
	}
	ares_process(channel, &readable, &writable);
}

enum domain_record txt_look_up(
	struct txt_resolver *r, struct str name, struct str value, bool (*should_stop)(void), struct str *why)
{
	enum { CLASS_IN = 1, TYPE_TXT = 16 };
	struct question q = { .resolver = r, .name = name, .value = value, .found = DOMAIN_RECORD_UNKNOWN };
	int64_t ends_us = clock_mono_us() + (int64_t)LIMIT_DNS_MS * 1000;
	ares_query(r->channel, arena_cstr(r->arena, name), CLASS_IN, TYPE_TXT, answered, &q);
	while (!q.is_answered) {
		if (clock_mono_us() >= ends_us || (should_stop && should_stop()))
			ares_cancel(r->channel); /* this answers the question */
		else
			turn(r->channel);
	}
	*why = q.why;
	return q.found;
}
