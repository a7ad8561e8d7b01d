-- Resources: a table of the application becomes tenant-scoped by one call, made in a migration by its owner:
--
--   SELECT tenantd.register_resource('app.invoices');
--
-- The call does what it can (tenant columns, the primary key with the tenant in front, policies, grants, stamps,
-- audit) and refuses a table it cannot make safe, saying why and what to change. It may be made again: it then
-- brings everything to what the arguments say.

CREATE TABLE tenantd.resources (
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  schema_name text NOT NULL,
  table_name text NOT NULL,
  key_column text NOT NULL,
  read_role tenantd.role NOT NULL,
  create_role tenantd.role NOT NULL,
  update_role tenantd.role NOT NULL,
  delete_role tenantd.role NOT NULL,
  tenant_guard text NOT NULL CHECK (tenant_guard IN ('any', 'open', 'active')),
  user_scoped boolean NOT NULL,
  append_only boolean NOT NULL,
  read_only text[] NOT NULL DEFAULT '{}',
  content_of text REFERENCES tenantd.resources ON UPDATE CASCADE,
  registered_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (schema_name, table_name)
);
COMMENT ON TABLE tenantd.resources IS 'What is served under /v1/data/, and to whom; holds no tenant''s data';
COMMENT ON COLUMN tenantd.resources.read_only IS 'Columns that the table fills by itself (triggers, defaults) and no caller writes';
COMMENT ON COLUMN tenantd.resources.content_of IS 'Not served by its name: its rows are the bytes at /v1/data/{content_of}/{id}/content';

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

GRANT SELECT ON tenantd.resources, tenantd.resource_actions TO tenantd_app, tenantd_migrator;
INSERT INTO tenantd.open_relations VALUES
  ('tenantd.resources', 'the workers'' catalog'),
  ('tenantd.resource_actions', 'the workers'' catalog');

-- Workers listen: they read the catalog again before their next request.
CREATE FUNCTION tenantd.catalog_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('tenantd_catalog', '');
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_changed AFTER INSERT OR UPDATE OR DELETE ON tenantd.resources
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.catalog_changed();
CREATE TRIGGER catalog_changed AFTER INSERT OR UPDATE OR DELETE ON tenantd.resource_actions
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.catalog_changed();

SET LOCAL ROLE tenantd_context;

-- Who and when, by the database and not by the caller: whatever a caller wrote there is replaced. What may be
-- left out is filled in: the tenant, and the user of a user-scoped row; another's is for row-level security to
-- refuse. The arguments name what this table has beside the common columns: user_id, actor_id, trace_id.
CREATE FUNCTION tenantd.stamp_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF TG_OP = 'INSERT' THEN
    NEW.tenant_id := coalesce(NEW.tenant_id, c.tenant_id);
    NEW.env := coalesce(NEW.env, c.env);
    IF 'user_id' = ANY (TG_ARGV) THEN NEW.user_id := coalesce(NEW.user_id, c.user_id); END IF;
    NEW.created_at := now();
    NEW.created_by := c.user_id;
    NEW.version := 1;
  ELSE
    IF (NEW.tenant_id, NEW.env) IS DISTINCT FROM (OLD.tenant_id, OLD.env) THEN
      RAISE EXCEPTION 'a row stays in its tenant' USING ERRCODE = 'TD403';
    END IF;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.version := OLD.version + 1;
  END IF;
  NEW.updated_at := now();
  NEW.updated_by := c.user_id;
  IF 'actor_id' = ANY (TG_ARGV) THEN
    NEW.actor_id := c.user_id;
    NEW.trace_id := c.fields[6];
  END IF;
  RETURN NEW;
END $$;

-- The env of a tenant, held until the transaction ends. Forced policies hide tenants from the owner.
CREATE FUNCTION tenantd.env_of_tenant(tenant uuid) RETURNS tenantd.env
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found tenantd.env;
BEGIN
  SELECT t.env INTO found FROM tenantd.tenants t WHERE t.id = tenant FOR KEY SHARE;
  RETURN found;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.stamp_row(), tenantd.env_of_tenant(uuid) TO tenantd_owner;

SET LOCAL ROLE tenantd_owner;

-- The columns that every resource has, in their order: name, type, how one is added.
CREATE FUNCTION tenantd.resource_columns(user_scoped boolean) RETURNS TABLE (name text, type text, definition text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM (VALUES
    ('tenant_id', 'uuid', 'uuid'),
    ('env', 'tenantd.env', 'tenantd.env'),
    ('user_id', 'uuid', 'uuid'),
    ('version', 'integer', 'integer NOT NULL DEFAULT 1'),
    ('created_at', 'timestamp with time zone', 'timestamptz NOT NULL DEFAULT now()'),
    ('created_by', 'uuid', 'uuid'),
    ('updated_at', 'timestamp with time zone', 'timestamptz NOT NULL DEFAULT now()'),
    ('updated_by', 'uuid', 'uuid')) v (name, type, definition)
  WHERE v.name <> 'user_id' OR user_scoped
$$;

-- What the common columns say of themselves, where the table says nothing.
CREATE FUNCTION tenantd.resource_comments() RETURNS TABLE (name text, text text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM (VALUES
    ('tenant_id', 'The tenant whose row it is'),
    ('env', 'The env of that tenant'),
    ('user_id', 'The user whose row it is'),
    ('version', 'Counts the changes of the row, from 1'),
    ('created_at', 'When the row was made'),
    ('created_by', 'The user who made it; null when no user did'),
    ('updated_at', 'When it was changed last'),
    ('updated_by', 'The user who changed it last; null when no user did')) v (name, text)
$$;

-- A column by its name; null when there is none.
CREATE FUNCTION tenantd.column_number(relation regclass, name text) RETURNS smallint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT attnum FROM pg_attribute WHERE attrelid = relation AND attname = name AND attnum > 0 AND NOT attisdropped
$$;

-- A table that has both actor_id uuid and trace_id text says in them who wrote a row, in which request.
CREATE FUNCTION tenantd.carries_actor(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) = 2 FROM pg_attribute
  WHERE attrelid = relation AND NOT attisdropped
    AND (attname, atttypid) IN (('actor_id', 'uuid'::regtype), ('trace_id', 'text'::regtype))
$$;

-- What becomes of a column that counted, behind the statement that ends its counting.
CREATE FUNCTION tenantd.uncounted(relation regclass, col name) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = relation AND k.contype = 'p'
      AND tenantd.column_number(relation, col) = ANY (k.conkey))
    THEN format('ALTER TABLE %s ALTER %I TYPE uuid USING gen_random_uuid(), ALTER %I SET DEFAULT gen_random_uuid(); or leave it a '
      'number, and callers say it', relation, col, col)
    ELSE 'callers say it then, or a trigger that counts inside the tenant' END
$$;

-- The step that a table without tenant_id needs before a key can have it; null when it has one.
CREATE FUNCTION tenantd.lacking_tenant(relation regclass) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format(' ALTER TABLE %s ADD tenant_id uuid and say whose each row is,', relation)
  WHERE tenantd.column_number(relation, 'tenant_id') IS NULL
$$;
GRANT EXECUTE ON FUNCTION tenantd.uncounted(regclass, name), tenantd.lacking_tenant(regclass) TO tenantd_app;

-- Why the shape of a table cannot be made safe, each reason with what to change.
CREATE FUNCTION tenantd.shape_refusals(relation regclass, user_scoped boolean) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH t AS (
    SELECT c.*, n.nspname, n.nspowner, tenantd.column_number(relation, 'tenant_id') AS tenant,
      (SELECT array_agg(col) FROM pg_constraint k, unnest(k.conkey) col WHERE k.conrelid = c.oid AND k.contype = 'p') AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation)
  SELECT 'it is a ' || CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
      WHEN 'p' THEN 'partitioned table' ELSE 'relation of kind ' || relkind::text END || ': register a plain table'
  FROM t WHERE relkind <> 'r'
  UNION ALL
  SELECT 'it is not permanent: make it LOGGED, for the audit says that its rows exist' FROM t WHERE relpersistence <> 'p'
  UNION ALL
  SELECT 'it is the system''s own' FROM t WHERE nspname IN ('tenantd', 'pg_catalog', 'information_schema')
  UNION ALL
  SELECT format('it belongs to %s: ALTER TABLE %s OWNER TO tenantd_owner', relowner::regrole, relation)
  FROM t WHERE relowner <> 'tenantd_owner'::regrole
  UNION ALL
  SELECT format('schema %I belongs to %s and is closed to the workers: GRANT USAGE ON SCHEMA %I TO tenantd_app', nspname,
    nspowner::regrole, nspname)
  FROM t WHERE nspowner <> 'tenantd_owner'::regrole AND NOT has_schema_privilege('tenantd_app', relnamespace, 'USAGE')
  UNION ALL
  SELECT 'it inherits or is inherited from, and one table''s policies show the other''s rows: make it stand alone'
  WHERE EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = relation OR inhparent = relation)
  UNION ALL
  SELECT format('column %I is %s%s, and a resource''s %I is plain %s: ALTER TABLE %s %s', c.name,
    CASE WHEN a.attgenerated <> '' THEN 'a generated ' ELSE '' END, format_type(a.atttypid, a.atttypmod), c.name, c.type, relation,
    CASE WHEN a.attgenerated = '' AND a.atttypid = 'timestamp'::regtype AND c.type LIKE 'timestamp%'
      THEN format('ALTER %I TYPE timestamptz USING %I AT TIME ZONE ''UTC''', c.name, c.name)
    ELSE format('RENAME %I TO … and have it made, or make it one yourself', c.name) END)
  FROM tenantd.resource_columns(user_scoped) c
  JOIN pg_attribute a ON a.attrelid = relation AND a.attname = c.name AND NOT a.attisdropped
  WHERE a.atttypid <> c.type::regtype OR a.attgenerated <> ''
  UNION ALL
  SELECT CASE WHEN key IS NULL THEN 'it has no primary key: give it id uuid PRIMARY KEY DEFAULT gen_random_uuid()'
    WHEN cardinality(key) = 1 THEN 'its primary key is the tenant alone: give it a key of its own beside it'
    ELSE 'its primary key has several columns: have one beside the tenant, and make the others UNIQUE (tenant_id, …)' END
  FROM t WHERE relkind = 'r' AND cardinality(array_remove(key, tenant)) IS DISTINCT FROM 1
  UNION ALL
  SELECT format('key %I is %s, and other users of the tenant could probe for it: use uuid DEFAULT gen_random_uuid()', a.attname,
    format_type(a.atttypid, a.atttypmod))
  FROM t JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = ANY (array_remove(key, tenant))
  WHERE user_scoped AND a.atttypid <> 'uuid'::regtype
  UNION ALL
  -- A sequence counts every tenant's rows for all to see.
  SELECT format('column %I counts with sequence %s, shared by all tenants: ALTER TABLE %s ALTER %I DROP DEFAULT; %s', a.attname,
    d.refobjid::regclass, relation, a.attname, tenantd.uncounted(relation, a.attname))
  FROM pg_attrdef ad JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
  WHERE ad.adrelid = relation
  UNION ALL
  SELECT format('column %I is an identity, a sequence shared by all tenants: ALTER TABLE %s ALTER %I DROP IDENTITY; %s', attname,
    relation, attname, tenantd.uncounted(relation, attname))
  FROM pg_attribute WHERE attrelid = relation AND attidentity <> '' AND NOT attisdropped
  UNION ALL
  SELECT format('rule %I rewrites its statements: drop it', r.rulename) FROM pg_rewrite r, t
  WHERE r.ev_class = relation AND t.relkind = 'r'
  UNION ALL
  SELECT format('policy %I is not of this registration: DROP POLICY %I ON %s', p.polname, p.polname, relation)
  FROM pg_policy p WHERE p.polrelid = relation AND p.polname NOT IN
    ('context_access', 'tenant_select', 'tenant_insert', 'tenant_update', 'tenant_delete')
$$;

-- Why its keys and references cannot stay: over all tenants they tell one what another holds, or lead there.
-- The same holds between users when the table, or the one that is referred to, is user-scoped.
CREATE FUNCTION tenantd.key_refusals(relation regclass, user_scoped boolean) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH keys AS (
    SELECT i.*, (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, true), ', ' ORDER BY n)
                 FROM generate_series(1, i.indnkeyatts) n) AS columns,
      (SELECT string_agg(CASE i.indkey[n - 1] WHEN 0 THEN format('(%s)', pg_get_indexdef(i.indexrelid, n, true))
                           ELSE pg_get_indexdef(i.indexrelid, n, true) END, ', ' ORDER BY n)
       FROM generate_series(1, i.indnkeyatts) n
       WHERE i.indkey[n - 1] IS DISTINCT FROM tenantd.column_number(relation, 'tenant_id')) AS others,
      (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS key
    FROM pg_index i WHERE i.indrelid = relation AND i.indisunique),
  -- Foreign keys from here and to here; from tenants to nowhere else, and a table without tenants is all tenants'.
  refs AS (
    SELECT k.*, (k.confrelid = relation AND user_scoped) OR EXISTS (SELECT 1 FROM tenantd.resources x
        WHERE x.user_scoped AND tenantd.relation_named(x.schema_name, x.table_name) = k.confrelid
          AND k.confrelid <> relation) AS to_users,
      ARRAY(SELECT a1.attname || '=' || a2.attname FROM unnest(k.conkey, k.confkey) p (a, b)
        JOIN pg_attribute a1 ON a1.attrelid = k.conrelid AND a1.attnum = p.a
        JOIN pg_attribute a2 ON a2.attrelid = k.confrelid AND a2.attnum = p.b) AS pairs,
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY p.n) FROM unnest(k.conkey) WITH ORDINALITY p (a, n)
       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.a
       WHERE a.attname NOT IN ('tenant_id', 'user_id')) AS own,
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY p.n) FROM unnest(k.confkey) WITH ORDINALITY p (a, n)
       JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.a
       WHERE a.attname NOT IN ('tenant_id', 'user_id')) AS theirs
    FROM pg_constraint k
    WHERE k.contype = 'f' AND (k.confrelid = relation OR (k.conrelid = relation
      AND tenantd.column_number(k.confrelid, 'tenant_id') IS NOT NULL)))
  SELECT format('unique index %s (%s) is over all tenants: drop it,%s and CREATE UNIQUE INDEX ON %s (tenant_id, %s)%s',
    indexrelid::regclass, columns, tenantd.lacking_tenant(relation), relation, others,
    ' WHERE ' || pg_get_expr(indpred, indrelid, true))
  FROM keys WHERE NOT indisprimary AND indkey[0] IS DISTINCT FROM tenantd.column_number(relation, 'tenant_id')
  UNION ALL
  SELECT format('unique index %s (%s) is over all users of the tenant: have a column user_id uuid, and put it in',
    indexrelid::regclass, columns)
  FROM keys WHERE NOT indisprimary AND user_scoped AND NOT coalesce(tenantd.column_number(relation, 'user_id') = ANY (key), false)
  UNION ALL
  SELECT format('exclusion constraint %I is over all tenants: add tenant_id WITH =', k.conname)
  FROM pg_constraint k WHERE k.conrelid = relation AND k.contype = 'x'
    AND k.conexclop[array_position(k.conkey, tenantd.column_number(relation, 'tenant_id'))]
      IS DISTINCT FROM 'pg_catalog.=(uuid,uuid)'::regoperator
  UNION ALL
  SELECT format('foreign key %I of %s %s without the tenant: drop it,%s%s%s and ALTER TABLE %s ADD FOREIGN KEY (tenant_id, %s) '
    'REFERENCES %s (tenant_id, %s)%s', conname, conrelid::regclass,
    CASE WHEN confrelid = relation THEN 'points here' ELSE 'goes to ' || confrelid::regclass END,
    tenantd.lacking_tenant(conrelid), CASE WHEN confrelid <> conrelid THEN tenantd.lacking_tenant(confrelid) END,
    CASE WHEN NOT EXISTS (SELECT 1 FROM pg_index i, LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS key) k
        WHERE i.indrelid = confrelid AND i.indisunique AND i.indpred IS NULL
          AND k.key @> (confkey || tenantd.column_number(confrelid, 'tenant_id'))
          AND k.key <@ (confkey || tenantd.column_number(confrelid, 'tenant_id')))
      THEN format(' CREATE UNIQUE INDEX ON %s (tenant_id, %s),', confrelid::regclass, theirs) END,
    conrelid::regclass, own, confrelid::regclass, theirs,
    CASE confdeltype WHEN 'c' THEN ' ON DELETE CASCADE' WHEN 'n' THEN format(' ON DELETE SET NULL (%s)', own)
      WHEN 'd' THEN format(' ON DELETE SET DEFAULT (%s)', own) WHEN 'r' THEN ' ON DELETE RESTRICT' END)
  FROM refs WHERE NOT 'tenant_id=tenant_id' = ANY (pairs)
  UNION ALL
  SELECT format('foreign key %I of %s refers to rows of one user without the user: make it '
    'FOREIGN KEY (tenant_id, user_id, %s) REFERENCES %s (tenant_id, user_id, %s)', conname, conrelid::regclass, own,
    confrelid::regclass, theirs)
  FROM refs WHERE to_users AND 'tenant_id=tenant_id' = ANY (pairs) AND NOT 'user_id=user_id' = ANY (pairs)
  UNION ALL
  SELECT format('foreign key %I would clear the tenant when what it refers to goes: make it ON DELETE SET %s (%s)', conname,
    CASE confdeltype WHEN 'n' THEN 'NULL' ELSE 'DEFAULT' END, own)
  FROM refs WHERE conrelid = relation AND confdeltype IN ('n', 'd') AND 'tenant_id=tenant_id' = ANY (pairs)
    AND (confdelsetcols IS NULL OR tenantd.column_number(relation, 'tenant_id') = ANY (confdelsetcols))
$$;

-- Why the code in it cannot stay: it would carry rows across tenants, end every write, or run as somebody else than the
-- workers' role (0009_code.sql says where).
CREATE FUNCTION tenantd.code_refusals(relation regclass) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH code AS MATERIALIZED (
    SELECT c.what, c.place, c.function, p.prosecdef, has_function_privilege('tenantd_app', p.oid, 'EXECUTE') AS is_open
    FROM tenantd.code_of(relation) c JOIN pg_proc p ON p.oid = c.function
  ),
  keys AS MATERIALIZED (SELECT * FROM pg_constraint k WHERE k.contype = 'f' AND relation IN (k.conrelid, k.confrelid))
  SELECT format('%s calls the SECURITY DEFINER function %s, which could carry rows across tenants: ALTER FUNCTION %s SECURITY INVOKER',
    what, function, function)
  FROM code WHERE prosecdef AND place <> 'rule'
  UNION
  SELECT format('%s calls %s, which the workers may not: GRANT EXECUTE ON FUNCTION %s TO tenantd_app', what, function, function)
  FROM code WHERE NOT prosecdef AND NOT is_open AND (place IN ('default', 'expression', 'check', 'domain', 'condition')
    OR (place = 'statement' AND what LIKE 'the condition %'))
  UNION
  SELECT format('%s calls %s, and PostgreSQL evaluates that by itself, as the owner and past every policy (ANALYZE, REINDEX)%s', c.what,
    c.function, CASE WHEN i.conname IS NULL AND c.what LIKE 'index %'
      THEN '. A trigger may write the value to a column of its own, and an index be on that: DROP ' || c.what
      WHEN c.what LIKE 'statistics %' THEN ': DROP ' || c.what
      WHEN i.contype IN ('x', 'u') THEN format(': ALTER TABLE %s DROP CONSTRAINT %I', relation, i.conname)
      ELSE ': have the column of a type of the server''s own' END)
  FROM code c LEFT JOIN pg_constraint i ON i.conrelid = relation AND i.conindid <> 0 AND i.contype IN ('p', 'u', 'x')
    AND c.what IN (format('index %s', i.conindid::regclass), format('exclusion constraint %I', i.conname))
  WHERE c.place IN ('index', 'statistics', 'comparison')
  UNION ALL
  -- Triggers fire in the order of their names.
  SELECT format('trigger %I fires after tenantd_stamp and could undo it: ALTER TRIGGER %I ON %s RENAME TO %I, or drop it, if all '
    'it does is to stamp', tgname, tgname, relation, left('a_' || tgname, 63))
  FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0
    AND tgname::text COLLATE "C" > 'tenantd_stamp'
  UNION ALL
  -- Keys are compared as the owner, and the key is made a text as tenantd_context.
  SELECT format('foreign key %I of %s compares columns of different types by way of %s, as the owner and past every policy: have both '
    'of one type', k.conname, k.conrelid::regclass, f.function::regprocedure)
  FROM keys k, unnest(k.conkey, k.confkey) p (ours, theirs)
  JOIN pg_attribute a ON a.attnum = p.ours JOIN pg_attribute b ON b.attnum = p.theirs,
    tenantd.functions_of_types(ARRAY[a.atttypid, b.atttypid]) f
  WHERE a.attrelid = k.conrelid AND b.attrelid = k.confrelid AND a.atttypid <> b.atttypid AND f.by = 'cast' AND tenantd.is_code(f.function)
  UNION ALL
  SELECT format('key %I is made a text by %s, which would run as tenantd_context: have it of a type of the server''s own', a.attname,
    c.castfunc::regprocedure)
  FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey), tenantd.types_within(ARRAY[a.atttypid]) t
  JOIN pg_cast c ON c.castsource = t AND c.casttarget IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
  WHERE k.conrelid = relation AND k.contype = 'p' AND tenantd.is_code(c.castfunc)
  UNION ALL
  -- What is between resources is done by triggers instead (follow_keys).
  SELECT format('foreign key %I of %s changes rows by itself, as the owner and past every policy, and %s calls %s there: have it do '
    'nothing by itself (NO ACTION)', k.conname, k.conrelid::regclass, c.what, c.function)
  FROM keys k JOIN pg_class r ON r.oid = k.conrelid, LATERAL (SELECT * FROM tenantd.code_in_action(k.oid) LIMIT 1) c
  WHERE r.relowner <> 'tenantd_owner'::regrole OR (k.confrelid <> relation AND NOT EXISTS (SELECT 1 FROM tenantd.resources x
    WHERE tenantd.relation_named(x.schema_name, x.table_name) = k.confrelid))
$$;

CREATE FUNCTION tenantd.resource_refusals(relation regclass, user_scoped boolean DEFAULT false) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.shape_refusals(relation, user_scoped)
  UNION ALL SELECT tenantd.key_refusals(relation, user_scoped)
  UNION ALL SELECT tenantd.code_refusals(relation)
$$;

-- The foreign key that ties a row's (tenant_id, env) to its tenant's.
CREATE FUNCTION tenantd.tenant_reference(relation regclass) RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.conname FROM pg_constraint k
  WHERE k.conrelid = relation AND k.contype = 'f' AND k.confrelid = 'tenantd.tenants'::regclass
    AND k.conkey = ARRAY[tenantd.column_number(relation, 'tenant_id'), tenantd.column_number(relation, 'env')]
    AND k.confkey = ARRAY[tenantd.column_number(k.confrelid, 'id'), tenantd.column_number(k.confrelid, 'env')]
$$;

GRANT EXECUTE ON FUNCTION tenantd.resource_columns(boolean), tenantd.column_number(regclass, text),
  tenantd.carries_actor(regclass), tenantd.tenant_reference(regclass), tenantd.shape_refusals(regclass, boolean),
  tenantd.key_refusals(regclass, boolean), tenantd.code_refusals(regclass), tenantd.resource_refusals(regclass, boolean) TO tenantd_app;

-- What speaks against the arguments of a registration.
CREATE FUNCTION tenantd.resource_demands(relation regclass, r tenantd.resources) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('%s is null: leave it out, and it is its default', v.name)
  FROM (VALUES ('read_role', r.read_role IS NULL), ('tenant_guard', r.tenant_guard IS NULL), ('user_scoped', r.user_scoped IS NULL),
    ('append_only', r.append_only IS NULL), ('read_only', r.read_only IS NULL)) v (name, holds)
  WHERE v.holds
  UNION ALL
  -- Its key is built anew, as tenantd_owner.
  SELECT format('tenantd_owner may make nothing in schema %I: GRANT CREATE ON SCHEMA %I TO tenantd_owner', r.schema_name, r.schema_name)
  FROM pg_constraint k
  WHERE k.conrelid = relation AND k.contype = 'p' AND NOT has_schema_privilege('tenantd_owner', r.schema_name, 'CREATE')
    AND (k.condeferrable OR k.conkey[1] IS DISTINCT FROM tenantd.column_number(relation, 'tenant_id'))
  UNION ALL
  -- The workers name the types of what they write and compare.
  SELECT DISTINCT format('type %s of column %I is in a schema that is closed to the workers: GRANT USAGE ON SCHEMA %s TO tenantd_app',
    y.oid::regtype, a.attname, y.typnamespace::regnamespace)
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type y ON y.oid IN (t.oid, t.typbasetype, CASE WHEN t.typcategory = 'A' THEN t.typelem END)
  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND y.typnamespace::regnamespace::text <> quote_ident(r.schema_name)
    AND NOT has_schema_privilege('tenantd_app', y.typnamespace, 'USAGE')
  UNION ALL
  SELECT format('%L is no name for a resource: name => ''…'', of a-z, 0-9 and _, beginning with a letter', r.name)
  WHERE r.name !~ '^[a-z][a-z0-9_]{0,62}$'
  UNION ALL
  SELECT format('the name %s is taken by %I.%I: name => ''…'', or unregister_resource(%L) first', x.name, x.schema_name,
    x.table_name, x.name)
  FROM tenantd.resources x WHERE x.name = r.name AND (x.schema_name, x.table_name) <> (r.schema_name, r.table_name)
  UNION ALL
  SELECT format('tenant_guard %L is none of any, open, active', r.tenant_guard) WHERE r.tenant_guard NOT IN ('any', 'open', 'active')
  UNION ALL
  SELECT format('it has no column %I that could be read_only', c) FROM unnest(r.read_only) c
  WHERE tenantd.column_number(relation, c) IS NULL
  UNION ALL
  SELECT v.demand FROM (SELECT 1) one
  LEFT JOIN tenantd.resources p ON p.name = r.content_of AND p.content_of IS NULL
  LEFT JOIN pg_attribute b ON b.attrelid = relation AND b.attname = 'content' AND NOT b.attisdropped
  LEFT JOIN pg_attribute m ON m.attrelid = relation AND m.attname = 'content_type' AND NOT m.attisdropped,
  LATERAL (VALUES
    (p.name IS NULL, format('there is no resource %s for it to be the content of: register that first', r.content_of)),
    (b.atttypid IS DISTINCT FROM 'bytea'::regtype, 'it is to hold content and has no column content bytea: add it'),
    (m.atttypid IS DISTINCT FROM 'text'::regtype, 'it is to hold content and has no column content_type text: add it'),
    (p.user_scoped <> r.user_scoped, format('it must be user-scoped as %s is', p.name)),
    (p.name IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = relation AND k.contype = 'f'
       AND k.confrelid = to_regclass(format('%I.%I', p.schema_name, p.table_name)) AND tenantd.key_action(k.oid, 'DELETE') = 'c'
       AND tenantd.column_number(relation, r.key_column) = ANY (k.conkey)),
     format('its key must be that of its row in %s: FOREIGN KEY (tenant_id, %s) REFERENCES %s.%s ON DELETE CASCADE', p.name,
       quote_ident(r.key_column), quote_ident(p.schema_name), quote_ident(p.table_name)))) v (holds, demand)
  WHERE r.content_of IS NOT NULL AND v.holds
$$;

-- Common columns that are missing; rows that are there and in no tenant go to `rows_of`.
CREATE FUNCTION tenantd.resource_add_columns(relation regclass, user_scoped boolean, has_rows boolean, rows_of uuid)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  in_env tenantd.env := CASE WHEN rows_of IS NOT NULL THEN tenantd.env_of_tenant(rows_of) END;
  is_new boolean := tenantd.column_number(relation, 'tenant_id') IS NULL;
  fills boolean;
  code record;
  stray record;
  strays integer;
BEGIN
  IF rows_of IS NOT NULL AND in_env IS NULL THEN
    RAISE EXCEPTION 'there is no tenant %', rows_of;
  END IF;
  FOR c IN SELECT r.* FROM tenantd.resource_columns(user_scoped) r WHERE tenantd.column_number(relation, r.name) IS NULL LOOP
    IF c.name = 'user_id' AND has_rows THEN
      RAISE EXCEPTION '% has rows and no user_id', relation USING HINT = 'add the column, and say whose they are';
    END IF;
    -- A constant for the rows that are there is written to none of them: no code of the application runs.
    IF has_rows AND is_new AND rows_of IS NOT NULL AND c.name IN ('tenant_id', 'env') THEN
      EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s DEFAULT %L', relation, c.name, c.definition,
        CASE c.name WHEN 'env' THEN in_env::text ELSE rows_of::text END);
      EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT', relation, c.name);
    ELSE
      EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', relation, c.name, c.definition);
    END IF;
  END LOOP;
  FOR c IN SELECT * FROM tenantd.resource_comments() r WHERE tenantd.column_number(relation, r.name) IS NOT NULL
      AND (r.name <> 'user_id' OR user_scoped) AND col_description(relation, tenantd.column_number(relation, r.name)) IS NULL LOOP
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', relation, c.name, c.text);
  END LOOP;
  IF has_rows THEN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE tenant_id IS NULL AND $1 IS NOT NULL OR env IS NULL AND tenant_id IS NOT NULL
      OR version IS NULL OR created_at IS NULL OR updated_at IS NULL)', relation) INTO fills USING rows_of;
    SELECT * INTO code FROM tenantd.code_of(relation) f WHERE f.place NOT IN ('default', 'cast', 'rule') LIMIT 1;
    IF fills AND code.what IS NOT NULL THEN
      RAISE EXCEPTION '% has rows without a tenant, env, version or time, and to fill them in would run %, which % calls, as the owner and past every policy',
        relation, code.function, code.what USING HINT = 'fill these columns yourself before';
    END IF;
    -- Not even a statement that changes nothing: triggers of the statement would fire for it.
    IF fills THEN
      EXECUTE format('UPDATE %s SET tenant_id = $1, env = $2 WHERE tenant_id IS NULL AND $1 IS NOT NULL', relation)
      USING rows_of, in_env;
      EXECUTE format('UPDATE %s SET env = tenantd.env_of_tenant(tenant_id) WHERE env IS NULL AND tenant_id IS NOT NULL', relation);
      EXECUTE format('UPDATE %s SET version = coalesce(version, 1), created_at = coalesce(created_at, now()),
        updated_at = coalesce(updated_at, now()) WHERE version IS NULL OR created_at IS NULL OR updated_at IS NULL', relation);
    END IF;
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE format('SELECT tenant_id, env FROM (SELECT DISTINCT tenant_id, env FROM %s) d
      WHERE tenant_id IS NULL OR env IS NULL OR tenantd.env_of_tenant(tenant_id) IS DISTINCT FROM env LIMIT 1', relation)
    INTO stray;
    GET DIAGNOSTICS strays = ROW_COUNT;
    IF strays > 0 AND stray.tenant_id IS NULL THEN
      RAISE EXCEPTION '% has rows that are in no tenant', relation
        USING HINT = 'name the one they belong to: rows_of => ''…''';
    ELSIF strays > 0 THEN
      RAISE EXCEPTION '% has rows of tenant %, and there is no such tenant', relation,
        concat_ws(' in env ', stray.tenant_id, stray.env);
    END IF;
  END IF;
  EXECUTE format('ALTER TABLE %s ALTER tenant_id SET NOT NULL, ALTER env SET NOT NULL, ALTER version SET NOT NULL,
    ALTER created_at SET NOT NULL, ALTER updated_at SET NOT NULL', relation);
  IF user_scoped THEN
    BEGIN
      EXECUTE format('ALTER TABLE %s ALTER user_id SET NOT NULL', relation);
    EXCEPTION WHEN not_null_violation THEN
      RAISE EXCEPTION '% has rows that are no user''s', relation USING HINT = 'set user_id in each of them';
    END;
  END IF;
END $$;

-- The primary key with the tenant in front, and the reference that ties a row's env to its tenant's.
CREATE FUNCTION tenantd.resource_rebuild_key(relation regclass, key_column text, has_rows boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k pg_constraint;
BEGIN
  SELECT * INTO k FROM pg_constraint WHERE conrelid = relation AND contype = 'p';
  IF k.conkey[1] <> tenantd.column_number(relation, 'tenant_id') OR k.condeferrable THEN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I PRIMARY KEY (tenant_id, %I)', relation,
      k.conname, k.conname, key_column);
  END IF;
  -- Rows that are there were held against tenants by resource_add_columns: validation looks as the owner, to
  -- whom forced policies show no tenant.
  IF NOT EXISTS (SELECT 1 FROM tenantd.tenant_reference(relation)) THEN
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)%s',
      relation, left((SELECT relname FROM pg_class WHERE oid = relation), 40) || '_tenant_fkey',
      CASE WHEN has_rows THEN ' NOT VALID' ELSE '' END);
  END IF;
END $$;

-- One policy per command, each with the least role of its operation: what the guard of the route demands holds
-- in the database as well.
CREATE FUNCTION tenantd.resource_policies(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p record;
  pair text;
BEGIN
  FOR p IN SELECT polname FROM pg_policy WHERE polrelid = relation LOOP
    EXECUTE format('DROP POLICY %I ON %s', p.polname, relation);
  END LOOP;
  PERFORM tenantd.wall(relation);
  FOR p IN SELECT * FROM (VALUES ('select', r.read_role, 'USING'), ('insert', r.create_role, 'WITH CHECK'),
      ('update', r.update_role, 'USING'), ('delete', r.delete_role, 'USING')) v (command, least, clause)
    WHERE NOT (r.append_only AND command IN ('update', 'delete')) LOOP
    pair := format($p$(tenant_id, env, true%s) = (SELECT split_part(s.sealed, E'\n', 1)::uuid,
      split_part(s.sealed, E'\n', 2)::tenantd.env, nullif(split_part(s.sealed, E'\n', 4), '')::tenantd.role >= %L%s
      FROM (SELECT tenantd.sealed() OFFSET 0) s)$p$,
      CASE WHEN r.user_scoped THEN ', user_id' ELSE '' END, p.least,
      CASE WHEN r.user_scoped THEN $u$, nullif(split_part(s.sealed, E'\n', 3), '')::uuid$u$ ELSE '' END);
    EXECUTE format('CREATE POLICY tenant_%s ON %s FOR %s TO tenantd_app %s (%s)', p.command, relation, p.command,
      p.clause, pair);
  END LOOP;
END $$;

-- Which columns the workers may write: none that the database fills, and the keys only once.
CREATE FUNCTION tenantd.resource_writable(relation regclass, r tenantd.resources, command text) RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.attname FROM pg_attribute a
  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND r.create_role IS NOT NULL
    AND a.attname NOT IN ('version', 'created_at', 'created_by', 'updated_at', 'updated_by')
    AND a.attname <> ALL (r.read_only)
    AND NOT (a.attname IN ('actor_id', 'trace_id') AND tenantd.carries_actor(relation))
    AND NOT (command = 'UPDATE' AND (a.attname IN ('tenant_id', 'env', r.key_column) OR r.append_only
      OR (r.user_scoped AND a.attname = 'user_id')))
  ORDER BY a.attnum
$$;

-- Whatever was granted before goes; what the operations need comes.
CREATE FUNCTION tenantd.resource_grants(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  command text;
  columns name[];
  wanted text[] := '{SELECT}';
BEGIN
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, tenantd_app, tenantd_context', relation);
  EXECUTE format('GRANT SELECT ON %s TO tenantd_app, tenantd_context', relation);
  IF NOT has_schema_privilege('tenantd_app', r.schema_name, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantd_app', r.schema_name);
  END IF;
  FOREACH command IN ARRAY ARRAY['INSERT', 'UPDATE'] LOOP
    columns := ARRAY(SELECT tenantd.resource_writable(relation, r, command));
    CONTINUE WHEN columns = '{}';
    EXECUTE format('GRANT %s (%s) ON %s TO tenantd_app', command, (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c),
      relation);
    wanted := wanted || ARRAY(SELECT format('%s(%s)', command, c) FROM unnest(columns) c);
  END LOOP;
  IF NOT r.append_only THEN
    EXECUTE format('GRANT DELETE ON %s TO tenantd_app', relation);
    wanted := wanted || 'DELETE'::text;
  END IF;
  -- What somebody else granted is theirs to take back, and not to be recorded as expected.
  IF EXISTS (SELECT unnest(tenantd.privileges_of(relation)) EXCEPT SELECT unnest(wanted)) THEN
    RAISE EXCEPTION 'the workers may % on %: revoke it as the role that granted it',
      (SELECT string_agg(p, ', ') FROM (SELECT unnest(tenantd.privileges_of(relation)) EXCEPT SELECT unnest(wanted)) v (p)), relation;
  END IF;
END $$;

CREATE FUNCTION tenantd.resource_triggers(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  more text := concat_ws(', ', CASE WHEN r.user_scoped THEN '''user_id''' END,
    CASE WHEN tenantd.carries_actor(relation) THEN '''actor_id''' END);
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER tenantd_stamp BEFORE INSERT OR UPDATE ON %s FOR EACH ROW
    EXECUTE FUNCTION tenantd.stamp_row(%s)', relation, more);
  PERFORM tenantd.audit_make(relation, r.name, r.key_column);
  PERFORM tenantd.expect_function(format('tenantd.%I()', tenantd.audit_name(relation))::regprocedure);
  EXECUTE format('CREATE OR REPLACE TRIGGER tenantd_audit AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW
    EXECUTE FUNCTION tenantd.%I()', relation, tenantd.audit_name(relation));
  EXECUTE format('ALTER TABLE %s ENABLE TRIGGER tenantd_stamp, ENABLE TRIGGER tenantd_audit', relation);
END $$;

-- Enters it in the catalog and for the gate. Under another name than before it keeps its actions.
CREATE FUNCTION tenantd.resource_record(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenantd.resources x SET name = r.name WHERE (x.schema_name, x.table_name) = (r.schema_name, r.table_name);
  INSERT INTO tenantd.resources VALUES (r.*)
  ON CONFLICT (name) DO UPDATE SET key_column = excluded.key_column, read_role = excluded.read_role,
    create_role = excluded.create_role, update_role = excluded.update_role, delete_role = excluded.delete_role,
    tenant_guard = excluded.tenant_guard, user_scoped = excluded.user_scoped, append_only = excluded.append_only,
    read_only = excluded.read_only, content_of = excluded.content_of, registered_at = excluded.registered_at;
  PERFORM tenantd.expect(relation,
    CASE WHEN r.user_scoped THEN '(tenant_id, env, user_id) IS DISTINCT FROM ($1, $2, $3)'
         ELSE '(tenant_id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3' END,
    CASE WHEN r.user_scoped THEN '(tenant_id, env, user_id) VALUES ($1, $2, $3)'
         ELSE '(tenant_id, env) SELECT $1, $2 WHERE $3 IS NOT NULL' END);
END $$;

-- Everything of the above. `r` comes with what the caller said; the table says the rest.
CREATE FUNCTION tenantd.resource_make(relation regclass, r tenantd.resources, rows_of uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
  is_view boolean := EXISTS (SELECT 1 FROM pg_class WHERE oid = relation AND relkind IN ('v', 'm'));
  refusals text[];
  has_rows boolean;
BEGIN
  IF EXISTS (SELECT 1 FROM pg_class WHERE oid = relation AND relkind = 'r' AND relowner = 'tenantd_owner'::regrole) THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
  END IF;
  IF is_view THEN
    refusals := ARRAY(SELECT tenantd.view_refusals(relation, r.key_column)
      UNION ALL SELECT tenantd.view_demands(r, rows_of) UNION ALL SELECT tenantd.resource_demands(relation, r));
  ELSE
    refusals := ARRAY(SELECT tenantd.resource_refusals(relation, r.user_scoped)
      UNION ALL SELECT tenantd.resource_demands(relation, r));
  END IF;
  IF refusals <> '{}' THEN
    RAISE EXCEPTION '% cannot be made a resource: %', relation, array_to_string(refusals, '; ')
      USING ERRCODE = 'feature_not_supported';
  END IF;
  IF is_view THEN
    PERFORM tenantd.view_grants(relation, r);
    PERFORM tenantd.resource_record(relation, r);
    -- Nothing is written to it, and a row in no tenant is nobody's: the predicate of every statement leaves it out.
    PERFORM tenantd.expect(relation, '(tenant_id, env) <> ($1, $2)', ''), tenantd.expect(relation);
    RETURN;
  END IF;
  -- The owner is to see the rows, and to validate what is added; the wall comes back below.
  EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', relation);
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', relation) INTO has_rows;
  PERFORM tenantd.resource_add_columns(relation, r.user_scoped, has_rows, rows_of);
  PERFORM tenantd.resource_rebuild_key(relation, r.key_column, has_rows);
  PERFORM tenantd.resource_policies(relation, r);
  PERFORM tenantd.resource_grants(relation, r);
  PERFORM tenantd.resource_triggers(relation, r);
  PERFORM tenantd.resource_record(relation, r);
  PERFORM tenantd.follow_keys(relation);
  PERFORM tenantd.expect(relation);
END $$;

-- Makes a table a resource and answers its name. `relation` is a plain table of tenantd_owner's with a primary key
-- of one column. Called again, it brings everything to what the arguments say; to bring it to what the table says
-- after a change of columns, with the arguments of before, there is refresh_resource.
--   name          under /v1/data/; the table's when null
--   …_role        the least role for each operation
--   tenant_guard  which tenants are served: any, open (onboarding or active), active
--   user_scoped   a row is seen by the user alone whose user_id it carries
--   append_only   rows are neither changed nor deleted
--   rows_of       the tenant that rows without one go to
--   read_only     columns that triggers or defaults of the table fill, and no caller
--   content_of    its rows are the bytes of that resource's rows: the same key, content bytea, content_type text
CREATE FUNCTION tenantd.register_resource(relation regclass, name text DEFAULT NULL,
  read_role tenantd.role DEFAULT 'member', create_role tenantd.role DEFAULT NULL,
  update_role tenantd.role DEFAULT NULL, delete_role tenantd.role DEFAULT NULL,
  tenant_guard text DEFAULT 'active', user_scoped boolean DEFAULT false, append_only boolean DEFAULT false,
  rows_of uuid DEFAULT NULL, read_only text[] DEFAULT '{}', content_of text DEFAULT NULL,
  key_column text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources;
  is_view boolean;
  own_key name;
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'name the table or view: register_resource(''app.invoices'')';
  END IF;
  SELECT n.nspname, c.relname, c.relkind IN ('v', 'm') INTO r.schema_name, r.table_name, is_view
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
  r.name := coalesce(register_resource.name, r.table_name);
  own_key := (SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid
    AND a.attnum = ANY (k.conkey) WHERE k.conrelid = relation AND k.contype = 'p' AND a.attname <> 'tenant_id' LIMIT 1);
  IF NOT is_view AND key_column <> own_key THEN
    RAISE EXCEPTION '% cannot be made a resource: its key is %, by its primary key: leave key_column out', relation, own_key
      USING ERRCODE = 'feature_not_supported';
  END IF;
  r.key_column := CASE WHEN is_view THEN coalesce(key_column, 'id') ELSE own_key END;
  r.read_role := read_role;
  r.create_role := CASE WHEN is_view THEN create_role ELSE coalesce(create_role, 'member') END;
  r.update_role := CASE WHEN is_view THEN update_role ELSE coalesce(update_role, 'member') END;
  r.delete_role := CASE WHEN is_view THEN delete_role ELSE coalesce(delete_role, 'tenant_admin') END;
  r.tenant_guard := tenant_guard;
  r.user_scoped := user_scoped;
  r.append_only := append_only;
  r.read_only := read_only;
  r.content_of := content_of;
  r.registered_at := now();
  PERFORM tenantd.resource_make(relation, r, rows_of);
  RETURN r.name;
END $$;
COMMENT ON FUNCTION tenantd.register_resource IS 'Makes a table or a view a tenant-scoped resource under /v1/data/; see docs/resources.md';

-- The catalog's row of a resource, and its table; raises when there is none.
CREATE FUNCTION tenantd.resource_named(name text) RETURNS tenantd.resources
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources;
BEGIN
  SELECT x.* INTO r FROM tenantd.resources x WHERE x.name = resource_named.name;
  IF r.name IS NULL THEN
    RAISE EXCEPTION 'there is no resource %', quote_literal(name) USING ERRCODE = 'undefined_object';
  END IF;
  RETURN r;
END $$;

-- After ALTER TABLE: new columns may be written, what was added is looked at as at the first time.
CREATE FUNCTION tenantd.refresh_resource(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(name);
BEGIN
  r.registered_at := now();
  PERFORM tenantd.resource_make(format('%I.%I', r.schema_name, r.table_name)::regclass, r, NULL);
END $$;

-- The table stays as it is, walled, but nobody is served from it any more.
CREATE FUNCTION tenantd.unregister_resource(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(name);
  relation regclass := to_regclass(format('%I.%I', r.schema_name, r.table_name));
  holder text := (SELECT x.name FROM tenantd.resources x WHERE x.content_of = r.name LIMIT 1);
  reader text := (SELECT x.name FROM tenantd.resources x, tenantd.view_names(to_regclass(format('%I.%I', x.schema_name, x.table_name))) n
    WHERE n.class = 'pg_class'::regclass AND n.object = relation LIMIT 1);
  a record;
BEGIN
  IF holder IS NOT NULL THEN
    RAISE EXCEPTION '% holds the content of %: unregister_resource(%) first', holder, r.name, quote_literal(holder);
  ELSIF reader IS NOT NULL THEN
    RAISE EXCEPTION 'view % reads %: unregister_resource(%) first', reader, r.name, quote_literal(reader);
  END IF;
  FOR a IN SELECT x.name FROM tenantd.resource_actions x WHERE x.resource = r.name LOOP
    PERFORM tenantd.unregister_action(r.name, a.name);
  END LOOP;
  DELETE FROM tenantd.resources x WHERE x.name = r.name;
  DELETE FROM tenantd.isolated_tables x WHERE (x.schema_name, x.table_name) = (r.schema_name, r.table_name);
  DELETE FROM tenantd.expected_objects x
  WHERE x.object IN (format('table %s.%s', r.schema_name, r.table_name), format('view %s.%s', r.schema_name, r.table_name));
  IF relation IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON %s FROM tenantd_app', relation);
  END IF;
END $$;

-- A resource as it is: for tenantctl, the API's description of itself, and a reader.
CREATE FUNCTION tenantd.describe_resource(name text) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(name);
  -- Null when it is gone. Not by its name: who describes it need not have a right to its schema.
  relation regclass := (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname, c.relname) = (r.schema_name, r.table_name));
  insertable name[] := ARRAY(SELECT tenantd.resource_writable(relation, r, 'INSERT'));
  updatable name[] := ARRAY(SELECT tenantd.resource_writable(relation, r, 'UPDATE'));
BEGIN
  RETURN json_build_object(
    'name', r.name, 'table', format('%I.%I', r.schema_name, r.table_name), 'description', obj_description(relation, 'pg_class'), 'key', r.key_column,
    'roles', json_build_object('read', r.read_role, 'create', r.create_role,
      'update', CASE WHEN NOT r.append_only THEN r.update_role END, 'delete', CASE WHEN NOT r.append_only THEN r.delete_role END),
    'tenant_guard', r.tenant_guard, 'user_scoped', r.user_scoped, 'append_only', r.append_only, 'read_only', r.create_role IS NULL,
    'content_of', r.content_of,
    'content', (SELECT x.name FROM tenantd.resources x WHERE x.content_of = r.name LIMIT 1),
    'columns', (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'description', col_description(a.attrelid, a.attnum), 'nullable', NOT a.attnotnull,
        'has_default', a.atthasdef AND a.attgenerated = '',
        'on_create', a.attname = ANY (insertable) AND a.attname NOT IN ('tenant_id', 'env'), 'on_update', a.attname = ANY (updatable),
        'values', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid))
        ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped),
    'actions', (SELECT coalesce(json_agg(json_build_object('name', x.name, 'function', x.signature, 'least_role', x.least_role,
        'tenant_guard', x.tenant_guard, 'on_collection', x.on_collection) ORDER BY x.name), '[]')
      FROM tenantd.resource_actions x WHERE x.resource = r.name));
END $$;
GRANT EXECUTE ON FUNCTION tenantd.resource_writable(regclass, tenantd.resources, text), tenantd.resource_named(text),
  tenantd.describe_resource(text) TO tenantd_app, tenantd_migrator;
GRANT EXECUTE ON FUNCTION tenantd.carries_actor(regclass) TO tenantd_migrator;

-- A function of the owner's that answers json. On a row it takes the row's key (and a json body, if it has a second
-- argument); on the collection it takes the json body alone. It runs as the workers' role under the caller's
-- context, so that it can do nothing that the caller could not: SECURITY DEFINER is refused.
CREATE FUNCTION tenantd.register_action(resource text, name text, function regprocedure,
  least_role tenantd.role DEFAULT 'member', tenant_guard text DEFAULT 'active', on_collection boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(resource);
  key_type oid := (SELECT atttypid FROM pg_attribute
    WHERE attrelid = format('%I.%I', r.schema_name, r.table_name)::regclass AND attname = r.key_column);
  json oid := 'json'::regtype;
  p pg_proc;
  takes text := CASE WHEN on_collection THEN 'json' ELSE format_type(key_type, NULL) END;
BEGIN
  SELECT * INTO p FROM pg_proc WHERE oid = function;
  IF r.create_role IS NULL THEN
    RAISE EXCEPTION '% is a view, and nothing but reading is done to it: register the action on a table', r.name;
  ELSIF p.prosecdef THEN
    RAISE EXCEPTION '% is SECURITY DEFINER and could reach every tenant: an action runs as its caller, make it SECURITY INVOKER',
      function;
  ELSIF name = 'content' OR name !~ '^[a-z][a-z0-9_]{0,62}$' THEN
    RAISE EXCEPTION '% is no name for an action', quote_literal(name);
  ELSIF p.prokind <> 'f' OR p.prorettype <> json OR p.proretset OR p.proargtypes::text <> ALL (
      CASE WHEN on_collection THEN ARRAY[json::text] ELSE ARRAY[key_type::text, key_type || ' ' || json] END) THEN
    RAISE EXCEPTION '% must be (%)%, and return json', function, takes,
      CASE WHEN on_collection THEN '' ELSE format(' or (%s, json)', takes) END;
  ELSIF NOT has_schema_privilege('tenantd_app', p.pronamespace, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO tenantd_app', p.pronamespace::regnamespace);
  END IF;
  EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tenantd_app', function);
  INSERT INTO tenantd.resource_actions VALUES (r.name, name, function::text, least_role, tenant_guard, on_collection)
  ON CONFLICT ON CONSTRAINT resource_actions_pkey DO UPDATE SET signature = excluded.signature,
    least_role = excluded.least_role, tenant_guard = excluded.tenant_guard, on_collection = excluded.on_collection;
END $$;

CREATE FUNCTION tenantd.unregister_action(resource text, name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  function text;
BEGIN
  DELETE FROM tenantd.resource_actions x WHERE (x.resource, x.name) = (unregister_action.resource, unregister_action.name)
  RETURNING x.signature INTO function;
  IF function IS NULL THEN
    RAISE EXCEPTION 'there is no action % of %', quote_literal(name), quote_literal(resource) USING ERRCODE = 'undefined_object';
  ELSIF to_regprocedure(function) IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM tenantd.resource_actions x WHERE x.signature = function) THEN
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM tenantd_app', function);
  END IF;
END $$;
