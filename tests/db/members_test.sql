-- Who may do what to whom: the whole table of actor, subject and change, and the owner that is always left.
SELECT no_plan();
SELECT test.world();

-- A tenant with one of each, and a second of each to act upon.
SELECT test.script('admin', 'BEGIN');
SELECT test.script('admin', format('INSERT INTO tenantd.users (id, issuer, subject) VALUES (%L, ''https://id.example'', %L)', test.person(s), s))
FROM unnest(ARRAY['owner1', 'owner2', 'tenant_admin1', 'tenant_admin2', 'member1', 'member2']) s;
SELECT test.script('admin', format('INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status) VALUES (%L, ''prod'', ''ranks'', ''x'', ''x'', ''active'')', test.tenant('ranks')));
SELECT test.script('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) VALUES (%L, ''prod'', %L, %L, ''active'')', test.tenant('ranks'), test.person(s), left(s, -1)))
FROM unnest(ARRAY['owner1', 'owner2', 'tenant_admin1', 'tenant_admin2', 'member1', 'member2']) s;
SELECT test.script('admin', 'COMMIT');

-- One try, rolled back: 'UPDATE 1' or the refusal. `was` is what the subject is made beforehand, by the superuser, for good.
CREATE FUNCTION test.try(actor text, subject text, change text, tenant text DEFAULT test.tenant('ranks')) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter('app', actor, tenant, 'member', 'any');
BEGIN
  IF answer NOT LIKE '!%' THEN
    answer := test.q('app', format('UPDATE tenantd.tenant_members SET %s WHERE user_id = %L', change, test.person(subject)));
  END IF;
  PERFORM dblink_exec('app', 'ROLLBACK');
  RETURN answer;
END $$;
CREATE FUNCTION test.make(subject text, change text, tenant text DEFAULT 'ranks') RETURNS text LANGUAGE sql AS $$
  SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET %s WHERE tenant_id = %L AND user_id = %L', change, test.tenant(tenant), test.person(subject)))
$$;
CREATE FUNCTION test.rank(r text) RETURNS integer LANGUAGE sql AS $$ SELECT array_position('{member,tenant_admin,owner}', r) $$;

-- Another's role.
SELECT is(test.try(a || '1', s || '2', format('role = %L', r)),
  CASE WHEN a = 'member' OR test.rank(s) > test.rank(a) OR test.rank(r) > test.rank(a) THEN '!TD403' ELSE 'UPDATE 1' END, format('T57: a %s makes a %s a %s', a, s, r))
FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) a, unnest(ARRAY['member', 'tenant_admin', 'owner']) s, unnest(ARRAY['member', 'tenant_admin', 'owner']) r;
-- Another's status.
SELECT is(test.try(a || '1', s || '2', format('status = %L', t)),
  CASE WHEN a = 'member' OR test.rank(s) > test.rank(a) THEN '!TD403' WHEN t IN ('pending', 'rejected') THEN '!TD409' ELSE 'UPDATE 1' END, format('T57: a %s makes an active %s %s', a, s, t))
FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) a, unnest(ARRAY['member', 'tenant_admin', 'owner']) s, unnest(ARRAY['pending', 'active', 'suspended', 'rejected', 'removed']) t;
-- One's own role and status: down and out, never up.
SELECT is(test.try(a || '1', a || '1', format('role = %L', r)), CASE WHEN test.rank(r) > test.rank(a) THEN '!TD403' ELSE 'UPDATE 1' END, format('T56: a %s makes themselves a %s', a, r))
FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) a, unnest(ARRAY['member', 'tenant_admin', 'owner']) r;
SELECT is(test.try(a || '1', a || '1', format('status = %L', t)), CASE WHEN t IN ('active', 'removed') THEN 'UPDATE 1' ELSE '!TD403' END, format('T56: a %s makes themselves %s', a, t))
FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) a, unnest(ARRAY['pending', 'active', 'suspended', 'rejected', 'removed']) t;
SELECT is(test.try('member1', 'member1', 'status = ''removed'', role = ''owner'''), '!TD403', 'T56: nor by leaving as an owner');
SELECT is(test.try('tenant_admin1', 'member2', 'status = ''removed'', role = ''owner'''), '!TD403', 'T57: nor is one removed as an owner');
-- Which status may follow which, by an owner.
SELECT test.make('member2', 'status = ' || quote_literal(w)),
  is(test.try('owner1', 'member2', format('status = %L', n)), CASE WHEN w = n OR w || n IN ('pendingactive', 'pendingrejected', 'activesuspended', 'activeremoved', 'suspendedactive', 'suspendedremoved') THEN 'UPDATE 1' ELSE '!TD409' END,
    format('T67, T70: a %s member becomes %s', w, n))
FROM unnest(ARRAY['pending', 'suspended', 'rejected', 'removed', 'active']) w, unnest(ARRAY['pending', 'active', 'suspended', 'rejected', 'removed']) n;
SELECT test.make('member2', 'status = ''pending'''), is(test.try('member2', 'member2', 'status = ''active'''), '!TD014', 'T63: a pending user does not come in to approve themselves'),
  is(test.try('member1', 'member2', 'status = ''active'''), '!TD403', 'T63: nor does a member approve'), is(test.try('tenant_admin1', 'member2', 'status = ''active'''), 'UPDATE 1', 'an admin does'),
  is(test.try('tenant_admin1', 'member2', 'status = ''active'', role = ''owner'''), '!TD403', 'T57: not as an owner'), test.make('member2', 'status = ''active''');
-- In another tenant.
SELECT is(test.try(a, s, c, test.tenant('alpha')), 'UPDATE 0', format('T58: %s of alpha does nothing to %s of beta: %s', a, s, c))
FROM unnest(ARRAY['ann', 'adam']) a, unnest(ARRAY['bob', 'ben', 'bea']) s, unnest(ARRAY['role = ''member''', 'status = ''removed''']) c;
SELECT is(test.try('ann', 'amy', 'role = ''tenant_admin''', test.tenant('gamma')), '!TD012', 'T58: ann does not come into gamma');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('UPDATE tenantd.tenant_members SET role = ''tenant_admin'' WHERE user_id = %L', test.person('amy'))), 'UPDATE 1', 'amy is promoted in alpha'),
  is(test.q('admin', format('SELECT string_agg(role::text, '','' ORDER BY env) FROM tenantd.tenant_members WHERE user_id = %L', test.person('amy'))), 'member,tenant_admin', 'T58: and stays a member in gamma');

-- The last owner (T65): of alpha, ann.
SELECT is(test.try('ann', 'ann', c, test.tenant('alpha')), '!TD016', 'T65: the last owner does not get to ' || c) FROM unnest(ARRAY['role = ''tenant_admin''', 'role = ''member''', 'status = ''removed''', 'status = ''suspended''']) c;
SELECT is(test.make('ann', c, 'alpha'), '!TD016', 'T65: not even for the superuser: ' || c) FROM unnest(ARRAY['role = ''tenant_admin''', 'status = ''removed''', 'status = ''suspended''', 'status = ''pending''']) c;
SELECT is(test.script('admin', format('DELETE FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('ann'))), '!TD016', 'T65: nor is the row deleted');
SELECT is(test.act('app', 'owner1', test.tenant('ranks'), 'UPDATE tenantd.tenant_members SET role = ''member'' WHERE role = ''owner'''), '!TD016', 'T65: nor do both step down in one statement');
SELECT is(test.act('app', 'owner1', test.tenant('ranks'), format('WITH a AS (UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L RETURNING 1), b AS (UPDATE tenantd.tenant_members SET role = ''member'' WHERE user_id = %L RETURNING 1)
  SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b)', test.person('owner1'), test.person('owner2'))), '!TD016', 'T65: nor in two parts of one');
SELECT is(test.act('app', 'owner1', test.tenant('ranks'), format('WITH a AS (UPDATE tenantd.tenant_members SET role = ''member'' WHERE user_id = %L RETURNING 1), b AS (UPDATE tenantd.tenant_members SET role = ''member'' WHERE user_id = %L RETURNING 1)
  SELECT (SELECT count(*) FROM b) + (SELECT count(*) FROM a)', test.person('owner2'), test.person('owner1'))), '!TD016', 'T65: in whatever order');
SELECT is(test.try('owner1', 'owner1', 'role = ''member'''), 'UPDATE 1', 'but with two one may');
SELECT test.make('owner2', 'status = ''suspended'''), is(test.try('owner1', 'owner1', 'role = ''member'''), '!TD016', 'T65: a suspended owner does not count'), test.make('owner2', 'status = ''active''');
SELECT is(test.q('admin', format('SELECT count(*)::text FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''owner'' AND status = ''active''', test.tenant('ranks'))), '2', 'nothing of it stayed');
-- A snapshot taken before is no way round: the guard counts what is, not what was.
SELECT test.script('app', 'BEGIN ISOLATION LEVEL ' || l), is(left(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'owner1', test.tenant('ranks')))), 1) <> '!', true, 'T69: owner1 comes in, ' || l),
  is(test.q('app', format('UPDATE tenantd.tenant_members SET role = ''member'' WHERE user_id = %L', test.person('owner1'))), '!25001', 'T69: but members are not changed under a snapshot'), test.script('app', 'ROLLBACK')
FROM unnest(ARRAY['REPEATABLE READ', 'SERIALIZABLE']) l;

-- Lost meanwhile: the guard reads the actor again.
SELECT isnt(left(test.enter('app', 'tenant_admin1', test.tenant('ranks')), 1), '!', 'an admin comes in'), test.make('tenant_admin1', 'role = ''member'''),
  is(test.q('app', format('UPDATE tenantd.tenant_members SET role = ''tenant_admin'' WHERE user_id = %L', test.person('member1'))), '!TD403', 'T72: and is demoted before they act'), test.script('app', 'ROLLBACK'), test.make('tenant_admin1', 'role = ''tenant_admin''');
SELECT isnt(left(test.enter('app', 'tenant_admin1', test.tenant('ranks')), 1), '!', 'an admin comes in'), test.make('tenant_admin1', 'status = ''removed'''),
  is(test.q('app', format('UPDATE tenantd.tenant_members SET role = ''tenant_admin'' WHERE user_id = %L', test.person('member1'))), '!TD012', 'T72: or removed'), test.script('app', 'ROLLBACK'), test.make('tenant_admin1', 'status = ''active''');

-- The tenant itself.
SELECT is(test.act('app', s, test.tenant('alpha'), 'UPDATE tenantd.tenants SET name = ''Alpha'''), w, s || ' renames alpha') FROM (VALUES ('ann', 'UPDATE 1'), ('adam', 'UPDATE 1')) v (s, w);
SELECT test.make('amy', 'role = ''member''', 'alpha'), is(test.act('app', 'amy', test.tenant('alpha'), 'UPDATE tenantd.tenants SET name = ''Mine'''), '!TD403', 'T56: a member does not');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('UPDATE tenantd.tenants SET status = %L', t)), w, 'its owner makes an active tenant ' || t)
FROM (VALUES ('suspended', '!TD403'), ('closed', '!TD403'), ('onboarding', '!TD403'), ('active', 'UPDATE 1')) v (t, w);
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'UPDATE tenantd.tenants SET organization_name = NULL'), '!TD409', 'an organization keeps a name');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('UPDATE tenantd.tenants SET %s', c)), '!23514', 'and no field is nonsense: ' || c) FROM unnest(ARRAY['name = ''''', 'organization_name = ''''', 'country = ''de''', 'country = ''DEU''']) c;
-- The slug is the tenant's own, as its names are.
SELECT is(test.act('app', 'amy', test.tenant('alpha'), 'UPDATE tenantd.tenants SET slug = ''mine'''), '!TD403', 'T57: a member does not change the slug'),
  is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET slug = ''beta'''), '!23505', 'an admin takes no other tenant''s'), is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET slug = ''Not One'''), '!23514', 'nor what is none'),
  is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET slug = ''first'''), 'UPDATE 1', 'an admin changes it'), test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET slug = ''alpha''');
SELECT test.script('admin', format('UPDATE tenantd.tenants SET status = %L WHERE slug = ''alpha''', t)), is(test.act('app', 'ann', test.tenant('alpha'), 'UPDATE tenantd.tenants SET status = ''active''', guard => 'any'), '!TD403', 'T26: nobody inside reopens a ' || t || ' tenant'),
  test.script('admin', 'UPDATE tenantd.tenants SET status = ''active'' WHERE slug = ''alpha''') FROM unnest(ARRAY['suspended', 'closed']) t;
SELECT test.script('admin', 'UPDATE tenantd.tenants SET status = ''suspended'' WHERE slug = ''gamma'''), is(test.make('cyd', 'status = ''removed''', 'gamma'), 'UPDATE 1', 'a suspended tenant may lose its owner'),
  is(test.script('admin', 'UPDATE tenantd.tenants SET status = ''active'' WHERE slug = ''gamma'''), '!TD016', 'T65: and is then not opened again');
SELECT test.bootstrap('app', 'sam') AS b \gset
SELECT split_part(:'b', ' ', 1) AS own \gset
SELECT is(test.act('app', 'sam', :'own', 'UPDATE tenantd.tenants SET status = ''active''', guard => 'open'), '!23514', 'onboarding ends with an organization_name');
SELECT is(test.act('app', 'sam', :'own', 'UPDATE tenantd.tenants SET status = ''active'', organization_name = ''Sam Ltd''', guard => 'open'), 'UPDATE 1', 'and then it ends');
SELECT is(test.q('admin', format('SELECT version || '' '' || (updated_at > created_at) FROM tenantd.tenants WHERE id = %L', :'own')), '2 true', 'version and time are stamped by the database');

SELECT * FROM finish();
DROP FUNCTION test.try, test.make, test.rank;
