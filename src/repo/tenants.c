/* The tenant's own row and its onboarding. */
#include "repo/tenants.h"

/* A tenant as callers see it. PostgreSQL makes the JSON; it is passed through. */
#define TENANT_COLUMNS                                                                                       \
	"id, env, slug, name, organization_name, status, legal_name, postal_address, contact_email, country, "   \
	"created_at, updated_at"

static const struct statement get = {
	"tenants_get",
	"SELECT row_to_json(t) FROM (SELECT " TENANT_COLUMNS
	" FROM tenantd.tenants WHERE id = $1 AND env = $2) t",
};

static const struct statement change = {
	"tenants_change",
	"UPDATE tenantd.tenants SET"
	" name = CASE WHEN $3::jsonb ? 'name' THEN $3::jsonb ->> 'name' ELSE name END,"
	" organization_name = CASE WHEN $3::jsonb ? 'organization_name' THEN $3::jsonb ->> 'organization_name'"
	"  ELSE organization_name END,"
	" legal_name = CASE WHEN $3::jsonb ? 'legal_name' THEN $3::jsonb ->> 'legal_name' ELSE legal_name END,"
	" postal_address = CASE WHEN $3::jsonb ? 'postal_address' THEN $3::jsonb ->> 'postal_address'"
	"  ELSE postal_address END,"
	" contact_email = CASE WHEN $3::jsonb ? 'contact_email' THEN $3::jsonb ->> 'contact_email' ELSE "
	"contact_email END,"
	" country = CASE WHEN $3::jsonb ? 'country' THEN $3::jsonb ->> 'country' ELSE country END"
	" WHERE id = $1 AND env = $2"
	" RETURNING (SELECT row_to_json(t) FROM (SELECT " TENANT_COLUMNS ") t)",
};

static const struct statement onboarding = {
	"tenants_onboarding",
	"SELECT json_build_object('tenant_id', id, 'status', status, 'organization_name', organization_name,"
	" 'legal_name', legal_name, 'postal_address', postal_address, 'contact_email', contact_email,"
	" 'country', country, 'steps', (SELECT coalesce(json_agg(json_build_object('step', p.step, "
	"'completed_at',"
	"  p.completed_at) ORDER BY p.completed_at, p.step), '[]') FROM tenantd.onboarding_progress p"
	"  WHERE p.tenant_id = $1 AND p.env = $2))"
	" FROM tenantd.tenants WHERE id = $1 AND env = $2",
};

/* A name that is still the slug bootstrap gave becomes the organization's. */
static const struct statement complete = {
	"tenants_complete",
	"WITH done AS (UPDATE tenantd.tenants SET status = 'active',"
	"  organization_name = $3::jsonb ->> 'organization_name',"
	"  name = CASE WHEN name = slug THEN $3::jsonb ->> 'organization_name' ELSE name END,"
	"  legal_name = coalesce($3::jsonb ->> 'legal_name', legal_name),"
	"  postal_address = coalesce($3::jsonb ->> 'postal_address', postal_address),"
	"  contact_email = coalesce($3::jsonb ->> 'contact_email', contact_email),"
	"  country = coalesce($3::jsonb ->> 'country', country)"
	"  WHERE id = $1 AND env = $2 AND status = 'onboarding' RETURNING " TENANT_COLUMNS "),"
	" step AS (INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)"
	"  SELECT done.id, done.env, 'organization', (SELECT c.user_id FROM tenantd.context() c) FROM done"
	"  ON CONFLICT DO NOTHING)"
	" SELECT row_to_json(done) FROM done",
};

static bool one(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct str *json, struct error *err)
{
	struct rows rows;
	if (!repo_get(ctx, s, values, count, &rows, err))
		return false;
	*json = rows_value(&rows, 0, 0, NULL);
	return true;
}

bool tenants_get(const struct context *ctx, struct str *json, struct error *err)
{
	return one(ctx, &get, NULL, 0, json, err);
}

bool tenants_change(const struct context *ctx, struct str changes, struct str *json, struct error *err)
{
	return one(ctx, &change, (const struct value[]){ VALUE(changes) }, 1, json, err);
}

bool tenants_onboarding(const struct context *ctx, struct str *json, struct error *err)
{
	return one(ctx, &onboarding, NULL, 0, json, err);
}

bool tenants_complete(const struct context *ctx, struct str fields, struct str *json, struct error *err)
{
	if (one(ctx, &complete, (const struct value[]){ VALUE(fields) }, 1, json, err))
		return true;
	if (err->code == ERR_NOT_FOUND)
		return error_set(err, ERR_CONFLICT, "onboarding is complete already");
	return false;
}
