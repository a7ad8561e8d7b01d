/* Prints the catalog as GET /v1/resources returns it. That is done once per load, because all callers get the same. */
#include "catalog_json.h"

#include "core/buf.h"
#include "core/limits.h"

static void add_text(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, ",\"%s\":", name);
	if (str_is_empty(value))
		buf_add_c(b, "null");
	else
		buf_add_json(b, value);
}

static void add_flag(struct buf *b, const char *name, bool value)
{
	buf_printf(b, ",\"%s\":%s", name, value ? "true" : "false");
}

static void add_strings(struct buf *b, const char *name, const struct str *values, size_t count)
{
	buf_printf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		buf_add_json(b, values[i]);
	}
	buf_add_char(b, ']');
}

/* The foreign key that consists of this column and the tenant. */
static const struct constraint *reference_of(const struct resource *r, const struct column *c)
{
	for (size_t i = 0; i < r->constraint_count; i++) {
		const struct constraint *k = &r->constraints[i];
		if (k->type == 'f' && k->column_count == 1 && str_eq(k->columns[0], c->name) &&
			!str_is_empty(k->target))
			return k;
	}
	return NULL;
}

static void add_column(struct buf *b, const struct resource *r, const struct column *c)
{
	const struct constraint *reference = reference_of(r, c);
	buf_add_c(b, "{\"name\":");
	buf_add_json(b, c->name);
	add_text(b, "type", c->shown_type);
	add_flag(b, "nullable", c->is_nullable);
	add_flag(b, "has_default", !str_is_empty(c->standard));
	add_flag(b, "insert", c->may_insert);
	add_flag(b, "update", c->may_update);
	if (c->max_chars > 0)
		buf_printf(b, ",\"max_length\":%lld", (long long)c->max_chars);
	if (c->label_count > 0)
		add_strings(b, "enum", c->labels, c->label_count);
	if (!str_is_empty(c->comment))
		add_text(b, "description", c->comment);
	if (reference) {
		buf_add_c(b, ",\"references\":{\"resource\":");
		buf_add_json(b, reference->target);
		add_text(b, "column", reference->target_column);
		buf_add_char(b, '}');
	}
	buf_add_char(b, '}');
}

static void add_roles(struct buf *b, const struct resource *r)
{
	static const char *const names[] = { "read", "create", "update", "delete" };
	static_assert(COUNT_OF(names) == OPERATION_COUNT, "every operation has a name");
	buf_add_c(b, ",\"roles\":{");
	for (size_t op = 0; op < OPERATION_COUNT; op++) {
		buf_printf(b, "%s\"%s\":", op > 0 ? "," : "", names[op]);
		if (!resource_takes(r, (enum operation)op))
			buf_add_c(b, "null");
		else
			buf_add_json(b, str_c(least_name(r->least[op])));
	}
	buf_add_char(b, '}');
}

static void add_resource(struct buf *b, const struct resource *r)
{
	buf_add_c(b, "{\"name\":");
	buf_add_json(b, r->name);
	buf_add_c(b, ",\"path\":\"/v1/data/");
	buf_add(b, r->name); /* letters, digits and _ */
	buf_add_char(b, '"');
	add_text(b, "key", r->key->name);
	add_text(b, "tenant_status", str_c(tenant_guard_name(r->tenant)));
	add_flag(b, "user_scoped", r->is_user_scoped);
	add_flag(b, "append_only", r->is_append_only);
	add_flag(b, "read_only", r->is_view);
	add_flag(b, "has_content", r->content != NULL);
	add_roles(b, r);
	buf_add_c(b, ",\"columns\":[");
	for (size_t i = 0; i < r->column_count; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		add_column(b, r, &r->columns[i]);
	}
	buf_add_c(b, "],\"actions\":[");
	for (size_t i = 0; i < r->action_count; i++) {
		const struct action *x = &r->actions[i];
		buf_add_c(b, i > 0 ? ",{\"name\":" : "{\"name\":");
		buf_add_json(b, x->name);
		add_text(b, "role", str_c(least_name(x->guard.least)));
		add_text(b, "tenant_status", str_c(tenant_guard_name(x->guard.tenant)));
		add_flag(b, "takes_body", x->takes_body);
		add_flag(b, "on_collection", x->is_on_collection);
		buf_add_char(b, '}');
	}
	buf_add_c(b, "]}");
}

struct str catalog_json(struct arena *a, const struct catalog *c)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	buf_add_char(&b, '[');
	for (size_t i = 0; i < c->count; i++) {
		if (!str_is_empty(c->resources[i].content_of))
			continue;
		if (b.len > 1)
			buf_add_char(&b, ',');
		add_resource(&b, &c->resources[i]);
	}
	buf_add_char(&b, ']');
	return buf_str(&b);
}
