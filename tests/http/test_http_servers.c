/*
 * The same odd requests are sent to lighttpd, to Apache with mod_proxy_fcgi and to Apache with mod_fcgid, and the answers
 * are compared byte for byte, apart from the date, the trace and what only concerns the connection (T92-T98, T100). Where
 * a server decides before tenantd is asked, the row says why; docs/apache.md lists the same reasons.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <strings.h>

enum { LINES = 64, SOON_MS = 5000, PAGE_ROOM = 65536 };

/* Why answers may differ. Each sentence stands in docs/apache.md. */
enum why { SAME, WORDS, ABOVE_ROOT, OTHER_HOST, STAR, CONNECT, METHOD, EXPECT, BOTH, CODING, WHY_COUNT };
static const char *const WHYS[WHY_COUNT] = {
	[SAME] = "",
	/* Only here: the status and the code are compared, but not the detail and the trace. */
	[WORDS] = "the same status and code, in the words of whoever refused it",
	[ABOVE_ROOT] = "a target that climbs above the root",
	[OTHER_HOST] = "an absolute target whose host is not that of `Host`",
	[STAR] = "`OPTIONS *`",
	[CONNECT] = "`CONNECT`",
	[METHOD] = "a method that is no token",
	[BOTH] = "`Content-Length` beside `Transfer-Encoding`",
	[CODING] = "a `Transfer-Encoding` other than `chunked`",
	[EXPECT] = "an `Expect` that nobody knows",
};

/* A request of one line and the usual headers, or other headers. */
struct odd {
	const char *method, *target;
	const char *more; /* header lines, each with its CR LF */
	const char *body;
	enum why why;
	bool is_bare; /* only what `more` says: no Host, no token */
};

#define T(target)                                                                                            \
	{                                                                                                        \
		"GET", target, NULL, NULL, SAME, false                                                               \
	}
#define D(target, why)                                                                                       \
	{                                                                                                        \
		"GET", target, NULL, NULL, why, false                                                                \
	}
#define H(more)                                                                                              \
	{                                                                                                        \
		"GET", "/v1/tenant", more, NULL, SAME, false                                                         \
	}
#define HD(more, why)                                                                                        \
	{                                                                                                        \
		"GET", "/v1/tenant", more, NULL, why, false                                                          \
	}
#define B(more, body)                                                                                        \
	{                                                                                                        \
		"PATCH", "/v1/tenant", more, body, SAME, false                                                       \
	}
#define BD(more, body, why)                                                                                  \
	{                                                                                                        \
		"PATCH", "/v1/tenant", more, body, why, false                                                        \
	}
#define JSON "Content-Type: application/json\r\n"

static const struct odd ODDS[] = {
	/* T92, T93: targets */
	T("/"),
	T("//"),
	T("//v1/tenant"),
	T("/v1//tenant"),
	T("/v1/tenant/"),
	T("/v1/./tenant"),
	T("/v1/../v1/tenant"),
	D("/../v1/tenant", ABOVE_ROOT),
	T("/v1/tenant/.."),
	T("/v1/%2e%2e/v1/tenant"),
	T("/v1/%2E/tenant"),
	T("/v1%2Ftenant"),
	T("/v1%2ftenant"),
	T("/v1/members/a%2Fb"),
	T("/v1/tenant;a=b"),
	T("/v1;x/tenant"),
	T("/v1\\tenant"),
	T("/v1%5Ctenant"),
	D("/v1/tenant%zz", WORDS),
	D("/v1/tenant%", WORDS),
	D("/v1/tenant%2", WORDS),
	T("/v1/tenant%ff"),
	T("/v1/%c0%af"),
	T("/v1/tenant%00"),
	T("/v1/%00/tenant"),
	T("/v1/tenant%0a"),
	T("/v1/tenant%0d%0aX:y"),
	T("/v1/tenant%20"),
	D("/v1/tenant#x", WORDS),
	D("/v1/tenant?#", WORDS),
	T("/v1/%74enant"),
	T("/V1/tenant"),
	T("/v1/TENANT"),
	T("/v1/tenant?"),
	T("/v1/tenant?a=b"),
	T("/v1/tenant?a=%00"),
	T("/v1/tenant?a=%zz"),
	T("/v1/tenant?a=%0a"),
	T("/v1/members?limit=1"),
	T("/v1/members?limit=1&limit=2"),
	T("/v1/members?limit=%31"),
	T("/v1/members?limit=x"),
	T("/v1/members?cursor=%ff"),
	T("/v1/members?a=b;c=d"),
	T("/v1/members??"),
	T("/v1/members?limit=1?"),
	T("/v1/\xc3\xa9"),
	T("/v1/%c3%a9"),
	T("/v1/\xff"),
	T("/console"),
	T("/error"),
	T("/.tenantd/error-503.html"),
	T("/.tenantd/"),
	T("/.htaccess"),
	T("/index.html"),
	T("/server-status"),
	T("/cgi-bin/x"),
	T("/~root"),
	T("/v1/tenant.inc"),
	T("/v1/tenant~"),
	T("/healthz"),
	T("/v1/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s"),
	T("/v1/tenant<>\"{}|^`"),
	T("http://a/v1/tenant"),
	D("http://b/v1/tenant", OTHER_HOST),
	T("https://a/v1/tenant"),
	D("ftp://a/v1/tenant", WORDS),
	D("http://a", WORDS),
	D("v1/tenant", WORDS),
	D("*", WORDS),
	D("a:80", WORDS),
	D("?", WORDS),
	T("/v1/auth/../tenant"),
	T("/auth/me"),
	/* T96: methods */
	{ "HEAD", "/v1/tenant", NULL, NULL, SAME, false },
	{ "get", "/v1/tenant", NULL, NULL, SAME, false },
	{ "FOO", "/v1/tenant", NULL, NULL, SAME, false },
	{ "FOO", "/nowhere", NULL, NULL, SAME, false },
	{ "TRACE", "/v1/tenant", NULL, NULL, SAME, false },
	{ "TRACK", "/", NULL, NULL, SAME, false },
	{ "PROPFIND", "/v1/tenant", NULL, NULL, SAME, false },
	{ "OPTIONS", "/v1/tenant", NULL, NULL, SAME, false },
	{ "OPTIONS", "/nowhere", NULL, NULL, SAME, false },
	{ "OPTIONS", "*", NULL, NULL, STAR, false },
	{ "CONNECT", "a:80", NULL, NULL, CONNECT, false },
	{ "DELETE", "/v1/tenant", NULL, NULL, SAME, false },
	{ "PUT", "/v1/tenant", "Content-Length: 0\r\n", NULL, SAME, false },
	{ "POST", "/v1/tenant", NULL, NULL, SAME, false },
	{ "POST", "/v1/auth/bootstrap", NULL, NULL, SAME, false },
	{ "G\tT", "/v1/tenant", NULL, NULL, METHOD, false },
	{ "GE(T", "/v1/tenant", NULL, NULL, METHOD, false },
	/* T22, T23, T94, T95, T98, T100: headers */
	HD("X_Tenant_ID: x\r\n", WORDS),
	HD("X-Tenant_ID: x\r\n", WORDS),
	HD("X.Tenant.ID: x\r\n", WORDS),
	HD("X_Env: prod\r\n", WORDS),
	HD("X_Tenant_Slug: x\r\n", WORDS),
	H("X-Tenant-ID: x\r\nX-Tenant-ID: y\r\n"),
	H("X-Env: dev\r\n"),
	H("X-Env: dev, dev\r\n"),
	H("X-Tenant-ID:\r\n"),
	H("X_Other: x\r\n"),
	H("Authorization: Bearer x\r\n"),
	HD("Authorization : x\r\n", WORDS),
	HD("X-Filler : x\r\n", WORDS),
	HD("No colon\r\n", WORDS),
	HD(": x\r\n", WORDS),
	H("X-Filler: a\r\n b\r\n"),
	HD("X-Filler: \x01\r\n", WORDS),
	HD("X-Filler: \x7f\r\n", WORDS),
	HD("X-Env: d\x01v\r\n", WORDS),
	H("X-Filler: \xff\xfe\r\n"),
	H("Prefer: \xff\r\n"),
	H("Accept: text/csv\r\n"),
	H("Accept:\r\n"),
	H("Range: bytes=0-1\r\n"),
	H("If-None-Match: *\r\n"),
	H("If-Modified-Since: Sat, 28 Nov 2037 00:00:00 GMT\r\n"),
	H("If-Unmodified-Since: Sat, 28 Nov 1998 00:00:00 GMT\r\n"),
	H("If-Match: \"x\"\r\n"),
	H("Expect: 100-continue\r\n"),
	HD("Expect: other\r\n", EXPECT),
	H("Upgrade: h2c\r\n"),
	H("Cookie: a=b\r\n"),
	H("Proxy: x\r\n"),
	H("X-Forwarded-Host: b\r\n"),
	H("Content-Length: 0\r\n"),
	H("Content-Type: text/plain\r\n"),
	HD("Host: b\r\n", WORDS),
	H("Redirect-Status: 400\r\n"),
	{ "GET", "/v1/tenant", "Connection: close\r\n", NULL, WORDS, true },
	{ "GET", "/v1/tenant", "Host:\r\nConnection: close\r\n", NULL, WORDS, true },
	{ "GET", "/v1/tenant", "Host: a b\r\nConnection: close\r\n", NULL, WORDS, true },
	{ "GET", "/v1/tenant", "Host: a/b\r\nConnection: close\r\n", NULL, WORDS, true },
	{ "GET", "/v1/tenant", "Host: a:99999\r\nConnection: close\r\n", NULL, WORDS, true },
	{ "GET", "/v1/tenant", "Host: [::1]\r\nConnection: close\r\n", NULL, SAME, true },
	{ "GET", "/v1/tenant", "Host: A.\r\nConnection: close\r\n", NULL, SAME, true },
	{ "GET", "/v1/tenant", "Host: a\r\nConnection: close\r\n", NULL, SAME, true },
	/* T81, T97: bodies */
	B(JSON "Content-Length: 10\r\n", "{\"name\":1}"),
	B(JSON "Content-Length: 2\r\n", "{}"),
	B(JSON "Content-Length: 02\r\n", "{}"),
	BD(JSON "Content-Length: +2\r\n", "{}", WORDS),
	BD(JSON "Content-Length: -2\r\n", "{}", WORDS),
	BD(JSON "Content-Length: 2, 2\r\n", "{}", WORDS),
	BD(JSON "Content-Length: 2\r\nContent-Length: 2\r\n", "{}", WORDS),
	BD(JSON "Content-Length: 2\r\nContent-Length: 3\r\n", "{}", WORDS),
	BD(JSON "Content-Length: x\r\n", "", WORDS),
	BD(JSON "Content-Length: 0x2\r\n", "{}", WORDS),
	BD(JSON "Content-Length: 99999999999\r\n", "", WORDS),
	BD(JSON "Content-Length: 99999999999999999999999\r\n", "", WORDS),
	B("Content-Length: 2\r\n", "{}"),
	B("Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"),
	B(JSON "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
	B(JSON "Transfer-Encoding: chunked\r\n", "a\r\n{\"name\":1}\r\n0\r\n\r\n"),
	B(JSON "Transfer-Encoding: chunked\r\n", "2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n"),
	BD(JSON "Transfer-Encoding: chunked\r\n", "z\r\n", WORDS),
	B(JSON "Transfer-Encoding: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n"),
	BD(JSON "Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", CODING),
	BD(JSON "Transfer-Encoding: identity\r\n", "{}", CODING),
	BD(JSON "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "2\r\n{}\r\n0\r\n\r\n", BOTH),
	BD(JSON "Transfer-Encoding: chunked, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", CODING),
	B(JSON, "{}"),
	{ "GET", "/v1/tenant", "Content-Length: 2\r\n", "{}", WORDS, false },
	{ "GET", "/v1/tenant", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", WORDS, false },
	{ "DELETE", "/v1/tenant", "Content-Length: 2\r\n", "{}", SAME, false },
	{ "HEAD", "/v1/tenant", "Content-Length: 2\r\n", "{}", WORDS, false },
};

static const char *bearer;

static struct str bytes_of(const struct odd *odd)
{
	struct buf b;
	buf_init(&b, http_arena(), 8192);
	buf_printf(&b, "%s %s HTTP/1.1\r\n", odd->method, odd->target);
	if (!odd->is_bare)
		buf_printf(&b, "Host: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\n", bearer);
	buf_printf(&b, "%s\r\n%s", odd->more ? odd->more : "", odd->body ? odd->body : "");
	return buf_str(&b);
}

/* Of the connection or of the moment, or a name that a server gives itself. */
static bool is_passing(struct str line)
{
	static const struct str names[] = { STR("date:"), STR("server:"), STR("connection:"), STR("keep-alive:"),
		STR("traceparent:"), STR("transfer-encoding:"), STR("upgrade:") };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (line.len >= names[i].len && strncasecmp(line.at, names[i].at, names[i].len) == 0)
			return true;
	return false;
}

static int compare_lines(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* The status, the header lines in order of their names, and the body, without what may differ. */
static const char *told(const struct http_reply *r)
{
	const char *lines[LINES];
	size_t n = 0;
	struct buf b;
	char *body = arena_cstr(http_arena(), r->body), *trace = strstr(body, "\"trace_id\":\"");
	if (trace)
		memset(trace + 12, '-', strcspn(trace + 12, "\""));
	for (struct str rest = str_c(r->head), line; !str_is_empty(rest) && n < LINES;) {
		rest = str_split(rest, '\n', &line);
		line = str_trim(line);
		if (!str_is_empty(line) && !str_starts(line, STR("HTTP/")) && !is_passing(line))
			lines[n++] = arena_cstr(http_arena(), line);
	}
	qsort(lines, n, sizeof(*lines), compare_lines);
	buf_init(&b, http_arena(), 4096);
	buf_printf(&b, "%d\n", r->status);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s\n", lines[i]);
	buf_printf(&b, "\n%s", body);
	return arena_cstr(http_arena(), buf_str(&b));
}

static void odd_requests_get_the_same_answer_from_each_server(void)
{
	static const char *const names[] = { "lighttpd", "proxy", "fcgid" };
	for (size_t i = 0; i < COUNT_OF(ODDS); i++) {
		const char *answers[SERVER_COUNT];
		bool is_same = true, is_alike = true;
		struct http_reply first = { 0 };
		for (size_t s = 0; s < SERVER_COUNT; s++) {
			stack_web((enum stack_server)s);
			int64_t began = clock_mono_us();
			struct http_reply r = http_raw(bytes_of(&ODDS[i]));
			CU_ASSERT(clock_mono_us() - began < SOON_MS * 1000LL);
			if (clock_mono_us() - began > SOON_MS * 1000LL)
				fprintf(stderr, "  slow: %s %s %s %s: %lld\n", names[s], ODDS[i].method, ODDS[i].target,
					ODDS[i].more ? ODDS[i].more : "", (long long)(clock_mono_us() - began));
			answers[s] = told(&r);
			is_same = is_same && strcmp(answers[s], answers[0]) == 0;
			if (s == 0)
				first = r;
			is_alike = is_alike && r.status == first.status && strcmp(r.code, first.code) == 0;
		}
		bool is_told = is_same == (ODDS[i].why == SAME) && is_alike >= (ODDS[i].why == WORDS);
		CU_ASSERT(is_told);
		if (is_told)
			continue;
		fprintf(stderr, "  %s %s %s%s: %s\n", ODDS[i].method, ODDS[i].target,
			ODDS[i].more ? ODDS[i].more : "", ODDS[i].body ? ODDS[i].body : "",
			is_same ? "the same, though a difference was expected" : "differs");
		for (size_t s = 0; !is_same && s < SERVER_COUNT; s++)
			fprintf(stderr, "---- %s\n%s\n", names[s], answers[s]);
	}
}

/* The page for operators tells each reason. */
static void every_reason_for_a_difference_is_in_the_docs(void)
{
	static char page[PAGE_ROOM];
	const char *top = getenv("top_srcdir");
	FILE *f = fopen(text_of("%s/docs/apache.md", top ? top : "."), "re");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);
	for (size_t i = SAME + 1; i < WHY_COUNT; i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(page, WHYS[i]));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(every_reason_for_a_difference_is_in_the_docs),
		TEST(odd_requests_get_the_same_answer_from_each_server),
	};
	stack_up();
	const char *who = someone("odd");
	bearer = token(who, tenant_of(who), "dev");
	return unit_main("servers", tests, COUNT_OF(tests));
}
