/*
 * Reading rows over HTTP: filters, select, order, pages by cursor, ranges, counts, and the types of the answers.
 */
#include "data_world.h"

#include "core/buf.h"

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
				buf_printf(&seen, "%s%.*s", count > 0 ? "," : "", STR_ARG(id));
			}
			CU_ASSERT(header_is(&r, "Content-Range", text_of("%zu-%zu/*", pages * 5, count - 1)));
			target = next_of(&r);
		}
		CU_ASSERT_EQUAL(count, 23);
		CU_ASSERT_EQUAL(pages, 5);
		/* In one page, it is the same list. */
		struct http_reply whole = get(text_of(THINGS "?select=id&n=gte.0&limit=50%s", orders[i]));
		CU_ASSERT(rows_are(&whole, "id", arena_cstr(http_arena(), buf_str(&seen))));
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
	static const char *const others[] = { "?name=eq.b&", "?", "?name=eq.a&order=name&",
		"?name=eq.a&order=id.desc&" };
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
		"[{\"code\":\"A\",\"name\":\"100%\"},{\"code\":\"B\",\"name\":\"100x\"},"
		"{\"code\":\"C\",\"name\":\"it's; --\",\"n\":3,\"amount\":1.5},"
		"{\"code\":\"D\",\"name\":\"a,b\",\"at\":\"2024-02-29T10:00:00+02:00\"}]");
	CU_ASSERT(http_is(&r, 201, ""));
	static const char *const cases[][2] = {
		{ "name=eq.100%25", "A" },
		{ "name=like.100%25", "A,B" },
		{ "name=like.100*", "A,B" },
		{ "name=like.100%5C%25", "A" },
		{ "name=eq.it%27s%3B%20--", "C" },
		{ "name=ilike.IT*", "C" },
		{ "name=in.(%22a,b%22,100x)", "B,D" },
		{ "n=not.eq.7", "C" },
		{ "at=is.null", "A,B,C" },
		{ "at=eq.2024-02-29T08:00:00Z", "D" },
		{ "at=lt.2024-02-29", "" },
		{ "amount=gte.1.50", "C" },
		{ "or=(n.eq.3,at.not.is.null)", "C,D" },
		{ "and=(n.gte.3,not.or(n.eq.7,n.eq.4))", "C" },
		{ "limit=0", "" },
		{ "order=n.desc&offset=3", "C" },
		{ "n=in.()", "" },
		{ "name=eq.", "" },
		{ "n=in.(3,%204)", "C" },
		{ "n=eq(any).%7B3,4%7D", "C" },
		{ "n=gt(all).%7B3,4%7D", "A,B,D" },
		{ "n=eq(all).%7B3,7%7D", "" },
		{ "name=like(any).%7B100*,%22a,*%22%7D", "A,B,D" },
		{ "name=like(all).%7B100*,*x%7D", "B" },
		{ "name=ilike(any).%7BIT*%7D", "C" },
		{ "name=match.%5E100.$", "A,B" },
		{ "name=imatch.%5EIT", "C" },
		{ "name=not.match(any).%7B%5E1,%5Ea%7D", "C" },
		{ "n=isdistinct.7", "C" },
		{ "at=isdistinct.2024-02-29T08:00:00Z", "A,B,C" },
		{ "or=(name.imatch.%22%5Eit%22,%20and(n.eq.7,%20name.like(any).%7Ba*%7D))", "C,D" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool is_ordered = str_starts(str_c(cases[i][0]), STR("order="));
		r = get(text_of(THINGS "?select=code&%s%s", cases[i][0], is_ordered ? "" : "&order=code"));
		bool is_right = rows_are(&r, "code", cases[i][1]);
		if (!is_right)
			fprintf(stderr, "  %s\n", cases[i][0]);
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT(is_right);
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

/* True when the rows' numbers are these, one behind the other. */
static bool is_numbered(const struct http_reply *r, int64_t from)
{
	int64_t n;
	for (size_t i = 0; i < json_count(r->json); i++)
		if (!json_int64(json_get(json_at(r->json, i, NULL), STR("n")), &n) || n != from + (int64_t)i)
			return false;
	return true;
}

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
			long long from;
			if (m == 0 && str_starts(str_c(cases[i].query), STR("order=n")) &&
				sscanf(cases[i].content_range, "%lld-", &from) == 1)
				CU_ASSERT(is_numbered(&r, from));
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
		"[{\"name\":\"a\",\"plain\":{\"a\":\"b\"},\"tags\":[\"a\",\"b,c\"],\"codes\":[1,2],"
		"\"doc\":{\"k\":[1,2],\"s\":\"x\"}},"
		"{\"name\":\"b\",\"tags\":[\"a\"],\"codes\":[],\"doc\":[1]},{\"name\":\"c\",\"tags\":null}]");
	CU_ASSERT(http_is(&r, 201, ""));
	static const char *const cases[][2] = {
		{ "tags=cs.%7Ba%7D", "a,b" },
		{ "tags=cs.%7Ba,%22b,c%22%7D", "a" },
		{ "tags=cd.%7Ba,x%7D", "b" },
		{ "tags=ov.%7Bx,%22b,c%22%7D", "a" },
		{ "tags=not.ov.%7Bx%7D", "a,b" },
		{ "tags=cs.%7B%7D", "a,b" },
		{ "codes=cs.%7B2%7D", "a" },
		{ "codes=cd.%7B%7D", "b" },
		{ "doc=cs.%7B%22k%22:%5B1%5D%7D", "a" },
		{ "doc=cs.%5B1%5D", "b" },
		{ "doc=cd.%5B1,2%5D", "b" },
		{ "doc=isdistinct.%5B1%5D", "a,c" },
		{ "or=(tags.cs.%7Ba,%22b,c%22%7D,%20doc.cs.%5B1%5D)", "a,b" },
		{ "tags=is.null&codes=is.null", "c" },
		{ "doc-%3E%3Es=eq.x", "a" },
		{ "doc->>s=like(any).%7Bx*,y%7D", "a" },
		{ "doc->k->0=eq.1", "a" },
		{ "doc->k->>-1=gte.2", "a" },
		{ "doc->0=eq.1", "b" },
		{ "doc->>s=is.null", "b,c" },
		{ "doc->k=cs.%5B2%5D", "a" },
		{ "plain->>a=eq.b", "a" },
		{ "or=(doc->>s.eq.x,%20plain->a->>b.eq.c)", "a" },
		{ "doc->>s'%29%20OR%20true=eq.x", "" },
		{ "doc->k->%7B%22%5C=is.not_null", "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		r = get(text_of("/v1/data/boxes?select=name&order=name&%s", cases[i][0]));
		bool is_right = rows_are(&r, "name", cases[i][1]);
		if (!is_right)
			fprintf(stderr, "  %s\n", cases[i][0]);
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT(is_right);
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
	CU_ASSERT(http_is(&r, 200, "") && body_is(&r, "{\"s\":\"x\",\"one\":1,\"k\":[1, 2],\"of\":\"b\"}"));
	r = HTTP(
		"PATCH", "/v1/data/boxes?doc->>s=eq.x&select=doc->>s", .token = w.token, .body = "{\"codes\":[7]}");
	CU_ASSERT(http_is(&r, 200, "") && body_is(&r, "[{\"s\":\"x\"}]"));
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_walk_by_cursor_sees_every_row_once),
		TEST(a_cursor_is_good_for_its_own_list_alone),
		TEST(filters_find_what_they_say_and_wildcards_are_inert),
		TEST(a_range_of_rows_is_answered_as_one),
		TEST(what_is_not_json_is_not_acceptable),
		TEST(a_regular_expression_that_is_none_is_named),
		TEST(arrays_and_documents_are_searched),
	};
	data_up(
		"CREATE TABLE app.boxes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, tags varchar(9)[],"
		" codes integer[], odd json[], doc jsonb, plain json, span int4range);"
		"SELECT tenantd.register_resource('app.boxes')");
	return unit_main("data_read", tests, COUNT_OF(tests));
}
