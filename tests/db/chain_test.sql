-- The audit logs are chained: each row is on the list of one checkpoint, whenever it was committed, and nobody changes a checkpoint.
SELECT no_plan();
SELECT test.world();
SELECT test.connect('a', 'tenantd_migrator'), test.connect('late', 'postgres');
SELECT '00000000-0000-0000-0000-000000000000' AS system, test.tenant('alpha') AS alpha \gset

-- Makes a checkpoint as tenantctl does, but for the signature. Answers how many rows it covers.
CREATE FUNCTION test.checkpoint(log text, most integer DEFAULT 1000, keep_from text DEFAULT 'NULL', login text DEFAULT 'migrator') RETURNS text LANGUAGE sql AS $$
  SELECT test.q(login, format('SELECT cardinality(n.ids)::text FROM tenantd.chain_next(%L, %s, %s) n, tenantd.chain_keep(n.ids, n.digests, n.said::json, ''a.b.c'', ''somebody'')
    WHERE n.said IS NOT NULL', log, most, keep_from))
$$;
-- How many rows of a log are on no list.
CREATE FUNCTION test.uncovered(log text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('migrator', format('SELECT count(*)::text FROM tenantd.chain_tail(%L, 10000)', log))
$$;
CREATE FUNCTION test.listed(log text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('SELECT count(*)::text || '' '' || count(DISTINCT i)::text FROM tenantd.audit_checkpoints c, unnest(c.row_ids) i WHERE c.tenant_id = %L', log))
$$;
SELECT test.q('admin', format('SELECT count(*)::text FROM tenantd.audit_events WHERE tenant_id = %L', :'alpha')) AS rows \gset

SELECT ok(:'rows'::integer > 3, 'alpha has audit rows'), is(test.uncovered(:'alpha'), :'rows', 'at first none of them is covered');
SELECT is(test.checkpoint(:'alpha', 2), '2', 'T113: a checkpoint covers as many as it is asked to'), is(test.checkpoint(:'alpha'), (:'rows'::integer - 2)::text, 'the next one covers the rest'),
  is(test.uncovered(:'alpha'), '0', 'and then each row is covered'), is(test.checkpoint(:'alpha'), NULL, 'no checkpoint says nothing');
SELECT is(test.listed(:'alpha'), :'rows' || ' ' || :'rows', 'T113: each row is on one list');
SELECT is(test.q('admin', format('SELECT bool_and(c.previous = coalesce(p.digest, decode(repeat(''00'', 32), ''hex'')))::text FROM tenantd.audit_checkpoints c
  LEFT JOIN tenantd.audit_checkpoints p ON p.tenant_id = c.tenant_id AND p.number = c.number - 1 WHERE c.tenant_id = %L', :'alpha')), 'true', 'T113: each names the digest of the one before');
SELECT is(test.q('admin', format('SELECT bool_and(d.of_lines = c.row_digests)::text FROM tenantd.audit_checkpoints c, LATERAL (
  SELECT string_agg(sha256(convert_to(r.line, ''UTF8'')), '''') AS of_lines FROM tenantd.chain_rows(c.tenant_id, c.number) r) d WHERE c.tenant_id = %L', :'alpha')), 'true', 'T113: the digests are those of the lines that are exported');

-- The log of no tenant is chained, too.
SELECT ok(test.checkpoint(:'system')::integer > 0, 'T113: what happens in no tenant is chained'), is(test.uncovered(:'system'), '0', 'all of it');
SELECT is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.chain_open() l WHERE l = ' || quote_literal(:'alpha')), '0', 'a log that is covered is not open');

-- What the hourly checkpoints should have covered is told by the doctor.
SELECT is(test.q('migrator', 'SELECT logs::text FROM tenantd.chain_late()'), '0', 'no log is late whose rows are new');
SELECT test.script('admin', format('INSERT INTO tenantd.audit_events (tenant_id, env, at, action, actor_kind, object_type)
  SELECT id, env, clock_timestamp() - hours * interval ''1 hour'', action, ''database'', ''test'' FROM tenantd.tenants, (VALUES (4, ''test.done''), (%s, ''tenant.imported'')) v (hours, action)
  WHERE slug = %L', imported, slug)) FROM (VALUES ('alpha', 4), ('beta', 4), ('gamma', 0)) t (slug, imported);
SELECT is(test.q('migrator', 'SELECT logs::text FROM tenantd.chain_late()'), '1', 'T113: a log is late that has an old row and no checkpoint; not the one that is covered, nor the one that was imported just now');
SELECT test.checkpoint(:'alpha'), test.checkpoint(test.tenant('beta')::text);
SELECT is(test.q('migrator', 'SELECT logs::text || (checkpoints > 3)::text FROM tenantd.chain_late()'), '0true', 'until there is one');

-- Late commits: a row whose time is before that of rows that are covered already.
SELECT test.script('late', 'BEGIN'), test.script('late', format('UPDATE tenantd.tenants SET country = ''FR'' WHERE id = %L', :'alpha'));
SELECT test.script('admin', format('UPDATE tenantd.tenants SET name = ''Meanwhile'' WHERE id = %L', test.tenant('beta')));
SELECT test.script('admin', format('INSERT INTO tenantd.audit_events (tenant_id, env, action, actor_kind, object_type) VALUES (%L, ''prod'', ''test.done'', ''database'', ''test'')', :'alpha'));
SELECT is(test.checkpoint(:'alpha'), '1', 'T113: a checkpoint beside an open transaction covers what is committed');
SELECT test.script('late', 'COMMIT');
SELECT is(test.uncovered(:'alpha'), '1', 'T113: what commits after it, with an earlier time, is not covered'),
  is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.chain_open() l WHERE l = ' || quote_literal(:'alpha')), '1', 'so that the log is open'),
  is(test.checkpoint(:'alpha'), '1', 'T113: and the next checkpoint covers it'), is(test.uncovered(:'alpha'), '0', 'T113: so that no row is lost');

-- Two at once: the second waits, and has nothing to say.
SELECT test.script('admin', format('INSERT INTO tenantd.audit_events (tenant_id, env, action, actor_kind, object_type) VALUES (%L, ''prod'', ''test.done'', ''database'', ''test'')', :'alpha'));
SELECT test.script('late', 'BEGIN'), is(test.checkpoint(:'alpha', login => 'late'), '1', 'one makes a checkpoint');
SELECT dblink_send_query('a', format('SELECT coalesce(cardinality(ids), 0)::text FROM tenantd.chain_next(%L, 10)', :'alpha'));
SELECT test.script('late', 'COMMIT');
SELECT is(x, '0', 'T113: another one at the same time finds nothing left to cover') FROM dblink_get_result('a') AS t (x text);
SELECT x FROM dblink_get_result('a') AS t (x text);

-- Refusals: their count still grows.
CREATE FUNCTION test.refused(minutes integer, route text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('INSERT INTO tenantd.audit_events (tenant_id, env, at, action, actor_kind, actor_id, object_type, code, route)
    VALUES (%L, ''prod'', clock_timestamp() - interval ''%s minutes'', ''access.refused'', ''user'', %L, ''route'', ''forbidden'', %L)', test.tenant('alpha'), minutes, test.person('amy'), route))
$$;
SELECT test.refused(1, 'new'), test.refused(45, 'middle'), test.refused(61, 'old');
SELECT is(test.checkpoint(:'alpha'), '1', 'T113: a refusal is covered when its count cannot grow any more');
SELECT is(test.q('admin', 'SET ROLE tenantd_context'), 'SET', 'as the functions'),
  is(test.q('admin', 'UPDATE tenantd.audit_events SET count = count + 1 WHERE route = ''new'''), 'UPDATE 1', 'a new refusal can be counted once more'),
  is(test.q('admin', 'UPDATE tenantd.audit_events SET count = count + 1 WHERE route = ''middle'''), '!42501', 'T113: not one whose minute is long over'),
  is(test.q('admin', 'UPDATE tenantd.audit_events SET count = count + 1 WHERE route = ''old'''), '!42501', 'T113: least of all one that is covered'),
  test.q('admin', 'RESET ROLE');
SELECT test.refused(62, 'in hand'), test.script('late', 'BEGIN'), test.q('late', 'SELECT id::text FROM tenantd.audit_events WHERE route = ''in hand'' FOR NO KEY UPDATE');
SELECT is(test.checkpoint(:'alpha'), NULL, 'T113: nor is one covered that somebody still counts'), test.script('late', 'ROLLBACK'), is(test.checkpoint(:'alpha'), '1', 'but afterwards');

-- Rows that were moved, doubled or given to another env by somebody who can switch the triggers off.
CREATE FUNCTION test.tamper(statement text) RETURNS text LANGUAGE sql AS $$
  SELECT test.script('admin', 'BEGIN; SET LOCAL session_replication_role = replica; ' || statement || '; COMMIT')
$$;
SELECT test.q('admin', format('SELECT row_ids[1]::text FROM tenantd.audit_checkpoints WHERE tenant_id = %L AND number = 2', :'alpha')) AS first, test.uncovered(:'alpha') AS before \gset
SELECT is(test.tamper(format('INSERT INTO tenantd.audit_events (tenant_id, env, at, id, action, actor_kind, object_type) VALUES (%L, ''prod'', ''2001-01-01'', %L, ''test.done'', ''database'', ''test'')', :'alpha', :'first')), 'COMMIT', 'a row with the id of another one'),
  is(test.uncovered(:'alpha'), (:'before'::integer + 1)::text, 'T113: is not taken for the other one');

-- Rows go only when a checkpoint says that they may.
SELECT test.q('migrator', 'SET ROLE tenantd_context'), is(test.q('migrator', format('DELETE FROM tenantd.audit_events WHERE tenant_id = %L', :'alpha')), '!42501', 'T113: a row that is still kept is removed by nobody'),
  is(test.q('migrator', 'DELETE FROM tenantd.system_events'), '!42501', 'T113: in no log'), test.q('migrator', 'RESET ROLE');
SELECT test.checkpoint(:'alpha'), is(test.checkpoint(:'alpha', keep_from => '2'), '0', 'a checkpoint releases what the first one covers');
SELECT is(test.q('admin', format('SELECT count(*)::text FROM tenantd.audit_events e, tenantd.audit_checkpoints c WHERE c.tenant_id = %L AND c.number = 1
  AND e.tenant_id = c.tenant_id AND e.id = ANY (c.row_ids) AND e.status IS NULL', :'alpha')), '0', 'and these rows are gone');
SELECT test.q('migrator', 'SET ROLE tenantd_context'), is(test.q('migrator', format('DELETE FROM tenantd.audit_events WHERE tenant_id = %L AND action <> ''audit.expired''', :'alpha')), '!42501', 'T113: but no others'),
  test.q('migrator', 'RESET ROLE');
SELECT is(test.q('admin', format('SELECT actor_label FROM tenantd.audit_events WHERE tenant_id = %L AND action = ''audit.expired''', :'alpha')), 'somebody', 'which is audited');

-- Nobody changes a checkpoint.
SELECT is(test.q('admin', $$SELECT string_agg(r || ' ' || p, ', ') FROM unnest(ARRAY['tenantd_app', 'tenantd_errands', 'tenantd_migrator']) r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
  WHERE has_table_privilege(r, 'tenantd.audit_checkpoints', p) OR (p IN ('SELECT', 'INSERT', 'UPDATE') AND has_any_column_privilege(r, 'tenantd.audit_checkpoints', p))$$), NULL, 'T113: the roles that log in reach no checkpoint but by functions'),
  is(test.q('admin', $$SELECT string_agg(p, ', ') FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p WHERE has_table_privilege('tenantd_context', 'tenantd.audit_checkpoints', p)$$), NULL, 'T113: nor may the functions change one');
SELECT is(test.q(conn, statement), '!42501', format('T113: %s: %s', conn, statement))
FROM unnest(ARRAY['app', 'errands', 'migrator', 'admin']) conn, unnest(ARRAY['UPDATE tenantd.audit_checkpoints SET kept_from = number', 'DELETE FROM tenantd.audit_checkpoints', 'TRUNCATE tenantd.audit_checkpoints']) statement;
SELECT is(test.q('migrator', 'SET ROLE ' || r), 'SET', 'as ' || r), is(test.q('migrator', statement), '!42501', format('T113: %s: %s', r, statement)), test.q('migrator', 'RESET ROLE')
FROM unnest(ARRAY['tenantd_owner', 'tenantd_context']) r, unnest(ARRAY['UPDATE tenantd.audit_checkpoints SET kept_from = number', 'DELETE FROM tenantd.audit_checkpoints', 'TRUNCATE tenantd.audit_checkpoints']) statement;
SELECT is(test.q(conn, statement), '!42501', format('T113: %s calls nothing of it: %s', conn, statement))
FROM unnest(ARRAY['app', 'errands']) conn, unnest(ARRAY['SELECT tenantd.chain_open()::text', 'SELECT tenantd.chain_next(gen_random_uuid(), 1)::text', 'SELECT tenantd.chain_keep(''{}'', '''', ''{}'', ''a.b.c'', '''')::text', 'SELECT tenantd.chain_tail(gen_random_uuid(), 1)::text', 'SELECT tenantd.retention_audit(1)::text', 'SELECT tenantd.retention_rest(true, ''{prod}'', ''1 day'', '''')::text', 'SELECT line FROM tenantd.audit_lines']) statement;
SELECT * FROM finish();
DROP FUNCTION test.checkpoint, test.uncovered, test.listed, test.refused, test.tamper;
