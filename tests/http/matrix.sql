-- What the matrix over HTTP (test_http_matrix.c) knows of the resources: all of it read from the catalog, so that a
-- table is covered from the moment it is registered. Rows are made up from the types of the columns.
CREATE SCHEMA matrix;

-- Tables that are nobody's but this test's, registered while the workers serve: every kind of type, keys that are
-- no uuid, references, a user's own rows, what may be written and not read.
SET ROLE tenantd_owner;
CREATE SCHEMA lab;
CREATE TYPE lab.phase AS ENUM ('solid', 'liquid');
CREATE DOMAIN lab.short AS varchar(20) NOT NULL CHECK (VALUE <> '');
CREATE TABLE lab.flasks (label text, tenant_id uuid, a lab.phase NOT NULL, b lab.short, c lab.phase[] NOT NULL, d int4range NOT NULL,
  e inet NOT NULL, f point NOT NULL, g interval NOT NULL, h bytea NOT NULL, i timestamptz NOT NULL, j numeric(6, 2) NOT NULL, k xml,
  l json NOT NULL, m bit(4) NOT NULL, n time NOT NULL, o real[] NOT NULL, PRIMARY KEY (tenant_id, label));
CREATE TABLE lab.samples (id bigint, tenant_id uuid, flask text NOT NULL, next bigint, PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, flask) REFERENCES lab.flasks ON DELETE CASCADE, FOREIGN KEY (tenant_id, next) REFERENCES lab.samples);
CREATE TABLE lab.diaries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, user_id uuid, day date NOT NULL);
CREATE TABLE lab.findings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), v integer NOT NULL);
CREATE TABLE lab.complaints (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), about text NOT NULL);
SELECT tenantd.register_resource('lab.flasks');
SELECT tenantd.register_resource('lab.samples', read_role => 'tenant_admin', create_role => 'owner');
SELECT tenantd.register_resource('lab.diaries', user_scoped => true, delete_role => 'member');
SELECT tenantd.register_resource('lab.findings', append_only => true, create_role => 'tenant_admin', tenant_guard => 'any');
SELECT tenantd.register_resource('lab.complaints', read_role => 'owner', delete_role => 'owner', tenant_guard => 'open');
CREATE FUNCTION lab.sniff(text) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$ SELECT to_json($1) $$;
CREATE VIEW lab.labelled WITH (security_invoker = true) AS SELECT s.*, f.b FROM lab.samples s JOIN lab.flasks f ON f.label = s.flask;
CREATE VIEW lab.contents WITH (security_invoker = true) AS
  SELECT tenant_id, env, flask, count(*) AS n, max(created_at) AS created_at FROM lab.labelled GROUP BY 1, 2, 3;
CREATE VIEW lab.pages WITH (security_invoker = true) AS SELECT *, row_number() OVER (ORDER BY day) AS page FROM lab.diaries;
SELECT tenantd.register_resource('lab.labelled', read_role => 'tenant_admin');
SELECT tenantd.register_resource('lab.contents', read_role => 'tenant_admin', key_column => 'flask', tenant_guard => 'open');
SELECT tenantd.register_resource('lab.pages', tenant_guard => 'any');
SELECT tenantd.register_action('flasks', 'sniff', 'lab.sniff(text)', least_role => 'tenant_admin');
RESET ROLE;

CREATE FUNCTION matrix.relation(r tenantd.resources) RETURNS regclass LANGUAGE sql STABLE AS $$
  SELECT format('%I.%I', r.schema_name, r.table_name)::regclass
$$;

-- The resources that a view reads.
CREATE FUNCTION matrix.beneath(r tenantd.resources) RETURNS SETOF tenantd.resources LANGUAGE sql STABLE AS $$
  SELECT x.* FROM tenantd.view_names(matrix.relation(r)) n JOIN tenantd.resources x ON n.object = matrix.relation(x)
$$;

-- A view's rows are a user's when those of a table beneath are.
CREATE FUNCTION matrix.is_users(r tenantd.resources) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT r.user_scoped OR EXISTS (SELECT 1 FROM matrix.beneath(r) b WHERE b.user_scoped)
$$;

-- The columns that a caller may write, and a view's key: a value of each in SQL, whether a row needs it, what it refers to.
CREATE FUNCTION matrix.columns(resource text)
RETURNS TABLE (col text, type text, sample text, is_needed boolean, is_key boolean, may_update boolean, parent text)
LANGUAGE sql STABLE AS $$
  WITH types AS (
    SELECT oid, typcategory, typelem, CASE
      WHEN typtype = 'e' THEN (SELECT quote_literal(enumlabel) FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder LIMIT 1)
      WHEN typname IN ('json', 'jsonb') THEN '''{}''' WHEN typname = 'uuid' THEN 'gen_random_uuid()' WHEN typname = 'bytea' THEN '''a'''
      WHEN typname = 'xml' THEN '''<a/>''' WHEN typname IN ('time', 'timetz') THEN '''12:00''' WHEN typname IN ('int8', 'int4') THEN '(random() * 1e9)::integer'
      ELSE CASE typcategory WHEN 'S' THEN 'left(md5(random()::text), 12)' WHEN 'N' THEN '1' WHEN 'B' THEN 'false' WHEN 'D' THEN 'now()'
        WHEN 'R' THEN '''empty''' WHEN 'T' THEN '''1 day''' WHEN 'I' THEN '''127.0.0.1''' WHEN 'G' THEN '''(0,0)''' WHEN 'V' THEN '''1010''' END END AS sample
    FROM pg_type t)
  SELECT a.attname, format_type(a.atttypid, a.atttypmod),
    format('(%s)::%s', CASE WHEN b.typcategory = 'A' THEN 'ARRAY[' || e.sample || ']' ELSE b.sample END, format_type(a.atttypid, a.atttypmod)),
    (a.attnotnull OR y.typnotnull) AND NOT a.atthasdef, a.attname = r.key_column,
    a.attname IN (SELECT tenantd.resource_writable(matrix.relation(r), r, 'UPDATE')),
    (SELECT p.name FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) x (f, t), tenantd.resources p
     WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND x.f = a.attnum AND matrix.relation(p) = k.confrelid LIMIT 1)
  FROM tenantd.resources r JOIN pg_attribute a ON a.attrelid = matrix.relation(r) AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type y ON y.oid = a.atttypid JOIN types b ON b.oid = coalesce(nullif(y.typbasetype, 0), y.oid) LEFT JOIN types e ON e.oid = b.typelem
  WHERE r.name = resource AND (a.attname IN (SELECT tenantd.resource_writable(matrix.relation(r), r, 'INSERT'))
      OR (r.create_role IS NULL AND a.attname = r.key_column))
    AND a.attname NOT IN ('tenant_id', 'env') AND NOT (a.attname = 'user_id' AND r.user_scoped)
$$;

CREATE FUNCTION matrix.value(expression text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v jsonb;
BEGIN
  EXECUTE 'SELECT to_jsonb(' || expression || ')' INTO v;
  RETURN v;
END $$;

-- A made-up row as a body: what it needs, and its key when one is given. What it refers to is made first.
CREATE FUNCTION matrix.body(resource text, tenant text, who text, key text DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  body jsonb := '{}';
  c record;
BEGIN
  FOR c IN SELECT * FROM matrix.columns(resource) WHERE is_needed OR (is_key AND key IS NOT NULL) LOOP
    body := body || jsonb_build_object(c.col, CASE
      WHEN c.is_key AND key IS NOT NULL THEN matrix.value(format('(%L)::%s', key, c.type))
      WHEN c.parent IS NOT NULL THEN matrix.value(format('(%L)::%s', matrix.row_of(c.parent, tenant, who), c.type))
      ELSE matrix.value(c.sample) END);
  END LOOP;
  RETURN body;
END $$;

-- Makes such a row as the superuser, in a tenant and its env: its key.
CREATE FUNCTION matrix.row_of(resource text, tenant text, who text, key text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(resource);
  body jsonb := matrix.body(resource, tenant, who, key) || jsonb_build_object('tenant_id', tenant, 'env', (SELECT env FROM tenantd.tenants WHERE id = tenant::uuid))
    || CASE WHEN r.user_scoped THEN jsonb_build_object('user_id', who) ELSE '{}' END;
  made text;
  known text[];
BEGIN
  IF r.create_role IS NULL THEN
    -- The row that is there once there are new ones beneath.
    EXECUTE format('SELECT array_agg(%I::text) FROM %s WHERE tenant_id = $1', r.key_column, matrix.relation(r)) INTO known USING tenant::uuid;
    PERFORM matrix.row_of(b.name, tenant, who) FROM matrix.beneath(r) b;
    EXECUTE format('SELECT %I::text FROM %s WHERE tenant_id = $1 AND %1$I::text <> ALL ($2) LIMIT 1', r.key_column, matrix.relation(r))
    INTO STRICT made USING tenant::uuid, coalesce(known, '{}');
    RETURN made;
  END IF;
  EXECUTE format('INSERT INTO %s (%s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1) RETURNING %3$I::text', matrix.relation(r),
    (SELECT string_agg(quote_ident(k), ', ') FROM jsonb_object_keys(body) k), r.key_column) INTO made USING body;
  RETURN made;
END $$;

-- A body that refers to this parent.
CREATE FUNCTION matrix.child(resource text, tenant text, who text, column_name text, parent_key text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT matrix.body(resource, tenant, who) || jsonb_build_object(col, matrix.value(format('(%L)::%s', parent_key, type)))
  FROM matrix.columns(resource) WHERE col = column_name
$$;

-- A key of nobody's.
CREATE FUNCTION matrix.no_key(resource text) RETURNS text LANGUAGE sql AS $$
  SELECT matrix.value(format('(%s)::text', sample)) #>> '{}' FROM matrix.columns(resource) WHERE is_key
$$;

-- A body that changes a row; null when nothing of it may be changed. Of a view, where none is looked at: an empty one.
CREATE FUNCTION matrix.change(resource text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{}'::jsonb FROM tenantd.resources WHERE name = resource AND create_role IS NULL
  UNION ALL
  (SELECT jsonb_build_object(col, CASE WHEN is_needed THEN matrix.value(sample) ELSE 'null' END) FROM matrix.columns(resource)
  WHERE may_update AND parent IS NULL AND NOT is_key ORDER BY is_needed DESC LIMIT 1)
$$;

-- Every row of the resource as it stands, and what is told of them in the audit.
CREATE FUNCTION matrix.digest(resource text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(resource);
  digest text;
BEGIN
  EXECUTE format('SELECT count(*) || '' '' || coalesce(md5(string_agg(t::text, '','' ORDER BY t::text)), '''') FROM %s t', matrix.relation(r)) INTO digest;
  RETURN digest || ' ' || (SELECT count(*) FROM tenantd.audit_events WHERE object_type = resource AND code IS NULL);
END $$;

-- How many rows somebody sees.
CREATE FUNCTION matrix.count_of(resource text, tenant text, who text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(resource);
  n bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s t WHERE tenant_id = $1%s', matrix.relation(r),
    CASE WHEN matrix.is_users(r) THEN ' AND user_id = $2' ELSE '' END) INTO n USING tenant::uuid, who::uuid;
  RETURN n;
END $$;

-- All resources, for the test to go through.
CREATE FUNCTION matrix.resources() RETURNS json LANGUAGE sql AS $$
  SELECT json_agg(json_build_object('name', r.name, 'key', r.key_column, 'read', r.read_role, 'create', r.create_role, 'update', r.update_role,
      'delete', r.delete_role, 'guard', r.tenant_guard, 'user_scoped', matrix.is_users(r), 'append_only', r.append_only, 'is_view', r.create_role IS NULL,
      'content', (SELECT x.name FROM tenantd.resources x WHERE x.content_of = r.name),
      'changeable', matrix.change(r.name) IS NOT NULL, 'key_refers', (SELECT bool_or(parent IS NOT NULL) FROM matrix.columns(r.name) WHERE is_key),
      'parents', (SELECT coalesce(json_agg(json_build_object('col', col, 'parent', parent)), '[]') FROM matrix.columns(r.name) WHERE parent IS NOT NULL),
      'actions', (SELECT coalesce(json_agg(json_build_object('name', a.name, 'role', a.least_role)), '[]') FROM tenantd.resource_actions a
                  WHERE a.resource = r.name AND NOT a.on_collection)) ORDER BY r.name)
  FROM tenantd.resources r WHERE r.content_of IS NULL
$$;
