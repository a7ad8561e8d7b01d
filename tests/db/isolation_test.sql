-- Everything a session of the workers' role can try by hand, as if SQL had been injected into a request of
-- alpha's, to reach a row of beta (same env) or gamma (another env), or what stands around the tables.
SELECT no_plan();
SELECT test.world();

-- Lines the sight of a table: how many rows, and whether all are alpha's.
CREATE FUNCTION test.a(query text) RETURNS text LANGUAGE sql AS $$ SELECT test.q('app', query) $$;
CREATE FUNCTION test.alpha(sub text DEFAULT 'ann', at_least text DEFAULT 'member') RETURNS text LANGUAGE sql AS $$
  SELECT test.enter('app', sub, test.tenant('alpha'), at_least)
$$;

-- Each registered table -----------------------------------------------------------------------------------

SELECT is(test.a('SELECT count(*)::text FROM ' || t), '0', 'T39: without a context ' || t || ' is empty') FROM test.tables() t;
SELECT isnt(test.alpha(), '!TD012', 'ann comes in as owner of alpha');
SELECT isnt(test.a('SELECT count(*)::text FROM ' || t), '0', 'T39: with one ' || t || ' is not') FROM test.tables() t WHERE t NOT IN ('tenantd.content_pieces');
CREATE TABLE test.foreign_row AS SELECT * FROM dblink('admin', 'SELECT schema_name || ''.'' || table_name, is_foreign, foreign_row FROM tenantd.isolated_tables')
  AS t (name text, is_foreign text, foreign_row text);
-- (Users are foreign when they share no tenant: that is asked of the owner of beta.)
SELECT is(test.a(format('PREPARE f (uuid, tenantd.env, uuid) AS SELECT count(*)::text FROM %s WHERE %s', name, is_foreign)), 'PREPARE', 'T40: ask for foreign rows of ' || name),
  is(test.a(format('EXECUTE f (%L, ''prod'', %L)', test.tenant('alpha'), test.person('ann'))), '0', 'T40: none is seen in ' || name), test.a('DEALLOCATE f')
FROM test.foreign_row WHERE name <> 'tenantd.users';
SELECT is(test.a('SELECT string_agg(name, '','' ORDER BY name) FROM tenantd.users'), 'Adam,Amy,Ann,Pat,Rem,Rex,Sue', 'T40: users are those who are or were alpha''s');
SELECT is(test.a(format('SELECT count(*)::text FROM tenantd.users WHERE email = ''bob@example.org'' OR id = %L', test.person('bob'))), '0', 'T40: beta''s owner is not, by email or id');
SELECT is(test.a(format('SELECT count(*)::text FROM tenantd.%s WHERE %s = %L', t, CASE t WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, test.tenant(s))), '0', format('T40: %s of %s are not seen', t, s))
FROM unnest(ARRAY['tenants', 'tenant_members', 'onboarding_progress', 'audit_events']) t, unnest(ARRAY['beta', 'gamma']) s;
SELECT is(test.a('SELECT count(*)::text FROM tenantd.tenants WHERE env = ''dev'''), '0', 'T40: nor a row of another env');
SELECT is(test.a('SELECT count(*)::text FROM tenantd.tenants, tenantd.tenant_members m WHERE m.tenant_id <> tenants.id'), '0', 'T40: joined, nothing of another appears');
SELECT is(test.a('SELECT (SELECT count(*) FROM tenantd.tenant_members WHERE tenant_id <> t.id)::text FROM tenantd.tenants t'), '0', 'T40: nor in a subquery');
SELECT is(test.a($$SELECT xpath('count(//row)', query_to_xml('SELECT * FROM tenantd.tenants', true, false, ''))::text$$), '{1}', 'T43: query_to_xml asks as the caller');
SELECT isnt(test.a($$SELECT left(table_to_xml('tenantd.tenants', true, false, '')::text, 0)$$), '!42501', 'T43: so does table_to_xml'),
  is(test.a($$SELECT strpos(schema_to_xml('tenantd', true, false, '')::text, 'Beta')::text$$), '0', 'T43: and schema_to_xml');
SELECT is(test.a($$SELECT count(*)::text FROM ts_stat('SELECT to_tsvector(name) FROM tenantd.tenants')$$), '1', 'T43: and ts_stat');
SELECT is(test.script('app', 'DECLARE c CURSOR FOR SELECT slug FROM tenantd.tenants'), 'DECLARE CURSOR', 'T43: a cursor'),
  is(test.a($$SELECT strpos(cursor_to_xml('c', 100, true, false, '')::text, 'beta')::text$$), '0', 'T43: shows no more');
SELECT is(test.a('SELECT count(*)::text FROM tenantd.tenants TABLESAMPLE BERNOULLI (100)'), '1', 'T43: a sample shows no more');
SELECT is(test.a('SELECT count(*)::text FROM tenantd.tenants WHERE ctid = ANY (SELECT format(''(0,%s)'', i)::tid FROM generate_series(1, 200) i)'), '1', 'T43: nor do physical addresses');
SELECT test.script('app', 'ROLLBACK');

-- A change of a foreign row: nothing is found, whatever the statement reads.
SELECT isnt(test.alpha(), '!TD012', 'ann comes in');
SELECT is(test.a(query), want, 'T58: ' || query) FROM (VALUES
  (format('UPDATE tenantd.tenants SET name = ''x'' WHERE id = %L', test.tenant('beta')), 'UPDATE 0'),
  ('UPDATE tenantd.tenants SET name = ''Alpha''', 'UPDATE 1'),
  ('UPDATE tenantd.tenants SET name = ''Alpha'' WHERE true RETURNING ''kept''', 'kept'),
  (format('UPDATE tenantd.tenant_members SET role = ''owner'' WHERE tenant_id = %L', test.tenant('beta')), 'UPDATE 0'),
  (format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', test.person('bea')), 'UPDATE 0'),
  (format('UPDATE tenantd.tenant_members SET role = ''owner'' WHERE user_id = %L AND tenant_id <> %L', test.person('amy'), test.tenant('alpha')), 'UPDATE 0'),
  ('SELECT count(*)::text FROM (SELECT 1 FROM tenantd.tenants FOR UPDATE) t', '1'),
  (format('UPDATE tenantd.tenant_members m SET status = ''removed'' FROM tenantd.tenants t WHERE t.id = %L', test.tenant('beta')), 'UPDATE 0')) v (query, want);
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.tenant_members WHERE version > 1'), '0', 'T58: no member was touched');
SELECT test.script('app', 'ROLLBACK');
-- What is not granted at all, each alone, since a refusal ends its transaction.
SELECT is(test.act('app', 'ann', test.tenant('alpha'), query), '!42501', 'T50: denied: ' || query) FROM (SELECT unnest(ARRAY[
  'DELETE FROM tenantd.tenants', 'DELETE FROM tenantd.tenant_members', 'DELETE FROM tenantd.onboarding_progress', 'DELETE FROM tenantd.audit_events',
  'UPDATE tenantd.users SET name = ''x''', 'UPDATE tenantd.users SET system_admin = true', 'SELECT system_admin FROM tenantd.users', 'SELECT subject FROM tenantd.users', 'SELECT * FROM tenantd.users',
  'SELECT users::text FROM tenantd.users', 'SELECT row_to_json(users)::text FROM tenantd.users',
  'INSERT INTO tenantd.users (issuer, subject) VALUES (''x'', ''x'')', 'INSERT INTO tenantd.tenants (env, slug, name) VALUES (''prod'', ''x'', ''x'')',
  'UPDATE tenantd.tenants SET version = 1', 'UPDATE tenantd.tenants SET bootstrapped_by = NULL', 'UPDATE tenantd.tenants SET created_at = now()',
  'UPDATE tenantd.onboarding_progress SET step = ''x''', 'UPDATE tenantd.audit_events SET action = ''x''', 'INSERT INTO tenantd.audit_events SELECT * FROM tenantd.audit_events',
  'UPDATE tenantd.tenant_members SET joined_at = NULL', 'UPDATE tenantd.tenant_members SET version = 9',
  'TRUNCATE tenantd.tenants CASCADE', 'TRUNCATE tenantd.audit_events', 'TRUNCATE tenantd.onboarding_progress', 'SELECT 1 FROM tenantd.system_events', 'INSERT INTO tenantd.isolated_tables SELECT * FROM tenantd.isolated_tables',
  'DELETE FROM tenantd.isolated_tables', 'UPDATE tenantd.open_functions SET reason = ''x''',
  -- T52
  'UPDATE tenantd.tenants SET env = ''dev''', format('UPDATE tenantd.tenants SET id = %L', test.tenant('beta')), 'UPDATE tenantd.tenant_members SET env = ''dev''',
  format('UPDATE tenantd.tenant_members SET tenant_id = %L', test.tenant('beta')), format('UPDATE tenantd.tenant_members SET user_id = %L', test.person('bob')),
  -- T44, T45: an insert of a membership, here or there
  format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, ''active'')', test.tenant('beta'), test.person('ann')),
  format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, ''active'')', test.tenant('alpha'), test.person('sam')),
  format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''x'', %L)', test.tenant('beta'), test.person('ann')),
  format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''dev'', ''x'', %L)', test.tenant('alpha'), test.person('ann')),
  format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (NULL, ''prod'', ''x'', %L)', test.person('ann')),
  format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''dev'', ''x'', %L)', test.tenant('gamma'), test.person('ann'))
]) AS query) v;
SELECT is(test.q('admin', query), '!TD403', 'T52: to nobody: ' || query) FROM unnest(ARRAY['UPDATE tenantd.tenants SET env = ''staging'' WHERE slug = ''alpha''',
  'UPDATE tenantd.tenant_members SET user_id = gen_random_uuid()', 'UPDATE tenantd.tenant_members SET tenant_id = gen_random_uuid()', 'UPDATE tenantd.users SET subject = ''x'' WHERE subject = ''ann''']) query;
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''x'', %L)', test.tenant('alpha'), test.person('ann'))),
  'INSERT 0 1', 'T44: but one''s own step is written');

-- The pieces of an upload: the transaction that brings them sees them, and no other, whoever forgot to take them away.
SELECT isnt(test.alpha(), '!TD012', 'ann comes in'), test.script('app', format('INSERT INTO tenantd.content_pieces (tenant_id, env, number, bytes) VALUES (%L, ''prod'', 0, ''a'')', test.tenant('alpha')));
SELECT is(test.a('SELECT count(*)::text FROM tenantd.content_pieces'), '1', 'a piece is there'), test.script('app', 'COMMIT');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), query), want, 'T39: not to another transaction: ' || query) FROM (VALUES
  ('SELECT count(*)::text FROM tenantd.content_pieces', '0'),
  ('DELETE FROM tenantd.content_pieces', 'DELETE 0'),
  ('UPDATE tenantd.content_pieces SET number = 1', '!42501'),
  (format('INSERT INTO tenantd.content_pieces (tenant_id, env, upload, number, bytes) VALUES (%L, ''prod'', ''3'', 0, '''')', test.tenant('alpha')), '!42501'),
  (format('INSERT INTO tenantd.content_pieces (tenant_id, env, number, bytes) VALUES (%L, ''prod'', 0, '''')', test.tenant('beta')), '!42501'),
  (format('INSERT INTO tenantd.content_pieces (tenant_id, env, number, bytes) VALUES (%L, ''dev'', 0, '''')', test.tenant('alpha')), '!42501')) v (query, want);

-- Oracles -----------------------------------------------------------------------------------------------------

-- beta has the step 'profile' and no step 'nothing': an answer that differs would tell.
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format(query, 'profile')), test.act('app', 'ann', test.tenant('alpha'), format(query, 'nothing')), 'T45, T46: no oracle: ' || query),
  is(test.act('app', 'ann', test.tenant('alpha'), format(query, 'profile')), '!42501', 'T45, T46: but a denial')
FROM (SELECT format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''%%s'', %L)%s', test.tenant('beta'), test.person('ann'), more) AS query
  FROM unnest(ARRAY['', ' ON CONFLICT DO NOTHING', ' ON CONFLICT (tenant_id, step) DO NOTHING', ' ON CONFLICT (tenant_id, step) DO NOTHING RETURNING step', ' ON CONFLICT (tenant_id, step) DO UPDATE SET env = excluded.env']) more) v;
SELECT isnt(test.alpha(), '!TD012', 'ann comes in');
SELECT is(test.refusal('app', format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''profile'', %L)', test.tenant(s), test.person('ann'))),
  'new row violates row-level security policy for table "onboarding_progress"', 'T45: the text is the same for a tenant that ' || w), test.script('app', 'ROLLBACK'), test.alpha() IS NULL
FROM (VALUES ('beta', 'has it'), ('nowhere', 'does not exist')) v (s, w);
SELECT is(test.act('app', 'ann', test.tenant('alpha'), query), '1', 'T43: no error betrays a hidden row: ' || query) FROM unnest(ARRAY[
  'SELECT count(*)::text FROM tenantd.tenants WHERE 1 / (CASE slug WHEN ''beta'' THEN 0 ELSE 1 END) = 1',
  'SELECT count(*)::text FROM tenantd.tenants WHERE CASE WHEN slug <> ''alpha'' THEN (''leak '' || slug)::integer ELSE 1 END = 1',
  'SELECT count(*)::text FROM tenantd.tenants WHERE (CASE WHEN slug <> ''alpha'' THEN slug ELSE ''1'' END)::integer = 1',
  'SELECT count(*)::text FROM tenantd.tenants WHERE slug ~ (CASE WHEN slug <> ''alpha'' THEN ''('' ELSE ''.'' END)',
  'SELECT count(*)::text FROM tenantd.tenants WHERE date_part(''year'', CASE WHEN slug <> ''alpha'' THEN slug::date ELSE ''2020-01-01'' END) = 2020',
  'SELECT count(*)::text FROM tenantd.tenants WHERE set_config(''leak.slug'', coalesce(nullif(current_setting(''leak.slug'', true), ''''), '''') || slug, true) <> ''''']) query;
SELECT isnt(test.alpha(), '!TD012', 'ann comes in'), test.a('SELECT count(*)::text FROM tenantd.tenants WHERE set_config(''leak.slug'', coalesce(current_setting(''leak.slug'', true), '''') || '' '' || slug, true) <> ''''');
SELECT is(test.a('SELECT trim(current_setting(''leak.slug''))'), 'alpha', 'T43: a function in WHERE is shown no hidden row'), test.script('app', 'ROLLBACK');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), query), want, 'T45: its own keys tell of its own rows: ' || query) FROM (VALUES
  (format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''profile'', %L)', test.tenant('alpha'), test.person('ann')), '!23505')) v (query, want);
SELECT is(test.a($$SELECT count(*)::text FROM pg_stats WHERE schemaname = 'tenantd'$$), '0', 'T51: no statistics of values');
SELECT is(test.a(query), '!42501', 'T51: denied: ' || query) FROM unnest(ARRAY['SELECT count(*)::text FROM pg_statistic', 'SELECT count(*)::text FROM pg_statistic_ext_data', 'SELECT count(*)::text FROM pg_authid',
  'SELECT count(*)::text FROM pg_shadow', 'SELECT count(*)::text FROM pg_user_mapping', 'SELECT count(*)::text FROM pg_file_settings', 'SELECT count(*)::text FROM pg_hba_file_rules',
  'SELECT count(*)::text FROM pg_largeobject', 'SELECT count(subconninfo)::text FROM pg_subscription',
  'SELECT count(idx_tup_fetch)::text FROM pg_stat_xact_user_tables', 'SELECT count(n_live_tup)::text FROM pg_stat_user_tables', 'SELECT count(idx_blks_hit)::text FROM pg_statio_user_indexes',
  'SELECT pg_stat_get_xact_tuples_fetched(''tenantd.tenants''::regclass)::text']) query;
-- What stays readable, and is said in the docs: estimates, and what a plan met and hid.
SELECT ok(test.a('EXPLAIN SELECT * FROM tenantd.tenants') IS NOT NULL, 'T51: (EXPLAIN is nobody''s to deny; row estimates over all tenants stay readable)');

-- Other sessions.
SELECT test.enter('app2', 'bob', test.tenant('beta')), test.q('app2', 'SELECT ''a secret of beta''');
SELECT is(test.a(format('SELECT coalesce(query, '''') FROM pg_stat_activity WHERE pid = %s', test.pid('app2'))), '', 'T51: another session''s query is not shown');
SELECT is(test.a(format('SELECT pg_terminate_backend(%s)::text', test.pid('app2'))), '!42501', 'T51: nor may one session end another');
SELECT is(test.a(format('SELECT pg_cancel_backend(%s)::text', test.pid('app2'))), '!42501', 'T51: or its query');
SELECT test.close('app2'), test.connect('app2', 'tenantd_app');

-- Roles, settings, objects -----------------------------------------------------------------------------------

SELECT is(test.a(query), '!42501', 'T48: denied: ' || query) FROM unnest(ARRAY['SET ROLE tenantd_owner', 'SET ROLE tenantd_context', 'SET ROLE tenantd_migrator', 'SET ROLE postgres', 'SET LOCAL ROLE tenantd_context',
  'SET SESSION AUTHORIZATION tenantd_owner', 'SET SESSION AUTHORIZATION postgres', 'SELECT set_config(''role'', ''tenantd_owner'', true)', 'SELECT set_config(''session_authorization'', ''postgres'', true)',
  'GRANT tenantd_owner TO tenantd_app', 'ALTER ROLE tenantd_app SUPERUSER', 'ALTER ROLE tenantd_app BYPASSRLS', 'ALTER ROLE tenantd_owner LOGIN', 'ALTER ROLE tenantd_app SET track_activities = on', 'CREATE ROLE x',
  'DROP ROLE tenantd_migrator', 'REASSIGN OWNED BY tenantd_owner TO tenantd_app', 'DROP OWNED BY tenantd_owner', 'ALTER DATABASE tenantd OWNER TO tenantd_app', 'ALTER DATABASE tenantd SET row_security = off', 'ALTER SYSTEM SET fsync = off']) query;
SELECT is(test.a('SELECT session_user || '' '' || current_user'), 'tenantd_app tenantd_app', 'T48: and it is who it was');
-- row_security = off is an error, for the workers' tables and inside the doors.
SELECT isnt(test.alpha(), '!TD012', 'ann comes in'), test.script('app', 'SET LOCAL row_security = off');
SELECT is(test.a('SELECT count(*)::text FROM tenantd.tenants'), '!42501', 'T49: with row_security off nothing is read'), test.script('app', 'ROLLBACK');
SELECT test.script('app', 'SET row_security = off');
SELECT is(test.alpha(), '!42501', 'T49: nor does anybody come in'), test.script('app', 'RESET row_security');
SELECT is(test.a(query), '!42501', 'T47, T50: denied: ' || query) FROM unnest(ARRAY['CREATE TEMP TABLE x (a int)', 'CREATE TEMP VIEW x AS SELECT 1 AS a', 'CREATE TEMP SEQUENCE x', 'SELECT 1 AS a INTO TEMP x',
  'CREATE FUNCTION pg_temp.f(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS ''BEGIN RETURN true; END''', 'CREATE OPERATOR pg_temp.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)', 'CREATE TABLE pg_temp.x (a int)',
  'CREATE TABLE public.x (a int)', 'CREATE TABLE tenantd.x (a int)', 'CREATE TABLE pg_catalog.x (a int)', 'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS ''SELECT 1''', 'CREATE FUNCTION tenantd.f() RETURNS int LANGUAGE sql AS ''SELECT 1''',
  'CREATE VIEW tenantd.v AS SELECT * FROM tenantd.tenants', 'CREATE SCHEMA x', 'CREATE TYPE tenantd.x AS (a int)', 'CREATE DOMAIN public.x AS int', 'CREATE SEQUENCE public.x', 'CREATE EXTENSION dblink', 'CREATE EXTENSION hstore', 'CREATE EXTENSION postgres_fdw',
  'CREATE FOREIGN DATA WRAPPER f', 'CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION tenantd.audit_is_forever()', 'CREATE PUBLICATION p', 'CREATE DATABASE x', 'CREATE TABLESPACE x LOCATION ''/tmp''',
  'CREATE CAST (text AS uuid) WITH INOUT', 'ALTER TABLE tenantd.tenants DISABLE ROW LEVEL SECURITY', 'ALTER TABLE tenantd.tenants NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE tenantd.tenants DISABLE TRIGGER ALL', 'ALTER TABLE tenantd.tenants OWNER TO tenantd_app',
  'DROP POLICY tenant_isolation ON tenantd.tenants', 'ALTER POLICY tenant_isolation ON tenantd.tenants USING (true)', 'CREATE POLICY p ON tenantd.tenants USING (true)', 'DROP TABLE tenantd.audit_events', 'DROP FUNCTION tenantd.enter(text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text, integer, text, uuid, bytea)',
  'ALTER FUNCTION tenantd.sealed() SECURITY INVOKER', 'CREATE OR REPLACE FUNCTION tenantd.sealed() RETURNS text LANGUAGE sql AS ''SELECT NULL::text''', 'CREATE TRIGGER t BEFORE INSERT ON tenantd.tenants FOR EACH ROW EXECUTE FUNCTION tenantd.audit_is_forever()',
  'CREATE RULE r AS ON SELECT TO tenantd.tenants DO ALSO NOTHING', 'CREATE INDEX ON tenantd.tenants (name)', 'CREATE STATISTICS tenantd.s ON id, env FROM tenantd.tenants', 'COMMENT ON TABLE tenantd.tenants IS ''x''', 'CLUSTER tenantd.tenants',
  'REFRESH MATERIALIZED VIEW tenantd.x', 'GRANT SELECT ON tenantd.context_keys TO tenantd_app', 'SELECT pg_stat_reset()::text', 'SELECT pg_switch_wal()::text', 'CHECKPOINT', 'LOAD ''x''']) query
WHERE query NOT LIKE 'REFRESH%';
SELECT is(test.a('GRANT SELECT ON tenantd.tenants TO PUBLIC') , 'GRANT', 'T50: a grant without the option to grant is a warning'),
  is(test.q('admin', $$SELECT count(*)::text FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'tenantd'::regnamespace AND a.grantee = 0$$), '0', 'T50: and gives nobody anything');
SELECT is(test.a('CREATE TEMP TABLE x AS SELECT 1 AS a'), '!42501', 'T47: nor a table made from a query');
-- Its own privileges it could throw away, were they its own to revoke.
SELECT is(test.a('DROP OWNED BY CURRENT_USER'), '!42501', 'T50: DROP OWNED BY itself is denied'),
  is(test.gate(), NULL, 'T50: and drops neither grants nor policies');
SELECT is(test.a(query), '!42501', 'T50: denied: ' || query) FROM unnest(ARRAY['SELECT pg_read_file(''PG_VERSION'')', 'SELECT pg_read_binary_file(''PG_VERSION'')::text', 'SELECT count(*)::text FROM pg_ls_dir(''.'')', 'SELECT count(*)::text FROM pg_ls_logdir()',
  'SELECT count(*)::text FROM pg_ls_waldir()', 'SELECT size::text FROM pg_stat_file(''PG_VERSION'')', 'SELECT pg_reload_conf()::text', 'SELECT pg_rotate_logfile()::text', 'COPY tenantd.tenants TO ''/tmp/x''', 'COPY tenantd.tenants TO PROGRAM ''true''',
  'COPY (SELECT 1) TO PROGRAM ''true''', 'SELECT lo_import(''/etc/passwd'')::text', 'SELECT lo_export(1, ''/tmp/x'')::text', 'SELECT count(*)::text FROM pg_logical_slot_get_changes(''s'', NULL, NULL)',
  'SELECT pg_create_restore_point(''x'')::text', 'SELECT pg_promote()::text', 'SELECT pg_log_backend_memory_contexts(pg_backend_pid())::text', 'SELECT count(*)::text FROM pg_config()', 'SELECT count(*)::text FROM pg_show_all_file_settings()',
  -- Large objects would be the workers' own, and be seen by every tenant.
  'SELECT lo_create(0)::text', 'SELECT lo_creat(-1)::text', 'SELECT lo_from_bytea(0, ''x'')::text', 'SELECT lo_put(1, 0, ''x'')::text', 'SELECT lo_get(1)::text', 'SELECT lo_open(1, 131072)::text', 'SELECT lo_unlink(1)::text']) query;
SELECT is(test.a('SELECT dblink(''dbname=tenantd'', ''SELECT 1'')'), '!42883', 'T50: there is no dblink');
-- COPY FROM is the way round a WITH CHECK that is not there.
SELECT isnt(test.alpha(), '!TD012', 'ann comes in'), is(test.a('COPY tenantd.onboarding_progress (tenant_id, env, step, completed_by) FROM STDIN'), '!0A000', 'T50: COPY into a walled table is refused'), test.script('app', 'ROLLBACK');
SELECT is(test.a(format('DO $d$ BEGIN LOCK TABLE tenantd.%s IN %s MODE; END $d$', t, m)), '!42501', format('T50: no lock of %s in %s mode', t, m))
FROM unnest(ARRAY['tenants', 'tenant_members', 'audit_events', 'users']) t, unnest(ARRAY['SHARE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE']) m;
SELECT is(test.a('SELECT pg_notify(''tenantd'', ''x'')::text'), '', 'T50: (anybody may notify; nobody who serves listens)');
SELECT isnt(test.alpha(), '!TD012', 'ann comes in'), is(test.a('PREPARE TRANSACTION ''x'''), '!55000', 'T50: no transaction is left prepared'), test.script('app', 'ROLLBACK');

SELECT isnt(test.alpha(), '!TD012', 'ann comes in'), is(test.a(format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''forged'', %L)', test.tenant('alpha'), gen_random_uuid())), '!42501', 'T38: nobody completes a step in another''s name'), test.script('app', 'ROLLBACK');

-- What outlives a transaction --------------------------------------------------------------------------------

SELECT is(test.a('SELECT count(*)::text FROM pg_prepared_statements'), '!42501', 'T40: the names of what the worker prepared are not to be had');

-- A session keeps prepared statements, settings and held cursors, and SQL by hand can replace a statement that the
-- worker prepared, if it knows its name (src/db/pipeline.c gives it one that nobody can guess): here with one
-- that keeps the next caller's claim. So whoever lets foreign SQL into a session
-- must sweep it before the next request; DISCARD ALL does.
SELECT test.script('app', 'PREPARE enter (text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text, integer, text, uuid, bytea) AS SELECT tenantd.enter($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)');
CREATE FUNCTION test.poisoned(sweep boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  claim text;
BEGIN
  -- ann's request has it run:
  PERFORM test.act('app', 'ann', test.tenant('alpha'), 'DO $d$ BEGIN EXECUTE ''DEALLOCATE enter; PREPARE enter (text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text, integer, text, uuid, bytea) AS SELECT tenantd.enter($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    FROM (SELECT set_config(''''kept.claim'''', ARRAY[$1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text, $14::text, $15::text, $16::text, $17::text, $18::text, $19::text]::text, false) OFFSET 0) k''; END $d$');
  IF sweep THEN PERFORM test.script('app', 'DISCARD ALL'), test.script('app', 'PREPARE enter (text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text, integer, text, uuid, bytea) AS SELECT tenantd.enter($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)'); END IF;
  -- bob's comes next on the same session,
  claim := test.claim(test.pid('app'), 'bob', test.tenant('beta'));
  IF test.q('app', format('EXECUTE enter (%s)', test.args(claim))) LIKE '!%' THEN RETURN 'bob did not come in'; END IF;
  IF sweep THEN PERFORM test.script('app', 'DISCARD ALL'); END IF;
  -- and ann's again.
  RETURN test.act('app', 'ann', test.tenant('alpha'), 'SELECT tenantd.enter(k[1]::text, k[2]::bigint, k[3]::text, k[4]::text, k[5]::tenantd.env, k[6]::uuid, k[7]::boolean, k[8]::text, k[9]::text, k[10]::text, k[11]::text, k[12]::text, k[13]::text, k[14]::boolean, k[15]::text, k[16]::integer, k[17]::text, k[18]::uuid, k[19]::bytea) FROM (SELECT nullif(current_setting(''kept.claim'', true), '''')::text[] AS k) s');
END $$;
SELECT is(split_part(test.poisoned(false), ' ', 1), test.tenant('beta'), 'T40: (unswept, a session that ran foreign SQL is lost to the next caller: the worker''s to prevent)');
SELECT test.script('app', 'DISCARD ALL'), is(test.poisoned(true), '!TD503', 'T40: swept with DISCARD ALL nothing of it is left');
SELECT test.script('app', 'BEGIN; DECLARE h CURSOR WITH HOLD FOR SELECT 1; COMMIT; SET kept.it = ''x'''), test.script('app', 'DISCARD ALL'), is(test.a('FETCH ALL FROM h'), '!34000', 'T40: nor a held cursor'), is(test.a('SELECT current_setting(''kept.it'')'), '', 'T40: nor a setting''s value'),
  is(test.a('SELECT current_setting(''search_path'') || current_setting(''track_activities'')'), 'pg_catalog, pg_tempoff', 'T40: and the role''s own settings stand');

-- Views and functions of others --------------------------------------------------------------------------------

-- Even when somebody makes them and grants them: the owner's own views show nothing, RLS being forced.
SELECT test.script('migrator', 'BEGIN; SET LOCAL ROLE tenantd_owner; CREATE VIEW tenantd.all_tenants AS SELECT * FROM tenantd.tenants; CREATE MATERIALIZED VIEW tenantd.kept_tenants AS SELECT * FROM tenantd.tenants;
  CREATE FUNCTION tenantd.count_tenants() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS ''SELECT count(*) FROM tenantd.tenants'';
  GRANT SELECT ON tenantd.all_tenants, tenantd.kept_tenants TO tenantd_app; GRANT EXECUTE ON FUNCTION tenantd.count_tenants() TO tenantd_app; COMMIT');
SELECT isnt(test.alpha(), '!TD012', 'ann comes in');
SELECT is(test.a(query), '0', 'T43: ' || query) FROM unnest(ARRAY['SELECT count(*)::text FROM tenantd.all_tenants', 'SELECT count(*)::text FROM tenantd.kept_tenants', 'SELECT tenantd.count_tenants()::text']) query;
SELECT test.script('app', 'ROLLBACK');
SELECT ok(test.gate() LIKE '%' || o || '%', 'T43: and the gate names ' || o) FROM unnest(ARRAY['view tenantd.all_tenants', 'materialized view tenantd.kept_tenants', 'function tenantd.count_tenants()']) o;

-- An audited member sees nothing of audit; a context without a role even less.
SELECT is(test.act('app', s, test.tenant('alpha'), 'SELECT (count(*) > 0)::text FROM tenantd.audit_events'), w, format('%s %s the audit of alpha', s, CASE w WHEN 'true' THEN 'reads' ELSE 'does not read' END))
FROM (VALUES ('ann', 'true'), ('adam', 'true'), ('amy', 'false')) v (s, w);
SELECT is(test.act('app', s, '', 'SELECT concat_ws('' '', (SELECT count(*) FROM tenantd.tenants), (SELECT count(*) FROM tenantd.users), (SELECT count(*) FROM tenantd.audit_events))', k, 'any'), '0 0 0', format('a %s context of %s sees no tenant''s row', k, s))
FROM (VALUES ('ann', 'token'), ('root', 'token'), ('root', 'system_admin'), ('nobody', 'token')) v (s, k);

-- A path that leads elsewhere ------------------------------------------------------------------------------------

-- Some functions that run in every request do not pin their path (context.sql). A schema with operators, functions and types of the
-- names that they use, all of which end in an error, stands in front of the path; nothing of it is called.
SELECT test.script('admin', $x$CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
  DO $d$ DECLARE o record; f record; n integer := 0; BEGIN
    FOR o IN SELECT p.oprname, p.oprleft::regtype AS l, p.oprright::regtype AS r, p.oprresult::regtype AS result FROM pg_operator p
      WHERE p.oprname IN ('=', '<>', '||', '+', '>', '*<>', '>=') AND p.oprleft <> 0 AND p.oprleft IN ('text'::regtype, 'bytea'::regtype, 'uuid'::regtype, 'integer'::regtype,
        'record'::regtype, 'anyenum'::regtype, 'name'::regtype) AND p.oprright = p.oprleft LOOP
      n := n + 1;
      IF o.l = 'anyenum'::regtype THEN o.l := 'tenantd.env'::regtype; o.r := o.l; END IF;
      EXECUTE format('CREATE FUNCTION evil.o%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION ''evil'' USING ERRCODE = ''XX666''; END$f$;
        CREATE OPERATOR evil.%s (FUNCTION = evil.o%s, LEFTARG = %s, RIGHTARG = %s)', n, o.l, o.r, o.result, o.oprname, n, o.l, o.r);
    END LOOP;
    FOR f IN SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS args, p.prorettype::regtype AS result FROM pg_proc p
      WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0 AND p.proname IN ('current_setting', 'set_config',
        'substr', 'left', 'encode', 'sha384', 'convert_to', 'int4send', 'pg_backend_pid', 'timestamptz_send', 'now')
        AND pg_get_function_identity_arguments(p.oid) !~ 'any' LOOP
      EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION ''evil'' USING ERRCODE = ''XX666''; END$f$', f.proname, f.args, f.result);
    END LOOP;
  END $d$;
  CREATE DOMAIN evil.uuid AS pg_catalog.uuid CHECK (false); CREATE DOMAIN evil.text AS pg_catalog.text CHECK (false); CREATE DOMAIN evil.record AS pg_catalog.int4$x$);
SELECT test.script('migrator', $x$BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA path; CREATE TABLE path.things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);
  SELECT tenantd.register_resource('path.things'); COMMIT$x$);
SELECT isnt(test.enter('app', 'ann', test.tenant('alpha')), '!TD012', 'ann comes in'), test.script('app', 'SET LOCAL search_path = evil, pg_catalog');
SELECT is(test.q('app', $$SELECT ('a'::pg_catalog.text = 'b'::pg_catalog.text)::pg_catalog.text$$), '!XX666', 'T43: (the path leads to what ends in an error)'), test.script('app', 'ROLLBACK');
SELECT isnt(test.enter('app', 'ann', test.tenant('alpha')), '!TD012', 'ann comes in'), test.script('app', 'SET LOCAL search_path = evil, pg_catalog');
SELECT is(test.q('app', query), v.answer, 'T43: with a foreign path: ' || query) FROM (VALUES
  ('SELECT (pg_catalog.length(tenantd.sealed()) OPERATOR(pg_catalog.>) 0)::pg_catalog.text', 'true'), ('SELECT c.role::pg_catalog.text FROM tenantd.context() c', 'owner'),
  ('SELECT count(*)::pg_catalog.text FROM tenantd.tenants', '1'), ('INSERT INTO path.things (name) VALUES (''one'')', 'INSERT 0 1'),
  ('UPDATE path.things SET name = ''two''', 'UPDATE 1'), ('SELECT version::pg_catalog.text FROM path.things', '2'), ('DELETE FROM path.things', 'DELETE 1')) v (query, answer);
SELECT test.script('app', 'ROLLBACK');
-- The way in as well: its message is made before its own path counts.
SELECT test.script('app', 'SET search_path = evil, pg_catalog'), isnt(left(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'ann', test.tenant('alpha')))), 1), '!', 'T43: with a foreign path one comes in'),
  test.script('app', 'RESET search_path'), test.script('admin', 'DROP SCHEMA evil CASCADE');

SELECT * FROM finish();
DROP TABLE test.foreign_row;
DROP FUNCTION test.a, test.alpha, test.poisoned;
