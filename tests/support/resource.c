#include "support/resource.h"

#define COLUMN(n, q, t, c, l, k)                                                                             \
	.name = STR(n), .quoted = STR(q), .shown_type = STR(t), .type = STR(t), .cast = STR(c),                  \
	.list_cast = STR(l), .kind = k
#define PLAIN                                                                                                \
	.is_nullable = true, .is_comparable = true, .may_insert = true, .may_update = true, .comment = STR("")
#define NONE .standard = STR("")

static struct str labels[] = { STR("new"), STR("old, and \"quoted\"") };

static struct column columns[] = {
	{ COLUMN("id", "id", "uuid", "uuid", "uuid[]", KIND_UUID), .is_comparable = true, .may_insert = true,
		.standard = STR("gen_random_uuid()"), .comment = STR("") },
	{ COLUMN("tenant_id", "tenant_id", "uuid", "uuid", "uuid[]", KIND_UUID), .is_comparable = true,
		.is_context = true, NONE, .comment = STR("") },
	{ COLUMN("env", "env", "tenantd.env", "tenantd.env", "tenantd.env[]", KIND_ENUM), .is_comparable = true,
		.is_context = true, NONE, .comment = STR("") },
	{ COLUMN("n", "n", "integer", "integer", "integer[]", KIND_INT4), .is_comparable = true,
		.may_insert = true, .may_update = true, .standard = STR("7"), .comment = STR("") },
	{ COLUMN("small", "small", "smallint", "smallint", "smallint[]", KIND_INT2), PLAIN, NONE },
	{ COLUMN("big", "big", "bigint", "bigint", "bigint[]", KIND_INT8), PLAIN, NONE },
	{ COLUMN("amount", "amount", "numeric(10,2)", "numeric", "numeric[]", KIND_NUMERIC), PLAIN, NONE,
		.precision = 10, .scale = 2 },
	{ COLUMN("weight", "weight", "numeric", "numeric", "numeric[]", KIND_NUMERIC), PLAIN, NONE },
	{ COLUMN("amounts", "amounts", "numeric(10,2)[]", "numeric[]", "", KIND_ARRAY), PLAIN, NONE,
		.element = KIND_NUMERIC, .precision = 10, .scale = 2 },
	{ COLUMN("ratio", "ratio", "double precision", "double precision", "double precision[]", KIND_FLOAT8),
		PLAIN, NONE },
	{ COLUMN("half", "half", "real", "real", "real[]", KIND_FLOAT4), PLAIN, NONE },
	{ COLUMN("name", "name", "text", "text", "text[]", KIND_TEXT), .is_comparable = true, .may_insert = true,
		.may_update = true, .max_chars = 5, NONE, .comment = STR("") },
	{ COLUMN("body", "body", "text", "text", "text[]", KIND_TEXT), PLAIN, .standard = STR("'none'::text") },
	{ COLUMN("is_done", "is_done", "boolean", "boolean", "boolean[]", KIND_BOOL), PLAIN, NONE },
	{ COLUMN("at", "at", "timestamp with time zone", "timestamp with time zone", "timestamp with time zone[]",
		  KIND_TIMESTAMPTZ),
		PLAIN, NONE },
	{ COLUMN("local", "local", "timestamp without time zone", "timestamp without time zone",
		  "timestamp without time zone[]", KIND_TIMESTAMP),
		PLAIN, NONE },
	{ COLUMN("day", "day", "date", "date", "date[]", KIND_DATE), PLAIN, NONE },
	{ COLUMN("hour", "hour", "time without time zone", "time without time zone", "time without time zone[]",
		  KIND_TIME),
		PLAIN, NONE },
	{ COLUMN("state", "state", "app.state", "app.state", "app.state[]", KIND_ENUM), PLAIN, NONE,
		.labels = labels, .label_count = COUNT_OF(labels) },
	{ COLUMN("doc", "doc", "jsonb", "jsonb", "jsonb[]", KIND_JSONB), PLAIN, NONE },
	{ COLUMN("raw", "raw", "bytea", "bytea", "bytea[]", KIND_BYTEA), PLAIN, NONE },
	{ COLUMN("tags", "tags", "text[]", "text[]", "", KIND_ARRAY), .element = KIND_TEXT, .is_nullable = true,
		.may_insert = true, .may_update = true, NONE, .comment = STR("") },
	{ COLUMN("Odd name", "\"Odd name\"", "text", "text", "text[]", KIND_TEXT), PLAIN, NONE },
	{ COLUMN("user_id", "user_id", "uuid", "uuid", "uuid[]", KIND_UUID), PLAIN, NONE },
	{ COLUMN("version", "version", "integer", "integer", "integer[]", KIND_INT4), .is_comparable = true,
		.standard = STR("1"), .comment = STR("") },
	{ COLUMN("created_at", "created_at", "timestamp with time zone", "timestamp with time zone",
		  "timestamp with time zone[]", KIND_TIMESTAMPTZ),
		.is_comparable = true, .standard = STR("now()"), .comment = STR("") },
};

static struct str key_columns[] = { STR("id") }, unique_columns[] = { STR("name"), STR("body") };
static struct constraint constraints[] = {
	{ .name = STR("things_pkey"),
		.arbiter = STR("ON CONSTRAINT things_pkey"),
		.type = 'p',
		.columns = key_columns,
		.column_count = 1 },
	{ .name = STR("things_name_body_key"),
		.arbiter = STR("ON CONSTRAINT things_name_body_key"),
		.type = 'u',
		.columns = unique_columns,
		.column_count = 2 },
};

static struct action actions[] = {
	{ .name = STR("send"), .function = STR("app.thing_send"), .guard = { LEAST_MEMBER, TENANT_ACTIVE } },
	{ .name = STR("search"),
		.function = STR("app.things_search"),
		.takes_body = true,
		.is_on_collection = true,
		.guard = { LEAST_MEMBER, TENANT_ACTIVE } },
};

static const struct resource things = {
	.name = STR("things"),
	.title = STR("Things"),
	.table = STR("app.things"),
	.columns = columns,
	.column_count = COUNT_OF(columns),
	.key = &columns[0],
	.constraints = constraints,
	.constraint_count = COUNT_OF(constraints),
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.least = { LEAST_MEMBER, LEAST_MEMBER, LEAST_MEMBER, LEAST_TENANT_ADMIN },
	.tenant = TENANT_ACTIVE,
	.has_etag = true,
	.content_of = STR(""),
};

const struct resource *test_resource(void)
{
	return &things;
}

const struct resource *test_resource_of_users(void)
{
	static struct column own[COUNT_OF(columns)];
	static struct resource users_things;
	memcpy(own, columns, sizeof(columns));
	users_things = things;
	users_things.columns = own;
	users_things.key = &own[0];
	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (str_eq(own[i].name, STR("user_id")))
			own[i].is_context = !(own[i].may_insert = own[i].may_update = false);
	users_things.is_user_scoped = true;
	users_things.least[OPERATION_READ] = LEAST_TENANT_ADMIN;
	return &users_things;
}
