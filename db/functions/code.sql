-- Where PostgreSQL evaluates an application's code, and as whom.
--
-- The rule: code of an application runs as the workers' role, under the caller's context, or not at all. In a
-- statement of a worker that is so by itself. It is not so
--   where PostgreSQL evaluates an expression on its own account: ANALYZE, REINDEX and their like run the expressions of
--     indexes and statistics, and what compares the values of a type, as the table's owner;
--   inside of what a foreign key does by itself (CASCADE, SET NULL, SET DEFAULT), and where it compares keys: that runs as
--     the owner with forced row-level security suspended;
--   in a SECURITY DEFINER function, and in what one is given: to_jsonb(row) calls casts that the application made.
-- The first is refused when a table is registered, and named by the isolation gate when it comes later. What a foreign key
-- does by itself is done by a trigger of ours instead, as the caller, where there is code that would meet it. And no
-- SECURITY DEFINER function of ours touches a value of an application but by its bytes.

-- True of a function that is the application's. Not of those that came with the server and only compute, nor of those in C
-- that a superuser installed as IMMUTABLE, or with an extension that is known to run no SQL of anybody's. Some of the
-- server's own are: what takes SQL or the name of a table as text, and what changes the session.
CREATE OR REPLACE FUNCTION tenantd.is_code(function oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid = function AND p.pronamespace <> 'tenantd'::regnamespace AND NOT CASE WHEN p.oid < 16384
      THEN (p.provolatile <> 'v' OR p.proname IN ('random', 'gen_random_uuid', 'clock_timestamp', 'timeofday'))
        AND p.proname !~ '^(table|schema|database|cursor|query)_to_xml'
      ELSE l.lanname IN ('internal', 'c') AND (p.provolatile = 'i' OR EXISTS (
        SELECT 1 FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
          AND e.extname IN ('btree_gin', 'btree_gist', 'citext', 'cube', 'fuzzystrmatch', 'hstore', 'intarray', 'ltree', 'pg_trgm',
            'pgcrypto', 'unaccent', 'uuid-ossp', 'vector'))) END)
$$;

-- What a stored expression names: the functions it calls (those of its operators, too) and the types it meets. Taken from
-- the tree itself, for pg_depend does not have what initdb made. In that text a name never looks like this: blanks in it
-- are escaped.
CREATE OR REPLACE FUNCTION tenantd.functions_in(tree text) RETURNS SETOF oid
LANGUAGE sql STABLE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
  SELECT m[1]::oid FROM regexp_matches(tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid|hashfuncid) (\d+)', 'g') m WHERE m[1] <> '0'
  UNION
  SELECT o.oprcode FROM regexp_matches(tree, ':(?:opno|eqop|sortop) (\d+)|:(?:opnos|ops) \(o ([0-9 ]+)\)', 'g') m,
    regexp_split_to_table(coalesce(m[1], m[2]), ' ') n JOIN pg_operator o ON o.oid = n::oid
$$;

CREATE OR REPLACE FUNCTION tenantd.types_in(tree text) RETURNS SETOF oid
LANGUAGE sql STABLE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
  SELECT y.oid FROM regexp_matches(tree, ':[a-z_]*type(?:id)? (\d+)', 'g') m JOIN pg_type y ON y.oid = m[1]::oid
$$;

-- (The functions below are in plpgsql, which plans a query once per session and not at every call.)

-- Adds to these types everything that they are made of: bases of domains, types that the checks of domains name,
-- elements, attributes, ends of ranges.
CREATE OR REPLACE FUNCTION tenantd.types_within(types oid[]) RETURNS SETOF oid
LANGUAGE plpgsql STABLE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH RECURSIVE t (type) AS (
    SELECT unnest(types)
    UNION
    SELECT n.type FROM t, LATERAL (
      SELECT y.typbasetype FROM pg_type y WHERE y.oid = t.type AND y.typtype = 'd'
      UNION ALL SELECT y.typelem FROM pg_type y WHERE y.oid = t.type AND y.typelem <> 0
      UNION ALL SELECT a.atttypid FROM pg_type y JOIN pg_attribute a ON a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE y.oid = t.type AND y.typtype = 'c'
      UNION ALL SELECT g.rngsubtype FROM pg_range g WHERE t.type IN (g.rngtypid, g.rngmultitypid)
      UNION ALL SELECT tenantd.types_in(k.conbin::text) FROM pg_constraint k WHERE k.contypid = t.type
    ) n (type)
  )
  SELECT type FROM t;
END $$;

-- The functions that are called because a value is of such a type: the checks and the default of a domain, casts from it and
-- to it, what compares and hashes it, and the difference of the ends of a range. `by` is domain, cast or comparison.
CREATE OR REPLACE FUNCTION tenantd.functions_of_types(types oid[]) RETURNS TABLE (by text, what text, function oid)
LANGUAGE plpgsql STABLE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH t AS MATERIALIZED (SELECT tenantd.types_within(types) AS type)
  SELECT 'domain', format('check %I of domain %s', k.conname, t.type::regtype), tenantd.functions_in(k.conbin::text)
  FROM t JOIN pg_constraint k ON k.contypid = t.type
  UNION
  SELECT 'domain', format('the default of domain %s', t.type::regtype), tenantd.functions_in(y.typdefaultbin::text)
  FROM t JOIN pg_type y ON y.oid = t.type WHERE y.typdefaultbin IS NOT NULL
  UNION
  SELECT 'cast', format('the cast of %s to %s', c.castsource::regtype, c.casttarget::regtype), c.castfunc
  FROM t JOIN pg_cast c ON t.type IN (c.castsource, c.casttarget) WHERE c.castfunc >= 16384
  UNION
  SELECT 'comparison', format('the order of type %s', t.type::regtype), p.amproc
  FROM t JOIN pg_opclass o ON o.opcintype = t.type JOIN pg_amproc p ON p.amprocfamily = o.opcfamily
    AND t.type IN (p.amproclefttype, p.amprocrighttype)
  WHERE p.amproc >= 16384
  UNION
  SELECT 'comparison', format('the order of type %s', t.type::regtype), q.oprcode
  FROM t JOIN pg_opclass o ON o.opcintype = t.type JOIN pg_am m ON m.oid = o.opcmethod AND m.amname IN ('btree', 'hash')
  JOIN pg_amop p ON p.amopfamily = o.opcfamily AND t.type IN (p.amoplefttype, p.amoprighttype) JOIN pg_operator q ON q.oid = p.amopopr
  WHERE q.oprcode >= 16384
  UNION
  SELECT 'comparison', format('the difference in range %s', t.type::regtype), f
  FROM t JOIN pg_range g ON g.rngtypid = t.type, unnest(ARRAY[g.rngsubdiff, g.rngcanonical]::oid[]) f
  WHERE f >= 16384;
END $$;

-- The expressions of a table or view: what each is in words, its place, and its tree. Policies are left out: ours are
-- known, and any other one is refused.
CREATE OR REPLACE FUNCTION tenantd.expressions_of(relation regclass) RETURNS TABLE (what text, place text, tree text)
LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT format('the %s of column %I', v.word, a.attname), v.word, d.adbin::text
  FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum,
    LATERAL (SELECT CASE a.attgenerated WHEN '' THEN 'default' ELSE 'expression' END) v (word)
  WHERE d.adrelid = relation
  UNION ALL
  SELECT format('check %I', conname), 'check', conbin::text FROM pg_constraint WHERE conrelid = relation AND contype = 'c'
  UNION ALL
  SELECT format('index %s', indexrelid::regclass), 'index', concat(indexprs::text, indpred::text) FROM pg_index WHERE indrelid = relation
  UNION ALL
  SELECT format('statistics %s.%I', stxnamespace::regnamespace, stxname), 'statistics', stxexprs::text FROM pg_statistic_ext WHERE stxrelid = relation
  UNION ALL
  SELECT format('the condition of trigger %I', tgname), CASE WHEN tgtype & 1 = 1 THEN 'condition' ELSE 'statement' END, tgqual::text
  FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal
  UNION ALL
  SELECT format('rule %I', rulename), 'rule', concat(ev_qual::text, ev_action::text) FROM pg_rewrite WHERE ev_class = relation;
END $$;

-- The application's code that runs when somebody works with this table or view. `place` says where it stands: default,
-- expression (of a generated column), check, condition (of a row's trigger), statement (of a statement's), before, after
-- (triggers), rule, domain, cast; or index, statistics and comparison, which the server evaluates by itself.
CREATE OR REPLACE FUNCTION tenantd.code_of(relation regclass) RETURNS TABLE (what text, place text, function regprocedure)
LANGUAGE plpgsql STABLE ROWS 4 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH expressions AS MATERIALIZED (SELECT e.* FROM tenantd.expressions_of(relation) e WHERE e.tree <> ''),
  columns AS MATERIALIZED (SELECT array_agg(atttypid) AS types FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped),
  calls AS (
    SELECT e.what, e.place, f AS function FROM expressions e, tenantd.functions_in(e.tree) f
    UNION
    -- Code that a type in the expression brings with it is called in the same place as the expression.
    SELECT e.what, e.place, f.function FROM expressions e,
      tenantd.functions_of_types(ARRAY(SELECT tenantd.types_in(e.tree))) f WHERE e.place IN ('index', 'statistics')
    UNION
    SELECT f.what, f.by, f.function
    FROM columns c, tenantd.functions_of_types(c.types || ARRAY(SELECT tenantd.types_in(e.tree) FROM expressions e)) f
    UNION
    SELECT format('index %s', i.indexrelid::regclass), 'index', f
    FROM pg_index i, unnest(i.indclass::oid[]) c JOIN pg_opclass o ON o.oid = c
    JOIN pg_amproc p ON p.amprocfamily = o.opcfamily, LATERAL (SELECT p.amproc) v (f)
    WHERE i.indrelid = relation AND c >= 16384
    UNION
    SELECT format('exclusion constraint %I', k.conname), 'index', q.oprcode
    FROM pg_constraint k, unnest(k.conexclop) x JOIN pg_operator q ON q.oid = x WHERE k.conrelid = relation
    UNION
    SELECT format('trigger %I', tgname), CASE WHEN tgtype & 1 = 0 THEN 'statement' WHEN tgtype & 66 <> 0 THEN 'before' ELSE 'after' END, tgfoid
    FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal
  )
  -- The first condition is a rough form of is_code. It saves most calls.
  SELECT c.what, c.place, c.function::regprocedure FROM calls c JOIN pg_proc p ON p.oid = c.function
  WHERE (p.oid >= 16384 OR p.provolatile = 'v' OR p.proname LIKE '%to_xml%') AND p.pronamespace <> 'tenantd'::regnamespace
    AND tenantd.is_code(c.function);
END $$;

-- The functions that an aggregate calls. PostgreSQL checks the right of the aggregate's owner for them, not the
-- reader's.
CREATE OR REPLACE FUNCTION tenantd.aggregate_calls(aggregate oid) RETURNS SETOF oid
LANGUAGE sql STABLE ROWS 2 SET search_path = pg_catalog, pg_temp AS $$
  SELECT f FROM pg_aggregate g, unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn,
    aggminvtransfn, aggmfinalfn]::oid[]) f
  WHERE g.aggfnoid = aggregate AND f <> 0
$$;

-- What foreign keys do by themselves ---------------------------------------------------------------------------------

-- The trigger that carries it out. Its name comes before those of PostgreSQL's own, RI_…, which would refuse first.
CREATE OR REPLACE FUNCTION tenantd.follow_name(key oid, command text) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('A_tenantd_%s_%s', lower(command), left(md5(format('%s.%s', k.conrelid::regclass, k.conname)), 12))
  FROM pg_constraint k WHERE k.oid = key
$$;

-- Does to the rows that refer to this one what their foreign key is to do, as the caller and under the caller's policies:
-- rows that the caller may not change stay, and then the key refuses. Arguments: the referring table, the key, the action.
CREATE OR REPLACE FUNCTION tenantd.follow() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k pg_constraint;
  refers text;
  cleared text;
BEGIN
  SELECT * INTO k FROM pg_constraint WHERE conrelid = to_regclass(TG_ARGV[0]) AND conname = TG_ARGV[1] AND contype = 'f'
    AND confrelid = TG_RELID;
  SELECT string_agg(format('($1).%I OPERATOR(%I.%s) r.%I', a.attname, n.nspname, o.oprname, b.attname), ' AND '),
    string_agg(format('%I = %s', b.attname, CASE TG_ARGV[2] WHEN 'c' THEN format('($2).%I', a.attname) WHEN 'd' THEN 'DEFAULT'
      ELSE 'NULL' END), ', ') FILTER (WHERE b.attname NOT IN ('tenant_id', 'env')
        AND (TG_OP = 'UPDATE' OR TG_ARGV[3] = '' OR b.attname = ANY (string_to_array(TG_ARGV[3], ','))))
  INTO refers, cleared
  FROM unnest(k.conkey, k.confkey, k.conpfeqop) v (ours, theirs, op)
  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = v.theirs
  JOIN pg_attribute b ON b.attrelid = k.conrelid AND b.attnum = v.ours
  JOIN pg_operator o ON o.oid = v.op JOIN pg_namespace n ON n.oid = o.oprnamespace;
  IF refers IS NULL THEN
    RETURN NULL; -- the key is gone, and the refusing with it
  ELSIF TG_OP = 'DELETE' AND TG_ARGV[2] = 'c' THEN
    EXECUTE format('DELETE FROM %s r WHERE %s', TG_ARGV[0], refers) USING OLD;
  ELSIF TG_OP = 'DELETE' THEN
    EXECUTE format('UPDATE %s r SET %s WHERE %s', TG_ARGV[0], cleared, refers) USING OLD;
  ELSE
    EXECUTE format('UPDATE %s r SET %s WHERE %s', TG_ARGV[0], cleared, refers) USING OLD, NEW;
  END IF;
  RETURN NULL;
END $$;

-- What a foreign key does when the row that it refers to goes (DELETE) or changes its key (UPDATE), in the letters of
-- pg_constraint: c cascades, n sets null, d sets the default, a refuses. By itself, or by our triggers (follow_key).
CREATE OR REPLACE FUNCTION tenantd.key_action(key oid, command text) RETURNS "char"
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT (regexp_split_to_array(encode(g.tgargs, 'escape'), '\\000'))[3]::"char" FROM pg_trigger g
      WHERE g.tgrelid = k.confrelid AND g.tgfoid = 'tenantd.follow'::regproc AND g.tgname = tenantd.follow_name(k.oid, command)),
    CASE command WHEN 'DELETE' THEN k.confdeltype ELSE k.confupdtype END)
  FROM pg_constraint k WHERE k.oid = key
$$;

-- The application's code that would run inside what this foreign key does by itself: as the owner and past every
-- policy.
CREATE OR REPLACE FUNCTION tenantd.code_in_action(key oid) RETURNS TABLE (what text, function regprocedure)
LANGUAGE sql STABLE ROWS 2 SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.what, c.function FROM pg_constraint k, tenantd.code_of(k.conrelid) c
  WHERE k.oid = key AND k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
    AND (c.place IN ('expression', 'check', 'domain', 'cast', 'condition', 'before', 'index')
      OR (c.place = 'statement' AND c.what LIKE 'trigger %' AND EXISTS (SELECT 1 FROM pg_trigger g
        WHERE g.tgrelid = k.conrelid AND g.tgfoid = c.function AND g.tgtype & 3 = 2))
      OR (c.place = 'default' AND 'd' IN (k.confdeltype, k.confupdtype)))
$$;

-- True when reading this table or view runs code of the application: in casts, in comparisons, or in the functions of
-- a view and of the views that it reads.
CREATE OR REPLACE FUNCTION tenantd.read_runs_code(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE read (relation) AS (
    SELECT relation
    UNION
    SELECT m[1]::oid::regclass FROM read r JOIN pg_rewrite w ON w.ev_class = r.relation AND w.ev_type = '1',
      regexp_matches(w.ev_action::text, ' :relid (\d+)', 'g') m JOIN pg_class c ON c.oid = m[1]::oid
  )
  SELECT EXISTS (SELECT 1 FROM read r, tenantd.code_of(r.relation) c WHERE c.place IN ('cast', 'domain', 'comparison', 'rule'))
$$;

-- True when writing to this table runs code of the application, also through what a foreign key then does to other
-- tables.
CREATE OR REPLACE FUNCTION tenantd.write_runs_code(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE written (relation) AS (
    SELECT relation
    UNION
    SELECT k.conrelid::regclass FROM written w JOIN pg_constraint k ON k.confrelid = w.relation AND k.contype = 'f'
    WHERE tenantd.key_action(k.oid, 'DELETE') IN ('c', 'n', 'd') OR tenantd.key_action(k.oid, 'UPDATE') IN ('c', 'n', 'd')
  )
  SELECT EXISTS (SELECT 1 FROM written w, tenantd.code_of(w.relation))
$$;

-- Where code of the application would run in what foreign keys from this table and to it do by themselves, lets our
-- triggers do that: such a key is made again without its action.
CREATE OR REPLACE FUNCTION tenantd.follow_keys(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k pg_constraint;
  cleared text;
  pairs text;
BEGIN
  FOR k IN SELECT * FROM pg_constraint c WHERE c.contype = 'f' AND relation IN (c.conrelid, c.confrelid)
      AND EXISTS (SELECT 1 FROM tenantd.code_in_action(c.oid)) LOOP
    cleared := (SELECT string_agg(a.attname, ',') FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.confdelsetcols));
    SELECT format('(%s) IS DISTINCT FROM (%s)', string_agg(format('OLD.%I', a.attname), ', '), string_agg(format('NEW.%I', a.attname), ', '))
    INTO pairs FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, k.conname,
      regexp_replace(pg_get_constraintdef(k.oid), ' ON (UPDATE|DELETE) (CASCADE|SET NULL|SET DEFAULT)( \([^)]*\))?', '', 'g'));
    IF k.confdeltype IN ('c', 'n', 'd') THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tenantd.follow(%L, %L, %L, %L)',
        tenantd.follow_name(c.oid, 'DELETE'), k.confrelid::regclass, k.conrelid::regclass, k.conname, k.confdeltype, coalesce(cleared, ''))
      FROM pg_constraint c WHERE c.conrelid = k.conrelid AND c.conname = k.conname;
    END IF;
    IF k.confupdtype IN ('c', 'n', 'd') THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER UPDATE ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION tenantd.follow(%L, %L, %L, '''')',
        tenantd.follow_name(c.oid, 'UPDATE'), k.confrelid::regclass, pairs, k.conrelid::regclass, k.conname, k.confupdtype)
      FROM pg_constraint c WHERE c.conrelid = k.conrelid AND c.conname = k.conname;
    END IF;
    PERFORM tenantd.expect(k.confrelid);
    PERFORM tenantd.expect(k.conrelid);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.is_code(oid), tenantd.functions_in(text), tenantd.types_in(text), tenantd.types_within(oid[]),
  tenantd.functions_of_types(oid[]), tenantd.expressions_of(regclass), tenantd.code_of(regclass), tenantd.aggregate_calls(oid),
  tenantd.key_action(oid, text), tenantd.follow_name(oid, text), tenantd.code_in_action(oid), tenantd.read_runs_code(regclass),
  tenantd.write_runs_code(regclass) TO tenantd_app;
