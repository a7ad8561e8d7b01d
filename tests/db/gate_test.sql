-- The isolation gate: clean on a database as it was built, and not on one with any kind of wall tampered with, on
-- every registered table; the finding names the object and says what it stops; and when the gate's own mends are run, by
-- the roles that it names, it is clean again.
SELECT no_plan();
SELECT test.world();
SELECT is(test.gate(), NULL, 'T53: the gate is clean on what was built');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.tenants WHERE slug LIKE ''canary%'''), '0', 'and leaves no canary behind'),
  is(test.q('admin', 'SELECT count(*)::text FROM tenantd.audit_events WHERE object_id LIKE ''canary%'' OR actor_label = ''isolation gate'''), '0', 'nor its rows');

-- `undo` takes away what a mend leaves (DROP …), and is the mend of those few where the gate can only say words: `words` is
-- why. `stops` is the worst of what the gate says. What is done to each table is done to all of them at once, as one batch.
CREATE TABLE test.tampering (n serial, batch text, what text, object text, do_it text, undo text, stops text NOT NULL DEFAULT 'service', words text);

-- Each registered table ----------------------------------------------------------------------------------------

-- A policy as a command that makes it.
CREATE FUNCTION test.policy(relation text, policy text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT format(''CREATE POLICY %%I ON %s FOR %%s TO %%s%%s%%s'', polname,
    CASE polcmd WHEN ''r'' THEN ''SELECT'' ELSE ''ALL'' END, array_to_string(ARRAY(SELECT r::regrole::text FROM unnest(polroles) r), '', ''),
    '' USING ('' || pg_get_expr(polqual, polrelid) || '')'', '' WITH CHECK ('' || pg_get_expr(polwithcheck, polrelid) || '')'')
    FROM pg_policy WHERE polrelid = %L::regclass AND polname = %L', relation, relation, policy))
$$;
SELECT test.script('admin', 'CREATE TABLE public.expected AS SELECT * FROM tenantd.expected_objects');
INSERT INTO test.tampering (batch, what, object, do_it, undo, words)
SELECT v.what, v.what, t, replace(v.do_it, '@', t), replace(v.undo, '@', t), NULL FROM test.tables() t, LATERAL (SELECT CASE t WHEN 'tenantd.users' THEN 'issuer' ELSE 'env' END AS c) k, LATERAL (VALUES
  ('row-level security disabled', 'ALTER TABLE @ DISABLE ROW LEVEL SECURITY', 'ALTER TABLE @ ENABLE ROW LEVEL SECURITY'),
  ('row-level security not forced', 'ALTER TABLE @ NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE @ FORCE ROW LEVEL SECURITY'),
  ('the policy dropped', 'DROP POLICY tenant_isolation ON @', test.policy(t, 'tenant_isolation')),
  ('the context role''s policy dropped', 'DROP POLICY context_access ON @', test.policy(t, 'context_access')),
  ('the policy opened', 'ALTER POLICY tenant_isolation ON @ USING (true)', 'DROP POLICY tenant_isolation ON @; ' || test.policy(t, 'tenant_isolation')),
  ('the policy by another name', 'ALTER POLICY tenant_isolation ON @ RENAME TO other', 'ALTER POLICY other ON @ RENAME TO tenant_isolation'),
  ('the policy for everybody', 'ALTER POLICY tenant_isolation ON @ TO PUBLIC', 'ALTER POLICY tenant_isolation ON @ TO tenantd_app'),
  ('the context role''s policy for the workers', 'ALTER POLICY context_access ON @ TO tenantd_context, tenantd_app', 'ALTER POLICY context_access ON @ TO tenantd_context'),
  ('one more policy', 'CREATE POLICY more ON @ TO tenantd_app USING (true)', 'DROP POLICY more ON @'),
  ('one more policy, for updates', 'CREATE POLICY more ON @ FOR UPDATE TO tenantd_app USING (true)', 'DROP POLICY more ON @'),
  ('one more policy, for inserts of everybody', 'CREATE POLICY more ON @ FOR INSERT TO PUBLIC WITH CHECK (true)', 'DROP POLICY more ON @'),
  ('one more policy, restrictive', 'CREATE POLICY more ON @ AS RESTRICTIVE TO tenantd_app USING (true)', 'DROP POLICY more ON @'),
  (CASE WHEN t IN ('tenantd.content_pieces', 'tenantd.domains') THEN 'DELETE revoked' ELSE 'DELETE granted' END, CASE WHEN t IN ('tenantd.content_pieces', 'tenantd.domains') THEN 'REVOKE DELETE ON @ FROM tenantd_app' ELSE 'GRANT DELETE ON @ TO tenantd_app' END,
    CASE WHEN t IN ('tenantd.content_pieces', 'tenantd.domains') THEN 'GRANT DELETE ON @ TO tenantd_app' ELSE 'REVOKE DELETE ON @ FROM tenantd_app' END),
  ('TRUNCATE granted', 'GRANT TRUNCATE ON @ TO tenantd_app', 'REVOKE TRUNCATE ON @ FROM tenantd_app'),
  ('REFERENCES granted to everybody', 'GRANT REFERENCES ON @ TO PUBLIC', 'REVOKE REFERENCES ON @ FROM PUBLIC'),
  ('TRIGGER granted', 'GRANT TRIGGER ON @ TO tenantd_app', 'REVOKE TRIGGER ON @ FROM tenantd_app'),
  ('a column granted', format('GRANT UPDATE (%s) ON @ TO tenantd_app', c), format('REVOKE UPDATE (%s) ON @ FROM tenantd_app', c)),
  ('a column granted to everybody', format('GRANT UPDATE (%s) ON @ TO PUBLIC', c), format('REVOKE UPDATE (%s) ON @ FROM PUBLIC', c)),
  ('SELECT revoked', CASE t WHEN 'tenantd.users' THEN 'REVOKE SELECT (email) ON @ FROM tenantd_app' ELSE 'REVOKE SELECT ON @ FROM tenantd_app' END,
    CASE t WHEN 'tenantd.users' THEN 'GRANT SELECT (email) ON @ TO tenantd_app' ELSE 'GRANT SELECT ON @ TO tenantd_app' END),
  ('its record gone', 'DELETE FROM tenantd.isolated_tables WHERE schema_name || ''.'' || table_name = ''@''', ''),
  ('its record says that nothing is foreign', 'UPDATE tenantd.isolated_tables SET is_foreign = ''false'' WHERE schema_name || ''.'' || table_name = ''@''', ''),
  ('it belongs to somebody else', 'ALTER TABLE @ OWNER TO postgres', '')
) v (what, do_it, undo)
WHERE v.undo IS NOT NULL
UNION ALL
-- One renamed table keeps the gate from its canary, and it names no other one then: each is tried alone.
SELECT CASE WHEN v.what <> 'the table by another name' THEN v.what END, v.what, t, replace(v.do_it, '@', t), replace(v.undo, '@', t), v.words FROM test.tables() t, LATERAL (VALUES
  ('its record changed', 'UPDATE tenantd.expected_objects SET made = made || '' changed'' WHERE object = ''table @'' AND part = ''policy tenant_isolation''',
    'DELETE FROM tenantd.expected_objects WHERE object = ''table @''; INSERT INTO tenantd.expected_objects SELECT * FROM public.expected WHERE object = ''table @''',
    'which of the two is right, the wall or what was recorded of it, the gate cannot know'),
  ('its wall not recorded', 'DELETE FROM tenantd.expected_objects WHERE object = ''table @''', 'INSERT INTO tenantd.expected_objects SELECT * FROM public.expected WHERE object = ''table @''',
    'what the wall is to be is said nowhere else'),
  ('the table by another name', format('ALTER TABLE @ RENAME TO %s_x', split_part(t, '.', 2)), format('ALTER TABLE @_x RENAME TO %s', split_part(t, '.', 2)),
    'that a table is gone and another has come does not say that they are one')
) v (what, do_it, undo, words);
SELECT is((SELECT count(*) % 25 FROM test.tampering) || ' of ' || (SELECT count(*) FROM test.tables()), '0 of 10', 'each tampering on each registered table');

-- The role, and everything else --------------------------------------------------------------------------------

INSERT INTO test.tampering (what, object, do_it, undo)
SELECT 'T54: the role has ' || a, 'role tenantd_app', 'ALTER ROLE tenantd_app ' || a, 'ALTER ROLE tenantd_app NO' || a FROM unnest(ARRAY['SUPERUSER', 'BYPASSRLS', 'CREATEROLE', 'CREATEDB', 'REPLICATION']) a;
INSERT INTO test.tampering (what, object, do_it, undo)
SELECT 'T54: the role is in ' || r, r, format('GRANT %s TO tenantd_app', r), format('REVOKE %s FROM tenantd_app', r) FROM unnest(ARRAY['tenantd_owner', 'tenantd_context', 'tenantd_migrator', 'pg_read_all_data', 'pg_signal_backend', 'pg_monitor']) r;
INSERT INTO test.tampering (what, object, do_it, undo) VALUES
  ('T54: the role owns a table', 'role tenantd_app', 'CREATE TABLE public.mine (a int); ALTER TABLE public.mine OWNER TO tenantd_app', 'DROP TABLE public.mine'),
  ('T54: the role owns a function', 'role tenantd_app', 'CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS ''SELECT 1''; ALTER FUNCTION public.mine() OWNER TO tenantd_app', 'DROP FUNCTION public.mine()'),
  ('T54: the role owns a schema', 'schema mine', 'CREATE SCHEMA mine AUTHORIZATION tenantd_app', 'DROP SCHEMA mine'),
  ('T54: the role owns a large object', 'role tenantd_app: role attributes and grants: owns large object 4711', 'DO $d$ BEGIN PERFORM lo_create(4711); END $d$; ALTER LARGE OBJECT 4711 OWNER TO tenantd_app', 'DO $d$ BEGIN PERFORM lo_unlink(4711); END $d$'),
  ('T54: the role owns the database', 'role tenantd_app', 'ALTER DATABASE tenantd OWNER TO tenantd_app', 'ALTER DATABASE tenantd OWNER TO postgres; GRANT CONNECT ON DATABASE tenantd TO tenantd_app'),
  ('T47: TEMP on the database', 'role tenantd_app', 'GRANT TEMPORARY ON DATABASE tenantd TO tenantd_app', 'REVOKE TEMPORARY ON DATABASE tenantd FROM tenantd_app'),
  ('T47: TEMP for everybody', 'role tenantd_app', 'GRANT TEMPORARY ON DATABASE tenantd TO PUBLIC', 'REVOKE TEMPORARY ON DATABASE tenantd FROM PUBLIC'),
  ('T50: CREATE in the database', 'role tenantd_app', 'GRANT CREATE ON DATABASE tenantd TO tenantd_app', 'REVOKE CREATE ON DATABASE tenantd FROM tenantd_app'),
  ('T50: CREATE in public for everybody', 'schema public', 'GRANT CREATE ON SCHEMA public TO PUBLIC', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'),
  ('T50: CREATE in tenantd', 'schema tenantd', 'GRANT CREATE ON SCHEMA tenantd TO tenantd_app', 'REVOKE CREATE ON SCHEMA tenantd FROM tenantd_app'),
  ('T43: a view', 'view public.v', 'CREATE VIEW public.v AS SELECT * FROM tenantd.tenants; GRANT SELECT ON public.v TO tenantd_app', 'DROP VIEW public.v'),
  ('T43: a view of one column', 'view tenantd.v', 'CREATE VIEW tenantd.v AS SELECT * FROM tenantd.tenants; GRANT SELECT (slug) ON tenantd.v TO PUBLIC', 'DROP VIEW tenantd.v'),
  ('T43: a materialised view', 'materialized view tenantd.m', 'CREATE MATERIALIZED VIEW tenantd.m AS SELECT * FROM tenantd.tenants; GRANT SELECT ON tenantd.m TO tenantd_app', 'DROP MATERIALIZED VIEW tenantd.m'),
  ('T43: a SECURITY DEFINER function', 'function tenantd.f()', 'CREATE FUNCTION tenantd.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''', 'DROP FUNCTION tenantd.f()'),
  ('T43: one in another schema', 'function other.f(integer)', 'CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC; CREATE FUNCTION other.f(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''', 'DROP SCHEMA other CASCADE'),
  ('T43: a function of the operator', 'operator_tenants', 'GRANT EXECUTE ON FUNCTION tenantd.operator_tenants(tenantd.env, text) TO tenantd_app', 'REVOKE EXECUTE ON FUNCTION tenantd.operator_tenants(tenantd.env, text) FROM tenantd_app'),
  ('T43: the function that adds keys', 'context_key_add', 'GRANT EXECUTE ON FUNCTION tenantd.context_key_add(bytea) TO PUBLIC', 'REVOKE EXECUTE ON FUNCTION tenantd.context_key_add(bytea) FROM PUBLIC'),
  ('T43: a door that is not listed', 'function tenantd.me()', 'DELETE FROM tenantd.open_functions WHERE signature = ''tenantd.me()''', 'INSERT INTO tenantd.open_functions VALUES (''tenantd.me()'', ''x'')'),
  ('T53: a new tenant table', 'table public.notes', 'CREATE TABLE public.notes (tenant_id uuid, env tenantd.env, a int)', 'DROP TABLE public.notes'),
  ('T53: a new tenant table, not forced', 'table tenantd.notes', 'CREATE TABLE tenantd.notes (tenant_id uuid, env tenantd.env, a int); ALTER TABLE tenantd.notes ENABLE ROW LEVEL SECURITY', 'DROP TABLE tenantd.notes'),
  ('T53: a new tenant table, open', 'table tenantd.notes', 'CREATE TABLE tenantd.notes (tenant_id uuid, a int); ALTER TABLE tenantd.notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; GRANT SELECT ON tenantd.notes TO tenantd_app', 'DROP TABLE tenantd.notes'),
  ('T53: a new partitioned tenant table', 'table public.notes', 'CREATE TABLE public.notes (tenant_id uuid, a int) PARTITION BY LIST (a)', 'DROP TABLE public.notes'),
  ('T53: any table that is granted', 'table public.t', 'CREATE TABLE public.t (a int); GRANT INSERT ON public.t TO tenantd_app', 'DROP TABLE public.t'),
  ('T53: the keys granted', 'table tenantd.context_keys', 'GRANT SELECT (seal_key) ON tenantd.context_keys TO tenantd_app', 'REVOKE SELECT (seal_key) ON tenantd.context_keys FROM tenantd_app'),
  ('T53: the system''s log granted', 'table tenantd.system_events', 'GRANT SELECT ON tenantd.system_events TO PUBLIC', 'REVOKE SELECT ON tenantd.system_events FROM PUBLIC'),
  ('the gate''s record granted', 'table tenantd.isolated_tables', 'GRANT UPDATE ON tenantd.isolated_tables TO tenantd_app', 'REVOKE UPDATE ON tenantd.isolated_tables FROM tenantd_app'),
  ('the list of doors granted', 'table tenantd.open_functions', 'GRANT INSERT ON tenantd.open_functions TO PUBLIC', 'REVOKE INSERT ON tenantd.open_functions FROM PUBLIC'),
  ('the list of readable relations granted', 'table tenantd.open_relations', 'GRANT DELETE ON tenantd.open_relations TO PUBLIC', 'REVOKE DELETE ON tenantd.open_relations FROM PUBLIC'),
  ('a readable relation that is not listed', 'table tenantd.open_functions', 'DELETE FROM tenantd.open_relations WHERE name = ''tenantd.open_functions''', 'INSERT INTO tenantd.open_relations VALUES (''tenantd.open_functions'', ''x'')'),
  ('T45: a sequence', 'sequence public.s', 'CREATE SEQUENCE public.s; GRANT USAGE ON SEQUENCE public.s TO tenantd_app', 'DROP SEQUENCE public.s');
INSERT INTO test.tampering (what, object, do_it, undo, stops) VALUES
  ('T51: queries shown', 'role tenantd_app: role attributes and grants: has track_activities on', 'ALTER ROLE tenantd_app SET track_activities = on', '', 'service'),
  ('T51: queries shown in this database', 'role tenantd_app: role attributes and grants: has track_activities on', 'ALTER ROLE tenantd_app IN DATABASE tenantd SET track_activities = on', '', 'service');

-- What a table is made of beside its policies: a change that leaves no audit row, or passes no guard.
INSERT INTO test.tampering (what, object, do_it, undo)
SELECT format('T113: trigger %s %s', g, v.what), 'table ' || t, format(v.do_it, t, g), format('ALTER TABLE %s ENABLE TRIGGER %s', t, g)
FROM (VALUES ('tenantd.users', 'audit'), ('tenantd.tenants', 'guard'), ('tenantd.tenant_members', 'turn'), ('tenantd.onboarding_progress', 'audit'),
    ('tenantd.audit_events', 'forever'), ('tenantd.system_events', 'forever')) x (t, g),
  (VALUES ('disabled', 'ALTER TABLE %s DISABLE TRIGGER %s'), ('for replicas alone', 'ALTER TABLE %s ENABLE REPLICA TRIGGER %s')) v (what, do_it);
INSERT INTO test.tampering (what, object, do_it, undo)
SELECT 'T113: trigger ' || g || ' dropped', 'table ' || t, format('DROP TRIGGER %s ON %s', g, t), test.q('admin', format('SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %L::regclass AND tgname = %L', t, g))
FROM (VALUES ('tenantd.tenant_members', 'guard'), ('tenantd.tenants', 'audit'), ('tenantd.tenants', 'has_owner'), ('tenantd.system_events', 'forever')) x (t, g);
INSERT INTO test.tampering (what, object, do_it, undo)
SELECT 'T43: another ' || f, 'function tenantd.' || f, format('CREATE OR REPLACE FUNCTION tenantd.%s RETURNS %s LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L', f, returns, body),
  test.q('admin', format('SELECT pg_get_functiondef(%L::regprocedure)', 'tenantd.' || f))
FROM (VALUES ('audit()', 'trigger', 'BEGIN RETURN NULL; END'), ('member_guard()', 'trigger', 'BEGIN RETURN NEW; END'), ('me()', 'json', 'BEGIN RETURN (SELECT json_agg(t) FROM tenantd.tenants t); END')) v (f, returns, body);
INSERT INTO test.tampering (what, object, do_it, undo) VALUES
  ('T113: no trigger fires', 'table tenantd.tenant_members', 'ALTER TABLE tenantd.tenant_members DISABLE TRIGGER ALL', 'ALTER TABLE tenantd.tenant_members ENABLE TRIGGER ALL'),
  ('T113: no trigger fires in the workers'' sessions', 'role tenantd_app', 'ALTER ROLE tenantd_app SET session_replication_role = replica', ''),
  ('T113: no trigger fires in anybody''s sessions', 'role tenantd_app: role attributes and grants: fires no triggers', 'ALTER ROLE ALL SET session_replication_role = replica', 'ALTER ROLE ALL RESET session_replication_role'),
  ('T113: one more trigger', 'table tenantd.tenants', 'CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NULL; END''; CREATE TRIGGER spill AFTER UPDATE ON tenantd.tenants FOR EACH ROW EXECUTE FUNCTION public.f()', 'DROP FUNCTION public.f() CASCADE'),
  ('T113: a rule that swallows', 'table tenantd.audit_events', 'CREATE RULE gone AS ON INSERT TO tenantd.audit_events DO INSTEAD NOTHING', 'DROP RULE gone ON tenantd.audit_events'),
  ('T53: a rule that copies', 'table tenantd.tenants', 'CREATE TABLE public.t (a text); CREATE RULE spill AS ON UPDATE TO tenantd.tenants DO ALSO INSERT INTO public.t VALUES (NEW.name)', 'DROP RULE spill ON tenantd.tenants; DROP TABLE public.t'),
  ('T44: a foreign key dropped', 'table tenantd.onboarding_progress', 'ALTER TABLE tenantd.onboarding_progress DROP CONSTRAINT onboarding_progress_tenant_id_env_fkey', 'ALTER TABLE tenantd.onboarding_progress ADD FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)'),
  ('T68: a unique key dropped', 'table tenantd.tenants', 'ALTER TABLE tenantd.tenants DROP CONSTRAINT tenants_bootstrapped_by_env_key', 'ALTER TABLE tenantd.tenants ADD UNIQUE (bootstrapped_by, env)'),
  ('T43: a pinned search_path loosened', 'function tenantd.bootstrap()', 'ALTER FUNCTION tenantd.bootstrap() RESET search_path', 'ALTER FUNCTION tenantd.bootstrap() SET search_path = pg_catalog, pg_temp'),
  ('T43: one behind an operator', 'function hidden.f(integer,integer)', 'CREATE SCHEMA hidden; CREATE FUNCTION hidden.f(int, int) RETURNS int LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''; CREATE OPERATOR tenantd.### (FUNCTION = hidden.f, LEFTARG = int, RIGHTARG = int)', 'DROP SCHEMA hidden CASCADE'),
  ('T43: a view where PostgreSQL keeps its own', 'view pg_catalog.peek', 'SET LOCAL allow_system_table_mods = on; CREATE VIEW pg_catalog.peek AS SELECT 1; GRANT SELECT ON pg_catalog.peek TO tenantd_app', 'DROP VIEW pg_catalog.peek'),
  ('T53: the keys'' policy opened', 'table tenantd.context_keys', 'CREATE POLICY more ON tenantd.context_keys USING (true)', 'DROP POLICY more ON tenantd.context_keys'),
  ('T54: the context role has SUPERUSER', 'role tenantd_context', 'ALTER ROLE tenantd_context SUPERUSER', 'ALTER ROLE tenantd_context NOSUPERUSER'),
  ('T54: the server''s files', 'function pg_read_file(text)', 'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO tenantd_app', 'REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM tenantd_app'),
  ('T51: the statistics of values', 'table pg_statistic', 'GRANT SELECT ON pg_statistic TO tenantd_app', 'REVOKE SELECT ON pg_statistic FROM tenantd_app'),
  ('T51: counters of rows', 'function pg_stat_get_xact_tuples_fetched(oid)', 'GRANT EXECUTE ON FUNCTION pg_stat_get_xact_tuples_fetched(oid) TO PUBLIC', 'REVOKE EXECUTE ON FUNCTION pg_stat_get_xact_tuples_fetched(oid) FROM PUBLIC'),
  ('T43: large objects', 'function lo_create(oid)', 'GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC', 'REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC'),
  ('what is expected of the schema granted', 'table tenantd.expected_objects', 'GRANT UPDATE ON tenantd.expected_objects TO tenantd_app', 'REVOKE UPDATE ON tenantd.expected_objects FROM tenantd_app');

-- What only a person can mend.
UPDATE test.tampering t SET words = v.words FROM (VALUES
  ('T54: the role owns the database', 'to whom it is to belong the gate cannot know'),
  ('T53: a new tenant table, not forced', 'it may hold data, and may be one of ours by another name'),
  ('T53: a new tenant table, open', 'the same')) v (what, words) WHERE v.what = t.what;
UPDATE test.tampering SET stops = 'nothing', words = 'whether it is to be served is for a person to say' WHERE what IN ('T53: a new tenant table', 'T53: a new partitioned tenant table');

-- T128: what a role may do to its own sessions, and an operator to everybody's.
INSERT INTO test.tampering (what, object, do_it, undo, stops)
SELECT 'T128: the role begins with ' || s, 'role tenantd_app: role attributes and grants: begins its sessions with ' || split_part(s, ' ', 1), 'ALTER ROLE tenantd_app SET ' || s, '', 'nothing'
FROM unnest(ARRAY['synchronous_commit = off', 'extra_float_digits = -15', 'default_transaction_read_only = on', 'exit_on_error = on', 'idle_session_timeout = 1', 'local_preload_libraries = ''nothing''',
  'search_path = public, pg_catalog', 'row_security = off', 'TimeZone = ''Asia/Tokyo''', 'tenantd.context = ''x''']) s;
INSERT INTO test.tampering (what, object, do_it, undo, stops) VALUES
  ('T128: the role in this database', 'role tenantd_app: role attributes and grants: begins its sessions with synchronous_commit=off', 'ALTER ROLE tenantd_app IN DATABASE tenantd SET synchronous_commit = off', '', 'nothing'),
  ('T128: the database, of what the workers give', 'database tenantd: role attributes and grants: gives its sessions synchronous_commit=off', 'ALTER DATABASE tenantd SET synchronous_commit = off', '', 'nothing'),
  ('T128: the database, of what they cannot give', 'database tenantd: role attributes and grants: gives its sessions session_replication_role=replica', 'ALTER DATABASE tenantd SET session_replication_role = replica', 'ALTER DATABASE tenantd RESET session_replication_role', 'service'),
  ('T128: default privileges of the role''s', 'default privileges of tenantd_app', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_app GRANT SELECT ON TABLES TO PUBLIC', '', 'nothing'),
  ('T128: default privileges of the role''s, on functions', 'default privileges of tenantd_app', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_app IN SCHEMA tenantd GRANT EXECUTE ON FUNCTIONS TO PUBLIC', '', 'nothing'),
  ('T128: default privileges of the owner''s', 'default privileges of tenantd_owner', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_owner GRANT SELECT, INSERT ON TABLES TO PUBLIC', '', 'nothing'),
  ('T128: default privileges of the owner''s to the workers', 'default privileges of tenantd_owner', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_owner IN SCHEMA tenantd GRANT ALL ON SEQUENCES TO tenantd_app', '', 'nothing'),
  ('T128: EXECUTE on the owner''s new functions back to everybody', 'default privileges of tenantd_owner', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC', '', 'nothing'),
  ('T128: EXECUTE on the context role''s new functions back to everybody', 'default privileges of tenantd_context', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_context GRANT EXECUTE ON FUNCTIONS TO PUBLIC', '', 'nothing'),
  ('T128: SET on a parameter', 'parameter session_replication_role', 'GRANT SET ON PARAMETER session_replication_role TO tenantd_app', '', 'service'),
  ('T128: SET on a parameter for everybody', 'parameter session_replication_role', 'GRANT SET ON PARAMETER session_replication_role TO PUBLIC', '', 'service');

-- T131: tenantd's own tables and schema.
INSERT INTO test.tampering (what, object, do_it, undo) VALUES
  ('T131: a table with the right to give it on', 'table tenantd.tenants: catalog: privilege SELECT WITH GRANT OPTION is not expected', 'GRANT SELECT ON tenantd.tenants TO tenantd_app WITH GRANT OPTION', ''),
  ('T131: a column with the right to give it on', 'table tenantd.tenants: catalog: privilege UPDATE(name) WITH GRANT OPTION is not expected', 'GRANT UPDATE (name) ON tenantd.tenants TO tenantd_app WITH GRANT OPTION', ''),
  ('T131: a column given on already', 'table tenantd.tenants', 'GRANT UPDATE (slug) ON tenantd.tenants TO tenantd_app WITH GRANT OPTION; SET LOCAL ROLE tenantd_app; GRANT UPDATE (slug) ON tenantd.tenants TO tenantd_migrator; RESET ROLE', ''),
  ('T131: a default of a column that had none', 'table tenantd.audit_events: catalog: default of column code is not expected', 'ALTER TABLE tenantd.audit_events ALTER code SET DEFAULT ''x''', ''),
  ('T131: another default', 'table tenantd.audit_events: catalog: default of column at is not what it was', 'ALTER TABLE tenantd.audit_events ALTER at SET DEFAULT ''epoch''', ''),
  ('T131: a default dropped', 'table tenantd.audit_events: catalog: default of column at is missing', 'ALTER TABLE tenantd.audit_events ALTER at DROP DEFAULT', ''),
  ('T131: NOT NULL dropped', 'table tenantd.tenant_members: catalog: NOT NULL of column status is missing', 'ALTER TABLE tenantd.tenant_members ALTER status DROP NOT NULL', ''),
  ('T131: NOT NULL dropped where a policy looks', 'table tenantd.tenants: catalog: NOT NULL of column env is missing', 'ALTER TABLE tenantd.tenants ALTER env DROP NOT NULL', ''),
  ('T131: NOT NULL added', 'table tenantd.idempotency_keys: catalog: NOT NULL of column body is not expected', 'ALTER TABLE tenantd.idempotency_keys ALTER body SET NOT NULL', ''),
  ('T131: a check with a function', 'table tenantd.users: catalog: constraint spy is not expected', 'CREATE FUNCTION public.f(text) RETURNS bool LANGUAGE sql IMMUTABLE AS ''SELECT true''; ALTER TABLE tenantd.users ADD CONSTRAINT spy CHECK (public.f(name))', 'DROP FUNCTION public.f(text)'),
  ('T131: a check dropped', 'table tenantd.tenants: catalog: constraint tenants_slug_check is missing', 'ALTER TABLE tenantd.tenants DROP CONSTRAINT tenants_slug_check', ''),
  ('T131: an index with an expression', 'table tenantd.users: catalog: index tenantd.spy is not expected', 'CREATE FUNCTION public.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS ''SELECT $1''; CREATE INDEX spy ON tenantd.users (public.f(name))', 'DROP FUNCTION public.f(text)'),
  ('T131: an index dropped', 'table tenantd.tenant_members: catalog: index tenantd.tenant_members_by_user is missing', 'DROP INDEX tenantd.tenant_members_by_user', ''),
  ('T131: statistics with an expression', 'table tenantd.users: catalog: statistics public.spy is not expected', 'CREATE FUNCTION public.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS ''SELECT $1''; CREATE STATISTICS public.spy ON (public.f(name)) FROM tenantd.users', 'DROP FUNCTION public.f(text)'),
  ('T131: one more column', 'table tenantd.users: catalog: column spy is not expected', 'ALTER TABLE tenantd.users ADD COLUMN spy text DEFAULT ''x''', ''),
  ('T131: a function granted', 'function tenantd.f()', 'CREATE FUNCTION tenantd.f() RETURNS int LANGUAGE sql AS ''SELECT 1''; GRANT EXECUTE ON FUNCTION tenantd.f() TO tenantd_app', ''),
  ('T131: a function not granted', 'function tenantd.f()', 'CREATE FUNCTION tenantd.f() RETURNS int LANGUAGE sql AS ''SELECT 1''; REVOKE ALL ON FUNCTION tenantd.f() FROM PUBLIC', ''),
  ('T131: an aggregate', 'function tenantd.f(integer)', 'CREATE AGGREGATE tenantd.f(integer) (SFUNC = int4pl, STYPE = integer)', ''),
  ('T131: a function of somebody else''s', 'function tenantd.me()', 'ALTER FUNCTION tenantd.me() OWNER TO postgres', ''),
  ('T131: a function with the right to give it on', 'function tenantd.me()', 'GRANT EXECUTE ON FUNCTION tenantd.me() TO tenantd_app WITH GRANT OPTION; SET LOCAL ROLE tenantd_app; GRANT EXECUTE ON FUNCTION tenantd.me() TO PUBLIC; RESET ROLE', ''),
  ('T131: a parent of a table', 'table tenantd.users: catalog: parent public.p is not expected', 'CREATE TABLE public.p (name text); ALTER TABLE tenantd.users INHERIT public.p', 'DROP TABLE public.p'),
  ('T131: a child of a table', 'table tenantd.open_functions: catalog: child public.c is not expected', 'CREATE TABLE public.c () INHERITS (tenantd.open_functions)', 'DROP TABLE public.c'),
  ('T131: a function dropped', 'function tenantd.catalog_digest(): catalog: does not exist', 'DROP FUNCTION tenantd.catalog_digest()', ''),
  ('T131: one more door in the list', 'function tenantd.operator_tenants(tenantd.env,text): catalog: entry in open_functions is not expected', 'INSERT INTO tenantd.open_functions VALUES (''tenantd.operator_tenants(tenantd.env,text)'', ''of no harm, they said'')', ''),
  ('T131: one more readable relation in the list', 'table tenantd.system_events: catalog: entry in open_relations is not expected', 'INSERT INTO tenantd.open_relations VALUES (''tenantd.system_events'', ''of no harm, they said'')', ''),
  ('T131: a cast', 'cast tenantd.role AS json', 'CREATE FUNCTION public.f(tenantd.role) RETURNS json LANGUAGE sql AS ''SELECT ''''1''''::json''; CREATE CAST (tenantd.role AS json) WITH FUNCTION public.f(tenantd.role)', 'DROP FUNCTION public.f(tenantd.role)'),
  ('T131: an operator', 'operator tenantd.##(integer,integer)', 'CREATE OPERATOR tenantd.## (FUNCTION = int4pl, LEFTARG = int, RIGHTARG = int)', ''),
  ('T131: a type', 'type tenantd.spy', 'CREATE TYPE tenantd.spy AS ENUM (''a'')', ''),
  ('T131: a type of somebody else''s', 'type tenantd.env: catalog: owner is not what it was', 'ALTER TYPE tenantd.env OWNER TO postgres', ''),
  ('T131: the schema of somebody else''s', 'schema tenantd: catalog: owner is not what it was', 'ALTER SCHEMA tenantd OWNER TO postgres', '');
INSERT INTO test.tampering (what, object, do_it, undo, words) VALUES
  ('T131: a new label', 'type tenantd.env: catalog: definition is not what it was', 'ALTER TYPE tenantd.env ADD VALUE ''other''', 'DELETE FROM pg_enum WHERE enumtypid = ''tenantd.env''::regtype AND enumlabel = ''other''', 'PostgreSQL takes no label back'),
  ('T131: a column dropped', 'table tenantd.system_events: catalog: column route is missing', 'ALTER TABLE tenantd.system_events RENAME route TO spy', 'ALTER TABLE tenantd.system_events RENAME spy TO route', 'a column''s values come back from a backup alone');

-- What a linter of row-level security, pgrls, has rules for beside these.
INSERT INTO test.tampering (what, object, do_it, undo, stops) VALUES
  ('T43: a function that is LEAKPROOF', 'function public.f(text)', 'CREATE FUNCTION public.f(text) RETURNS bool LANGUAGE plpgsql LEAKPROOF COST 0.0001 AS ''BEGIN RAISE NOTICE ''''%'''', $1; RETURN true; END''', 'DROP FUNCTION public.f(text)', 'service'),
  ('T43: a listed function whose names are the caller''s', 'function public.f()', 'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''; INSERT INTO tenantd.open_functions VALUES (''public.f()'', ''of no harm, they said'')', 'DELETE FROM tenantd.open_functions WHERE signature = ''public.f()''; DROP FUNCTION public.f()', 'nothing'),
  ('T54: an operator''s role has BYPASSRLS', 'role tenantd_migrator', 'ALTER ROLE tenantd_migrator BYPASSRLS', '', 'nothing');

-- T125: code of an application's that came after the registration.
SELECT test.script('migrator', $$SET ROLE tenantd_owner; CREATE SCHEMA app;
  CREATE FUNCTION app.holds(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE FUNCTION app.word(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
  GRANT EXECUTE ON FUNCTION app.holds(text), app.word(text) TO tenantd_app;
  CREATE TABLE app.things (id uuid PRIMARY KEY, word text);
  CREATE TABLE app.parts (id uuid PRIMARY KEY, tenant_id uuid, thing uuid, other uuid, word text CHECK (app.holds(word)))$$);
SELECT is(test.q('migrator', $$SELECT tenantd.register_resource('app.things')$$), 'things', 'a resource'),
  test.script('migrator', 'ALTER TABLE app.parts ADD CONSTRAINT of_thing FOREIGN KEY (tenant_id, thing) REFERENCES app.things ON DELETE CASCADE'),
  is(test.q('migrator', $$SELECT tenantd.register_resource('app.parts')$$), 'parts', 'and one with code, whose rows go with it'),
  is(test.q('admin', $$SELECT count(*)::text FROM pg_trigger WHERE tgfoid = 'tenantd.follow'::regproc AND tgrelid = 'app.things'::regclass$$), '1', 'by a trigger');
SELECT is(test.gate(), NULL, 'the gate is clean with them');
INSERT INTO test.tampering (what, object, do_it, undo, stops)
SELECT what, object, 'SET LOCAL ROLE tenantd_owner; ' || do_it || '; RESET ROLE', undo, stops FROM (VALUES
  ('T125: an index with code', 'resource things: resource: index app.spy calls app.word(text)', 'CREATE INDEX spy ON app.things (app.word(word))', '', 'service'),
  ('T125: a partial index with code', 'resource things: resource: index app.spy calls app.holds(text)', 'CREATE INDEX spy ON app.things (word) WHERE app.holds(word)', '', 'service'),
  ('T125: statistics with code', 'resource things: resource: statistics app.spy calls app.word(text)', 'CREATE STATISTICS app.spy ON (app.word(word)) FROM app.things', '', 'service'),
  ('T125: a check that is SECURITY DEFINER', 'resource things: resource: check spy calls the SECURITY DEFINER function app.sees(text)', 'CREATE FUNCTION app.sees(text) RETURNS bool LANGUAGE sql IMMUTABLE SECURITY DEFINER AS ''SELECT true''; ALTER TABLE app.things ADD CONSTRAINT spy CHECK (app.sees(word))', 'DROP FUNCTION app.sees(text) CASCADE', 'service'),
  ('T125: a foreign key that acts by itself on a table with code', 'resource parts: resource: foreign key of_other of app.parts changes rows by itself', 'ALTER TABLE app.parts ADD CONSTRAINT of_other FOREIGN KEY (tenant_id, other) REFERENCES app.things ON DELETE SET NULL (other)', '', 'service'),
  ('T125: the trigger that follows a key dropped', 'table app.things: catalog: trigger A_tenantd_delete_', 'DO $d$ BEGIN EXECUTE (SELECT format(''DROP TRIGGER %I ON app.things'', tgname) FROM pg_trigger WHERE tgfoid = ''tenantd.follow''::regproc AND tgrelid = ''app.things''::regclass LIMIT 1); END $d$', '', 'service'),
  ('T131: an audit that does not know a column', 'resource things: resource: its audit does not know the columns that it has now', 'ALTER TABLE app.things ADD COLUMN later text', '', 'nothing'),
  ('T131: another audit', 'function tenantd."audit app.things"()', 'RESET ROLE; SET LOCAL ROLE tenantd_context; CREATE OR REPLACE FUNCTION tenantd."audit app.things"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ''BEGIN RETURN NULL; END''', '', 'service'),
  ('T131: a registered table''s policy opened', 'table app.things: catalog: policy tenant_select is not what it was', 'ALTER POLICY tenant_select ON app.things USING (true)', '', 'service'),
  ('T131: a registered table''s record gone', 'table app.things: catalog: record in isolated_tables is missing', 'DELETE FROM tenantd.isolated_tables WHERE table_name = ''things''', '', 'service'),
  ('T131: a registered table''s wall not recorded', 'table app.things: catalog: nothing is recorded of it', 'DELETE FROM tenantd.expected_objects WHERE object = ''table app.things''', '', 'service'),
  ('T134: an application''s schema closed', 'table app.things: look at it: the workers have no right to schema app', 'REVOKE USAGE ON SCHEMA app FROM tenantd_app', '', 'resource'),
  ('T134: a tenant table that nobody reaches', 'table far.away', 'CREATE SCHEMA far; CREATE TABLE far.away (id uuid PRIMARY KEY, tenant_id uuid)', 'DROP SCHEMA far CASCADE', 'nothing')) v (what, object, do_it, undo, stops);
UPDATE test.tampering SET words = 'whether it is to be served is for a person to say' WHERE what = 'T134: a tenant table that nobody reaches';
SELECT test.script('migrator', 'CREATE TABLE app.gone (id uuid PRIMARY KEY)'), is(test.q('migrator', $$SELECT tenantd.register_resource('app.gone')$$), 'gone', 'one more resource');
INSERT INTO test.tampering (what, object, do_it, undo, stops, words) VALUES ('T134: a registered table dropped', 'table app.gone: catalog: does not exist', 'DROP TABLE app.gone',
  'DO $d$ BEGIN SET LOCAL ROLE tenantd_owner; PERFORM tenantd.unregister_resource(''gone''); END $d$', 'resource', 'rows come back from a backup alone');
-- One that is not PL/pgSQL by name alone is one: no other is on every machine.
INSERT INTO test.tampering (what, object, do_it, undo) VALUES
  ('T127: another language', 'language other', 'CREATE TRUSTED LANGUAGE other HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator', 'DROP LANGUAGE other'),
  ('T127: a function in another language', 'function public.f()', 'CREATE TRUSTED LANGUAGE other HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator; REVOKE USAGE ON LANGUAGE other FROM PUBLIC; CREATE FUNCTION public.f() RETURNS int LANGUAGE other AS ''BEGIN RETURN 1; END''', 'DROP LANGUAGE other CASCADE');

-- What the gate found last; true when it found nothing.
CREATE TABLE test.found AS SELECT * FROM test.findings() WHERE false;
CREATE FUNCTION test.is_clean() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM test.found;
  INSERT INTO test.found SELECT * FROM test.findings();
  RETURN NOT FOUND;
END $$;
CREATE FUNCTION test.told() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(test.line(f.object, f.attempt, f.finding), E'\n' ORDER BY f.n) FROM test.found f
$$;
-- Runs the gate's mends, in their order, each by the role that it names. A line per mend that was refused.
CREATE FUNCTION test.mend() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  f record;
  refused text := '';
BEGIN
  FOR f IN SELECT m.mend, m.mend_as FROM (SELECT DISTINCT ON (x.mend) x.* FROM test.found x ORDER BY x.mend, x.n) m
      WHERE m.mend ~ '^[A-Z]' ORDER BY m.n LOOP
    PERFORM test.close('mender'), test.connect('mender', CASE f.mend_as WHEN 'tenantd_app' THEN 'tenantd_app' ELSE 'postgres' END);
    BEGIN
      IF f.mend_as NOT IN ('superuser', 'tenantd_app') THEN PERFORM dblink_exec('mender', 'SET ROLE ' || f.mend_as); END IF;
      IF f.mend LIKE 'SELECT %' THEN PERFORM 1 FROM dblink('mender', f.mend) AS t (x text); ELSE PERFORM dblink_exec('mender', f.mend); END IF;
    EXCEPTION WHEN OTHERS THEN
      refused := refused || format(E'%s, as %s: %s\n', f.mend, f.mend_as, SQLERRM);
    END;
  END LOOP;
  PERFORM test.close('mender');
  RETURN refused;
END $$;

-- Keeps in test.said what the gate says of it. Gives what is left when its mends were run, up to three times, for one may uncover
-- the next: 'clean', or findings and refused mends. Of what has words alone: what is left when it was undone.
CREATE TABLE test.said (batch text, line text, stops text);
CREATE FUNCTION test.tamper(batch text, do_it text, undo text, words text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  did text := test.script('admin', 'BEGIN; ' || do_it || '; COMMIT');
  refused text := '';
  left_over text;
  is_clean boolean;
BEGIN
  IF did <> 'COMMIT' THEN
    PERFORM dblink_exec('admin', 'ROLLBACK');
    RETURN 'not done ' || did;
  END IF;
  is_clean := test.is_clean();
  INSERT INTO test.said SELECT batch, test.line(f.object, f.attempt, f.finding), f.stops FROM test.found f;
  IF EXISTS (SELECT 1 FROM test.found f WHERE f.mend IS NULL AND f.n > 0) THEN refused := E'a finding without a mend\n'; END IF;
  FOR round IN 1..3 LOOP
    EXIT WHEN words IS NOT NULL OR is_clean;
    refused := refused || test.mend();
    is_clean := test.is_clean();
  END LOOP;
  left_over := test.told();
  IF words IS NOT NULL OR undo LIKE 'D%' OR NOT is_clean THEN
    PERFORM test.script('admin', 'BEGIN; ' || undo || '; COMMIT'), test.script('admin', 'ROLLBACK');
  END IF;
  IF words IS NOT NULL THEN left_over := test.gate(); END IF;
  RETURN coalesce(left_over || E'\n' || refused, nullif(refused, ''), 'clean');
END $$;
UPDATE test.tampering SET batch = n WHERE batch IS NULL;
CREATE TABLE test.tampered AS SELECT t.batch, t.is_one, test.tamper(t.batch, t.do_it, t.undo, t.words) AS left_over FROM (
  SELECT batch, count(*) = 1 AS is_one, string_agg(do_it, '; ' ORDER BY n) AS do_it, string_agg(undo, '; ' ORDER BY n) AS undo, min(words) AS words
  FROM test.tampering GROUP BY batch ORDER BY min(n)) t;
-- Of a batch, what was said of this table alone.
SELECT ok(f.is_named, format('T53: %s, %s: the gate names it', t.object, t.what)), CASE WHEN NOT f.is_named THEN '# ' || replace(f.told, E'\n', E'\n# ') END,
  is(f.stops, t.stops, format('T53: %s, %s: it stops %s', t.object, t.what, t.stops)),
  is(d.left_over, 'clean', format('T53: %s, %s: %s it is clean', t.object, t.what, coalesce('undone, for ' || t.words || ',', 'by the gate''s own mends')))
FROM test.tampering t JOIN test.tampered d USING (batch), LATERAL (
  SELECT coalesce(bool_or(v.names), false) AS is_named, string_agg(s.line, E'\n') AS told,
    CASE WHEN bool_or(s.stops = 'service') THEN 'service' WHEN bool_or(s.stops = 'resource') THEN 'resource' ELSE 'nothing' END AS stops
  FROM test.said s, LATERAL (SELECT strpos(s.line, CASE WHEN t.object LIKE 'tenantd.%' AND s.line LIKE 'the gate itself%'
    THEN split_part(t.object, '.', 2) ELSE t.object END) > 0 AS names) v
  WHERE s.batch = t.batch AND (v.names OR d.is_one)) f
ORDER BY t.n;
SELECT cmp_ok((SELECT count(DISTINCT what) FROM test.tampering WHERE words IS NULL), '>=', 40::bigint, 'T53: of at least forty kinds, by SQL');
SELECT is(test.gate(), NULL, 'T53: and all of them leave nothing');

-- The tries ----------------------------------------------------------------------------------------------------

-- What the catalog does not show: a check of the seal that checks nothing, or knows no absence.
SELECT test.q('admin', 'SELECT pg_get_functiondef(''tenantd.sealed()''::regprocedure)') AS sealed \gset
SELECT is(test.script('admin', 'CREATE OR REPLACE FUNCTION tenantd.sealed() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ''SELECT nullif(substr(current_setting(''''tenantd.context'''', true), 113), '''''''')'''), 'CREATE FUNCTION', 'T40: a seal that is not checked');
SELECT test.gate() AS said \gset
SELECT ok(:'said' LIKE '%table ' || t || ': see a row under a forged context: saw one%', 'T40: is found by trying on ' || t) FROM test.tables() t WHERE t LIKE 'tenantd.%' AND t NOT IN ('tenantd.content_pieces'); -- where a canary has no row
SELECT is(test.script('admin', 'CREATE OR REPLACE FUNCTION tenantd.sealed() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $d$SELECT concat_ws(E''\n'', ''' || test.tenant('alpha') || ''', ''prod'', '''', ''owner'', ''member'')$d$'), 'CREATE FUNCTION', 'T39: a context that always stands');
SELECT test.gate() AS said \gset
SELECT ok(:'said' LIKE '%table ' || t || ': see a row without a context: saw one%table ' || t || ': see a row under a forged context: saw one%' OR t = 'tenantd.tenant_members' AND :'said' LIKE '%table ' || t || ': try the wall: no longer a member%',
    'T39: is found by trying on ' || t) FROM test.tables() t WHERE t LIKE 'tenantd.%' AND t NOT IN ('tenantd.content_pieces');
SELECT is(test.script('admin', :'sealed'), 'CREATE FUNCTION', 'the seal is checked again'), is(test.gate(), NULL, 'and the gate is clean');

-- Why LEAKPROOF matters: such a function is shown the rows of others.
SELECT test.script('admin', $$CREATE FUNCTION public.f(text) RETURNS bool LANGUAGE plpgsql LEAKPROOF COST 0.0001 AS 'BEGIN IF $1 = ''beta'' THEN RAISE ''saw beta''; END IF; RETURN true; END'; GRANT USAGE ON SCHEMA public TO tenantd_app$$),
  matches(test.act('app', 'amy', test.tenant('alpha'), 'SELECT slug FROM tenantd.tenants WHERE public.f(slug)'), '!P0001', 'T43: (a LEAKPROOF function sees beta from alpha)'),
  test.script('admin', 'ALTER FUNCTION public.f(text) NOT LEAKPROOF'), is(test.act('app', 'amy', test.tenant('alpha'), 'SELECT slug FROM tenantd.tenants WHERE public.f(slug)'), 'alpha', 'T43: and one that is not does not'),
  test.script('admin', 'DROP FUNCTION public.f(text); REVOKE USAGE ON SCHEMA public FROM tenantd_app');

-- The session it is asked on.
SELECT ok(test.gate(s) LIKE '%' || w || '%', 'T55: the gate finds a session after ' || s) FROM (VALUES ('SET client_encoding = ''LATIN1''', 'does not speak UTF8'), ('SET search_path = public', 'has another search_path'),
  ('SET row_security = off', 'row-level security'), ('SET client_encoding = ''SQL_ASCII''', 'does not speak UTF8')) v (s, w);
SELECT ok(test.gate('SET ROLE tenantd_app', 'postgres') LIKE '%is not the role that logged in%', 'T48: and one that only acts as the role');
SELECT matches(test.gate('', 'tenantd_migrator'), 'permission denied', 'another role is not even heard');
SELECT is(test.script('app', 'ALTER ROLE tenantd_app SET search_path = public'), 'ALTER ROLE', 'T48: (a role may change its own defaults, and only those)'),
  ok(test.gate() LIKE '%begins its sessions with search_path=public', 'T48: which the gate finds'), test.script('app', 'ALTER ROLE tenantd_app RESET search_path'), is(test.gate(), NULL, 'T48: until it is taken back');
SELECT is(test.q('app', format('SELECT tenantd.canary(%s)::text', test.args(test.claim(test.pid('app'), '', purpose => 'enter')))), '!TD503', 'T40: nobody makes a canary without the proof');


-- The gate executes texts: of its own record, never a caller's, or a mere SELECT could do more than select.
SELECT test.q('admin', 'SELECT rolpassword FROM pg_authid WHERE rolname = ''tenantd_app''') AS password \gset
SELECT is(test.q('app', $$SELECT string_agg(attempt, '') FROM tenantd.try_table(('tenantd', 'onboarding_progress', 'true', 'SELECT * FROM tenantd.onboarding_progress WHERE false;
  ALTER ROLE tenantd_app PASSWORD ''mine''')::tenantd.isolated_tables, NULL, NULL, NULL, NULL, NULL)$$), '!42883', 'T40: nobody gives the gate a text to execute'),
  is(test.q('app', 'SELECT string_agg(attempt, '''') FROM tenantd.try_table(''tenantd'', ''context_keys; ALTER ROLE tenantd_app PASSWORD ''''mine'''''', NULL, NULL, NULL, NULL, NULL)'), '!22004', 'T40: nor a name that it does not know'),
  is(test.q('admin', 'SELECT rolpassword FROM pg_authid WHERE rolname = ''tenantd_app'''), :'password', 'T40: so that neither did anything');
SELECT is(test.q('admin', $$SELECT string_agg(p.proname, ', ' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace = 'tenantd'::regnamespace AND has_function_privilege('tenantd_app', p.oid, 'EXECUTE') AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') AND p.prosrc ~ '\mEXECUTE\M(?!'')'$$),
  'locked_tables, try_table, try_view', 'T40: no other function that the workers may call executes a text');
SELECT is(test.q('admin', $$SELECT pronargs::text FROM pg_proc WHERE oid = 'tenantd.locked_tables'::regproc$$), '0', 'T40: and the third takes none');

SELECT * FROM finish();
DROP TABLE test.tampering, test.tampered, test.found, test.said;
DROP FUNCTION test.policy, test.tamper, test.mend, test.is_clean, test.told;
