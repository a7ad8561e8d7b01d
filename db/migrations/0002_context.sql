-- The context of a request, as the database knows it: who, in which (tenant, env), as what.
--
-- Any role may set a custom setting, and injected SQL may call any function that the workers may call. So
-- the way in demands a proof that SQL alone cannot make: an HMAC over everything the worker claims, by a key
-- that stands in the worker's configuration and, here, in a table that only tenantd_context reads. What is
-- let in is kept in one transaction-local setting under a second HMAC, by a key that no one outside the
-- database has, over the values, the backend and the transaction's time. A setting made by hand, kept from
-- another transaction or carried to another session proves nothing: context() then answers nulls, and
-- policies that compare with nulls show no rows.
--
-- HMAC is RFC 2104 over SHA-256: sha256(opad || sha256(ipad || message)), the padded keys kept ready.

CREATE TABLE tenantd.context_keys (
  id text COLLATE "C" PRIMARY KEY,
  proof_ipad bytea NOT NULL,
  proof_opad bytea NOT NULL,
  seal_ipad bytea NOT NULL,
  seal_opad bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenantd.context_keys IS 'A key that workers share, by its fingerprint, and the database''s own beside it';
ALTER TABLE tenantd.context_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY context_access ON tenantd.context_keys TO tenantd_context USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON tenantd.context_keys TO tenantd_context;
GRANT SELECT ON tenantd.users, tenantd.tenants, tenantd.tenant_members TO tenantd_context;

SET LOCAL ROLE tenantd_context;

-- Key material as the two pads of HMAC. For a key of at most 64 bytes.
CREATE FUNCTION tenantd.key_pad(key bytea, pad integer) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  padded bytea := key || decode(repeat('00', 64 - length(key)), 'hex');
BEGIN
  FOR i IN 0..63 LOOP
    padded := set_byte(padded, i, get_byte(padded, i) # pad);
  END LOOP;
  RETURN padded;
END $$;

-- Takes a proof key (32..64 bytes) and answers its id: the first 16 hex digits of its SHA-256. Beside it goes
-- a seal key of 256 random bits (a random uuid has 122; three are hashed). Keys stay until they are dropped,
-- so that workers with the old and the new one can serve at the same time.
CREATE FUNCTION tenantd.context_key_add(key bytea) RETURNS text
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  key_id text := left(encode(sha256(key), 'hex'), 16);
  seal bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
BEGIN
  IF length(key) NOT BETWEEN 32 AND 64 THEN
    RAISE EXCEPTION 'a context key has 32 to 64 bytes, not %', length(key);
  END IF;
  INSERT INTO tenantd.context_keys (id, proof_ipad, proof_opad, seal_ipad, seal_opad)
  VALUES (key_id, tenantd.key_pad(key, 54), tenantd.key_pad(key, 92), tenantd.key_pad(seal, 54),
    tenantd.key_pad(seal, 92))
  ON CONFLICT DO NOTHING;
  RETURN key_id;
END $$;

CREATE FUNCTION tenantd.context_key_drop(key_id text) RETURNS boolean
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM tenantd.context_keys WHERE id = key_id;
  RETURN FOUND;
END $$;

-- The fields of a worker's claim, once its proof holds. The claim is one text, its fields parted by line
-- feeds (src/repo/tx.c writes it, in this order):
--    1 key id     2 purpose       3 issued at, seconds since 1970   4 backend's pid
--    5 least      6 tenant guard  7 env       8 tenant id           9 tenant id is from the token (t, f)
--   10 slug      11 trace id     12 route    13 issuer             14 subject
--   15 email     16 email is verified (t, f)  17 name
--   18 longest time of a statement in ms, when it is another than the session's
CREATE FUNCTION tenantd.proven(claim text, mac bytea, purpose text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f text[] := string_to_array(claim, E'\n');
  ipad bytea;
  opad bytea;
BEGIN
  SELECT proof_ipad, proof_opad INTO ipad, opad FROM tenantd.context_keys WHERE id = f[1];
  IF sha256(opad || sha256(ipad || convert_to(claim, 'UTF8'))) = mac AND f[2] = purpose
     AND f[4]::integer = pg_backend_pid() AND array_length(f, 1) = 18
     AND abs(date_part('epoch', clock_timestamp()) - f[3]::float8) <= 60 THEN
    RETURN f;
  END IF;
  RAISE EXCEPTION 'context proof refused' USING ERRCODE = 'invalid_authorization_specification';
END $$;

-- Seals a context into the setting, for this transaction on this backend. The body is text, its fields
-- parted by line feeds:
--    1 tenant id, the nil UUID for none        2 env      3 user id    4 role    5 kind
--    6 trace id   7 route         8 label of an operator
-- and where the caller's identity is worked with (kind token and what comes of it):
--    9 issuer    10 subject      11 email    12 email is verified     13 name
--   14 named tenant id           15 named by the token                16 named slug
-- kind is the guard's least role, or what a function of the database does on its own: bootstrap, operator,
-- canary. The setting is the seal in hex (64), the key's id (16), the body.
CREATE FUNCTION tenantd.seal(key_id text, body text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ipad bytea;
  opad bytea;
BEGIN
  SELECT seal_ipad, seal_opad INTO STRICT ipad, opad FROM tenantd.context_keys WHERE id = key_id;
  PERFORM set_config('tenantd.context', encode(sha256(opad || sha256(ipad || convert_to(body, 'UTF8')
    || int4send(pg_backend_pid()) || timestamptz_send(now()))), 'hex') || key_id || body, true);
END $$;

-- The sealed body, or null when there is none or the seal does not hold. This is what the policies ask, once
-- per statement: kept as short as it can be.
CREATE FUNCTION tenantd.sealed() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  setting text := current_setting('tenantd.context', true);
  ipad bytea;
  opad bytea;
BEGIN
  SELECT seal_ipad, seal_opad INTO ipad, opad FROM tenantd.context_keys WHERE id = substr(setting, 65, 16);
  IF encode(sha256(opad || sha256(ipad || convert_to(substr(setting, 81), 'UTF8')
     || int4send(pg_backend_pid()) || timestamptz_send(now()))), 'hex') = left(setting, 64) THEN
    RETURN substr(setting, 81);
  END IF;
  RETURN NULL;
END $$;

-- The same in its parts, for triggers and the functions of the domain; nulls without a context.
CREATE FUNCTION tenantd.context(OUT tenant_id uuid, OUT env tenantd.env, OUT user_id uuid,
  OUT role tenantd.role, OUT kind text, OUT fields text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  fields := string_to_array(tenantd.sealed(), E'\n');
  SELECT nullif(fields[1], '00000000-0000-0000-0000-000000000000'), nullif(fields[2], ''), nullif(fields[3], ''),
    nullif(fields[4], ''), fields[5] INTO tenant_id, env, user_id, role, kind;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.sealed(), tenantd.context() TO tenantd_app, tenantd_owner;

-- The way in. The worker says what the token claims and what the route demands; the database looks up
-- user, membership and tenant, refuses by SQLSTATE (include/core/error.h has the table) or seals the
-- context. Called first in every transaction; roles and statuses are read here, every time. Answers
-- "tenant id, user id, role, tenant status" parted by spaces, "-" for what there is not. Proof and seal
-- are written out here (they are proven() and seal()): each call of a function from another costs
-- microseconds, and every request pays.
CREATE FUNCTION tenantd.enter(claim text, mac bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f text[] := string_to_array(claim, E'\n');
  proof_in bytea;
  proof_out bytea;
  seal_in bytea;
  seal_out bytea;
  caller uuid;
  held tenantd.role;
  membership tenantd.member_status;
  standing tenantd.tenant_status;
  tenant_slug text;
  refusal text;
  body text;
BEGIN
  SELECT proof_ipad, proof_opad, seal_ipad, seal_opad INTO proof_in, proof_out, seal_in, seal_out
  FROM tenantd.context_keys WHERE id = f[1];
  IF sha256(proof_out || sha256(proof_in || convert_to(claim, 'UTF8'))) = mac AND f[2] = 'enter'
     AND f[4]::integer = pg_backend_pid() AND array_length(f, 1) = 18
     AND abs(date_part('epoch', clock_timestamp()) - f[3]::float8) <= 60 THEN
    NULL;
  ELSE
    RAISE EXCEPTION 'context proof refused' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
  -- A session begins with the time of what only reads: what writes has more.
  IF f[18] <> '' THEN
    PERFORM set_config('statement_timeout', f[18], true);
  END IF;

  IF f[5] IN ('member', 'tenant_admin', 'owner') THEN
    IF f[8] = '' THEN
      f[8] := (SELECT t.id FROM tenantd.tenants t WHERE t.env = f[7]::tenantd.env AND t.slug = f[10]);
    END IF;
    SELECT u.id, m.role, m.status, t.status, t.slug INTO caller, held, membership, standing, tenant_slug
    FROM tenantd.users u
    JOIN tenantd.tenant_members m ON m.user_id = u.id AND m.env = f[7]::tenantd.env
    JOIN tenantd.tenants t ON t.id = m.tenant_id AND t.env = m.env
    WHERE u.issuer = f[13] AND u.subject = f[14] AND m.tenant_id = f[8]::uuid;
    -- What does not exist, what is another's and what one was put out of look the same.
    refusal := CASE
      WHEN membership IS NULL OR membership IN ('removed', 'rejected') THEN 'TD012'
      WHEN f[10] <> '' AND f[10] <> tenant_slug THEN 'TD011'
      WHEN membership = 'pending' THEN 'TD014'
      WHEN membership = 'suspended' THEN 'TD015'
      WHEN f[6] = 'any' OR standing = 'active' OR (f[6] = 'open' AND standing = 'onboarding') THEN
        CASE WHEN held < f[5]::tenantd.role THEN 'TD403' END
      ELSE 'TD013' END;
    IF refusal IS NULL THEN
      body := concat_ws(E'\n', f[8], f[7], caller, held, f[5], f[11], f[12]);
      body := set_config('tenantd.context', encode(sha256(seal_out || sha256(seal_in || convert_to(body, 'UTF8')
        || int4send(pg_backend_pid()) || timestamptz_send(now()))), 'hex') || f[1] || body, true);
      RETURN concat_ws(' ', f[8], caller, held, standing);
    END IF;
    RAISE EXCEPTION 'refused' USING ERRCODE = refusal;
  END IF;

  -- A token alone: no tenant is entered, the identity goes along.
  IF f[5] = 'token' OR f[5] = 'system_admin' THEN
    SELECT u.id::text, CASE WHEN f[5] = 'token' OR u.system_admin THEN '' END INTO body, refusal
    FROM (SELECT 1) one LEFT JOIN tenantd.users u ON u.issuer = f[13] AND u.subject = f[14];
    IF refusal = '' THEN
      PERFORM tenantd.seal(f[1], array_to_string(ARRAY['00000000-0000-0000-0000-000000000000', f[7], body, '', f[5],
        f[11], f[12], ''] || f[13:17] || f[8:10], E'\n', ''));
      RETURN '- ' || coalesce(body, '-') || ' - -';
    END IF;
  END IF;
  RAISE EXCEPTION 'refused' USING ERRCODE = 'TD403';
END $$;
GRANT EXECUTE ON FUNCTION tenantd.enter(text, bytea) TO tenantd_app;
GRANT EXECUTE ON FUNCTION tenantd.context_key_add(bytea), tenantd.context_key_drop(text) TO tenantd_migrator;

SET LOCAL ROLE tenantd_owner;
