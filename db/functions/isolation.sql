-- How walls are made: row-level security, enabled and forced on every table of the schema, and the record of what is
-- expected. The isolation gate compares the live database with that record before a worker serves. walls.sql says
-- which walls there are.

-- What the workers may do with a table, with and without the right to grant it to others: SELECT, UPDATE(role), …
CREATE OR REPLACE FUNCTION tenantd.privileges_of(relation regclass) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(array_agg(privilege ORDER BY privilege), '{}') FROM (
    SELECT p || CASE WHEN has_table_privilege('tenantd_app', relation, p || ' WITH GRANT OPTION') THEN ' WITH GRANT OPTION' ELSE '' END
      AS privilege
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
    WHERE has_table_privilege('tenantd_app', relation, p)
    UNION ALL
    SELECT p || '(' || a.attname || ')'
      || CASE WHEN has_column_privilege('tenantd_app', relation, a.attnum, p || ' WITH GRANT OPTION') THEN ' WITH GRANT OPTION' ELSE '' END
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p, pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
      AND NOT has_table_privilege('tenantd_app', relation, p)
      AND has_column_privilege('tenantd_app', relation, a.attnum, p)
  ) held
$$;
GRANT EXECUTE ON FUNCTION tenantd.privileges_of(regclass) TO tenantd_app;

-- The predicate of a policy: a row of the context's tenant and env. `tenant_column` names the tenant, `user_column` the user
-- when the row must be the context's user's, too. `least_role` is the role that the context must have at least, `kind` what it must
-- be for. `more` is a further column and `is_value` what it must be, in SQL.
--
-- The comparison of the pair is one InitPlan: the seal is checked once per statement, not per row. Without a context the pair is
-- null and equals nothing. The parts of the sealed body are counted here and in context() alone: tenant, env, user, role, kind.
CREATE OR REPLACE FUNCTION tenantd.in_context(tenant_column text DEFAULT 'tenant_id', user_column text DEFAULT NULL, least_role tenantd.role DEFAULT NULL,
  more text DEFAULT NULL, is_value text DEFAULT NULL, kind text DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format($p$(%s) = (SELECT %s FROM (SELECT tenantd.sealed() OFFSET 0) s)$p$,
    concat_ws(', ', quote_ident(tenant_column), 'env', CASE WHEN least_role IS NOT NULL THEN 'true' END, quote_ident(user_column), quote_ident(more), quote_literal(kind)),
    concat_ws(', ', $x$split_part(s.sealed, E'\n', 1)::uuid$x$, $x$split_part(s.sealed, E'\n', 2)::tenantd.env$x$,
      CASE WHEN least_role IS NOT NULL THEN format($x$nullif(split_part(s.sealed, E'\n', 4), '')::tenantd.role >= %L$x$, least_role) END,
      CASE WHEN user_column IS NOT NULL THEN $x$nullif(split_part(s.sealed, E'\n', 3), '')::uuid$x$ END, is_value,
      CASE WHEN kind IS NOT NULL THEN $x$split_part(s.sealed, E'\n', 5)$x$ END))
$$;

-- Makes the wall around one of tenantd's own tables: forced row-level security that lets the context role in, and lets
-- the workers' role see the rows for which `shows` is true; without `shows` it sees none. `takes` is the condition for
-- rows that they write, when it is a different one. Where rows belong to a tenant, the owner sees those of the tenant whose archive
-- is read, written or erased (archive.sql), and no others. Calling it again makes the wall anew.
CREATE OR REPLACE FUNCTION tenantd.wall(relation regclass, shows text DEFAULT NULL, command text DEFAULT 'ALL', takes text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p record;
  tenant_column text := CASE WHEN relation = 'tenantd.tenants'::regclass THEN 'id' ELSE 'tenant_id' END;
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
  FOR p IN SELECT polname FROM pg_policy WHERE polrelid = relation LOOP
    EXECUTE format('DROP POLICY %I ON %s', p.polname, relation);
  END LOOP;
  EXECUTE format('CREATE POLICY context_access ON %s TO tenantd_context USING (true) WITH CHECK (true)', relation);
  IF (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = relation AND a.attname IN (tenant_column, 'env') AND NOT a.attisdropped) = 2 THEN
    EXECUTE format('CREATE POLICY archive ON %s TO tenantd_owner USING (%s)', relation, tenantd.in_context(tenant_column, kind => 'archive'));
  END IF;
  IF shows IS NOT NULL THEN
    EXECUTE format('CREATE POLICY tenant_isolation ON %s FOR %s TO tenantd_app USING (%s)%s', relation, command, shows,
      ' WITH CHECK (' || takes || ')');
  END IF;
END $$;

-- Records a table as one that the workers may use and that the gate attacks.
CREATE OR REPLACE FUNCTION tenantd.isolate(relation regclass, is_foreign text, foreign_row text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.isolated_tables (schema_name, table_name, is_foreign, foreign_row)
  SELECT n.nspname, c.relname, is_foreign, foreign_row
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation
  ON CONFLICT (schema_name, table_name) DO UPDATE SET is_foreign = excluded.is_foreign, foreign_row = excluded.foreign_row
$$;
