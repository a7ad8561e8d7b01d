-- The keys of proof and seal, and the record of what the isolation gate expects of the walls.

CREATE TABLE tenantd.context_keys (
  id text COLLATE "C" PRIMARY KEY,
  proof_key bytea NOT NULL CHECK (length(proof_key) = 48),
  seal_key bytea NOT NULL CHECK (length(seal_key) = 48),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenantd.context_keys IS 'A key that workers share, by its fingerprint, and the database''s own beside it';
COMMENT ON COLUMN tenantd.context_keys.proof_key IS 'SHA-384 of the workers'' key';
COMMENT ON COLUMN tenantd.context_keys.seal_key IS 'Made here, and never known outside';
GRANT SELECT, INSERT, DELETE ON tenantd.context_keys TO tenantd_context;

-- One row for each table that the workers' role has rights on. It must not have rights on any other table.
CREATE TABLE tenantd.isolated_tables (
  schema_name text NOT NULL,
  table_name text NOT NULL,
  -- SQL over the table's columns that is true for rows outside of the context; $1 is the context's tenant, $2 its env, $3 its user.
  is_foreign text NOT NULL,
  -- Column list and VALUES of an INSERT that makes a row of another tenant; $1 is that tenant, $2 its env, $3 a user.
  foreign_row text NOT NULL,
  PRIMARY KEY (schema_name, table_name)
);
COMMENT ON TABLE tenantd.isolated_tables IS 'The tables and views that the workers may touch, and how the isolation gate attacks each';

-- A SECURITY DEFINER function that the workers may call could reach every tenant, so each of them is listed with its reason.
CREATE TABLE tenantd.open_functions (
  signature text PRIMARY KEY,
  reason text NOT NULL
);
COMMENT ON TABLE tenantd.open_functions IS 'The SECURITY DEFINER functions that the workers may call, and why';

-- Relations that the workers may read and that have no rows of tenants are listed as well.
CREATE TABLE tenantd.open_relations (
  name text PRIMARY KEY,
  reason text NOT NULL
);
COMMENT ON TABLE tenantd.open_relations IS 'What the workers may read that holds no tenant''s data, and why';

-- The parts of every wall as they were when it was built: those of each table that the workers may use, and of the schema tenantd.
CREATE TABLE tenantd.expected_objects (
  object text NOT NULL,
  part text NOT NULL,
  made text,
  make text,
  PRIMARY KEY (object, part)
);
COMMENT ON TABLE tenantd.expected_objects IS 'What the isolation gate expects each wall to be made of';
COMMENT ON COLUMN tenantd.expected_objects.made IS 'The part as PostgreSQL writes it, for comparing';
COMMENT ON COLUMN tenantd.expected_objects.make IS 'The SQL that makes it so again';

GRANT SELECT ON tenantd.isolated_tables, tenantd.open_functions, tenantd.open_relations, tenantd.expected_objects TO tenantd_app;
INSERT INTO tenantd.open_relations VALUES
  ('tenantd.isolated_tables', 'what the isolation gate expects'),
  ('tenantd.open_functions', 'what the isolation gate expects'),
  ('tenantd.open_relations', 'what the isolation gate expects'),
  ('tenantd.expected_objects', 'what the isolation gate expects');
