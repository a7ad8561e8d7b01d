/*
 * GET /v1/openapi.json: the frame of the document. The document is public; no tenant's data is read for it.
 * It is made anew for each request from tables in memory, without the database.
 */
#include "app/openapi.h"

#include "config.h"
#include "openapi_parts.h"

static const char about[] = "A table of the application is served under /v1/data/ once it is registered. "
							"HEAD works wherever GET does. The "
							"tenant and the env come from the token or from headers, never from a path. "
							"x-tenantd-least is the least that a "
							"caller must be, x-tenantd-tenant the status that the tenant must have, "
							"x-tenantd-also another path of the same "
							"route.";

static void put_info(struct buf *b)
{
	json_write_open(b, "info", '{');
	json_write_c(b, "title", PACKAGE_NAME);
	json_write_c(b, "version", PACKAGE_VERSION);
	json_write_c(b, "description", about);
	json_write_raw(b, "license", "{\"name\":\"ISC\",\"identifier\":\"ISC\"}");
	json_write_close(b, '}');
	json_write_raw(b, "servers", "[{\"url\":\"/\",\"description\":\"where this document is\"}]");
	json_write_raw(b, "security", "[{\"bearer\":[]}]");
}

/* All routes with the same path are in one object, which is printed at the first of them. */
static bool is_first_of_path(const struct route_family *family, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_eq(str_c(family->routes[j].path), str_c(family->routes[i].path)))
			return false;
	return true;
}

static void put_path(struct buf *b, const struct route_family *family, size_t first)
{
	static const char *const names[METHOD_COUNT] = {
		[METHOD_GET] = "get",
		[METHOD_POST] = "post",
		[METHOD_PUT] = "put",
		[METHOD_PATCH] = "patch",
		[METHOD_DELETE] = "delete",
	};
	const char *path = family->routes[first].path;
	json_write_open(b, path, '{');
	for (size_t i = first; i < family->count; i++) {
		const struct route *route = &family->routes[i];
		if (!str_eq(str_c(route->path), str_c(path)))
			continue;
		json_write_open(b, names[route->method], '{');
		put_fixed_operation(b, route, family->name);
		json_write_close(b, '}');
	}
	json_write_close(b, '}');
}

/* The paths of resources are printed from the catalog (openapi_data.c). */
static void put_fixed_paths(struct buf *b)
{
	size_t count;
	const struct route_family *const *families = route_families(&count);
	for (size_t f = 0; f < count; f++)
		for (size_t i = 0; i < families[f]->count; i++)
			if (!(families[f]->routes[i].flags & ROUTE_OF_RESOURCE) && is_first_of_path(families[f], i))
				put_path(b, families[f], i);
}

/* ---- components */

/* X(component, name, in, schema, description) */
#define PARAMETERS(X)                                                                                        \
	X("Env", "X-Env", "header", "{\"$ref\":\"#/components/schemas/Env\"}",                                   \
		"the env, when the token names none; must be the token's when it does")                              \
	X("TenantId", "X-Tenant-ID", "header", "{\"type\":\"string\",\"format\":\"uuid\"}",                      \
		"must be the token's tenant; without one there, it may name it as [tenancy] header_fallback says")   \
	X("TenantSlug", "X-Tenant-Slug", "header", "{\"type\":\"string\"}", "the same by the tenant's slug")     \
	X("Select", "select", "query", "{\"type\":\"string\"}",                                                  \
		"columns, with commas between; alias:column renames one")                                            \
	X("Order", "order", "query", "{\"type\":\"string\"}", "column.desc.nullslast, with commas between")      \
	X("Limit", "limit", "query", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":1000,\"default\":1000}",   \
		"rows at most")                                                                                      \
	X("Offset", "offset", "query", "{\"type\":\"integer\",\"minimum\":0}",                                   \
		"rows to skip; a cursor is cheaper")                                                                 \
	X("Cursor", "cursor", "query", "{\"type\":\"string\"}",                                                  \
		"as Link: rel=next has it, with the same filters and order")                                         \
	X("Columns", "columns", "query", "{\"type\":\"string\"}", "the columns of the body that are meant")      \
	X("OnConflict", "on_conflict", "query", "{\"type\":\"string\"}",                                         \
		"the columns of a unique constraint, for Prefer: resolution")                                        \
	X("Prefer", "Prefer", "header", "{\"type\":\"string\"}",                                                 \
		"return=minimal|headers-only|representation, count=exact, resolution=merge-duplicates|"              \
		"ignore-duplicates, missing=default, tx=rollback, handling=strict|lenient, max-affected=N")          \
	X("Range", "Range", "header", "{\"type\":\"string\",\"pattern\":\"^(items=)?[0-9]+-[0-9]*$\"}",          \
		"rows FIRST-LAST or FIRST-, counted from 0; with limit and offset, what is in both")                 \
	X("RangeUnit", "Range-Unit", "header", "{\"type\":\"string\",\"default\":\"items\"}",                    \
		"items; a Range of another unit is ignored")                                                         \
	X("IfMatch", "If-Match", "header", "{\"type\":\"string\"}", "the ETag that the row must have, or *")     \
	X("IfNoneMatch", "If-None-Match", "header", "{\"type\":\"string\"}",                                     \
		"an ETag that is known; on put, * for a row that must be new")                                       \
	X("ByteRange", "Range", "header", "{\"type\":\"string\"}", "one range of the bytes, as in bytes=0-1023") \
	X("IfRange", "If-Range", "header", "{\"type\":\"string\"}",                                              \
		"the ETag of the bytes that the range is of; of others all are answered")                            \
	X("IdempotencyKey", "Idempotency-Key", "header", "{\"type\":\"string\",\"maxLength\":255}",              \
		"a repeat with the same key and body gets the first answer, for a day")

static void put_parameters(struct buf *b, const struct catalog *catalog)
{
	json_write_open(b, "parameters", '{');
#define X(component, name, in, schema, description)                                                          \
	json_write_raw(b, component,                                                                             \
		"{\"name\":\"" name "\",\"in\":\"" in "\",\"description\":\"" description "\",\"schema\":" schema    \
		"}");
	PARAMETERS(X)
#undef X
	put_data_parameters(b, catalog);
	json_write_close(b, '}');
}

static void put_components(struct buf *b, const struct catalog *catalog)
{
	json_write_open(b, "components", '{');
	json_write_raw(b, "securitySchemes",
		"{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"}}");
	json_write_open(b, "headers", '{');
#define X(name, description)                                                                                 \
	json_write_raw(b, name, "{\"description\":\"" description "\",\"schema\":{\"type\":\"string\"}}");
	X("Link", "rel=next: the next page, when there is one")
	X("Location", "where the new row is")
	X("ETag", "of the row, for If-Match")
	X("Content-Range", "which rows or bytes these are, and of how many")
	X("Preference-Applied", "what of Prefer was heeded")
#undef X
	json_write_close(b, '}');
	put_parameters(b, catalog);
	json_write_open(b, "responses", '{');
	put_problem_responses(b);
	json_write_close(b, '}');
	json_write_open(b, "schemas", '{');
	put_fixed_schemas(b);
	put_data_schemas(b, catalog);
	json_write_close(b, '}');
	json_write_close(b, '}');
}

bool openapi_print(struct arena *a, const struct catalog *catalog, struct str *json, struct error *err)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '{');
	json_write_c(&b, "openapi", "3.1.0");
	put_info(&b);
	json_write_open(&b, "tags", '[');
	put_fixed_tags(&b);
	put_data_tags(&b, catalog);
	json_write_close(&b, ']');
	json_write_open(&b, "paths", '{');
	put_fixed_paths(&b);
	put_data_paths(&b, catalog);
	json_write_close(&b, '}');
	put_components(&b, catalog);
	json_write_close(&b, '}');
	*json = buf_str(&b);
	return buf_ok(&b) || error_log(err, ERR_INTERNAL, "the OpenAPI document is larger than an answer may be");
}

bool openapi_get(const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!openapi_print(ctx->arena, ctx->catalog, &json, err))
		return false;
	response_json(res, call->route->status, json);
	return true;
}
