-- The operator's acts, as tenantctl does them: only for the migrator, named and audited in their tenant.
SELECT no_plan();
SELECT test.world();

-- 'slug status' or the refusal.
CREATE FUNCTION test.operate(named text, wanted text, env text DEFAULT 'prod', label text DEFAULT 'carol') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('migrator', format('SELECT slug || '' '' || status FROM tenantd.operator_tenant_status(%L, %L, %L, %L)', named, env, wanted, label))
$$;
SELECT is(test.operate('alpha', 'suspend'), 'alpha suspended', 'a tenant is suspended by its slug');
SELECT is(test.q('admin', format('SELECT concat_ws('' '', action, actor_kind, actor_id, actor_label, object_id, fields, route) FROM tenantd.audit_events WHERE tenant_id = %L ORDER BY at DESC LIMIT 1', test.tenant('alpha'))),
  'tenant.suspended operator carol ' || test.tenant('alpha') || ' {status} tenantctl tenant suspend', 'T66: audited there, with who it was');
SELECT is(test.q('admin', format('SELECT (trace_id ~ ''^[0-9a-f]{32}$'')::text FROM tenantd.audit_events WHERE tenant_id = %L ORDER BY at DESC LIMIT 1', test.tenant('alpha'))), 'true',
  'T66: and with a trace, although no request is behind it');
SELECT is(test.enter('app', 'ann', test.tenant('alpha')), '!TD013', 'T26: its owner does not come in'), is(test.enter('app', 'ann', test.tenant('alpha'), guard => 'open'), '!TD013', 'T26: nor where it must be open'),
  isnt(left(test.enter('app', 'ann', test.tenant('alpha'), guard => 'any'), 1), '!', 'T26: only where any status will do'), test.script('app', 'ROLLBACK');
SELECT is(test.operate('alpha', 'suspend'), '!TD409', 'suspended it is not suspended again'), is(test.operate(test.tenant('alpha'), 'reactivate'), 'alpha active', 'it is reactivated by its id'), is(test.operate('alpha', 'reactivate'), '!TD409', 'once');
SELECT isnt(left(test.enter('app', 'ann', test.tenant('alpha')), 1), '!', 'and works again'), test.script('app', 'ROLLBACK');
SELECT test.bootstrap('app', 'sam') AS b \gset
SELECT is(test.operate(split_part(:'b', ' ', 1), 'suspend') LIKE '% suspended', true, 'a tenant in onboarding is suspended'), is(test.operate(split_part(:'b', ' ', 1), 'reactivate') LIKE '% onboarding', true, 'and is back in onboarding, not active');
SELECT is(test.operate(n, 'suspend', e), '!TD012', format('no tenant %s in %s', n, e)) FROM (VALUES ('nowhere', 'prod'), ('alpha', 'dev'), ('gamma', 'prod'), ('', 'prod'), ('%', 'prod')) v (n, e);
SELECT is(test.operate('alpha', w), '!TD409', 'there is no act ' || quote_literal(w)) FROM unnest(ARRAY['closed', 'active', '', 'SUSPEND', E'suspend\nx']) w;
SELECT is(test.operate('beta', 'suspend', label => E'eve\nowner\nmember'), 'beta suspended', 'T82: a label of several lines'), is(test.q('admin', format('SELECT actor_label FROM tenantd.audit_events WHERE tenant_id = %L ORDER BY at DESC LIMIT 1', test.tenant('beta'))), 'eve owner member', 'T82: is one');
-- A slug may look like an id: the id wins.
SELECT test.script('admin', format('BEGIN; INSERT INTO tenantd.tenants (id, env, slug, name, status) VALUES (%L, ''prod'', %L, ''x'', ''suspended''); COMMIT', '00000000-0000-4000-8000-000000000001', test.tenant('alpha')));
SELECT is(test.operate(test.tenant('alpha'), 'suspend'), 'alpha suspended', 'T31: a slug that spells another tenant''s id catches nothing meant for that'), is(test.operate('alpha', 'reactivate'), 'alpha active', 'and back');
-- A tenant without an owner is not opened.
SELECT test.operate('gamma', 'suspend', 'dev'), test.script('admin', format('UPDATE tenantd.tenant_members SET status = ''removed'' WHERE user_id = %L', test.person('cyd'))),
  is(test.operate('gamma', 'reactivate', 'dev'), '!TD016', 'T65: a tenant that lost its owner is not reactivated'), is(test.q('admin', 'SELECT status::text FROM tenantd.tenants WHERE slug = ''gamma'''), 'suspended', 'T65: and stays as it was');

SELECT is(test.q('migrator', 'SELECT string_agg(slug || '' '' || members, '', '' ORDER BY slug) FROM tenantd.operator_tenants(''prod'', ''a'') WHERE slug IN (''alpha'', ''beta'')'), 'alpha 3, beta 3', 'tenants are listed with their active members');
SELECT is(test.q('migrator', 'SELECT string_agg(slug, '','') FROM tenantd.operator_tenants(NULL, ''GAMMA'')'), 'gamma', 'searched in any case and env'), is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.operator_tenants(''prod'', ''%'')'), '0', 'T82: and literally'),
  is(test.q('migrator', 'SELECT (count(*) > 3)::text FROM tenantd.operator_tenants(NULL, NULL)'), 'true', 'or all of them');
-- The migrator's own login sees nothing by itself.
SELECT is(test.q('migrator', query), '!42501', 'the migrator has no grant of its own: ' || query) FROM unnest(ARRAY['SELECT count(*)::text FROM tenantd.tenants', 'SELECT count(*)::text FROM tenantd.context_keys', test.call('tenantd.enter', test.claim(1, 'ann')), 'SELECT tenantd.me()::text']) query;
SELECT is(test.q('app', query), '!42501', 'T66: and the workers are no operator: ' || query) FROM unnest(ARRAY['SELECT count(*)::text FROM tenantd.operator_tenants(NULL, NULL)', 'SELECT tenantd.operator_tenant_status(''alpha'', ''prod'', ''suspend'', ''x'')::text']) query;
-- Without any key there is nothing to seal with: the act fails rather than go unsigned.
SELECT test.script('admin', 'DELETE FROM tenantd.context_keys'), is(left(test.operate('alpha', 'suspend'), 1), '!', 'without a key an operator does nothing'), is(test.q('admin', 'SELECT status::text FROM tenantd.tenants WHERE slug = ''alpha'''), 'active', 'indeed nothing');

SELECT * FROM finish();
DROP FUNCTION test.operate;
