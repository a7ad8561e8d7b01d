/*
 * The routes of resources over HTTP, on tables registered here: what is read, written, refused and left alone, and
 * that nothing of it reaches or tells of another tenant.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/people.h"
#include "support/stack.h"
#include "support/unit.h"

#define THINGS "/v1/data/things"
#define NOBODYS "99999999-9999-4999-8999-999999999999"
#define ONE "Accept: application/vnd.pgrst.object+json"

/* Two active tenants and their owners' tokens, for each test. */
static struct {
	const char *tenant, *token, *other_tenant, *other;
} w;

static void begin(void)
{
	const char *owner = someone("owner"), *other = someone("other");
	w.tenant = active_tenant_of(owner);
	w.token = token(owner, w.tenant, "dev");
	w.other_tenant = active_tenant_of(other);
	w.other = token(other, w.other_tenant, "dev");
}

static struct http_reply get(const char *target)
{
	return HTTP("GET", target, .token = w.token);
}

static struct http_reply post(const char *target, const char *body)
{
	return HTTP("POST", target, .token = w.token, .body = body);
}

/* Creates one and answers its id. */
static const char *made(const char *body)
{
	struct http_reply r = HTTP("POST", THINGS, .token = w.token, .body = body, .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	return http_text(&r, "id");
}

static int64_t in_database(const char *tenant)
{
	return ask_number("SELECT count(*) FROM app.things WHERE tenant_id = '%s'", tenant);
}

static int64_t events(const char *action)
{
	return ask_number("SELECT count(*) FROM tenantd.audit_events WHERE tenant_id = '%s' AND action = '%s'",
		w.tenant, action);
}

static bool is_field(const struct http_reply *r, const char *field)
{
	const struct json *errors = json_get(r->json, STR("errors"));
	struct str name;
	for (size_t i = 0; i < json_count(errors); i++)
		if (json_string(json_get(json_at(errors, i, NULL), STR("field")), &name) &&
			str_eq(name, str_c(field)))
			return true;
	return false;
}

static bool header_is(const struct http_reply *r, const char *name, const char *value)
{
	const char *is = http_header(r, name);
	if (is && strcmp(is, value) == 0)
		return true;
	fprintf(stderr, "  %s is %s, not %s\n", name, is ? is : "absent", value);
	return false;
}

static void a_row_is_created_read_changed_and_deleted(void)
{
	begin();
	struct http_reply r = post(THINGS, "{\"name\":\"a\",\"n\":1}");
	CU_ASSERT(http_is(&r, 201, "") && json_kind(r.json) == JSON_ARRAY && json_count(r.json) == 1);
	const char *place = text_of("%s", http_header(&r, "Location"));
	r = get(place);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "name"), "a");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant_id"), w.tenant);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "created_by"), http_text(&r, "updated_by"));
	CU_ASSERT_STRING_NOT_EQUAL(http_text(&r, "created_by"), "");
	r = HTTP("PATCH", place, .token = w.token, .body = "{\"name\":\"b\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "name"), "b");
	r = HTTP("PUT", place, .token = w.token, .body = "{\"name\":\"c\"}");
	int64_t n = 0;
	CU_ASSERT(http_is(&r, 200, "") && json_int64(json_get(r.json, STR("n")), &n));
	CU_ASSERT_EQUAL(n, 7); /* its default: a PUT says the whole row */
	r = HTTP("DELETE", place, .token = w.token);
	CU_ASSERT(http_is(&r, 204, "") && str_is_empty(r.body));
	r = get(place);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_EQUAL(events("things.created"), 1);
	CU_ASSERT_EQUAL(events("things.updated"), 2);
	CU_ASSERT_EQUAL(events("things.deleted"), 1);
	http_forget();
}

/* T33: whatever is done to it, another tenant's row is not there. */
static void another_tenants_row_is_not_there(void)
{
	begin();
	const char *id = made("{\"name\":\"mine\"}"), *row = text_of(THINGS "/%s", id),
			   *none = THINGS "/" NOBODYS;
	static const struct {
		const char *method, *body;
	} acts[] = { { "GET", NULL }, { "PATCH", "{\"name\":\"x\"}" }, { "DELETE", NULL } };
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		struct http_reply r = HTTP(acts[i].method, row, .token = w.other, .body = acts[i].body);
		struct http_reply like = HTTP(acts[i].method, none, .token = w.other, .body = acts[i].body);
		CU_ASSERT(http_is(&r, 404, "not_found") && http_is(&like, 404, "not_found"));
		CU_ASSERT_STRING_EQUAL(http_text(&r, "detail"), http_text(&like, "detail"));
		r = HTTP(
			acts[i].method, row, .token = w.other, .body = acts[i].body, .headers = { "If-Match: \"1-1\"" });
		CU_ASSERT(http_is(&r, 404, "not_found"));
	}
	struct http_reply r = HTTP("POST", text_of("%s/act", row), .token = w.other, .body = "{}");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("GET", THINGS, .token = w.other, .headers = { "Prefer: count=exact" });
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 0 && header_is(&r, "Content-Range", "*/0"));
	r = HTTP("GET", text_of(THINGS "?id=eq.%s", id), .token = w.other);
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 0);
	CU_ASSERT_STRING_EQUAL(ask("SELECT name FROM app.things WHERE id = '%s'", id), "mine");
	http_forget();
}

/* T34 */
static void a_batch_with_one_foreign_id_does_nothing(void)
{
	begin();
	const char *mine = made("{\"name\":\"mine\"}"), *token_of_mine = w.token;
	w.token = w.other;
	const char *theirs = made("{\"name\":\"theirs\"}");
	w.token = token_of_mine;
	const char *both = text_of(THINGS "?id=in.(%s,%s)", mine, theirs);
	struct http_reply r = HTTP("PATCH", both, .token = w.token, .body = "{\"name\":\"x\"}");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", both, .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", text_of(THINGS "?id=eq.%s", theirs), .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM app.things WHERE (id, name) IN (('%s', 'mine'), ('%s', 'theirs'))",
			mine, theirs),
		2);
	/* T45, T46: their key is free here, and taking it tells nothing. */
	r = post(THINGS, text_of("[{\"id\":\"%s\",\"name\":\"a\"},{\"name\":\"b\"}]", theirs));
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("POST", THINGS, .token = w.token,
		.body = text_of("[{\"id\":\"%s\",\"name\":\"again\"}]", theirs),
		.headers = { "Prefer: resolution=merge-duplicates" });
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM app.things WHERE id = '%s' AND name = 'theirs'", theirs), 1);
	CU_ASSERT_EQUAL(in_database(w.tenant), 3);
	r = HTTP("DELETE", text_of(THINGS "?id=in.(%s,%s)", mine, theirs), .token = w.token);
	CU_ASSERT(http_is(&r, 204, ""));
	CU_ASSERT_EQUAL(in_database(w.other_tenant), 1);
	http_forget();
}

/* T35, T44 */
static void a_foreign_parent_is_no_parent(void)
{
	begin();
	const char *mine = made("{\"name\":\"mine\"}");
	struct http_reply r =
		HTTP("POST", THINGS, .token = w.other, .body = text_of("{\"name\":\"x\",\"parent\":\"%s\"}", mine));
	CU_ASSERT(http_is(&r, 404, "not_found") && is_field(&r, "parent"));
	struct http_reply none =
		HTTP("POST", THINGS, .token = w.other, .body = "{\"name\":\"x\",\"parent\":\"" NOBODYS "\"}");
	CU_ASSERT(http_is(&none, 404, "not_found"));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "detail"), http_text(&none, "detail"));
	r = post(THINGS, text_of("{\"name\":\"x\",\"parent\":\"%s\"}", mine));
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("DELETE", text_of(THINGS "/%s", mine), .token = w.token);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	http_forget();
}

/* T38, T77, T78, T79, T75 */
static void bodies_are_refused_by_the_name_of_the_field(void)
{
	static const char *const cases[][2] = {
		{ "{\"name\":\"a\",\"tenant_id\":\"" NOBODYS "\"}", "tenant_id" },
		{ "{\"name\":\"a\",\"env\":\"prod\"}", "env" },
		{ "{\"name\":\"a\",\"version\":9}", "version" },
		{ "{\"name\":\"a\",\"created_by\":null}", "created_by" },
		{ "{\"name\":\"a\",\"role\":\"owner\"}", "role" },
		{ "{\"n\":1}", "name" },
		{ "{\"name\":null}", "name" },
		{ "{\"name\":\"a\",\"n\":2147483648}", "n" },
		{ "{\"name\":\"a\",\"n\":\"1\"}", "n" },
		{ "{\"name\":\"a\",\"amount\":1e400}", "amount" },
		{ "{\"name\":\"a\",\"at\":\"infinity\"}", "at" },
		{ "{\"name\":\"a\",\"at\":\"2024-06-30T23:59:60Z\"}", "at" },
		{ "[{\"name\":\"a\"},{\"name\":5}]", "[1].name" },
		{ "{\"name\":\"a\",\"name\":\"b\"}", NULL },
		{ "{\"name\":\"a\\u0000\"}", NULL },
		{ "[1]", NULL },
		{ "", NULL },
		{ "{\"name\":\"a\"}{}", NULL },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = post(THINGS, cases[i][0]);
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
		CU_ASSERT(!cases[i][1] || is_field(&r, cases[i][1]));
	}
	struct http_reply r =
		HTTP("POST", THINGS, .token = w.token, .body = "name=a", .type = "application/x-www-form-urlencoded");
	CU_ASSERT(http_is(&r, 415, "unsupported_media_type"));
	CU_ASSERT_EQUAL(in_database(w.tenant), 0);
	http_forget();
}

static void an_array_is_all_or_nothing(void)
{
	begin();
	struct http_reply r = post(THINGS, "[{\"name\":\"a\",\"code\":\"1\"},{\"name\":\"b\",\"code\":\"1\"}]");
	CU_ASSERT(http_is(&r, 409, "conflict") && is_field(&r, "code"));
	CU_ASSERT_EQUAL(in_database(w.tenant), 0);
	r = post(THINGS "?select=name,n,code", "[{\"name\":\"a\",\"n\":1},{\"name\":\"b\",\"code\":\"1\"}]");
	CU_ASSERT(http_is(&r, 201, "") && !http_header(&r, "Location"));
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM app.things WHERE tenant_id = '%s' AND name = 'b' AND n = 7", w.tenant),
		1);
	/* The same code, another tenant: no conflict (T45). */
	r = HTTP("POST", THINGS, .token = w.other, .body = "{\"name\":\"a\",\"code\":\"1\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = post(THINGS, "{\"name\":\"a\",\"n\":-1}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "n"));
	r = HTTP("POST", THINGS "?on_conflict=code", .token = w.token,
		.body = "{\"name\":\"merged\",\"code\":\"1\"}",
		.headers = { "Prefer: resolution=merge-duplicates, return=minimal" });
	CU_ASSERT(http_is(&r, 200, "") && str_is_empty(r.body));
	CU_ASSERT_EQUAL(in_database(w.tenant), 2);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM app.things WHERE tenant_id = '%s' AND name = 'merged'", w.tenant),
		1);
	http_forget();
}

static void a_value_too_large_for_its_index_is_the_callers(void)
{
	begin();
	struct buf b;
	buf_init(&b, http_arena(), 65536);
	buf_add_c(&b, "{\"name\":\"a\",\"code\":\"");
	for (unsigned i = 0, x = 1; i < 8000; i++) {
		x = x * 1103515245 + 12345; /* not to be compressed */
		buf_add_char(&b, (char)('a' + (x >> 16) % 26));
	}
	buf_add_c(&b, "\"}");
	struct http_reply r = post(THINGS, buf_str(&b).at);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

static void conditions_are_kept(void)
{
	begin();
	const char *row = text_of(THINGS "/%s", made("{\"name\":\"a\"}"));
	struct http_reply r = get(row);
	const char *etag = text_of("%s", http_header(&r, "ETag"));
	r = HTTP("GET", row, .token = w.token, .headers = { text_of("If-None-Match: %s", etag) });
	CU_ASSERT(http_is(&r, 304, "") && str_is_empty(r.body) && header_is(&r, "ETag", etag));
	r = HTTP("PATCH", row, .token = w.token, .body = "{\"name\":\"b\"}",
		.headers = { text_of("If-Match: W/%s", etag) });
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = HTTP("PATCH", row, .token = w.token, .body = "{\"name\":\"b\"}",
		.headers = { text_of("If-Match: %s", etag) });
	CU_ASSERT(http_is(&r, 200, ""));
	static const char *const methods[][2] = { { "PATCH", "{\"name\":\"c\"}" }, { "PUT", "{\"name\":\"c\"}" },
		{ "DELETE", NULL } };
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		r = HTTP(methods[i][0], row, .token = w.token, .body = methods[i][1],
			.headers = { text_of("If-Match: %s", etag) });
		CU_ASSERT(http_is(&r, 412, "precondition_failed"));
		r = HTTP(methods[i][0], THINGS "/" NOBODYS, .token = w.token, .body = methods[i][1],
			.headers = { "If-Match: *" });
		CU_ASSERT(http_is(&r, 404, "not_found"));
	}
	r = HTTP("PUT", row, .token = w.token, .body = "{\"name\":\"c\"}", .headers = { "If-None-Match: *" });
	CU_ASSERT(http_is(&r, 412, "precondition_failed"));
	r = HTTP("PUT", THINGS "/" NOBODYS, .token = w.token, .body = "{\"name\":\"c\"}",
		.headers = { "If-None-Match: *" });
	CU_ASSERT(http_is(&r, 201, "") && header_is(&r, "Location", THINGS "/" NOBODYS));
	r = HTTP("DELETE", THINGS "?n=eq.1", .token = w.token, .headers = { "If-Match: *" });
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "If-Match"));
	r = HTTP("PATCH", row, .token = w.token, .body = "{\"name\":\"c\"}", .headers = { "If-Match: nonsense" });
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "If-Match"));
	http_forget();
}

static void a_dry_run_answers_and_leaves_nothing(void)
{
	begin();
	struct http_reply r = HTTP(
		"POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&r, 201, "") && header_is(&r, "Preference-Applied", "tx=rollback") &&
		json_count(r.json) == 1);
	CU_ASSERT_EQUAL(in_database(w.tenant), 0);
	CU_ASSERT_EQUAL(events("things.created"), 0);
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\",\"parent\":\"" NOBODYS "\"}",
		.headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", THINGS "?n=gt.0", .token = w.token, .headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&r, 204, ""));
	r = post(THINGS, "{\"name\":\"a\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	http_forget();
}

/* T73 */
static void an_idempotency_key_answers_once_and_for_one_request(void)
{
	begin();
	static const char key[] = "Idempotency-Key: key-1";
	struct http_reply first =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { key });
	struct http_reply again =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { key });
	CU_ASSERT(http_is(&first, 201, "") && http_is(&again, 201, "") && str_eq(first.body, again.body));
	CU_ASSERT(header_is(&again, "Location", http_header(&first, "Location")));
	CU_ASSERT_EQUAL(in_database(w.tenant), 1);
	struct http_reply r =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"b\"}", .headers = { key });
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("POST", THINGS, .token = w.other, .body = "{\"name\":\"b\"}", .headers = { key });
	CU_ASSERT(http_is(&r, 201, ""));
	/* What failed is not kept, and a day is enough. */
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"c\",\"n\":-1}",
		.headers = { "Idempotency-Key: key-2" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"c\",\"n\":1}",
		.headers = { "Idempotency-Key: key-2" });
	CU_ASSERT(http_is(&r, 201, ""));
	sql("UPDATE tenantd.idempotency_keys SET created_at = now() - interval '25 hours'");
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"b\"}", .headers = { key });
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP(
		"POST", THINGS, .token = w.token, .body = "{\"name\":\"b\"}", .headers = { "Idempotency-Key: a b" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

struct repeat {
	const char *token;
	int statuses[16];
};

static void post_with_key(size_t i, void *arg)
{
	struct repeat *repeat = arg;
	struct http_reply r = HTTP("POST", THINGS, .token = repeat->token, .body = "{\"name\":\"once\"}",
		.headers = { "Idempotency-Key: at-once" });
	repeat->statuses[i] = r.status;
	http_forget();
}

static void repeats_at_once_make_one_row(void)
{
	struct repeat repeat;
	begin();
	repeat.token = w.token;
	in_parallel(COUNT_OF(repeat.statuses), post_with_key, &repeat);
	for (size_t i = 0; i < COUNT_OF(repeat.statuses); i++)
		CU_ASSERT_EQUAL(repeat.statuses[i], 201);
	CU_ASSERT_EQUAL(in_database(w.tenant), 1);
	http_forget();
}

/* The target in Link: <…>; NULL when there is none. */
static const char *next_of(const struct http_reply *r)
{
	const char *link = http_header(r, "Link");
	const char *end = link ? strchr(link, '>') : NULL;
	return end ? text_of("%.*s", (int)(end - link - 1), link + 1) : NULL;
}

static void a_walk_by_cursor_sees_every_row_once(void)
{
	static const char *const orders[] = { "", "&order=n", "&order=at.desc", "&order=at.nullsfirst,n.desc",
		"&order=at.desc.nullslast,name", "&order=name.desc,id.desc",
		/* every column there is, this way and that, behind as many filters as there may be */
		"&order=name.desc,n,amount.desc,at,code.desc,parent,version.desc,created_at&and=(n.lt.9,n.lt.9,n.lt."
		"9,"
		"n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,"
		"n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9,n.lt.9)" };
	begin();
	sql("INSERT INTO app.things (tenant_id, env, name, n, at, amount, code) SELECT '%s', 'dev', 'name, ' || "
		"i %% 3, i %% 4,"
		" CASE WHEN i %% 5 > 1 THEN timestamptz '2024-01-01' + (i %% 7) * interval '1 day' END,"
		" i / 2, 'c' || i FROM generate_series(1, 23) i",
		w.tenant);
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		struct buf seen;
		size_t count = 0, pages = 0;
		buf_init(&seen, http_arena(), 65536);
		const char *target = text_of(THINGS "?select=id&n=gte.0&limit=5%s", orders[i]);
		for (; target && pages < 10; pages++) {
			struct http_reply r = get(target);
			CU_ASSERT_FATAL(http_is(&r, 200, ""));
			for (size_t j = 0; j < json_count(r.json); j++, count++) {
				struct str id;
				CU_ASSERT_FATAL(json_string(json_get(json_at(r.json, j, NULL), STR("id")), &id));
				CU_ASSERT(!memmem(buf_str(&seen).at, seen.len, id.at, id.len));
				buf_add(&seen, id);
			}
			CU_ASSERT(header_is(&r, "Content-Range", text_of("%zu-%zu/*", pages * 5, count - 1)));
			target = next_of(&r);
		}
		CU_ASSERT_EQUAL(count, 23);
		CU_ASSERT_EQUAL(pages, 5);
	}
	http_forget();
}

/* T36 */
static void a_cursor_is_good_for_its_own_list_alone(void)
{
	begin();
	sql("INSERT INTO app.things (tenant_id, env, name) SELECT t, 'dev', 'a' FROM unnest(ARRAY['%s', "
		"'%s']::uuid[]) t,"
		" generate_series(1, 3)",
		w.tenant, w.other_tenant);
	struct http_reply r = get(THINGS "?limit=1&name=eq.a");
	const char *next = next_of(&r);
	CU_ASSERT_PTR_NOT_NULL_FATAL(next);
	const char *cursor = strstr(next, "cursor=");
	CU_ASSERT_PTR_NOT_NULL_FATAL(cursor);
	r = get(next);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", next, .token = w.other);
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "cursor"));
	static const char *const others[] = { "?name=eq.b&", "?", "?name=eq.a&order=name&" };
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		r = get(text_of(THINGS "%s%s", others[i], cursor));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "cursor"));
	}
	r = get(text_of(THINGS "?name=eq.a&limit=1&%.*sAAAA", (int)strlen(cursor) - 4, cursor));
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "cursor"));
	http_forget();
}

/* T82 */
static void filters_find_what_they_say_and_wildcards_are_inert(void)
{
	begin();
	struct http_reply r = post(THINGS,
		"[{\"name\":\"100%\"},{\"name\":\"100x\"},{\"name\":\"it's; --\",\"n\":3,\"amount\":1.5},"
		"{\"name\":\"a,b\",\"at\":\"2024-02-29T10:00:00+02:00\"}]");
	CU_ASSERT(http_is(&r, 201, ""));
	static const struct {
		const char *query;
		size_t rows;
	} cases[] = {
		{ "name=eq.100%25", 1 },
		{ "name=like.100%25", 2 },
		{ "name=like.100*", 2 },
		{ "name=like.100%5C%25", 1 },
		{ "name=eq.it%27s%3B%20--", 1 },
		{ "name=ilike.IT*", 1 },
		{ "name=in.(%22a,b%22,100x)", 2 },
		{ "n=not.eq.7", 1 },
		{ "at=is.null", 3 },
		{ "at=eq.2024-02-29T08:00:00Z", 1 },
		{ "at=lt.2024-02-29", 0 },
		{ "amount=gte.1.50", 1 },
		{ "or=(n.eq.3,at.not.is.null)", 2 },
		{ "and=(n.gte.3,not.or(n.eq.7,n.eq.4))", 1 },
		{ "limit=0", 0 },
		{ "order=n.desc&offset=3", 1 },
		{ "n=in.()", 0 },
		{ "name=eq.", 0 },
		{ "n=in.(3,%204)", 1 },
		{ "n=eq(any).%7B3,4%7D", 1 },
		{ "n=gt(all).%7B3,4%7D", 3 },
		{ "n=eq(all).%7B3,7%7D", 0 },
		{ "name=like(any).%7B100*,%22a,*%22%7D", 3 },
		{ "name=like(all).%7B100*,*x%7D", 1 },
		{ "name=ilike(any).%7BIT*%7D", 1 },
		{ "name=match.%5E100.$", 2 },
		{ "name=imatch.%5EIT", 1 },
		{ "name=not.match(any).%7B%5E1,%5Ea%7D", 1 },
		{ "n=isdistinct.7", 1 },
		{ "at=isdistinct.2024-02-29T08:00:00Z", 3 },
		{ "or=(name.imatch.%22%5Eit%22,%20and(n.eq.7,%20name.like(any).%7Ba*%7D))", 2 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		r = get(text_of(THINGS "?%s", cases[i].query));
		CU_ASSERT(http_is(&r, 200, ""));
		if (json_count(r.json) != cases[i].rows)
			fprintf(stderr, "  %s: %zu\n", cases[i].query, json_count(r.json));
		CU_ASSERT_EQUAL(json_count(r.json), cases[i].rows);
	}
	static const char *const bad[][2] = { { "nn=eq.1", "nn" }, { "n=eq.x", "n" },
		{ "tenant_id=eq." NOBODYS, "tenant_id" }, { "select=zz", "select" }, { "order=zz", "order" },
		{ "limit=1001", "limit" }, { "or=(n.eq.1", "or" } };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		r = get(text_of(THINGS "?%s", bad[i][0]));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, bad[i][1]));
	}
	r = HTTP("DELETE", THINGS, .token = w.token);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("GET", THINGS "?name=eq.100x", .token = w.token, .headers = { ONE });
	CU_ASSERT(http_is(&r, 200, "") && json_kind(r.json) == JSON_OBJECT);
	r = HTTP("GET", THINGS, .token = w.token, .headers = { ONE });
	CU_ASSERT(http_is(&r, 406, "not_acceptable"));
	r = HTTP("PATCH", THINGS "?name=like.100*", .token = w.token, .body = "{\"n\":9}", .headers = { ONE });
	CU_ASSERT(http_is(&r, 406, "not_acceptable"));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM app.things WHERE tenant_id = '%s' AND n = 9", w.tenant), 0);
	http_forget();
}

static bool is_answer(const struct http_reply *r, int status, const char *range)
{
	return http_is(r, status, status == 416 ? "range_not_satisfiable" : "") &&
		header_is(r, "Content-Range", range);
}

#define COUNT "Prefer: count=exact"

/* T82 in a header. */
static void a_range_of_rows_is_answered_as_one(void)
{
	begin();
	sql("INSERT INTO app.things (tenant_id, env, name, n) SELECT '%s', 'dev', 'a' || i, i FROM "
		"generate_series(0, 6) i",
		w.tenant);
	static const struct {
		const char *query, *range, *more;
		int status;
		const char *content_range;
		size_t rows;
	} cases[] = {
		{ "order=n", "Range: 0-2", COUNT, 206, "0-2/7", 3 },
		{ "order=n", "Range: 0-2", NULL, 200, "0-2/*", 3 },
		{ "order=n", "Range: items=2-3", COUNT, 206, "2-3/7", 2 },
		{ "order=n", "Range: 5-", COUNT, 206, "5-6/7", 2 },
		{ "order=n", "Range: 0-", COUNT, 200, "0-6/7", 7 },
		{ "order=n", "Range: 0-4999", COUNT, 200, "0-6/7", 7 },
		{ "order=n&limit=2", "Range: 0-4", COUNT, 206, "0-1/7", 2 },
		{ "order=n&offset=3", "Range: 0-4", COUNT, 206, "3-4/7", 2 },
		{ "n=gte.5", "Range: 0-24", COUNT, 200, "0-1/2", 2 },
		{ "limit=0", "Range: 0-24", COUNT, 206, "*/7", 0 },
		{ "n=gt.50", "Range: 0-24", COUNT, 200, "*/0", 0 },
		{ "order=n", "Range: 7-9", COUNT, 206, "*/7", 0 }, /* right behind the last, as PostgREST has it */
		{ "order=n", "Range: 8-9", COUNT, 416, "*/7", 0 },
		{ "order=n", "Range: 8-9", NULL, 200, "*/*", 0 },
		{ "order=n&offset=8", "Range-Unit: items", COUNT, 416, "*/7", 0 },
		{ "order=n", "Range: 99999999999999999999-", COUNT, 416, "*/7", 0 },
		{ "order=n", "Range: 9223372036854775807-9223372036854775808", NULL, 200, "*/*", 0 },
		{ "limit=3", "Range: bytes=0-1", COUNT, 206, "0-2/7", 3 },
		{ "order=n", "Range: bytes=0-1", NULL, 200, "0-6/*", 7 },
		{ "limit=3", "Range: -5", COUNT, 206, "0-2/7", 3 },
		{ "limit=3", "Range: 0-1; SELECT 1", COUNT, 206, "0-2/7", 3 },
		{ "limit=3", "Range: 0-1\xc0\x80", COUNT, 206, "0-2/7", 3 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (int m = 0; m < 2; m++) {
			struct http_reply r = HTTP(m ? "HEAD" : "GET", text_of(THINGS "?%s", cases[i].query),
				.token = w.token, .headers = { cases[i].range, cases[i].more });
			bool is_right = m
				? r.status == cases[i].status && header_is(&r, "Content-Range", cases[i].content_range)
				: is_answer(&r, cases[i].status, cases[i].content_range);
			if (!is_right)
				fprintf(stderr, "  %s %s: %d\n", cases[i].query, cases[i].range, r.status);
			CU_ASSERT(is_right);
			if (m == 0 && r.status != 416)
				CU_ASSERT_EQUAL(json_count(r.json), cases[i].rows);
		}
	}
	struct http_reply r =
		HTTP("GET", THINGS, .token = w.token, .headers = { "Range: 0-1", "Range-Unit: bytes", COUNT });
	CU_ASSERT(is_answer(&r, 200, "0-6/7"));
	r = HTTP("GET", THINGS, .token = w.token, .headers = { "Range: 0-1" });
	CU_ASSERT(http_is(&r, 200, "") && !http_header(&r, "Link")); /* the next range is the next page */
	r = HTTP("GET", THINGS, .token = w.token, .headers = { "Range: 5-3" });
	CU_ASSERT(http_is(&r, 416, "range_not_satisfiable"));
	r = HTTP("GET", THINGS "?limit=2", .token = w.token, .headers = { "Range: 2-4" });
	CU_ASSERT(http_is(&r, 416, "range_not_satisfiable"));
	r = HTTP("GET", THINGS "?cursor=x", .token = w.token, .headers = { "Range: 0-1" });
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "Range"));
	/* What it means nothing to does not look at it. */
	r = HTTP("DELETE", THINGS "?n=eq.6", .token = w.token, .headers = { "Range: 5-3", COUNT });
	CU_ASSERT(is_answer(&r, 204, "*/1"));
	/* Another tenant's rows are not counted. */
	r = HTTP("GET", THINGS, .token = w.other, .headers = { "Range: 1-1", COUNT });
	CU_ASSERT(is_answer(&r, 416, "*/0"));
	http_forget();
}

static bool names_are(const struct http_reply *r, const char *wanted)
{
	struct buf b;
	struct str name;
	buf_init(&b, http_arena(), 1024);
	for (size_t i = 0; i < json_count(r->json); i++)
		if (json_string(json_get(json_at(r->json, i, NULL), STR("name")), &name))
			buf_printf(&b, "%s%.*s", i > 0 ? "," : "", STR_ARG(name));
	if (str_eq(buf_str(&b), str_c(wanted)))
		return true;
	fprintf(stderr, "  %.*s is not %s\n", STR_ARG(buf_str(&b)), wanted);
	return false;
}

static void what_was_written_is_told_in_the_order_asked_for(void)
{
	begin();
	static const char rows[] = "[{\"name\":\"b\",\"n\":1},{\"name\":\"c\",\"n\":3},{\"name\":\"a\",\"n\":2}]";
	struct http_reply r = post(THINGS, rows);
	CU_ASSERT(names_are(&r, "b,c,a") && header_is(&r, "Content-Range", "*/*"));
	r = HTTP(
		"POST", THINGS "?order=name.desc&select=name", .token = w.token, .body = rows, .headers = { COUNT });
	CU_ASSERT(http_is(&r, 201, "") && names_are(&r, "c,b,a") && header_is(&r, "Content-Range", "*/3"));
	CU_ASSERT(header_is(&r, "Preference-Applied", "count=exact"));
	r = HTTP(
		"PATCH", THINGS "?n=gte.2&order=name.asc,id&select=name", .token = w.token, .body = "{\"amount\":1}");
	CU_ASSERT(http_is(&r, 200, "") && names_are(&r, "a,a,c,c"));
	r = HTTP("PATCH", THINGS "?n=gte.2&order=name&limit=1", .token = w.token, .body = "{\"amount\":1}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "limit"));
	r = HTTP("DELETE", THINGS "?n=lt.3&order=n.desc,name", .token = w.token,
		.headers = { "Prefer: return=representation" });
	CU_ASSERT(http_is(&r, 200, "") && names_are(&r, "a,a,b,b"));
	r = HTTP("DELETE", THINGS "?n=eq.3&order=zz", .token = w.token);
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "order"));
	CU_ASSERT_EQUAL(in_database(w.tenant), 2);
	http_forget();
}

static void wishes_are_granted_and_told_or_under_strict_handling_refused(void)
{
	begin();
	struct http_reply r = post(THINGS, "[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]");
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("PATCH", THINGS "?n=eq.7", .token = w.token, .body = "{\"n\":8}",
		.headers = { "Prefer: handling=strict, max-affected=2" });
	CU_ASSERT(http_is(&r, 400, "too_many_affected"));
	r = HTTP("DELETE", THINGS "?n=eq.7", .token = w.token,
		.headers = { "Prefer: handling=strict, max-affected=2" });
	CU_ASSERT(http_is(&r, 400, "too_many_affected"));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM app.things WHERE tenant_id = '%s' AND n = 7", w.tenant), 3);
	r = HTTP("PATCH", THINGS "?n=eq.7", .token = w.token, .body = "{\"n\":8}",
		.headers = { "Prefer: return=minimal, handling=strict, max-affected=3" });
	CU_ASSERT(http_is(&r, 204, "") &&
		header_is(&r, "Preference-Applied", "return=minimal, handling=strict, max-affected=3"));
	r = HTTP("PATCH", THINGS "?n=eq.8", .token = w.token, .body = "{\"n\":9}",
		.headers = { "Prefer: max-affected=1" });
	CU_ASSERT(http_is(&r, 200, "") && !http_header(&r, "Preference-Applied"));
	r = HTTP("DELETE", THINGS "?n=eq.9", .token = w.token,
		.headers = { "Prefer: handling=strict, max-affected=0x2" });
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "Prefer"));
	static const char *const guesses[] = { "Prefer: count=planned", "Prefer: count=estimated" };
	for (size_t i = 0; i < COUNT_OF(guesses); i++) {
		r = HTTP("GET", THINGS "?limit=1", .token = w.token, .headers = { guesses[i] });
		CU_ASSERT(is_answer(&r, 206, "0-0/3") && header_is(&r, "Preference-Applied", "count=exact"));
	}
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"d\"}",
		.headers = { "Prefer: return=headers-only, handling=lenient, respond-async" });
	CU_ASSERT(http_is(&r, 201, "") && str_is_empty(r.body) && http_header(&r, "Location"));
	CU_ASSERT(header_is(&r, "Preference-Applied", "return=headers-only, handling=lenient"));
	http_forget();
}

/* The words are those that postgrest-js looks for. */
static void one_object_or_a_refusal_that_says_how_many(void)
{
	begin();
	struct http_reply r = post(THINGS, "[{\"name\":\"a\"},{\"name\":\"b\"}]");
	static const char *const methods[] = { "PATCH", "DELETE" };
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		const char *body = i == 0 ? "{\"n\":9}" : NULL;
		r = HTTP(methods[i], THINGS "?name=eq.z", .token = w.token, .body = body,
			.headers = { ONE, "Prefer: return=representation" });
		CU_ASSERT(http_is(&r, 406, "not_acceptable") && strstr(http_text(&r, "details"), "0 rows"));
		r = HTTP(methods[i], THINGS "?n=eq.7", .token = w.token, .body = body,
			.headers = { ONE, "Prefer: return=representation" });
		CU_ASSERT(http_is(&r, 406, "not_acceptable") && strstr(http_text(&r, "message"), "several"));
	}
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM app.things WHERE tenant_id = '%s' AND n = 7", w.tenant), 2);
	r = HTTP("GET", THINGS "?name=eq.z", .token = w.token, .headers = { ONE });
	CU_ASSERT(http_is(&r, 406, "not_acceptable") && strstr(http_text(&r, "details"), "0 rows"));
	http_forget();
}

static void what_is_not_json_is_not_acceptable(void)
{
	begin();
	static const struct {
		const char *accept;
		int status;
	} cases[] = {
		{ "Accept: text/csv", 406 },
		{ "Accept: application/geo+json, application/vnd.pgrst.plan+text; for=\"application/json\"", 406 },
		{ "Accept: text/html,application/xhtml+xml,*/*;q=0.8", 200 },
		{ "Accept: Application/JSON; charset=utf-8", 200 },
		{ "Accept: application/*", 200 },
		{ "Accept;", 200 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = HTTP("GET", THINGS, .token = w.token, .headers = { cases[i].accept });
		CU_ASSERT(http_is(&r, cases[i].status, cases[i].status == 406 ? "not_acceptable" : ""));
	}
	struct http_reply r =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { "Accept: text/csv" });
	CU_ASSERT(http_is(&r, 406, "not_acceptable"));
	CU_ASSERT_EQUAL(in_database(w.tenant), 0);
	http_forget();
}

/* What only PostgreSQL can look at is the caller's mistake all the same, and named. */
static void a_regular_expression_that_is_none_is_named(void)
{
	begin();
	struct http_reply r = post(THINGS, "{\"name\":\"a\"}");
	static const char *const bad[] = { "name=match.*", "name=imatch.%5B", "or=(n.eq.99,name.match.a**)",
		"name=match(any).%7Ba,%2A%7D", "name=match.((((a%7B1,100%7D)%7B1,100%7D)%7B1,100%7D)%7B1,100%7D)" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		r = get(text_of(THINGS "?%s", bad[i]));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "name"));
		r = HTTP("DELETE", text_of(THINGS "?%s", bad[i]), .token = w.token);
		CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "name"));
	}
	CU_ASSERT_EQUAL(in_database(w.tenant), 1);
	http_forget();
}

static void arrays_and_documents_are_searched(void)
{
	begin();
	struct http_reply r = post("/v1/data/boxes",
		"[{\"plain\":{\"a\":\"b\"},\"tags\":[\"a\",\"b,c\"],\"codes\":[1,2],\"doc\":{\"k\":[1,2],\"s\":\"x\"}"
		"},"
		"{\"tags\":[\"a\"],\"codes\":[],\"doc\":[1]},{\"tags\":null}]");
	CU_ASSERT(http_is(&r, 201, ""));
	static const struct {
		const char *query;
		size_t rows;
	} cases[] = {
		{ "tags=cs.%7Ba%7D", 2 },
		{ "tags=cs.%7Ba,%22b,c%22%7D", 1 },
		{ "tags=cd.%7Ba,x%7D", 1 },
		{ "tags=ov.%7Bx,%22b,c%22%7D", 1 },
		{ "tags=not.ov.%7Bx%7D", 2 },
		{ "tags=cs.%7B%7D", 2 },
		{ "codes=cs.%7B2%7D", 1 },
		{ "codes=cd.%7B%7D", 1 },
		{ "doc=cs.%7B%22k%22:%5B1%5D%7D", 1 },
		{ "doc=cs.%5B1%5D", 1 },
		{ "doc=cd.%5B1,2%5D", 1 },
		{ "doc=isdistinct.%5B1%5D", 2 },
		{ "or=(tags.cs.%7Ba,%22b,c%22%7D,%20doc.cs.%5B1%5D)", 2 },
		{ "tags=is.null&codes=is.null", 1 },
		{ "doc-%3E%3Es=eq.x", 1 },
		{ "doc->>s=like(any).%7Bx*,y%7D", 1 },
		{ "doc->k->0=eq.1", 1 },
		{ "doc->k->>-1=gte.2", 1 },
		{ "doc->0=eq.1", 1 },
		{ "doc->>s=is.null", 2 },
		{ "doc->k=cs.%5B2%5D", 1 },
		{ "plain->>a=eq.b", 1 },
		{ "or=(doc->>s.eq.x,%20plain->a->>b.eq.c)", 1 },
		{ "doc->>s'%29%20OR%20true=eq.x", 0 },
		{ "doc->k->%7B%22%5C=is.not_null", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		r = get(text_of("/v1/data/boxes?%s", cases[i].query));
		if (r.status != 200 || json_count(r.json) != cases[i].rows)
			fprintf(stderr, "  %s: %d, %zu\n", cases[i].query, r.status, json_count(r.json));
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT_EQUAL(json_count(r.json), cases[i].rows);
	}
	static const char *const bad[][2] = { { "codes=cs.%7Bx%7D", "codes" }, { "codes=cs.1", "codes" },
		{ "odd=cs.%7B%7D", "odd" }, { "doc=cs.%7B", "doc" }, { "doc=ov.%5B%5D", "doc" },
		{ "span=eq.x", "span" }, { "tags=cs.%7Ba%7D%27;%20DROP", "tags" }, { "plain->a=eq.1", "plain->a" },
		{ "tags->0=eq.a", "tags->0" }, { "order=doc->>s", "order" } };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		r = get(text_of("/v1/data/boxes?%s", bad[i][0]));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, bad[i][1]));
	}
	r = HTTP("GET", "/v1/data/boxes?select=doc->>s,one:doc->k->0,doc->k,of:plain->>a&doc->>s=eq.x",
		.token = w.token, .headers = { ONE });
	CU_ASSERT(str_eq(r.body, STR("{\"s\":\"x\",\"one\":1,\"k\":[1, 2],\"of\":\"b\"}")));
	r = HTTP(
		"PATCH", "/v1/data/boxes?doc->>s=eq.x&select=doc->>s", .token = w.token, .body = "{\"codes\":[7]}");
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("[{\"s\":\"x\"}]")));
	http_forget();
}

static void what_is_appended_stays(void)
{
	begin();
	struct http_reply r =
		HTTP("POST", "/v1/data/happenings", .token = w.token, .body = "{\"what\":\"a\"}", .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	const char *row = text_of("/v1/data/happenings/%s", http_text(&r, "id"));
	static const char *const methods[] = { "PATCH", "PUT", "DELETE" };
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		const char *body = i < 2 ? "{\"what\":\"b\"}" : NULL;
		r = HTTP(methods[i], row, .token = w.token, .body = body);
		CU_ASSERT(http_is(&r, 405, "method_not_allowed") && header_is(&r, "Allow", "GET, HEAD"));
	}
	r = HTTP("DELETE", "/v1/data/happenings?what=eq.a", .token = w.token);
	CU_ASSERT(http_is(&r, 405, "method_not_allowed") && header_is(&r, "Allow", "GET, HEAD, POST"));
	/* Nor is it changed by what claims to be new. */
	const char *again = text_of("{\"id\":\"%s\",\"what\":\"b\"}", strrchr(row, '/') + 1);
	r = HTTP("POST", "/v1/data/happenings", .token = w.token, .body = again,
		.headers = { "Prefer: resolution=merge-duplicates" });
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("POST", "/v1/data/happenings", .token = w.token, .body = again,
		.headers = { "Prefer: handling=strict, resolution=merge-duplicates" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("POST", "/v1/data/happenings", .token = w.token, .body = again,
		.headers = { "Prefer: resolution=ignore-duplicates" });
	CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("[]")));
	http_forget();
}

/* What a function gives as DETAIL, and nothing that PostgreSQL says. */
static void an_action_tells_its_caller_why(void)
{
	static const struct {
		const char *body;
		int status;
		const char *code, *detail;
	} cases[] = {
		{ "{\"state\":\"TD400\",\"why\":\"a \\\"b\\\" is wanted\"}", 400, "invalid_request",
			"a \"b\" is wanted" },
		{ "{\"state\":\"TD409\",\"why\":\"it went\"}", 409, "conflict", "it went" },
		{ "{\"state\":\"TD404\",\"why\":\"it is gone\"}", 404, "not_found", "it is gone" },
		{ "{\"state\":\"TD403\",\"why\":\"not you\"}", 403, "forbidden", "not you" },
		{ "{\"state\":\"TD409\"}", 409, "conflict", "" },
		{ "{\"state\":\"P0001\",\"why\":\"secret\"}", 500, "internal", "" },
		{ "{\"state\":\"23505\",\"why\":\"secret\"}", 409, "conflict", "another object has the same value" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = post("/v1/data/things/refuse", cases[i].body);
		CU_ASSERT(http_is(&r, cases[i].status, cases[i].code));
		CU_ASSERT_STRING_EQUAL(http_text(&r, "detail"), cases[i].detail);
	}
	http_forget();
}

/* A row whose key stands in no path is found by a filter, and its Location is not made up. */
static void a_location_can_be_followed(void)
{
	static const struct {
		const char *key, *location;
	} cases[] = { { "a", "/v1/data/words/a" }, { "a b", "/v1/data/words/a%20b" }, { "a/b", NULL },
		{ "..", NULL }, { "5%", NULL }, { "...", "/v1/data/words/..." } };
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = post("/v1/data/words", text_of("{\"id\":\"%s\"}", cases[i].key));
		CU_ASSERT(http_is(&r, 201, ""));
		const char *location = http_header(&r, "Location");
		CU_ASSERT((location != NULL) == (cases[i].location != NULL));
		if (!location || !cases[i].location)
			continue;
		CU_ASSERT_STRING_EQUAL(location, cases[i].location);
		r = get(location);
		CU_ASSERT(http_is(&r, 200, ""));
	}
	http_forget();
}

static void rows_of_a_user_are_theirs_alone(void)
{
	begin();
	const char *who = someone("member");
	member_of(w.tenant, who, "member", "active");
	const char *their = token(who, w.tenant, "dev");
	struct http_reply r =
		HTTP("POST", "/v1/data/notes", .token = their, .body = "{\"text\":\"a\"}", .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "user_id"), http_text(&r, "created_by"));
	const char *row = text_of("/v1/data/notes/%s", http_text(&r, "id"));
	r = get(row); /* the owner of the tenant */
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get("/v1/data/notes");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 0);
	r = HTTP(
		"POST", "/v1/data/notes", .token = their, .body = "{\"text\":\"a\",\"user_id\":\"" NOBODYS "\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "user_id"));
	http_forget();
}

static void who_may_write_and_not_read_is_told_nothing(void)
{
	begin();
	const char *who = someone("member");
	member_of(w.tenant, who, "member", "active");
	const char *their = token(who, w.tenant, "dev");
	struct http_reply r = HTTP("POST", "/v1/data/reports", .token = their, .body = "{\"text\":\"a\"}");
	CU_ASSERT(http_is(&r, 201, "") && str_is_empty(r.body) && !http_header(&r, "Location"));
	r = HTTP("GET", "/v1/data/reports", .token = their);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("POST", "/v1/data/reports", .token = their, .body = "{\"text\":\"b\"}",
		.headers = { "Prefer: return=representation" });
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = get("/v1/data/reports");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	http_forget();
}

/* Asked often enough for every worker to have answered. */
static bool all_serve(const char *resource, bool wanted)
{
	bool all = true;
	for (int i = 0; i < 8 && all; i++) {
		struct http_reply r = get(text_of("/v1/data/%s", resource));
		all = (r.status == 200) == wanted;
	}
	return all;
}

static void workers_notice_a_registration_by_themselves(void)
{
	begin();
	CU_ASSERT(all_serve("latecomers", false));
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE TABLE app.latecomers (id uuid PRIMARY KEY DEFAULT "
		"gen_random_uuid());"
		"SELECT tenantd.register_resource('app.latecomers'); COMMIT");
	UNTIL(SOON_S, all_serve("latecomers", true));
	CU_ASSERT(all_serve("latecomers", true));
	struct http_reply r = get("/v1/resources");
	CU_ASSERT(http_is(&r, 200, "") && memmem(r.body.at, r.body.len, "/v1/data/latecomers", 19));
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; SELECT tenantd.unregister_resource('latecomers'); COMMIT");
	UNTIL(SOON_S, all_serve("latecomers", false));
	CU_ASSERT(all_serve("latecomers", false));
	http_forget();
}

/* T42: what foreign SQL leaves in a session does not reach the next request on it. */
static void an_action_leaves_nothing_in_the_session(void)
{
	begin();
	sql("BEGIN; SET LOCAL ROLE tenantd_owner;"
		"CREATE FUNCTION app.litter(json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, "
		"pg_temp AS $$"
		" BEGIN PERFORM set_config('kept.it', 'yes', false), pg_advisory_lock(42);"
		" EXECUTE 'PREPARE litter AS SELECT 1'; EXECUTE 'SET SESSION statement_timeout = 1'; RETURN '{}'; "
		"END $$;"
		"CREATE FUNCTION app.look(json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp "
		"AS $$"
		" BEGIN BEGIN EXECUTE 'EXECUTE litter'; RETURN '\"prepared\"'; EXCEPTION WHEN OTHERS THEN NULL; END;"
		" RETURN to_json(coalesce(current_setting('kept.it', true), '')"
		"  || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
		"  || current_setting('statement_timeout')); END $$;"
		"SELECT tenantd.register_action('things', 'litter', 'app.litter(json)', on_collection => true);"
		"SELECT tenantd.register_action('things', 'look', 'app.look(json)', on_collection => true); COMMIT");
	UNTIL(SOON_S, post("/v1/data/things/look", "{}").status == 200);
	for (int i = 0; i < 8; i++) {
		struct http_reply r = post("/v1/data/things/litter", "{}");
		CU_ASSERT(http_is(&r, 200, ""));
		r = post("/v1/data/things/look", "{}");
		CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("\"05s\"")));
		r = get("/v1/data/things?limit=1");
		CU_ASSERT(http_is(&r, 200, ""));
	}
	http_forget();
}

static void register_tables(void)
{
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app;"
		"CREATE TABLE app.things (id uuid DEFAULT gen_random_uuid(), tenant_id uuid, name text NOT NULL,"
		" n integer NOT NULL DEFAULT 7 CHECK (n >= 0), amount numeric(10, 2), at timestamptz, code text, "
		"parent uuid,"
		" PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, code),"
		" FOREIGN KEY (tenant_id, parent) REFERENCES app.things (tenant_id, id));"
		"SELECT tenantd.register_resource('app.things');"
		"CREATE FUNCTION app.thing_act(uuid) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp "
		"AS"
		" $$ SELECT to_json($1) $$;"
		"SELECT tenantd.register_action('things', 'act', 'app.thing_act(uuid)');"
		"CREATE FUNCTION app.refuse(b json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, "
		"pg_temp AS"
		" $$ BEGIN IF b ->> 'why' IS NULL THEN RAISE EXCEPTION 'secret' USING ERRCODE = b ->> 'state'; END "
		"IF;"
		" RAISE EXCEPTION 'secret' USING ERRCODE = b ->> 'state', DETAIL = b ->> 'why', HINT = 'secret'; END "
		"$$;"
		"SELECT tenantd.register_action('things', 'refuse', 'app.refuse(json)', on_collection => true);"
		"CREATE TABLE app.words (id text PRIMARY KEY);"
		"SELECT tenantd.register_resource('app.words');"
		"CREATE TABLE app.boxes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tags varchar(9)[], codes "
		"integer[],"
		" odd json[], doc jsonb, plain json, span int4range);"
		"SELECT tenantd.register_resource('app.boxes');"
		"CREATE TABLE app.happenings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text);"
		"SELECT tenantd.register_resource('app.happenings', append_only => true);"
		"CREATE TABLE app.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), text text);"
		"SELECT tenantd.register_resource('app.notes', user_scoped => true);"
		"CREATE TABLE app.reports (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), text text);"
		"SELECT tenantd.register_resource('app.reports', read_role => 'tenant_admin'); COMMIT");
	stack_reload();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_row_is_created_read_changed_and_deleted),
		TEST(another_tenants_row_is_not_there),
		TEST(a_batch_with_one_foreign_id_does_nothing),
		TEST(a_foreign_parent_is_no_parent),
		TEST(bodies_are_refused_by_the_name_of_the_field),
		TEST(an_array_is_all_or_nothing),
		TEST(a_value_too_large_for_its_index_is_the_callers),
		TEST(conditions_are_kept),
		TEST(a_dry_run_answers_and_leaves_nothing),
		TEST(an_idempotency_key_answers_once_and_for_one_request),
		TEST(repeats_at_once_make_one_row),
		TEST(a_walk_by_cursor_sees_every_row_once),
		TEST(a_cursor_is_good_for_its_own_list_alone),
		TEST(filters_find_what_they_say_and_wildcards_are_inert),
		TEST(a_range_of_rows_is_answered_as_one),
		TEST(what_was_written_is_told_in_the_order_asked_for),
		TEST(wishes_are_granted_and_told_or_under_strict_handling_refused),
		TEST(one_object_or_a_refusal_that_says_how_many),
		TEST(what_is_not_json_is_not_acceptable),
		TEST(a_regular_expression_that_is_none_is_named),
		TEST(arrays_and_documents_are_searched),
		TEST(what_is_appended_stays),
		TEST(an_action_tells_its_caller_why),
		TEST(a_location_can_be_followed),
		TEST(rows_of_a_user_are_theirs_alone),
		TEST(who_may_write_and_not_read_is_told_nothing),
		TEST(an_action_leaves_nothing_in_the_session),
		TEST(workers_notice_a_registration_by_themselves),
	};
	stack_up();
	register_tables();
	return unit_main("data", tests, COUNT_OF(tests));
}
