-- What the operator does with tenantctl, as tenantd_migrator. The role gives the right to do it; the label says who it
-- was. Every act names its tenant and is audited in it; an act on a user is audited in the system's log.

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
  WHERE (in_env IS NULL OR t.env = in_env) AND tenantd.tenant_matches(t, search)
  ORDER BY t.created_at, t.id
$$;

-- The tenant that `named` names, by id, or by slug together with an env; null when there is none. A slug can look like the id of another
-- tenant: the id is tried first.
CREATE OR REPLACE FUNCTION tenantd.operator_tenant_or_null(named text, in_env tenantd.env) RETURNS tenantd.tenants
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t FROM tenantd.tenants t
  WHERE (t.id::text = named AND t.env = coalesce(in_env, t.env)) OR (t.slug = named AND t.env = in_env) ORDER BY t.id::text = named DESC LIMIT 1
$$;

-- The same, where there must be one.
CREATE OR REPLACE FUNCTION tenantd.operator_tenant(named text, in_env tenantd.env) RETURNS tenantd.tenants
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants := tenantd.operator_tenant_or_null(named, in_env);
BEGIN
  IF t.id IS NULL THEN
    RAISE EXCEPTION 'tenant not found' USING ERRCODE = 'TD012';
  END IF;
  RETURN t;
END $$;

-- Seals an operator's context, with the newest key. Without a key there is no act. No request is behind it, so that the rows of
-- one act have a trace of its own in common.
CREATE OR REPLACE FUNCTION tenantd.operator_begin(tenant uuid, in_env tenantd.env, act text, label text, reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.seal((SELECT k.id FROM tenantd.context_keys k ORDER BY k.created_at DESC LIMIT 1), tenant, in_env, NULL, NULL, 'operator',
    replace(gen_random_uuid()::text, '-', ''),
    'tenantctl ' || act, label, reason => reason);
END $$;

-- Makes a user from outside any request, unless one with this issuer and subject is there, who stays as they are. (Of several who
-- are brought in one transaction the first is the oldest.)
CREATE OR REPLACE FUNCTION tenantd.user_bring(new_id uuid, in_issuer text, in_subject text, in_email text, in_verified boolean, in_name text,
  OUT id uuid, OUT made boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO tenantd.users (id, issuer, subject, email, email_verified, name, created_at)
  VALUES (new_id, in_issuer, in_subject, in_email, in_verified, in_name, clock_timestamp()) ON CONFLICT DO NOTHING;
  made := FOUND;
  SELECT u.id INTO id FROM tenantd.users u WHERE u.issuer = in_issuer AND u.subject = in_subject;
END $$;

-- Suspends, reactivates, closes or reopens the tenant that `named` names, by id, or by slug together with an env
-- (tenant_become in administration.sql).
CREATE OR REPLACE FUNCTION tenantd.operator_tenant_status(named text, in_env tenantd.env, wanted text, label text, reason text DEFAULT NULL,
  grace_days integer DEFAULT NULL, OUT id uuid, OUT slug text, OUT status tenantd.tenant_status)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants := tenantd.operator_tenant(named, in_env);
BEGIN
  SELECT x.* INTO t FROM tenantd.tenants x WHERE x.id = t.id FOR NO KEY UPDATE;
  PERFORM tenantd.operator_begin(t.id, t.env, 'tenant ' || wanted, label, reason);
  t := tenantd.tenant_become(t, wanted, grace_days);
  id := t.id;
  slug := t.slug;
  status := t.status;
END $$;

-- Lists users whose email or name contains `search`, or whose id or subject it is (null: all), oldest first, behind the user
-- `after`: only system administrators when that is said. `shown` has all their memberships; `left_over` counts the users from
-- here to the end of the list.
CREATE OR REPLACE FUNCTION tenantd.operator_users(search text, only_admins boolean, most integer, after uuid)
RETURNS TABLE (id uuid, system_admin boolean, memberships bigint, email text, issuer text, subject text, shown json, left_over bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.id, u.system_admin, (SELECT count(*) FROM tenantd.tenant_members m WHERE m.user_id = u.id AND m.status = 'active'),
    u.email, u.issuer, u.subject, tenantd.user_shown(u, NULL), count(*) OVER ()
  FROM tenantd.users u
  WHERE tenantd.user_matches(u, search) AND (u.system_admin OR NOT only_admins)
    AND (after IS NULL OR (u.created_at, u.id) > (SELECT a.created_at, a.id FROM tenantd.users a WHERE a.id = after))
  ORDER BY u.created_at, u.id LIMIT most
$$;

-- The user that is named: by id, by an email that they verified, or by issuer and subject.
CREATE OR REPLACE FUNCTION tenantd.operator_user(named text, subject text) RETURNS tenantd.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  u tenantd.users;
BEGIN
  SELECT users.* INTO u FROM tenantd.users
  WHERE CASE WHEN operator_user.subject IS NULL THEN users.id::text = named ELSE users.issuer = named AND users.subject = operator_user.subject END;
  IF u.id IS NULL AND operator_user.subject IS NULL AND strpos(named, '@') > 0 THEN
    u := tenantd.user_by_email(named);
  END IF;
  RETURN u;
END $$;

-- The same user, shown with all their memberships. No row when there is none.
CREATE OR REPLACE FUNCTION tenantd.operator_user_show(named text, subject text) RETURNS SETOF json
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.user_shown(u, NULL) FROM tenantd.operator_user(named, subject) u WHERE u.id IS NOT NULL
$$;

-- Makes a user a system administrator, or takes that from them. Somebody who is named by issuer and subject need not have
-- signed in before: the first administrator of a system has not.
CREATE OR REPLACE FUNCTION tenantd.operator_user_admin(named text, subject text, is_admin boolean, label text, reason text,
  OUT id uuid, OUT email text, OUT changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  u tenantd.users := tenantd.operator_user(named, subject);
BEGIN
  PERFORM tenantd.operator_begin(NULL, NULL, CASE WHEN is_admin THEN 'user grant-system-admin' ELSE 'user revoke-system-admin' END, label, reason);
  IF u.id IS NULL AND is_admin AND operator_user_admin.subject IS NOT NULL THEN
    INSERT INTO tenantd.users (issuer, subject) VALUES (named, operator_user_admin.subject) ON CONFLICT DO NOTHING;
    u := tenantd.operator_user(named, subject);
  END IF;
  IF u.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD404', 'there is no such user');
  END IF;
  UPDATE tenantd.users SET system_admin = is_admin WHERE users.id = u.id AND users.system_admin <> is_admin;
  changed := FOUND;
  id := u.id;
  email := u.email;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.operator_tenants(tenantd.env, text), tenantd.operator_tenant_status(text, tenantd.env, text, text, text, integer),
  tenantd.operator_users(text, boolean, integer, uuid), tenantd.operator_user_show(text, text),
  tenantd.operator_user_admin(text, text, boolean, text, text) TO tenantd_migrator;

-- Who had which access in the tenant that `named` names, by id, or by slug together with an env, at that time.
CREATE OR REPLACE FUNCTION tenantd.operator_access(named text, in_env tenantd.env, at timestamptz)
RETURNS TABLE (user_id uuid, email text, name text, role tenantd.role, status text, since timestamptz, tenant_status text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants := tenantd.operator_tenant(named, in_env);
BEGIN
  RETURN QUERY SELECT a.user_id, u.email, u.name, a.role, a.status, a.since, a.tenant_status
    FROM tenantd.access_at(t.id, t.env, at) a LEFT JOIN tenantd.users u ON u.id = a.user_id ORDER BY a.since, a.user_id;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.operator_access(text, tenantd.env, timestamptz) TO tenantd_migrator;
