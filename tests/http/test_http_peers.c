/*
 * Peers that connect directly to the pool's socket and speak FastCGI badly, slowly or not at all, while others are served
 * through the web server; also the watchdog. tests/unit has the detailed tests of the reader.
 */
#include "support/fcgi_client.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENT = 40, STORM = 400, PATIENCE_MS = 30000 };

/* A few requests of somebody else; each is answered, none has to wait for the peer. */
static void others_are_served(void)
{
	int64_t began = clock_mono_us();
	for (int i = 0; i < 10; i++) {
		struct http_reply r = HTTP("GET", "/readyz");
		CU_ASSERT(http_is(&r, 200, ""));
	}
	CU_ASSERT(clock_mono_us() - began < PATIENCE_MS * 1000LL);
}

static int connected(void)
{
	int fd = fcgi_connect(stack_socket());
	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

/* T85 */
static void silent_peers_hold_no_worker(void)
{
	int fds[SILENT];
	for (size_t i = 0; i < SILENT; i++)
		fds[i] = connected();
	others_are_served();
	for (size_t i = 0; i < SILENT; i++) {
		CU_ASSERT(fcgi_is_closed(fds[i], PATIENCE_MS));
		close(fds[i]);
	}
	others_are_served();
}

/* T85: half a record, one peer per worker and more. */
static void peers_that_stop_in_the_middle_are_dropped(void)
{
	struct bytes b = { 0 };
	int fds[3 * STACK_WORKERS];
	record_request(&b, 0, "GET", "/healthz", STR(""));
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		struct bytes part = { .at = b.at, .len = i % 2 ? 5 : b.len - 12, .room = b.room };
		fds[i] = connected();
		CU_ASSERT(fcgi_send(fds[i], &part));
	}
	others_are_served();
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		CU_ASSERT(fcgi_is_closed(fds[i], PATIENCE_MS));
		close(fds[i]);
	}
	bytes_release(&b);
}

/* Sends these bytes; the answer's status, 0 when the peer was dropped. */
static int status_of(const struct bytes *b)
{
	struct fcgi_reply reply;
	int fd = connected();
	(void)fcgi_send(fd, b);
	(void)shutdown(fd, SHUT_WR);
	fcgi_receive(fd, PATIENCE_MS, &reply);
	int status = reply.status;
	CU_ASSERT(reply.closed || reply.ended);
	fcgi_reply_release(&reply);
	close(fd);
	return status;
}

static int status_with_params(const struct bytes *params, const char *body)
{
	struct bytes b = { 0 };
	record_begin(&b, 1, FCGI_RESPONDER, 0);
	record_stream(&b, FCGI_PARAMS, 1, params->at, params->len);
	record_stream(&b, FCGI_STDIN, 1, body, strlen(body));
	int status = status_of(&b);
	bytes_release(&b);
	return status;
}

/* T84, T86, T87, T89 */
static void records_that_lie_are_dropped(void)
{
	static const unsigned char huge_pair[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'A' };
	static const unsigned char long_pair[] = { 4, 0x7f, 'N', 'A', 'M', 'E', 'v' };
	struct bytes b = { 0 }, params = { 0 };
	bytes_add(&params, huge_pair, sizeof(huge_pair));
	CU_ASSERT_EQUAL(status_with_params(&params, ""), 0);
	bytes_release(&params);
	params = (struct bytes){ 0 };
	bytes_add(&params, long_pair, sizeof(long_pair));
	CU_ASSERT_EQUAL(status_with_params(&params, ""), 0);
	bytes_release(&params);
	static const unsigned roles[] = { FCGI_AUTHORIZER, FCGI_FILTER, 0, 99 };
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		params = (struct bytes){ 0 };
		b = (struct bytes){ 0 };
		param_usual(&params, "GET", "/healthz", NULL);
		record_begin(&b, 1, roles[i], 0);
		record_stream(&b, FCGI_PARAMS, 1, params.at, params.len);
		record_stream(&b, FCGI_STDIN, 1, "", 0);
		CU_ASSERT_EQUAL(status_of(&b), 0);
		bytes_release(&b);
		bytes_release(&params);
	}
	b = (struct bytes){ 0 };
	record_begin(&b, 1, FCGI_RESPONDER, 0);
	record_add(&b, FCGI_ABORT_REQUEST, 1, "", 0, 0);
	CU_ASSERT_EQUAL(status_of(&b), 0);
	bytes_release(&b);
	others_are_served();
}

/* T83, T88 */
static void parameters_that_can_be_read_in_two_ways_are_400(void)
{
	static const struct {
		struct str name, value;
	} cases[] = {
		{ STR("HTTP_HOST"), STR("a\0b") },
		{ STR("HTTP_A\0B"), STR("x") },
		{ STR("HTTP_A=B"), STR("x") },
		{ STR(""), STR("x") },
		{ STR("REQUEST_METHOD"), STR("POST") }, /* a second one */
		{ STR("HTTP_TRANSFER_ENCODING"), STR("chunked") },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct bytes params = { 0 };
		param_usual(&params, "POST", "/v1/auth/bootstrap", "2");
		param_add(&params, cases[i].name, cases[i].value);
		CU_ASSERT_EQUAL(status_with_params(&params, "{}"), 400);
		bytes_release(&params);
	}
	struct bytes params = { 0 };
	param_usual(&params, "POST", "/v1/auth/bootstrap", "10");
	CU_ASSERT_EQUAL(status_with_params(&params, "{}"), 400);
	bytes_release(&params);
	others_are_served();
}

/* T89: who aborts after the request was whole gets the transaction done or undone, never half. */
static void a_peer_that_leaves_early_leaves_nothing_half_done(void)
{
	for (int i = 0; i < 20; i++) {
		const char *who = someone("leaver");
		struct bytes params = { 0 }, b = { 0 };
		param_usual(&params, "POST", "/v1/auth/bootstrap", "2");
		param_add(&params, STR("CONTENT_TYPE"), STR("application/json"));
		struct str bearer = arena_printf(http_arena(), "Bearer %s", token(who, NULL, "dev"));
		param_add(&params, STR("HTTP_AUTHORIZATION"), bearer);
		record_begin(&b, 1, FCGI_RESPONDER, 0);
		record_stream(&b, FCGI_PARAMS, 1, params.at, params.len);
		record_stream(&b, FCGI_STDIN, 1, "{}", 2);
		if (i % 2)
			record_add(&b, FCGI_ABORT_REQUEST, 1, "", 0, 0);
		int fd = connected();
		(void)fcgi_send(fd, &b);
		close(fd);
		bytes_release(&b);
		bytes_release(&params);
	}
	others_are_served();
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.tenants t WHERE 1 <> (SELECT count(*) FROM tenantd.tenant_members m"
			" WHERE m.tenant_id = t.id AND m.role = 'owner')"
			" OR 1 <> (SELECT count(*) FROM tenantd.audit_events e WHERE e.tenant_id = t.id"
			" AND e.action = 'tenant.created')"),
		0);
}

/* ---- peers that never come to an end, and peers that send anything */

enum { DRIP_MS = 100, DEADLINE_MS = 2000, GRACE_MS = 20000 };

/* T85, T99: peers that send a byte now and then are never silent. They have one deadline for the whole request. */
static void peers_that_drip_are_dropped_at_the_deadline(void)
{
	struct bytes b = { 0 };
	int fds[4 * STACK_WORKERS];
	size_t sent[COUNT_OF(fds)], open = COUNT_OF(fds);
	stack_set("limits", "request_deadline", text_of("%d", DEADLINE_MS));
	stack_set("limits", "statement_timeout", "1000");
	stack_reload();
	static char body[4096];
	memset(body, ' ', sizeof(body));
	record_request(&b, 0, "POST", "/v1/auth/bootstrap", str_of(body, sizeof(body)));
	/* Half of them are in the head when it begins, and half in the body. */
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		sent[i] = i % 2 ? 20 : 300;
		fds[i] = connected();
		CU_ASSERT(fcgi_send(fds[i], &(struct bytes){ .at = b.at, .len = sent[i] }));
	}
	int64_t began = clock_mono_us();
	for (int step = 0; open > 0 && clock_mono_us() - began < GRACE_MS * 1000; step++) {
		for (size_t i = 0; i < COUNT_OF(fds); i++) {
			if (fds[i] < 0 || send(fds[i], b.at + sent[i]++, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
				continue;
			close(fds[i]);
			fds[i] = -1;
			open--;
		}
		if (step == 3)
			others_are_served();
		poll(NULL, 0, DRIP_MS);
	}
	CU_ASSERT_EQUAL(open, 0);
	CU_ASSERT(clock_mono_us() - began >= (DEADLINE_MS - 500) * 1000);
	stack_set("limits", "request_deadline", NULL);
	stack_set("limits", "statement_timeout", NULL);
	stack_reload();
	bytes_release(&b);
}

/* T84, T86: good requests in which some bytes were changed, cut or doubled, always the same ones. */
static void no_bytes_end_a_worker(void)
{
	pid_t before[STACK_WORKERS], after[STACK_WORKERS];
	uint64_t any = 1;
	CU_ASSERT_EQUAL(stack_workers(before, STACK_WORKERS), STACK_WORKERS);
	struct bytes good = { 0 };
	record_request(&good, 0, "POST", "/v1/auth/bootstrap", STR("{}"));
	for (int i = 0; i < STORM; i++) {
		struct bytes b = { 0 };
		bytes_add(&b, good.at, good.len);
		for (int edit = 0; edit < 1 + i % 4; edit++) {
			any = any * 6364136223846793005U + 1442695040888963407U;
			b.at[(any >> 33) % b.len] = (unsigned char)(any >> 24);
		}
		if (i % 3 == 0)
			b.len = (size_t)(any >> 33) % b.len;
		if (i % 5 == 0)
			bytes_add(&b, good.at, good.len);
		(void)status_of(&b);
		bytes_release(&b);
	}
	bytes_release(&good);
	others_are_served();
	CU_ASSERT_EQUAL(stack_workers(after, STACK_WORKERS), STACK_WORKERS);
	CU_ASSERT(memcmp(before, after, sizeof(before)) == 0);
}

/* Under AddressSanitizer a worker has terabytes, and keeps what it frees on purpose. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_WHAT_IT_FREES true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_WHAT_IT_FREES true
#endif
#ifndef KEEPS_WHAT_IT_FREES
#define KEEPS_WHAT_IT_FREES false
#endif

/* How often a process has these bytes in memory that it can write. */
static size_t times_in_memory(pid_t pid, struct str text)
{
	char line[512];
	size_t n = 0;
	FILE *maps = fopen(text_of("/proc/%d/maps", pid), "re"),
		 *memory = fopen(text_of("/proc/%d/mem", pid), "re");
	CU_ASSERT_FATAL(maps && memory);
	setvbuf(memory, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char mode[8];
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[0] != 'r' || mode[1] != 'w')
			continue;
		char *copy = malloc(to - from);
		size_t got = copy && fseek(memory, (long)from, SEEK_SET) == 0 ? fread(copy, 1, to - from, memory) : 0;
		for (char *at = copy; at && (at = memmem(at, got - (size_t)(at - copy), text.at, text.len)); at++)
			n++;
		free(copy);
	}
	fclose(maps);
	fclose(memory);
	return n;
}

/* T91: neither a token nor a password can be found in any worker once the request is over. */
static void a_worker_forgets_what_it_was_sent(void)
{
	static const char password[] = "xyzzy-plugh-0x5eed-phrase";
	const char *who = someone("forgotten"), *bearer = token(who, NULL, "dev");
	const char *signature = strrchr(bearer, '.') + 1;
	pid_t workers[STACK_WORKERS];
	size_t asked = 2 * STACK_WORKERS;
	if (KEEPS_WHAT_IT_FREES || geteuid() != 0)
		return; /* only root may look */
	for (size_t i = 0; i < asked; i++) {
		struct http_reply r = HTTP("GET", "/v1/auth/me", .token = bearer);
		CU_ASSERT(http_is(&r, 200, "") || http_is(&r, 404, NULL));
		r = HTTP("POST", "/v1/auth/signup", .env = "dev",
			.body = text_of("{\"email\":\"forgotten-%zu@example.com\",\"password\":\"%s\"}", i, password));
		CU_ASSERT(http_is(&r, 201, ""));
		r = HTTP("POST", "/v1/auth/login", .env = "dev",
			.body = text_of("{\"email\":\"x@example.com\",\"password\":\"%s\"", password));
		CU_ASSERT(http_is(&r, 400, "invalid_request")); /* broken JSON is forgotten as well */
	}
	CU_ASSERT_EQUAL(stack_workers(workers, STACK_WORKERS), STACK_WORKERS);
	for (size_t i = 0; i < STACK_WORKERS; i++) {
		CU_ASSERT_EQUAL(times_in_memory(workers[i], str_c(password)), 0);
		CU_ASSERT_EQUAL(times_in_memory(workers[i], str_c(signature)), 0);
		CU_ASSERT(times_in_memory(workers[i], str_c("dbname=stack")) > 0); /* what is there is found */
	}
}

/* T99: lighttpd reads the body before it connects. */
static void slow_bodies_hold_no_worker(void)
{
	int fds[4 * STACK_WORKERS];
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		static const char half[] =
			"POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{";
		fds[i] = http_dial();
		CU_ASSERT(send(fds[i], half, sizeof(half) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(half) - 1);
	}
	others_are_served();
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
}

/* T97: what follows a body is the next request and nothing else, and each answer is that of its own caller. */
static void requests_on_one_connection_stay_apart(void)
{
	const char *one = someone("first"), *two = someone("second");
	tenant_of(one);
	tenant_of(two);
	const char *hidden = text_of(
		"GET /v1/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", token(two, NULL, "dev"));
	struct http_reply r = http_rawf("POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n"
									"Content-Type: text/plain\r\nAuthorization: Bearer %s\r\n\r\n%s"
									"GET /v1/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
									"Connection: close\r\n\r\n",
		strlen(hidden), token(one, NULL, "dev"), hidden, token(one, NULL, "dev"));
	CU_ASSERT_EQUAL(
		r.status, 415); /* a body that is no JSON, and that is all; after a 400 Apache would hang up */
	const char *next = memmem(r.body.at, r.body.len, "HTTP/1.1 200", 12);
	CU_ASSERT_PTR_NOT_NULL(next);
	CU_ASSERT(body_has(&r, one));
	CU_ASSERT_PTR_NULL(memmem(r.body.at, r.body.len, two, strlen(two)));
	CU_ASSERT_PTR_NULL(next ? strstr(next + 1, "HTTP/1.1 ") : NULL);
}

/* T99: heads and bodies that come byte by byte hold nobody either, however many there are. */
static void clients_that_drip_hold_no_worker(void)
{
	static const char request[] = "POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nX-Env: dev\r\n"
								  "Content-Type: application/json\r\nContent-Length: 64\r\n\r\n{";
	int fds[SILENT];
	size_t sent[SILENT];
	for (size_t i = 0; i < SILENT; i++) {
		sent[i] = i % 2 ? sizeof(request) - 1 : 10;
		fds[i] = http_dial();
		CU_ASSERT(send(fds[i], request, sent[i], MSG_NOSIGNAL) == (ssize_t)sent[i]);
	}
	for (int step = 0; step < 10; step++) {
		for (size_t i = 0; i < SILENT; i++)
			(void)send(fds[i], i % 2 ? " " : request + sent[i]++, 1, MSG_NOSIGNAL);
		struct http_reply r = HTTP("GET", "/readyz");
		CU_ASSERT(http_is(&r, 200, ""));
	}
	others_are_served();
	for (size_t i = 0; i < SILENT; i++)
		close(fds[i]);
}

static int stuck_status;

static void get_stuck(size_t number, void *bearer)
{
	(void)number;
	stuck_status = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"stuck\"}").status;
}

static void *stick(void *bearer)
{
	in_parallel(1, get_stuck, bearer);
	return NULL;
}

static void the_watchdog_ends_a_worker_that_does_not_come_back(void)
{
	const char *who = someone("stuck"), *tenant = tenant_of(who);
	pthread_t aside;
	stack_set("limits", "request_deadline", "1000");
	stack_set("limits", "statement_timeout", "120000");
	stack_set("limits", "lock_timeout", "120000");
	stack_reload();
	stack_log_mark();
	int64_t kills = http_metric("tenantd_watchdog_kills_total");
	sql("BEGIN; SELECT 1 FROM tenantd.tenants WHERE id = '%s' FOR UPDATE", tenant);
	CU_ASSERT_FATAL(pthread_create(&aside, NULL, stick, (void *)(uintptr_t)token(who, tenant, "dev")) == 0);
	UNTIL(SOON_S, ask_number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0);
	others_are_served();
	UNTIL(SOON_S, stack_log("worker.watchdog", NULL) > 0);
	CU_ASSERT_EQUAL(stack_log("worker.watchdog", NULL), 1);
	sql("ROLLBACK");
	pthread_join(aside, NULL);
	CU_ASSERT(stuck_status >= 500);
	stack_set("limits", "request_deadline", NULL);
	stack_set("limits", "statement_timeout", NULL);
	stack_set("limits", "lock_timeout", NULL);
	stack_reload();
	CU_ASSERT_EQUAL(http_metric("tenantd_watchdog_kills_total"), kills + 1);
	struct http_reply r =
		HTTP("PATCH", "/v1/tenant", .token = token(who, tenant, "dev"), .body = "{\"name\":\"free\"}");
	CU_ASSERT(http_is(&r, 200, ""));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(silent_peers_hold_no_worker),
		TEST(peers_that_stop_in_the_middle_are_dropped),
		TEST(records_that_lie_are_dropped),
		TEST(parameters_that_can_be_read_in_two_ways_are_400),
		TEST(a_peer_that_leaves_early_leaves_nothing_half_done),
		TEST(peers_that_drip_are_dropped_at_the_deadline),
		TEST(no_bytes_end_a_worker),
		TEST(a_worker_forgets_what_it_was_sent),
		TEST(slow_bodies_hold_no_worker),
		TEST(clients_that_drip_hold_no_worker),
		TEST(requests_on_one_connection_stay_apart),
		TEST(the_watchdog_ends_a_worker_that_does_not_come_back),
	};
	stack_up();
	return unit_main("peers", tests, COUNT_OF(tests));
}
