-- The ledger of clients that name their tenant by a header: who may write into it, and what stops the switch to `off`.

SELECT no_plan();
SELECT test.world();

-- One use, told by a worker: the values stand in the purpose of the proof.
CREATE FUNCTION test.used(client text, alone text DEFAULT 't', told text DEFAULT NULL, told_alone text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('app', test.call('tenantd.header_use', test.claim(test.pid('app'), 'ann', purpose => format('header %s %s', alone, client)),
    more => format(', %L, %L', coalesce(told_alone, alone), coalesce(told, client))))
$$;
CREATE FUNCTION test.ledger() RETURNS text LANGUAGE sql AS $$
  SELECT test.q('migrator', 'SELECT concat_ws('' '', env, issuer, client, use, days, minutes, stops) FROM tenantd.operator_cutover() ORDER BY client')
$$;
CREATE FUNCTION test.needing(envs text DEFAULT '{prod}') RETURNS text LANGUAGE sql AS $$
  SELECT test.q('app', format('SELECT tenantd.header_clients(%L)::text', envs))
$$;

SELECT is(test.ledger(), NULL, 'nothing is noted at first');
SELECT is(test.needing(), '0', 'and nothing stops the switch');

SELECT is(test.used('shop'), '', 'a worker notes a use');
SELECT is(test.used('shop'), '', 'and a second one');
SELECT is(test.used('till', 'f'), '', 'and one beside a claim');
SELECT ok(test.ledger() ~ '^prod https://id.example shop alone 1 [12] t\nprod https://id.example till beside_claim 1 1 f$',
  'a client has one row for a day, and only one that needs the header stops the switch');
SELECT is(test.needing(), '1', 'it is one client');
SELECT is(test.needing('{dev,staging}'), '0', 'in another env it stops nothing');

-- By hand, as the workers' role.
SELECT is(test.used('shop', told => 'made-up'), '!TD503', 'a client that the proof does not name is refused');
SELECT is(test.used('shop', 'f', told_alone => 't'), '!TD503', 'and so is another use');
SELECT is(test.q('app', test.call('tenantd.header_use', test.claim(test.pid('app'), 'ann'), more => ', true, ''shop''')), '!TD503',
  'and so is the proof for entering');
SELECT is(test.q('app', 'SELECT client FROM tenantd.header_uses'), '!42501', 'the ledger is not read by hand');
SELECT is(test.script('app', $$INSERT INTO tenantd.header_uses VALUES ('prod', 'i', 'made-up', true, '2026-01-01')$$), '!42501', 'nor written');
SELECT is(test.script('app', $$DELETE FROM tenantd.header_uses$$), '!42501', 'nor emptied');
SELECT is(test.script('app', $$INSERT INTO tenantd.cutovers (env, forced_by, reason) VALUES ('prod', 'me', 'so')$$), '!42501',
  'nor is the switch forced');
SELECT is(test.q('app', $$SELECT tenantd.operator_cutover_force('prod', 'so', 'me')::text$$), '!42501', 'nor by the operator''s function');

-- Time.
SELECT test.script('admin', $$UPDATE tenantd.header_uses SET last_at = now() - interval '6 days 23 hours'$$);
SELECT is(test.needing(), '1', 'a use of this week stops the switch');
SELECT test.script('admin', $$UPDATE tenantd.header_uses SET last_at = now() - interval '7 days 1 minute', day = current_date - 91$$);
SELECT is(test.needing(), '0', 'an older one does not');
SELECT is(test.used('shop'), '', 'when it is used again');
SELECT ok(test.ledger() ~ '^prod https://id.example shop alone 1 1 t$', 'it counts again, and what is older than 90 days is gone');

-- The operator's word.
SELECT is(test.q('migrator', $$SELECT tenantd.operator_cutover_force('prod', 'the shop is closed', 'olga')::text$$), 'prod',
  'the operator forces the switch');
SELECT is(test.needing() || ' ' || test.q('admin', $$SELECT concat_ws(' ', action, actor_kind, actor_label, env, object_id) FROM tenantd.system_events
  WHERE object_type = 'cutover'$$), '0 cutover.created operator olga prod prod', 'and the log says who did it');

SELECT * FROM finish();
