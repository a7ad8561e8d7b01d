/* The tenant's own row and its onboarding. PostgreSQL makes the JSON, which is passed on as it is. */
#include "repo/verbs.h"

/* A tenant as callers see it: type_tenant of src/api/types.c. */
#define TENANT_COLUMNS                                                                                       \
	"id, env, slug, name, organization_name, status, legal_name, postal_address, contact_email, country, "   \
	"joinable, invitation_days, ask_again_days, access_contact, created_at, updated_at"

const struct verb tenant_get = {
	.statement = { "tenant_get",
		"SELECT row_to_json(t) FROM (SELECT " TENANT_COLUMNS
		" FROM tenantd.tenants WHERE id = $1 AND env = $2) t" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

/* A field that the body does not name keeps its value; null removes a compliance field or the contact. */
#define CHANGED(column)                                                                                      \
	column " = CASE WHEN $3::jsonb ? '" column "' THEN $3::jsonb ->> '" column "' ELSE " column " END"
#define KEPT(column, type) column " = coalesce(($3::jsonb ->> '" column "')::" type ", " column ")"

const struct verb tenant_change = {
	.statement = { "tenant_change",
		// clang-format off
		"UPDATE tenantd.tenants SET "
		CHANGED("name") ", " CHANGED("organization_name") ", " CHANGED("legal_name") ", "
		CHANGED("postal_address") ", " CHANGED("contact_email") ", " CHANGED("country") ", " CHANGED("access_contact") ", " KEPT("slug", "text") ", "
		KEPT("joinable", "boolean") ", " KEPT("invitation_days", "integer") ", " KEPT("ask_again_days", "integer")
		" WHERE id = $1 AND env = $2 RETURNING (SELECT row_to_json(t) FROM (SELECT " TENANT_COLUMNS ") t)" },
	// clang-format on
	.kind = VERB_ONE,
	.is_scoped = true,
	.taken_detail = "another tenant in this env has the slug",
};

const struct verb onboarding_get = {
	.statement = { "onboarding_get",
		"SELECT json_build_object('tenant_id', id, 'status', status, 'organization_name', organization_name,"
		" 'legal_name', legal_name, 'postal_address', postal_address, 'contact_email', contact_email,"
		" 'country', country, 'steps', (SELECT coalesce(json_agg(json_build_object('step', p.step,"
		"  'completed_at', p.completed_at) ORDER BY p.completed_at, p.step), '[]')"
		"  FROM tenantd.onboarding_progress p WHERE p.tenant_id = $1 AND p.env = $2))"
		" FROM tenantd.tenants WHERE id = $1 AND env = $2" },
	.kind = VERB_ONE,
	.is_scoped = true,
};

/* There is a row in any case but one: the step is new and the tenant has as many as it may have. */
const struct verb onboarding_step = {
	.statement = { "onboarding_step",
		"WITH held AS (SELECT p.step FROM tenantd.onboarding_progress p WHERE p.tenant_id = $1 AND p.env = $2),"
		" room AS (SELECT 1 FROM held HAVING count(*) < 100),"
		" done AS (INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)"
		"  SELECT $1, $2, $3, (SELECT c.user_id FROM tenantd.context() c) FROM room ON CONFLICT DO NOTHING)"
		" SELECT NULL::json WHERE EXISTS (SELECT 1 FROM room) OR $3 IN (SELECT step FROM held)" },
	.kind = VERB_DONE,
	.is_scoped = true,
	.missing = ERR_CONFLICT,
	.missing_detail = "a tenant remembers at most 100 steps",
};

const struct verb onboarding_complete = {
	.statement = { "onboarding_complete", "SELECT tenantd.onboarding_complete($1, $2, $3)" },
	.kind = VERB_ONE,
	.is_scoped = true,
	.missing = ERR_CONFLICT,
	.missing_detail = "onboarding is complete already",
};
