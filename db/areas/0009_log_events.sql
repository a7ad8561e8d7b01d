-- What the tenant's own software reports. A line is written once.

CREATE TYPE app.log_level AS ENUM ('debug', 'info', 'warning', 'error', 'fatal');

CREATE TABLE app.log_events (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  level app.log_level NOT NULL DEFAULT 'info',
  source text NOT NULL CHECK (source <> ''),
  message text NOT NULL,
  attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
  occurred_at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid,
  trace_id text
);
COMMENT ON TABLE app.log_events IS 'A line of the tenant''s log';
COMMENT ON COLUMN app.log_events.id IS 'The key; a source that may send twice makes it itself, and sends it with resolution=ignore-duplicates';
COMMENT ON COLUMN app.log_events.level IS 'How bad it is';
COMMENT ON COLUMN app.log_events.source IS 'The program or device that reports';
COMMENT ON COLUMN app.log_events.message IS 'For people';
COMMENT ON COLUMN app.log_events.attributes IS 'For programs: {"disk": "sda"}';
COMMENT ON COLUMN app.log_events.occurred_at IS 'By the source''s clock; created_at is when it came in';
COMMENT ON COLUMN app.log_events.actor_id IS 'The user whose request wrote it';
COMMENT ON COLUMN app.log_events.trace_id IS 'The trace of that request';

SELECT tenantd.register_resource('app.log_events', append_only => true);
CREATE INDEX log_events_by_time ON app.log_events (tenant_id, occurred_at DESC, id);
CREATE INDEX log_events_by_level ON app.log_events (tenant_id, level, occurred_at DESC);
CREATE INDEX log_events_by_source ON app.log_events (tenant_id, source, occurred_at DESC);
