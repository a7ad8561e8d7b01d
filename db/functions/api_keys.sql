-- API keys: tnt_ENV_TENANT_SECRET, where TENANT is the tenant's id in hex. So a worker knows the tenant and the env before it
-- asks; whether the key is one of that tenant is looked at when the context is entered (tenantd.enter).

SET LOCAL ROLE tenantd_context;

-- Makes a key of the caller's tenant: {"name", "role", "expires_at"}. Answers it with `key`, which nobody can read again.
-- Without a time it expires after 90 days. A key cannot make a key, so that one that leaked does not live on in others.
CREATE OR REPLACE FUNCTION tenantd.api_key_create(tenant uuid, in_env tenantd.env, fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  acting tenantd.role;
  wanted tenantd.role := coalesce(fields ->> 'role', 'member');
  until timestamptz := coalesce((fields ->> 'expires_at')::timestamptz, now() + interval '90 days');
  secret text := tenantd.secret_new();
  made tenantd.api_keys;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'tenant_admin');
  IF (tenant, in_env) IS DISTINCT FROM (c.tenant_id, c.env) THEN
    RAISE EXCEPTION 'another tenant' USING ERRCODE = 'TD012';
  END IF;
  PERFORM tenantd.demand_person(c.issuer, 'a person makes API keys, not another key');
  SELECT m.role INTO acting FROM tenantd.tenant_members m WHERE m.tenant_id = c.tenant_id AND m.user_id = c.user_id AND m.status = 'active' FOR SHARE;
  IF acting IS NULL OR wanted > acting THEN
    RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403', DETAIL = 'a key''s role is not above that of the person who makes it';
  ELSIF until <= now() OR until > now() + interval '2 years' THEN
    RAISE EXCEPTION 'no such life' USING ERRCODE = 'TD400', DETAIL = 'expires_at is in the future, and at most two years away';
  END IF;
  INSERT INTO tenantd.api_keys (tenant_id, env, name, role, digest, created_by, expires_at)
  VALUES (c.tenant_id, c.env, fields ->> 'name', wanted,
    tenantd.secret_digest(concat_ws('_', 'tnt', c.env, replace(c.tenant_id::text, '-', ''), secret)), c.user_id, until) RETURNING * INTO made;
  RETURN (SELECT row_to_json(x) FROM (SELECT made.id, made.name, made.role, made.created_by, made.created_at, made.expires_at, made.last_used_at, made.revoked_at,
    concat_ws('_', 'tnt', made.env, replace(made.tenant_id::text, '-', ''), secret) AS key) x);
END $$;

-- Whose key it is, when it is good. Notes its use, once a minute.
CREATE OR REPLACE FUNCTION tenantd.api_key_find(tenant uuid, in_env tenantd.env, given text) RETURNS tenantd.api_keys
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k tenantd.api_keys;
BEGIN
  SELECT * INTO k FROM tenantd.api_keys a
  WHERE a.tenant_id = tenant AND a.env = in_env AND a.digest = decode(given, 'hex') AND a.revoked_at IS NULL AND a.expires_at > now();
  IF k.last_used_at < now() - interval '1 minute' OR (k.id IS NOT NULL AND k.last_used_at IS NULL) THEN
    UPDATE tenantd.api_keys SET last_used_at = now() WHERE (tenant_id, id) IN (
      SELECT a.tenant_id, a.id FROM tenantd.api_keys a WHERE a.tenant_id = k.tenant_id AND a.id = k.id FOR NO KEY UPDATE SKIP LOCKED);
  END IF;
  RETURN k;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.api_key_create(uuid, tenantd.env, jsonb) TO tenantd_app;

-- Revoking is the one change of a key that the workers make. A key that is revoked stays it, whoever asks.
CREATE OR REPLACE FUNCTION tenantd.api_key_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF NEW.revoked_at IS DISTINCT FROM OLD.revoked_at OR NEW.revoked_by IS DISTINCT FROM OLD.revoked_by THEN
    IF OLD.revoked_at IS NOT NULL OR c.role < 'tenant_admin' OR OLD.role > c.role THEN
      RAISE EXCEPTION 'not to be revoked' USING ERRCODE = 'TD403';
    END IF;
    NEW.revoked_at := now();
    NEW.revoked_by := c.user_id;
  END IF;
  RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.api_key_guard() TO tenantd_owner;

SET LOCAL ROLE tenantd_owner;
INSERT INTO tenantd.open_functions VALUES ('tenantd.api_key_create(uuid,tenantd.env,jsonb)', 'makes a key of the caller''s own tenant, whose digest the workers cannot write')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
