-- The shipped areas: what each does beyond being a resource (which the matrix tries).
SELECT no_plan();
SELECT test.world();

CREATE FUNCTION test.as(who text, query text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant(tenant), query)
$$;

SELECT is(test.gate(), NULL, 'with every area the gate is clean');
SELECT is(test.q('admin', $$SELECT string_agg(name, ' ' ORDER BY name) FROM tenantd.resources WHERE content_of IS NULL$$),
  'analytics_events bossman_tasks budgets campaigns inventory_items item_profiles jobs kill_switches kpis log_events media_objects nexus_documents page_contents strategy_locks temperature_readings vector_points', 'sixteen areas');
SELECT is(test.q('admin', $$SELECT string_agg(name, ' ' ORDER BY name) FROM tenantd.resources WHERE append_only$$), 'analytics_events log_events temperature_readings', 'events are only appended');
SELECT is(test.q('admin', $$SELECT string_agg(name, ' ' ORDER BY name) FROM tenantd.resources WHERE (read_role, create_role, update_role, delete_role) = ('member', 'tenant_admin', 'tenant_admin', 'tenant_admin')$$),
  'budgets kill_switches strategy_locks', 'what admins write, members read');
SELECT is(test.q('admin', $$SELECT string_agg(x.name, ' ') FROM tenantd.resources x JOIN pg_class c ON c.oid = format('%I.%I', schema_name, table_name)::regclass
  WHERE obj_description(c.oid, 'pg_class') IS NULL$$), NULL, 'each table says what it is for');
SELECT is(test.q('admin', $$SELECT string_agg(x.name || '.' || a.attname, ' ') FROM tenantd.resources x JOIN pg_attribute a ON a.attrelid = format('%I.%I', schema_name, table_name)::regclass
  WHERE a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL$$), NULL, 'and each column');
SELECT is(test.q('admin', $$SELECT string_agg(k.conrelid::regclass || '.' || k.conname, ' ') FROM tenantd.resources x JOIN pg_constraint k ON k.conrelid = format('%I.%I', schema_name, table_name)::regclass
  WHERE k.contype = 'f' AND k.confrelid <> 'tenantd.tenants'::regclass AND NOT EXISTS (SELECT 1 FROM pg_index i
    WHERE i.indrelid = k.conrelid AND (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey)$$), NULL, 'every reference has an index');
SELECT is(test.q('admin', $$SELECT string_agg(a.attrelid::regclass || '.' || a.attname, ' ') FROM tenantd.resources x JOIN pg_attribute a ON a.attrelid = format('%I.%I', schema_name, table_name)::regclass
  WHERE a.attname IN ('price', 'amount') AND NOT EXISTS (SELECT 1 FROM pg_attribute c WHERE c.attrelid = a.attrelid AND c.attname = 'currency')$$), NULL, 'money has its currency');
SELECT is(test.q('admin', $$SELECT string_agg(i.indexrelid::regclass::text, ' ') FROM tenantd.resources x JOIN pg_index i ON i.indrelid = format('%I.%I', schema_name, table_name)::regclass
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE a.attname <> 'tenant_id'$$), NULL, 'every index leads with the tenant');
SELECT is(test.as(who, $$INSERT INTO app.kill_switches (name, is_engaged) VALUES ('mail', true)$$), want, who || ' sets a switch: ' || want) FROM (VALUES ('amy', '!42501'), ('adam', 'INSERT 0 1')) v (who, want);
SELECT is(test.as('amy', 'SELECT name FROM app.kill_switches WHERE is_engaged'), 'mail', 'a member reads it');
SELECT is(test.as('amy', format($$INSERT INTO app.%s (%s) VALUES (%s) RETURNING concat_ws(' ', actor_id, trace_id)$$, t, c, v)), test.person('amy') || ' 0af7651916cd43dd8448eb211c80319c', t || ' says who wrote it in which request')
FROM (VALUES ('analytics_events', 'name', '''opened'''), ('log_events', 'source, message', '''a'', ''b'''), ('nexus_documents', 'title', '''x''')) v (t, c, v);
SELECT is(test.as('adam', $$UPDATE app.nexus_documents SET title = 'y' RETURNING actor_id$$), test.person('adam'), 'the last who wrote');

-- Neighbours.
SELECT is(test.as('amy', $$INSERT INTO app.vector_points (external_id, embedding) VALUES ('east', '{1,0}'), ('north', '{0,2}'), ('west', '{-3,0}'), ('nowhere', '{0,0}'), ('space', '{1,0,0}')$$), 'INSERT 0 5', 'points'),
  is(test.as('bea', $$INSERT INTO app.vector_points (external_id, embedding) VALUES ('beta', '{1,0}')$$, 'beta'), 'INSERT 0 1', 'and one of beta');
SELECT is((SELECT string_agg(concat_ws(' ', e ->> 'external_id', round((e ->> 'distance')::numeric, 3)), ', ') FROM json_array_elements(test.as('amy', format('SELECT app.vector_points_nearest(%L)', body))::json) e), want, body) FROM (VALUES
  ('{"embedding": [1, 0]}', 'east 0.000, north 1.000, west 2.000, nowhere'), ('{"embedding": [1, 0], "limit": 2, "metric": "euclidean"}', 'east 0.000, nowhere 1.000'),
  ('{"embedding": [0, 1, 0]}', 'space 1.000'), ('{"embedding": [0.6, 0.4], "metric": "cosine", "limit": 1}', 'east 0.168'), ('{"embedding": [1], "collection": "x"}', NULL)) v (body, want);
SELECT is((SELECT json_array_length(test.as('amy', $$SELECT app.vector_points_nearest('{"embedding": [1], "collection": "x"}')$$)::json)), 0, 'none is an empty list');
SELECT is(test.as('amy', format('SELECT app.vector_points_nearest(%L)', body)), '!TD400', 'refused: ' || body) FROM unnest(ARRAY['{}', '[]', '{"embedding": 1}', '{"embedding": []}', '{"embedding": [null]}', '{"embedding": ["x"]}', '{"embedding": ["NaN"]}', '{"embedding": ["1"]}', '{"embedding": [[1]]}', '{"embedding": [1], "metric": "x"}',
  '{"embedding": [1], "limit": 0}', '{"embedding": [1], "limit": 101}', '{"embedding": [1], "limit": 1.5}']) body;
SELECT is(test.as('amy', format('INSERT INTO app.vector_points (embedding) VALUES (%L)', e)), '!23514', 'no point: ' || e) FROM unnest(ARRAY['{}', '{NULL}', '{{1},{2}}', '{NaN}', '{1,Infinity}', '{-Infinity}']) e;

-- Bytes beside what is known of them.
SELECT is(test.as('amy', $$INSERT INTO app.media_objects (id, name) VALUES ('00000000-0000-4000-8000-00000000000a', 'a.txt') RETURNING concat_ws(' ', content_type, size, sha256)$$), '', 'a media object begins without bytes');
SELECT is(test.as('amy', $$INSERT INTO app.media_objects (name, size) VALUES ('a', 1)$$), '!42501', 'nobody says how many there are');
SELECT is(test.as('amy', $$INSERT INTO app.media_contents (id, content, content_type) VALUES ('00000000-0000-4000-8000-00000000000a', 'hello', 'text/plain') ON CONFLICT (tenant_id, id) DO UPDATE SET content = excluded.content, content_type = excluded.content_type$$), 'INSERT 0 1', 'its bytes come');
SELECT is(test.as('amy', $$SELECT concat_ws(' ', content_type, size, sha256) FROM app.media_objects$$), 'text/plain 5 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 'and the object knows of them');
SELECT is(test.as('bea', $$INSERT INTO app.media_contents (id, content) VALUES ('00000000-0000-4000-8000-00000000000a', 'hello')$$, 'beta'), '!23503', 'another tenant brings none to it'),
  is(test.as('amy', $$UPDATE app.media_contents SET content = 'hello again', content_type = 'text/x'$$), 'UPDATE 1', 'other bytes'),
  is(test.as('amy', $$SELECT concat_ws(' ', content_type, size) FROM app.media_objects$$), 'text/x 11', 'are known, too'), is(test.as('amy', $$UPDATE app.media_objects SET title = 'x' RETURNING concat_ws(' ', content_type, size)$$), 'text/x 11', 'and stay'),
  is(test.as('adam', 'DELETE FROM app.media_contents'), 'DELETE 1', 'bytes go'), is(test.as('amy', $$SELECT concat_ws(' ', content_type, size) FROM app.media_objects$$), '', 'and are known no more');
SELECT is(test.as('amy', $$INSERT INTO app.media_contents (id, content) SELECT id, convert_to(repeat('a', 16777217), 'UTF8') FROM app.media_objects$$), '!23514', 'bytes have a bound'),
  is(test.as('amy', format($$INSERT INTO app.media_contents (id, content, content_type) SELECT id, 'a', %L FROM app.media_objects$$, E'text/plain\r\nx: y')), '!23514', 'T98: a content type is one line'),
  is(test.as('amy', $$INSERT INTO app.media_contents (id, content) SELECT id, convert_to(repeat('a', 16777216), 'UTF8') FROM app.media_objects$$), 'INSERT 0 1', 'up to it they are kept'),
  is(test.as('adam', 'DELETE FROM app.media_objects'), 'DELETE 1', 'an object goes'), is(test.q('admin', 'SELECT count(*)::text FROM app.media_contents'), '0', 'with its bytes');
SELECT is(test.q('admin', $$SELECT string_agg(DISTINCT actor_id::text, ' ') FROM tenantd.audit_events WHERE action = 'media_contents.deleted' AND tenant_id = '$$ || test.tenant('alpha') || ''''), test.person('adam'), 'and the audit says by whom');

-- Campaigns.
SELECT is(test.as('amy', $$INSERT INTO app.campaigns (id, name) VALUES ('00000000-0000-4000-8000-00000000000c', 'spring') RETURNING status$$), 'draft', 'a campaign');
SELECT is(test.as('amy', $$UPDATE app.campaigns SET status = $$ || quote_literal(s)), '!TD409', 'is not made ' || s || ' by hand') FROM unnest(ARRAY['sending', 'sent']) s;
SELECT is(test.as('amy', $$INSERT INTO app.campaigns (name, status) VALUES ('x', 'sending')$$), '!TD409', 'nor begun so'),
  is(test.as('amy', $$INSERT INTO app.campaigns (name, sent_at) VALUES ('x', now()) RETURNING coalesce(sent_at::text, 'not sent')$$), 'not sent', 'nor said to be');
SELECT is(test.as('bea', $$SELECT app.campaign_send('00000000-0000-4000-8000-00000000000c')$$, 'beta'), '!TD404', 'T33: another tenant does not send it'),
  is((test.as('amy', $$SELECT app.campaign_send('00000000-0000-4000-8000-00000000000c')$$)::json ->> 'status'), 'sending', 'its own does'),
  is(test.as('amy', $$SELECT app.campaign_send('00000000-0000-4000-8000-00000000000c')$$), '!TD409', 'once'), is(test.as('amy', $$UPDATE app.campaigns SET status = 'sent' WHERE name = 'spring'$$), 'UPDATE 1', 'and then it is sent');
SELECT is(test.q('admin', $$SELECT concat_ws(' ', r.tenant_guard, a.tenant_guard) FROM tenantd.resources r JOIN tenantd.resource_actions a ON a.resource = r.name WHERE r.name = 'campaigns'$$), 'open active', 'preparing takes an open tenant, sending an active one');

-- The rest, in a line each.
SELECT is(test.as('amy', format('INSERT INTO app.%s VALUES (%s)', t, v)), want, format('%s: %s', want, t)) FROM (VALUES
  ('bossman_tasks (title, assignee_id)', format('''x'', %L', test.person('adam')), 'INSERT 0 1'), ('bossman_tasks (title, assignee_id)', format('''x'', %L', test.person('bea')), '!23503'),
  ('inventory_items (sku, name, quantity)', '''a'', ''A'', 3', 'INSERT 0 1'), ('inventory_items (sku, name, quantity)', '''a'', ''A'', 3', '!23505'), ('inventory_items (sku, name, quantity)', '''b'', ''B'', -1', '!23514'),
  ('bossman_tasks (id, title, parent_id)', '''00000000-0000-4000-8000-000000000001'', ''x'', ''00000000-0000-4000-8000-000000000001''', '!23514'), ('nexus_documents (title, external_id)', '''x'', ''1''', '!23514'),
  ('kpis (name, period_start, period_end, value)', '''x'', ''2026-01-01'', ''2026-01-31'', 1', 'INSERT 0 1'), ('kpis (name, period_start, period_end, value)', '''x'', ''2026-02-01'', ''2026-01-31'', 1', '!23514'),
  ('temperature_readings (sensor, celsius)', '''s'', 21.5', 'INSERT 0 1'), ('temperature_readings (sensor, celsius)', '''s'', -274', '!23514'),
  ('jobs (kind, payload)', '''mail'', ''{}''', 'INSERT 0 1'), ('page_contents (page, body)', '''home'', ''hi''', 'INSERT 0 1'), ('item_profiles (sku, name)', '''a'', ''A''', 'INSERT 0 1'), ('log_events (source, message, level)', '''a'', ''b'', ''loud''', '!22P02')) v (t, v, want);

SELECT is(test.as('amy', $$INSERT INTO app.inventory_items (sku, name, quantity, reorder_level) VALUES ('few', 'F', 2, 2), ('many', 'M', 3, 2), ('any', 'A', 0, NULL)$$), 'INSERT 0 3', 'stock'),
  is(test.as('amy', $$SELECT string_agg(sku, ' ') FROM app.inventory_items WHERE is_low$$), 'few', 'that is low says so');

SELECT * FROM finish();
DROP FUNCTION test.as;
