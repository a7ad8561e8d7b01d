-- Views as resources: a view WITH (security_invoker = true) over resources is one that is only read:
--
--   SELECT tenantd.register_resource('app.invoice_totals', key_column => 'month');
--
-- Such a view reads as the workers' role, under the caller's context: the walls are those of the tables beneath it.
-- It has none of its own, so that it may read nothing that is not walled, and it must say whose its rows are, for
-- the predicate of every statement. Nobody writes to it: the roles for that are null.

ALTER TABLE tenantd.resources ALTER create_role DROP NOT NULL, ALTER update_role DROP NOT NULL, ALTER delete_role DROP NOT NULL,
  ADD CHECK (num_nulls(create_role, update_role, delete_role) IN (0, 3));
COMMENT ON COLUMN tenantd.resources.create_role IS 'Null, as update_role and delete_role: it is a view, and only read';

-- What the definition of a view names, in FROM, in sublinks and CTEs alike: relations, and functions with those of its
-- operators. Taken from the tree itself, for pg_depend does not have what initdb made: catalogs, functions. In that
-- text a name never looks like this: blanks in it are escaped.
CREATE FUNCTION tenantd.view_names(relation regclass) RETURNS TABLE (class regclass, object oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT CASE m[1] WHEN 'relid' THEN 'pg_class'::regclass ELSE 'pg_proc'::regclass END, m[2]::oid
  FROM pg_rewrite r, regexp_matches(r.ev_action::text, ' :(relid|funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') m
  WHERE r.ev_class = relation AND r.ev_type = '1' AND m[2] <> '0' AND NOT (m[1] = 'relid' AND m[2]::oid = relation)
$$;

-- What an aggregate calls by itself: by the right of its owner, whoever reads.
CREATE FUNCTION tenantd.aggregate_calls(aggregate oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT f FROM pg_aggregate g, unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn,
    aggminvtransfn, aggmfinalfn]::oid[]) f
  WHERE g.aggfnoid = aggregate AND f <> 0
$$;

CREATE FUNCTION tenantd.is_invoker(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM pg_class c, pg_options_to_table(c.reloptions) o
    WHERE c.oid = relation AND o.option_name = 'security_invoker' AND o.option_value::boolean)
$$;

-- True when code that is not the server's runs in reading the view, or those that it reads.
CREATE FUNCTION tenantd.view_runs_foreign(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE views AS (
    SELECT relation AS view
    UNION
    SELECT n.object::regclass FROM views v, tenantd.view_names(v.view) n WHERE n.class = 'pg_class'::regclass
  )
  SELECT EXISTS (SELECT 1 FROM views v, tenantd.view_names(v.view) n JOIN pg_proc p ON p.oid = n.object
    WHERE n.class = 'pg_proc'::regclass AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'tenantd'::regnamespace))
$$;

-- Why a view cannot be served, each reason with what to change.
CREATE FUNCTION tenantd.view_refusals(relation regclass, key_column text) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH v AS (SELECT c.*, n.nspname, n.nspowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation),
  calls AS (
    SELECT n.object AS function, true AS is_callers FROM tenantd.view_names(relation) n WHERE n.class = 'pg_proc'::regclass
    UNION
    SELECT f, false FROM tenantd.view_names(relation) n, tenantd.aggregate_calls(n.object) f WHERE n.class = 'pg_proc'::regclass
  )
  SELECT 'it is a materialized view, which keeps what its owner saw of all tenants: make it a view WITH (security_invoker = true)'
  FROM v WHERE relkind = 'm'
  UNION ALL
  SELECT format('it shows what its owner sees: ALTER VIEW %s SET (security_invoker = true)', relation) FROM v
  WHERE relkind = 'v' AND NOT tenantd.is_invoker(relation)
  UNION ALL
  SELECT 'it is temporary: it and all that it reads must stay' FROM v WHERE relpersistence = 't'
  UNION ALL
  SELECT 'it is the system''s own' FROM v WHERE nspname IN ('tenantd', 'pg_catalog', 'information_schema')
  UNION ALL
  SELECT format('it belongs to %s: ALTER VIEW %s OWNER TO tenantd_owner', relowner::regrole, relation)
  FROM v WHERE relowner <> 'tenantd_owner'::regrole
  UNION ALL
  SELECT format('schema %I belongs to %s and is closed to the workers: GRANT USAGE ON SCHEMA %I TO tenantd_app', nspname,
    nspowner::regrole, nspname)
  FROM v WHERE nspowner <> 'tenantd_owner'::regrole AND NOT has_schema_privilege('tenantd_app', relnamespace, 'USAGE')
  UNION ALL
  SELECT CASE WHEN a.attnum IS NULL THEN format('it has no column %I: SELECT that of a table it reads, and GROUP BY it', c.name)
    ELSE format('column %I is %s, and a resource''s is %s: SELECT that of a table it reads', c.name,
      format_type(a.atttypid, a.atttypmod), c.type) END
  FROM tenantd.resource_columns(false) c
  LEFT JOIN pg_attribute a ON a.attrelid = relation AND a.attname = c.name AND NOT a.attisdropped
  WHERE c.name IN ('tenant_id', 'env') AND a.atttypid IS DISTINCT FROM c.type::regtype
  UNION ALL
  SELECT CASE WHEN a.attnum IS NULL THEN format('it has no column %I to find a row by: name one, key_column => ''…''', key_column)
    WHEN key_column IN ('tenant_id', 'env') THEN format('%I is the same in all rows that one sees: name another, key_column => ''…''', key_column)
    ELSE format('column %I is %s, which has no order: name another, key_column => ''…''', key_column,
      format_type(a.atttypid, a.atttypmod)) END
  FROM (SELECT 1) one
  LEFT JOIN pg_attribute a ON a.attrelid = relation AND a.attname = key_column AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
  WHERE a.attnum IS NULL OR key_column IN ('tenant_id', 'env') OR NOT (b.typcategory IN ('S', 'E')
    OR EXISTS (SELECT 1 FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
               WHERE m.amname = 'btree' AND o.opcdefault AND o.opcintype = b.oid))
  UNION ALL
  SELECT format('it reads %s, which %s', c.oid::regclass, CASE
    WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'is the server''s own and knows no tenants: leave it out'
    WHEN n.nspname = 'tenantd' THEN 'is tenantd''s own and no resource: leave it out'
    WHEN c.relkind = 'v' AND NOT tenantd.is_invoker(c.oid) THEN
      format('shows what its owner sees: ALTER VIEW %s SET (security_invoker = true), and register it first', c.oid::regclass)
    ELSE 'is no resource: register it first' END)
  FROM tenantd.view_names(relation) r JOIN pg_class c ON c.oid = r.object JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE r.class = 'pg_class'::regclass
    AND NOT EXISTS (SELECT 1 FROM tenantd.resources x WHERE (x.schema_name, x.table_name) = (n.nspname, c.relname))
  UNION ALL
  SELECT 'it locks the rows that it reads: leave FOR UPDATE, FOR SHARE and their like out'
  FROM pg_rewrite r WHERE r.ev_class = relation AND r.ev_type = '1' AND strpos(r.ev_action::text, '{ROWMARKCLAUSE ') > 0
  UNION ALL
  SELECT CASE WHEN p.prosecdef THEN
      format('it calls the SECURITY DEFINER function %s, which could carry rows across tenants: make it SECURITY INVOKER', f)
    WHEN p.provolatile = 'v' THEN
      format('it calls %s, which is VOLATILE and could write while somebody reads: make it STABLE, or leave it out', f)
    WHEN has_function_privilege('tenantd_app', p.oid, 'EXECUTE') OR NOT c.is_callers THEN
      format('it calls %s, which reads whatever its arguments name: leave it out', f)
    ELSE format('it calls %s, which the workers may not: GRANT EXECUTE ON FUNCTION %s TO tenantd_app', f, f) END
  FROM calls c JOIN pg_proc p ON p.oid = c.function, LATERAL CAST(p.oid::regprocedure AS text) f
  WHERE p.prosecdef OR p.provolatile = 'v' OR (c.is_callers AND NOT has_function_privilege('tenantd_app', p.oid, 'EXECUTE'))
    OR (p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(table|schema|database)_to_xml')
  UNION ALL
  SELECT tenantd.code_refusals(relation)
$$;

-- What speaks against the arguments, and against what hangs on the name already.
CREATE FUNCTION tenantd.view_demands(r tenantd.resources, rows_of uuid) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('nobody writes to a view, and whose its rows are is said by the tables beneath: leave out %s',
    string_agg(v.argument, ', '))
  FROM (VALUES ('create_role', r.create_role IS NOT NULL), ('update_role', r.update_role IS NOT NULL),
    ('delete_role', r.delete_role IS NOT NULL), ('user_scoped', r.user_scoped), ('append_only', r.append_only),
    ('rows_of', rows_of IS NOT NULL), ('read_only', r.read_only <> '{}'), ('content_of', r.content_of IS NOT NULL)) v (argument, is_said)
  WHERE v.is_said HAVING count(*) > 0
  UNION ALL
  SELECT format('action %s was registered on it: unregister_action(%L, %L) first', a.name, a.resource, a.name)
  FROM tenantd.resource_actions a WHERE a.resource = r.name
  UNION ALL
  SELECT format('%s holds its content: unregister_resource(%L) first', x.name, x.name) FROM tenantd.resources x WHERE x.content_of = r.name
$$;

-- The columns there are now, to the workers and nobody else: one that comes later is not read before it is registered.
CREATE FUNCTION tenantd.view_grants(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  columns name[] := ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped ORDER BY attnum);
  others text[];
BEGIN
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, tenantd_app, tenantd_context', relation);
  EXECUTE format('GRANT SELECT (%s) ON %s TO tenantd_app', (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c), relation);
  IF NOT has_schema_privilege('tenantd_app', r.schema_name, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantd_app', r.schema_name);
  END IF;
  others := ARRAY(SELECT unnest(tenantd.privileges_of(relation)) EXCEPT SELECT format('SELECT(%s)', c) FROM unnest(columns) c);
  IF others <> '{}' THEN
    RAISE EXCEPTION 'the workers may % on %: revoke it as the role that granted it', array_to_string(others, ', '), relation;
  END IF;
END $$;

-- Tries one view as try_table does a table. A row in no tenant is nobody's (the months of a year, beside nothing); a
-- view that fails shows nothing.
CREATE FUNCTION tenantd.try_view(in_schema text, in_table text, tenant uuid, in_env tenantd.env)
RETURNS TABLE (attempt text, finding text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name text := (SELECT format('%I.%I', t.schema_name, t.table_name) FROM tenantd.isolated_tables t
    WHERE t.schema_name = in_schema AND t.table_name = in_table);
  held text := current_setting('tenantd.context', true);
  setting text;
  hit boolean;
BEGIN
  FOR attempt, setting IN VALUES ('see a row of another tenant', held), ('see a row without a context', ''),
      ('see a row under a forged context', repeat('0', 64) || substr(held, 65)) LOOP
    finding := NULL;
    PERFORM set_config('tenantd.context', setting, true);
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE %s)', name, CASE WHEN setting = held
        THEN '(tenant_id, env) <> ($1, $2)' ELSE 'tenant_id IS NOT NULL AND $1 IS NOT NULL AND $2 IS NOT NULL' END)
      INTO hit USING tenant, in_env;
      IF hit THEN finding := 'saw one'; END IF;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    PERFORM set_config('tenantd.context', held, true);
    RETURN NEXT;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.view_names(regclass), tenantd.aggregate_calls(oid), tenantd.is_invoker(regclass),
  tenantd.view_runs_foreign(regclass), tenantd.view_refusals(regclass, text), tenantd.try_view(text, text, uuid, tenantd.env) TO tenantd_app;

-- What knew tables alone --------------------------------------------------------------------------------------------

-- A view's definition is its rule; its options say as whom it reads.
CREATE OR REPLACE FUNCTION tenantd.parts_of(relation regclass) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(part, made), '{}') FROM (
    SELECT 'trigger ' || tgname AS part, concat_ws(' ', tgenabled, pg_get_triggerdef(oid)) AS made
    FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal
    UNION ALL
    SELECT 'check of foreign keys', CASE WHEN bool_and(tgenabled = 'O') THEN 'on' ELSE 'off' END
    FROM pg_trigger WHERE tgrelid = relation AND tgisinternal HAVING count(*) > 0
    UNION ALL
    SELECT 'rule ' || rulename, concat_ws(' ', ev_enabled, pg_get_ruledef(oid)) FROM pg_rewrite WHERE ev_class = relation
    UNION ALL
    SELECT 'constraint ' || conname, concat_ws(' ', convalidated, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = relation AND contype <> 't'
    UNION ALL
    SELECT 'options', array_to_string(reloptions, ', ') FROM pg_class WHERE oid = relation AND relkind = 'v' AND reloptions IS NOT NULL
    UNION ALL
    SELECT 'owner', relowner::regrole::text FROM pg_class WHERE oid = relation
  ) p
$$;

-- Views are held to their definition, options, owner and grants; what they read to its policies.
CREATE OR REPLACE FUNCTION tenantd.catalog_findings() RETURNS TABLE (object text, finding text)
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
  -- Every expected table and view, as it was built.
  SELECT CASE WHEN e.parts ? 'rule _RETURN' THEN 'view ' ELSE 'table ' END || e.schema_name || '.' || e.table_name, v.finding
  FROM tenantd.isolated_tables e
  LEFT JOIN reachable r ON r.nspname = e.schema_name AND r.relname = e.table_name
  LEFT JOIN LATERAL (SELECT tenantd.policies_of(r.oid) AS policies, tenantd.parts_of(r.oid) AS parts) p ON true,
  LATERAL (
    SELECT 'does not exist' WHERE r.oid IS NULL
    UNION ALL SELECT 'row-level security is not enabled' WHERE NOT r.relrowsecurity AND r.relkind <> 'v'
    UNION ALL SELECT 'row-level security is not forced' WHERE NOT r.relforcerowsecurity AND r.relkind <> 'v'
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
  WHERE r.privileges <> '{}' AND (r.relkind = 'm' OR (r.relkind = 'v' AND NOT tenantd.is_invoker(r.oid)))
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, 'SECURITY DEFINER, open to the workers, and not listed'
  FROM pg_proc p -- in any schema: an operator reaches it without a right to its schema, an aggregate by its own owner's
  WHERE p.prosecdef AND (has_function_privilege(p.oid, 'EXECUTE')
      OR EXISTS (SELECT 1 FROM pg_aggregate g WHERE p.oid IN (SELECT tenantd.aggregate_calls(g.aggfnoid))
                 AND has_function_privilege(g.aggfnoid, 'EXECUTE')))
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

CREATE OR REPLACE FUNCTION tenantd.isolation_check(tenant uuid, in_env tenantd.env, self uuid, other_tenant uuid, other_user uuid,
  session_path text DEFAULT current_setting('search_path'))
RETURNS TABLE (object text, attempt text, finding text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e tenantd.isolated_tables;
  kind text;
BEGIN
  RETURN QUERY SELECT f.object, 'role attributes and grants'::text, f.finding FROM tenantd.role_findings(session_path) f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'role ' || current_user, 'role attributes and grants'::text, NULL::text;
  END IF;
  RETURN QUERY SELECT f.object, 'catalog'::text, f.finding FROM tenantd.catalog_findings() f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'catalog'::text, 'catalog'::text, NULL::text;
  END IF;
  RETURN QUERY SELECT f.object, 'resource'::text, f.finding FROM tenantd.resource_findings() f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'resources'::text, 'resource'::text, NULL::text;
  END IF;
  FOR e IN SELECT * FROM tenantd.isolated_tables ORDER BY schema_name, table_name LOOP
    kind := CASE WHEN e.parts ? 'rule _RETURN' THEN 'view ' ELSE 'table ' END;
    BEGIN
      IF kind = 'view ' THEN
        RETURN QUERY SELECT kind || e.schema_name || '.' || e.table_name, t.attempt, t.finding
          FROM tenantd.try_view(e.schema_name, e.table_name, tenant, in_env) t;
      ELSE
        RETURN QUERY SELECT kind || e.schema_name || '.' || e.table_name, t.attempt, t.finding
          FROM tenantd.try_table(e.schema_name, e.table_name, tenant, in_env, self, other_tenant, other_user) t;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      RETURN QUERY SELECT kind || e.schema_name || '.' || e.table_name, 'try the wall'::text, SQLERRM;
    END;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION tenantd.resource_findings() RETURNS TABLE (object text, finding text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH r AS (SELECT x.*, c.oid::regclass AS relation, c.relkind FROM tenantd.resources x
    JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', x.schema_name, x.table_name)))
  SELECT 'resource ' || r.name, f FROM r, LATERAL tenantd.view_refusals(r.relation, r.key_column) f WHERE r.relkind IN ('v', 'm')
  UNION ALL
  SELECT 'resource ' || r.name, format('it was registered as a %s and is none: register it again',
    CASE WHEN r.create_role IS NULL THEN 'view' ELSE 'table' END)
  FROM r WHERE (r.create_role IS NULL) <> (r.relkind = 'v')
  UNION ALL
  SELECT 'resource ' || r.name, f FROM r, LATERAL (
    SELECT tenantd.resource_refusals(r.relation, r.user_scoped)
    UNION ALL
    SELECT format('column %I may be null: register it again', a.attname) FROM pg_attribute a
    WHERE a.attrelid = r.relation AND NOT a.attnotnull AND NOT a.attisdropped
      AND (a.attname IN ('tenant_id', 'env') OR (a.attname = 'user_id' AND r.user_scoped))
    UNION ALL
    SELECT format('column %I is missing: register it again', c.name) FROM tenantd.resource_columns(r.user_scoped) c
    WHERE tenantd.column_number(r.relation, c.name) IS NULL
    UNION ALL
    SELECT 'its primary key does not lead with the tenant: register it again' FROM pg_constraint k
    WHERE k.conrelid = r.relation AND k.contype = 'p'
      AND k.conkey[1] IS DISTINCT FROM tenantd.column_number(r.relation, 'tenant_id')
    UNION ALL
    SELECT 'nothing ties its rows to a tenant: register it again'
    WHERE NOT EXISTS (SELECT 1 FROM tenantd.tenant_reference(r.relation))
    UNION ALL
    SELECT format('trigger %s is missing or disabled: register it again', t)
    FROM (VALUES ('tenantd_stamp', 'tenantd.stamp_row()'), ('tenantd_audit', 'tenantd.audit()')) v (t, f)
    WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = r.relation AND g.tgname = t AND g.tgenabled IN ('O', 'A')
                      AND g.tgfoid = f::regprocedure)
    UNION ALL
    SELECT format('action %s calls %s, which is gone or SECURITY DEFINER', a.name, a.signature) FROM tenantd.resource_actions a
    WHERE a.resource = r.name
      AND NOT EXISTS (SELECT 1 FROM pg_proc p WHERE p.oid = to_regprocedure(a.signature) AND NOT p.prosecdef)
  ) v (f)
  WHERE r.relkind NOT IN ('v', 'm')
$$;

-- A view has no column that is written.
CREATE OR REPLACE FUNCTION tenantd.resource_writable(relation regclass, r tenantd.resources, command text) RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.attname FROM pg_attribute a
  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND r.create_role IS NOT NULL
    AND a.attname NOT IN ('version', 'created_at', 'created_by', 'updated_at', 'updated_by')
    AND a.attname <> ALL (r.read_only)
    AND NOT (a.attname IN ('actor_id', 'trace_id') AND tenantd.carries_actor(relation))
    AND NOT (command = 'UPDATE' AND (a.attname IN ('tenant_id', 'env', r.key_column) OR r.append_only
      OR (r.user_scoped AND a.attname = 'user_id')))
  ORDER BY a.attnum
$$;

-- A table or a view. `r` comes with what the caller said; the relation says the rest.
CREATE OR REPLACE FUNCTION tenantd.resource_make(relation regclass, r tenantd.resources, rows_of uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_view boolean := EXISTS (SELECT 1 FROM pg_class WHERE oid = relation AND relkind IN ('v', 'm'));
  refusals text[];
  has_rows boolean;
BEGIN
  IF EXISTS (SELECT 1 FROM pg_class WHERE oid = relation AND relkind = 'r' AND relowner = 'tenantd_owner'::regrole) THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
  END IF;
  IF is_view THEN
    refusals := ARRAY(SELECT tenantd.view_refusals(relation, r.key_column)
      UNION ALL SELECT tenantd.view_demands(r, rows_of) UNION ALL SELECT tenantd.resource_demands(relation, r));
  ELSE
    refusals := ARRAY(SELECT tenantd.resource_refusals(relation, r.user_scoped)
      UNION ALL SELECT tenantd.resource_demands(relation, r));
  END IF;
  IF refusals <> '{}' THEN
    RAISE EXCEPTION '% cannot be made a resource: %', relation, array_to_string(refusals, '; ')
      USING ERRCODE = 'feature_not_supported';
  END IF;
  IF is_view THEN
    PERFORM tenantd.view_grants(relation, r);
    PERFORM tenantd.resource_record(relation, r);
    -- Nothing is written to it, and a row in no tenant is nobody's: the predicate of every statement leaves it out.
    PERFORM tenantd.expect(relation, '(tenant_id, env) <> ($1, $2)', '');
    RETURN;
  END IF;
  -- The owner is to see the rows, and to validate what is added; the wall comes back below.
  EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', relation);
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', relation) INTO has_rows;
  PERFORM tenantd.resource_add_columns(relation, r.user_scoped, has_rows, rows_of);
  PERFORM tenantd.resource_rebuild_key(relation, r.key_column, has_rows);
  PERFORM tenantd.resource_policies(relation, r);
  PERFORM tenantd.resource_grants(relation, r);
  PERFORM tenantd.resource_triggers(relation, r);
  PERFORM tenantd.resource_record(relation, r);
END $$;

-- As before, for views as well: key_column names the column that a row of a view is found by, id when it is null. A
-- table's is its primary key's. The roles to write are null when they are not said: a view has none.
DROP FUNCTION tenantd.register_resource(regclass, text, tenantd.role, tenantd.role, tenantd.role, tenantd.role, text, boolean,
  boolean, uuid, text[], text);
CREATE FUNCTION tenantd.register_resource(relation regclass, name text DEFAULT NULL,
  read_role tenantd.role DEFAULT 'member', create_role tenantd.role DEFAULT NULL,
  update_role tenantd.role DEFAULT NULL, delete_role tenantd.role DEFAULT NULL,
  tenant_guard text DEFAULT 'active', user_scoped boolean DEFAULT false, append_only boolean DEFAULT false,
  rows_of uuid DEFAULT NULL, read_only text[] DEFAULT '{}', content_of text DEFAULT NULL,
  key_column text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources;
  is_view boolean;
  own_key name;
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'name the table or view: register_resource(''app.invoices'')';
  END IF;
  SELECT n.nspname, c.relname, c.relkind IN ('v', 'm') INTO r.schema_name, r.table_name, is_view
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
  r.name := coalesce(register_resource.name, r.table_name);
  own_key := (SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid
    AND a.attnum = ANY (k.conkey) WHERE k.conrelid = relation AND k.contype = 'p' AND a.attname <> 'tenant_id' LIMIT 1);
  IF NOT is_view AND key_column <> own_key THEN
    RAISE EXCEPTION '% cannot be made a resource: its key is %, by its primary key: leave key_column out', relation, own_key
      USING ERRCODE = 'feature_not_supported';
  END IF;
  r.key_column := CASE WHEN is_view THEN coalesce(key_column, 'id') ELSE own_key END;
  r.read_role := read_role;
  r.create_role := CASE WHEN is_view THEN create_role ELSE coalesce(create_role, 'member') END;
  r.update_role := CASE WHEN is_view THEN update_role ELSE coalesce(update_role, 'member') END;
  r.delete_role := CASE WHEN is_view THEN delete_role ELSE coalesce(delete_role, 'tenant_admin') END;
  r.tenant_guard := tenant_guard;
  r.user_scoped := user_scoped;
  r.append_only := append_only;
  r.read_only := read_only;
  r.content_of := content_of;
  r.registered_at := now();
  PERFORM tenantd.resource_make(relation, r, rows_of);
  RETURN r.name;
END $$;
COMMENT ON FUNCTION tenantd.register_resource IS 'Makes a table or a view a tenant-scoped resource under /v1/data/; see docs/resources.md';

-- A view that reads it would fail from now on.
CREATE OR REPLACE FUNCTION tenantd.unregister_resource(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(name);
  relation regclass := to_regclass(format('%I.%I', r.schema_name, r.table_name));
  holder text := (SELECT x.name FROM tenantd.resources x WHERE x.content_of = r.name LIMIT 1);
  reader text := (SELECT x.name FROM tenantd.resources x, tenantd.view_names(to_regclass(format('%I.%I', x.schema_name, x.table_name))) n
    WHERE n.class = 'pg_class'::regclass AND n.object = relation LIMIT 1);
  a record;
BEGIN
  IF holder IS NOT NULL THEN
    RAISE EXCEPTION '% holds the content of %: unregister_resource(%) first', holder, r.name, quote_literal(holder);
  ELSIF reader IS NOT NULL THEN
    RAISE EXCEPTION 'view % reads %: unregister_resource(%) first', reader, r.name, quote_literal(reader);
  END IF;
  FOR a IN SELECT x.name FROM tenantd.resource_actions x WHERE x.resource = r.name LOOP
    PERFORM tenantd.unregister_action(r.name, a.name);
  END LOOP;
  DELETE FROM tenantd.resources x WHERE x.name = r.name;
  DELETE FROM tenantd.isolated_tables x WHERE (x.schema_name, x.table_name) = (r.schema_name, r.table_name);
  IF relation IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON %s FROM tenantd_app', relation);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION tenantd.describe_resource(name text) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(name);
  -- Null when it is gone. Not by its name: who describes it need not have a right to its schema.
  relation regclass := (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname, c.relname) = (r.schema_name, r.table_name));
  insertable name[] := ARRAY(SELECT tenantd.resource_writable(relation, r, 'INSERT'));
  updatable name[] := ARRAY(SELECT tenantd.resource_writable(relation, r, 'UPDATE'));
BEGIN
  RETURN json_build_object(
    'name', r.name, 'table', format('%I.%I', r.schema_name, r.table_name), 'description', obj_description(relation, 'pg_class'), 'key', r.key_column,
    'roles', json_build_object('read', r.read_role, 'create', r.create_role,
      'update', CASE WHEN NOT r.append_only THEN r.update_role END, 'delete', CASE WHEN NOT r.append_only THEN r.delete_role END),
    'tenant_guard', r.tenant_guard, 'user_scoped', r.user_scoped, 'append_only', r.append_only, 'read_only', r.create_role IS NULL,
    'content_of', r.content_of,
    'content', (SELECT x.name FROM tenantd.resources x WHERE x.content_of = r.name LIMIT 1),
    'columns', (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'description', col_description(a.attrelid, a.attnum), 'nullable', NOT a.attnotnull,
        'has_default', a.atthasdef AND a.attgenerated = '',
        'on_create', a.attname = ANY (insertable) AND a.attname NOT IN ('tenant_id', 'env'), 'on_update', a.attname = ANY (updatable),
        'values', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid))
        ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped),
    'actions', (SELECT coalesce(json_agg(json_build_object('name', x.name, 'function', x.signature, 'least_role', x.least_role,
        'tenant_guard', x.tenant_guard, 'on_collection', x.on_collection) ORDER BY x.name), '[]')
      FROM tenantd.resource_actions x WHERE x.resource = r.name));
END $$;

CREATE OR REPLACE FUNCTION tenantd.register_action(resource text, name text, function regprocedure,
  least_role tenantd.role DEFAULT 'member', tenant_guard text DEFAULT 'active', on_collection boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(resource);
  key_type oid := (SELECT atttypid FROM pg_attribute
    WHERE attrelid = format('%I.%I', r.schema_name, r.table_name)::regclass AND attname = r.key_column);
  json oid := 'json'::regtype;
  p pg_proc;
  takes text := CASE WHEN on_collection THEN 'json' ELSE format_type(key_type, NULL) END;
BEGIN
  SELECT * INTO p FROM pg_proc WHERE oid = function;
  IF r.create_role IS NULL THEN
    RAISE EXCEPTION '% is a view, and nothing but reading is done to it: register the action on a table', r.name;
  ELSIF p.prosecdef THEN
    RAISE EXCEPTION '% is SECURITY DEFINER and could reach every tenant: an action runs as its caller, make it SECURITY INVOKER',
      function;
  ELSIF name = 'content' OR name !~ '^[a-z][a-z0-9_]{0,62}$' THEN
    RAISE EXCEPTION '% is no name for an action', quote_literal(name);
  ELSIF p.prokind <> 'f' OR p.prorettype <> json OR p.proretset OR p.proargtypes::text <> ALL (
      CASE WHEN on_collection THEN ARRAY[json::text] ELSE ARRAY[key_type::text, key_type || ' ' || json] END) THEN
    RAISE EXCEPTION '% must be (%)%, and return json', function, takes,
      CASE WHEN on_collection THEN '' ELSE format(' or (%s, json)', takes) END;
  ELSIF NOT has_schema_privilege('tenantd_app', p.pronamespace, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO tenantd_app', p.pronamespace::regnamespace);
  END IF;
  EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tenantd_app', function);
  INSERT INTO tenantd.resource_actions VALUES (r.name, name, function::text, least_role, tenant_guard, on_collection)
  ON CONFLICT ON CONSTRAINT resource_actions_pkey DO UPDATE SET signature = excluded.signature,
    least_role = excluded.least_role, tenant_guard = excluded.tenant_guard, on_collection = excluded.on_collection;
END $$;

SELECT tenantd.expect_objects();
