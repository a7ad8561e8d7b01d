/*
 * Fuzzes the whole path of a request, from the bytes on the worker's socket to the door of the database, which is shut: reader,
 * route, token, forms, context, and the answer on the way back. An input is what a web server sends, byte for byte; or,
 * when it begins with a letter, a request in words, which is made into good FastCGI, so that the fuzzer need not find
 * out about lengths:
 *
 *   METHOD TARGET
 *   Header: value        ('@' stands for a token that is good for a tenant)
 *
 *   body
 *
 * Whatever comes: an answer is whole, its status is one that clients are told of, and it is never 500. The worker does
 * not end, holds nothing and serves the next one.
 */
#include "app/dispatch.h"
#include "core/clock.h"
#include "core/log.h"
#include "http/fcgi_io.h"
#include "support/fcgi_client.h"
#include "support/files.h"
#include "support/resource.h"
#include "support/tokens.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEER_MS = 200, WAIT_MS = 0, BODY = 65536, MEDIA = 262144, LOOKS = 3, RECORD = 8, CHECKED = 32768 };

static struct {
	struct provider *provider;
	struct server server;
	struct fcgi *fcgi;
	struct arena *arena;
	struct str token;
	struct sockaddr_un at;
	char dir[64];
	struct resource resources[2];
} world;

static bool no_hashing(void)
{
	return false;
}

static void end_hashing(void)
{
}

static void no_metrics(struct buf *out)
{
	buf_add_c(out, "# none\n");
}

static void clean_up(void)
{
	fcgi_free(world.fcgi);
	db_free(world.server.source.db);
	arena_free(world.arena);
	provider_free(world.provider);
	files_end(world.dir);
}

/* A server as a worker makes it, with a secret that is always the same, and nobody at the address of the database. */
static void make_server(void)
{
	struct provider *p = world.provider;
	struct error err = ERROR_INIT;
	struct str secret = STR("0123456789abcdef0123456789abcdef");
	p->config.issuers[1].hs256_secret_file = provider_file(p, "fixed", secret);
	provider_accounts(p);
	p->config.tenancy.env_allowed[ENV_DEV] = true;
	p->config.limits.body = BODY;
	p->config.limits.media = MEDIA;
	struct server *s = &world.server;
	s->config = &p->config;
	s->keys = keystore_load(p->arena, &p->config, &err);
	if (!s->keys)
		BUG("no keys: %s", err.operator);
	static struct db_options options = { .application_name = "fuzz", .connect_ms = 1 };
	options.url = STR("host=/nowhere dbname=none");
	tx_source_init(&s->source, db_new(&options), STR("0123456789abcdef0123456789abcdef"));
	s->accounts = (struct accounts){
		.config = &p->config, .signer = keystore_signer(s->keys), .begin = no_hashing, .end = end_hashing
	};
	world.resources[0] = *test_resource();
	s->catalog = (struct catalog){ .resources = world.resources, .count = 1 };
	s->is_ready = true;
	s->print_metrics = no_metrics;
	world.token = craft(p->arena, "HS256", secret, STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
		CLAIMS(p->arena, ISS_SHARED, { "env", "\"dev\"" },
			{ "app_metadata", "{\"tenant_id\":\"10000000-0000-4000-8000-000000000001\"}" }));
}

static void make_door(void)
{
	const struct fcgi_limits limits = { .body = MEDIA,
		.admits = dispatch_admits,
		.who = &world.server,
		.peer_ms = PEER_MS,
		.request_ms = PEER_MS };
	files_begin(world.dir, sizeof(world.dir), "fuzz");
	world.at.sun_family = AF_UNIX;
	snprintf(world.at.sun_path, sizeof(world.at.sun_path), "%s/s", world.dir);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&world.at, sizeof(world.at)) != 0 ||
		listen(listener, 8) != 0)
		BUG("no listener");
	world.fcgi = fcgi_new(listener, &limits);
	if (!world.fcgi)
		BUG("no descriptor");
	fcgi_accept(world.fcgi, true);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	struct error err = ERROR_INIT;
	if (!log_open("/dev/null", LOG_LEVEL_DEBUG, &err))
		BUG("no log");
	world.provider = provider_new();
	world.arena = arena_new(LIMIT_REQUEST_POOL);
	make_server();
	make_door();
	return atexit(clean_up);
}

/* ---- a request in words ---- */

/* The name of a header as a web server passes it on. */
static struct str param_name(struct arena *a, struct str name)
{
	bool is_plain = str_eq_nocase(name, STR("Content-Type"));
	char *text = arena_alloc(a, name.len + 6);
	size_t n = (size_t)snprintf(text, 6, "%s", is_plain ? "" : "HTTP_");
	for (size_t i = 0; i < name.len; i++)
		text[n++] = name.at[i] == '-' ? '_' : (char)toupper((unsigned char)name.at[i]);
	return str_of(text, n);
}

static struct str with_token(struct arena *a, struct str value)
{
	struct str before, after = str_split(value, '@', &before);
	return before.len == value.len
		? value
		: arena_printf(a, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(world.token), STR_ARG(after));
}

static void add_words(struct bytes *out, struct arena *a, struct str text)
{
	struct bytes params = { 0 };
	struct str line, method, rest = str_split(text, '\n', &line), target = str_split(line, ' ', &method);
	const char *uri = arena_cstr(a, target);
	struct str headers = rest, body = STR("");
	const char *blank = memmem(rest.at, rest.len, "\n\n", 2);
	if (blank) {
		headers = str_of(rest.at, (size_t)(blank - rest.at));
		body = str_skip(rest, headers.len + 2);
	}
	param_usual(&params, arena_cstr(a, method), uri, arena_printf(a, "%zu", body.len).at);
	while (!str_is_empty(headers)) {
		struct str name, value;
		headers = str_split(headers, '\n', &line);
		value = str_split(line, ':', &name);
		if (value.len > 0 && value.at[0] == ' ')
			value = str_skip(value, 1);
		param_add(&params, param_name(a, name), with_token(a, value));
	}
	record_begin(out, 1, FCGI_RESPONDER, 0);
	record_stream(out, FCGI_PARAMS, 1, params.at, params.len);
	record_stream(out, FCGI_STDIN, 1, body.at, body.len);
	bytes_release(&params);
}

/* ---- serving ---- */

static bool no_piece(void *from, struct str *piece, struct error *err)
{
	const struct byte_source *body = from;
	return body->next(body->from, piece, err);
}

/* What a worker does with one request. False when there is nothing to do any more. */
static bool serve_one(void)
{
	struct request req;
	struct response res;
	struct error err = ERROR_INIT;
	enum fcgi_got got = fcgi_next(world.fcgi, world.arena, WAIT_MS, NULL, &req, &err);
	if (got == FCGI_GOT_NOTHING) {
		arena_reset(world.arena);
		return false;
	}
	const struct byte_source from = req.stream ? *req.stream : (struct byte_source){ 0 };
	const struct byte_source body = { no_piece, (void *)(uintptr_t)&from };
	req.stream = req.stream ? &body : NULL;
	response_init(&res, world.arena);
	res.is_head = req.method == METHOD_HEAD;
	res.peer = fcgi_sink(world.fcgi);
	dispatch(&world.server, &req, got == FCGI_GOT_REFUSAL ? &err : NULL, &res);
	if (res.status < 200 || res.status > 599 || res.status == 500)
		BUG("an answer %d: %s", res.status, err.operator);
	(void)(res.has_begun ? fcgi_end(world.fcgi, res.left == 0)
						 : fcgi_answer(world.fcgi, response_print(&res)));
	arena_reset(world.arena);
	return true;
}

/* What came back is records, one behind the other up to the last byte, and the first of an answer begins with its status (another
 * role gets an end alone).
 * A long answer may be cut: nobody takes it while it is sent. */
static void check_answers(int fd)
{
	static unsigned char in[CHECKED];
	bool is_first = true;
	ssize_t got = recv(fd, in, sizeof(in), MSG_DONTWAIT);
	if (got <= 0 || got == (ssize_t)sizeof(in))
		return;
	size_t len = (size_t)got, at = 0;
	while (at + RECORD <= len) {
		size_t content = (size_t)in[at + 4] << 8 | in[at + 5];
		if (in[at] != 1 || (in[at + 1] != FCGI_STDOUT && in[at + 1] != FCGI_END_REQUEST))
			BUG("a record of type %d", in[at + 1]);
		if (is_first && in[at + 1] == FCGI_STDOUT &&
			(content < 12 || memcmp(in + at + RECORD, "Status: ", 8) != 0))
			BUG("an answer without its status");
		is_first = in[at + 1] == FCGI_END_REQUEST;
		at += RECORD + content + in[at + 6];
	}
	if (at != len)
		BUG("a part of a record");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { 0 };
	struct arena *a = arena_new(4096);
	if (size > 0 && isalpha(data[0]))
		add_words(&in, a, str_of((const char *)data, size));
	else
		bytes_add(&in, data, size);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&world.at, sizeof(world.at)) != 0)
		BUG("nobody listens");
	(void)send(fd, in.at, in.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	/* A look that finds nothing may have taken the connection, or put a part aside. */
	for (int idle = 0; idle < LOOKS;)
		idle = serve_one() ? 0 : idle + 1;
	check_answers(fd);
	close(fd);
	while (serve_one())
		continue;
	bytes_release(&in);
	arena_free(a);
	return 0;
}
