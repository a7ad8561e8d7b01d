/*
 * Writing rows over HTTP: creating, changing, replacing, merging and deleting one or many, with conditions; and that no
 * write reaches another tenant's rows or reveals anything about them.
 */
#include "data_world.h"

#include "core/buf.h"

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
	const char *id = strrchr(place, '/') + 1;
	r = HTTP("PUT", place, .token = w.token, .body = "{\"id\":\"" NOBODYS "\",\"name\":\"d\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "id"));
	r = HTTP("PUT", place, .token = w.token, .body = text_of("{\"id\":\"%s\",\"name\":\"e\"}", id));
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("DELETE", place, .token = w.token);
	CU_ASSERT(http_is(&r, 204, "") && str_is_empty(r.body));
	r = get(place);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_EQUAL(events_of(w.tenant, "things.created"), 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "things.updated"), 3);
	CU_ASSERT_EQUAL(events_of(w.tenant, "things.deleted"), 1);
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
	CU_ASSERT(http_is(&r, 200, "") && body_is(&r, "[]") && header_is(&r, "Content-Range", "*/0"));
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
	CU_ASSERT(rows_are(&r, "name", "a,b") && body_has(&r, "\"n\":1,\"code\":null") &&
		body_has(&r, "\"n\":7,\"code\":\"1\""));
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
	r = get(row);
	CU_ASSERT(http_is(&r, 200, "") && strcmp(http_text(&r, "name"), "b") == 0);
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

static void what_was_written_is_told_in_the_order_asked_for(void)
{
	begin();
	static const char rows[] = "[{\"name\":\"b\",\"n\":1},{\"name\":\"c\",\"n\":3},{\"name\":\"a\",\"n\":2}]";
	struct http_reply r = post(THINGS, rows);
	CU_ASSERT(rows_are(&r, "name", "b,c,a") && header_is(&r, "Content-Range", "*/*"));
	r = HTTP(
		"POST", THINGS "?order=name.desc&select=name", .token = w.token, .body = rows, .headers = { COUNT });
	CU_ASSERT(http_is(&r, 201, "") && rows_are(&r, "name", "c,b,a") && header_is(&r, "Content-Range", "*/3"));
	CU_ASSERT(header_is(&r, "Preference-Applied", "count=exact"));
	r = HTTP(
		"PATCH", THINGS "?n=gte.2&order=name.asc,id&select=name", .token = w.token, .body = "{\"amount\":1}");
	CU_ASSERT(http_is(&r, 200, "") && rows_are(&r, "name", "a,a,c,c"));
	r = HTTP("PATCH", THINGS "?n=gte.2&order=name&limit=1", .token = w.token, .body = "{\"amount\":1}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "limit"));
	r = HTTP("DELETE", THINGS "?n=lt.3&order=n.desc,name", .token = w.token,
		.headers = { "Prefer: return=representation" });
	CU_ASSERT(http_is(&r, 200, "") && rows_are(&r, "name", "a,a,b,b"));
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
		CU_ASSERT(http_is(&r, 206, "") && header_is(&r, "Content-Range", "0-0/3") &&
			header_is(&r, "Preference-Applied", "count=exact"));
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
		TEST(what_was_written_is_told_in_the_order_asked_for),
		TEST(wishes_are_granted_and_told_or_under_strict_handling_refused),
		TEST(one_object_or_a_refusal_that_says_how_many),
		TEST(a_location_can_be_followed),
	};
	data_up("CREATE TABLE app.words (id text PRIMARY KEY); SELECT tenantd.register_resource('app.words')");
	return unit_main("data_write", tests, COUNT_OF(tests));
}
