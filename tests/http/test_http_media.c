/*
 * Contents over HTTP, with the shipped resource for files (db/areas/0007_media_objects.sql): what was stored is returned
 * unchanged, only to those who may read it, and never in a form that a browser would run.
 */
#include "core/limits.h"
#include "crypto/digest.h"
#include "support/fcgi_client.h"
#include "support/http.h"
#include "support/people.h"
#include "support/stack.h"
#include "support/unit.h"

#include <stdlib.h>
#include <unistd.h>

#define OBJECTS "/v1/data/media_objects"
#define NOBODYS "99999999-9999-4999-8999-999999999999"
#define ONE "Accept: application/vnd.pgrst.object+json"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_FREED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_FREED 1
#endif

enum { LARGEST = LIMIT_MEDIA, GROWTH_KB = 3 * 1024, SESSION_GROWTH = 16 };

/* Two active tenants and their owners' tokens, for each test; a file of the first one. */
static struct {
	const char *tenant, *token, *other;
	const char *object, *content; /* paths */
} w;

static char large[LARGEST + 1];

static void begin(void)
{
	const char *owner = someone("owner"), *other = someone("other");
	w.tenant = active_tenant_of(owner);
	w.token = token(owner, w.tenant, "dev");
	w.other = token(other, active_tenant_of(other), "dev");
	struct http_reply r =
		HTTP("POST", OBJECTS, .token = w.token, .body = "{\"name\":\"a.bin\"}", .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	w.object = text_of(OBJECTS "/%s", http_text(&r, "id"));
	w.content = text_of("%s/content", w.object);
}

static struct http_reply put(const char *type, struct str bytes)
{
	return HTTP("PUT", w.content, .token = w.token, .type = type, .body = bytes.at, .length = bytes.len);
}

static struct http_reply get(void)
{
	return HTTP("GET", w.content, .token = w.token);
}

static const char *sha256_of(struct str bytes)
{
	uint8_t digest[SHA256_SIZE];
	digest_sha256(bytes, digest);
	return hex_encode(http_arena(), digest, sizeof(digest)).at;
}

static int64_t events(const char *action)
{
	return events_of(w.tenant, action);
}

static void bytes_come_back_as_they_went(void)
{
	static const char raw[] = "a\0b\r\n\\x00'\"\xff\xfe\0";
	const struct str bytes = str_of(raw, sizeof(raw) - 1);
	begin();
	struct http_reply r = get();
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = put("image/png", bytes);
	const char *tag = text_of("\"%s\"", sha256_of(bytes));
	CU_ASSERT(http_is(&r, 201, "") && str_is_empty(r.body) && header_is(&r, "ETag", tag));
	r = get();
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, bytes) && header_is(&r, "ETag", tag));
	CU_ASSERT(header_is(&r, "Content-Type", "image/png"));
	CU_ASSERT(header_is(&r, "X-Content-Type-Options", "nosniff"));
	CU_ASSERT(header_is(&r, "Content-Disposition", "attachment"));
	CU_ASSERT(header_is(&r, "Content-Security-Policy", "sandbox; default-src 'none'"));
	r = HTTP("HEAD", w.content, .token = w.token);
	CU_ASSERT(http_is(&r, 200, "") && str_is_empty(r.body) && header_is(&r, "ETag", tag));
	CU_ASSERT(header_is(&r, "Content-Length", text_of("%zu", bytes.len)));
	r = HTTP("GET", w.object, .token = w.token);
	int64_t size = 0;
	CU_ASSERT(http_is(&r, 200, "") && json_int64(json_get(r.json, STR("size")), &size));
	CU_ASSERT_EQUAL(size, (int64_t)bytes.len);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "content_type"), "image/png");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "sha256"), sha256_of(bytes));
	r = put("text/plain; charset=utf-8", STR("other"));
	CU_ASSERT(http_is(&r, 204, ""));
	r = get();
	CU_ASSERT(str_eq(r.body, STR("other")) && header_is(&r, "Content-Type", "text/plain; charset=utf-8"));
	r = put("text/plain", STR(""));
	CU_ASSERT(http_is(&r, 204, ""));
	r = get();
	CU_ASSERT(http_is(&r, 200, "") && str_is_empty(r.body));
	CU_ASSERT_EQUAL(events("media_contents.created"), 1);
	CU_ASSERT_EQUAL(events("media_contents.updated"), 2);
	CU_ASSERT_EQUAL(events("media_contents.updated' AND 'content' = ANY (fields) AND action <> '"), 2);
	http_forget();
}

/* The most memory that it ever had, in kB; 0: there is none. */
static int64_t peak_of(pid_t pid)
{
	char line[256];
	long kb = 0;
	FILE *file = fopen(text_of("/proc/%d/status", (int)pid), "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

static int64_t largest_worker(void)
{
	pid_t pids[LIMIT_WORKERS];
	int64_t most = 0;
	size_t count = stack_workers(pids, COUNT_OF(pids));
	for (size_t i = 0; i < count; i++)
		most = peak_of(pids[i]) > most ? peak_of(pids[i]) : most;
	return most;
}

/* The same of the workers' sessions in the database, with what they touched of its shared buffers. */
static int64_t largest_session(void)
{
	int64_t most = 0,
			count = ask_number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantd_app'");
	for (int64_t i = 0; i < count; i++) {
		int64_t pid = ask_number("SELECT pid FROM pg_stat_activity WHERE usename = 'tenantd_app'"
								 " ORDER BY pid OFFSET %lld LIMIT 1",
			(long long)i);
		int64_t peak = peak_of((pid_t)pid);
		most = peak > most ? peak : most;
	}
	return most;
}

/* They pass through: a worker holds a piece of them, and what libpq makes of it. The database holds them whole, a few
 * times, and makes nothing larger of them. */
static void sixteen_mebibytes_go_in_and_out_and_are_never_held(void)
{
	begin();
	for (size_t i = 0; i < LARGEST; i++)
		large[i] = (char)(i * 31 + i / 251);
	int64_t before = largest_worker(), in_database = largest_session();
	for (int turn = 0; turn < 4; turn++) {
		large[0] = (char)turn;
		struct http_reply r = put("application/zip", str_of(large, LARGEST));
		CU_ASSERT(http_is(&r, 201, ""));
		r = get();
		CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, str_of(large, LARGEST)));
		http_forget();
		begin();
		r = put("application/zip", STR("small"));
		CU_ASSERT(http_is(&r, 201, ""));
		r = put("application/zip", str_of(large, LARGEST));
		CU_ASSERT(http_is(&r, 204, ""));
		r = HTTP("DELETE", w.content, .token = w.token);
		CU_ASSERT(http_is(&r, 204, ""));
	}
#ifndef KEEPS_FREED /* AddressSanitizer does */
	CU_ASSERT(largest_worker() < before + GROWTH_KB);
#endif
	fprintf(stderr, "  largest worker: %lld kB at most before, %lld kB after\n", (long long)before,
		(long long)largest_worker());
	fprintf(stderr, "  largest session: %lld kB at most before, %lld kB after\n", (long long)in_database,
		(long long)largest_session());
	CU_ASSERT(largest_session() < in_database + SESSION_GROWTH * (LARGEST / 1024));
	http_forget();
}

/* T33, T34: conditions, roles and rehearsals hold for a body that is stored before they are looked at. */
static void what_is_streamed_is_guarded_like_anything_else(void)
{
	const struct str bytes = str_of(large, 3 * LIMIT_MEDIA_PIECE + 1);
	const char *sessions = "SELECT sum(pid)::bigint FROM pg_stat_activity WHERE usename = 'tenantd_app'";
	begin();
	int64_t before = ask_number("%s", sessions);
#define PUT(as, ...)                                                                                         \
	HTTP("PUT", w.content, .token = (as), .type = "image/png", .body = bytes.at, .length = bytes.len,        \
		.headers = { __VA_ARGS__ })
	struct http_reply r = PUT(w.other, NULL);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = PUT("x.y.z", NULL);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = PUT(w.token, "If-Match: *");
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = PUT(w.token, "Prefer: tx=rollback");
	CU_ASSERT(http_is(&r, 201, ""));
	r = get();
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = PUT(w.token, "Content-Range: bytes 0-3/9");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = PUT(w.token, "If-None-Match: *");
	CU_ASSERT(http_is(&r, 201, "") && header_is(&r, "ETag", text_of("\"%s\"", sha256_of(bytes))));
	r = PUT(w.token, "If-None-Match: *");
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = HTTP("PUT", OBJECTS "/" NOBODYS "/content", .token = w.token, .body = bytes.at, .length = bytes.len);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	const char *first = text_of("If-Match: \"%s\"", sha256_of(bytes));
	large[0]++;
	r = PUT(w.token, first);
	CU_ASSERT(http_is(&r, 204, ""));
	r = get();
	CU_ASSERT(r.status == 200 && str_eq(r.body, bytes));
#undef PUT
	CU_ASSERT_EQUAL(events("media_contents.created"), 1);
	CU_ASSERT_EQUAL(events("media_contents.updated"), 1);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.content_pieces"), 0);
	CU_ASSERT_EQUAL(ask_number("%s", sessions), before); /* a refusal costs nobody the connection */
	http_forget();
}

static void a_range_of_the_bytes_is_answered(void)
{
	enum { SIZE = 2 * LIMIT_MEDIA_PIECE + 10 };
	static const struct {
		const char *range;
		int status;
		size_t from, upto;
	} cases[] = {
		{ "bytes=0-0", 206, 0, 1 },
		{ "bytes=5-", 206, 5, SIZE },
		{ "bytes=-5", 206, SIZE - 5, SIZE },
		{ "BYTES = 7-262150", 206, 7, 262151 },
		{ "bytes=262143-262144", 206, LIMIT_MEDIA_PIECE - 1, LIMIT_MEDIA_PIECE + 1 },
		{ "bytes=9-99999999999999999999", 206, 9, SIZE },
		{ "bytes=-99999999999999999999", 206, 0, SIZE },
		{ "bytes=524298-", 416, 0, 0 },
		{ "bytes=99999999999999999999-", 416, 0, 0 },
		{ "bytes=-0", 416, 0, 0 },
		{ "bytes=5-4", 200, 0, SIZE },
		{ "bytes=0-1,5-6", 200, 0, SIZE },
		{ "bytes=-", 200, 0, SIZE },
		{ "bytes=", 200, 0, SIZE },
		{ "bytes=a-b", 200, 0, SIZE },
		{ "bytes=1-2-3", 200, 0, SIZE },
		{ "items=0-1", 200, 0, SIZE },
	};
	begin();
	const struct str bytes = str_of(large, SIZE);
	struct http_reply r = put("video/mp4", bytes);
	CU_ASSERT(http_is(&r, 201, ""));
	const char *tag = text_of("%s", http_header(&r, "ETag"));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t from = cases[i].from, upto = cases[i].upto;
		r = HTTP("GET", w.content, .token = w.token, .headers = { text_of("Range: %s", cases[i].range) });
		if (r.status != cases[i].status)
			fprintf(stderr, "  %s: %d\n", cases[i].range, r.status);
		CU_ASSERT_EQUAL(r.status, cases[i].status);
		if (r.status != 416)
			CU_ASSERT(str_eq(r.body, str_of(large + from, upto - from)));
		if (r.status == 206)
			CU_ASSERT(header_is(&r, "Content-Range", text_of("bytes %zu-%zu/%d", from, upto - 1, SIZE)));
		if (r.status == 416)
			CU_ASSERT(header_is(&r, "Content-Range", text_of("bytes */%d", SIZE)));
	}
	r = HTTP(
		"GET", w.content, .token = w.token, .headers = { "Range: bytes=1-2", text_of("If-Range: %s", tag) });
	CU_ASSERT(r.status == 206 && r.body.len == 2);
	const char *const others[] = { "If-Range: \"x\"", text_of("If-Range: W/%s", tag),
		"If-Range: Sat, 29 Feb 2048 10:00:00 GMT" };
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		r = HTTP("GET", w.content, .token = w.token, .headers = { "Range: bytes=1-2", others[i] });
		CU_ASSERT(r.status == 200 && r.body.len == SIZE);
	}
	r = HTTP("GET", w.content, .token = w.token,
		.headers = { "Range: bytes=1-2", text_of("If-None-Match: %s", tag) });
	CU_ASSERT(r.status == 304);
	r = HTTP("HEAD", w.content, .token = w.token, .headers = { "Range: bytes=1-2" });
	CU_ASSERT(r.status == 200 && header_is(&r, "Accept-Ranges", "bytes"));
	r = put("text/plain", STR(""));
	r = HTTP("GET", w.content, .token = w.token, .headers = { "Range: bytes=0-" });
	CU_ASSERT(r.status == 416);
	http_forget();
}

/* T76 */
static void more_than_the_limit_is_413_and_json_keeps_its_own(void)
{
	begin();
	struct http_reply r = put("application/zip", str_of(large, LARGEST + 1));
	CU_ASSERT(http_is(&r, 413, "content_too_large"));
	static char json[LIMIT_BODY + 2];
	memset(json, ' ', sizeof(json) - 1);
	r = HTTP("PATCH", w.object, .token = w.token, .body = json);
	CU_ASSERT(http_is(&r, 413, "content_too_large"));
	r = HTTP("PUT", w.object, .token = w.token, .body = json);
	CU_ASSERT(http_is(&r, 413, "content_too_large"));
	r = put("text/plain", str_of(json, LIMIT_BODY + 1));
	CU_ASSERT(http_is(&r, 201, ""));
	/* A stranger's megabytes are not even read. */
	r = HTTP("PUT", w.content, .type = "text/plain", .body = large, .length = LARGEST);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	http_forget();
}

/* T33 */
static void another_tenants_bytes_are_not_there(void)
{
	begin();
	struct http_reply r = put("text/plain", STR("mine"));
	CU_ASSERT(http_is(&r, 201, ""));
	static const char *const methods[] = { "GET", "PUT", "DELETE" };
	const char *nobodys = OBJECTS "/" NOBODYS "/content";
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		const char *body = i == 1 ? "theirs" : NULL;
		struct http_reply foreign = HTTP(methods[i], w.content, .token = w.other, .body = body);
		struct http_reply none = HTTP(methods[i], nobodys, .token = w.other, .body = body);
		CU_ASSERT(http_is(&foreign, 404, "not_found") && http_is(&none, 404, "not_found"));
		CU_ASSERT_STRING_EQUAL(http_text(&foreign, "detail"), http_text(&none, "detail"));
		const char *odd = OBJECTS "/1/content";
		none = HTTP(methods[i], odd, .token = w.token, .body = body);
		CU_ASSERT(http_is(&none, 404, "not_found"));
	}
	r = HTTP("PUT", w.content, .token = w.other, .body = "x", .headers = { "If-Match: *" });
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("PUT", w.content, .token = w.other, .body = "x", .headers = { "If-None-Match: *" });
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get();
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("mine")));
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM app.media_contents WHERE id = '" NOBODYS "'"), 0);
	http_forget();
}

static void the_roles_of_the_resource_hold(void)
{
	begin();
	const char *who = someone("member");
	member_of(w.tenant, who, "member", "active");
	const char *member = token(who, w.tenant, "dev");
	struct http_reply r = HTTP("PUT", w.content, .token = member, .body = "{}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("GET", w.content, .token = member);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("DELETE", w.content, .token = member);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	sql("UPDATE tenantd.resources SET update_role = 'tenant_admin' WHERE name = 'media_objects'");
	stack_reload();
	r = HTTP("PUT", w.content, .token = member, .body = "{}");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("GET", w.content, .token = member);
	CU_ASSERT(http_is(&r, 200, ""));
	sql("UPDATE tenantd.resources SET update_role = 'member', read_role = 'tenant_admin' WHERE name = "
		"'media_objects'");
	stack_reload();
	r = HTTP("GET", w.content, .token = member);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	sql("UPDATE tenantd.resources SET read_role = 'member' WHERE name = 'media_objects'");
	stack_reload();
	r = HTTP("DELETE", w.content, .token = w.token);
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("DELETE", w.content, .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get();
	CU_ASSERT(http_is(&r, 404, "not_found"));
	sql("UPDATE tenantd.tenants SET status = 'suspended' WHERE id = '%s'", w.tenant);
	r = get();
	CU_ASSERT(http_is(&r, 403, "tenant_not_active"));
	r = put("text/plain", STR("x"));
	CU_ASSERT(http_is(&r, 403, "tenant_not_active"));
	http_forget();
}

/* T98: nor does a type break a header line. */
static void nothing_is_answered_that_a_browser_would_run(void)
{
	static const struct {
		const char *given, *answered;
	} types[] = {
		{ "text/html", NULL },
		{ "TEXT/HTML; charset=utf-8", NULL },
		{ "image/svg+xml", NULL },
		{ "application/xhtml+xml", NULL },
		{ "application/xml", NULL },
		{ "text/xml", NULL },
		{ "text/javascript", NULL },
		{ "application/javascript", NULL },
		{ "application/x-javascript", NULL },
		{ "nonsense", NULL },
		{ "text/plain, text/html", NULL },
		{ "text/ html", NULL },
		{ "text/plain; a", NULL },
		{ "application/pdf", "application/pdf" },
		{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ "text/plain; a=\"b \\\" c\"", "text/plain; a=\"b \\\" c\"" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct http_reply r = put(types[i].given, STR("<script>"));
		CU_ASSERT(http_is(&r, i == 0 ? 201 : 204, ""));
		r = get();
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT(header_is(
			&r, "Content-Type", types[i].answered ? types[i].answered : "application/octet-stream"));
		CU_ASSERT(header_is(&r, "Content-Disposition", "attachment"));
	}
	/* What came in by another way is looked at as it goes out. */
	sql("UPDATE app.media_contents SET content_type = 'text/html ,' WHERE tenant_id = '%s'", w.tenant);
	struct http_reply r = get();
	CU_ASSERT(http_is(&r, 200, "") && header_is(&r, "Content-Type", "application/octet-stream"));
	http_forget();
}

static void conditions_are_about_the_bytes(void)
{
	begin();
	struct http_reply r = HTTP("PUT", w.content, .token = w.token, .body = "1", .headers = { "If-Match: *" });
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = HTTP("PUT", w.content, .token = w.token, .body = "1", .headers = { "If-None-Match: *" });
	CU_ASSERT(http_is(&r, 201, ""));
	const char *first = text_of("%s", http_header(&r, "ETag"));
	r = HTTP("PUT", w.content, .token = w.token, .body = "2", .headers = { "If-None-Match: *" });
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = HTTP("GET", w.content, .token = w.token, .headers = { text_of("If-None-Match: \"x\", W/%s", first) });
	CU_ASSERT(http_is(&r, 304, "") && str_is_empty(r.body) && header_is(&r, "ETag", first));
	r = HTTP("GET", w.content, .token = w.token, .headers = { "If-None-Match: *" });
	CU_ASSERT(http_is(&r, 304, ""));
	r = HTTP("GET", w.content, .token = w.token, .headers = { "If-None-Match: \"x\"" });
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("1")));
	r = HTTP("PUT", w.content, .token = w.token, .body = "2", .headers = { text_of("If-Match: %s", first) });
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("PUT", w.content, .token = w.token, .body = "3", .headers = { text_of("If-Match: %s", first) });
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = HTTP("PUT", w.content, .token = w.token, .body = "3", .headers = { "If-Match: nonsense" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("PUT", w.content, .token = w.token, .body = "3", .headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&r, 204, "") && header_is(&r, "Preference-Applied", "tx=rollback"));
	r = HTTP("DELETE", w.content, .token = w.token, .headers = { text_of("If-Match: %s", first) });
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = get();
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("2")));
	http_forget();
}

/* The column with the digest belongs to the application and may contain anything. The ETag is right all the same. */
static void a_digest_that_is_none_is_made_anew(void)
{
	static const char *const kept[] = { "NULL", "''", "'ab'", "E'a\nb'", "repeat('A', 64)",
		"repeat('a', 65)" };
	const struct str bytes = STR("some bytes");
	const char *tag = text_of("\"%s\"", sha256_of(bytes)), *condition = text_of("If-Match: %s", tag);
	begin();
	struct http_reply r = HTTP("POST", "/v1/data/papers", .token = w.token, .body = "{}", .headers = { ONE });
	const char *content = text_of("/v1/data/papers/%s/content", http_text(&r, "id"));
	r = HTTP("PUT", content, .token = w.token, .body = bytes.at);
	CU_ASSERT(http_is(&r, 201, "") && header_is(&r, "ETag", tag));
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		sql("UPDATE app.paper_contents SET sha256 = %s WHERE tenant_id = '%s'", kept[i], w.tenant);
		r = HTTP("GET", content, .token = w.token, .headers = { "If-None-Match: \"cab\"" });
		CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, bytes) && header_is(&r, "ETag", tag));
		r = HTTP("GET", content, .token = w.token, .headers = { text_of("If-None-Match: \"ab\", %s", tag) });
		CU_ASSERT(http_is(&r, 304, "") && header_is(&r, "ETag", tag));
		r = HTTP("PUT", content, .token = w.token, .body = bytes.at, .headers = { condition });
		CU_ASSERT(http_is(&r, 204, "") && header_is(&r, "ETag", tag));
	}
	sql("UPDATE app.paper_contents SET content = NULL WHERE tenant_id = '%s'", w.tenant);
	r = HTTP("GET", content, .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("PUT", content, .token = w.token, .body = bytes.at);
	CU_ASSERT(http_is(&r, 204, ""));
	http_forget();
}

/* Sends the request, the last byte of its body when so much time has gone since `began`. */
static void send_slowly(int fd, struct str body, int64_t began, int64_t us)
{
	struct bytes params = { 0 }, b = { 0 };
	param_usual(&params, "PUT", w.content, text_of("%zu", body.len));
	param_add(&params, STR("HTTP_AUTHORIZATION"), str_c(text_of("Bearer %s", w.token)));
	record_begin(&b, 1, FCGI_RESPONDER, 0);
	record_stream(&b, FCGI_PARAMS, 1, params.at, params.len);
	for (size_t at = 0; at < body.len - 1; at += 32768)
		record_add(&b, FCGI_STDIN, 1, body.at + at, body.len - 1 - at < 32768 ? body.len - 1 - at : 32768, 0);
	CU_ASSERT(fcgi_send(fd, &b));
	bytes_release(&b);
	bytes_release(&params);
	UNTIL(SOON_S, clock_mono_us() - began > us);
	record_stream(&b, FCGI_STDIN, 1, body.at + body.len - 1, 1);
	CU_ASSERT(fcgi_send(fd, &b));
	bytes_release(&b);
}

/* A compressed content is decompressed once, not again for each piece of it. */
static void bytes_that_are_compressed_come_in_time(void)
{
	enum { SIZE = 48 * 1024 * 1024 };
	struct fcgi_reply reply;
	char *text = malloc(SIZE + 32);
	CU_ASSERT_FATAL(text != NULL);
	uint32_t random = 1;
	for (size_t at = 0; at < SIZE;) {
		random = random * 1664525u + 1013904223u;
		at += (size_t)snprintf(text + at, 32, "order;%06u;shipped;EUR\n", (random >> 8) % 1000000);
	}
	begin();
	stack_set("limits", "media", "67108864");
	stack_set("limits", "statement_timeout", "30000");
	stack_reload();
	struct http_reply r = HTTP("POST", "/v1/data/papers", .token = w.token, .body = "{}", .headers = { ONE });
	w.content = text_of("/v1/data/papers/%s/content", http_text(&r, "id"));
	int fd = fcgi_connect(stack_socket()); /* the web server's bound is lower */
	send_slowly(fd, str_of(text, SIZE), clock_mono_us(), 0);
	fcgi_receive(fd, SOON_S * 1000, &reply);
	CU_ASSERT_EQUAL(reply.status, 201);
	fcgi_reply_release(&reply);
	close(fd);
	CU_ASSERT(ask_number("SELECT pg_column_size(content) FROM app.paper_contents WHERE tenant_id = '%s'",
				  w.tenant) < SIZE / 2);
	stack_set("limits", "request_deadline", "3000");
	stack_reload();
	r = get();
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, str_of(text, SIZE)));
	stack_set("limits", "media", NULL);
	stack_set("limits", "statement_timeout", NULL);
	stack_set("limits", "request_deadline", NULL);
	stack_reload();
	free(text);
	http_forget();
}

/* A body that took much of the time for its arrival leaves the statement its own, as one that is held does. */
static void a_slow_upload_is_not_ended_in_its_commit(void)
{
	enum { DEADLINE_MS = 4000, GRACE_MS = 1000 };
	static const char *const patient[] = { "peer_timeout", "lock_timeout", "statement_timeout" };
	struct fcgi_reply reply;
	begin();
	struct http_reply r = put("text/plain", STR("before"));
	CU_ASSERT(http_is(&r, 201, ""));
	stack_set("limits", "request_deadline", "4000");
	for (size_t n = 0; n < COUNT_OF(patient); n++)
		stack_set("limits", patient[n], "20000");
	stack_reload();
	stack_log_mark();
	sql("BEGIN; SELECT 1 FROM app.media_contents WHERE tenant_id = '%s' FOR UPDATE", w.tenant);
	int64_t began = clock_mono_us();
	int fd = fcgi_connect(stack_socket());
	send_slowly(fd, str_of(large, 2 * LIMIT_MEDIA_PIECE), began, DEADLINE_MS * 500);
	UNTIL(SOON_S, ask_number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0);
	UNTIL(SOON_S, clock_mono_us() - began > (DEADLINE_MS + GRACE_MS) * 1100);
	sql("ROLLBACK");
	fcgi_receive(fd, SOON_S * 1000, &reply);
	CU_ASSERT(reply.status == 204 && reply.ended);
	CU_ASSERT_EQUAL(stack_log("worker.watchdog", NULL), 0);
	fcgi_reply_release(&reply);
	close(fd);
	stack_set("limits", "request_deadline", NULL);
	for (size_t n = 0; n < COUNT_OF(patient); n++)
		stack_set("limits", patient[n], NULL);
	stack_reload();
	http_forget();
}

static void the_table_of_the_bytes_is_not_served(void)
{
	begin();
	struct http_reply r = put("text/plain", STR("x"));
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("GET", "/v1/data/media_contents", .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("GET", text_of("/v1/data/media_contents%s", strrchr(w.object, '/')), .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("GET", text_of("/v1/data/media_contents%s/content", strrchr(w.object, '/')), .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", "/v1/data/media_contents", .token = w.token, .body = "{}");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("POST", w.content, .token = w.token, .body = "{}");
	CU_ASSERT(http_is(&r, 404, "not_found")); /* no action of that name */
	r = HTTP("GET", text_of("/v1/data/plain/%s/content", NOBODYS), .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("GET", text_of("%s?select=content", w.content), .token = w.token);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

static void register_files(void)
{
	static char area[64 * 1024];
	FILE *file = fopen(text_of("%s/areas/0007_media_objects.sql", cluster_sources()), "re");
	size_t len = file ? fread(area, 1, sizeof(area) - 1, file) : 0;
	area[len] = '\0';
	if (file)
		fclose(file);
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app; %s;"
		"CREATE TABLE app.plain (id uuid PRIMARY KEY DEFAULT gen_random_uuid());"
		"SELECT tenantd.register_resource('app.plain');"
		"CREATE TABLE app.papers (id uuid DEFAULT gen_random_uuid(), tenant_id uuid, PRIMARY KEY (tenant_id, "
		"id));"
		"CREATE TABLE app.paper_contents (id uuid, tenant_id uuid, content bytea, content_type text, sha256 "
		"text,"
		" PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, id) REFERENCES app.papers (tenant_id, id) ON "
		"DELETE CASCADE);"
		"SELECT tenantd.register_resource('app.papers');"
		"SELECT tenantd.register_resource('app.paper_contents', content_of => 'papers', read_only => "
		"'{sha256}'); COMMIT",
		area);
	stack_reload();
}

/* What is not the file itself is not stored as if it were. */
static void a_form_or_a_compressed_body_is_415(void)
{
	static const char *const headers[][2] = {
		{ "multipart/form-data; boundary=x", NULL },
		{ "Multipart/x-mixed-replace; boundary=x", NULL },
		{ "image/png", "Content-Encoding: gzip" },
		{ "image/png", "Content-Encoding: br, identity" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct http_reply r = HTTP("PUT", w.content, .token = w.token, .body = "--x\r\nbytes",
			.type = headers[i][0], .headers = { headers[i][1] });
		CU_ASSERT(http_is(&r, 415, "unsupported_media_type"));
	}
	struct http_reply r = HTTP("GET", w.content, .token = w.token);
	CU_ASSERT_EQUAL(r.status, 404);
	r = HTTP("PUT", w.content, .token = w.token, .body = "bytes", .type = "image/png",
		.headers = { "Content-Encoding: identity" });
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("POST", OBJECTS, .token = w.token, .body = "{\"name\":\"z\"}",
		.headers = { "Content-Encoding: deflate" });
	CU_ASSERT(http_is(&r, 415, "unsupported_media_type"));
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(bytes_come_back_as_they_went),
		TEST(sixteen_mebibytes_go_in_and_out_and_are_never_held),
		TEST(what_is_streamed_is_guarded_like_anything_else),
		TEST(a_range_of_the_bytes_is_answered),
		TEST(more_than_the_limit_is_413_and_json_keeps_its_own),
		TEST(another_tenants_bytes_are_not_there),
		TEST(the_roles_of_the_resource_hold),
		TEST(nothing_is_answered_that_a_browser_would_run),
		TEST(conditions_are_about_the_bytes),
		TEST(a_digest_that_is_none_is_made_anew),
		TEST(bytes_that_are_compressed_come_in_time),
		TEST(a_slow_upload_is_not_ended_in_its_commit),
		TEST(the_table_of_the_bytes_is_not_served),
		TEST(a_form_or_a_compressed_body_is_415),
	};
	stack_up();
	register_files();
	return unit_main("media", tests, COUNT_OF(tests));
}
