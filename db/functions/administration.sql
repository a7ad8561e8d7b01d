-- System administration: what a user with the property system_admin does with tenants, members and users. Such a user enters
-- no tenant. Each act is one function that names its tenant, and only a context of kind system_admin may call it. Each
-- change demands a reason, which is sealed into the context, so that the audit rows in the tenant have it.

SET LOCAL ROLE tenantd_context;

-- What operators and system administrators share ---------------------------------------------------------------------

-- Refuses, with one sentence for the caller and for the operator.
CREATE OR REPLACE FUNCTION tenantd.refuse_act(state text, why text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '%', why USING ERRCODE = state, DETAIL = why;
END $$;

-- True of a tenant whose id is `search`, or whose names contain it. (No search_path, so that it is inlined.)
CREATE OR REPLACE FUNCTION tenantd.tenant_matches(t tenantd.tenants, search text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT search IS NULL OR t.id::pg_catalog.text = search
    OR pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat_ws(' ', t.slug, t.name, t.organization_name)), pg_catalog.lower(search)) > 0
$$;

-- True of a user whose id or subject is `search`, or whose email or name contains it.
CREATE OR REPLACE FUNCTION tenantd.user_matches(u tenantd.users, search text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT search IS NULL OR u.id::pg_catalog.text = search OR u.subject = search
    OR pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat_ws(' ', u.email, u.name)), pg_catalog.lower(search)) > 0
$$;

-- A user with all their memberships, those that are over included: of one env, or of all when it is null.
CREATE OR REPLACE FUNCTION tenantd.user_shown(u tenantd.users, in_env tenantd.env) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_build_object('id', u.id, 'issuer', u.issuer, 'subject', u.subject, 'email', u.email, 'email_verified', u.email_verified,
    'name', u.name, 'system_admin', u.system_admin, 'created_at', u.created_at,
    'memberships', coalesce(json_agg(json_build_object('tenant_id', m.tenant_id, 'slug', t.slug, 'name', t.name, 'env', m.env, 'role', m.role,
      'status', m.status, 'tenant_status', t.status, 'joined_at', m.joined_at) ORDER BY m.created_at, m.tenant_id)
      FILTER (WHERE m.tenant_id IS NOT NULL), '[]'))
  FROM (SELECT 1) one
  LEFT JOIN (tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id)
    ON m.user_id = u.id AND (in_env IS NULL OR m.env = in_env)
$$;

-- A tenant with what only those outside of it look at.
CREATE OR REPLACE FUNCTION tenantd.tenant_shown(t tenantd.tenants) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_build_object('id', t.id, 'env', t.env, 'slug', t.slug, 'name', t.name, 'organization_name', t.organization_name,
    'status', t.status, 'legal_name', t.legal_name, 'postal_address', t.postal_address, 'contact_email', t.contact_email, 'country', t.country,
    'members', (SELECT count(*) FROM tenantd.tenant_members m WHERE m.tenant_id = t.id AND m.status = 'active'),
    'closed_at', t.closed_at, 'reopen_until', t.reopen_until, 'created_at', t.created_at, 'updated_at', t.updated_at)
$$;

-- A member as the routes of members show them.
CREATE OR REPLACE FUNCTION tenantd.member_shown(m tenantd.tenant_members) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_build_object('user_id', m.user_id, 'email', u.email, 'name', u.name, 'role', m.role, 'status', m.status, 'joined_at', m.joined_at)
  FROM tenantd.users u WHERE u.id = m.user_id
$$;

-- The one user with this email, who verified it; null when there is none, and refused when there are several.
CREATE OR REPLACE FUNCTION tenantd.user_with_email(address text) RETURNS tenantd.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found tenantd.users[] := ARRAY(SELECT u FROM tenantd.users u WHERE lower(u.email COLLATE "C") = lower(address COLLATE "C") AND u.email_verified LIMIT 2);
BEGIN
  IF cardinality(found) > 1 THEN
    PERFORM tenantd.refuse_act('TD409', 'several users have verified this email, at different issuers: name one of them by their id');
  END IF;
  RETURN found[1];
END $$;

-- The same, refused when there is none.
CREATE OR REPLACE FUNCTION tenantd.user_by_email(address text) RETURNS tenantd.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found tenantd.users := tenantd.user_with_email(address);
BEGIN
  IF found.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD409', 'nobody with this email, verified, is known yet: the person must sign in once first');
  END IF;
  RETURN found;
END $$;

-- Suspends, reactivates, closes or reopens the tenant, whose row the caller has locked. A tenant that is reactivated is
-- active if its onboarding was complete, else in onboarding again. One that is reopened is what it was; that works
-- for as many days after closing as were said then, or as tenant_closes gives it when nothing was said.
CREATE OR REPLACE FUNCTION tenantd.tenant_become(t tenantd.tenants, wanted text, grace_days integer) RETURNS tenantd.tenants
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  as_open tenantd.tenant_status := CASE WHEN t.organization_name IS NULL THEN 'onboarding' ELSE 'active' END;
  became tenantd.tenant_status := CASE
    WHEN wanted = 'suspend' AND t.status IN ('onboarding', 'active') THEN 'suspended'
    WHEN wanted = 'reactivate' AND t.status = 'suspended' THEN as_open
    WHEN wanted = 'close' AND t.status <> 'closed' THEN 'closed'
    WHEN wanted = 'reopen' AND t.status = 'closed' AND t.reopen_until > now() THEN
      CASE t.closed_from WHEN 'suspended' THEN 'suspended' ELSE as_open END END;
BEGIN
  IF wanted = 'reopen' AND t.status = 'closed' AND became IS NULL THEN
    PERFORM tenantd.refuse_act('TD409', format('the tenant could be reopened until %s', to_char(t.reopen_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  ELSIF became IS NULL THEN
    PERFORM tenantd.refuse_act('TD409', format('cannot %s a tenant that is %s', wanted, t.status));
  END IF;
  UPDATE tenantd.tenants SET status = became, reopen_until = CASE became WHEN 'closed' THEN now() + make_interval(days => grace_days) END
  WHERE id = t.id RETURNING * INTO t;
  RETURN t;
END $$;

-- The frame of an act ----------------------------------------------------------------------------------------------

-- Begins an act: reads again that the caller is a system administrator, and seals the reason into a context of its own kind,
-- which the triggers in invariants.sql let do it. It answers the context that the act has to put back when it is done. No
-- tenant is in either of them, so that the workers' role sees no row.
CREATE OR REPLACE FUNCTION tenantd.admin_begin(reason text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM 1 FROM tenantd.users u WHERE u.id = c.user_id AND u.system_admin FOR SHARE;
  IF NOT FOUND THEN
    PERFORM tenantd.refuse_act('TD403', 'you are no system administrator any more');
  ELSIF btrim(reason) <> '' IS NOT TRUE OR length(reason) > 500 THEN
    PERFORM tenantd.refuse_act('TD400', 'say the reason, in at most 500 characters');
  END IF;
  PERFORM tenantd.reseal(NULL, c.user_id, 'administration', btrim(reason));
  RETURN held;
END $$;

-- Ends it.
CREATE OR REPLACE FUNCTION tenantd.admin_end(held text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('tenantd.context', held, true);
END $$;

-- The tenant that an act names, locked. Those of another env are not there.
CREATE OR REPLACE FUNCTION tenantd.admin_tenant(tenant uuid) RETURNS tenantd.tenants
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants;
BEGIN
  SELECT tenants.* INTO t FROM tenantd.tenants WHERE id = tenant AND env = (SELECT c.env FROM tenantd.context() c) FOR NO KEY UPDATE;
  IF t.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD404', format('there is no tenant %s in this env', tenant));
  END IF;
  RETURN t;
END $$;

-- Makes the user an active member with this role, whatever they were in the tenant before.
CREATE OR REPLACE FUNCTION tenantd.admin_place(t tenantd.tenants, who uuid, as_role tenantd.role) RETURNS tenantd.tenant_members
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m tenantd.tenant_members;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM tenantd.users WHERE id = who) THEN
    PERFORM tenantd.refuse_act('TD404', format('there is no user %s', who));
  END IF;
  INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at)
  VALUES (t.id, t.env, who, as_role, 'active', now())
  ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role, status = 'active' RETURNING * INTO m;
  RETURN m;
END $$;

-- Reading ----------------------------------------------------------------------------------------------------------

-- The tenants of the context's env, oldest first, behind the one with this time and id.
CREATE OR REPLACE FUNCTION tenantd.admin_tenants(search text, in_status tenantd.tenant_status, most integer, after_time timestamptz, after_id uuid)
RETURNS TABLE (answer json, created_at timestamptz, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'system_admin');
  RETURN QUERY SELECT tenantd.tenant_shown(t), t.created_at, t.id FROM tenantd.tenants t
  WHERE t.env = c.env AND (in_status IS NULL OR t.status = in_status) AND tenantd.tenant_matches(t, search)
    AND (t.created_at, t.id) > (coalesce(after_time, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
  ORDER BY t.created_at, t.id LIMIT most;
END $$;

-- One of them; no row when there is none.
CREATE OR REPLACE FUNCTION tenantd.admin_tenant_get(tenant uuid) RETURNS SETOF json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'system_admin');
  RETURN QUERY SELECT tenantd.tenant_shown(t) FROM tenantd.tenants t WHERE t.id = tenant AND t.env = c.env;
END $$;

-- Refuses a tenant that is not in the context's env: an empty list would look like an empty tenant.
CREATE OR REPLACE FUNCTION tenantd.admin_demand_tenant(tenant uuid) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM tenantd.tenants t WHERE t.id = tenant AND t.env = (SELECT c.env FROM tenantd.context() c)) THEN
    PERFORM tenantd.refuse_act('TD404', format('there is no tenant %s in this env', tenant));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION tenantd.admin_members(tenant uuid, search text, in_role tenantd.role, in_status tenantd.member_status, most integer,
  after_time timestamptz, after_id uuid) RETURNS TABLE (answer json, created_at timestamptz, user_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.demand_kind((SELECT c.kind FROM tenantd.context() c), 'system_admin');
  PERFORM tenantd.admin_demand_tenant(tenant);
  RETURN QUERY SELECT tenantd.member_shown(m), m.created_at, m.user_id FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id
  WHERE m.tenant_id = tenant AND tenantd.user_matches(u, search) AND m.status NOT IN ('removed', 'rejected') AND (in_role IS NULL OR m.role = in_role)
    AND (in_status IS NULL OR m.status = in_status)
    AND (m.created_at, m.user_id) > (coalesce(after_time, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
  ORDER BY m.created_at, m.user_id LIMIT most;
END $$;

-- True of an event that these filters find; null finds every one. (No search_path, so that it is inlined.)
CREATE OR REPLACE FUNCTION tenantd.event_matches(action text, actor_id uuid, object_type text, object_id text, in_action text, actor uuid, object text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (in_action IS NULL OR action = in_action) AND (actor IS NULL OR actor_id = actor) AND (object IS NULL OR object_type = object OR object_id = object)
$$;

-- The audit log, newest first: of one tenant, or, when it is null, of all tenants of the context's env and of what happened in no
-- tenant. A plan is made for each call: which index is the right one depends on which filters there are.
CREATE OR REPLACE FUNCTION tenantd.admin_audit(tenant uuid, in_action text, actor uuid, object text, since timestamptz, until timestamptz,
  most integer, after_time timestamptz, after_id uuid) RETURNS TABLE (answer json, at timestamptz, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  c record;
  first_time timestamptz := coalesce(since, '-infinity');
  end_time timestamptz := coalesce(until, 'infinity');
  end_id uuid := coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'system_admin');
  IF tenant IS NOT NULL THEN
    PERFORM tenantd.admin_demand_tenant(tenant);
  END IF;
  after_time := coalesce(after_time, 'infinity');
  RETURN QUERY SELECT (SELECT row_to_json(x) FROM (SELECT e.id, e.at, e.action, e.actor_kind, e.actor_id, n.actor_name, e.actor_label, e.object_type,
      e.object_id, n.object_name, e.fields, e.code, e.count, e.route, e.trace_id, e.reason, e.tenant_id, t.slug AS tenant_slug, t.name AS tenant_name) x),
    e.at, e.id
  FROM (
    (SELECT a.tenant_id, a.id, a.at, a.action, a.actor_kind, a.actor_id, a.actor_label, a.object_type, a.object_id, a.fields, a.code, a.count, a.route,
        a.trace_id, a.reason
      FROM tenantd.audit_events a
      WHERE (a.tenant_id = tenant OR (tenant IS NULL AND a.env = c.env)) AND a.at >= first_time AND a.at < end_time AND (a.at, a.id) < (after_time, end_id)
        AND tenantd.event_matches(a.action, a.actor_id, a.object_type, a.object_id, in_action, actor, object)
      ORDER BY a.at DESC, a.id DESC LIMIT most)
    UNION ALL
    (SELECT NULL, s.id, s.at, s.action, s.actor_kind, s.actor_id, s.actor_label, s.object_type, s.object_id, s.fields, s.code, s.count, s.route,
        s.trace_id, s.reason
      FROM tenantd.system_events s
      WHERE tenant IS NULL AND (s.env = c.env OR s.env IS NULL) AND s.at >= first_time AND s.at < end_time AND (s.at, s.id) < (after_time, end_id)
        AND tenantd.event_matches(s.action, s.actor_id, s.object_type, s.object_id, in_action, actor, object)
      ORDER BY s.at DESC, s.id DESC LIMIT most)
    ORDER BY 3 DESC, 2 DESC LIMIT most) e
  LEFT JOIN tenantd.tenants t ON t.id = e.tenant_id
  LEFT JOIN LATERAL tenantd.audit_names(e.tenant_id, e.actor_id, e.object_type, e.object_id) n ON true
  ORDER BY e.at DESC, e.id DESC;
END $$;

-- All users, oldest first, each with their memberships in the context's env.
CREATE OR REPLACE FUNCTION tenantd.admin_users(search text, is_admin boolean, most integer, after_time timestamptz, after_id uuid)
RETURNS TABLE (answer json, created_at timestamptz, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'system_admin');
  RETURN QUERY SELECT tenantd.user_shown(u, c.env), u.created_at, u.id FROM tenantd.users u
  WHERE tenantd.user_matches(u, search) AND (is_admin IS NULL OR u.system_admin = is_admin)
    AND (u.created_at, u.id) > (coalesce(after_time, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
  ORDER BY u.created_at, u.id LIMIT most;
END $$;

-- One user; no row when there is none.
CREATE OR REPLACE FUNCTION tenantd.admin_user_get(who uuid) RETURNS SETOF json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'system_admin');
  RETURN QUERY SELECT tenantd.user_shown(u, c.env) FROM tenantd.users u WHERE u.id = who;
END $$;

-- What goes on in the context's env: how many tenants have which status, and in the last days, how many users came on each, and how
-- often which refusal was given.
CREATE OR REPLACE FUNCTION tenantd.admin_activity(days integer) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'system_admin');
  RETURN json_build_object(
    'tenants', (SELECT json_object_agg(s, (SELECT count(*) FROM tenantd.tenants t WHERE t.env = c.env AND t.status = s) ORDER BY s)
      FROM unnest(enum_range(NULL::tenantd.tenant_status)) s),
    'signups', (SELECT coalesce(json_agg(row_to_json(x) ORDER BY x.day), '[]') FROM (
      SELECT (e.at AT TIME ZONE 'UTC')::date AS day, count(*) AS count FROM tenantd.system_events e
      WHERE e.env = c.env AND e.action = 'user.created' AND e.at >= tenantd.days_ago(days) GROUP BY 1) x),
    'refusals', (SELECT coalesce(json_agg(row_to_json(x) ORDER BY x.count DESC, x.code), '[]') FROM (
      SELECT e.code, sum(e.count) AS count FROM (
        SELECT a.code, a.count FROM tenantd.audit_events a WHERE a.env = c.env AND a.action = 'access.refused' AND a.at >= tenantd.days_ago(days)
        UNION ALL
        SELECT s.code, s.count FROM tenantd.system_events s WHERE s.env = c.env AND s.action = 'access.refused' AND s.at >= tenantd.days_ago(days)) e
      GROUP BY 1) x));
END $$;

-- Acts ---------------------------------------------------------------------------------------------------------------

-- Makes a tenant in onboarding, in the context's env: {name, slug, organization_name, owner_email, reason}. Its owner is
-- the user with this email, verified; when nobody has it, an account is made, if the worker says of which issuer (own_issuer).
-- Without a slug it gets one as bootstrap makes them.
CREATE OR REPLACE FUNCTION tenantd.admin_tenant_create(fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
  own uuid := gen_random_uuid();
  owner tenantd.users;
  t tenantd.tenants;
BEGIN
  PERFORM tenantd.demand_kind((SELECT c.kind FROM tenantd.context() c), 'system_admin');
  held := tenantd.admin_begin(fields ->> 'reason');
  owner := CASE WHEN fields ? 'own_issuer' THEN tenantd.user_with_email(fields ->> 'owner_email') ELSE tenantd.user_by_email(fields ->> 'owner_email') END;
  IF owner.id IS NULL THEN
    owner := tenantd.account_make(fields ->> 'own_issuer', fields ->> 'owner_email', (SELECT c.env FROM tenantd.context() c),
      jsonb_build_object('tenant_name', fields ->> 'name'));
  END IF;
  INSERT INTO tenantd.tenants (id, env, slug, name, organization_name)
  SELECT own, c.env, coalesce(fields ->> 'slug', 't-' || left(replace(own::text, '-', ''), 16)), fields ->> 'name', fields ->> 'organization_name'
  FROM tenantd.context() c ON CONFLICT DO NOTHING RETURNING * INTO t;
  IF t.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD409', 'another tenant in this env has the slug');
  END IF;
  PERFORM tenantd.admin_place(t, owner.id, 'owner');
  PERFORM tenantd.admin_end(held);
  RETURN tenantd.tenant_shown(t);
END $$;

-- Changes names: {name, slug, organization_name, reason}; what is not there stays.
CREATE OR REPLACE FUNCTION tenantd.admin_tenant_rename(tenant uuid, fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
  t tenantd.tenants;
BEGIN
  PERFORM tenantd.demand_kind((SELECT c.kind FROM tenantd.context() c), 'system_admin');
  held := tenantd.admin_begin(fields ->> 'reason');
  t := tenantd.admin_tenant(tenant);
  IF NOT fields ?| ARRAY['name', 'slug', 'organization_name'] THEN
    PERFORM tenantd.refuse_act('TD400', 'say at least one name that changes');
  END IF;
  BEGIN
    UPDATE tenantd.tenants SET name = coalesce(fields ->> 'name', name), slug = coalesce(fields ->> 'slug', slug),
      organization_name = coalesce(fields ->> 'organization_name', organization_name)
    WHERE id = t.id RETURNING * INTO t;
  EXCEPTION WHEN unique_violation THEN
    PERFORM tenantd.refuse_act('TD409', 'another tenant in this env has the slug');
  END;
  PERFORM tenantd.admin_end(held);
  RETURN tenantd.tenant_shown(t);
END $$;

-- Suspends, reactivates, closes or reopens: {reason, grace_days}.
CREATE OR REPLACE FUNCTION tenantd.admin_tenant_status(tenant uuid, wanted text, fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
  t tenantd.tenants;
BEGIN
  PERFORM tenantd.demand_kind((SELECT c.kind FROM tenantd.context() c), 'system_admin');
  held := tenantd.admin_begin(fields ->> 'reason');
  t := tenantd.tenant_become(tenantd.admin_tenant(tenant), wanted, (fields ->> 'grace_days')::integer);
  PERFORM tenantd.admin_end(held);
  RETURN tenantd.tenant_shown(t);
END $$;

-- Gives a user a role in a tenant: {role, status, reason}. They are an active member then, unless `status` says what becomes of a
-- membership that is there: suspended or removed.
CREATE OR REPLACE FUNCTION tenantd.admin_member_put(tenant uuid, who uuid, fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
  t tenantd.tenants;
  m tenantd.tenant_members;
BEGIN
  PERFORM tenantd.demand_kind((SELECT c.kind FROM tenantd.context() c), 'system_admin');
  held := tenantd.admin_begin(fields ->> 'reason');
  t := tenantd.admin_tenant(tenant);
  IF coalesce(fields ->> 'status', 'active') = 'active' THEN
    m := tenantd.admin_place(t, who, (fields ->> 'role')::tenantd.role);
  ELSE
    UPDATE tenantd.tenant_members SET role = (fields ->> 'role')::tenantd.role, status = (fields ->> 'status')::tenantd.member_status
    WHERE tenant_id = t.id AND user_id = who AND status NOT IN ('removed', 'rejected') RETURNING * INTO m;
    IF m.user_id IS NULL THEN
      PERFORM tenantd.refuse_act('TD409', 'the user is no member of this tenant');
    END IF;
  END IF;
  PERFORM tenantd.admin_end(held);
  RETURN tenantd.member_shown(m);
END $$;

-- Moves a member from one tenant to another: {user_id, from, to, role, reason}. Both tenants are locked in the order of
-- their ids, so that two moves in opposite directions wait for each other and do not deadlock.
CREATE OR REPLACE FUNCTION tenantd.admin_reassign(fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
  source uuid := fields ->> 'from';
  target uuid := fields ->> 'to';
  who uuid := fields ->> 'user_id';
BEGIN
  PERFORM tenantd.demand_kind((SELECT c.kind FROM tenantd.context() c), 'system_admin');
  held := tenantd.admin_begin(fields ->> 'reason');
  IF source = target THEN
    PERFORM tenantd.refuse_act('TD400', '"from" and "to" are the same tenant');
  END IF;
  PERFORM tenantd.admin_tenant(t) FROM (SELECT unnest(ARRAY[source, target]) AS t ORDER BY 1) ordered;
  UPDATE tenantd.tenant_members SET status = 'removed' WHERE tenant_id = source AND user_id = who AND status IN ('active', 'suspended');
  IF NOT FOUND THEN
    PERFORM tenantd.refuse_act('TD409', 'the user is no member of the tenant in "from"');
  END IF;
  PERFORM tenantd.admin_place(tenantd.admin_tenant(target), who, (fields ->> 'role')::tenantd.role);
  PERFORM tenantd.admin_end(held);
  RETURN json_build_object('user_id', who, 'from', source, 'to', target, 'role', fields ->> 'role');
END $$;

GRANT EXECUTE ON FUNCTION tenantd.admin_tenants(text, tenantd.tenant_status, integer, timestamptz, uuid), tenantd.admin_tenant_get(uuid),
  tenantd.admin_members(uuid, text, tenantd.role, tenantd.member_status, integer, timestamptz, uuid),
  tenantd.admin_audit(uuid, text, uuid, text, timestamptz, timestamptz, integer, timestamptz, uuid),
  tenantd.admin_users(text, boolean, integer, timestamptz, uuid), tenantd.admin_user_get(uuid), tenantd.admin_activity(integer), tenantd.admin_tenant_create(jsonb), tenantd.admin_tenant_rename(uuid, jsonb),
  tenantd.admin_tenant_status(uuid, text, jsonb), tenantd.admin_member_put(uuid, uuid, jsonb), tenantd.admin_reassign(jsonb) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.admin_tenants(text,tenantd.tenant_status,integer,timestamp with time zone,uuid)', 'a system administrator looks for tenants'),
  ('tenantd.admin_tenant_get(uuid)', 'a system administrator looks at a tenant'),
  ('tenantd.admin_members(uuid,text,tenantd.role,tenantd.member_status,integer,timestamp with time zone,uuid)', 'a system administrator looks at the members of a tenant'),
  ('tenantd.admin_audit(uuid,text,uuid,text,timestamp with time zone,timestamp with time zone,integer,timestamp with time zone,uuid)', 'a system administrator reads the audit log of a tenant, or of all'),
  ('tenantd.admin_users(text,boolean,integer,timestamp with time zone,uuid)', 'a system administrator looks for users'),
  ('tenantd.admin_user_get(uuid)', 'a system administrator looks at a user'),
  ('tenantd.admin_activity(integer)', 'a system administrator looks at numbers of the whole env'),
  ('tenantd.admin_tenant_create(jsonb)', 'a system administrator makes a tenant; audited in it with a reason'),
  ('tenantd.admin_tenant_rename(uuid,jsonb)', 'a system administrator renames a tenant; audited in it with a reason'),
  ('tenantd.admin_tenant_status(uuid,text,jsonb)', 'a system administrator suspends, reactivates, closes or reopens a tenant; audited in it with a reason'),
  ('tenantd.admin_member_put(uuid,uuid,jsonb)', 'a system administrator gives a user a role in a tenant; audited in it with a reason'),
  ('tenantd.admin_reassign(jsonb)', 'a system administrator moves a member between two tenants; audited in both with a reason')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
