/*
 * Makes the catalog from the rows that the database returned. It must never let a name into SQL that PostgreSQL did not
 * quote, and never serve a table that it does not understand completely.
 */
#include "resource/catalog.h"

#include "catalog_json.h"
#include "core/json.h"
#include "core/log.h"

static bool is_true(const struct rows *rows, size_t i, size_t j)
{
	return str_eq(cell(rows, i, j), STR("t"));
}

/* Reads a JSON array of strings: the queries return lists of names in that form. */
static struct str *strings(struct arena *a, struct str json, size_t *count)
{
	struct error ignored = ERROR_INIT;
	const struct json *list = str_is_empty(json) ? NULL : json_parse(a, json, &ignored);
	struct str *out = ARENA_ARRAY(a, struct str, json_count(list) + 1);
	*count = 0;
	for (size_t i = 0; i < json_count(list); i++)
		if (json_string(json_at(list, i, NULL), &out[*count]))
			++*count;
	return out;
}

static enum kind kind_named(struct str name)
{
	static const struct {
		struct str name;
		enum kind kind;
	} kinds[] = {
		{ STR("bool"), KIND_BOOL },
		{ STR("int2"), KIND_INT2 },
		{ STR("int4"), KIND_INT4 },
		{ STR("int8"), KIND_INT8 },
		{ STR("numeric"), KIND_NUMERIC },
		{ STR("float4"), KIND_FLOAT4 },
		{ STR("float8"), KIND_FLOAT8 },
		{ STR("string"), KIND_TEXT },
		{ STR("uuid"), KIND_UUID },
		{ STR("timestamptz"), KIND_TIMESTAMPTZ },
		{ STR("timestamp"), KIND_TIMESTAMP },
		{ STR("date"), KIND_DATE },
		{ STR("time"), KIND_TIME },
		{ STR("json"), KIND_JSON },
		{ STR("jsonb"), KIND_JSONB },
		{ STR("bytea"), KIND_BYTEA },
		{ STR("enum"), KIND_ENUM },
		{ STR("array"), KIND_ARRAY },
	};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (str_eq(kinds[i].name, name))
			return kinds[i].kind;
	return KIND_OTHER;
}

static bool least_named(struct str name, enum least *least)
{
	for (int l = LEAST_MEMBER; l <= LEAST_OWNER; l++) {
		if (str_eq(name, str_c(least_name((enum least)l)))) {
			*least = (enum least)l;
			return true;
		}
	}
	return false;
}

static bool tenant_guard_named(struct str name, enum tenant_guard *guard)
{
	for (int g = TENANT_ANY; g < TENANT_GUARD_COUNT; g++) {
		if (str_eq(name, str_c(tenant_guard_name((enum tenant_guard)g)))) {
			*guard = (enum tenant_guard)g;
			return true;
		}
	}
	return false;
}

/* Counts the rows from *at on whose first column is `name`, and moves *at past them. */
static size_t rows_of(const struct rows *rows, struct str name, size_t *at)
{
	size_t from = *at;
	while (*at < rows->count && str_eq(cell(rows, *at, 0), name))
		++*at;
	return *at - from;
}

static int64_t signed_number(struct str text)
{
	int64_t n = 0;
	bool is_negative = str_starts(text, STR("-"));
	return str_to_int64(str_skip(text, is_negative ? 1 : 0), &n) ? (is_negative ? -n : n) : 0;
}

static struct column read_column(struct arena *a, const struct rows *rows, size_t i, bool is_user_scoped)
{
	struct str name = cell(rows, i, 1);
	struct column c = {
		.name = name,
		.quoted = cell(rows, i, 2),
		.shown_type = cell(rows, i, 3),
		.type = cell(rows, i, 4),
		.cast = cell(rows, i, 5),
		.list_cast = cell(rows, i, 6),
		.operators = cell(rows, i, 16),
		.kind = kind_named(cell(rows, i, 7)),
		.element = kind_named(cell(rows, i, 17)),
		.standard = cell(rows, i, 10),
		.comment = cell(rows, i, 11),
		.is_nullable = is_true(rows, i, 12),
		.is_comparable = is_true(rows, i, 13),
		.is_context = str_eq(name, STR("tenant_id")) || str_eq(name, STR("env")) ||
			(is_user_scoped && str_eq(name, STR("user_id"))),
	};
	if (!str_to_int64(cell(rows, i, 8), &c.max_chars))
		c.max_chars = 0;
	if (!str_to_int64(cell(rows, i, 18), &c.precision))
		c.precision = 0;
	c.scale = signed_number(cell(rows, i, 19));
	c.labels = strings(a, cell(rows, i, 9), &c.label_count);
	c.may_insert = is_true(rows, i, 14) && !c.is_context;
	c.may_update = is_true(rows, i, 15) && !c.is_context;
	c.is_person = is_true(rows, i, 20);
	return c;
}

static struct constraint read_constraint(struct arena *a, const struct rows *rows, size_t i)
{
	struct constraint c = {
		.name = cell(rows, i, 1),
		.arbiter = cell(rows, i, 2),
		.type = cell(rows, i, 3).at[0],
		.target = cell(rows, i, 5),
		.target_column = cell(rows, i, 6),
	};
	c.columns = strings(a, cell(rows, i, 4), &c.column_count);
	return c;
}

static bool read_action(const struct rows *rows, size_t i, struct action *action)
{
	*action = (struct action){
		.name = cell(rows, i, 1),
		.function = cell(rows, i, 2),
		.takes_body = is_true(rows, i, 3),
		.is_on_collection = is_true(rows, i, 6),
	};
	return least_named(cell(rows, i, 4), &action->guard.least) &&
		tenant_guard_named(cell(rows, i, 5), &action->guard.tenant);
}

static bool read_guards(struct resource *r, const struct rows *rows, size_t i)
{
	for (size_t op = 0; op < OPERATION_COUNT; op++) {
		bool is_closed = r->is_view && op != OPERATION_READ;
		r->least[op] = LEAST_CLOSED;
		if (!is_closed && !least_named(cell(rows, i, 3 + op), &r->least[op]))
			return false;
	}
	return tenant_guard_named(cell(rows, i, 7), &r->tenant);
}

static bool is_whole_number(const struct column *c)
{
	return c->kind == KIND_INT2 || c->kind == KIND_INT4 || c->kind == KIND_INT8;
}

/* How far each list of rows has been read. All lists are ordered by the names of the resources. */
struct reading {
	const struct catalog_rows *rows;
	struct arena *arena;
	size_t columns, constraints, actions;
};

static bool read_resource(struct reading *at, size_t i, struct resource *r)
{
	const struct catalog_rows *rows = at->rows;
	*r = (struct resource){
		.name = cell(&rows->resources, i, 0),
		.title = cell(&rows->resources, i, 15),
		.table = cell(&rows->resources, i, 1),
		.is_user_scoped = is_true(&rows->resources, i, 8),
		.is_append_only = is_true(&rows->resources, i, 9),
		.read_runs_code = is_true(&rows->resources, i, 11),
		.write_runs_code = is_true(&rows->resources, i, 12),
		.is_view = is_true(&rows->resources, i, 13),
		.object = cell(&rows->resources, i, 14),
		.content_of = cell(&rows->resources, i, 10),
	};
	size_t column = at->columns, constraint = at->constraints, action = at->actions;
	r->column_count = rows_of(&rows->columns, r->name, &at->columns);
	r->constraint_count = rows_of(&rows->constraints, r->name, &at->constraints);
	r->action_count = rows_of(&rows->actions, r->name, &at->actions);
	r->columns = ARENA_ARRAY(at->arena, struct column, r->column_count + 1);
	r->constraints = ARENA_ARRAY(at->arena, struct constraint, r->constraint_count + 1);
	r->actions = ARENA_ARRAY(at->arena, struct action, r->action_count + 1);
	bool is_whole = read_guards(r, &rows->resources, i);
	for (size_t c = 0; c < r->column_count; c++)
		r->columns[c] = read_column(at->arena, &rows->columns, column + c, r->is_user_scoped);
	for (size_t c = 0; c < r->constraint_count; c++)
		r->constraints[c] = read_constraint(at->arena, &rows->constraints, constraint + c);
	for (size_t c = 0; c < r->action_count; c++)
		is_whole = read_action(&rows->actions, action + c, &r->actions[c]) && is_whole;
	r->key = resource_column(r, cell(&rows->resources, i, 2));
	const struct column *version = resource_column(r, STR("version"));
	r->has_etag = version && (!r->is_view || is_whole_number(version));
	return is_whole && r->key && resource_column(r, STR("tenant_id")) && resource_column(r, STR("env")) &&
		(r->is_view || r->has_etag);
}

bool catalog_load(struct catalog *c, struct arena *a, const struct catalog_rows *rows, struct error *err)
{
	struct reading at = { .rows = rows, .arena = a };
	*c = (struct catalog){ .resources = ARENA_ARRAY(a, struct resource, rows->resources.count + 1) };
	for (size_t i = 0; i < rows->resources.count; i++) {
		if (read_resource(&at, i, &c->resources[c->count]))
			c->count++;
		else
			LOG(ERROR, "resource.unfit", LOG_STR("resource", cell(&rows->resources, i, 0)),
				LOG_C("why",
					"its table or view is gone or was changed after it was registered; register it again"));
	}
	if (at.columns < rows->columns.count || at.constraints < rows->constraints.count ||
		at.actions < rows->actions.count)
		return error_log(err, ERR_INTERNAL, "the rows of the resources' catalog are out of order");
	for (size_t i = 0; i < c->count; i++)
		for (size_t j = 0; j < c->count; j++)
			if (str_eq(c->resources[j].content_of, c->resources[i].name))
				c->resources[i].content = &c->resources[j];
	c->json = catalog_json(a, c);
	return true;
}

const struct resource *catalog_find(const struct catalog *c, struct str name)
{
	for (size_t i = 0; c && i < c->count; i++)
		if (str_eq(c->resources[i].name, name))
			return str_is_empty(c->resources[i].content_of) ? &c->resources[i] : NULL;
	return NULL;
}

bool resource_takes(const struct resource *r, enum operation operation)
{
	return operation == OPERATION_READ ||
		(!r->is_view && !(r->is_append_only && operation >= OPERATION_UPDATE));
}

const struct column *resource_column(const struct resource *r, struct str name)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (str_eq(r->columns[i].name, name))
			return &r->columns[i];
	return NULL;
}

const struct constraint *resource_reference(const struct resource *r, const struct column *c)
{
	for (size_t i = 0; i < r->constraint_count; i++) {
		const struct constraint *k = &r->constraints[i];
		if (k->type == 'f' && k->column_count == 1 && str_eq(k->columns[0], c->name) &&
			!str_is_empty(k->target))
			return k;
	}
	return NULL;
}

const struct action *resource_action(const struct resource *r, struct str name)
{
	for (size_t i = 0; i < r->action_count; i++)
		if (str_eq(r->actions[i].name, name))
			return &r->actions[i];
	return NULL;
}

const struct constraint *resource_constraint(const struct resource *r, struct str name)
{
	for (size_t i = 0; i < r->constraint_count; i++)
		if (str_eq(r->constraints[i].name, name))
			return &r->constraints[i];
	return NULL;
}

void catalog_close(struct catalog *c, struct str object)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->resources[i].object, object))
			c->resources[i].is_closed = true;
}
