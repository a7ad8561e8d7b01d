/* /v1/openapi.json as the running server returns it: to every caller, and always up to date. tests/unit/test_app.c tests
 * its content, and tests/client checks it with a linter. */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

static bool describes(const char *path)
{
	struct http_reply r = HTTP("GET", "/v1/openapi.json");
	return r.status == 200 && json_get(json_get(r.json, STR("paths")), str_c(path)) != NULL;
}

/* Each worker hears of a registration by itself: all of them have when so many answers in a row say so. */
static bool is_described_by_all(const char *path, bool wanted)
{
	for (int n = 0; n < 10 * STACK_WORKERS; n++)
		if (describes(path) != wanted)
			return false;
	return true;
}

static void the_description_is_for_everybody(void)
{
	struct http_reply r = HTTP("GET", "/v1/openapi.json"), head = HTTP("HEAD", "/v1/openapi.json");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_header(&r, "Content-Type"), "application/json");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "openapi"), "3.1.0");
	CU_ASSERT(head.status == 200 && str_is_empty(head.body));
}

static void the_description_takes_nothing(void)
{
	struct http_reply query = HTTP("GET", "/v1/openapi.json?x=1"),
					  post = HTTP("POST", "/v1/openapi.json", .body = "{}");
	CU_ASSERT(http_is(&query, 400, "invalid_request"));
	CU_ASSERT(http_is(&post, 405, "method_not_allowed"));
}

static void a_table_is_described_from_its_registration_to_its_end(void)
{
	sql("CREATE SCHEMA shop AUTHORIZATION tenantd_owner; SET ROLE tenantd_owner;"
		" CREATE TABLE shop.described (id uuid PRIMARY KEY, \"odd \"\"name\" text);"
		" SELECT tenantd.register_resource('shop.described'); RESET ROLE");
	UNTIL(SOON_S, is_described_by_all("/v1/data/described/{id}", true));
	CU_ASSERT(describes("/v1/data/described/{id}"));
	struct http_reply r = HTTP("GET", "/v1/openapi.json");
	const struct json *row = json_path(r.json, STR("components.schemas.described.properties"));
	CU_ASSERT_PTR_NOT_NULL(json_get(row, STR("odd \"name")));

	sql("SET ROLE tenantd_owner; SELECT tenantd.unregister_resource('described'); RESET ROLE");
	UNTIL(SOON_S, is_described_by_all("/v1/data/described/{id}", false));
	CU_ASSERT(!describes("/v1/data/described/{id}"));
}

static void keys_and_limits_are_described(void)
{
	struct http_reply r = HTTP("GET", "/v1/openapi.json");
	const struct json *paths = json_get(r.json, STR("paths"));
	const struct json *post = json_get(json_get(paths, STR("/v1/auth/bootstrap")), STR("post"));
	const struct json *parameters = json_get(post, STR("parameters"));
	struct str reference;
	bool is_keyed = false;
	for (size_t i = 0; i < json_count(parameters); i++)
		is_keyed = is_keyed ||
			(json_string(json_get(json_at(parameters, i, NULL), STR("$ref")), &reference) &&
				str_eq(reference, STR("#/components/parameters/IdempotencyKey")));
	CU_ASSERT(is_keyed);
	CU_ASSERT_PTR_NOT_NULL(json_get(json_get(post, STR("responses")), STR("429")));
	const struct json *get = json_get(json_get(paths, STR("/healthz")), STR("get"));
	CU_ASSERT_PTR_NULL(json_get(json_get(get, STR("responses")), STR("429")));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(the_description_is_for_everybody),
		TEST(the_description_takes_nothing),
		TEST(keys_and_limits_are_described),
		TEST(a_table_is_described_from_its_registration_to_its_end),
	};
	stack_up();
	return unit_main("openapi", tests, COUNT_OF(tests));
}
