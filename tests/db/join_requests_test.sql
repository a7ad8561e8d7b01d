-- Requests to join: who may ask where, what an asker sees, who decides, and when one may ask again.
SELECT no_plan();
SELECT test.world();

CREATE FUNCTION test.outside(sub text, call text, verified boolean DEFAULT true, env text DEFAULT 'prod') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter('app', sub, '', 'token', 'any', env, email => sub || '@example.org', verified => verified, name => initcap(sub));
  ended text;
BEGIN
  answer := test.q('app', 'SELECT ' || call);
  ended := test.script('app', CASE WHEN answer LIKE '!%' THEN 'ROLLBACK' ELSE 'COMMIT' END);
  RETURN CASE WHEN ended LIKE '!%' THEN ended ELSE answer END;
END $$;
CREATE FUNCTION test.ask(sub text, slug text DEFAULT 'alpha', env text DEFAULT 'prod', message text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '!%' THEN a ELSE a::json ->> 'status' END
  FROM test.outside(sub, format('tenantd.join_ask(%L)', jsonb_build_object('slug', slug, 'message', message)), env => env) a
$$;
CREATE FUNCTION test.id_of(sub text) RETURNS text LANGUAGE sql AS $$ SELECT test.q('admin', format('SELECT id::text FROM tenantd.users WHERE subject = %L', sub)) $$;
CREATE FUNCTION test.decide(by text, sub text, becomes text, role text DEFAULT NULL, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '!%' THEN a ELSE (a::json ->> 'role') || ' ' || (a::json ->> 'status') END
  FROM test.act('app', by, test.tenant(tenant), format('SELECT tenantd.join_decide(%L, ''prod'', %L, %L, %L)', test.tenant(tenant), test.id_of(sub), becomes, role), 'tenant_admin', 'open') a
$$;
CREATE FUNCTION test.withdraw(sub text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.outside(sub, format('count(*)::text FROM tenantd.join_withdraw(%L)', test.tenant(tenant)))
$$;
CREATE FUNCTION test.standing(sub text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT m.role || '' '' || m.status FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id WHERE m.tenant_id = %L AND u.subject = %L', test.tenant(tenant), sub))
$$;
CREATE FUNCTION test.mail(kind text) RETURNS text LANGUAGE sql AS $$
  SELECT replace(test.q('admin', format('SELECT string_agg(recipient || '' '' || params::text, E''\n'' ORDER BY recipient) FROM tenantd.mail_outbox WHERE kind = %L', kind)), test.tenant('alpha')::text, 'its id')
$$;
CREATE FUNCTION test.log(sub text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(action, '', '' ORDER BY at) FROM tenantd.audit_events WHERE tenant_id = %L AND object_id = %L AND actor_kind = ''user''', test.tenant('alpha'), test.id_of(sub)))
$$;

-- Asking.
SELECT is(test.ask('new', message => 'let me in'), 'pending', 'TEN 3: somebody whom nobody knows asks'), is(test.standing('new'), 'member pending', 'and is pending'), is(test.log('new'), 'member.requested', 'which is in the log'),
  is(test.mail('join_requested'), E'adam@example.org {"asker": "New", "email": "new@example.org", "message": "let me in", "tenant_id": "its id", "tenant_name": "Alpha", "unverified_email": null}\nann@example.org {"asker": "New", "email": "new@example.org", "message": "let me in", "tenant_id": "its id", "tenant_name": "Alpha", "unverified_email": null}', 'the admins are told');
SELECT is(test.outside('new', 'concat_ws('' '', r.answer ->> ''slug'', r.answer ->> ''message'', r.tenant_id) FROM tenantd.my_join_requests() r'), 'alpha let me in ' || test.tenant('alpha'), 'T64: the asker sees the request'), is(test.outside('new', 'tenantd.me() #>> ''{pending_requests,0,slug}'''), 'alpha', 'T64: in me, too'),
  is(test.outside('new', 'count(*)::text FROM tenantd.my_join_requests()', env => 'dev'), '0', 'T19: not in another env'), is(test.enter('app', 'new', test.tenant('alpha')), '!TD014', 'T64: and nothing else of the tenant');
SELECT is(test.ask(who, slug, env), want, format('%s asks for %s in %s', who, slug, env)) FROM (VALUES ('new', 'alpha', 'prod', '!TD409'), ('ann', 'alpha', 'prod', '!TD409'), ('sue', 'alpha', 'prod', '!TD015'), ('rex', 'alpha', 'prod', '!TD409'),
  ('sam', 'nowhere', 'prod', '!TD012'), ('sam', 'gamma', 'prod', '!TD012'), ('sam', 'alpha', 'dev', '!TD012'), ('sam', '', 'prod', '!TD012')) v (who, slug, env, want);
SELECT test.script('admin', format('UPDATE tenantd.tenants SET status = %L WHERE slug = ''beta''', t)), is(test.ask('sam', 'beta'), '!TD012', 'T25: a tenant that is ' || t || ' is as one that does not exist'), test.script('admin', 'UPDATE tenantd.tenants SET status = ''active'' WHERE slug = ''beta''') FROM unnest(ARRAY['suspended', 'closed']) t;
SELECT is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET joinable = false', 'tenant_admin', 'open'), 'UPDATE 1', 'an admin switches requests off'), is(test.ask('sam'), '!TD403', 'then nobody asks'),
  is(test.standing('sam'), NULL, 'sam is nothing there'), is(test.ask('ann'), '!TD409', 'a member is told as ever'), is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET joinable = true', 'tenant_admin', 'open'), 'UPDATE 1', 'and on again');

-- Deciding.
SELECT is(test.decide('adam', 'new', 'active', 'owner'), '!TD403', 'T63: an admin approves nobody as an owner'), is(test.decide('amy', 'new', 'active'), '!TD403', 'T63: a member approves nobody'), is(test.decide('new', 'new', 'active'), '!TD014', 'T63: nor does one approve oneself'),
  is(test.decide('bob', 'new', 'active', NULL, 'beta'), NULL, 'T58: another tenant''s owner finds no request'), is(test.decide('bob', 'new', 'active'), '!TD012', 'T58: nor gets in'), is(test.standing('new'), 'member pending', 'T63: all the while they wait');
SELECT is(test.decide('adam', 'new', 'active', 'tenant_admin'), 'tenant_admin active', 'an admin approves an admin'), is(test.decide('ann', 'new', 'rejected'), '!TD409', 'T72: what was decided is decided'), is(test.decide('ann', 'new', 'active', 'member'), '!TD409', 'T72: a second approval lowers no role'), is(test.standing('new'), 'tenant_admin active', 'T72: and changes nothing'),
  is(test.log('new'), 'member.requested, member.approved', 'which is in the log'), is(test.mail('join_approved'), 'new@example.org {"role": "tenant_admin", "tenant_id": "its id", "tenant_name": "Alpha"}', 'and the asker is told');
SELECT is(test.decide('adam', s, 'active'), w, 'who has not asked is not approved: ' || s) FROM (VALUES ('rem', NULL), ('sam', NULL), ('rex', '!TD409'), ('sue', '!TD409'), ('amy', '!TD409')) v (s, w);
SELECT is(test.ask('sam'), 'pending', 'sam asks'), is(test.decide('ann', 'sam', 'rejected'), 'member rejected', 'and is rejected'), is(test.mail('join_rejected'), 'sam@example.org {"tenant_name": "Alpha"}', 'and told'), is(test.enter('app', 'sam', test.tenant('alpha')), '!TD012', 'CTX 8: a rejected user is as a stranger');

-- Asking again.
SELECT is(test.ask('sam'), '!TD409', 'not at once again');
SELECT is(test.enter('app', 'sam', '', 'token', 'any', email => 'sam@example.org', verified => true), '- ' || test.person('sam') || ' - -', 'sam comes again'), matches(test.refusal('app', 'SELECT tenantd.join_ask(''{"slug": "alpha"}'')'), 'you can ask again after 20[0-9T:-]+Z$', 'and is told when'), test.script('app', 'ROLLBACK');
SELECT is(test.act('app', 'adam', test.tenant('alpha'), 'UPDATE tenantd.tenants SET ask_again_days = 0', 'tenant_admin', 'open'), 'UPDATE 1', 'the tenant waits no days'), is(test.ask('sam'), 'pending', 'then sam may');
SELECT is(test.withdraw('sam'), '1', 'sam takes it back'), is(test.standing('sam'), 'member removed', 'and is out'), is(test.withdraw('sam'), '0', 'once'), is(test.log('sam'), 'member.requested, member.rejected, member.requested, member.withdrawn', 'all of it in the log'), is(test.ask('sam'), 'pending', 'and may ask again');
SELECT is(test.withdraw(s), '0', 'nothing of ' || s || ' is taken back') FROM unnest(ARRAY['ann', 'sue', 'rex', 'rem', 'nobody']) s;
SELECT is(test.standing('ann'), 'owner active', 'ann has not left by it'), is(test.outside('sam', format('count(*)::text FROM tenantd.join_withdraw(%L)', test.tenant('alpha')), env => 'dev'), '0', 'T19: nor from another env'), is(test.standing('sam'), 'member pending', 'sam still asks');
SELECT is(test.ask('rem'), 'pending', 'T67: who was removed asks again'), is(test.script('admin', format('UPDATE tenantd.tenant_members SET role = ''owner'', status = ''removed'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('rem'))), 'UPDATE 1', 'who was removed as an owner'), is(test.ask('rem'), 'pending', 'asks'),
  is(test.standing('rem'), 'member pending', 'T67: as a member'), is(test.decide('adam', 'rem', 'active'), 'member active', 'and comes back as no more');

-- Mail goes to verified addresses alone.
SELECT is(CASE WHEN test.outside('una', 'tenantd.join_ask(''{"slug": "beta"}'')::text', false) LIKE '!%' THEN 'refused' END, NULL, 'una asks with an email that nobody checked'), is(test.decide('bob', 'una', 'rejected', NULL, 'beta'), 'member rejected', 'and is rejected'), is(test.q('admin', 'SELECT count(*)::text FROM tenantd.mail_outbox WHERE recipient = ''una@example.org'''), '0', 'nobody gets mail about that'),
  is(test.q('admin', 'SELECT DISTINCT concat_ws('' '', params ->> ''email'', params ->> ''unverified_email'') FROM tenantd.mail_outbox WHERE params ->> ''unverified_email'' = ''una@example.org'''), 'una@example.org', 'the admins are told that it is not verified');

-- A worker's own SQL, and other contexts.
SELECT is(test.act('app', 'adam', test.tenant('alpha'), q, 'tenant_admin', 'open'), '!42501', 'T40: an admin''s context: ' || q) FROM unnest(ARRAY['SELECT tenantd.join_ask(''{"slug": "beta"}'')::text', 'SELECT count(*)::text FROM tenantd.my_join_requests()', format('SELECT count(*)::text FROM tenantd.join_withdraw(%L)', test.tenant('alpha')),
  'SELECT tenantd.reseal(NULL, NULL, ''asking'')::text', 'SELECT tenantd.user_of_token()::text', 'UPDATE tenantd.tenant_members SET message = ''x''']) q;
SELECT is(test.act('app', 'ann', '', format('SELECT count(*)::text FROM tenantd.join_decide(%L, ''prod'', %L, ''active'', ''owner'')', test.tenant('alpha'), test.person('sam')), 'token', 'any'), '0', 'T40: a token alone decides nothing');
SELECT is(test.act('app', 'amy', test.tenant('alpha'), format('SELECT count(*)::text FROM tenantd.join_decide(%L, ''prod'', %L, ''active'', ''owner'')', test.tenant('alpha'), test.person('sam')), 'member', 'open'), '!TD403', 'T63: nor does a member');
SELECT is(test.enter('app', 'lou', '', 'token', 'any'), '- - - -', 'lou comes with a token'), isnt(left(test.q('app', 'SELECT tenantd.join_ask(''{"slug": "beta"}'')::text'), 1), '!', 'and asks'), is(test.q('app', 'SELECT concat_ws('' '', tenant_id, role, kind) FROM tenantd.context()'), 'token', 'T56: after it the context is the token''s again'),
  is(test.q('app', 'UPDATE tenantd.tenant_members SET status = ''active'''), 'UPDATE 0', 'T63: in which nobody is let in'), test.script('app', 'ROLLBACK');

SELECT * FROM finish();
DROP FUNCTION test.outside, test.ask, test.id_of, test.decide, test.withdraw, test.standing, test.mail, test.log;
