-- The way in, and what a context is worth: each refusal of enter by each state, and every way to come by a
-- context that no worker's proof opened.
SELECT no_plan();
SELECT test.world();

-- Every state ---------------------------------------------------------------------------------------------

-- A tenant in each status, in each a user of each role and membership, 'owner-active' being the one it needs.
CREATE TABLE test.state AS
SELECT t AS tenant, r AS role, m AS membership, r || '-' || m AS sub
FROM unnest(ARRAY['onboarding', 'active', 'suspended', 'closed']) t, unnest(ARRAY['member', 'tenant_admin', 'owner']) r,
  unnest(ARRAY['pending', 'active', 'suspended', 'rejected', 'removed']) m;
SELECT test.script('admin', 'BEGIN');
SELECT test.script('admin', format('INSERT INTO tenantd.users (id, issuer, subject) VALUES (%L, ''https://id.example'', %L)', test.person(sub), sub))
FROM (SELECT DISTINCT sub FROM test.state) s;
SELECT test.script('admin', format('INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status) VALUES (%L, ''prod'', %L, ''x'', ''x'', %L)',
  test.tenant('is-' || t), 'is-' || t, t)) FROM (SELECT DISTINCT tenant AS t FROM test.state) s;
SELECT test.script('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) VALUES (%L, ''prod'', %L, %L, %L)',
  test.tenant('is-' || tenant), test.person(sub), role, membership)) FROM test.state;
SELECT is(test.script('admin', 'COMMIT'), 'COMMIT', 'a tenant in each status, a user in each state');

WITH asked AS (
  SELECT s.*, at_least, guard, by,
    test.enter('app', sub, CASE by WHEN 'id' THEN test.tenant('is-' || tenant) ELSE '' END, at_least, guard, 'prod',
      CASE by WHEN 'slug' THEN 'is-' || tenant ELSE '' END) AS answer
  FROM (SELECT * FROM test.state UNION ALL SELECT DISTINCT tenant, '', 'none', 'sam' FROM test.state) s,
    unnest(ARRAY['member', 'tenant_admin', 'owner']) at_least, unnest(ARRAY['any', 'open', 'active']) guard,
    unnest(ARRAY['id', 'slug']) by
)
SELECT is(answer, CASE
    WHEN membership IN ('none', 'rejected', 'removed') THEN '!TD012'
    WHEN membership = 'pending' THEN '!TD014'
    WHEN membership = 'suspended' THEN '!TD015'
    WHEN guard = 'active' AND tenant <> 'active' OR guard = 'open' AND tenant NOT IN ('active', 'onboarding') THEN '!TD013'
    WHEN array_position('{member,tenant_admin,owner}', role) < array_position('{member,tenant_admin,owner}', at_least) THEN '!TD403'
    ELSE concat_ws(' ', test.tenant('is-' || tenant), test.person(sub), role, tenant) END,
  format('CTX: %s %s in %s tenant, by %s, route for %s, guard %s', membership, role, tenant, by, at_least, guard))
FROM asked;

-- Who and where ----------------------------------------------------------------------------------------------

SELECT is(test.enter('app', 'ann', test.tenant('alpha')), concat_ws(' ', test.tenant('alpha'), test.person('ann'), 'owner', 'active'), 'enter answers who came in where as what');
SELECT is(test.q('app', $$SELECT concat_ws(' ', tenant_id, env, user_id, role, kind) FROM tenantd.context()$$),
  concat_ws(' ', test.tenant('alpha'), 'prod', test.person('ann'), 'owner', 'member'), 'and context() says the same');
SELECT is(test.enter('app', 'ann', test.tenant('beta')), '!TD012', 'T25: another''s tenant is not found');
SELECT is(test.enter('app', 'ann', test.tenant('nowhere')), '!TD012', 'T25: nor is one that does not exist');
SELECT is(test.enter('app', 'ann', '', slug => 'beta'), '!TD012', 'T25: another''s slug is not found');
SELECT is(test.enter('app', 'ann', '', slug => 'nowhere'), '!TD012', 'T25: nor is one that does not exist');
SELECT is(test.enter('app', 'ann', '', slug => 'ALPHA'), '!TD012', 'T31: a slug is compared byte for byte');
SELECT is(test.enter('app', 'ann', ''), '!TD012', 'no tenant named is no tenant');
SELECT is(test.enter('app', 'ann', '00000000-0000-0000-0000-000000000000'), '!TD012', 'the nil UUID is no tenant');
SELECT is(test.enter('app', 'ann', test.tenant('alpha'), slug => 'beta'), '!TD011', 'T27: a slug beside that names another tenant');
SELECT is(test.enter('app', 'ann', test.tenant('beta'), slug => 'alpha'), '!TD012', 'T25: which tells a stranger nothing');
SELECT is(test.enter('app', 'amy', test.tenant('gamma')), '!TD012', 'T19: a tenant of another env is not found');
SELECT is(test.enter('app', 'amy', test.tenant('alpha'), env => 'dev'), '!TD012', 'T19: in neither direction');
SELECT isnt(test.enter('app', 'amy', test.tenant('gamma'), env => 'dev'), '!TD012', 'but in its own it is');
SELECT is(test.enter('app', 'amy', '', env => 'dev', slug => 'alpha'), '!TD012', 'T19: nor by its slug');
SELECT is(test.enter('app', 'sam', test.tenant('alpha')), '!TD012', 'a known user without a membership is a stranger');
SELECT is(test.enter('app', 'nobody', test.tenant('alpha')), '!TD012', 'so is an unknown one');
SELECT is(test.enter('app', 'root', test.tenant('alpha')), '!TD012', 'T66: a system_admin is a stranger inside a tenant');
SELECT is(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'ann', test.tenant('alpha'), iss => 'https://evil.example'))), '!TD012',
  'T14: the same subject of another issuer is another user');
SELECT is(test.enter('app', 'sam', '', 'token', 'any'), '- ' || test.person('sam') || ' - -', 'a token alone enters no tenant');
SELECT is(test.enter('app', 'nobody', '', 'token', 'any'), '- - - -', 'known or not');
SELECT is(test.enter('app', 'root', '', 'system_admin', 'any'), '- ' || test.person('root') || ' - -', 'a system_admin passes');
SELECT is(test.enter('app', 'ann', '', 'system_admin', 'any'), '!TD403', 'T66: an owner is no system_admin');
SELECT is(test.enter('app', 'nobody', '', 'system_admin', 'any'), '!TD403', 'T66: nor is one whom nobody knows');
SELECT is(test.enter('app', 'ann', test.tenant('alpha'), l, 'any'), '!TD403', 'CTX 7: a route that declares ' || quote_literal(l) || ' is closed')
FROM unnest(ARRAY['', 'none', 'public', 'MEMBER', 'root', 'canary', 'operator', 'bootstrap']) l;
SELECT is(test.enter('app', 'ann', test.tenant('is-onboarding'), 'member', g), '!TD012', 'a guard of no meaning opens nothing') FROM unnest(ARRAY['', 'x']) g;
SELECT is(test.enter('app', 'owner-active', test.tenant('is-closed'), 'member', g), '!TD013', 'not even to its owner') FROM unnest(ARRAY['', 'x', 'ANY']) g;

-- Changed in the meantime: read at every request.
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD015', 'T18: amy comes in');
SELECT test.script('app', 'COMMIT');
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''suspended'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('amy')));
SELECT is(test.enter('app', 'amy', test.tenant('alpha')), '!TD015', 'T18: suspended she does not, with the same token');
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('amy')));
SELECT is(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'T18: removed she is a stranger');
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''active'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('amy')));

-- A visitor's context ------------------------------------------------------------------------------------------

-- It has an env and a trace, and shows nothing. What the workers may call refuses it, but for what was opened to visitors, and what
-- answers only about the caller's own context or demands a proof.
SELECT is(test.enter('app', '', at_least => 'visitor', guard => 'any'), '- - - -', 'a visitor comes in as nobody');
SELECT is(test.q('app', 'SELECT concat_ws('' '', c.kind, c.env, c.trace_id, c.route, c.tenant_id, c.user_id, c.role, c.issuer) FROM tenantd.context() c'),
  'visitor prod 0af7651916cd43dd8448eb211c80319c GET /v1/test', 'with an env, a trace and a route, and no more');
SELECT is(test.q('app', 'SELECT count(*)::text FROM ' || t), '0', 'T39: a visitor sees nothing in ' || t) FROM test.tables() t WHERE t LIKE 'tenantd.%';
SELECT is(test.script('app', 'ROLLBACK'), 'ROLLBACK', 'and leaves');
SELECT is(test.enter('app', 'ann', test.tenant('alpha'), 'visitor', 'any'), '- - - -', 'whoever it says it is'),
  is(test.q('app', 'SELECT concat_ws('' '', c.tenant_id, c.user_id, c.issuer) FROM tenantd.context() c'), '', 'a visitor is nobody'), test.script('app', 'ROLLBACK');
SELECT test.enter('app', '', at_least => 'visitor', guard => 'any'), is(test.q('app', q), '!42501', 'T39: a visitor may not ' || q)
FROM unnest(ARRAY['SELECT tenantd.me()::text', 'SELECT tenantd.bootstrap()::text']) q;
-- Each function that is open to the workers says itself for which kinds of contexts it is.
SELECT is(test.q('admin', $$SELECT string_agg(p.proname, ', ' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace = 'tenantd'::regnamespace AND p.prosecdef
    AND has_function_privilege('tenantd_app', p.oid, 'EXECUTE') AND p.prosrc !~ 'demand_(kind|proof)\(|context proof refused'$$),
  'header_clients, idempotency_demand, idempotency_keep, idempotency_recall, sealed', 'every open function asks for a kind of context or a proof, but for those that answer the caller about themselves, or a number of no tenant');
SELECT test.script('app', 'ROLLBACK');

-- The proof ------------------------------------------------------------------------------------------------

CREATE TABLE test.proof (n serial, what text, claim text, mac bytea);
INSERT INTO test.proof (what, claim, mac)
WITH c AS (SELECT test.claim(test.pid('app'), 'ann', test.tenant('alpha')) AS good, extract(epoch FROM clock_timestamp())::bigint AS at, test.pid('app') AS pid)
SELECT v.* FROM c, LATERAL (VALUES
  ('without a mac', good, ''::bytea), ('with a mac of zeros', good, decode(repeat('00', 48), 'hex')),
  ('with half a mac', good, substr(test.mac(good), 1, 16)), ('with more than the mac', good, test.mac(good) || '\x00'),
  ('with the plain digest', good, sha384(good::bytea)), ('with the digest over the key itself', good, sha384(test.key() || good::bytea)),
  ('by another key', good, test.mac(good, sha256('another'))), ('by the empty key', good, test.mac(good, '')),
  ('of an unknown key''s id', replace(good, test.key_id(), repeat('0', 16)), NULL),
  ('of no key''s id', replace(good, test.key_id(), ''), NULL),
  ('for another purpose', test.claim(pid, 'ann', test.tenant('alpha'), purpose => 'refuse'), NULL),
  ('for the gate', test.claim(pid, 'ann', test.tenant('alpha'), purpose => 'canary'), NULL),
  ('of another backend', test.claim(test.pid('app2'), 'ann', test.tenant('alpha')), NULL),
  ('61 seconds old', test.claim(pid, 'ann', test.tenant('alpha'), issued => at - 62), NULL),
  ('from the future', test.claim(pid, 'ann', test.tenant('alpha'), issued => at + 75), NULL),
  ('that never ends', test.claim(pid, 'ann', test.tenant('alpha'), issued => 9223372036854775807), NULL),
  ('of no time', test.claim(pid, 'ann', test.tenant('alpha'), issued => 0), NULL),
  ('with another subject under the old mac', test.claim(pid, 'bob', test.tenant('beta')), test.mac(good)),
  ('with a name under the old mac', test.claim(pid, 'ann', test.tenant('alpha'), name => 'Ann'), test.mac(good)),
  ('with limits taken away under the old mac', test.claim(pid, 'ann', test.tenant('alpha')), test.mac(test.claim(pid, 'ann', test.tenant('alpha'), limits => 'aa 1 1')))) v (what, claim, mac);
SELECT is(test.q('app', test.call('tenantd.enter', claim, mac)), '!TD503', 'T40: a claim ' || what || ' is refused') FROM test.proof ORDER BY n;
SELECT is(test.q('app', format('SELECT tenantd.enter(%s)', a)), '!TD503', 'T40: a null is no proof')
FROM (SELECT test.args(test.claim(test.pid('app'), 'ann')) AS good) g, LATERAL (VALUES (regexp_replace(good, ', [^,]*$', ', NULL')), (regexp_replace(good, '^[^,]*', 'NULL')),
  (array_to_string(array_fill('NULL'::text, ARRAY[19]), ', '))) v (a);
-- A line feed inside of a field makes one more of them, whatever is taken out elsewhere.
SELECT is(test.q('app', format('SELECT tenantd.enter(%s)', replace(test.args(c, test.mac(c)), quote_literal('https://id.example') || ', ' || quote_literal('ann'),
    quote_literal(E'https://id.example\nann') || ', ' || quote_literal('')))), '!TD503', 'T40: nor can fields be shifted under a proof') FROM test.claim(test.pid('app'), 'ann', test.tenant('alpha')) c;
SELECT is(test.refusal('app', test.call('tenantd.enter', claim, mac)), 'context proof refused', 'T40: and the text says no more') FROM test.proof WHERE n IN (1, 8, 17);
SELECT isnt(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'ann', test.tenant('alpha'), issued => extract(epoch FROM clock_timestamp())::bigint - 50))),
  '!TD503', 'a claim of 50 seconds ago holds');
SELECT is(test.q('app', test.call(f, test.claim(test.pid('app'), 'ann', test.tenant('alpha')), NULL, more)), '!TD503', 'T40: a claim to enter opens no ' || f)
FROM (VALUES ('tenantd.refuse', ', ''forbidden'''), ('tenantd.canary', '')) v (f, more);

-- What the workers' role may not call or read ---------------------------------------------------------------

SELECT is(test.q('app', query), '!42501', 'T40: denied: ' || query) FROM unnest(ARRAY[
  'SELECT tenantd.seal(''' || test.key_id() || ''', NULL, NULL, NULL, NULL, ''x'', NULL, NULL, NULL)', 'SELECT tenantd.reseal(NULL, NULL, ''owner'')', 'SELECT tenantd.demand_proof(''x'', ''x'', 1, ''x'')',
  'SELECT tenantd.take_limits(''aa 1 1'', true)', 'SELECT tenantd.idempotency_caller(NULL, NULL, NULL, NULL)',
  'SELECT tenantd.context_key_add(repeat(''x'', 32)::bytea)', 'SELECT tenantd.context_key_drop(''' || test.key_id() || ''', false)',
  'SELECT count(*) FROM tenantd.operator_tenants(NULL, NULL)', 'SELECT tenantd.operator_tenant_status(''alpha'', ''prod'', ''suspend'', ''x'')::text',
  'SELECT tenantd.wall(''tenantd.users'')', 'SELECT tenantd.isolate(''tenantd.users'', '''', '''')', 'SELECT tenantd.member_may_become(''removed'', ''active'', ''admin'')',
  'SELECT tenantd.audit_action(''x'', ''x'', NULL, NULL, true)',
  'SELECT count(*) FROM tenantd.context_keys', 'SELECT 1 FROM tenantd.context_keys', 'SELECT id FROM tenantd.context_keys', 'TABLE tenantd.context_keys',
  'INSERT INTO tenantd.context_keys VALUES (''x'', '''', '''')', 'DELETE FROM tenantd.context_keys', 'COPY tenantd.context_keys TO STDOUT',
  'SELECT seal_key FROM tenantd.context_keys FOR SHARE', 'SELECT count(*) FROM tenantd.limit_buckets', 'SELECT count(*) FROM tenantd.idempotency_keys', 'DO $d$ BEGIN LOCK TABLE tenantd.context_keys; END $d$']) query;
SELECT test.script('admin', 'ANALYZE tenantd.context_keys');
SELECT is(test.q('app', $$SELECT count(*)::text FROM pg_stats WHERE schemaname = 'tenantd'$$), '0', 'T40: statistics show the workers no key and no other value');
SELECT is(test.q('app', $$SELECT count(*)::text FROM pg_statistic$$), '!42501', 'T40: by the back door neither');
SELECT test.script('migrator', 'BEGIN; SET LOCAL ROLE tenantd_owner');
SELECT is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.context_keys'), '0', 'T40: the owner of the table sees no key either');
SELECT test.script('migrator', 'ROLLBACK');

-- The setting ------------------------------------------------------------------------------------------------

-- What a session sees of everything: the sum over all tables; null when a context stands.
CREATE FUNCTION test.sight(conn text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q(conn, 'SELECT concat_ws('' '', tenantd.sealed(), (SELECT count(*) FROM tenantd.tenants), (SELECT count(*) FROM tenantd.tenant_members),
    (SELECT count(*) FROM tenantd.users), (SELECT count(*) FROM tenantd.onboarding_progress), (SELECT count(*) FROM tenantd.audit_events))')
$$;
CREATE FUNCTION test.put(conn text, setting text, is_local boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
  SELECT test.q(conn, format('SELECT set_config(''tenantd.context'', %L, %L)', setting, is_local))
$$;
SELECT test.script('app', 'ROLLBACK');
SELECT is(test.q('app', $$SELECT current_setting('tenantd.context', true)$$), '', 'T41: after an earlier context the setting is empty');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T41: and empty it shows nothing, without an error');
SELECT test.close('app'), test.connect('app', 'tenantd_app');
SELECT is(test.q('app', $$SELECT current_setting('tenantd.context', true)$$), NULL, 'T39: a new session has no setting');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T39: and sees nothing');
SELECT is(test.q('app', $$SELECT count(*)::text FROM tenantd.context() c WHERE NOT (c IS NULL)$$), '0', 'T39: context() is all nulls');

-- A live context of amy's, kept, and all that can be made of it.
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'amy comes in again');
SELECT test.q('app', $$SELECT current_setting('tenantd.context')$$) AS kept \gset
SELECT isnt(test.sight('app'), '0 0 0 0 0', 'T40: amy sees something');
CREATE TABLE test.forged (n serial, what text, setting text);
INSERT INTO test.forged (what, setting)
SELECT v.* FROM (SELECT :'kept'::text AS kept, substr(:'kept', 1, 96) AS seal, substr(:'kept', 97, 16) AS key, substr(:'kept', 113) AS body) k, LATERAL (VALUES
  ('empty', ''), ('a tenant id', test.tenant('beta')), ('the body alone', body), ('zeros for the seal', repeat('0', 96) || key || body),
  ('the seal over another tenant', replace(kept, test.tenant('alpha'), test.tenant('beta'))), ('the seal over another env', replace(kept, 'prod', 'dev')),
  ('the seal over another role', replace(kept, E'\nmember\nmember', E'\nowner\nmember')), ('the seal over another user', replace(kept, test.person('amy'), test.person('ann'))),
  ('the seal over another kind', replace(kept, E'\nmember\nmember', E'\nmember\noperator')), ('more fields', kept || E'\n'), ('a blank more', kept || ' '),
  ('upper case', upper(seal) || key || body), ('an unknown key', seal || repeat('0', 16) || body), ('no key', seal || body),
  ('a short one', left(kept, 112)), ('a very short one', left(kept, 10)), ('a long one', repeat(kept, 5000)),
  ('the plain digest', encode(sha384(body::bytea), 'hex') || key || body),
  ('a seal by the proof key', encode(test.mac(body), 'hex') || key || body),
  ('a digest with the pid', encode(sha384(body::bytea || int4send(test.pid('app'))), 'hex') || key || body),
  ('SQL', ''' OR true --'), ('bytes that are no hex', repeat('g', 96) || key || body), ('signs', repeat('é', 96) || key || body)) v;
SELECT test.put('app', setting) FROM test.forged WHERE n = 2;
SELECT results_eq($$SELECT what, CASE WHEN test.put('app', setting) IS NOT NULL THEN test.sight('app') END FROM test.forged ORDER BY n$$,
  $$SELECT what, '0 0 0 0 0' FROM test.forged ORDER BY n$$, 'T40: nothing made of a seal by hand shows a row');
SELECT is((SELECT count(*) FROM test.forged WHERE setting = :'kept'), 0::bigint, 'T40: (each of them was another text)');
SELECT test.put('app', :'kept');
SELECT isnt(test.sight('app'), '0 0 0 0 0', 'T40: put back as it was, in its transaction, it holds');
SELECT test.script('app', 'BEGIN'), test.script('app2', 'ROLLBACK'), test.script('app2', 'BEGIN'), test.put('app2', :'kept');
SELECT is(test.sight('app2'), '0 0 0 0 0', 'T40: in another session it does not');
SELECT test.put('app', :'kept', false);
SELECT test.script('app', 'COMMIT'), test.script('app2', 'ROLLBACK');
SELECT is(test.q('app', $$SELECT current_setting('tenantd.context', true)$$), :'kept', 'T40: set for the session it outlives the transaction');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T40: and is worth nothing there');
SELECT test.script('app', 'BEGIN');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T40: nor in the next transaction');
SELECT test.put('app', :'kept');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T40: nor set once more');
SELECT is(test.q('app', $$SELECT count(*)::text FROM tenantd.context() c WHERE NOT (c IS NULL)$$), '0', 'T40: context() knows nothing of it');
SELECT test.script('app', 'ROLLBACK');
SELECT is(test.script('app', format('SET tenantd.context = %L', :'kept')), 'SET', 'T40: SET takes it');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T40: and shows nothing');
SELECT is(test.q('app', format('WITH s AS MATERIALIZED (SELECT set_config(''tenantd.context'', %L, true)) SELECT count(*)::text FROM s, tenantd.tenants', :'kept')), '0',
  'T40: set within the statement that reads, it shows nothing');
SELECT test.script('app', 'RESET tenantd.context');

-- The seal itself, made by its own key, that only the database has: it holds for this backend and this transaction.
CREATE FUNCTION test.seal(body text, pid integer, at bytea) RETURNS text LANGUAGE sql AS $$
  SELECT encode(sha384(k || convert_to(body, 'UTF8') || int4send(pid) || at), 'hex') || test.key_id() || body
  FROM dblink('admin', format('SELECT seal_key FROM tenantd.context_keys WHERE id = %L', test.key_id())) AS t (k bytea)
$$;
SELECT test.script('app', 'ROLLBACK; BEGIN');
SELECT test.q('app', 'SELECT timestamptz_send(now())::text') AS at, test.pid('app') AS pid, concat_ws(E'\n', test.tenant('alpha'), 'prod', test.person('amy'), 'member', 'member', '', '') AS body \gset
SELECT test.put('app', test.seal(:'body', :pid, :'at'::bytea)), is(test.sight('app') LIKE '%' || test.tenant('alpha') || '%', true, 'T40: a seal by the seal key holds'),
  test.put('app', test.seal(:'body', :pid + 1, :'at'::bytea)), is(test.sight('app'), '0 0 0 0 0', 'T40: not one for another backend at the same time'),
  test.put('app', test.seal(:'body', :pid, set_byte(:'at'::bytea, 7, get_byte(:'at'::bytea, 7) # 1))), is(test.sight('app'), '0 0 0 0 0', 'T40: nor one a microsecond beside'), test.script('app', 'ROLLBACK');

-- Failed and ended transactions.
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'T42: amy comes in'), is(test.q('app', 'SELECT (1/0)::text'), '!22012', 'T42: fails');
SELECT is(test.sight('app'), '!25P02', 'T42: a failed transaction answers nothing');
SELECT test.script('app', 'ROLLBACK');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T42: nor is there a context after it');
SELECT test.script('app', 'BEGIN; SAVEPOINT s');
SELECT isnt(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'amy', test.tenant('alpha')))), '!TD012', 'T42: amy comes in behind a savepoint');
SELECT test.script('app', 'ROLLBACK TO s');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T42: rolled back to, it is gone');
SELECT test.script('app', 'ROLLBACK');
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'T42: amy comes in');
SELECT test.script('app', 'COMMIT');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T41: after COMMIT there is none');
SELECT is(test.q('app', $$SELECT current_setting('tenantd.context', true)$$), '', 'T41: the setting is empty');
SELECT is(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'ann', test.tenant('alpha')))),
  concat_ws(' ', test.tenant('alpha'), test.person('ann'), 'owner', 'active'), 'T41: an implicit transaction comes in');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T41: and leaves nothing');
-- A held cursor shows what its own transaction saw; a statement prepared in a context asks again.
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'amy comes in'), test.script('app', 'PREPARE mine AS SELECT count(*)::text FROM tenantd.tenant_members');
SELECT is(test.q('app', 'EXECUTE mine'), '7', 'T40: a prepared statement shows alpha''s members in alpha');
SELECT test.script('app', 'COMMIT');
SELECT is(test.q('app', 'EXECUTE mine'), '0', 'T40: and nothing after it');
SELECT isnt(test.enter('app', 'bob', test.tenant('beta')), '!TD012', 'bob comes in');
SELECT is(test.q('app', 'EXECUTE mine'), '3', 'T40: and beta''s in beta');
SELECT test.script('app', 'ROLLBACK; DEALLOCATE mine');

-- Two transactions of one message have one now(): what can be carried over is the session's own context.
SELECT is(test.script('app', format($x$BEGIN; DO $d$ BEGIN PERFORM tenantd.enter(%s); PERFORM set_config('kept.it', current_setting('tenantd.context'), false); END $d$;
  COMMIT; BEGIN; DO $d$ BEGIN
    PERFORM set_config('tenantd.context', replace(current_setting('kept.it'), %L, %L), true);
    PERFORM set_config('kept.seen', (SELECT count(*)::text FROM tenantd.tenants), false);
    PERFORM set_config('tenantd.context', current_setting('kept.it'), true);
    PERFORM set_config('kept.other', (SELECT count(*)::text FROM tenantd.tenants WHERE slug <> 'alpha'), false);
  END $d$; COMMIT$x$, test.args(c), test.tenant('alpha'), test.tenant('beta'))), 'COMMIT', 'T40: two transactions in one message')
FROM test.claim(test.pid('app'), 'amy', test.tenant('alpha')) c;
SELECT is(test.q('app', $$SELECT current_setting('kept.seen') || current_setting('kept.other')$$), '00', 'T40: the second sees no other tenant than the first');

-- Other settings change nothing: neither for a context that holds nor for one that does not.
CREATE TABLE test.knob (n serial, knob text);
INSERT INTO test.knob (knob) VALUES ('DateStyle = ''German, DMY'''), ('TimeZone = ''Pacific/Kiritimati'''), ('IntervalStyle = ''iso_8601'''), ('bytea_output = ''escape'''),
  ('extra_float_digits = -15'), ('standard_conforming_strings = off'), ('search_path = public, tenantd, pg_temp'), ('search_path = '''''), ('client_encoding = ''LATIN1'''),
  ('transform_null_equals = on'), ('quote_all_identifiers = on'), ('array_nulls = off'), ('backslash_quote = on'), ('xmlbinary = ''hex'''), ('plpgsql.variable_conflict = ''error'''),
  ('enable_seqscan = off'), ('enable_indexscan = off; SET enable_bitmapscan = off'), ('plan_cache_mode = ''force_generic_plan'''), ('force_parallel_mode = ''on'''),
  ('default_transaction_isolation = ''serializable'''), ('default_transaction_isolation = ''repeatable read'''), ('check_function_bodies = off'), ('jit = on; SET jit_above_cost = 0'),
  ('from_collapse_limit = 1; SET join_collapse_limit = 1'), ('constraint_exclusion = off'), ('geqo_threshold = 2'), ('statement_timeout = 0'), ('lc_numeric = ''C''');
CREATE FUNCTION test.under(knob text, claim_sub text, tenant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  set_it text := test.script('app', 'ROLLBACK; SET ' || knob);
  sight text;
BEGIN
  PERFORM test.enter('app', claim_sub, tenant);
  sight := test.q('app', 'SELECT concat_ws('' '', (SELECT count(*) FROM tenantd.tenants), (SELECT count(*) FROM tenantd.tenant_members), (SELECT string_agg(slug, '','') FROM tenantd.tenants))');
  PERFORM test.script('app', 'COMMIT'), test.put('app', (SELECT setting FROM test.forged WHERE what LIKE 'the seal over another tenant'), false);
  RETURN sight || ' / ' || test.sight('app');
END $$;
SELECT is(test.under(knob, 'amy', test.tenant('alpha')), '1 7 alpha / 0 0 0 0 0', 'T40: under ' || knob || ' a context holds and another does not') FROM test.knob ORDER BY n;
SELECT test.close('app'), test.connect('app', 'tenantd_app');
SELECT is(test.script('app', 'SET ' || k), '!42501', 'T51: a worker may not ' || k) FROM unnest(ARRAY['track_activities = on', 'session_replication_role = replica', 'log_statement = ''all''',
  'session_preload_libraries = ''x''', 'lc_messages = ''C''', 'zero_damaged_pages = on', 'allow_system_table_mods = on']) k;

-- Two keys at once, and one that is dropped ------------------------------------------------------------------

SELECT is(test.q('migrator', 'SELECT tenantd.context_key_add(''short'')'), '!P0001', 'T16: a short key is refused');
SELECT is(test.q('migrator', format('SELECT tenantd.context_key_add(%L)', test.key())), test.key_id(), 'a key added again has the same id');
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD503', 'T112: amy comes in');
SELECT isnt(test.sight('app'), '0 0 0 0 0', 'T112: and sees her tenant');
SELECT is(test.q('migrator', 'SELECT left(tenantd.context_key_add(sha256(''the next key'')), 0)'), '', 'T112: a second key is added');
SELECT isnt(test.sight('app'), '0 0 0 0 0', 'T112: the context of the first still holds');
SELECT is(test.q('migrator', format('SELECT tenantd.context_key_drop(%L, false)', test.key_id())), 't', 'T112: the first is dropped');
SELECT is(test.sight('app'), '0 0 0 0 0', 'T112: its contexts are gone with it');
SELECT test.script('app', 'ROLLBACK');
SELECT is(test.enter('app', 'amy', test.tenant('alpha')), '!TD503', 'T112: and its proofs');
SELECT is(test.q('app', test.call('tenantd.enter', c, test.mac(c, sha256('the next key')))), concat_ws(' ', test.tenant('alpha'), test.person('ann'), 'owner', 'active'), 'T112: the next key opens')
FROM replace(test.claim(test.pid('app'), 'ann', test.tenant('alpha')), test.key_id(), left(encode(sha256(sha256('the next key')), 'hex'), 16)) c;
SELECT is(test.q('migrator', format('SELECT tenantd.context_key_drop(%L, false)', test.key_id())), 'f', 'a key that is not there is not dropped');

SELECT * FROM finish();
DROP TABLE test.state, test.proof, test.forged, test.knob;
DROP FUNCTION test.sight, test.put, test.under, test.seal;
