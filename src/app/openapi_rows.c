/*
 * The rows of resources in the OpenAPI document: as schemas, and as the columns to filter by. Texts that the
 * owner of a table wrote (names, comments, the labels of an enum) are escaped like any other text.
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

static void put_column(struct buf *b, const struct resource *r, const struct column *c, bool is_row)
{
	const char *type = kinds[c->kind].type;
	json_write_open(b, NULL, '{');
	if (type && c->is_nullable)
		buf_printf(b, "\"type\":[\"%s\",\"null\"]%s", type, kinds[c->kind].rest);
	else if (type)
		buf_printf(b, "\"type\":\"%s\"%s", type, kinds[c->kind].rest);
	if (c->max_chars > 0) {
		json_write_name(b, STR("maxLength"));
		buf_printf(b, "%lld", (long long)c->max_chars);
	}
	if (c->label_count > 0) {
		json_write_open(b, "enum", '[');
		for (size_t i = 0; i < c->label_count; i++)
			json_write_text(b, NULL, c->labels[i]);
		if (c->is_nullable)
			json_write_raw(b, NULL, "null");
		json_write_close(b, ']');
	}
	if (!str_is_empty(c->comment))
		json_write_text(b, "description", c->comment);
	if (is_row && !c->may_insert && !c->may_update)
		json_write_flag(b, "readOnly", true);
	json_write_text(b, "x-tenantd-type", c->shown_type);
	catalog_reference(b, "x-tenantd-references", r, c);
	json_write_close(b, '}');
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
	json_write_open(b, "required", '[');
	for (size_t i = 0; i < r->column_count; i++)
		if (is_required(&r->columns[i], use))
			json_write_text(b, NULL, r->columns[i].name);
	json_write_close(b, ']');
}

void put_data_schemas(struct buf *b, const struct catalog *catalog)
{
	static const char *const suffixes[] = { "", ".new", ".change" };
	static_assert(COUNT_OF(suffixes) == USE_COUNT, "every use has a schema");
	const struct resource *r;
	size_t n = 0;
	while ((r = openapi_next(catalog, &n)) != NULL) {
		for (int use = USE_ROW; use < USE_COUNT; use++) {
			if ((use == USE_NEW && r->is_view) || (use == USE_CHANGE && !resource_takes(r, OPERATION_UPDATE)))
				continue;
			json_write_name(b, openapi_name(b, r, suffixes[use]));
			json_write_open(b, NULL, '{');
			json_write_c(b, "type", "object");
			if (r != &openapi_any)
				json_write_text(b, "title", r->title);
			json_write_open(b, "properties", '{');
			for (size_t i = 0; i < r->column_count; i++) {
				if (!is_used(&r->columns[i], (enum use)use))
					continue;
				json_write_name(b, r->columns[i].name);
				put_column(b, r, &r->columns[i], use == USE_ROW);
			}
			json_write_close(b, '}');
			put_required(b, r, (enum use)use);
			if (use != USE_ROW && r != &openapi_any)
				json_write_flag(b, "additionalProperties", false);
			if (use == USE_CHANGE)
				json_write_raw(b, "minProperties", "1");
			json_write_close(b, '}');
		}
	}
}

/* Prints NAME.filter: an object each of whose members is a query parameter with the member's name. */
void put_data_parameters(struct buf *b, const struct catalog *catalog)
{
	const struct resource *r;
	size_t n = 0;
	while ((r = openapi_next(catalog, &n)) != NULL) {
		json_write_name(b, openapi_name(b, r, ".filter"));
		json_write_open(b, NULL, '{');
		json_write_c(b, "name", "filter");
		json_write_c(b, "in", "query");
		json_write_c(b, "description",
			"Columns to filter by, each as COLUMN=OPERATOR.VALUE: eq, neq, gt, gte, lt, lte, like, "
			"ilike, match, imatch, isdistinct, in, is, of arrays and jsonb cs, cd and ov, and not. before "
			"any of them; OPERATOR(any).{…} and OPERATOR(all).{…} take a list; and=(…) and or=(…) group "
			"them");
		json_write_c(b, "style", "form");
		json_write_flag(b, "explode", true);
		json_write_open(b, "schema", '{');
		json_write_c(b, "type", "object");
		json_write_open(b, "properties", '{');
		for (size_t i = 0; i < r->column_count; i++) {
			if (r->columns[i].is_context)
				continue;
			json_write_name(b, r->columns[i].name);
			json_write_raw(b, NULL, "{\"type\":\"string\"}");
		}
		json_write_close(b, '}');
		json_write_raw(b, "additionalProperties", "{\"type\":\"string\"}");
		json_write_close(b, '}');
		json_write_close(b, '}');
	}
}
