-- What `tenantctl seed` does in the database: it only adds, once, by the migrator alone, and nobody gets anything who was not made by it.
SELECT no_plan();
SELECT test.world();

-- 'what tenant who outcome [has]' of each row, or the refusal.
CREATE FUNCTION test.seed(plan text, env text DEFAULT 'dev', conn text DEFAULT 'migrator') RETURNS text LANGUAGE sql AS $$
  SELECT test.q(conn, format('SELECT concat_ws('' '', what, tenant, who, outcome, ''['' || has || '']'') FROM tenantd.seed(%L, %L, ''carol'')', plan, env))
$$;
CREATE FUNCTION test.why(plan text, env text DEFAULT 'dev') RETURNS text LANGUAGE sql AS $$
  SELECT split_part(test.refusal('migrator', format('SELECT what FROM tenantd.seed(%L, %L, ''carol'')', plan, env)), ' / ', 2)
$$;
-- An account, and somebody with tokens of another issuer.
CREATE FUNCTION test.account(email text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT format('{"email": "%s", "name": "N", "issuer": "https://own.example", "cost": 1, "salt": "%s", "password": "%s"%s}', email, repeat('0a', 16), repeat('0b', 32), more)
$$;
CREATE FUNCTION test.bearer(subject text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT format('{"email": "%s@example.org", "issuer": "https://id.example", "subject": "%1$s"%s}', subject, more)
$$;
CREATE FUNCTION test.plan(people text[], tenants text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT format('{"people": [%s], "tenants": [%s]}', array_to_string(people, ', '), tenants)
$$;

SELECT is(test.seed(test.plan(ARRAY[test.account('olga@example.org')]), 'prod'), '!TD400', 'nothing is seeded in prod'),
  matches(test.why(test.plan(ARRAY[test.account('olga@example.org')])), 'tenants in prod', 'T66: nor are people who could sign in in prod, too'),
  matches(test.why(test.plan(ARRAY[test.bearer('olga', ', "system_admin": true')]), 'staging'), 'tenants in prod', 'T66: or administer it'),
  is(test.seed(test.plan(ARRAY[test.bearer('kim')])), 'person kim@example.org made', 'but who has tokens of another issuer alone is nobody there'),
  is(test.seed(test.plan(ARRAY[test.bearer('sam')])), 'person sam@example.org present', 'who is there is no news');
SELECT is(test.script('admin', 'TRUNCATE tenantd.tenants CASCADE'), 'TRUNCATE TABLE', 'in a database without tenants in prod');

CREATE TABLE test.it AS SELECT test.plan(ARRAY[test.account('Olga@example.org'), test.account('ada@example.org'), test.account('sue@example.org'), test.account('rex@example.org'), test.account('rem@example.org'),
  test.account('pat@example.org'), test.account('boss@example.org', ', "system_admin": true'), test.bearer('ali')],
  '{"slug": "acme", "organization_name": "Acme", "country": "DE", "members": [{"email": "ada@example.org", "role": "tenant_admin"}, {"email": "olga@example.org", "role": "owner"}, {"email": "sue@example.org", "status": "suspended"},
    {"email": "rex@example.org", "status": "rejected"}, {"email": "rem@example.org", "role": "owner", "status": "removed"}, {"email": "pat@example.org", "status": "pending", "message": "let me in"}],
    "invitations": [{"email": "ivy@example.org", "role": "tenant_admin"}]},
   {"slug": "new", "name": "New one", "status": "onboarding", "members": [{"email": "ali@example.org", "role": "owner"}]},
   {"slug": "late", "status": "suspended", "organization_name": "Late", "members": [{"email": "olga@example.org", "role": "owner"}]},
   {"slug": "gone", "status": "closed", "members": [{"email": "ali@example.org", "role": "owner"}]}') AS plan;
SELECT is(test.seed(plan), E'person Olga@example.org made\nperson ada@example.org made\nperson sue@example.org made\nperson rex@example.org made\nperson rem@example.org made\nperson pat@example.org made\nperson boss@example.org made\nperson ali@example.org made\n'
  'tenant acme acme made\nmember acme ada@example.org made\nmember acme olga@example.org made\nmember acme sue@example.org made\nmember acme rex@example.org made\nmember acme rem@example.org made\nmember acme pat@example.org made\n'
  'invitation acme ivy@example.org made\ntenant new new made\nmember new ali@example.org made\ntenant late late made\nmember late olga@example.org made\ntenant gone gone made\nmember gone ali@example.org made', 'a file is brought whole') FROM test.it;
SELECT is(test.q('admin', 'SELECT concat_ws('' '', slug, name, organization_name, status, country) FROM tenantd.tenants ORDER BY slug'), E'acme Acme Acme active DE\ngone gone closed\nlate Late Late suspended\nnew New one onboarding', 'a tenant in every status'),
  is(test.q('admin', 'SELECT concat_ws('' '', u.email, m.role, m.status, m.message, m.joined_at IS NOT NULL) FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id JOIN tenantd.tenants t ON t.id = m.tenant_id WHERE t.slug = ''acme'' ORDER BY lower(u.email)'),
  E'ada@example.org tenant_admin active t\nOlga@example.org owner active t\npat@example.org member pending let me in f\nrem@example.org owner removed t\nrex@example.org member rejected f\nsue@example.org member suspended t', 'and members in every role and status'),
  is(test.q('admin', 'SELECT concat_ws('' '', i.email, i.role, i.status, u.email) FROM tenantd.invitations i JOIN tenantd.users u ON u.id = i.invited_by'), 'ivy@example.org tenant_admin pending Olga@example.org', 'an invitation by the first owner');
SELECT is(test.q('admin', 'SELECT string_agg(slug, '' '' ORDER BY created_at) FROM tenantd.tenants'), 'acme new late gone', 'in the order of the file'),
  is(test.q('admin', 'SELECT string_agg(t.slug, '' '' ORDER BY m.joined_at) FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id JOIN tenantd.users u ON u.id = m.user_id WHERE u.email = ''Olga@example.org'''), 'acme late', 'memberships too'),
  is(test.q('admin', 'SELECT string_agg(left(u.email, 3), '' '' ORDER BY m.created_at) FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id JOIN tenantd.users u ON u.id = m.user_id WHERE t.slug = ''acme'''), 'Olg ada sue rex rem pat', 'behind the founder');
SELECT is(test.q('admin', 'SELECT string_agg(DISTINCT concat_ws('' '', actor_kind, actor_label, route), '','') FROM tenantd.audit_events WHERE tenant_id IN (SELECT id FROM tenantd.tenants)'), 'operator carol tenantctl seed', 'T66: all of it is audited in its tenant, with who it was'),
  is(test.q('admin', 'SELECT string_agg(DISTINCT e.action, '','' ORDER BY e.action) FROM tenantd.audit_events e WHERE tenant_id IN (SELECT id FROM tenantd.tenants)'),
  'invitation.created,member.joined,member.rejected,member.removed,member.requested,member.suspended,onboarding_step.created,tenant.closed,tenant.created,tenant.onboarded,tenant.suspended', 'act by act'),
  is(test.q('admin', 'SELECT string_agg(concat_ws('' '', action, actor_label), '','' ORDER BY at) FROM tenantd.system_events WHERE object_id = (SELECT id::text FROM tenantd.users WHERE email = ''boss@example.org'')'), 'user.created carol,account.created carol,user.system_admin_granted carol', 'T66: the system administrator in the log of the system'),
  is(test.q('admin', 'SELECT string_agg(DISTINCT kind, '','' ORDER BY kind) FROM tenantd.mail_outbox'), 'invitation,join_rejected,join_requested', 'the mails are those of everybody''s acts');
-- It can be repeated at any time.
SELECT test.q('admin', 'SELECT count(*)::text FROM tenantd.audit_events') AS events, test.q('admin', 'SELECT count(*)::text FROM tenantd.mail_outbox') AS mails \gset
SELECT is((SELECT string_agg(DISTINCT substring(l FROM '\w+$'), ',') FROM string_to_table(test.seed(plan), E'\n') l), 'present', 'a repeat finds everything') FROM test.it;
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.audit_events'), :'events', 'and changes nothing'), is(test.q('admin', 'SELECT count(*)::text FROM tenantd.mail_outbox'), :'mails', 'nor does it mail anybody');
SELECT is(test.script('admin', 'UPDATE tenantd.tenant_members SET role = ''member'' WHERE user_id = (SELECT id FROM tenantd.users WHERE email = ''ada@example.org'');'
  ' UPDATE tenantd.tenants SET slug = ''acme-2'' WHERE slug = ''acme''; UPDATE tenantd.users SET system_admin = false WHERE email = ''boss@example.org''; UPDATE tenantd.invitations SET status = ''revoked'''), 'UPDATE 1', 'somebody plays with it');
SELECT is((SELECT string_agg(l, ', ') FROM string_to_table(test.seed(plan), E'\n') l WHERE l NOT LIKE '%present'),
  'person boss@example.org kept [no system administrator], tenant acme acme kept [acme-2, active], member acme ada@example.org kept [member, active], invitation acme ivy@example.org kept [revoked]', 'T56: and gets it back by no repeat') FROM test.it;
SELECT is(test.seed(test.plan(ARRAY[test.account('olga@example.org'), test.account('ned@example.org')], '{"slug": "late", "members": [{"email": "olga@example.org", "role": "owner"}, {"email": "ned@example.org"}], "invitations": [{"email": "joe@example.org"}]}')),
  E'person olga@example.org present\nperson ned@example.org made\ntenant late late kept [late, suspended]\nmember late olga@example.org present\nmember late ned@example.org kept [no member: nobody joins a tenant that is suspended]\n'
  'invitation late joe@example.org kept [none: nobody joins a tenant that is suspended]', 'T26: nobody joins a suspended tenant, and nobody is asked');
-- The ids are those of the names.
SELECT is(test.q('admin', 'SELECT id::text FROM tenantd.tenants WHERE slug = ''new'''), test.q('admin', 'SELECT tenantd.seed_id(''tenant'', ''dev'', ''new'')::text'), 'the id of a tenant is that of its env and slug'),
  is(test.seed(test.plan(ARRAY[test.bearer('ali')], '{"slug": "new", "name": "New one", "status": "onboarding", "members": [{"email": "ali@example.org", "role": "owner"}]}'), 'staging'), E'person ali@example.org present\ntenant new new made\nmember new ali@example.org made', 'the same slug in another env is another tenant');
SELECT is(split_part(test.bootstrap('app', 'ali', 'dev'), ' ', 1), test.q('admin', 'SELECT id::text FROM tenantd.tenants WHERE slug = ''new'' AND env = ''dev'''), 'bootstrap finds the founder''s tenant');
-- What somebody else made gets nothing.
SELECT is(test.script('admin', 'INSERT INTO tenantd.users (id, issuer, subject, email) VALUES (''00000000-0000-4000-8000-0000000000ee'', ''https://own.example'', ''eve'', ''eve@example.org'');'
  ' INSERT INTO tenantd.accounts (user_id, email, cost, salt, password) VALUES (''00000000-0000-4000-8000-0000000000ee'', ''eve@example.org'', 1, decode(repeat(''00'', 16), ''hex''), sha256(''x''))'), 'INSERT 0 1', 'eve has signed up with an address of the file'),
  is(test.why(test.plan(ARRAY[test.account('Eve@example.org', ', "system_admin": true')])), 'Eve@example.org has an account that no seed made: use another address', 'T56: and becomes nothing by it'),
  is(test.seed(test.plan(ARRAY[test.bearer('sam', ', "system_admin": true')], '{"slug": "sams", "organization_name": "S", "members": [{"email": "sam@example.org", "role": "owner"}]}')),
  E'person sam@example.org kept [no system administrator]\ntenant sams sams made\nmember sams sam@example.org made', 'T56: nor does somebody whom an issuer knows become an administrator');
SELECT is(test.script('admin', 'BEGIN; INSERT INTO tenantd.tenants (id, env, slug, name) VALUES (''00000000-0000-4000-8000-0000000000ff'', ''dev'', ''theirs'', ''Theirs''); INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)'
  ' VALUES (''00000000-0000-4000-8000-0000000000ff'', ''dev'', ''00000000-0000-4000-8000-0000000000ee'', ''owner'', ''active''); COMMIT'), 'COMMIT', 'eve has a tenant with a slug of the file'),
  is(test.why(test.plan(ARRAY[test.account('olga@example.org')], '{"slug": "theirs", "organization_name": "T", "members": [{"email": "olga@example.org", "role": "owner"}]}')),
  'there is a tenant ''theirs'' in this env that no seed made: use another slug', 'T33: and nobody of the file gets into it');
-- Of two runs at once one waits for the other, and finds everything.
SELECT test.connect('migrator2', 'tenantd_migrator'), test.script('migrator', 'BEGIN');
SELECT test.plan(ARRAY[test.account('two@example.org')], '{"slug": "two", "organization_name": "Two", "members": [{"email": "two@example.org", "role": "owner"}], "invitations": [{"email": "ivy@example.org"}]}') AS two \gset
SELECT test.seed(:'two') AS first, test.pid('migrator2') AS waiting \gset
SELECT dblink_send_query('migrator2', format('SELECT concat_ws('' '', what, outcome) FROM tenantd.seed(%L, ''dev'', ''dave'')', :'two'));
DO $$ BEGIN WHILE dblink_is_busy('migrator2') = 1 AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted) LOOP END LOOP; END $$;
SELECT is(:'first'::text, E'person two@example.org made\ntenant two two made\nmember two two@example.org made\ninvitation two ivy@example.org made', 'one of two runs makes it'), test.script('migrator', 'COMMIT');
SELECT is(string_agg(x, ', '), 'person present, tenant present, member present, invitation present', 'and the other one finds it') FROM dblink_get_result('migrator2') AS t (x text);
SELECT test.close('migrator2');
-- The rules of everybody hold, and a file is brought whole or not at all.
SELECT is(test.seed(test.plan(ARRAY[test.account('zoe@example.org')], t)), w, 'not so: ' || t) FROM (VALUES
  ('{"slug": "x1", "organization_name": "X", "members": [{"email": "zoe@example.org"}]}', '!TD400'), ('{"slug": "x1", "organization_name": "X", "members": [{"email": "zoe@example.org", "role": "owner", "status": "suspended"}]}', '!TD400'),
  ('{"slug": "x1", "members": [{"email": "zoe@example.org", "role": "owner"}]}', '!TD400'), ('{"slug": "x1", "organization_name": "X", "status": "onboarding", "members": [{"email": "zoe@example.org", "role": "owner"}]}', '!TD400'),
  ('{"slug": "X 1", "organization_name": "X", "members": [{"email": "zoe@example.org", "role": "owner"}]}', '!23514'), ('{"slug": "x1", "organization_name": "X", "status": "god", "members": [{"email": "zoe@example.org", "role": "owner"}]}', '!22P02')) v (t, w);
SELECT is(test.q('admin', 'SELECT count(*)::text FROM tenantd.users WHERE email = ''zoe@example.org'''), '0', 'and nobody is left of it');
SELECT is(test.seed(plan, conn => 'app'), '!42501', 'T66: the workers seed nothing') FROM test.it;
SELECT is(test.q('app', q), '!42501', 'T43: ' || q) FROM unnest(ARRAY['SELECT tenantd.seed_id(''x'')::text', 'SELECT tenantd.user_bring(gen_random_uuid(), ''i'', ''s'', NULL, true, NULL)::text', 'SELECT tenantd.seed_person(''{}'', ''dev'', ''x'')::text']) q;
SELECT test.script('admin', 'DELETE FROM tenantd.context_keys'), is(left(test.seed(test.plan(ARRAY[test.account('zoe@example.org')])), 1), '!', 'without a key an operator does nothing');

SELECT * FROM finish();
DROP TABLE test.it;
DROP FUNCTION test.seed, test.why, test.account, test.bearer, test.plan;
