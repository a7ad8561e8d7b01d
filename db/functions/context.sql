-- The context of a request, as the database knows it: who, in which (tenant, env), as what.
--
-- Any role may set a custom setting, and injected SQL may call any function that the workers may call. So the way in
-- demands a proof that SQL alone cannot make: a MAC over everything the worker claims, by a key that stands in the worker's
-- configuration and, here, in a table that only tenantd_context reads. What is let in is kept in one transaction-local
-- setting under a seal: a MAC by a key that nobody outside the database has, over the values, the backend and the
-- transaction's time. A setting that was made by hand, kept from another transaction or carried to another session proves
-- nothing: context() then answers nulls, and policies that compare with nulls show no rows.
--
-- Both MACs are SHA-384(key || message), with a key of a fixed length. A digest of SHA-384 shows only a part of the
-- hash's state, so that nobody can compute the digest of a longer message from it. (With SHA-256 that would be
-- possible, and HMAC would be needed.)
--
-- Some of these functions run in every request. They do not pin search_path, because PostgreSQL 15 pays for that at every
-- call; every name, type and operator in them is qualified instead, and a test holds them to it.

SET LOCAL ROLE tenantd_context;

-- Takes a proof key (32 to 64 bytes) and answers its id: the first 16 hex digits of its SHA-256. Beside it goes a seal key
-- of 256 random bits (a random uuid has 122; three are hashed). Keys stay until they are dropped, so that workers with
-- the old one and the new one can serve at the same time.
CREATE OR REPLACE FUNCTION tenantd.context_key_add(key bytea) RETURNS text
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  key_id text := left(encode(sha256(key), 'hex'), 16);
BEGIN
  IF length(key) NOT BETWEEN 32 AND 64 THEN
    RAISE EXCEPTION 'a context key has 32 to 64 bytes, not %', length(key);
  END IF;
  -- The proof is made with the key's own digest, so that every key has the same length there.
  INSERT INTO tenantd.context_keys (id, proof_key, seal_key)
  VALUES (key_id, sha384(key),
    sha384(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
  ON CONFLICT DO NOTHING;
  RETURN key_id;
END $$;

-- A worker connects under the name of its key (src/pool/worker.c). A key that one uses is dropped only by force, because each
-- of its requests is refused from then on.
CREATE OR REPLACE FUNCTION tenantd.context_key_drop(key_id text, is_forced boolean) RETURNS boolean
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  workers bigint := (SELECT count(*) FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.usename = 'tenantd_app' AND a.application_name = 'tenantd ' || key_id);
BEGIN
  IF workers > 0 AND NOT is_forced THEN
    RAISE EXCEPTION 'workers use the key' USING ERRCODE = 'TD409',
      DETAIL = format('%s workers use the key %s: reload tenantd with the new key first', workers, key_id);
  END IF;
  DELETE FROM tenantd.context_keys WHERE id = key_id;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.context_key_add(bytea), tenantd.context_key_drop(text, boolean) TO tenantd_migrator;

-- The message over which a proof is made: the purpose, the backend and the claim, separated by line feeds. No field of
-- a worker's claim contains one (src/repo/claim.c), so that no two claims have the same message. Because of the
-- backend, a proof is worthless in another session.
CREATE OR REPLACE FUNCTION tenantd.claim_message(purpose text, key_id text, issued_at bigint, least_role text, tenant_guard text, env tenantd.env,
  tenant_id uuid, is_claimed boolean, slug text, trace_id text, route text, issuer text, subject text, email text, email_verified boolean,
  name text, statement_ms integer, limits text, session uuid) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.convert_to(pg_catalog.array_to_string(ARRAY[purpose, pg_catalog.pg_backend_pid()::pg_catalog.text, key_id,
    issued_at::pg_catalog.text, least_role, tenant_guard, env::pg_catalog.text, tenant_id::pg_catalog.text, is_claimed::pg_catalog.text, slug,
    trace_id, route, issuer, subject, email, email_verified::pg_catalog.text, name, statement_ms::pg_catalog.text, limits, session::pg_catalog.text], E'\n', ''), 'UTF8')
$$;

-- Refuses a claim whose proof does not hold, or is older than a minute.
CREATE OR REPLACE FUNCTION tenantd.demand_proof(message bytea, key_id text, issued_at bigint, proof bytea) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (SELECT sha384(k.proof_key || message) = proof FROM tenantd.context_keys k WHERE k.id = key_id) IS NOT TRUE
     OR abs(date_part('epoch', clock_timestamp()) - issued_at) > 60 THEN
    RAISE EXCEPTION 'context proof refused' USING ERRCODE = 'TD503';
  END IF;
END $$;

-- Seals a context into the setting, for this transaction on this backend: the seal in hex (96 digits), the key's id (16), the
-- body. The body has the columns of context() in their order, parted by line feeds; the nil UUID stands for no tenant.
-- The kind is the guard's least role, or "token" or "visitor" where none is demanded, or what a function of the database
-- does on its own: account, bootstrap, invited, asking, administration, ownership, operator, archive, canary. What stands from `issuer` on is there for kind token
-- and what comes of it; the issuer also for API keys, whose label is their name. `reason` says why, where an act demands
-- that; the audit rows of the act have it.
CREATE OR REPLACE FUNCTION tenantd.seal(key_id text, tenant_id uuid, env tenantd.env, user_id uuid, role tenantd.role, kind text,
  trace_id text, route text, label text, issuer text DEFAULT NULL, subject text DEFAULT NULL, email text DEFAULT NULL,
  email_verified boolean DEFAULT NULL, name text DEFAULT NULL, named_tenant uuid DEFAULT NULL, is_claimed boolean DEFAULT NULL,
  named_slug text DEFAULT NULL, session uuid DEFAULT NULL, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  body text := array_to_string(ARRAY[coalesce(tenant_id, '00000000-0000-0000-0000-000000000000')::text, env::text, user_id::text, role::text,
    kind, trace_id, route, replace(label, E'\n', ' '), issuer, subject, email, email_verified::text, name, named_tenant::text, is_claimed::text,
    named_slug, session::text, replace(reason, E'\n', ' ')], E'\n', '');
BEGIN
  PERFORM set_config('tenantd.context', encode(sha384(k.seal_key || convert_to(body, 'UTF8') || int4send(pg_backend_pid())
    || timestamptz_send(now())), 'hex') || key_id || body, true)
  FROM tenantd.context_keys k WHERE k.id = key_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no context key to seal with' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
END $$;

-- The sealed body, or null when there is none or the seal is wrong. The policies call this once per statement, so that
-- it is kept as short as possible.
CREATE OR REPLACE FUNCTION tenantd.sealed() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
  setting pg_catalog.text := pg_catalog.current_setting('tenantd.context', true);
  body pg_catalog.text := pg_catalog.substr(setting, 113);
BEGIN
  IF (SELECT pg_catalog.encode(pg_catalog.sha384(k.seal_key OPERATOR(pg_catalog.||) pg_catalog.convert_to(body, 'UTF8')
        OPERATOR(pg_catalog.||) pg_catalog.int4send(pg_catalog.pg_backend_pid()) OPERATOR(pg_catalog.||) pg_catalog.timestamptz_send(pg_catalog.now())), 'hex')
        OPERATOR(pg_catalog.=) pg_catalog.left(setting, 96)
      FROM tenantd.context_keys k WHERE k.id OPERATOR(pg_catalog.=) pg_catalog.substr(setting, 97, 16)) THEN
    RETURN body;
  END IF;
  RETURN NULL;
END $$;

-- The parts of the sealed body, for triggers and other functions. Without a context they are null.
CREATE OR REPLACE FUNCTION tenantd.context(OUT tenant_id uuid, OUT env tenantd.env, OUT user_id uuid, OUT role tenantd.role, OUT kind text,
  OUT trace_id text, OUT route text, OUT label text, OUT issuer text, OUT subject text, OUT email text, OUT email_verified boolean,
  OUT name text, OUT named_tenant uuid, OUT is_claimed boolean, OUT named_slug text, OUT session uuid, OUT reason text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  f pg_catalog.text[] := pg_catalog.array_replace(pg_catalog.string_to_array(tenantd.sealed(), E'\n'), '', NULL);
BEGIN
  IF NOT pg_catalog.starts_with(f[1], '00000000-0000-0000-0000-000000000000') THEN tenant_id := f[1]; END IF;
  env := f[2];
  user_id := f[3];
  role := f[4];
  kind := f[5];
  trace_id := f[6];
  route := f[7];
  label := f[8];
  issuer := f[9];
  subject := f[10];
  email := f[11];
  email_verified := f[12];
  name := f[13];
  named_tenant := f[14];
  is_claimed := f[15];
  named_slug := f[16];
  session := f[17];
  reason := f[18];
END $$;
GRANT EXECUTE ON FUNCTION tenantd.sealed(), tenantd.context() TO tenantd_app, tenantd_owner;

-- Refuses a context whose kind is not one of these. Every function that the workers may call begins with this, so that
-- it can only be used by those for whom it was made: a visitor's context opens nothing that does not name "visitor".
CREATE OR REPLACE FUNCTION tenantd.demand_kind(kind text, VARIADIC kinds text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (kind = ANY (kinds)) IS NOT TRUE THEN
    RAISE EXCEPTION 'not for a context of kind %', coalesce(kind, 'none') USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- Refuses an API key what a person must answer for, or be told of, later.
CREATE OR REPLACE FUNCTION tenantd.demand_person(issuer text, why text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF issuer = 'tenantd:api-key' THEN
    RAISE EXCEPTION 'not for an API key' USING ERRCODE = 'TD403', DETAIL = why;
  END IF;
END $$;

-- The way in. The worker says what the token claims and what the route demands; the database looks up user, membership
-- and tenant, refuses by SQLSTATE (include/core/error.h has the table) or seals the context. It is called first in every
-- transaction; roles and statuses are read here, every time. It answers "tenant id, user id, role, tenant status" parted
-- by spaces, "-" for what there is not.
CREATE OR REPLACE FUNCTION tenantd.enter(key_id text, issued_at bigint, least_role text, tenant_guard text, env tenantd.env, tenant_id uuid,
  is_claimed boolean, slug text, trace_id text, route text, issuer text, subject text, email text, email_verified boolean, name text,
  statement_ms integer, limits text, session uuid, proof bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  message bytea := tenantd.claim_message('enter', key_id, issued_at, least_role, tenant_guard, env, tenant_id, is_claimed, slug, trace_id, route,
    issuer, subject, email, email_verified, name, statement_ms, limits, session);
  k tenantd.context_keys;
  key tenantd.api_keys;
  m record;
  refusal text;
  body text;
BEGIN
  -- The proof and the seal are computed here, as demand_proof and seal do it: each call would cost time in every
  -- request.
  SELECT * INTO k FROM tenantd.context_keys WHERE id = key_id;
  IF (sha384(k.proof_key || message) = proof AND abs(date_part('epoch', clock_timestamp()) - issued_at) <= 60) IS NOT TRUE THEN
    RAISE EXCEPTION 'context proof refused' USING ERRCODE = 'TD503';
  END IF;
  -- A session begins with the statement_timeout of requests that only read. One that writes gets more.
  IF statement_ms IS NOT NULL THEN
    PERFORM set_config('statement_timeout', statement_ms::text, true);
  END IF;
  IF limits <> '' THEN
    PERFORM tenantd.take_limits(limits, true);
  END IF;
  -- A token of tenantd's own issuer names its session, and is worth nothing after that has ended.
  IF session IS NOT NULL AND NOT EXISTS (SELECT FROM tenantd.sessions s
      WHERE s.id = session AND s.env = enter.env AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()) THEN
    RAISE EXCEPTION 'the session has ended' USING ERRCODE = 'TD401', DETAIL = 'the session of this token has ended: sign in again';
  END IF;

  -- An API key is a member of its tenant, and nobody anywhere else. It stops with the tenant.
  IF issuer = 'tenantd:api-key' THEN
    key := tenantd.api_key_find(tenant_id, env, subject);
    SELECT t.status AS standing, t.slug INTO m FROM tenantd.tenants t WHERE t.id = key.tenant_id AND t.env = key.env;
    IF key.id IS NULL THEN
      RAISE EXCEPTION 'API key refused' USING ERRCODE = 'TD401', DETAIL = 'this API key is unknown, revoked or expired';
    ELSIF slug <> '' AND slug <> m.slug THEN
      RAISE EXCEPTION 'refused' USING ERRCODE = 'TD011';
    ELSIF m.standing NOT IN ('onboarding', 'active') OR (tenant_guard = 'active' AND m.standing <> 'active') THEN
      RAISE EXCEPTION 'refused' USING ERRCODE = 'TD013';
    ELSIF least_role NOT IN ('member', 'tenant_admin', 'owner') THEN
      RAISE EXCEPTION 'refused' USING ERRCODE = 'TD403', DETAIL = 'this is for people: an API key acts inside of its tenant alone';
    ELSIF key.role < least_role::tenantd.role THEN
      RAISE EXCEPTION 'refused' USING ERRCODE = 'TD403';
    END IF;
    PERFORM tenantd.seal(k.id, key.tenant_id, env, key.id, key.role, least_role, trace_id, route, key.name, issuer);
    RETURN concat_ws(' ', key.tenant_id, key.id, key.role, m.standing);
  ELSIF least_role IN ('member', 'tenant_admin', 'owner') THEN
    IF tenant_id IS NULL THEN
      tenant_id := (SELECT t.id FROM tenantd.tenants t WHERE t.env = enter.env AND t.slug = enter.slug);
    END IF;
    SELECT u.id AS user_id, tm.role, tm.status, t.status AS standing, t.slug INTO m
    FROM tenantd.users u
    JOIN tenantd.tenant_members tm ON tm.user_id = u.id AND tm.env = enter.env
    JOIN tenantd.tenants t ON t.id = tm.tenant_id AND t.env = tm.env
    WHERE u.issuer = enter.issuer AND u.subject = enter.subject AND tm.tenant_id = enter.tenant_id;
    -- A tenant that does not exist, that is another's, or from which the caller was removed: all get the same answer.
    refusal := CASE
      WHEN m.status IS NULL OR m.status IN ('removed', 'rejected') THEN 'TD012'
      WHEN slug <> '' AND slug <> m.slug THEN 'TD011'
      WHEN m.status = 'pending' THEN 'TD014'
      WHEN m.status = 'suspended' THEN 'TD015'
      WHEN tenant_guard = 'any' OR m.standing = 'active' OR (tenant_guard = 'open' AND m.standing = 'onboarding') THEN
        CASE WHEN m.role < least_role::tenantd.role THEN 'TD403' END
      ELSE 'TD013' END;
    IF refusal IS NULL THEN
      body := concat_ws(E'\n', tenant_id, env, m.user_id, m.role, least_role, trace_id, route);
      PERFORM set_config('tenantd.context', encode(sha384(k.seal_key || convert_to(body, 'UTF8') || int4send(pg_backend_pid())
        || timestamptz_send(now())), 'hex') || k.id || body, true);
      RETURN concat_ws(' ', tenant_id, m.user_id, m.role, m.standing);
    END IF;
    RAISE EXCEPTION 'refused' USING ERRCODE = refusal;
  ELSIF least_role = 'visitor' THEN
    PERFORM tenantd.seal(k.id, NULL, env, NULL, NULL, least_role, trace_id, route, NULL);
    RETURN '- - - -';
  ELSIF least_role IN ('token', 'system_admin') THEN
    -- With a token alone no tenant is entered; the context holds the identity of the token.
    SELECT u.id AS user_id, u.system_admin, u.email, u.email_verified, u.name INTO m
    FROM tenantd.users u WHERE u.issuer = enter.issuer AND u.subject = enter.subject;
    -- Of an account of its own the database knows better than a token that was made some time ago.
    IF session IS NOT NULL THEN
      email := m.email;
      email_verified := m.email_verified;
      name := m.name;
    END IF;
    IF least_role = 'token' OR m.system_admin THEN
      PERFORM tenantd.seal(k.id, NULL, env, m.user_id, NULL, least_role, trace_id, route, NULL, issuer, subject, email, email_verified, name,
        tenant_id, is_claimed, slug, session);
      RETURN '- ' || coalesce(m.user_id::text, '-') || ' - -';
    END IF;
  END IF;
  RAISE EXCEPTION 'refused' USING ERRCODE = 'TD403';
END $$;
GRANT EXECUTE ON FUNCTION tenantd.enter(text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text, integer,
  text, uuid, bytea) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

-- The version of the interface between workers and database. A tenantd that was built for another one does not serve
-- (src/repo/gate.c). Increase it when a function that the workers call changes so that the old call would fail.
CREATE OR REPLACE FUNCTION tenantd.interface() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1 $$;
GRANT EXECUTE ON FUNCTION tenantd.interface() TO tenantd_app, tenantd_migrator;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.sealed()', 'answers the sealed context of the transaction, to its own session'),
  ('tenantd.enter(text,bigint,text,text,tenantd.env,uuid,boolean,text,text,text,text,text,text,boolean,text,integer,text,uuid,bytea)',
   'seals the context; demands the proof of a worker')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
