/* JSON in the making for the OpenAPI document, and what every operation says. Must never print a name or a text
 * that was not escaped. */
#include "openapi_parts.h"

#include "core/error.h"

/* A comma where something stands before: behind no opening bracket and no colon. Texts end in their quote. */
static void separate(struct buf *b)
{
	char last = b->len > 0 ? b->at[b->len - 1] : '[';
	if (last != '{' && last != '[' && last != ':')
		buf_add_char(b, ',');
}

static void begin(struct buf *b, const char *name)
{
	if (name)
		put_name(b, str_c(name));
	else
		separate(b);
}

void put_name(struct buf *b, struct str name)
{
	separate(b);
	buf_add_json(b, name);
	buf_add_char(b, ':');
}

void put_open(struct buf *b, const char *name, char bracket)
{
	begin(b, name);
	buf_add_char(b, bracket);
}

void put_close(struct buf *b, char bracket)
{
	buf_add_char(b, bracket);
}

void put_text(struct buf *b, const char *name, struct str value)
{
	begin(b, name);
	buf_add_json(b, value);
}

void put_c(struct buf *b, const char *name, const char *value)
{
	put_text(b, name, str_c(value));
}

void put_json(struct buf *b, const char *name, const char *json)
{
	begin(b, name);
	buf_add_c(b, json);
}

void put_flag(struct buf *b, const char *name, bool value)
{
	put_json(b, name, value ? "true" : "false");
}

void put_ref(struct buf *b, const char *name, const char *kind, struct str to)
{
	begin(b, name);
	buf_printf(b, "{\"$ref\":\"#/components/%s/%.*s\"}", kind, STR_ARG(to));
}

void put_content(struct buf *b, const struct type *type)
{
	put_open(b, "content", '{');
	put_open(b, "application/json", '{');
	put_type(b, "schema", type, false);
	put_close(b, '}');
	put_close(b, '}');
}

void put_tag(struct buf *b, struct str name, const char *purpose)
{
	put_open(b, NULL, '{');
	put_text(b, "name", name);
	put_c(b, "description", purpose);
	put_close(b, '}');
}

/* The statuses that operations name; any other is the default. */
static const int statuses[] = { 400, 401, 403, 404, 406, 409, 412, 413, 415, 416 };

static bool is_named(int status)
{
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		if (statuses[i] == status)
			return true;
	return false;
}

/* The codes of a status, of all that no operation names when it is 0. */
static void put_problem_response(struct buf *b, const char *name, int status)
{
	struct buf codes;
	int flags = 0;
	buf_init(&codes, b->arena, 4096);
	for (int code = ERR_NONE + 1; code < ERROR_COUNT; code++) {
		const struct error_info *e = error_info((enum error_code)code);
		if (status == 0 ? is_named(e->status) : e->status != status)
			continue;
		flags |= e->flags;
		buf_printf(&codes, "%s`%s`", codes.len > 0 ? ", " : "", e->code);
	}
	put_open(b, name, '{');
	put_text(b, "description", buf_str(&codes));
	if (flags & RETRY_AFTER)
		put_json(b, "headers",
			"{\"Retry-After\":{\"description\":\"seconds\",\"schema\":{\"type\":\"integer\"}}}");
	if (status == 416)
		put_json(b, "headers", "{\"Content-Range\":{\"$ref\":\"#/components/headers/Content-Range\"}}");
	put_json(b, "content",
		"{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}");
	put_close(b, '}');
}

void put_problem_responses(struct buf *b)
{
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		put_problem_response(b, arena_printf(b->arena, "Problem%d", statuses[i]).at, statuses[i]);
	put_problem_response(b, "Problem", 0);
}

static void put_problem(struct buf *b, int status)
{
	struct str to = arena_printf(b->arena, "Problem%d", status);
	if (!is_named(status))
		BUG("no response for the status %d", status);
	put_ref(b, to.at + sizeof("Problem") - 1, "responses", to);
}

void put_problems(struct buf *b, enum caller_kind caller, enum least least, const int *more)
{
	put_problem(b, 400);
	if (caller == CALLER_TOKEN)
		put_problem(b, 401);
	if (least > LEAST_ANYBODY) {
		put_problem(b, 403);
		put_problem(b, 404);
	}
	for (; *more; more++)
		put_problem(b, *more);
	put_ref(b, "default", "responses", STR("Problem"));
}

void put_guard(struct buf *b, enum caller_kind caller, const char *least, enum tenant_guard tenant)
{
	if (caller != CALLER_TOKEN)
		put_json(b, "security", "[]");
	put_text(b, "description",
		arena_printf(b->arena, "Least role: %s. Tenant status: %s.", least, tenant_guard_name(tenant)));
	put_c(b, "x-tenantd-least", least);
	put_c(b, "x-tenantd-tenant", tenant_guard_name(tenant));
}

void put_context_parameters(struct buf *b, enum caller_kind caller, enum least least)
{
	if (caller == CALLER_UNASKED)
		return;
	put_ref(b, NULL, "parameters", STR("Env"));
	if (caller == CALLER_VISITOR || least == LEAST_SYSTEM_ADMIN)
		return;
	put_ref(b, NULL, "parameters", STR("TenantId"));
	put_ref(b, NULL, "parameters", STR("TenantSlug"));
}
