-- What has served its time is removed by `tenantctl retention run`, as tenantd_migrator. Some of it the requests remove themselves,
-- a few rows at a time; this removes all of it, wherever nobody comes by any more.
--
-- Audit rows go only when a signed checkpoint covers them, and a later one says that they need no longer be there (kept_from). The
-- checkpoints stay, so that the rest of the log can still be verified.

SET LOCAL ROLE tenantd_context;

-- The logs of which rows have served their time: how many days they are kept, the first checkpoint that is still kept whole, and how many
-- rows those before it cover that were kept until now. `days` is for logs without a time of their own; null: for ever. Checkpoints go one
-- after the other: the rows of one that is old stay as long as one before it is not.
CREATE OR REPLACE FUNCTION tenantd.retention_audit(days integer) RETURNS TABLE (log uuid, kept_days integer, keep_from integer, rows bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.log, v.days, v.keep_from, sum(cardinality(c.row_ids))
  FROM (SELECT k.tenant_id AS log, d.days, max(k.kept_from) AS kept_from,
      coalesce(min(k.number) FILTER (WHERE k.last_at >= now() - make_interval(days => d.days)), 1 + max(k.number) FILTER (WHERE k.last_at IS NOT NULL)) AS keep_from
    FROM tenantd.audit_checkpoints k LEFT JOIN tenantd.tenants t ON t.id = k.tenant_id,
      LATERAL (SELECT coalesce(t.audit_days, retention_audit.days) AS days) d
    WHERE d.days IS NOT NULL GROUP BY k.tenant_id, d.days) v
  JOIN tenantd.audit_checkpoints c ON c.tenant_id = v.log AND c.number >= v.kept_from AND c.number < v.keep_from
  GROUP BY v.log, v.days, v.keep_from ORDER BY v.log
$$;

-- Removes the rows of a log that its newest checkpoint says need no longer be there. Of a member and of the tenant itself the last
-- row of those stays, because it tells who had access from then on (access_at), unless it says that they had none.
CREATE OR REPLACE FUNCTION tenantd.retention_release(of_log uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
DECLARE
  released integer := (SELECT max(c.kept_from) FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log);
  until timestamptz := (SELECT max(c.last_at) FROM tenantd.audit_checkpoints c WHERE c.tenant_id = of_log AND c.number < released);
  removed bigint;
BEGIN
  IF of_log = '00000000-0000-0000-0000-000000000000' THEN
    DELETE FROM tenantd.system_events e USING tenantd.audit_checkpoints c, unnest(c.row_ids) r (id)
    WHERE c.tenant_id = of_log AND c.number < released AND e.id = r.id AND e.at BETWEEN c.first_at AND c.last_at;
  ELSE
    DELETE FROM tenantd.audit_events e USING tenantd.audit_checkpoints c, unnest(c.row_ids) r (id)
    WHERE c.tenant_id = of_log AND c.number < released AND e.tenant_id = of_log AND e.id = r.id AND e.at BETWEEN c.first_at AND c.last_at
      AND (e.status IS NULL OR (e.object_type = 'member' AND e.status IN ('removed', 'rejected', 'deleted'))
        OR EXISTS (SELECT 1 FROM tenantd.audit_events n WHERE n.tenant_id = of_log AND n.object_type = e.object_type AND n.object_id = e.object_id
          AND n.status IS NOT NULL AND n.at > e.at AND n.at <= until));
  END IF;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- Whatever removes an audit row, it must be one that may go. Only one of the two tables whose trigger this is names a tenant.
CREATE OR REPLACE FUNCTION tenantd.audit_is_released() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT g.id, g.at, coalesce((to_jsonb(g) ->> 'tenant_id')::uuid, '00000000-0000-0000-0000-000000000000') AS log FROM gone g) g
      WHERE NOT EXISTS (SELECT 1 FROM tenantd.audit_checkpoints c, unnest(c.row_ids) r (id)
        WHERE c.tenant_id = g.log AND r.id = g.id AND g.at BETWEEN c.first_at AND c.last_at
          AND c.number < (SELECT max(k.kept_from) FROM tenantd.audit_checkpoints k WHERE k.tenant_id = c.tenant_id))) THEN
    RAISE EXCEPTION 'audit rows go only when a checkpoint says that they may' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.audit_is_released() TO tenantd_owner;

-- The rest that has served its time: rows of tables, and when. Requests use the same times.
CREATE OR REPLACE FUNCTION tenantd.retention_rest(is_dry boolean, envs tenantd.env[], mail_keep interval, label text) RETURNS TABLE (what text, rows bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  condition text;
  touched text[] := '{}';
BEGIN
  FOR what, condition IN VALUES
    ('mail_outbox', format('state <> ''queued'' AND ended_at < now() - %L::interval AND env = ANY (%L)', mail_keep, envs)),
    ('idempotency_keys', 'created_at < now() - interval ''24 hours'''),
    ('sessions', 'expires_at < now() - interval ''7 days'''),
    ('account_secrets', 'expires_at < now() - interval ''7 days'''),
    ('limit_buckets', 'empty_at < now()'),
    ('header_uses', 'day < current_date - 90')
  LOOP
    IF is_dry THEN
      EXECUTE format('SELECT count(*) FROM tenantd.%I WHERE %s', what, condition) INTO rows;
    ELSE
      EXECUTE format('DELETE FROM tenantd.%I WHERE %s', what, condition);
      GET DIAGNOSTICS rows = ROW_COUNT;
    END IF;
    IF rows > 0 THEN
      touched := touched || what;
      RETURN NEXT;
    END IF;
  END LOOP;
  IF touched <> '{}' AND NOT is_dry THEN
    INSERT INTO tenantd.system_events (action, actor_kind, actor_label, object_type, fields, route, trace_id)
    VALUES ('retention.ran', 'operator', label, 'retention', touched, 'tenantctl retention run', replace(gen_random_uuid()::text, '-', ''));
  END IF;
END $$;

-- Says how many days the audit rows of a tenant are kept; null: as those of all.
CREATE OR REPLACE FUNCTION tenantd.operator_tenant_audit_days(named text, in_env tenantd.env, days integer, label text, OUT id uuid, OUT slug text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants := tenantd.operator_tenant(named, in_env);
BEGIN
  PERFORM tenantd.operator_begin(t.id, t.env, 'retention set', label, NULL);
  UPDATE tenantd.tenants x SET audit_days = days WHERE x.id = t.id;
  id := t.id;
  slug := t.slug;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.retention_audit(integer), tenantd.retention_rest(boolean, tenantd.env[], interval, text),
  tenantd.operator_tenant_audit_days(text, tenantd.env, integer, text) TO tenantd_migrator;
