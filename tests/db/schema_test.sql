-- What the schema is: keys that lead with the tenant, walls that stand, roles that hold no more than they need.
SELECT no_plan();
SELECT test.world();

SELECT is(test.q('admin', $$SELECT string_agg(rolname || ' ' || rolcanlogin, ', ' ORDER BY rolname) FROM pg_roles
  WHERE rolname LIKE 'tenantd\_%' AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit)$$),
  'tenantd_app true, tenantd_context false, tenantd_errands true, tenantd_migrator true, tenantd_owner false',
  'T54: five roles without any attribute but the login of three');
SELECT is(test.q('errands', $$SELECT string_agg(p.proname, ', ' ORDER BY p.proname) FROM pg_proc p
  WHERE p.pronamespace = 'tenantd'::regnamespace AND has_function_privilege('tenantd_errands', p.oid, 'EXECUTE')$$),
  'domain_checked, due_domains, mail_forget, mail_next, mail_tried', 'T54: who sends mail may do that, and look up domains'),
  is(test.q('errands', $$SELECT string_agg(c.relname, ', ') FROM pg_class c WHERE c.relnamespace = 'tenantd'::regnamespace
  AND c.relkind IN ('r', 'p', 'v') AND (has_table_privilege('tenantd_errands', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege('tenantd_errands', c.oid, 'SELECT, INSERT, UPDATE'))$$), NULL, 'T54: and reach no table');
SELECT is(test.q('admin', 'SELECT count(rolpassword)::text FROM pg_authid WHERE rolname = ''tenantd_app'''), '1', 'T116: a password is the operator''s: roles.sql, run again, leaves it');
SELECT is(test.q('admin', $$SELECT string_agg(member::regrole || ' in ' || roleid::regrole, ', ' ORDER BY 1) FROM (SELECT * FROM pg_auth_members
  WHERE member::regrole::text LIKE 'tenantd%' OR roleid::regrole::text LIKE 'tenantd%' ORDER BY roleid::regrole::text) m$$),
  'tenantd_migrator in tenantd_context, tenantd_migrator in tenantd_owner', 'T54: only the migrator is a member of anything');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM pg_shdepend WHERE deptype = 'o' AND refobjid = 'tenantd_app'::regrole$$), '0',
  'T54: the workers'' role owns nothing in the cluster');
SELECT is(test.q('admin', $$SELECT string_agg(p, ', ') FROM unnest(ARRAY['CREATE', 'TEMPORARY']) p
  WHERE has_database_privilege('tenantd_app', current_database(), p)$$), NULL, 'T47: the workers may neither CREATE nor TEMP');
SELECT is(test.q('admin', $$SELECT string_agg(nspname, ', ') FROM pg_namespace WHERE has_schema_privilege('tenantd_app', oid, 'CREATE')$$),
  NULL, 'T50: the workers may CREATE in no schema');
SELECT is(test.q('admin', $$SELECT string_agg(nspname, ', ' ORDER BY nspname) FROM pg_namespace
  WHERE has_schema_privilege('tenantd_app', oid, 'USAGE')$$),
  'information_schema, pg_catalog, tenantd', 'the workers use tenantd and what PostgreSQL brings');
SELECT is(test.q('admin', $$SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_class c
  WHERE c.relnamespace = 'tenantd'::regnamespace AND c.relkind = 'r' AND tenantd.privileges_of(c.oid) <> '{}'$$),
  'api_keys, audit_events, content_pieces, domains, expected_objects, invitations, isolated_tables, onboarding_progress, open_functions, open_relations, ownership_offers, resource_actions, resources, tenant_members, tenants, users',
  'the workers reach these tables and no others');
SELECT is(test.q('admin', $$SELECT string_agg(t || ' ' || tenantd.privileges_of(('tenantd.' || t)::regclass)::text, E'\n' ORDER BY t)
  FROM unnest(ARRAY['audit_events', 'domains', 'invitations', 'onboarding_progress', 'tenant_members', 'tenants', 'users']) t$$),
  E'audit_events {SELECT}\ndomains {DELETE,SELECT,UPDATE(asked_at),UPDATE(enrollment)}\ninvitations {SELECT(created_at),SELECT(email),SELECT(env),SELECT(expires_at),SELECT(id),SELECT(invited_by),SELECT(role),SELECT(sent_at),SELECT(status),SELECT(tenant_id),SELECT(updated_at),SELECT(version),UPDATE(status)}\n'
  'onboarding_progress {INSERT(completed_by),INSERT(env),INSERT(step),INSERT(tenant_id),SELECT}\ntenant_members {SELECT,UPDATE(role),UPDATE(status)}\n'
  'tenants {SELECT,UPDATE(access_contact),UPDATE(ask_again_days),UPDATE(contact_email),UPDATE(country),UPDATE(invitation_days),UPDATE(joinable),UPDATE(legal_name),UPDATE(name),UPDATE(organization_name),UPDATE(postal_address),UPDATE(slug),UPDATE(status)}\n'
  'users {SELECT(email),SELECT(email_verified),SELECT(id),SELECT(name)}', 'and may do this to them');
SELECT is(test.q('admin', $$SELECT string_agg(p.oid::regprocedure::text, ', ' ORDER BY 1) FROM pg_proc p
  WHERE p.pronamespace = 'tenantd'::regnamespace AND p.prosecdef AND has_function_privilege('tenantd_app', p.oid, 'EXECUTE')
    AND p.oid::regprocedure::text NOT IN (SELECT signature FROM tenantd.open_functions)$$), NULL,
  'T43: each SECURITY DEFINER function that the workers may call is listed');
SELECT is(test.q('admin', $$SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p
  WHERE p.pronamespace = 'tenantd'::regnamespace AND NOT coalesce(p.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false)
    AND (p.prosecdef OR p.provolatile <> 'i' OR p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'sql'))
    AND p.proname NOT IN ('sealed', 'context', 'claim_message', 'stamp_row') AND p.proname NOT LIKE 'audit %'$$), NULL,
  'T43: every function pins its search_path, but for expressions that are written into one that does, and those that qualify all they name');
SELECT is(test.q('admin', $$SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p
  WHERE p.pronamespace = 'tenantd'::regnamespace AND p.prosecdef AND p.proowner <> 'tenantd_context'::regrole$$), NULL,
  'T43: every SECURITY DEFINER function is the context role''s');
SELECT is(test.q('admin', $$SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
  WHERE p.pronamespace = 'tenantd'::regnamespace AND a.grantee = 0$$), NULL, 'PUBLIC may call nothing of tenantd');
SELECT is(test.q('admin', $$SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class c
  WHERE relnamespace = 'tenantd'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)$$),
  'expected_objects, isolated_tables, open_functions, open_relations, resource_actions, resources', 'row-level security is forced on every table but the gate''s own records');
-- Keys lead with the tenant.
SELECT is(test.q('admin', $$SELECT string_agg(i.indexrelid::regclass::text, ', ') FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE c.relnamespace = 'tenantd'::regnamespace AND i.indisunique AND a.attname <> 'tenant_id'
    AND EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')$$), NULL,
  'T45: every unique key of a table with a tenant_id leads with it');
SELECT is(test.q('admin', $$SELECT string_agg(conrelid::regclass || ' ' || conname, ', ') FROM pg_constraint c
  WHERE contype = 'f' AND connamespace = 'tenantd'::regnamespace
    AND EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.confrelid AND t.attname IN ('tenant_id', 'slug'))
    AND (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (attnum, n) JOIN pg_attribute a
      ON a.attrelid = c.conrelid AND a.attnum = k.attnum)::text[] <> ARRAY['tenant_id', 'env']$$), NULL,
  'T44: every foreign key to a tenant''s row carries (tenant_id, env)');
SELECT is(test.q('admin', $$INSERT INTO tenantd.tenants (id, env, slug, name) VALUES ('00000000-0000-0000-0000-000000000000', 'dev', 'nil', 'nil')$$),
  '!23514', 'the nil UUID, which says "no tenant", is no tenant''s');
SELECT is(test.q('admin', format($$INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, 'dev', %L, 'active')$$,
  test.tenant('alpha'), test.person('sam'))), '!23503', 'T44: a membership cannot be of another env than its tenant');
SELECT is(test.q('admin', format($$INSERT INTO tenantd.tenants (env, slug, name, status) VALUES ('dev', %L, 'x', 'suspended')$$, s)), '!23514',
  'T31: a slug is not ' || quote_literal(s))
FROM unnest(ARRAY['', 'Upper', '-x', 'x-', 'a_b', 'ä', 'a b', repeat('a', 64), E'x\n', 'a.b']) s;
SELECT is(test.q('admin', $$INSERT INTO tenantd.tenants (env, slug, name, status) VALUES ('dev', 'no-name', 'x', 'active')$$), '!23514',
  'an active tenant has an organization_name');
SELECT is(test.script('admin', $$INSERT INTO tenantd.tenants (env, slug, name, status) VALUES ('dev', 'no-owner', 'x', 'onboarding')$$), '!TD016',
  'T65: an open tenant cannot come to be without an owner');
SELECT is(test.script('admin', format('DELETE FROM tenantd.users WHERE id = %L', test.person('ann'))), '!23503',
  'T65: a user with a membership cannot be deleted');
SELECT is(test.q('admin', $$SELECT string_agg(extname, ', ') FROM pg_extension$$), 'plpgsql', 'no extension stands in the database, dblink least of all');
SELECT is(test.q('app', $$SELECT concat_ws(' ', current_setting('search_path'), current_setting('row_security'), current_setting('jit'),
  current_setting('track_activities'), current_setting('TimeZone'), current_setting('default_transaction_isolation'))$$), 'pg_catalog, pg_temp on off off UTC read committed', 'a worker''s session begins as its role says');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  WHERE c.relnamespace = 'tenantd'::regnamespace AND NOT p.polpermissive$$), '0', 'no policy hides behind another kind');
SELECT is(test.q('admin', $$SELECT string_agg(DISTINCT r::regrole::text, ', ') FROM pg_policy p, unnest(p.polroles) r
  WHERE p.polname NOT IN ('context_access', 'archive')$$), 'tenantd_app', 'the policies of tenants are the workers'' alone');
SELECT is(test.q('admin', $$SELECT string_agg(DISTINCT r::regrole::text || CASE WHEN pg_get_expr(p.polqual, p.polrelid) LIKE '%''archive''%' THEN '' ELSE ' at any time' END, ', ')
  FROM pg_policy p, unnest(p.polroles) r WHERE p.polname = 'archive'$$), 'tenantd_owner', 'the owner sees rows of a tenant only in the context of its archive');
SELECT is(test.q('admin', $$SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
  WHERE c.relnamespace = 'tenantd'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN (SELECT table_name FROM tenantd.archive_own())$$), NULL,
  'an archive and an erasure know every table of tenantd with rows of tenants');

SELECT * FROM finish();
