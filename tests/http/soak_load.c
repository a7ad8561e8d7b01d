/*
 * The load of the soak. One thread has all connections in one poll and speaks the little of HTTP/1.1 that it needs, because a
 * client library per connection would cost more than the server that is tried. It must never take a wrong answer for a right
 * one: what a tenant's state was is read before a request is sent and after its answer came.
 */
#include "soak_load.h"

#include "core/arena.h"
#include "core/clock.h"
#include "support/http.h"
#include "support/stack.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ANSWER_ROOM = 16384,
	ANSWER_MS = 20000,
	SHOWN = 10, /* failures that are printed */
	REFUSALS = 2, /* that a tenant must have met before it is reactivated */
	STEP_MS = 1000,
	IDLE_MS = 4500, /* lighttpd holds an idle connection for 5 s */
	OTHER_FDS = 64
};

/* What is sent. The paths need no tenant; the token has it. */
static const struct act {
	const char *method, *target, *body;
	int status;
	bool is_closed; /* to members of a suspended tenant */
} acts[] = {
	{ "GET", "/v1/members", NULL, 200, true }, { "GET", "/v1/invitations?limit=5", NULL, 200, true },
	{ "GET", "/v1/auth/me", NULL, 200, false }, { "GET", "/v1/members", NULL, 200, true },
	{ "PATCH", "/v1/tenant", "{\"name\":\"Soaked\"}", 200, true },
	{ "GET", "/v1/members/00000000-0000-4000-8000-000000000000", NULL, 404, true },
	{ "POST", "/v1/auth/bootstrap", "{}", 200, false },
	{ "GET", "/v1/members?limit=x", NULL, 400, false }, /* refused before the database is asked, or by it */
};

/* A tenant's state is a number that is counted up at each step, so that an equal number before and after says that nothing
 * happened between: 0 active, 1 being suspended, 2 suspended, 3 being reactivated, 4 active … */
struct place {
	char *id, *token;
	atomic_uint state;
	atomic_uint refusals; /* since it was suspended */
};
enum { ACTIVE, SUSPENDING, SUSPENDED, REACTIVATING, STATES };

struct line {
	int fd; /* -1: none */
	bool is_busy, is_used; /* is_used: it had an answer before */
	const struct act *act;
	struct place *place;
	unsigned state; /* of the place when the request was sent */
	int64_t since_us, rested_us; /* when its last request was sent, and the answer to one came */
	size_t len;
	char in[ANSWER_ROOM];
};

static struct {
	struct soak_plan plan;
	struct place *places;
	struct line *lines;
	struct pollfd *polls;
	const char *admin;
	pthread_t load, administrator;
	atomic_bool stop_load, stop_admin;
	atomic_size_t requests, refused, failed, in_vain, lost, renewed, open, rounds, changes,
		at; /* at: the next to be suspended */
	size_t next_line;
	uint64_t seed;
} soak;

static void note_failure(const struct line *line, const char *what)
{
	struct str seen = str_of(line->in, line->len);
	if (atomic_fetch_add(&soak.failed, 1) < SHOWN)
		fprintf(stderr, "  %s %s in state %u, now %u: %s\n%.*s\n", line->act->method, line->act->target,
			line->state % STATES, atomic_load(&line->place->state) % STATES, what, (int)seen.len, seen.at);
}

/* ---- one connection ---- */

static void hang_up(struct line *line)
{
	if (line->fd >= 0) {
		close(line->fd);
		atomic_fetch_sub(&soak.open, 1);
	}
	line->fd = -1;
	line->is_busy = line->is_used = false;
	line->len = 0;
}

static void send_request(struct line *line)
{
	char text[8192];
	const char *body = line->act->body ? line->act->body : "";
	int len = snprintf(text, sizeof(text),
		"%s %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		line->act->method, line->act->target, line->place->token,
		line->act->body ? "Content-Type: application/json\r\n" : "", strlen(body), body);
	line->len = 0;
	line->is_busy = true;
	line->since_us = clock_mono_us();
	line->state = atomic_load(&line->place->state);
	if (len >= (int)sizeof(text) || send(line->fd, text, (size_t)len, MSG_NOSIGNAL) != (ssize_t)len)
		line->len = 0; /* the end of the connection is seen by whoever waits for the answer */
}

/* Numbers in no order, the same in each run: what is asked must not go round in step with whom it is asked for. */
static size_t any_of(size_t count)
{
	soak.seed = soak.seed * 6364136223846793005U + 1442695040888963407U;
	return (size_t)(soak.seed >> 33) % count;
}

/* Half of the requests go to tenants that are suspended now, or were just before. */
static struct place *next_place(void)
{
	size_t tenants = soak.plan.tenants, at = atomic_load(&soak.at);
	if (any_of(2))
		return &soak.places[any_of(tenants)];
	return &soak.places[(at + tenants - 1 - any_of(soak.plan.window + 1)) % tenants];
}

static void begin_request(struct line *line)
{
	line->act = &acts[any_of(COUNT_OF(acts))];
	line->place = next_place();
	if (line->fd < 0) {
		line->fd = http_dial();
		atomic_fetch_add(&soak.open, 1);
	}
	send_request(line);
}

/* ---- answers ---- */

/* True when the whole answer is there: its head, and as many bytes as that says. */
static bool is_whole(const struct line *line)
{
	const char *end = memmem(line->in, line->len, "\r\n\r\n", 4);
	const char *length = end ? memmem(line->in, line->len, "Content-Length: ", 16) : NULL;
	if (!end || !length || length > end)
		return false;
	return line->len >= (size_t)(end + 4 - line->in) + strtoul(length + 16, NULL, 10);
}

static void judge_answer(struct line *line)
{
	int status = 0;
	unsigned now = atomic_load(&line->place->state), was = line->state;
	line->in[line->len < ANSWER_ROOM ? line->len : ANSWER_ROOM - 1] = '\0';
	(void)sscanf(line->in, "HTTP/1.1 %d", &status);
	bool is_refusal = status == 403 && strstr(line->in, "tenant_not_active");
	bool is_good = status == line->act->status;
	if (line->act->is_closed && now == was && was % STATES == SUSPENDED) {
		if (status >= 200 && status < 300)
			atomic_fetch_add(&soak.in_vain, 1);
		is_good = is_refusal;
	} else if (line->act->is_closed && !(now == was && was % STATES == ACTIVE)) {
		is_good = is_good || is_refusal; /* it was changed meanwhile */
	}
	if (!is_good) {
		note_failure(line, "the answer is another one");
		return;
	}
	atomic_fetch_add(&soak.requests, 1);
	if (is_refusal) {
		atomic_fetch_add(&soak.refused, 1);
		atomic_fetch_add(&line->place->refusals, 1);
	}
}

/* How long it was idle: until its request was sent, or until now. */
static int64_t idle_us(const struct line *line)
{
	return (line->is_busy ? line->since_us : clock_mono_us()) - line->rested_us;
}

/* The connection ended. The web server may close one that was idle for some seconds, also at the moment at which the next
 * request is sent; when no byte of an answer came, that was not read, and is sent again. Any other end is a failure. */
static void meet_end(struct line *line)
{
	bool is_idle_end = line->is_used && line->len == 0 && idle_us(line) >= IDLE_MS * 1000LL;
	bool is_again = line->is_busy && is_idle_end;
	atomic_fetch_add(&soak.lost, 1);
	if (!is_idle_end)
		note_failure(line, "the connection ended");
	hang_up(line);
	if (is_again) {
		line->fd = http_dial();
		atomic_fetch_add(&soak.open, 1);
		send_request(line);
	}
}

/* True when the line has room for another request: its answer has come. */
static bool take_bytes(struct line *line)
{
	ssize_t got = recv(line->fd, line->in + line->len, ANSWER_ROOM - 1 - line->len, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		bool was_busy = line->is_busy;
		meet_end(line);
		return was_busy && !line->is_busy;
	}
	line->len += (size_t)got;
	if (!is_whole(line))
		return false;
	judge_answer(line);
	bool is_last = memmem(line->in, line->len, "Connection: close", 17) != NULL;
	line->is_busy = false;
	line->is_used = true;
	line->rested_us = clock_mono_us();
	line->len = 0;
	if (is_last) {
		atomic_fetch_add(&soak.renewed, 1);
		hang_up(line);
	}
	return true;
}

static bool is_late(struct line *line)
{
	if (!line->is_busy || clock_mono_us() - line->since_us < ANSWER_MS * 1000LL)
		return false;
	note_failure(line, "no answer came in time");
	hang_up(line);
	return true;
}

/* The connection that was idle for the longest time: they are used in turn. */
static void begin_next(void)
{
	for (size_t i = 0; i < soak.plan.connections; i++) {
		struct line *line = &soak.lines[soak.next_line++ % soak.plan.connections];
		if (!line->is_busy) {
			begin_request(line);
			return;
		}
	}
}

static void *keep_asking(void *unused)
{
	(void)unused;
	size_t busy = 0;
	while (!soak.stop_load || busy > 0) {
		for (; busy < soak.plan.at_once && !soak.stop_load; busy++)
			begin_next();
		for (size_t i = 0; i < soak.plan.connections; i++)
			soak.polls[i] = (struct pollfd){ .fd = soak.lines[i].fd, .events = POLLIN };
		(void)poll(soak.polls, soak.plan.connections, STEP_MS);
		for (size_t i = 0; i < soak.plan.connections; i++)
			if (soak.polls[i].fd >= 0 &&
				((soak.polls[i].revents && take_bytes(&soak.lines[i])) || is_late(&soak.lines[i])))
				busy--;
	}
	return NULL;
}

/* ---- the administrator ---- */

static void change(struct place *place, const char *act)
{
	unsigned state = atomic_fetch_add(&place->state, 1);
	struct http_reply r = HTTP("POST", text_of("/v1/admin/tenants/%s/%s", place->id, act),
		.token = soak.admin, .body = "{\"reason\":\"soak\"}");
	if (!http_is(&r, 200, "")) {
		atomic_fetch_add(&soak.failed, 1);
		atomic_store(&place->state, state);
		return;
	}
	if ((state + 1) % STATES == SUSPENDING)
		atomic_store(&place->refusals, 0);
	atomic_fetch_add(&place->state, 1);
	atomic_fetch_add(&soak.changes, 1);
	http_forget();
}

static void reactivate(struct place *place)
{
	if (place->state % STATES != SUSPENDED)
		return;
	UNTIL(SOON_S, place->refusals >= REFUSALS || soak.stop_load);
	if (place->refusals < REFUSALS) {
		atomic_fetch_add(&soak.failed, 1);
		fprintf(stderr, "  nobody was refused in a suspended tenant\n");
	}
	change(place, "reactivate");
}

static void *keep_changing(void *unused)
{
	(void)unused;
	size_t tenants = soak.plan.tenants, window = soak.plan.window;
	while (!soak.stop_admin) {
		for (size_t i = 0; i < tenants + window; i++) {
			atomic_store(&soak.at, (i + 1) % tenants);
			if (i >= window)
				reactivate(&soak.places[i - window]);
			if (i < tenants)
				change(&soak.places[i], "suspend");
		}
		soak.rounds++;
	}
	http_leave_thread();
	return NULL;
}

/* ---- all of it ---- */

static char *kept(const char *text)
{
	char *copy = strdup(text);
	if (!copy)
		out_of_memory();
	return copy;
}

static void *rooms(size_t count, size_t size)
{
	void *at = calloc(count, size);
	if (!at)
		out_of_memory();
	return at;
}

static void allow_fds(size_t count)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count)
		return;
	limit.rlim_cur = count < limit.rlim_max ? count : limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

void soak_begin(const struct soak_plan *plan)
{
	memset(&soak, 0, sizeof(soak));
	soak.plan = *plan;
	soak.places = rooms(plan->tenants, sizeof(*soak.places));
	soak.lines = rooms(plan->connections, sizeof(*soak.lines));
	soak.polls = rooms(plan->connections, sizeof(*soak.polls));
	allow_fds(plan->connections + OTHER_FDS);
	for (size_t i = 0; i < plan->tenants; i++) {
		const char *owner = someone("soak");
		const char *tenant = active_tenant_of(owner);
		soak.places[i].id = kept(tenant);
		soak.places[i].token = kept(token(owner, tenant, "dev"));
		http_forget();
	}
	for (size_t i = 0; i < plan->connections; i++)
		soak.lines[i].fd = -1;
	const char *admin = someone("soak-admin");
	sql("INSERT INTO tenantd.users (issuer, subject, system_admin) VALUES ('" ISS_MAIN "', '%s', true)",
		admin);
	soak.admin = kept(token(admin, NULL, "dev"));
	if (pthread_create(&soak.load, NULL, keep_asking, NULL) != 0 ||
		pthread_create(&soak.administrator, NULL, keep_changing, NULL) != 0)
		out_of_memory();
}

struct soak_tally soak_tally(void)
{
	return (struct soak_tally){ soak.requests, soak.refused, soak.failed, soak.in_vain, soak.lost,
		soak.renewed, soak.open, soak.rounds, soak.changes };
}

void soak_end(void)
{
	soak.stop_admin = true;
	pthread_join(soak.administrator, NULL);
	soak.stop_load = true;
	pthread_join(soak.load, NULL);
	for (size_t i = 0; i < soak.plan.connections; i++)
		hang_up(&soak.lines[i]);
	for (size_t i = 0; i < soak.plan.tenants; i++) {
		free(soak.places[i].id);
		free(soak.places[i].token);
	}
	free(soak.places);
	free(soak.lines);
	free(soak.polls);
	free((void *)(uintptr_t)soak.admin);
}
