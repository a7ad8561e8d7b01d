-- Keeps answers for a day, so that a repeat of a request (the header Idempotency-Key) gets the first answer. It also
-- has functions with which a statement demands something of its own outcome.
--
-- A key belongs to its caller. It is claimed, and the answer is kept, in the transaction of the change itself: so
-- there is no change without its answer, and no answer without its change. The workers can use the table only through
-- these functions.

SET LOCAL ROLE tenantd_context;

-- Whose key it is: the user's or the API key's inside a tenant, else that of the token's subject, else the visitor's, who is known by a
-- digest of the address that the worker makes.
CREATE OR REPLACE FUNCTION tenantd.idempotency_caller(user_id uuid, issuer text, subject text, visitor text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN subject IS NOT NULL THEN 'token ' || encode(sha256(convert_to(issuer || E'\n' || subject, 'UTF8')), 'hex')
    WHEN user_id IS NOT NULL THEN 'user ' || user_id ELSE 'visitor ' || visitor END
$$;

-- Claims a key, or refuses when it was claimed within the last day; the answer can then be read. When two requests
-- come at once, the second waits for the first. `request` is a digest of everything in which a repeat must be the
-- same.
CREATE OR REPLACE FUNCTION tenantd.idempotency_claim(key text, request text, visitor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  whose text;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'member', 'tenant_admin', 'owner', 'system_admin', 'token', 'visitor');
  whose := tenantd.idempotency_caller(c.user_id, c.issuer, c.subject, visitor);
  DELETE FROM tenantd.idempotency_keys k WHERE k.tenant_id IS NOT DISTINCT FROM c.tenant_id AND k.env = c.env
    AND k.caller = whose AND k.key = idempotency_claim.key AND k.created_at < now() - interval '24 hours';
  -- Each call also deletes two old keys of anybody, because some callers never come back.
  DELETE FROM tenantd.idempotency_keys k WHERE k.ctid = ANY (ARRAY(SELECT o.ctid FROM tenantd.idempotency_keys o
    WHERE o.created_at < now() - interval '24 hours' ORDER BY o.created_at LIMIT 2 FOR UPDATE SKIP LOCKED));
  INSERT INTO tenantd.idempotency_keys (tenant_id, env, caller, key, request)
  VALUES (c.tenant_id, c.env, whose, key, request) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the key was used' USING ERRCODE = 'TD409';
  END IF;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION tenantd.idempotency_keep(claimed text, body text, affected bigint, created bigint, row_key text,
  etag text, visitor text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenantd.idempotency_keys k SET body = idempotency_keep.body, affected = idempotency_keep.affected,
    created = idempotency_keep.created, row_key = idempotency_keep.row_key, etag = idempotency_keep.etag
  FROM tenantd.context() c
  WHERE k.tenant_id IS NOT DISTINCT FROM c.tenant_id AND k.env = c.env AND k.key = claimed
    AND k.caller = tenantd.idempotency_caller(c.user_id, c.issuer, c.subject, visitor);
  RETURN FOUND;
END $$;

-- Ends the transaction unless an answer was kept. When a statement found no row, its key must not stay claimed.
CREATE OR REPLACE FUNCTION tenantd.idempotency_demand(claimed text, visitor text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM tenantd.context() c JOIN tenantd.idempotency_keys k ON k.tenant_id IS NOT DISTINCT FROM c.tenant_id AND k.env = c.env
      AND k.caller = tenantd.idempotency_caller(c.user_id, c.issuer, c.subject, visitor) WHERE k.key = claimed AND k.affected IS NOT NULL) THEN
    RAISE EXCEPTION 'no answer was kept' USING ERRCODE = 'TD404';
  END IF;
  RETURN true;
END $$;

-- Returns what was kept under the caller's key; is_same says whether it was for the same request.
CREATE OR REPLACE FUNCTION tenantd.idempotency_recall(claimed text, request text, visitor text) RETURNS TABLE (body text, affected bigint,
  created bigint, row_key text, etag text, is_same boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.body, k.affected, k.created, k.row_key, k.etag, k.request = idempotency_recall.request
  FROM tenantd.context() c JOIN tenantd.idempotency_keys k ON k.tenant_id IS NOT DISTINCT FROM c.tenant_id AND k.env = c.env
    AND k.caller = tenantd.idempotency_caller(c.user_id, c.issuer, c.subject, visitor)
  WHERE k.key = claimed AND k.created_at >= now() - interval '24 hours'
$$;
GRANT EXECUTE ON FUNCTION tenantd.idempotency_claim(text, text, text), tenantd.idempotency_recall(text, text, text), tenantd.idempotency_demand(text, text),
  tenantd.idempotency_keep(text, text, bigint, bigint, text, text, text) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.idempotency_claim(text,text,text)', 'takes a key for the caller of the sealed context'),
  ('tenantd.idempotency_keep(text,text,bigint,bigint,text,text,text)', 'keeps an answer under a key of the caller of the sealed context'),
  ('tenantd.idempotency_demand(text,text)', 'says whether an answer was kept for the caller of the sealed context'),
  ('tenantd.idempotency_recall(text,text,text)', 'shows the caller of the sealed context an answer that was kept for them')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;

-- Ends the transaction with `state` when the condition is false: 'TD404' when a batch names a row that does not exist,
-- 'TD406' when one object was asked for and there was not exactly one row.
CREATE OR REPLACE FUNCTION tenantd.demand(holds boolean, state text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION 'demanded' USING ERRCODE = state;
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.demand(boolean, text) TO tenantd_app;
