-- How people come into a tenant: invitations, requests to join, and what a tenant decides about both.

ALTER TABLE tenantd.tenants
  ADD COLUMN joinable boolean NOT NULL DEFAULT true,
  ADD COLUMN invitation_days integer NOT NULL DEFAULT 7 CHECK (invitation_days BETWEEN 1 AND 90),
  ADD COLUMN ask_again_days integer NOT NULL DEFAULT 7 CHECK (ask_again_days BETWEEN 0 AND 365),
  ADD COLUMN access_contact text CHECK (access_contact <> '');
COMMENT ON COLUMN tenantd.tenants.joinable IS 'Whether strangers may ask to join';
COMMENT ON COLUMN tenantd.tenants.invitation_days IS 'How long an invitation may be accepted';
COMMENT ON COLUMN tenantd.tenants.ask_again_days IS 'How long somebody whose request was rejected waits before they may ask again';
COMMENT ON COLUMN tenantd.tenants.access_contact IS 'Whom those can ask who wait or were suspended, in the tenant''s own words, which they are shown; null: nobody is named';
GRANT UPDATE (joinable, invitation_days, ask_again_days, access_contact) ON tenantd.tenants TO tenantd_app;

ALTER TABLE tenantd.tenant_members
  ADD COLUMN status_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN ended_at timestamptz,
  ADD COLUMN message text CHECK (length(message) BETWEEN 1 AND 1000),
  ADD CHECK (message IS NULL OR status = 'pending');
COMMENT ON COLUMN tenantd.tenant_members.status_at IS 'When the status became what it is';
COMMENT ON COLUMN tenantd.tenant_members.ended_at IS 'When the user was last removed or rejected, or went, whatever came after that; null: never';
COMMENT ON COLUMN tenantd.tenant_members.message IS 'What the user said when they asked to join; gone once the request is decided';

CREATE TABLE tenantd.invitations (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  email text NOT NULL CHECK (email <> '' AND email !~ '[[:cntrl:]]'),
  role tenantd.role NOT NULL DEFAULT 'member',
  token_digest bytea NOT NULL CHECK (length(token_digest) = 32),
  status text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'declined', 'revoked')),
  invited_by uuid NOT NULL REFERENCES tenantd.users,
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)
);
-- However many ask at once, an email has one invitation to a tenant that can be accepted.
CREATE UNIQUE INDEX invitations_pending ON tenantd.invitations (tenant_id, lower(email COLLATE "C")) WHERE status = 'pending';
CREATE INDEX invitations_by_email ON tenantd.invitations (lower(email COLLATE "C"), env);
CREATE INDEX invitations_by_age ON tenantd.invitations (tenant_id, created_at, id);
-- Whoever accepts names no tenant: the token alone finds it. (256 random bits need no unique key.)
CREATE INDEX invitations_by_token ON tenantd.invitations (token_digest);
COMMENT ON TABLE tenantd.invitations IS 'Who was asked into a tenant, as what; one that is pending and past its time has expired';
COMMENT ON COLUMN tenantd.invitations.email IS 'As it was given; two that differ only in capitals, A to Z, are the same';
COMMENT ON COLUMN tenantd.invitations.token_digest IS 'SHA-256 of the token, which is nowhere else but in the mail';
COMMENT ON COLUMN tenantd.invitations.invited_by IS 'Who sent it last: their role at its acceptance must still allow it';
COMMENT ON COLUMN tenantd.invitations.sent_at IS 'When it was sent last; it does not bring back whoever left after that';

GRANT SELECT, INSERT, UPDATE ON tenantd.invitations TO tenantd_context;
-- Everything but the digest, which nobody outside the database needs.
GRANT SELECT (tenant_id, env, id, email, role, status, invited_by, sent_at, expires_at, version, created_at, updated_at), UPDATE (status)
  ON tenantd.invitations TO tenantd_app;
