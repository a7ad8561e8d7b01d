-- The accounts of tenantd's own issuer: passwords, sessions, and the secrets that mails carry. They belong to persons, not
-- to tenants. The workers' role has no right to any of these tables; db/functions/accounts.sql has the functions.

CREATE TABLE tenantd.accounts (
  user_id uuid PRIMARY KEY REFERENCES tenantd.users,
  email text COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email) AND email <> ''),
  cost integer NOT NULL,
  salt bytea NOT NULL CHECK (length(salt) = 16),
  password bytea NOT NULL CHECK (length(password) = 32),
  password_changed_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenantd.accounts IS 'A person who signs in here with a password';
COMMENT ON COLUMN tenantd.accounts.email IS 'In lower case; users.email has it as it was given';
COMMENT ON COLUMN tenantd.accounts.cost IS 'Which parameters of argon2id were used (src/crypto/password.c)';
COMMENT ON COLUMN tenantd.accounts.password IS 'SHA-256 of what argon2id makes of password and salt; a worker computes that, and never sees this';

CREATE TABLE tenantd.sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES tenantd.accounts ON DELETE CASCADE,
  env tenantd.env NOT NULL,
  at_tenant uuid,
  client text,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by text CHECK (ended_by IN ('logout', 'user', 'password', 'reuse')),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX sessions_of_user ON tenantd.sessions (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON tenantd.sessions (expires_at);
COMMENT ON TABLE tenantd.sessions IS 'A sign-in; an access token names it, and is worth nothing after it has ended';
COMMENT ON COLUMN tenantd.sessions.at_tenant IS 'The tenant that its next token names';
COMMENT ON COLUMN tenantd.sessions.client IS 'The User-Agent that signed in, so that its owner recognizes it';

CREATE TABLE tenantd.refresh_tokens (
  digest bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES tenantd.sessions ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz
);
CREATE INDEX refresh_tokens_of_session ON tenantd.refresh_tokens (session_id);
COMMENT ON TABLE tenantd.refresh_tokens IS 'The refresh tokens of a session: the newest is unused, and the others are kept so that their reuse is noticed';

CREATE TABLE tenantd.account_secrets (
  digest bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES tenantd.accounts ON DELETE CASCADE,
  purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('email_verify', 'password_reset')),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX account_secrets_of_user ON tenantd.account_secrets (user_id, purpose);
COMMENT ON TABLE tenantd.account_secrets IS 'What the link in a mail proves: that its reader owns the address';

GRANT SELECT, INSERT, UPDATE, DELETE ON tenantd.accounts, tenantd.sessions, tenantd.refresh_tokens, tenantd.account_secrets TO tenantd_context;
