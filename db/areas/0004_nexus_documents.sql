-- Documents of the tenant's knowledge base, each with who wrote it and in which request.

CREATE TABLE app.nexus_documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  title text NOT NULL CHECK (title <> ''),
  body text NOT NULL DEFAULT '',
  format text NOT NULL DEFAULT 'markdown' CHECK (format IN ('markdown', 'html', 'text')),
  source text,
  external_id text,
  tags text[] NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
  actor_id uuid,
  trace_id text,
  UNIQUE (tenant_id, source, external_id),
  CHECK (external_id IS NULL OR source IS NOT NULL)
);
COMMENT ON TABLE app.nexus_documents IS 'A document of the knowledge base';
COMMENT ON COLUMN app.nexus_documents.id IS 'The key';
COMMENT ON COLUMN app.nexus_documents.title IS 'What lists show';
COMMENT ON COLUMN app.nexus_documents.body IS 'The document, in its format; never cleaned: whoever shows it does that';
COMMENT ON COLUMN app.nexus_documents.format IS 'How body is written';
COMMENT ON COLUMN app.nexus_documents.source IS 'The system it was taken from; null when it was written here';
COMMENT ON COLUMN app.nexus_documents.external_id IS 'Its name there, so that taking it again finds it';
COMMENT ON COLUMN app.nexus_documents.tags IS 'In the tenant''s own words';
COMMENT ON COLUMN app.nexus_documents.metadata IS 'What else its source knows of it';
COMMENT ON COLUMN app.nexus_documents.actor_id IS 'The user whose request wrote it last';
COMMENT ON COLUMN app.nexus_documents.trace_id IS 'The trace of that request';

SELECT tenantd.register_resource('app.nexus_documents');
CREATE INDEX nexus_documents_by_time ON app.nexus_documents (tenant_id, updated_at DESC, id);
