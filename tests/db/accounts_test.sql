-- The accounts of the own issuer, attacked by SQL as the workers' role: what injected SQL could do in a request.
SELECT no_plan();
SELECT test.world();

-- A visitor's statement, in a transaction of its own that is rolled back; or committed, when it went well.
CREATE FUNCTION test.visit(query text, kept boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter('app', '', '', 'visitor', 'any');
BEGIN
  IF answer LIKE '!%' THEN RETURN answer; END IF;
  answer := test.q('app', query);
  PERFORM test.script('app', CASE WHEN kept AND answer NOT LIKE '!%' THEN 'COMMIT' ELSE 'ROLLBACK' END);
  RETURN answer;
END $$;
CREATE FUNCTION test.signup(email text) RETURNS text LANGUAGE sql AS $$
  SELECT test.visit(format('SELECT refresh_token FROM tenantd.signup(''https://own.example'', %L, NULL, 1, %L, %L, ''curl'', 3600)', email, repeat('5a', 16),
    encode(sha256(email::bytea), 'hex')), true)
$$;
CREATE FUNCTION test.session(email text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT s.id FROM tenantd.sessions s JOIN tenantd.accounts a USING (user_id) WHERE a.email = %L', email))
$$;
-- The account's owner with a token, or in the tenant that they founded.
CREATE FUNCTION test.as_account(email text, query text, at_least text DEFAULT 'token', kept boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  sub text := test.q('admin', format('SELECT user_id FROM tenantd.accounts WHERE email = %L', email));
  tenant text := CASE WHEN at_least <> 'token' THEN test.q('admin', format('SELECT id FROM tenantd.tenants WHERE bootstrapped_by = %L', sub)) ELSE '' END;
  answer text;
BEGIN
  PERFORM dblink_exec('app', 'ROLLBACK'), dblink_exec('app', 'BEGIN');
  answer := test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), sub, tenant, at_least, 'any', iss => 'https://own.example', session => test.session(email))));
  IF answer NOT LIKE '!%' THEN answer := test.q('app', query); END IF;
  PERFORM dblink_exec('app', CASE WHEN kept AND answer NOT LIKE '!%' THEN 'COMMIT' ELSE 'ROLLBACK' END);
  RETURN answer;
END $$;

SELECT is(test.visit('SELECT count(*)::text FROM tenantd.password_reset_request(''{"email": "nobody@example.com"}'')'), '1', 'where nobody has an account, a request for a new password is answered, too');
SELECT is(length(test.signup('una@example.com')), 43, 'a visitor signs up'), is(length(test.signup('leo@example.com')), 43, 'and another');

-- Nobody reads the tables, whatever context they have.
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'SELECT count(*)::text FROM tenantd.' || t, 'owner'), '!42501', 'T43: an owner reads no ' || t),
  is(test.visit('SELECT count(*)::text FROM tenantd.' || t), '!42501', 'T43: a visitor reads no ' || t),
  is(test.as_account('una@example.com', 'SELECT count(*)::text FROM tenantd.' || t), '!42501', 'T43: nor does one who signed in read ' || t),
  is(test.q('app', 'UPDATE tenantd.' || t || ' SET ' || c || ' = ' || c), '!42501', 'T43: nor is ' || t || ' changed')
FROM (VALUES ('accounts', 'salt'), ('sessions', 'used_at'), ('refresh_tokens', 'used_at'), ('account_secrets', 'used_at'), ('mail_outbox', 'state')) v (t, c);

-- A function is for one kind of context.
CREATE TABLE test.call_of (kinds text, call text);
INSERT INTO test.call_of VALUES
  ('visitor', 'tenantd.signup(''i'', ''a@b.example'', NULL, 1, ''00'', ''00'', '''', 60)'), ('visitor', 'tenantd.login(''una@example.com'', ''00'', '''', 60, false)'),
  ('visitor', 'tenantd.refresh(''x'')'), ('visitor', 'tenantd.password_reset_request(''{"email":"una@example.com"}'')'),
  ('visitor', 'tenantd.password_reset(''x'', 1, ''00'', ''00'')'), ('visitor', 'tenantd.email_verify(''{"token":"x"}'')'),
  ('visitor token', 'tenantd.account_salt(''una@example.com'', 1)'),
  ('token', 'tenantd.switch_tenant(''{}'')'), ('token', 'tenantd.logout()'), ('token', 'tenantd.logout_everywhere()'), ('token', 'tenantd.session_list()'),
  ('token', 'tenantd.session_end(gen_random_uuid())'), ('token', 'tenantd.password_change(''00'', 1, ''00'', ''00'')'), ('token', 'tenantd.email_verify_request()');
SELECT is(test.q('app', 'SELECT left(row(x)::text, 0) FROM ' || call || ' x'), '!42501', 'T40: without a context: ' || call),
  is(test.act('app', 'ann', test.tenant('alpha'), 'SELECT left(row(x)::text, 0) FROM ' || call || ' x', 'owner'), '!42501', 'T40: as an owner in a tenant: ' || call),
  is(test.as_account('una@example.com', 'SELECT left(row(x)::text, 0) FROM ' || call || ' x', 'owner'), '!42501', 'T40: as an owner who signed in here: ' || call)
FROM test.call_of;
SELECT is(test.visit('SELECT left(row(x)::text, 0) FROM ' || call || ' x'), '!42501', 'T40: as a visitor: ' || call) FROM test.call_of WHERE kinds !~ 'visitor';
SELECT is(test.as_account('una@example.com', 'SELECT left(row(x)::text, 0) FROM ' || call || ' x'), '!42501', 'T40: with a token: ' || call) FROM test.call_of WHERE kinds !~ 'token';
SELECT is(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'ann', '', 'token', 'any'))), '- ' || test.person('ann') || ' - -', 'ann with a token of another issuer'),
  is(test.act('app', 'ann', '', 'SELECT left(row(x)::text, 0) FROM ' || call || ' x', 'token', 'any'), '!TD403', 'a token of another issuer has no session here: ' || call)
FROM test.call_of WHERE kinds ~ 'token' ;
SELECT is(test.q('app', 'SELECT ' || f), '!42501', 'what works inside of them is not to be called: ' || f)
FROM unnest(ARRAY['tenantd.session_answer(NULL)', 'tenantd.session_open(NULL, ''prod'', '''', 60)', 'tenantd.sessions_end(NULL, NULL, ''user'')', 'tenantd.account_mail(NULL, ''prod'', '''', NULL)',
  'tenantd.account_secret_take(''x'', ''email_verify'')', 'tenantd.password_set(NULL, 1, '''', '''', NULL)', 'tenantd.secret_new()', 'tenantd.mail_queue(''x'', ''prod'', NULL, ''x'', ''{}'')',
  'tenantd.tenant_found(NULL, ''prod'', NULL)', 'tenantd.demand_session(NULL)']) f;

-- What a visitor's injected SQL learns of an account: its salt, which is worth nothing.
-- The answer for an address without an account takes as long, for as much is written, and taken back. (The workers may not count that.)
CREATE FUNCTION test.written_for(email text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  counted text := 'SELECT pg_stat_get_xact_tuples_inserted(''tenantd.mail_outbox''::regclass) + pg_stat_get_xact_tuples_inserted(''tenantd.account_secrets''::regclass)';
  entered text := test.enter('admin', '', '', 'visitor', 'any');
  before integer := test.q('admin', counted);
  answer text := test.q('admin', format('SELECT count(*)::text FROM tenantd.password_reset_request(%L)', jsonb_build_object('email', email)));
  after integer := test.q('admin', counted);
BEGIN
  PERFORM test.script('admin', 'ROLLBACK');
  RETURN after - before;
END $$;
SELECT is(test.written_for(w || '@example.com'), 2, 'T119: a request for a new password costs as much for ' || w) FROM unnest(ARRAY['leo', 'nobody']) w;
SELECT is(test.visit('SELECT count(*)::text FROM tenantd.password_reset_request(''{"email": "nobody@example.com"}'')', true), '1', 'one for nobody is answered'),
  is(test.q('admin', 'SELECT concat_ws('' '', (SELECT count(*) FROM tenantd.mail_outbox WHERE kind = ''password_reset''), (SELECT count(*) FROM tenantd.account_secrets WHERE purpose = ''password_reset''))'), '0 0', 'and nothing of it stays');
-- The limits of a worker know capitals of ASCII alone: an email with another spelling must not be the same account here. (U+212A is the sign
-- of Kelvin, whose small letter is k.)
SELECT is(length(test.signup('nick@example.com')), 43, 'an address with a k'), is(test.visit(format('SELECT salt <> %L FROM tenantd.account_salt(%L, 1)', repeat('5a', 16), U&'nic\212A@example.com')), 't', 'T103: is not that with the sign of Kelvin'),
  is(test.visit(format('SELECT count(*)::text FROM tenantd.password_reset_request(%L)', json_build_object('email', U&'nic\212A@example.com')), true), '1', 'whoever asks'),
  is(test.q('admin', 'SELECT count(*)::text FROM tenantd.mail_outbox WHERE kind = ''password_reset'''), '0', 'for which no mail goes there'),
  is(length(test.signup(U&'nic\212A@example.com')), 43, 'it is another account'), is(test.signup('NICK@example.com'), '!TD409', 'and capitals are the same one');
SELECT is(test.visit('SELECT salt FROM tenantd.account_salt(''una@example.com'', 1)'), repeat('5a', 16), 'a worker gets the salt'),
  is(length(test.visit('SELECT salt FROM tenantd.account_salt(''nobody@example.com'', 1)')), 32, 'T119: and one that is made up for nobody'),
  isnt(test.visit('SELECT salt FROM tenantd.account_salt(''nobody@example.com'', 1)'), test.visit('SELECT salt FROM tenantd.account_salt(''nobody@example.com'', 1)'), 'which is never the same'),
  is(test.visit(format('SELECT left(refresh_token, 0) FROM tenantd.login(''una@example.com'', %L, '''', 60, false)', encode(sha256(sha256('una@example.com'::bytea)), 'hex'))), '!TD401', 'what is kept is no password'),
  is(test.visit(format('SELECT left(refresh_token, 0) FROM tenantd.login(''UNA@example.com'', %L, '''', 60, false)', encode(sha256('una@example.com'::bytea), 'hex'))), '', 'what a worker computes is');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM tenantd.accounts WHERE password = sha256(email::bytea)$$), '0', 'what is kept is a digest of what a worker computes');

-- After a visitor's act their context is a visitor's again.
SELECT is(test.enter('app', '', '', 'visitor', 'any'), '- - - -', 'a visitor'), is(test.q('app', 'SELECT left(refresh_token, 0) FROM tenantd.signup(''https://own.example'', ''eva@example.com'', NULL, 1, '''
    || repeat('5a', 16) || ''', ''00'', '''', 60)'), '', 'signs up'),
  is(test.q('app', 'SELECT concat_ws('' '', c.kind, c.user_id, c.tenant_id, (SELECT count(*) FROM tenantd.tenants)) FROM tenantd.context() c'), 'visitor 0', 'T40: and sees nothing of it'),
  test.script('app', 'ROLLBACK');

-- The session of a token is looked at in every context.
SELECT is(test.as_account('una@example.com', 'SELECT ''in''', k), 'in', 'a session that lives opens a context of kind ' || k) FROM unnest(ARRAY['token', 'member', 'owner']) k;
SELECT is(test.as_account('una@example.com', 'SELECT ''out'' FROM tenantd.logout()', kept => true), 'out', 'logout');
SELECT is(test.as_account('una@example.com', 'SELECT ''in''', k), '!TD401', 'T20: one that has ended opens none of kind ' || k) FROM unnest(ARRAY['token', 'member', 'owner']) k;
SELECT is(test.q('app', test.call('tenantd.enter', test.claim(test.pid('app'), 'ann', test.tenant('alpha'), session => gen_random_uuid()::text))), '!TD401', 'nor does one that nobody has');
SELECT is(test.q('app', test.call('tenantd.enter', claim, test.mac(regexp_replace(claim, '[^\n]*$', ''))))::text, '!TD503', 'T40: the session stands under the proof')
FROM test.claim(test.pid('app'), 'ann', test.tenant('alpha'), session => test.session('leo@example.com')) claim;
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'SELECT ''in'''), 'in', 'whoever has no session needs none');

-- A context's email is the account's, not the token's.
SELECT is(test.as_account('leo@example.com', 'SELECT concat_ws('' '', email, email_verified) FROM tenantd.context()'), 'leo@example.com f', 'the email of an account comes from the database');

-- Where addresses are confirmed first.
CREATE FUNCTION test.signup_confirmed(email text) RETURNS text LANGUAGE sql AS $$
  SELECT test.visit(format('SELECT s::text FROM tenantd.signup_confirmed(''https://own.example'', %L, NULL, 1, %L, %L) s', email, repeat('5a', 16), encode(sha256(email::bytea), 'hex')), true)
$$;
CREATE FUNCTION test.login_confirmed(email text) RETURNS text LANGUAGE sql AS $$
  SELECT test.visit(format('SELECT left(refresh_token, 0) FROM tenantd.login(%L, %L, '''', 60, true)', email, encode(sha256(email::bytea), 'hex')))
$$;
SELECT is(test.signup_confirmed('cora@example.com'), 'true', 'T119: somebody new signs up'), is(test.signup_confirmed('cora@example.com'), 'true', 'T119: and once more, with the same answer'), is(test.q('admin', 'SELECT string_agg(kind, '' '' ORDER BY created_at) FROM tenantd.mail_outbox WHERE recipient = ''cora@example.com'''), 'email_verify account_exists', 'the mail says which'),
  is(test.login_confirmed('cora@example.com'), '!TD401', 'T119: an address that is not confirmed is as one that nobody has'), is(test.q('admin', 'UPDATE tenantd.users SET email_verified = true WHERE email = ''cora@example.com'''), 'UPDATE 1', 'once it is'), is(test.login_confirmed('cora@example.com'), '', 'they sign in');
SELECT * FROM finish();
DROP TABLE test.call_of;
DROP FUNCTION test.visit, test.written_for, test.signup_confirmed, test.login_confirmed, test.signup, test.session, test.as_account;
