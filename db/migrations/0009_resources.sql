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
  registered_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (schema_name, table_name)
);
COMMENT ON TABLE tenantd.resources IS 'What is served under /v1/data/, and to whom; holds no tenant''s data';

CREATE TABLE tenantd.resource_actions (
  resource text NOT NULL REFERENCES tenantd.resources ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  signature text NOT NULL,
  least_role tenantd.role NOT NULL,
  tenant_guard text NOT NULL CHECK (tenant_guard IN ('any', 'open', 'active')),
  PRIMARY KEY (resource, name)
);
COMMENT ON TABLE tenantd.resource_actions IS 'Functions that are called on a row: POST /v1/data/{resource}/{id}/{action}';

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

-- Who and when, by the database and not by the caller: whatever a caller wrote there is replaced.
CREATE FUNCTION tenantd.stamp_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF TG_OP = 'INSERT' THEN
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
  RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.stamp_row() TO tenantd_owner;

SET LOCAL ROLE tenantd_owner;

-- The columns that every resource has, in their order: name, type, how one is added.
CREATE FUNCTION tenantd.resource_columns() RETURNS TABLE (name text, type text, definition text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  VALUES
    ('tenant_id', 'uuid', 'uuid'),
    ('env', 'tenantd.env', 'tenantd.env'),
    ('version', 'integer', 'integer NOT NULL DEFAULT 1'),
    ('created_at', 'timestamp with time zone', 'timestamptz NOT NULL DEFAULT now()'),
    ('created_by', 'uuid', 'uuid'),
    ('updated_at', 'timestamp with time zone', 'timestamptz NOT NULL DEFAULT now()'),
    ('updated_by', 'uuid', 'uuid')
$$;

-- Every reason why a table cannot be made safe, each with what to change.
CREATE FUNCTION tenantd.resource_refusals(relation regclass) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH t AS (SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation),
  tenant AS (SELECT attnum FROM pg_attribute WHERE attrelid = relation AND attname = 'tenant_id' AND NOT attisdropped)
  SELECT 'it is a ' || CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
      WHEN 'p' THEN 'partitioned table' ELSE relkind::text END || ': register the table it stands on'
    || CASE relkind WHEN 'v' THEN '; give the view WITH (security_invoker = true) and read it through your own code'
       ELSE '' END
  FROM t WHERE relkind <> 'r'
  UNION ALL
  SELECT 'it is not permanent: temporary and unlogged tables lose rows that audit says exist' FROM t WHERE relpersistence <> 'p'
  UNION ALL
  SELECT 'it inherits or is inherited from: a parent shows the rows of its children past their policies'
  WHERE EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = relation OR inhparent = relation)
  UNION ALL
  SELECT 'it is the system''s own' FROM t WHERE nspname IN ('tenantd', 'pg_catalog', 'information_schema')
  UNION ALL
  SELECT format('column %I has type %s: a resource''s %I is %s', c.name, format_type(a.atttypid, a.atttypmod), c.name, c.type)
  FROM tenantd.resource_columns() c JOIN pg_attribute a ON a.attrelid = relation AND a.attname = c.name AND NOT a.attisdropped
  WHERE a.atttypid <> c.type::regtype
  UNION ALL
  SELECT CASE count(*) WHEN 0 THEN 'it has no primary key: give it id uuid PRIMARY KEY DEFAULT gen_random_uuid()'
    ELSE 'its primary key has several columns: a resource has one beside the tenant' END
  FROM pg_constraint k, unnest(k.conkey) col
  WHERE k.conrelid = relation AND k.contype = 'p' AND col NOT IN (SELECT attnum FROM tenant)
  HAVING count(*) <> 1
  UNION ALL
  -- A unique index over all tenants tells one what another holds.
  SELECT format('unique index %s has no tenant_id: make it UNIQUE (tenant_id, …)', i.indexrelid::regclass)
  FROM pg_index i WHERE i.indrelid = relation AND i.indisunique AND NOT i.indisprimary
    AND NOT coalesce((SELECT attnum FROM tenant) = i.indkey[0], false)
  UNION ALL
  SELECT format('exclusion constraint %I has no tenant_id: add tenant_id WITH =', k.conname)
  FROM pg_constraint k WHERE k.conrelid = relation AND k.contype = 'x'
    AND NOT coalesce((SELECT attnum FROM tenant) = ANY (k.conkey), false)
  UNION ALL
  SELECT format('foreign key %I goes to %s without the tenant: make it FOREIGN KEY (tenant_id, …) REFERENCES %s (tenant_id, …)',
    k.conname, k.confrelid::regclass, k.confrelid::regclass)
  FROM pg_constraint k
  WHERE k.conrelid = relation AND k.contype = 'f'
    AND (k.confrelid = relation OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid
      AND a.attname = 'tenant_id' AND NOT a.attisdropped))
    AND NOT coalesce((SELECT attnum FROM tenant) = k.conkey[1] AND k.confkey[1] =
      (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'tenant_id'), false)
  UNION ALL
  SELECT format('foreign key %I of %s points here without the tenant: make it FOREIGN KEY (tenant_id, …)', k.conname,
    k.conrelid::regclass)
  FROM pg_constraint k
  WHERE k.confrelid = relation AND k.conrelid <> relation AND k.contype = 'f'
    AND NOT coalesce((SELECT attnum FROM tenant) = k.confkey[1], false)
  UNION ALL
  -- A default that calls a function of one's own may read what the caller may not; a sequence counts every
  -- tenant's rows for all to see.
  SELECT format('the default of column %I calls %s: use built-in functions only', a.attname, d.refobjid::regprocedure)
  FROM pg_attrdef ad JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid AND d.refclassid = 'pg_proc'::regclass
  WHERE ad.adrelid = relation
  UNION ALL
  SELECT format('column %I counts with sequence %s, shared by all tenants: use uuid DEFAULT gen_random_uuid()', a.attname,
    d.refobjid::regclass)
  FROM pg_attrdef ad JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
  WHERE ad.adrelid = relation
  UNION ALL
  SELECT format('column %I is an identity, a sequence shared by all tenants: use uuid DEFAULT gen_random_uuid()', attname)
  FROM pg_attribute WHERE attrelid = relation AND attidentity <> '' AND NOT attisdropped
  UNION ALL
  SELECT format('trigger %I calls the SECURITY DEFINER function %s: it could carry rows across tenants', g.tgname,
    g.tgfoid::regprocedure)
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE g.tgrelid = relation AND NOT g.tgisinternal AND p.prosecdef AND n.nspname <> 'tenantd'
  UNION ALL
  SELECT format('rule %I rewrites its statements: drop it', r.rulename) FROM pg_rewrite r WHERE r.ev_class = relation
  UNION ALL
  SELECT format('policy %I is not of this registration: drop it', p.polname)
  FROM pg_policy p WHERE p.polrelid = relation AND p.polname NOT IN
    ('context_access', 'tenant_select', 'tenant_insert', 'tenant_update', 'tenant_delete')
$$;

-- Tenant columns and whatever else of resource_columns() is missing; rows that are there go to `rows_of`.
CREATE FUNCTION tenantd.resource_add_columns(relation regclass, rows_of uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  in_env tenantd.env;
  is_empty boolean;
BEGIN
  EXECUTE format('SELECT NOT EXISTS (SELECT 1 FROM %s)', relation) INTO is_empty;
  FOR c IN SELECT r.* FROM tenantd.resource_columns() r
           WHERE NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = r.name
                             AND NOT a.attisdropped) LOOP
    IF c.name = 'tenant_id' AND NOT is_empty AND rows_of IS NULL THEN
      RAISE EXCEPTION '% has rows and no tenant_id', relation
        USING HINT = 'name the tenant they belong to: rows_of => ''…''';
    END IF;
    EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', relation, c.name, c.definition);
  END LOOP;
  IF NOT is_empty AND rows_of IS NOT NULL THEN
    in_env := tenantd.env_of_tenant(rows_of);
    EXECUTE format('UPDATE %s SET tenant_id = $1, env = $2 WHERE tenant_id IS NULL', relation) USING rows_of, in_env;
  END IF;
  EXECUTE format('ALTER TABLE %s ALTER tenant_id SET NOT NULL, ALTER env SET NOT NULL', relation);
END $$;

SET LOCAL ROLE tenantd_context;
CREATE FUNCTION tenantd.env_of_tenant(tenant uuid) RETURNS tenantd.env
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found tenantd.env;
BEGIN
  SELECT t.env INTO found FROM tenantd.tenants t WHERE t.id = tenant;
  IF found IS NULL THEN
    RAISE EXCEPTION 'there is no tenant %', tenant;
  END IF;
  RETURN found;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.env_of_tenant(uuid) TO tenantd_owner;
SET LOCAL ROLE tenantd_owner;

-- The primary key with the tenant in front, and the reference that ties a row's env to its tenant's.
CREATE FUNCTION tenantd.resource_rebuild_key(relation regclass, key_column text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k record;
BEGIN
  SELECT conname, conkey[1] = (SELECT attnum FROM pg_attribute WHERE attrelid = relation AND attname = 'tenant_id')
    AS leads INTO k
  FROM pg_constraint WHERE conrelid = relation AND contype = 'p';
  IF NOT k.leads THEN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I PRIMARY KEY (tenant_id, %I)', relation,
      k.conname, k.conname, key_column);
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = relation AND contype = 'f'
                 AND confrelid = 'tenantd.tenants'::regclass AND array_length(conkey, 1) = 2) THEN
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants (id, env)',
      relation, left((SELECT relname FROM pg_class WHERE oid = relation), 40) || '_tenant_fkey');
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

CREATE FUNCTION tenantd.register_resource(relation regclass, name text DEFAULT NULL,
  read_role tenantd.role DEFAULT 'member', create_role tenantd.role DEFAULT 'member',
  update_role tenantd.role DEFAULT 'member', delete_role tenantd.role DEFAULT 'tenant_admin',
  tenant_guard text DEFAULT 'active', user_scoped boolean DEFAULT false, append_only boolean DEFAULT false,
  rows_of uuid DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources;
  refusals text[];
  columns text;
  t record;
BEGIN
  SELECT n.nspname, c.relname INTO t FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
  SELECT array_agg(x) INTO refusals FROM tenantd.resource_refusals(relation) x;
  IF user_scoped AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = relation AND attname = 'user_id'
      AND atttypid = 'uuid'::regtype AND NOT attisdropped) THEN
    refusals := refusals || 'it is to be user-scoped and has no user_id uuid: add the column'::text;
  END IF;
  IF refusals IS NOT NULL THEN
    RAISE EXCEPTION '% cannot be made a resource: %', relation, array_to_string(refusals, '; ');
  END IF;
  PERFORM tenantd.resource_add_columns(relation, rows_of);

  r.name := coalesce(register_resource.name, t.relname);
  r.schema_name := t.nspname;
  r.table_name := t.relname;
  r.key_column := (SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid
    AND a.attnum = ANY (k.conkey) WHERE k.conrelid = relation AND k.contype = 'p' AND a.attname <> 'tenant_id');
  r.read_role := read_role;
  r.create_role := create_role;
  r.update_role := update_role;
  r.delete_role := delete_role;
  r.tenant_guard := tenant_guard;
  r.user_scoped := user_scoped;
  r.append_only := append_only;
  r.registered_at := now();
  PERFORM tenantd.resource_rebuild_key(relation, r.key_column);
  PERFORM tenantd.resource_policies(relation, r);

  -- Whatever was granted before goes; what the operations need comes. tenant_id and env are written once.
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, tenantd_app, tenantd_context', relation);
  EXECUTE format('GRANT SELECT ON %s TO tenantd_app, tenantd_context', relation);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantd_app', t.nspname);
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns FROM pg_attribute a
  WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attname NOT IN ('version', 'created_at', 'created_by', 'updated_at', 'updated_by');
  EXECUTE format('GRANT INSERT (%s) ON %s TO tenantd_app', columns, relation);
  IF NOT append_only THEN
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND a.attname NOT IN ('tenant_id', 'env', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by', r.key_column);
    EXECUTE format('GRANT UPDATE (%s), DELETE ON %s TO tenantd_app', coalesce(columns, r.key_column), relation);
  END IF;

  EXECUTE format('DROP TRIGGER IF EXISTS tenantd_stamp ON %s', relation);
  EXECUTE format('CREATE TRIGGER tenantd_stamp BEFORE INSERT OR UPDATE ON %s FOR EACH ROW
    EXECUTE FUNCTION tenantd.stamp_row()', relation);
  EXECUTE format('DROP TRIGGER IF EXISTS tenantd_audit ON %s', relation);
  EXECUTE format('CREATE TRIGGER tenantd_audit AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW
    EXECUTE FUNCTION tenantd.audit(%L, %L, ''tenant_id'')', relation, r.name, r.key_column);

  DELETE FROM tenantd.resources x WHERE (x.schema_name, x.table_name) = (r.schema_name, r.table_name) AND x.name <> r.name;
  INSERT INTO tenantd.resources VALUES (r.*)
  ON CONFLICT ON CONSTRAINT resources_pkey DO UPDATE SET schema_name = excluded.schema_name, table_name = excluded.table_name,
    key_column = excluded.key_column, read_role = excluded.read_role, create_role = excluded.create_role,
    update_role = excluded.update_role, delete_role = excluded.delete_role, tenant_guard = excluded.tenant_guard,
    user_scoped = excluded.user_scoped, append_only = excluded.append_only, registered_at = excluded.registered_at;
  PERFORM tenantd.expect(relation,
    CASE WHEN user_scoped THEN '(tenant_id, env, user_id) IS DISTINCT FROM ($1, $2, $3)'
         ELSE '(tenant_id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3' END,
    CASE WHEN user_scoped THEN '(tenant_id, env, user_id) VALUES ($1, $2, $3)'
         ELSE '(tenant_id, env) SELECT $1, $2 WHERE $3 IS NOT NULL' END);
  RETURN r.name;
END $$;
COMMENT ON FUNCTION tenantd.register_resource IS 'Makes a table a tenant-scoped resource under /v1/data/; see docs/resources.md';

-- The table stays as it is, guarded, but nobody is served from it any more.
CREATE FUNCTION tenantd.unregister_resource(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources;
  relation regclass;
BEGIN
  DELETE FROM tenantd.resources x WHERE x.name = unregister_resource.name RETURNING * INTO r;
  IF r.name IS NULL THEN
    RAISE EXCEPTION 'there is no resource %', name;
  END IF;
  relation := format('%I.%I', r.schema_name, r.table_name);
  EXECUTE format('REVOKE ALL ON %s FROM tenantd_app', relation);
  DELETE FROM tenantd.isolated_tables x WHERE (x.schema_name, x.table_name) = (r.schema_name, r.table_name);
END $$;

-- A function of the owner's that is called on a row: it takes the row's key (and a json body, if it has a second
-- argument) and answers json. It runs as the workers' role under the caller's context, so that it can do
-- nothing that the caller could not: SECURITY DEFINER is refused.
CREATE FUNCTION tenantd.register_action(resource text, name text, function regprocedure,
  least_role tenantd.role DEFAULT 'member', tenant_guard text DEFAULT 'active') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p pg_proc;
BEGIN
  SELECT * INTO p FROM pg_proc WHERE oid = function;
  IF p.prosecdef THEN
    RAISE EXCEPTION '% is SECURITY DEFINER: an action runs as its caller', function;
  ELSIF p.prorettype <> 'json'::regtype OR p.proretset OR p.pronargs NOT IN (1, 2)
     OR (p.pronargs = 2 AND p.proargtypes[1] <> 'json'::regtype) THEN
    RAISE EXCEPTION '% must take the key, and json if it takes more, and return json', function;
  END IF;
  EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tenantd_app', function);
  INSERT INTO tenantd.resource_actions VALUES (resource, name, function::text, least_role, tenant_guard)
  ON CONFLICT ON CONSTRAINT resource_actions_pkey DO UPDATE SET signature = excluded.signature,
    least_role = excluded.least_role, tenant_guard = excluded.tenant_guard;
END $$;
