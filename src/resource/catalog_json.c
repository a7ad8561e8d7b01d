/* Prints the catalog as GET /v1/resources returns it. That is done once per load, because all callers get the same. */
#include "catalog_json.h"

#include "core/json_write.h"
#include "core/limits.h"

/* An empty text is null. */
static void write_text(struct buf *b, const char *name, struct str value)
{
	if (str_is_empty(value))
		json_write_raw(b, name, "null");
	else
		json_write_text(b, name, value);
}

static void write_strings(struct buf *b, const char *name, const struct str *values, size_t count)
{
	json_write_open(b, name, '[');
	for (size_t i = 0; i < count; i++)
		json_write_text(b, NULL, values[i]);
	json_write_close(b, ']');
}

void catalog_reference(struct buf *b, const char *name, const struct resource *r, const struct column *c)
{
	const struct constraint *k = resource_reference(r, c);
	if (!k && !c->is_person)
		return;
	json_write_open(b, name, '{');
	if (k) {
		json_write_text(b, "resource", k->target);
		json_write_text(b, "path", arena_printf(b->arena, "/v1/data/%.*s", STR_ARG(k->target)));
		write_text(b, "column", k->target_column);
	} else {
		json_write_c(b, "path", "/v1/members");
		json_write_c(b, "column", "user_id");
	}
	json_write_close(b, '}');
}

static void write_column(struct buf *b, const struct resource *r, const struct column *c)
{
	json_write_open(b, NULL, '{');
	json_write_text(b, "name", c->name);
	write_text(b, "type", c->shown_type);
	json_write_flag(b, "nullable", c->is_nullable);
	json_write_flag(b, "has_default", !str_is_empty(c->standard));
	json_write_flag(b, "insert", c->may_insert);
	json_write_flag(b, "update", c->may_update);
	if (c->max_chars > 0)
		json_write_int(b, "max_length", c->max_chars);
	if (c->label_count > 0)
		write_strings(b, "enum", c->labels, c->label_count);
	if (!str_is_empty(c->comment))
		write_text(b, "description", c->comment);
	catalog_reference(b, "references", r, c);
	json_write_close(b, '}');
}

static void write_roles(struct buf *b, const struct resource *r)
{
	static const char *const names[] = { "read", "create", "update", "delete" };
	static_assert(COUNT_OF(names) == OPERATION_COUNT, "every operation has a name");
	json_write_open(b, "roles", '{');
	for (size_t op = 0; op < OPERATION_COUNT; op++) {
		bool is_taken = resource_takes(r, (enum operation)op);
		write_text(b, names[op], is_taken ? str_c(least_name(r->least[op])) : STR(""));
	}
	json_write_close(b, '}');
}

static void write_resource(struct buf *b, const struct resource *r)
{
	json_write_open(b, NULL, '{');
	json_write_text(b, "name", r->name);
	json_write_text(b, "title", r->title);
	json_write_text(b, "path", arena_printf(b->arena, "/v1/data/%.*s", STR_ARG(r->name)));
	write_text(b, "key", r->key->name);
	write_text(b, "tenant_status", str_c(tenant_guard_name(r->tenant)));
	json_write_flag(b, "user_scoped", r->is_user_scoped);
	json_write_flag(b, "append_only", r->is_append_only);
	json_write_flag(b, "read_only", r->is_view);
	json_write_flag(b, "has_content", r->content != NULL);
	write_roles(b, r);
	json_write_open(b, "columns", '[');
	for (size_t i = 0; i < r->column_count; i++)
		write_column(b, r, &r->columns[i]);
	json_write_close(b, ']');
	json_write_open(b, "actions", '[');
	for (size_t i = 0; i < r->action_count; i++) {
		const struct action *x = &r->actions[i];
		json_write_open(b, NULL, '{');
		json_write_text(b, "name", x->name);
		write_text(b, "role", str_c(least_name(x->guard.least)));
		write_text(b, "tenant_status", str_c(tenant_guard_name(x->guard.tenant)));
		json_write_flag(b, "takes_body", x->takes_body);
		json_write_flag(b, "on_collection", x->is_on_collection);
		json_write_close(b, '}');
	}
	json_write_close(b, ']');
	json_write_close(b, '}');
}

struct str catalog_json(struct arena *a, const struct catalog *c)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '[');
	for (size_t i = 0; i < c->count; i++)
		if (str_is_empty(c->resources[i].content_of))
			write_resource(&b, &c->resources[i]);
	json_write_close(&b, ']');
	return buf_str(&b);
}
