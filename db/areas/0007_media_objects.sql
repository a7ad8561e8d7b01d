-- Files: what is known of each in one table, its bytes in another, so that lists never touch them.

CREATE TABLE app.media_objects (
  id uuid DEFAULT gen_random_uuid(),
  tenant_id uuid,
  name text NOT NULL CHECK (name <> ''),
  title text,
  content_type text,
  size bigint,
  sha256 text,
  metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE app.media_objects IS 'A file; its bytes are at /v1/data/media_objects/{id}/content';
COMMENT ON COLUMN app.media_objects.id IS 'The key';
COMMENT ON COLUMN app.media_objects.name IS 'The file''s name, as it is offered for saving';
COMMENT ON COLUMN app.media_objects.title IS 'What lists show; null for the name';
COMMENT ON COLUMN app.media_objects.content_type IS 'As its bytes came with; null until there are some';
COMMENT ON COLUMN app.media_objects.size IS 'In bytes; null until there are some';
COMMENT ON COLUMN app.media_objects.sha256 IS 'Of the bytes, in hex; null until there are some';
COMMENT ON COLUMN app.media_objects.metadata IS 'What else the application knows of it: width, author';

CREATE TABLE app.media_contents (
  id uuid,
  tenant_id uuid,
  content bytea NOT NULL CHECK (length(content) <= 16777216),
  content_type text NOT NULL DEFAULT 'application/octet-stream' CHECK (content_type ~ '^[!-~]+/[ -~]+$'),
  size bigint GENERATED ALWAYS AS (length(content)) STORED,
  sha256 text GENERATED ALWAYS AS (encode(sha256(content), 'hex')) STORED,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, id) REFERENCES app.media_objects (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE app.media_contents IS 'The bytes of a media object';
COMMENT ON COLUMN app.media_contents.id IS 'The media object';
COMMENT ON COLUMN app.media_contents.content IS 'As they came';
COMMENT ON COLUMN app.media_contents.content_type IS 'What the upload said they are';
COMMENT ON COLUMN app.media_contents.size IS 'How many';
COMMENT ON COLUMN app.media_contents.sha256 IS 'In hex; the ETag';
-- Compressing what is compressed already only costs time.
ALTER TABLE app.media_contents ALTER content SET STORAGE EXTERNAL;

-- Tells the object of its bytes: an update of the row is all it takes, the object looks for itself.
CREATE FUNCTION app.media_content_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c app.media_contents := coalesce(NEW, OLD);
BEGIN
  UPDATE app.media_objects SET name = name WHERE tenant_id = c.tenant_id AND env = c.env AND id = c.id;
  RETURN NULL;
END $$;
CREATE FUNCTION app.media_facts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT c.content_type, c.size, c.sha256 INTO NEW.content_type, NEW.size, NEW.sha256
  FROM app.media_contents c WHERE c.tenant_id = NEW.tenant_id AND c.env = NEW.env AND c.id = NEW.id;
  RETURN NEW;
END $$;
CREATE TRIGGER content_changed AFTER INSERT OR UPDATE OR DELETE ON app.media_contents
  FOR EACH ROW EXECUTE FUNCTION app.media_content_changed();
CREATE TRIGGER facts BEFORE INSERT OR UPDATE ON app.media_objects
  FOR EACH ROW EXECUTE FUNCTION app.media_facts();

SELECT tenantd.register_resource('app.media_objects', read_only => ARRAY['content_type', 'size', 'sha256']);
SELECT tenantd.register_resource('app.media_contents', content_of => 'media_objects');
CREATE INDEX media_objects_by_time ON app.media_objects (tenant_id, created_at DESC, id);
