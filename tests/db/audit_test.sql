-- Every change leaves its row, in its transaction, with its actor; no row changes afterwards; and where no row
-- can be written nothing is done.
SELECT no_plan();
SELECT test.world();

-- The newest row of a tenant's audit, as 'action kind actor object fields'.
CREATE FUNCTION test.last(slug text, columns text DEFAULT 'concat_ws('' '', action, actor_kind, actor_id, object_type, object_id, fields)') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT %s FROM tenantd.audit_events WHERE tenant_id = %L ORDER BY at DESC LIMIT 1', columns, test.tenant(slug)))
$$;
CREATE FUNCTION test.rows(log text DEFAULT 'audit_events') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', 'SELECT count(*)::text FROM tenantd.' || log)
$$;
-- As ann, owner of alpha.
CREATE FUNCTION test.ann(query text) RETURNS text LANGUAGE sql AS $$ SELECT test.act('app', 'ann', test.tenant('alpha'), query, guard => 'any') $$;
CREATE FUNCTION test.member(sub text, change text) RETURNS text LANGUAGE sql AS $$
  SELECT test.ann(format('UPDATE tenantd.tenant_members SET %s WHERE user_id = %L', change, test.person(sub)))
$$;

-- What each act is called, in the order in which it is done.
CREATE TABLE test.deed (n serial, sub text, change text, action text, fields text);
INSERT INTO test.deed (sub, change, action, fields) VALUES
  ('amy', 'role = ''tenant_admin''', 'member.role_changed', '{role}'), ('amy', 'role = ''member''', 'member.role_changed', '{role}'),
  ('amy', 'status = ''suspended''', 'member.suspended', '{status}'), ('amy', 'status = ''active''', 'member.reactivated', '{joined_at,status}'),
  ('amy', 'status = ''suspended'', role = ''tenant_admin''', 'member.suspended', '{role,status}'), ('amy', 'status = ''removed''', 'member.removed', '{status}'),
  ('pat', 'status = ''active''', 'member.approved', '{joined_at,status}'), ('pat', 'status = ''removed''', 'member.removed', '{status}');
UPDATE test.deed SET fields = '{status}' WHERE action = 'member.reactivated';
SELECT is(test.member(sub, change), 'UPDATE 1', format('ann makes %s %s', sub, change)),
  is(test.last('alpha'), concat_ws(' ', action, 'user', test.person('ann'), 'member', test.person(sub), CASE action WHEN 'member.approved' THEN '{status}' ELSE fields END), 'which is ' || action)
FROM (SELECT * FROM test.deed ORDER BY n) d;
SELECT is(test.last('alpha', 'concat_ws('' '', env, trace_id, route, code IS NULL, at > now() - interval ''1 minute'')'), 'prod 0af7651916cd43dd8448eb211c80319c GET /v1/test t t', 'with env, trace, route and time');
SELECT is(test.act('app', 'adam', test.tenant('alpha'), format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', test.person('adam'))), 'UPDATE 1', 'adam leaves'),
  is(test.last('alpha'), concat_ws(' ', 'member.left user', test.person('adam'), 'member', test.person('adam'), '{status}'), 'which is member.left');
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''active'' WHERE user_id = %L', test.person('adam'))),
  test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', test.person('adam'))),
  is(test.last('alpha', 'concat_ws('' '', action, actor_kind)'), 'member.removed database', 'whom nobody of the tenant removes has not left');
SELECT is(test.ann('UPDATE tenantd.tenants SET name = ''A secret name'', country = ''DE'''), 'UPDATE 1', 'ann renames alpha'),
  is(test.last('alpha'), concat_ws(' ', 'tenant.updated user', test.person('ann'), 'tenant', test.tenant('alpha'), '{country,name}'), 'which is tenant.updated, by the names of what changed');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.audit_events WHERE audit_events::text LIKE ''%secret%'''), '0', 'and never their values');
SELECT is(test.ann(format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES (%L, ''prod'', ''mail'', %L)', test.tenant('alpha'), test.person('ann'))), 'INSERT 0 1', 'ann does a step'),
  is(test.last('alpha'), concat_ws(' ', 'onboarding_step.created user', test.person('ann'), 'onboarding_step mail {}'), 'which is onboarding_step.created');
SELECT test.rows() AS before \gset
SELECT is(test.ann('UPDATE tenantd.tenants SET name = name'), 'UPDATE 1', 'a change that changes nothing'), is(test.rows(), :'before', 'leaves no row');
SELECT is(test.member('amy', 'status = ''active'''), '!TD409', 'a refused change'), is(test.rows(), :'before', 'leaves none either: the refusal''s own is refuse()''s');
SELECT test.script('admin', format('UPDATE tenantd.tenants SET status = %L WHERE slug = ''alpha''', s)), is(test.last('alpha', 'concat_ws('' '', action, actor_kind, actor_id, actor_label, fields)'), a || format(' database postgres {%sstatus}', CASE WHEN a IN ('tenant.closed', 'tenant.reopened') THEN 'closed_at,closed_from,reopen_until,' END), format('%s by hand is %s, by whoever logged in', s, a))
FROM (VALUES ('suspended', 'tenant.suspended'), ('active', 'tenant.reactivated'), ('closed', 'tenant.closed'), ('active', 'tenant.reopened'), ('onboarding', 'tenant.reactivated'), ('active', 'tenant.onboarded')) v (s, a);
SELECT test.script('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, %L)', test.tenant('alpha'), test.person(u), s)), is(test.last('alpha', 'action'), a, a)
FROM (VALUES ('sam', 'pending', 'member.requested'), ('root', 'active', 'member.joined')) v (u, s, a);
SELECT test.script('admin', format('DELETE FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('sam'))), is(test.last('alpha'), concat_ws(' ', 'member.deleted database member', test.person('sam'), '{}'), 'a row deleted by hand is a row, too');

-- In their own tenant only.
SELECT is(test.ann('SELECT count(DISTINCT tenant_id)::text FROM tenantd.audit_events'), '1', 'ann reads the audit of one tenant'),
  is(test.q('admin', 'SELECT (count(DISTINCT tenant_id) > 1)::text FROM tenantd.audit_events'), 'true', 'where there are several');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM tenantd.audit_events a JOIN tenantd.tenants t ON t.id = a.tenant_id WHERE a.env <> t.env$$), '0', 'each row is in its tenant''s env');

-- Refusals ---------------------------------------------------------------------------------------------------

CREATE FUNCTION test.refuse(sub text, tenant text DEFAULT '', slug text DEFAULT '', env text DEFAULT 'prod', code text DEFAULT 'forbidden', purpose text DEFAULT 'refuse') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('app', test.call('tenantd.refuse', test.claim(test.pid('app'), sub, tenant, env => env, slug => slug, purpose => purpose), NULL, format(', %L', code)))
$$;
CREATE FUNCTION test.last_of_system() RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', 'SELECT concat_ws('' '', env, action, actor_kind, actor_id, actor_label, object_type, object_id, code, route, trace_id) FROM tenantd.system_events ORDER BY at DESC LIMIT 1')
$$;
SELECT test.rows('system_events') AS before \gset
SELECT is(test.refuse(s, test.tenant('alpha'), code => c), '', format('T114: the refusal of %s in alpha', s)),
  is(test.last('alpha', 'concat_ws('' '', env, action, actor_kind, actor_id, object_type, object_id, code, route, trace_id)'), concat_ws(' ', 'prod access.refused user', test.person(s), 'route GET /v1/test', c, 'GET /v1/test 0af7651916cd43dd8448eb211c80319c'), 'T114: is in alpha''s audit')
FROM (VALUES ('ann', 'forbidden'), ('sue', 'membership_suspended')) v (s, c);
SELECT is(test.refuse('ann', slug => 'alpha'), '', 'T21: or by its slug'), is(test.last('alpha', 'action'), 'access.refused', 'T21: the same'), is(test.rows('system_events'), :'before', 'T114: none is in the system''s');
SELECT test.rows() AS before \gset
SELECT is(test.refuse(s, test.tenant(t), env => e, code => concat_ws('_', s, t, e)), '', format('T21: the refusal of %s, who named %s in %s', s, t, e)),
  is(test.last_of_system(), concat_ws(' ', e, 'access.refused user', k, 'https://id.example ' || s, 'tenant', test.tenant(t), concat_ws('_', s, t, e), 'GET /v1/test 0af7651916cd43dd8448eb211c80319c'), 'T21: is in the system''s log')
FROM (VALUES ('ann', 'beta', 'prod', test.person('ann')), ('ann', 'nowhere', 'prod', test.person('ann')), ('ann', 'alpha', 'dev', test.person('ann')), ('rex', 'alpha', 'prod', test.person('rex')), ('rem', 'alpha', 'prod', test.person('rem')), ('stranger', 'alpha', 'prod', NULL)) v (s, t, e, k);
SELECT is(test.refuse('ann', env => ''), '', 'T29: a refusal without an env'), is(test.last_of_system(), concat_ws(' ', 'access.refused user', test.person('ann'), 'https://id.example ann tenant forbidden GET /v1/test 0af7651916cd43dd8448eb211c80319c'), 'T29: is in the system''s log, too');
SELECT is(test.rows(), :'before', 'T21: and no tenant''s audit tells of strangers');
-- Alike within a minute they are one row with a count; which tenant was named makes no difference, for who tries many would fill the log.
SELECT test.refuse('ann', test.tenant('alpha'), code => 'again') FROM generate_series(1, 5);
SELECT is(test.last('alpha', 'concat_ws('' '', code, count)'), 'again 5', 'T114: five refusals alike are one row with a count');
SELECT test.refuse('ann', test.tenant(t), code => 'again') FROM unnest(ARRAY['beta', 'nowhere', 'beta']) t;
SELECT is(test.q('admin', $$SELECT string_agg(concat_ws(' ', code, count), ',') FROM tenantd.system_events WHERE code = 'again'$$), 'again 3', 'T21: in the system''s log, too');
SELECT is(test.refuse('ann', test.tenant('alpha'), purpose => p), '!TD503', 'T113: no row is forged by a claim for ' || p) FROM unnest(ARRAY['enter', 'canary', '']) p;

-- For ever -----------------------------------------------------------------------------------------------------

SELECT is(test.ann(query), '!42501', 'T113: the workers may not ' || query) FROM unnest(ARRAY['UPDATE tenantd.audit_events SET action = ''x''', 'DELETE FROM tenantd.audit_events', 'TRUNCATE tenantd.audit_events',
  'UPDATE tenantd.audit_events SET at = now()', 'INSERT INTO tenantd.audit_events (tenant_id, env, action, actor_kind, object_type) VALUES (''' || test.tenant('alpha') || ''', ''prod'', ''x'', ''user'', ''x'')',
  'MERGE INTO tenantd.audit_events a USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE']) query;
SELECT test.rows() AS before \gset
SELECT test.script(conn, 'BEGIN' || coalesce('; SET LOCAL ROLE ' || role, '')), is(test.q(conn, query), CASE WHEN role = 'tenantd_context' AND query ~ 'DELETE.*WHERE' THEN 'DELETE 0' ELSE '!42501' END, format('T113: nor may %s: %s', coalesce(role, 'a superuser, but by taking down the trigger'), query)), test.script(conn, 'ROLLBACK')
FROM (VALUES ('migrator', 'tenantd_owner'), ('migrator', 'tenantd_context'), ('admin', NULL)) v (conn, role), unnest(ARRAY['tenantd.audit_events', 'tenantd.system_events']) t,
  LATERAL unnest(ARRAY['UPDATE ' || t || ' SET action = ''x''', 'DELETE FROM ' || t, 'TRUNCATE ' || t, 'DELETE FROM ' || t || ' WHERE false',
  CASE t WHEN 'tenantd.system_events' THEN 'INSERT INTO tenantd.system_events (action, actor_kind, object_type) VALUES (''x'', ''user'', ''x'') ON CONFLICT (at, id) DO UPDATE SET action = ''y''' ELSE 'DELETE FROM ' || t || ' WHERE action = ''x''' END]) query;
SELECT is(test.rows(), :'before', 'T113: no row is gone');

-- No audit, no act -------------------------------------------------------------------------------------------------

SELECT test.script('admin', 'ALTER TABLE tenantd.audit_events ADD CONSTRAINT "full" CHECK (false) NOT VALID');
SELECT is(test.member('sue', 'status = ''active'''), '!23514', 'T114: when its row cannot be written a member is not changed'),
  is(test.q('admin', format('SELECT status::text FROM tenantd.tenant_members WHERE user_id = %L', test.person('sue'))), 'suspended', 'T114: and stays what they were');
SELECT is(test.ann(query), '!23514', 'T114: nor done: ' || query) FROM unnest(ARRAY['UPDATE tenantd.tenants SET name = ''x''', 'INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) SELECT tenant_id, env, ''other'', completed_by FROM tenantd.onboarding_progress LIMIT 1']) query;
SELECT is(test.bootstrap('app', 'later'), '!23514', 'T114: nor is a tenant made'), is(test.q('admin', 'SELECT count(*)::text FROM tenantd.users WHERE subject = ''later'''), '0', 'T114: or its user');
SELECT is(test.refuse('ann', test.tenant('alpha')), '!23514', 'T114: and a refusal that is not written is an error');
SELECT is(test.script('admin', 'UPDATE tenantd.tenants SET name = ''x'' WHERE slug = ''alpha'''), '!23514', 'T114: not even by hand');
SELECT test.script('admin', 'ALTER TABLE tenantd.audit_events DROP CONSTRAINT "full"'), test.script('admin', 'ALTER TABLE tenantd.system_events ADD CONSTRAINT "full" CHECK (false) NOT VALID');
SELECT is(test.bootstrap('app', 'later'), '!23514', 'T114: nor is a user made without the system''s row'), is(test.refuse('stranger', test.tenant('alpha')), '!23514', 'T114: or a stranger''s refusal passed over');
SELECT test.script('admin', 'ALTER TABLE tenantd.system_events DROP CONSTRAINT "full"');
SELECT isnt(left(test.bootstrap('app', 'later'), 1), '!', 'T114: then it works again');
-- An act that is rolled back leaves no row, one that is behind a savepoint goes with it.
SELECT test.rows() AS before \gset
SELECT isnt(left(test.enter('app', 'ann', test.tenant('alpha')), 1), '!', 'ann comes in'), is(test.q('app', 'UPDATE tenantd.tenants SET name = ''gone'''), 'UPDATE 1', 'renames'), test.script('app', 'ROLLBACK'), is(test.rows(), :'before', 'and takes it back: no row');

-- Byte for byte -------------------------------------------------------------------------------------------------

-- What a value's type calls equal may be another one all the same. And no code that a type brings along is run by the audit
-- (T126): a cast to json of the application's, called by whoever makes such a value a json, says who that was.
SELECT test.script('migrator', $$SET ROLE tenantd_owner; CREATE SCHEMA app$$), test.script('admin', 'CREATE EXTENSION citext SCHEMA app');
SELECT test.script('migrator', $$CREATE TYPE app.mood AS ENUM ('good', 'bad'); CREATE DOMAIN app.word AS text;
  CREATE FUNCTION app.mood_json(app.mood) RETURNS json LANGUAGE plpgsql AS 'BEGIN
    IF current_user <> ''tenantd_app'' THEN RAISE ''as %, who sees %'', current_user, (SELECT string_agg(slug, '', '') FROM tenantd.tenants); END IF; RETURN ''"seen"''; END';
  GRANT EXECUTE ON FUNCTION app.mood_json TO tenantd_app; CREATE CAST (app.mood AS json) WITH FUNCTION app.mood_json(app.mood);
  CREATE FUNCTION app.mood_text(app.mood) RETURNS text LANGUAGE plpgsql AS 'BEGIN
    IF current_user <> ''tenantd_app'' THEN RAISE ''as %, who sees %'', current_user, (SELECT string_agg(slug, '', '') FROM tenantd.tenants); END IF; RETURN ''seen''; END';
  GRANT EXECUTE ON FUNCTION app.mood_text TO tenantd_app; CREATE CAST (app.mood AS text) WITH FUNCTION app.mood_text(app.mood);
  CREATE TABLE app.exact (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n numeric DEFAULT 1.5, f float8 DEFAULT 0, j json DEFAULT '{"a":1,"b":2}', b jsonb DEFAULT '{"a":1.5}', c app.citext DEFAULT 'Ada',
    i interval DEFAULT '1 day', ns numeric[] DEFAULT '{1.5}', r numrange DEFAULT '[1.5,2)', w app.word DEFAULT 'x', t text, mood app.mood DEFAULT 'good', moods app.mood[] DEFAULT '{good}', "odd ""name""" numeric DEFAULT 2.0);
  GRANT USAGE ON SCHEMA app TO tenantd_app$$);
SELECT is(test.q('migrator', $$SELECT tenantd.register_resource('app.exact', update_role => 'member')$$), 'exact', 'a table of values that are equal and not the same');
SELECT is(test.ann('INSERT INTO app.exact DEFAULT VALUES'), 'INSERT 0 1', 'a row'), is(test.last('alpha', 'concat_ws('' '', action, fields)'), 'exact.created {}', 'which is told');
SELECT is(test.ann(format('UPDATE app.exact SET %s = %s', f, v)), 'UPDATE 1', format('%s becomes %s', f, v)),
  is(test.last('alpha', 'concat_ws('' '', action, fields[1], cardinality(fields))'), format('exact.updated %s 1', coalesce(n, f)), format('and that is told of %s alone: %s', f, v))
FROM (VALUES ('n', '1.500000', NULL), ('f', '''-0''', NULL), ('j', '''{"a": 1, "b": 2}''', NULL), ('j', '''{"b":2,"a":1}''', NULL), ('b', '''{"a":1.50}''', NULL), ('c', '''ADA''', NULL), ('i', '''24 hours''', NULL),
  ('ns', '''{1.50}''', NULL), ('r', '''[1.50,2)''', NULL), ('w', '''y''', NULL), ('t', '''''', NULL), ('t', 'NULL', NULL), ('mood', '''bad''', NULL), ('moods', '''{bad}''', NULL), ('"odd ""name"""', '2.00', 'odd "name"')) v (f, v, n);
SELECT is(test.ann('UPDATE app.exact SET n = n, f = f, j = j, c = c, ns = ns, mood = mood'), 'UPDATE 1', 'the same once more'), is(test.last('alpha', 'concat_ws('' '', action, fields)'), 'exact.updated {}', 'changes no field');
SELECT is(test.ann('SELECT to_json(mood)::text FROM app.exact'), '"seen"', 'T126: the cast is called by who reads, as the caller'), is(test.ann('UPDATE app.exact SET mood = ''good'' RETURNING to_json(mood)::text'), '"seen"', 'T126: and by nobody else who writes');
SELECT matches(test.refusal('admin', 'SELECT to_json(mood)::text FROM app.exact'), 'as postgres, who sees .*alpha', 'T126: (as somebody else it would tell)');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'DELETE FROM app.exact', at_least => 'owner'), 'DELETE 1', 'T126: nor in deleting'), is(test.last('alpha', 'action'), 'exact.deleted', 'T126: which is told');
-- The one value that the audit makes a text is the key.
SELECT test.script('migrator', 'CREATE TABLE app.keyed (id app.mood PRIMARY KEY)');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app.keyed')$$), 'key id is made a text by app.mood_text\(app.mood\), which would run as tenantd_context', 'T126: so that a key with a cast of its own is refused');
SELECT is(test.gate(), NULL, 'the gate is content');

SELECT * FROM finish();
DROP TABLE test.deed;
DROP FUNCTION test.last, test.rows, test.ann, test.member, test.refuse, test.last_of_system;
