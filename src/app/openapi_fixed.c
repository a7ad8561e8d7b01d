/*
 * The shapes of the fixed routes, in two compact tables, and how they are printed. A type is "uuid", "text",
 * "time"… or the name of a schema, with [] for an array of it and ? for one that may be null; * behind a field's
 * type says that it may be left out. Must say what the handlers do; tests hold both tables against the routes.
 */
#include "openapi_parts.h"

#include "app/openapi.h"
#include "core/limits.h"

static const struct {
	const char *name, *purpose, *fields;
} shapes[] = {
	{ "FieldError", "One refused field", "field text, detail text" },
	{ "Problem", "An error (RFC 9457); `code` is stable, `trace_id` finds it in the log",
		"type text, title text, status int, code Code, detail text*, message text, details text*, "
		"trace_id text, errors FieldError[]*" },
	{ "Status", "The server about itself", "status text" },
	{ "Tenant", "An isolated customer, in one env",
		"id uuid, env Env, slug text, name text, organization_name text?, status TenantStatus, legal_name "
		"text?, "
		"postal_address text?, contact_email text?, country text?, created_at time, updated_at time" },
	{ "TenantChange", "What of a tenant changes; null takes a compliance field away",
		"name text*, organization_name text*, legal_name text?*, postal_address text?*, contact_email "
		"text?*, "
		"country text?*" },
	{ "Bootstrap", "The caller's tenant in this env",
		"tenant_id uuid, user_id uuid, role Role, env Env, tenant_status TenantStatus, created bool" },
	{ "User", "A person; `id` is null as long as nobody knows them",
		"id uuid?, email text?*, email_verified bool*, name text?*, system_admin bool*, created_at time*" },
	{ "NamedTenant", "The tenant that the request names",
		"id uuid, slug text, name text, organization_name text?, status TenantStatus, created_at time, "
		"updated_at time" },
	{ "Membership", "A tenant the caller belongs to",
		"tenant_id uuid, slug text, name text, env Env, role Role, status MemberStatus, "
		"tenant_status TenantStatus, joined_at time?" },
	{ "PendingRequest", "A request to join that waits for approval",
		"tenant_id uuid, slug text, requested_at time" },
	{ "Me", "Who the caller is, and where",
		"user User, tenant NamedTenant?, role Role?, env Env, memberships Membership[], "
		"pending_requests PendingRequest[]" },
	{ "Member", "A user in the tenant",
		"user_id uuid, email text?, name text?, role Role, status MemberStatus, joined_at time?" },
	{ "MemberChange", "What of a member changes; at least one",
		"role RoleGiven*, status MemberStatusGiven*" },
	{ "OnboardingStep", "A step that was done", "step text, completed_at time" },
	{ "Onboarding", "How far the tenant is; for the eye, no access decision reads it",
		"tenant_id uuid, status TenantStatus, organization_name text?, legal_name text?, postal_address "
		"text?, "
		"contact_email text?, country text?, steps OnboardingStep[]" },
	{ "OnboardingComplete", "What makes the tenant active",
		"organization_name text, legal_name text?*, postal_address text?*, contact_email text?*, country "
		"text?*" },
	{ "AuditEvent", "What was done: who, what, in which request; names of changed fields, never values",
		"id uuid, at time, action text, actor_kind ActorKind, actor_id uuid?, actor_label text?, "
		"object_type text?, object_id text?, fields text[]?, code text?, route text?, trace_id text?" },
	{ "Reference", "Where a column points", "resource text, column text?" },
	{ "ResourceColumn", "A column of a resource",
		"name text, type text, nullable bool, has_default bool, insert bool, update bool, max_length int*, "
		"enum text[]*, description text*, references Reference*" },
	{ "ResourceRoles", "The least role for each operation; null: never",
		"read Role, create Role?, update Role?, delete Role?" },
	{ "ResourceAction", "A function that is called on a resource",
		"name text, role Role, tenant_status TenantGuard, takes_body bool, on_collection bool" },
	{ "Resource", "A registered table or view, served under /v1/data/",
		"name text, path text, key text, tenant_status TenantGuard, user_scoped bool, append_only bool, "
		"read_only bool, has_content bool, "
		"roles ResourceRoles, columns ResourceColumn[], actions ResourceAction[]" },
	{ "Empty", "Nothing", "" },
};

static const struct {
	const char *name, *values;
} words[] = {
	{ "Env", "dev,staging,prod" },
	{ "Role", "member,tenant_admin,owner" },
	{ "RoleGiven", "member,tenant_admin,admin,owner" },
	{ "TenantStatus", "onboarding,active,suspended,closed" },
	{ "TenantGuard", "any,open,active" },
	{ "MemberStatus", "pending,active,suspended" },
	{ "MemberStatusGiven", "active,suspended" },
	{ "ActorKind", "user,operator,database" },
};

static const struct operation_shape {
	enum method method;
	const char *path, *id, *summary;
	const char *takes; /* the body's schema */
	const char *answers; /* NULL: 204 */
	const char *query; /* as fields */
} operations[] = {
	{ METHOD_GET, "/healthz", "healthz", "The process is alive; asks nobody", NULL, "Status", "" },
	{ METHOD_GET, "/readyz", "readyz", "The database answers and the isolation gate was passed", NULL,
		"Status", "" },
	{ METHOD_GET, "/metrics", "metrics", "Prometheus text, to configured addresses", NULL, "plain", "" },
	{ METHOD_GET, "/v1/openapi.json", "openapi", "This document", NULL, "any", "" },
	{ METHOD_POST, "/v1/auth/bootstrap", "bootstrap",
		"The caller's tenant in this env: found, joined or made", "Empty", "Bootstrap", "" },
	{ METHOD_GET, "/v1/auth/me", "me", "Who the caller is", NULL, "Me", "" },
	{ METHOD_GET, "/v1/tenant", "getTenant", "The tenant", NULL, "Tenant", "" },
	{ METHOD_PATCH, "/v1/tenant", "changeTenant", "Change its names and compliance fields", "TenantChange",
		"Tenant", "" },
	{ METHOD_GET, "/v1/members", "listMembers", "The members, oldest first, in pages", NULL, "Member[]",
		"role RoleGiven*, status MemberStatus*, limit limit*, cursor text*" },
	{ METHOD_POST, "/v1/members/leave", "leaveTenant", "The caller leaves", "Empty", NULL, "" },
	{ METHOD_GET, "/v1/members/{user_id}", "getMember", "One member", NULL, "Member", "" },
	{ METHOD_PATCH, "/v1/members/{user_id}", "changeMember", "Change role or status", "MemberChange",
		"Member", "" },
	{ METHOD_DELETE, "/v1/members/{user_id}", "removeMember", "Remove a member", "Empty", NULL, "" },
	{ METHOD_GET, "/v1/onboarding", "getOnboarding", "Status, fields and the steps done", NULL, "Onboarding",
		"" },
	{ METHOD_POST, "/v1/onboarding/complete", "completeOnboarding",
		"Name the organization; the tenant becomes active", "OnboardingComplete", "Tenant", "" },
	{ METHOD_GET, "/v1/audit", "listAudit", "What was done in the tenant, newest first, in pages", NULL,
		"AuditEvent[]",
		"action text*, actor uuid*, object text*, since time*, until time*, limit limit*, cursor text*" },
	{ METHOD_GET, "/v1/resources", "listResources", "What is served under /v1/data/", NULL, "Resource[]",
		"" },
};

/* The second part of a path, and what routes stand there. */
static const struct {
	const char *name, *purpose;
} tags[] = {
	{ "server", "The server about itself" },
	{ "auth", "Identity: who the caller is, and their first tenant" },
	{ "tenant", "The tenant" },
	{ "members", "Who belongs to the tenant" },
	{ "onboarding", "From a new tenant to an active one" },
	{ "audit", "What was done" },
	{ "resources", "What is served under /v1/data/" },
};

static const struct operation_shape *shape_of(enum method method, const char *path)
{
	for (size_t i = 0; i < COUNT_OF(operations); i++)
		if (operations[i].method == method && str_eq(str_c(operations[i].path), str_c(path)))
			return &operations[i];
	return NULL;
}

bool openapi_knows(enum method method, const char *path)
{
	return shape_of(method, path) != NULL || str_starts(str_c(path), STR("/v1/data/"));
}

/* ---- types */

static void put_simple(struct buf *b, const char *name, struct str type, bool may_be_null)
{
	static const struct {
		struct str name;
		const char *type, *rest;
	} simple[] = {
		{ STR("text"), "string", "" },
		{ STR("uuid"), "string", ",\"format\":\"uuid\"" },
		{ STR("time"), "string", ",\"format\":\"date-time\"" },
		{ STR("int"), "integer", "" },
		{ STR("limit"), "integer", ",\"minimum\":1,\"maximum\":1000,\"default\":100" },
		{ STR("bool"), "boolean", "" },
		{ STR("any"), "object", "" },
	};
	static_assert(LIMIT_PAGE == 1000 && LIMIT_PAGE_DEFAULT == 100, "a limit's bounds are said above");
	for (size_t i = 0; i < COUNT_OF(simple); i++) {
		if (!str_eq(simple[i].name, type))
			continue;
		put_open(b, name, '{');
		if (may_be_null)
			buf_printf(b, "\"type\":[\"%s\",\"null\"]%s", simple[i].type, simple[i].rest);
		else
			buf_printf(b, "\"type\":\"%s\"%s", simple[i].type, simple[i].rest);
		put_close(b, '}');
		return;
	}
	BUG("no type %.*s", STR_ARG(type));
}

void put_schema(struct buf *b, const char *name, struct str type)
{
	bool may_be_null = str_ends(type, STR("?"));
	if (may_be_null)
		type.len--;
	if (str_ends(type, STR("[]"))) {
		put_open(b, name, '{');
		put_json(b, "type", may_be_null ? "[\"array\",\"null\"]" : "\"array\"");
		put_schema(b, "items", str_of(type.at, type.len - 2));
		put_close(b, '}');
	} else if (type.at[0] == '/') { /* a resource's, whose name may begin as a word of here */
		put_ref(b, name, "schemas", str_skip(type, 1));
	} else if (type.at[0] < 'A' || type.at[0] > 'Z') {
		put_simple(b, name, type, may_be_null);
	} else if (may_be_null) {
		put_open(b, name, '{');
		put_open(b, "anyOf", '[');
		put_ref(b, NULL, "schemas", type);
		put_json(b, NULL, "{\"type\":\"null\"}");
		put_close(b, ']');
		put_close(b, '}');
	} else {
		put_ref(b, name, "schemas", type);
	}
}

/* The next of "name type, name type*"; false at the end. */
static bool next_field(struct str *fields, struct str *name, struct str *type, bool *may_be_left_out)
{
	struct str field;
	if (str_is_empty(*fields))
		return false;
	*fields = str_split(*fields, ',', &field);
	*type = str_split(str_trim(field), ' ', name);
	*may_be_left_out = str_ends(*type, STR("*"));
	if (*may_be_left_out)
		type->len--;
	return true;
}

static void put_object(struct buf *b, const char *name, const char *purpose, const char *fields)
{
	struct str rest = str_c(fields), field, type;
	bool may_be_left_out, has_required = false;
	put_open(b, name, '{');
	put_c(b, "type", "object");
	put_c(b, "description", purpose);
	put_open(b, "properties", '{');
	while (next_field(&rest, &field, &type, &may_be_left_out)) {
		put_name(b, field);
		put_schema(b, NULL, type);
		has_required = has_required || !may_be_left_out;
	}
	put_close(b, '}');
	rest = str_c(fields);
	if (has_required) {
		put_open(b, "required", '[');
		while (next_field(&rest, &field, &type, &may_be_left_out))
			if (!may_be_left_out)
				put_text(b, NULL, field);
		put_close(b, ']');
	}
	put_close(b, '}');
}

static void put_words(struct buf *b, const char *name, struct str values)
{
	struct str value;
	put_open(b, name, '{');
	put_c(b, "type", "string");
	put_open(b, "enum", '[');
	while (!str_is_empty(values)) {
		values = str_split(values, ',', &value);
		put_text(b, NULL, value);
	}
	put_close(b, ']');
	put_close(b, '}');
}

void put_fixed_tags(struct buf *b)
{
	for (size_t i = 0; i < COUNT_OF(tags); i++)
		put_tag(b, str_c(tags[i].name), tags[i].purpose);
}

void put_fixed_schemas(struct buf *b)
{
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		put_object(b, shapes[i].name, shapes[i].purpose, shapes[i].fields);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		put_words(b, words[i].name, str_c(words[i].values));
	put_open(b, "Code", '{');
	put_c(b, "type", "string");
	put_open(b, "enum", '[');
	for (int code = ERR_NONE + 1; code < ERROR_COUNT; code++)
		put_c(b, NULL, error_info((enum error_code)code)->code);
	put_close(b, ']');
	put_close(b, '}');
}

/* ---- operations */

static void put_parameter(struct buf *b, struct str name, const char *in, bool is_required, struct str type)
{
	put_open(b, NULL, '{');
	put_text(b, "name", name);
	put_c(b, "in", in);
	if (is_required)
		put_flag(b, "required", true);
	put_schema(b, "schema", type);
	put_close(b, '}');
}

static void put_parameters(struct buf *b, const struct route *route, const struct operation_shape *shape)
{
	struct str path = str_c(route->path), query = str_c(shape->query), name, type;
	bool may_be_left_out;
	put_open(b, "parameters", '[');
	while (!str_is_empty(path)) {
		path = str_split(path, '/', &name);
		bool is_id = str_ends(name, STR("id}"));
		if (str_starts(name, STR("{")))
			put_parameter(
				b, str_of(name.at + 1, name.len - 2), "path", true, is_id ? STR("uuid") : STR("text"));
	}
	while (next_field(&query, &name, &type, &may_be_left_out))
		put_parameter(b, name, "query", !may_be_left_out, type);
	put_context_parameters(b, route->guard);
	put_close(b, ']');
}

static void put_success(struct buf *b, const struct operation_shape *shape)
{
	if (!shape->answers) {
		put_json(b, "204", "{\"description\":\"done\"}");
		return;
	}
	put_open(b, "200", '{');
	put_c(b, "description", "done");
	if (str_ends(str_c(shape->answers), STR("[]")) &&
		str_find(str_c(shape->query), ',') < strlen(shape->query)) {
		put_open(b, "headers", '{');
		put_ref(b, "Link", "headers", STR("Link"));
		put_close(b, '}');
	}
	if (str_eq(str_c(shape->answers), STR("plain")))
		put_json(b, "content", "{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}");
	else
		put_content(b, str_c(shape->answers));
	put_close(b, '}');
}

/* "members" of /v1/members/{user_id}; "server" of /healthz. */
static struct str tag_of(const char *path)
{
	struct str rest = str_c(path), tag;
	if (!str_starts(rest, STR("/v1/")) || str_ends(rest, STR(".json")))
		return STR("server");
	str_split(str_skip(rest, sizeof("/v1/") - 1), '/', &tag);
	return tag;
}

void put_fixed_operation(struct buf *b, const struct route *route)
{
	static const struct operation_shape unknown = { METHOD_GET, "", NULL, "not described", NULL, "any", "" };
	static const int reading[] = { 0 }, writing[] = { 409, 413, 415, 0 };
	const struct operation_shape *shape = shape_of(route->method, route->path);
	if (!shape)
		shape = &unknown;
	if (shape->id)
		put_c(b, "operationId", shape->id);
	put_c(b, "summary", shape->summary);
	put_open(b, "tags", '[');
	put_text(b, NULL, tag_of(route->path));
	put_close(b, ']');
	put_guard(b, route->guard);
	if (route->is_unversioned)
		put_c(b, "x-tenantd-also", route->path + sizeof("/v1") - 1);
	put_parameters(b, route, shape);
	if (shape->takes) {
		put_open(b, "requestBody", '{');
		put_flag(b, "required", route->body == BODY_JSON);
		put_content(b, str_c(shape->takes));
		put_close(b, '}');
	}
	put_open(b, "responses", '{');
	put_success(b, shape);
	put_problems(b, route->guard, route->method == METHOD_GET ? reading : writing);
	put_close(b, '}');
}
