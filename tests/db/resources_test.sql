-- register_resource: what it makes of a table, what it refuses and why, and that the gate sees when somebody
-- undoes it afterwards.
SELECT no_plan();
SELECT test.world();
SELECT test.script('migrator', 'SET ROLE tenantd_owner; CREATE SCHEMA app; CREATE SCHEMA billing');

-- What the owner's statement answers; the refusal's text with test.refusal.
CREATE FUNCTION test.o(query text) RETURNS text LANGUAGE sql AS $$ SELECT test.q('migrator', query) $$;
-- The refusal of registering app.t made by this DDL; null when it was taken. Nothing of it stays.
CREATE FUNCTION test.refused(ddl text, more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  PERFORM dblink_exec('migrator', 'BEGIN');
  PERFORM dblink_exec('migrator', ddl);
  answer := test.refusal('migrator', format('SELECT tenantd.register_resource(''app.t''%s)', more));
  PERFORM dblink_exec('migrator', 'ROLLBACK');
  RETURN answer;
END $$;
-- As ann of alpha, or who is named, in a transaction of its own.
CREATE FUNCTION test.as(who text, query text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant(tenant), query)
$$;
-- What the gate says once this was done, by a superuser, and is undone again.
CREATE FUNCTION test.gate_after(doing text, undoing text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  PERFORM dblink_exec('admin', doing);
  said := test.gate();
  PERFORM dblink_exec('admin', undoing);
  RETURN said;
END $$;

-- One call -----------------------------------------------------------------------------------------------------

SELECT test.script('migrator', $$CREATE TYPE app.colour AS ENUM ('red', 'green');
  CREATE TABLE app.invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number text NOT NULL, total numeric(12, 2), due date,
    paid boolean NOT NULL DEFAULT false, tags text[], meta jsonb, colour app.colour DEFAULT 'red',
    net numeric GENERATED ALWAYS AS (total / 1.2) STORED, noted_at timestamptz DEFAULT now())$$);
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoices')$$), 'invoices', 'one call makes a table a resource');
SELECT is(test.gate(), NULL, 'and the gate is content with it');
SELECT is(test.o($$SELECT concat_ws(' ', name, schema_name, table_name, key_column, read_role, create_role, update_role, delete_role, tenant_guard, user_scoped, append_only)
  FROM tenantd.resources$$), 'invoices app invoices id member member member tenant_admin active f f', 'with the defaults');
SELECT is(test.o($$SELECT string_agg(pg_get_constraintdef(oid), E'\n' ORDER BY contype DESC) FROM pg_constraint WHERE conrelid = 'app.invoices'::regclass$$),
  E'PRIMARY KEY (tenant_id, id)\nFOREIGN KEY (tenant_id, env) REFERENCES tenantd.tenants(id, env)', 'its key leads with the tenant, and its env is its tenant''s');
SELECT is(test.o($$SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'app.invoices'::regclass AND attnum > 0 AND attnotnull$$),
  'id,number,paid,tenant_id,env,version,created_at,updated_at', 'what must be there is');
SELECT is(test.o($$SELECT array_to_string(tenantd.privileges_of('app.invoices'), ' ')$$),
  'DELETE INSERT(colour) INSERT(due) INSERT(env) INSERT(id) INSERT(meta) INSERT(noted_at) INSERT(number) INSERT(paid) INSERT(tags) INSERT(tenant_id) INSERT(total) SELECT '
  'UPDATE(colour) UPDATE(due) UPDATE(meta) UPDATE(noted_at) UPDATE(number) UPDATE(paid) UPDATE(tags) UPDATE(total)', 'the workers write no column that the database fills');
SELECT is((SELECT concat_ws(' ', d ->> 'name', d ->> 'table', d ->> 'key', d #>> '{roles,delete}', d -> 'actions', json_array_length(d -> 'columns'), d #>> '{columns,7,values}', d #>> '{columns,8,on_create}')
  FROM (SELECT test.o($$SELECT tenantd.describe_resource('invoices')$$)::json d) v), 'invoices app.invoices id tenant_admin [] 17 ["red", "green"] false', 'it can be described');
SELECT is(test.o($$SELECT tenantd.describe_resource('nothing')$$), '!42704', 'what is not there cannot');

-- What people call it, and whose ids its columns hold.
SELECT is(test.q('app', $$SELECT title FROM tenantd.served_resources()$$), 'Invoices', 'a title is made of the name'),
  is(test.o($$SELECT tenantd.title_of('invoice_lines_2')$$), 'Invoice lines 2', 'with blanks');
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoices', title => 'Bills & notes')$$), 'invoices', 'or it is given'),
  is(test.o($$SELECT tenantd.refresh_resource('invoices')$$), '', '(refreshed)'), is(test.gate(), NULL, '(and the gate is content)'),
  is(test.q('app', $$SELECT title FROM tenantd.served_resources()$$), 'Bills & notes', 'and stays');
SELECT matches(test.refusal('migrator', format($$SELECT tenantd.register_resource('app.invoices', title => %L)$$, t)), 'is no title: title => ', 'a title is one line')
FROM (VALUES (''), (' '), (E'a\nb'), (repeat('x', 101))) v (t);
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoices')$$), 'invoices', '(back to the default)');
SELECT is(test.q('app', $$SELECT string_agg(name, ' ') FROM tenantd.served_columns() WHERE is_person$$), 'created_by updated_by', 'the stamps hold people');
SELECT test.script('migrator', $$CREATE TABLE app.errands (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, runner uuid, other uuid, user_id uuid, actor_id uuid, trace_id text,
  FOREIGN KEY (tenant_id, runner) REFERENCES tenantd.tenant_members (tenant_id, user_id)); SELECT tenantd.register_resource('app.errands')$$);
SELECT is(test.q('app', $$SELECT string_agg(name, ' ') FROM tenantd.served_columns() WHERE is_person AND resource = 'errands'$$), 'runner actor_id created_by updated_by',
  'so do keys to the members, and who acted; another uuid does not');
SELECT is(test.o($$SELECT tenantd.register_resource('app.errands', user_scoped => true)$$), 'errands', '(now it is a user''s)'),
  is(test.q('app', $$SELECT count(*)::text FROM tenantd.served_columns() WHERE is_person AND resource = 'errands' AND name = 'user_id'$$), '1', 'whose rows they are is a person');
SELECT test.script('migrator', $$SELECT tenantd.unregister_resource('errands'); DROP TABLE app.errands$$);

-- Stamps and audit: the database's, whatever the caller writes.
SELECT is(test.as('amy', $$INSERT INTO app.invoices (number) VALUES ('1') RETURNING concat_ws(' ', tenant_id, env, version, created_by, updated_by, created_at = now())$$),
  concat_ws(' ', test.tenant('alpha'), 'prod 1', test.person('amy'), test.person('amy'), 't'), 'a row without a tenant goes to the context''s, with who and when');
SELECT is(test.as('amy', format('INSERT INTO app.invoices (number, %s) VALUES (''x'', %s)', c, v)), CASE c WHEN 'net' THEN '!428C9' ELSE '!42501' END, 'nobody writes ' || c)
FROM (VALUES ('version', '7'), ('created_by', 'gen_random_uuid()'), ('created_at', 'now()'), ('updated_at', 'now()'), ('updated_by', 'NULL'), ('net', '1')) v (c, v);
SELECT is(test.as('adam', $$UPDATE app.invoices SET paid = true RETURNING concat_ws(' ', version, created_by, updated_by)$$),
  concat_ws(' ', 2, test.person('amy'), test.person('adam')), 'a change has its version, and keeps who made the row');
SELECT is(test.as('adam', format('UPDATE app.invoices SET %s = %L', c, v)), '!42501', 'T52: nobody changes ' || c)
FROM (VALUES ('tenant_id', test.tenant('beta')), ('env', 'dev'), ('id', test.tenant('beta'))) v (c, v);
SELECT is(test.q('admin', $$UPDATE app.invoices SET env = 'dev'$$), '!TD403', 'T52: nor does anybody beyond the workers');
SELECT is(test.as('amy', 'DELETE FROM app.invoices'), 'DELETE 0', 'a member deletes nothing, for that takes a tenant_admin'),
  is(test.as('bob', 'DELETE FROM app.invoices', 'beta'), 'DELETE 0', 'nor does the owner of another tenant'),
  is(test.as('adam', 'DELETE FROM app.invoices'), 'DELETE 1', 'who may, does');
SELECT is(test.q('admin', $$SELECT string_agg(concat_ws(' ', action, actor_id, fields), E'\n' ORDER BY at) FROM tenantd.audit_events WHERE object_type = 'invoices'$$),
  format(E'invoices.created %s {}\ninvoices.updated %s {paid}\ninvoices.deleted %s {}', test.person('amy'), test.person('adam'), test.person('adam')), 'and all of it is in the audit');

-- Again, with other arguments.
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoices')$$), 'invoices', 'the call may be made again'), is(test.gate(), NULL, 'and nothing is open');
SELECT is(test.o($$SELECT count(*)::text FROM pg_trigger WHERE tgrelid = 'app.invoices'::regclass AND NOT tgisinternal$$), '2', 'nothing is there twice');
SELECT test.script('migrator', $$CREATE FUNCTION app.invoice_total(id uuid) RETURNS json LANGUAGE sql SET search_path = pg_catalog AS 'SELECT to_json(total) FROM app.invoices WHERE invoices.id = $1'$$);
SELECT is(test.o($$SELECT tenantd.register_action('invoices', 'total', 'app.invoice_total(uuid)')$$), '', 'an action is registered');
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoices', name => 'bills', read_role => 'tenant_admin', create_role => 'tenant_admin', append_only => true)$$), 'bills', 'under another name, append-only');
SELECT is(test.gate(), NULL, 'the gate expects what was said last');
SELECT is(test.o($$SELECT string_agg(r.name || ' ' || a.name, ',') FROM tenantd.resources r JOIN tenantd.resource_actions a ON a.resource = r.name$$), 'bills total', 'its actions go with it');
SELECT is(test.as('amy', $$INSERT INTO app.invoices (number) VALUES ('2')$$), '!42501', 'now a member adds nothing'), is(test.as('adam', 'DELETE FROM app.invoices'), '!42501', 'and nobody deletes'),
  is(test.as('adam', 'UPDATE app.invoices SET number = ''3'''), '!42501', 'or changes'), is(test.as('adam', $$INSERT INTO app.invoices (number) VALUES ('2')$$), 'INSERT 0 1', 'who may, adds'), is(test.as('amy', 'SELECT count(*)::text FROM app.invoices'), '0', 'and a member sees nothing');
SELECT test.script('migrator', 'ALTER TABLE app.invoices ADD COLUMN note text');
SELECT is(test.as('adam', $$INSERT INTO app.invoices (number, note) VALUES ('4', 'x')$$), '!42501', 'a column that came later is not written'),
  is(test.o($$SELECT tenantd.refresh_resource('bills')$$), '', 'until the resource is refreshed'),
  is(test.as('adam', $$INSERT INTO app.invoices (number, note) VALUES ('4', 'x')$$), 'INSERT 0 1', 'then it is'), is(test.as('amy', $$SELECT count(*)::text FROM app.invoices$$), '0', 'by the same roles'), is(test.gate(), NULL, 'and the gate is content');
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoices', rows_of => NULL)$$), 'invoices', 'a table with rows is registered again, back to the defaults');
SELECT is(test.as('amy', 'SELECT count(*)::text FROM app.invoices'), '2', 'and a member sees its rows');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM pg_constraint WHERE conrelid = 'app.invoices'::regclass AND NOT convalidated$$), '0', 'with every constraint valid');

-- Names.
SELECT test.script('migrator', 'CREATE TABLE billing.invoices (id uuid PRIMARY KEY); CREATE TABLE app."Odd Name" (id text PRIMARY KEY, "a ""b""" text, "select" int)');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('billing.invoices')$$), 'the name invoices is taken by app.invoices: name => ', 'a name is one table''s');
SELECT is(test.o($$SELECT tenantd.register_resource('billing.invoices', name => 'billing_invoices')$$), 'billing_invoices', 'another name is free');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app."Odd Name"')$$), '''Odd Name'' is no name for a resource: name =>', 'a name stands in a path');
SELECT is(test.o($$SELECT tenantd.register_resource('app."Odd Name"', name => 'odd')$$), 'odd', 'a table may be named as it likes'), is(test.gate(), NULL, 'the gate quotes');
SELECT is(test.as('amy', $$INSERT INTO app."Odd Name" (id, "a ""b""", "select") VALUES ('k/1', 'x', 1) RETURNING id$$), 'k/1', 'a text key is the caller''s');
SELECT is(test.as('bea', $$INSERT INTO app."Odd Name" (id) VALUES ('k/1') RETURNING id$$, 'beta'), 'k/1', 'T45: and the same in another tenant');
SELECT is(test.o($$SELECT tenantd.unregister_resource('odd')$$), '', 'a resource can be given up'), is(test.gate(), NULL, 'the gate is content'),
  is(test.as('amy', 'SELECT 1 FROM app."Odd Name"'), '!42501', 'nobody is served from it'), is(test.o($$SELECT tenantd.unregister_resource('odd')$$), '!42704', 'once');
SELECT test.script('migrator', 'ALTER TABLE billing.invoices RENAME TO bills'), matches(test.gate(), 'table billing.invoices: catalog: does not exist', 'the gate misses a table that was renamed');
SELECT is(test.o($$SELECT tenantd.unregister_resource('billing_invoices')$$), '', 'what is gone can be given up'), is(test.o($$SELECT tenantd.register_resource('billing.bills')$$), 'bills', 'and registered as it is'), is(test.gate(), NULL, 'then all is well');

-- Rows that are there, tables that bring their own columns.
SELECT test.script('migrator', $$CREATE TABLE app.old (code text PRIMARY KEY, v int); INSERT INTO app.old VALUES ('a', 1), ('b', 2)$$);
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app.old')$$), 'has rows that are in no tenant', 'rows belong to a tenant'),
  matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app.old', rows_of => gen_random_uuid())$$), 'there is no tenant', 'that is there');
SELECT is(test.o(format($$SELECT tenantd.register_resource('app.old', rows_of => %L)$$, test.tenant('beta'))), 'old', 'rows_of gives them to one'), is(test.gate(), NULL, 'the gate is content');
SELECT is(test.as('bea', $$SELECT string_agg(concat_ws(' ', code, v, version, env), ',' ORDER BY code) FROM app.old$$, 'beta'), 'a 1 1 prod,b 2 1 prod', 'they are its'), is(test.as('amy', 'SELECT count(*)::text FROM app.old'), '0', 'and no other''s');
SELECT is(test.o($$SELECT key_column FROM tenantd.resources WHERE name = 'old'$$), 'code', 'the key keeps its name');
SELECT test.script('migrator', format($$CREATE TABLE app.mine (id bigint, tenant_id uuid, created_at timestamptz, version integer, name text, PRIMARY KEY (id, tenant_id), UNIQUE (tenant_id, name));
  INSERT INTO app.mine (id, tenant_id, name) VALUES (1, %L, 'x'), (1, %L, 'x')$$, test.tenant('alpha'), test.tenant('gamma')));
SELECT is(test.o($$SELECT tenantd.register_resource('app.mine')$$), 'mine', 'a table may bring its tenants'), is(test.gate(), NULL, 'the gate is content');
SELECT is(test.q('admin', $$SELECT string_agg(concat_ws(' ', env, version, created_at IS NOT NULL), ',' ORDER BY env) FROM app.mine$$), 'dev 1 t,prod 1 t', 'each row has its tenant''s env'),
  is(test.o($$SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'app.mine'::regclass AND contype = 'p'$$), 'PRIMARY KEY (tenant_id, id)', 'the key is turned round');
SELECT matches(test.refused(format($$CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid); INSERT INTO app.t VALUES (gen_random_uuid(), %L), (gen_random_uuid(), NULL)$$, test.tenant('alpha'))), 'in no tenant', 'not one row may be without');
SELECT matches(test.refused($$CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid); INSERT INTO app.t VALUES (gen_random_uuid(), gen_random_uuid())$$), 'there is no such tenant', 'or of a tenant that is not');
SELECT matches(test.refused(format($$CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, env tenantd.env); INSERT INTO app.t VALUES (gen_random_uuid(), %L, 'dev')$$, test.tenant('alpha'))), 'in env dev, and there is no such tenant', 'or of another env than its tenant');
SELECT is(test.refused(format($$CREATE TABLE app.t (id uuid PRIMARY KEY, v int, CONSTRAINT later UNIQUE (id) DEFERRABLE INITIALLY DEFERRED); ALTER TABLE app.t DROP CONSTRAINT later;
  ALTER TABLE app.t ADD COLUMN up uuid; INSERT INTO app.t (id) VALUES (gen_random_uuid()); ALTER TABLE app.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY$$), format(', rows_of => %L', test.tenant('alpha'))), NULL, 'a wall of before hides no row from the registration');

-- The common columns say what they are, where the table has not said so itself.
SELECT test.script('migrator', $$CREATE TABLE app.t (id uuid PRIMARY KEY, updated_at timestamptz); COMMENT ON COLUMN app.t.updated_at IS 'mine'; SELECT tenantd.register_resource('app.t')$$);
SELECT is(test.q('admin', $$SELECT string_agg(col_description(attrelid, attnum), ', ' ORDER BY attname) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname IN ('version', 'updated_at', 'tenant_id')$$),
  'The tenant whose row it is, mine, Counts the changes of the row, from 1', 'comments of the common columns');
SELECT test.script('migrator', $$SELECT tenantd.unregister_resource('t'); DROP TABLE app.t$$);

-- Refusals: each says what to change ---------------------------------------------------------------------------

SELECT matches(test.refused(ddl, more), 'app.t cannot be made a resource: .*' || want, 'refused: ' || coalesce(nullif(more, ''), ddl)) FROM (VALUES
  ('CREATE VIEW app.t AS SELECT 1 AS id', '', 'it shows what its owner sees: ALTER VIEW app.t SET'),
  ('CREATE MATERIALIZED VIEW app.t AS SELECT 1 AS id', '', 'it is a materialized view'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY) PARTITION BY HASH (id)', '', 'it is a partitioned table'),
  ('CREATE SEQUENCE app.t', '', 'it is a relation of kind S'),
  ('CREATE TABLE app.p (id uuid PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE app.t PARTITION OF app.p FOR VALUES WITH (MODULUS 1, REMAINDER 0)', '', 'it inherits or is inherited from'),
  ('CREATE TABLE app.p (id uuid PRIMARY KEY); CREATE TABLE app.t (PRIMARY KEY (id)) INHERITS (app.p)', '', 'make it stand alone'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE TABLE app.c () INHERITS (app.t)', '', 'make it stand alone'),
  ('CREATE UNLOGGED TABLE app.t (id uuid PRIMARY KEY)', '', 'make it LOGGED'),
  ('CREATE TABLE app.t (id uuid)', '', 'it has no primary key: give it id uuid PRIMARY KEY DEFAULT gen_random_uuid\(\)'),
  ('CREATE TABLE app.t (a uuid, b uuid, PRIMARY KEY (a, b))', '', 'its primary key has several columns'),
  ('CREATE TABLE app.t (tenant_id uuid PRIMARY KEY)', '', 'its primary key is the tenant alone'),
  ('CREATE TABLE app.t (id bigserial PRIMARY KEY)', '', 'column id counts with sequence app.t_id_seq, shared by all tenants: ALTER TABLE app.t ALTER id DROP DEFAULT; ALTER TABLE app.t ALTER id TYPE uuid'),
  ('CREATE TABLE app.t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)', '', 'column id is an identity'),
  ('CREATE SEQUENCE app.s; CREATE TABLE app.t (id uuid PRIMARY KEY, n bigint DEFAULT nextval(''app.s''))', '', 'column n counts with sequence app.s'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, number text UNIQUE)', '', 'unique index app.t_number_key \(number\) is over all tenants: drop it, ALTER TABLE app.t ADD tenant_id uuid and say whose each row is, and CREATE UNIQUE INDEX ON app.t \(tenant_id, number\)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, number text); CREATE UNIQUE INDEX ON app.t (lower(number))', '', 'CREATE UNIQUE INDEX ON app.t \(tenant_id, \(lower\(number\)\)\)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, number text, gone bool); CREATE UNIQUE INDEX ON app.t (number) WHERE NOT gone', '', 'is over all tenants'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, number text, UNIQUE (number, tenant_id))', '', 'is over all tenants'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, number text UNIQUE DEFERRABLE INITIALLY DEFERRED)', '', 'is over all tenants'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, during tstzrange, EXCLUDE USING gist (during WITH &&))', '', 'exclusion constraint t_during_excl is over all tenants'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, parent uuid REFERENCES app.t)', '', 'foreign key t_parent_fkey of app.t points here without the tenant: drop it, .*ALTER TABLE app.t ADD FOREIGN KEY \(tenant_id, parent\) REFERENCES app.t \(tenant_id, id\)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE TABLE app.c (t uuid REFERENCES app.t)', '', 'foreign key c_t_fkey of app.c points here without the tenant'),
  ('CREATE TABLE app.other (id uuid UNIQUE, tenant_id uuid); CREATE TABLE app.t (id uuid PRIMARY KEY, o uuid REFERENCES app.other (id))', '', 'goes to app.other without the tenant'),
  ('CREATE TABLE app.other (id uuid, tenant_id uuid, PRIMARY KEY (tenant_id, id)); CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, foreign_tenant uuid, o uuid, FOREIGN KEY (foreign_tenant, o) REFERENCES app.other)', '', 'goes to app.other without the tenant'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, o uuid, FOREIGN KEY (tenant_id, o) REFERENCES app.invoices (tenant_id, id) ON DELETE SET NULL)', '', 'would clear the tenant .*make it ON DELETE SET NULL \(o\)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id text)', '', 'column tenant_id is text, and a resource''s tenant_id is plain uuid'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, env text, version text, created_at timestamp, created_by text)', '', 'column env is text.*column version is text.*column created_at is timestamp without time zone.*column created_by is text'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, a int, version integer GENERATED ALWAYS AS (a) STORED)', '', 'column version is a generated integer'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE POLICY mine ON app.t USING (true)', '', 'policy mine is not of this registration: DROP POLICY mine ON app.t'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE RULE r AS ON DELETE TO app.t DO INSTEAD NOTHING', '', 'rule r rewrites its statements'),
  ('CREATE FUNCTION app.f() RETURNS text LANGUAGE sql SECURITY DEFINER AS ''SELECT 1''; CREATE TABLE app.t (id uuid PRIMARY KEY, v text DEFAULT app.f())', '', 'the default of column v calls the SECURITY DEFINER function app.f\(\)'),
  ('CREATE FUNCTION app.f() RETURNS text LANGUAGE sql AS ''SELECT 1''; CREATE TABLE app.t (id uuid PRIMARY KEY, v text DEFAULT app.f())', '', 'the default of column v calls app.f\(\), which the workers may not: GRANT EXECUTE ON FUNCTION app.f\(\) TO tenantd_app'),
  ('CREATE FUNCTION app.f(text) RETURNS bool LANGUAGE sql IMMUTABLE AS ''SELECT true''; CREATE TABLE app.t (id uuid PRIMARY KEY, v text CONSTRAINT good CHECK (app.f(v)))', '', 'check good calls app.f\(text\), which the workers may not'),
  ('CREATE FUNCTION app.f(text) RETURNS bool LANGUAGE sql IMMUTABLE SECURITY DEFINER AS ''SELECT true''; CREATE DOMAIN app.d AS text CONSTRAINT good CHECK (app.f(VALUE)); CREATE TABLE app.t (id uuid PRIMARY KEY, v app.d)', '', 'check good of domain app.d calls the SECURITY DEFINER'),
  ('CREATE FUNCTION app.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS ''SELECT $1''; CREATE TABLE app.t (id uuid PRIMARY KEY, v text, w text GENERATED ALWAYS AS (app.f(v)) STORED)', '', 'the expression of column w calls app.f'),
  ('CREATE FUNCTION app.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS ''SELECT $1''; CREATE TABLE app.t (id uuid PRIMARY KEY, v text); CREATE INDEX i ON app.t (app.f(v))', '', 'index app.i calls app.f'),
  ('CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS ''BEGIN RETURN NEW; END''; CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE TRIGGER a AFTER INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.f()', '', 'trigger a calls the SECURITY DEFINER function app.f\(\), which could carry rows across tenants'),
  ('CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NEW; END''; CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE TRIGGER zz BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.f()', '', 'trigger zz fires after tenantd_stamp'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY)', ', tenant_guard => ''none''', 'tenant_guard ''none'' is none of any, open, active'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY)', ', read_role => NULL', 'read_role is null: leave it out'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY)', ', read_only => ''{x}''', 'it has no column x that could be read_only'),
  ('CREATE TABLE app.t (id text PRIMARY KEY)', ', user_scoped => true', 'key id is text, and other users of the tenant could probe for it'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, user_id text)', ', user_scoped => true', 'column user_id is text'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, name text, UNIQUE (tenant_id, name))', ', user_scoped => true', 'is over all users of the tenant'),
  ('CREATE TABLE app.t (id uuid, tenant_id uuid, up uuid, PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, up) REFERENCES app.t)', ', user_scoped => true', 'refers to rows of one user without the user: make it FOREIGN KEY \(tenant_id, user_id, up\)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY)', ', content_of => ''nothing''', 'there is no resource nothing .*no column content bytea.*no column content_type text'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, content bytea, content_type text)', ', content_of => ''invoices''', 'its key must be that of its row in invoices')) v (ddl, more, want);
-- Advice that would do harm is not given: a key that others refer to keeps its values, and no statement is half one.
SELECT is(test.refused(ddl) LIKE '%' || said || '%' AND test.refused(ddl) NOT LIKE '%' || unsaid || '%', true, 'told: ' || said)
FROM (VALUES ('CREATE TABLE app.t (id serial PRIMARY KEY, parent integer REFERENCES app.t)', 'it stays a number, which callers say, for other rows refer to it', 'gen_random_uuid'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, user_id uuid UNIQUE); ALTER TABLE app.t ADD FOREIGN KEY (user_id) REFERENCES app.t (user_id)',
    'say by which further column it is meant', 'FOREIGN KEY (tenant_id, )')) v (ddl, said, unsaid);
-- Doing what is said is enough: the words of SQL in the refusal, run as they stand, are all that it takes.
SELECT ok(strpos(test.refused(ddl), said) > 0, 'told: ' || said) || E'\n' || is(test.refused(ddl || ';' || coalesce(does, said)), NULL, 'done: ' || coalesce(does, said))
FROM (VALUES
  ('CREATE TABLE app.t (id serial PRIMARY KEY); INSERT INTO app.t DEFAULT VALUES; DELETE FROM app.t', 'ALTER TABLE app.t ALTER id DROP DEFAULT; ALTER TABLE app.t ALTER id TYPE uuid USING gen_random_uuid(), ALTER id SET DEFAULT gen_random_uuid();', NULL),
  ('CREATE TABLE app.t (id serial PRIMARY KEY)', 'ALTER TABLE app.t ALTER id DROP DEFAULT', NULL),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, created_at timestamp(6) NOT NULL DEFAULT now())', 'ALTER TABLE app.t ALTER created_at TYPE timestamptz USING created_at AT TIME ZONE ''UTC''', NULL),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, env text)', 'ALTER TABLE app.t RENAME env TO …', 'ALTER TABLE app.t RENAME env TO stage'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE POLICY "my rows" ON app.t USING (true)', 'DROP POLICY "my rows" ON app.t', NULL),
  ('CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN NEW.updated_at := now(); RETURN NEW; END''; CREATE TABLE app.t (id uuid PRIMARY KEY, updated_at timestamptz); CREATE TRIGGER update_t_modtime BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.f()',
    'ALTER TRIGGER update_t_modtime ON app.t RENAME TO a_update_t_modtime', NULL),
  ('CREATE TABLE app.t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)', 'ALTER TABLE app.t ALTER id DROP IDENTITY; ALTER TABLE app.t ALTER id TYPE uuid USING gen_random_uuid(), ALTER id SET DEFAULT gen_random_uuid();', NULL),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, n bigserial)', 'ALTER TABLE app.t ALTER n DROP DEFAULT', NULL),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, n text); CREATE UNIQUE INDEX u ON app.t (lower(n), id) WHERE n <> ''''',
    'drop it, ALTER TABLE app.t ADD tenant_id uuid and say whose each row is, and CREATE UNIQUE INDEX ON app.t (tenant_id, (lower(n)), id) WHERE n <> ''''::text',
    'DROP INDEX app.u; ALTER TABLE app.t ADD tenant_id uuid; CREATE UNIQUE INDEX ON app.t (tenant_id, (lower(n)), id) WHERE n <> ''''::text'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, n text, CONSTRAINT u UNIQUE (n, tenant_id))', 'drop it, and CREATE UNIQUE INDEX ON app.t (tenant_id, n)', 'ALTER TABLE app.t DROP CONSTRAINT u; CREATE UNIQUE INDEX ON app.t (tenant_id, n)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY, up uuid CONSTRAINT f REFERENCES app.t ON DELETE SET NULL)',
    'drop it, ALTER TABLE app.t ADD tenant_id uuid and say whose each row is, CREATE UNIQUE INDEX ON app.t (tenant_id, id), and ALTER TABLE app.t ADD FOREIGN KEY (tenant_id, up) REFERENCES app.t (tenant_id, id) ON DELETE SET NULL (up)',
    'ALTER TABLE app.t DROP CONSTRAINT f; ALTER TABLE app.t ADD tenant_id uuid; CREATE UNIQUE INDEX ON app.t (tenant_id, id); ALTER TABLE app.t ADD FOREIGN KEY (tenant_id, up) REFERENCES app.t (tenant_id, id) ON DELETE SET NULL (up)'),
  ('CREATE TABLE app.t (id uuid PRIMARY KEY); CREATE TABLE app.c (id uuid PRIMARY KEY, tenant_id uuid, t uuid CONSTRAINT f REFERENCES app.t ON DELETE CASCADE)',
    'points here without the tenant: drop it, ALTER TABLE app.t ADD tenant_id uuid and say whose each row is, CREATE UNIQUE INDEX ON app.t (tenant_id, id), and ALTER TABLE app.c ADD FOREIGN KEY (tenant_id, t) REFERENCES app.t (tenant_id, id) ON DELETE CASCADE',
    'ALTER TABLE app.c DROP CONSTRAINT f; ALTER TABLE app.t ADD tenant_id uuid; CREATE UNIQUE INDEX ON app.t (tenant_id, id); ALTER TABLE app.c ADD FOREIGN KEY (tenant_id, t) REFERENCES app.t (tenant_id, id) ON DELETE CASCADE')) v (ddl, said, does);
SELECT test.script('admin', 'CREATE SCHEMA closed; CREATE TYPE closed.kind AS ENUM (''a''); CREATE DOMAIN closed.word AS text; GRANT USAGE ON SCHEMA closed TO tenantd_owner');
SELECT matches(test.refused(format('CREATE TABLE app.t (id uuid PRIMARY KEY, k %s)', type)), 'of column k is in a schema that is closed to the workers: GRANT USAGE ON SCHEMA closed TO tenantd_app', 'a type where the workers cannot name it: ' || type)
FROM unnest(ARRAY['closed.kind', 'closed.word', 'closed.kind[]']) type;
SELECT test.script('admin', 'GRANT USAGE ON SCHEMA closed TO tenantd_app'), is(test.refused('CREATE TABLE app.t (id uuid PRIMARY KEY, k closed.kind, w closed.word)'), NULL, 'told and done: a type in another schema');
SELECT test.script('admin', 'CREATE TABLE closed.t (id uuid PRIMARY KEY); ALTER TABLE closed.t OWNER TO tenantd_owner'),
  matches(test.refusal('migrator', $$SELECT tenantd.register_resource('closed.t')$$), 'GRANT CREATE ON SCHEMA closed TO tenantd_owner', 'a schema where the key cannot be built'),
  test.script('admin', 'DROP SCHEMA closed CASCADE');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('tenantd.tenants')$$), 'it is the system''s own', 'the system''s own tables are no resources');
SELECT matches(test.refusal('migrator', 'SELECT tenantd.register_resource(NULL)'), 'name the table', 'nothing is no table');
SELECT test.script('admin', 'CREATE TABLE app.strangers (id uuid PRIMARY KEY); CREATE SCHEMA closed; CREATE TABLE closed.t (id uuid PRIMARY KEY); ALTER TABLE closed.t OWNER TO tenantd_owner; GRANT USAGE ON SCHEMA closed TO tenantd_owner');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app.strangers')$$), 'it belongs to postgres: ALTER TABLE app.strangers OWNER TO tenantd_owner', 'a table of somebody else''s is refused'),
  matches(test.refusal('admin', $$SELECT tenantd.register_resource('app.strangers')$$), 'it belongs to postgres', 'by whomever it is asked'),
  matches(test.refusal('migrator', $$SELECT tenantd.register_resource('closed.t')$$), 'GRANT USAGE ON SCHEMA closed TO tenantd_app', 'so is a schema that stays closed');
SELECT test.script('admin', 'DROP TABLE app.strangers; DROP SCHEMA closed CASCADE');
SELECT is(test.refused(ddl), NULL, 'taken: ' || ddl) FROM unnest(ARRAY[
  'CREATE TABLE app.t (id bigint PRIMARY KEY, n numeric)', 'CREATE TABLE app.t (id text PRIMARY KEY DEFAULT md5(random()::text))',
  'CREATE TABLE app.countries (code text PRIMARY KEY); CREATE TABLE app.t (id uuid PRIMARY KEY, country text REFERENCES app.countries)',
  'CREATE TABLE app.t (id uuid, tenant_id uuid, up uuid, PRIMARY KEY (tenant_id, id), FOREIGN KEY (up, tenant_id) REFERENCES app.t (id, tenant_id) DEFERRABLE INITIALLY DEFERRED)',
  'CREATE TABLE app.t (id uuid, tenant_id uuid, o uuid, PRIMARY KEY (tenant_id, id) DEFERRABLE, FOREIGN KEY (tenant_id, o) REFERENCES app.invoices ON DELETE SET NULL (o))',
  'CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, number text, gone bool); CREATE UNIQUE INDEX ON app.t (tenant_id, lower(number)) WHERE NOT gone',
  'CREATE DOMAIN app.d AS text NOT NULL CHECK (VALUE <> ''''); CREATE TABLE app.t (id uuid PRIMARY KEY, a app.d, b app.colour[], c int4range, d inet, e point, f interval)',
  'CREATE FUNCTION app.f(text) RETURNS bool LANGUAGE sql IMMUTABLE AS ''SELECT true''; GRANT EXECUTE ON FUNCTION app.f TO tenantd_app; CREATE TABLE app.t (id uuid PRIMARY KEY, v text CHECK (app.f(v)))']) ddl;

-- User-scoped, with a trigger and a domain of the application's own -----------------------------------------------

SELECT test.script('migrator', $$CREATE DOMAIN app.title AS text NOT NULL CHECK (VALUE <> '');
  CREATE TABLE app.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title app.title, actor_id uuid, trace_id text);
  CREATE FUNCTION app.no_shouting() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS 'BEGIN IF NEW.title = upper(NEW.title) THEN RAISE ''not so loud''; END IF; RETURN NEW; END';
  CREATE TRIGGER loud BEFORE INSERT ON app.notes FOR EACH ROW EXECUTE FUNCTION app.no_shouting()$$);
SELECT is(test.o($$SELECT tenantd.register_resource('app.notes', user_scoped => true)$$), 'notes', 'a user-scoped resource'), is(test.gate(), NULL, 'the gate does not stumble over a domain or a trigger');
SELECT is(test.as('amy', $$INSERT INTO app.notes (title) VALUES ('mine') RETURNING concat_ws(' ', user_id, actor_id, trace_id)$$), concat_ws(' ', test.person('amy'), test.person('amy'), '0af7651916cd43dd8448eb211c80319c'), 'the database says whose it is, and by which request it came'),
  is(test.as('amy', format($$INSERT INTO app.notes (title, user_id) VALUES ('x', %L)$$, test.person('adam'))), '!42501', 'it is never another''s'),
  is(test.as('amy', format('UPDATE app.notes SET user_id = %L', test.person('adam'))), '!42501', 'nor becomes another''s'),
  is(test.as('amy', $$INSERT INTO app.notes (title, actor_id) VALUES ('x', NULL)$$), '!42501', 'nobody says who acted');
SELECT is(test.as(who, 'SELECT count(*)::text FROM app.notes'), '0', who || ' does not see it') FROM unnest(ARRAY['adam', 'ann']) who;
SELECT is(test.as('ann', 'UPDATE app.notes SET title = ''x'''), 'UPDATE 0', 'the owner changes nothing of it'), is(test.as('ann', 'DELETE FROM app.notes'), 'DELETE 0', 'nor deletes it'), is(test.as('amy', 'UPDATE app.notes SET title = ''still mine'''), 'UPDATE 1', 'its user does');
SELECT test.script('migrator', 'CREATE TABLE app.t (id uuid PRIMARY KEY, tenant_id uuid, note uuid, FOREIGN KEY (tenant_id, note) REFERENCES app.notes)');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app.t')$$), 'refers to rows of one user without the user', 'a reference to a user''s row tells others that it is there'), test.script('migrator', 'DROP TABLE app.t');
SELECT test.script('migrator', 'CREATE TABLE app.t (id uuid PRIMARY KEY); INSERT INTO app.t VALUES (gen_random_uuid())');
SELECT matches(test.refusal('migrator', format($$SELECT tenantd.register_resource('app.t', user_scoped => true, rows_of => %L)$$, test.tenant('alpha'))), 'has rows and no user_id', 'whose rows there are must be said'), test.script('migrator', 'DROP TABLE app.t');

-- Actions ----------------------------------------------------------------------------------------------------------

SELECT matches(test.refusal('migrator', format('SELECT tenantd.register_action(''invoices'', %L, %L%s)', name, fn, more)), want, 'refused: ' || want) FROM (VALUES
  ('x', 'app.invoice_text(uuid)', '', 'app.invoice_text\(uuid\) must be \(uuid\) or \(uuid, json\), and return json'),
  ('x', 'app.invoice_total(uuid)', ', on_collection => true', 'must be \(json\), and return json'),
  ('x', 'app.definer(uuid)', '', 'SECURITY DEFINER and could reach every tenant.*make it SECURITY INVOKER'),
  ('content', 'app.invoice_total(uuid)', '', '''content'' is no name for an action'),
  ('X y', 'app.invoice_total(uuid)', '', 'is no name for an action')) v (name, fn, more, want), LATERAL (SELECT test.script('migrator', $$
  CREATE OR REPLACE FUNCTION app.invoice_text(id uuid) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS 'SELECT ''x''';
  CREATE OR REPLACE FUNCTION app.definer(id uuid) RETURNS json LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT ''1''::json'$$)) made;
SELECT is(test.o($$SELECT tenantd.register_action('nothing', 'x', 'app.invoice_total(uuid)')$$), '!42704', 'an action is some resource''s');
-- An action with a hole in it: what is injected runs under the caller's context and policies.
SELECT test.script('migrator', $f$CREATE FUNCTION app.invoices_ask(body json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  DECLARE found json; BEGIN EXECUTE 'SELECT json_agg(x) FROM (' || (body ->> 'sql') || ') x' INTO found; RETURN found; END $$;
  CREATE TABLE app.secrets (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), word text); SELECT tenantd.register_resource('app.secrets')$f$);
SELECT is(test.o($$SELECT tenantd.register_action('invoices', 'ask', 'app.invoices_ask(json)', on_collection => true)$$), '', 'an action on the collection'), is(test.gate(), NULL, 'opens nothing');
SELECT is(test.as('bea', $$INSERT INTO app.secrets (word) VALUES ('beta''s')$$, 'beta'), 'INSERT 0 1', 'beta has a secret'), is(test.as('amy', $$INSERT INTO app.secrets (word) VALUES ('alpha''s')$$), 'INSERT 0 1', 'so has alpha');
SELECT is(test.as('amy', format('SELECT app.invoices_ask(%L)', json_build_object('sql', q))), want, 'hard point 1: injected: ' || q) FROM (VALUES
  ('SELECT word FROM app.secrets', '[{"word":"alpha''s"}]'),
  (format('SELECT word FROM app.secrets WHERE tenant_id = %L', test.tenant('beta')), NULL),
  ('SELECT tenantd.enter('''', '''')', '!42883'), ('SELECT set_config(''role'', ''tenantd_owner'', true)', '!42501')) v (q, want);
SELECT is(strpos(coalesce(test.as('amy', format('SELECT app.invoices_ask(%L)', json_build_object('sql', format('WITH f AS MATERIALIZED (SELECT set_config(''tenantd.context'',
  replace(current_setting(''tenantd.context''), %L, %L), true)) SELECT s.word FROM f, app.secrets s', test.tenant('alpha'), test.tenant('beta'))))), ''), 'beta'), 0, 'hard point 1: injected: a context made over');
SELECT is(test.o($$SELECT tenantd.unregister_action('invoices', 'ask')$$), '', 'an action can be given up'), is(test.as('amy', $$SELECT app.invoices_ask('{}')$$), '!42501', 'and is called no more');

-- What a foreign key does by itself PostgreSQL does as the owner and past every policy. Where there is code that would meet
-- it, a trigger of ours does it instead (T125): the code runs as the caller, in its tenant, and what the caller may not
-- change stays.
SELECT test.script('migrator', $f$CREATE TABLE app.parents (id text PRIMARY KEY, n bigint); SELECT tenantd.register_resource('app.parents', delete_role => 'member', update_role => 'member');
  CREATE TABLE app.looks (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text, who text, rows bigint); SELECT tenantd.register_resource('app.looks');
  CREATE FUNCTION app.look() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS 'BEGIN
    INSERT INTO app.looks (what, who, rows) VALUES (concat_ws('' '', TG_WHEN, TG_OP, TG_LEVEL, TG_TABLE_NAME), current_user, (SELECT count(*) FROM app.parents));
    RETURN coalesce(NEW, OLD); END';
  CREATE FUNCTION app.holds(text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS 'BEGIN RETURN current_user <> ''tenantd_owner'' OR (SELECT count(*) FROM app.parents) = 0; END';
  GRANT EXECUTE ON FUNCTION app.holds TO tenantd_app;
  CREATE TABLE app.children (id text, tenant_id uuid, parent text, PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, parent) REFERENCES app.parents (tenant_id, id) ON DELETE CASCADE);
  CREATE TRIGGER gone BEFORE DELETE ON app.children FOR EACH ROW EXECUTE FUNCTION app.look();
  CREATE TRIGGER counted AFTER DELETE ON app.children FOR EACH ROW EXECUTE FUNCTION app.look();
  CREATE TABLE app.friends (id text, tenant_id uuid, parent text CHECK (app.holds(parent)), PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent) REFERENCES app.parents (tenant_id, id) ON DELETE SET NULL (parent));
  CREATE TRIGGER let_go BEFORE UPDATE ON app.friends FOR EACH STATEMENT EXECUTE FUNCTION app.look();
  CREATE TABLE app.kept (id text, tenant_id uuid, parent text CHECK (app.holds(parent)), PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, parent) REFERENCES app.parents (tenant_id, id) ON DELETE CASCADE)$f$);
SELECT is(test.o(format('SELECT tenantd.register_resource(''app.%s''%s)', t, more)), t, 'T125: taken: ' || t || ', with code where its foreign key acts by itself')
FROM (VALUES ('children', ', delete_role => ''member'''), ('friends', ''), ('kept', '')) v (t, more);
SELECT is(test.q('admin', $$SELECT string_agg(pg_get_constraintdef(oid), E'\n' ORDER BY conrelid::regclass::text) FROM pg_constraint WHERE confrelid = 'app.parents'::regclass$$),
  E'FOREIGN KEY (tenant_id, parent) REFERENCES app.parents(tenant_id, id)\nFOREIGN KEY (tenant_id, parent) REFERENCES app.parents(tenant_id, id)\nFOREIGN KEY (tenant_id, parent) REFERENCES app.parents(tenant_id, id)',
  'T125: none of the keys does anything by itself'), is(test.gate(), NULL, 'T125: and the gate is content');
SELECT is(test.as('bea', $$INSERT INTO app.parents VALUES ('a', 0), ('b', 0)$$, 'beta'), 'INSERT 0 2', 'beta has parents'), is(test.as('amy', $$INSERT INTO app.parents VALUES ('a', 0)$$), 'INSERT 0 1', 'so has alpha, by the same name');
SELECT is(test.as('amy', $$INSERT INTO app.children (id, parent) VALUES ('c', 'a')$$), 'INSERT 0 1', 'and a child'), is(test.as('amy', $$INSERT INTO app.friends (id, parent) VALUES ('f', 'a')$$), 'INSERT 0 1', 'and a friend'),
  is(test.as('bea', $$INSERT INTO app.children (id, parent) VALUES ('c', 'a')$$, 'beta'), 'INSERT 0 1', 'as beta has');
SELECT is(test.as('amy', $$DELETE FROM app.parents WHERE id = 'a'$$), 'DELETE 1', 'T125: a parent goes'), is(test.q('admin', $$SELECT string_agg(t.slug || ' ' || c.id, ',') FROM app.children c JOIN tenantd.tenants t ON t.id = c.tenant_id$$), 'beta c', 'T125: with its child alone'),
  is(test.q('admin', $$SELECT concat_ws(' ', id, coalesce(parent, 'none'), version) FROM app.friends$$), 'f none 2', 'T125: and its friend is let go, stamped');
SELECT is(test.q('admin', $$SELECT string_agg(DISTINCT concat_ws(' ', what, who, rows), E'\n' ORDER BY concat_ws(' ', what, who, rows)) FROM app.looks$$),
  E'AFTER DELETE ROW children tenantd_app 0\nBEFORE DELETE ROW children tenantd_app 0\nBEFORE UPDATE STATEMENT friends tenantd_app 0', 'T125: the code ran as the caller, and saw alpha''s parents alone');
SELECT is(test.q('admin', $$SELECT string_agg(action || ' ' || actor_kind || ' ' || actor_id, ',' ORDER BY action) FROM tenantd.audit_events WHERE action IN ('children.deleted', 'friends.updated')$$),
  format('children.deleted user %s,friends.updated user %s', test.person('amy'), test.person('amy')), 'T125: each of them is in the audit, as hers');
-- `kept` is deleted by a tenant_admin alone.
SELECT is(test.as('amy', $$INSERT INTO app.parents VALUES ('k', 0)$$), 'INSERT 0 1', 'one more parent'), is(test.as('amy', $$INSERT INTO app.kept (id, parent) VALUES ('k', 'k')$$), 'INSERT 0 1', 'with what a member does not delete'),
  is(test.as('amy', $$DELETE FROM app.parents WHERE id = 'k'$$), '!23503', 'T125: what the caller may not delete refuses'), is(test.as('adam', $$DELETE FROM app.parents WHERE id = 'k'$$), 'DELETE 1', 'T125: and goes with who may'),
  is(test.q('admin', 'SELECT count(*)::text FROM app.kept'), '0', 'T125: is gone');

-- The gate sees what was undone ------------------------------------------------------------------------------------

SELECT matches(test.gate_after(doing, undoing), want, 'T53: the gate says: ' || want) FROM (VALUES
  ('DROP POLICY tenant_select ON app.invoices', 'SET ROLE tenantd_owner; SELECT tenantd.refresh_resource(''invoices''); RESET ROLE', 'table app.invoices: catalog: policy tenant_select is missing'),
  ('ALTER POLICY tenant_update ON app.invoices USING (true)', 'SET ROLE tenantd_owner; SELECT tenantd.refresh_resource(''invoices''); RESET ROLE', 'policy tenant_update is not what it was'),
  ('CREATE POLICY more ON app.invoices TO tenantd_app USING (true)', 'DROP POLICY more ON app.invoices', 'table app.invoices: see a row of another tenant: saw one|policy more is not expected'),
  ('ALTER TABLE app.invoices DISABLE ROW LEVEL SECURITY', 'ALTER TABLE app.invoices ENABLE ROW LEVEL SECURITY', 'table app.invoices: see a row of another tenant: saw one'),
  ('ALTER TABLE app.invoices NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE app.invoices FORCE ROW LEVEL SECURITY', 'table app.invoices: catalog: forced row-level security is missing'),
  ('GRANT TRUNCATE ON app.invoices TO tenantd_app', 'REVOKE TRUNCATE ON app.invoices FROM tenantd_app', 'privilege TRUNCATE is not expected'),
  ('GRANT UPDATE (tenant_id) ON app.invoices TO PUBLIC', 'REVOKE UPDATE (tenant_id) ON app.invoices FROM PUBLIC', 'privilege UPDATE\(tenant_id\) is not expected'),
  ('CREATE VIEW app.leak AS SELECT * FROM app.invoices; GRANT SELECT ON app.leak TO tenantd_app', 'DROP VIEW app.leak', 'view app.leak: catalog: shows the workers what its owner sees'),
  ('CREATE VIEW app.leak AS SELECT * FROM app.invoices; GRANT SELECT (id) ON app.leak TO PUBLIC; INSERT INTO tenantd.open_relations VALUES (''app.leak'', ''of no harm, they said'')', 'DROP VIEW app.leak; DELETE FROM tenantd.open_relations WHERE name = ''app.leak''', 'view app.leak: catalog: shows the workers what its owner sees'),
  ('CREATE VIEW app.seen WITH (security_invoker) AS SELECT * FROM app.invoices; GRANT SELECT ON app.seen TO tenantd_app', 'DROP VIEW app.seen', '^view app.seen: catalog: the workers may SELECT, and it is not registered$'),
  ('CREATE MATERIALIZED VIEW app.leak AS SELECT * FROM app.invoices; GRANT SELECT ON app.leak TO tenantd_app', 'DROP MATERIALIZED VIEW app.leak', 'materialized view app.leak: catalog: shows the workers what its owner sees'),
  ('CREATE UNIQUE INDEX over_all ON app.invoices (number)', 'DROP INDEX app.over_all', 'resource invoices: resource: unique index app.over_all \(number\) is over all tenants'),
  ('ALTER TABLE app.invoices ADD COLUMN up uuid; CREATE TABLE app.other (id uuid PRIMARY KEY, tenant_id uuid); ALTER TABLE app.invoices ADD FOREIGN KEY (up) REFERENCES app.other', 'ALTER TABLE app.invoices DROP COLUMN up; DROP TABLE app.other', 'goes to app.other without the tenant'),
  ('CREATE TABLE app.other (id uuid PRIMARY KEY, tenant_id uuid)', 'DROP TABLE app.other', 'table app.other: catalog: has a tenant_id and no forced row-level security'),
  ('CREATE SEQUENCE app.s; ALTER TABLE app.invoices ADD COLUMN n bigint DEFAULT nextval(''app.s'')', 'ALTER TABLE app.invoices DROP COLUMN n; DROP SEQUENCE app.s', 'column n counts with sequence app.s'),
  ('ALTER TABLE app.invoices DISABLE TRIGGER tenantd_audit', 'ALTER TABLE app.invoices ENABLE TRIGGER tenantd_audit', 'trigger tenantd_audit is missing or disabled'),
  ('DROP TRIGGER tenantd_stamp ON app.invoices', 'SET ROLE tenantd_owner; SELECT tenantd.refresh_resource(''invoices''); RESET ROLE', 'trigger tenantd_stamp is missing or disabled'),
  ('ALTER TABLE app.invoices DROP CONSTRAINT invoices_pkey; ALTER TABLE app.invoices ADD CONSTRAINT invoices_pkey PRIMARY KEY (id)', 'SET ROLE tenantd_owner; SELECT tenantd.refresh_resource(''invoices''); RESET ROLE', 'its primary key does not lead with the tenant'),
  ('ALTER TABLE app.invoices DROP CONSTRAINT invoices_tenant_fkey', 'SET ROLE tenantd_owner; SELECT tenantd.refresh_resource(''invoices''); RESET ROLE', 'nothing ties its rows to a tenant'),
  ('CREATE FUNCTION app.all() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS ''SELECT count(*) FROM app.invoices''; GRANT EXECUTE ON FUNCTION app.all() TO tenantd_app', 'DROP FUNCTION app.all()', 'function app."all"\(\): catalog: SECURITY DEFINER'),
  ('ALTER FUNCTION app.invoice_total(uuid) SECURITY DEFINER', 'ALTER FUNCTION app.invoice_total(uuid) SECURITY INVOKER', 'action total calls app.invoice_total\(uuid\), which is gone or SECURITY DEFINER'),
  ('GRANT CREATE ON SCHEMA app TO tenantd_app', 'REVOKE CREATE ON SCHEMA app FROM tenantd_app', 'schema app: role attributes and grants: the workers may CREATE in it')) v (doing, undoing, want);
SELECT is(test.gate(), NULL, 'and when all is mended nothing is left to say');

-- The plan: policy and explicit predicate meet in the index of the key.
SELECT isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'amy comes in'), test.script('app', 'SET LOCAL enable_seqscan = off');
SELECT matches(test.q('app', format('EXPLAIN SELECT * FROM app.invoices WHERE tenant_id = %L AND env = ''prod'' AND id = %L', test.tenant('alpha'), test.tenant('x'))), 'Index Scan using invoices_pkey.*Index Cond: \(\(tenant_id = ''', 'a row is found by the key, tenant first'),
  matches(test.q('app', 'EXPLAIN SELECT * FROM app.invoices'), 'Index Cond: \(tenant_id = \$', 'and the policy alone uses it, too'), test.script('app', 'ROLLBACK');

SELECT * FROM finish();
DROP FUNCTION test.o, test.refused, test.as, test.gate_after;
