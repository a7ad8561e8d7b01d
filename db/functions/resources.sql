-- Resources: a table of the application becomes tenant-scoped by one call, made in a migration by its owner:
--
--   SELECT tenantd.register_resource('app.invoices');
--
-- The call does what it can (tenant columns, the primary key with the tenant in front, policies, grants, stamps,
-- audit) and refuses a table it cannot make safe, saying why and what to change. It may be made again: it then
-- brings everything to what the arguments say.

-- Workers listen to this: they read the catalog again before their next request.
CREATE OR REPLACE FUNCTION tenantd.catalog_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('tenantd_catalog', '');
  RETURN NULL;
END $$;

SET LOCAL ROLE tenantd_context;

-- Who and when, by the database and not by the caller: whatever a caller wrote there is replaced. What may be
-- left out is filled in: the tenant, and the user of a user-scoped row; another's is for row-level security to
-- refuse. The arguments name what this table has beside the common columns: user_id, actor_id, trace_id.
CREATE OR REPLACE FUNCTION tenantd.stamp_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  c pg_catalog.record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN
    NEW.tenant_id := coalesce(NEW.tenant_id, c.tenant_id);
    NEW.env := coalesce(NEW.env, c.env);
    NEW.created_at := pg_catalog.now();
    NEW.created_by := c.user_id;
    NEW.version := 1;
  ELSIF NEW.tenant_id OPERATOR(pg_catalog.<>) OLD.tenant_id OR NEW.env OPERATOR(pg_catalog.<>) OLD.env THEN
    RAISE EXCEPTION 'a row stays in its tenant' USING ERRCODE = 'TD403';
  ELSE
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.version := OLD.version OPERATOR(pg_catalog.+) 1;
  END IF;
  NEW.updated_at := pg_catalog.now();
  NEW.updated_by := c.user_id;
  IF TG_NARGS OPERATOR(pg_catalog.>) 0 THEN
    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' AND 'user_id' OPERATOR(pg_catalog.=) ANY (TG_ARGV) THEN
      NEW.user_id := coalesce(NEW.user_id, c.user_id);
    END IF;
    IF 'actor_id' OPERATOR(pg_catalog.=) ANY (TG_ARGV) THEN
      NEW.actor_id := c.user_id;
      NEW.trace_id := c.trace_id;
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- The env of a tenant. The tenant's row stays locked until the transaction ends. The owner cannot read tenants itself,
-- because the policies are forced.
CREATE OR REPLACE FUNCTION tenantd.env_of_tenant(tenant uuid) RETURNS tenantd.env
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found tenantd.env;
BEGIN
  SELECT t.env INTO found FROM tenantd.tenants t WHERE t.id = tenant FOR KEY SHARE;
  RETURN found;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.stamp_row(), tenantd.env_of_tenant(uuid) TO tenantd_owner;

SET LOCAL ROLE tenantd_owner;

-- Adds common columns that are missing. Rows that exist and are in no tenant go to `rows_of`.
CREATE OR REPLACE FUNCTION tenantd.resource_add_columns(relation regclass, user_scoped boolean, has_rows boolean, rows_of uuid)
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
    -- A constant default is not written to the existing rows, so that no code of the application runs.
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
    -- Without such rows there is no UPDATE at all: triggers for each statement would fire even for one that changes
    -- nothing.
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

-- Makes the primary key begin with the tenant, and adds the reference that ties a row's env to its tenant's.
CREATE OR REPLACE FUNCTION tenantd.resource_rebuild_key(relation regclass, key_column text, has_rows boolean) RETURNS void
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
CREATE OR REPLACE FUNCTION tenantd.resource_policies(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p record;
BEGIN
  PERFORM tenantd.wall(relation);
  FOR p IN SELECT * FROM (VALUES ('select', r.read_role, 'USING'), ('insert', r.create_role, 'WITH CHECK'),
      ('update', r.update_role, 'USING'), ('delete', r.delete_role, 'USING')) v (command, least, clause)
    WHERE NOT (r.append_only AND command IN ('update', 'delete')) LOOP
    EXECUTE format('CREATE POLICY tenant_%s ON %s FOR %s TO tenantd_app %s (%s)', p.command, relation, p.command, p.clause,
      tenantd.in_context(least_role => p.least, user_column => CASE WHEN r.user_scoped THEN 'user_id' END));
  END LOOP;
END $$;

-- The columns that the workers may write: none that the database fills, and a key only when the row is made.
CREATE OR REPLACE FUNCTION tenantd.resource_writable(relation regclass, r tenantd.resources, command text) RETURNS SETOF name
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

-- Revokes what was granted before, and grants what the operations need.
CREATE OR REPLACE FUNCTION tenantd.resource_grants(relation regclass, r tenantd.resources) RETURNS void
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
    EXECUTE format('GRANT %s (%s) ON %s TO tenantd_app', command, tenantd.name_list(columns),
      relation);
    wanted := wanted || ARRAY(SELECT format('%s(%s)', command, c) FROM unnest(columns) c);
  END LOOP;
  IF NOT r.append_only THEN
    EXECUTE format('GRANT DELETE ON %s TO tenantd_app', relation);
    wanted := wanted || 'DELETE'::text;
  END IF;
  -- What another role granted can only be revoked by that role, and must not be recorded as expected.
  IF EXISTS (SELECT unnest(tenantd.privileges_of(relation)) EXCEPT SELECT unnest(wanted)) THEN
    RAISE EXCEPTION 'the workers may % on %: revoke it as the role that granted it',
      (SELECT string_agg(p, ', ') FROM (SELECT unnest(tenantd.privileges_of(relation)) EXCEPT SELECT unnest(wanted)) v (p)), relation;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION tenantd.resource_triggers(relation regclass, r tenantd.resources) RETURNS void
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

-- Records the resource in the catalog and for the gate. When it gets a new name, it keeps its actions.
CREATE OR REPLACE FUNCTION tenantd.resource_record(relation regclass, r tenantd.resources) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenantd.resources x SET name = r.name WHERE (x.schema_name, x.table_name) = (r.schema_name, r.table_name);
  INSERT INTO tenantd.resources VALUES (r.*)
  ON CONFLICT (name) DO UPDATE SET key_column = excluded.key_column, read_role = excluded.read_role,
    create_role = excluded.create_role, update_role = excluded.update_role, delete_role = excluded.delete_role,
    tenant_guard = excluded.tenant_guard, user_scoped = excluded.user_scoped, append_only = excluded.append_only,
    read_only = excluded.read_only, content_of = excluded.content_of, title = excluded.title,
    registered_at = excluded.registered_at;
  PERFORM tenantd.isolate(relation,
    CASE WHEN r.user_scoped THEN '(tenant_id, env, user_id) IS DISTINCT FROM ($1, $2, $3)'
         ELSE '(tenant_id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3' END,
    CASE WHEN r.user_scoped THEN '(tenant_id, env, user_id) VALUES ($1, $2, $3)'
         ELSE '(tenant_id, env) SELECT $1, $2 WHERE $3 IS NOT NULL' END);
END $$;

-- Does everything above. `r` holds the arguments of the caller; the rest comes from the table.
CREATE OR REPLACE FUNCTION tenantd.resource_make(relation regclass, r tenantd.resources, rows_of uuid) RETURNS void
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
    -- Nobody writes to a view. A row of it without a tenant is shown to nobody, because every statement compares the
    -- tenant.
    PERFORM tenantd.isolate(relation, '(tenant_id, env) <> ($1, $2)', ''), tenantd.expect(relation);
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
--   title         what people call it; when null, it is made of the name
CREATE OR REPLACE FUNCTION tenantd.register_resource(relation regclass, name text DEFAULT NULL,
  read_role tenantd.role DEFAULT 'member', create_role tenantd.role DEFAULT NULL,
  update_role tenantd.role DEFAULT NULL, delete_role tenantd.role DEFAULT NULL,
  tenant_guard text DEFAULT 'active', user_scoped boolean DEFAULT false, append_only boolean DEFAULT false,
  rows_of uuid DEFAULT NULL, read_only text[] DEFAULT '{}', content_of text DEFAULT NULL,
  key_column text DEFAULT NULL, title text DEFAULT NULL) RETURNS text
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
  r.title := title;
  r.registered_at := now();
  PERFORM tenantd.resource_make(relation, r, rows_of);
  RETURN r.name;
END $$;
COMMENT ON FUNCTION tenantd.register_resource IS 'Makes a table or a view a tenant-scoped resource under /v1/data/; see docs/resources.md';

-- The resource's row of the catalog, and its table; raises an error when there is no such resource.
CREATE OR REPLACE FUNCTION tenantd.resource_named(name text) RETURNS tenantd.resources
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

-- To be called after ALTER TABLE: the workers may then write new columns, and the table is checked again as at first.
CREATE OR REPLACE FUNCTION tenantd.refresh_resource(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r tenantd.resources := tenantd.resource_named(name);
BEGIN
  r.registered_at := now();
  PERFORM tenantd.resource_make(format('%I.%I', r.schema_name, r.table_name)::regclass, r, NULL);
END $$;

-- Stops serving a table. The table and its wall stay as they are.
CREATE OR REPLACE FUNCTION tenantd.unregister_resource(name text) RETURNS void
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

-- "invoice_lines" is called "Invoice lines".
CREATE OR REPLACE FUNCTION tenantd.title_of(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT upper(left(t, 1)) || substr(t, 2) FROM btrim(replace(name, '_', ' ')) t
$$;

-- A resource as it is: for tenantctl, the API's description of itself, and a reader.
CREATE OR REPLACE FUNCTION tenantd.describe_resource(name text) RETURNS json
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
    'name', r.name, 'title', coalesce(r.title, tenantd.title_of(r.name)), 'table', format('%I.%I', r.schema_name, r.table_name), 'description', obj_description(relation, 'pg_class'), 'key', r.key_column,
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
  tenantd.title_of(text), tenantd.describe_resource(text) TO tenantd_app, tenantd_migrator;
