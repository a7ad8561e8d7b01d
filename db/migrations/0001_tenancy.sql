-- The tables of tenancy. Every row of a tenant has (tenant_id, env). Keys begin with the tenant, so that a foreign key cannot
-- refer to another tenant's row, and the violation of a constraint never shows what another tenant has.

CREATE SCHEMA IF NOT EXISTS tenantd;
GRANT USAGE ON SCHEMA tenantd TO tenantd_app, tenantd_migrator, tenantd_errands;
GRANT USAGE, CREATE ON SCHEMA tenantd TO tenantd_context;

-- PUBLIC has no right to a function by default, neither to the owner's functions nor to those of the context role.
ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE tenantd_context;
ALTER DEFAULT PRIVILEGES FOR ROLE tenantd_context REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE tenantd_owner;

CREATE TYPE tenantd.env AS ENUM ('dev', 'staging', 'prod');
-- In the order of power, so that role >= 'tenant_admin' means what it says.
CREATE TYPE tenantd.role AS ENUM ('member', 'tenant_admin', 'owner');
CREATE TYPE tenantd.tenant_status AS ENUM ('onboarding', 'active', 'suspended', 'closed');
CREATE TYPE tenantd.member_status AS ENUM ('pending', 'active', 'suspended', 'rejected', 'removed');

CREATE TABLE tenantd.users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  issuer text COLLATE "C" NOT NULL CHECK (issuer <> ''),
  subject text COLLATE "C" NOT NULL CHECK (subject <> ''),
  email text,
  email_verified boolean NOT NULL DEFAULT false,
  name text,
  system_admin boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (issuer, subject)
);
COMMENT ON TABLE tenantd.users IS 'A person, by the issuer and subject of their token; in no tenant by itself';
COMMENT ON COLUMN tenantd.users.system_admin IS 'May administer the system; says nothing inside a tenant';

CREATE TABLE tenantd.tenants (
  -- The nil UUID stands for "no tenant" in a context, so no tenant may have it.
  id uuid PRIMARY KEY DEFAULT gen_random_uuid() CHECK (id <> '00000000-0000-0000-0000-000000000000'),
  env tenantd.env NOT NULL,
  slug text COLLATE "C" NOT NULL CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text NOT NULL CHECK (name <> ''),
  organization_name text CHECK (organization_name <> ''),
  status tenantd.tenant_status NOT NULL DEFAULT 'onboarding',
  legal_name text,
  postal_address text,
  contact_email text,
  country text CHECK (country ~ '^[A-Z]{2}$'),
  bootstrapped_by uuid REFERENCES tenantd.users,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (id, env),
  UNIQUE (env, slug),
  -- However often a user bootstraps, they get one tenant in each env.
  UNIQUE (bootstrapped_by, env),
  CHECK (status <> 'active' OR organization_name IS NOT NULL)
);
COMMENT ON TABLE tenantd.tenants IS 'An isolated customer, living in exactly one env';
COMMENT ON COLUMN tenantd.tenants.status IS 'The only authority on access';
COMMENT ON COLUMN tenantd.tenants.organization_name IS 'What the customer calls itself; null until onboarding is complete';
COMMENT ON COLUMN tenantd.tenants.legal_name IS 'Purpose: the sender''s name that commercial mail must show';
COMMENT ON COLUMN tenantd.tenants.postal_address IS 'Purpose: the physical address that commercial mail must show';
COMMENT ON COLUMN tenantd.tenants.contact_email IS 'Purpose: where a recipient of mail can reach the sender';
COMMENT ON COLUMN tenantd.tenants.country IS 'Purpose: which law on mail and data applies; ISO 3166-1 alpha-2';
COMMENT ON COLUMN tenantd.tenants.bootstrapped_by IS 'The user whose bootstrap made this tenant';

CREATE TABLE tenantd.tenant_members (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  user_id uuid NOT NULL REFERENCES tenantd.users,
  role tenantd.role NOT NULL DEFAULT 'member',
  status tenantd.member_status NOT NULL,
  joined_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)
);
CREATE INDEX tenant_members_by_user ON tenantd.tenant_members (user_id, env);
CREATE INDEX tenant_members_by_age ON tenantd.tenant_members (tenant_id, created_at, user_id);
COMMENT ON TABLE tenantd.tenant_members IS 'Who belongs to which tenant, as what; a pending row is a request to join';

CREATE TABLE tenantd.onboarding_progress (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  step text COLLATE "C" NOT NULL CHECK (step ~ '^[a-z][a-z0-9_]{0,62}$'),
  completed_at timestamptz NOT NULL DEFAULT now(),
  completed_by uuid NOT NULL,
  PRIMARY KEY (tenant_id, step),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)
);
COMMENT ON TABLE tenantd.onboarding_progress IS 'For the user''s eyes and for analytics; no access decision reads it';

CREATE TABLE tenantd.audit_events (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  action text COLLATE "C" NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'operator', 'database')),
  actor_id uuid,
  actor_label text,
  object_type text COLLATE "C" NOT NULL,
  object_id text COLLATE "C",
  fields text[] NOT NULL DEFAULT '{}',
  code text,
  count integer NOT NULL DEFAULT 1,
  route text,
  trace_id text,
  -- There is no foreign key, because the rows stay when their tenant is deleted.
  PRIMARY KEY (tenant_id, at, id)
);
COMMENT ON TABLE tenantd.audit_events IS 'One appended row for every change and every refusal inside a tenant';
COMMENT ON COLUMN tenantd.audit_events.fields IS 'Names of the changed fields, never their values';

CREATE TABLE tenantd.system_events (
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  env tenantd.env,
  action text COLLATE "C" NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'operator', 'database')),
  actor_id uuid,
  actor_label text,
  object_type text COLLATE "C" NOT NULL,
  object_id text COLLATE "C",
  fields text[] NOT NULL DEFAULT '{}',
  code text,
  count integer NOT NULL DEFAULT 1,
  route text,
  trace_id text,
  PRIMARY KEY (at, id)
);
COMMENT ON TABLE tenantd.system_events IS 'The same for what happens in no tenant: users, and refusals of strangers';
COMMENT ON COLUMN tenantd.audit_events.count IS 'Of a refusal: how many alike there were in its minute; else 1';
COMMENT ON COLUMN tenantd.system_events.count IS 'Of a refusal: how many alike there were in its minute; else 1';
-- Refusals alike within a minute share one row (tenantd.refuse); this index finds it.
CREATE UNIQUE INDEX audit_events_refused ON tenantd.audit_events (tenant_id, actor_id, code, route, date_trunc('minute', at AT TIME ZONE 'UTC'))
  WHERE action = 'access.refused';
CREATE UNIQUE INDEX system_events_refused ON tenantd.system_events (actor_label, env, code, route, date_trunc('minute', at AT TIME ZONE 'UTC'))
  NULLS NOT DISTINCT WHERE action = 'access.refused';

-- The rights of the functions that run as tenantd_context (db/functions).
GRANT SELECT, INSERT, UPDATE ON tenantd.users, tenantd.tenants, tenantd.tenant_members TO tenantd_context;
GRANT INSERT ON tenantd.onboarding_progress TO tenantd_context;
GRANT SELECT, INSERT, UPDATE (count) ON tenantd.audit_events, tenantd.system_events TO tenantd_context;

-- The rights of the workers. The policies limit them further (db/functions/walls.sql).
GRANT SELECT (id, email, email_verified, name) ON tenantd.users TO tenantd_app;
GRANT SELECT, UPDATE (name, slug, organization_name, status, legal_name, postal_address, contact_email, country) ON tenantd.tenants TO tenantd_app;
GRANT SELECT, UPDATE (role, status) ON tenantd.tenant_members TO tenantd_app;
GRANT SELECT, INSERT (tenant_id, env, step, completed_by) ON tenantd.onboarding_progress TO tenantd_app;
GRANT SELECT ON tenantd.audit_events TO tenantd_app;
