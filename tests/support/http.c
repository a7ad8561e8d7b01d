/*
 * The HTTP client of the tests. It does not trust answers: a body that claims to be JSON must pass the strict parser.
 */
#include "support/http.h"

#include "core/clock.h"
#include "support/stack.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_S = 60, RAW_CHUNK = 65536, THREADS = 512 };

static _Thread_local struct arena *arena;
static _Thread_local CURL *client;

struct arena *http_arena(void)
{
	if (!arena)
		arena = arena_new(256 * (size_t)1024);
	return arena;
}

void http_forget(void)
{
	if (arena)
		arena_reset(arena);
}

void http_leave_thread(void)
{
	if (client)
		curl_easy_cleanup(client);
	if (arena)
		arena_free(arena);
	client = NULL;
	arena = NULL;
}

/* The received bytes, in a buffer that grows. */
struct sink {
	char *at;
	size_t len, room;
};

static void sink_add(struct sink *s, const char *at, size_t len)
{
	if (s->len + len + 1 > s->room) {
		size_t room = (s->len + len + 1) * 2;
		char *grown = realloc(s->at, room);
		if (!grown)
			out_of_memory();
		s->at = grown;
		s->room = room;
	}
	memcpy(s->at + s->len, at, len);
	s->len += len;
	s->at[s->len] = '\0';
}

static struct str sink_take(struct sink *s)
{
	struct str taken = arena_str(http_arena(), str_of(s->at, s->len));
	free(s->at);
	*s = (struct sink){ 0 };
	return taken;
}

static size_t receive(char *at, size_t size, size_t count, void *to)
{
	sink_add(to, at, size * count);
	return size * count;
}

/* A new status line begins the headers anew, because an answer may follow "100 Continue". */
static size_t receive_head(char *at, size_t size, size_t count, void *to)
{
	struct sink *s = to;
	if (str_starts(str_of(at, size * count), STR("HTTP/")))
		s->len = 0;
	return receive(at, size, count, to);
}

static void understand(struct http_reply *r)
{
	const char *type = http_header(r, "Content-Type");
	struct error err = ERROR_INIT;
	struct str code;
	r->code = "";
	if (!type || !strstr(type, "json") || str_is_empty(r->body))
		return;
	r->json = json_parse(http_arena(), r->body, &err);
	if (!r->json)
		fprintf(stderr, "  an answer that is no JSON: %.*s\n", STR_ARG(r->body));
	if (strcmp(type, "application/problem+json") == 0 && json_string(json_get(r->json, STR("code")), &code))
		r->code = arena_cstr(http_arena(), code);
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	if (!value)
		return list;
	/* curl leaves a header without a value out, unless a semicolon stands in for the colon */
	struct str line =
		*value ? arena_printf(http_arena(), "%s: %s", name, value) : arena_printf(http_arena(), "%s;", name);
	return curl_slist_append(list, line.at);
}

static struct curl_slist *headers_of(const struct http_with *with)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	if (with->token)
		list = add_header(list, "Authorization", arena_printf(http_arena(), "Bearer %s", with->token).at);
	list = add_header(list, "X-Tenant-ID", with->tenant);
	list = add_header(list, "X-Tenant-Slug", with->slug);
	list = add_header(list, "X-Env", with->env);
	if (with->body)
		list = add_header(list, "Content-Type", with->type ? with->type : "application/json");
	for (size_t i = 0; i < HTTP_HEADERS && with->headers[i]; i++)
		list = curl_slist_append(list, with->headers[i]);
	return list;
}

struct http_reply http_send(const char *method, const char *target, const struct http_with *with)
{
	struct sink head = { 0 }, body = { 0 };
	struct http_reply r = { .code = "" };
	long status = 0;
	if (!client && !(client = curl_easy_init()))
		out_of_memory();
	CURL *c = client;
	curl_easy_reset(c); /* keeps the connection */
	struct curl_slist *headers = headers_of(with);
	curl_easy_setopt(c, CURLOPT_URL, arena_printf(http_arena(), "http://127.0.0.1:%d/", stack_port()).at);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_REQUEST_TARGET, target);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)ANSWER_S);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, receive_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &head);
	if (strcmp(method, "POST") == 0 && !with->body) /* lighttpd wants to be told that there is none */
		headers = curl_slist_append(headers, "Content-Length: 0");
	if (with->body) {
		curl_easy_setopt(
			c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(with->length ? with->length : strlen(with->body)));
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, with->body);
	}
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	if (curl_easy_perform(c) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	r.status = (int)status;
	r.head = sink_take(&head).at;
	r.body = sink_take(&body);
	understand(&r);
	return r;
}

/* ---- a raw socket ---- */

int http_dial(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)stack_port()),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct timeval patience = { .tv_sec = ANSWER_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
		connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
		fprintf(stderr, "http: cannot connect: %s\n", strerror(errno));
		exit(EXIT_FAILURE);
	}
	return fd;
}

static size_t find_blank_line(struct str s)
{
	for (size_t i = 0; i + 4 <= s.len; i++)
		if (memcmp(s.at + i, "\r\n\r\n", 4) == 0)
			return i;
	return s.len;
}

/* Decodes one chunked body. It handles only what the answers in the tests need. */
static struct str unchunk(struct str in)
{
	struct sink out = { 0 };
	sink_add(&out, "", 0);
	for (;;) {
		char *end;
		size_t len = strtoul(in.at, &end, 16), from = (size_t)(end - in.at) + 2;
		if (len == 0 || from + len > in.len)
			return sink_take(&out);
		sink_add(&out, in.at + from, len);
		in = str_skip(in, from + len + 2);
	}
}

struct http_reply http_raw(struct str bytes)
{
	struct sink all = { 0 };
	struct http_reply r = { .code = "", .head = "", .body = STR("") };
	char *chunk = arena_alloc(http_arena(), RAW_CHUNK);
	int fd = http_dial();
	for (size_t sent = 0; sent < bytes.len;) {
		ssize_t n = send(fd, bytes.at + sent, bytes.len - sent, MSG_NOSIGNAL);
		if (n <= 0)
			break; /* the server may have answered before it read the whole request */
		sent += (size_t)n;
	}
	for (ssize_t n; (n = recv(fd, chunk, RAW_CHUNK, 0)) > 0;)
		sink_add(&all, chunk, (size_t)n);
	close(fd);
	if (!all.at)
		return r;
	struct str got = sink_take(&all);
	size_t head = find_blank_line(got);
	if (sscanf(got.at, "HTTP/%*d.%*d %d", &r.status) != 1)
		r.status = 0;
	r.head = arena_printf(http_arena(), "%.*s\r\n", (int)head, got.at).at;
	r.body = arena_str(http_arena(), str_skip(got, head + 4));
	if (http_header(&r, "Transfer-Encoding"))
		r.body = unchunk(r.body);
	understand(&r);
	return r;
}

static const char *format(const char *fmt, va_list args) PRINTF(1, 0);
static const char *format(const char *fmt, va_list args)
{
	char *text;
	int len = vasprintf(&text, fmt, args);
	if (len < 0)
		out_of_memory();
	const char *copy = arena_cstr(http_arena(), str_of(text, (size_t)len));
	free(text);
	return copy;
}

const char *text_of(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = format(fmt, args);
	va_end(args);
	return text;
}

struct http_reply http_rawf(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = format(fmt, args);
	va_end(args);
	return http_raw(str_c(text));
}

/* ---- looking at a reply ---- */

const char *http_header(const struct http_reply *r, const char *name)
{
	size_t len = strlen(name);
	for (const char *line = r->head; line && *line; line = strstr(line, "\r\n")) {
		if (line != r->head)
			line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return arena_cstr(
				http_arena(), str_trim(str_of(line + len + 1, strcspn(line + len + 1, "\r\n"))));
	}
	return NULL;
}

const char *http_text(const struct http_reply *r, const char *path)
{
	struct str text;
	return json_string(json_path(r->json, str_c(path)), &text) ? arena_cstr(http_arena(), text) : "";
}

bool http_is(const struct http_reply *r, int status, const char *code)
{
	if (r->status == status && (!code || strcmp(r->code, code) == 0))
		return true;
	fprintf(stderr, "  expected %d %s, got %d: %.*s\n", status, code ? code : "", r->status,
		(int)(r->body.len > 300 ? 300 : r->body.len), r->body.at);
	return false;
}

bool header_is(const struct http_reply *r, const char *name, const char *value)
{
	const char *is = http_header(r, name);
	if (is && strcmp(is, value) == 0)
		return true;
	fprintf(stderr, "  %s is %s, not %s\n", name, is ? is : "absent", value);
	return false;
}

bool body_has(const struct http_reply *r, const char *text)
{
	if (memmem(r->body.at, r->body.len, text, strlen(text)))
		return true;
	fprintf(stderr, "  no %s in %d %.*s\n", text, r->status, STR_ARG(r->body));
	return false;
}

bool body_is(const struct http_reply *r, const char *text)
{
	if (str_eq(r->body, str_c(text)))
		return true;
	fprintf(stderr, "  %d %.*s, not %s\n", r->status, STR_ARG(r->body), text);
	return false;
}

bool is_field(const struct http_reply *r, const char *field)
{
	const struct json *errors = json_get(r->json, STR("errors"));
	struct str name;
	for (size_t i = 0; i < json_count(errors); i++)
		if (json_string(json_get(json_at(errors, i, NULL), STR("field")), &name) &&
			str_eq(name, str_c(field)))
			return true;
	fprintf(stderr, "  %s is not named in %d %.*s\n", field, r->status, STR_ARG(r->body));
	return false;
}

const char *next_of(const struct http_reply *r)
{
	const char *link = http_header(r, "Link"), *end = link ? strstr(link, ">; rel=\"next\"") : NULL;
	return end && str_starts(str_c(link), STR("</")) ? text_of("%.*s", (int)(end - link - 1), link + 1)
													 : NULL;
}

int64_t http_metric(const char *series)
{
	struct http_reply r = HTTP("GET", "/metrics");
	size_t len = strlen(series);
	for (const char *line = r.body.at; line && *line; line = strchr(line, '\n')) {
		if (line != r.body.at)
			line++;
		if (strncmp(line, series, len) == 0 && line[len] == ' ')
			return strtoll(line + len, NULL, 10);
	}
	fprintf(stderr, "  no metric %s\n", series);
	return -1;
}

/* ---- threads ---- */

struct job {
	void (*work)(size_t number, void *arg);
	void *arg;
	size_t number;
};

static void *run_job(void *given)
{
	struct job *job = given;
	job->work(job->number, job->arg);
	http_leave_thread();
	return NULL;
}

void in_parallel(size_t threads, void (*work)(size_t number, void *arg), void *arg)
{
	static pthread_t ids[THREADS];
	static struct job jobs[THREADS];
	size_t started = 0;
	for (; started < threads && started < THREADS; started++) {
		jobs[started] = (struct job){ work, arg, started };
		if (pthread_create(&ids[started], NULL, run_job, &jobs[started]) != 0)
			break;
	}
	if (started < threads) {
		fprintf(stderr, "http: only %zu of %zu threads\n", started, threads);
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
}
