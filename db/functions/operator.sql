-- What the operator does with tenantctl, as tenantd_migrator. The role gives the right to do it; the label says who it
-- was. Every act names its tenant and is audited in it.

SET LOCAL ROLE tenantd_context;

-- Lists the tenants of an env (null: of all) whose slug or name contains `search` (null: all), oldest first.
CREATE OR REPLACE FUNCTION tenantd.operator_tenants(in_env tenantd.env, search text)
RETURNS TABLE (id uuid, env tenantd.env, slug text, name text, organization_name text,
  status tenantd.tenant_status, members bigint, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id, t.env, t.slug, t.name, t.organization_name, t.status,
    (SELECT count(*) FROM tenantd.tenant_members m WHERE m.tenant_id = t.id AND m.status = 'active'),
    t.created_at, t.updated_at
  FROM tenantd.tenants t
  WHERE (in_env IS NULL OR t.env = in_env)
    AND (search IS NULL OR strpos(lower(t.slug || ' ' || t.name), lower(search)) > 0)
  ORDER BY t.created_at, t.id
$$;

-- Suspends or reactivates the tenant that `named` names, by id, or by slug together with an env. When it is
-- reactivated, it is active if its onboarding was complete, else in onboarding again.
CREATE OR REPLACE FUNCTION tenantd.operator_tenant_status(named text, in_env tenantd.env, wanted text, label text,
  OUT id uuid, OUT slug text, OUT status tenantd.tenant_status)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t record;
BEGIN
  -- A slug can look like the id of another tenant: the id is tried first.
  SELECT * INTO t FROM tenantd.tenants
  WHERE (tenants.id::text = named AND tenants.env = coalesce(in_env, tenants.env)) OR (tenants.slug = named AND tenants.env = in_env)
  ORDER BY tenants.id::text = named DESC LIMIT 1 FOR NO KEY UPDATE;
  IF t.id IS NULL THEN
    RAISE EXCEPTION 'tenant not found' USING ERRCODE = 'TD012';
  END IF;
  IF wanted = 'suspend' AND t.status IN ('onboarding', 'active') THEN
    status := 'suspended';
  ELSIF wanted = 'reactivate' AND t.status = 'suspended' THEN
    status := CASE WHEN t.organization_name IS NULL THEN 'onboarding' ELSE 'active' END;
  ELSE
    RAISE EXCEPTION 'cannot % a tenant that is %', wanted, t.status USING ERRCODE = 'TD409';
  END IF;
  PERFORM tenantd.seal((SELECT k.id FROM tenantd.context_keys k ORDER BY k.created_at DESC LIMIT 1), t.id, t.env, NULL, NULL, 'operator', NULL,
    'tenantctl tenant ' || wanted, label);
  UPDATE tenantd.tenants SET status = operator_tenant_status.status WHERE tenants.id = t.id;
  id := t.id;
  slug := t.slug;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.operator_tenants(tenantd.env, text), tenantd.operator_tenant_status(text, tenantd.env, text,
  text) TO tenantd_migrator;

-- Who had which access in the tenant that `named` names, by id, or by slug together with an env, at that time.
CREATE OR REPLACE FUNCTION tenantd.operator_access(named text, in_env tenantd.env, at timestamptz)
RETURNS TABLE (user_id uuid, email text, name text, role tenantd.role, status text, since timestamptz, tenant_status text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t record;
BEGIN
  SELECT x.id, x.env INTO t FROM tenantd.tenants x
  WHERE (x.id::text = named AND x.env = coalesce(in_env, x.env)) OR (x.slug = named AND x.env = in_env) ORDER BY x.id::text = named DESC LIMIT 1;
  IF t.id IS NULL THEN
    RAISE EXCEPTION 'tenant not found' USING ERRCODE = 'TD012';
  END IF;
  RETURN QUERY SELECT a.user_id, u.email, u.name, a.role, a.status, a.since, a.tenant_status
    FROM tenantd.access_at(t.id, t.env, at) a LEFT JOIN tenantd.users u ON u.id = a.user_id ORDER BY a.since, a.user_id;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.operator_access(text, tenantd.env, timestamptz) TO tenantd_migrator;
