-- The isolation gate: what a worker calls before it serves, with the same role and on the same connection that will
-- serve. BEGIN; tenantd.canary(…); SELECT * FROM tenantd.isolation_check(…); ROLLBACK.
--
-- It checks the catalog (is every wall as it was built?) and then tries the walls: in the context of a tenant that was
-- made for this, beside another such tenant, it attacks every table that the workers may use.

SET LOCAL ROLE tenantd_context;

-- Makes two tenants with an owner each, and enters the first. The caller rolls back.
CREATE OR REPLACE FUNCTION tenantd.canary(key_id text, issued_at bigint, least_role text, tenant_guard text, in_env tenantd.env, claimed_tenant uuid,
  is_claimed boolean, slug text, trace_id text, route text, issuer text, subject text, email text, email_verified boolean, name text,
  statement_ms integer, limits text, session uuid, proof bytea,
  OUT tenant_id uuid, OUT env tenantd.env, OUT user_id uuid, OUT other_tenant_id uuid, OUT other_user_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.demand_proof(tenantd.claim_message('canary', key_id, issued_at, least_role, tenant_guard, in_env, claimed_tenant, is_claimed, slug,
    trace_id, route, issuer, subject, email, email_verified, name, statement_ms, limits, session), key_id, issued_at, proof);
  env := in_env;
  tenant_id := gen_random_uuid();
  user_id := gen_random_uuid();
  other_tenant_id := gen_random_uuid();
  other_user_id := gen_random_uuid();
  PERFORM tenantd.seal(key_id, tenant_id, env, user_id, 'owner', 'canary', trace_id, route, 'isolation gate');
  INSERT INTO tenantd.users (id, issuer, subject)
  VALUES (user_id, 'canary', user_id), (other_user_id, 'canary', other_user_id);
  INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status)
  SELECT t, canary.env, 'canary-' || t, 'canary', 'canary', 'active' FROM unnest(ARRAY[tenant_id, other_tenant_id]) t;
  INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)
  VALUES (tenant_id, env, user_id, 'owner', 'active'), (other_tenant_id, env, other_user_id, 'owner', 'active');
  INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)
  VALUES (tenant_id, env, 'canary', user_id), (other_tenant_id, env, 'canary', other_user_id);
  INSERT INTO tenantd.ownership_offers (tenant_id, env, offered_by, user_id)
  VALUES (tenant_id, env, user_id, other_user_id), (other_tenant_id, env, other_user_id, user_id);
  INSERT INTO tenantd.api_keys (tenant_id, env, name, role, digest, created_by, expires_at)
  SELECT t, env, 'canary', 'member', sha256(uuid_send(t)), user_id, now() FROM unnest(ARRAY[tenant_id, other_tenant_id]) t;
  INSERT INTO tenantd.domains (tenant_id, env, name, enrollment, challenge, added_by)
  SELECT t, env, 'canary.example', 'join', 'canary', user_id FROM unnest(ARRAY[tenant_id, other_tenant_id]) t;
  INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at)
  VALUES (tenant_id, env, 'canary', sha256('canary'), user_id, now()), (other_tenant_id, env, 'canary', sha256('canary'), other_user_id, now());
END $$;
GRANT EXECUTE ON FUNCTION tenantd.canary(text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text,
  integer, text, uuid, bytea) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

-- A table or view by its name; null when it cannot be found. to_regclass raises an error when the caller has no right
-- to the schema, which would end the gate's run instead of being reported by it.
CREATE OR REPLACE FUNCTION tenantd.relation_named(in_schema text, in_table text) RETURNS regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE (n.nspname, c.relname) = (in_schema, in_table)
$$;
GRANT EXECUTE ON FUNCTION tenantd.relation_named(text, text) TO tenantd_app;

-- Tries one table: sees, changes, deletes or inserts what is not the context's. Each attempt must fail or find
-- nothing. A row per attempt; finding is null when the wall held. Takes a name and not the record, whose texts it
-- executes: the workers may call this.
CREATE OR REPLACE FUNCTION tenantd.try_table(in_schema text, in_table text, tenant uuid, in_env tenantd.env, self uuid,
  other_tenant uuid, other_user uuid) RETURNS TABLE (attempt text, finding text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e tenantd.isolated_tables := (SELECT t FROM tenantd.isolated_tables t
    WHERE t.schema_name = in_schema AND t.table_name = in_table);
  name text := format('%I.%I', e.schema_name, e.table_name);
  one_foreign text := format('ctid = (SELECT ctid FROM %s WHERE %s LIMIT 1)', name, e.is_foreign);
  col text := (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = name::regclass AND attnum > 0
    AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'UPDATE') ORDER BY attnum LIMIT 1);
  held text := current_setting('tenantd.context', true);
  hit boolean;
  n bigint;
BEGIN
  attempt := 'see a row of another tenant';
  finding := NULL;
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE %s)', name, e.is_foreign) INTO hit USING tenant, in_env, self;
  IF hit THEN finding := 'saw one'; END IF;
  RETURN NEXT;

  attempt := 'see a row without a context';
  finding := NULL;
  PERFORM set_config('tenantd.context', '', true);
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', name) INTO hit;
  IF hit THEN finding := 'saw one'; END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT;

  attempt := 'see a row under a forged context';
  finding := NULL;
  PERFORM set_config('tenantd.context', repeat('0', 96) || substr(held, 97), true);
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', name) INTO hit;
  IF hit THEN finding := 'saw one'; END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT;

  attempt := 'change a row of another tenant';
  finding := NULL;
  BEGIN
    IF col IS NOT NULL THEN
      EXECUTE format('UPDATE %s SET %s = %s WHERE %s', name, col, col, one_foreign) USING tenant, in_env, self;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF n > 0 THEN finding := 'changed one'; END IF;
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  RETURN NEXT;

  attempt := 'delete a row of another tenant';
  finding := NULL;
  BEGIN
    EXECUTE format('DELETE FROM %s WHERE %s', name, one_foreign) USING tenant, in_env, self;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN finding := 'deleted one'; END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  RETURN NEXT;

  -- Row-level security refuses before NOT NULL, CHECK and keys are checked. So any other error, and any success, means
  -- that it did not refuse. Triggers, domains and generated columns of the application run before it: when there are
  -- such, their refusal counts as one.
  attempt := 'insert a row of another tenant';
  finding := NULL;
  BEGIN
    EXECUTE format('INSERT INTO %s %s', name, e.foreign_row) USING other_tenant, in_env, other_user;
    finding := 'inserted one';
  EXCEPTION
    WHEN insufficient_privilege THEN NULL;
    WHEN OTHERS THEN
      IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = name::regclass AND tgtype & 7 = 7 AND tgname <> 'tenantd_stamp')
         AND NOT EXISTS (SELECT 1 FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                         WHERE a.attrelid = name::regclass AND (a.attgenerated <> '' OR y.typtype = 'd')) THEN
        finding := 'was refused by something else than row-level security: ' || SQLSTATE;
      END IF;
  END;
  RETURN NEXT;
END $$;

-- The tables on which somebody holds a lock that keeps everybody else out.
CREATE OR REPLACE FUNCTION tenantd.locked_tables() RETURNS regclass[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t regclass;
  locked regclass[] := '{}';
  held text := current_setting('lock_timeout');
BEGIN
  PERFORM set_config('lock_timeout', '300', true);
  FOR t IN SELECT tenantd.relation_named(schema_name, table_name) FROM tenantd.isolated_tables ORDER BY 1 LOOP
    CONTINUE WHEN t IS NULL;
    BEGIN
      EXECUTE format('SELECT 1 FROM %s LIMIT 0', t);
    EXCEPTION
      WHEN lock_not_available OR deadlock_detected THEN locked := locked || t;
      WHEN OTHERS THEN NULL; -- for the rest of the gate to say
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', held, true);
  RETURN locked;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.try_table(text, text, uuid, tenantd.env, uuid, uuid, uuid), tenantd.locked_tables() TO
  tenantd_app;
INSERT INTO tenantd.open_functions VALUES ('tenantd.canary(text,bigint,text,text,tenantd.env,uuid,boolean,text,text,text,text,text,text,boolean,text,integer,text,uuid,bytea)', 'makes the isolation gate''s own tenants; demands the proof of a worker')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;

-- Tries one view as try_table does a table. A row in no tenant is nobody's (the months of a year, beside nothing); a
-- view that fails shows nothing.
CREATE OR REPLACE FUNCTION tenantd.try_view(in_schema text, in_table text, tenant uuid, in_env tenantd.env)
RETURNS TABLE (attempt text, finding text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name text := (SELECT format('%I.%I', t.schema_name, t.table_name) FROM tenantd.isolated_tables t
    WHERE t.schema_name = in_schema AND t.table_name = in_table);
  held text := current_setting('tenantd.context', true);
  setting text;
  hit boolean;
BEGIN
  FOR attempt, setting IN VALUES ('see a row of another tenant', held), ('see a row without a context', ''),
      ('see a row under a forged context', repeat('0', 96) || substr(held, 97)) LOOP
    finding := NULL;
    PERFORM set_config('tenantd.context', setting, true);
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE %s)', name, CASE WHEN setting = held
        THEN '(tenant_id, env) <> ($1, $2)' ELSE 'tenant_id IS NOT NULL AND $1 IS NOT NULL AND $2 IS NOT NULL' END)
      INTO hit USING tenant, in_env;
      IF hit THEN finding := 'saw one'; END IF;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    PERFORM set_config('tenantd.context', held, true);
    RETURN NEXT;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.try_view(text, text, uuid, tenantd.env) TO tenantd_app;
