-- From a new tenant to an active one.

-- Completes the onboarding with what the body says: {"organization_name": …} and the compliance fields, of which those that are
-- left out stay. It answers the tenant; null when its onboarding was complete before. A name that is still the slug which
-- bootstrap gave becomes the organization's. It runs as its caller: the tenant's policies and triggers hold.
CREATE OR REPLACE FUNCTION tenantd.onboarding_complete(tenant uuid, in_env tenantd.env, fields jsonb) RETURNS SETOF json
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH done AS (
    UPDATE tenantd.tenants SET status = 'active', organization_name = fields ->> 'organization_name',
      name = CASE WHEN name = slug THEN fields ->> 'organization_name' ELSE name END,
      legal_name = coalesce(fields ->> 'legal_name', legal_name),
      postal_address = coalesce(fields ->> 'postal_address', postal_address),
      contact_email = coalesce(fields ->> 'contact_email', contact_email),
      country = coalesce(fields ->> 'country', country)
    WHERE id = tenant AND env = in_env AND status = 'onboarding'
    RETURNING id, env, slug, name, organization_name, status, legal_name, postal_address, contact_email, country, joinable,
      invitation_days, ask_again_days, created_at, updated_at),
  step AS (
    INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)
    SELECT done.id, done.env, 'organization', (SELECT c.user_id FROM tenantd.context() c) FROM done ON CONFLICT DO NOTHING)
  SELECT row_to_json(done) FROM done
$$;
GRANT EXECUTE ON FUNCTION tenantd.onboarding_complete(uuid, tenantd.env, jsonb) TO tenantd_app, tenantd_context;
