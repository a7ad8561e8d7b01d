/* /v1/resources and /v1/data: the application's own tables. How the requests are read stands in data.c and
 * content.c. */
#include "data_request.h"

#include "api/families.h"

/* ---- /v1/resources */

static const struct field reference_fields[] = {
	{ "resource", &type_text, 0 },
	{ "path", &type_text, REQUIRED },
	{ "column", &type_text, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type reference = { .name = "Reference",
	.purpose = "Where the row or the member is whose id a column holds",
	.kind = JSON_OBJECT,
	.fields = reference_fields };

static const struct field column_fields[] = {
	{ "name", &type_text, REQUIRED },
	{ "type", &type_text, REQUIRED },
	{ "nullable", &type_bool, REQUIRED },
	{ "has_default", &type_bool, REQUIRED },
	{ "insert", &type_bool, REQUIRED },
	{ "update", &type_bool, REQUIRED },
	{ "max_length", &type_integer, 0 },
	{ "enum", ARRAY_OF(type_text), 0 },
	{ "description", &type_text, 0 },
	{ "references", &reference, 0 },
	FIELDS_END,
};
static const struct type column = { .name = "ResourceColumn",
	.purpose = "A column of a resource",
	.kind = JSON_OBJECT,
	.fields = column_fields };

static const struct field role_fields[] = {
	{ "read", &type_role, REQUIRED },
	{ "create", &type_role, REQUIRED | NULLABLE },
	{ "update", &type_role, REQUIRED | NULLABLE },
	{ "delete", &type_role, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type roles = { .name = "ResourceRoles",
	.purpose = "The least role for each operation; null: never",
	.kind = JSON_OBJECT,
	.fields = role_fields };

static const struct field action_fields[] = {
	{ "name", &type_text, REQUIRED },
	{ "role", &type_role, REQUIRED },
	{ "tenant_status", &type_tenant_guard, REQUIRED },
	{ "takes_body", &type_bool, REQUIRED },
	{ "on_collection", &type_bool, REQUIRED },
	FIELDS_END,
};
static const struct type action = { .name = "ResourceAction",
	.purpose = "A function that is called on a resource",
	.kind = JSON_OBJECT,
	.fields = action_fields };

static const struct field resource_fields[] = {
	{ "name", &type_text, REQUIRED },
	{ "title", &type_text, REQUIRED },
	{ "path", &type_text, REQUIRED },
	{ "key", &type_text, REQUIRED },
	{ "tenant_status", &type_tenant_guard, REQUIRED },
	{ "user_scoped", &type_bool, REQUIRED },
	{ "append_only", &type_bool, REQUIRED },
	{ "read_only", &type_bool, REQUIRED },
	{ "has_content", &type_bool, REQUIRED },
	{ "roles", &roles, REQUIRED },
	{ "columns", ARRAY_OF(column), REQUIRED },
	{ "actions", ARRAY_OF(action), REQUIRED },
	FIELDS_END,
};
static const struct type resource = { .name = "Resource",
	.purpose = "A registered table or view, served under /v1/data/",
	.kind = JSON_OBJECT,
	.fields = resource_fields };

static const struct route resources_rows[] = {
	{ METHOD_GET, "/v1/resources", CALLER_TOKEN, { LEAST_MEMBER, TENANT_OPEN }, 200, "listResources",
		"The resources with their columns, roles and actions", .answer = ARRAY_OF(resource),
		.handle = api_resources },
};

const struct route_family resources_family =
	FAMILY("resources", "What is served under /v1/data/", resources_rows);

/* ---- /v1/data: the guard of each is the resource's, and the status of the tenant that is said here is
 * the usual one */

#define ROW(method, path, status, summary, takes, asks, answers, handler, more)                              \
	{                                                                                                        \
		method, path, CALLER_TOKEN, { LEAST_CLOSED, TENANT_ACTIVE }, status, NULL, summary,                  \
			.query = asks, .body = takes, .answer = answers, .handle = handler,                              \
			.flags = ROUTE_OF_RESOURCE | (more)                                                              \
	}
#define ASKS query_of_resource

static const struct route data_rows[] = {
	ROW(METHOD_GET, "/v1/data/{resource}", 200, "Rows: filters, order, pages", NULL, ASKS, ARRAY_OF(type_any),
		api_data_list, 0),
	ROW(METHOD_POST, "/v1/data/{resource}", 201, "Create one row or many: all or none", &type_any, ASKS,
		ARRAY_OF(type_any), api_data_create, 0),
	ROW(METHOD_PATCH, "/v1/data/{resource}", 200, "Change the rows that a filter finds", &type_any, ASKS,
		ARRAY_OF(type_any), api_data_change_many, 0),
	ROW(METHOD_DELETE, "/v1/data/{resource}", 204, "Delete the rows that a filter finds", NULL, ASKS,
		ARRAY_OF(type_any), api_data_remove_many, 0),
	ROW(METHOD_GET, "/v1/data/{resource}/{id}", 200, "One row, with its ETag", NULL, ASKS, &type_any,
		api_data_show, 0),
	ROW(METHOD_PATCH, "/v1/data/{resource}/{id}", 200, "Change it", &type_any, ASKS, &type_any,
		api_data_change, 0),
	ROW(METHOD_PUT, "/v1/data/{resource}/{id}", 200, "Replace it, or make it: 201", &type_any, ASKS,
		&type_any, api_data_replace, 0),
	ROW(METHOD_DELETE, "/v1/data/{resource}/{id}", 204, "Delete it", NULL, ASKS, NULL, api_data_remove, 0),
	ROW(METHOD_GET, "/v1/data/{resource}/{id}/content", 200, "Its bytes, with their ETag", NULL, NULL,
		&type_bytes, api_content_show, 0),
	ROW(METHOD_PUT, "/v1/data/{resource}/{id}/content", 204, "Store them: 201, or 204 in place of others",
		&type_bytes, NULL, NULL, api_content_put, ROUTE_MEDIA),
	ROW(METHOD_DELETE, "/v1/data/{resource}/{id}/content", 204, "Remove them", NULL, NULL, NULL,
		api_content_remove, 0),
	ROW(METHOD_POST, "/v1/data/{resource}/{action}", 200, "Call an action of the resource", &type_any, ASKS,
		&type_any, api_data_act_on_all, 0),
	ROW(METHOD_POST, "/v1/data/{resource}/{id}/{action}", 200, "Call an action of the row", &type_any, ASKS,
		&type_any, api_data_act, 0),
};

const struct route_family data_family = FAMILY("data", "The rows of registered tables and views", data_rows);
