-- What register_resource refuses says what to do in the words of SQL, so that doing just that is enough; and some more
-- is refused that failed half-way, or with every request. The common columns get their comments.

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
        WHERE x.user_scoped AND to_regclass(format('%I.%I', x.schema_name, x.table_name)) = k.confrelid
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

-- What speaks against the arguments of a registration.
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
       AND k.confrelid = to_regclass(format('%I.%I', p.schema_name, p.table_name)) AND k.confdeltype = 'c'
       AND tenantd.column_number(relation, r.key_column) = ANY (k.conkey)),
     format('its key must be that of its row in %s: FOREIGN KEY (tenant_id, %s) REFERENCES %s.%s ON DELETE CASCADE', p.name,
       quote_ident(r.key_column), quote_ident(p.schema_name), quote_ident(p.table_name)))) v (holds, demand)
  WHERE r.content_of IS NOT NULL AND v.holds
$$;

-- Why the code in it cannot stay. What runs on a row runs as the workers' role, under the caller's context: a
-- SECURITY DEFINER function could carry rows across tenants, and one that the workers may not call ends every
-- write.
CREATE OR REPLACE FUNCTION tenantd.code_refusals(relation regclass) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH calls AS (
    SELECT format('the %s of column %I', CASE a.attgenerated WHEN '' THEN 'default' ELSE 'expression' END, a.attname) AS what,
      'pg_attrdef'::regclass AS class, ad.oid AS object
    FROM pg_attrdef ad JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum WHERE ad.adrelid = relation
    UNION ALL
    SELECT format('check %I', conname), 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid = relation AND contype = 'c'
    UNION ALL
    SELECT format('check %I of domain %s', k.conname, k.contypid::regtype), 'pg_constraint'::regclass, k.oid
    FROM pg_constraint k JOIN pg_attribute a ON a.atttypid = k.contypid WHERE a.attrelid = relation AND NOT a.attisdropped
    UNION ALL
    SELECT format('index %s', indexrelid::regclass), 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = relation
    UNION ALL
    SELECT format('trigger %I', tgname), 'pg_trigger'::regclass, oid FROM pg_trigger
    WHERE tgrelid = relation AND NOT tgisinternal AND tgname NOT IN ('tenantd_stamp', 'tenantd_audit')
  )
  SELECT DISTINCT CASE WHEN p.prosecdef THEN
      format('%s calls the SECURITY DEFINER function %s, which could carry rows across tenants: make it SECURITY INVOKER',
        c.what, p.oid::regprocedure)
    ELSE format('%s calls %s, which the workers may not: GRANT EXECUTE ON FUNCTION %s TO tenantd_app', c.what,
      p.oid::regprocedure, p.oid::regprocedure) END
  FROM calls c JOIN pg_depend d ON d.classid = c.class AND d.objid = c.object AND d.refclassid = 'pg_proc'::regclass
  JOIN pg_proc p ON p.oid = d.refobjid
  WHERE p.prosecdef OR (c.class <> 'pg_trigger'::regclass AND NOT has_function_privilege('tenantd_app', p.oid, 'EXECUTE'))
  UNION ALL
  -- Triggers fire in the order of their names.
  SELECT format('trigger %I fires after tenantd_stamp and could undo it: ALTER TRIGGER %I ON %s RENAME TO %I, or drop it, if all '
    'it does is to stamp', tgname, tgname, relation, left('a_' || tgname, 63))
  FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0
    AND tgname::text COLLATE "C" > 'tenantd_stamp'
  UNION ALL
  -- What a foreign key does to rows by itself it does as the table's owner with forcing suspended, and triggers that
  -- fire before are inside of it (those that fire after are the caller's again).
  SELECT format('trigger %I of %s fires before what foreign key %I does by itself, as the owner and past every policy: make it '
    'fire AFTER', g.tgname, g.tgrelid::regclass, k.conname)
  FROM pg_constraint k JOIN pg_trigger g ON g.tgrelid = k.conrelid AND NOT g.tgisinternal AND g.tgname <> 'tenantd_stamp'
  WHERE k.contype = 'f' AND (k.conrelid = relation OR k.confrelid = relation) AND g.tgtype & 2 <> 0
    AND (g.tgtype & 8 <> 0 AND k.confdeltype = 'c'
      OR g.tgtype & 16 <> 0 AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('c', 'n', 'd')))
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

-- Common columns that are missing; rows that are there and in no tenant go to `rows_of`.
CREATE OR REPLACE FUNCTION tenantd.resource_add_columns(relation regclass, user_scoped boolean, has_rows boolean, rows_of uuid)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  in_env tenantd.env := CASE WHEN rows_of IS NOT NULL THEN tenantd.env_of_tenant(rows_of) END;
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
    EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', relation, c.name, c.definition);
  END LOOP;
  FOR c IN SELECT * FROM tenantd.resource_comments() r WHERE tenantd.column_number(relation, r.name) IS NOT NULL
      AND (r.name <> 'user_id' OR user_scoped) AND col_description(relation, tenantd.column_number(relation, r.name)) IS NULL LOOP
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', relation, c.name, c.text);
  END LOOP;
  IF has_rows THEN
    EXECUTE format('UPDATE %s SET tenant_id = $1, env = $2 WHERE tenant_id IS NULL AND $1 IS NOT NULL', relation)
    USING rows_of, in_env;
    EXECUTE format('UPDATE %s SET env = tenantd.env_of_tenant(tenant_id) WHERE env IS NULL AND tenant_id IS NOT NULL', relation);
    EXECUTE format('UPDATE %s SET version = coalesce(version, 1), created_at = coalesce(created_at, now()),
      updated_at = coalesce(updated_at, now()) WHERE version IS NULL OR created_at IS NULL OR updated_at IS NULL', relation);
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

SELECT tenantd.expect_objects();
