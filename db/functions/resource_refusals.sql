-- Why a table cannot be a resource: its shape, its keys and references, the code in it, and the arguments of its
-- registration. Each refusal says after its colon what to change. The isolation gate checks the registered tables in
-- the same way.

-- The columns that every resource has, in their order: name, type, how one is added.
CREATE OR REPLACE FUNCTION tenantd.resource_columns(user_scoped boolean) RETURNS TABLE (name text, type text, definition text)
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
CREATE OR REPLACE FUNCTION tenantd.resource_comments() RETURNS TABLE (name text, text text)
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

-- Names of columns as a list in SQL.
CREATE OR REPLACE FUNCTION tenantd.name_list(names text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT string_agg(quote_ident(v.name), ', ' ORDER BY v.n) FROM unnest(names) WITH ORDINALITY v (name, n)
$$;
GRANT EXECUTE ON FUNCTION tenantd.name_list(text[]) TO tenantd_context;

-- A column by its name; null when there is none.
CREATE OR REPLACE FUNCTION tenantd.column_number(relation regclass, name text) RETURNS smallint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT attnum FROM pg_attribute WHERE attrelid = relation AND attname = name AND attnum > 0 AND NOT attisdropped
$$;

-- A table that has both actor_id uuid and trace_id text says in them who wrote a row, in which request.
CREATE OR REPLACE FUNCTION tenantd.carries_actor(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) = 2 FROM pg_attribute
  WHERE attrelid = relation AND NOT attisdropped
    AND (attname, atttypid) IN (('actor_id', 'uuid'::regtype), ('trace_id', 'text'::regtype))
$$;

-- What to do with a column that took its values from a sequence, after the statement that removes the sequence. A key
-- to which others refer gets no new values, because they would then refer to nothing.
CREATE OR REPLACE FUNCTION tenantd.uncounted(relation regclass, col name) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_constraint k WHERE k.confrelid = relation AND k.contype = 'f'
      AND tenantd.column_number(relation, col) = ANY (k.confkey))
    THEN 'it stays a number, which callers say, for other rows refer to it'
    WHEN EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = relation AND k.contype = 'p'
      AND tenantd.column_number(relation, col) = ANY (k.conkey))
    THEN format('ALTER TABLE %s ALTER %I TYPE uuid USING gen_random_uuid(), ALTER %I SET DEFAULT gen_random_uuid(); or leave it a '
      'number, and callers say it', relation, col, col)
    ELSE 'callers say it then, or a trigger that counts inside the tenant' END
$$;

-- The step that a table without tenant_id needs before a key can have it; null when it has one.
CREATE OR REPLACE FUNCTION tenantd.lacking_tenant(relation regclass) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format(' ALTER TABLE %s ADD tenant_id uuid and say whose each row is,', relation)
  WHERE tenantd.column_number(relation, 'tenant_id') IS NULL
$$;
GRANT EXECUTE ON FUNCTION tenantd.uncounted(regclass, name), tenantd.lacking_tenant(regclass) TO tenantd_app;

-- Why the shape of a table cannot be made safe, each reason with what to change.
CREATE OR REPLACE FUNCTION tenantd.shape_refusals(relation regclass, user_scoped boolean) RETURNS SETOF text
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
  -- The values of a sequence tell every tenant how many rows the others make.
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
    ('context_access', 'archive', 'tenant_select', 'tenant_insert', 'tenant_update', 'tenant_delete')
$$;

-- Why its keys and references cannot stay: when they span all tenants, they tell one tenant what another one has, or
-- lead to its rows. The same is true between users when this table or the other one is user-scoped.
CREATE OR REPLACE FUNCTION tenantd.key_refusals(relation regclass, user_scoped boolean) RETURNS SETOF text
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
  FROM refs WHERE NOT 'tenant_id=tenant_id' = ANY (pairs) AND own IS NOT NULL AND theirs IS NOT NULL
  UNION ALL
  SELECT format('foreign key %I of %s refers to a row by tenant and user alone: say by which further column it is meant, and make it of '
    '(tenant_id, that column)', conname, conrelid::regclass)
  FROM refs WHERE NOT 'tenant_id=tenant_id' = ANY (pairs) AND (own IS NULL OR theirs IS NULL)
  UNION ALL
  SELECT format('foreign key %I of %s refers to rows of one user without the user: make it '
    'FOREIGN KEY (tenant_id, user_id, %s) REFERENCES %s (tenant_id, user_id, %s)', conname, conrelid::regclass, own,
    confrelid::regclass, theirs)
  FROM refs WHERE to_users AND 'tenant_id=tenant_id' = ANY (pairs) AND NOT 'user_id=user_id' = ANY (pairs) AND own IS NOT NULL AND theirs IS NOT NULL
  UNION ALL
  SELECT format('foreign key %I would clear the tenant when what it refers to goes: make it ON DELETE SET %s (%s)', conname,
    CASE confdeltype WHEN 'n' THEN 'NULL' ELSE 'DEFAULT' END, own)
  FROM refs WHERE conrelid = relation AND confdeltype IN ('n', 'd') AND 'tenant_id=tenant_id' = ANY (pairs)
    AND (confdelsetcols IS NULL OR tenantd.column_number(relation, 'tenant_id') = ANY (confdelsetcols))
$$;

-- Why the code in it cannot stay: it would carry rows across tenants, make every write fail, or run as another role
-- than the workers' (code.sql says where).
CREATE OR REPLACE FUNCTION tenantd.code_refusals(relation regclass) RETURNS SETOF text
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
  -- Keys are compared as the owner, and tenantd_context turns the key into a text.
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

CREATE OR REPLACE FUNCTION tenantd.resource_refusals(relation regclass, user_scoped boolean DEFAULT false) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.shape_refusals(relation, user_scoped)
  UNION ALL SELECT tenantd.key_refusals(relation, user_scoped)
  UNION ALL SELECT tenantd.code_refusals(relation)
$$;

-- The foreign key that ties a row's (tenant_id, env) to its tenant's.
CREATE OR REPLACE FUNCTION tenantd.tenant_reference(relation regclass) RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.conname FROM pg_constraint k
  WHERE k.conrelid = relation AND k.contype = 'f' AND k.confrelid = 'tenantd.tenants'::regclass
    AND k.conkey = ARRAY[tenantd.column_number(relation, 'tenant_id'), tenantd.column_number(relation, 'env')]
    AND k.confkey = ARRAY[tenantd.column_number(k.confrelid, 'id'), tenantd.column_number(k.confrelid, 'env')]
$$;
GRANT EXECUTE ON FUNCTION tenantd.resource_columns(boolean), tenantd.column_number(regclass, text),
  tenantd.carries_actor(regclass), tenantd.tenant_reference(regclass), tenantd.shape_refusals(regclass, boolean),
  tenantd.key_refusals(regclass, boolean), tenantd.code_refusals(regclass), tenantd.resource_refusals(regclass, boolean) TO
  tenantd_app;

-- Why the arguments of a registration are refused.
CREATE OR REPLACE FUNCTION tenantd.resource_demands(relation regclass, r tenantd.resources) RETURNS SETOF text
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
  SELECT format('%L is no title: title => ''…'', a line of at most 100 characters', r.title)
  WHERE r.title !~ '[^[:space:]]' OR r.title ~ '[[:cntrl:]]' OR length(r.title) > 100
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
GRANT EXECUTE ON FUNCTION tenantd.carries_actor(regclass) TO tenantd_migrator;
