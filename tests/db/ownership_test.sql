-- Ownership by offer and acceptance: who may offer, accept, decline and withdraw, what is looked at again, and that one owner
-- is left whatever runs at once. In the world ann (owner) has offered it to amy (member).
SELECT no_plan();
SELECT test.world();
SELECT test.script('admin', 'DELETE FROM tenantd.ownership_offers');
SELECT test.connect('r' || i, 'tenantd_app') FROM generate_series(1, 2) i;

CREATE FUNCTION test.offer(who text, whom text, more text DEFAULT '', slug text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant(slug), format('SELECT o ->> ''id'' FROM tenantd.ownership_offer(%L) o', format('{"user_id": "%s"%s}', test.person(whom), more)), 'owner', 'open')
$$;
CREATE FUNCTION test.answer(who text, offer text, accepts boolean DEFAULT true, slug text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant(slug), format('SELECT tenantd.ownership_answer(%L, %L) ->> ''status''', offer, accepts), 'member', 'open')
$$;
CREATE FUNCTION test.withdraw(who text, offer text) RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant('alpha'), format('SELECT tenantd.ownership_withdraw(%L)::text', offer), 'owner', 'open')
$$;
CREATE FUNCTION test.roles() RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(u.subject || '' '' || m.role, '', '' ORDER BY u.subject) FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id WHERE m.tenant_id = %L AND m.status = ''active''', test.tenant('alpha')))
$$;
CREATE FUNCTION test.become(who text, change text) RETURNS text LANGUAGE sql AS $$
  SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET %s WHERE tenant_id = %L AND user_id = %L', change, test.tenant('alpha'), test.person(who)))
$$;

-- Offers.
SELECT test.offer('ann', 'adam') AS o \gset
SELECT matches(:'o'::text, '^[0-9a-f-]{36}$', 'an owner offers ownership'), is(test.offer('ann', 'adam'), '!TD409', 'one offer waits for a member'), is(test.offer('ann', 'ann'), '!TD409', 'an owner is offered nothing'),
  is(test.offer('ann', w), '!TD404', 'nor who is no active member: ' || w) FROM unnest(ARRAY['sam', 'pat', 'sue', 'rex', 'rem', 'bea']) w;
SELECT is(test.offer(w, 'amy'), '!TD403', 'T56: who is no owner offers nothing: ' || w) FROM unnest(ARRAY['adam', 'amy']) w;
SELECT is(test.q('admin', format('SELECT concat_ws('' '', kind, recipient, about_tenant, params ->> ''tenant_id'', params ->> ''tenant_name'', params ->> ''offerer'') FROM tenantd.mail_outbox')), concat_ws(' ', 'ownership_offered adam@example.org', test.tenant('alpha'), test.tenant('alpha'), 'Alpha Ann'), 'the receiver is told by mail, once');
-- By raw SQL.
SELECT is(test.act('app', 'ann', test.tenant('alpha'), q), '!42501', 'T56: nobody writes an offer by hand: ' || q) FROM unnest(ARRAY['UPDATE tenantd.ownership_offers SET status = ''accepted''', 'DELETE FROM tenantd.ownership_offers',
  format('INSERT INTO tenantd.ownership_offers (tenant_id, env, offered_by, user_id) VALUES (%L, ''prod'', %L, %L)', test.tenant('alpha'), test.person('ann'), test.person('amy')), 'SELECT tenantd.reseal(NULL, NULL, ''ownership'')::text']) q;
SELECT is(test.act('app', 'bob', test.tenant('beta'), 'SELECT count(*)::text FROM tenantd.ownership_offers'), '0', 'T58: in another tenant none is seen');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('SELECT tenantd.ownership_answer(%L, true)::text', :'o'), 'owner'), '!42501', 'an answer is a member''s act'), is(test.act('app', 'amy', test.tenant('alpha'), format('SELECT tenantd.ownership_withdraw(%L)::text', :'o')), '!42501', 'T56: taking back is an owner''s');
-- Answers.
SELECT is(test.answer(w, :'o'), '!TD404', 'T63: nobody else accepts it: ' || w) FROM unnest(ARRAY['ann', 'amy']) w;
SELECT is(test.answer('bob', :'o', slug => 'beta'), '!TD404', 'T58: nor from another tenant'), is(test.roles(), 'adam tenant_admin, amy member, ann owner', 'nothing happened');
SELECT is(test.answer('adam', :'o'), 'accepted', 'the receiver accepts'), is(test.roles(), 'adam owner, amy member, ann tenant_admin', 'is the owner, and the other one a tenant_admin'), is(test.answer('adam', :'o'), '!TD409', 'once'), is(test.answer('adam', :'o', false), '!TD409', 'and does not decline it then');
SELECT is(test.q('admin', format('SELECT string_agg(concat_ws('' '', action, u.subject, coalesce(o.subject, ''offer'')), '', '' ORDER BY e.at) FROM tenantd.audit_events e JOIN tenantd.users u ON u.id = e.actor_id LEFT JOIN tenantd.users o ON o.id::text = e.object_id WHERE e.tenant_id = %L', test.tenant('alpha'))),
  'ownership_offer.created ann offer, member.role_changed adam adam, member.role_changed adam ann, ownership_offer.accepted adam offer', 'every step is audited, by who did it');
SELECT test.offer('adam', 'amy', ', "step_down": null') AS o \gset
SELECT is(test.answer('amy', :'o'), 'accepted', 'an offer without stepping down'), is(test.roles(), 'adam owner, amy owner, ann tenant_admin', 'makes one owner more');
SELECT test.offer('amy', 'ann', ', "step_down": "member"') AS o \gset
SELECT is(test.answer('ann', :'o', false), 'declined', 'one is declined'), is(test.roles(), 'adam owner, amy owner, ann tenant_admin', 'and changes nothing');
-- Taking back, and time.
SELECT test.offer('amy', 'ann') AS o \gset
SELECT is(test.withdraw('adam', :'o'), '!TD403', 'another owner does not take it back'), is(test.withdraw('amy', gen_random_uuid()::text), '!TD404', 'nor is there one to take back'), is(test.withdraw('amy', :'o'), '', 'the one who made it does'), is(test.withdraw('amy', :'o'), '!TD409', 'once'), is(test.answer('ann', :'o'), '!TD409', 'and it is not accepted then');
SELECT test.offer('amy', 'ann') AS o \gset
SELECT test.script('admin', 'ALTER TABLE tenantd.ownership_offers DISABLE TRIGGER stamp; UPDATE tenantd.ownership_offers SET expires_at = now() WHERE status = ''pending''; ALTER TABLE tenantd.ownership_offers ENABLE TRIGGER stamp'),
  is(test.answer('ann', :'o'), '!TD409', 'after its time it is not accepted'), is(test.act('app', 'ann', test.tenant('alpha'), format('SELECT tenantd.ownership_shown(o) ->> ''status'' FROM tenantd.ownership_offers o WHERE id = %L', :'o')), 'expired', 'and shown as expired');
SELECT matches(test.offer('adam', 'ann'), '^[0-9a-f-]{36}$', 'another can be made then');
-- The ownership of the one who offers is looked at again (T72).
SELECT test.q('admin', 'SELECT id::text FROM tenantd.ownership_offers WHERE status = ''pending''') AS o \gset
SELECT test.become('adam', 'role = ''member'''), is(test.answer('ann', :'o'), '!TD409', 'T72: who is no owner any more gives nothing'), test.become('adam', 'role = ''owner'', status = ''suspended'''), is(test.answer('ann', :'o'), '!TD409', 'T72: nor who is suspended'),
  test.become('adam', 'status = ''active''');
SELECT test.script('admin', 'UPDATE tenantd.tenants SET status = ''suspended'' WHERE slug = ''alpha'''), is(test.answer('ann', :'o'), '!TD013', 'T26: nor anybody in a suspended tenant'), test.script('admin', 'UPDATE tenantd.tenants SET status = ''active'' WHERE slug = ''alpha''');
SELECT is(test.answer('ann', :'o'), 'accepted', 'and then it is accepted after all'), is(test.roles(), 'adam tenant_admin, amy owner, ann owner', 'with its effect');
-- So is the membership of the one who receives: an offer does not outlive it.
SELECT test.offer('ann', 'adam', ', "step_down": null') AS o \gset
SELECT test.become('adam', 'status = ''removed'''), is(test.answer('adam', :'o'), '!TD012', 'T18: who was removed takes nothing'), test.become('adam', 'status = ''active'', role = ''member'''), is(test.answer('adam', :'o'), '!TD409', 'T67: nor who was let in again as a member'),
  is(test.roles(), 'adam member, amy owner, ann owner', 'and becomes no owner');
SELECT test.offer('amy', 'adam', ', "step_down": null') AS o \gset
SELECT matches(:'o'::text, '^[0-9a-f-]{36}$', 'an offer that is over stands in the way of no other'), test.become('adam', 'status = ''suspended'''), test.become('adam', 'status = ''active'''), is(test.answer('adam', :'o'), '!TD409', 'T67: nor does it outlive a suspension');
SELECT test.offer('ann', 'adam', ', "step_down": null') AS o \gset
SELECT test.become('ann', 'role = ''member''');
SELECT test.offer('amy', 'adam', ', "step_down": null') AS p \gset
SELECT is(test.answer('adam', :'o'), '!TD409', 'T72: one whose giver is no owner any more is over, too'), is(test.answer('adam', :'p'), 'accepted', 'while that of another owner counts'), test.become('ann', 'role = ''owner''');

-- An address of another issuer can have characters that no mail server takes. Nothing fails for it, and there is no mail.
SELECT test.script('admin', format('UPDATE tenantd.tenant_members SET role = ''member'' WHERE tenant_id = %L AND user_id = %L; UPDATE tenantd.users SET email = U&''a\0085dam@example.org'' WHERE id = %L', test.tenant('alpha'), test.person('adam'), test.person('adam')));
SELECT matches(test.offer('ann', 'adam'), '^[0-9a-f-]{36}$', 'ownership is offered to whoever has no address to write to'), is(test.q('admin', 'SELECT count(*)::text FROM tenantd.mail_outbox WHERE recipient LIKE ''%dam@%'' AND recipient <> ''adam@example.org'''), '0', 'without a mail');

-- Races: an acceptance against taking back, against the other owner's removal, and against itself. 200 rounds each (T69, T72).
CREATE FUNCTION test.both(a text, b text, OUT first text, OUT second text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dblink_send_query('r1', a), dblink_send_query('r2', b);
  BEGIN SELECT t.x INTO first FROM dblink_get_result('r1') AS t (x text); EXCEPTION WHEN OTHERS THEN first := '!' || SQLSTATE; END;
  PERFORM 1 FROM dblink_get_result('r1') AS t (x text);
  BEGIN SELECT t.x INTO second FROM dblink_get_result('r2') AS t (x text); EXCEPTION WHEN OTHERS THEN second := '!' || SQLSTATE; END;
  PERFORM 1 FROM dblink_get_result('r2') AS t (x text);
END $$;
CREATE FUNCTION test.deed(conn text, who text, at_least text, act text) RETURNS text LANGUAGE sql AS $$
  SELECT format('DO $d$ BEGIN PERFORM tenantd.enter(%s); %s; END $d$', test.args(c), act) FROM test.claim(test.pid(conn), who, test.tenant('alpha'), at_least, 'open') c
$$;
CREATE FUNCTION test.duel(rounds integer, who text, at_least text, act text) RETURNS TABLE (accept text, other text, owners text) LANGUAGE plpgsql AS $$
DECLARE
  o text;
BEGIN
  FOR round IN 1..rounds LOOP
    PERFORM test.script('admin', format('DELETE FROM tenantd.ownership_offers; UPDATE tenantd.tenant_members m SET status = ''active'', role = CASE u.subject WHEN ''ann'' THEN ''owner'' ELSE ''member'' END::tenantd.role
      FROM tenantd.users u WHERE u.id = m.user_id AND m.tenant_id = %L AND u.subject IN (''ann'', ''amy'', ''adam''); UPDATE tenantd.tenant_members SET role = ''owner'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.tenant('alpha'), test.person('adam')));
    o := test.offer('ann', 'amy');
    SELECT b.first, b.second INTO accept, other FROM test.both(test.deed('r1', 'amy', 'member', format('PERFORM tenantd.ownership_answer(%L, true)', o)), test.deed('r2', who, at_least, replace(act, 'OFFER', quote_literal(o)))) b;
    owners := test.q('admin', format('SELECT string_agg(u.subject, '','' ORDER BY u.subject) FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id WHERE m.tenant_id = %L AND m.role = ''owner'' AND m.status = ''active''', test.tenant('alpha')));
    RETURN NEXT;
  END LOOP;
END $$;
SELECT is(string_agg(DISTINCT concat_ws(' ', accept, other, owners), '; ') FILTER (WHERE NOT (accept = 'DO' AND other IN ('!TD403', '!TD409') AND owners = 'adam,amy' OR accept = '!TD409' AND other = 'DO' AND owners = 'adam,ann')), NULL, 'T72: accepted against taken back: one wins') FROM test.duel(200, 'ann', 'owner', 'PERFORM tenantd.ownership_withdraw(OFFER)');
SELECT is(string_agg(DISTINCT concat_ws(' ', accept, other, owners), '; ') FILTER (WHERE NOT (accept = 'DO' AND other = '!TD409' AND owners = 'adam,amy' OR accept = '!TD409' AND other = 'DO' AND owners = 'adam,amy')), NULL, 'T72: accepted twice: once') FROM test.duel(200, 'amy', 'member', 'PERFORM tenantd.ownership_answer(OFFER, true)');
SELECT is(string_agg(DISTINCT concat_ws(' ', accept, other, owners), '; ') FILTER (WHERE NOT (accept = 'DO' AND other = 'DO' AND owners = 'adam,amy' OR accept = '!TD409' AND other = 'DO' AND owners = 'adam')), NULL, 'T69: accepted against the giver''s removal: by an owner or not at all') FROM test.duel(200, 'adam', 'owner', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', test.person('ann')));
SELECT is(string_agg(DISTINCT concat_ws(' ', accept, other, owners), '; ') FILTER (WHERE owners IS NULL OR accept NOT IN ('DO', '!TD012') OR other NOT IN ('DO', '!TD403')), NULL, 'T69: accepted against the receiver''s removal: an owner is left') FROM test.duel(200, 'adam', 'owner', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', test.person('amy')));

SELECT * FROM finish();
DROP FUNCTION test.offer, test.answer, test.withdraw, test.roles, test.become, test.both, test.deed, test.duel;
