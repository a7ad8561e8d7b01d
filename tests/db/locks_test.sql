-- T130: a lock that somebody holds on one table is that table's matter. The gate answers in time, and says of it that it could
-- not look; what is served from it is unavailable, and nothing else.
SELECT no_plan();
SELECT test.world();
SELECT test.script('migrator', $$SET ROLE tenantd_owner; CREATE SCHEMA app;
  CREATE TABLE app.things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), word text);
  CREATE FUNCTION app.holds(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; GRANT EXECUTE ON FUNCTION app.holds TO tenantd_app;
  CREATE TABLE app.parts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, thing uuid, word text CHECK (app.holds(word)));
  CREATE TABLE app.others (id uuid PRIMARY KEY DEFAULT gen_random_uuid())$$);
SELECT is(test.q('migrator', format('SELECT tenantd.register_resource(''app.%s'')', t)), t, t || ' is registered') FROM unnest(ARRAY['things', 'others']) t;
SELECT test.script('migrator', 'ALTER TABLE app.parts ADD FOREIGN KEY (tenant_id, thing) REFERENCES app.things ON DELETE CASCADE'),
  is(test.q('migrator', $$SELECT tenantd.register_resource('app.parts')$$), 'parts', 'with a key that is followed');
SELECT is(test.gate(), NULL, 'the gate is clean');

-- The findings while the table is locked, and whether they came in time.
CREATE FUNCTION test.locked(relation text, mode text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  began timestamptz;
  said text;
BEGIN
  PERFORM dblink_exec('migrator', 'BEGIN'), dblink_exec('migrator', format('LOCK TABLE %s IN %s MODE', relation, mode));
  began := clock_timestamp();
  SELECT string_agg(concat_ws(' ', f.stops, f.object), E'\n' ORDER BY f.n) INTO said FROM test.findings() f;
  PERFORM dblink_exec('migrator', 'ROLLBACK');
  RETURN said || CASE WHEN clock_timestamp() - began > interval '3 seconds' THEN format(' after %s', clock_timestamp() - began) ELSE '' END;
END $$;
SELECT is(test.locked('app.' || t, mode), 'resource table app.' || t, format('T130: %s on %s stops that resource alone, and is told in time', mode, t))
FROM unnest(ARRAY['things', 'parts', 'others']) t, unnest(ARRAY['ACCESS EXCLUSIVE', 'SHARE']) mode;
SELECT is(test.gate(), NULL, 'T130: and when it is let go the gate is clean');

-- A view that reads it cannot be looked at either; the others can.
SELECT test.script('migrator', 'CREATE VIEW app.seen WITH (security_invoker = true) AS SELECT id, tenant_id, env, word FROM app.things; CREATE VIEW app.all WITH (security_invoker = true) AS SELECT id, tenant_id, env FROM app.others'),
  is(test.q('migrator', format('SELECT tenantd.register_resource(''app.%s'')', v)), v, v || ' is registered') FROM unnest(ARRAY['seen', 'all']) v;
SELECT is(test.locked('app.things', 'ACCESS EXCLUSIVE'), E'resource view app.seen\nresource table app.things', 'T130: a view that reads it waits with it');
-- A lock that keeps nobody out is nobody's matter.
SELECT is(test.locked('app.things', mode), NULL, format('T130: %s is no finding', mode)) FROM unnest(ARRAY['ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'ACCESS SHARE']) mode;
-- What is wrong with another table is told all the same.
SELECT test.script('admin', 'GRANT TRUNCATE ON app.others TO tenantd_app'), is(test.locked('app.things', 'ACCESS EXCLUSIVE'), E'service table app.others\nresource view app.seen\nresource table app.things', 'T130: beside what is wrong elsewhere'),
  test.script('admin', 'REVOKE TRUNCATE ON app.others FROM tenantd_app'), is(test.gate(), NULL, 'T130: at the end it is clean');

SELECT * FROM finish();
DROP FUNCTION test.locked;
