-- The API keys of tenants: a way in for machines. Only the digest of a key is kept.

CREATE TABLE tenantd.api_keys (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (name <> ''),
  role tenantd.role NOT NULL,
  digest bytea NOT NULL CHECK (length(digest) = 32),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by uuid,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)
);
CREATE INDEX api_keys_by_age ON tenantd.api_keys (tenant_id, created_at, id);
COMMENT ON TABLE tenantd.api_keys IS 'A key with which a machine acts in one tenant, in one role';
COMMENT ON COLUMN tenantd.api_keys.created_by IS 'The user who made it; the key stays when they go';
COMMENT ON COLUMN tenantd.api_keys.last_used_at IS 'To the minute';

GRANT SELECT (tenant_id, env, id, name, role, created_by, created_at, expires_at, last_used_at, revoked_at), UPDATE (revoked_at, revoked_by)
  ON tenantd.api_keys TO tenantd_app;
GRANT SELECT, INSERT, UPDATE (last_used_at) ON tenantd.api_keys TO tenantd_context;
