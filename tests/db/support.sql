-- What the tests of the database stand on. Loaded into the database `control`, next to pgTAP and dblink; the
-- database under test, `tenantd`, is reached by logins of its real roles and holds nothing of this. A session
-- there is named: 'app', 'app2' (the workers' role), 'admin' (superuser), 'migrator'.

CREATE SCHEMA tap;
CREATE EXTENSION pgtap SCHEMA tap;
CREATE EXTENSION dblink SCHEMA tap;
CREATE SCHEMA test;
ALTER DATABASE control SET search_path = test, tap, pg_catalog;
ALTER DATABASE control SET client_min_messages = warning;
SET search_path = test, tap, pg_catalog;

-- Sessions ----------------------------------------------------------------------------------------------

-- Workers give the settings that they rely on when they connect: those of src/db/session.c, which `run` reads out of it.
CREATE TABLE test.given (line text);
CREATE FUNCTION test.given() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('-c %s=%s', m[1], regexp_replace(m[2], '[ \\]', '\\\&', 'g')), ' ')
  FROM test.given, regexp_match(line, '^\t\{ "(\w+)", "(.*)" \},$') m WHERE m IS NOT NULL
$$;
CREATE FUNCTION test.connect(conn text, login text, options text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT dblink_connect(conn, format('host=%s port=%s dbname=tenantd user=%s %s',
    current_setting('unix_socket_directories'), current_setting('port'), login, coalesce(options, CASE login WHEN 'tenantd_app'
      THEN format('options=''%s''', regexp_replace(test.given(), '[\\'']', '\\\&', 'g')) ELSE '' END)))
$$;

-- Closed when it is there.
CREATE FUNCTION test.close(conn text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF conn = ANY (dblink_get_connections()) THEN PERFORM dblink_disconnect(conn); END IF;
END $$;

-- What one statement answers: the values of its one column, lines of text; null for no row; its tag when it
-- answers no rows; '!SQLSTATE' when it was refused.
CREATE FUNCTION test.q(conn text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  SELECT string_agg(t.x, E'\n') INTO answer FROM dblink(conn, query) AS t (x text);
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  RETURN '!' || SQLSTATE;
END $$;

-- The text of the refusal, detail and all; null when there was none.
CREATE FUNCTION test.refusal(conn text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text;
  detail text;
BEGIN
  PERFORM 1 FROM dblink(conn, query) AS t (x text);
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RETURN message || coalesce(' / ' || nullif(detail, ''), '');
END $$;

-- Several statements in one message; the last one's tag, or '!SQLSTATE'.
CREATE FUNCTION test.script(conn text, script text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN dblink_exec(conn, script);
EXCEPTION WHEN OTHERS THEN
  RETURN '!' || SQLSTATE;
END $$;

CREATE FUNCTION test.pid(conn text) RETURNS integer LANGUAGE sql AS $$
  SELECT pid FROM dblink(conn, 'SELECT pg_catalog.pg_backend_pid()') AS t (pid integer)
$$;

-- The proof ---------------------------------------------------------------------------------------------

CREATE FUNCTION test.key() RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT sha256('the key of the tests'::bytea) $$;
CREATE FUNCTION test.key_id() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT left(encode(sha256(test.key()), 'hex'), 16) $$;

-- SHA-384(SHA-384(key) || message), written down a second time.
CREATE FUNCTION test.mac(claim text, key bytea DEFAULT test.key()) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha384(sha384(key) || convert_to(claim, 'UTF8'))
$$;

-- The message of a claim: purpose, backend, and then the parameters of tenantd.enter in their order.
CREATE FUNCTION test.claim(pid integer, sub text, tenant text DEFAULT '', at_least text DEFAULT 'member', guard text DEFAULT 'active',
  env text DEFAULT 'prod', slug text DEFAULT '', claimed boolean DEFAULT false, purpose text DEFAULT 'enter',
  issued bigint DEFAULT NULL, email text DEFAULT '', verified boolean DEFAULT false, name text DEFAULT '',
  iss text DEFAULT 'https://id.example', limits text DEFAULT '', session text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT array_to_string(ARRAY[purpose, pid::text, test.key_id(), coalesce(issued, floor(extract(epoch FROM clock_timestamp())))::text,
    at_least, guard, env, tenant, claimed::text, slug, '0af7651916cd43dd8448eb211c80319c', 'GET /v1/test', iss, sub, email, verified::text, name,
    '', limits, session], E'\n')
$$;

-- The arguments that make this claim: its fields and the proof. What is empty and no text is null.
CREATE FUNCTION test.args(claim text, mac bytea DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(quote_nullable(CASE WHEN n IN (7, 8, 18, 20) THEN nullif(v, '') ELSE v END), ', ' ORDER BY n) || format(', %L', coalesce(mac, test.mac(claim)))
  FROM string_to_table(claim, E'\n') WITH ORDINALITY AS f (v, n) WHERE n > 2
$$;
CREATE FUNCTION test.call(function text, claim text, mac bytea DEFAULT NULL, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT %s(%s%s)', function, test.args(claim, mac), more)
$$;

-- Begins a transaction on the session and enters; what enter answers, or '!SQLSTATE' (rolled back).
CREATE FUNCTION test.enter(conn text, sub text, tenant text DEFAULT '', at_least text DEFAULT 'member', guard text DEFAULT 'active',
  env text DEFAULT 'prod', slug text DEFAULT '', claimed boolean DEFAULT false, email text DEFAULT '',
  verified boolean DEFAULT false, name text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  PERFORM dblink_exec(conn, 'ROLLBACK'), dblink_exec(conn, 'BEGIN');
  answer := test.q(conn, test.call('tenantd.enter', test.claim(test.pid(conn), sub, tenant, at_least, guard, env, slug, claimed,
    'enter', NULL, email, verified, name)));
  IF answer LIKE '!%' THEN PERFORM dblink_exec(conn, 'ROLLBACK'); END IF;
  RETURN answer;
END $$;

-- One statement as that user in a transaction of its own, committed when it went well; as test.q answers.
CREATE FUNCTION test.act(conn text, sub text, tenant text, query text, at_least text DEFAULT 'member', guard text DEFAULT 'active',
  env text DEFAULT 'prod') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter(conn, sub, tenant, at_least, guard, env);
  ended text;
BEGIN
  IF answer LIKE '!%' THEN RETURN answer; END IF;
  answer := test.q(conn, query);
  ended := test.script(conn, CASE WHEN answer LIKE '!%' THEN 'ROLLBACK' ELSE 'COMMIT' END);
  RETURN CASE WHEN ended LIKE '!%' THEN ended ELSE answer END;
END $$;

-- Bootstraps that user: 'tenant user role env status created', or '!SQLSTATE'.
CREATE FUNCTION test.bootstrap(conn text, sub text, env text DEFAULT 'prod', tenant text DEFAULT '', claimed boolean DEFAULT false,
  slug text DEFAULT '', email text DEFAULT '', verified boolean DEFAULT false, name text DEFAULT '') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter(conn, sub, tenant, 'token', 'any', env, slug, claimed, email, verified, name);
BEGIN
  IF answer LIKE '!%' THEN RETURN answer; END IF;
  answer := test.q(conn, $q$SELECT concat_ws(' ', b.tenant_id, b.user_id, b.role, b.env, b.tenant_status, b.created) FROM tenantd.bootstrap() b$q$);
  PERFORM dblink_exec(conn, CASE WHEN answer LIKE '!%' THEN 'ROLLBACK' ELSE 'COMMIT' END);
  RETURN answer;
END $$;

CREATE FUNCTION test.me(conn text, sub text, env text DEFAULT 'prod', tenant text DEFAULT '', slug text DEFAULT '') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.enter(conn, sub, tenant, 'token', 'any', env, slug);
BEGIN
  IF answer LIKE '!%' THEN RETURN answer; END IF;
  answer := test.q(conn, 'SELECT tenantd.me()::text');
  PERFORM dblink_exec(conn, 'ROLLBACK');
  RETURN answer;
END $$;

-- What the isolation gate finds when a worker asks it, on a session of its own, after `setup`. When it cannot even make its
-- canary, that is a finding, and what the catalog says of it follows.
CREATE FUNCTION test.findings(setup text DEFAULT '', login text DEFAULT 'tenantd_app')
RETURNS TABLE (n bigint, object text, attempt text, finding text, mend text, mend_as text, stops text) LANGUAGE plpgsql AS $$
DECLARE
  claim text;
  ids text;
  held text := test.close('gate');
BEGIN
  PERFORM test.connect('gate', login), dblink_exec('gate', setup || ';BEGIN');
  claim := test.claim(test.pid('gate'), '', purpose => 'canary');
  BEGIN
    SELECT t.x INTO ids FROM dblink('gate', format('SELECT format(''%%L, %%L, %%L, %%L, %%L'', c.tenant_id, c.env, c.user_id, c.other_tenant_id,
      c.other_user_id) FROM tenantd.canary(%s) c', test.args(claim))) AS t (x text);
  EXCEPTION WHEN OTHERS THEN
    RETURN QUERY SELECT 0::bigint, 'the gate itself', '', SQLERRM, NULL::text, NULL::text, 'service';
    PERFORM dblink_exec('gate', 'ROLLBACK'), dblink_exec('gate', 'BEGIN');
    ids := 'NULL, NULL, NULL, NULL, NULL';
  END;
  RETURN QUERY SELECT * FROM dblink('gate', format('SELECT i.ordinality, i.object, i.attempt, i.finding, i.mend, i.mend_as, i.stops
    FROM tenantd.isolation_check(%s) WITH ORDINALITY i WHERE i.finding IS NOT NULL', ids))
    AS t (n bigint, object text, attempt text, finding text, mend text, mend_as text, stops text);
  PERFORM dblink_exec('gate', 'ROLLBACK'), test.close('gate');
EXCEPTION WHEN OTHERS THEN
  PERFORM test.close('gate');
  RETURN QUERY SELECT 0::bigint, 'the gate itself', '', SQLERRM, NULL::text, NULL::text, 'service';
END $$;

CREATE FUNCTION test.line(object text, attempt text, finding text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT concat_ws(': ', object, nullif(attempt, ''), finding)
$$;
-- A line per finding, null when it is clean.
CREATE FUNCTION test.gate(setup text DEFAULT '', login text DEFAULT 'tenantd_app') RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(test.line(f.object, f.attempt, f.finding), E'\n' ORDER BY f.n) FROM test.findings(setup, login) f
$$;

-- A world: alpha and beta in prod, gamma in dev ------------------------------------------------------------

-- Ids that can be read: tenant('alpha'), person('ann').
CREATE FUNCTION test.tenant(slug text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT substr(h, 1, 8) || '-0000-4000-8000-' || substr(h, 9, 12) FROM md5('tenant ' || slug) h
$$;
CREATE FUNCTION test.person(sub text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT substr(h, 1, 8) || '-0000-4000-9000-' || substr(h, 9, 12) FROM md5('person ' || sub) h
$$;

-- alpha: ann owner, adam tenant_admin, amy member, pat pending, sue suspended, rex rejected, rem removed
-- beta:  bob owner, ben tenant_admin, bea member        gamma (dev): cyd owner, amy member
-- in no tenant: sam; root is system_admin. Each tenant has invited guest@example.org
CREATE FUNCTION test.world() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  slug text;
  tenant_env text;
  m text[];
BEGIN
  PERFORM test.close(c) FROM unnest(ARRAY['admin', 'app', 'app2', 'migrator', 'errands']) c;
  PERFORM test.connect('admin', 'postgres'), test.connect('migrator', 'tenantd_migrator'), test.connect('errands', 'tenantd_errands'),
    test.connect('app', 'tenantd_app'), test.connect('app2', 'tenantd_app');
  PERFORM dblink_exec('admin', format('BEGIN; DO $x$ BEGIN PERFORM tenantd.context_key_add(%L); END $x$', test.key()));
  FOREACH slug IN ARRAY ARRAY['ann', 'adam', 'amy', 'pat', 'sue', 'rex', 'rem', 'bob', 'ben', 'bea', 'cyd', 'sam', 'root'] LOOP
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.users (id, issuer, subject, email, email_verified, name, system_admin)
      VALUES (%L, ''https://id.example'', %L, %L, true, %L, %L)', test.person(slug), slug, slug || '@example.org', initcap(slug),
      slug = 'root'));
  END LOOP;
  FOREACH slug IN ARRAY ARRAY['alpha', 'beta', 'gamma'] LOOP
    tenant_env := CASE slug WHEN 'gamma' THEN 'dev' ELSE 'prod' END;
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status)
      VALUES (%L, %L, %L, %L, %L, ''active'')', test.tenant(slug), tenant_env, slug, initcap(slug), initcap(slug) || ' Ltd'));
    FOREACH m SLICE 1 IN ARRAY CASE slug
      WHEN 'alpha' THEN '{{ann,owner,active},{adam,tenant_admin,active},{amy,member,active},{pat,member,pending},
        {sue,member,suspended},{rex,member,rejected},{rem,member,removed}}'::text[]
      WHEN 'beta' THEN '{{bob,owner,active},{ben,tenant_admin,active},{bea,member,active}}'
      ELSE '{{cyd,owner,active},{amy,member,active}}' END LOOP
      PERFORM dblink_exec('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at)
        VALUES (%L, %L, %L, %L, %L, now())', test.tenant(slug), tenant_env, test.person(m[1]), m[2], m[3]));
    END LOOP;
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)
      SELECT tenant_id, env, ''profile'', user_id FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''owner''',
      test.tenant(slug)));
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.ownership_offers (tenant_id, env, offered_by, user_id)
      SELECT o.tenant_id, o.env, o.user_id, m.user_id FROM tenantd.tenant_members o JOIN tenantd.tenant_members m ON m.tenant_id = o.tenant_id
      WHERE o.tenant_id = %L AND o.role = ''owner'' AND m.role = ''member'' AND m.status = ''active''', test.tenant(slug)));
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.api_keys (tenant_id, env, name, role, digest, created_by, expires_at)
      SELECT tenant_id, env, ''k'', ''member'', sha256(uuid_send(tenant_id)), user_id, now() + interval ''1 day'' FROM tenantd.tenant_members
      WHERE tenant_id = %L AND role = ''owner''', test.tenant(slug)));
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.domains (tenant_id, env, name, enrollment, challenge, added_by)
      SELECT tenant_id, env, %L, ''join'', ''c'', user_id FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''owner''', slug || '.example', test.tenant(slug)));
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at)
      SELECT tenant_id, env, ''guest@example.org'', sha256(''guest''), user_id, now() + interval ''1 day'' FROM tenantd.tenant_members WHERE tenant_id = %L AND role = ''owner''',
      test.tenant(slug)));
  END LOOP;
  PERFORM dblink_exec('admin', 'COMMIT');
END $$;

-- The tables that carry tenants, as the gate knows them.
CREATE FUNCTION test.tables() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT t.x FROM dblink('admin', 'SELECT format(''%I.%I'', schema_name, table_name) FROM tenantd.isolated_tables
    ORDER BY 1') AS t (x text)
$$;
