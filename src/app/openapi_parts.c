/* What every operation of the OpenAPI document says. */
#include "openapi_parts.h"

#include "core/error.h"

void put_ref(struct buf *b, const char *name, const char *kind, struct str to)
{
	json_write_open(b, name, '{');
	json_write_text(b, "$ref", arena_printf(b->arena, "#/components/%s/%.*s", kind, STR_ARG(to)));
	json_write_close(b, '}');
}

void put_content(struct buf *b, const struct type *type)
{
	json_write_open(b, "content", '{');
	json_write_open(b, "application/json", '{');
	put_type(b, "schema", type, false);
	json_write_close(b, '}');
	json_write_close(b, '}');
}

void put_tag(struct buf *b, struct str name, const char *purpose)
{
	json_write_open(b, NULL, '{');
	json_write_text(b, "name", name);
	json_write_c(b, "description", purpose);
	json_write_close(b, '}');
}

/* The statuses that operations list; the response "default" stands for all others. */
static const int statuses[] = { 400, 401, 403, 404, 406, 409, 412, 413, 415, 416, 429 };

static bool is_named(int status)
{
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		if (statuses[i] == status)
			return true;
	return false;
}

/* Prints a response that names the codes of a status. When the status is 0, those of all statuses not
 * listed above. */
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
		buf_add_item(&codes, ", ", arena_printf(b->arena, "`%s`", e->code));
	}
	json_write_open(b, name, '{');
	json_write_text(b, "description", buf_str(&codes));
	if (flags & RETRY_AFTER)
		json_write_raw(b, "headers",
			"{\"Retry-After\":{\"description\":\"seconds\",\"schema\":{\"type\":\"integer\"}}}");
	if (status == 416)
		json_write_raw(b, "headers", "{\"Content-Range\":{\"$ref\":\"#/components/headers/Content-Range\"}}");
	json_write_raw(b, "content",
		"{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}");
	json_write_close(b, '}');
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
	if (caller != CALLER_UNASKED) /* a visitor may prove something of their own, such as a password */
		put_problem(b, 401);
	if (least > LEAST_ANYBODY) {
		put_problem(b, 403);
		put_problem(b, 404);
	}
	for (; *more; more++)
		put_problem(b, *more);
	if (caller != CALLER_UNASKED) /* a limit of the row, or the tenant's share of the workers */
		put_problem(b, 429);
	put_ref(b, "default", "responses", STR("Problem"));
}

void put_guard(struct buf *b, enum caller_kind caller, const char *least, enum tenant_guard tenant)
{
	if (caller != CALLER_TOKEN)
		json_write_raw(b, "security", "[]");
	json_write_text(b, "description",
		arena_printf(b->arena, "Least role: %s. Tenant status: %s.", least, tenant_guard_name(tenant)));
	json_write_c(b, "x-tenantd-least", least);
	json_write_c(b, "x-tenantd-tenant", tenant_guard_name(tenant));
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
