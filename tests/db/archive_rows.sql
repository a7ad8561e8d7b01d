-- Rows in each of the sixteen areas for the tenant acme in dev, with what an archive could get wrong: texts that COPY and JSON escape,
-- numbers with many digits, nulls beside empty texts, rows that refer to later ones, more bytes than fit in a buffer.
CREATE TEMP TABLE t AS SELECT t.id AS tenant_id, t.env, m.user_id FROM tenantd.tenants t JOIN tenantd.tenant_members m ON m.tenant_id = t.id
WHERE t.slug = 'acme' AND t.env = 'dev' AND m.role = 'owner' LIMIT 1;
CREATE TEMP TABLE odd AS SELECT n, s FROM unnest(ARRAY[E'a\tb\\N\n"c"\r{}', '', E'\\.', 'Zoë ☃ 𝄞', E'\x01\x1f\x7f']) WITH ORDINALITY v (s, n);
-- Somebody's own rows.
CREATE SCHEMA lab AUTHORIZATION tenantd_owner;
SET ROLE tenantd_owner;
CREATE TABLE lab.diaries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, user_id uuid, entry text);
-- A trigger that would change what arrives, and keep anybody from erasing.
CREATE FUNCTION lab.forbid() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ BEGIN RAISE EXCEPTION 'not here'; END $$;
SELECT tenantd.register_resource('lab.diaries', user_scoped => true, delete_role => 'member');
RESET ROLE;
INSERT INTO lab.diaries (tenant_id, env, user_id, entry) SELECT tenant_id, env, user_id, odd.s FROM t, odd;
INSERT INTO lab.diaries (tenant_id, env, user_id, entry) SELECT t.tenant_id, t.env, m.user_id, 'mine' FROM t JOIN tenantd.tenant_members m ON m.tenant_id = t.tenant_id AND m.user_id <> t.user_id;
CREATE TRIGGER forbids BEFORE INSERT OR DELETE ON lab.diaries FOR EACH ROW EXECUTE FUNCTION lab.forbid();
CREATE TRIGGER sleeps BEFORE INSERT OR DELETE ON lab.diaries FOR EACH ROW EXECUTE FUNCTION lab.forbid();
ALTER TABLE lab.diaries DISABLE TRIGGER sleeps;
SET ROLE tenantd_owner;
SELECT tenantd.refresh_resource('diaries');
RESET ROLE;

INSERT INTO app.budgets (tenant_id, env, name, amount, starts_on, ends_on, notes) SELECT tenant_id, env, 'b' || n, 123456789012.99, '0044-03-15 BC', 'infinity', s FROM t, odd;
INSERT INTO app.kpis (tenant_id, env, name, period_start, period_end, value, dimensions) SELECT tenant_id, env, 'k' || n, '2026-01-01', '2026-02-01',
  0.1234567890123456789012345678901234567890, jsonb_build_object('a', s) FROM t, odd;
INSERT INTO app.temperature_readings (tenant_id, env, sensor, celsius) SELECT tenant_id, env, 's', -273.15 + n FROM t, generate_series(1, 300) n;
INSERT INTO app.nexus_documents (tenant_id, env, title, body, tags, metadata) SELECT tenant_id, env, 'd', s, ARRAY[s, NULL, 'NULL'], '{"x": [1e400]}' FROM t, odd;
INSERT INTO app.vector_points (tenant_id, env, embedding) SELECT tenant_id, env, ARRAY[0.1, 1e-40, 3.4e38, -0]::real[] FROM t;
INSERT INTO app.bossman_tasks (tenant_id, env, id, title, assignee_id, parent_id) SELECT tenant_id, env, ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'task', user_id,
  CASE WHEN n < 9 THEN ('00000000-0000-4000-8000-00000000000' || n + 1)::uuid END FROM t, generate_series(1, 9) n;
INSERT INTO app.media_objects (tenant_id, env, id, name) SELECT tenant_id, env, ('00000000-0000-4000-8000-00000000001' || n)::uuid, coalesce(nullif(s, ''), 'empty') FROM t, odd;
INSERT INTO app.media_contents (tenant_id, env, id, content, content_type) SELECT tenant_id, env, id, CASE WHEN name = 'empty' THEN '' ELSE
  (SELECT string_agg(sha512(convert_to(name || n, 'UTF8')), '') FROM generate_series(1, 50000) n) END, 'image/png' FROM app.media_objects;
INSERT INTO app.analytics_events (tenant_id, env, name) SELECT tenant_id, env, 'e' FROM t;
INSERT INTO app.log_events (tenant_id, env, source, message) SELECT tenant_id, env, 'l', s FROM t, odd;
INSERT INTO app.page_contents (tenant_id, env, page, body, is_published) SELECT tenant_id, env, 'p' || n, s, true FROM t, odd;
INSERT INTO app.kill_switches (tenant_id, env, name, is_engaged, engaged_until) SELECT tenant_id, env, 'k', true, '-infinity' FROM t;
INSERT INTO app.strategy_locks (tenant_id, env, strategy, reason) SELECT tenant_id, env, 's', 'r' FROM t;
INSERT INTO app.item_profiles (tenant_id, env, id, sku, name, weight_grams) SELECT tenant_id, env, '00000000-0000-4000-8000-000000000021', 'sku', 'n', 'NaN' FROM t;
INSERT INTO app.inventory_items (tenant_id, env, sku, name, quantity, reorder_level, profile_id) SELECT tenant_id, env, 'sku', 'n', 1.5, 2, '00000000-0000-4000-8000-000000000021' FROM t;
INSERT INTO app.jobs (tenant_id, env, kind, payload, result) SELECT tenant_id, env, 'j', '"text"', 'null' FROM t;
INSERT INTO app.campaigns (tenant_id, env, name, body) SELECT tenant_id, env, 'c', s FROM t, odd;
-- Of tenantd's own tables, those that a seed leaves empty; and a neighbour with rows, of whom none may go.
INSERT INTO tenantd.api_keys (tenant_id, env, name, role, digest, created_by, expires_at) SELECT tenant_id, env, 'key', 'member', sha256('key'), user_id, 'infinity' FROM t;
INSERT INTO tenantd.domains (tenant_id, env, name, enrollment, challenge, added_by) SELECT tenant_id, env, 'acme.example', 'join', 'c', user_id FROM t;
UPDATE tenantd.domains SET verified_at = now();
INSERT INTO tenantd.ownership_offers (tenant_id, env, offered_by, user_id) SELECT t.tenant_id, t.env, t.user_id, m.user_id FROM t JOIN tenantd.tenant_members m
  ON m.tenant_id = t.tenant_id AND m.user_id <> t.user_id AND m.status = 'active' LIMIT 1;
INSERT INTO app.jobs (tenant_id, env, kind) SELECT id, env, 'neighbour' FROM tenantd.tenants WHERE slug <> 'acme';
