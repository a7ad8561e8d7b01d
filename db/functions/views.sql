-- Views as resources. A view WITH (security_invoker = true) over resources can be registered, and is then only read:
--
--   SELECT tenantd.register_resource('app.invoice_totals', key_column => 'month');
--
-- Such a view reads as the workers' role, under the caller's context: the walls are those of the tables beneath it.
-- It has none of its own, so that it may read nothing that is not walled, and it must say whose its rows are, for
-- the predicate of every statement. Nobody writes to it: the roles for that are null.

-- What the definition of a view names, in FROM, in sublinks and CTEs alike: relations, and functions with those of its
-- operators. Taken from the tree itself, for pg_depend does not have what initdb made: catalogs, functions. In that
-- text a name never looks like this: blanks in it are escaped.
CREATE OR REPLACE FUNCTION tenantd.view_names(relation regclass) RETURNS TABLE (class regclass, object oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT CASE m[1] WHEN 'relid' THEN 'pg_class'::regclass ELSE 'pg_proc'::regclass END, m[2]::oid
  FROM pg_rewrite r, regexp_matches(r.ev_action::text, ' :(relid|funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') m
  WHERE r.ev_class = relation AND r.ev_type = '1' AND m[2] <> '0' AND NOT (m[1] = 'relid' AND m[2]::oid = relation)
$$;

CREATE OR REPLACE FUNCTION tenantd.is_invoker(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM pg_class c, pg_options_to_table(c.reloptions) o
    WHERE c.oid = relation AND o.option_name = 'security_invoker' AND o.option_value::boolean)
$$;

-- Why a view cannot be served, each reason with what to change.
CREATE OR REPLACE FUNCTION tenantd.view_refusals(relation regclass, key_column text) RETURNS SETOF text
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

-- Why the arguments are refused, also because of what uses the name already.
CREATE OR REPLACE FUNCTION tenantd.view_demands(r tenantd.resources, rows_of uuid) RETURNS SETOF text
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

-- Gives the workers, and nobody else, the columns that exist now. One that is added later is not read before it is
-- registered.
CREATE OR REPLACE FUNCTION tenantd.view_grants(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  columns name[] := ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped ORDER BY attnum);
  others text[];
BEGIN
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, tenantd_app, tenantd_context', relation);
  EXECUTE format('GRANT SELECT (%s) ON %s TO tenantd_app', tenantd.name_list(columns), relation);
  IF NOT has_schema_privilege('tenantd_app', r.schema_name, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantd_app', r.schema_name);
  END IF;
  others := ARRAY(SELECT unnest(tenantd.privileges_of(relation)) EXCEPT SELECT format('SELECT(%s)', c) FROM unnest(columns) c);
  IF others <> '{}' THEN
    RAISE EXCEPTION 'the workers may % on %: revoke it as the role that granted it', array_to_string(others, ', '), relation;
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.view_names(regclass), tenantd.is_invoker(regclass), tenantd.view_refusals(regclass, text) TO
  tenantd_app;
