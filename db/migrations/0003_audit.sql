-- Every change of a protected table leaves its audit row in the same transaction, made sure by a trigger
-- and not by the caller's memory. Nobody changes a row once it is written, neither the workers (no grant)
-- nor the owner (a trigger).

GRANT SELECT, INSERT ON tenantd.audit_events, tenantd.system_events TO tenantd_context;

SET LOCAL ROLE tenantd_context;

-- object.verb for a change. The tables of tenancy have verbs of their own; any other object is created,
-- updated or deleted. Without a search_path of its own the planner writes it into its caller, whose path is
-- pinned: called as a function it would cost each audited row 100 microseconds.
CREATE FUNCTION tenantd.audit_action(object text, op text, was jsonb, is_now jsonb, by_self boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT object || '.' || CASE
    WHEN object = 'member' AND op = 'INSERT' THEN
      CASE is_now ->> 'status' WHEN 'pending' THEN 'requested' ELSE 'joined' END
    WHEN object = 'member' AND op = 'UPDATE' AND was -> 'status' <> is_now -> 'status' THEN
      CASE is_now ->> 'status'
        WHEN 'active' THEN CASE was ->> 'status' WHEN 'pending' THEN 'approved'
                                                 WHEN 'suspended' THEN 'reactivated' ELSE 'joined' END
        WHEN 'removed' THEN CASE WHEN by_self THEN 'left' ELSE 'removed' END
        WHEN 'pending' THEN 'requested'
        ELSE is_now ->> 'status' END
    WHEN object = 'member' AND op = 'UPDATE' AND was -> 'role' <> is_now -> 'role' THEN 'role_changed'
    WHEN object = 'tenant' AND op = 'UPDATE' AND was -> 'status' <> is_now -> 'status' THEN
      CASE is_now ->> 'status'
        WHEN 'active' THEN CASE was ->> 'status' WHEN 'onboarding' THEN 'onboarded'
                                                 WHEN 'closed' THEN 'reopened' ELSE 'reactivated' END
        WHEN 'onboarding' THEN 'reactivated'
        ELSE is_now ->> 'status' END
    ELSE CASE op WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'updated' END
  END
$$;

-- CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON … FOR EACH ROW
--   EXECUTE FUNCTION tenantd.audit('object', 'id column', 'tenant column' or '' for the system's log)
CREATE FUNCTION tenantd.audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  was jsonb;
  is_now jsonb;
  held jsonb;
  changed text[] := '{}';
  by_kind text;
  by_label text;
BEGIN
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW); END IF;
  held := coalesce(is_now, was);
  IF TG_OP = 'UPDATE' THEN
    SELECT coalesce(array_agg(n.key ORDER BY n.key), '{}') INTO changed FROM jsonb_each(is_now) n
    WHERE n.value IS DISTINCT FROM was -> n.key AND n.key NOT IN ('version', 'updated_at', 'updated_by');
    IF changed = '{}' THEN RETURN NULL; END IF;
  END IF;
  SELECT * INTO c FROM tenantd.context();
  by_kind := CASE WHEN c.kind IS NULL THEN 'database' WHEN c.kind = 'operator' THEN 'operator' ELSE 'user' END;
  by_label := CASE WHEN c.kind IS NULL THEN session_user ELSE nullif(c.fields[8], '') END;
  IF TG_ARGV[2] = '' THEN
    INSERT INTO tenantd.system_events
      (env, action, actor_kind, actor_id, actor_label, object_type, object_id, fields, route, trace_id)
    VALUES (c.env, tenantd.audit_action(TG_ARGV[0], TG_OP, was, is_now, false), by_kind, c.user_id, by_label,
      TG_ARGV[0], held ->> TG_ARGV[1], changed, c.fields[7], c.fields[6]);
  ELSE
    INSERT INTO tenantd.audit_events
      (tenant_id, env, action, actor_kind, actor_id, actor_label, object_type, object_id, fields, route, trace_id)
    VALUES ((held ->> TG_ARGV[2])::uuid, (held ->> 'env')::tenantd.env,
      tenantd.audit_action(TG_ARGV[0], TG_OP, was, is_now, held ->> TG_ARGV[1] = c.user_id::text), by_kind,
      c.user_id, by_label, TG_ARGV[0], held ->> TG_ARGV[1], changed, c.fields[7], c.fields[6]);
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit() TO tenantd_owner;

-- A guard's refusal of a known caller, in a transaction of its own: the one it refused is gone. In the
-- tenant that was named when the caller is a member there, else in the system's log. Demands the same proof
-- as entering.
CREATE FUNCTION tenantd.refuse(claim text, mac bytea, refusal text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f text[] := tenantd.proven(claim, mac, 'refuse');
  in_env tenantd.env := nullif(f[7], '');
  actor uuid;
  tenant uuid;
BEGIN
  SELECT id INTO actor FROM tenantd.users WHERE issuer = f[13] AND subject = f[14];
  SELECT m.tenant_id INTO tenant
  FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id AND t.env = m.env
  WHERE m.user_id = actor AND m.env = in_env AND m.status NOT IN ('removed', 'rejected')
    AND CASE WHEN f[8] <> '' THEN t.id = f[8]::uuid ELSE t.slug = f[10] END;
  IF tenant IS NOT NULL THEN
    INSERT INTO tenantd.audit_events
      (tenant_id, env, action, actor_kind, actor_id, object_type, object_id, code, route, trace_id)
    VALUES (tenant, in_env, 'access.refused', 'user', actor, 'route', f[12], refusal, f[12], f[11]);
  ELSE
    INSERT INTO tenantd.system_events
      (env, action, actor_kind, actor_id, actor_label, object_type, object_id, code, route, trace_id)
    VALUES (in_env, 'access.refused', 'user', actor, f[13] || ' ' || f[14], 'tenant', nullif(f[8], ''), refusal,
      f[12], f[11]);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.refuse(text, bytea, text) TO tenantd_app;

CREATE FUNCTION tenantd.audit_is_forever() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit_is_forever() TO tenantd_owner;

SET LOCAL ROLE tenantd_owner;

CREATE TRIGGER forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tenantd.audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.audit_is_forever();
CREATE TRIGGER forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tenantd.system_events
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.audit_is_forever();

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.users
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('user', 'id', '');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.tenants
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('tenant', 'id', 'id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.tenant_members
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('member', 'user_id', 'tenant_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.onboarding_progress
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('onboarding_step', 'step', 'tenant_id');
