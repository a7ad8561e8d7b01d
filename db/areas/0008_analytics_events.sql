-- What users did, as the application counts it. An event is written once.

CREATE TABLE app.analytics_events (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (name <> ''),
  session text,
  properties jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(properties) = 'object'),
  occurred_at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid,
  trace_id text
);
COMMENT ON TABLE app.analytics_events IS 'Something a user did';
COMMENT ON COLUMN app.analytics_events.id IS 'The key; a client that may send twice makes it itself, and sends it with resolution=ignore-duplicates';
COMMENT ON COLUMN app.analytics_events.name IS 'object_verb, as in invoice_opened';
COMMENT ON COLUMN app.analytics_events.session IS 'What binds the events of one visit';
COMMENT ON COLUMN app.analytics_events.properties IS 'What the event is about: {"invoice": "2024-17"}';
COMMENT ON COLUMN app.analytics_events.occurred_at IS 'By the client''s clock; created_at is when it came in';
COMMENT ON COLUMN app.analytics_events.actor_id IS 'The user whose request wrote it';
COMMENT ON COLUMN app.analytics_events.trace_id IS 'The trace of that request';

SELECT tenantd.register_resource('app.analytics_events', append_only => true);
CREATE INDEX analytics_events_by_time ON app.analytics_events (tenant_id, occurred_at DESC, id);
CREATE INDEX analytics_events_by_name ON app.analytics_events (tenant_id, name, occurred_at DESC);
CREATE INDEX analytics_events_by_session ON app.analytics_events (tenant_id, session, occurred_at) WHERE session IS NOT NULL;
