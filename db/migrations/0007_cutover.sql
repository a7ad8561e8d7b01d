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
