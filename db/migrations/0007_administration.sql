-- System administration: why something was done, closing with a way back, and ownership that is offered and accepted.

ALTER TABLE tenantd.audit_events ADD COLUMN reason text CHECK (reason <> '' AND length(reason) <= 500);
ALTER TABLE tenantd.system_events ADD COLUMN reason text CHECK (reason <> '' AND length(reason) <= 500);
COMMENT ON COLUMN tenantd.audit_events.reason IS 'Why somebody from outside the tenant did it; null for what its own people do';
COMMENT ON COLUMN tenantd.system_events.reason IS 'Why an operator or a system administrator did it';

ALTER TABLE tenantd.tenants ADD COLUMN closed_at timestamptz, ADD COLUMN closed_from tenantd.tenant_status,
  ADD COLUMN reopen_until timestamptz, ADD CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
  ADD CHECK ((status = 'closed') = (reopen_until IS NOT NULL));
COMMENT ON COLUMN tenantd.tenants.closed_at IS 'Since when the tenant is closed; null when it is not';
COMMENT ON COLUMN tenantd.tenants.closed_from IS 'The status that it had before, for reopening';
COMMENT ON COLUMN tenantd.tenants.reopen_until IS 'Until when it can be reopened';
CREATE INDEX tenants_by_age ON tenantd.tenants (env, created_at, id);
CREATE INDEX users_by_age ON tenantd.users (created_at, id);
CREATE INDEX users_verified_email ON tenantd.users (lower(email COLLATE "C")) WHERE email_verified;

CREATE TABLE tenantd.ownership_offers (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  offered_by uuid NOT NULL REFERENCES tenantd.users,
  user_id uuid NOT NULL REFERENCES tenantd.users CHECK (user_id <> offered_by),
  step_down tenantd.role CHECK (step_down <> 'owner'),
  status text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'declined', 'withdrawn', 'expired')),
  expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)
);
CREATE UNIQUE INDEX ownership_offers_pending ON tenantd.ownership_offers (tenant_id, user_id) WHERE status = 'pending';
COMMENT ON TABLE tenantd.ownership_offers IS 'An owner offers ownership to a member, who becomes an owner by accepting it';
COMMENT ON COLUMN tenantd.ownership_offers.user_id IS 'To whom it is offered';
COMMENT ON COLUMN tenantd.ownership_offers.step_down IS 'The role that the one who offers has afterwards; null: stays an owner';

GRANT SELECT, INSERT, UPDATE ON tenantd.ownership_offers TO tenantd_context;
GRANT SELECT ON tenantd.ownership_offers TO tenantd_app;
-- System administration reads the events of all tenants of an env, and what one user did anywhere.
CREATE INDEX audit_events_by_time ON tenantd.audit_events (env, at, id);
CREATE INDEX audit_events_by_actor ON tenantd.audit_events (actor_id, at, id);
-- The numbers of system administration look at the refusals of all tenants.
CREATE INDEX audit_events_refusals ON tenantd.audit_events (env, at) WHERE action = 'access.refused';
