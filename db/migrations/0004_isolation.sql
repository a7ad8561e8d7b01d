-- Row-level security, enabled and forced on every table of the schema, and the record of what is expected,
-- against which the isolation gate holds the live database before a worker serves.

-- One row per table that the workers' role may touch. A table that is not here must be out of its reach.
CREATE TABLE tenantd.isolated_tables (
  schema_name text NOT NULL,
  table_name text NOT NULL,
  -- True of a row that is not the context's, in SQL over the table's columns; $1 is the context's tenant,
  -- $2 its env, $3 its user.
  is_foreign text NOT NULL,
  -- An INSERT of a row of another tenant: its column list and VALUES, $1 the tenant, $2 the env, $3 a user.
  foreign_row text NOT NULL,
  PRIMARY KEY (schema_name, table_name)
);
COMMENT ON TABLE tenantd.isolated_tables IS 'The tables and views that the workers may touch, and how the isolation gate attacks each';
-- A SECURITY DEFINER function that the workers may call is a door in the wall: each one is listed.
CREATE TABLE tenantd.open_functions (
  signature text PRIMARY KEY,
  reason text NOT NULL
);
COMMENT ON TABLE tenantd.open_functions IS 'The SECURITY DEFINER functions that the workers may call, and why';
-- So is a relation that they may read and that holds no tenant's rows.
CREATE TABLE tenantd.open_relations (
  name text PRIMARY KEY,
  reason text NOT NULL
);
COMMENT ON TABLE tenantd.open_relations IS 'What the workers may read that holds no tenant''s data, and why';
GRANT SELECT ON tenantd.isolated_tables, tenantd.open_functions, tenantd.open_relations TO tenantd_app;
INSERT INTO tenantd.open_relations VALUES
  ('tenantd.isolated_tables', 'what the isolation gate expects'),
  ('tenantd.open_functions', 'what the isolation gate expects'),
  ('tenantd.open_relations', 'what the isolation gate expects');

-- What the workers may do to a table, with the right to give it on told apart: SELECT, UPDATE(role), …
CREATE FUNCTION tenantd.privileges_of(relation regclass) RETURNS text[]
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

-- Forces row-level security and lets the context role in. Every table gets this, policies for the workers
-- come on top.
CREATE FUNCTION tenantd.wall(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
  IF NOT EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = relation AND polname = 'context_access') THEN
    EXECUTE format('CREATE POLICY context_access ON %s TO tenantd_context USING (true) WITH CHECK (true)', relation);
  END IF;
END $$;

-- Enters a table among those that the workers may touch and the gate attacks.
CREATE FUNCTION tenantd.expect(relation regclass, is_foreign text, foreign_row text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.isolated_tables (schema_name, table_name, is_foreign, foreign_row)
  SELECT n.nspname, c.relname, is_foreign, foreign_row
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation
  ON CONFLICT (schema_name, table_name) DO UPDATE SET is_foreign = excluded.is_foreign, foreign_row = excluded.foreign_row
$$;

SELECT tenantd.wall(t::regclass) FROM unnest(ARRAY['tenantd.users', 'tenantd.tenants', 'tenantd.tenant_members',
  'tenantd.onboarding_progress', 'tenantd.audit_events', 'tenantd.system_events']) t;

-- The comparison of the pair is one InitPlan: the seal is checked once per statement, not per row. Without a
-- context the pair is null and equals nothing. (USING serves as WITH CHECK, too.)
CREATE POLICY tenant_isolation ON tenantd.tenants TO tenantd_app
  USING ((id, env) = (SELECT split_part(s.sealed, E'\n', 1)::uuid, split_part(s.sealed, E'\n', 2)::tenantd.env
    FROM (SELECT tenantd.sealed() OFFSET 0) s));
CREATE POLICY tenant_isolation ON tenantd.tenant_members TO tenantd_app
  USING ((tenant_id, env) = (SELECT split_part(s.sealed, E'\n', 1)::uuid, split_part(s.sealed, E'\n', 2)::tenantd.env
    FROM (SELECT tenantd.sealed() OFFSET 0) s));
CREATE POLICY tenant_isolation ON tenantd.onboarding_progress TO tenantd_app
  USING ((tenant_id, env) = (SELECT split_part(s.sealed, E'\n', 1)::uuid, split_part(s.sealed, E'\n', 2)::tenantd.env
    FROM (SELECT tenantd.sealed() OFFSET 0) s))
  WITH CHECK ((tenant_id, env, completed_by) = (SELECT split_part(s.sealed, E'\n', 1)::uuid, split_part(s.sealed, E'\n', 2)::tenantd.env,
      nullif(split_part(s.sealed, E'\n', 3), '')::uuid
    FROM (SELECT tenantd.sealed() OFFSET 0) s));
CREATE POLICY tenant_isolation ON tenantd.audit_events FOR SELECT TO tenantd_app
  USING ((tenant_id, env, true) = (SELECT split_part(s.sealed, E'\n', 1)::uuid, split_part(s.sealed, E'\n', 2)::tenantd.env,
      nullif(split_part(s.sealed, E'\n', 4), '')::tenantd.role >= 'tenant_admin'
    FROM (SELECT tenantd.sealed() OFFSET 0) s));
-- A user is seen by those who share the context's tenant: the policy of tenant_members holds inside, too.
CREATE POLICY tenant_isolation ON tenantd.users FOR SELECT TO tenantd_app
  USING (EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.user_id = users.id));

GRANT SELECT (id, email, email_verified, name) ON tenantd.users TO tenantd_app;
GRANT SELECT, UPDATE (name, organization_name, status, legal_name, postal_address, contact_email, country)
  ON tenantd.tenants TO tenantd_app;
GRANT SELECT, UPDATE (role, status) ON tenantd.tenant_members TO tenantd_app;
GRANT SELECT, INSERT (tenant_id, env, step, completed_by) ON tenantd.onboarding_progress TO tenantd_app;
GRANT SELECT ON tenantd.audit_events TO tenantd_app;

SELECT tenantd.expect('tenantd.users', 'id IS DISTINCT FROM $3 AND $1 IS NOT DISTINCT FROM $1 AND $2 IS NOT DISTINCT FROM $2',
  '(id, issuer, subject) VALUES ($3, $1::text, $2::text)');
SELECT tenantd.expect('tenantd.tenants', '(id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3',
  '(id, env, slug, name, bootstrapped_by) VALUES ($1, $2, $1::text, $1::text, $3)');
SELECT tenantd.expect('tenantd.' || t, '(tenant_id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3', r)
FROM (VALUES
  ('tenant_members', '(tenant_id, env, user_id, status) VALUES ($1, $2, $3, ''active'')'),
  ('onboarding_progress', '(tenant_id, env, step, completed_by) VALUES ($1, $2, ''canary'', $3)'),
  ('audit_events', '(tenant_id, env, action, actor_kind, actor_id, object_type) VALUES ($1, $2, ''canary.tried'', ''user'', $3, ''canary'')')
) AS v (t, r);

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.sealed()', 'answers the sealed context of the transaction, to its own session'),
  ('tenantd.enter(text,bytea)', 'seals the context; demands the proof of a worker'),
  ('tenantd.refuse(text,bytea,text)', 'writes the audit row of a refusal; demands the proof of a worker');
