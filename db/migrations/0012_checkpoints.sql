-- Checkpoints of the audit logs: what makes it noticed when somebody who owns the database edits, deletes or inserts audit rows.
-- docs/governance.md tells the format. The log of what happens in no tenant has its own, under the nil UUID.

CREATE TABLE tenantd.audit_checkpoints (
  tenant_id uuid NOT NULL,
  env tenantd.env,
  number integer NOT NULL CHECK (number >= 1),
  made_at timestamptz NOT NULL,
  row_ids uuid[] NOT NULL CHECK (array_position(row_ids, NULL) IS NULL),
  row_digests bytea NOT NULL,
  first_at timestamptz,
  last_at timestamptz,
  previous bytea NOT NULL CHECK (length(previous) = 32),
  digest bytea NOT NULL CHECK (length(digest) = 32),
  kept_from integer NOT NULL CHECK (kept_from BETWEEN 1 AND number),
  statement text COLLATE "C" NOT NULL CHECK (statement ~ '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'),
  -- There is no foreign key, because the rows stay when their tenant is deleted.
  PRIMARY KEY (tenant_id, number),
  CHECK ((env IS NULL) = (tenant_id = '00000000-0000-0000-0000-000000000000')),
  CHECK (length(row_digests) = 32 * cardinality(row_ids)),
  CHECK ((first_at IS NULL) = (cardinality(row_ids) = 0) AND (last_at IS NULL) = (cardinality(row_ids) = 0) AND first_at <= last_at)
);
-- Digests are random: to compress them costs time and saves nothing.
ALTER TABLE tenantd.audit_checkpoints ALTER COLUMN row_digests SET STORAGE EXTERNAL;
COMMENT ON TABLE tenantd.audit_checkpoints IS 'What audit rows there were, signed; the log of no tenant is under the nil UUID; appended only, not audited';
COMMENT ON COLUMN tenantd.audit_checkpoints.row_ids IS 'The rows that no earlier checkpoint covers, in the order of their times and ids';
COMMENT ON COLUMN tenantd.audit_checkpoints.row_digests IS 'SHA-256 of the line of each of them, in that order';
COMMENT ON COLUMN tenantd.audit_checkpoints.first_at IS 'The time of the first of them: between it and last_at they are looked for';
COMMENT ON COLUMN tenantd.audit_checkpoints.previous IS 'The digest of the checkpoint before; zeros when there is none';
COMMENT ON COLUMN tenantd.audit_checkpoints.digest IS 'SHA-256 of previous, the ids and the digests: it stands for the whole log up to here';
COMMENT ON COLUMN tenantd.audit_checkpoints.kept_from IS 'The first checkpoint whose rows must be there; those before have served their time';
COMMENT ON COLUMN tenantd.audit_checkpoints.statement IS 'The same facts, signed: a JWS in compact form';

GRANT SELECT, INSERT ON tenantd.audit_checkpoints TO tenantd_context;

-- Each row of the audit logs with its line: the bytes that are exported and whose digest a checkpoint keeps. What is null is left
-- out, so that a column that is added later changes no line of an older row. The env of a tenant's row is left out, too: it is the
-- tenant's, and a tenant may be imported into another one. A row with any other env is in no log: nobody would see it.
CREATE VIEW tenantd.audit_lines WITH (security_invoker = true) AS
SELECT e.tenant_id AS log, e.at, e.id, e.action = 'access.refused' AS is_counted, json_strip_nulls(json_build_object('id', e.id, 'tenant_id', e.tenant_id,
  'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'action', e.action, 'actor_kind', e.actor_kind, 'actor_id', e.actor_id,
  'actor_label', e.actor_label, 'object_type', e.object_type, 'object_id', e.object_id, 'fields', e.fields, 'code', e.code, 'count', e.count,
  'route', e.route, 'trace_id', e.trace_id, 'reason', e.reason, 'role', e.role, 'status', e.status))::text AS line
FROM tenantd.audit_events e
WHERE NOT EXISTS (SELECT 1 FROM tenantd.tenants t WHERE t.id = e.tenant_id AND t.env <> e.env)
UNION ALL
SELECT '00000000-0000-0000-0000-000000000000', s.at, s.id, s.action = 'access.refused', json_strip_nulls(json_build_object('id', s.id,
  'at', to_char(s.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'env', s.env, 'action', s.action, 'actor_kind', s.actor_kind, 'actor_id', s.actor_id,
  'actor_label', s.actor_label, 'object_type', s.object_type, 'object_id', s.object_id, 'fields', s.fields, 'code', s.code, 'count', s.count,
  'route', s.route, 'trace_id', s.trace_id, 'reason', s.reason))::text
FROM tenantd.system_events s;
GRANT SELECT ON tenantd.audit_lines TO tenantd_context;

-- How long audit rows are kept (db/functions/retention.sql).
ALTER TABLE tenantd.tenants ADD COLUMN audit_days integer CHECK (audit_days BETWEEN 1 AND 36500);
COMMENT ON COLUMN tenantd.tenants.audit_days IS 'How many days its audit rows are kept, as the operator says; null: as [governance] audit_days says for all';
GRANT DELETE ON tenantd.audit_events, tenantd.system_events TO tenantd_context;
