/*
 * The routes of resources in the OpenAPI document, one set for each resource. Everything here comes from the
 * catalog. Must name the same guards that app/resource_guard.c demands.
 */
#include "app/resource_guard.h"
#include "openapi_parts.h"

/* The template of the route table, which is printed after the registered resources. It stands for a
 * resource that is registered later, and its guard is printed as the word "resource" (word_of). */
static struct column any_key = { .name = STR("id") };
static struct action any_action = {
	.name = STR("{action}"), .takes_body = true, .guard = { LEAST_MEMBER, TENANT_ACTIVE }
};
const struct resource openapi_any = {
	.name = STR("{resource}"),
	.key = &any_key,
	.actions = &any_action,
	.action_count = 1,
	.least = { LEAST_MEMBER, LEAST_MEMBER, LEAST_MEMBER, LEAST_MEMBER },
	.tenant = TENANT_ACTIVE,
	.has_etag = true,
};

const struct resource *openapi_next(const struct catalog *catalog, size_t *n)
{
	size_t count = catalog ? catalog->count : 0;
	while (*n < count && !str_is_empty(catalog->resources[*n].content_of))
		++*n;
	if (*n > count)
		return NULL;
	return (*n)++ < count ? &catalog->resources[*n - 1] : &openapi_any;
}

/* The name of a resource begins with a small letter, so that none can be "AnyRow". */
struct str openapi_name(struct buf *b, const struct resource *r, const char *suffix)
{
	struct str name = r == &openapi_any ? STR("AnyRow") : r->name;
	return arena_printf(b->arena, "%.*s%s", STR_ARG(name), suffix);
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
		"Select,Order,Limit,Offset,Cursor,Prefer,Range,RangeUnit" },
	{ "post", "create", "Make a row, or several: all or none", false, OPERATION_CREATE, TAKES_ROWS,
		ANSWERS_CREATED, "Select,Order,Columns,OnConflict,Prefer,IdempotencyKey" },
	{ "patch", "changeAll", "Change the rows that the filter finds; a filter is required", false,
		OPERATION_UPDATE, TAKES_CHANGE, ANSWERS_ROWS, "Select,Order,Columns,Prefer" },
	{ "delete", "deleteAll", "Delete the rows that the filter finds; a filter is required", false,
		OPERATION_DELETE, TAKES_NOTHING, ANSWERS_ROWS, "Select,Order,Prefer" },
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
	const struct resource *r;
	size_t n = 0;
	while ((r = openapi_next(catalog, &n)) != NULL)
		put_tag(b, openapi_name(b, r, " (data)"),
			r == &openapi_any ? "Any registered table or view"
				: r->is_view  ? "A registered view"
							  : "A registered table");
}

static const char *word_of(const struct resource *r, struct guard guard)
{
	return r == &openapi_any ? "resource" : least_name(guard.least);
}

static void put_operation_head(
	struct buf *b, const struct resource *r, struct str id, const char *summary, struct guard g)
{
	json_write_text(
		b, "operationId", arena_printf(b->arena, "%.*s.%.*s", STR_ARG(openapi_name(b, r, "")), STR_ARG(id)));
	json_write_c(b, "summary", summary);
	json_write_open(b, "tags", '[');
	json_write_text(b, NULL, openapi_name(b, r, " (data)"));
	json_write_close(b, ']');
	put_guard(b, CALLER_TOKEN, word_of(r, g), g.tenant);
}

static void put_path_parameter(struct buf *b, const char *name, struct str description, bool is_uuid)
{
	json_write_open(b, NULL, '{');
	json_write_c(b, "name", name);
	json_write_c(b, "in", "path");
	json_write_flag(b, "required", true);
	json_write_text(b, "description", description);
	json_write_raw(
		b, "schema", is_uuid ? "{\"type\":\"string\",\"format\":\"uuid\"}" : "{\"type\":\"string\"}");
	json_write_close(b, '}');
}

static void put_path_parameters(struct buf *b, const struct resource *r, bool on_row, bool is_action)
{
	if (r == &openapi_any)
		put_path_parameter(b, "resource", STR("as GET /v1/resources names it"), false);
	if (on_row)
		put_path_parameter(b, "id", r->key->name, r->key->kind == KIND_UUID);
	if (r == &openapi_any && is_action)
		put_path_parameter(b, "action", STR("as GET /v1/resources names it"), false);
}

/* Prints the schema of an array whose items have the given schema. */
static void put_rows(struct buf *b, const char *name, struct str schema)
{
	json_write_open(b, name, '{');
	json_write_c(b, "type", "array");
	put_ref(b, "items", "schemas", schema);
	json_write_close(b, '}');
}

static void put_row_or_rows(struct buf *b, struct str schema)
{
	json_write_open(b, "schema", '{');
	json_write_open(b, "oneOf", '[');
	put_ref(b, NULL, "schemas", schema);
	put_rows(b, NULL, schema);
	json_write_close(b, ']');
	json_write_close(b, '}');
}

static void put_body(struct buf *b, const struct resource *r, enum body body)
{
	if (body == TAKES_NOTHING)
		return;
	json_write_open(b, "requestBody", '{');
	json_write_flag(b, "required", true);
	json_write_open(b, "content", '{');
	json_write_open(b, "application/json", '{');
	if (body == TAKES_ROWS)
		put_row_or_rows(b, openapi_name(b, r, ".new"));
	else
		put_ref(b, "schema", "schemas", openapi_name(b, r, body == TAKES_ROW ? ".new" : ".change"));
	json_write_close(b, '}');
	json_write_close(b, '}');
	json_write_close(b, '}');
}

static void put_headers(struct buf *b, const char *names)
{
	struct str rest = str_c(names), name;
	json_write_open(b, "headers", '{');
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ',', &name);
		put_ref(b, arena_cstr(b->arena, name), "headers", name);
	}
	json_write_close(b, '}');
}

static void put_answer(struct buf *b, const struct resource *r, const char *status,
	const struct data_operation *o, const char *description)
{
	bool is_list = o->answer == ANSWERS_ROWS && o->operation == OPERATION_READ;
	json_write_open(b, status, '{');
	json_write_c(b, "description", description);
	put_headers(b,
		is_list                            ? "Link,Content-Range,Preference-Applied"
			: o->answer == ANSWERS_CREATED ? "Location,ETag,Content-Range,Preference-Applied"
			: o->on_row && r->has_etag     ? "ETag,Preference-Applied"
			: o->on_row                    ? "Preference-Applied"
										   : "Content-Range,Preference-Applied");
	json_write_open(b, "content", '{');
	json_write_open(b, "application/json", '{');
	if (o->answer == ANSWERS_ROWS)
		put_rows(b, "schema", openapi_name(b, r, ""));
	else
		put_ref(b, "schema", "schemas", openapi_name(b, r, ""));
	json_write_close(b, '}');
	if (!o->on_row) {
		json_write_open(b, "application/vnd.pgrst.object+json", '{');
		put_ref(b, "schema", "schemas", openapi_name(b, r, ""));
		json_write_close(b, '}');
	}
	json_write_close(b, '}');
	json_write_close(b, '}');
}

static void put_answers(
	struct buf *b, const struct resource *r, const struct data_operation *o, struct guard guard)
{
	static const int reading[] = { 406, 0 }, listing[] = { 406, 416, 0 },
					 writing[] = { 406, 409, 412, 413, 415, 0 };
	static const char done[] = "done, and what was asked to be told of it";
	bool is_read = o->operation == OPERATION_READ, is_list = is_read && !o->on_row;
	json_write_open(b, "responses", '{');
	if (o->answer != ANSWERS_CREATED)
		put_answer(b, r, "200", o, is_read ? "found" : done);
	if (is_list)
		put_answer(b, r, "206", o, "found and counted, and these are not all");
	if (o->answer == ANSWERS_CREATED || o->body == TAKES_ROW)
		put_answer(b, r, "201", o, done);
	if (is_read && o->on_row)
		json_write_raw(b, "304", "{\"description\":\"as If-None-Match knows it\"}");
	if (!is_read && o->answer != ANSWERS_CREATED)
		json_write_raw(b, "204", "{\"description\":\"done; nothing was asked to be told of it\"}");
	put_problems(b, CALLER_TOKEN, guard.least, is_list ? listing : is_read ? reading : writing);
	json_write_close(b, '}');
}

static void put_operation(struct buf *b, const struct resource *r, const struct data_operation *o)
{
	struct guard guard = { r->least[o->operation], r->tenant };
	struct str rest = str_c(o->parameters), name;
	bool has_filter = !o->on_row && o->body != TAKES_ROWS;
	if (o->body == TAKES_ROW && r->least[OPERATION_CREATE] > guard.least)
		guard.least = r->least[OPERATION_CREATE]; /* put makes a row as well */
	json_write_open(b, o->method, '{');
	put_operation_head(b, r, str_c(o->id), o->summary, guard);
	json_write_open(b, "parameters", '[');
	put_path_parameters(b, r, o->on_row, false);
	if (has_filter)
		put_ref(b, NULL, "parameters", openapi_name(b, r, ".filter"));
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ',', &name);
		put_ref(b, NULL, "parameters", name);
	}
	put_context_parameters(b, CALLER_TOKEN, guard.least);
	json_write_close(b, ']');
	put_body(b, r, o->body);
	put_answers(b, r, o, guard);
	json_write_close(b, '}');
}

static void put_operations(struct buf *b, const struct resource *r, bool on_row)
{
	json_write_name(b, arena_printf(b->arena, "/v1/data/%.*s%s", STR_ARG(r->name), on_row ? "/{id}" : ""));
	json_write_open(b, NULL, '{');
	for (size_t i = 0; i < COUNT_OF(operations); i++) {
		const struct data_operation *o = &operations[i];
		if (o->on_row == on_row && resource_takes(r, o->operation))
			put_operation(b, r, o);
	}
	json_write_close(b, '}');
}

static void put_action(struct buf *b, const struct resource *r, const struct action *x)
{
	static const int statuses[] = { 409, 413, 415, 0 };
	json_write_name(b,
		arena_printf(b->arena, "/v1/data/%.*s/%s%.*s", STR_ARG(r->name), x->is_on_collection ? "" : "{id}/",
			STR_ARG(x->name)));
	json_write_open(b, NULL, '{');
	json_write_open(b, "post", '{');
	put_operation_head(b, r,
		r == &openapi_any ? STR("action") : arena_printf(b->arena, "action.%.*s", STR_ARG(x->name)),
		"An action of the resource", x->guard);
	json_write_open(b, "parameters", '[');
	put_path_parameters(b, r, !x->is_on_collection, true);
	put_ref(b, NULL, "parameters", STR("Prefer"));
	put_ref(b, NULL, "parameters", STR("IdempotencyKey"));
	put_context_parameters(b, CALLER_TOKEN, x->guard.least);
	json_write_close(b, ']');
	if (x->takes_body)
		json_write_raw(b, "requestBody", "{\"content\":{\"application/json\":{\"schema\":{}}}}");
	json_write_open(b, "responses", '{');
	json_write_raw(b, "200",
		"{\"description\":\"what the function says\",\"content\":{\"application/json\":{\"schema\":{}}}}");
	json_write_raw(b, "204", "{\"description\":\"done; the function said nothing\"}");
	put_problems(b, CALLER_TOKEN, x->guard.least, statuses);
	json_write_close(b, '}');
	json_write_close(b, '}');
	json_write_close(b, '}');
}

static void put_bytes(struct buf *b)
{
	json_write_raw(b, "content", "{\"*/*\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}");
}

static const struct content_operation {
	const char *method, *id, *summary;
	enum operation operation;
	const char *parameters;
} content_operations[] = {
	{ "get", "getContent", "The bytes, always as something to save", OPERATION_READ,
		"IfNoneMatch,ByteRange,IfRange" },
	{ "put", "putContent", "Store bytes in place of those that are there", OPERATION_UPDATE,
		"Prefer,IfMatch,IfNoneMatch" },
	{ "delete", "deleteContent", "Remove the bytes; the row stays", OPERATION_DELETE, "Prefer,IfMatch" },
};

static void put_content_answers(struct buf *b, const struct content_operation *o, struct guard guard)
{
	static const int reading[] = { 416, 0 }, writing[] = { 412, 413, 0 };
	json_write_open(b, "responses", '{');
	if (o->operation == OPERATION_READ) {
		json_write_open(b, "200", '{');
		json_write_c(b, "description", "the bytes");
		put_headers(b, "ETag");
		put_bytes(b);
		json_write_close(b, '}');
		json_write_open(b, "206", '{');
		json_write_c(b, "description", "the range of them");
		put_headers(b, "ETag,Content-Range");
		put_bytes(b);
		json_write_close(b, '}');
		json_write_raw(b, "304", "{\"description\":\"as If-None-Match knows them\"}");
	} else {
		json_write_raw(b, "204", "{\"description\":\"done\"}");
	}
	if (o->operation == OPERATION_UPDATE)
		json_write_raw(b, "201", "{\"description\":\"done; there were none\"}");
	put_problems(b, CALLER_TOKEN, guard.least, o->operation == OPERATION_READ ? reading : writing);
	json_write_close(b, '}');
}

static void put_content_operations(struct buf *b, const struct resource *r)
{
	bool is_read_only = r->is_append_only || (r->content && r->content->is_append_only);
	json_write_name(b, arena_printf(b->arena, "/v1/data/%.*s/{id}/content", STR_ARG(r->name)));
	json_write_open(b, NULL, '{');
	for (size_t i = 0; i < COUNT_OF(content_operations); i++) {
		const struct content_operation *o = &content_operations[i];
		struct guard guard = resource_content_guard(r, o->operation);
		struct str rest = str_c(o->parameters), name;
		if (is_read_only && o->operation != OPERATION_READ)
			continue;
		json_write_open(b, o->method, '{');
		put_operation_head(b, r, str_c(o->id), o->summary, guard);
		json_write_open(b, "parameters", '[');
		put_path_parameters(b, r, true, false);
		while (!str_is_empty(rest)) {
			rest = str_split(rest, ',', &name);
			put_ref(b, NULL, "parameters", name);
		}
		put_context_parameters(b, CALLER_TOKEN, guard.least);
		json_write_close(b, ']');
		if (o->operation == OPERATION_UPDATE) {
			json_write_open(b, "requestBody", '{');
			json_write_flag(b, "required", true);
			put_bytes(b);
			json_write_close(b, '}');
		}
		put_content_answers(b, o, guard);
		json_write_close(b, '}');
	}
	json_write_close(b, '}');
}

void put_data_paths(struct buf *b, const struct catalog *catalog)
{
	const struct resource *r;
	size_t n = 0;
	while ((r = openapi_next(catalog, &n)) != NULL) {
		put_operations(b, r, false);
		put_operations(b, r, true);
		if (r->content || r == &openapi_any)
			put_content_operations(b, r);
		for (size_t i = 0; i < r->action_count; i++)
			put_action(b, r, &r->actions[i]);
	}
}
