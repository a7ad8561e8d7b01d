/*
 * Columns and keys as real tables have them: types with their own comparison operators, unique indexes that are not
 * constraints, arrays, and types whose values only PostgreSQL can check.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/people.h"
#include "support/stack.h"
#include "support/unit.h"

#define PEOPLE "/v1/data/people"
#define ROOMS "/v1/data/rooms"
#define MERGE "Prefer: resolution=merge-duplicates"

static const char *owner_token;

static void begin(void)
{
	const char *owner = someone("owner");
	owner_token = token(owner, active_tenant_of(owner), "dev");
}

static struct http_reply get(const char *target)
{
	return HTTP("GET", target, .token = owner_token);
}

static struct http_reply post(const char *target, const char *body)
{
	return HTTP("POST", target, .token = owner_token, .body = body, .headers = { MERGE });
}

/* citext: equal without regard to case, in a filter as in its key and its order. */
static void a_type_compares_in_its_own_way(void)
{
	static const char *const same[] = { "email=eq.BETA@x", "email=in.(nobody,bETA@X)", "email=like.bet*",
		"email=match.^beta", "email=imatch.^BETA", "email=eq(any).{nobody,BETA@x}",
		"email=like(any).{nob*,BET*}", "email=neq.alpha@X&email=isdistinct.GAMMA@X",
		"or=(email.eq.BETA@X,name.eq.nobody)", "email=neq.alpha@X&email=lt.c" };
	begin();
	struct http_reply r =
		post(PEOPLE, "[{\"email\":\"Beta@x\"},{\"email\":\"alpha@x\"},{\"email\":\"Gamma@x\"}]");
	CU_ASSERT(http_is(&r, 201, ""));
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		r = get(text_of(PEOPLE "?select=email&%s", same[i]));
		CU_ASSERT(
			http_is(&r, 200, "") && json_count(r.json) == 1 && body_has(&r, "[{\"email\":\"Beta@x\"}]"));
	}
	r = get(PEOPLE "/BETA@X");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "Beta@x"));
	r = post(PEOPLE, "{\"email\":\"BETA@x\",\"name\":\"b\"}");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"name\":\"b\""));
	http_forget();
}

static void its_pages_leave_out_no_row(void)
{
	static const char *const orders[] = { "email", "email.desc", "nick,email", "nick.desc,email.desc",
		"code" };
	begin();
	struct http_reply r = post(PEOPLE,
		"[{\"email\":\"B\",\"nick\":\"x\",\"code\":\"b\"},{\"email\":\"a\",\"nick\":\"X\",\"code\":\"B\"},"
		"{\"email\":\"C\",\"nick\":null,\"code\":\"c\"},{\"email\":\"d\",\"nick\":\"y\",\"code\":\"bb\"},"
		"{\"email\":\"E\",\"nick\":\"Y\",\"code\":\"a\"}]");
	CU_ASSERT(http_is(&r, 201, ""));
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		size_t pages = 0;
		const char *target = text_of(PEOPLE "?select=email&limit=1&order=%s", orders[i]);
		struct http_reply whole = get(text_of(PEOPLE "?select=email&order=%s", orders[i]));
		for (; target && pages < 9; pages++, target = next_of(&r)) {
			struct str one, same;
			r = get(target);
			CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
			CU_ASSERT(json_string(json_get(json_at(r.json, 0, NULL), STR("email")), &one) &&
				json_string(json_get(json_at(whole.json, pages, NULL), STR("email")), &same) &&
				str_eq(one, same));
		}
		CU_ASSERT_EQUAL(pages, 5);
	}
	http_forget();
}

static void characters_are_compared_without_their_padding(void)
{
	begin();
	struct http_reply r = post(PEOPLE, "{\"email\":\"a\",\"code\":\"ab\"}");
	CU_ASSERT(http_is(&r, 201, "") && body_has(&r, "\"code\":\"ab \""));
	r = get(PEOPLE "?code=eq.ab%20&select=code");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	r = get(PEOPLE "?code=in.(ab)&select=code");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	http_forget();
}

/* Many tools make unique indexes and no constraints. */
static void a_unique_index_is_as_good_as_a_constraint(void)
{
	begin();
	struct http_reply r =
		post(ROOMS "?on_conflict=floor,number", "{\"floor\":1,\"number\":2,\"name\":\"a\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = post(ROOMS "?on_conflict=floor,number", "{\"floor\":1,\"number\":2,\"name\":\"b\"}");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"name\":\"b\""));
	r = post(ROOMS, "{\"floor\":1,\"number\":2}");
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "\"floor\"") && body_has(&r, "\"number\""));
	r = post(ROOMS, "{\"floor\":1,\"number\":3,\"name\":\"b\"}");
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "\"name\"")); /* a partial one has its say, too */
	r = post(ROOMS "?on_conflict=name", "{\"floor\":1,\"number\":3,\"name\":\"b\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && body_has(&r, "on_conflict"));
	r = post(ROOMS "?on_conflict=door", "{\"floor\":1,\"number\":3,\"door\":\"b\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && body_has(&r, "on_conflict")); /* a deferred one cannot */
	http_forget();
}

static void what_excludes_another_is_named(void)
{
	begin();
	struct http_reply r = post(ROOMS, "{\"floor\":1,\"number\":2,\"taken\":\"[1,5)\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = post(ROOMS, "{\"floor\":1,\"number\":3,\"taken\":\"[4,7)\"}");
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "\"field\":\"taken\""));
	http_forget();
}

/* T75, T77 */
static void an_array_holds_what_its_type_says(void)
{
	static const char *const bad[] = { "{\"sizes\":[\"NaN\"]}", "{\"sizes\":[1,\"2\"]}",
		"{\"sizes\":[[1],[true]]}", "{\"sizes\":[1e400]}", "{\"sizes\":[{}]}", "{\"days\":[\"infinity\"]}",
		"{\"days\":[1]}", "{\"words\":[1]}", "{\"counts\":[1.5]}", "{\"counts\":[2147483648]}" };
	begin();
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_reply r = post(ROOMS, bad[i]);
		CU_ASSERT(
			http_is(&r, 400, "invalid_request") && body_has(&r, "has an element that does not fit its type"));
	}
	struct http_reply r = post(ROOMS "?select=sizes,days,words,counts,docs",
		"{\"sizes\":[[1.5,null],[2e3,0]],\"days\":[\"2024-02-29\"],\"words\":[],\"counts\":[-1],"
		"\"docs\":[1,\"a\",[2],{}]}");
	CU_ASSERT(
		http_is(&r, 201, "") && body_has(&r, "[[1.5,null],[2000,0]]") && body_has(&r, "[\"2024-02-29\"]"));
	http_forget();
}

/* What a domain demands is the column's to say. */
static void a_domain_is_its_columns(void)
{
	begin();
	struct http_reply r = post(ROOMS, "{\"contact\":\"nobody\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") &&
		body_has(&r, "{\"field\":\"contact\",\"detail\":\"is not allowed to have this value\"}"));
	r = post(ROOMS, "{\"colour\":null}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") &&
		body_has(&r, "{\"field\":\"colour\",\"detail\":\"cannot be null\"}"));
	r = post(ROOMS, "[{\"colour\":\"red\",\"contact\":\"a@b\"},{\"contact\":\"a@c\"}]");
	CU_ASSERT(http_is(&r, 201, "") && body_has(&r, "\"colour\":\"white\""));
	r = post("/v1/data/people", "{\"email\":\"a\",\"name\":\"n\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	http_forget();
}

/* T77: what PostgreSQL would round is refused by name. */
static void no_digit_of_a_number_is_lost(void)
{
	static const char *const bad[] = { "{\"rent\":1.005}", "{\"rent\":1e-3}", "{\"rent\":100000000}",
		"{\"deposit\":1.2345}", "{\"hundreds\":150}", "{\"hundreds\":100000}" };
	begin();
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_reply r = post(ROOMS, bad[i]);
		CU_ASSERT(http_is(&r, 400, "invalid_request") && body_has(&r, "\"errors\":[{\"field\":"));
	}
	struct http_reply r = post(ROOMS "?select=rent,deposit,hundreds,any",
		"{\"rent\":99999999.990,\"deposit\":1.234,\"hundreds\":99900,"
		"\"any\":12345678901234567890123456789.0123456789}");
	CU_ASSERT(http_is(&r, 201, "") &&
		body_has(&r,
			"[{\"rent\":99999999.99,\"deposit\":1.234,\"hundreds\":99900,"
			"\"any\":12345678901234567890123456789.0123456789}]"));
	http_forget();
}

/* A type that only PostgreSQL can judge: it says no, and the caller is told that much. */
static void a_filter_of_any_type_says_what_is_wrong(void)
{
	begin();
	struct http_reply r = get(ROOMS "?address=eq.nowhere");
	CU_ASSERT(http_is(&r, 400, "invalid_request") &&
		body_has(
			&r, "\"errors\":[{\"field\":\"address\",\"detail\":\"does not fit the type of its column\"}]"));
	r = get(ROOMS "?address=eq.10.0.0.1");
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

/* T136: their input functions raise syntax errors, undefined names and worse; to the caller it is a value that does not fit. */
static void whatever_an_input_function_raises_is_400(void)
{
	static const struct {
		const char *column, *bad, *good;
	} cases[] = {
		{ "words", "'unclosed", "'a':1 'b':2" },
		{ "asks", "a &", "'a' & 'b'" },
		{ "way", "$.a[", "$.\\\"a\\\"" },
		{ "named", "no_such.table", "pg_class" },
		{ "typed", "no_such_type", "integer" },
		{ "called", "no_such_function", "now" },
		{ "tags", "a=>", "\\\"a\\\"=>\\\"1\\\"" },
		{ "place", "(1", "(1,2)" },
		{ "host", "300.1.1.1", "10.0.0.1" },
		{ "cash", "much", "12.5" },
		{ "bits", "102", "101" },
		{ "span", "[5,1)", "[1,5)" },
		{ "doc", "<a", "<a/>" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *wanted = text_of("\"errors\":[{\"field\":\"%s\"", cases[i].column);
		struct http_reply r = HTTP("POST", "/v1/data/exotics", .token = owner_token,
			.body = text_of("{\"%s\":\"%s\"}", cases[i].column, cases[i].bad));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && body_has(&r, wanted));
		r = HTTP("POST", "/v1/data/exotics", .token = owner_token,
			.body = text_of("{\"%s\":\"%s\"}", cases[i].column, cases[i].good));
		CU_ASSERT(http_is(&r, 201, ""));
		r = HTTP("PATCH", "/v1/data/exotics?id=not.is.null", .token = owner_token,
			.body = text_of("{\"%s\":\"%s\"}", cases[i].column, cases[i].bad));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && body_has(&r, wanted));
		if (strcmp(cases[i].column, "doc") == 0)
			continue; /* has no order and no equality */
		struct buf b;
		buf_init(&b, http_arena(), 256);
		for (const char *c = cases[i].bad; *c; c++)
			buf_printf(&b, "%%%02X", (unsigned char)*c);
		r = get(text_of("/v1/data/exotics?%s=eq.%s", cases[i].column, buf_str(&b).at));
		CU_ASSERT(http_is(&r, 400, "invalid_request") && body_has(&r, wanted));
	}
	/* What a trigger raises in its own right is no value's fault. */
	struct http_reply r = HTTP(
		"POST", "/v1/data/exotics", .token = owner_token, .body = "{\"words\":\"'x'\",\"name\":\"raise\"}");
	CU_ASSERT(http_is(&r, 500, "internal"));
	http_forget();
}

static void make_tables(void)
{
	sql("CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION tenantd_owner; CREATE EXTENSION citext SCHEMA app;"
		"CREATE EXTENSION btree_gist SCHEMA app");
	sql("BEGIN; SET LOCAL ROLE tenantd_owner;"
		"CREATE TABLE app.people (email app.citext PRIMARY KEY, name text, nick app.citext, code "
		"character(3));"
		"SELECT tenantd.register_resource('app.people');"
		"CREATE DOMAIN app.money AS numeric(8, 3);"
		"CREATE DOMAIN app.contact AS text CHECK (VALUE LIKE '%%@%%');"
		"CREATE DOMAIN app.colour AS varchar(9) NOT NULL DEFAULT 'white';"
		"CREATE TABLE app.rooms (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, floor "
		"integer,"
		" number integer, name text, door text, address inet, taken int4range, sizes real[], days date[], "
		"words "
		"text[], counts integer[], docs jsonb[], rent numeric(10, 2), deposit app.money, contact "
		"app.contact, colour app.colour, hundreds numeric(3, "
		"-2), \"any\" numeric,"
		" UNIQUE (tenant_id, door) DEFERRABLE,"
		" EXCLUDE USING gist (tenant_id app.gist_uuid_ops WITH =, taken WITH &&));"
		"CREATE UNIQUE INDEX rooms_place ON app.rooms (tenant_id, floor, number) INCLUDE (name);"
		"CREATE UNIQUE INDEX rooms_name ON app.rooms (tenant_id, name) WHERE name IS NOT NULL;"
		"SELECT tenantd.register_resource('app.rooms'); COMMIT");
	sql("CREATE EXTENSION hstore SCHEMA app; GRANT USAGE ON SCHEMA app TO tenantd_app; BEGIN; SET LOCAL ROLE tenantd_owner;"
		"CREATE TABLE app.exotics (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), words tsvector, asks tsquery, way jsonpath,"
		" named regclass, typed regtype, called regproc, tags app.hstore, place point, host inet, cash money, bits bit(3),"
		" span int4range, doc xml, name text);"
		"CREATE FUNCTION app.raise() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN"
		" IF NEW.name = 'raise' THEN RAISE EXCEPTION 'x' USING ERRCODE = '42601'; END IF; RETURN NEW; END $$;"
		"GRANT EXECUTE ON FUNCTION app.raise() TO tenantd_app;"
		"CREATE TRIGGER a_raise BEFORE INSERT ON app.exotics FOR EACH ROW EXECUTE FUNCTION app.raise();"
		"SELECT tenantd.register_resource('app.exotics'); COMMIT");
	stack_reload();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_type_compares_in_its_own_way),
		TEST(its_pages_leave_out_no_row),
		TEST(characters_are_compared_without_their_padding),
		TEST(a_unique_index_is_as_good_as_a_constraint),
		TEST(what_excludes_another_is_named),
		TEST(an_array_holds_what_its_type_says),
		TEST(a_domain_is_its_columns),
		TEST(no_digit_of_a_number_is_lost),
		TEST(a_filter_of_any_type_says_what_is_wrong),
		TEST(whatever_an_input_function_raises_is_400),
	};
	stack_up();
	make_tables();
	return unit_main("columns", tests, COUNT_OF(tests));
}
