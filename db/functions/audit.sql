-- Every change of a protected table writes its audit row in the same transaction. A trigger does it, so that no caller
-- can forget it. Nobody changes an audit row afterwards: the workers have no grant for it, and a trigger stops the
-- owner.

SET LOCAL ROLE tenantd_context;

-- The name of a change: object.verb. The tables of tenancy have verbs of their own; any other object is created,
-- updated or deleted. It has no search_path of its own, so that the planner can inline it into its caller, whose path
-- is pinned. Called as a function it would cost each audited row 100 microseconds.
CREATE OR REPLACE FUNCTION tenantd.audit_action(object text, op text, was jsonb, is_now jsonb, by_self boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT object || '.' || CASE
    WHEN object = 'member' AND op = 'INSERT' THEN
      CASE is_now ->> 'status' WHEN 'pending' THEN 'requested' ELSE 'joined' END
    WHEN object = 'member' AND op = 'UPDATE' AND was -> 'status' <> is_now -> 'status' THEN
      CASE is_now ->> 'status'
        WHEN 'active' THEN CASE WHEN by_self THEN 'joined' WHEN was ->> 'status' = 'pending' THEN 'approved'
                                WHEN was ->> 'status' = 'suspended' THEN 'reactivated' ELSE 'joined' END
        WHEN 'removed' THEN CASE WHEN NOT by_self THEN 'removed' WHEN was ->> 'status' = 'pending' THEN 'withdrawn' ELSE 'left' END
        WHEN 'pending' THEN 'requested'
        ELSE is_now ->> 'status' END
    WHEN object = 'member' AND op = 'UPDATE' AND was -> 'role' <> is_now -> 'role' THEN 'role_changed'
    WHEN object = 'session' AND op = 'UPDATE' THEN 'ended'
    WHEN object = 'api_key' AND op = 'UPDATE' THEN 'revoked'
    WHEN object = 'invitation' AND op = 'UPDATE' AND was -> 'status' <> is_now -> 'status' THEN is_now ->> 'status'
    WHEN object = 'invitation' AND op = 'UPDATE' AND was -> 'token_digest' <> is_now -> 'token_digest' THEN 'resent'
    WHEN object = 'tenant' AND op = 'UPDATE' AND was -> 'status' <> is_now -> 'status' THEN
      CASE WHEN was ->> 'status' = 'closed' THEN 'reopened' ELSE CASE is_now ->> 'status'
        WHEN 'active' THEN CASE was ->> 'status' WHEN 'onboarding' THEN 'onboarded' ELSE 'reactivated' END
        WHEN 'onboarding' THEN 'reactivated'
        ELSE is_now ->> 'status' END END
    WHEN object = 'user' AND op = 'UPDATE' AND was -> 'system_admin' <> is_now -> 'system_admin' THEN
      CASE is_now ->> 'system_admin' WHEN 'true' THEN 'system_admin_granted' ELSE 'system_admin_revoked' END
    WHEN object = 'domain' AND op = 'UPDATE' AND was -> 'verified_at' <> is_now -> 'verified_at' THEN
      CASE WHEN is_now ->> 'verified_at' IS NULL THEN 'lost' ELSE 'verified' END
    WHEN object = 'ownership_offer' AND op = 'UPDATE' AND was -> 'status' <> is_now -> 'status' THEN is_now ->> 'status'
    ELSE CASE op WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'updated' END
  END
$$;

-- CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON … FOR EACH ROW
--   EXECUTE FUNCTION tenantd.audit('object', 'id column', 'tenant column' or '' for the system's log)
CREATE OR REPLACE FUNCTION tenantd.audit() RETURNS trigger
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
    WHERE n.value IS DISTINCT FROM was -> n.key AND n.key NOT IN ('version', 'updated_at', 'updated_by', 'status_at', 'ended_at');
    IF changed = '{}' THEN RETURN NULL; END IF;
  END IF;
  SELECT * INTO c FROM tenantd.context();
  by_kind := CASE WHEN c.kind IS NULL THEN 'database' WHEN c.kind IN ('operator', 'archive') THEN 'operator' WHEN c.issuer = 'tenantd:api-key' THEN 'api_key'
    ELSE 'user' END;
  by_label := CASE WHEN c.kind IS NULL THEN session_user WHEN c.kind = 'administration' THEN 'system administrator' ELSE c.label END;
  IF TG_ARGV[2] = '' THEN
    INSERT INTO tenantd.system_events
      (env, action, actor_kind, actor_id, actor_label, object_type, object_id, fields, route, trace_id, reason)
    VALUES (c.env, tenantd.audit_action(TG_ARGV[0], TG_OP, was, is_now, false), by_kind, c.user_id, by_label,
      TG_ARGV[0], held ->> TG_ARGV[1], changed, c.route, c.trace_id, c.reason);
  ELSE
    INSERT INTO tenantd.audit_events
      (tenant_id, env, action, actor_kind, actor_id, actor_label, object_type, object_id, fields, route, trace_id, reason, role, status)
    VALUES ((held ->> TG_ARGV[2])::uuid, (held ->> 'env')::tenantd.env,
      tenantd.audit_action(TG_ARGV[0], TG_OP, was, is_now, held ->> TG_ARGV[1] IS NOT DISTINCT FROM c.user_id::text), by_kind,
      c.user_id, by_label, TG_ARGV[0], held ->> TG_ARGV[1], changed, c.route, c.trace_id, c.reason,
      CASE WHEN TG_ARGV[0] = 'member' THEN (is_now ->> 'role')::tenantd.role END,
      CASE WHEN TG_ARGV[0] IN ('member', 'tenant') THEN coalesce(is_now ->> 'status', 'deleted') END);
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit() TO tenantd_owner;

-- Names for the ids of an event, as far as whoever asks may see them: who did it, and to what. An id of an application's own
-- object has none.
CREATE OR REPLACE FUNCTION tenantd.audit_names(tenant uuid, actor uuid, object_type text, object_id text, OUT actor_name text, OUT object_name text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  object uuid := CASE WHEN object_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN object_id::uuid END;
BEGIN
  actor_name := (SELECT coalesce(u.name, u.email) FROM tenantd.users u WHERE u.id = actor);
  object_name := CASE
    WHEN object_type IN ('member', 'user') THEN (SELECT coalesce(u.name, u.email) FROM tenantd.users u WHERE u.id = object)
    WHEN object_type = 'invitation' THEN (SELECT i.email FROM tenantd.invitations i WHERE i.tenant_id = tenant AND i.id = object)
    WHEN object_type = 'domain' THEN (SELECT d.name FROM tenantd.domains d WHERE d.tenant_id = tenant AND d.id = object)
    WHEN object_type = 'api_key' THEN (SELECT k.name FROM tenantd.api_keys k WHERE k.tenant_id = tenant AND k.id = object)
    WHEN object_type = 'tenant' THEN (SELECT t.name FROM tenantd.tenants t WHERE t.id = tenant) END;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit_names(uuid, uuid, text, text) TO tenantd_app;

-- The begin, in UTC, of the day that `days` days ending with today begin with; 30 when nothing is said.
CREATE OR REPLACE FUNCTION tenantd.days_ago(days integer) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => coalesce(days, 30) - 1)) AT TIME ZONE 'UTC'
$$;
GRANT EXECUTE ON FUNCTION tenantd.days_ago(integer) TO tenantd_app;

-- Who had which role and status in a tenant at a time, and the status of the tenant then: the last audit row of each member,
-- and of the tenant, up to that time. Nothing else is read, so that it can be told of any time, and whatever became of the
-- rows themselves. Those who were not members then are left out. It runs as its caller: the workers' policies hold.
CREATE OR REPLACE FUNCTION tenantd.access_at(in_tenant uuid, in_env tenantd.env, at timestamptz)
RETURNS TABLE (user_id uuid, role tenantd.role, status text, since timestamptz, tenant_status text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT m.object_id::uuid, m.role, m.status, m.at, t.status
  FROM (SELECT DISTINCT ON (e.object_id) e.object_id, e.role, e.status, e.at FROM tenantd.audit_events e
    WHERE e.tenant_id = in_tenant AND e.env = in_env AND e.object_type = 'member' AND e.status IS NOT NULL AND e.at <= access_at.at
    ORDER BY e.object_id, e.at DESC) m
  LEFT JOIN LATERAL (SELECT e.status FROM tenantd.audit_events e
    WHERE e.tenant_id = in_tenant AND e.env = in_env AND e.object_type = 'tenant' AND e.status IS NOT NULL AND e.at <= access_at.at
    ORDER BY e.at DESC LIMIT 1) t ON true
  WHERE m.status NOT IN ('removed', 'rejected', 'deleted')
  ORDER BY m.at, m.object_id
$$;
GRANT EXECUTE ON FUNCTION tenantd.access_at(uuid, tenantd.env, timestamptz) TO tenantd_app;

-- Writes what remains of a refused request, in a transaction of its own since the refused one was rolled back: the
-- audit row of a guard's refusal, and what the request counts towards its limits. `refusal` is the error's code; it is
-- empty when only the limits are counted. The row is in the tenant that was named when the caller is a member there,
-- else in the system's log. Refusals of one caller by one route with one code within a minute are one row with a
-- count, so that somebody who tries very often cannot fill the log. It demands the same proof as entering.
CREATE OR REPLACE FUNCTION tenantd.refuse(key_id text, issued_at bigint, least_role text, tenant_guard text, env tenantd.env, tenant_id uuid,
  is_claimed boolean, slug text, trace_id text, route text, issuer text, subject text, email text, email_verified boolean, name text,
  statement_ms integer, limits text, session uuid, proof bytea, refusal text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  actor uuid := (SELECT u.id FROM tenantd.users u WHERE u.issuer = refuse.issuer AND u.subject = refuse.subject);
  tenant uuid;
BEGIN
  PERFORM tenantd.demand_proof(tenantd.claim_message('refuse', key_id, issued_at, least_role, tenant_guard, env, tenant_id, is_claimed, slug,
    trace_id, route, issuer, subject, email, email_verified, name, statement_ms, limits, session), key_id, issued_at, proof);
  IF limits <> '' THEN
    PERFORM tenantd.take_limits(limits, false);
  END IF;
  IF refusal = '' THEN
    RETURN;
  END IF;
  -- What an API key is refused stands in its own tenant; of keys that nobody has there is one row a minute.
  IF issuer = 'tenantd:api-key' THEN
    INSERT INTO tenantd.audit_events AS e (tenant_id, env, action, actor_kind, actor_id, actor_label, object_type, object_id, code, route, trace_id)
    SELECT a.tenant_id, a.env, 'access.refused', 'api_key', a.id, a.name, 'route', route, refusal, route, trace_id
    FROM tenantd.api_keys a WHERE a.tenant_id = refuse.tenant_id AND a.env = refuse.env AND a.digest = decode(refuse.subject, 'hex')
    ON CONFLICT (tenant_id, actor_id, code, route, date_trunc('minute', at AT TIME ZONE 'UTC')) WHERE action = 'access.refused'
    DO UPDATE SET count = e.count + 1;
    IF FOUND THEN
      RETURN;
    END IF;
    subject := 'unknown';
  END IF;
  SELECT m.tenant_id INTO tenant
  FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id AND t.env = m.env
  WHERE m.user_id = actor AND m.env = refuse.env AND m.status NOT IN ('removed', 'rejected')
    AND CASE WHEN refuse.tenant_id IS NOT NULL THEN t.id = refuse.tenant_id ELSE t.slug = refuse.slug END;
  IF tenant IS NOT NULL THEN
    INSERT INTO tenantd.audit_events AS e
      (tenant_id, env, action, actor_kind, actor_id, object_type, object_id, code, route, trace_id)
    VALUES (tenant, env, 'access.refused', 'user', actor, 'route', route, refusal, route, trace_id)
    ON CONFLICT (tenant_id, actor_id, code, route, date_trunc('minute', at AT TIME ZONE 'UTC')) WHERE action = 'access.refused'
    DO UPDATE SET count = e.count + 1;
  ELSE
    INSERT INTO tenantd.system_events AS e
      (env, action, actor_kind, actor_id, actor_label, object_type, object_id, code, route, trace_id)
    VALUES (env, 'access.refused', 'user', actor, issuer || ' ' || subject, 'tenant', refuse.tenant_id, refusal, route, trace_id)
    ON CONFLICT (actor_label, env, code, route, date_trunc('minute', at AT TIME ZONE 'UTC')) WHERE action = 'access.refused'
    DO UPDATE SET count = e.count + 1;
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.refuse(text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text,
  integer, text, uuid, bytea, text) TO tenantd_app;

-- Rows of the log never change. The only exception: tenantd.refuse increases the count of a refusal within its minute; half an hour
-- later this is over, and a checkpoint may cover the row (chain.sql). Which rows may be removed is for audit_is_released to say.
-- The trigger for each statement refuses even when no row is found; the trigger for each row checks what changes.
CREATE OR REPLACE FUNCTION tenantd.audit_is_forever() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  counted record;
BEGIN
  IF TG_OP IN ('UPDATE', 'DELETE') AND TG_LEVEL = 'STATEMENT' AND current_user = 'tenantd_context' THEN
    RETURN NULL;
  ELSIF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' THEN
    counted := OLD;
    counted.count := OLD.count + 1;
    IF OLD.action = 'access.refused' AND OLD.at > clock_timestamp() - interval '30 minutes' AND NEW IS NOT DISTINCT FROM counted THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit_is_forever() TO tenantd_owner;

-- The audit of a registered table ------------------------------------------------------------------------------------

-- The name of the function that audits a table.
CREATE OR REPLACE FUNCTION tenantd.audit_name(relation regclass) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'audit ' || CASE WHEN octet_length(v.name) <= 57 THEN v.name ELSE md5(v.name) END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL (SELECT n.nspname || '.' || c.relname) v (name)
  WHERE c.oid = relation
$$;

-- The source of that function. It runs as tenantd_context. So it compares values of an application's types by their
-- bytes (*<>), which calls no code of the application. A value that changed only in its bytes (1.5 to 1.500, another
-- spelling of a json) is therefore named, too. Only the key is made a text.
CREATE OR REPLACE FUNCTION tenantd.audit_source(relation regclass, object text, key_column text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format($source$
DECLARE
  c pg_catalog.record;
  verb pg_catalog.text := 'created';
  changed pg_catalog.text[] := '{}';
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN
    verb := 'updated';
    changed := pg_catalog.array_remove(ARRAY[%s]::pg_catalog.text[], NULL);
  ELSIF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    verb := 'deleted';
    NEW := OLD;
  END IF;
  SELECT * INTO c FROM tenantd.context();
  INSERT INTO tenantd.audit_events
    (tenant_id, env, action, actor_kind, actor_id, actor_label, object_type, object_id, fields, route, trace_id)
  VALUES (NEW.tenant_id, NEW.env, %L OPERATOR(pg_catalog.||) verb,
    CASE WHEN c.kind IS NULL THEN 'database' WHEN c.kind OPERATOR(pg_catalog.=) 'operator' THEN 'operator'
      WHEN c.issuer OPERATOR(pg_catalog.=) 'tenantd:api-key' THEN 'api_key' ELSE 'user' END, c.user_id,
    CASE WHEN c.kind IS NULL THEN SESSION_USER ELSE c.label END, %L, NEW.%I::pg_catalog.text, changed, c.route, c.trace_id);
  RETURN NULL;
END $source$,
    (SELECT string_agg(format('CASE WHEN ROW(OLD.%1$I)::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(NEW.%1$I)::pg_catalog.record THEN %1$L END',
       a.attname), E',\n      ' ORDER BY a.attname)
     FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attname NOT IN ('version', 'updated_at', 'updated_by')),
    object || '.', object, key_column)
$$;

-- Makes that function. The owner of the tables may not make any other function that runs as tenantd_context.
CREATE OR REPLACE FUNCTION tenantd.audit_make(relation regclass, object text, key_column text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION tenantd.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS %L', tenantd.audit_name(relation), tenantd.audit_source(relation, object, key_column));
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantd.%I() TO tenantd_owner', tenantd.audit_name(relation));
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit_name(regclass), tenantd.audit_source(regclass, text, text) TO tenantd_owner, tenantd_app;
GRANT EXECUTE ON FUNCTION tenantd.audit_make(regclass, text, text) TO tenantd_owner;

SET LOCAL ROLE tenantd_owner;

-- Makes those functions anew whose source would now be different, because audit_source or the table's columns changed.
CREATE OR REPLACE FUNCTION tenantd.audit_renew() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.audit_make(c.oid, r.name, r.key_column)
  FROM tenantd.resources r JOIN pg_class c ON c.oid = tenantd.relation_named(r.schema_name, r.table_name) AND c.relkind = 'r'
  JOIN pg_proc p ON p.pronamespace = 'tenantd'::regnamespace AND p.proname = tenantd.audit_name(c.oid)
  WHERE p.prosrc <> tenantd.audit_source(c.oid, r.name, r.key_column);
END $$;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.refuse(text,bigint,text,text,tenantd.env,uuid,boolean,text,text,text,text,text,text,boolean,text,integer,text,uuid,bytea,text)',
   'writes what is left of a refused request; demands the proof of a worker')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
