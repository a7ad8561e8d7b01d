-- The ledger of clients that name their tenant by a header, and whether that may be switched off.

SET LOCAL ROLE tenantd_context;

-- Notes that a request named its tenant by a header: alone, or beside the token's claim. It runs in the transaction of the
-- request, so that only what was served is noted. To keep it cheap and free of waiting, a client has one row for a day,
-- which is changed once a minute at most, and not at all when another request is changing it. It demands a worker's proof,
-- in whose purpose the values stand, so that no SQL can make up a client that would keep the switch from being made.
CREATE OR REPLACE FUNCTION tenantd.header_use(key_id text, issued_at bigint, least_role text, tenant_guard text, env tenantd.env, tenant_id uuid,
  is_claimed boolean, slug text, trace_id text, route text, issuer text, subject text, email text, email_verified boolean, name text,
  statement_ms integer, limits text, session uuid, proof bytea, is_alone boolean, client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  seen timestamptz;
BEGIN
  PERFORM tenantd.demand_proof(tenantd.claim_message(format('header %s %s', is_alone, client), key_id, issued_at, least_role, tenant_guard, env,
    tenant_id, is_claimed, slug, trace_id, route, issuer, subject, email, email_verified, name, statement_ms, limits, session), key_id, issued_at, proof);
  SELECT u.last_at INTO seen FROM tenantd.header_uses u
  WHERE (u.env, u.issuer, u.client, u.is_alone, u.day) = (header_use.env, header_use.issuer, header_use.client, header_use.is_alone, today);
  IF seen IS NULL THEN
    INSERT INTO tenantd.header_uses (env, issuer, client, is_alone, day)
    VALUES (header_use.env, header_use.issuer, header_use.client, header_use.is_alone, today) ON CONFLICT DO NOTHING;
    DELETE FROM tenantd.header_uses u WHERE u.ctid = ANY (ARRAY(SELECT o.ctid FROM tenantd.header_uses o WHERE o.day < today - 90
      LIMIT 100 FOR UPDATE SKIP LOCKED));
  ELSIF seen < date_trunc('minute', clock_timestamp()) THEN
    UPDATE tenantd.header_uses u SET minutes = u.minutes + 1, last_at = clock_timestamp() WHERE u.ctid = (SELECT o.ctid FROM tenantd.header_uses o
      WHERE (o.env, o.issuer, o.client, o.is_alone, o.day) = (header_use.env, header_use.issuer, header_use.client, header_use.is_alone, today)
        AND o.last_at = seen FOR UPDATE SKIP LOCKED);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.header_use(text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text,
  integer, text, uuid, bytea, boolean, text) TO tenantd_app;

-- The ledger, the latest use first. A client that named its tenant by a header alone within the last seven days stops the
-- switch to `off` in its env, unless the operator forced it there.
CREATE OR REPLACE FUNCTION tenantd.operator_cutover()
RETURNS TABLE (env tenantd.env, issuer text, client text, use text, last_at timestamptz, days bigint, minutes bigint, stops boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.env, u.issuer, u.client, CASE WHEN u.is_alone THEN 'alone' ELSE 'beside_claim' END, max(u.last_at), count(*), sum(u.minutes),
    u.is_alone AND max(u.last_at) > now() - interval '7 days' AND NOT EXISTS (SELECT 1 FROM tenantd.cutovers c WHERE c.env = u.env)
  FROM tenantd.header_uses u GROUP BY u.env, u.issuer, u.client, u.is_alone ORDER BY max(u.last_at) DESC
$$;

-- How many clients stop the switch in these envs. A worker asks before it serves with `off`.
CREATE OR REPLACE FUNCTION tenantd.header_clients(envs tenantd.env[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(DISTINCT (c.env, c.issuer, c.client)) FROM tenantd.operator_cutover() c WHERE c.stops AND c.env = ANY (envs)
$$;
GRANT EXECUTE ON FUNCTION tenantd.header_clients(tenantd.env[]) TO tenantd_app;

-- Allows `off` in an env (null: in all) whatever the ledger says, from now on. The system's log has who did it.
CREATE OR REPLACE FUNCTION tenantd.operator_cutover_force(in_env tenantd.env, reason text, label text) RETURNS SETOF tenantd.env
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  one tenantd.env;
BEGIN
  FOREACH one IN ARRAY CASE WHEN in_env IS NULL THEN enum_range(NULL::tenantd.env) ELSE ARRAY[in_env] END LOOP
    PERFORM tenantd.operator_begin(NULL, one, 'cutover force', label, operator_cutover_force.reason);
    INSERT INTO tenantd.cutovers AS c (env, forced_by, reason) VALUES (one, label, operator_cutover_force.reason)
    ON CONFLICT ON CONSTRAINT cutovers_pkey DO UPDATE SET forced_at = excluded.forced_at, forced_by = excluded.forced_by, reason = excluded.reason;
    RETURN NEXT one;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.operator_cutover(), tenantd.operator_cutover_force(tenantd.env, text, text) TO tenantd_migrator;

SET LOCAL ROLE tenantd_owner;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.header_use(text,bigint,text,text,tenantd.env,uuid,boolean,text,text,text,text,text,text,boolean,text,integer,text,uuid,bytea,boolean,text)',
   'notes which client named a tenant by a header; demands the proof of a worker'),
  ('tenantd.header_clients(tenantd.env[])', 'answers a number of client programs, of which it names none')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
