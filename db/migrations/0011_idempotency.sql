-- What the routes of resources need beside the tables themselves: answers that are kept for a repeat of their
-- request, and a way for a statement to demand something of its own outcome.

-- A key is the caller's, for a day. It is claimed and its answer kept in the transaction of the change itself:
-- there is no change without its answer and no answer without its change.
CREATE TABLE tenantd.idempotency_keys (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  user_id uuid NOT NULL REFERENCES tenantd.users ON DELETE CASCADE,
  key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request text COLLATE "C" NOT NULL,
  body text,
  affected bigint,
  created bigint,
  row_key text,
  etag text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id, key),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_age ON tenantd.idempotency_keys (tenant_id, user_id, created_at);
COMMENT ON TABLE tenantd.idempotency_keys IS 'Answers kept a day for repeats of their request; bookkeeping, not audited';
COMMENT ON COLUMN tenantd.idempotency_keys.request IS 'SHA-256 of what makes two requests the same';

SELECT tenantd.wall('tenantd.idempotency_keys');
CREATE POLICY tenant_isolation ON tenantd.idempotency_keys TO tenantd_app
  USING ((tenant_id, env, user_id) = (SELECT split_part(s.sealed, E'\n', 1)::uuid,
      split_part(s.sealed, E'\n', 2)::tenantd.env, nullif(split_part(s.sealed, E'\n', 3), '')::uuid
    FROM (SELECT tenantd.sealed() OFFSET 0) s));
GRANT SELECT, INSERT (tenant_id, env, user_id, key, request), UPDATE (body, affected, created, row_key, etag), DELETE
  ON tenantd.idempotency_keys TO tenantd_app;
SELECT tenantd.expect('tenantd.idempotency_keys', '(tenant_id, env, user_id) IS DISTINCT FROM ($1, $2, $3)',
  '(tenant_id, env, user_id, key, request) VALUES ($1, $2, $3, ''canary'', ''canary'')');

-- Takes a key, or refuses when it was taken in the last day: then what was answered is there to be read. Of two at
-- once the second waits for the first.
CREATE FUNCTION tenantd.idempotency_claim(tenant uuid, in_env tenantd.env, key text, request text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  caller uuid := (SELECT c.user_id FROM tenantd.context() c);
BEGIN
  DELETE FROM tenantd.idempotency_keys k
  WHERE k.tenant_id = tenant AND k.env = in_env AND k.user_id = caller AND k.created_at < now() - interval '24 hours';
  INSERT INTO tenantd.idempotency_keys (tenant_id, env, user_id, key, request)
  VALUES (tenant, in_env, caller, key, request) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the key was used' USING ERRCODE = 'TD409';
  END IF;
  RETURN true;
END $$;

CREATE FUNCTION tenantd.idempotency_keep(claimed text, body text, affected bigint, created bigint, row_key text,
  etag text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenantd.idempotency_keys k SET body = idempotency_keep.body, affected = idempotency_keep.affected,
    created = idempotency_keep.created, row_key = idempotency_keep.row_key, etag = idempotency_keep.etag
  FROM tenantd.context() c
  WHERE k.tenant_id = c.tenant_id AND k.env = c.env AND k.user_id = c.user_id AND k.key = claimed;
  RETURN FOUND;
END $$;

-- Ends the transaction with `state` unless it holds: 'TD404' when a batch names a row that is not there, 'TD406' when
-- one row was asked for and it was not one.
CREATE FUNCTION tenantd.demand(holds boolean, state text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION 'demanded' USING ERRCODE = state;
  END IF;
  RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION tenantd.idempotency_claim(uuid, tenantd.env, text, text),
  tenantd.idempotency_keep(text, text, bigint, bigint, text, text), tenantd.demand(boolean, text) TO tenantd_app;
