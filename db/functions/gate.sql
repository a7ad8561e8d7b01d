-- The isolation gate's eyes: what the walls are made of, as it was built and as it stands, and every way in which the
-- catalog can open them. A finding comes with the SQL that mends it (words, where only a person can tell what is right:
-- they begin in lower case), the role that may run that, and what it stops:
--   service   a wall is open, or cannot be seen: workers refuse to serve
--   resource  one table cannot be looked at now: what is served from it is unavailable, and nothing else
--   nothing   no wall is open, but something is not as it should be

-- Privileges as GRANT and REVOKE write them, such as "UPDATE(role) WITH GRANT OPTION". When the workers' role loses
-- the right to grant a privilege, what it has granted is revoked as well (CASCADE).
CREATE OR REPLACE FUNCTION tenantd.privilege_sql(verb text, privilege text, relation regclass) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN verb = 'GRANT' THEN format('GRANT %s ON %s TO tenantd_app', v.what, relation)
    WHEN p[3] <> '' THEN format('REVOKE GRANT OPTION FOR %s ON %s FROM tenantd_app CASCADE', v.what, relation)
    ELSE format('REVOKE %s ON %s FROM PUBLIC, tenantd_app CASCADE', v.what, relation) END
  FROM regexp_match(privilege, '^([A-Z]+)(?:\((.*)\))?( WITH GRANT OPTION)?$') p,
    LATERAL (SELECT concat(p[1], ' (' || quote_ident(p[2]) || ')')) v (what)
$$;

-- The role that may mend what belongs to this role.
CREATE OR REPLACE FUNCTION tenantd.mender(owner oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN r.rolname IN ('tenantd_owner', 'tenantd_context') THEN r.rolname ELSE 'superuser' END
  FROM pg_roles r WHERE r.oid = owner
$$;

-- The parts of a wall, of a registered table or view and of tenantd's own tables: each with what it is made of, what
-- makes it, and what takes it away. A CHECK of an application is no wall, and one more constraint opens nothing.
CREATE OR REPLACE FUNCTION tenantd.parts_of(relation regclass) RETURNS TABLE (part text, made text, make text, unmake text)
LANGUAGE sql STABLE ROWS 30 SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'owner', relowner::regrole::text, format('ALTER TABLE %s OWNER TO %s', relation, relowner::regrole), NULL
  FROM pg_class WHERE oid = relation
  UNION ALL
  SELECT 'row-level security', 'enabled', format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation), NULL
  FROM pg_class WHERE oid = relation AND relrowsecurity
  UNION ALL
  SELECT 'forced row-level security', 'enabled', format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation), NULL
  FROM pg_class WHERE oid = relation AND relforcerowsecurity
  UNION ALL
  SELECT 'option ' || o.option_name, o.option_value, format('ALTER VIEW %s SET (%s = %s)', relation, o.option_name, o.option_value),
    format('ALTER VIEW %s RESET (%s)', relation, o.option_name)
  FROM pg_class, pg_options_to_table(reloptions) o WHERE oid = relation AND relkind = 'v'
  UNION ALL
  -- What it says of itself to the gate.
  SELECT 'record in isolated_tables', concat_ws(E'\n', e.is_foreign, e.foreign_row),
    format('INSERT INTO tenantd.isolated_tables VALUES (%L, %L, %L, %L) ON CONFLICT (schema_name, table_name) DO UPDATE '
      'SET is_foreign = excluded.is_foreign, foreign_row = excluded.foreign_row', e.schema_name, e.table_name, e.is_foreign, e.foreign_row),
    format('DELETE FROM tenantd.isolated_tables WHERE (schema_name, table_name) = (%L, %L)', e.schema_name, e.table_name)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN tenantd.isolated_tables e ON (e.schema_name, e.table_name) = (n.nspname, c.relname) WHERE c.oid = relation
  UNION ALL
  SELECT 'entry in open_relations', 'listed', format('INSERT INTO tenantd.open_relations VALUES (%L, %L)', o.name, o.reason),
    format('DELETE FROM tenantd.open_relations WHERE name = %L', o.name)
  FROM pg_class c JOIN tenantd.open_relations o ON o.name = 'tenantd.' || c.relname
  WHERE c.oid = relation AND c.relnamespace = 'tenantd'::regnamespace
  UNION ALL
  SELECT 'policy ' || v.polname, v.sql, format('DROP POLICY IF EXISTS %I ON %s; %s', v.polname, relation, v.sql),
    format('DROP POLICY %I ON %s', v.polname, relation)
  FROM (SELECT p.polname, format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, relation,
      CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
      CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
      (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ' ORDER BY r::regrole::text) FROM unnest(p.polroles) r),
      ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS sql
    FROM pg_policy p WHERE p.polrelid = relation) v
  UNION ALL
  SELECT 'privilege ' || p, 'granted', tenantd.privilege_sql('GRANT', p, relation), tenantd.privilege_sql('REVOKE', p, relation)
  FROM unnest(tenantd.privileges_of(relation)) p
  UNION ALL
  SELECT 'trigger ' || tgname, concat_ws(' ', tgenabled, pg_get_triggerdef(oid)),
    format('DROP TRIGGER IF EXISTS %I ON %s; %s', tgname, relation, pg_get_triggerdef(oid)), format('DROP TRIGGER %I ON %s', tgname, relation)
  FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal
  UNION ALL
  SELECT 'check of foreign keys', 'on', format('ALTER TABLE %s ENABLE TRIGGER ALL', relation), NULL
  FROM pg_trigger WHERE tgrelid = relation AND tgisinternal HAVING bool_and(tgenabled = 'O')
  UNION ALL
  SELECT 'rule ' || r.rulename, concat_ws(' ', r.ev_enabled, pg_get_ruledef(r.oid)), CASE WHEN r.rulename <> '_RETURN' THEN pg_get_ruledef(r.oid)
      ELSE format('CREATE OR REPLACE VIEW %s%s AS %s', relation, ' WITH (' || array_to_string(c.reloptions, ', ') || ')',
        rtrim(pg_get_viewdef(relation), ';')) END,
    CASE WHEN r.rulename <> '_RETURN' THEN format('DROP RULE %I ON %s', r.rulename, relation) END
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.ev_class = relation
  UNION ALL
  -- Compared without blanks and parentheses: these may differ after a dump and restore.
  SELECT 'constraint ' || k.conname, concat_ws(' ', k.convalidated, translate(pg_get_constraintdef(k.oid), ' ()', '')),
    format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I; ALTER TABLE %s ADD CONSTRAINT %I %s', relation, k.conname, relation, k.conname,
      pg_get_constraintdef(k.oid)), format('ALTER TABLE %s DROP CONSTRAINT %I', relation, k.conname)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE k.conrelid = relation AND k.contype <> 't' AND (k.contype <> 'c' OR c.relnamespace = 'tenantd'::regnamespace)
  UNION ALL
  -- Of tenantd's own tables the columns and indexes, too: code in them would run as tenantd_context.
  SELECT 'column ' || a.attname, concat_ws(' ', v.type, a.attidentity, a.attgenerated),
    format('ALTER TABLE %s ALTER %I TYPE %s', relation, a.attname, v.type), format('ALTER TABLE %s DROP COLUMN %I', relation, a.attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, LATERAL (SELECT concat(format_type(a.atttypid, a.atttypmod),
    ' COLLATE ' || nullif(a.attcollation, 0)::regcollation) AS type) v
  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = 'tenantd'::regnamespace AND c.relkind IN ('r', 'p')
  UNION ALL
  SELECT 'NOT NULL of column ' || a.attname, 'on', format('ALTER TABLE %s ALTER %I SET NOT NULL', relation, a.attname),
    format('ALTER TABLE %s ALTER %I DROP NOT NULL', relation, a.attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE a.attrelid = relation AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped AND c.relnamespace = 'tenantd'::regnamespace AND c.relkind IN ('r', 'p')
  UNION ALL
  SELECT 'default of column ' || a.attname, pg_get_expr(d.adbin, d.adrelid),
    format('ALTER TABLE %s ALTER %I SET DEFAULT %s', relation, a.attname, pg_get_expr(d.adbin, d.adrelid)),
    format('ALTER TABLE %s ALTER %I DROP DEFAULT', relation, a.attname)
  FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum JOIN pg_class c ON c.oid = a.attrelid
  WHERE d.adrelid = relation AND a.attgenerated = '' AND c.relnamespace = 'tenantd'::regnamespace AND c.relkind IN ('r', 'p')
  UNION ALL
  SELECT 'index ' || i.indexrelid::regclass, concat_ws(' ', i.indisvalid, pg_get_indexdef(i.indexrelid)),
    format('DROP INDEX IF EXISTS %s; %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)), format('DROP INDEX %s', i.indexrelid::regclass)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE i.indrelid = relation AND c.relnamespace = 'tenantd'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = relation)
  UNION ALL
  -- Its rows could be seen through its parent, under the parent's policies or under none.
  SELECT v.word || v.other, 'inherits', NULL, v.unmake FROM pg_inherits h JOIN pg_class c ON c.oid = relation,
    LATERAL (SELECT CASE h.inhrelid WHEN relation THEN 'parent ' ELSE 'child ' END AS word,
      CASE h.inhrelid WHEN relation THEN h.inhparent ELSE h.inhrelid END::regclass AS other,
      format('ALTER TABLE %s NO INHERIT %s', h.inhrelid::regclass, h.inhparent::regclass) AS unmake) v
  WHERE relation IN (h.inhrelid, h.inhparent) AND c.relnamespace = 'tenantd'::regnamespace AND c.relkind IN ('r', 'p')
  UNION ALL
  SELECT format('statistics %s.%I', s.stxnamespace::regnamespace, s.stxname), pg_get_statisticsobjdef(s.oid), pg_get_statisticsobjdef(s.oid),
    format('DROP STATISTICS %s.%I', s.stxnamespace::regnamespace, s.stxname)
  FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid WHERE s.stxrelid = relation AND c.relnamespace = 'tenantd'::regnamespace
$$;

-- What else the schema tenantd is made of. Without the check in sealed(), the guard's in member_guard() or the row of
-- audit(), every table still looks as it was built.
CREATE OR REPLACE FUNCTION tenantd.schema_parts() RETURNS TABLE (object text, part text, made text, make text, unmake text, owner oid)
LANGUAGE sql STABLE ROWS 150 SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'function ' || f, 'definition', concat_ws(E'\n', p.proowner::regrole, p.proleakproof,
      CASE WHEN has_function_privilege('tenantd_app', p.oid, 'EXECUTE WITH GRANT OPTION') THEN 'open to the workers, to be given on'
        WHEN has_function_privilege('tenantd_app', p.oid, 'EXECUTE') THEN 'open to the workers' END, d),
    concat_ws('; ', d, format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC, tenantd_app CASCADE', f), (SELECT format('GRANT EXECUTE ON ROUTINE %s TO %s', f,
      string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'tenantd_app' ELSE a.grantee::regrole::text END, ', '))
      FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner HAVING count(*) > 0)),
    format('DROP ROUTINE %s', f), p.proowner
  FROM pg_proc p, LATERAL (SELECT p.oid::regprocedure::text AS f,
    CASE WHEN p.prokind IN ('f', 'p') THEN btrim(pg_get_functiondef(p.oid), E'\n') ELSE p.prokind::text END AS d) v
  WHERE p.pronamespace = 'tenantd'::regnamespace
  UNION ALL
  SELECT 'function ' || o.signature, 'entry in open_functions', 'listed', format('INSERT INTO tenantd.open_functions VALUES (%L, %L)', o.signature, o.reason),
    format('DELETE FROM tenantd.open_functions WHERE signature = %L', o.signature), 'tenantd_owner'::regrole
  FROM tenantd.open_functions o WHERE o.signature LIKE 'tenantd.%'
  UNION ALL
  SELECT 'type ' || t.oid::regtype, 'definition', concat_ws(' ', t.typtype, v.labels), format('CREATE TYPE %s AS ENUM (%s)', t.oid::regtype, v.labels),
    format('DROP TYPE %s', t.oid::regtype), t.typowner
  FROM pg_type t, LATERAL (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) AS labels
    FROM pg_enum e WHERE e.enumtypid = t.oid) v
  WHERE t.typnamespace = 'tenantd'::regnamespace AND t.typtype IN ('e', 'd', 'r', 'b') AND t.typcategory <> 'A'
  UNION ALL
  SELECT 'type ' || t.oid::regtype, 'owner', t.typowner::regrole::text, format('ALTER TYPE %s OWNER TO %s', t.oid::regtype, t.typowner::regrole), NULL, t.typowner
  FROM pg_type t WHERE t.typnamespace = 'tenantd'::regnamespace AND t.typtype IN ('e', 'd', 'r', 'b') AND t.typcategory <> 'A'
  UNION ALL
  -- A cast of one of its types is called wherever such a value is made a json, as whoever does that.
  SELECT format('cast %s AS %s', c.castsource::regtype, c.casttarget::regtype), 'definition', concat_ws(' ', c.castmethod, nullif(c.castfunc, 0)::regprocedure),
    NULL, format('DROP CAST (%s AS %s)', c.castsource::regtype, c.casttarget::regtype), 'tenantd_owner'::regrole
  FROM pg_cast c JOIN pg_type t ON t.oid IN (c.castsource, c.casttarget) WHERE t.typnamespace = 'tenantd'::regnamespace
  UNION ALL
  SELECT 'operator ' || o.oid::regoperator, 'definition', o.oprcode::regprocedure::text, NULL, format('DROP OPERATOR %s', o.oid::regoperator), o.oprowner
  FROM pg_operator o WHERE o.oprnamespace = 'tenantd'::regnamespace
  UNION ALL
  SELECT 'schema tenantd', 'owner', nspowner::regrole::text, format('ALTER SCHEMA tenantd OWNER TO %s', nspowner::regrole), NULL, nspowner
  FROM pg_namespace WHERE nspname = 'tenantd'
$$;

CREATE OR REPLACE FUNCTION tenantd.is_view(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT relkind = 'v' FROM pg_class WHERE oid = relation $$;

-- Records what a table's wall is made of. Called by whatever builds one; a migration that changes a table calls it, too.
CREATE OR REPLACE FUNCTION tenantd.expect(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  named text := (SELECT e.schema_name || '.' || e.table_name
    FROM tenantd.isolated_tables e WHERE tenantd.relation_named(e.schema_name, e.table_name) = relation);
BEGIN
  DELETE FROM tenantd.expected_objects WHERE object IN ('table ' || named, 'view ' || named);
  INSERT INTO tenantd.expected_objects
  SELECT CASE WHEN tenantd.is_view(relation) THEN 'view ' ELSE 'table ' END || named, p.part, p.made, p.make
  FROM tenantd.parts_of(relation) p WHERE named IS NOT NULL;
END $$;

-- The same of everything in the schema tenantd. A migration that makes or changes something there calls this at its end.
CREATE OR REPLACE FUNCTION tenantd.expect_objects() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM tenantd.expected_objects WHERE object !~ '^(table|view) ' OR object ~ '^(table|view) tenantd\.';
  INSERT INTO tenantd.expected_objects SELECT s.object, s.part, s.made, s.make FROM tenantd.schema_parts() s;
  INSERT INTO tenantd.expected_objects
  SELECT CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END || ' tenantd.' || c.relname, p.part, p.made, p.make
  FROM pg_class c, tenantd.parts_of(c.oid) p WHERE c.relnamespace = 'tenantd'::regnamespace AND c.relkind IN ('r', 'p', 'v')
$$;

-- The same for one function of the schema that was made later: the one that audits a table.
CREATE OR REPLACE FUNCTION tenantd.expect_function(function regprocedure) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.expected_objects SELECT s.object, s.part, s.made, s.make FROM tenantd.schema_parts() s WHERE s.object = 'function ' || function
  ON CONFLICT (object, part) DO UPDATE SET made = excluded.made, make = excluded.make
$$;

-- What differs between the walls as they were built and as they are now, except for the tables in `locked`, which
-- cannot be checked. Owners are mended first, and what is too much is removed before what is missing is added.
CREATE OR REPLACE FUNCTION tenantd.wall_findings(locked regclass[]) RETURNS TABLE (object text, finding text, mend text, mend_as text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH relations AS MATERIALIZED (
    SELECT c.oid::regclass AS relation, c.relowner AS owner, n.nspname = 'tenantd' AS is_own, v.object,
      EXISTS (SELECT 1 FROM tenantd.isolated_tables e WHERE (e.schema_name, e.table_name) = (n.nspname, c.relname)) AS is_isolated
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
      LATERAL (SELECT CASE c.relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || n.nspname || '.' || c.relname AS object) v
    WHERE c.relkind IN ('r', 'p', 'v') AND c.oid <> ALL (locked) AND (n.nspname = 'tenantd'
      OR EXISTS (SELECT 1 FROM tenantd.isolated_tables e WHERE (e.schema_name, e.table_name) = (n.nspname, c.relname))
      OR EXISTS (SELECT 1 FROM tenantd.expected_objects e WHERE e.object = v.object))
  ),
  standing AS MATERIALIZED (
    SELECT s.* FROM tenantd.schema_parts() s
    UNION ALL
    SELECT r.object, p.*, r.owner FROM relations r, tenantd.parts_of(r.relation) p
  ),
  expected AS MATERIALIZED (
    SELECT e.* FROM tenantd.expected_objects e
    WHERE NOT EXISTS (SELECT 1 FROM unnest(locked) l JOIN pg_class c ON c.oid = l JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE e.object IN ('table ' || n.nspname || '.' || c.relname, 'view ' || n.nspname || '.' || c.relname))
  ),
  known AS MATERIALIZED (SELECT DISTINCT e.object FROM expected e),
  present AS MATERIALIZED (SELECT DISTINCT s.object FROM standing s),
  differing AS (
    SELECT coalesce(e.object, s.object) AS object, coalesce(e.part, s.part) AS part, e.part IS NULL AS is_more, s.part IS NULL AS is_less,
      s.object IN (SELECT k.object FROM known k) AS is_known, e.object IN (SELECT p.object FROM present p) AS is_present,
      e.made AS was, s.made AS made, e.make, s.unmake, s.owner
    FROM expected e FULL JOIN standing s ON (s.object, s.part) = (e.object, e.part)
    WHERE s.made IS DISTINCT FROM e.made
  ),
  findings AS (
    SELECT d.object, d.part, 0 AS rank, 'is not expected' AS finding, CASE WHEN d.object LIKE 'table %' THEN 'drop it, or give it the name again that it had'
        WHEN d.object LIKE 'view %' THEN format('DROP VIEW %s', r.relation) ELSE d.unmake END AS mend,
      tenantd.mender(coalesce(r.owner, d.owner)) AS mend_as
    FROM differing d LEFT JOIN relations r ON r.object = d.object
    WHERE d.is_more AND NOT d.is_known AND (r.object IS NULL AND d.unmake IS NOT NULL OR NOT r.is_isolated)
    UNION ALL
    SELECT d.object, d.part, CASE WHEN d.part = 'owner' THEN 1 WHEN d.is_more THEN 2 ELSE 3 END,
      d.part || CASE WHEN d.is_more THEN ' is not expected' WHEN d.is_less THEN ' is missing' ELSE ' is not what it was' END,
      CASE WHEN d.is_more THEN d.unmake
        WHEN d.is_less AND d.part LIKE 'column %' THEN 'restore the table from a backup'
        WHEN d.object LIKE 'type %' AND d.part = 'definition' THEN 'dump the database, make the type anew, and restore it: PostgreSQL takes no label back'
        WHEN d.part = 'definition' AND split_part(d.was, E'\n', 1) <> split_part(d.made, E'\n', 1) AND d.object LIKE 'function %'
          THEN format('ALTER ROUTINE %s OWNER TO %s; %s', substr(d.object, 10), split_part(d.was, E'\n', 1), d.make)
        ELSE d.make END,
      CASE WHEN d.part IN ('owner', 'check of foreign keys') OR d.part ~ '^(statistics|parent|child) ' THEN 'superuser'
        WHEN d.part ~ '^(record|entry) in ' THEN 'tenantd_owner'
        WHEN d.part = 'definition' AND split_part(d.was, E'\n', 1) <> split_part(d.made, E'\n', 1) THEN 'superuser'
        ELSE tenantd.mender(coalesce(r.owner, d.owner, 'tenantd_owner'::regrole)) END
    FROM differing d LEFT JOIN relations r ON r.object = d.object
    WHERE CASE WHEN d.is_more THEN d.is_known ELSE d.is_present END
      -- One more constraint of an application's opens nothing.
      AND NOT (d.is_more AND d.part LIKE 'constraint %' AND NOT r.is_own)
      -- When a column is missing or should not exist, nothing more is reported about it.
      AND NOT (d.part ~ '^(default|NOT NULL) of ' AND (d.object, regexp_replace(d.part, '^.*? of ', '')) IN
        (SELECT c.object, c.part FROM differing c WHERE (c.is_more OR c.is_less) AND c.part LIKE 'column %'))
    UNION ALL
    SELECT d.object, d.part, 0, 'does not exist', CASE WHEN d.object LIKE 'table %' THEN 'restore it from a backup, or give it its name again'
        WHEN d.object LIKE 'view %' THEN (SELECT e.make FROM expected e WHERE (e.object, e.part) = (d.object, 'rule _RETURN')) ELSE d.make END,
      CASE WHEN d.was LIKE E'tenantd\\_context\n%' THEN 'tenantd_context' ELSE 'tenantd_owner' END
    FROM differing d WHERE d.is_less AND NOT d.is_present AND d.part <> 'entry in open_functions' AND NOT (d.object LIKE 'type %' AND d.part = 'owner')
    UNION ALL
    SELECT r.object, '', 0, 'nothing is recorded of it', coalesce('SELECT tenantd.refresh_resource(' || quote_literal(x.name) || ')',
      format('compare it with that of a database as it was made, then SELECT tenantd.expect(%L)', r.relation)), 'tenantd_owner'
    FROM relations r LEFT JOIN tenantd.resources x ON tenantd.relation_named(x.schema_name, x.table_name) = r.relation
    WHERE r.is_isolated AND r.object NOT IN (SELECT k.object FROM known k)
  ),
  told AS (SELECT DISTINCT f.object, CASE f.rank WHEN 0 THEN '' ELSE f.part END AS part, f.rank, f.finding, f.mend, f.mend_as FROM findings f)
  SELECT t.object, t.finding, t.mend, t.mend_as FROM told t ORDER BY t.object, t.rank, t.part
$$;

-- The role -----------------------------------------------------------------------------------------------------------

-- The SQL that removes a setting where it was made.
CREATE OR REPLACE FUNCTION tenantd.setting_mend(name text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE g.source WHEN 'user' THEN format('ALTER ROLE %I RESET %s', current_user, g.name)
    WHEN 'database user' THEN format('ALTER ROLE %I IN DATABASE %I RESET %s', current_user, current_database(), g.name)
    WHEN 'database' THEN format('ALTER DATABASE %I RESET %s', current_database(), g.name)
    WHEN 'global' THEN format('ALTER ROLE ALL RESET %s', g.name)
    WHEN 'configuration file' THEN format('take %s out of postgresql.conf', g.name)
    ELSE format('take %s out of the options in [database] url', g.name) END
  FROM pg_settings g WHERE g.name = setting_mend.name
$$;

-- What the workers' role is and may do apart from tables, and which settings its sessions begin with. The search_path
-- of the session is an argument: current_setting would return the one of this function.
CREATE OR REPLACE FUNCTION tenantd.role_findings(session_path text)
RETURNS TABLE (object text, finding text, mend text, mend_as text, stops text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'role ' || current_user, v.finding, v.mend, 'superuser', 'service'
  FROM pg_roles r, LATERAL (VALUES
    (r.rolsuper, 'is a superuser', format('ALTER ROLE %I NOSUPERUSER', current_user)),
    (r.rolbypassrls, 'has BYPASSRLS', format('ALTER ROLE %I NOBYPASSRLS', current_user)),
    (r.rolcreaterole, 'has CREATEROLE', format('ALTER ROLE %I NOCREATEROLE', current_user)),
    (r.rolcreatedb, 'has CREATEDB', format('ALTER ROLE %I NOCREATEDB', current_user)),
    (r.rolreplication, 'has REPLICATION', format('ALTER ROLE %I NOREPLICATION', current_user)),
    (session_user <> current_user, 'is not the role that logged in', 'connect as tenantd_app: [database] url'),
    (has_database_privilege(current_database(), 'CREATE'), 'may CREATE in the database',
      format('REVOKE CREATE ON DATABASE %I FROM PUBLIC, tenantd_app', current_database())),
    (has_database_privilege(current_database(), 'TEMPORARY'), 'may make temporary tables',
      format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, tenantd_app', current_database())),
    (current_setting('row_security') <> 'on', 'has row_security off: row-level security would end every statement',
      tenantd.setting_mend('row_security')),
    (session_path IS DISTINCT FROM 'pg_catalog, pg_temp', 'has another search_path than pg_catalog, pg_temp',
      'take search_path out of the options in [database] url, and connect anew'),
    (current_setting('track_activities') <> 'off', 'has track_activities on', (SELECT CASE g.source WHEN 'database user' THEN
      tenantd.setting_mend(g.name) ELSE format('ALTER ROLE %I SET track_activities = off', current_user) END FROM pg_settings g WHERE g.name = 'track_activities')),
    (current_setting('session_replication_role') <> 'origin', 'fires no triggers: session_replication_role',
      tenantd.setting_mend('session_replication_role')),
    (current_setting('client_encoding') <> 'UTF8' OR current_setting('server_encoding') <> 'UTF8', 'does not speak UTF8',
      'make the database anew, with ENCODING ''UTF8'' and TEMPLATE template0; or take client_encoding out of [database] url')
  ) v (holds, finding, mend)
  WHERE r.rolname = current_user AND v.holds
  UNION ALL
  SELECT 'role ' || current_user, 'is a member of ' || m.roleid::regrole, format('REVOKE %s FROM %I', m.roleid::regrole, current_user),
    'superuser', 'service'
  FROM pg_auth_members m WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  UNION ALL
  -- Those who own the tables and the functions see no more than their policies show.
  SELECT 'role ' || rolname, v.finding, format('ALTER ROLE %I %s', rolname, v.mend), 'superuser', 'service'
  FROM pg_roles, LATERAL (VALUES (rolsuper, 'is a superuser', 'NOSUPERUSER'), (rolbypassrls, 'has BYPASSRLS', 'NOBYPASSRLS')) v (holds, finding, mend)
  WHERE rolname IN ('tenantd_owner', 'tenantd_context') AND v.holds
  UNION ALL
  -- Nor does an operator, or who sends mail; but no worker is one.
  SELECT 'role ' || rolname, v.finding, format('ALTER ROLE %I %s', rolname, v.mend), 'superuser', 'nothing'
  FROM pg_roles, LATERAL (VALUES (rolsuper, 'is a superuser', 'NOSUPERUSER'), (rolbypassrls, 'has BYPASSRLS', 'NOBYPASSRLS')) v (holds, finding, mend)
  WHERE rolname IN ('tenantd_migrator', 'tenantd_errands') AND v.holds
  UNION ALL
  SELECT 'schema ' || nspname, 'the workers may CREATE in it', format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, tenantd_app', nspname),
    'superuser', 'service'
  FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')
  UNION ALL
  SELECT 'role ' || current_user, 'owns ' || pg_describe_object(classid, objid, objsubid), CASE WHEN classid = 'pg_database'::regclass
      THEN 'give the database to another role: ALTER DATABASE ... OWNER TO'
      ELSE format('REASSIGN OWNED BY %I TO tenantd_owner', current_user) END, 'superuser', 'service'
  FROM pg_shdepend
  WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND classid <> 'pg_default_acl'::regclass
    AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  UNION ALL
  -- A role may alter itself, so that a setting for it may be an attack. Workers give the settings that they need when
  -- they connect, and remove the others.
  SELECT 'role ' || r.rolname, format('begins its sessions with %s', s.setting),
    format('ALTER ROLE %I%s RESET %s', r.rolname, ' IN DATABASE ' || quote_ident(d.datname), s.name),
    CASE WHEN g.name IS NULL THEN 'superuser' ELSE r.rolname END, 'nothing'
  FROM pg_db_role_setting x JOIN pg_roles r ON r.oid = x.setrole AND r.rolname = current_user LEFT JOIN pg_database d ON d.oid = x.setdatabase,
    LATERAL (SELECT e, split_part(e, '=', 1) FROM unnest(x.setconfig) e) s (setting, name)
    LEFT JOIN pg_settings g ON g.name = s.name
  WHERE (x.setdatabase = 0 OR d.datname = current_database()) AND g.context IS DISTINCT FROM 'superuser'
  UNION ALL
  SELECT 'database ' || d.datname, format('gives its sessions %s, in place of what the workers rely on', s.setting),
    format('ALTER DATABASE %I RESET %s', d.datname, s.name), 'superuser', CASE g.source WHEN 'database' THEN 'service' ELSE 'nothing' END
  FROM pg_db_role_setting x JOIN pg_database d ON d.oid = x.setdatabase AND d.datname = current_database(),
    LATERAL (SELECT e, split_part(e, '=', 1) FROM unnest(x.setconfig) e) s (setting, name) JOIN pg_settings g ON g.name = s.name
  WHERE x.setrole = 0 AND (g.source = 'client' OR s.name IN ('session_replication_role', 'row_security', 'search_path'))
  UNION ALL
  SELECT 'default privileges of ' || d.defaclrole::regrole, format('give %s on every new %s to %s', a.privilege_type, v.kind, v.who),
    format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s REVOKE %s ON %sS FROM %s', d.defaclrole::regrole,
      ' IN SCHEMA ' || nullif(d.defaclnamespace, 0)::regnamespace, a.privilege_type, v.kind, v.who), CASE d.defaclrole::regrole::text WHEN current_user THEN current_user::text ELSE tenantd.mender(d.defaclrole) END, 'nothing'
  FROM pg_default_acl d, aclexplode(d.defaclacl) a, LATERAL (SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLE' WHEN 'S' THEN 'SEQUENCE'
    WHEN 'f' THEN 'FUNCTION' WHEN 'T' THEN 'TYPE' ELSE 'SCHEMA' END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END) v (kind, who)
  WHERE a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user)) AND a.grantee <> d.defaclrole
    AND NOT (a.grantee = 0 AND d.defaclobjtype IN ('f', 'T') AND d.defaclrole::regrole::text NOT IN ('tenantd_owner', 'tenantd_context')
      AND d.defaclrole <> (SELECT oid FROM pg_roles WHERE rolname = current_user))
    AND NOT (a.grantee = 0 AND d.defaclobjtype = 'T')
  UNION ALL
  SELECT 'default privileges of ' || r.rolname, 'give EXECUTE on every new FUNCTION to PUBLIC',
    format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC', r.rolname), r.rolname, 'nothing'
  FROM pg_roles r WHERE r.rolname IN ('tenantd_owner', 'tenantd_context')
    AND NOT EXISTS (SELECT 1 FROM pg_default_acl d WHERE d.defaclrole = r.oid AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0)
  UNION ALL
  SELECT 'parameter ' || p.parname, format('%s may %s it', v.who, a.privilege_type),
    format('REVOKE %s ON PARAMETER %s FROM %s', a.privilege_type, p.parname, v.who), 'superuser', 'service'
  FROM pg_parameter_acl p, aclexplode(p.paracl) a, LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END) v (who)
  WHERE a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
  UNION ALL
  -- Other languages keep variables in the session, which db_sweep cannot reset.
  SELECT 'language ' || l.lanname, 'is open to the workers, and keeps variables from one request to the next',
    format('REVOKE USAGE ON LANGUAGE %I FROM PUBLIC, tenantd_app', l.lanname), 'superuser', 'service'
  FROM pg_language l WHERE l.lanname NOT IN ('internal', 'c', 'sql', 'plpgsql') AND has_language_privilege(l.oid, 'USAGE') AND l.lanpltrusted
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, format('is in %s, which keeps variables from one request to the next, and open to the workers', l.lanname),
    format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, tenantd_app', p.oid::regprocedure), 'superuser', 'service'
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
  WHERE l.lanname NOT IN ('internal', 'c', 'sql', 'plpgsql') AND has_function_privilege(p.oid, 'EXECUTE')
$$;

-- What PostgreSQL or roles.sql keeps from PUBLIC and the workers may call or read all the same: the server's files,
-- its other sessions, its large objects, its statistics.
CREATE OR REPLACE FUNCTION tenantd.server_findings() RETURNS TABLE (object text, finding text, mend text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH kept AS (
    SELECT i.classoid, i.objoid, array_agg(a.privilege_type) FILTER (WHERE a.grantee = 0) AS free
    FROM pg_init_privs i, aclexplode(i.initprivs) a WHERE i.objsubid = 0 GROUP BY 1, 2
  )
  SELECT 'function ' || p.oid::regprocedure, 'open to the workers', format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, tenantd_app', p.oid::regprocedure)
  FROM pg_proc p LEFT JOIN kept k ON k.classoid = 'pg_proc'::regclass AND k.objoid = p.oid
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
    AND (k.objoid IS NOT NULL AND k.free IS NULL
      OR p.proname IN ('pg_terminate_backend', 'pg_cancel_backend', 'pg_prepared_statement', 'lo_creat', 'lo_create',
        'lo_from_bytea', 'lo_open', 'loread', 'lowrite', 'lo_get', 'lo_put', 'lo_unlink')
      OR p.proname LIKE 'pg\_stat\_get\_%' AND p.proargtypes = '26'::oidvector)
  UNION ALL
  SELECT 'table ' || c.oid::regclass, 'the workers may ' || g, tenantd.privilege_sql('REVOKE', g, c.oid)
  FROM pg_class c LEFT JOIN kept k ON k.classoid = 'pg_class'::regclass AND k.objoid = c.oid,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) g
  WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v') AND c.oid < 16384
    AND has_table_privilege(c.oid, g) AND g <> ALL (coalesce(k.free, '{}'))
$$;

-- What the workers can use although nobody registered it.
CREATE OR REPLACE FUNCTION tenantd.catalog_findings() RETURNS TABLE (object text, finding text, mend text, mend_as text, stops text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH reachable AS (
    SELECT c.oid::regclass AS relation, tenantd.mender(c.relowner) AS mender, n.nspname, c.relname, c.relkind, v.kind || ' ' || n.nspname || '.' || c.relname AS object,
      tenantd.privileges_of(c.oid) AS privileges,
      c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND EXISTS (SELECT 1 FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS is_open
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
      LATERAL (SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END) v (kind)
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (c.oid >= 16384 OR n.nspname NOT IN ('pg_catalog', 'information_schema')) -- what came after initdb
      AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
      AND NOT (n.nspname = 'tenantd' AND c.relkind = 'v') -- of those wall_findings says all
  )
  -- Whatever else can be read or holds tenants. What the workers cannot reach harms nobody.
  SELECT r.object, CASE WHEN r.privileges <> '{}' THEN 'the workers may ' || array_to_string(r.privileges, ', ') || ', and it is not registered'
      ELSE 'has a tenant_id and no forced row-level security; the workers cannot reach it, and it may stay so' END,
    CASE WHEN r.privileges <> '{}' THEN format('REVOKE ALL ON %s FROM PUBLIC, tenantd_app CASCADE', r.relation)
      ELSE format('register it, if the application is to serve it: SELECT tenantd.register_resource(%L)', r.relation) END,
    CASE WHEN r.privileges <> '{}' THEN r.mender ELSE 'tenantd_owner' END,
    CASE WHEN r.privileges <> '{}' THEN 'service' ELSE 'nothing' END
  FROM reachable r
  WHERE NOT EXISTS (SELECT 1 FROM tenantd.isolated_tables e WHERE e.schema_name = r.nspname AND e.table_name = r.relname)
    AND NOT EXISTS (SELECT 1 FROM tenantd.open_relations o WHERE o.name = r.nspname || '.' || r.relname)
    -- for those that were listed, wall_findings reports that they no longer are
    AND NOT EXISTS (SELECT 1 FROM tenantd.expected_objects e WHERE e.object = r.object AND e.part IN ('record in isolated_tables', 'entry in open_relations'))
    AND (r.privileges <> '{}' OR r.is_open)
  UNION ALL
  SELECT 'table ' || o.name, 'the workers may ' || g, tenantd.privilege_sql('REVOKE', g, c.oid), tenantd.mender(c.relowner), 'service'
  FROM tenantd.open_relations o JOIN pg_class c ON c.oid >= 16384 AND c.oid::regclass::text = o.name, unnest(tenantd.privileges_of(c.oid)) g
  WHERE g !~ '^SELECT(\(|$)' AND c.relnamespace <> 'tenantd'::regnamespace
  UNION ALL
  -- A view reads as its owner, a materialized one has read already: listed or not.
  SELECT r.object, 'shows the workers what its owner sees', CASE r.relkind WHEN 'v' THEN format('ALTER VIEW %s SET (security_invoker = true)', r.relation)
    ELSE format('REVOKE ALL ON %s FROM PUBLIC, tenantd_app CASCADE', r.relation) END, r.mender, 'service'
  FROM reachable r
  WHERE r.privileges <> '{}' AND (r.relkind = 'm' OR (r.relkind = 'v' AND NOT tenantd.is_invoker(r.relation)))
  UNION ALL
  -- In any schema: an operator reaches it without a right to its schema, an aggregate by its own owner's.
  SELECT 'function ' || v.f, 'SECURITY DEFINER, open to the workers, and not listed', format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC, tenantd_app CASCADE',
    concat_ws(', ', v.f, (SELECT string_agg(g.aggfnoid::regprocedure::text, ', ') FROM pg_aggregate g
      WHERE g.aggfnoid >= 16384 AND p.oid IN (SELECT tenantd.aggregate_calls(g.aggfnoid))))), 'superuser', 'service'
  FROM pg_proc p, LATERAL CAST(p.oid::regprocedure AS text) v (f)
  WHERE p.prosecdef AND (has_function_privilege(p.oid, 'EXECUTE')
      OR p.oid IN (SELECT c FROM pg_aggregate g, tenantd.aggregate_calls(g.aggfnoid) c WHERE has_function_privilege(g.aggfnoid, 'EXECUTE')))
    AND v.f NOT IN (SELECT signature FROM tenantd.open_functions)
    AND NOT EXISTS (SELECT 1 FROM tenantd.expected_objects e WHERE (e.object, e.part) = ('function ' || v.f, 'entry in open_functions'))
    AND (p.pronamespace <> 'tenantd'::regnamespace OR EXISTS (SELECT 1 FROM tenantd.expected_objects e WHERE e.object = 'function ' || v.f))
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, 'SECURITY DEFINER and listed, and what it names is the caller''s choice: it sets no search_path',
    format('ALTER ROUTINE %s SET search_path = pg_catalog, pg_temp', p.oid::regprocedure), 'superuser', 'nothing'
  FROM tenantd.open_functions o JOIN pg_proc p ON p.oid::regprocedure::text = o.signature
  WHERE p.oid >= 16384 AND p.prosecdef AND p.pronamespace <> 'tenantd'::regnamespace AND NOT coalesce(p.proconfig::text LIKE '%search_path=%', false)
  UNION ALL
  -- PostgreSQL gives such a function rows before a policy has hidden them.
  SELECT 'function ' || p.oid::regprocedure, 'is LEAKPROOF, in the words of who made it, and open to the workers: it is shown rows that a policy would hide',
    format('ALTER FUNCTION %s NOT LEAKPROOF', p.oid::regprocedure), 'superuser', 'service'
  FROM pg_proc p WHERE p.proleakproof AND p.oid >= 16384 AND p.pronamespace <> 'tenantd'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
    AND tenantd.is_code(p.oid)
  UNION ALL
  SELECT s.object, s.finding, s.mend, 'superuser', 'service' FROM tenantd.server_findings() s
  UNION ALL
  -- No rollback undoes what it does, and it may log in as another role.
  SELECT 'function ' || p.oid::regprocedure, 'of dblink, open to the workers: it reaches other servers and sessions',
    format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, tenantd_app', p.oid::regprocedure), 'superuser', 'service'
  FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'dblink' JOIN pg_proc p ON p.oid = d.objid
  WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND has_function_privilege(p.oid, 'EXECUTE')
  UNION ALL
  SELECT 'sequence ' || c.oid::regclass, 'the workers may use it: its values tell of other tenants',
    format('REVOKE ALL ON SEQUENCE %s FROM PUBLIC, tenantd_app CASCADE', c.oid::regclass), tenantd.mender(c.relowner), 'service'
  FROM pg_class c
  WHERE CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') END
$$;

-- What the isolation gate finds of the resources: what register_resource would refuse today, and what it made and is gone.
CREATE OR REPLACE FUNCTION tenantd.resource_findings(locked regclass[]) RETURNS TABLE (object text, finding text, mend text, mend_as text, stops text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH r AS MATERIALIZED (SELECT x.*, c.oid::regclass AS relation, c.relkind FROM tenantd.resources x
    JOIN pg_class c ON c.oid = tenantd.relation_named(x.schema_name, x.table_name) WHERE c.oid <> ALL (locked))
  -- A refusal says after its colon what to do.
  SELECT 'resource ' || r.name, f, substr(f, strpos(f, ': ') + 2), 'tenantd_owner', 'service'
  FROM r, LATERAL (SELECT tenantd.view_refusals(r.relation, r.key_column) WHERE r.relkind IN ('v', 'm')
    UNION ALL SELECT tenantd.resource_refusals(r.relation, r.user_scoped) WHERE r.relkind NOT IN ('v', 'm')) v (f)
  UNION ALL
  SELECT 'resource ' || r.name, format('it was registered as a %s and is none', CASE WHEN r.create_role IS NULL THEN 'view' ELSE 'table' END),
    format('SELECT tenantd.register_resource(%L, name => %L)', r.relation, r.name), 'tenantd_owner', 'service'
  FROM r WHERE (r.create_role IS NULL) <> (r.relkind = 'v')
  UNION ALL
  -- A column that came later is not written to by the workers before the audit knows it: nothing is open.
  SELECT 'resource ' || r.name, f, format('SELECT tenantd.refresh_resource(%L)', r.name), 'tenantd_owner',
    CASE WHEN f LIKE 'its audit %' THEN 'nothing' ELSE 'service' END
  FROM r, LATERAL (
    SELECT format('column %I may be null', a.attname) FROM pg_attribute a
    WHERE a.attrelid = r.relation AND NOT a.attnotnull AND NOT a.attisdropped
      AND (a.attname IN ('tenant_id', 'env') OR (a.attname = 'user_id' AND r.user_scoped))
    UNION ALL
    SELECT format('column %I is missing', c.name) FROM tenantd.resource_columns(r.user_scoped) c
    WHERE tenantd.column_number(r.relation, c.name) IS NULL
    UNION ALL
    SELECT 'its primary key does not lead with the tenant' FROM pg_constraint k
    WHERE k.conrelid = r.relation AND k.contype = 'p'
      AND k.conkey[1] IS DISTINCT FROM tenantd.column_number(r.relation, 'tenant_id')
    UNION ALL
    SELECT 'nothing ties its rows to a tenant' WHERE NOT EXISTS (SELECT 1 FROM tenantd.tenant_reference(r.relation))
    UNION ALL
    SELECT format('trigger %s is missing or disabled', v.t)
    FROM (VALUES ('tenantd_stamp', 'stamp_row'), ('tenantd_audit', tenantd.audit_name(r.relation))) v (t, f)
    WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid AND p.pronamespace = 'tenantd'::regnamespace
      WHERE g.tgrelid = r.relation AND g.tgname = v.t AND g.tgenabled IN ('O', 'A') AND p.proname = v.f)
    UNION ALL
    SELECT 'its audit does not know the columns that it has now' FROM pg_proc p
    WHERE p.pronamespace = 'tenantd'::regnamespace AND p.proname = tenantd.audit_name(r.relation) AND p.prokind = 'f'
      AND p.prosrc <> tenantd.audit_source(r.relation, r.name, r.key_column)
    UNION ALL
    SELECT format('foreign key %I of %s changes rows by itself, as the owner and past every policy, and %s calls %s there', k.conname,
      k.conrelid::regclass, c.what, c.function)
    FROM pg_constraint k, LATERAL (SELECT * FROM tenantd.code_in_action(k.oid) LIMIT 1) c WHERE k.contype = 'f' AND r.relation IN (k.conrelid, k.confrelid)
  ) v (f)
  WHERE r.relkind NOT IN ('v', 'm')
  UNION ALL
  SELECT 'resource ' || r.name, format('action %s calls %s, which is gone or SECURITY DEFINER', a.name, a.signature),
    format('SELECT tenantd.unregister_action(%L, %L)', r.name, a.name), 'tenantd_owner', 'service'
  FROM r JOIN tenantd.resource_actions a ON a.resource = r.name
  WHERE NOT EXISTS (SELECT 1 FROM pg_proc p WHERE p.oid >= 16384 AND p.oid::regprocedure::text = a.signature AND NOT p.prosecdef)
$$;

-- All of it ----------------------------------------------------------------------------------------------------------

-- A row per check; `finding` is null where the check passed. Run in the transaction of a canary; where none can be made, with
-- nulls, for what the catalog says of that. (A default is evaluated by the caller, in the session's own settings.) Its
-- statements look expensive to PostgreSQL, and to compile them takes longer than to run them: hence jit off.
CREATE OR REPLACE FUNCTION tenantd.isolation_check(tenant uuid, in_env tenantd.env, self uuid, other_tenant uuid, other_user uuid,
  session_path text DEFAULT current_setting('search_path'))
RETURNS TABLE (object text, attempt text, finding text, mend text, mend_as text, stops text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
  e tenantd.isolated_tables;
  locked regclass[];
  relation regclass;
  held text := current_setting('lock_timeout');
BEGIN
  -- Whoever keeps writers out of a table (CREATE INDEX) may do so for long.
  PERFORM set_config('lock_timeout', '300', true);
  locked := tenantd.locked_tables();
  RETURN QUERY SELECT f.object, 'role attributes and grants'::text, f.finding, f.mend, f.mend_as, f.stops FROM tenantd.role_findings(session_path) f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'role ' || current_user, 'role attributes and grants'::text, NULL::text, NULL::text, NULL::text, NULL::text;
  END IF;
  -- A superuser can do everything: each privilege would be reported as one too many.
  IF EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = current_user AND r.rolsuper) THEN RETURN; END IF;
  RETURN QUERY SELECT f.object, 'catalog'::text, f.finding, f.mend, f.mend_as,
      -- A table of the application's that is gone shows nothing to anybody.
      CASE WHEN f.finding = 'does not exist' AND f.object ~ '^(table|view) ' AND f.object !~ '^(table|view) tenantd\.' THEN 'resource' ELSE 'service' END
    FROM tenantd.wall_findings(locked) f
    UNION ALL SELECT f.object, 'catalog'::text, f.finding, f.mend, f.mend_as, f.stops FROM tenantd.catalog_findings() f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'catalog'::text, 'catalog'::text, NULL::text, NULL::text, NULL::text, NULL::text;
  END IF;
  RETURN QUERY SELECT f.object, 'resource'::text, f.finding, f.mend, f.mend_as, f.stops FROM tenantd.resource_findings(locked) f;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'resources'::text, 'resource'::text, NULL::text, NULL::text, NULL::text, NULL::text;
  END IF;
  IF tenant IS NULL THEN
    RETURN QUERY SELECT 'canary'::text, 'make one'::text, 'there is none, and no wall was tried'::text, 'see what the catalog says of it'::text,
      'tenantd_owner'::text, 'service'::text;
    RETURN;
  END IF;
  FOR e IN SELECT * FROM tenantd.isolated_tables ORDER BY schema_name, table_name LOOP
    relation := tenantd.relation_named(e.schema_name, e.table_name);
    object := CASE WHEN tenantd.is_view(relation) THEN 'view ' ELSE 'table ' END || e.schema_name || '.' || e.table_name;
    IF relation = ANY (locked) THEN
      attempt := 'look at it';
      finding := 'somebody holds a lock on it that keeps everybody out';
      mend := 'wait for the statement or migration that holds it, or end that: SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = '
        || quote_literal(relation::text) || '::regclass AND mode = ''AccessExclusiveLock'' AND granted';
      mend_as := 'superuser';
      stops := 'resource';
      RETURN NEXT;
      CONTINUE;
    END IF;
    CONTINUE WHEN relation IS NULL; -- wall_findings says so
    IF NOT has_schema_privilege(e.schema_name, 'USAGE') THEN
      attempt := 'look at it';
      finding := format('the workers have no right to schema %I', e.schema_name);
      mend := format('GRANT USAGE ON SCHEMA %I TO tenantd_app', e.schema_name);
      mend_as := 'superuser';
      stops := 'resource';
      RETURN NEXT;
      CONTINUE;
    END IF;
    BEGIN
      IF object LIKE 'view %' THEN
        RETURN QUERY SELECT isolation_check.object, t.attempt, t.finding, format('SELECT tenantd.refresh_resource(%L)', r.name), 'tenantd_owner', 'service'
          FROM tenantd.try_view(e.schema_name, e.table_name, tenant, in_env) t
          LEFT JOIN tenantd.resources r ON (r.schema_name, r.table_name) = (e.schema_name, e.table_name);
      ELSE
        RETURN QUERY SELECT isolation_check.object, t.attempt, t.finding, coalesce('SELECT tenantd.refresh_resource(' || quote_literal(r.name) || ')',
            'see what the catalog says of it'), 'tenantd_owner', 'service'
          FROM tenantd.try_table(e.schema_name, e.table_name, tenant, in_env, self, other_tenant, other_user) t
          LEFT JOIN tenantd.resources r ON (r.schema_name, r.table_name) = (e.schema_name, e.table_name);
      END IF;
    EXCEPTION
      WHEN lock_not_available OR deadlock_detected THEN
        RETURN QUERY SELECT isolation_check.object, 'try the wall'::text, SQLERRM, 'try again', 'tenantd_app', 'resource';
      WHEN OTHERS THEN
        RETURN QUERY SELECT isolation_check.object, 'try the wall'::text, SQLERRM, 'see what the catalog says of it', 'tenantd_owner', 'service';
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', held, true);
END $$;

-- A digest of everything that the gate checks, from the transaction ids of the catalog's rows: whatever changes an
-- answer of the gate changes this digest. It costs so little that one worker can ask for it every few seconds.
CREATE OR REPLACE FUNCTION tenantd.catalog_digest() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT encode(sha256(convert_to(string_agg(concat_ws(' ', v.name, v.rows, v.mark), E'\n'), 'UTF8')), 'hex') FROM (
    SELECT 'class' AS name, count(*) AS rows, bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) AS mark FROM pg_class WHERE relpersistence <> 't'
    UNION ALL SELECT 'attribute', count(*), bit_xor(hashtextextended(concat_ws(' ', a.attrelid, a.attnum, a.xmin), 0)) FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid WHERE c.relpersistence <> 't' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND (a.attrelid >= 16384 OR a.attacl IS NOT NULL)
    UNION ALL SELECT 'proc', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_proc
    UNION ALL SELECT 'type', count(*), bit_xor(hashtextextended(concat_ws(' ', t.oid, t.xmin), 0)) FROM pg_type t
      LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE t.oid >= 16384 AND c.relpersistence IS DISTINCT FROM 't' AND t.typcategory <> 'A'
    UNION ALL SELECT 'policy', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_policy
    UNION ALL SELECT 'trigger', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_trigger
    UNION ALL SELECT 'constraint', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_constraint
    UNION ALL SELECT 'attrdef', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_attrdef
    UNION ALL SELECT 'rewrite', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_rewrite
    UNION ALL SELECT 'index', count(*), bit_xor(hashtextextended(concat_ws(' ', indexrelid, xmin), 0)) FROM pg_index WHERE indexrelid >= 16384
    UNION ALL SELECT 'inherits', count(*), bit_xor(hashtextextended(concat_ws(' ', inhrelid, inhparent, xmin), 0)) FROM pg_inherits
    UNION ALL SELECT 'statistic_ext', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_statistic_ext
    UNION ALL SELECT 'cast', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_cast
    UNION ALL SELECT 'operator', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_operator
    UNION ALL SELECT 'opclass', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_opclass
    UNION ALL SELECT 'amproc', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_amproc WHERE oid >= 16384
    UNION ALL SELECT 'aggregate', count(*), bit_xor(hashtextextended(concat_ws(' ', aggfnoid::oid, xmin), 0)) FROM pg_aggregate
    UNION ALL SELECT 'enum', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_enum
    UNION ALL SELECT 'range', count(*), bit_xor(hashtextextended(concat_ws(' ', rngtypid, xmin), 0)) FROM pg_range
    UNION ALL SELECT 'namespace', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
    UNION ALL SELECT 'language', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_language
    UNION ALL SELECT 'default_acl', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_default_acl
    UNION ALL SELECT 'auth_members', count(*), bit_xor(hashtextextended(concat_ws(' ', roleid, member, xmin), 0)) FROM pg_auth_members
    UNION ALL SELECT 'role_setting', count(*), bit_xor(hashtextextended(concat_ws(' ', setdatabase, setrole, xmin), 0)) FROM pg_db_role_setting
    UNION ALL SELECT 'parameter_acl', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, xmin), 0)) FROM pg_parameter_acl
    UNION ALL SELECT 'database', count(*), bit_xor(hashtextextended(concat_ws(' ', oid, datdba, datacl), 0)) FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT 'roles', count(*), bit_xor(hashtextextended(r::text, 0)) FROM pg_roles r WHERE rolname LIKE 'tenantd\_%'
    UNION ALL SELECT 'shdepend', count(*), 0 FROM pg_shdepend
      WHERE deptype = 'o' AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    UNION ALL SELECT 'isolated_tables', count(*), bit_xor(hashtextextended(t::text, 0)) FROM tenantd.isolated_tables t
    UNION ALL SELECT 'expected_objects', count(*), bit_xor(hashtextextended(t::text, 0)) FROM tenantd.expected_objects t
    UNION ALL SELECT 'open_functions', count(*), bit_xor(hashtextextended(t::text, 0)) FROM tenantd.open_functions t
    UNION ALL SELECT 'open_relations', count(*), bit_xor(hashtextextended(t::text, 0)) FROM tenantd.open_relations t
    UNION ALL SELECT 'resources', count(*), bit_xor(hashtextextended(t::text, 0)) FROM tenantd.resources t
    UNION ALL SELECT 'resource_actions', count(*), bit_xor(hashtextextended(t::text, 0)) FROM tenantd.resource_actions t
  ) v
$$;
GRANT EXECUTE ON FUNCTION tenantd.privilege_sql(text, text, regclass), tenantd.mender(oid), tenantd.setting_mend(text),
  tenantd.parts_of(regclass), tenantd.schema_parts(), tenantd.is_view(regclass), tenantd.wall_findings(regclass[]),
  tenantd.role_findings(text), tenantd.server_findings(), tenantd.catalog_findings(), tenantd.resource_findings(regclass[]),
  tenantd.catalog_digest(), tenantd.isolation_check(uuid, tenantd.env, uuid, uuid, uuid, text) TO tenantd_app;
