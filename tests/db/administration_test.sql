-- System administration: what an administrator does to tenants and members, that a reason stands in the tenant's audit log,
-- and that being one opens no tenant. `root` is one; root names the tenant in each act.
SELECT no_plan();
SELECT test.world();

-- An act of root's, or of somebody else who says to be one; and a change of a tenant with a reason.
CREATE FUNCTION test.admin(query text, who text DEFAULT 'root', env text DEFAULT 'prod') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, '', query, 'system_admin', 'any', env)
$$;
CREATE FUNCTION test.status(slug text, wanted text, reason text DEFAULT 'because', more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT tenantd.admin_tenant_status(%L, %L, %L) ->> ''status''', test.tenant(slug), wanted,
    concat('{"reason": ', coalesce(to_json(reason)::text, 'null'), more, '}')))
$$;
CREATE FUNCTION test.put(slug text, who text, role text) RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT concat_ws('' '', m ->> ''role'', m ->> ''status'') FROM tenantd.admin_member_put(%L, %L, %L) m',
    test.tenant(slug), test.person(who), format('{"role": "%s", "reason": "because"}', role)))
$$;
CREATE FUNCTION test.move(who text, source text, target text, role text DEFAULT 'member', reason text DEFAULT 'because') RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT tenantd.admin_reassign(%L) ->> ''role''', json_build_object('user_id', test.person(who), 'from', test.tenant(source),
    'to', test.tenant(target), 'role', role, 'reason', reason)))
$$;
CREATE FUNCTION test.last(slug text, expression text DEFAULT 'concat_ws('' '', action, actor_kind, actor_id, actor_label, object_id, reason)', back integer DEFAULT 0)
RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT %s FROM tenantd.audit_events WHERE tenant_id = %L ORDER BY at DESC OFFSET %s LIMIT 1', expression, test.tenant(slug), back))
$$;
CREATE FUNCTION test.member(slug text, who text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT role || '' '' || status FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant(slug), test.person(who)))
$$;

-- Status of a tenant.
SELECT is(test.status('alpha', 'suspend', 'no money came'), 'suspended', 'a tenant is suspended'),
  is(test.last('alpha'), concat_ws(' ', 'tenant.suspended user', test.person('root'), 'system administrator', test.tenant('alpha'), 'no money came'), 'T66: which is audited in it, with who it was and why');
SELECT is(test.enter('app', 'ann', test.tenant('alpha')), '!TD013', 'T26: its owner is refused'), is(test.status('alpha', 'suspend'), '!TD409', 'once'),
  is(test.status('alpha', 'reactivate'), 'active', 'and it is reactivated'), is(test.status('alpha', 'reopen'), '!TD409', 'what is not closed is not reopened');
SELECT test.status('alpha', 'suspend'), is(test.status('alpha', 'close', more => ', "grace_days": 7'), 'closed', 'it is closed'),
  is(test.q('admin', 'SELECT concat_ws('' '', closed_at > now() - interval ''1 minute'', closed_from, round(extract(epoch FROM reopen_until - closed_at) / 86400)) FROM tenantd.tenants WHERE slug = ''alpha'''),
  't suspended 7', 'with the time, what it was, and how long there is a way back');
SELECT is(test.status('alpha', w), '!TD409', 'closed, no act but one is left: ' || w) FROM unnest(ARRAY['close', 'suspend', 'reactivate', '', 'SUSPEND']) w;
SELECT is(test.status('alpha', 'reopen'), 'suspended', 'a tenant that was suspended when it was closed is suspended again'), is(test.last('alpha', 'action'), 'tenant.reopened', 'which is tenant.reopened'),
  is(test.status('alpha', 'reactivate'), 'active', 'and then active'), is(test.q('admin', 'SELECT num_nulls(closed_at, closed_from, reopen_until)::text FROM tenantd.tenants WHERE slug = ''alpha'''), '3', 'nothing of the closing is left');
SELECT is(test.status('beta', 'close', more => ', "grace_days": 0'), 'closed', 'without grace'), is(test.status('beta', 'reopen'), '!TD409', 'there is no way back'),
  test.script('admin', 'UPDATE tenantd.tenants SET reopen_until = now() + interval ''1 minute'' WHERE slug = ''beta'''), is(test.status('beta', 'reopen'), 'active', 'until then there is');
SELECT is(test.script('admin', 'UPDATE tenantd.tenants SET closed_at = now() WHERE slug = ''alpha'''), 'UPDATE 1', 'a time of closing'),
  is(test.q('admin', 'SELECT closed_at::text FROM tenantd.tenants WHERE slug = ''alpha'''), NULL, 'does not stay on an open tenant');

-- Without a reason nothing is done.
SELECT is(test.status('alpha', 'suspend', r), '!TD400', 'no reason: ' || quote_nullable(r)) FROM unnest(ARRAY[NULL, '', '   ', repeat('x', 501)]) r;
SELECT is(test.move('amy', 'alpha', 'beta', reason => ''), '!TD400', 'nor is anybody moved'), is(test.admin(format('SELECT tenantd.admin_tenant_rename(%L, ''{"name": "x"}'')::text', test.tenant('alpha'))), '!TD400', 'nor anything renamed');
SELECT is(test.status('alpha', 'suspend', E'one\ntwo\nowner'), 'suspended', 'T82: a reason of several lines'), is(test.last('alpha', 'concat(reason, ''|'', action)'), 'one two owner|tenant.suspended', 'T82: is one, and no other field of the context'),
  test.status('alpha', 'reactivate');

-- Names.
SELECT is(test.admin(format('SELECT concat_ws('' '', t ->> ''slug'', t ->> ''name'', t ->> ''members'') FROM tenantd.admin_tenant_rename(%L, ''{"name": "A", "slug": "first", "reason": "because"}'') t', test.tenant('alpha'))), 'first A 3', 'a tenant is renamed'),
  is(test.admin(format('SELECT tenantd.admin_tenant_rename(%L, ''{"slug": "beta", "reason": "because"}'')::text', test.tenant('alpha'))), '!TD409', 'not as another one is called'),
  is(test.admin(format('SELECT tenantd.admin_tenant_rename(%L, ''{"reason": "because"}'')::text', test.tenant('alpha'))), '!TD400', 'nor into nothing'),
  is(test.last('alpha', 'concat_ws('' '', action, fields, reason)'), 'tenant.updated {name,slug} because', 'which is audited');

-- A new one.
CREATE FUNCTION test.create(fields jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT t ->> ''id'' FROM tenantd.admin_tenant_create(%L) t', fields || '{"reason": "because"}'))
$$;
SELECT test.create('{"name": "New", "slug": "new", "owner_email": "SAM@example.org"}') AS new \gset
SELECT is(test.q('admin', format('SELECT concat_ws('' '', t.env, t.slug, t.status, t.bootstrapped_by IS NULL, u.subject, m.role, m.status, m.joined_at IS NOT NULL) FROM tenantd.tenants t JOIN tenantd.tenant_members m ON m.tenant_id = t.id JOIN tenantd.users u ON u.id = m.user_id WHERE t.id = %L', :'new')),
  'prod new onboarding t sam owner active t', 'a tenant is made in onboarding, with an owner'),
  is(test.q('admin', format('SELECT string_agg(action || '' '' || reason, '', '' ORDER BY at) FROM tenantd.audit_events WHERE tenant_id = %L', :'new')), 'tenant.created because, member.joined because', 'T66: audited in it');
SELECT is(test.create('{"name": "New", "slug": "new", "owner_email": "sam@example.org"}'), '!TD409', 'a slug that is taken'), is(test.create('{"name": "New", "owner_email": "who@example.org"}'), '!TD409', 'an owner whom nobody knows'),
  test.script('admin', 'UPDATE tenantd.users SET email_verified = false WHERE subject = ''bea'''), is(test.create('{"name": "New", "owner_email": "bea@example.org"}'), '!TD409', 'or whose email is not verified'),
  test.script('admin', 'INSERT INTO tenantd.users (issuer, subject, email, email_verified) VALUES (''https://other.example'', ''sam'', ''sam@example.org'', true)'), is(test.create('{"name": "New", "owner_email": "sam@example.org"}'), '!TD409', 'or is that of two');
-- Somebody whom nobody knows, where there are accounts.
SELECT test.create('{"name": "Newer", "slug": "newer", "owner_email": "Who@example.org", "own_issuer": "https://own.example"}') AS newer \gset
SELECT is(test.q('admin', format('SELECT concat_ws('' '', u.issuer, u.subject = u.id::text, u.email, u.email_verified, a.email, m.role, m.status) FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id JOIN tenantd.accounts a ON a.user_id = u.id WHERE m.tenant_id = %L', :'newer')),
  'https://own.example t Who@example.org f who@example.org owner active', 'gets an account, whose address is not verified yet'), is(test.q('admin', 'SELECT string_agg(concat_ws('' '', kind, recipient, params ->> ''tenant_name'', length(params ->> ''token'')), '', '') FROM tenantd.mail_outbox'), 'account_made Who@example.org Newer 43', 'and a mail to choose the password by');
SELECT is(test.create('{"name": "Again", "owner_email": "who@example.org", "own_issuer": "https://own.example"}'), '!TD409', 'an account that nobody has verified is no owner, whoever made it'), is(test.q('admin', 'SELECT count(*)::text FROM tenantd.users WHERE lower(email) = ''who@example.org'''), '1', 'and nothing is left of the try');

-- Roles.
SELECT is(test.put('alpha', 'amy', 'tenant_admin'), 'tenant_admin active', 'a member is made an admin'), is(test.last('alpha'), concat_ws(' ', 'member.role_changed user', test.person('root'), 'system administrator', test.person('amy'), 'because'), 'T66: audited there');
SELECT is(test.put('alpha', 'sam', 'member'), 'member active', 'a stranger is made a member'), is(test.put('alpha', 'rem', 'owner'), 'owner active', 'one who was removed an owner'), is(test.put('alpha', 'sue', 'member'), 'member active', 'a suspended one active');
SELECT is(test.put('beta', 'bob', 'member'), '!TD016', 'T65: the last owner is not demoted'), is(test.member('beta', 'bob'), 'owner active', 'T65: indeed not');
SELECT is(test.put('beta', 'nobody', 'member'), '!TD404', 'nor is nobody anything'), is(test.put('nowhere', 'bob', 'member'), '!TD404', 'nor anybody something nowhere'), is(test.put('gamma', 'bob', 'member'), '!TD404', 'T19: nor in a tenant of another env');

-- Moves.
SELECT is(test.move('amy', 'alpha', 'beta'), 'member', 'a member is moved'), is(test.member('alpha', 'amy') || ', ' || test.member('beta', 'amy'), 'tenant_admin removed, member active', 'out of one tenant and into the other'),
  is(test.last('alpha'), concat_ws(' ', 'member.removed user', test.person('root'), 'system administrator', test.person('amy'), 'because'), 'T66: audited in the one'),
  is(test.last('beta'), concat_ws(' ', 'member.joined user', test.person('root'), 'system administrator', test.person('amy'), 'because'), 'T66: and in the other');
SELECT is(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'T18: whatever the token says'), is(test.move('amy', 'alpha', 'beta'), '!TD409', 'once'), is(test.move('amy', 'beta', 'beta'), '!TD400', 'not to where they are'),
  is(test.move('amy', 'beta', 'gamma'), '!TD404', 'T19: not into another env'), is(test.member('beta', 'amy'), 'member active', 'and stays where they are then'),
  is(test.move('bob', 'beta', 'alpha', 'owner'), '!TD016', 'T65: the last owner is not moved away'), is(test.member('alpha', 'bob'), NULL, 'T65: nor half of it'), is(test.move('amy', 'beta', 'nowhere'), '!TD404', 'nor into nothing');

-- A membership is suspended and removed from outside, too.
CREATE FUNCTION test.become(slug text, who text, status text, role text DEFAULT 'member') RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT concat_ws('' '', m ->> ''role'', m ->> ''status'') FROM tenantd.admin_member_put(%L, %L, %L) m',
    test.tenant(slug), test.person(who), json_build_object('role', role, 'status', status, 'reason', 'because')))
$$;
SELECT is(test.become('beta', 'amy', 'suspended'), 'member suspended', 'a member is suspended'), is(test.last('beta'), concat_ws(' ', 'member.suspended user', test.person('root'), 'system administrator', test.person('amy'), 'because'), 'T66: with who it was and why'),
  is(test.become('beta', 'amy', 'active', 'tenant_admin'), 'tenant_admin active', 'and is active again'), is(test.become('beta', 'amy', 'removed'), 'member removed', 'and removed'),
  is(test.become('beta', 'amy', 'suspended'), '!TD409', 'who is removed is not suspended'), is(test.become('beta', 'carl', 'removed'), '!TD409', 'nor removed who never was there'),
  is(test.become('beta', 'bob', 'suspended', 'owner'), '!TD016', 'T65: the last owner is not suspended'), is(test.become('beta', 'bob', 'removed', 'owner'), '!TD016', 'T65: nor removed'),
  is(test.become('beta', 'amy', 'active'), 'member active', 'amy is back');

-- Reading.
CREATE FUNCTION test.list(query text, part text, who text DEFAULT 'root') RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT string_agg(answer ->> %1$L, '','' ORDER BY answer ->> %1$L) FROM tenantd.%2$s', part, query), who)
$$;
SELECT is(test.list('admin_tenants(NULL, NULL, 100, NULL, NULL)', 'slug'), 'beta,first,new,newer', 'the tenants of the env are listed'), is(test.list('admin_tenants(''FIRST'', NULL, 100, NULL, NULL)', 'slug'), 'first', 'searched'),
  is(test.list('admin_tenants(NULL, ''onboarding'', 100, NULL, NULL)', 'slug'), 'new,newer', 'by status'), is(test.list(format('admin_tenants(%L, NULL, 100, NULL, NULL)', test.tenant('beta')), 'slug'), 'beta', 'by id'), is(test.list('admin_tenants(''%'', NULL, 100, NULL, NULL)', 'slug'), NULL, 'T82: and literally');
SELECT is(test.list(format('admin_members(%L, ''BEA'', NULL, NULL, 100, NULL, NULL)', test.tenant('beta')), 'email'), 'bea@example.org', 'searched');
SELECT is(test.list(format('admin_members(%L, NULL, NULL, NULL, 100, NULL, NULL)', test.tenant('beta')), 'email'), 'amy@example.org,bea@example.org,ben@example.org,bob@example.org', 'the members of a tenant are listed'),
  is(test.list(format('admin_members(%L, NULL, NULL, NULL, 100, NULL, NULL)', test.tenant('gamma')), 'email'), '!TD404', 'T19: of one of another env they are not'),
  is(test.list(format('admin_audit(%L, ''tenant.updated'', NULL, NULL, NULL, NULL, 100, NULL, NULL)', test.tenant('alpha')), 'reason'), 'because', 'its audit log is read');
SELECT is(test.admin('SELECT string_agg(m ->> ''slug'' || '' '' || (m ->> ''status''), '', '') FROM tenantd.admin_users(''amy@'', NULL, 100, NULL, NULL), json_array_elements(answer -> ''memberships'') m'), 'first removed, beta active', 'a user is shown with all memberships, also those that are over'),
  is(test.list('admin_users(NULL, true, 100, NULL, NULL)', 'subject'), 'root', 'administrators are found'),
  is(test.admin(format('SELECT u ->> ''email'' FROM tenantd.admin_user_get(%L) u', test.person('amy'))), 'amy@example.org', 'one is looked at by the id'),
  is(test.admin('SELECT count(*)::text FROM tenantd.admin_user_get(gen_random_uuid())'), '0', 'who is nobody is not there');

-- The log of all tenants: those of the env, and what happened in none; the same filters; names instead of ids.
-- Of a small table the planner would sort the rows.
CREATE FUNCTION test.plan(query text) RETURNS text LANGUAGE sql AS $$
  SELECT dblink_exec('admin', 'SET enable_sort = off') || string_agg(line, ' ') || dblink_exec('admin', 'RESET enable_sort')
  FROM dblink('admin', 'EXPLAIN ' || query) AS t (line text)
$$;
CREATE FUNCTION test.events(pick text, filters text) RETURNS text LANGUAGE sql AS $$
  SELECT test.admin(format('SELECT string_agg(DISTINCT %s, '','') FROM tenantd.admin_audit(NULL, %s, 1000, NULL, NULL) e', pick, filters))
$$;
SELECT is(test.events('answer ->> ''tenant_slug''', 'NULL, NULL, NULL, NULL, NULL'), 'beta,first,new,newer', 'T19: the events of all tenants of the env are read together, and of no other env'),
  is(test.admin('SELECT count(DISTINCT answer ->> ''id'') = (SELECT count(*) FROM tenantd.admin_audit(NULL, NULL, NULL, NULL, NULL, NULL, 1000, NULL, NULL)) FROM tenantd.admin_audit(NULL, NULL, NULL, NULL, NULL, NULL, 1000, NULL, NULL)'), 't', 'each once'),
  is(test.events('answer ->> ''tenant_slug''', '''tenant.suspended'', NULL, NULL, NULL, NULL'), 'first', 'by action'),
  is(test.events('answer ->> ''actor_name''', format('NULL, %L, NULL, NULL, NULL', test.person('root'))), coalesce(test.q('admin', 'SELECT coalesce(name, email) FROM tenantd.users WHERE subject = ''root'''), '?'), 'by who did it, who has a name'),
  is(test.events('answer ->> ''object_name''', format('''member.removed'', NULL, %L, NULL, NULL', test.person('amy'))), test.q('admin', 'SELECT coalesce(name, email) FROM tenantd.users WHERE subject = ''amy'''), 'by whom it was done to, who has one too'),
  is(test.events('answer ->> ''id''', 'NULL, NULL, NULL, now() + interval ''1 minute'', NULL'), NULL, 'by the time from'), is(test.events('answer ->> ''id''', 'NULL, NULL, NULL, NULL, ''2001-01-01'''), NULL, 'and until'),
  is(test.events('coalesce(answer ->> ''tenant_id'', ''none'')', '''user.created'', NULL, NULL, NULL, NULL'), 'none', 'what happened in no tenant is there as well');
SELECT is(test.admin('SELECT string_agg(x.id::text, '','' ORDER BY x.n) FROM (SELECT id, row_number() OVER () AS n FROM tenantd.admin_audit(NULL, NULL, NULL, NULL, NULL, NULL, 7, NULL, NULL)) x'),
  test.admin('WITH a AS (SELECT * FROM tenantd.admin_audit(NULL, NULL, NULL, NULL, NULL, NULL, 3, NULL, NULL)), last AS (SELECT at, id FROM a ORDER BY at, id LIMIT 1), b AS (SELECT f.* FROM last, LATERAL tenantd.admin_audit(NULL, NULL, NULL, NULL, NULL, NULL, 4, last.at, last.id) f)'
    ' SELECT string_agg(id::text, '','' ORDER BY at DESC, id DESC) FROM (SELECT at, id FROM a UNION ALL SELECT at, id FROM b) x'), 'a page goes on where the one before ended');
SELECT matches(test.plan(q), i, 'an index carries ' || q) FROM (VALUES
  ('SELECT 1 FROM tenantd.audit_events WHERE env = ''prod'' AND at < now() ORDER BY at DESC, id DESC LIMIT 10', 'audit_events_by_time'),
  ('SELECT 1 FROM tenantd.audit_events WHERE env = ''prod'' AND actor_id = ''11111111-1111-4111-8111-111111111111'' AND at < now() ORDER BY at DESC, id DESC LIMIT 10', 'audit_events_by_actor')) v (q, i);

-- Being one opens no tenant, and nobody else is one (T66).
SELECT is(test.enter('app', 'root', test.tenant('beta'), r, 'any'), '!TD012', 'T66: root does not come into beta as ' || r) FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) r;
SELECT is(test.act('app', 'root', test.tenant('beta'), q, 'system_admin', 'any'), w, 'T66: and sees and does nothing by hand: ' || q) FROM (VALUES
  ('SELECT count(*)::text FROM tenantd.tenants', '0'), ('SELECT count(*)::text FROM tenantd.tenant_members', '0'), ('SELECT count(*)::text FROM tenantd.audit_events', '0'), ('SELECT count(*)::text FROM tenantd.users', '0'),
  ('UPDATE tenantd.tenant_members SET role = ''owner''', 'UPDATE 0'), ('UPDATE tenantd.tenants SET status = ''active''', 'UPDATE 0'), ('UPDATE tenantd.users SET system_admin = true', '!42501')) v (q, w);
-- An act leaves no power behind: the context is the one before, without a reason.
SELECT is(test.admin(format('WITH done AS MATERIALIZED (SELECT tenantd.admin_tenant_status(%L, ''suspend'', ''{"reason": "because"}'')) SELECT concat_ws('' '', c.kind, c.reason, c.tenant_id, (SELECT count(*) FROM tenantd.tenants)) FROM done, LATERAL (SELECT * FROM tenantd.context() OFFSET 0) c', test.tenant('alpha'))), 'system_admin 0', 'T66: what it was sealed with is gone after the act'),
  test.status('alpha', 'reactivate');
CREATE TABLE test.act_of (act text);
INSERT INTO test.act_of VALUES ('admin_tenants(NULL, NULL, 1, NULL, NULL)'), ('admin_users(NULL, NULL, 1, NULL, NULL)'), (format('admin_tenant_get(%L)', test.tenant('beta'))), (format('admin_members(%L, NULL, NULL, NULL, 1, NULL, NULL)', test.tenant('beta'))), (format('admin_user_get(%L)', test.person('ann'))), ('admin_audit(NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL)'),
  (format('admin_audit(%L, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL)', test.tenant('beta'))), ('admin_tenant_create(''{"name": "x", "owner_email": "ann@example.org", "reason": "x"}'')'), (format('admin_tenant_rename(%L, ''{"name": "x", "reason": "x"}'')', test.tenant('beta'))),
  (format('admin_tenant_status(%L, ''suspend'', ''{"reason": "x"}'')', test.tenant('beta'))), (format('admin_member_put(%L, %L, ''{"role": "owner", "reason": "x"}'')', test.tenant('beta'), test.person('ann'))), (format('admin_reassign(''{"user_id": "%s", "from": "%s", "to": "%s", "role": "owner", "reason": "x"}'')', test.person('amy'), test.tenant('beta'), test.tenant('alpha')));
SELECT is(test.act('app', w, t, 'SELECT count(*)::text FROM tenantd.' || act, k, 'any'), '!42501', format('T66: a context of kind %s of %s does not open %s', k, w, act))
FROM test.act_of, (VALUES ('ann', test.tenant('alpha'), 'owner'), ('ann', test.tenant('alpha'), 'member'), ('root', '', 'token'), ('', '', 'visitor')) v (w, t, k);
SELECT is(test.admin('SELECT count(*)::text FROM tenantd.' || act, 'ann'), '!TD403', 'T66: and an owner is no administrator: ' || act) FROM test.act_of;
SELECT is(test.act('app', 'ann', test.tenant('alpha'), q), '!42501', 'T66: nor does anybody call a part of it: ' || q) FROM unnest(ARRAY['SELECT tenantd.admin_begin(''x'')', 'SELECT tenantd.admin_place(NULL, NULL, ''owner'')::text', 'SELECT tenantd.tenant_become(NULL, ''close'', 1)::text',
  'SELECT tenantd.reseal(NULL, NULL, ''administration'', ''x'')::text', 'SELECT tenantd.user_by_email(''ann@example.org'')::text', 'SELECT tenantd.operator_user_admin(''ann'', NULL, true, ''x'', ''x'')::text', 'UPDATE tenantd.audit_events SET reason = ''x''',
  'INSERT INTO tenantd.audit_events (tenant_id, env, action, actor_kind, object_type, reason) VALUES (gen_random_uuid(), ''prod'', ''x'', ''user'', ''x'', ''x'')']) q;
-- A reason is not forged by a setting, and nobody has one by acting inside.
SELECT isnt(left(test.enter('app', 'ann', test.tenant('alpha')), 1), '!', 'ann comes in'), test.q('app', $$SELECT set_config('tenantd.context', current_setting('tenantd.context') || repeat(E'\n', 10) || 'forged', true)$$),
  is(test.q('app', 'UPDATE tenantd.tenants SET name = ''x'''), 'UPDATE 0', 'T40: a reason that was put behind the seal breaks it'), test.script('app', 'ROLLBACK');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'UPDATE tenantd.tenants SET name = ''x'''), 'UPDATE 1', 'what a tenant''s own people do'), is(test.last('alpha', 'coalesce(reason, ''none'')'), 'none', 'has no reason');

-- Revoked: with the next statement (T18).
SELECT isnt(left(test.enter('app', 'root', '', 'system_admin', 'any'), 1), '!', 'root comes in'),
  is(test.q('migrator', 'SELECT changed::text FROM tenantd.operator_user_admin(''root@example.org'', NULL, false, ''carol'', ''left the company'')'), 'true', 'T18: and is one no more'),
  is(test.q('app', format('SELECT tenantd.admin_tenant_status(%L, ''suspend'', ''{"reason": "x"}'')::text', test.tenant('beta'))), '!TD403', 'T18: so root does nothing, not even in the transaction that began before'), test.script('app', 'ROLLBACK');
SELECT is(test.admin('SELECT ''in'''), '!TD403', 'T18: nor comes in again'),
  is(test.q('admin', 'SELECT concat_ws('' '', action, actor_kind, actor_label, object_id, reason, route) FROM tenantd.system_events ORDER BY at DESC LIMIT 1'), concat_ws(' ', 'user.system_admin_revoked operator carol', test.person('root'), 'left the company tenantctl user revoke-system-admin'), 'which is in the system''s log');
SELECT is(test.q('migrator', format('SELECT id || '' '' || changed FROM tenantd.operator_user_admin(%L, NULL, true, ''carol'', NULL)', test.person('root'))), test.person('root') || ' true', 'and is one again, by id');
SELECT is(test.q('migrator', 'SELECT (shown ->> ''subject'') FROM tenantd.operator_users(NULL, true, 10, NULL)'), 'root', 'the operator lists them'), is(test.q('migrator', 'SELECT json_array_length(operator_user_show -> ''memberships'')::text FROM tenantd.operator_user_show(''https://id.example'', ''amy'')'), '3', 'and sees the memberships of every env');

-- No access decision reads onboarding_progress: with no rows, with any rows, everything is decided the same.
CREATE FUNCTION test.decisions() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(test.act('app', s, test.tenant(t), q, r, g, CASE t WHEN 'gamma' THEN 'dev' ELSE 'prod' END), ',')
  FROM unnest(ARRAY['ann', 'adam', 'amy', 'pat', 'sue', 'rex', 'rem', 'bob', 'sam', 'root']) s, unnest(ARRAY['alpha', 'beta', 'gamma']) t, unnest(ARRAY['member', 'tenant_admin', 'owner']) r, unnest(ARRAY['any', 'open', 'active']) g,
    unnest(ARRAY['SELECT count(*)::text FROM tenantd.tenant_members', 'UPDATE tenantd.tenants SET country = ''DE''']) q
$$;
SELECT test.script('admin', format('INSERT INTO tenantd.tenants (id, env, slug, name, status) VALUES (%L, ''prod'', ''begun'', ''x'', ''suspended''); UPDATE tenantd.tenants SET status = ''suspended'' WHERE slug = ''beta''', test.tenant('begun')));
SELECT test.decisions() AS decided \gset
SELECT test.script('admin', 'DELETE FROM tenantd.onboarding_progress'), is(test.decisions(), :'decided', 'no access decision reads onboarding_progress: the same without a row'),
  test.script('admin', 'INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) SELECT t.id, t.env, s, gen_random_uuid() FROM tenantd.tenants t, unnest(ARRAY[''organization'', ''active'', ''owner'', ''complete'']) s'), is(test.decisions(), :'decided', 'and with rows of any kind');

SELECT * FROM finish();
DROP TABLE test.act_of;
DROP FUNCTION test.admin, test.status, test.put, test.move, test.last, test.member, test.create, test.list, test.decisions, test.become, test.events, test.plan;
