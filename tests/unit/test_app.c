/* The OpenAPI document: it describes every route, every error and every resource, and escapes every text. */
#include "app/openapi.h"
#include "app/routes.h"
#include "core/json.h"
#include "support/cases.h"
#include "support/unit.h"

#include <CUnit/CUnit.h>

static struct str weak[] = { STR("low"), STR("high \"quoted\"") };
static struct column columns[] = {
	{ .name = STR("id"),
		.shown_type = STR("uuid"),
		.kind = KIND_UUID,
		.standard = STR("gen_random_uuid()"),
		.may_insert = true },
	{ .name = STR("tenant_id"), .shown_type = STR("uuid"), .kind = KIND_UUID, .is_context = true },
	{ .name = STR("title"),
		.shown_type = STR("character varying(20)"),
		.kind = KIND_TEXT,
		.max_chars = 20,
		.comment = STR("what it's \"called\" \\ {\n"),
		.may_insert = true,
		.may_update = true },
	{ .name = STR("a\"b,{"),
		.shown_type = STR("app.level"),
		.kind = KIND_ENUM,
		.labels = weak,
		.label_count = 2,
		.is_nullable = true,
		.may_insert = true,
		.may_update = true },
	{ .name = STR("version"), .shown_type = STR("integer"), .kind = KIND_INT4, .standard = STR("1") },
};
static struct action actions[] = {
	{ .name = STR("send"), .takes_body = true, .guard = { LEAST_OWNER, TENANT_ACTIVE } },
	{ .name = STR("nearest"), .is_on_collection = true, .guard = { LEAST_MEMBER, TENANT_ACTIVE } },
};
static struct resource resources[] = {
	{ .name = STR("events"),
		.title = STR("Events"),
		.columns = columns,
		.column_count = COUNT_OF(columns),
		.key = &columns[0],
		.least = { LEAST_TENANT_ADMIN, LEAST_MEMBER, LEAST_MEMBER, LEAST_MEMBER },
		.tenant = TENANT_OPEN,
		.is_append_only = true },
	{ .name = STR("notes"),
		.title = STR("Notes"),
		.columns = columns,
		.column_count = COUNT_OF(columns),
		.key = &columns[0],
		.actions = actions,
		.action_count = COUNT_OF(actions),
		.least = { LEAST_MEMBER, LEAST_MEMBER, LEAST_MEMBER, LEAST_TENANT_ADMIN },
		.tenant = TENANT_ACTIVE,
		.has_etag = true },
	{ .name = STR("totals"),
		.title = STR("Totals"),
		.columns = columns,
		.column_count = COUNT_OF(columns),
		.key = &columns[0],
		.least = { LEAST_TENANT_ADMIN },
		.tenant = TENANT_ACTIVE,
		.is_view = true },
};
static const struct catalog catalog = { .resources = resources, .count = COUNT_OF(resources) };

static const char *const methods[METHOD_COUNT] = {
	[METHOD_GET] = "get",
	[METHOD_POST] = "post",
	[METHOD_PUT] = "put",
	[METHOD_PATCH] = "patch",
	[METHOD_DELETE] = "delete",
};

static const struct json *document_of(struct arena *a, const struct catalog *c)
{
	struct error err = ERROR_INIT;
	struct str text;
	CU_ASSERT_FATAL(openapi_print(a, c, &text, &err));
	const struct json *document = json_parse(a, text, &err);
	if (!document)
		fprintf(stderr, "%s\n%.*s\n", err.detail, STR_ARG(text));
	CU_ASSERT_PTR_NOT_NULL_FATAL(document);
	return document;
}

/* The member at the end of a list of names that ends with NULL. */
static const struct json *at(const struct json *v, const char *const *names)
{
	for (; *names; names++)
		v = json_get(v, str_c(*names));
	return v;
}
#define AT(v, ...) at(v, (const char *const[]){ __VA_ARGS__, NULL })

static bool says(const struct json *v, const char *text)
{
	struct str s;
	return json_string(v, &s) && str_eq(s, str_c(text));
}

static bool lists(const struct json *array, const char *text)
{
	for (size_t i = 0; i < json_count(array); i++)
		if (says(json_at(array, i, NULL), text))
			return true;
	return false;
}

static bool is_tag(const struct json *document, struct str name)
{
	const struct json *tags = AT(document, "tags");
	for (size_t i = 0; i < json_count(tags); i++)
		if (says(AT(json_at(tags, i, NULL), "name"), name.at))
			return true;
	return false;
}

/* The bodies of tests/cases must be accepted by the forms of their routes. */
static void the_bodies_of_the_cases_fit_the_forms(void)
{
	struct arena *a = arena_new(4096);
	size_t count, fitted = 0;
	const struct route *table = routes(&count);
	for (size_t i = 0; i < count; i++) {
		struct error err = ERROR_INIT;
		struct str checked;
		const char *body = case_body(&table[i]);
		if (!table[i].body || !table[i].body->fields)
			continue;
		CU_ASSERT(form_body(a, table[i].body, str_c(body), table[i].method == METHOD_PATCH, &checked, &err));
		fitted++;
	}
	CU_ASSERT(fitted >= 3);
	arena_free(a);
}

static void every_route_is_described_with_its_guard(void)
{
	struct arena *a = arena_new(4096);
	const struct json *document = document_of(a, NULL);
	size_t count;
	const struct route *table = routes(&count);
	for (size_t i = 0; i < count; i++) {
		const struct route *r = &table[i];
		if (str_eq(str_c(r->path), STR("/v1/data/{resource}/{action}")))
			continue; /* OpenAPI takes it for the path of a row; the resources that have one say so */
		const struct json *o = AT(document, "paths", r->path, methods[r->method]);
		if (!o)
			fprintf(stderr, "not described: %s %s\n", method_name(r->method), r->path);
		CU_ASSERT(o != NULL);
		CU_ASSERT(says(AT(o, "x-tenantd-least"), route_least(r)));
		CU_ASSERT(says(AT(o, "x-tenantd-tenant"), tenant_guard_name(r->guard.tenant)));
		struct str tag = STR("");
		CU_ASSERT(json_string(json_at(AT(o, "tags"), 0, NULL), &tag) && is_tag(document, tag));
		CU_ASSERT((AT(o, "security") != NULL) == (r->caller != CALLER_TOKEN));
		CU_ASSERT(r->method != METHOD_GET || AT(o, "requestBody") == NULL);
		CU_ASSERT(!r->body || AT(o, "requestBody") != NULL);
		if (!(r->flags & ROUTE_OF_RESOURCE))
			CU_ASSERT_PTR_NOT_NULL(AT(o, "responses", arena_printf(a, "%d", r->status).at));
		CU_ASSERT((AT(o, "responses", "401") != NULL) == (r->caller != CALLER_UNASKED));
	}
	arena_free(a);
}

static void every_error_is_a_problem_of_its_status(void)
{
	struct arena *a = arena_new(4096);
	const struct json *document = document_of(a, NULL);
	const struct json *codes = AT(document, "components", "schemas", "Code", "enum");
	CU_ASSERT_EQUAL(json_count(codes), ERROR_COUNT - 1);
	for (int code = ERR_NONE + 1; code < ERROR_COUNT; code++) {
		const struct error_info *e = error_info((enum error_code)code);
		struct str name = arena_printf(a, "Problem%d", e->status), description;
		const struct json *problem = AT(document, "components", "responses", name.at);
		if (!problem) /* of a status that no operation names */
			problem = AT(document, "components", "responses", "Problem");
		CU_ASSERT(lists(codes, e->code));
		CU_ASSERT(AT(problem, "content", "application/problem+json", "schema") != NULL);
		CU_ASSERT(json_string(AT(problem, "description"), &description));
		CU_ASSERT(strstr(description.at, e->code) != NULL);
	}
	arena_free(a);
}

/* Every $ref of the document leads somewhere. */
static void follow(const struct json *document, const struct json *v, size_t *followed)
{
	for (size_t i = 0; i < json_count(v); i++) {
		struct str name, to, part;
		const struct json *member = json_at(v, i, &name), *target = document;
		if (!str_eq(name, STR("$ref")) || !json_string(member, &to)) {
			follow(document, member, followed);
			continue;
		}
		to = str_skip(to, 2); /* #/ */
		for (struct str rest = to; !str_is_empty(rest);) {
			rest = str_split(rest, '/', &part);
			target = json_get(target, part);
		}
		if (!target)
			fprintf(stderr, "leads nowhere: %.*s\n", STR_ARG(to));
		CU_ASSERT_PTR_NOT_NULL(target);
		++*followed;
	}
}

static void every_reference_leads_somewhere(void)
{
	struct arena *a = arena_new(4096);
	const struct json *document = document_of(a, &catalog);
	size_t followed = 0;
	follow(document, document, &followed);
	CU_ASSERT(followed > 100);
	arena_free(a);
}

static void a_resource_is_described_with_its_columns(void)
{
	struct arena *a = arena_new(4096);
	const struct json *schemas = AT(document_of(a, &catalog), "components", "schemas");
	const struct json *row = AT(schemas, "notes", "properties");
	bool read_only = false;
	CU_ASSERT_EQUAL(json_count(row), COUNT_OF(columns));
	CU_ASSERT(json_bool(AT(row, "version", "readOnly"), &read_only) && read_only);
	CU_ASSERT(json_bool(AT(row, "tenant_id", "readOnly"), &read_only) && read_only);
	CU_ASSERT(says(AT(row, "id", "format"), "uuid"));
	CU_ASSERT(says(AT(row, "title", "description"), "what it's \"called\" \\ {\n"));
	CU_ASSERT(lists(AT(row, "a\"b,{", "type"), "null"));
	CU_ASSERT(lists(AT(row, "a\"b,{", "enum"), "high \"quoted\""));
	CU_ASSERT_EQUAL(json_count(AT(schemas, "notes.new", "properties")), 3);
	CU_ASSERT_EQUAL(json_count(AT(schemas, "notes.new", "required")), 1);
	CU_ASSERT(lists(AT(schemas, "notes.new", "required"), "title"));
	CU_ASSERT_EQUAL(json_count(AT(schemas, "notes.change", "properties")), 2);
	CU_ASSERT_PTR_NULL(AT(schemas, "notes.change", "required"));
	arena_free(a);
}

static void a_resource_is_described_with_its_routes(void)
{
	struct arena *a = arena_new(4096);
	const struct json *paths = AT(document_of(a, &catalog), "paths");
	CU_ASSERT_EQUAL(json_count(AT(paths, "/v1/data/notes")), 4);
	CU_ASSERT_EQUAL(json_count(AT(paths, "/v1/data/notes/{id}")), 4);
	CU_ASSERT(says(AT(paths, "/v1/data/notes", "post", "x-tenantd-least"), "member"));
	CU_ASSERT(says(AT(paths, "/v1/data/notes/{id}", "delete", "x-tenantd-least"), "tenant_admin"));
	CU_ASSERT(says(AT(paths, "/v1/data/notes/{id}/send", "post", "x-tenantd-least"), "owner"));
	CU_ASSERT(says(AT(paths, "/v1/data/notes/nearest", "post", "x-tenantd-least"), "member"));
	CU_ASSERT(says(AT(paths, "/v1/data/notes", "get", "x-tenantd-tenant"), "active"));
	CU_ASSERT_PTR_NOT_NULL(AT(paths, "/v1/data/notes/{id}", "get", "responses", "200", "headers", "ETag"));
	arena_free(a);
}

static void an_append_only_resource_has_no_routes_that_change(void)
{
	struct arena *a = arena_new(4096);
	const struct json *document = document_of(a, &catalog);
	CU_ASSERT_EQUAL(json_count(AT(document, "paths", "/v1/data/events")), 2);
	CU_ASSERT_EQUAL(json_count(AT(document, "paths", "/v1/data/events/{id}")), 1);
	CU_ASSERT(says(AT(document, "paths", "/v1/data/events", "get", "x-tenantd-least"), "tenant_admin"));
	CU_ASSERT_PTR_NULL(AT(document, "components", "schemas", "events.change"));
	arena_free(a);
}

static void a_view_is_only_read(void)
{
	static const char *const paths[] = { "/v1/data/totals", "/v1/data/totals/{id}" };
	struct arena *a = arena_new(4096);
	const struct json *document = document_of(a, &catalog);
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		CU_ASSERT_EQUAL(json_count(AT(document, "paths", paths[i])), 1);
		CU_ASSERT(says(AT(document, "paths", paths[i], "get", "x-tenantd-least"), "tenant_admin"));
		CU_ASSERT_PTR_NULL(AT(document, "paths", paths[i], "get", "responses", "200", "headers", "ETag"));
	}
	CU_ASSERT_PTR_NOT_NULL(AT(document, "components", "schemas", "totals"));
	CU_ASSERT_PTR_NULL(AT(document, "components", "schemas", "totals.new"));
	CU_ASSERT_PTR_NULL(AT(document, "components", "schemas", "totals.change"));
	arena_free(a);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(the_bodies_of_the_cases_fit_the_forms),
		TEST(every_route_is_described_with_its_guard),
		TEST(every_error_is_a_problem_of_its_status),
		TEST(every_reference_leads_somewhere),
		TEST(a_resource_is_described_with_its_columns),
		TEST(a_resource_is_described_with_its_routes),
		TEST(an_append_only_resource_has_no_routes_that_change),
		TEST(a_view_is_only_read),
	};
	return unit_main("app", tests, COUNT_OF(tests));
}
