-- Bootstrap: who gets which tenant, what is written, and that nothing of its power is left behind.
SELECT no_plan();
SELECT test.world();

-- Parts of an answer of test.bootstrap.
CREATE FUNCTION test.part(answer text, n integer) RETURNS text LANGUAGE sql AS $$ SELECT split_part(answer, ' ', n) $$;
CREATE FUNCTION test.audit_of(tenant text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(action || '' '' || actor_kind, '', '' ORDER BY at) FROM tenantd.audit_events WHERE tenant_id = %L', tenant))
$$;

SELECT test.bootstrap('app', 'new', email => 'new@example.org', verified => true, name => 'New') AS first \gset
SELECT matches(:'first'::text, '^[0-9a-f-]{36} [0-9a-f-]{36} owner prod onboarding t$', 'ID 1: a stranger gets a tenant in onboarding, as its owner');
SELECT test.part(:'first', 1) AS tenant, test.part(:'first', 2) AS person \gset
SELECT is(test.bootstrap('app', 'new', email => 'new@example.org', verified => true, name => 'New'), :'tenant' || ' ' || :'person' || ' owner prod onboarding f', 'ID 1: a repeat gets the same');
SELECT is(test.audit_of(:'tenant'), 'tenant.created user, member.joined user', 'T68: with one event each');
SELECT is(test.q('admin', format('SELECT concat_ws('' '', email, email_verified, name, system_admin) FROM tenantd.users WHERE id = %L', :'person')), 'new@example.org t New f', 'ID 1: the user is as the token says, and nothing more');
SELECT is(test.q('admin', format('SELECT concat_ws('' '', slug ~ ''^t-[0-9a-f]{16}$'', organization_name IS NULL, bootstrapped_by, env) FROM tenantd.tenants WHERE id = %L', :'tenant')), 't t ' || :'person' || ' prod', 'ID 1: the tenant has no organization yet');
SELECT is(test.q('admin', format('SELECT concat_ws('' '', action, actor_kind, actor_id, object_id) FROM tenantd.system_events WHERE object_id = %L', :'person')), 'user.created user ' || :'person', 'the making of the user is in the system''s log');
SELECT is(test.bootstrap('app', 'new', email => 'other@example.org', name => 'New'), :'tenant' || ' ' || :'person' || ' owner prod onboarding f', 'another email in the token');
SELECT is(test.q('admin', format('SELECT email || email_verified FROM tenantd.users WHERE id = %L', :'person')), 'other@example.orgfalse', 'is followed, and is not verified any more');
SELECT is(test.q('admin', format('SELECT action || fields::text FROM tenantd.system_events WHERE object_id = %L ORDER BY at DESC LIMIT 1', :'person')), 'user.updated{email,email_verified}', 'and audited by the names of what changed');
SELECT isnt(test.part(test.bootstrap('app', 'new', 'dev'), 1), :'tenant', 'another env is another tenant'), is(test.part(test.bootstrap('app', 'new', 'dev'), 3), 'owner', 'as its owner');
SELECT is(test.part(test.bootstrap('app', 'ann'), 6), 't', 'ID 1: whoever belongs to another''s tenant bootstraps one of their own'), is(test.part(test.bootstrap('app', 'ann'), 6), 'f', 'once');
SELECT is(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'new', :'tenant', iss => 'https://evil.example'))), '!TD012', 'T14: another issuer''s "new" is another user');

-- A tenant claim in the token, and what only a header says.
SELECT is(test.bootstrap('app', 'sam', tenant => test.tenant('alpha'), claimed => true), concat_ws(' ', test.tenant('alpha'), test.person('sam'), 'member prod active f'), 'ID 1: a signed claim attaches as member');
SELECT is(test.bootstrap('app', 'sam', tenant => test.tenant('alpha'), claimed => true), concat_ws(' ', test.tenant('alpha'), test.person('sam'), 'member prod active f'), 'and again the same');
SELECT is(test.q('admin', format('SELECT count(*)::text FROM tenantd.audit_events WHERE action = ''member.joined'' AND actor_id = %L', test.person('sam'))), '1', 'audited once, by the joiner');
SELECT is(test.bootstrap('app', 'bob', tenant => test.tenant('alpha')), '!TD011', 'ID 1: a header alone attaches nobody');
SELECT is(test.bootstrap('app', 'bob', slug => 'alpha'), '!TD011', 'ID 1: nor does a slug');
SELECT is(test.bootstrap('app', 'bob', tenant => test.tenant('beta'), claimed => true, slug => 'alpha'), '!TD011', 'T27: a slug that names another than the claim');
SELECT is(test.bootstrap('app', 'bob', tenant => test.tenant('nowhere'), claimed => true), '!TD012', 'a claim of a tenant that does not exist');
SELECT is(test.bootstrap('app', 'bob', tenant => test.tenant('gamma'), claimed => true), '!TD012', 'T19: or of another env');
SELECT is(test.bootstrap('app', 'ann', tenant => test.tenant('alpha'), claimed => true), concat_ws(' ', test.tenant('alpha'), test.person('ann'), 'owner prod active f'), 'a membership that exists is not altered: an owner stays one');
SELECT is(test.bootstrap('app', sub, tenant => test.tenant('alpha'), claimed => true), want, 'T67: ' || sub || ' is answered as their membership stands')
FROM (VALUES ('pat', '!TD014'), ('sue', '!TD015'), ('rex', '!TD012'), ('rem', '!TD012')) v (sub, want);
SELECT is(test.q('admin', format('SELECT string_agg(status::text, '','' ORDER BY status) FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id IN (%L, %L, %L, %L)', test.tenant('alpha'),
  test.person('pat'), test.person('sue'), test.person('rex'), test.person('rem'))), 'pending,suspended,rejected,removed', 'T67: and stands as it stood');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM tenantd.users WHERE subject IN ('ghost')$$), '0', 'nobody knows ghost'), is(test.bootstrap('app', 'ghost', tenant => test.tenant('nowhere'), claimed => true), '!TD012', 'who is refused'),
  is(test.q('admin', $$SELECT count(*)::text FROM tenantd.users WHERE subject IN ('ghost')$$), '0', 'and not written down');

-- Only from a token's context.
SELECT test.script('app', 'ROLLBACK');
SELECT is(test.q('app', 'SELECT tenantd.bootstrap()::text'), '!42501', 'T40: without a context there is no bootstrap');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'SELECT tenantd.bootstrap()::text', l), '!42501', 'T40: nor from the context of a ' || l) FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) l;
SELECT is(test.act('app', 'root', '', 'SELECT tenantd.bootstrap()::text', 'system_admin', 'any'), '!42501', 'T40: nor from a system_admin''s');

-- What is left of its context when it is done: what there was before. A member just attached is nobody's owner.
SELECT is(test.enter('app', who, tenant, 'token', 'any', claimed => tenant <> ''), concat_ws(' ', '-', known, '- -'), who || ' comes with a token'),
  isnt(left(test.q('app', 'SELECT tenantd.bootstrap()::text'), 1), '!', 'and bootstraps'),
  is(test.q('app', 'SELECT concat_ws('' '', tenant_id, role, kind) FROM tenantd.context()'), 'token', 'T56: after it the context is the token''s again'),
  is(test.q('app', 'UPDATE tenantd.tenant_members SET role = ''owner'''), 'UPDATE 0', 'T56: in which nobody is made an owner'),
  is(test.q('app', 'UPDATE tenantd.tenants SET status = ''suspended'''), 'UPDATE 0', 'T56: nor a tenant changed'),
  is(test.q('app', 'SELECT count(*)::text FROM tenantd.tenant_members'), '0', 'T56: nor seen'),
  test.script('app', 'ROLLBACK')
FROM (VALUES ('bea', test.tenant('alpha'), test.person('bea')), ('newer', '', '-'), ('bob', '', test.person('bob')), ('new', '', :'person')) v (who, tenant, known);
-- Were such a context to stand, the guards would hold all the same.
SELECT test.script('admin', format($x$BEGIN; SET LOCAL ROLE tenantd_context; DO $d$ BEGIN PERFORM tenantd.seal(%L, %L, 'prod', %L, NULL, %L, NULL, NULL, NULL); END $d$; RESET ROLE$x$,
    test.key_id(), test.tenant('alpha'), test.person('amy'), k)),
  is(test.q('admin', format('UPDATE tenantd.tenant_members SET role = ''owner'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('amy'))), '!TD403', 'T56: a context of kind ' || k || ' makes nobody an owner'),
  test.script('admin', 'ROLLBACK'),
  test.script('admin', format($x$BEGIN; SET LOCAL ROLE tenantd_context; DO $d$ BEGIN PERFORM tenantd.seal(%L, %L, 'prod', %L, NULL, %L, NULL, NULL, NULL); END $d$; RESET ROLE$x$,
    test.key_id(), test.tenant('alpha'), test.person('amy'), k)),
  is(test.q('admin', 'UPDATE tenantd.tenants SET status = ''suspended'' WHERE slug = ''alpha'''), '!TD403', 'T56: nor changes a tenant'), test.script('admin', 'ROLLBACK')
FROM unnest(ARRAY['bootstrap', 'token', 'system_admin', 'canary', 'nothing']) k;

SELECT * FROM finish();
DROP FUNCTION test.part, test.audit_of;
