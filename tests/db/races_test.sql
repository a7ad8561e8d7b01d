-- What two or two hundred do at once, on sessions that really run side by side (dblink sends without waiting).
-- Every answer is counted: a deadlock (40P01) or any refusal that is not the one expected fails the test.
SELECT no_plan();
SELECT test.world();
SELECT test.script('admin', 'ALTER DATABASE tenantd SET deadlock_timeout = ''200ms''');
SELECT test.connect('r' || i, 'tenantd_app') FROM generate_series(1, 16) i;

-- Sends each session its statements (one message, one transaction), all before any answer is awaited; answers as
-- test.q does, of the last one.
CREATE FUNCTION test.at_once(conns text[], queries text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  answers text[] := '{}';
  got text;
BEGIN
  FOR i IN 1..array_length(conns, 1) LOOP
    IF dblink_send_query(conns[i], queries[i]) <> 1 THEN RAISE EXCEPTION 'not sent: %', dblink_error_message(conns[i]); END IF;
  END LOOP;
  FOR i IN 1..array_length(conns, 1) LOOP
    BEGIN
      SELECT t.x INTO got FROM dblink_get_result(conns[i]) AS t (x text);
    EXCEPTION WHEN OTHERS THEN
      got := '!' || SQLSTATE;
    END;
    answers := answers || coalesce(got, '');
    -- Until there is nothing more, the session is not ready for the next.
    PERFORM 1 FROM dblink_get_result(conns[i]) AS t (x text);
  END LOOP;
  RETURN answers;
END $$;

-- A DO that enters and acts: one implicit transaction, refused or committed as a whole. `act` is plpgsql.
CREATE FUNCTION test.deed(conn text, sub text, tenant text, at_least text, act text, guard text DEFAULT 'any') RETURNS text LANGUAGE sql AS $$
  SELECT format('DO $d$ BEGIN PERFORM tenantd.enter(%s); %s; END $d$', test.args(c), act) FROM test.claim(test.pid(conn), sub, tenant, at_least, guard) c
$$;
CREATE FUNCTION test.change(conn text, sub text, slug text, subject text, change text) RETURNS text LANGUAGE sql AS $$
  SELECT test.deed(conn, sub, test.tenant(slug), 'member', format('UPDATE tenantd.tenant_members SET %s WHERE user_id = %L', change, test.person(subject)))
$$;
CREATE FUNCTION test.tally(answers text[]) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(n || ' ' || a, ', ' ORDER BY a) FROM (SELECT count(*) AS n, x AS a FROM unnest(answers) x GROUP BY x) t
$$;

-- T68 ---------------------------------------------------------------------------------------------------------

-- 208 bootstraps of one user on 16 sessions.
CREATE FUNCTION test.storm(sub text, rounds integer, tenant text DEFAULT '', at_least text DEFAULT 'token') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  conns text[] := ARRAY(SELECT 'r' || i FROM generate_series(1, 16) i);
  queries text[];
  answers text[] := '{}';
BEGIN
  FOR round IN 1..rounds LOOP
    queries := ARRAY(SELECT format('DO $d$ BEGIN PERFORM tenantd.enter(%s); PERFORM tenantd.bootstrap(); END $d$', test.args(c))
      FROM unnest(conns) conn, LATERAL test.claim(test.pid(conn), sub, tenant, at_least, 'any', claimed => tenant <> '', email => sub || '@example.org', verified => true) c);
    answers := answers || test.at_once(conns, queries);
  END LOOP;
  RETURN answers;
END $$;
SELECT is(test.tally(test.storm('storm', 13)), '208 DO', 'T68: 208 bootstraps of one user at once, none refused');
SELECT is(test.q('admin', $$SELECT concat_ws(' ', (SELECT count(*) FROM tenantd.users WHERE subject = 'storm'), count(DISTINCT t.id), count(m.*), min(m.role), min(m.status),
  (SELECT count(*) FROM tenantd.audit_events a WHERE a.actor_id = min(u.id::text)::uuid AND action = 'tenant.created'), (SELECT count(*) FROM tenantd.audit_events a WHERE a.actor_id = min(u.id::text)::uuid AND action = 'member.joined'))
  FROM tenantd.users u JOIN tenantd.tenants t ON t.bootstrapped_by = u.id JOIN tenantd.tenant_members m ON m.tenant_id = t.id WHERE u.subject = 'storm'$$),
  '1 1 1 owner active 1 1', 'T68: make one user, one tenant, one owner, one tenant.created, one member.joined');
-- Twelve users, each for the first time on all sessions at once: the first collision is where it would break.
SELECT is((SELECT string_agg(DISTINCT test.tally(test.storm('first' || i, 1)), ' / ') FROM generate_series(1, 12) i), '16 DO', 'T68: each of twelve users on 16 sessions');
SELECT is(test.q('admin', $$SELECT count(*) || ' ' || count(DISTINCT bootstrapped_by) FROM tenantd.tenants WHERE bootstrapped_by IN (SELECT id FROM tenantd.users WHERE subject LIKE 'first%')$$), '12 12', 'T68: one tenant each');
-- Users who are known have a row already: it is their lock that counts, no longer the key.
SELECT test.script('admin', format('INSERT INTO tenantd.users (issuer, subject, email, email_verified) VALUES (''https://id.example'', ''known%s'', ''known%s@example.org'', true)', i, i)) FROM generate_series(1, 12) i;
SELECT is((SELECT string_agg(DISTINCT test.tally(test.storm('known' || i, 1)), ' / ') FROM generate_series(1, 6) i), '16 DO', 'T68: each of six known users on 16 sessions');
SELECT is(test.q('admin', $$SELECT count(*) || ' ' || count(DISTINCT bootstrapped_by) FROM tenantd.tenants WHERE bootstrapped_by IN (SELECT id FROM tenantd.users WHERE subject LIKE 'known%')$$), '6 6', 'T68: one tenant each');
SELECT is((SELECT string_agg(DISTINCT test.tally(test.storm('known' || i, 1, test.tenant('alpha'))), ' / ') FROM generate_series(7, 12) i), '16 DO', 'T68: or who join by a signed claim');
SELECT is(test.tally(test.storm('joiner', 4, test.tenant('alpha'))), '64 DO', 'T68: a signed claim, 64 times at once');
SELECT is(test.q('admin', $$SELECT count(*) || ' ' || min(role) FROM tenantd.tenant_members WHERE user_id = (SELECT id FROM tenantd.users WHERE subject = 'joiner')$$), '1 member', 'T68: joins once');

-- T69, T72 ------------------------------------------------------------------------------------------------------

SELECT test.script('admin', 'BEGIN'), test.script('admin', format('INSERT INTO tenantd.users (id, issuer, subject) VALUES (%L, ''https://id.example'', ''olga''), (%L, ''https://id.example'', ''otto''), (%L, ''https://id.example'', ''nina''), (%L, ''https://id.example'', ''nils'')',
  test.person('olga'), test.person('otto'), test.person('nina'), test.person('nils'))),
  test.script('admin', format('INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status) VALUES (%L, ''prod'', ''duel'', ''x'', ''x'', ''active'')', test.tenant('duel'))),
  test.script('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) SELECT %L, ''prod'', id, CASE subject WHEN ''nina'' THEN ''tenant_admin'' WHEN ''nils'' THEN ''tenant_admin'' ELSE ''owner'' END::tenantd.role, ''active''
    FROM tenantd.users WHERE subject IN (''olga'', ''otto'', ''nina'', ''nils'')', test.tenant('duel'))), is(test.script('admin', 'COMMIT'), 'COMMIT', 'a tenant of two owners and two admins');

-- Rounds of a duel: what each did, how it went, and how many active owners were left (each round begins anew).
CREATE FUNCTION test.duel(rounds integer, first_who text, first_whom text, first_change text, second_who text, second_whom text, second_change text, before text DEFAULT '')
RETURNS TABLE (first text, second text, owners text, admins text) LANGUAGE plpgsql AS $$
DECLARE
  a text[];
  conns text[];
BEGIN
  FOR round IN 1..rounds LOOP
    PERFORM test.script('admin', format('UPDATE tenantd.tenant_members m SET status = ''active'', role = CASE WHEN u.subject IN (''olga'', ''otto'') THEN ''owner'' ELSE ''tenant_admin'' END::tenantd.role
      FROM tenantd.users u WHERE u.id = m.user_id AND tenant_id = %L', test.tenant('duel')));
    -- Either may be sent first.
    conns := CASE WHEN round % 2 = 0 THEN ARRAY['r1', 'r2'] ELSE ARRAY['r2', 'r1'] END;
    a := test.at_once(conns, CASE WHEN round % 2 = 0
      THEN ARRAY[test.change('r1', first_who, 'duel', first_whom, first_change), test.change('r2', second_who, 'duel', second_whom, second_change)]
      ELSE ARRAY[test.change('r2', second_who, 'duel', second_whom, second_change), test.change('r1', first_who, 'duel', first_whom, first_change)] END);
    first := a[1 + (round % 2)];
    second := a[2 - (round % 2)];
    owners := test.q('admin', format('SELECT count(*)::text FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''owner'' AND status = ''active''', test.tenant('duel')));
    admins := test.q('admin', format('SELECT count(*)::text FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''tenant_admin'' AND status = ''active''', test.tenant('duel')));
    RETURN NEXT;
  END LOOP;
END $$;
CREATE TABLE test.fought AS
SELECT 'remove, remove' AS kind, d.* FROM test.duel(100, 'olga', 'otto', 'status = ''removed''', 'otto', 'olga', 'status = ''removed''') d
UNION ALL SELECT 'leave, leave', d.* FROM test.duel(100, 'olga', 'olga', 'status = ''removed''', 'otto', 'otto', 'status = ''removed''') d
UNION ALL SELECT 'demote, remove', d.* FROM test.duel(100, 'olga', 'otto', 'role = ''member''', 'otto', 'olga', 'status = ''removed''') d
UNION ALL SELECT 'demote, leave', d.* FROM test.duel(100, 'olga', 'otto', 'role = ''member''', 'olga', 'olga', 'status = ''removed''') d
UNION ALL SELECT 'suspend, step down', d.* FROM test.duel(100, 'olga', 'otto', 'status = ''suspended''', 'olga', 'olga', 'role = ''member''') d;
SELECT is(count(*) FILTER (WHERE owners <> '1'), 0::bigint, format('T69: %s: in %s rounds one owner is left each time', kind, count(*))),
  is(count(*) FILTER (WHERE (first = 'DO') = (second = 'DO')), 0::bigint, format('T69: %s: each time one of them is refused', kind)),
  is(array_agg(CASE first WHEN 'DO' THEN second ELSE first END) FILTER (WHERE (first = 'DO') <> (second = 'DO')) <@ ARRAY['!TD016', '!TD012', '!TD403'], true, format('T69: %s: with TD016, or as one who is out (TD012) or no owner any more (TD403), never a deadlock', kind)),
  '# ' || kind || ': ' || test.tally(array_agg(first || ' ' || second)) FROM test.fought GROUP BY kind ORDER BY kind;
SELECT ok(bool_or(first = 'DO') AND bool_or(second = 'DO'), 'T69: (both won sometimes, or the race was none: ' || kind || ')') FROM test.fought WHERE kind = 'remove, remove' GROUP BY kind;

-- Two admins demote each other: as if one came first.
CREATE TABLE test.feuded AS SELECT d.* FROM test.duel(100, 'nina', 'nils', 'role = ''member''', 'nils', 'nina', 'role = ''member''') d;
SELECT is(test.tally(array_agg(admins || ' ' || owners)), '100 1 2', 'T72: two admins demote each other: one is left, each time'),
  is(count(*) FILTER (WHERE (first = 'DO') <> (second = 'DO') AND '!TD403' IN (first, second)), 100::bigint, 'T72: the other is refused for what they no longer are (TD403)') FROM test.feuded;
CREATE TABLE test.raced AS SELECT d.* FROM test.duel(100, 'nina', 'nils', 'status = ''removed''', 'nils', 'nils', 'role = ''member''') d;
SELECT is(count(*) FILTER (WHERE first <> 'DO' OR second NOT IN ('DO', '!TD012')), 0::bigint, 'T72: removed while stepping down: removed in any case, the step before it or refused'), is(test.tally(array_agg(admins)), '100 1', 'T72: and out') FROM test.raced;

-- An approval against a rejection: one winner.
CREATE FUNCTION test.verdict(rounds integer) RETURNS TABLE (approve text, reject text, status text) LANGUAGE plpgsql AS $$
DECLARE
  a text[];
BEGIN
  FOR round IN 1..rounds LOOP
    PERFORM test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''pending'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('pat')));
    a := test.at_once(ARRAY['r1', 'r2'], ARRAY[test.change('r1', 'ann', 'alpha', 'pat', 'status = ''active'''), test.change('r2', 'adam', 'alpha', 'pat', 'status = ''rejected''')]);
    approve := a[1];
    reject := a[2];
    status := test.q('admin', format('SELECT status::text FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('pat')));
    RETURN NEXT;
  END LOOP;
END $$;
SELECT is(count(*) FILTER (WHERE NOT (approve = 'DO' AND reject = '!TD409' AND status = 'active' OR approve = '!TD409' AND reject = 'DO' AND status = 'rejected')), 0::bigint, 'T72: approve against reject: one wins, the other is told (TD409)') FROM test.verdict(100);

-- The operator suspends and reactivates while owners leave: never open without an owner.
CREATE FUNCTION test.reopen(rounds integer) RETURNS TABLE (operator text, leave text, state text) LANGUAGE plpgsql AS $$
DECLARE
  a text[];
BEGIN
  PERFORM test.connect('r_operator', 'tenantd_migrator');
  FOR round IN 1..rounds LOOP
    PERFORM test.script('admin', format('BEGIN; UPDATE tenantd.tenant_members SET status = ''active'', role = ''owner'' WHERE tenant_id = %L AND user_id = %L; UPDATE tenantd.tenants SET status = ''suspended'' WHERE slug = ''beta''; COMMIT', test.tenant('beta'), test.person('bob')));
    a := test.at_once(ARRAY['r_operator', 'r1'], ARRAY['SELECT status::text FROM tenantd.operator_tenant_status(''beta'', ''prod'', ''reactivate'', ''carol'')', test.change('r1', 'bob', 'beta', 'bob', 'status = ''removed''')]);
    operator := a[1];
    leave := a[2];
    state := test.q('admin', format('SELECT t.status || '' '' || m.status FROM tenantd.tenants t, tenantd.tenant_members m WHERE t.slug = ''beta'' AND m.tenant_id = t.id AND m.user_id = %L', test.person('bob')));
    RETURN NEXT;
  END LOOP;
END $$;
-- (dblink shows the row of the function before its transaction is refused at its end; the state is what counts.)
SELECT is(count(*) FILTER (WHERE state NOT IN ('active active', 'suspended removed')), 0::bigint, 'T65: reactivated against leaving: open with its owner, or neither'),
  is(count(*) FILTER (WHERE operator LIKE '!%' AND operator <> '!TD016' OR leave LIKE '!%' AND leave <> '!TD016'), 0::bigint, 'T65: and nobody was refused for anything else'), '# ' || test.tally(array_agg(state)) FROM test.reopen(60);

-- Many at once on one tenant: nothing but answers that are expected, and no deadlock in the server's count.
CREATE FUNCTION test.melee(rounds integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  answers text[] := '{}';
  subs text[] := '{olga,otto,nina,nils}';
  changes text[] := ARRAY['role = ''member''', 'role = ''tenant_admin''', 'role = ''owner''', 'status = ''suspended''', 'status = ''active''', 'status = ''removed'''];
BEGIN
  PERFORM setseed(0.42);
  FOR round IN 1..rounds LOOP
    IF round % 5 = 1 THEN
      PERFORM test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''active'', role = ''owner'' WHERE tenant_id = %L', test.tenant('duel')));
    END IF;
    answers := answers || test.at_once(ARRAY(SELECT 'r' || i FROM generate_series(1, 8) i), ARRAY(SELECT test.change('r' || i, subs[1 + floor(random() * 4)::int], 'duel', subs[1 + floor(random() * 4)::int], changes[1 + floor(random() * 6)::int]) FROM generate_series(1, 8) i));
  END LOOP;
  RETURN answers;
END $$;
CREATE TABLE test.fray AS SELECT unnest(test.melee(60)) AS answer;
SELECT is(string_agg(DISTINCT answer, ',') FILTER (WHERE answer NOT IN ('DO', '!TD012', '!TD015', '!TD016', '!TD403', '!TD409')), NULL, 'T72: 480 changes at once by eight sessions: nothing but the rules'), '# ' || test.tally(array_agg(answer)) FROM test.fray;
SELECT isnt(test.q('admin', format('SELECT count(*)::text FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''owner'' AND status = ''active''', test.tenant('duel'))), '0', 'T72: and an owner is left');

-- Several rows in one statement, against one: whoever takes rows in another order than the tenant's first would deadlock here.
CREATE FUNCTION test.batch(rounds integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  answers text[] := '{}';
BEGIN
  FOR round IN 1..rounds LOOP
    PERFORM test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''active'', role = ''owner'' WHERE tenant_id = %L', test.tenant('duel')));
    answers := answers || test.at_once(ARRAY(SELECT 'r' || i FROM generate_series(1, 6) i), ARRAY(SELECT CASE WHEN i % 2 = 0
      THEN test.deed('r' || i, 'olga', test.tenant('duel'), 'member', format('UPDATE tenantd.tenant_members SET role = ''tenant_admin'' WHERE user_id <> %L', test.person('olga')))
      ELSE test.change('r' || i, 'olga', 'duel', (ARRAY['otto', 'nina', 'nils'])[1 + i / 2], 'role = ''member''') END FROM generate_series(1, 6) i));
  END LOOP;
  RETURN answers;
END $$;
SELECT is(test.tally(test.batch(40)), '240 DO', 'T74: several members in one statement against one at a time: no deadlock');

-- T70, T71, T72: people who come in ---------------------------------------------------------------------------------

-- A DO by a token alone, as test.deed is one in a tenant.
CREATE FUNCTION test.token_deed(conn text, sub text, act text) RETURNS text LANGUAGE sql AS $$
  SELECT format('DO $d$ BEGIN PERFORM tenantd.enter(%s); %s; END $d$', test.args(c), act)
  FROM test.claim(test.pid(conn), sub, '', 'token', 'any', email => sub || '@example.org', verified => true) c
$$;
CREATE FUNCTION test.admin_deed(conn text, sub text, act text) RETURNS text LANGUAGE sql AS $$
  SELECT test.deed(conn, sub, test.tenant('alpha'), 'tenant_admin', act, 'open')
$$;
-- Two acts of each round, sent in turns, about sam and alpha: `before` makes the world for them (in SQL of the superuser), and `after` asks
-- what it is then. An act is the kind of its context ('token' or 'admin'), and plpgsql.
CREATE FUNCTION test.rounds(n integer, before text, first text[], second text[], after text) RETURNS TABLE (one text, two text, state text) LANGUAGE plpgsql AS $$
DECLARE
  a text[];
  acts text[];
BEGIN
  FOR round IN 1..n LOOP
    PERFORM test.script('admin', 'BEGIN; ' || before || '; COMMIT');
    acts := ARRAY(SELECT CASE act[1] WHEN 'token' THEN test.token_deed('r' || i, 'sam', act[2]) ELSE test.admin_deed('r' || i, act[1], act[2]) END
      FROM (VALUES (1, first), (2, second)) v (i, act) ORDER BY i);
    IF round % 2 = 0 THEN
      a := test.at_once(ARRAY['r1', 'r2'], acts);
    ELSE
      a := test.at_once(ARRAY['r2', 'r1'], ARRAY[acts[2], acts[1]]);
      a := ARRAY[a[2], a[1]];
    END IF;
    one := a[1];
    two := a[2];
    state := test.q('admin', after);
    RETURN NEXT;
  END LOOP;
END $$;
-- sam is nobody in alpha, and adam's invitation waits for him.
SELECT test.tenant('alpha') AS alpha, test.person('sam') AS sam, test.person('adam') AS adam, test.person('ann') AS ann \gset
SELECT format($s$DELETE FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L; DELETE FROM tenantd.invitations;
  UPDATE tenantd.tenant_members SET status = 'active' WHERE tenant_id = %L AND user_id = %L;
  INSERT INTO tenantd.invitations (tenant_id, env, id, email, token_digest, invited_by, expires_at) VALUES (%L, 'prod', %L, 'sam@example.org', sha256('secret'), %L, now() + interval '1 day')$s$,
  :'alpha', :'sam', :'alpha', :'adam', :'alpha', :'sam', :'adam') AS invited \gset
SELECT $s$PERFORM tenantd.invitation_accept('{"token": "secret"}')$s$ AS accept, $s$PERFORM tenantd.invitation_decline('{"token": "secret"}')$s$ AS decline,
  format('PERFORM 1 FROM tenantd.invitation_resend(%L)', :'sam') AS resend,
  $s$UPDATE tenantd.invitations SET status = 'revoked' WHERE status <> 'revoked'$s$ AS revoke,
  format($s$SELECT concat_ws(' ', (SELECT status FROM tenantd.invitations), (SELECT count(*) || ' ' || min(role::text) || ' ' || min(status::text) FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L))$s$, :'alpha', :'sam') AS state \gset
CREATE TABLE test.came AS
SELECT 'accept, accept' AS kind, r.* FROM test.rounds(200, :'invited', ARRAY['token', :'accept'], ARRAY['token', :'accept'], :'state') r
UNION ALL SELECT 'accept, decline', r.* FROM test.rounds(200, :'invited', ARRAY['token', :'accept'], ARRAY['token', :'decline'], :'state') r
UNION ALL SELECT 'accept, revoke', r.* FROM test.rounds(200, :'invited', ARRAY['token', :'accept'], ARRAY['ann', :'revoke'], :'state') r
UNION ALL SELECT 'accept, resend', r.* FROM test.rounds(200, :'invited', ARRAY['token', :'accept'], ARRAY['ann', :'resend'], :'state') r
UNION ALL SELECT 'accept, the inviter is removed', r.* FROM test.rounds(200, :'invited', ARRAY['token', :'accept'], ARRAY['ann', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', :'adam')], :'state') r
UNION ALL SELECT 'ask, ask', r.* FROM test.rounds(200, :'invited', ARRAY['token', 'PERFORM tenantd.join_ask(''{"slug": "alpha"}'')'], ARRAY['token', 'PERFORM tenantd.join_ask(''{"slug": "alpha"}'')'], :'state') r
UNION ALL SELECT 'ask, accept', r.* FROM test.rounds(200, :'invited', ARRAY['token', 'PERFORM tenantd.join_ask(''{"slug": "alpha"}'')'], ARRAY['token', :'accept'], :'state') r
UNION ALL SELECT 'approve, reject', r.* FROM test.rounds(200, :'invited' || format('; INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, ''pending'')', :'alpha', :'sam'),
  ARRAY['ann', format('PERFORM 1 FROM tenantd.join_decide(%L, ''prod'', %L, ''active'', ''tenant_admin'')', :'alpha', :'sam')], ARRAY['adam', format('PERFORM 1 FROM tenantd.join_decide(%L, ''prod'', %L, ''rejected'', NULL)', :'alpha', :'sam')], :'state') r
UNION ALL SELECT 'approve, withdraw', r.* FROM test.rounds(200, :'invited' || format('; INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, ''pending'')', :'alpha', :'sam'),
  ARRAY['ann', format('IF (SELECT count(*) FROM tenantd.join_decide(%L, ''prod'', %L, ''active'', NULL)) = 0 THEN RAISE USING ERRCODE = ''TD404''; END IF', :'alpha', :'sam')],
  ARRAY['token', format('IF (SELECT count(*) FROM tenantd.join_withdraw(%L)) = 0 THEN RAISE USING ERRCODE = ''TD404''; END IF', :'alpha')], :'state') r
UNION ALL SELECT 'invite, invite', r.* FROM test.rounds(200, :'invited' || '; DELETE FROM tenantd.invitations', ARRAY['ann', 'PERFORM tenantd.invitation_create(''{"email": "sam@example.org"}'')'], ARRAY['adam', 'PERFORM tenantd.invitation_create(''{"email": "SAM@example.org", "role": "tenant_admin"}'')'],
  'SELECT string_agg(status, '','') FROM tenantd.invitations') r;
-- Each way that a round may go, and no other. What comes second learns what came first.
CREATE TABLE test.ways (kind text, one text, two text, state text);
INSERT INTO test.ways VALUES ('accept, accept', 'DO', '!TD410', 'accepted 1 member active'), ('accept, accept', '!TD410', 'DO', 'accepted 1 member active'),
  ('accept, decline', 'DO', '!TD410', 'accepted 1 member active'), ('accept, decline', '!TD410', 'DO', 'declined'),
  ('accept, revoke', 'DO', '!TD409', 'accepted 1 member active'), ('accept, revoke', '!TD410', 'DO', 'revoked'),
  ('accept, resend', 'DO', '!TD409', 'accepted 1 member active'), ('accept, resend', '!TD404', 'DO', 'pending'),
  ('accept, the inviter is removed', 'DO', 'DO', 'accepted 1 member active'), ('accept, the inviter is removed', '!TD403', 'DO', 'pending'),
  ('ask, ask', 'DO', '!TD409', 'pending 1 member pending'), ('ask, ask', '!TD409', 'DO', 'pending 1 member pending'),
  ('ask, accept', 'DO', 'DO', 'accepted 1 member active'), ('ask, accept', '!TD409', 'DO', 'accepted 1 member active'),
  ('approve, reject', 'DO', '!TD409', 'pending 1 tenant_admin active'), ('approve, reject', '!TD409', 'DO', 'pending 1 member rejected'),
  ('approve, withdraw', 'DO', '!TD404', 'pending 1 member active'), ('approve, withdraw', '!TD404', 'DO', 'pending 1 member removed'),
  ('invite, invite', 'DO', '!TD409', 'pending'), ('invite, invite', '!TD409', 'DO', 'pending');
SELECT is(string_agg(DISTINCT concat_ws(' / ', c.one, c.two, c.state), ', ') FILTER (WHERE w.kind IS NULL), NULL, format('T70, T71, T72: %s: %s rounds, one winner in each', c.kind, count(*))),
  is(count(DISTINCT (c.one, c.two)), 2::bigint, format('(%s: both came first sometimes, or the race was none)', c.kind)), '# ' || c.kind || ': ' || test.tally(array_agg(c.one || ' ' || c.two))
FROM test.came c LEFT JOIN test.ways w ON (w.kind, w.one, w.two, w.state) = (c.kind, c.one, c.two, c.state) GROUP BY c.kind ORDER BY c.kind;

SELECT is(test.q('admin', 'SELECT deadlocks::text FROM pg_stat_database WHERE datname = ''tenantd'''), '0', 'T74: the server counted no deadlock');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM pg_stat_activity WHERE state LIKE ''idle in transaction%'' AND usename = ''tenantd_app'''), '0', 'and no session is left in a transaction');

SELECT * FROM finish();
DROP TABLE test.fought, test.feuded, test.raced, test.fray, test.came, test.ways;
DROP FUNCTION test.at_once, test.deed, test.change, test.tally, test.storm, test.duel, test.verdict, test.reopen, test.melee, test.batch, test.token_deed, test.admin_deed, test.rounds;
