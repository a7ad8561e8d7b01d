-- The catalog of resources, and what requests leave for later ones: kept answers, pieces of uploads, limits.

CREATE TABLE tenantd.resources (
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  schema_name text NOT NULL,
  table_name text NOT NULL,
  key_column text NOT NULL,
  read_role tenantd.role NOT NULL,
  create_role tenantd.role,
  update_role tenantd.role,
  delete_role tenantd.role,
  tenant_guard text NOT NULL CHECK (tenant_guard IN ('any', 'open', 'active')),
  user_scoped boolean NOT NULL,
  append_only boolean NOT NULL,
  read_only text[] NOT NULL DEFAULT '{}',
  content_of text REFERENCES tenantd.resources ON UPDATE CASCADE,
  title text CHECK (title ~ '[^[:space:]]' AND title !~ '[[:cntrl:]]' AND length(title) <= 100),
  registered_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (schema_name, table_name),
  CHECK (num_nulls(create_role, update_role, delete_role) IN (0, 3))
);
COMMENT ON TABLE tenantd.resources IS 'What is served under /v1/data/, and to whom; holds no tenant''s data';
COMMENT ON COLUMN tenantd.resources.create_role IS 'Null, as update_role and delete_role: it is a view, and only read';
COMMENT ON COLUMN tenantd.resources.read_only IS 'Columns that the table fills by itself (triggers, defaults) and no caller writes';
COMMENT ON COLUMN tenantd.resources.content_of IS 'Not served by its name: its rows are the bytes at /v1/data/{content_of}/{id}/content';
COMMENT ON COLUMN tenantd.resources.title IS 'What people call it; null: made of the name';

CREATE TABLE tenantd.resource_actions (
  resource text NOT NULL REFERENCES tenantd.resources ON DELETE CASCADE ON UPDATE CASCADE,
  name text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  signature text NOT NULL,
  least_role tenantd.role NOT NULL,
  tenant_guard text NOT NULL CHECK (tenant_guard IN ('any', 'open', 'active')),
  on_collection boolean NOT NULL DEFAULT false,
  PRIMARY KEY (resource, name)
);
COMMENT ON TABLE tenantd.resource_actions IS
  'Functions that are called on a row, POST /v1/data/{resource}/{id}/{action}, or on the collection, POST /v1/data/{resource}/{action}';

GRANT SELECT ON tenantd.resources, tenantd.resource_actions TO tenantd_app, tenantd_migrator, tenantd_context;
INSERT INTO tenantd.open_relations VALUES
  ('tenantd.resources', 'the workers'' catalog'),
  ('tenantd.resource_actions', 'the workers'' catalog');

-- Answers that are kept for a day, for a repeat of their request. tenantd.idempotency_caller says who owns a key. A row has no
-- tenant when the request came with a token that names none, or from a visitor.
CREATE TABLE tenantd.idempotency_keys (
  tenant_id uuid,
  env tenantd.env NOT NULL,
  caller text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request text COLLATE "C" NOT NULL,
  body text,
  affected bigint,
  created bigint,
  row_key text,
  etag text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (tenant_id, env, caller, key),
  FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_age ON tenantd.idempotency_keys (created_at);
COMMENT ON TABLE tenantd.idempotency_keys IS 'Answers kept a day for repeats of their request; bookkeeping, not audited';
COMMENT ON COLUMN tenantd.idempotency_keys.request IS 'SHA-256 of what makes two requests the same';
GRANT SELECT, INSERT, UPDATE, DELETE ON tenantd.idempotency_keys TO tenantd_context;

-- How full the buckets of the limits are (db/functions/limits.sql). The table is unlogged: after a crash, all counts begin anew.
CREATE UNLOGGED TABLE tenantd.limit_buckets (
  bucket bytea PRIMARY KEY,
  empty_at timestamptz NOT NULL
);
CREATE INDEX limit_buckets_empty ON tenantd.limit_buckets (empty_at);
COMMENT ON TABLE tenantd.limit_buckets IS 'How often something was asked for lately; bookkeeping, not audited';
COMMENT ON COLUMN tenantd.limit_buckets.bucket IS 'A keyed digest of what is limited and of whom it is counted for';
COMMENT ON COLUMN tenantd.limit_buckets.empty_at IS 'When nothing of it counts any more';
GRANT SELECT, INSERT, UPDATE, DELETE ON tenantd.limit_buckets TO tenantd_context;

-- Bytes that are too large for a worker's memory arrive in pieces. The transaction that brought them puts them together in
-- their own table and deletes the pieces.
CREATE UNLOGGED TABLE tenantd.content_pieces (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  upload xid8 NOT NULL DEFAULT pg_current_xact_id(),
  number integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (tenant_id, upload, number)
);
COMMENT ON TABLE tenantd.content_pieces IS 'Pieces of an upload on their way; empty between transactions, not audited';
COMMENT ON COLUMN tenantd.content_pieces.upload IS 'The transaction that brings it';
-- They are read once, and most uploads are compressed already, so trying to compress them only costs time.
ALTER TABLE tenantd.content_pieces ALTER bytes SET STORAGE EXTERNAL;
GRANT SELECT, INSERT (tenant_id, env, number, bytes), DELETE ON tenantd.content_pieces TO tenantd_app;
