-- Access at an earlier time, told by the audit rows alone: after a random history each moment of it is told as it was, and
-- nobody is told about another tenant.
SELECT no_plan();
SELECT test.world();

-- What is true now, read from the tables; and what the audit says of a time. "USER ROLE STATUS,… TENANT STATUS".
CREATE FUNCTION test.truth() RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(concat_ws('' '', m.user_id, m.role, m.status), '','' ORDER BY m.user_id) || '' '' || t.status
    FROM tenantd.tenants t JOIN tenantd.tenant_members m ON m.tenant_id = t.id WHERE t.id = %L AND m.status NOT IN (''removed'', ''rejected'')
    GROUP BY t.status', test.tenant('alpha')))
$$;
CREATE FUNCTION test.asked(moment timestamptz) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT string_agg(concat_ws('' '', a.user_id, a.role, a.status), '','' ORDER BY a.user_id) || '' '' || min(a.tenant_status)
    FROM tenantd.access_at(%L, ''prod'', %L) a WHERE a.since <= %L', test.tenant('alpha'), moment, moment)
$$;
CREATE FUNCTION test.one_of(VARIADIC words text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT words[1 + floor(random() * cardinality(words))::integer]
$$;

-- One act of chance, by hand. Those that a rule refuses are part of the history, and so are those that are rolled back.
CREATE FUNCTION test.chance() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  tenant text := test.tenant('alpha');
  who text := test.person(test.one_of('ann', 'adam', 'amy', 'pat', 'sue', 'rex', 'rem', 'bob', 'sam', 'root'));
  role text := test.one_of('member', 'tenant_admin', 'owner');
  status text := test.one_of('pending', 'active', 'active', 'suspended', 'rejected', 'removed');
  act text := CASE floor(random() * 8)::integer
    WHEN 0 THEN format('UPDATE tenantd.tenants SET status = %L WHERE id = %L', test.one_of('onboarding', 'active', 'suspended', 'closed'), tenant)
    WHEN 1 THEN format('UPDATE tenantd.tenants SET name = %L WHERE id = %L', who || status, tenant)
    WHEN 2 THEN format('DELETE FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', tenant, who)
    WHEN 3 THEN format('UPDATE tenantd.tenant_members SET role = %L WHERE tenant_id = %L AND user_id = %L', role, tenant, who)
    WHEN 4 THEN format('UPDATE tenantd.tenant_members SET role = %L, status = %L WHERE tenant_id = %L AND user_id = %L', role, status, tenant, who)
    WHEN 5 THEN format('UPDATE tenantd.tenant_members SET status = %L WHERE tenant_id = %L AND user_id = %L', status, tenant, who)
    ELSE format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) VALUES (%L, ''prod'', %L, %L, %L)', tenant, who, role, status) END;
BEGIN
  IF random() < 0.1 THEN
    RETURN test.script('admin', format('BEGIN; %s; ROLLBACK', act));
  END IF;
  RETURN test.script('admin', act);
END $$;

CREATE TABLE test.moment (n serial, at timestamptz, truth text, done text);
-- The history comes from a seed, so that one that fails can be told again.
CREATE FUNCTION test.live(seed double precision, steps integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  told text;
BEGIN
  PERFORM setseed(seed);
  FOR i IN 1 .. steps LOOP
    told := test.chance();
    IF told LIKE '!%' THEN PERFORM test.script('admin', 'ROLLBACK'); END IF;
    INSERT INTO test.moment (at, truth, done) SELECT clock_timestamp(), t, told FROM test.truth() t;
  END LOOP;
END $$;

SELECT is(test.q('admin', test.asked('2020-01-01')), NULL, 'before there was a tenant nobody was in it');
SELECT test.live(0.25, 150), test.live(-0.75, 150);
SELECT is((SELECT count(*) FROM test.moment WHERE done ~ '^(UPDATE|INSERT|DELETE)') > 100, true, 'a history of many changes'),
  is((SELECT count(DISTINCT truth) FROM test.moment) > 50, true, 'and of many states'),
  is((SELECT count(*) FROM test.moment WHERE done LIKE '!%') > 5, true, 'with some that a rule refused');
SELECT is((SELECT string_agg(format('step %s: %s told as %s', n, truth, told), E'\n') FROM (SELECT m.*, test.q('admin', test.asked(m.at)) AS told FROM test.moment m) x
  WHERE told IS DISTINCT FROM truth), NULL, 'each moment is told as it was');

-- As the workers' role, in its tenant and as its role.
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET role = ''owner'', status = ''active'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('ann'))),
  test.script('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) VALUES (%L, ''prod'', %L, ''owner'', ''active'') ON CONFLICT DO NOTHING', test.tenant('alpha'), test.person('ann')));
SELECT is(test.act('app', 'ann', test.tenant('alpha'), test.asked((SELECT at FROM test.moment WHERE n = 60)), 'tenant_admin', 'any'), (SELECT truth FROM test.moment WHERE n = 60), 'an admin of the tenant is told');
SELECT test.script('admin', format('DELETE FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('amy'))),
  test.script('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, ''active'')', test.tenant('alpha'), test.person('amy')));
SELECT is(test.act('app', 'amy', test.tenant('alpha'), test.asked((SELECT at FROM test.moment WHERE n = 60)), 'member', 'any'), NULL, 'T58: a member is told nothing'),
  is(test.act('app', 'ben', test.tenant('beta'), test.asked((SELECT at FROM test.moment WHERE n = 60)), 'tenant_admin', 'any'), NULL, 'T58: nor is an admin of another tenant, though the question names this one'),
  is(test.q('app', test.asked(now())), NULL, 'T39: nor anybody without a context');
SELECT is(test.q('app', 'SELECT count(*)::text FROM tenantd.operator_access(''alpha'', ''prod'', now())'), '!42501', 'and the operator''s question is not open to the workers');
SELECT is(test.q('migrator', format('SELECT count(*)::text FROM tenantd.operator_access(''alpha'', ''prod'', %L)', (SELECT at FROM test.moment WHERE n = 60))),
  (SELECT (1 + length(truth) - length(replace(truth, ',', '')))::text FROM test.moment WHERE n = 60), 'the operator is told'),
  is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.operator_access(''alpha'', NULL, now())'), '!TD012', 'a slug needs its env');

-- Nothing but role and status is kept, and of members and tenants alone.
SELECT is(test.q('admin', $$SELECT count(*)::text FROM tenantd.audit_events WHERE (role IS NOT NULL AND object_type <> 'member') OR (status IS NOT NULL AND object_type NOT IN ('member', 'tenant'))$$), '0',
  'no other row keeps a role or a status'),
  is(test.q('admin', $$SELECT count(*)::text FROM tenantd.audit_events WHERE object_type IN ('member', 'tenant') AND status IS NULL$$), '0', 'and each of these does');
-- A table of the application may have the same name as an object of ours.
SELECT test.script('migrator', $$SET ROLE tenantd_owner; CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE app.member (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), word text)$$);
SELECT is(test.q('migrator', $$SELECT tenantd.register_resource('app.member')$$), 'member', 'a table that is called member');
SELECT test.truth() AS before \gset
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('INSERT INTO app.member (id, word) VALUES (%L, ''x'')', test.person('ann')), 'member', 'any'), 'INSERT 0 1', 'has a row with the id of ann'),
  is(test.q('admin', test.asked(clock_timestamp())), :'before', 'which says nothing of ann');

SELECT * FROM finish();
