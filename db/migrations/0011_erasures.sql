-- What is left of a tenant or a user who was erased: that it happened, and how much of it there was. It says nothing of any person.

CREATE TABLE tenantd.erasures (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('tenant', 'user')),
  erased uuid NOT NULL,
  env tenantd.env,
  begun_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  removed jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(removed) = 'object'),
  receipt text,
  signed text COLLATE "C",
  CHECK ((ended_at IS NULL) = (receipt IS NULL))
);
-- An erasure that was interrupted goes on; it does not begin a second time.
CREATE UNIQUE INDEX erasures_going_on ON tenantd.erasures (erased) WHERE ended_at IS NULL;
COMMENT ON TABLE tenantd.erasures IS 'Receipts of tenants and users that were erased, kept for good';
COMMENT ON COLUMN tenantd.erasures.erased IS 'The id that the tenant or the user had; in the audit it still stands';
COMMENT ON COLUMN tenantd.erasures.removed IS 'How many rows of what were removed';
COMMENT ON COLUMN tenantd.erasures.receipt IS 'What happened, as a JSON object';
COMMENT ON COLUMN tenantd.erasures.signed IS 'The receipt as a JWS, compact (RFC 7515)';

GRANT SELECT, INSERT, UPDATE ON tenantd.erasures TO tenantd_context;
GRANT DELETE ON tenantd.sessions, tenantd.accounts, tenantd.invitations TO tenantd_context;
