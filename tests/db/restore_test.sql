-- T134: a backup that was restored is what it was: the gate, which compares what walls are made of by the words that
-- PostgreSQL writes for them, finds nothing in a database that came out of pg_dump, nor in one whose every CHECK was made
-- again from its own text. With the shipped areas, and resources of every kind beside them.
SELECT no_plan();
SELECT test.world();
SELECT test.script('migrator', $$SET ROLE tenantd_owner; CREATE SCHEMA "odd app";
  CREATE TYPE "odd app".colour AS ENUM ('red', 'green');
  CREATE FUNCTION "odd app".holds(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 <> ''''';
  GRANT EXECUTE ON FUNCTION "odd app".holds TO tenantd_app;
  CREATE DOMAIN "odd app".short AS text CHECK ((VALUE <> '') AND (length(VALUE) < 9 OR VALUE LIKE 'long%'));
  CREATE TABLE "odd app".things (short "odd app".short DEFAULT 'x', id uuid PRIMARY KEY DEFAULT gen_random_uuid(), colour "odd app".colour DEFAULT 'red', n integer CHECK (n BETWEEN 1 AND 9 OR n IN (11, 12)),
    "the word" varchar(20) COLLATE "C" CHECK ("the word" LIKE 'a%' AND NOT ("the word" = ANY ('{ab,ac}') OR length("the word") > 3)), doubled integer GENERATED ALWAYS AS (n * 2) STORED);
  CREATE INDEX ON "odd app".things (lower("the word")) WHERE n > 1;
  CREATE INDEX ON "odd app".things (n, (n % 3)) WHERE ((n > 1) AND (n < 9 OR n IN (11, 12))) OR n IS NULL;
  CREATE TABLE "odd app".parts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, thing uuid, word text CHECK ("odd app".holds(word)));
  CREATE TABLE "odd app".mine (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), word text)$$);
SELECT is(test.q('migrator', r), n, n || ' is registered') FROM (VALUES ($$SELECT tenantd.register_resource('"odd app".things')$$, 'things'),
  ($$SELECT tenantd.register_resource('"odd app".mine', user_scoped => true, append_only => true)$$, 'mine')) v (r, n);
SELECT test.script('migrator', 'ALTER TABLE "odd app".parts ADD FOREIGN KEY (tenant_id, thing) REFERENCES "odd app".things ON DELETE CASCADE'),
  is(test.q('migrator', $$SELECT tenantd.register_resource('"odd app".parts')$$), 'parts', 'with a key that a trigger follows'),
  test.script('migrator', 'CREATE VIEW "odd app".counts WITH (security_invoker = true) AS SELECT t.id, t.tenant_id, t.env, t.colour, count(p.id) AS parts FROM "odd app".things t LEFT JOIN "odd app".parts p ON p.thing = t.id GROUP BY 1, 2, 3, 4'),
  is(test.q('migrator', $$SELECT tenantd.register_resource('"odd app".counts')$$), 'counts', 'and a view');
SELECT is(test.act('app', 'amy', test.tenant('alpha'), $$INSERT INTO "odd app".things (n, "the word") VALUES (3, 'a')$$), 'INSERT 0 1', 'with a row');
SELECT is(test.gate(), NULL, 'the gate is clean before');
SELECT test.close(c) FROM unnest(ARRAY['admin', 'app', 'app2', 'migrator', 'errands']) c;

\! pg_dump -Fc -f "$PGHOST/tenantd.dump" tenantd || echo 'not ok - pg_dump'
ALTER DATABASE tenantd RENAME TO before;
CREATE DATABASE tenantd TEMPLATE template0;
\! pg_restore --exit-on-error -d tenantd "$PGHOST/tenantd.dump" || echo 'not ok - pg_restore'
\! psql -X -q -v ON_ERROR_STOP=1 -d tenantd -f "$TEST_DATABASE_DIR/roles.sql" >"$PGHOST/roles.log" 2>&1 || cat "$PGHOST/roles.log"

SELECT test.connect('admin', 'postgres'), test.connect('app', 'tenantd_app');
SELECT is(test.gate(), NULL, 'T134: the gate is clean on what was restored');
SELECT is(test.act('app', 'amy', test.tenant('alpha'), 'SELECT concat_ws('' '', n, "the word", doubled, version) FROM "odd app".things'), '3 a 6 1', 'T134: which serves');
SELECT is(test.act('app', 'bea', test.tenant('beta'), 'SELECT count(*)::text FROM "odd app".things'), '0', 'T134: to whom it is');

CREATE FUNCTION test.checks() RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', $q$SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', conrelid::regclass, conname, conname, pg_get_constraintdef(oid)), '; ')
    FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0$q$)
$$;
SELECT cmp_ok(array_length(string_to_array(test.checks(), '; '), 1), '>', 20, 'T134: every CHECK'), is(test.script('admin', test.checks()), 'ALTER TABLE', 'T134: made again from its text'),
  is(test.gate(), NULL, 'T134: leaves the gate clean');
-- What is respelled and means another thing is found.
SELECT test.script('admin', $$ALTER TABLE tenantd.tenants DROP CONSTRAINT tenants_slug_check, ADD CONSTRAINT tenants_slug_check CHECK (slug <> '')$$),
  is(test.gate(), 'table tenantd.tenants: catalog: constraint tenants_slug_check is not what it was', 'T134: another CHECK is found');

SELECT * FROM finish();
SELECT test.close(c) FROM unnest(ARRAY['admin', 'app']) c;
DROP FUNCTION test.checks;
DROP DATABASE before;
