/*
 * Checks every field of every row before the database gets any of them. The database then gets the caller's own text,
 * which the strict JSON parser has accepted, and reads it as records.
 */
#include "resource/input.h"

#include "core/json.h"
#include "resource/value.h"

struct reading {
	struct input *in;
	const struct query *query;
	enum input_use use;
	struct arena *arena;
	struct error *err;
};

/* The name of a field for error messages: "name", or "[2].name" in an array. */
static struct str place(struct reading *r, size_t row, struct str name)
{
	return r->in->is_array ? arena_printf(r->arena, "[%zu].%.*s", row, STR_ARG(name)) : name;
}

static bool is_writable(const struct reading *r, const struct column *c)
{
	if (c == r->query->resource->key && r->use == INPUT_REPLACE)
		return true;
	return r->use == INPUT_CHANGE ? c->may_update : c->may_insert;
}

static bool read_member(struct reading *r, size_t row, struct str name, const struct json *value)
{
	const struct resource *resource = r->query->resource;
	const struct column *c = resource_column(resource, name);
	if (c && c->is_context)
		return error_field(r->err, place(r, row, name), "comes from the request's context");
	if (r->query->columns && !(c && r->query->columns[c - resource->columns]))
		return true; /* columns= limits which fields of the body count */
	if (!c)
		return error_field(r->err, place(r, row, name), "is not a column of this resource");
	if (!is_writable(r, c))
		return error_field(r->err, place(r, row, name), "is read-only");
	size_t index = (size_t)(c - resource->columns);
	r->in->has_count += !r->in->has[index];
	r->in->has[index] = true;
	if (json_kind(value) == JSON_NULL)
		return c->is_nullable || error_field(r->err, place(r, row, name), "cannot be null");
	const char *fault = value_fault_json(c, value);
	return !fault || error_field(r->err, place(r, row, name), "%s", fault);
}

static bool read_row(struct reading *r, size_t i, const struct json *row)
{
	if (json_kind(row) != JSON_OBJECT)
		return error_set(r->err, ERR_INVALID_REQUEST, "row %zu is not an object", i);
	for (size_t m = 0; m < json_count(row); m++) {
		struct str name;
		const struct json *value = json_at(row, m, &name);
		bool read = read_member(r, i, name, value);
		(void)read; /* the refusal is in err; go on, so that every bad field is named at once */
		if (r->err->field_count == ERROR_FIELDS)
			return false;
	}
	return true;
}

/* Every row is written with all fields that any row has. A field that a row leaves out becomes null, or its default when
 * it cannot be null or the caller prefers that. A field that can be neither null nor a default is required. */
static void find_missing(struct reading *r, size_t i, const struct json *row)
{
	const struct resource *resource = r->query->resource;
	for (size_t k = 0; k < resource->column_count && r->err->field_count < ERROR_FIELDS; k++) {
		const struct column *c = &resource->columns[k];
		bool is_named_by_path = r->use == INPUT_REPLACE && c == resource->key;
		if (!c->may_insert || is_named_by_path || json_get(row, c->name))
			continue;
		r->in->lacks[k] = r->in->lacks[k] || r->in->has[k];
		if (!c->is_nullable && str_is_empty(c->standard))
			error_field(r->err, place(r, i, c->name), "is required");
	}
}

static struct str key_of(struct arena *a, const struct resource *resource, const struct json *row)
{
	struct str text = STR("");
	int64_t number;
	const struct json *v = json_get(row, resource->key->name);
	if (json_int64(v, &number))
		return arena_printf(a, "%lld", (long long)number);
	return json_string(v, &text) ? text : STR("");
}

static bool read_rows(struct reading *r, const struct json *document)
{
	struct input *in = r->in;
	const struct resource *resource = r->query->resource;
	in->row_count = in->is_array ? json_count(document) : 1;
	if (in->row_count > INPUT_ROWS)
		return error_set(r->err, ERR_INVALID_REQUEST, "the body has more than %d rows", INPUT_ROWS);
	for (size_t i = 0; i < in->row_count; i++)
		if (!read_row(r, i, in->is_array ? json_at(document, i, NULL) : document))
			return false;
	for (size_t k = 0; r->query->columns && k < resource->column_count; k++) {
		bool is_new = r->query->columns[k] && !in->has[k];
		if (is_new && !is_writable(r, &resource->columns[k]))
			error_field(r->err, STR("columns"), "names \"%.*s\", which is read-only",
				STR_ARG(resource->columns[k].name));
		in->has_count += is_new;
		in->has[k] = in->has[k] || is_new;
	}
	for (size_t i = 0; r->use != INPUT_CHANGE && i < in->row_count && r->err->field_count < ERROR_FIELDS; i++)
		find_missing(r, i, in->is_array ? json_at(document, i, NULL) : document);
	return r->err->field_count == 0;
}

bool input_read(struct input *in, struct arena *a, const struct query *q, enum input_use use, struct str body,
	struct error *err)
{
	struct reading r = { in, q, use, a, err };
	*in = (struct input){ .key = STR("") };
	in->has = ARENA_ARRAY(a, bool, q->resource->column_count + 1);
	in->lacks = ARENA_ARRAY(a, bool, q->resource->column_count + 1);
	if (str_is_empty(body))
		return error_set(err, ERR_INVALID_REQUEST, "a JSON body is expected");
	const struct json *document = json_parse(a, body, err);
	if (!document)
		return false;
	in->is_array = json_kind(document) == JSON_ARRAY;
	if (in->is_array && use != INPUT_CREATE)
		return error_set(err, ERR_INVALID_REQUEST, "a JSON object is expected as the body");
	if (!in->is_array && json_kind(document) != JSON_OBJECT)
		return error_set(
			err, ERR_INVALID_REQUEST, "a JSON object or an array of them is expected as the body");
	if (!read_rows(&r, document))
		return false;
	if (use == INPUT_CHANGE && in->has_count == 0)
		return error_set(err, ERR_INVALID_REQUEST, "the body changes nothing");
	in->json = in->is_array ? body : arena_printf(a, "[%.*s]", STR_ARG(body));
	if (!in->is_array)
		in->key = key_of(a, q->resource, document);
	return true;
}
