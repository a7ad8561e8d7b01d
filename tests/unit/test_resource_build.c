/* The SQL that is built: every part that uses the table has the condition on the tenant, and no value is in the text. */
#include "test_resource.h"

#define SECRET "5ec5e7"
#define SECRET_KEY "7e8deba4-7ac8-4032-8f3c-1a34b5" SECRET

static size_t count(struct str text, const char *part)
{
	size_t n = 0, len = strlen(part);
	for (const char *at = text.at; (at = memmem(at, (size_t)(text.at + text.len - at), part, len)); at += len)
		n++;
	return n;
}

/* Each mention of the table reads, changes or deletes under the tenant, or inserts it. */
static void check(const struct built *b)
{
	size_t touches = count(b->sql, "FROM app.things") + count(b->sql, "UPDATE app.things");
	size_t inserts = count(b->sql, "INSERT INTO app.things AS t (tenant_id, env");
	CU_ASSERT_EQUAL(count(b->sql, "app.things "), touches + inserts);
	CU_ASSERT(count(b->sql, "t.tenant_id = $1 AND t.env = $2") >= touches);
	CU_ASSERT_EQUAL(count(b->sql, ") SELECT $1::uuid, $2::tenantd.env"), inserts);
	CU_ASSERT(!has(b->sql, SECRET));
	if (has(b->sql, SECRET))
		printf("%s\n", b->sql.at);
	for (size_t i = 0; i < b->count; i++) {
		char place[16];
		snprintf(place, sizeof(place), "$%zu", i + 3);
		CU_ASSERT(has(b->sql, place));
	}
}

static void reads_name_the_tenant_and_no_value(void)
{
	struct keyset k = { .count = 3 };
	CU_ASSERT_FATAL(parse("select=id,x:name&or=(body.eq." SECRET ",and(body.in.(" SECRET
						  ",b),n.gt.5))&body=like." SECRET "*&order=body.desc,n&limit=7&offset=3",
		LIST));
	check(build_list(arena, &query, NULL));
	check(build_count(arena, &query));
	check(build_get(arena, &query, STR(SECRET_KEY)));
	k.values[0] = VALUE_C(SECRET), k.values[1] = VALUE_C("1"), k.values[2] = VALUE_C(KEY);
	const struct built *b = build_list(arena, &query, &k);
	check(b);
	CU_ASSERT(b->is_selective && !b->is_common);
	CU_ASSERT(has(b->sql, " AND ((("));
	CU_ASSERT_FATAL(parse("", LIST));
	CU_ASSERT(build_list(arena, &query, NULL)->is_common);
}

static void a_view_is_asked_for_two_rows_and_what_version_it_has(void)
{
	struct resource view = *test_resource();
	struct query q = { .resource = &view };
	struct str id = STR(SECRET_KEY);
	const struct built *b = build_get(arena, &q, id);
	CU_ASSERT(has(b->sql, "t.updated_at") && !has(b->sql, "LIMIT") && !b->runs_foreign);
	view.is_view = view.read_runs_code = true;
	b = build_get(arena, &q, id);
	check(b);
	CU_ASSERT(has(b->sql, ", t.version::text FROM") && has(b->sql, " LIMIT 2") && b->runs_foreign);
	CU_ASSERT(build_count(arena, &q)->runs_foreign);
	view.has_etag = view.read_runs_code = false;
	b = build_get(arena, &q, id);
	check(b);
	CU_ASSERT(has(b->sql, ", NULL FROM") && !b->runs_foreign);
}

static void orders_say_nulls_only_where_postgresql_would_not(void)
{
	CU_ASSERT_FATAL(parse("order=body,day.desc,amount.nullsfirst,big.desc.nullslast,n.nullsfirst", LIST));
	struct str sql = build_list(arena, &query, NULL)->sql;
	CU_ASSERT(has(
		sql, " ORDER BY t.body, t.day DESC, t.amount NULLS FIRST, t.big DESC NULLS LAST, t.n, t.id LIMIT "));
}

static void a_page_goes_on_behind_nulls_and_before_them(void)
{
	struct keyset k = { .count = 2 };
	k.values[1] = VALUE_C(KEY);
	k.values[0] = VALUE_NULL;
	CU_ASSERT_FATAL(parse("order=body", LIST));
	CU_ASSERT(
		has(build_list(arena, &query, &k)->sql, " AND ((false) OR (t.body IS NULL AND (t.id > $3::uuid)))"));
	CU_ASSERT_FATAL(parse("order=body.desc", LIST));
	CU_ASSERT(has(build_list(arena, &query, &k)->sql,
		" AND (((t.body IS NOT NULL)) OR (t.body IS NULL AND (t.id > $3::uuid)))"));
	k.values[0] = VALUE_C("a");
	CU_ASSERT(has(build_list(arena, &query, &k)->sql,
		" AND (((t.body < $3::text)) OR (t.body = $3::text AND (t.id > $4::uuid)))"));
	CU_ASSERT_FATAL(parse("order=body", LIST));
	CU_ASSERT(has(build_list(arena, &query, &k)->sql, "((t.body > $3::text OR t.body IS NULL))"));
	CU_ASSERT_FATAL(parse("order=n", LIST));
	CU_ASSERT(has(build_list(arena, &query, &k)->sql, " AND (t.n, t.id) > ($3::integer, $4::uuid)"));
}

static const struct built *write_of(const char *body, enum input_use use, const struct write *w)
{
	static struct input in;
	error = (struct error)ERROR_INIT;
	if (body && !input_read(&in, arena, &query, use, str_c(body), &error)) {
		CU_FAIL_FATAL("a good body was refused");
	}
	if (!body)
		return build_remove(arena, &query, w);
	return use == INPUT_CREATE ? build_create(arena, &query, w, &in)
		: use == INPUT_CHANGE  ? build_change(arena, &query, w, &in)
							   : build_replace(arena, &query, w, &in);
}

static void writes_name_the_tenant_and_no_value(void)
{
	static const char one[] = "{\"name\":\"a\",\"body\":\"" SECRET "\"}";
	static const char some[] = "[{\"name\":\"a\",\"body\":\"" SECRET "\",\"n\":1},{\"name\":\"a\"}]";
	struct write w = { .id = STR(""), .if_match = STR(""), .remember = STR(""), .wants_rows = true };
	CU_ASSERT_FATAL(parse("select=id", TAKES_SELECT));
	check(write_of(one, INPUT_CREATE, &w));
	w.wants_one = true;
	w.remember = STR(SECRET);
	w.resolution = RESOLUTION_MERGE;
	check(write_of(some, INPUT_CREATE, &w));
	w.missing_default = true;
	w.resolution = RESOLUTION_IGNORE;
	const struct built *b = write_of(some, INPUT_CREATE, &w);
	check(b);
	CU_ASSERT_EQUAL(count(b->sql, "ELSE 'none'::text END"), 1);
	CU_ASSERT_EQUAL(count(b->sql, "ELSE 7 END"), 1);
	CU_ASSERT(has(b->sql, "ON CONFLICT (tenant_id, id) DO NOTHING"));

	w = (struct write){ .id = STR(SECRET_KEY), .if_match = STR("{" SECRET "}"), .remember = STR("") };
	check(write_of(one, INPUT_CHANGE, &w));
	check(write_of(one, INPUT_REPLACE, &w));
	check(write_of(NULL, INPUT_CHANGE, &w));
	w.if_match = STR("");
	b = write_of(one, INPUT_REPLACE, &w);
	check(b);
	CU_ASSERT(has(b->sql, "n = excluded.n") && has(b->sql, "\"Odd name\" = excluded.\"Odd name\""));

	w.id = STR("");
	CU_ASSERT_FATAL(parse("body=eq." SECRET, TAKES_FILTERS));
	check(write_of(one, INPUT_CHANGE, &w));
	check(write_of(NULL, INPUT_CHANGE, &w));
}

/* T34 */
static void a_list_of_keys_must_be_there_whole(void)
{
	struct write w = { .id = STR(""), .if_match = STR(""), .remember = STR("") };
	CU_ASSERT_FATAL(parse("id=in.(" KEY "," KEY ")", TAKES_FILTERS));
	const struct built *b = write_of(NULL, INPUT_CHANGE, &w);
	CU_ASSERT(has(b->sql, "tenantd.demand(a.affected = ") && has(b->sql, "'TD404'"));
	CU_ASSERT(str_eq(b->values[1].text, STR("1")));
	CU_ASSERT_FATAL(parse("n=gt.1", TAKES_FILTERS));
	CU_ASSERT(!has(write_of(NULL, INPUT_CHANGE, &w)->sql, "TD404"));
}

static void paths_are_selected_by_their_keys(void)
{
	CU_ASSERT_FATAL(parse("select=id,doc->>a,b:doc->" SECRET "->0,doc->c->1&doc->>d=eq.1&order=n", LIST));
	const struct built *b = build_list(arena, &query, NULL);
	check(b);
	CU_ASSERT(has(b->sql,
		"SELECT t.id, (t.doc #>> $3::text[]) AS \"a\", (t.doc #> $4::text[]) AS \"b\","
		" (t.doc #> $5::text[]) AS \"c\") x)"));
	CU_ASSERT(str_eq(b->values[0].text, STR("{\"a\"}")) && str_eq(b->values[2].text, STR("{\"c\",\"1\"}")));
}

/* As many values as a request can ask for have a place. */
static void the_longest_order_goes_on_behind_the_most_filters(void)
{
	struct keyset k = { .count = QUERY_ORDER + 1 };
	CU_ASSERT_FATAL(parse(
		repeated("order=body.desc,day,big.desc,amount,ratio.desc,at,local.desc,small&limit=1&offset=0&or=(",
			"n.eq.1", QUERY_TESTS, ")"),
		LIST));
	for (size_t i = 0; i < k.count; i++)
		k.values[i] = VALUE_C("1");
	check(build_list(arena, &query, &k));
}

static void each_test_is_an_operator_and_a_parameter(void)
{
	static const char *const cases[][2] = {
		{ "body=match." SECRET, "(t.body ~ $3::text)" },
		{ "body=not.imatch." SECRET, "NOT (t.body ~* $3::text)" },
		{ "body=isdistinct." SECRET, "((t.body = $3::text) IS NOT TRUE)" },
		{ "body=ilike(any).{" SECRET ",b*}", "(t.body ~~* ANY ($3::text[]))" },
		{ "n=lt(all).{1,2}", "(t.n < ALL ($3::integer[]))" },
		{ "n=eq(any).{1,2}", "(t.n = ANY ($3::integer[]))" },
		{ "n=eq(all).{1,2}", "(t.n = ALL ($3::integer[]))" },
		{ "tags=cs.{" SECRET "}", "(t.tags @> $3::text[])" },
		{ "tags=cd.{" SECRET "}", "(t.tags <@ $3::text[])" },
		{ "tags=ov.{" SECRET "}", "(t.tags && $3::text[])" },
		{ "doc->>" SECRET "=eq." SECRET, "((t.doc #>> $3::text[]) = $4::text)" },
		{ "doc->" SECRET "=gt.1", "((t.doc #> $3::text[]) > $4::jsonb)" },
		{ "doc->a->0->>b=like(any).{" SECRET "*}", "((t.doc #>> $3::text[]) ~~ ANY ($4::text[]))" },
		{ "doc->-1=is.null", "((t.doc #> $3::text[]) IS NULL)" },
		{ "doc->a->b=cs.[1]", "((t.doc #> $3::text[]) @> $4::jsonb)" },
		{ "doc=cs.{\"a\":\"" SECRET "\"}", "(t.doc @> $3::jsonb)" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CU_ASSERT_FATAL(parse(cases[i][0], LIST));
		const struct built *b = build_count(arena, &query);
		check(b);
		CU_ASSERT(has(b->sql, cases[i][1]));
	}
}

static void what_is_written_is_told_in_order_and_within_bounds(void)
{
	struct write w = { .id = STR(""), .if_match = STR(""), .remember = STR(""), .wants_rows = true };
	CU_ASSERT_FATAL(parse("n=gt.1&order=name.desc", TAKES_FILTERS | TAKES_ORDER));
	const struct built *b = write_of(NULL, INPUT_CHANGE, &w);
	CU_ASSERT(has(b->sql, "json_agg(row_to_json(t.*) ORDER BY t.name DESC, t.id)"));
	CU_ASSERT(!has(b->sql, "TD017"));
	w.has_most = true;
	w.most = 0;
	b = write_of(NULL, INPUT_CHANGE, &w);
	check(b);
	CU_ASSERT(has(b->sql, "tenantd.demand(a.affected <= $4::bigint, 'TD017')"));
	CU_ASSERT(str_eq(b->values[1].text, STR("0")));
	/* A list of keys of which all are demanded is another matter than one that no row can be equal to. */
	CU_ASSERT_FATAL(parse("id=eq(all).{" KEY "}", TAKES_FILTERS));
	CU_ASSERT(!has(write_of(NULL, INPUT_CHANGE, &w)->sql, "TD404"));
	CU_ASSERT_FATAL(parse("id=eq(any).{" KEY "}", TAKES_FILTERS));
	CU_ASSERT(has(write_of(NULL, INPUT_CHANGE, &w)->sql, "TD404"));
}

static void rows_of_a_user_get_their_user_and_blind_creators_are_told_nothing(void)
{
	struct input in;
	struct query q;
	struct write w = { .id = STR(""), .if_match = STR(""), .remember = STR("") };
	CU_ASSERT_FATAL(query_parse(&q, arena, test_resource_of_users(), NULL, 0, 0, &error));
	error = (struct error)ERROR_INIT;
	CU_ASSERT(
		!input_read(&in, arena, &q, INPUT_CREATE, STR("{\"name\":\"a\",\"user_id\":\"" KEY "\"}"), &error) &&
		is_named("user_id"));
	error = (struct error)ERROR_INIT;
	CU_ASSERT_FATAL(input_read(&in, arena, &q, INPUT_CREATE, STR("{\"name\":\"a\"}"), &error));
	const struct built *b = build_create(arena, &q, &w, &in);
	check(b);
	CU_ASSERT(has(b->sql, "(SELECT c.user_id FROM tenantd.context() c)"));
	CU_ASSERT(!has(b->sql, "RETURNING"));
	w.wants_rows = true;
	CU_ASSERT(has(build_create(arena, &q, &w, &in)->sql, "RETURNING t.*"));
}

static void actions_are_given_a_row_of_the_tenant(void)
{
	struct write w = { .id = STR(SECRET_KEY), .if_match = STR(""), .remember = STR(SECRET) };
	const struct resource *r = test_resource();
	const struct built *b = build_action(arena, r, resource_action(r, STR("send")), &w, STR(""));
	check(b);
	CU_ASSERT(has(b->sql, "app.thing_send(t.id)"));
	w.id = STR("");
	b = build_action(arena, r, resource_action(r, STR("search")), &w, STR("{\"a\":\"" SECRET "\"}"));
	check(b);
	CU_ASSERT(has(b->sql, "app.things_search($4::json)"));
}

const struct unit_test build_tests[] = {
	TEST(reads_name_the_tenant_and_no_value),
	TEST(a_view_is_asked_for_two_rows_and_what_version_it_has),
	TEST(orders_say_nulls_only_where_postgresql_would_not),
	TEST(a_page_goes_on_behind_nulls_and_before_them),
	TEST(writes_name_the_tenant_and_no_value),
	TEST(a_list_of_keys_must_be_there_whole),
	TEST(paths_are_selected_by_their_keys),
	TEST(the_longest_order_goes_on_behind_the_most_filters),
	TEST(each_test_is_an_operator_and_a_parameter),
	TEST(what_is_written_is_told_in_order_and_within_bounds),
	TEST(rows_of_a_user_get_their_user_and_blind_creators_are_told_nothing),
	TEST(actions_are_given_a_row_of_the_tenant),
};
const size_t build_test_count = COUNT_OF(build_tests);
