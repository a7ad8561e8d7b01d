-- What is served under /v1/data/, as the workers read it (src/resource/catalog.c takes the columns by their position):
-- the registered tables and views, what may be done with each of their columns, which constraints can refuse a row,
-- and the actions. It holds no tenant's data. The functions run as the workers' role, because the rights of that role
-- are a part of the answer.

CREATE OR REPLACE FUNCTION tenantd.served_resources() RETURNS TABLE (name text, relation text, key_column text, read_role tenantd.role,
  create_role tenantd.role, update_role tenantd.role, delete_role tenantd.role, tenant_guard text, user_scoped boolean,
  append_only boolean, content_of text, read_runs_code boolean, write_runs_code boolean, is_view boolean, object text,
  title text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.name, format('%I.%I', r.schema_name, r.table_name), r.key_column, r.read_role, r.create_role, r.update_role,
    r.delete_role, r.tenant_guard, r.user_scoped, r.append_only, r.content_of, tenantd.read_runs_code(c.oid),
    tenantd.write_runs_code(c.oid), c.relkind = 'v',
    r.schema_name || '.' || r.table_name, coalesce(r.title, tenantd.title_of(r.name))
  FROM tenantd.resources r
  LEFT JOIN pg_class c ON c.oid = tenantd.relation_named(r.schema_name, r.table_name)
  ORDER BY r.name
$$;

-- The table or view of each resource, as far as it exists.
CREATE OR REPLACE FUNCTION tenantd.served_relations() RETURNS TABLE (resource text, relation oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.name, c.oid FROM tenantd.resources r
  JOIN pg_namespace n ON n.nspname = r.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = r.table_name
$$;

-- The columns with ids of people: those that the stamps fill, and those whose foreign key leads to the tenant's members. A
-- view has no keys; its columns have the names of the stamps when they come from them.
CREATE OR REPLACE FUNCTION tenantd.person_columns(relation oid) RETURNS name[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(a.attname) FROM pg_attribute a
  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'uuid'::regtype
    AND (a.attname IN ('created_by', 'updated_by')
      OR (a.attname = 'actor_id' AND tenantd.carries_actor(relation))
      OR (a.attname = 'user_id' AND EXISTS (SELECT 1 FROM tenantd.served_relations() s JOIN tenantd.resources r ON r.name = s.resource
          WHERE s.relation = person_columns.relation AND r.user_scoped))
      OR EXISTS (SELECT 1 FROM pg_constraint k, unnest(k.conkey, k.confkey) c (own, other)
          JOIN pg_attribute u ON u.attrelid = 'tenantd.tenant_members'::regclass AND u.attname = 'user_id' AND u.attnum = c.other
          WHERE k.conrelid = relation AND k.contype = 'f' AND k.confrelid = u.attrelid AND c.own = a.attnum))
$$;

-- A domain is treated as its base type. Texts of any kind are passed as text, so that the checks of length of their
-- own type apply. They are compared as text, too, except when their type has its own way to compare (citext,
-- blank-padded characters), which its indexes and its order also use: then `operators` is the schema of those
-- operators.
CREATE OR REPLACE FUNCTION tenantd.served_columns() RETURNS TABLE (resource text, name text, quoted text, shown_type text,
  field_type text, cast_to text, list_cast text, kind text, max_chars integer, labels json, default_is text, description text,
  is_nullable boolean, is_comparable boolean, may_insert boolean, may_update boolean, operators text, element_kind text,
  digits integer, digits_behind integer, is_person boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH own AS (
    SELECT o.opcintype AS type, quote_ident(n.nspname) AS operators FROM pg_opclass o
    JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
    JOIN pg_amop p ON p.amopfamily = o.opcfamily AND p.amopstrategy = 3 AND p.amoplefttype = o.opcintype
      AND p.amoprighttype = o.opcintype
    JOIN pg_operator q ON q.oid = p.amopopr
    JOIN pg_namespace n ON n.oid = q.oprnamespace
    WHERE o.opcdefault AND n.oid <> 'pg_catalog'::regnamespace AND has_schema_privilege(n.oid, 'USAGE')
  )
  SELECT s.resource, a.attname, quote_ident(a.attname), y.shown,
    CASE WHEN y.is_text THEN 'text' ELSE y.shown END,
    CASE WHEN y.as_text THEN 'text' ELSE format_type(b.oid, -1) END,
    CASE WHEN y.as_text THEN 'text[]' WHEN b.typarray <> 0 THEN format_type(b.typarray, -1) END,
    CASE WHEN y.is_text THEN 'string' WHEN b.typcategory = 'A' THEN 'array' WHEN b.typtype = 'e' THEN 'enum'
      WHEN y.is_servers THEN b.typname END,
    CASE WHEN b.typname IN ('varchar', 'bpchar') AND y.mod > 4 THEN y.mod - 4 END,
    (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = b.oid),
    -- PostgreSQL locks the table for this. When somebody else holds a lock on it, it cannot be had.
    CASE WHEN s.relation <> ALL ((SELECT tenantd.locked_tables())::oid[]) THEN
      coalesce(pg_get_expr(d.adbin, d.adrelid), CASE WHEN t.typtype = 'd' THEN pg_get_expr(t.typdefaultbin, 0) END) END,
    col_description(s.relation, a.attnum),
    NOT (a.attnotnull OR t.typtype = 'd' AND t.typnotnull),
    y.operators IS NOT NULL OR y.is_text OR b.typcategory = 'E' OR (y.is_servers AND EXISTS (
      SELECT 1 FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
      WHERE m.amname = 'btree' AND o.opcdefault AND o.opcintype = b.oid)),
    a.attgenerated = '' AND has_column_privilege(s.relation, a.attnum, 'INSERT'),
    a.attgenerated = '' AND has_column_privilege(s.relation, a.attnum, 'UPDATE'),
    y.operators,
    (SELECT CASE WHEN e.typcategory = 'S' THEN 'string' WHEN e.typnamespace = 'pg_catalog'::regnamespace THEN e.typname END
      FROM pg_type e WHERE e.oid = b.typelem AND b.typcategory = 'A'),
    -- the modifier of a numeric: all digits, and in the lowest eleven bits, signed, those after the point
    CASE WHEN y.has_digits THEN (y.mod - 4) >> 16 END,
    CASE WHEN y.has_digits THEN (((y.mod - 4) & 2047) # 1024) - 1024 END,
    a.attname = ANY (tenantd.person_columns(s.relation))
  FROM tenantd.served_relations() s
  JOIN pg_attribute a ON a.attrelid = s.relation AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
  LEFT JOIN pg_attrdef d ON d.adrelid = s.relation AND d.adnum = a.attnum AND a.attgenerated = ''
  LEFT JOIN own ON own.type = b.oid,
  LATERAL (SELECT CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END AS mod,
    format_type(a.atttypid, a.atttypmod) AS shown, own.operators,
    b.typcategory = 'S' AS is_text, b.typnamespace = 'pg_catalog'::regnamespace AS is_servers) x,
  LATERAL (SELECT x.*, x.is_text AND x.operators IS NULL AND b.typname <> 'bpchar' AS as_text,
    b.typname IN ('numeric', '_numeric') AND x.mod > 4 AS has_digits) y
  ORDER BY s.resource, a.attnum
$$;

-- The columns of a key, without the tenant's.
CREATE OR REPLACE FUNCTION tenantd.own_columns(relation oid, key smallint[]) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
  WHERE a.attrelid = relation AND a.attnum = ANY (key) AND a.attname NOT IN ('tenant_id', 'env')
$$;

-- Constraints, with what names them after ON CONFLICT, and for a foreign key the resource and the column to which it
-- refers. A unique index counts like a unique constraint. Of an index that is partial, on expressions or deferred,
-- only what it refuses is given, with the kind i; the same for the check of a domain, when one column has that domain.
CREATE OR REPLACE FUNCTION tenantd.served_constraints() RETURNS TABLE (resource text, name text, arbiter text, kind text, columns json,
  to_resource text, to_column text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.resource, k.conname, format('ON CONSTRAINT %I', k.conname),
    CASE WHEN k.contype = 'u' AND k.condeferrable THEN 'i' ELSE k.contype::text END,
    tenantd.own_columns(s.relation, k.conkey),
    (SELECT x.resource FROM tenantd.served_relations() x WHERE x.relation = k.confrelid),
    (SELECT c.own ->> 0 FROM (SELECT tenantd.own_columns(k.confrelid, k.confkey) AS own) c WHERE json_array_length(c.own) = 1)
  FROM tenantd.served_relations() s
  JOIN pg_constraint k ON k.conrelid = s.relation AND k.contype IN ('p', 'u', 'f', 'c', 'x')
  UNION ALL
  SELECT s.resource, k.conname, '', k.contype::text, json_agg(a.attname), NULL, NULL
  FROM tenantd.served_relations() s
  JOIN pg_attribute a ON a.attrelid = s.relation AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'd'
  JOIN pg_constraint k ON k.contypid IN (t.oid, t.typbasetype)
  GROUP BY s.resource, k.conname, k.contype HAVING count(*) = 1
  UNION ALL
  SELECT s.resource, x.relname,
    '(' || (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a
      WHERE a.attrelid = s.relation AND a.attnum = ANY (own.key)) || ')',
    CASE WHEN i.indpred IS NULL AND i.indimmediate AND i.indisvalid AND 0 <> ALL (own.key) THEN 'u' ELSE 'i' END,
    tenantd.own_columns(s.relation, own.key), NULL, NULL
  FROM tenantd.served_relations() s
  JOIN pg_index i ON i.indrelid = s.relation AND i.indisunique
  JOIN pg_class x ON x.oid = i.indexrelid,
  LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS key) own
  WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = s.relation)
  ORDER BY 1, 2
$$;

CREATE OR REPLACE FUNCTION tenantd.served_actions() RETURNS TABLE (resource text, name text, function text, takes_body boolean,
  least_role tenantd.role, tenant_guard text, on_collection boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT x.resource, x.name, format('%I.%I', n.nspname, p.proname),
    p.pronargs = CASE WHEN x.on_collection THEN 1 ELSE 2 END, x.least_role, x.tenant_guard, x.on_collection
  FROM tenantd.resource_actions x
  JOIN pg_proc p ON p.oid >= 16384 AND p.oid::regprocedure::text = x.signature -- to_regprocedure asks for the right to the schema
  JOIN pg_namespace n ON n.oid = p.pronamespace
  ORDER BY x.resource, x.name
$$;
GRANT EXECUTE ON FUNCTION tenantd.served_resources(), tenantd.served_relations(), tenantd.person_columns(oid), tenantd.served_columns(),
  tenantd.own_columns(oid, smallint[]), tenantd.served_constraints(), tenantd.served_actions() TO tenantd_app;
