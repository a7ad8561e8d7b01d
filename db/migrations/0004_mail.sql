-- Mail that waits to be sent. A row is written in the transaction of the act that it tells about, so that there is no
-- mail about what did not happen, and none is lost.

CREATE TABLE tenantd.mail_outbox (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  env tenantd.env NOT NULL,
  about_tenant uuid,
  kind text COLLATE "C" NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,62}$'),
  recipient text NOT NULL CHECK (recipient <> '' AND recipient !~ '[[:cntrl:]]'),
  params jsonb CHECK (jsonb_typeof(params) = 'object'),
  state text COLLATE "C" NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dead')),
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT now(),
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CHECK ((state = 'queued') = (ended_at IS NULL)),
  CHECK (state = 'queued' OR params IS NULL)
);
CREATE INDEX mail_outbox_due ON tenantd.mail_outbox (due_at, id) WHERE state = 'queued';
CREATE INDEX mail_outbox_ended ON tenantd.mail_outbox (ended_at) WHERE state <> 'queued';
COMMENT ON TABLE tenantd.mail_outbox IS 'Mail that waits to be sent, and what became of it';
COMMENT ON COLUMN tenantd.mail_outbox.about_tenant IS 'The tenant that it is about; no row here belongs to a tenant';
COMMENT ON COLUMN tenantd.mail_outbox.kind IS 'The name of its template';
COMMENT ON COLUMN tenantd.mail_outbox.params IS 'What the template shows, secrets of links included; null as soon as the mail is sent or given up';
COMMENT ON COLUMN tenantd.mail_outbox.attempts IS 'How often somebody began to send it';
COMMENT ON COLUMN tenantd.mail_outbox.due_at IS 'When it is tried next; while it is being sent, when the sender has lost it to the next one';
COMMENT ON COLUMN tenantd.mail_outbox.error IS 'Why the last attempt failed';

GRANT SELECT, INSERT, UPDATE, DELETE ON tenantd.mail_outbox TO tenantd_context;
