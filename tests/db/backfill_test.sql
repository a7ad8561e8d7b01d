-- The backfill from an identity provider: it only adds, in its tenant's audit log, and only for the migrator.
SELECT no_plan();
SELECT test.world();

-- 'outcome slug role status made_user made_tenant' or the refusal.
CREATE FUNCTION test.fill(sub text, named text, role text DEFAULT 'member', env text DEFAULT 'prod', found boolean DEFAULT false,
  email text DEFAULT NULL, name text DEFAULT NULL, conn text DEFAULT 'migrator') RETURNS text LANGUAGE sql AS $$
  SELECT test.q(conn, format('SELECT concat_ws('' '', outcome, slug, role, status, made_user, made_tenant) FROM tenantd.backfill_member(%L, %L, %L, true, %L, %L, %L, %L, %L, %L)',
    'https://id.example', sub, email, name, named, env, role, found, 'carol'))
$$;
CREATE FUNCTION test.standing(sub text, tenant text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT concat_ws('' '', m.role, m.status) FROM tenantd.tenant_members m WHERE user_id = (SELECT id FROM tenantd.users WHERE issuer = ''https://id.example'' AND subject = %L) AND tenant_id = %L', sub, tenant))
$$;
SELECT is(test.fill('new1', 'alpha', email => 'new1@example.com', name => 'O''Hara'), 'joined alpha member active t f', 'a user and their membership are made');
SELECT is(test.fill('new1', 'alpha'), 'present alpha member active f f', 'once'), is(test.fill('new1', test.tenant('alpha')), 'present alpha member active f f', 'also by the id of the tenant');
SELECT is(test.q('admin', format('SELECT concat_ws('' '', action, actor_kind, actor_label, route) FROM tenantd.audit_events WHERE tenant_id = %L ORDER BY at DESC LIMIT 1', test.tenant('alpha'))),
  'member.joined operator carol tenantctl backfill metadata', 'T66: audited in its tenant, with who it was'),
  is(test.q('admin', 'SELECT concat_ws('' '', action, actor_kind, actor_label, route) FROM tenantd.system_events WHERE object_type = ''user'' ORDER BY at DESC LIMIT 1'),
  'user.created operator carol tenantctl backfill metadata', 'T66: the user in the log of the system');
SELECT isnt(left(test.enter('app', 'new1', test.tenant('alpha')), 1), '!', 'whoever was brought comes in'), test.script('app', 'ROLLBACK');
SELECT is(test.fill('new1', 'alpha', 'owner'), 'kept alpha member active f f', 'a role is not raised'), is(test.standing('new1', test.tenant('alpha')), 'member active', 'indeed'),
  is(test.fill('ann', 'alpha', 'member'), 'kept alpha owner active f f', 'nor lowered'), is(test.standing('ann', test.tenant('alpha')), 'owner active', 'indeed');
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE tenant_id = %L AND user_id = (SELECT id FROM tenantd.users WHERE subject = ''new1'')', test.tenant('alpha'))),
  is(test.fill('new1', 'alpha'), 'kept alpha member removed f f', 'who was removed stays removed'), is(test.standing('new1', test.tenant('alpha')), 'member removed', 'indeed');
SELECT is(test.fill('new2', n, 'owner', e), w || ' f f', format('no membership of %s in %s', n, e)) FROM (VALUES ('nowhere', 'prod', 'no_tenant'), ('alpha', 'dev', 'no_tenant'), ('', 'prod', 'no_tenant'), ('%', 'prod', 'no_tenant'),
  (test.tenant('alpha'), 'dev', 'other_env')) v (n, e, w);
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.users WHERE subject = ''new2'''), '0', 'and no user for nothing');
SELECT is(test.fill('new3', 'fresh', 'member', found => true), 'no_owner f f', 'a tenant is not made for a member'), is(test.fill('new3', 'fresh', 'owner', found => true), 'joined fresh owner active t t', 'but for its owner'),
  is(test.fill('new4', 'fresh', 'member', found => true), 'joined fresh member active t f', 'and others join');
SELECT is(test.fill('new3', 'fresh', 'owner', 'dev', true), 'joined fresh owner active f t', 'the same slug in another env is another tenant');
SELECT is(test.fill('new5', '00000000-0000-4000-8000-0000000000aa', 'owner', found => true), 'joined t-0000000000004000 owner active t t', 'a tenant that is named by its id gets it'),
  is(test.fill('new5', '00000000-0000-4000-8000-0000000000aa', 'owner'), 'present t-0000000000004000 owner active f f', 'indeed');
SELECT is(test.fill('new6', n, 'owner', found => true), '!23514', 'no tenant is called ' || n) FROM unnest(ARRAY['No Slug', 'a''b', '-', '00000000-0000-0000-0000-000000000000']) n;
SELECT test.script('admin', 'UPDATE tenantd.tenants SET status = ''suspended'' WHERE slug = ''beta'''), is(test.fill('new7', 'beta'), 'not_open beta f f', 'T26: nobody joins a suspended tenant');
SELECT is(test.fill(E'x''); DROP TABLE tenantd.users; --', 'alpha'), 'joined alpha member active t f', 'T82: a subject is only a text');
SELECT is(test.fill('', 'alpha'), '!23514', 'nobody is without a subject'), is(test.fill('new8', 'alpha', 'god'), '!22P02', 'there is no such role');
SELECT is(test.fill('new9', 'alpha', conn => 'app'), '!42501', 'T66: the workers bring nobody');
SELECT test.script('admin', 'DELETE FROM tenantd.context_keys'), is(left(test.fill('new9', 'alpha'), 1), '!', 'without a key an operator does nothing'),
  is(test.q('admin', 'SELECT count(*)::text FROM tenantd.users WHERE subject = ''new9'''), '0', 'indeed nothing');

SELECT * FROM finish();
DROP FUNCTION test.fill, test.standing;
