-- The domains that tenants prove by DNS, so that people with a verified email address there come in.

CREATE TABLE tenantd.domains (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- With the label of the record in front it must still be a name of DNS, of 253 characters at most.
  name text COLLATE "C" NOT NULL CHECK (length(name) <= 230 AND name ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$'),
  enrollment text COLLATE "C" NOT NULL CHECK (enrollment IN ('join', 'invite')),
  challenge text COLLATE "C" NOT NULL,
  added_by uuid NOT NULL REFERENCES tenantd.users,
  verified_at timestamptz,
  asked_at timestamptz,
  checked_at timestamptz,
  due_at timestamptz,
  problem text,
  missing_since timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)
);
CREATE INDEX domains_by_age ON tenantd.domains (tenant_id, created_at, id);
CREATE INDEX domains_due ON tenantd.domains (due_at) WHERE due_at IS NOT NULL;
COMMENT ON TABLE tenantd.domains IS 'A domain that a tenant says is its own; it counts once it is proven';
COMMENT ON COLUMN tenantd.domains.enrollment IS 'What happens to people with a verified email there: they join when they ask (join), or get an invitation (invite)';
COMMENT ON COLUMN tenantd.domains.challenge IS 'What the TXT record must say; no secret';
COMMENT ON COLUMN tenantd.domains.verified_at IS 'Since when it is proven; null: it is not';
COMMENT ON COLUMN tenantd.domains.asked_at IS 'When the tenant asked for a check';
COMMENT ON COLUMN tenantd.domains.due_at IS 'When it is looked up next; null: only when the tenant asks';
COMMENT ON COLUMN tenantd.domains.problem IS 'What the last check found in place of the record';
COMMENT ON COLUMN tenantd.domains.missing_since IS 'Since when the record of a proven domain is gone';

GRANT SELECT, INSERT, UPDATE, DELETE ON tenantd.domains TO tenantd_context;
GRANT SELECT, UPDATE (enrollment, asked_at), DELETE ON tenantd.domains TO tenantd_app;

-- Of an env one tenant at a time has proven a domain. It is a table of its own because it is nobody's: the keys of the tenants'
-- own tables begin with the tenant, so that no tenant's rows stand in another one's way.
CREATE TABLE tenantd.proven_domains (
  env tenantd.env NOT NULL,
  name text COLLATE "C" NOT NULL,
  holder uuid NOT NULL,
  PRIMARY KEY (env, name)
);
COMMENT ON TABLE tenantd.proven_domains IS 'Which tenant has proven a domain: the rows of domains with verified_at, as a trigger keeps them';
GRANT SELECT, INSERT, DELETE ON tenantd.proven_domains TO tenantd_context;

CREATE TABLE tenantd.public_mail_domains (name text COLLATE "C" PRIMARY KEY);
COMMENT ON TABLE tenantd.public_mail_domains IS 'Where anybody can get an address: no tenant has these domains';
GRANT SELECT, INSERT ON tenantd.public_mail_domains TO tenantd_context;

-- Finds the users of a domain.
CREATE INDEX users_verified_domain ON tenantd.users (lower(substring(email FROM '@([^@]*)$') COLLATE "C")) WHERE email_verified;
