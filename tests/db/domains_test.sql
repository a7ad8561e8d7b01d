-- Verified domains: who may add one, whose it is when two want it, what its check decides, and who comes in by it.
SELECT no_plan();
SELECT test.world();
SELECT test.script('admin', 'DELETE FROM tenantd.domains');

CREATE FUNCTION test.add(who text, name text, enrollment text DEFAULT 'join', slug text DEFAULT 'alpha', env text DEFAULT 'prod') RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '!%' THEN a ELSE concat_ws(' ', a::json ->> 'name', a::json ->> 'status', a::json #>> '{record,name}') END
  FROM test.act('app', who, test.tenant(slug), format('SELECT tenantd.domain_add(%L)', json_build_object('name', name, 'enrollment', enrollment)), 'tenant_admin', 'open', env) a
$$;
CREATE FUNCTION test.change(who text, statement text, slug text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant(slug), statement, 'tenant_admin', 'open')
$$;
CREATE FUNCTION test.domain(name text, slug text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format($q$SELECT concat_ws(' ', tenantd.domain_shown(d) ->> 'status', coalesce(problem, '-'),
    CASE WHEN missing_since IS NULL THEN 'there' ELSE 'missing' END, coalesce(round(extract(epoch FROM due_at - now()) / 60)::text, 'never'))
    FROM tenantd.domains d WHERE tenant_id = %L AND name = %L$q$, test.tenant(slug), name))
$$;
CREATE FUNCTION test.due(envs text DEFAULT '{prod,dev}') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('errands', format('SELECT string_agg(name, '' '' ORDER BY name) FROM tenantd.due_domains(%L, 10, ''2 min'')', envs))
$$;
CREATE FUNCTION test.checked(name text, there boolean, slug text DEFAULT 'alpha', what text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('errands', format('SELECT tenantd.domain_checked(%L, %L, %L, %L)', test.tenant(slug),
    test.q('admin', format('SELECT id::text FROM tenantd.domains WHERE tenant_id = %L AND name = %L', test.tenant(slug), name)), there, what))
$$;
CREATE FUNCTION test.ask(sub text, email text, slug text DEFAULT 'alpha', verified boolean DEFAULT true, env text DEFAULT 'prod') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter('app', sub, '', 'token', 'any', env, email => email, verified => verified, name => initcap(sub));
  ended text;
BEGIN
  answer := test.q('app', format('SELECT tenantd.join_ask(%L) ->> ''status''', json_build_object('slug', slug)));
  ended := test.script('app', CASE WHEN answer LIKE '!%' THEN 'ROLLBACK' ELSE 'COMMIT' END);
  RETURN CASE WHEN ended LIKE '!%' THEN ended ELSE answer END;
END $$;
CREATE FUNCTION test.shows(sub text, email text, path text DEFAULT '{joinable_tenants}', verified boolean DEFAULT true, env text DEFAULT 'prod') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter('app', sub, '', 'token', 'any', env, email => email, verified => verified);
BEGIN
  answer := test.q('app', format('SELECT tenantd.me() #>> %L', path));
  PERFORM test.script('app', 'ROLLBACK');
  RETURN answer;
END $$;
CREATE FUNCTION test.log(slug text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(action || '' '' || actor_kind, '', '' ORDER BY at, id) FROM tenantd.audit_events WHERE tenant_id = %L AND object_type = ''domain'' AND actor_kind <> ''database''', test.tenant(slug)))
$$;
CREATE FUNCTION test.mail(kind text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT string_agg(recipient, '' '' ORDER BY recipient) FROM tenantd.mail_outbox WHERE kind = %L', kind))
$$;

-- Adding.
SELECT is(test.add('adam', 'Firm.Example.'), 'firm.example pending _tenantd-challenge.firm.example', 'TEN 6: an admin adds a domain, and is told which record proves it'), is(test.add('adam', 'firm.example'), '!TD409', 'once'),
  is(test.add('amy', 'other.example'), '!TD403', 'T56: a member adds none'), is(test.log(), 'domain.created user', 'it is in the log');
SELECT is(test.add('ann', n), '!TD400', 'T122: nobody has a public provider: ' || n) FROM unnest(ARRAY['gmail.com', 'GMail.com', 'outlook.com.', 'qq.com', 'proton.me']) n;
SELECT is(test.add('ann', n), '!TD400', 'no domain: ' || n) FROM unnest(ARRAY['', '.', 'com', 'a..example', '-a.example', 'a-.example', 'a b.example', 'a@b.example', 'ü.example', '10.0.0.1', 'x.example/', repeat('a', 64) || '.example', repeat('a.', 120) || 'example', E'a.example\n']) n;
SELECT is(test.add('ann', 'xn--mnchen-3ya.example'), 'xn--mnchen-3ya.example pending _tenantd-challenge.xn--mnchen-3ya.example', 'an international one in its ASCII form');
SELECT is((SELECT count(*) FROM generate_series(1, 18) i WHERE test.add('ann', 'd' || i || '.example') NOT LIKE '!%'), 18::bigint, 'a tenant has 20'), is(test.add('ann', 'd19.example'), '!TD409', 'and no more');
SELECT is(test.change('ann', 'DELETE FROM tenantd.domains WHERE name <> ''firm.example'''), 'DELETE 19', 'and gives them up');
SELECT is(test.change('ben', 'SELECT count(*)::text FROM tenantd.domains', 'beta'), '0', 'T58: another tenant sees none'), is(test.change('ben', 'DELETE FROM tenantd.domains', 'beta'), 'DELETE 0', 'T58: and removes none');

-- By raw SQL.
SELECT is(test.change('ann', s), '42501', 'T40: the workers prove nothing: ' || s) FROM unnest(ARRAY['UPDATE tenantd.domains SET verified_at = now()', 'UPDATE tenantd.domains SET due_at = now()', 'UPDATE tenantd.domains SET name = ''x.example''',
  'UPDATE tenantd.domains SET challenge = ''x''', 'INSERT INTO tenantd.domains (tenant_id) VALUES (NULL)', 'SELECT 1 FROM tenantd.proven_domains', 'SELECT tenantd.domain_checked(NULL, NULL, true, NULL)', 'SELECT tenantd.due_domains(''{prod}'', 1, ''1 s'')',
  'SELECT tenantd.domain_welcome(NULL, ''prod'')', 'SELECT tenantd.domain_opens(NULL, ''prod'', ''x@x.example'', NULL)', 'TRUNCATE tenantd.domains']) s WHERE test.change('ann', s) <> '!42501';
SELECT is(test.act('app', 'adam', test.tenant('alpha'), 'SELECT tenantd.domain_add(''{"name": "x.example", "enrollment": "join"}'')', 'member', 'active'), '!42501', 'T43: a member''s context adds none');

-- The check: pending.
SELECT is(test.due(), NULL, 'nobody asked for a check'), is(test.change('adam', 'UPDATE tenantd.domains SET asked_at = ''infinity'''), 'UPDATE 1', 'an admin asks'),
  is(test.due('{dev}'), NULL, 'T19: a server of another env does not look'), is(test.due(), 'firm.example', 'then it is due, whatever time was written'), is(test.due(), NULL, 'and lent');
SELECT is(test.checked('firm.example', false, what => 'no TXT record'), 'pending', 'it is not there'), is(test.domain('firm.example'), 'pending no TXT record there 1', 'so it is looked up in a minute'),
  is(test.shows('sam', 'sam@firm.example'), '[]', 'and lets nobody in'), is(test.ask('sam', 'sam@firm.example'), 'pending', 'but as it does everybody');
SELECT is(test.script('admin', format('SET session_replication_role = replica; UPDATE tenantd.domains SET asked_at = now() - interval %L; RESET session_replication_role', age)), 'RESET', age || ' later'),
  is(test.checked('firm.example', false, what => 'no'), 'pending', 'when it is not there'), is(test.domain('firm.example'), 'pending no there ' || minutes, 'it is looked up again: ' || minutes) FROM (VALUES ('40 min', '20'), ('1 day', '60'), ('73 h', 'never')) v (age, minutes);
SELECT is(test.checked('firm.example', NULL, what => 'DNS did not answer'), 'pending', 'an unknown answer'), matches(test.domain('firm.example'), '^pending DNS did not answer there', 'is no proof');

-- Proven.
SELECT is(test.checked('firm.example', true), 'verified', 'TEN 6: it is there'), is(test.domain('firm.example'), 'verified - there 1440', 'and is looked up each day'), is(test.log(), 'domain.created user, domain.created user, '
  || (SELECT string_agg('domain.created user', ', ') FROM generate_series(1, 18)) || ', ' || (SELECT string_agg('domain.deleted user', ', ') FROM generate_series(1, 19)) || ', domain.verified operator', 'the log has it');
SELECT is(test.add('ben', 'firm.example', slug => 'beta'), '!TD409', 'T122: nobody else adds what is proven'), is(test.add('cyd', 'firm.example', slug => 'gamma', env => 'dev'), 'firm.example pending _tenantd-challenge.firm.example', 'T19: in another env it is another one');

-- Coming in.
SELECT is(test.shows('sam', 'sam@firm.example', '{joinable_tenants,0,slug}'), 'alpha', 'who asked before sees that the domain lets them in'), is(test.ask('sam', 'Sam@FIRM.example'), 'active', 'and joins by asking again');
SELECT is(test.ask('new', 'new@firm.example'), 'active', 'TEN 6: somebody with a verified address joins at once'), is(test.ask('new', 'new@firm.example'), '!TD409', 'once'), is(test.shows('new', 'new@firm.example'), '[]', 'and is shown no more of it');
SELECT is(test.ask(s, e, verified => v), 'pending', why) FROM (VALUES ('n1', 'n1@firm.example', false, 'T60: an address that is not verified counts for nothing'), ('n2', 'n2@sub.firm.example', true, 'a subdomain is another domain'),
  ('n3', 'n3@firm.example.org', true, 'so is a longer one'), ('n4', 'firm.example', true, 'no address'), ('n5', 'n5@firm.example@other.example', true, 'the last @ counts'), ('n6', E'n6@\u212Airm.example', true, 'other letters are not folded')) v (s, e, v, why);
SELECT is(test.ask('n7', 'n7@firm.example', env => 'dev'), '!TD012', 'T19: nor does it in another env'), is(test.ask('n7', 'n7@firm.example', 'beta'), 'pending', 'T58: nor in another tenant');
SELECT is(test.ask('rem', 'rem@firm.example'), 'pending', 'T67: who was removed waits for an admin'), is(test.ask('rem', 'rem@firm.example'), '!TD409', 'T67: however often they ask'), is(test.shows('rem', 'rem@firm.example'), '[]', 'and is not told otherwise'), is(test.ask('rex', 'rex@firm.example'), '!TD409', 'T67: who was rejected waits'), is(test.ask('sue', 'sue@firm.example'), '!TD015', 'T67: a suspended one stays suspended');
SELECT is(test.change('adam', 'UPDATE tenantd.tenants SET joinable = false'), 'UPDATE 1', 'a tenant that takes no requests'), is(test.ask('n8', 'n8@firm.example'), 'active', 'lets its own people in'), is(test.ask('n9', 'n9@other.example'), '!TD403', 'and no others'),
  is(test.change('adam', 'UPDATE tenantd.tenants SET joinable = true'), 'UPDATE 1', 'again');
SELECT is(test.q('admin', format('SELECT string_agg(DISTINCT m.role::text, '' '') FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id WHERE m.tenant_id = %L AND m.status = ''active'' AND lower(u.email) LIKE ''%%@firm.example''', test.tenant('alpha'))), 'member', 'T63: all as members');

-- Invited instead.
SELECT is(test.change('adam', 'UPDATE tenantd.domains SET enrollment = ''invite'''), 'UPDATE 1', 'the tenant would rather invite'), is(test.due(), 'firm.example', 'which is looked after soon'), is(test.ask('i1', 'i1@firm.example'), 'pending', 'then who asks waits'),
  is(test.mail('invitation'), 'i1@firm.example', 'or uses the invitation that they are sent');
SELECT matches(test.bootstrap('app', 'i2', email => 'i2@firm.example', verified => true), ' owner prod onboarding t', 'somebody comes for the first time'), is(test.mail('invitation'), 'i1@firm.example i2@firm.example', 'and is invited'), is(test.shows('i2', 'i2@firm.example', '{invitations,0,slug}'), 'alpha', 'which me shows'),
  is(test.shows('i2', 'i2@firm.example', '{invitations,0,role}'), 'member', 'as a member'), is(test.shows('i2', 'i2@firm.example'), '[]', 'not as one who may join');
SELECT matches(test.bootstrap('app', 'i2', email => 'i2@firm.example', verified => true, name => 'I Two'), ' owner prod onboarding f', 'who comes again'), matches(test.bootstrap('app', 'i3', email => 'i3@firm.example'), ' t$', 'or with an unverified address'), matches(test.bootstrap('app', 'i4', env => 'dev', email => 'i4@firm.example', verified => true), ' t$', 'or elsewhere'),
  is(test.mail('invitation'), 'i1@firm.example i2@firm.example', 'is not invited');
SELECT is(test.q('admin', 'SELECT actor_kind || '' '' || actor_id::text FROM tenantd.audit_events WHERE action = ''invitation.created'' AND actor_kind <> ''database'' ORDER BY at DESC LIMIT 1'), 'user ' || test.q('admin', 'SELECT id::text FROM tenantd.users WHERE subject = ''i2'''), 'the log says by whose coming');
SELECT is(test.q('admin', format('SELECT u.subject FROM tenantd.invitations i JOIN tenantd.users u ON u.id = i.invited_by WHERE i.email = ''i2@firm.example''')), 'adam', 'it is in the name of the admin who added the domain');
SELECT is(test.q('admin', format('UPDATE tenantd.tenant_members SET role = ''member'' WHERE user_id = %L AND tenant_id = %L', test.person('adam'), test.tenant('alpha'))), 'UPDATE 1', 'who is no admin later'), matches(test.bootstrap('app', 'i5', email => 'i5@firm.example', verified => true), ' t$', 'somebody else comes'),
  is(test.q('admin', format('SELECT u.subject FROM tenantd.invitations i JOIN tenantd.users u ON u.id = i.invited_by WHERE i.email = ''i5@firm.example''')), 'ann', 'then it is in the owner''s');
SELECT matches(test.bootstrap('app', 'i6', email => 'i6@late.example', verified => true), ' t$', 'i6 is here already'), is(test.add('ann', 'late.example', 'invite'), 'late.example pending _tenantd-challenge.late.example', 'when a domain is added'), is(test.checked('late.example', true), 'verified', 'and proven'),
  is(test.mail('invitation'), 'i1@firm.example i2@firm.example i5@firm.example i6@late.example', 'those who are here are invited'), is(test.checked('late.example', true), 'verified', 'and by the next check'), is(test.mail('invitation'), 'i1@firm.example i2@firm.example i5@firm.example i6@late.example', 'not again');

-- Lost, and given up.
SELECT is(test.checked('firm.example', NULL, what => 'DNS did not answer'), 'verified', 'DNS that does not answer takes nothing away'), is(test.domain('firm.example'), 'verified DNS did not answer there 60', 'it is looked up in an hour'),
  is(test.checked('firm.example', false, what => 'gone'), 'verified', 'a record that is gone does not at once'), is(test.domain('firm.example'), 'verified gone missing 60', 'but counts the days'), is(test.mail('domain_missing'), 'ann@example.org', 'and the admins are told'),
  is(test.checked('firm.example', false, what => 'gone'), 'verified', 'once'), is(test.mail('domain_missing'), 'ann@example.org', 'indeed');
SELECT is(test.checked('firm.example', true), 'verified', 'it is back'), is(test.domain('firm.example'), 'verified - there 1440', 'and all is well'), is(test.checked('firm.example', false, what => 'gone'), 'verified', 'it goes again');
SELECT is(test.q('admin', 'UPDATE tenantd.domains SET missing_since = now() - interval ''8 days'' WHERE name = ''firm.example'' AND verified_at IS NOT NULL'), 'UPDATE 1', 'a week later'), is(test.checked('firm.example', false, what => 'gone'), 'pending', 'it is proven no more'), is(test.domain('firm.example'), 'pending gone there never', 'and not looked up'),
  is(test.add('ben', 'firm.example', slug => 'beta'), 'firm.example pending _tenantd-challenge.firm.example', 'T122: then another tenant may add it'), is(test.checked('firm.example', true, 'beta'), 'verified', 'T122: and prove it'), is(test.checked('firm.example', true), 'pending', 'T122: then the first does not'),
  is(test.domain('firm.example'), 'pending another tenant has proven this domain, and must give it up first there never', 'and is told why');
SELECT is(test.change('ben', 'DELETE FROM tenantd.domains', 'beta'), 'DELETE 1', 'T122: until it is given up'), is(test.checked('firm.example', true), 'verified', 'T122: it is proven again'), is(test.q('admin', 'SELECT string_agg(name, '' '' ORDER BY name) FROM tenantd.proven_domains'), 'firm.example late.example', 'and held once');
SELECT is(test.q('admin', 'UPDATE tenantd.tenants SET status = ''closed'' WHERE slug = ''alpha'''), 'UPDATE 1', 'a tenant closes'), is(test.checked('firm.example', true), 'verified', 'its domain'), is(test.domain('firm.example'), 'verified the tenant is closed missing 60', 'is free in a week'), is(test.shows('n99', 'n99@firm.example'), '[]', 'and lets nobody in');
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.domains d WHERE (verified_at IS NOT NULL) <> EXISTS (SELECT 1 FROM tenantd.proven_domains p WHERE (p.env, p.name, p.holder) = (d.env, d.name, d.tenant_id))'), '0', 'what is proven and what is held are the same');
SELECT is(test.script('migrator', 'SET ROLE tenantd_context; INSERT INTO tenantd.public_mail_domains VALUES (''mail.example''); RESET ROLE'), 'RESET', 'the page says how an operator adds a public provider'),
  is(test.add('ben', 'mail.example', slug => 'beta'), '!TD400', 'which is refused then');
SELECT is(test.gate(), NULL, 'the gate finds nothing');
SELECT * FROM finish();
DROP FUNCTION test.add, test.change, test.domain, test.due, test.checked, test.ask, test.shows, test.log, test.mail;
