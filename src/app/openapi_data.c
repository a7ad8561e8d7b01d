/*
 * The resources in the OpenAPI document: their rows as schemas, their filters as one parameter each, their routes.
 * Everything here comes from the catalog; what a table's owner wrote there is escaped as any text.
 */
#include "openapi_parts.h"

/* ---- schemas: NAME is a row, NAME.new what is written to make one, NAME.change what may change */

static const struct {
	const char *type, *rest; /* NULL: any JSON value */
} kinds[] = {
	[KIND_OTHER] = { NULL, "" },
	[KIND_BOOL] = { "boolean", "" },
	[KIND_INT2] = { "integer", ",\"minimum\":-32768,\"maximum\":32767" },
	[KIND_INT4] = { "integer", ",\"format\":\"int32\"" },
	[KIND_INT8] = { "integer", ",\"format\":\"int64\"" },
	[KIND_NUMERIC] = { "number", "" },
	[KIND_FLOAT4] = { "number", ",\"format\":\"float\"" },
	[KIND_FLOAT8] = { "number", ",\"format\":\"double\"" },
	[KIND_TEXT] = { "string", "" },
	[KIND_UUID] = { "string", ",\"format\":\"uuid\"" },
	[KIND_TIMESTAMPTZ] = { "string", ",\"format\":\"date-time\"" },
	[KIND_TIMESTAMP] = { "string", "" },
	[KIND_DATE] = { "string", ",\"format\":\"date\"" },
	[KIND_TIME] = { "string", "" },
	[KIND_JSON] = { NULL, "" },
	[KIND_JSONB] = { NULL, "" },
	[KIND_BYTEA] = { "string", "" },
	[KIND_ENUM] = { "string", "" },
	[KIND_ARRAY] = { "array", ",\"items\":{}" },
};
static_assert(COUNT_OF(kinds) == KIND_ARRAY + 1, "every kind has a type");

static void put_column(struct buf *b, const struct column *c, bool is_row)
{
	const char *type = kinds[c->kind].type;
	put_open(b, NULL, '{');
	if (type && c->is_nullable)
		buf_printf(b, "\"type\":[\"%s\",\"null\"]%s", type, kinds[c->kind].rest);
	else if (type)
		buf_printf(b, "\"type\":\"%s\"%s", type, kinds[c->kind].rest);
	if (c->max_chars > 0) {
		put_name(b, STR("maxLength"));
		buf_printf(b, "%lld", (long long)c->max_chars);
	}
	if (c->label_count > 0) {
		put_open(b, "enum", '[');
		for (size_t i = 0; i < c->label_count; i++)
			put_text(b, NULL, c->labels[i]);
		if (c->is_nullable)
			put_json(b, NULL, "null");
		put_close(b, ']');
	}
	if (!str_is_empty(c->comment))
		put_text(b, "description", c->comment);
	if (is_row && !c->may_insert && !c->may_update)
		put_flag(b, "readOnly", true);
	put_text(b, "x-tenantd-type", c->shown_type);
	put_close(b, '}');
}

enum use { USE_ROW, USE_NEW, USE_CHANGE, USE_COUNT };

static bool is_used(const struct column *c, enum use use)
{
	return use == USE_ROW || (use == USE_NEW ? c->may_insert : c->may_update);
}

static bool is_required(const struct column *c, enum use use)
{
	return use == USE_ROW ||
		(use == USE_NEW && c->may_insert && !c->is_nullable && str_is_empty(c->standard));
}

static void put_required(struct buf *b, const struct resource *r, enum use use)
{
	bool any = false;
	for (size_t i = 0; i < r->column_count; i++)
		any = any || is_required(&r->columns[i], use);
	if (!any)
		return;
	put_open(b, "required", '[');
	for (size_t i = 0; i < r->column_count; i++)
		if (is_required(&r->columns[i], use))
			put_text(b, NULL, r->columns[i].name);
	put_close(b, ']');
}

static struct str named(struct buf *b, const struct resource *r, const char *suffix)
{
	return arena_printf(b->arena, "%.*s%s", STR_ARG(r->name), suffix);
}

void put_data_schemas(struct buf *b, const struct catalog *catalog)
{
	static const char *const suffixes[] = { "", ".new", ".change" };
	static_assert(COUNT_OF(suffixes) == USE_COUNT, "every use has a schema");
	for (size_t n = 0; catalog && n < catalog->count; n++) {
		const struct resource *r = &catalog->resources[n];
		for (int use = USE_ROW; use < USE_COUNT; use++) {
			if (use == USE_CHANGE && r->is_append_only)
				continue;
			put_name(b, named(b, r, suffixes[use]));
			put_open(b, NULL, '{');
			put_c(b, "type", "object");
			put_open(b, "properties", '{');
			for (size_t i = 0; i < r->column_count; i++) {
				if (!is_used(&r->columns[i], (enum use)use))
					continue;
				put_name(b, r->columns[i].name);
				put_column(b, &r->columns[i], use == USE_ROW);
			}
			put_close(b, '}');
			put_required(b, r, (enum use)use);
			if (use != USE_ROW)
				put_flag(b, "additionalProperties", false);
			if (use == USE_CHANGE)
				put_json(b, "minProperties", "1");
			put_close(b, '}');
		}
	}
}

/* NAME.filter: an object whose members stand in the query each by its own name, as the grammar has it. */
void put_data_parameters(struct buf *b, const struct catalog *catalog)
{
	for (size_t n = 0; catalog && n < catalog->count; n++) {
		const struct resource *r = &catalog->resources[n];
		put_name(b, named(b, r, ".filter"));
		put_open(b, NULL, '{');
		put_c(b, "name", "filter");
		put_c(b, "in", "query");
		put_c(b, "description",
			"Columns to filter by, each as COLUMN=OPERATOR.VALUE: eq, neq, gt, gte, lt, lte, like, "
			"ilike, in, is, and not. before any of them; and=(…) and or=(…) group them");
		put_c(b, "style", "form");
		put_flag(b, "explode", true);
		put_open(b, "schema", '{');
		put_c(b, "type", "object");
		put_open(b, "properties", '{');
		for (size_t i = 0; i < r->column_count; i++) {
			if (r->columns[i].is_context)
				continue;
			put_name(b, r->columns[i].name);
			put_json(b, NULL, "{\"type\":\"string\"}");
		}
		put_close(b, '}');
		put_json(b, "additionalProperties", "{\"type\":\"string\"}");
		put_close(b, '}');
		put_close(b, '}');
	}
}

/* ---- operations, in one table */

enum body { TAKES_NOTHING, TAKES_ROWS, TAKES_ROW, TAKES_CHANGE };
enum answer { ANSWERS_ROWS, ANSWERS_ROW, ANSWERS_CREATED };

static const struct data_operation {
	const char *method, *id, *summary;
	bool on_row;
	enum operation operation;
	enum body body;
	enum answer answer;
	const char *parameters; /* of components */
} operations[] = {
	{ "get", "list", "The rows, in pages", false, OPERATION_READ, TAKES_NOTHING, ANSWERS_ROWS,
		"Select,Order,Limit,Offset,Cursor,Prefer" },
	{ "post", "create", "Make a row, or several: all or none", false, OPERATION_CREATE, TAKES_ROWS,
		ANSWERS_CREATED, "Select,Columns,OnConflict,Prefer,IdempotencyKey" },
	{ "patch", "changeAll", "Change the rows that the filter finds; a filter is required", false,
		OPERATION_UPDATE, TAKES_CHANGE, ANSWERS_ROWS, "Select,Columns,Prefer" },
	{ "delete", "deleteAll", "Delete the rows that the filter finds; a filter is required", false,
		OPERATION_DELETE, TAKES_NOTHING, ANSWERS_ROWS, "Select,Prefer" },
	{ "get", "get", "One row", true, OPERATION_READ, TAKES_NOTHING, ANSWERS_ROW, "Select,IfNoneMatch" },
	{ "patch", "change", "Change one row", true, OPERATION_UPDATE, TAKES_CHANGE, ANSWERS_ROW,
		"Select,Columns,Prefer,IfMatch" },
	{ "put", "replace", "Make or replace one row: what is left out takes its default", true, OPERATION_UPDATE,
		TAKES_ROW, ANSWERS_ROW, "Select,Prefer,IfMatch,IfNoneMatch" },
	{ "delete", "delete", "Delete one row", true, OPERATION_DELETE, TAKES_NOTHING, ANSWERS_ROW,
		"Select,Prefer,IfMatch" },
};

void put_data_tags(struct buf *b, const struct catalog *catalog)
{
	for (size_t n = 0; catalog && n < catalog->count; n++)
		put_tag(b, named(b, &catalog->resources[n], " (data)"), "A registered table");
}

static void put_operation_head(
	struct buf *b, const struct resource *r, struct str id, const char *summary, struct guard g)
{
	put_text(b, "operationId", arena_printf(b->arena, "%.*s.%.*s", STR_ARG(r->name), STR_ARG(id)));
	put_c(b, "summary", summary);
	put_open(b, "tags", '[');
	put_text(b, NULL, named(b, r, " (data)"));
	put_close(b, ']');
	put_guard(b, g);
}

static void put_id(struct buf *b, const struct resource *r)
{
	put_open(b, NULL, '{');
	put_c(b, "name", "id");
	put_c(b, "in", "path");
	put_flag(b, "required", true);
	put_text(b, "description", r->key->name);
	put_open(b, "schema", '{');
	put_c(b, "type", "string");
	if (r->key->kind == KIND_UUID)
		put_c(b, "format", "uuid");
	put_close(b, '}');
	put_close(b, '}');
}

static void put_row_or_rows(struct buf *b, struct str schema)
{
	put_open(b, "schema", '{');
	put_open(b, "oneOf", '[');
	put_schema(b, NULL, arena_printf(b->arena, "/%.*s", STR_ARG(schema)));
	put_schema(b, NULL, arena_printf(b->arena, "/%.*s[]", STR_ARG(schema)));
	put_close(b, ']');
	put_close(b, '}');
}

static void put_body(struct buf *b, const struct resource *r, enum body body)
{
	if (body == TAKES_NOTHING)
		return;
	put_open(b, "requestBody", '{');
	put_flag(b, "required", true);
	put_open(b, "content", '{');
	put_open(b, "application/json", '{');
	if (body == TAKES_ROWS)
		put_row_or_rows(b, named(b, r, ".new"));
	else
		put_ref(b, "schema", "schemas", named(b, r, body == TAKES_ROW ? ".new" : ".change"));
	put_close(b, '}');
	put_close(b, '}');
	put_close(b, '}');
}

static void put_headers(struct buf *b, const char *names)
{
	struct str rest = str_c(names), name;
	put_open(b, "headers", '{');
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ',', &name);
		put_ref(b, arena_cstr(b->arena, name), "headers", name);
	}
	put_close(b, '}');
}

static void put_answer(
	struct buf *b, const struct resource *r, const char *status, const struct data_operation *o)
{
	bool is_list = o->answer == ANSWERS_ROWS && o->operation == OPERATION_READ;
	put_open(b, status, '{');
	put_c(b, "description",
		o->operation == OPERATION_READ ? "found" : "done, and what was asked to be told of it");
	put_headers(b,
		is_list                            ? "Link,Content-Range,Preference-Applied"
			: o->answer == ANSWERS_CREATED ? "Location,ETag,Content-Range,Preference-Applied"
			: o->on_row                    ? "ETag,Preference-Applied"
										   : "Content-Range,Preference-Applied");
	put_open(b, "content", '{');
	put_open(b, "application/json", '{');
	put_schema(b, "schema",
		arena_printf(b->arena, "/%.*s%s", STR_ARG(r->name), o->answer == ANSWERS_ROWS ? "[]" : ""));
	put_close(b, '}');
	if (!o->on_row) {
		put_open(b, "application/vnd.pgrst.object+json", '{');
		put_ref(b, "schema", "schemas", r->name);
		put_close(b, '}');
	}
	put_close(b, '}');
	put_close(b, '}');
}

static void put_answers(
	struct buf *b, const struct resource *r, const struct data_operation *o, struct guard guard)
{
	static const int reading[] = { 406, 0 }, writing[] = { 406, 409, 412, 413, 415, 0 };
	bool is_read = o->operation == OPERATION_READ;
	put_open(b, "responses", '{');
	if (o->answer != ANSWERS_CREATED)
		put_answer(b, r, "200", o);
	if (o->answer == ANSWERS_CREATED || o->body == TAKES_ROW)
		put_answer(b, r, "201", o);
	if (is_read && o->on_row)
		put_json(b, "304", "{\"description\":\"as If-None-Match knows it\"}");
	if (!is_read && o->answer != ANSWERS_CREATED)
		put_json(b, "204", "{\"description\":\"done; nothing was asked to be told of it\"}");
	put_problems(b, guard, is_read ? reading : writing);
	put_close(b, '}');
}

static void put_operation(struct buf *b, const struct resource *r, const struct data_operation *o)
{
	struct guard guard = { r->least[o->operation], r->tenant };
	struct str rest = str_c(o->parameters), name;
	bool has_filter = !o->on_row && o->body != TAKES_ROWS;
	if (o->body == TAKES_ROW && r->least[OPERATION_CREATE] > guard.least)
		guard.least = r->least[OPERATION_CREATE]; /* put makes a row as well */
	put_open(b, o->method, '{');
	put_operation_head(b, r, str_c(o->id), o->summary, guard);
	put_open(b, "parameters", '[');
	if (o->on_row)
		put_id(b, r);
	if (has_filter)
		put_ref(b, NULL, "parameters", named(b, r, ".filter"));
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ',', &name);
		put_ref(b, NULL, "parameters", name);
	}
	put_context_parameters(b, guard);
	put_close(b, ']');
	put_body(b, r, o->body);
	put_answers(b, r, o, guard);
	put_close(b, '}');
}

static void put_operations(struct buf *b, const struct resource *r, bool on_row)
{
	put_name(b, arena_printf(b->arena, "/v1/data/%.*s%s", STR_ARG(r->name), on_row ? "/{id}" : ""));
	put_open(b, NULL, '{');
	for (size_t i = 0; i < COUNT_OF(operations); i++) {
		const struct data_operation *o = &operations[i];
		bool is_never = r->is_append_only && o->operation >= OPERATION_UPDATE;
		if (o->on_row == on_row && !is_never)
			put_operation(b, r, o);
	}
	put_close(b, '}');
}

static void put_action(struct buf *b, const struct resource *r, const struct action *x)
{
	static const int statuses[] = { 409, 413, 415, 0 };
	put_name(b,
		arena_printf(b->arena, "/v1/data/%.*s/%s%.*s", STR_ARG(r->name), x->is_on_collection ? "" : "{id}/",
			STR_ARG(x->name)));
	put_open(b, NULL, '{');
	put_open(b, "post", '{');
	put_operation_head(
		b, r, arena_printf(b->arena, "action.%.*s", STR_ARG(x->name)), "An action of the resource", x->guard);
	put_open(b, "parameters", '[');
	if (!x->is_on_collection)
		put_id(b, r);
	put_ref(b, NULL, "parameters", STR("Prefer"));
	put_ref(b, NULL, "parameters", STR("IdempotencyKey"));
	put_context_parameters(b, x->guard);
	put_close(b, ']');
	if (x->takes_body)
		put_json(b, "requestBody", "{\"content\":{\"application/json\":{\"schema\":{}}}}");
	put_open(b, "responses", '{');
	put_json(b, "200",
		"{\"description\":\"what the function says\",\"content\":{\"application/json\":{\"schema\":{}}}}");
	put_json(b, "204", "{\"description\":\"done; the function said nothing\"}");
	put_problems(b, x->guard, statuses);
	put_close(b, '}');
	put_close(b, '}');
	put_close(b, '}');
}

void put_data_paths(struct buf *b, const struct catalog *catalog)
{
	for (size_t n = 0; catalog && n < catalog->count; n++) {
		const struct resource *r = &catalog->resources[n];
		put_operations(b, r, false);
		put_operations(b, r, true);
		for (size_t i = 0; i < r->action_count; i++)
			put_action(b, r, &r->actions[i]);
	}
}
