-- register_resource on views (T43): what it takes, what it refuses and why, that a view shows nobody more than the
-- tables beneath it, and that the gate names one that was changed afterwards.
SELECT no_plan();
SELECT test.world();
SELECT test.script('migrator', 'SET ROLE tenantd_owner; CREATE SCHEMA app');

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
-- As somebody of alpha, or of who is named, in a transaction of its own.
CREATE FUNCTION test.as(who text, query text, tenant text DEFAULT 'alpha') RETURNS text LANGUAGE sql AS $$
  SELECT test.act('app', who, test.tenant(tenant), query, env => CASE tenant WHEN 'gamma' THEN 'dev' ELSE 'prod' END)
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

SELECT test.script('migrator', $$CREATE TABLE app.customers (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
  CREATE TABLE app.invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, customer uuid, total numeric(12, 2) NOT NULL, due date NOT NULL);
  CREATE TABLE app.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL);
  CREATE TABLE app.salaries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), pay integer NOT NULL)$$);
SELECT is(test.o('SELECT tenantd.register_resource(' || r || ')'), n, n || ' is a table') FROM (VALUES ('''app.customers''', 'customers'), ('''app.invoices''', 'invoices'),
  ('''app.notes'', user_scoped => true', 'notes'), ('''app.salaries'', read_role => ''tenant_admin''', 'salaries')) v (r, n);
SELECT test.script('migrator', $$CREATE VIEW app.invoice_list WITH (security_invoker = true) AS
    SELECT i.id, i.tenant_id, i.env, i.total, i.due, c.name AS customer_name, i.version, i.updated_at FROM app.invoices i LEFT JOIN app.customers c ON c.id = i.customer;
  CREATE VIEW app.months WITH (security_invoker = true) AS
    SELECT tenant_id, env, to_char(due, 'YYYY-MM') AS month, sum(total) AS total, count(*) AS n FROM app.invoice_list GROUP BY 1, 2, 3$$);
SELECT is(test.o($$SELECT tenantd.register_resource('app.invoice_list')$$), 'invoice_list', 'one call makes a view a resource');
SELECT is(test.o($$SELECT tenantd.register_resource('app.months', key_column => 'month', name => 'invoice_months', read_role => 'tenant_admin', tenant_guard => 'open')$$), 'invoice_months', 'with a key of its own, over a view');
SELECT is(test.gate(), NULL, 'and the gate is content with both');
SELECT is(test.o($$SELECT string_agg(concat_ws(' ', name, key_column, read_role, tenant_guard, num_nulls(create_role, update_role, delete_role), user_scoped, append_only), E'\n' ORDER BY name) FROM tenantd.resources WHERE schema_name = 'app' AND name LIKE 'invoice\_%'$$),
  E'invoice_list id member active 3 f f\ninvoice_months month tenant_admin open 3 f f', 'nobody has a role to write');
SELECT is(test.o($$SELECT array_to_string(tenantd.privileges_of('app.months'), ' ')$$), 'SELECT(env) SELECT(month) SELECT(n) SELECT(tenant_id) SELECT(total)', 'the workers read its columns'),
  is(test.q('admin', $$SELECT string_agg(DISTINCT x.grantee::regrole::text, ' ') FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = 'app.months'::regclass$$), 'tenantd_app', 'and nobody else');
SELECT is((SELECT concat_ws(' ', d ->> 'table', d ->> 'key', d ->> 'read_only', d -> 'roles', d #>> '{columns,0,on_create}', d #>> '{columns,3,on_update}') FROM (SELECT test.o($$SELECT tenantd.describe_resource('invoice_months')$$)::json d) v),
  'app.months month true {"read" : "tenant_admin", "create" : null, "update" : null, "delete" : null} false false', 'it can be described'),
  is(test.o($$SELECT tenantd.describe_resource('invoices') ->> 'read_only'$$), 'false', 'and a table is told from it');
SELECT test.connect('tenantctl', 'tenantd_migrator');
SELECT is(test.q('tenantctl', format('SELECT tenantd.describe_resource(%L) ->> ''table''', n)), t, 'by tenantctl''s role as well: ' || n) FROM (VALUES ('invoices', 'app.invoices'), ('invoice_months', 'app.months')) v (n, t);
SELECT test.close('tenantctl');
SELECT is(test.o(c), w, 'again: ' || c) FROM (VALUES ('SELECT tenantd.register_resource(''app.invoice_list'')', 'invoice_list'), ('SELECT tenantd.refresh_resource(''invoice_months'')', '')) v (c, w);
SELECT is(test.gate(), NULL, 'nothing changes'), is(test.o($$SELECT key_column || read_role FROM tenantd.resources WHERE name = 'invoice_months'$$), 'monthtenant_admin', 'a refresh keeps what was said');

-- What is seen -------------------------------------------------------------------------------------------------

SELECT is(test.as(who, format('INSERT INTO app.invoices (total, due) VALUES (%s, ''2026-01-10''), (%s, ''2026-02-10'')', n, n), tenant), 'INSERT 0 2', who || ' of ' || tenant || ' has invoices') FROM (VALUES ('amy', 'alpha', 10), ('bea', 'beta', 500), ('cyd', 'gamma', 7000)) v (who, tenant, n);
SELECT is(test.as('adam', $$SELECT string_agg(concat_ws(' ', month, total, n), ',' ORDER BY month) FROM app.months$$), '2026-01 10.00 1,2026-02 10.00 1', 'T43: the totals are of one tenant'),
  is(test.as('bea', 'SELECT sum(total)::text FROM app.invoice_list', 'beta'), '1000.00', 'T43: each sees its own'), is(test.as('cyd', 'SELECT sum(total)::text FROM app.months', 'gamma'), '14000.00', 'T43: in its env');
SELECT is(test.as('ann', format('SELECT count(*)::text FROM app.%s WHERE tenant_id = %L', v, test.tenant('beta'))), '0', 'T43: nobody reaches beyond by naming another in ' || v) FROM unnest(ARRAY['months', 'invoice_list']) v;
SELECT is(test.q('app', 'SELECT count(*)::text FROM app.' || v), '0', 'T39: without a context there is nothing in ' || v) FROM unnest(ARRAY['months', 'invoice_list']) v;
SELECT is(test.as('ann', q), w, 'nobody writes: ' || q) FROM (VALUES ('INSERT INTO app.months (month) VALUES (''x'')', '!55000'), ('DELETE FROM app.months', '!55000'), ('UPDATE app.invoice_list SET total = 1', '!55000')) v (q, w);
-- What raw SQL shows of a view is what the tables beneath let through: their least roles, their users.
SELECT test.script('migrator', $$CREATE VIEW app.pay WITH (security_invoker = true) AS SELECT id, tenant_id, env, pay FROM app.salaries;
  CREATE VIEW app.titles WITH (security_invoker = true) AS SELECT tenant_id, env, title AS id, count(*) AS n FROM app.notes GROUP BY 1, 2, 3$$);
SELECT is(test.o(format('SELECT tenantd.register_resource(%L)', 'app.' || v)), v, v || ' is registered for members') FROM unnest(ARRAY['pay', 'titles']) v;
SELECT is(test.as('adam', 'INSERT INTO app.salaries (pay) VALUES (1000)'), 'INSERT 0 1', 'a salary'), is(test.as('adam', 'SELECT count(*)::text FROM app.pay'), '1', 'a tenant_admin sees it'), is(test.as('amy', 'SELECT count(*)::text FROM app.pay'), '0', 'T43: a member sees through no view what the table keeps from members');
SELECT is(test.as('amy', 'INSERT INTO app.notes (title) VALUES (''mine'')'), 'INSERT 0 1', 'a note'), is(test.as(who, 'SELECT count(*)::text FROM app.titles'), w, 'T43: a user''s rows stay that user''s, through a view as well: ' || who) FROM (VALUES ('amy', '1'), ('ann', '0'), ('adam', '0')) v (who, w);
-- A function that tells what it is given, and is cheaper than any other test: it is given what the policies let through.
SELECT test.script('migrator', $$CREATE FUNCTION app.tells(numeric) RETURNS bool LANGUAGE plpgsql STABLE COST 0.0001 SET search_path = pg_catalog AS
    'BEGIN PERFORM set_config(''told.it'', concat(current_setting(''told.it'', true), '' '', $1), true); RETURN true; END';
  GRANT EXECUTE ON FUNCTION app.tells(numeric) TO tenantd_app; CREATE VIEW app.told WITH (security_invoker = true) AS SELECT id, tenant_id, env, total FROM app.invoices WHERE app.tells(total)$$);
SELECT is(test.o($$SELECT tenantd.register_resource('app.told')$$), 'told', 'a view may call a function of its owner''s'), isnt(test.enter('app', 'amy', test.tenant('alpha')), '!TD012', 'amy comes in');
SELECT is(test.q('app', q), w, 'T43: ' || what) FROM (VALUES ('SELECT count(*)::text FROM app.told', '2', 'it finds her rows'), ('SELECT current_setting(''told.it'')', ' 10.00 10.00', 'and was told of no others'),
  ('SELECT count(*)::text FROM app.invoice_list WHERE app.tells(total)', '2', 'nor is one that a statement brings along'), ('SELECT current_setting(''told.it'')', ' 10.00 10.00 10.00 10.00', 'through a view'),
  ('SELECT count(*)::text FROM app.invoice_list l JOIN app.told t ON app.tells(l.total + t.total) AND l.id <> t.id', '2', 'nor in a join'), ('SELECT (strpos(current_setting(''told.it''), ''500'') + strpos(current_setting(''told.it''), ''7000''))::text', '0', 'of two')) v (q, w, what);
SELECT test.script('app', 'ROLLBACK');
-- Rows that come from no table: the days of a calendar, in the context's tenant.
SELECT test.script('migrator', $$CREATE VIEW app.calendar WITH (security_invoker = true) AS SELECT c.tenant_id, c.env, m::date AS month, (SELECT count(*) FROM app.invoices i WHERE date_trunc('month', i.due) = m) AS n
  FROM tenantd.context() c, generate_series('2026-01-01'::timestamp, '2026-03-01', '1 month') m$$);
SELECT is(test.o($$SELECT tenantd.register_resource('app.calendar', key_column => 'month')$$), 'calendar', 'a view may make rows up'), is(test.gate(), NULL, 'a row in no tenant is nobody''s, and the gate knows'),
  is(test.as('amy', 'SELECT string_agg(n::text, '','' ORDER BY month) FROM app.calendar WHERE tenant_id IS NOT NULL'), '1,1,0', 'in the tenant of the context');
-- A view that fails on nothing shows nothing.
SELECT test.script('migrator', $$CREATE VIEW app.shares WITH (security_invoker = true) AS SELECT c.tenant_id, c.env, 'all' AS id, 1 / (SELECT count(*) FROM app.invoices) AS n FROM tenantd.context() c$$);
SELECT is(test.o($$SELECT tenantd.register_resource('app.shares')$$), 'shares', 'a view may fail on an empty tenant'), is(test.gate(), NULL, 'which opens nothing');

-- Refused ------------------------------------------------------------------------------------------------------

SELECT test.script('migrator', $$CREATE TABLE app.loose (id uuid PRIMARY KEY, tenant_id uuid, env tenantd.env); CREATE SEQUENCE app.s;
  CREATE VIEW app.open AS SELECT * FROM app.invoices; CREATE VIEW app.unheard WITH (security_invoker = true) AS SELECT * FROM app.invoices;
  CREATE FUNCTION app.kept() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'; CREATE FUNCTION app.steady(uuid) RETURNS bool LANGUAGE sql STABLE AS 'SELECT true';
  CREATE FUNCTION app.leaks(uuid, numeric) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', $2; RETURN true; END';
  CREATE FUNCTION app.definer() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT count(*) FROM tenantd.tenants';
  CREATE FUNCTION app.add(bigint, bigint) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT count(*) FROM tenantd.tenants';
  CREATE AGGREGATE app.total(bigint) (SFUNC = app.add, STYPE = bigint, INITCOND = '0'); CREATE FUNCTION app.same(uuid, uuid) RETURNS bool LANGUAGE sql SECURITY DEFINER STABLE AS 'SELECT $1 = $2';
  CREATE OPERATOR app.=== (FUNCTION = app.same, LEFTARG = uuid, RIGHTARG = uuid);
  CREATE DOMAIN app.odd AS bigint CHECK (VALUE < app.definer()); GRANT EXECUTE ON FUNCTION app.leaks(uuid, numeric), app.steady(uuid), app.total(bigint) TO tenantd_app$$);
SELECT matches(test.refused('CREATE VIEW app.t' || with_ || ' AS ' || as_, more), 'app.t cannot be made a resource: .*' || want, 'T43: refused: ' || want) FROM (VALUES
  ('', 'SELECT * FROM app.invoices', '', 'it shows what its owner sees: ALTER VIEW app.t SET \(security_invoker = true\)$'),
  (' WITH (security_invoker = false)', 'SELECT * FROM app.invoices', '', 'it shows what its owner sees')) v (with_, as_, more, want);
SELECT matches(test.refused('CREATE VIEW app.t WITH (security_invoker = true) AS ' || as_, more), 'app.t cannot be made a resource: ' || want || '$', 'T43: refused: ' || want) FROM (VALUES
  ('SELECT id, env FROM app.invoices', '', 'it has no column tenant_id: SELECT that of a table it reads, and GROUP BY it'),
  ('SELECT id, tenant_id FROM app.invoices', '', 'it has no column env: SELECT that of a table it reads, and GROUP BY it'),
  ('SELECT id, env, tenant_id::text FROM app.invoices', '', 'column tenant_id is text, and a resource''s is uuid: SELECT that of a table it reads'),
  ('SELECT tenant_id, env, total FROM app.invoices', '', 'it has no column id to find a row by: name one, key_column => ''…'''),
  ('SELECT * FROM app.invoices', ', key_column => ''month''', 'it has no column month to find a row by: name one, key_column => ''…'''),
  ('SELECT * FROM app.invoices', ', key_column => ''tenant_id''', 'tenant_id is the same in all rows that one sees: name another, key_column => ''…'''),
  ('SELECT tenant_id, env, point(1, 2) AS id FROM app.invoices', '', 'column id is point, which has no order: name another, key_column => ''…'''),
  ('SELECT * FROM app.loose', '', 'it reads app.loose, which is no resource: register it first'),
  ('SELECT i.* FROM app.invoices i WHERE EXISTS (SELECT 1 FROM app.loose)', '', 'it reads app.loose, which is no resource: register it first'),
  ('WITH x AS (SELECT 1 FROM app.loose) SELECT i.*, (SELECT count(*) FROM x) FROM app.invoices i', '', 'it reads app.loose, which is no resource: register it first'),
  ('SELECT i.* FROM app.invoices i UNION ALL (SELECT i.* FROM app.invoices i JOIN LATERAL (SELECT * FROM app.loose) x ON x.id = i.id)', '', 'it reads app.loose, which is no resource: register it first'),
  ('SELECT * FROM app.open', '', 'it reads app.open, which shows what its owner sees: ALTER VIEW app.open SET \(security_invoker = true\), and register it first'),
  ('SELECT * FROM app.unheard', '', 'it reads app.unheard, which is no resource: register it first'),
  ('SELECT i.*, s.last_value FROM app.invoices i, app.s', '', 'it reads app.s, which is no resource: register it first'),
  ('SELECT i.*, (SELECT sum(reltuples) FROM pg_class) AS n FROM app.invoices i', '', 'it reads pg_class, which is the server''s own and knows no tenants: leave it out'),
  ('WITH c AS (SELECT * FROM pg_stat_activity) SELECT i.* FROM app.invoices i, c', '', 'it reads pg_stat_activity, which is the server''s own and knows no tenants: leave it out'),
  ('SELECT i.* FROM app.invoices i, information_schema.tables x', '', 'it reads information_schema.tables, which is the server''s own and knows no tenants: leave it out'),
  ('SELECT id, id AS tenant_id, env FROM tenantd.tenants', '', 'it reads tenantd.tenants, which is tenantd''s own and no resource: leave it out'),
  ('SELECT k.id, i.tenant_id, i.env FROM app.invoices i, tenantd.context_keys k', '', 'it reads tenantd.context_keys, which is tenantd''s own and no resource: leave it out'),
  ('SELECT * FROM app.invoices FOR UPDATE', '', 'it locks the rows that it reads: leave FOR UPDATE, FOR SHARE and their like out'),
  ('SELECT * FROM app.invoices WHERE app.leaks(tenant_id, total)', '', 'it calls app.leaks\(uuid,numeric\), which is VOLATILE and could write while somebody reads: make it STABLE, or leave it out'),
  ('SELECT gen_random_uuid() AS id, tenant_id, env FROM app.invoices', '', 'it calls gen_random_uuid\(\), which is VOLATILE .*'),
  ('SELECT *, query_to_xml(''SELECT 1'', true, true, '''') FROM app.invoices', '', 'it calls query_to_xml\(text,boolean,boolean,text\), which is VOLATILE .*'),
  ('SELECT *, table_to_xml(''pg_class'', true, true, '''') FROM app.invoices', '', 'it calls table_to_xml\(regclass,boolean,boolean,text\), which reads whatever its arguments name: leave it out'),
  ('SELECT *, app.kept() FROM app.invoices', '', 'it calls app.kept\(\), which the workers may not: GRANT EXECUTE ON FUNCTION app.kept\(\) TO tenantd_app'),
  ('SELECT *, pg_read_file(''/etc/passwd'') FROM app.invoices', '', 'it calls pg_read_file\(text\), which .*'),
  ('SELECT *, app.definer() FROM app.invoices', '', 'it calls the SECURITY DEFINER function app.definer\(\), which could carry rows across tenants: make it SECURITY INVOKER'),
  ('SELECT i.* FROM app.invoices i, LATERAL app.definer() d', '', 'it calls the SECURITY DEFINER function app.definer\(\), .*'),
  ('SELECT * FROM app.invoices ORDER BY app.definer()', '', 'it calls the SECURITY DEFINER function app.definer\(\), .*'),
  ('SELECT tenant_id, env, customer AS id, app.total(1) FROM app.invoices GROUP BY 1, 2, 3', '', 'it calls the SECURITY DEFINER function app.add\(bigint,bigint\), .*'),
  ('SELECT *, app.total(1) OVER () AS n FROM app.invoices', '', 'it calls the SECURITY DEFINER function app.add\(bigint,bigint\), .*'),
  ('SELECT * FROM app.invoices WHERE id OPERATOR(app.===) customer', '', 'it calls the SECURITY DEFINER function app.same\(uuid,uuid\), .*'),
  ('SELECT *, 1::app.odd AS n FROM app.invoices', '', 'check odd_check of domain app.odd calls the SECURITY DEFINER function app.definer\(\), .*'),
  ('SELECT *, tenantd.sealed() FROM app.invoices', '', 'it calls the SECURITY DEFINER function tenantd.sealed\(\), .*'),
  ('SELECT *, tenantd.me() FROM app.invoices', '', 'it calls the SECURITY DEFINER function tenantd.me\(\), .*'),
  ('SELECT * FROM app.invoices', ', create_role => ''owner''', 'nobody writes to a view, and whose its rows are is said by the tables beneath: leave out create_role'),
  ('SELECT * FROM app.invoices', ', append_only => true, user_scoped => true, read_only => ''{total}''', '.* leave out user_scoped, append_only, read_only'),
  ('SELECT * FROM app.invoices', ', rows_of => gen_random_uuid()', '.* leave out rows_of'),
  ('SELECT * FROM app.invoices', ', update_role => ''member'', delete_role => ''member''', '.* leave out update_role, delete_role'),
  ('SELECT *, ''''::bytea AS content, ''''::text AS content_type FROM app.invoices', ', content_of => ''invoices''', '.* leave out content_of.*'),
  ('SELECT * FROM app.invoices', ', name => ''invoices''', 'the name invoices is taken by app.invoices: .*'),
  ('SELECT * FROM app.invoices', ', tenant_guard => ''none''', 'tenant_guard ''none'' is none of any, open, active')) v (as_, more, want);
SELECT matches(test.refused('CREATE MATERIALIZED VIEW app.t AS SELECT * FROM app.invoices'), 'it is a materialized view, which keeps what its owner saw of all tenants: make it a view', 'T43: a materialized view is refused');
SELECT test.script('migrator', 'CREATE TABLE app.plain (id uuid PRIMARY KEY)');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_resource('app.plain', key_column => 'month')$$), 'its key is id, by its primary key: leave key_column out', 'a table has its primary key'), is(test.o($$SELECT tenantd.register_resource('app.plain', key_column => 'id')$$), 'plain', 'which may be said');
SELECT is(test.o($$SELECT concat_ws(' ', create_role, update_role, delete_role) FROM tenantd.resources WHERE name = 'plain'$$), 'member member tenant_admin', 'a table''s roles are what they were'), is(test.o($$SELECT tenantd.unregister_resource('plain')$$), '', '(it goes again)');
SELECT test.script('admin', 'CREATE VIEW app.strangers WITH (security_invoker = true) AS SELECT * FROM app.invoices'), test.script('admin', 'CREATE SCHEMA closed; CREATE VIEW closed.t WITH (security_invoker = true) AS SELECT * FROM app.invoices; ALTER VIEW closed.t OWNER TO tenantd_owner; GRANT USAGE ON SCHEMA closed TO tenantd_owner'),
  test.script('admin', 'CREATE TEMP VIEW mine WITH (security_invoker = true) AS SELECT * FROM app.invoices');
SELECT matches(test.refusal('admin', $$SELECT tenantd.register_resource('app.strangers')$$), 'it belongs to postgres: ALTER VIEW app.strangers OWNER TO tenantd_owner', 'a view of somebody else''s is refused'),
  matches(test.refusal('migrator', $$SELECT tenantd.register_resource('closed.t')$$), 'GRANT USAGE ON SCHEMA closed TO tenantd_app', 'so is a schema that stays closed'),
  matches(test.refusal('admin', $$SELECT tenantd.register_resource('mine')$$), 'it is temporary', 'and what goes with its session'),
  matches(test.refusal('admin', $$SELECT tenantd.register_resource('pg_catalog.pg_tables')$$), 'it is the system''s own', 'and the server''s');
SELECT test.script('admin', 'DROP VIEW app.strangers, mine; DROP SCHEMA closed CASCADE');
SELECT matches(test.refusal('migrator', $$SELECT tenantd.register_action('calendar', 'x', 'app.kept()')$$), 'calendar is a view, and nothing but reading is done to it: register the action on a table', 'a view has no actions');
SELECT is(test.refused('CREATE VIEW app.t WITH (security_invoker) AS ' || as_), NULL, 'taken: ' || as_) FROM unnest(ARRAY['SELECT * FROM app.invoices', 'SELECT i.* FROM app.invoices i WHERE app.steady(id)',
  'SELECT tenant_id, env, customer AS id, max(due), jsonb_agg(total ORDER BY due) AS totals, rank() OVER (ORDER BY count(*)) FROM app.invoices GROUP BY 1, 2, 3', 'WITH x AS (SELECT * FROM app.invoices) SELECT x.*, v.n AS "odd :relid 1259 " FROM x, (VALUES (1), (2)) v (n)',
  'SELECT i.*, current_date AS today, (tenantd.context()).user_id AS who FROM app.invoices i LEFT JOIN app.invoice_list l ON l.id = i.id']) as_;
-- What reads it goes first.
SELECT matches(test.refusal('migrator', format('SELECT tenantd.unregister_resource(%L)', n)), want, n || ' is not given up under a view') FROM (VALUES ('customers', 'view invoice_list reads customers: unregister_resource\(''invoice_list''\) first'), ('invoice_list', 'view invoice_months reads invoice_list: ')) v (n, want);

-- The gate sees what was changed -------------------------------------------------------------------------------

SELECT test.script('migrator', 'DROP VIEW app.open, app.unheard; DROP TABLE app.loose; DROP OPERATOR app.=== (uuid, uuid); DROP AGGREGATE app.total(bigint); DROP DOMAIN app.odd; DROP FUNCTION app.definer(), app.add, app.same, app.kept()');
SELECT is(test.gate(), NULL, 'before it, the gate is content');
SELECT test.q('admin', 'SELECT pg_get_viewdef(''app.pay''::regclass)') AS pay \gset
SELECT matches(test.gate_after('BEGIN; ' || doing || '; COMMIT', 'BEGIN; ' || undoing || '; COMMIT'), want, 'T43, T53: the gate says: ' || want) FROM (VALUES
  ('ALTER VIEW app.pay SET (security_invoker = false)', 'ALTER VIEW app.pay SET (security_invoker = true)', 'view app.pay: catalog: option security_invoker is not what it was'),
  ('ALTER VIEW app.pay SET (security_invoker = false)', 'ALTER VIEW app.pay SET (security_invoker = true)', 'view app.pay: catalog: shows the workers what its owner sees'),
  ('ALTER VIEW app.pay RESET (security_invoker)', 'ALTER VIEW app.pay SET (security_invoker = true)', 'resource pay: resource: it shows what its owner sees'),
  ('ALTER VIEW app.pay RESET (security_invoker); ALTER VIEW app.pay OWNER TO postgres', 'ALTER VIEW app.pay SET (security_invoker = true); ALTER VIEW app.pay OWNER TO tenantd_owner', 'view app.pay: see a row of another tenant: saw one'),
  ('ALTER VIEW app.pay OWNER TO postgres', 'ALTER VIEW app.pay OWNER TO tenantd_owner', 'view app.pay: catalog: owner is not what it was'),
  ('CREATE OR REPLACE VIEW app.pay AS SELECT id, tenant_id, env, pay FROM app.salaries', 'ALTER VIEW app.pay SET (security_invoker = true)', 'resource pay: resource: it shows what its owner sees'),
  ('CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS SELECT id, tenant_id, env, 1 AS pay FROM app.invoices', 'CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS ' || :'pay', 'view app.pay: catalog: rule _RETURN is not what it was'),
  ('CREATE TABLE app.u (id uuid); CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS SELECT s.id, s.tenant_id, s.env, s.pay FROM app.salaries s, app.u', 'CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS ' || :'pay' || '; DROP TABLE app.u', 'resource pay: resource: it reads app.u, which is no resource'),
  ('GRANT SELECT ON app.pay TO tenantd_app', 'REVOKE SELECT ON app.pay FROM tenantd_app; GRANT SELECT (id, tenant_id, env, pay) ON app.pay TO tenantd_app', 'view app.pay: catalog: privilege SELECT is not expected'),
  ('GRANT INSERT ON app.pay TO tenantd_app', 'REVOKE INSERT ON app.pay FROM tenantd_app', 'view app.pay: catalog: privilege INSERT is not expected'),
  ('REVOKE SELECT ON app.pay FROM tenantd_app', 'GRANT SELECT (id, tenant_id, env, pay) ON app.pay TO tenantd_app', 'view app.pay: catalog: privilege SELECT\(env\) is missing'),
  ('CREATE RULE r AS ON INSERT TO app.pay DO INSTEAD NOTHING', 'DROP RULE r ON app.pay', 'view app.pay: catalog: rule r is not expected'),
  ('ALTER VIEW app.pay RENAME TO paid', 'ALTER VIEW app.paid RENAME TO pay', 'view app.pay: catalog: does not exist'),
  ('DROP VIEW app.pay; CREATE MATERIALIZED VIEW app.pay AS SELECT id, tenant_id, env, pay FROM app.salaries; GRANT SELECT ON app.pay TO tenantd_app', 'DROP MATERIALIZED VIEW app.pay; CREATE VIEW app.pay WITH (security_invoker = true) AS ' || :'pay' || '; ALTER VIEW app.pay OWNER TO tenantd_owner; GRANT SELECT (id, tenant_id, env, pay) ON app.pay TO tenantd_app', 'resource pay: resource: it is a materialized view.*was registered as a view and is none'),
  ('CREATE OR REPLACE FUNCTION app.steady(uuid) RETURNS bool LANGUAGE sql VOLATILE SECURITY DEFINER AS ''SELECT true''; CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS SELECT id, tenant_id, env, pay FROM app.salaries WHERE app.steady(id)', 'CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS ' || :'pay' || '; ALTER FUNCTION app.steady(uuid) STABLE SECURITY INVOKER', 'resource pay: resource: it calls the SECURITY DEFINER function app.steady\(uuid\)'),
  ('ALTER POLICY tenant_select ON app.salaries USING (true)', 'SET LOCAL ROLE tenantd_owner; SELECT tenantd.refresh_resource(''salaries'')', 'view app.pay: see a row of another tenant: saw one'),
  ('CREATE FUNCTION app.add(bigint, bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS ''SELECT 1::bigint''; REVOKE ALL ON FUNCTION app.add FROM PUBLIC; CREATE AGGREGATE app.total(bigint) (SFUNC = app.add, STYPE = bigint)', 'DROP AGGREGATE app.total(bigint); DROP FUNCTION app.add', 'function app.add\(bigint,bigint\): catalog: SECURITY DEFINER, open to the workers, and not listed')) v (doing, undoing, want);
SELECT is(test.gate(), NULL, 'and when all is mended nothing is left to say');

-- A view that changed says nothing new until it is registered again, and then what it says now.
SELECT test.script('migrator', 'CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS SELECT id, tenant_id, env, pay, created_at FROM app.salaries');
SELECT is(test.as('adam', 'SELECT count(created_at)::text FROM app.pay'), '!42501', 'a column that came later is not read'), is(test.as('adam', 'SELECT count(pay)::text FROM app.pay'), '1', 'those of before are'), is(test.o('SELECT tenantd.refresh_resource(''pay'')'), '', 'until it is refreshed'),
  is(test.as('adam', 'SELECT count(created_at)::text FROM app.pay'), '1', 'then it is'), is(test.gate(), NULL, 'and the gate is content');
SELECT test.script('migrator', 'CREATE OR REPLACE VIEW app.pay WITH (security_invoker = true) AS SELECT id, tenant_id, env, pay, created_at FROM app.salaries, pg_class');
SELECT matches(test.refusal('migrator', 'SELECT tenantd.refresh_resource(''pay'')'), 'it reads pg_class', 'a refresh looks as at the first time');
SELECT test.script('migrator', 'DROP VIEW app.pay');
SELECT matches(test.gate(), 'view app.pay: catalog: does not exist', 'a view that is gone is missed'), is(test.o($$SELECT tenantd.describe_resource('pay') ->> 'table'$$), 'app.pay', 'and can be described'), is(test.o('SELECT tenantd.unregister_resource(''pay'')'), '', 'and given up'), is(test.gate(), NULL, 'then all is well');
SELECT is(test.o(format('SELECT tenantd.unregister_resource(%L)', n)), '', n || ' is given up') FROM unnest(ARRAY['invoice_months', 'invoice_list']) WITH ORDINALITY v (n, i) ORDER BY i;
SELECT is(test.as('ann', 'SELECT count(*)::text FROM app.months'), '!42501', 'nobody is served from it'), is(test.gate(), NULL, 'and the gate is content');
-- A table may come in a view's place, and the other way round.
SELECT test.script('migrator', 'DROP VIEW app.titles; CREATE TABLE app.titles (id uuid PRIMARY KEY DEFAULT gen_random_uuid())');
SELECT matches(test.gate(), 'resource titles: resource: it was registered as a view and is none', 'a table in a view''s place is told'), is(test.o('SELECT tenantd.register_resource(''app.titles'')'), 'titles', 'until it is registered'), is(test.gate(), NULL, 'then all is well'),
  is(test.as('amy', 'INSERT INTO app.titles DEFAULT VALUES'), 'INSERT 0 1', 'and it is written to');
SELECT test.script('migrator', 'DROP TABLE app.titles; CREATE VIEW app.titles WITH (security_invoker = true) AS SELECT * FROM app.notes');
SELECT matches(test.gate(), 'resource titles: resource: it was registered as a table and is none', 'so is a view in a table''s'), is(test.o('SELECT tenantd.register_resource(''app.titles'')'), 'titles', 'until it is registered'), is(test.gate(), NULL, 'then all is well');

SELECT * FROM finish();
DROP FUNCTION test.o, test.refused, test.as, test.gate_after;
