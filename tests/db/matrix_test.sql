-- The isolation matrix: every registered resource × every operation × every role × a foreign tenant, a foreign env
-- and, where the resource is user-scoped, a foreign user; by direct SQL as the workers' role and through what leads
-- to rows by a side way. All of it is read from the catalog, rows are made up from the types of the columns: a
-- resource is covered from the moment it is registered, and so is the one that this file registers.
SELECT no_plan();
SELECT test.world();

-- Resources that are nobody's but this run's: every kind of type, keys that are no uuid, references, a user's rows, views
-- over all of that.
SELECT test.script('migrator', $$SET ROLE tenantd_owner; CREATE SCHEMA IF NOT EXISTS lab;
  CREATE TYPE lab.phase AS ENUM ('solid', 'liquid'); CREATE DOMAIN lab.short AS varchar(20) NOT NULL CHECK (VALUE <> '');
  CREATE TABLE lab.flasks (label text, tenant_id uuid, a lab.phase NOT NULL, b lab.short, c lab.phase[] NOT NULL, d int4range NOT NULL, e inet NOT NULL, f point NOT NULL,
    g interval NOT NULL, h bytea NOT NULL, i timestamptz NOT NULL, j numeric(6, 2) NOT NULL, k xml, l json NOT NULL, m bit(4) NOT NULL, n time NOT NULL, o real[] NOT NULL, PRIMARY KEY (tenant_id, label));
  CREATE TABLE lab.samples (id bigint, tenant_id uuid, flask text NOT NULL, next bigint, PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, flask) REFERENCES lab.flasks ON DELETE CASCADE, FOREIGN KEY (tenant_id, next) REFERENCES lab.samples);
  CREATE TABLE lab.diaries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, user_id uuid, day date NOT NULL, UNIQUE (tenant_id, user_id, day, id));
  CREATE TABLE lab.findings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), v integer NOT NULL)$$);
SELECT is(test.q('migrator', 'SELECT tenantd.register_resource(' || r || ')'), n, n || ' is registered by this run') FROM (VALUES
  ('''lab.flasks''', 'flasks'), ('''lab.samples'', read_role => ''tenant_admin'', create_role => ''owner''', 'samples'), ('''lab.diaries'', user_scoped => true, delete_role => ''member''', 'diaries'),
  ('''lab.findings'', append_only => true, create_role => ''tenant_admin''', 'findings')) v (r, n);
SELECT test.script('migrator', $$CREATE VIEW lab.labelled WITH (security_invoker = true) AS SELECT s.*, f.b FROM lab.samples s JOIN lab.flasks f ON f.label = s.flask;
  CREATE VIEW lab.contents WITH (security_invoker = true) AS SELECT tenant_id, env, flask, count(*) AS n, sum(id) AS ids FROM lab.labelled GROUP BY 1, 2, 3;
  CREATE VIEW lab.pages WITH (security_invoker = true) AS SELECT *, row_number() OVER (ORDER BY day) AS page FROM lab.diaries$$);
SELECT is(test.q('migrator', 'SELECT tenantd.register_resource(' || r || ')'), n, n || ' is a view registered by this run') FROM (VALUES
  ('''lab.labelled'', read_role => ''tenant_admin''', 'labelled'), ('''lab.contents'', read_role => ''tenant_admin'', key_column => ''flask''', 'contents'), ('''lab.pages''', 'pages')) v (r, n);
SELECT is(test.gate(), NULL, 'the gate is clean');

-- What the catalog says ----------------------------------------------------------------------------------------------

CREATE TABLE test.m AS SELECT * FROM dblink('admin', $$SELECT name, format('%I.%I', schema_name, table_name), quote_ident(key_column),
    read_role::text, create_role::text, update_role::text, delete_role::text, append_only, create_role IS NULL,
    user_scoped OR EXISTS (SELECT 1 FROM tenantd.view_names(format('%I.%I', schema_name, table_name)::regclass) n JOIN tenantd.resources x
      ON n.object = format('%I.%I', x.schema_name, x.table_name)::regclass WHERE x.user_scoped),
    coalesce((SELECT quote_ident(w) FROM tenantd.resource_writable(format('%I.%I', schema_name, table_name)::regclass, r, 'UPDATE') w LIMIT 1), CASE WHEN create_role IS NULL THEN quote_ident(key_column) END)
  FROM tenantd.resources r$$) AS t (name text, rel text, key text, may_read text, may_create text, may_update text, may_delete text, append_only boolean, is_view boolean, user_scoped boolean, col text);
-- What a view reads: rows of it are made there.
CREATE TABLE test.m_beneath AS SELECT * FROM dblink('admin', $$
  SELECT r.name, x.name FROM tenantd.resources r, tenantd.view_names(format('%I.%I', r.schema_name, r.table_name)::regclass) n
  JOIN tenantd.resources x ON n.object = format('%I.%I', x.schema_name, x.table_name)::regclass$$) AS t (name text, beneath text);

-- A value of each type, in SQL.
CREATE TABLE test.m_columns AS SELECT * FROM dblink('admin', $$
  WITH types AS (
    SELECT oid, typcategory, typelem, CASE
      WHEN typtype = 'e' THEN (SELECT quote_literal(enumlabel) FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder LIMIT 1)
      WHEN typname IN ('json', 'jsonb') THEN '''{}''' WHEN typname = 'uuid' THEN 'gen_random_uuid()' WHEN typname = 'bytea' THEN '''a''' WHEN typname = 'xml' THEN '''<a/>'''
      WHEN typname IN ('time', 'timetz') THEN '''12:00''' WHEN typname IN ('int8', 'int4') THEN '(random() * 1e9)::integer'
      ELSE CASE typcategory WHEN 'S' THEN 'left(md5(random()::text), 12)' WHEN 'N' THEN '1' WHEN 'B' THEN 'false' WHEN 'D' THEN 'now()' WHEN 'R' THEN '''empty'''
        WHEN 'T' THEN '''1 day''' WHEN 'I' THEN '''127.0.0.1''' WHEN 'G' THEN '''(0,0)''' WHEN 'V' THEN '''1010''' END END AS sample
    FROM pg_type t)
  SELECT r.name, a.attname, (a.attnotnull OR y.typnotnull) AND NOT a.atthasdef AND a.attgenerated = '',
    format('(%s)::%s', CASE WHEN b.typcategory = 'A' THEN 'ARRAY[' || e.sample || ']' ELSE b.sample END, format_type(a.atttypid, a.atttypmod))
  FROM tenantd.resources r JOIN pg_attribute a ON a.attrelid = format('%I.%I', r.schema_name, r.table_name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type y ON y.oid = a.atttypid JOIN types b ON b.oid = coalesce(nullif(y.typbasetype, 0), y.oid) LEFT JOIN types e ON e.oid = b.typelem
  WHERE a.attname NOT IN ('tenant_id', 'env', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by') AND NOT (a.attname = 'user_id' AND r.user_scoped)
  $$) AS t (name text, col text, needed boolean, sample text);
CREATE TABLE test.m_references AS SELECT * FROM dblink('admin', $$
  SELECT r.name, k.conname, a.attname, k.confrelid::regclass::text, p.name, b.attname
  FROM tenantd.resources r JOIN pg_constraint k ON k.conrelid = format('%I.%I', r.schema_name, r.table_name)::regclass AND k.contype = 'f'
  CROSS JOIN LATERAL unnest(k.conkey, k.confkey) x (f, t) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.f JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = x.t
  LEFT JOIN tenantd.resources p ON format('%I.%I', p.schema_name, p.table_name)::regclass = k.confrelid
  WHERE a.attname NOT IN ('tenant_id', 'env', 'user_id')$$) AS t (name text, constraint_name text, col text, to_rel text, to_name text, to_col text);
SELECT ok((SELECT count(*) FROM test.m) >= 24, 'the areas and what was registered here are looked at');
SELECT is((SELECT string_agg(name || '.' || col, ', ') FROM test.m_columns WHERE needed AND sample IS NULL), NULL, 'there is a sample of every type that a row needs');

-- An INSERT of a made-up row; `more` gives columns (name: SQL) beyond or instead. What it refers to, in the same
-- tenant, is made first, by a superuser.
CREATE FUNCTION test.insert_of(resource text, tenant text, env text, who text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  cols jsonb := jsonb_build_object('tenant_id', quote_literal(tenant), 'env', quote_literal(env));
  c record;
BEGIN
  IF (SELECT user_scoped FROM test.m WHERE name = resource) THEN cols := cols || jsonb_build_object('user_id', quote_literal(who)); END IF;
  FOR c IN SELECT col, sample, (SELECT x.to_name FROM test.m_references x WHERE (x.name, x.col) = (m.name, m.col) AND x.to_name IS NOT NULL LIMIT 1) AS parent
           FROM test.m_columns m WHERE name = resource AND needed AND NOT more ? m.col LOOP
    cols := cols || jsonb_build_object(c.col, CASE WHEN c.parent IS NOT NULL THEN quote_literal(test.row_of(c.parent, tenant, env, who)) ELSE c.sample END);
  END LOOP;
  cols := cols || more;
  RETURN format('INSERT INTO %s (%s) VALUES (%s)', (SELECT rel FROM test.m WHERE name = resource),
    (SELECT string_agg(quote_ident(key), ', ' ORDER BY key) FROM jsonb_each_text(cols)), (SELECT string_agg(value, ', ' ORDER BY key) FROM jsonb_each_text(cols)));
END $$;
CREATE FUNCTION test.row_of(resource text, tenant text, env text, who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  m record;
  statement text;
  made text;
  b text;
BEGIN
  SELECT * INTO m FROM test.m WHERE name = resource;
  IF m.is_view THEN
    -- The row that is there once there are new ones beneath.
    statement := format('SELECT %s::text FROM %s WHERE (tenant_id, env) = (%L, %L)', m.key, m.rel, tenant, env);
    made := coalesce(test.q('admin', format('SELECT array_agg(k)::text FROM (%s) v (k)', statement)), '{}');
    FOR b IN SELECT x.beneath FROM test.m_beneath x WHERE x.name = resource LOOP
      PERFORM test.row_of(b, tenant, env, who);
    END LOOP;
    RETURN test.q('admin', format('SELECT k FROM (%s) v (k) WHERE k <> ALL (%L) LIMIT 1', statement, made));
  END IF;
  statement := test.insert_of(resource, tenant, env, who) || format(' RETURNING %s::text', m.key);
  made := test.q('admin', statement);
  IF made LIKE '!%' THEN RAISE 'no row of %: % %', resource, made, statement; END IF;
  RETURN made;
END $$;

-- Four rows of each: alpha's of the one who asks and of somebody else there, beta's (same env), gamma's (another env).
CREATE TABLE test.m_rows AS
  SELECT m.name, p.who, w.target, test.row_of(m.name, test.tenant(w.slug), w.env, test.person(coalesce(w.owner, p.who))) AS id, w.slug, w.env, coalesce(w.owner, p.who) AS owner
  FROM test.m, (VALUES ('amy'), ('adam'), ('ann')) p (who), (VALUES ('own', 'alpha', 'prod', NULL), ('foreign user', 'alpha', 'prod', 'rem'), ('foreign tenant', 'beta', 'prod', 'bea'), ('foreign env', 'gamma', 'dev', 'cyd')) w (target, slug, env, owner)
  WHERE m.user_scoped OR w.target <> 'foreign user';
-- Those that are not alpha's, or not its asking users', as they stand; and how many of them a request wrote.
CREATE FUNCTION test.digest() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(test.q('admin', format('SELECT concat_ws('' '', %L, md5(string_agg(t::text, '','' ORDER BY t::text) FILTER (WHERE %s::text = ANY (%L))), count(*) FILTER (WHERE coalesce(created_by, updated_by) IS NOT NULL)) FROM %s t WHERE %s',
    m.name, m.key, ARRAY(SELECT r.id FROM test.m_rows r WHERE r.name = m.name AND r.target <> 'own'), m.rel,
    CASE WHEN m.user_scoped THEN format('(tenant_id, user_id) NOT IN (SELECT %L::uuid, unnest(%L::uuid[]))', test.tenant('alpha'), ARRAY[test.person('amy'), test.person('adam'), test.person('ann')])
      ELSE format('tenant_id <> %L', test.tenant('alpha')) END)), E'\n' ORDER BY m.name) FROM test.m WHERE NOT m.is_view
$$;
SELECT is((SELECT string_agg(name, ', ') FROM test.m_rows WHERE id IS NULL), NULL, 'every resource has its rows');
CREATE TABLE test.before AS SELECT test.digest() AS digest;

-- The matrix ---------------------------------------------------------------------------------------------------------

-- member < tenant_admin < owner
CREATE FUNCTION test.holds(who text, least_role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT array_position(ARRAY['amy', 'adam', 'ann'], who) >= array_position(ARRAY['member', 'tenant_admin', 'owner'], least_role)
$$;
-- A view is refused what no view of its form takes before anybody asks for the right to it.
CREATE FUNCTION test.said(is_view boolean, answer text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN is_view AND answer IN ('!55000', '!42809', '!0A000') THEN '!42501' ELSE answer END
$$;
CREATE FUNCTION test.matrix() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  c record;
  at text;
  other_key text;
  answer text;
BEGIN
  FOR c IN SELECT m.*, r.who, r.target, r.id, r.slug, r.env, r.owner FROM test.m JOIN test.m_rows r USING (name) WHERE r.target <> 'own' ORDER BY m.name, r.who, r.target LOOP
    at := format('%s × %s × %s: ', c.name, c.who, c.target);
    RETURN QUERY SELECT is(test.said(c.is_view, test.act('app', c.who, test.tenant('alpha'), format(q, c.rel, c.key, c.id, test.tenant(c.slug), c.env, test.person(c.owner), c.col))),
      CASE WHEN c.is_view AND want ~ '^(UPDATE|DELETE|MERGE)' OR c.is_view AND what = 'is not locked' THEN '!42501' ELSE want END, at || what) FROM (VALUES
      ('is not read by key', 'SELECT count(*)::text FROM %1$s WHERE %2$s = %3$L', '0'),
      ('is not read by key and tenant', 'SELECT count(*)::text FROM %1$s WHERE %2$s = %3$L AND tenant_id = %4$L AND env = %5$L', '0'),
      ('is not counted', CASE WHEN c.user_scoped THEN 'SELECT count(*)::text FROM %1$s WHERE (tenant_id, env, user_id) = (%4$L, %5$L, %6$L)' ELSE 'SELECT count(*)::text FROM %1$s WHERE (tenant_id, env) = (%4$L, %5$L)' END, '0'),
      ('is not joined', 'SELECT count(*)::text FROM %1$s a FULL JOIN %1$s b USING (tenant_id, env, %2$s) WHERE %2$s = %3$L', '0'),
      ('no aggregate, order or window shows it', 'SELECT count(*)::text FROM (SELECT %2$s::text = %3$L AS hit, row_number() OVER (ORDER BY %2$s) FROM %1$s) x WHERE hit', '0'),
      ('is not locked', CASE WHEN c.append_only OR c.col IS NULL THEN 'SELECT ''0''' ELSE 'SELECT count(*)::text FROM (SELECT 1 FROM %1$s WHERE %2$s = %3$L FOR UPDATE) x' END, '0'),
      ('is not changed', 'UPDATE %1$s SET %7$s = %7$s WHERE %2$s = %3$L', CASE WHEN c.append_only THEN '!42501' ELSE 'UPDATE 0' END),
      ('is not changed with nothing read', 'UPDATE %1$s SET %7$s = DEFAULT WHERE CURRENT_DATE IS NULL OR tenant_id = %4$L AND %2$s = %3$L', CASE WHEN c.append_only THEN '!42501' ELSE 'UPDATE 0' END),
      ('is not deleted', 'DELETE FROM %1$s WHERE %2$s = %3$L', CASE WHEN c.append_only THEN '!42501' ELSE 'DELETE 0' END),
      ('is not merged into', 'MERGE INTO %1$s t USING (SELECT 1) s ON t.%2$s = %3$L WHEN MATCHED THEN DELETE', CASE WHEN c.append_only THEN '!42501' ELSE 'MERGE 0' END)) v (what, q, want)
    WHERE c.col IS NOT NULL OR q NOT LIKE '%\%7$s%';

    -- A row for somebody else, and one's own made over.
    RETURN QUERY SELECT is(test.said(c.is_view, test.act('app', c.who, test.tenant('alpha'), test.insert_of(c.name, test.tenant(c.slug), c.env, test.person(c.owner)))), '!42501', at || 'no row is added');
    CONTINUE WHEN c.is_view;
    RETURN QUERY SELECT is(test.act('app', c.who, test.tenant('alpha'), format('UPDATE %s SET %s WHERE %s = %L', c.rel, s, c.key,
        (SELECT r.id FROM test.m_rows r WHERE (r.name, r.who, r.target) = (c.name, c.who, 'own')))), '!42501', at || 'no row is handed over: ' || split_part(s, ' ', 1))
      FROM unnest(CASE WHEN c.slug <> 'alpha' THEN ARRAY[format('tenant_id = %L', test.tenant(c.slug)), format('env = %L', c.env), format('tenant_id = %L, env = %L', test.tenant(c.slug), c.env)]
        ELSE ARRAY[format('user_id = %L', test.person(c.owner))] END) s;
    IF c.slug <> 'alpha' THEN
      RETURN QUERY SELECT is(test.act('app', c.who, test.tenant('alpha'), test.insert_of(c.name, test.tenant('alpha'), 'prod', test.person(c.who), '{"env": "''dev''"}')), '!42501', at || 'nor one of the own tenant in another env');
      -- With the foreign row's key, the answer is the one that a key of nobody's gets: it does not tell of the row.
      IF EXISTS (SELECT 1 FROM test.m_references x WHERE (x.name, quote_ident(x.col)) = (c.name, c.key)) THEN CONTINUE; END IF;
      FOREACH other_key IN ARRAY ARRAY['', format(' ON CONFLICT (tenant_id, %s) DO NOTHING', c.key), format(' ON CONFLICT (tenant_id, %s) DO UPDATE SET %s = excluded.%s', c.key, c.col, c.col)] LOOP
        CONTINUE WHEN other_key LIKE '%UPDATE%' AND (c.append_only OR c.col IS NULL);
        answer := test.enter('app', c.who, test.tenant('alpha'));
        answer := test.q('app', test.insert_of(c.name, test.tenant('alpha'), 'prod', test.person(c.who), jsonb_build_object(trim('"' FROM c.key), quote_literal(c.id))) || other_key);
        PERFORM test.script('app', 'ROLLBACK');
        RETURN QUERY SELECT is(answer, CASE WHEN test.holds(c.who, c.may_create) THEN 'INSERT 0 1' ELSE '!42501' END, at || 'its key tells nothing' || other_key);
      END LOOP;
    ELSIF c.col IS NOT NULL AND NOT c.append_only THEN
      answer := test.act('app', c.who, test.tenant('alpha'), test.insert_of(c.name, test.tenant('alpha'), 'prod', test.person(c.who), jsonb_build_object(trim('"' FROM c.key), quote_literal(c.id)))
        || format(' ON CONFLICT (tenant_id, %s) DO UPDATE SET %s = excluded.%s', c.key, c.col, c.col));
      RETURN QUERY SELECT is(answer, '!42501', at || 'ON CONFLICT does not change it');
    END IF;
  END LOOP;
END $$;
SELECT test.matrix();

-- References: a row of one's own that refers to a foreign one is refused as one that refers to nothing.
SELECT is(test.act('app', 'ann', test.tenant('alpha'), test.insert_of(x.name, test.tenant('alpha'), 'prod', test.person('ann'), jsonb_build_object(x.col, quote_literal(t.id)))), '!23503',
    format('T35, T44: %s.%s does not refer to %s of a %s', x.name, x.col, x.to_name, t.target))
  FROM test.m_references x JOIN test.m_rows t ON t.name = x.to_name AND t.who = 'ann' AND t.target <> 'own';
SELECT is(test.act('app', 'ann', test.tenant('alpha'), test.insert_of(x.name, test.tenant('alpha'), 'prod', test.person('ann'), jsonb_build_object(x.col, m.sample))), '!23503', format('T35: nor %s.%s to nothing', x.name, x.col))
  FROM test.m_references x JOIN test.m_columns m USING (name, col);
SELECT is(test.act('app', 'ann', test.tenant('alpha'), test.insert_of(x.name, test.tenant('alpha'), 'prod', test.person('ann'), jsonb_build_object(x.col, quote_literal(test.person('bea'))))), '!23503', format('T44: %s.%s is no member of beta', x.name, x.col))
  FROM test.m_references x WHERE x.to_rel = 'tenantd.tenant_members';

-- Each role does with its own rows what its resource allows, and no more.
CREATE FUNCTION test.own() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  c record;
  reads boolean;
BEGIN
  FOR c IN SELECT m.*, r.who, r.id FROM test.m JOIN test.m_rows r USING (name) WHERE r.target = 'own' ORDER BY m.name, r.who LOOP
    reads := test.holds(c.who, c.may_read);
    RETURN QUERY SELECT is(test.act('app', c.who, test.tenant('alpha'), format('SELECT count(*)::text FROM %s WHERE %s = %L', c.rel, c.key, c.id)), CASE WHEN reads THEN '1' ELSE '0' END, format('%s × %s: reads %s', c.name, c.who, reads));
    RETURN QUERY SELECT is(test.said(c.is_view, test.act('app', c.who, test.tenant('alpha'), test.insert_of(c.name, test.tenant('alpha'), 'prod', test.person(c.who)))), CASE WHEN test.holds(c.who, c.may_create) THEN 'INSERT 0 1' ELSE '!42501' END, format('%s × %s: creates', c.name, c.who));
    IF c.col IS NOT NULL THEN
      RETURN QUERY SELECT is(test.said(c.is_view, test.act('app', c.who, test.tenant('alpha'), format('UPDATE %s SET %s = %s WHERE %s = %L', c.rel, c.col, c.col, c.key, c.id))),
        CASE WHEN c.append_only OR c.is_view THEN '!42501' WHEN reads AND test.holds(c.who, c.may_update) THEN 'UPDATE 1' ELSE 'UPDATE 0' END, format('%s × %s: updates', c.name, c.who));
    END IF;
    PERFORM test.enter('app', c.who, test.tenant('alpha'));
    RETURN QUERY SELECT is(test.said(c.is_view, test.q('app', format('DELETE FROM %s WHERE %s = %L', c.rel, c.key, c.id))),
      CASE WHEN c.append_only OR c.is_view THEN '!42501' WHEN reads AND test.holds(c.who, c.may_delete) THEN 'DELETE 1' ELSE 'DELETE 0' END, format('%s × %s: deletes', c.name, c.who));
    PERFORM test.script('app', 'ROLLBACK');
    RETURN QUERY SELECT is(test.q('app', format('SELECT count(*)::text FROM %s', c.rel)), '0', format('T39: %s: without a context there is nothing', c.name));
  END LOOP;
END $$;
SELECT test.own();
SELECT is(test.digest(), digest, 'after all of this not one foreign row is other than it was') FROM test.before;
SELECT is(test.gate(), NULL, 'and the gate is clean with rows in every table');

-- The matrix can fail: with a policy that lets all through it does.
SELECT test.script('admin', 'ALTER VIEW lab.labelled RESET (security_invoker)'), test.script('admin', 'ALTER VIEW lab.labelled OWNER TO postgres');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('SELECT count(*)::text FROM lab.labelled WHERE id = %L', id)), '1', 'T43: a view that reads as somebody else would be seen') FROM test.m_rows WHERE (name, who, target) = ('labelled', 'ann', 'foreign tenant');
SELECT test.script('admin', 'ALTER POLICY tenant_select ON lab.findings USING (true)');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), format('SELECT count(*)::text FROM lab.findings WHERE id = %L', id)), '1', 'a hole would be seen') FROM test.m_rows WHERE (name, who, target) = ('findings', 'ann', 'foreign tenant');

SELECT * FROM finish();
DROP TABLE test.m, test.m_beneath, test.m_columns, test.m_references, test.m_rows, test.before;
DROP FUNCTION test.insert_of, test.row_of, test.digest, test.holds, test.said, test.matrix, test.own;
