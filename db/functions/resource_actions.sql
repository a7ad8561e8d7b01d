-- Actions: functions of the application that are called on a row or on a collection of a resource.

-- A function of the owner's that answers json. On a row it takes the row's key (and a json body, if it has a second
-- argument); on the collection it takes the json body alone. It runs as the workers' role under the caller's
-- context, so that it can do nothing that the caller could not: SECURITY DEFINER is refused.
CREATE OR REPLACE FUNCTION tenantd.register_action(resource text, name text, function regprocedure,
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

CREATE OR REPLACE FUNCTION tenantd.unregister_action(resource text, name text) RETURNS void
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
