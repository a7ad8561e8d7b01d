/*
 * The fixed routes in the OpenAPI document, printed from their rows and the forms that the rows name. Each
 * named type that a row uses, directly or inside another type, gets one schema.
 */
#include "openapi_parts.h"

#include "api/relay.h"
#include "api/types.h"
#include "app/openapi.h"

/* ---- types */

static void put_inline(struct buf *b, const struct type *type, bool may_be_null)
{
	static const char *const names[] = {
		[JSON_NULL] = "object",
		[JSON_BOOL] = "boolean",
		[JSON_NUMBER] = "integer",
		[JSON_STRING] = "string",
		[JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object",
	};
	if (may_be_null)
		buf_printf(b, "{\"type\":[\"%s\",\"null\"]", names[type->kind]);
	else
		buf_printf(b, "{\"type\":\"%s\"", names[type->kind]);
	if (type->json)
		buf_printf(b, ",%s", type->json);
	bool has_bounds = type->least != 0 || type->most != 0;
	if (has_bounds && type->kind == JSON_NUMBER)
		buf_printf(b, ",\"minimum\":%lld,\"maximum\":%lld", (long long)type->least, (long long)type->most);
	if (has_bounds && type->kind == JSON_ARRAY)
		buf_printf(b, ",\"minItems\":%lld,\"maxItems\":%lld", (long long)type->least, (long long)type->most);
	if (type->items)
		put_type(b, "items", type->items, false);
	json_write_close(b, '}');
}

void put_type(struct buf *b, const char *name, const struct type *type, bool may_be_null)
{
	if (type->name && may_be_null) {
		json_write_open(b, name, '{');
		json_write_open(b, "anyOf", '[');
		put_ref(b, NULL, "schemas", str_c(type->name));
		json_write_raw(b, NULL, "{\"type\":\"null\"}");
		json_write_close(b, ']');
		json_write_close(b, '}');
	} else if (type->name) {
		put_ref(b, name, "schemas", str_c(type->name));
	} else {
		json_write_raw(b, name, "");
		put_inline(b, type, may_be_null);
	}
}

static void put_fields(struct buf *b, const struct type *type)
{
	bool has_required = false;
	json_write_c(b, "type", "object");
	json_write_c(b, "description", type->purpose);
	json_write_open(b, "properties", '{');
	for (const struct field *f = type->fields; f->name; f++) {
		put_type(b, f->name, f->type, f->flags & NULLABLE);
		has_required = has_required || f->flags & REQUIRED;
	}
	json_write_close(b, '}');
	if (!has_required)
		return;
	json_write_open(b, "required", '[');
	for (const struct field *f = type->fields; f->name; f++)
		if (f->flags & REQUIRED)
			json_write_c(b, NULL, f->name);
	json_write_close(b, ']');
}

static void put_words(struct buf *b, const char *const *words)
{
	json_write_c(b, "type", "string");
	json_write_open(b, "enum", '[');
	for (; *words; words++)
		json_write_c(b, NULL, *words);
	json_write_close(b, ']');
}

static void put_codes(struct buf *b)
{
	json_write_open(b, "Code", '{');
	json_write_c(b, "type", "string");
	json_write_open(b, "enum", '[');
	for (int code = ERR_NONE + 1; code < ERROR_COUNT; code++)
		json_write_c(b, NULL, error_info((enum error_code)code)->code);
	json_write_close(b, ']');
	json_write_close(b, '}');
}

/* ---- which types there are */

enum { TYPES = 256 };

struct types {
	const struct type *at[TYPES];
	size_t count;
};

/* Adds the type itself and all types inside it, as far as they have a name, each only once. */
static void gather(struct types *types, const struct type *type)
{
	if (!type)
		return;
	for (size_t i = 0; i < types->count; i++)
		if (types->at[i] == type)
			return;
	if (type->name && types->count == TYPES)
		BUG("more than %d schemas", TYPES);
	if (type->name)
		types->at[types->count++] = type;
	gather(types, type->items);
	for (const struct field *f = type->fields; f && f->name; f++)
		gather(types, f->type);
}

void put_fixed_schemas(struct buf *b)
{
	struct types types = { .count = 0 };
	size_t count;
	const struct route *all = routes(&count);
	gather(&types, &type_problem);
	gather(&types, &type_env); /* of the header X-Env */
	for (size_t i = 0; i < count; i++) {
		gather(&types, all[i].body);
		gather(&types, all[i].answer);
		for (const struct field *f = all[i].query; f && f->name; f++)
			gather(&types, f->type);
	}
	for (size_t i = 0; i < types.count; i++) {
		const struct type *type = types.at[i];
		if (!type->fields && !type->words)
			continue; /* Code */
		json_write_open(b, type->name, '{');
		if (type->fields)
			put_fields(b, type);
		else
			put_words(b, type->words);
		json_write_close(b, '}');
	}
	put_codes(b);
}

void put_fixed_tags(struct buf *b)
{
	size_t count;
	const struct route_family *const *families = route_families(&count);
	for (size_t i = 0; i < count; i++)
		if (families[i]->routes[0].id) /* those of resources have a tag each */
			put_tag(b, str_c(families[i]->name), families[i]->purpose);
}

/* ---- operations */

static void put_parameter(
	struct buf *b, struct str name, const char *in, bool is_required, const struct type *type)
{
	json_write_open(b, NULL, '{');
	json_write_text(b, "name", name);
	json_write_c(b, "in", in);
	if (is_required)
		json_write_flag(b, "required", true);
	put_type(b, "schema", type, false);
	json_write_close(b, '}');
}

static void put_parameters(struct buf *b, const struct route *route)
{
	struct str name;
	json_write_open(b, "parameters", '[');
	for (size_t i = 0; !str_is_empty(name = route_parameter(route, i)); i++)
		put_parameter(b, name, "path", true, str_ends(name, STR("id")) ? &type_uuid : &type_text);
	for (const struct field *f = route->query; f && f->name; f++)
		put_parameter(b, str_c(f->name), "query", f->flags & REQUIRED, f->type);
	if (route->flags & ROUTE_KEYED)
		put_ref(b, NULL, "parameters", STR("IdempotencyKey"));
	put_context_parameters(b, route->caller, route->guard.least);
	json_write_close(b, ']');
}

static bool is_in_pages(const struct route *route)
{
	for (const struct field *f = route->query; f && f->name; f++)
		if (f->type == &type_cursor)
			return true;
	return false;
}

static void put_body(struct buf *b, const struct route *route)
{
	static const struct type nothing = { .kind = JSON_OBJECT, .json = "\"maxProperties\":0" };
	if (route->method == METHOD_GET)
		return;
	json_write_open(b, "requestBody", '{');
	json_write_flag(
		b, "required", route->body && (route->method == METHOD_PATCH || form_demands_body(route->body)));
	put_content(b, route->body ? route->body : &nothing);
	json_write_close(b, '}');
}

static void put_success(struct buf *b, const struct route *route)
{
	json_write_open(b, arena_printf(b->arena, "%d", route->status).at, '{');
	json_write_c(b, "description", "done");
	if (is_in_pages(route) || route->status == 201) {
		const char *header = route->status == 201 ? "Location" : "Link";
		json_write_open(b, "headers", '{');
		put_ref(b, header, "headers", str_c(header));
		json_write_close(b, '}');
	}
	if (route->answer == &type_plain)
		json_write_raw(b, "content", "{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}");
	else if (route->answer)
		put_content(b, route->answer);
	json_write_close(b, '}');
}

void put_fixed_operation(struct buf *b, const struct route *route, const char *tag)
{
	static const int reading[] = { 0 }, writing[] = { 409, 413, 415, 0 };
	json_write_c(b, "operationId", route->id);
	json_write_c(b, "summary", route->summary);
	json_write_open(b, "tags", '[');
	json_write_c(b, NULL, tag);
	json_write_close(b, ']');
	put_guard(b, route->caller, route_least(route), route->guard.tenant);
	if (route->flags & ROUTE_SHORT)
		json_write_c(b, "x-tenantd-also", route->path + sizeof("/v1") - 1);
	put_parameters(b, route);
	put_body(b, route);
	json_write_open(b, "responses", '{');
	put_success(b, route);
	put_problems(b, route->caller, route->guard.least, route->method == METHOD_GET ? reading : writing);
	json_write_close(b, '}');
}
