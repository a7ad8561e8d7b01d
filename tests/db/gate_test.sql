-- The isolation gate: clean on a database as it was built, and not on one with any single wall tampered with, on
-- every registered table; the finding names the object; undone, the gate is clean again.
SELECT no_plan();
SELECT test.world();
SELECT is(test.gate(), NULL, 'T53: the gate is clean on what was built');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.tenants WHERE slug LIKE ''canary%'''), '0', 'and leaves no canary behind'),
  is(test.q('admin', 'SELECT count(*)::text FROM tenantd.audit_events WHERE object_id LIKE ''canary%'' OR actor_label = ''isolation gate'''), '0', 'nor its rows');

CREATE TABLE test.tampering (n serial, what text, object text, do_it text, undo text);

-- Each registered table ----------------------------------------------------------------------------------------

-- A policy as a command that makes it.
CREATE FUNCTION test.policy(relation text, policy text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT format(''CREATE POLICY %%I ON %s FOR %%s TO %%s%%s%%s'', polname,
    CASE polcmd WHEN ''r'' THEN ''SELECT'' ELSE ''ALL'' END, array_to_string(ARRAY(SELECT r::regrole::text FROM unnest(polroles) r), '', ''),
    '' USING ('' || pg_get_expr(polqual, polrelid) || '')'', '' WITH CHECK ('' || pg_get_expr(polwithcheck, polrelid) || '')'')
    FROM pg_policy WHERE polrelid = %L::regclass AND polname = %L', relation, relation, policy))
$$;
SELECT test.script('admin', 'CREATE TABLE public.saved AS SELECT * FROM tenantd.isolated_tables');
INSERT INTO test.tampering (what, object, do_it, undo)
SELECT v.what, t, replace(v.do_it, '@', t), replace(v.undo, '@', t) FROM test.tables() t, LATERAL (SELECT CASE t WHEN 'tenantd.users' THEN 'issuer' ELSE 'env' END AS c) k, LATERAL (VALUES
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
  (CASE WHEN t IN ('tenantd.idempotency_keys', 'tenantd.content_pieces') THEN 'DELETE revoked' ELSE 'DELETE granted' END, CASE WHEN t IN ('tenantd.idempotency_keys', 'tenantd.content_pieces') THEN 'REVOKE DELETE ON @ FROM tenantd_app' ELSE 'GRANT DELETE ON @ TO tenantd_app' END,
    CASE WHEN t IN ('tenantd.idempotency_keys', 'tenantd.content_pieces') THEN 'GRANT DELETE ON @ TO tenantd_app' ELSE 'REVOKE DELETE ON @ FROM tenantd_app' END),
  ('TRUNCATE granted', 'GRANT TRUNCATE ON @ TO tenantd_app', 'REVOKE TRUNCATE ON @ FROM tenantd_app'),
  ('REFERENCES granted to everybody', 'GRANT REFERENCES ON @ TO PUBLIC', 'REVOKE REFERENCES ON @ FROM PUBLIC'),
  ('TRIGGER granted', 'GRANT TRIGGER ON @ TO tenantd_app', 'REVOKE TRIGGER ON @ FROM tenantd_app'),
  ('a column granted', format('GRANT UPDATE (%s) ON @ TO tenantd_app', c), format('REVOKE UPDATE (%s) ON @ FROM tenantd_app', c)),
  ('a column granted to everybody', format('GRANT UPDATE (%s) ON @ TO PUBLIC', c), format('REVOKE UPDATE (%s) ON @ FROM PUBLIC', c)),
  ('SELECT revoked', CASE t WHEN 'tenantd.users' THEN 'REVOKE SELECT (email) ON @ FROM tenantd_app' ELSE 'REVOKE SELECT ON @ FROM tenantd_app' END,
    CASE t WHEN 'tenantd.users' THEN 'GRANT SELECT (email) ON @ TO tenantd_app' ELSE 'GRANT SELECT ON @ TO tenantd_app' END),
  ('its record gone', 'DELETE FROM tenantd.isolated_tables WHERE schema_name || ''.'' || table_name = ''@''', 'INSERT INTO tenantd.isolated_tables SELECT * FROM public.saved WHERE schema_name || ''.'' || table_name = ''@'''),
  ('its record changed', 'UPDATE tenantd.isolated_tables SET policies = ''{}'' WHERE schema_name || ''.'' || table_name = ''@''',
    'UPDATE tenantd.isolated_tables i SET policies = s.policies FROM public.saved s WHERE i.schema_name || ''.'' || i.table_name = ''@'' AND s.schema_name || ''.'' || s.table_name = ''@'''),
  ('the table by another name', format('ALTER TABLE @ RENAME TO %s_x', split_part(t, '.', 2)), format('ALTER TABLE @_x RENAME TO %s', split_part(t, '.', 2)))
) v (what, do_it, undo)
WHERE v.undo IS NOT NULL;
SELECT is((SELECT count(*) % 22 FROM test.tampering) || ' of ' || (SELECT count(*) FROM test.tables()), '0 of 7', 'each tampering on each registered table');

-- The role, and everything else --------------------------------------------------------------------------------

INSERT INTO test.tampering (what, object, do_it, undo)
SELECT 'T54: the role has ' || a, 'role tenantd_app', 'ALTER ROLE tenantd_app ' || a, 'ALTER ROLE tenantd_app NO' || a FROM unnest(ARRAY['SUPERUSER', 'BYPASSRLS', 'CREATEROLE', 'CREATEDB', 'REPLICATION']) a;
INSERT INTO test.tampering (what, object, do_it, undo)
SELECT 'T54: the role is in ' || r, r, format('GRANT %s TO tenantd_app', r), format('REVOKE %s FROM tenantd_app', r) FROM unnest(ARRAY['tenantd_owner', 'tenantd_context', 'tenantd_migrator', 'pg_read_all_data', 'pg_signal_backend', 'pg_monitor']) r;
INSERT INTO test.tampering (what, object, do_it, undo) VALUES
  ('T54: the role owns a table', 'role tenantd_app', 'CREATE TABLE public.mine (a int); ALTER TABLE public.mine OWNER TO tenantd_app', 'DROP TABLE public.mine'),
  ('T54: the role owns a function', 'role tenantd_app', 'CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS ''SELECT 1''; ALTER FUNCTION public.mine() OWNER TO tenantd_app', 'DROP FUNCTION public.mine()'),
  ('T54: the role owns a schema', 'schema mine', 'CREATE SCHEMA mine AUTHORIZATION tenantd_app', 'DROP SCHEMA mine'),
  ('T54: the role owns a large object', 'pg_largeobject', 'DO $d$ BEGIN PERFORM lo_create(4711); END $d$; ALTER LARGE OBJECT 4711 OWNER TO tenantd_app', 'DO $d$ BEGIN PERFORM lo_unlink(4711); END $d$'),
  ('T54: the role owns the database', 'role tenantd_app', 'ALTER DATABASE tenantd OWNER TO tenantd_app', 'ALTER DATABASE tenantd OWNER TO postgres; GRANT CONNECT ON DATABASE tenantd TO tenantd_app'),
  ('T54: the role owns default privileges', 'pg_default_acl', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_app GRANT SELECT ON TABLES TO PUBLIC', 'ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_app REVOKE SELECT ON TABLES FROM PUBLIC'),
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
  ('T53: the keys granted', 'table tenantd.context_keys', 'GRANT SELECT (seal_ipad) ON tenantd.context_keys TO tenantd_app', 'REVOKE SELECT (seal_ipad) ON tenantd.context_keys FROM tenantd_app'),
  ('T53: the system''s log granted', 'table tenantd.system_events', 'GRANT SELECT ON tenantd.system_events TO PUBLIC', 'REVOKE SELECT ON tenantd.system_events FROM PUBLIC'),
  ('the gate''s record granted', 'table tenantd.isolated_tables', 'GRANT UPDATE ON tenantd.isolated_tables TO tenantd_app', 'REVOKE UPDATE ON tenantd.isolated_tables FROM tenantd_app'),
  ('the list of doors granted', 'table tenantd.open_functions', 'GRANT INSERT ON tenantd.open_functions TO PUBLIC', 'REVOKE INSERT ON tenantd.open_functions FROM PUBLIC'),
  ('the list of readable relations granted', 'table tenantd.open_relations', 'GRANT DELETE ON tenantd.open_relations TO PUBLIC', 'REVOKE DELETE ON tenantd.open_relations FROM PUBLIC'),
  ('a readable relation that is not listed', 'table tenantd.open_functions', 'DELETE FROM tenantd.open_relations WHERE name = ''tenantd.open_functions''', 'INSERT INTO tenantd.open_relations VALUES (''tenantd.open_functions'', ''x'')'),
  ('T45: a sequence', 'sequence public.s', 'CREATE SEQUENCE public.s; GRANT USAGE ON SEQUENCE public.s TO tenantd_app', 'DROP SEQUENCE public.s'),
  ('another search_path', 'role tenantd_app', 'ALTER ROLE tenantd_app SET search_path = public, pg_catalog', 'ALTER ROLE tenantd_app SET search_path = pg_catalog, pg_temp'),
  ('T51: queries shown', 'role tenantd_app', 'ALTER ROLE tenantd_app SET track_activities = on', 'ALTER ROLE tenantd_app SET track_activities = off'),
  ('T49: row_security off', 'row-level security', 'ALTER ROLE tenantd_app SET row_security = off', 'ALTER ROLE tenantd_app SET row_security = on');

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
  ('T113: no trigger fires in the workers'' sessions', 'role tenantd_app', 'ALTER ROLE tenantd_app SET session_replication_role = replica', 'ALTER ROLE tenantd_app RESET session_replication_role'),
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

-- Findings, or 'clean'; then what the gate says after the undoing, or 'clean'.
CREATE FUNCTION test.tamper(do_it text, undo text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  did text := test.script('admin', 'BEGIN; ' || do_it || '; COMMIT');
  found text := coalesce(test.gate(), 'clean');
  undid text := test.script('admin', 'BEGIN; ' || undo || '; COMMIT');
BEGIN
  IF did <> 'COMMIT' OR undid <> 'COMMIT' THEN
    PERFORM dblink_exec('admin', 'ROLLBACK');
    RETURN ARRAY['not done ' || did, 'not undone ' || undid];
  END IF;
  RETURN ARRAY[found, coalesce(test.gate(), 'clean')];
END $$;
CREATE TABLE test.tampered AS SELECT n, what, object, r.found FROM (SELECT * FROM test.tampering ORDER BY n) t, LATERAL (SELECT test.tamper(do_it, undo) AS found) r;
SELECT ok(strpos(found[1], CASE WHEN object LIKE 'tenantd.%' AND found[1] LIKE 'the gate itself%' THEN split_part(object, '.', 2) ELSE object END) > 0, format('T53: %s, %s: the gate names it', object, what)),
  CASE WHEN strpos(found[1], split_part(object, '.', 2)) = 0 THEN '# ' || replace(found[1], E'\n', E'\n# ') END,
  is(found[2], 'clean', format('T53: %s, %s: undone it is clean', object, what))
FROM test.tampered ORDER BY n;

-- The tries ----------------------------------------------------------------------------------------------------

-- What the catalog does not show: a check of the seal that checks nothing, or knows no absence.
SELECT test.q('admin', 'SELECT pg_get_functiondef(''tenantd.sealed()''::regprocedure)') AS sealed \gset
SELECT is(test.script('admin', 'CREATE OR REPLACE FUNCTION tenantd.sealed() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ''SELECT nullif(substr(current_setting(''''tenantd.context'''', true), 81), '''''''')'''), 'CREATE FUNCTION', 'T40: a seal that is not checked'),
  ok(test.gate() LIKE '%table ' || t || ': see a row under a forged context: saw one%', 'T40: is found by trying on ' || t) FROM test.tables() t WHERE t NOT IN ('tenantd.idempotency_keys', 'tenantd.content_pieces'); -- where a canary has no row
SELECT is(test.script('admin', 'CREATE OR REPLACE FUNCTION tenantd.sealed() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $d$SELECT concat_ws(E''\n'', ''' || test.tenant('alpha') || ''', ''prod'', '''', ''owner'', ''member'')$d$'), 'CREATE FUNCTION', 'T39: a context that always stands'),
  ok(test.gate() LIKE '%table ' || t || ': see a row without a context: saw one%table ' || t || ': see a row under a forged context: saw one%' OR t = 'tenantd.tenant_members' AND test.gate() LIKE '%table ' || t || ': try the wall: no longer a member%',
    'T39: is found by trying on ' || t) FROM test.tables() t WHERE t NOT IN ('tenantd.idempotency_keys', 'tenantd.content_pieces');
SELECT is(test.script('admin', :'sealed'), 'CREATE FUNCTION', 'the seal is checked again'), is(test.gate(), NULL, 'and the gate is clean');

-- The session it is asked on.
SELECT ok(test.gate(s) LIKE '%' || w || '%', 'T55: the gate finds a session after ' || s) FROM (VALUES ('SET client_encoding = ''LATIN1''', 'does not speak UTF8'), ('SET search_path = public', 'has another search_path'),
  ('SET row_security = off', 'row-level security'), ('SET client_encoding = ''SQL_ASCII''', 'does not speak UTF8')) v (s, w);
SELECT ok(test.gate('SET ROLE tenantd_app', 'postgres') LIKE '%is not the role that logged in%', 'T48: and one that only acts as the role');
SELECT matches(test.gate('', 'tenantd_migrator'), 'permission denied', 'another role is not even heard');
SELECT is(test.script('app', 'ALTER ROLE tenantd_app SET search_path = public'), 'ALTER ROLE', 'T48: (a role may change its own defaults, and only those)'),
  ok(test.gate() LIKE '%has another search_path%', 'T48: which the gate finds'), test.script('admin', 'ALTER ROLE tenantd_app SET search_path = pg_catalog, pg_temp'), is(test.gate(), NULL, 'T48: until it is set back');
SELECT is(test.q('app', format('SELECT tenantd.canary(%L, %L)::text', c, m)), '!28000', 'T40: nobody makes a canary without the proof') FROM (SELECT test.claim(test.pid('app'), '', purpose => 'enter') AS c) k, LATERAL (SELECT test.mac(c) AS m) p;


-- The gate executes texts: of its own record, never a caller's, or a mere SELECT could do more than select.
SELECT test.q('admin', 'SELECT rolpassword FROM pg_authid WHERE rolname = ''tenantd_app''') AS password \gset
SELECT is(test.q('app', $$SELECT string_agg(attempt, '') FROM tenantd.try_table(('tenantd', 'onboarding_progress', 'true', 'SELECT * FROM tenantd.onboarding_progress WHERE false;
  ALTER ROLE tenantd_app PASSWORD ''mine''', '{}', '{}', '{}')::tenantd.isolated_tables, NULL, NULL, NULL, NULL, NULL)$$), '!42883', 'T40: nobody gives the gate a text to execute'),
  is(test.q('app', 'SELECT string_agg(attempt, '''') FROM tenantd.try_table(''tenantd'', ''context_keys; ALTER ROLE tenantd_app PASSWORD ''''mine'''''', NULL, NULL, NULL, NULL, NULL)'), '!22004', 'T40: nor a name that it does not know'),
  is(test.q('admin', 'SELECT rolpassword FROM pg_authid WHERE rolname = ''tenantd_app'''), :'password', 'T40: so that neither did anything');
SELECT is(test.q('admin', $$SELECT string_agg(p.proname, ', ' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace = 'tenantd'::regnamespace AND has_function_privilege('tenantd_app', p.oid, 'EXECUTE') AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') AND p.prosrc ~ '\mEXECUTE\M(?!'')'$$),
  'try_table, try_view', 'T40: no other function that the workers may call executes a text');

SELECT * FROM finish();
DROP TABLE test.tampering, test.tampered;
DROP FUNCTION test.policy, test.tamper;
