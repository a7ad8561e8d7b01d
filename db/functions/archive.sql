-- Everything that belongs to a tenant, as one whole: it is written to an archive, brought back from one, and erased. This is
-- done with tenantctl, as tenantd_migrator.
--
-- The tables' owner reads and writes the rows, because their own code (CHECK constraints, generated columns, domains) runs then as it
-- does in a migration, and not as tenantd_context, who sees every tenant. The walls let the owner see the rows of one
-- tenant alone: that of a sealed context of kind `archive` (tenantd.wall). So a row of another tenant that stands in an archive
-- is refused by the same wall as one that a worker sends.
--
-- Rows are stored and removed as they are: triggers do not fire meanwhile, neither those that stamp and audit nor the application's.
-- An import sets session_replication_role, which holds nobody back; foreign keys are not looked at then, so that it does that
-- itself at the end. An erasure disables the triggers of a table instead, because foreign keys must keep what other tables refer
-- to: other writers of that table wait until its transaction ends, which is soon, and nobody sees the triggers disabled.

-- Which of tenantd's own tables have rows of tenants, and whether these are in an archive. Those of the others are gone in a day.
CREATE OR REPLACE FUNCTION tenantd.archive_own() RETURNS TABLE (table_name text, is_kept boolean)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  VALUES ('tenants', true), ('tenant_members', true), ('onboarding_progress', true), ('api_keys', true), ('ownership_offers', true),
    ('invitations', true), ('domains', true), ('audit_events', true), ('audit_checkpoints', true), ('idempotency_keys', false), ('content_pieces', false)
$$;

-- All tables with rows of tenants, in an order in which what a table refers to comes before it. The tenants come first, and after
-- them the audit: a request writes there last, so that whoever locks the tables in the reverse order waits for requests and never
-- in a circle with them. A resource has the name by which it is served, so that it may stand in another table elsewhere. Columns
-- that the table computes are not in an archive. Rows are ordered by their key, whatever the database's collation.
CREATE OR REPLACE FUNCTION tenantd.archive_tables()
RETURNS TABLE (place integer, name text, relation regclass, columns name[], ordering text, is_kept boolean, refers_to_itself boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found record;
  waiting oid[];
  ready oid[];
BEGIN
  place := 0;
  SELECT array_agg(v.oid) INTO waiting FROM (
    SELECT c.oid FROM tenantd.archive_own() o JOIN pg_class c ON c.relnamespace = 'tenantd'::regnamespace AND c.relname = o.table_name
    UNION ALL
    SELECT c.oid FROM tenantd.resources r JOIN pg_namespace n ON n.nspname = r.schema_name
    JOIN pg_class c ON (c.relnamespace, c.relname, c.relkind) = (n.oid, r.table_name, 'r')) v;
  WHILE waiting <> '{}' LOOP
    ready := ARRAY(SELECT w FROM unnest(waiting) w WHERE NOT EXISTS (SELECT FROM pg_constraint k
      WHERE k.conrelid = w AND k.contype = 'f' AND k.confrelid <> w AND k.confrelid = ANY (waiting))
      AND (w = 'tenantd.tenants'::regclass OR 'tenantd.tenants'::regclass <> ALL (waiting)));
    IF ready = '{}' THEN
      RAISE EXCEPTION 'these tables refer to each other in a circle, so that neither can be filled before the other: %',
        (SELECT string_agg(w::regclass::text, ', ' ORDER BY w::regclass::text) FROM unnest(waiting) w) USING ERRCODE = 'feature_not_supported';
    END IF;
    FOR found IN
      SELECT c.oid, v.name, coalesce(o.is_kept, true) AS is_kept
      FROM unnest(ready) w JOIN pg_class c ON c.oid = w JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN tenantd.resources r ON (r.schema_name, r.table_name) = (n.nspname, c.relname)
      LEFT JOIN tenantd.archive_own() o ON n.nspname = 'tenantd' AND o.table_name = c.relname
      CROSS JOIN LATERAL (SELECT coalesce('data.' || r.name, 'tenantd.' || c.relname) COLLATE "C") v (name)
      ORDER BY c.oid <> 'tenantd.audit_events'::regclass, v.name
    LOOP
      place := place + 1;
      name := found.name;
      relation := found.oid;
      is_kept := found.is_kept;
      columns := ARRAY(SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = found.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum);
      ordering := (SELECT string_agg(quote_ident(a.attname) || CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END, ', ' ORDER BY k.position)
        FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (attnum, position), pg_attribute a
        WHERE i.indrelid = found.oid AND i.indisprimary AND a.attrelid = found.oid AND a.attnum = k.attnum);
      refers_to_itself := EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = found.oid AND k.confrelid = found.oid AND k.contype = 'f');
      RETURN NEXT;
    END LOOP;
    waiting := ARRAY(SELECT w FROM unnest(waiting) w WHERE w <> ALL (ready));
  END LOOP;
END $$;

-- What an archive of the context's tenant consists of: a query for each file, by the name that the file has. The users come first,
-- because memberships refer to them.
CREATE OR REPLACE FUNCTION tenantd.archive_of_tenant() RETURNS TABLE (name text, columns name[], query text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.name, v.columns, format('SELECT %s FROM %s ORDER BY %s', tenantd.name_list(v.columns), v.source, v.ordering)
  FROM (SELECT 0 AS place, 'tenantd.users' AS name, tenantd.archive_user_columns() AS columns, 'tenantd.archive_users()' AS source, 'id' AS ordering
    UNION ALL SELECT t.place, t.name, t.columns, t.relation::text, t.ordering FROM tenantd.archive_tables() t WHERE t.is_kept) v
  ORDER BY v.place
$$;

-- Of a user an archive does not have that they administer the system: that is no business of the tenant.
CREATE OR REPLACE FUNCTION tenantd.archive_user_columns() RETURNS name[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
  WHERE a.attrelid = 'tenantd.users'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'system_admin'
$$;

-- Holds back all who would write to these tables, to the end of the transaction.
CREATE OR REPLACE FUNCTION tenantd.archive_lock() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', (SELECT string_agg(t.relation::text, ', ' ORDER BY t.place DESC) FROM tenantd.archive_tables() t));
END $$;

-- The users that a foreign key of the context's tenant names.
CREATE OR REPLACE FUNCTION tenantd.archive_users() RETURNS SETOF tenantd.users
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k record;
  ids uuid[] := '{}';
  more uuid[];
BEGIN
  FOR k IN SELECT t.relation, a.attname FROM tenantd.archive_tables() t JOIN pg_constraint f ON f.conrelid = t.relation AND f.contype = 'f'
      AND f.confrelid = 'tenantd.users'::regclass JOIN pg_attribute a ON a.attrelid = t.relation AND a.attnum = f.conkey[1] LOOP
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM %s', k.attname, k.relation) INTO more;
    ids := ids || more;
  END LOOP;
  RETURN QUERY SELECT * FROM tenantd.archive_users_of(ids);
END $$;

-- How many rows of what the context's tenant has, whether they are in an archive or not.
CREATE OR REPLACE FUNCTION tenantd.archive_counts() RETURNS TABLE (name text, rows bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT a.name, a.relation FROM tenantd.archive_tables() a ORDER BY a.place LOOP
    name := t.name;
    EXECUTE format('SELECT count(*) FROM %s', t.relation) INTO rows;
    RETURN NEXT;
  END LOOP;
END $$;

-- Fails when a row of the context's tenant is left.
CREATE OR REPLACE FUNCTION tenantd.archive_demand_nothing() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  rest text := (SELECT string_agg(format('%s of %s', c.rows, c.name), ', ') FROM tenantd.archive_counts() c WHERE c.rows > 0);
BEGIN
  IF rest IS NOT NULL THEN
    RAISE EXCEPTION 'rows are left: %', rest;
  END IF;
END $$;

-- Makes the place where the rows of one file arrive. It is a table only of this transaction, which ends with archive_store: COPY does not
-- write to a table behind a wall.
CREATE OR REPLACE FUNCTION tenantd.archive_stage(relation regclass, columns text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TABLE tenantd.archive_arrived AS SELECT %s FROM %s WITH NO DATA', tenantd.name_list(columns), relation);
END $$;

-- Stops the triggers of a table that are not the system's own, and returns the statement that makes them fire again as they did.
CREATE OR REPLACE FUNCTION tenantd.archive_hush(relation regclass) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  again text := (SELECT string_agg(format('ENABLE %sTRIGGER %I', CASE t.tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END, t.tgname), ', ')
    FROM pg_trigger t WHERE t.tgrelid = relation AND NOT t.tgisinternal AND t.tgenabled <> 'D');
BEGIN
  IF again IS NULL THEN
    RETURN 'SELECT';
  END IF;
  EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', relation);
  RETURN format('ALTER TABLE %s %s', relation, again);
END $$;

-- Puts the rows that arrived where they belong, in `in_env`; `instead` says which columns get which other value.
CREATE OR REPLACE FUNCTION tenantd.archive_store(relation regclass, columns text[], in_env tenantd.env, instead jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  instead := instead || jsonb_build_object('env', in_env);
  EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM tenantd.archive_arrived', relation,
    tenantd.name_list(columns),
    (SELECT string_agg(CASE WHEN instead ? v.c THEN format('%L::%s', instead ->> v.c, format_type(a.atttypid, a.atttypmod)) ELSE quote_ident(v.c) END, ', ' ORDER BY v.n)
      FROM unnest(columns) WITH ORDINALITY v (c, n) JOIN pg_attribute a ON a.attrelid = relation AND a.attname = v.c));
  DROP TABLE tenantd.archive_arrived;
END $$;

-- Fails when a row of the context's tenant refers to one that is not there. Nobody else can see, change or refer to these rows before the
-- transaction ends, and users are never deleted: so what holds now, holds.
CREATE OR REPLACE FUNCTION tenantd.archive_demand_references() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k record;
  strays bigint;
BEGIN
  FOR k IN
    SELECT f.conname, f.conrelid::regclass AS relation,
      CASE WHEN f.confrelid = 'tenantd.users'::regclass
        THEN format('tenantd.archive_users_of(ARRAY(SELECT DISTINCT %I FROM %s))', min(a.attname), f.conrelid::regclass)
        ELSE f.confrelid::regclass::text END AS referred,
      string_agg(format('y.%I OPERATOR(%I.%s) x.%I', b.attname, n.nspname, o.oprname, a.attname), ' AND ') AS is_it,
      string_agg(format('x.%I IS NOT NULL', a.attname), ' AND ') AS refers
    FROM tenantd.archive_tables() t JOIN pg_constraint f ON f.conrelid = t.relation AND f.contype = 'f'
    CROSS JOIN LATERAL unnest(f.conkey, f.confkey, f.conpfeqop) c (own, other, operator)
    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = c.own JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = c.other
    JOIN pg_operator o ON o.oid = c.operator JOIN pg_namespace n ON n.oid = o.oprnamespace
    GROUP BY f.oid, f.conname, f.conrelid, f.confrelid ORDER BY f.conname
  LOOP
    EXECUTE format('SELECT count(*) FROM %s x WHERE %s AND NOT EXISTS (SELECT FROM %s y WHERE %s)', k.relation, k.refers, k.referred, k.is_it) INTO strays;
    IF strays > 0 THEN
      RAISE EXCEPTION '% rows of % refer to rows that are not there: %', strays, k.relation, k.conname USING ERRCODE = 'foreign_key_violation';
    END IF;
  END LOOP;
END $$;

-- Removes the rows of the context's tenant for which this is true, and tells how many they were.
CREATE OR REPLACE FUNCTION tenantd.archive_delete(relation regclass, condition text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  again text := tenantd.archive_hush(relation);
  removed bigint;
BEGIN
  EXECUTE format('DELETE FROM %s WHERE %s', relation, condition);
  GET DIAGNOSTICS removed = ROW_COUNT;
  EXECUTE again;
  RETURN removed;
END $$;

-- Removes at most `most` rows of the context's tenant; all when rows of the table refer to each other.
CREATE OR REPLACE FUNCTION tenantd.archive_remove(relation regclass, most bigint, is_whole boolean) RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.archive_delete(relation, CASE WHEN is_whole THEN 'true' ELSE format('ctid = ANY (ARRAY(SELECT ctid FROM %s LIMIT %s))', relation, most) END)
$$;

GRANT EXECUTE ON FUNCTION tenantd.archive_own(), tenantd.archive_tables() TO tenantd_migrator;

SET LOCAL ROLE tenantd_context;

-- Seals the context of an archive: from here on, to the end of the transaction, the tables' owner sees the rows of this tenant.
CREATE OR REPLACE FUNCTION tenantd.archive_enter(tenant uuid, in_env tenantd.env, act text, label text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.seal((SELECT k.id FROM tenantd.context_keys k ORDER BY k.created_at DESC LIMIT 1), tenant, in_env, NULL, NULL, 'archive',
    replace(gen_random_uuid()::text, '-', ''), 'tenantctl ' || act, label);
END $$;

-- The tenant that is named by id, or by slug together with an env, and the context of its archive. The tenant's row is not locked, so that
-- this can begin a transaction that only reads.
CREATE OR REPLACE FUNCTION tenantd.archive_find(named text, in_env tenantd.env, act text, label text,
  OUT id uuid, OUT env tenantd.env, OUT slug text, OUT name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants := tenantd.operator_tenant(named, in_env);
BEGIN
  PERFORM tenantd.archive_enter(t.id, t.env, act, label);
  id := t.id;
  env := t.env;
  slug := t.slug;
  name := t.name;
END $$;

-- These users. Asked in the context of an archive, whose tenant's rows name them.
CREATE OR REPLACE FUNCTION tenantd.archive_users_of(ids uuid[]) RETURNS SETOF tenantd.users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (SELECT c.kind FROM tenantd.context() c) IS DISTINCT FROM 'archive' THEN
    RAISE EXCEPTION 'not in the context of an archive' USING ERRCODE = 'TD403';
  END IF;
  RETURN QUERY SELECT u.* FROM tenantd.users u WHERE u.id = ANY (ids);
END $$;

-- Notes what was done with a whole tenant: where its own people see it, unless it is gone or has just come.
CREATE OR REPLACE FUNCTION tenantd.archive_note(tenant uuid, in_env tenantd.env, action text, label text, in_system boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  route text := 'tenantctl tenant ' || CASE action WHEN 'tenant.exported' THEN 'export' WHEN 'tenant.imported' THEN 'import' ELSE 'erase' END;
  trace text := replace(gen_random_uuid()::text, '-', '');
BEGIN
  IF in_system THEN
    INSERT INTO tenantd.system_events (env, action, actor_kind, actor_label, object_type, object_id, route, trace_id)
    VALUES (in_env, action, 'operator', label, 'tenant', tenant, route, trace);
  ELSE
    INSERT INTO tenantd.audit_events (tenant_id, env, action, actor_kind, actor_label, object_type, object_id, route, trace_id)
    VALUES (tenant, in_env, action, 'operator', label, 'tenant', tenant, route, trace);
  END IF;
END $$;

-- Bringing a tenant back ----------------------------------------------------------------------------------------------

-- Looks whether there is room for a tenant that arrives, and seals the context of its archive. Answers whether it can keep the user whose
-- bootstrap made it: a user has one such tenant in an env.
CREATE OR REPLACE FUNCTION tenantd.archive_arrive(tenant uuid, in_env tenantd.env, in_slug text, founder uuid, label text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  there tenantd.tenants;
BEGIN
  SELECT * INTO there FROM tenantd.tenants t WHERE t.id = tenant;
  IF there.id IS NOT NULL THEN
    PERFORM tenantd.refuse_act('TD409', format('the tenant is here already, as %s in %s: an archive never changes a tenant that is there', there.slug, there.env));
  ELSIF EXISTS (SELECT FROM tenantd.tenants t WHERE (t.env, t.slug) = (in_env, in_slug)) THEN
    PERFORM tenantd.refuse_act('TD409', format('another tenant in %s has the slug %s: give this one another with --slug', in_env, in_slug));
  END IF;
  PERFORM tenantd.archive_enter(tenant, in_env, 'tenant import', label);
  RETURN NOT EXISTS (SELECT FROM tenantd.tenants t WHERE (t.env, t.bootstrapped_by) = (in_env, founder));
END $$;

-- Brings a user of an archive. One who is known here stays as they are here.
CREATE OR REPLACE FUNCTION tenantd.archive_user(u jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  there tenantd.users;
BEGIN
  SELECT * INTO there FROM tenantd.users x WHERE x.id = (u ->> 'id')::uuid OR (x.issuer, x.subject) = (u ->> 'issuer', u ->> 'subject');
  IF there.id IS NOT NULL AND (there.id::text, there.issuer, there.subject) IS DISTINCT FROM (u ->> 'id', u ->> 'issuer', u ->> 'subject') THEN
    PERFORM tenantd.refuse_act('TD409', format('the user %s of the archive, known to issuer %s as %s, is here under another id, issuer or subject: user %s',
      u ->> 'id', u ->> 'issuer', u ->> 'subject', there.id));
  ELSIF there.id IS NOT NULL THEN
    RETURN false;
  END IF;
  INSERT INTO tenantd.users (id, issuer, subject, email, email_verified, name, version, created_at, updated_at)
  VALUES ((u ->> 'id')::uuid, u ->> 'issuer', u ->> 'subject', u ->> 'email', (u ->> 'email_verified')::boolean, u ->> 'name', (u ->> 'version')::integer,
    (u ->> 'created_at')::timestamptz, (u ->> 'updated_at')::timestamptz);
  RETURN true;
END $$;

-- Checks what triggers would have checked, and takes the domains that the tenant had proven.
CREATE OR REPLACE FUNCTION tenantd.archive_settle(tenant uuid, in_env tenantd.env, label text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  taken text := (SELECT string_agg(d.name, ', ') FROM tenantd.domains d JOIN tenantd.proven_domains p ON (p.env, p.name) = (d.env, d.name)
    WHERE d.tenant_id = tenant AND d.verified_at IS NOT NULL);
BEGIN
  IF NOT EXISTS (SELECT FROM tenantd.tenants t WHERE (t.id, t.env) = (tenant, in_env)) THEN
    PERFORM tenantd.refuse_act('TD409', 'the archive does not have the tenant that it is of');
  ELSIF taken IS NOT NULL THEN
    PERFORM tenantd.refuse_act('TD409', format('another tenant has proven what this one had: %s', taken));
  END IF;
  PERFORM tenantd.demand_owner(tenant);
  INSERT INTO tenantd.proven_domains (env, name, holder) SELECT d.env, d.name, tenant FROM tenantd.domains d WHERE d.tenant_id = tenant AND d.verified_at IS NOT NULL;
  PERFORM tenantd.archive_note(tenant, in_env, 'tenant.imported', label, true);
END $$;

-- Erasing -------------------------------------------------------------------------------------------------------------

-- Begins to erase a tenant, or goes on with it. It must be closed, and the time in which it can be reopened be over.
CREATE OR REPLACE FUNCTION tenantd.erasure_begin(tenant uuid, label text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants;
  erasure uuid;
BEGIN
  SELECT * INTO t FROM tenantd.tenants x WHERE x.id = tenant FOR UPDATE;
  IF t.status <> 'closed' THEN
    PERFORM tenantd.refuse_act('TD409', format('the tenant is %s, and only a closed tenant can be erased: tenantctl tenant close %s', t.status, t.id));
  ELSIF t.reopen_until > now() THEN
    PERFORM tenantd.refuse_act('TD409', format('the tenant can be reopened until %s UTC; to give that time up: tenantctl tenant reopen %s, then tenant close %2$s --grace 0',
      to_char(t.reopen_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), t.id));
  END IF;
  INSERT INTO tenantd.erasures (kind, erased, env) VALUES ('tenant', t.id, t.env) ON CONFLICT (erased) WHERE ended_at IS NULL DO NOTHING RETURNING id INTO erasure;
  IF erasure IS NULL THEN
    RETURN (SELECT e.id FROM tenantd.erasures e WHERE e.erased = t.id AND e.ended_at IS NULL);
  END IF;
  PERFORM tenantd.archive_note(t.id, t.env, 'tenant.erasure_begun', label, true);
  RETURN erasure;
END $$;

-- Adds to what an erasure has removed.
CREATE OR REPLACE FUNCTION tenantd.erasure_count(erasure uuid, name text, rows bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tenantd.erasures e SET removed = e.removed || jsonb_build_object(name, coalesce((e.removed ->> name)::bigint, 0) + rows)
  WHERE e.id = erasure AND e.ended_at IS NULL AND rows > 0
$$;

-- Ends the erasure of a tenant, of which no row is left (archive_demand_nothing): removes what the tables of persons and mail say of it, and
-- writes the receipt, which is answered.
CREATE OR REPLACE FUNCTION tenantd.erasure_end(erasure uuid, label text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e tenantd.erasures;
BEGIN
  SELECT * INTO e FROM tenantd.erasures x WHERE x.id = erasure AND x.ended_at IS NULL FOR UPDATE;
  DELETE FROM tenantd.proven_domains p WHERE p.holder = e.erased;
  DELETE FROM tenantd.mail_outbox m WHERE m.about_tenant = e.erased;
  UPDATE tenantd.sessions s SET at_tenant = NULL WHERE s.at_tenant = e.erased;
  PERFORM tenantd.archive_note(e.erased, e.env, 'tenant.erased', label, true);
  RETURN tenantd.erasure_receipt(e);
END $$;

-- Writes the receipt of an erasure, which ends it.
CREATE OR REPLACE FUNCTION tenantd.erasure_receipt(e tenantd.erasures) RETURNS text
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tenantd.erasures x SET ended_at = clock_timestamp(), receipt = json_build_object('erasure', e.id, 'kind', e.kind, 'id', e.erased, 'env', e.env,
    'begun_at', to_char(e.begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'ended_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'removed', e.removed, 'left', 0)::text
  WHERE x.id = e.id RETURNING x.receipt
$$;

-- Lists the receipts, newest first.
CREATE OR REPLACE FUNCTION tenantd.erasure_list(most integer)
RETURNS TABLE (id uuid, kind text, erased uuid, env tenantd.env, ended_at timestamptz, shown json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.id, e.kind, e.erased, e.env, e.ended_at, json_build_object('erasure', e.id, 'kind', e.kind, 'id', e.erased, 'env', e.env,
    'begun_at', e.begun_at, 'ended_at', e.ended_at, 'removed', e.removed, 'signed', e.signed)
  FROM tenantd.erasures e ORDER BY e.begun_at DESC, e.id LIMIT most
$$;

-- Keeps the receipt as it was signed.
CREATE OR REPLACE FUNCTION tenantd.erasure_sign(erasure uuid, compact text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tenantd.erasures e SET signed = compact WHERE e.id = erasure AND e.ended_at IS NOT NULL AND e.signed IS NULL
$$;

GRANT EXECUTE ON FUNCTION tenantd.archive_enter(uuid, tenantd.env, text, text), tenantd.archive_find(text, tenantd.env, text, text),
  tenantd.archive_note(uuid, tenantd.env, text, text, boolean), tenantd.archive_arrive(uuid, tenantd.env, text, uuid, text), tenantd.archive_user(jsonb),
  tenantd.archive_settle(uuid, tenantd.env, text), tenantd.erasure_begin(uuid, text), tenantd.erasure_count(uuid, text, bigint),
  tenantd.erasure_end(uuid, text), tenantd.erasure_list(integer), tenantd.erasure_sign(uuid, text) TO tenantd_migrator;
GRANT EXECUTE ON FUNCTION tenantd.archive_users_of(uuid[]) TO tenantd_owner;

-- A person ------------------------------------------------------------------------------------------------------------

-- What tenantd knows of a person, in every tenant: a query for each file, as for a tenant. Passwords, tokens and their digests are not in it.
CREATE OR REPLACE FUNCTION tenantd.archive_of_user(person uuid) RETURNS TABLE (name text, columns name[], query text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'tenantd.' || v.table_name, v.columns, format('SELECT %s FROM tenantd.%I x WHERE %s ORDER BY %s',
    tenantd.name_list(v.columns), v.table_name, format(v.condition, person), v.ordering)
  FROM (SELECT w.*, ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = ('tenantd.' || w.table_name)::regclass AND a.attnum > 0
      AND NOT a.attisdropped AND a.attname NOT IN ('salt', 'password', 'cost', 'token_digest') ORDER BY a.attnum) AS columns
    FROM (VALUES
      (1, 'users', 'x.id = %L', 'id'),
      (2, 'accounts', 'x.user_id = %L', 'user_id'),
      (3, 'sessions', 'x.user_id = %L', 'created_at, id'),
      (4, 'tenant_members', 'x.user_id = %L', 'tenant_id'),
      (5, 'invitations', 'lower(x.email COLLATE "C") = (SELECT lower(u.email COLLATE "C") FROM tenantd.users u WHERE u.id = %L)', 'created_at, id'),
      (6, 'ownership_offers', '%L IN (x.offered_by, x.user_id)', 'created_at, id'),
      (7, 'audit_events', 'x.actor_id = %L', 'at, id'),
      (8, 'system_events', 'x.actor_id = %1$L OR (x.object_type = ''user'' AND x.object_id = %1$L)', 'at, id')) w (place, table_name, condition, ordering)) v
  ORDER BY v.place
$$;

-- The tenants that a person has to do with, or had.
CREATE OR REPLACE FUNCTION tenantd.archive_tenants_of(person uuid) RETURNS TABLE (tenant uuid, env tenantd.env)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT m.tenant_id, m.env FROM tenantd.tenant_members m WHERE m.user_id = person ORDER BY m.tenant_id
$$;

-- Notes what was done with a person, in the system's log.
CREATE OR REPLACE FUNCTION tenantd.archive_note_user(person uuid, action text, label text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.system_events (action, actor_kind, actor_label, object_type, object_id, route, trace_id)
  VALUES (action, 'operator', label, 'user', person, 'tenantctl user ' || CASE action WHEN 'user.exported' THEN 'export' ELSE 'erase' END,
    replace(gen_random_uuid()::text, '-', ''))
$$;

-- Begins to erase a person: they leave every tenant, and nothing here says any more who they were. Their id stays where it stands, in
-- the audit and in rows that they made. Should they sign in again, they are somebody new.
CREATE OR REPLACE FUNCTION tenantd.erasure_of_user(named text, subject text, label text, OUT id uuid, OUT erasure uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  u tenantd.users := tenantd.operator_user(named, subject);
  alone text;
  m record;
  n bigint;
BEGIN
  IF u.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD404', 'there is no such user');
  ELSIF u.issuer = 'tenantd:erased' THEN
    PERFORM tenantd.refuse_act('TD409', 'the user is erased already');
  END IF;
  SELECT string_agg(format('%s (%s)', t.slug, t.env), ', ' ORDER BY t.slug) INTO alone
  FROM tenantd.tenants t WHERE t.status <> 'closed'
    AND EXISTS (SELECT FROM tenantd.tenant_members o WHERE (o.tenant_id, o.user_id, o.role, o.status) = (t.id, u.id, 'owner', 'active'))
    AND NOT EXISTS (SELECT FROM tenantd.tenant_members o WHERE (o.tenant_id, o.role, o.status) = (t.id, 'owner', 'active') AND o.user_id <> u.id);
  IF alone IS NOT NULL THEN
    PERFORM tenantd.refuse_act('TD409', format('the user is the only owner of %s: make somebody else an owner, or close the tenant', alone));
  END IF;
  INSERT INTO tenantd.erasures (kind, erased) VALUES ('user', u.id) RETURNING erasures.id INTO erasure;
  FOR m IN SELECT b.tenant_id, b.env FROM tenantd.tenant_members b WHERE b.user_id = u.id AND b.status IN ('pending', 'active', 'suspended') ORDER BY b.tenant_id LOOP
    PERFORM tenantd.operator_begin(m.tenant_id, m.env, 'user erase', label, NULL);
    UPDATE tenantd.tenant_members SET status = 'removed' WHERE tenant_id = m.tenant_id AND user_id = u.id;
    PERFORM tenantd.erasure_count(erasure, 'memberships ended', 1);
  END LOOP;
  FOR m IN SELECT i.tenant_id, i.env, i.id FROM tenantd.invitations i WHERE lower(i.email COLLATE "C") = lower(u.email COLLATE "C") ORDER BY i.tenant_id, i.id LOOP
    PERFORM tenantd.operator_begin(m.tenant_id, m.env, 'user erase', label, NULL);
    DELETE FROM tenantd.invitations i WHERE (i.tenant_id, i.id) = (m.tenant_id, m.id);
    PERFORM tenantd.erasure_count(erasure, 'tenantd.invitations', 1);
  END LOOP;
  PERFORM tenantd.operator_begin(NULL, NULL, 'user erase', label, NULL);
  DELETE FROM tenantd.mail_outbox o WHERE lower(o.recipient COLLATE "C") = lower(u.email COLLATE "C");
  GET DIAGNOSTICS n = ROW_COUNT;
  PERFORM tenantd.erasure_count(erasure, 'tenantd.mail_outbox', n);
  DELETE FROM tenantd.sessions s WHERE s.user_id = u.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  PERFORM tenantd.erasure_count(erasure, 'tenantd.sessions', n);
  DELETE FROM tenantd.accounts a WHERE a.user_id = u.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  PERFORM tenantd.erasure_count(erasure, 'tenantd.accounts', n);
  UPDATE tenantd.users SET issuer = 'tenantd:erased', subject = u.id::text, email = NULL, email_verified = false, name = NULL, system_admin = false
  WHERE users.id = u.id;
  id := u.id;
END $$;

-- Ends it, once the rows that only they saw are gone.
CREATE OR REPLACE FUNCTION tenantd.erasure_of_user_end(erasure uuid, label text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e tenantd.erasures;
BEGIN
  SELECT * INTO e FROM tenantd.erasures x WHERE x.id = erasure AND x.ended_at IS NULL FOR UPDATE;
  PERFORM tenantd.archive_note_user(e.erased, 'user.erased', label);
  RETURN tenantd.erasure_receipt(e);
END $$;
GRANT EXECUTE ON FUNCTION tenantd.archive_tenants_of(uuid), tenantd.archive_note_user(uuid, text, text), tenantd.erasure_of_user(text, text, text), tenantd.erasure_of_user_end(uuid, text) TO tenantd_migrator;

SET LOCAL ROLE tenantd_owner;

-- Of resources, an archive of a person has the rows that only they see; what they made for a tenant is the tenant's. A query for each
-- file with those of the context's tenant.
CREATE OR REPLACE FUNCTION tenantd.archive_private(person uuid) RETURNS TABLE (name text, relation regclass, columns name[], query text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.name || '.' || c.tenant_id, t.relation, t.columns, format('SELECT %s FROM %s WHERE user_id = %L ORDER BY %s',
    tenantd.name_list(t.columns), t.relation, person, t.ordering)
  FROM tenantd.archive_tables() t JOIN tenantd.resources r ON t.name = 'data.' || r.name AND r.user_scoped, tenantd.context() c
  ORDER BY t.place DESC
$$;

-- Removes these rows, and tells how many of what there were.
CREATE OR REPLACE FUNCTION tenantd.archive_remove_private(person uuid) RETURNS TABLE (name text, removed bigint)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.name, tenantd.archive_delete(p.relation, format('user_id = %L', person)) FROM tenantd.archive_private(person) p
$$;
