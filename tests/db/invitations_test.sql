-- Invitations: who may send which, who may accept them and when, and what a worker's own SQL can do to them.
SELECT no_plan();
SELECT test.world();

-- One call as that user inside a tenant, committed when it went well: what `pick` finds in the answer, or the refusal.
CREATE FUNCTION test.inside(sub text, call text, pick text DEFAULT '$', tenant text DEFAULT 'alpha') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.act('app', sub, test.tenant(tenant), 'SELECT ' || call, 'tenant_admin', 'open', CASE tenant WHEN 'gamma' THEN 'dev' ELSE 'prod' END);
BEGIN
  IF answer LIKE '!%' OR answer IS NULL THEN RETURN answer; END IF;
  RETURN (SELECT string_agg(x #>> '{}', ',') FROM jsonb_path_query(answer::jsonb, pick::jsonpath) x);
END $$;
-- The same by a token alone. `verified` and `email` are what the token says.
CREATE FUNCTION test.outside(sub text, call text, email text DEFAULT NULL, verified boolean DEFAULT true, env text DEFAULT 'prod') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter('app', sub, '', 'token', 'any', env, email => coalesce(email, sub || '@example.org'), verified => verified);
  ended text;
BEGIN
  answer := test.q('app', 'SELECT ' || call);
  ended := test.script('app', CASE WHEN answer LIKE '!%' THEN 'ROLLBACK' ELSE 'COMMIT' END);
  RETURN CASE WHEN ended LIKE '!%' THEN ended ELSE answer END;
END $$;
CREATE FUNCTION test.invite(by text, email text, role text DEFAULT 'member', tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.inside(by, format('tenantd.invitation_create(%L)', jsonb_build_object('email', email, 'role', role)), '$.token', tenant)
$$;
CREATE FUNCTION test.accept(sub text, token text, email text DEFAULT NULL, verified boolean DEFAULT true, env text DEFAULT 'prod') RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '!%' THEN a ELSE concat_ws(' ', a::json ->> 'role', a::json ->> 'status') END
  FROM test.outside(sub, format('tenantd.invitation_accept(%L)', jsonb_build_object('token', token)), email, verified, env) a
$$;
CREATE FUNCTION test.decline(sub text, token text, email text DEFAULT NULL, verified boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
  SELECT test.outside(sub, format('tenantd.invitation_decline(%L)', jsonb_build_object('token', token)), email, verified)
$$;
CREATE FUNCTION test.standing(sub text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT m.role || '' '' || m.status FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id WHERE m.tenant_id = %L AND u.subject = %L', test.tenant(tenant), sub))
$$;
CREATE FUNCTION test.id_of(email text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT id::text FROM tenantd.invitations WHERE tenant_id = %L AND lower(email) = lower(%L) ORDER BY created_at DESC LIMIT 1', test.tenant(tenant), email))
$$;
CREATE FUNCTION test.log(tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(action || '' '' || actor_kind, '', '' ORDER BY at) FROM tenantd.audit_events WHERE tenant_id = %L AND (object_type = ''invitation'' AND actor_kind = ''user'' OR object_id = (SELECT id::text FROM tenantd.users WHERE subject = ''new''))', test.tenant(tenant)))
$$;

-- The whole way.
SELECT test.invite('adam', 'New@Example.org', 'tenant_admin') AS token \gset
SELECT matches(:'token'::text, '^[A-Za-z0-9_-]{43}$', 'TEN 4: an admin gets a token of 256 bits');
SELECT is(test.q('admin', 'SELECT concat_ws('' '', count(*), min(email), min(encode(token_digest, ''hex''))) FROM tenantd.invitations WHERE email <> ''guest@example.org'''), '1 New@Example.org ' || encode(sha256(:'token'::text::bytea), 'hex'), 'T62: of which only the digest is kept');
SELECT is(test.q('admin', 'SELECT concat_ws('' '', kind, env, recipient, params ->> ''tenant_name'', params ->> ''inviter'', params ->> ''role'', params ? ''expires_at'', params ->> ''token'') FROM tenantd.mail_outbox'),
  'invitation prod New@Example.org Alpha Adam tenant_admin t ' || :'token', 'and which the mail has');
SELECT is(test.outside('new', 'concat_ws('' '', count(*), min(answer ->> ''slug''), min(answer ->> ''role''), min(answer ->> ''inviter'')) FROM tenantd.my_invitations()', 'NEW@example.org'), '1 alpha tenant_admin Adam', 'the invited sees it'),
  is(test.outside('new', 'tenantd.me() #>> ''{invitations,0,slug}''', 'new@example.org'), 'alpha', 'in me, too'),
  is(test.outside('new', 'count(*)::text FROM tenantd.my_invitations()', 'new@example.org', false), '0', 'T60: not by an email that is not verified'),
  is(test.outside('new', 'count(*)::text FROM tenantd.my_invitations()', 'new@example.org', env => 'dev'), '0', 'T19: nor in another env');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.users WHERE subject = ''new'''), '0', 'looking writes nobody down');
SELECT is(test.accept('new', :'token', 'new@example.org'), 'tenant_admin active', 'accepts'), is(test.standing('new'), 'tenant_admin active', 'and is in'),
  is(test.log(), 'invitation.created user, invitation.accepted user, member.joined user', 'with an audit row for each act');
SELECT is(test.q('admin', $$SELECT string_agg(DISTINCT route, ',') || ' ' || (bool_and(actor_id = (SELECT id FROM tenantd.users WHERE subject = 'new'))) FROM tenantd.audit_events WHERE action IN ('invitation.accepted', 'member.joined')$$), 'GET /v1/test true', 'by whoever accepted');
SELECT is(test.accept('new', :'token', 'new@example.org'), '!TD410', 'T70: a second time it is used'), is(test.decline('new', :'token', 'new@example.org'), '!TD410', 'nor can it be declined then'), is(test.standing('new'), 'tenant_admin active', 'T70: nothing changed');

-- An address is one of its own when it differs in more than the capitals A to Z, whatever the database's locale makes of other letters (U+212A, the
-- sign of Kelvin, has the small letter k).
SELECT test.invite('adam', 'kim@example.org') AS token \gset
SELECT is(test.accept('stranger', :'token', U&'\212Aim@example.org'), '!TD403', 'T60: an address with the sign of Kelvin is not that with a k'), is(test.outside('stranger', 'count(*)::text FROM tenantd.my_invitations()', U&'\212Aim@example.org'), '0', 'and nothing waits for it'),
  is(test.decline('kim', :'token', 'KIM@example.org'), '{"status" : "declined"}', 'while K is k');

-- Who may invite whom (T57, T59).
SELECT CASE WHEN a = 'amy' OR test.rank > 0 THEN is(v, '!TD403', format('T59: %s invites no %s', a, r)) ELSE is(length(v), 43, format('%s invites a %s', a, r)) END
FROM (SELECT a, r, (r = 'owner' AND a <> 'ann')::int AS rank, test.invite(a, format('%s-%s@example.net', a, r), r) AS v FROM unnest(ARRAY['ann', 'adam']) a, unnest(ARRAY['member', 'tenant_admin', 'owner']) r) test;
SELECT is(test.invite('amy', 'x@example.net'), '!TD403', 'T57: a member invites nobody'), is(test.invite('bob', 'x@example.net'), '!TD012', 'T58: nor does another tenant''s owner');
SELECT is(test.inside('adam', format('tenantd.invitation_resend(%L)', test.id_of('ann-owner@example.net'))), '!TD403', 'T59: an admin does not send an owner''s invitation again'),
  is(test.act('app', 'adam', test.tenant('alpha'), format('UPDATE tenantd.invitations SET status = ''revoked'' WHERE id = %L', test.id_of('ann-owner@example.net')), 'tenant_admin', 'open'), '!TD403', 'T59: nor revokes it'),
  is(test.inside('ann', format('tenantd.invitation_resend(%L)', test.id_of('adam-member@example.net')), '$.status'), 'pending', 'an owner sends an admin''s');
SELECT is(test.inside('bob', format('tenantd.invitation_resend(%L)', test.id_of('ann-owner@example.net')), '$', 'beta'), NULL, 'T58: another tenant''s is not found');

-- One that waits, a member, a suspended one.
SELECT is(test.invite('ann', 'ANN-MEMBER@example.net'), '!TD409', 'an email has one invitation that waits'), is(test.invite('ann', 'Amy@example.org'), '!TD409', 'a member is not invited'), is(test.invite('ann', 'sue@example.org'), '!TD409', 'nor a suspended one');
SELECT is(test.inside('ann', format('tenantd.invitation_create_many(%L)', '{"emails": ["one@example.net", "amy@example.org", "sue@example.org", "ONE@example.net", "ann-member@example.net"]}'::jsonb), '$[*].verdict'), 'invited,member,suspended,pending,pending', 'several at once: each with its verdict'),
  is(test.inside('ann', format('tenantd.invitation_create_many(%L)', '{"emails": ["two@example.net"]}'::jsonb), '$[*].invitation.token'), NULL, 'T62: and without a token'),
  is(test.inside('adam', format('tenantd.invitation_create_many(%L)', '{"emails": ["three@example.net"], "role": "owner"}'::jsonb)), '!TD403', 'T59: none above the inviter');

-- Who may accept (T60, T61).
SELECT test.invite('adam', 'sam@example.org') AS token \gset
SELECT is(test.accept('sam', :'token', 'other@example.org'), '!TD403', 'T60: another email'), is(test.accept('sam', :'token', 'sam@example.org', false), '!TD403', 'T60: one that is not verified'), is(test.accept('sam', :'token', ''), '!TD403', 'T60: none'),
  is(test.decline('sam', :'token', 'other@example.org'), '!TD403', 'T60: nor is it declined'), is(test.accept('sam', :'token', env => 'dev'), '!TD404', 'T61: in another env there is none'),
  is(test.accept('sam', :'token' || 'x'), '!TD404', 'T61: nor of another token'), is(test.accept('sam', ''), '!TD404', 'T61: nor of none'),
  is(test.accept('sam', encode(sha256(:'token'::text::bytea), 'hex')), '!TD404', 'T62: whoever reads the digest has no token');
SELECT is(test.standing('sam'), NULL, 'T60: sam is not in');
SELECT is(test.inside('adam', format('tenantd.invitation_resend(%L)', test.id_of('sam@example.org')), '$.token') <> :'token', true, 'sent again'), is(test.accept('sam', :'token'), '!TD404', 'T61: the token before is dead');
SELECT test.inside('adam', format('tenantd.invitation_resend(%L)', test.id_of('sam@example.org')), '$.token') AS token \gset
SELECT test.script('admin', format('UPDATE tenantd.invitations SET expires_at = now() WHERE id = %L', test.id_of('sam@example.org'))), is(test.accept('sam', :'token'), '!TD410', 'T61: expired'),
  is(test.inside('adam', format('tenantd.invitation_create(%L)', '{"email": "Sam@example.org"}'::jsonb), '$.status'), 'pending', 'and made anew by the next'), is(test.q('admin', $$SELECT count(*)::text FROM tenantd.invitations WHERE lower(email) = 'sam@example.org'$$), '1', 'in its place'), is(test.accept('sam', :'token'), '!TD404', 'T61: the expired token stays dead');
SELECT test.inside('adam', format('tenantd.invitation_resend(%L)', test.id_of('sam@example.org')), '$.token') AS token \gset
SELECT is(test.act('app', 'adam', test.tenant('alpha'), format('UPDATE tenantd.invitations SET status = ''revoked'' WHERE id = %L', test.id_of('sam@example.org')), 'tenant_admin', 'open'), 'UPDATE 1', 'an admin revokes'), is(test.accept('sam', :'token'), '!TD410', 'T61: revoked'),
  is(test.inside('adam', format('tenantd.invitation_resend(%L)', test.id_of('sam@example.org'))), '!TD409', 'nor is it sent again');
SELECT test.invite('adam', 'sam@example.org') AS token \gset
SELECT is(test.decline('sam', :'token'), '{"status" : "declined"}', 'sam declines'), is(test.accept('sam', :'token'), '!TD410', 'T61: declined'), is(test.act('app', 'adam', test.tenant('alpha'), format('UPDATE tenantd.invitations SET status = ''revoked'' WHERE id = %L', test.id_of('sam@example.org')), 'tenant_admin', 'open'), '!TD409', 'T71: what was answered is not revoked');

-- The inviter's present standing (T59).
SELECT test.invite('adam', 'sam@example.org', 'tenant_admin') AS token \gset
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET %s WHERE tenant_id = %L AND user_id = %L', c, test.tenant('alpha'), test.person('adam'))), is(test.accept('sam', :'token'), '!TD403', 'T59: the inviter now has ' || c),
  test.script('admin', format('UPDATE tenantd.tenant_members SET role = ''tenant_admin'', status = ''active'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('adam')))
FROM unnest(ARRAY['role = ''member''', 'status = ''suspended''', 'status = ''removed''']) c;
SELECT test.script('admin', format('UPDATE tenantd.tenants SET status = %L WHERE slug = ''alpha''', t)), is(test.accept('sam', :'token'), '!TD013', 'T26: the tenant is ' || t), is(test.outside('sam', 'count(*)::text FROM tenantd.my_invitations()'), '0', 'and sam sees nothing waiting'),
  test.script('admin', 'UPDATE tenantd.tenants SET status = ''active'' WHERE slug = ''alpha''') FROM unnest(ARRAY['suspended', 'closed']) t;
SELECT is(test.accept('sam', :'token'), 'tenant_admin active', 'as things stood before, sam comes in');

-- By the id, from the list of one's own, without the token of the mail: only whose verified email it is for.
CREATE FUNCTION test.answer(sub text, act text, id text, email text DEFAULT NULL, verified boolean DEFAULT true, env text DEFAULT 'prod') RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '!%' THEN a ELSE concat_ws(' ', a::json ->> 'role', a::json ->> 'status') END
  FROM test.outside(sub, format('tenantd.invitation_%s(%L)', act, jsonb_build_object('id', id)), email, verified, env) a
$$;
SELECT length(test.invite('adam', 'ida@example.org', 'tenant_admin')), test.id_of('ida@example.org') AS id \gset
SELECT is(test.answer('stranger', act, :'id'), '!TD404', 'T60: somebody else''s is not there to ' || act), is(test.answer('ida', act, :'id', 'ida@example.org', false), '!TD404', 'T60: nor by an email that is not verified'),
  is(test.answer('ida', act, :'id', ''), '!TD404', 'T60: nor by none'), is(test.answer('ida', act, :'id', env => 'dev'), '!TD404', 'T61: nor in another env'), is(test.answer('ida', act, gen_random_uuid()::text), '!TD404', 'nor one that is not'),
  is(test.outside('ida', format('tenantd.invitation_%s(''{}'')', act)), '!TD404', 'nor without an id') FROM unnest(ARRAY['accept', 'decline']) act;
SELECT is(test.standing('ida'), NULL, 'T60: ida is not in'), is(test.answer('ida', 'accept', :'id', 'IDA@example.org'), 'tenant_admin active', 'ida accepts'), is(test.standing('ida'), 'tenant_admin active', 'and is in'),
  is(test.answer('ida', 'accept', :'id'), '!TD410', 'T70: once'), is(test.answer('ida', 'decline', :'id'), '!TD410', 'T70: nor can it be declined then');
SELECT length(test.invite('adam', 'eve@example.org')), test.id_of('eve@example.org') AS id \gset
SELECT is(test.answer('eve', 'decline', :'id'), 'declined', 'eve declines'), is(test.answer('eve', 'accept', :'id'), '!TD410', 'T61: what was declined is over');
SELECT length(test.invite('adam', 'eve@example.org')), test.id_of('eve@example.org') AS id \gset
SELECT is(test.act('app', 'adam', test.tenant('alpha'), format('UPDATE tenantd.invitations SET status = ''revoked'' WHERE id = %L', :'id'), 'tenant_admin', 'open'), 'UPDATE 1', 'an admin revokes'), is(test.answer('eve', 'accept', :'id'), '!TD410', 'T61: revoked'), is(test.answer('eve', 'decline', :'id'), '!TD410', 'T61: nor declined');
SELECT length(test.invite('adam', 'eve@example.org')), test.id_of('eve@example.org') AS id \gset
SELECT test.script('admin', format('UPDATE tenantd.invitations SET expires_at = now() WHERE id = %L', :'id')), is(test.answer('eve', 'accept', :'id'), '!TD410', 'T61: expired'), is(test.standing('eve'), NULL, 'and eve is nobody there');

-- Whoever is something already (T67, T70).
CREATE FUNCTION test.put(sub text, change text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET %s WHERE tenant_id = %L AND user_id = (SELECT id FROM tenantd.users WHERE subject = %L)', change, test.tenant(tenant), sub))
$$;
SELECT test.invite('adam', 'extra@example.org') AS token \gset
SELECT is(test.accept('ann', :'token', 'extra@example.org'), '!TD409', 'T70: an active member does not accept'), is(test.standing('ann'), 'owner active', 'T70: and an owner stays one'), is(test.accept('sue', :'token', 'extra@example.org'), '!TD015', 'T67: a suspended one does not come back by it'),
  is(test.standing('sue'), 'member suspended', 'T67: and stays suspended'), is(test.accept('pat', :'token', 'extra@example.org'), 'member active', 'who has asked is let in');
SELECT test.invite('adam', 'rem@example.org', 'tenant_admin') AS token \gset
SELECT test.put('rem', 'status = ''active'''), test.put('rem', 'status = ''removed'''), is(test.accept('rem', :'token'), '!TD410', 'T67: an invitation from before the removal gives no role'), is(test.outside('rem', 'count(*)::text FROM tenantd.my_invitations()'), '0', 'T67: nor is it shown'),
  is(test.standing('rem'), 'member removed', 'T67: and none is given');
SELECT is(left(test.outside('rem', 'tenantd.join_ask(''{"slug": "alpha"}'') ->> ''status'''), 7), 'pending', 'who was removed asks to join'), is(test.accept('rem', :'token'), '!TD410', 'T67: but by that the old invitation does not come back to life'),
  is(test.outside('rem', 'count(*)::text FROM tenantd.my_invitations()'), '0', 'T67: nor is it shown'), is(test.standing('rem'), 'member pending', 'T67: and an admin decides'), test.put('rem', 'status = ''removed''');
SELECT is(test.accept('rem', test.inside('adam', format('tenantd.invitation_resend(%L)', test.id_of('rem@example.org')), '$.token')), 'tenant_admin active', 'sent again afterwards it does');
SELECT is(test.accept('rex', test.invite('adam', 'rex@example.org')), 'member active', 'who was rejected is let in by one that came after');
SELECT test.put('ann', 'role = ''owner'''), is(test.accept('gil', test.invite('ann', 'gil@example.org', 'owner')), 'owner active', 'an owner invites an owner');
SELECT test.put('gil', 'status = ''removed'''), is(test.accept('gil', test.invite('adam', 'gil@example.org')), 'member active', 'T67: who was removed as an owner comes back as what the invitation says');

-- A worker's own SQL.
SELECT test.invite('ann', 'late@example.org') AS token \gset
SELECT is(test.act('app', 'adam', test.tenant('alpha'), q, 'tenant_admin', 'open'), w, 'T52: ' || q) FROM (VALUES
  ('SELECT token_digest::text FROM tenantd.invitations', '!42501'), ('SELECT tenantd.secret_digest(''x'')::text', '!42501'), ('SELECT tenantd.invite(''x@example.org'', ''owner'')::text', '!42501'),
  ('SELECT tenantd.mail_queue(''invitation'', ''prod'', NULL, ''x@example.org'', ''{}'')::text', '!42501'), ('UPDATE tenantd.invitations SET role = ''owner''', '!42501'),
  ('UPDATE tenantd.invitations SET email = ''adam@example.org''', '!42501'), ('UPDATE tenantd.invitations SET expires_at = ''infinity''', '!42501'), ('DELETE FROM tenantd.invitations', '!42501'),
  ('INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at) VALUES (gen_random_uuid(), ''prod'', ''x'', sha256(''x''), gen_random_uuid(), now())', '!42501'),
  ('UPDATE tenantd.invitations SET status = ''accepted'' WHERE status = ''pending''', '!TD403'), ('UPDATE tenantd.invitations SET status = ''declined'' WHERE email = ''late@example.org''', '!TD403'),
  ('UPDATE tenantd.invitations SET status = ''pending'' WHERE status = ''accepted''', '!TD409'), ('UPDATE tenantd.invitations SET status = ''revoked'' WHERE status = ''accepted''', '!TD409'),
  ('SELECT tenantd.invitation_accept(''{"token": "x"}'')::text', '!42501'), ('SELECT tenantd.invitation_accept(''{"id": "11111111-1111-4111-8111-111111111111"}'')::text', '!42501'), ('SELECT tenantd.invitation_held(''{}'')::text', '!42501'), ('SELECT tenantd.invitation_decline(''{"token": "x"}'')::text', '!42501'), ('SELECT count(*)::text FROM tenantd.my_invitations()', '!42501')) v (q, w);
SELECT is(test.act('app', who, test.tenant(t), 'SELECT count(*)::text FROM tenantd.invitations WHERE email = ''late@example.org''', l, 'open'), n, format('T40: %s of %s sees %s', who, t, n))
FROM (VALUES ('adam', 'alpha', 'tenant_admin', '1'), ('amy', 'alpha', 'member', '0'), ('bob', 'beta', 'owner', '0')) v (who, t, l, n);
SELECT is(test.act('app', 'amy', test.tenant('alpha'), q, 'member', 'open'), w, 'T56: a member: ' || q) FROM (VALUES ('UPDATE tenantd.invitations SET status = ''revoked''', 'UPDATE 0'),
  ('SELECT tenantd.invitation_create(''{"email": "x@example.org"}'')::text', '!42501'), ('SELECT tenantd.invitation_create_many(''{"emails": ["x@example.org"]}'')::text', '!42501')) v (q, w);
SELECT is(test.act('app', 'ann', '', q, 'token', 'any'), '!42501', 'T40: a token alone: ' || q) FROM unnest(ARRAY['SELECT tenantd.invitation_create(''{"email": "x@example.org"}'')::text', 'SELECT tenantd.invitation_resend(gen_random_uuid())::text']) q;
-- What is left of the context in which somebody was let in: what there was before.
SELECT is(test.enter('app', 'lou', '', 'token', 'any', email => 'late@example.org', verified => true), '- - - -', 'lou comes with a token'), isnt(left(test.q('app', format('SELECT tenantd.invitation_accept(%L)::text', json_build_object('token', :'token'))), 1), '!', 'and accepts'),
  is(test.q('app', 'SELECT concat_ws('' '', tenant_id, role, kind) FROM tenantd.context()'), 'token', 'T56: after it the context is the token''s again'), is(test.q('app', 'UPDATE tenantd.tenant_members SET role = ''owner'''), 'UPDATE 0', 'T56: in which nobody is made an owner'), test.script('app', 'ROLLBACK');
-- Not even the superuser brings back one that was used, or has two that wait.
SELECT is(test.script('admin', 'UPDATE tenantd.invitations SET status = ''pending'' WHERE status = ''accepted'''), '!TD409', 'DB 6: a used invitation stays used'),
  is(test.script('admin', format('INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at) VALUES (%L, ''prod'', ''LATE@example.org'', sha256(''x''), %L, now())', test.tenant('alpha'), test.person('ann'))), '!23505', 'DB 6: one pending invitation per email and tenant'),
  is(test.script('admin', format('INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at) VALUES (%L, ''dev'', ''x@example.org'', sha256(''x''), %L, now())', test.tenant('alpha'), test.person('ann'))), '!23503', 'T44: of the env of its tenant');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.audit_events WHERE object_type = ''invitation'' AND (fields::text LIKE ''%@%'' OR object_id LIKE ''%@%'')'), '0', 'the audit has no email and no token');
SELECT is(test.q('admin', 'SELECT string_agg(DISTINCT action, '','' ORDER BY action) FROM tenantd.audit_events WHERE object_type = ''invitation'' AND actor_kind = ''user'''), 'invitation.accepted,invitation.created,invitation.declined,invitation.resent,invitation.revoked', 'and every act');

SELECT * FROM finish();
DROP FUNCTION test.answer, test.inside, test.outside, test.invite, test.accept, test.decline, test.standing, test.id_of, test.log, test.put;
