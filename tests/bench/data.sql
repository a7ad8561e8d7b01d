-- Rows of a resource for the measurements: 100 of each tenant, in the order of time, so that a tenant's lie apart.
--
--   psql -v tenants=N [-v alone=] -f data.sql     as superuser, after database.sql: rows for the first N tenants; with
--                                                 alone, the tenants behind them are deleted
--
-- Row j of tenant i has the same id whatever N is: the same requests are sent to few tenants and to many.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

SET session_replication_role = replica; -- no row by row checks and no audit of what nobody did
\if :{?alone}
DELETE FROM tenantd.tenant_members m USING (SELECT id FROM tenantd.tenants ORDER BY id OFFSET :tenants) t
WHERE t.id = m.tenant_id;
DELETE FROM tenantd.users u WHERE NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.user_id = u.id);
DELETE FROM tenantd.tenants t WHERE NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.tenant_id = t.id);
\endif
SET session_replication_role = origin;

BEGIN;
SET LOCAL ROLE tenantd_owner;
CREATE TABLE app.items (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title text NOT NULL,
  status text NOT NULL DEFAULT 'open',
  amount numeric(12, 2) NOT NULL,
  note text
);
SELECT tenantd.register_resource('app.items');
COMMIT;

SET session_replication_role = replica;
INSERT INTO app.items (id, tenant_id, env, title, status, amount, note, created_at, updated_at)
SELECT ('20000000-0000-4000-8000-' || lpad(to_hex(i * 1000 + j), 12, '0'))::uuid,
  ('10000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'dev', 'Item ' || j || ' of tenant ' || i,
  CASE WHEN j % 4 = 0 THEN 'done' ELSE 'open' END, j * 1.25, repeat('n', 40), at, at
FROM generate_series(1, 100) j, generate_series(1, :tenants) i,
  LATERAL (SELECT now() - make_interval(secs => (100 - j) * 3600 + i)) v (at);
SET session_replication_role = origin;
CREATE INDEX ON app.items (tenant_id, created_at DESC, id);

VACUUM (ANALYZE);
CHECKPOINT;
