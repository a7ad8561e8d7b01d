-- The isolation gate: what a worker asks, as the very role and on the very connection that will serve, before
-- it serves. BEGIN; tenantd.canary(…); SELECT * FROM tenantd.isolation_check(); ROLLBACK.
--
-- It looks at the catalog (is every wall as it was built?) and then tries the wall: under the context of a
-- tenant made for this, next to another one made for this, on every table that the workers may touch.

GRANT INSERT ON tenantd.onboarding_progress TO tenantd_context;

SET LOCAL ROLE tenantd_context;

-- Makes two tenants with an owner each, and enters the first. The caller rolls back.
CREATE FUNCTION tenantd.canary(claim text, mac bytea, OUT tenant_id uuid, OUT env tenantd.env, OUT user_id uuid,
  OUT other_tenant_id uuid, OUT other_user_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f text[] := tenantd.proven(claim, mac, 'canary');
BEGIN
  env := f[7];
  tenant_id := gen_random_uuid();
  user_id := gen_random_uuid();
  other_tenant_id := gen_random_uuid();
  other_user_id := gen_random_uuid();
  PERFORM tenantd.seal(f[1], concat_ws(E'\n', tenant_id, env, user_id, 'owner', 'canary', f[11], f[12], 'isolation gate'));
  INSERT INTO tenantd.users (id, issuer, subject)
  VALUES (user_id, 'canary', user_id), (other_user_id, 'canary', other_user_id);
  INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status)
  SELECT t, canary.env, 'canary-' || t, 'canary', 'canary', 'active' FROM unnest(ARRAY[tenant_id, other_tenant_id]) t;
  INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)
  VALUES (tenant_id, env, user_id, 'owner', 'active'), (other_tenant_id, env, other_user_id, 'owner', 'active');
  INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)
  VALUES (tenant_id, env, 'canary', user_id), (other_tenant_id, env, 'canary', other_user_id);
END $$;
GRANT EXECUTE ON FUNCTION tenantd.canary(text, bytea) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

-- What the workers' role is and may do apart from tables. A row per finding. The session's search_path comes as an
-- argument: in a function that has its own, current_setting would answer that.
CREATE FUNCTION tenantd.role_findings(session_path text) RETURNS TABLE (object text, finding text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'role ' || current_user, v.finding
  FROM pg_roles r, LATERAL (VALUES
    (r.rolsuper, 'is a superuser'),
    (r.rolbypassrls, 'has BYPASSRLS'),
    (r.rolcreaterole, 'has CREATEROLE'),
    (r.rolcreatedb, 'has CREATEDB'),
    (r.rolreplication, 'has REPLICATION'),
    (session_user <> current_user, 'is not the role that logged in'),
    (has_database_privilege(current_database(), 'CREATE'), 'may CREATE in the database'),
    (has_database_privilege(current_database(), 'TEMPORARY'), 'may make temporary tables'),
    (current_setting('row_security') <> 'on', 'has row_security off'),
    (session_path IS DISTINCT FROM 'pg_catalog, pg_temp', 'has another search_path than pg_catalog, pg_temp'),
    (current_setting('track_activities') <> 'off', 'has track_activities on'),
    (current_setting('session_replication_role') <> 'origin', 'fires no triggers: session_replication_role'),
    (current_setting('client_encoding') <> 'UTF8' OR current_setting('server_encoding') <> 'UTF8', 'does not speak UTF8')
  ) v (holds, finding)
  WHERE r.rolname = current_user AND v.holds
  UNION ALL
  SELECT 'role ' || current_user, 'is a member of ' || m.roleid::regrole
  FROM pg_auth_members m WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  UNION ALL
  -- Those who own the tables and the functions see no more than their policies show.
  SELECT 'role ' || rolname, v.finding
  FROM pg_roles, LATERAL (VALUES (rolsuper, 'is a superuser'), (rolbypassrls, 'has BYPASSRLS')) v (holds, finding)
  WHERE rolname IN ('tenantd_owner', 'tenantd_context') AND v.holds
  UNION ALL
  SELECT 'schema ' || nspname, 'the workers may CREATE in it'
  FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')
  UNION ALL
  SELECT 'role ' || current_user, 'owns ' || classid::regclass || ' ' || objid
  FROM pg_shdepend
  WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND dbid IN (0, (SELECT oid FROM pg_database
    WHERE datname = current_database()))
    AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
$$;

-- The schema's own functions and tables, each as a digest: without the check in sealed(), the guard's in
-- member_guard() or the row of audit(), every registered table still looks as it was built.
CREATE TABLE tenantd.expected_objects (
  object text PRIMARY KEY,
  made text NOT NULL
);
COMMENT ON TABLE tenantd.expected_objects IS 'What the isolation gate expects of each function and table of the schema tenantd';
GRANT SELECT ON tenantd.expected_objects TO tenantd_app;
INSERT INTO tenantd.open_relations VALUES ('tenantd.expected_objects', 'what the isolation gate expects');

CREATE FUNCTION tenantd.objects_as_they_stand() RETURNS TABLE (object text, made text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT o.object, encode(sha256(convert_to(o.made, 'UTF8')), 'hex') FROM (
    SELECT 'function ' || p.oid::regprocedure AS object, concat_ws(E'\n', p.proowner::regrole, l.lanname, p.prosecdef,
      p.proleakproof, p.provolatile, p.proisstrict, p.proconfig, p.prosrc, pg_get_function_sqlbody(p.oid)) AS made
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'tenantd'::regnamespace
    UNION ALL
    SELECT 'table ' || c.oid::regclass, concat_ws(E'\n', c.relrowsecurity, c.relforcerowsecurity,
      tenantd.policies_of(c.oid), tenantd.parts_of(c.oid))
    FROM pg_class c WHERE c.relnamespace = 'tenantd'::regnamespace AND c.relkind IN ('r', 'p')
  ) o
$$;

-- Records them, for the gate. A migration that makes or changes one calls this at its end.
CREATE FUNCTION tenantd.expect_objects() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM tenantd.expected_objects;
  INSERT INTO tenantd.expected_objects SELECT * FROM tenantd.objects_as_they_stand()
$$;

-- What PostgreSQL or roles.sql keeps from PUBLIC and the workers may call or read all the same: the server's files,
-- its other sessions, its large objects, its statistics.
CREATE FUNCTION tenantd.server_findings() RETURNS TABLE (object text, finding text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH kept AS (
    SELECT i.classoid, i.objoid, array_agg(a.privilege_type) FILTER (WHERE a.grantee = 0) AS free
    FROM pg_init_privs i, aclexplode(i.initprivs) a WHERE i.objsubid = 0 GROUP BY 1, 2
  )
  SELECT 'function ' || p.oid::regprocedure, 'open to the workers'
  FROM pg_proc p LEFT JOIN kept k ON k.classoid = 'pg_proc'::regclass AND k.objoid = p.oid
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
    AND (k.objoid IS NOT NULL AND k.free IS NULL
      OR p.proname IN ('pg_terminate_backend', 'pg_cancel_backend', 'pg_prepared_statement', 'lo_creat', 'lo_create',
        'lo_from_bytea', 'lo_open', 'loread', 'lowrite', 'lo_get', 'lo_put', 'lo_unlink')
      OR p.proname LIKE 'pg\_stat\_get\_%' AND p.proargtypes = '26'::oidvector)
  UNION ALL
  SELECT 'table ' || c.oid::regclass, 'the workers may ' || g
  FROM pg_class c LEFT JOIN kept k ON k.classoid = 'pg_class'::regclass AND k.objoid = c.oid,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) g
  WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v') AND c.oid < 16384
    AND has_table_privilege(c.oid, g) AND g <> ALL (coalesce(k.free, '{}'))
$$;

-- What the catalog says of tables and functions that the workers can reach.
CREATE FUNCTION tenantd.catalog_findings() RETURNS TABLE (object text, finding text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH reachable AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
      tenantd.privileges_of(c.oid) AS privileges,
      EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
              AND NOT a.attisdropped) AS has_tenant
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (c.oid >= 16384 OR n.nspname NOT IN ('pg_catalog', 'information_schema')) -- what came after initdb
      AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
  )
  -- Every expected table, as it was built.
  SELECT 'table ' || e.schema_name || '.' || e.table_name, v.finding
  FROM tenantd.isolated_tables e
  LEFT JOIN reachable r ON r.nspname = e.schema_name AND r.relname = e.table_name
  LEFT JOIN LATERAL (SELECT tenantd.policies_of(r.oid) AS policies, tenantd.parts_of(r.oid) AS parts) p ON true,
  LATERAL (
    SELECT 'does not exist' WHERE r.oid IS NULL
    UNION ALL SELECT 'row-level security is not enabled' WHERE NOT r.relrowsecurity
    UNION ALL SELECT 'row-level security is not forced' WHERE NOT r.relforcerowsecurity
    UNION ALL SELECT 'policy ' || k || ' is missing' FROM jsonb_object_keys(e.policies) k
      WHERE r.oid IS NOT NULL AND NOT p.policies ? k
    UNION ALL SELECT 'policy ' || k || ' is not expected' FROM jsonb_object_keys(p.policies) k WHERE NOT e.policies ? k
    UNION ALL SELECT 'policy ' || k || ' is not what it was' FROM jsonb_object_keys(p.policies) k
      WHERE e.policies -> k <> p.policies -> k
    UNION ALL SELECT k || CASE WHEN p.parts ? k THEN ' is not what it was' ELSE ' is missing' END
      FROM jsonb_object_keys(e.parts) k WHERE r.oid IS NOT NULL AND p.parts -> k IS DISTINCT FROM e.parts -> k
    -- One more constraint opens nothing.
    UNION ALL SELECT k || ' is not expected' FROM jsonb_object_keys(p.parts) k
      WHERE NOT e.parts ? k AND k NOT LIKE 'constraint %'
    UNION ALL SELECT 'the workers are granted ' || g FROM unnest(r.privileges) g WHERE g <> ALL (e.privileges)
    UNION ALL SELECT 'the workers lack ' || g FROM unnest(e.privileges) g
      WHERE r.oid IS NOT NULL AND g <> ALL (r.privileges)
  ) v (finding)
  UNION ALL
  -- Whatever else can be read or holds tenants.
  SELECT CASE r.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table '
      ELSE 'table ' END || r.nspname || '.' || r.relname,
    CASE WHEN r.privileges <> '{}' THEN 'the workers may ' || array_to_string(r.privileges, ', ') || ', and it is not registered'
         ELSE 'has a tenant_id and no forced row-level security' END
  FROM reachable r
  WHERE NOT EXISTS (SELECT 1 FROM tenantd.isolated_tables e WHERE e.schema_name = r.nspname AND e.table_name = r.relname)
    AND NOT EXISTS (SELECT 1 FROM tenantd.open_relations o WHERE o.name = r.nspname || '.' || r.relname)
    AND (r.privileges <> '{}'
      OR (r.has_tenant AND r.relkind IN ('r', 'p') AND NOT (r.relrowsecurity AND r.relforcerowsecurity)))
  UNION ALL
  SELECT 'table ' || o.name, 'the workers may ' || g
  FROM tenantd.open_relations o, unnest(tenantd.privileges_of(o.name::regclass)) g
  WHERE g <> 'SELECT'
  UNION ALL
  -- A view reads as its owner, a materialized one has read already: listed or not.
  SELECT CASE r.relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || r.nspname || '.' || r.relname,
    'shows the workers what its owner sees: ' || CASE r.relkind WHEN 'v' THEN 'make it WITH (security_invoker = true)'
      ELSE 'revoke it' END
  FROM reachable r
  WHERE r.privileges <> '{}' AND (r.relkind = 'm' OR (r.relkind = 'v'
    AND NOT EXISTS (SELECT 1 FROM pg_options_to_table(r.reloptions) o
                    WHERE o.option_name = 'security_invoker' AND o.option_value::boolean)))
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, 'SECURITY DEFINER, open to the workers, and not listed'
  FROM pg_proc p -- in any schema: an operator reaches it without a right to its schema
  WHERE p.prosecdef AND has_function_privilege(p.oid, 'EXECUTE')
    AND p.oid::regprocedure::text NOT IN (SELECT signature FROM tenantd.open_functions)
  UNION ALL
  SELECT e.object, CASE WHEN s.object IS NULL THEN 'is missing' ELSE 'is not what it was' END
  FROM tenantd.expected_objects e LEFT JOIN tenantd.objects_as_they_stand() s ON s.object = e.object
  WHERE s.made IS DISTINCT FROM e.made
  UNION ALL
  SELECT * FROM tenantd.server_findings()
  UNION ALL
  SELECT 'sequence ' || c.oid::regclass, 'the workers may use it: its values tell of other tenants'
  FROM pg_class c
  WHERE CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') END
$$;

-- Tries one table: sees, changes, deletes or inserts what is not the context's. Each attempt must fail or find
-- nothing. A row per attempt; finding is null when the wall held. Takes a name and not the record, whose texts it
-- executes: the workers may call this.
CREATE FUNCTION tenantd.try_table(in_schema text, in_table text, tenant uuid, in_env tenantd.env, self uuid,
  other_tenant uuid, other_user uuid) RETURNS TABLE (attempt text, finding text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e tenantd.isolated_tables := (SELECT t FROM tenantd.isolated_tables t
    WHERE t.schema_name = in_schema AND t.table_name = in_table);
  name text := format('%I.%I', e.schema_name, e.table_name);
  one_foreign text := format('ctid = (SELECT ctid FROM %s WHERE %s LIMIT 1)', name, e.is_foreign);
  col text := (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = name::regclass AND attnum > 0
    AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'UPDATE') ORDER BY attnum LIMIT 1);
  held text := current_setting('tenantd.context', true);
  hit boolean;
  n bigint;
BEGIN
  attempt := 'see a row of another tenant';
  finding := NULL;
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE %s)', name, e.is_foreign) INTO hit USING tenant, in_env, self;
  IF hit THEN finding := 'saw one'; END IF;
  RETURN NEXT;

  attempt := 'see a row without a context';
  finding := NULL;
  PERFORM set_config('tenantd.context', '', true);
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', name) INTO hit;
  IF hit THEN finding := 'saw one'; END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT;

  attempt := 'see a row under a forged context';
  finding := NULL;
  PERFORM set_config('tenantd.context', repeat('0', 64) || substr(held, 65), true);
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', name) INTO hit;
  IF hit THEN finding := 'saw one'; END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT;

  attempt := 'change a row of another tenant';
  finding := NULL;
  BEGIN
    IF col IS NOT NULL THEN
      EXECUTE format('UPDATE %s SET %s = %s WHERE %s', name, col, col, one_foreign) USING tenant, in_env, self;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF n > 0 THEN finding := 'changed one'; END IF;
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  RETURN NEXT;

  attempt := 'delete a row of another tenant';
  finding := NULL;
  BEGIN
    EXECUTE format('DELETE FROM %s WHERE %s', name, one_foreign) USING tenant, in_env, self;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN finding := 'deleted one'; END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  RETURN NEXT;

  -- Row-level security refuses before NOT NULL, CHECK and keys are looked at: any other error, and any
  -- success, means that it did not. Triggers, domains and generated columns of the application's come before it:
  -- where there are some, their refusal is one.
  attempt := 'insert a row of another tenant';
  finding := NULL;
  BEGIN
    EXECUTE format('INSERT INTO %s %s', name, e.foreign_row) USING other_tenant, in_env, other_user;
    finding := 'inserted one';
  EXCEPTION
    WHEN insufficient_privilege THEN NULL;
    WHEN OTHERS THEN
      IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = name::regclass AND tgtype & 7 = 7 AND tgname <> 'tenantd_stamp')
         AND NOT EXISTS (SELECT 1 FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                         WHERE a.attrelid = name::regclass AND (a.attgenerated <> '' OR y.typtype = 'd')) THEN
        finding := 'was refused by something else than row-level security: ' || SQLSTATE;
      END IF;
  END;
  RETURN NEXT;
END $$;

-- All of it. A row per check; `finding` is null where the check passed. Run in the transaction of a canary. (A
-- default is evaluated by the caller, in the session's own settings.)
CREATE FUNCTION tenantd.isolation_check(tenant uuid, in_env tenantd.env, self uuid, other_tenant uuid, other_user uuid,
  session_path text DEFAULT current_setting('search_path'))
RETURNS TABLE (object text, attempt text, finding text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e tenantd.isolated_tables;
BEGIN
  RETURN QUERY SELECT f.object, 'role attributes and grants'::text, f.finding FROM tenantd.role_findings(session_path) f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'role ' || current_user, 'role attributes and grants'::text, NULL::text;
  END IF;
  RETURN QUERY SELECT f.object, 'catalog'::text, f.finding FROM tenantd.catalog_findings() f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'catalog'::text, 'catalog'::text, NULL::text;
  END IF;
  -- Of the next migration; found when it is called.
  RETURN QUERY SELECT f.object, 'resource'::text, f.finding FROM tenantd.resource_findings() f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'resources'::text, 'resource'::text, NULL::text;
  END IF;
  FOR e IN SELECT * FROM tenantd.isolated_tables ORDER BY schema_name, table_name LOOP
    BEGIN
      RETURN QUERY SELECT 'table ' || e.schema_name || '.' || e.table_name, t.attempt, t.finding
        FROM tenantd.try_table(e.schema_name, e.table_name, tenant, in_env, self, other_tenant, other_user) t;
    EXCEPTION WHEN OTHERS THEN
      RETURN QUERY SELECT 'table ' || e.schema_name || '.' || e.table_name, 'try the wall'::text, SQLERRM;
    END;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.role_findings(text), tenantd.objects_as_they_stand(), tenantd.server_findings(),
  tenantd.catalog_findings(),
  tenantd.try_table(text, text, uuid, tenantd.env, uuid, uuid, uuid),
  tenantd.isolation_check(uuid, tenantd.env, uuid, uuid, uuid, text) TO tenantd_app;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.canary(text,bytea)', 'makes the isolation gate''s own tenants; demands the proof of a worker');

-- The tables have got triggers since they were registered.
SELECT tenantd.expect(format('%I.%I', schema_name, table_name)::regclass) FROM tenantd.isolated_tables;
SELECT tenantd.expect_objects();
