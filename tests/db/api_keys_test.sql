-- API keys, attacked by SQL as the workers' role.
SELECT no_plan();
SELECT test.world();

-- Makes a key of alpha as that user; its id.
CREATE FUNCTION test.make(sub text, role text, name text DEFAULT 'k') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', sub, test.tenant('alpha'), format('SELECT k ->> ''key'' FROM tenantd.api_key_create(%L, ''prod'', %L) k', test.tenant('alpha'),
    json_build_object('name', name, 'role', role)), 'tenant_admin')
$$;
-- A statement with a key.
CREATE FUNCTION test.by_key(key text, query text, at_least text DEFAULT 'member', guard text DEFAULT 'any', tenant text DEFAULT 'alpha') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  PERFORM dblink_exec('app', 'ROLLBACK'), dblink_exec('app', 'BEGIN');
  answer := test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), encode(sha256(key::bytea), 'hex'), test.tenant(tenant), at_least, guard,
    iss => 'tenantd:api-key', claimed => true)));
  IF answer NOT LIKE '!%' THEN answer := test.q('app', query); END IF;
  PERFORM dblink_exec('app', CASE WHEN answer LIKE '!%' THEN 'ROLLBACK' ELSE 'COMMIT' END);
  RETURN answer;
END $$;
CREATE TABLE test.key AS SELECT test.make('ann', 'owner') AS owner, test.make('ann', 'tenant_admin') AS admin, test.make('adam', 'member') AS member;

SELECT is(test.by_key(k.owner, 'SELECT ''in''', l), 'in', 'an owner''s key enters as ' || l) FROM test.key k, unnest(ARRAY['member', 'tenant_admin', 'owner']) l;
SELECT is(test.by_key(k.member, 'SELECT ''in'''), 'in', 'a member''s key is a member'), is(test.by_key(k.member, 'SELECT ''in''', 'tenant_admin'), '!TD403', 'T56: and no more')
FROM test.key k;
SELECT is(test.by_key(k.owner, 'SELECT ''in''', tenant => t), '!TD401', 'T25: the key opens no ' || t) FROM test.key k, unnest(ARRAY['beta', 'gamma', 'nowhere']) t;
SELECT is(test.by_key(k.owner, 'SELECT ''in''', l), '!TD403', 'a key is nobody outside: ' || l) FROM test.key k, unnest(ARRAY['token', 'system_admin', 'visitor']) l;
SELECT is(test.by_key(k.owner, 'SELECT count(*)::text FROM tenantd.tenants'), '1', 'T33: with a key one tenant is seen'),
  is(test.by_key(k.owner, 'SELECT count(*)::text FROM tenantd.tenants WHERE id <> ''' || test.tenant('alpha') || ''''), '0', 'T33: and no other')
FROM test.key k;

-- What a member with its role may do it may do, but for what a person answers for.
SELECT is(test.by_key(k.member, 'UPDATE tenantd.invitations SET status = ''revoked''', 'member', 'open'), 'UPDATE 0', 'T56: a member''s key revokes no invitation'),
  is(test.by_key(k.admin, 'UPDATE tenantd.invitations SET status = ''accepted''', 'tenant_admin', 'open'), '!TD403', 'T56: an admin''s key accepts none'),
  is(test.by_key(k.admin, 'UPDATE tenantd.invitations SET status = ''revoked''', 'tenant_admin', 'open'), 'UPDATE 1', 'and revokes those of its own tenant'),
  is(test.q('admin', 'SELECT string_agg(concat_ws('' '', actor_kind, actor_label), '','') FROM tenantd.audit_events WHERE action = ''invitation.revoked'''), 'api_key k', 'in its own name'),
  is(test.by_key(k.admin, 'UPDATE tenantd.invitations SET status = ''pending''', 'tenant_admin', 'open'), '!TD409', 'for ever')
FROM test.key k;
SELECT is(test.q('admin', format('INSERT INTO tenantd.invitations (tenant_id, env, email, role, token_digest, invited_by, expires_at) VALUES (%L, ''prod'', ''boss@example.org'', ''owner'', sha256(''boss''), %L, now() + interval ''1 day'')', test.tenant('alpha'), test.person('ann'))), 'INSERT 0 1', 'an owner is invited'),
  is(test.by_key(k.admin, 'UPDATE tenantd.invitations SET status = ''revoked'' WHERE role = ''owner''', 'tenant_admin', 'open'), '!TD403', 'T58: an admin''s key does not revoke what is above it')
FROM test.key k;
-- Why a statement with a key is refused.
CREATE FUNCTION test.why(key text, query text, at_least text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dblink_exec('app', 'ROLLBACK'), dblink_exec('app', 'BEGIN'), test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), encode(sha256(key::bytea), 'hex'), test.tenant('alpha'), at_least, 'open',
    iss => 'tenantd:api-key', claimed => true)));
  RETURN test.refusal('app', query);
END $$;
SELECT matches(test.why(k.owner, q, l), ' / a person ', 'for persons: ' || q) FROM test.key k, (VALUES
  ('SELECT tenantd.invitation_create(''{"email": "x@example.org"}'')::text', 'tenant_admin'), ('SELECT tenantd.invitation_create_many(''{"emails": ["x@example.org"]}'')::text', 'tenant_admin'),
  ('SELECT tenantd.invitation_resend(id)::text FROM tenantd.invitations WHERE status = ''pending''', 'tenant_admin'),
  (format('SELECT tenantd.ownership_offer(%L)::text', json_build_object('user_id', test.person('adam'))), 'owner'),
  (format('SELECT tenantd.api_key_create(%L, ''prod'', ''{"name": "x"}'')::text', test.tenant('alpha')), 'tenant_admin')) v (q, l);

-- Keys cannot be made, read or changed past the functions.
SELECT is(test.act('app', 'ann', test.tenant('alpha'), q, 'tenant_admin'), '!42501', 'T43: ' || q) FROM unnest(ARRAY[
  'INSERT INTO tenantd.api_keys (tenant_id, env, name, role, digest, created_by, expires_at) SELECT c.tenant_id, c.env, ''x'', ''owner'', sha256(''x''), c.user_id, ''infinity'' FROM tenantd.context() c',
  'SELECT digest::text FROM tenantd.api_keys', 'UPDATE tenantd.api_keys SET role = ''owner''', 'UPDATE tenantd.api_keys SET expires_at = ''infinity''',
  'UPDATE tenantd.api_keys SET digest = sha256(''x'')', 'DELETE FROM tenantd.api_keys', 'SELECT tenantd.api_key_find(NULL, NULL, NULL)::text']) q;
SELECT is(test.act('app', 'amy', test.tenant('alpha'), 'SELECT count(*)::text FROM tenantd.api_keys'), '0', 'a member sees no keys'),
  is(test.act('app', 'adam', test.tenant('alpha'), 'SELECT count(*)::text FROM tenantd.api_keys', 'tenant_admin'), '4', 'an admin does'),
  is(test.act('app', 'ben', test.tenant('beta'), 'SELECT count(*)::text FROM tenantd.api_keys', 'tenant_admin'), '1', 'T33: and none of another tenant');
SELECT is(test.act('app', 'adam', test.tenant('alpha'), format('SELECT tenantd.api_key_create(%L, ''prod'', %L)::text', t, '{"name":"x"}'), 'tenant_admin'), '!TD012', 'T33: nobody makes one for another tenant')
FROM unnest(ARRAY[test.tenant('beta'), test.tenant('gamma')]) t;
SELECT is(test.act('app', s, test.tenant('alpha'), format('SELECT tenantd.api_key_create(%L, ''prod'', %L)::text', test.tenant('alpha'), '{"name":"x"}'), l), w, 'T56: made by ' || s || ' as ' || l)
FROM (VALUES ('amy', 'member', '!42501'), ('ann', 'owner', '!42501'), ('sam', 'token', '!42501')) v (s, l, w);
SELECT is(test.make('adam', 'owner'), '!TD403', 'T121: an admin makes no owner''s key');
SELECT is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.api_keys SET revoked_at = now() WHERE role = ''owner''', 'tenant_admin'), '!TD403', 'T58: nor revokes one');
SELECT is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.api_keys SET revoked_at = ''1970-01-01'', revoked_by = gen_random_uuid() WHERE role = ''member''', 'tenant_admin'), 'UPDATE 2', 'a revocation'),
  is(test.q('admin', $$SELECT string_agg(DISTINCT concat_ws(' ', revoked_at > now() - interval '1 hour', revoked_by), ',') FROM tenantd.api_keys WHERE role = 'member' AND revoked_at IS NOT NULL$$), 't ' || test.person('adam'), 'is of now, and by who did it'),
  is(test.by_key(k.member, 'SELECT ''in'''), '!TD401', 'and holds at once'),
  is(test.act('app', 'ann', test.tenant('alpha'), 'UPDATE tenantd.api_keys SET revoked_at = NULL WHERE role = ''member''', 'tenant_admin'), '!TD403', 'for ever')
FROM test.key k;

SELECT * FROM finish();
DROP TABLE test.key;
DROP FUNCTION test.make, test.by_key, test.why;
