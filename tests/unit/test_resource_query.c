/* The query grammar: what it accepts, and that a refusal names the parameter. */
#include "test_resource.h"

static const struct filter *first(void)
{
	return query.root.first;
}

static void each_operator_makes_its_test(void)
{
	static const struct {
		const char *text, *value;
		enum test test;
	} cases[] = {
		{ "n=eq.1", "1", TEST_EQ },
		{ "n=neq.1", "1", TEST_NEQ },
		{ "n=gt.-1", "-1", TEST_GT },
		{ "n=gte.+1", "+1", TEST_GTE },
		{ "ratio=lt.1e3", "1e3", TEST_LT },
		{ "at=lte.2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z", TEST_LTE },
		{ "name=like.a*b", "a%b", TEST_LIKE },
		{ "name=ilike.*x", "%x", TEST_ILIKE },
		{ "name=match.^a+$", "^a+$", TEST_MATCH },
		{ "name=imatch.a\\.(?:b|c)", "a\\.(?:b|c)", TEST_IMATCH },
		{ "n=isdistinct.1", "1", TEST_ISDISTINCT },
		{ "doc=cs.{\"a\":[1]}", "{\"a\":[1]}", TEST_CS },
		{ "doc=cd.[]", "[]", TEST_CD },
		{ "tags=cs.{a, \"b,\\\"c\" ,a}", "{\"a\",\"b,\\\"c\"}", TEST_CS },
		{ "tags=ov.{}", "{}", TEST_OV },
		{ "tags=cd.{a\\,b,\"null\",\"\"}", "{\"a,b\",\"null\",\"\"}", TEST_CD },
		{ "n=eq(any).{1,2,1}", "{\"1\",\"2\"}", TEST_IN },
		{ "n=in.(1,2,2)", "{\"1\",\"2\"}", TEST_IN },
		{ "n=in.(1, 2)", "{\"1\",\"2\"}", TEST_IN },
		{ "body=in.(a,\"b,\\\"c\\\\\",)", "{\"a\",\"b,\\\"c\\\\\",\"\"}", TEST_IN },
		{ "n=is.null", "NULL", TEST_IS },
		{ "n=is.not_null", "NOT NULL", TEST_IS },
		{ "is_done=is.unknown", "UNKNOWN", TEST_IS },
		{ "body=eq.(a,\"b)", "(a,\"b)", TEST_EQ },
		{ "Odd name=eq.", "", TEST_EQ },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CU_ASSERT_FATAL(parse(cases[i].text, LIST));
		CU_ASSERT_EQUAL(first()->test, cases[i].test);
		CU_ASSERT(str_eq(first()->value, str_c(cases[i].value)));
		CU_ASSERT(!first()->is_negated);
	}
	CU_ASSERT(parse("n=in.(1,2,2)", LIST) && first()->value_count == 2);
	CU_ASSERT(parse("n=eq(any).{1,2,2}", LIST) && first()->value_count == 2);
	CU_ASSERT(parse("n=in.()", LIST) && first()->value_count == 0);
	CU_ASSERT(parse("n=not.eq.1", LIST) && first()->is_negated);
}

static void groups_nest(void)
{
	CU_ASSERT_FATAL(
		parse("or=(n.eq.1,not.and(name.eq.\"a,b\",\"Odd name\".not.like.x*),is_done.is.true)&n=lt.9", LIST));
	const struct filter * or = first();
	CU_ASSERT_EQUAL(or->kind, FILTER_OR);
	CU_ASSERT_EQUAL(or->first->kind, FILTER_TEST);
	const struct filter *and = or->first->next;
	CU_ASSERT(and->kind == FILTER_AND && and->is_negated);
	CU_ASSERT(str_eq(and->first->value, STR("a,b")));
	CU_ASSERT(and->first->next->is_negated && str_eq(and->first->next->column->name, STR("Odd name")));
	CU_ASSERT(and->next->test == TEST_IS && !and->next->next);
	CU_ASSERT(or->next->kind == FILTER_TEST);
	CU_ASSERT_EQUAL(query.test_count, 5);
	CU_ASSERT(parse("not.or=(n.eq.1)", LIST) && first()->kind == FILTER_OR && first()->is_negated);
}

static void any_and_all_take_a_list(void)
{
	CU_ASSERT_FATAL(parse("name=like(any).{O*,\"P,*\"}", LIST));
	CU_ASSERT(first()->test == TEST_LIKE && first()->quantifier == QUANTIFIER_ANY);
	CU_ASSERT(str_eq(first()->value, STR("{\"O%\",\"P,%\"}")));
	CU_ASSERT_FATAL(parse("n=not.gte(all).{1,2}", LIST));
	CU_ASSERT(first()->test == TEST_GTE && first()->quantifier == QUANTIFIER_ALL && first()->is_negated);
	CU_ASSERT_FATAL(parse("n=eq(all).{1}", LIST));
	CU_ASSERT(first()->test == TEST_EQ && first()->quantifier == QUANTIFIER_ALL);
	CU_ASSERT_FATAL(
		parse("or=(name.imatch(any).{^a,b$},tags.cs.{a,b},doc.cs.{\"a\":1},body.eq.{x,y})", LIST));
	const struct filter *f = first()->first;
	CU_ASSERT(f->quantifier == QUANTIFIER_ANY && str_eq(f->value, STR("{\"^a\",\"b$\"}")));
	CU_ASSERT(str_eq(f->next->value, STR("{\"a\",\"b\"}")));
	CU_ASSERT(str_eq(f->next->next->value, STR("{\"a\":1}")));
	CU_ASSERT(str_eq(f->next->next->next->value, STR("{x,y}")));
}

/* T135: text after the end of a list would be ignored, and a negated list without it would match more rows. */
static void nothing_of_a_filter_goes_unread(void)
{
	static const char *const bad[][2] = { { "name=not.in.(Smith (old),Jones)", "name" },
		{ "name=in.(one)zzz", "name" }, { "name=in.(one),(two)", "name" }, { "n=in.(1))", "n" },
		{ "n=in.(1) ", "n" }, { "name=like(any).{a}b", "name" }, { "is_done=is.truest", "is_done" },
		{ "tags=cs.{a}b", "tags" }, { "or=(n.in.(1)2)", "or" }, { "and=(n.eq.1)(n.eq.2)", "and" } };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(refuses(bad[i][0], LIST, bad[i][1]));
	CU_ASSERT(parse("body=not.in.(\"Smith (old)\",Jones)", LIST));
}

static void paths_go_into_json(void)
{
	CU_ASSERT_FATAL(parse("doc->a->>b=eq.x&or=(doc->>c.is.null,doc->d->0.eq.1)", LIST));
	const struct filter *f = first();
	CU_ASSERT(f->path && f->path->as_text && f->column->kind == KIND_TEXT);
	CU_ASSERT(str_eq(f->path->keys, STR("{\"a\",\"b\"}")) && str_eq(f->path->name, STR("b")));
	f = f->next->first;
	CU_ASSERT(str_eq(f->path->keys, STR("{\"c\"}")));
	CU_ASSERT(!f->next->path->as_text && f->next->column->kind == KIND_JSONB);
	CU_ASSERT_FATAL(parse("select=x:doc->>a b,doc->a->2", LIST));
	CU_ASSERT(str_eq(query.select[0].path->keys, STR("{\"a b\"}")) && str_eq(query.select[1].name, STR("a")));
	static const char *const bad[][2] = { { "doc->=eq.1", "doc->" }, { "doc->>=eq.1", "doc->>" },
		{ "doc->>a->b=eq.1", "doc->>a->b" }, { "doc->a=eq.x", "doc->a" },
		{ "doc->a->->b=eq.1", "doc->a->->b" }, { "n->a=eq.1", "n->a" }, { "env->a=eq.1", "env->a" },
		{ "zz->a=eq.1", "zz->a" }, { "->a=eq.1", "->a" },
		{ "doc->1->2->3->4->5->6->7->8->9=eq.1", "doc->1->2->3->4->5->6->7->8->9" },
		{ "doc->>a=cs.[1]", "doc->>a" }, { "doc->a=like.x", "doc->a" }, { "or=(n->a.eq.1)", "or" },
		{ "select=doc->>a b", "select" }, { "select=doc->>a\"b", "select" },
		{ "select=doc->>a,a:n", "select" }, { "select=x\"y:doc->>a", "select" },
		{ "select=doc->>", "select" }, { "order=doc->>a", "order" } };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(refuses(bad[i][0], LIST, bad[i][1]));
	/* A path takes the place of a filter, for there is room for so many values. */
	static const char path[] = "doc->>a.eq.1";
	CU_ASSERT(parse(repeated("or=(", path, QUERY_TESTS / 2, ")"), LIST));
	CU_ASSERT(refuses(repeated("or=(", path, QUERY_TESTS / 2, ")&n=eq.1"), LIST, "n"));
	CU_ASSERT(refuses(repeated("or=(", path, QUERY_TESTS / 2, ")&select=doc->b"), LIST, "select"));
}

static void blanks_between_the_items_of_a_group_mean_nothing(void)
{
	CU_ASSERT(parse("or=( n.eq.1,  and( n.gt.2) , n.eq.3)", LIST));
	CU_ASSERT(refuses("or=(n .eq.1)", LIST, "or"));
	CU_ASSERT_FATAL(parse("or=(n.eq.1, and(body.eq.a , n.gt.2), is_done.is.true)", LIST));
	const struct filter *group = first()->first->next;
	CU_ASSERT_EQUAL(group->kind, FILTER_AND);
	CU_ASSERT(str_eq(group->first->value, STR("a "))); /* of a value they are a part */
	CU_ASSERT_EQUAL(group->next->test, TEST_IS);
}

/* T101: patterns that cannot be matched in one pass over the text. */
static void regular_expressions_are_bounded(void)
{
	static const char *const bad[][2] = { { "body", "match.(a*)\\1" }, { "body", "match.[\\]]\\9" },
		{ "body", "match.(?=a)" }, { "body", "match.(?<!a)b" }, { "body", "match.(?i)a" },
		{ "body", "imatch.a(?" }, { "body", "match(any).{a,(b)\\\\1}" }, { "n", "match.1" },
		{ "state", "imatch.new" } };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(refuses(arena_printf(arena, "%s=%s", bad[i][0], bad[i][1]).at, LIST, bad[i][0]));
	CU_ASSERT(parse("body=match.(?:a|b)\\\\1", LIST)); /* a backslash, then 1 */
	CU_ASSERT(parse(arena_printf(arena, "body=match.%0*d", LIMIT_PATTERN, 0).at, LIST));
	CU_ASSERT(refuses(arena_printf(arena, "body=match.%0*d", LIMIT_PATTERN + 1, 0).at, LIST, "body"));
}

/* T133: wherever a pattern is in the request, it is matched with the text of every row. */
static void regular_expressions_are_few(void)
{
	CU_ASSERT(parse(repeated("body=match(any).{", "a", LIMIT_REGEXES, "}"), LIST));
	CU_ASSERT(refuses(repeated("body=match(any).{", "a", LIMIT_REGEXES + 1, "}"), LIST, "body"));
	CU_ASSERT(refuses(repeated("body=imatch(all).{", "a", LIMIT_REGEXES + 1, "}"), LIST, "body"));
	CU_ASSERT(parse(repeated("or=(", "body.match.a", LIMIT_REGEXES, ")&n=eq.1"), LIST));
	CU_ASSERT(refuses(repeated("or=(", "body.match.a", LIMIT_REGEXES + 1, ")"), LIST, "or"));
	CU_ASSERT(refuses(repeated("or=(", "body.match.a", LIMIT_REGEXES, ")&name=not.imatch.b"), LIST, "name"));
	CU_ASSERT(
		refuses("body=match.a&doc->>a=imatch.b&and=(name.match(any).{a},not.or(name.match.b))", LIST, "and"));
}

/* T133: PostgreSQL copies what a count repeats, and each copy takes a step for each character of a text. */
static void what_a_regular_expression_repeats_counts_as_often(void)
{
	static const char *const good[] = { "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a.{255}",
		"(a{15}){16}", "[]{99}]{99}x", "[^]{99}]{9}[[:alpha:]{]{99}[[.].]{99}]", "\\\\{2}\\{255}{9",
		"x{99}|y{99}", "((((((a)+)+)+)+)+)+", "{255}a{,255}", "a{99,}b{,9" };
	static const char *const bad[] = { "a.{256}", "(.{20}){13}", "(?:a{2}b){86}", "((a|b){9,}){26}",
		"a{999999999999999999999}", "[a]{99}[b]{99}[c]{99}", "[\\]]{99}[^]a]{99}[[:alpha:]]{99}",
		"(((((((((a)+)+)+)+)+)+)+)+)+", "(a(b(c{50}){2}){2}){2}", "a{99})b{99})c{99}", "x{9}{99}",
		"(a{2,3}){99}" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(parse(arena_printf(arena, "body=match.%s", good[i]).at, LIST));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(refuses(arena_printf(arena, "body=match.%s", bad[i]).at, LIST, "body"));
}

/* T133: matching LIKE takes time in proportion to the pattern as well as to the text. */
static void patterns_are_bounded_in_length_and_number(void)
{
	CU_ASSERT(parse(arena_printf(arena, "body=like.%0*d", LIMIT_PATTERN, 0).at, LIST));
	CU_ASSERT(refuses(arena_printf(arena, "body=like.%0*d", LIMIT_PATTERN + 1, 0).at, LIST, "body"));
	CU_ASSERT(refuses(
		arena_printf(arena, "or=(n.eq.1,body.ilike(all).{a,%0*d})", LIMIT_PATTERN + 1, 0).at, LIST, "or"));
	CU_ASSERT(parse(repeated("body=like(any).{", "*a*", QUERY_TESTS, "}"), LIST));
	CU_ASSERT(refuses(repeated("body=like(any).{", "*a*", QUERY_TESTS + 1, "}"), LIST, "body"));
	const char *longest = arena_printf(arena, "body.like.%0*d", LIMIT_PATTERN, 0).at;
	enum { FIT = LIMIT_PATTERNS / LIMIT_PATTERN };
	CU_ASSERT(parse(repeated("or=(", longest, FIT, ")"), LIST));
	CU_ASSERT(refuses(repeated("or=(", longest, FIT, ")&name=ilike.b"), LIST, "name"));
	CU_ASSERT(refuses(repeated("or=(", longest, FIT, ")&name=match.b"), LIST, "name"));
}

static void what_the_database_refused_is_named(void)
{
	CU_ASSERT_FATAL(parse("n=eq.1&or=(body.match.*,name.eq.a)", LIST));
	error = (struct error)ERROR_INIT;
	error.code = ERR_INVALID_REQUEST;
	snprintf(error.sqlstate, sizeof(error.sqlstate), "2201B");
	CU_ASSERT(!filter_explain(&query, &error) && error.field_count == 1 && is_named("body"));
	error = (struct error)ERROR_INIT;
	error.code = ERR_UNAVAILABLE;
	CU_ASSERT(!filter_explain(&query, &error) && error.field_count == 0);
}

static bool ranged(const char *params, const char *unit, const char *range)
{
	CU_ASSERT_FATAL(parse(params, LIST));
	return query_range(&query, str_c(unit), str_c(range), &error);
}

/* T82 */
static void a_range_narrows_the_page(void)
{
	static const struct {
		const char *params, *unit, *range;
		int64_t offset, limit;
	} cases[] = {
		{ "", "items", "0-24", 0, 25 },
		{ "", "", "0-24", 0, 25 },
		{ "", "ITEMS", "7-7", 7, 1 },
		{ "", "", "items=5-9", 5, 5 },
		{ "", "", "10-", 10, LIMIT_PAGE },
		{ "", "", "0-4999", 0, LIMIT_PAGE },
		{ "limit=10", "", "0-24", 0, 10 },
		{ "limit=10", "", "5-24", 5, 5 },
		{ "offset=10", "", "0-24", 10, 15 },
		{ "offset=3&limit=10", "", "0-4", 3, 2 },
		{ "offset=3&limit=0", "", "0-4", 3, 0 },
		{ "", "", "0-9223372036854775808", 0, LIMIT_PAGE },
		{ "", "", "99999999999999999999999999-", QUERY_OFFSET, 1 },
		{ "", "", "2147483640-2147483650", 2147483640, 8 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CU_ASSERT_FATAL(ranged(cases[i].params, cases[i].unit, cases[i].range));
		CU_ASSERT_EQUAL(query.offset, cases[i].offset);
		CU_ASSERT_EQUAL(query.limit, cases[i].limit);
	}
	static const char *const ignored[][2] = { { "bytes", "0-24" }, { "", "bytes=0-24" }, { "", "-5" },
		{ "", "" }, { "", "-" }, { "", "5" }, { "", "a-b" }, { "", "0-24,30-40" }, { "", "0 - 5" },
		{ "", "0-5;DROP TABLE x" }, { "", "0x10-0x20" }, { "", "+1-5" }, { "", "1--5" }, { "", "items=" },
		{ "items, bytes", "0-1" } };
	for (size_t i = 0; i < COUNT_OF(ignored); i++) {
		CU_ASSERT(ranged("", ignored[i][0], ignored[i][1]));
		CU_ASSERT(query.offset == 0 && query.limit == LIMIT_PAGE && !query.is_ranged);
	}
	CU_ASSERT(!ranged("", "", "5-3") && error.code == ERR_RANGE_NOT_SATISFIABLE);
	CU_ASSERT(!ranged("", "", "9999999999-3") && error.code == ERR_RANGE_NOT_SATISFIABLE);
	CU_ASSERT(!ranged("offset=25", "", "0-24") && error.code == ERR_RANGE_NOT_SATISFIABLE);
	CU_ASSERT(!ranged("limit=5", "", "5-24") && error.code == ERR_RANGE_NOT_SATISFIABLE);
	CU_ASSERT(!ranged("cursor=x", "", "0-24") && is_named("Range"));
	CU_ASSERT(ranged("cursor=x", "bytes", "0-24"));
}

static void malformed_filters_are_refused_by_name(void)
{
	static const char *const cases[][2] = {
		{ "nn=eq.1", "nn" },
		{ "n=1", "n" },
		{ "n=eq", "n" },
		{ "n=eqq.1", "n" },
		{ "n=EQ.1", "n" },
		{ "n=not.not.eq.1", "n" },
		{ "n=in.1", "n" },
		{ "n=in.(1", "n" },
		{ "n=in.(1,a)", "n" },
		{ "body=in.(\"a)", "body" },
		{ "n=is.true", "n" },
		{ "n=is.nil", "n" },
		{ "n=like.1", "n" },
		{ "name=like.a\\", "name" },
		{ "name=ilike.\\\\\\", "name" },
		{ "tags=eq.{a}", "tags" },
		{ "tags=in.(a)", "tags" },
		{ "or=n.eq.1", "or" },
		{ "or=(n.eq.1", "or" },
		{ "or=(n.eq.1))", "or" },
		{ "or=()", "or" },
		{ "and=(n)", "and" },
		{ "and=(n.eq.x)", "and" },
		{ "and=(zz.eq.1)", "and" },
		{ "and=(not.or(n.eq.1)", "and" },
		{ "and=(name.eq.\"a)", "and" },
		{ "and=(n.eq.1,)", "and" },
		{ "tenant_id=eq.x", "tenant_id" },
		{ "and=(env.eq.prod)", "env" },
		{ "state=eq.lost", "state" },
		{ "n=eq(some).{1}", "n" },
		{ "n=eq(any).1", "n" },
		{ "n=eq(any).{}", "n" },
		{ "n=eq(all).{1", "n" },
		{ "n=eq(any).{1}x", "n" },
		{ "n=eq(any).{1,x}", "n" },
		{ "n=neq(any).{1}", "n" },
		{ "n=in(any).{1}", "n" },
		{ "n=is(all).{null}", "n" },
		{ "n=isdistinct(any).{1}", "n" },
		{ "n=isdistinct.x", "n" },
		{ "n=(any).{1}", "n" },
		{ "n=cs.{1}", "n" },
		{ "doc=ov.{}", "doc" },
		{ "doc=cs.{", "doc" },
		{ "tags=cs.a", "tags" },
		{ "tags=cs.{{a}}", "tags" },
		{ "tags=cs.{a,}", "tags" },
		{ "tags=cs.{NULL}", "tags" },
		{ "tags=cs.{a\"b\"}", "tags" },
		{ "tags=cs.{\"a}", "tags" },
		{ "tags=cs(any).{a}", "tags" },
		{ "tags=gt(any).{a}", "tags" },
		{ "or=(tags.cs.{a,n.eq.1)", "or" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CU_ASSERT(refuses(cases[i][0], LIST, cases[i][1]));
}

static void depth_and_number_of_filters_are_bounded(void)
{
	CU_ASSERT(parse("and=(or(and(or(and(or(and(or(n.eq.1))))))))", LIST));
	CU_ASSERT(refuses("and=(or(and(or(and(or(and(or(and(n.eq.1)))))))))", LIST, "and"));
	CU_ASSERT(parse(repeated("or=(", "n.eq.1", QUERY_TESTS, ")"), LIST));
	CU_ASSERT(refuses(repeated("or=(", "n.eq.1", QUERY_TESTS + 1, ")"), LIST, "or"));
}

static void select_takes_columns_and_new_names(void)
{
	CU_ASSERT_FATAL(parse("select=id,called:name,Odd name", LIST));
	CU_ASSERT_EQUAL(query.select_count, 3);
	CU_ASSERT(
		str_eq(query.select[1].name, STR("called")) && str_eq(query.select[1].column->name, STR("name")));
	CU_ASSERT(parse("select=*", LIST) && query.select_count == 0);
	CU_ASSERT(parse("select=*,again:n", LIST) && query.select_count == test_resource()->column_count + 1);
	static const char *const bad[] = { "select=zz", "select=n,n", "select=a b:n", "select=a\"b:n",
		"select=9a:n", "select=n::text", "select=other(*)", "select=count()", "select=:n" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(refuses(bad[i], LIST, "select"));
}

static void an_order_ends_with_the_key(void)
{
	CU_ASSERT_FATAL(parse("", LIST));
	CU_ASSERT(query.order_count == 1 && query.order[0].column == test_resource()->key && !query.is_ordered);
	CU_ASSERT_FATAL(parse("order=n.desc,name.asc.nullsfirst,day.nullslast", LIST));
	CU_ASSERT_EQUAL(query.order_count, 4);
	CU_ASSERT(query.order[0].is_descending && query.order[0].nulls_first);
	CU_ASSERT(!query.order[1].is_descending && query.order[1].nulls_first);
	CU_ASSERT(!query.order[2].nulls_first && query.order[3].column == test_resource()->key);
	CU_ASSERT(parse("order=id.desc,n", LIST) && query.order_count == 2);
	CU_ASSERT(parse("order=n.desc, name", LIST) && query.order_count == 3);
	CU_ASSERT(parse("order=n", TAKES_ORDER) && query.order_count == 2);
	CU_ASSERT(parse("", TAKES_ORDER) && query.order_count == 0); /* of what was written: as it came */
	static const char *const bad[] = { "order=zz", "order=n.up", "order=n.nullslast.asc", "order=n,n",
		"order=tags", "order=n.desc.nullsfirst.nullslast" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(refuses(bad[i], LIST, "order"));
}

static void limits_and_repeats_are_refused_by_name(void)
{
	CU_ASSERT(parse("limit=0&offset=5", LIST) && query.limit == 0 && query.offset == 5);
	CU_ASSERT(refuses("limit=1001", LIST, "limit"));
	CU_ASSERT(refuses("limit=-1", LIST, "limit"));
	CU_ASSERT(refuses("limit=1&limit=1", LIST, "limit"));
	CU_ASSERT(refuses("offset=1&cursor=x", LIST, "offset"));
	CU_ASSERT(!parse("nn=eq.1&limit=x&order=y", LIST));
	CU_ASSERT(is_named("nn") && is_named("limit") && is_named("order"));
	CU_ASSERT(refuses("n=eq.1", TAKES_SELECT, "n"));
	CU_ASSERT(refuses("limit=1", TAKES_SELECT | TAKES_FILTERS | TAKES_ORDER, "limit"));
	CU_ASSERT(refuses("order=n", TAKES_SELECT | TAKES_FILTERS, "order"));
}

static void on_conflict_names_a_unique_constraint(void)
{
	enum { CREATE = TAKES_CONFLICT | TAKES_COLUMNS };
	CU_ASSERT(parse("on_conflict=id", CREATE) && query.conflict->type == 'p');
	CU_ASSERT(parse("on_conflict=body,name", CREATE) && query.conflict->type == 'u');
	CU_ASSERT(refuses("on_conflict=name", CREATE, "on_conflict"));
	CU_ASSERT(refuses("on_conflict=", CREATE, "on_conflict"));
	CU_ASSERT(refuses("on_conflict=id) DO NOTHING", CREATE, "on_conflict"));
	CU_ASSERT(refuses("columns=n,zz", CREATE, "columns"));
}

/* T36: a cursor is bound to this. */
static void the_binding_of_a_cursor_is_of_filters_and_order(void)
{
	struct str bindings[4];
	static const char *const texts[] = { "n=eq.1&order=n", "n=eq.1&order=n&limit=5&select=id",
		"n=eq.2&order=n", "n=eq.1" };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		CU_ASSERT_FATAL(parse(texts[i], LIST));
		bindings[i] = query.binding;
	}
	CU_ASSERT(str_eq(bindings[0], bindings[1]));
	CU_ASSERT(!str_eq(bindings[0], bindings[2]) && !str_eq(bindings[0], bindings[3]));
	/* Nor is one filter taken for two. */
	CU_ASSERT(parse("body=eq.a&name=eq.b", LIST));
	struct str two = query.binding;
	CU_ASSERT(parse("body=eq.a\nnameeq.b", LIST) && !str_eq(query.binding, two));
	CU_ASSERT(parse("body=eq.a\n4 4 nameeq.b", LIST) && !str_eq(query.binding, two));
}

static void keysets_survive_any_bytes(void)
{
	struct keyset k = { .position = 41, .count = 2 }, back;
	struct str text;
	CU_ASSERT_FATAL(parse("order=body", LIST));
	k.values[0] = VALUE_C("a:b 7:\nn:");
	k.values[1] = VALUE_NULL;
	CU_ASSERT_FATAL(keyset_pack(&k, arena, &text));
	CU_ASSERT_FATAL(keyset_unpack(&back, &query, text));
	CU_ASSERT(back.position == 41 && str_eq(back.values[0].text, k.values[0].text) && back.values[1].is_null);
	CU_ASSERT(!keyset_unpack(&back, &query, str_of(text.at, text.len - 2)));
	CU_ASSERT(!keyset_unpack(&back, &query, STR("41 9:abc")));
	CU_ASSERT_FATAL(parse("", LIST));
	CU_ASSERT(!keyset_unpack(&back, &query, text));
	char *big = arena_alloc(arena, 5000);
	memset(big, 'x', 5000);
	k.values[0] = VALUE(str_of(big, 5000));
	CU_ASSERT(!keyset_pack(&k, arena, &text));
}

const struct unit_test query_tests[] = {
	TEST(each_operator_makes_its_test),
	TEST(groups_nest),
	TEST(any_and_all_take_a_list),
	TEST(nothing_of_a_filter_goes_unread),
	TEST(paths_go_into_json),
	TEST(blanks_between_the_items_of_a_group_mean_nothing),
	TEST(regular_expressions_are_bounded),
	TEST(regular_expressions_are_few),
	TEST(what_a_regular_expression_repeats_counts_as_often),
	TEST(patterns_are_bounded_in_length_and_number),
	TEST(what_the_database_refused_is_named),
	TEST(a_range_narrows_the_page),
	TEST(malformed_filters_are_refused_by_name),
	TEST(depth_and_number_of_filters_are_bounded),
	TEST(select_takes_columns_and_new_names),
	TEST(an_order_ends_with_the_key),
	TEST(limits_and_repeats_are_refused_by_name),
	TEST(on_conflict_names_a_unique_constraint),
	TEST(the_binding_of_a_cursor_is_of_filters_and_order),
	TEST(keysets_survive_any_bytes),
};
const size_t query_test_count = COUNT_OF(query_tests);
