-- Two histories that an operator asks for: which clients still name their tenant by a header, and who had which access at
-- an earlier time.

-- The way from naming a tenant by a header to naming it by the token: who still does the former, and who decided to end
-- it all the same. Both tables are about client programs and say nothing of any tenant.

CREATE TABLE tenantd.header_uses (
  env tenantd.env NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  client text COLLATE "C" NOT NULL,
  is_alone boolean NOT NULL,
  day date NOT NULL,
  minutes integer NOT NULL DEFAULT 1,
  last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (env, issuer, client, is_alone, day)
);
COMMENT ON TABLE tenantd.header_uses IS 'Which client programs named a tenant by a header, by day; kept for 90 days';
COMMENT ON COLUMN tenantd.header_uses.client IS 'The program that the token was issued to, as its signature says; empty: it does not say';
COMMENT ON COLUMN tenantd.header_uses.is_alone IS 'The token named no tenant, so that the request needs the header';
COMMENT ON COLUMN tenantd.header_uses.minutes IS 'In how many minutes of the day it did so';

CREATE TABLE tenantd.cutovers (
  env tenantd.env PRIMARY KEY,
  forced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  forced_by text NOT NULL,
  reason text NOT NULL CHECK (reason <> '' AND reason !~ '[[:cntrl:]]')
);
COMMENT ON TABLE tenantd.cutovers IS 'Envs in which header_fallback may be off although clients still need the header';

GRANT SELECT, INSERT, UPDATE, DELETE ON tenantd.header_uses TO tenantd_context;
GRANT SELECT, INSERT, UPDATE ON tenantd.cutovers TO tenantd_context;

-- Access at an earlier time is told by the audit rows alone. So the rows of members and tenants keep what decides on it.
ALTER TABLE tenantd.audit_events ADD COLUMN role tenantd.role, ADD COLUMN status text COLLATE "C",
  ADD CHECK (role IS NULL OR object_type = 'member'), ADD CHECK (status IS NULL OR object_type IN ('member', 'tenant'));
CREATE INDEX audit_events_access ON tenantd.audit_events (tenant_id, object_type, object_id, at DESC) WHERE status IS NOT NULL;
COMMENT ON COLUMN tenantd.audit_events.role IS 'Of a member: the role after the change';
COMMENT ON COLUMN tenantd.audit_events.status IS 'Of a member or a tenant: the status after the change, "deleted" when the row is gone';
