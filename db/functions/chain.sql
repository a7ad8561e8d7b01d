-- The audit logs are chained at checkpoints. A checkpoint lists the rows that no earlier one covers, with the digest of each; its own
-- digest is made of that list and of the digest before it; and tenantctl signs it with a key that the database never sees. Writing
-- an audit row costs nothing more for it.
--
-- Neither the times nor the ids of rows are the order in which they were committed, and a transaction may commit at any time after
-- a checkpoint. So a checkpoint is no "all rows up to here": it names its rows. What it cannot see yet is on no list, and so the next
-- one takes it. (A border of transaction ids, such as the xmin of a snapshot, would do the same only until the database is
-- restored from a dump or a tenant is imported, for then all rows get new ones.)
--
-- `log` is a tenant's id, or the nil UUID for what happens in no tenant. The functions that compare many rows with long lists have
-- enable_nestloop off: PostgreSQL does not know how long the lists are, and would go through them for each row. What it has to do all the
-- same in this way it takes for so expensive that it would compile it: hence jit off.

SET LOCAL ROLE tenantd_context;

-- The rows of a log that no checkpoint covers, in the order of the log, behind the row (after_at, after_id). The time counts as well as
-- the id: a row that was moved, or that has another one's id, is not covered. Refusals are left out while their count may grow,
-- when that is asked for.
CREATE OR REPLACE FUNCTION tenantd.chain_tail(of_log uuid, most integer, after_at timestamptz DEFAULT NULL, after_id uuid DEFAULT NULL,
  only_settled boolean DEFAULT false) RETURNS TABLE (at timestamptz, id uuid, is_counted boolean, line text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
  WITH t AS MATERIALIZED (
    SELECT e.at, e.id FROM tenantd.audit_lines e
    WHERE e.log = of_log AND (after_at IS NULL OR (e.at, e.id) > (after_at, after_id))
      AND NOT (only_settled AND e.is_counted AND e.at > clock_timestamp() - interval '1 hour')
      AND NOT EXISTS (SELECT 1 FROM tenantd.audit_checkpoints c, unnest(c.row_ids) r (id)
        WHERE c.tenant_id = of_log AND r.id = e.id AND e.at BETWEEN c.first_at AND c.last_at)
    ORDER BY e.at, e.id LIMIT most)
  SELECT e.at, e.id, e.is_counted, e.line FROM t JOIN tenantd.audit_lines e ON (e.at, e.id) = (t.at, t.id)
  WHERE e.log = of_log AND e.at BETWEEN (SELECT min(t.at) FROM t) AND (SELECT max(t.at) FROM t)
  ORDER BY e.at, e.id
$$;

-- The rows that are left of those that a checkpoint covers, in the order of the log.
CREATE OR REPLACE FUNCTION tenantd.chain_rows(of_log uuid, of_number integer) RETURNS TABLE (line text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
  SELECT e.line FROM (SELECT unnest(c.row_ids) AS id FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log AND c.number = of_number) r
  JOIN tenantd.audit_lines e ON e.id = r.id
  WHERE e.log = of_log AND e.at BETWEEN (SELECT c.first_at FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log AND c.number = of_number)
    AND (SELECT c.last_at FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log AND c.number = of_number)
  ORDER BY e.at, e.id
$$;

-- The checkpoints of a log, as they are exported.
CREATE OR REPLACE FUNCTION tenantd.chain_checkpoints(of_log uuid, after integer, most integer) RETURNS TABLE (number integer, line text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.number, json_strip_nulls(json_build_object('checkpoint', c.number, 'ids', c.row_ids, 'digests', encode(c.row_digests, 'hex'),
    'statement', c.statement))::text
  FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log AND c.number > after ORDER BY c.number LIMIT most
$$;

-- Of these rows, the refusals whose count cannot grow any more. It may, within its minute (tenantd.refuse), and so long as the
-- transaction that does it is on its way. So a refusal is covered after an hour, when audit_is_forever lets nobody count any more, and
-- not while somebody has it in hand.
CREATE OR REPLACE FUNCTION tenantd.chain_settled(of_log uuid, ids uuid[], since timestamptz, until timestamptz) RETURNS SETOF uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF of_log = '00000000-0000-0000-0000-000000000000' THEN
    RETURN QUERY SELECT e.id FROM tenantd.system_events e WHERE e.at BETWEEN since AND until AND e.id = ANY (ids) FOR SHARE SKIP LOCKED;
  ELSE
    RETURN QUERY SELECT e.id FROM tenantd.audit_events e
      WHERE e.tenant_id = of_log AND e.at BETWEEN since AND until AND e.id = ANY (ids) FOR SHARE SKIP LOCKED;
  END IF;
END $$;

-- The digest of a checkpoint: of the one before, of its ids, and of the digests of its rows.
CREATE OR REPLACE FUNCTION tenantd.chain_digest(previous bytea, ids uuid[], digests bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(previous || coalesce((SELECT string_agg(uuid_send(i.id), '' ORDER BY i.n) FROM unnest(ids) WITH ORDINALITY i (id, n)), '') || digests)
$$;

-- What the next checkpoint of a log says, for tenantctl to sign and to give to chain_keep in the same transaction: no two are made
-- at once. It covers `most` rows at most. `keep_from` is the first checkpoint whose rows are still kept (null: as it was). There is no
-- answer when there is nothing to say.
CREATE OR REPLACE FUNCTION tenantd.chain_next(of_log uuid, most integer, keep_from integer DEFAULT NULL,
  OUT ids uuid[], OUT digests bytea, OUT said text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
DECLARE
  last tenantd.audit_checkpoints;
  open uuid[];
  since timestamptz;
  until timestamptz;
  settled uuid[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('tenantd audit checkpoint ' || of_log, 0));
  SELECT * INTO last FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log ORDER BY c.number DESC LIMIT 1;
  SELECT array_agg(t.id), array_agg(t.id) FILTER (WHERE t.is_counted), min(t.at), max(t.at) INTO ids, open, since, until
  FROM tenantd.chain_tail(of_log, most, only_settled => true) t;
  settled := ARRAY(SELECT tenantd.chain_settled(of_log, open, since, until));
  SELECT coalesce(array_agg(e.id ORDER BY e.at, e.id), '{}'), coalesce(string_agg(sha256(convert_to(e.line, 'UTF8')), '' ORDER BY e.at, e.id), ''),
    min(e.at), max(e.at) INTO ids, digests, since, until
  FROM unnest(ids) r (id) JOIN tenantd.audit_lines e ON e.id = r.id
  WHERE e.log = of_log AND e.at BETWEEN since AND until AND (NOT e.is_counted OR e.id = ANY (settled));
  IF ids = '{}' AND coalesce(keep_from, 1) <= coalesce(last.kept_from, 1) THEN
    RETURN;
  END IF;
  said := json_strip_nulls(json_build_object('kind', 'audit-checkpoint', 'log', of_log, 'number', coalesce(last.number, 0) + 1,
    'made_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'rows', cardinality(ids), 'last_row', ids[cardinality(ids)],
    'first_at', to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'last_at', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'kept_from', greatest(keep_from, last.kept_from, 1),
    'previous', encode(coalesce(last.digest, decode(repeat('00', 32), 'hex')), 'hex'),
    'digest', encode(tenantd.chain_digest(coalesce(last.digest, decode(repeat('00', 32), 'hex')), ids, digests), 'hex')));
END $$;

-- Keeps it, with what tenantctl made of `said` by signing, and removes the rows that need no longer be there, if it says so of some that
-- needed to be there until now. Tells how many these were, and notes it in the log, in the name of `label`.
CREATE OR REPLACE FUNCTION tenantd.chain_keep(ids uuid[], digests bytea, said json, statement text, label text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  log uuid := said ->> 'log';
  was integer := (SELECT max(c.kept_from) FROM tenantd.audit_checkpoints c WHERE c.tenant_id = log);
  in_env tenantd.env := coalesce((SELECT t.env FROM tenantd.tenants t WHERE t.id = log),
    (SELECT e.env FROM tenantd.audit_events e WHERE e.tenant_id = log ORDER BY e.at LIMIT 1));
  removed bigint := 0;
BEGIN
  INSERT INTO tenantd.audit_checkpoints (tenant_id, env, number, made_at, row_ids, row_digests, first_at, last_at, previous, digest, kept_from, statement)
  VALUES (log, in_env, (said ->> 'number')::integer, (said ->> 'made_at')::timestamptz, ids, digests, (said ->> 'first_at')::timestamptz,
    (said ->> 'last_at')::timestamptz, decode(said ->> 'previous', 'hex'), decode(said ->> 'digest', 'hex'), (said ->> 'kept_from')::integer, statement);
  IF (said ->> 'kept_from')::integer > coalesce(was, 1) THEN
    removed := tenantd.retention_release(log);
    IF in_env IS NULL THEN
      INSERT INTO tenantd.system_events (action, actor_kind, actor_label, object_type, object_id, route, trace_id)
      VALUES ('audit.expired', 'operator', label, 'audit_checkpoint', said ->> 'kept_from', 'tenantctl retention run', replace(gen_random_uuid()::text, '-', ''));
    ELSE
      INSERT INTO tenantd.audit_events (tenant_id, env, action, actor_kind, actor_label, object_type, object_id, route, trace_id)
      VALUES (log, in_env, 'audit.expired', 'operator', label, 'audit_checkpoint', said ->> 'kept_from', 'tenantctl retention run',
        replace(gen_random_uuid()::text, '-', ''));
    END IF;
  END IF;
  RETURN removed;
END $$;

-- The logs that have rows which no checkpoint covers.
CREATE OR REPLACE FUNCTION tenantd.chain_open() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
  SELECT DISTINCT e.log FROM tenantd.audit_lines e
  WHERE NOT (e.is_counted AND e.at > clock_timestamp() - interval '1 hour')
    AND NOT EXISTS (SELECT 1 FROM tenantd.audit_checkpoints c, unnest(c.row_ids) r (id)
      WHERE c.tenant_id = e.log AND r.id = e.id AND e.at BETWEEN c.first_at AND c.last_at)
  ORDER BY 1
$$;

-- The log that `named` names: a tenant's, by id, or by slug together with an env; a tenant that is gone, by id alone; null: of no tenant.
CREATE OR REPLACE FUNCTION tenantd.chain_log(named text, in_env tenantd.env) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  log uuid;
BEGIN
  IF named IS NULL THEN
    RETURN '00000000-0000-0000-0000-000000000000';
  END IF;
  log := (tenantd.operator_tenant_or_null(named, in_env)).id;
  IF log IS NULL AND in_env IS NULL THEN
    SELECT c.tenant_id INTO log FROM tenantd.audit_checkpoints c WHERE c.tenant_id::text = named LIMIT 1;
  END IF;
  IF log IS NULL THEN
    RAISE EXCEPTION 'tenant not found' USING ERRCODE = 'TD012';
  END IF;
  RETURN log;
END $$;

-- All logs: of the tenants that there are, of those that are gone and have checkpoints, and of no tenant.
CREATE OR REPLACE FUNCTION tenantd.chain_logs() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id FROM tenantd.tenants t
  UNION SELECT c.tenant_id FROM tenantd.audit_checkpoints c WHERE c.number = 1
  UNION SELECT '00000000-0000-0000-0000-000000000000' ORDER BY 1
$$;

-- Whether the checkpoints that a timer makes every hour have stopped: how many checkpoints there are, how many logs have a late row,
-- and the time of the first such row. A row is late when it is newer than the newest checkpoint of its log, and yet three hours old;
-- not so the old rows that an import brought within these hours.
CREATE OR REPLACE FUNCTION tenantd.chain_late(OUT checkpoints bigint, OUT logs bigint, OUT since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT count(*) FROM tenantd.audit_checkpoints), count(late.at), min(late.at)
  FROM tenantd.chain_logs() l (log), (SELECT clock_timestamp() - interval '3 hours') h (begin),
    LATERAL (SELECT min(e.at) AS at FROM tenantd.audit_lines e WHERE e.log = l.log AND e.at < h.begin
      AND e.at > coalesce((SELECT max(c.made_at) FROM tenantd.audit_checkpoints c WHERE c.tenant_id = l.log), '-infinity')
      AND NOT EXISTS (SELECT 1 FROM tenantd.audit_events i
        WHERE i.tenant_id = l.log AND i.at >= h.begin AND i.action = 'tenant.imported')) late
$$;
GRANT EXECUTE ON FUNCTION tenantd.chain_open(), tenantd.chain_next(uuid, integer, integer), tenantd.chain_keep(uuid[], bytea, json, text, text),
  tenantd.chain_checkpoints(uuid, integer, integer), tenantd.chain_rows(uuid, integer),
  tenantd.chain_tail(uuid, integer, timestamptz, uuid, boolean), tenantd.chain_log(text, tenantd.env), tenantd.chain_logs(),
  tenantd.chain_late() TO tenantd_migrator;

-- Nobody changes a checkpoint.
CREATE OR REPLACE FUNCTION tenantd.checkpoint_is_forever() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'checkpoints are never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
GRANT EXECUTE ON FUNCTION tenantd.checkpoint_is_forever() TO tenantd_owner;
