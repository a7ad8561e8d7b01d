-- Secrets that are given away once, such as the token of an invitation. Only their digest is kept.

SET LOCAL ROLE tenantd_context;

-- A new secret of 256 bits as base64url. It is hashed from three random uuids, of 122 random bits each.
CREATE OR REPLACE FUNCTION tenantd.secret_new() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT rtrim(translate(encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    'base64'), '+/', '-_'), '=')
$$;

-- What is kept of a secret. It needs no salt and no slow hash, because nobody can guess 256 random bits.
CREATE OR REPLACE FUNCTION tenantd.secret_digest(secret text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(convert_to(secret, 'UTF8'))
$$;
