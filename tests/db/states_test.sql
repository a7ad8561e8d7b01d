-- The states of a membership: the table of docs/joining.md, the function that has its rows, and what the guard of the table makes of
-- them, for every pair of statuses and everybody who could bring it about.
SELECT no_plan();
SELECT test.world();

CREATE TABLE test.page (line text);
\set page `sed -n '/^## The states of a membership/,$p' "$TEST_DATABASE_DIR/../docs/joining.md"`
INSERT INTO test.page SELECT string_to_table(:'page', E'\n');
CREATE TABLE test.told AS SELECT m[1] AS was, m[2] AS becomes, m[3] AS by
  FROM test.page, regexp_match(line, '^\| (none|pending|active|suspended|rejected|removed) \| (\w+) \| (\w+) \|') m WHERE m IS NOT NULL;
SELECT is((SELECT count(*) FROM test.told), 18::bigint, 'the page has 18 rows'), is((SELECT count(*) FROM (SELECT DISTINCT * FROM test.told) t), 18::bigint, 'each of them once');

CREATE TABLE test.pairs AS SELECT was, becomes, by, EXISTS (SELECT 1 FROM test.told t WHERE (t.was, t.becomes, t.by) = (w.was, b.becomes, y.by)) AS may
  FROM unnest(ARRAY['none', 'pending', 'active', 'suspended', 'rejected', 'removed']) w (was),
    unnest(ARRAY['pending', 'active', 'suspended', 'rejected', 'removed']) b (becomes),
    unnest(ARRAY['admin', 'self', 'invited', 'enrolled', 'asking', 'bootstrap', 'stranger']) y (by);
SELECT is((SELECT count(*) FROM test.pairs WHERE may), 18::bigint, 'every row of the page is one of the pairs that are tried');
SELECT is(test.q('admin', format('SELECT tenantd.member_may_become(%L, %L, %L)::text', nullif(was, 'none'), becomes, by)), may::text,
  format('the function says of %s to %s by %s what the page says', was, becomes, by)) FROM test.pairs;

-- The guard, in the context that each of them has: pat of alpha is made `was` by the superuser, and then everybody tries.
CREATE FUNCTION test.step(was text, becomes text, by text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  who text := CASE by WHEN 'admin' THEN 'ann' ELSE 'pat' END;
  kind text := CASE by WHEN 'admin' THEN 'tenant_admin' WHEN 'self' THEN 'member' ELSE by END;
  answer text;
BEGIN
  PERFORM dblink_exec('admin', format('BEGIN; DELETE FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('pat')));
  IF was <> 'none' THEN
    PERFORM dblink_exec('admin', format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, %L)',
      test.tenant('alpha'), test.person('pat'), was));
  END IF;
  PERFORM dblink_exec('admin', format('SET LOCAL ROLE tenantd_context; DO $d$ BEGIN PERFORM tenantd.seal(%L, %L, ''prod'', %L, NULL, %L, NULL, NULL, NULL); END $d$; RESET ROLE',
    test.key_id(), test.tenant('alpha'), test.person(who), kind));
  answer := test.q('admin', CASE was WHEN 'none' THEN format('INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (%L, ''prod'', %L, %L)',
      test.tenant('alpha'), test.person('pat'), becomes)
    ELSE format('UPDATE tenantd.tenant_members SET status = %L WHERE tenant_id = %L AND user_id = %L', becomes, test.tenant('alpha'), test.person('pat')) END);
  PERFORM dblink_exec('admin', 'ROLLBACK');
  RETURN answer;
END $$;
-- A status that stays is no step. From outside there is no act that leaves it, and inside there must be an active member who acts.
SELECT is(CASE WHEN test.step(was, becomes, by) LIKE '!TD%' THEN 'refused' ELSE 'done' END,
  CASE WHEN was = becomes AND (by = 'admin' OR (by = 'self' AND was = 'active')) THEN 'done' WHEN may THEN 'done' ELSE 'refused' END,
  format('the guard does of %s to %s by %s what the page says', was, becomes, by)) FROM test.pairs;
-- The outside contexts are for the user's own row.
SELECT test.script('admin', format('BEGIN; SET LOCAL ROLE tenantd_context; DO $d$ BEGIN PERFORM tenantd.seal(%L, %L, ''prod'', %L, NULL, %L, NULL, NULL, NULL); END $d$; RESET ROLE',
    test.key_id(), test.tenant('alpha'), test.person('pat'), k)),
  is(test.q('admin', format('UPDATE tenantd.tenant_members SET status = ''active'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('rem'))), '!TD403', k || ': not another''s membership'),
  test.script('admin', 'ROLLBACK') FROM unnest(ARRAY['invited', 'asking', 'bootstrap']) k;

-- What the guard keeps about it.
SELECT is(test.script('admin', format('UPDATE tenantd.tenant_members SET message = ''let me in'' WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('pat'))), 'UPDATE 1', 'pat left a message'),
  is(test.act('app', 'adam', test.tenant('alpha'), format('UPDATE tenantd.tenant_members SET status = ''rejected'' WHERE user_id = %L', test.person('pat'))), 'UPDATE 1', 'and is rejected'),
  is(test.q('admin', format('SELECT concat_ws('' '', message IS NULL, status_at > created_at, joined_at IS NOT NULL) FROM tenantd.tenant_members WHERE tenant_id = %L AND user_id = %L', test.tenant('alpha'), test.person('pat'))), 't t t', 'the message is gone, and the time is kept');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), c, 'tenant_admin'), '!42501', 'T52: a worker sets neither: ' || c)
FROM unnest(ARRAY['UPDATE tenantd.tenant_members SET status_at = now()', 'UPDATE tenantd.tenant_members SET message = ''x''',
  'INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status) VALUES (gen_random_uuid(), ''prod'', gen_random_uuid(), ''active'')']) c;

SELECT * FROM finish();
DROP TABLE test.page, test.told, test.pairs;
DROP FUNCTION test.step;
