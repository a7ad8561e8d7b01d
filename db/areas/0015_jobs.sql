-- Work that the application's own programs take up and report on.

CREATE TYPE app.job_status AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

CREATE TABLE app.jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  kind text NOT NULL CHECK (kind <> ''),
  status app.job_status NOT NULL DEFAULT 'queued',
  payload jsonb NOT NULL DEFAULT '{}',
  result jsonb,
  error text,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  dedup_key text,
  run_after timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  UNIQUE (tenant_id, kind, dedup_key),
  CHECK (finished_at >= started_at)
);
COMMENT ON TABLE app.jobs IS 'A piece of work for a program of the application''s';
COMMENT ON COLUMN app.jobs.id IS 'The key';
COMMENT ON COLUMN app.jobs.kind IS 'Which program takes it up';
COMMENT ON COLUMN app.jobs.status IS 'How far it is. A program takes a queued one by PATCH to running with If-Match: of two one gets 412';
COMMENT ON COLUMN app.jobs.payload IS 'What the program is to work on';
COMMENT ON COLUMN app.jobs.result IS 'What came of it';
COMMENT ON COLUMN app.jobs.error IS 'Why it failed, for people';
COMMENT ON COLUMN app.jobs.attempts IS 'How often it was begun';
COMMENT ON COLUMN app.jobs.dedup_key IS 'Two jobs of a kind with the same one are the same job; null is unlike any other';
COMMENT ON COLUMN app.jobs.run_after IS 'Not to be taken up before';
COMMENT ON COLUMN app.jobs.started_at IS 'When it was begun last';
COMMENT ON COLUMN app.jobs.finished_at IS 'When it succeeded, failed or was cancelled';

SELECT tenantd.register_resource('app.jobs');
CREATE INDEX jobs_by_status ON app.jobs (tenant_id, status, run_after, id);
