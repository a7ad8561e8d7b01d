-- What the measurements need beside the migrations, in their throw-away database alone: a context key that
-- stands in plain sight, 20,000 tenants with an owner each, and tables to compare with.
--
--   psql -v key=HEX -f database.sql      as superuser

\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT tenantd.context_key_add(decode(:'key', 'hex')) AS key_id \gset
SELECT sha384(decode(:'key', 'hex')) AS proof_key \gset

-- Not triggers: they would audit what was never done by anyone.
SET session_replication_role = replica;
INSERT INTO tenantd.users (id, issuer, subject, email, email_verified)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'https://issuer.bench', 'user-' || i,
  'user-' || i || '@example.com', true
FROM generate_series(1, 20000) i;
INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status, bootstrapped_by)
SELECT ('10000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'dev', 'tenant-' || i, 'Tenant ' || i,
  'Organization ' || i, 'active', ('00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid
FROM generate_series(1, 20000) i;
INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at)
SELECT id, env, bootstrapped_by, 'owner', 'active', now() FROM tenantd.tenants;
SET session_replication_role = origin;

-- The worker's part of a request (src/repo/claim.c) as SQL, for pgbench. It has the rights of its caller and
-- the key in its body: this database holds nothing else.
CREATE SCHEMA bench;
CREATE SCHEMA bench_walled;
CREATE ROLE bench LOGIN;
ALTER ROLE bench SET search_path = pg_catalog, pg_temp;
ALTER ROLE bench SET jit = off;
GRANT CONNECT ON DATABASE tenantd TO bench;
GRANT USAGE ON SCHEMA bench TO tenantd_app, bench;
GRANT USAGE ON SCHEMA tenantd, bench_walled TO bench;
SELECT format($make$
  CREATE FUNCTION bench.prove(guard text, tenant text, route text, subject text, email text, OUT key_id text, OUT issued bigint, OUT proof bytea)
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
  BEGIN
    key_id := %L;
    issued := floor(extract(epoch FROM clock_timestamp()));
    proof := sha384(%L::bytea || convert_to(array_to_string(ARRAY['enter', pg_backend_pid()::text, key_id, issued::text, guard, 'any', 'dev', tenant,
      (tenant <> '')::text, '', '0af7651916cd43dd8448eb211c80319c', route, 'https://issuer.bench', subject, email, 'true', '', '', '', ''], E'\n'), 'UTF8'));
  END $body$
$make$, :'key_id', :'proof_key') \gexec
GRANT EXECUTE ON FUNCTION bench.prove(text, text, text, text, text) TO tenantd_app, bench;
GRANT EXECUTE ON FUNCTION tenantd.enter(text, bigint, text, text, tenantd.env, uuid, boolean, text, text, text, text, text, text, boolean, text, integer,
  text, uuid, bytea), tenantd.sealed() TO bench;

-- The same rows without a policy, and under the very policy of tenantd.tenants but for another role.
CREATE TABLE bench.tenants (LIKE tenantd.tenants INCLUDING ALL);
CREATE TABLE bench_walled.tenants (LIKE tenantd.tenants INCLUDING ALL);
INSERT INTO bench.tenants TABLE tenantd.tenants;
INSERT INTO bench_walled.tenants TABLE tenantd.tenants;
GRANT SELECT ON bench.tenants, bench_walled.tenants TO bench;
ALTER TABLE bench_walled.tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT pg_get_expr(polqual, polrelid) AS policy FROM pg_policy
WHERE polrelid = 'tenantd.tenants'::regclass AND polname = 'tenant_isolation' \gset
CREATE POLICY tenant_isolation ON bench_walled.tenants TO bench USING (:policy);

-- Microseconds of a transaction that does one thing, the best of `rounds` times `n`: what one part costs is the
-- difference of two lines. In the server alone, without protocol and client.
SELECT format($make$
  CREATE PROCEDURE bench.context(n integer, rounds integer)
  LANGUAGE plpgsql AS $body$
  DECLARE
    names text[] := '{nothing,set_config,enter,set_config_select,enter_select,enter_where,enter_policy}';
    best float8[] := array_fill('infinity'::float8, ARRAY[7]);
    tenant uuid := '10000000-0000-4000-8000-000000000005';
    like_context text := repeat('x', 80 + 120);
    p record;
    began timestamptz;
    us float8;
  BEGIN
    SELECT * INTO p FROM bench.prove('member', tenant::text, '/v1/tenant', 'user-5', 'user-5@example.com');
    FOR round IN 1..rounds LOOP
      FOR what IN 1..7 LOOP
        began := clock_timestamp();
        IF what = 1 THEN
          FOR i IN 1..n LOOP PERFORM 1; COMMIT; END LOOP;
        ELSIF what = 2 THEN
          FOR i IN 1..n LOOP PERFORM set_config('bench.context', like_context, true); COMMIT; END LOOP;
        ELSIF what = 3 THEN
          FOR i IN 1..n LOOP PERFORM tenantd.enter(p.key_id, p.issued, 'member', 'any', 'dev', tenant, true, '', '0af7651916cd43dd8448eb211c80319c', '/v1/tenant', 'https://issuer.bench',
            'user-5', 'user-5@example.com', true, '', NULL, '', NULL, p.proof); COMMIT; END LOOP;
        ELSIF what = 4 THEN
          FOR i IN 1..n LOOP
            PERFORM set_config('bench.context', like_context, true);
            PERFORM t.name FROM bench.tenants t WHERE t.id = tenant AND t.env = 'dev';
            COMMIT;
          END LOOP;
        ELSIF what = 5 THEN
          FOR i IN 1..n LOOP
            PERFORM tenantd.enter(p.key_id, p.issued, 'member', 'any', 'dev', tenant, true, '', '0af7651916cd43dd8448eb211c80319c', '/v1/tenant', 'https://issuer.bench',
            'user-5', 'user-5@example.com', true, '', NULL, '', NULL, p.proof);
            PERFORM t.name FROM bench.tenants t WHERE t.id = tenant AND t.env = 'dev';
            COMMIT;
          END LOOP;
        ELSIF what = 6 THEN
          FOR i IN 1..n LOOP
            PERFORM tenantd.enter(p.key_id, p.issued, 'member', 'any', 'dev', tenant, true, '', '0af7651916cd43dd8448eb211c80319c', '/v1/tenant', 'https://issuer.bench',
            'user-5', 'user-5@example.com', true, '', NULL, '', NULL, p.proof);
            PERFORM tenants.name FROM bench.tenants WHERE tenants.id = tenant AND tenants.env = 'dev' AND (%s);
            COMMIT;
          END LOOP;
        ELSE
          FOR i IN 1..n LOOP
            PERFORM tenantd.enter(p.key_id, p.issued, 'member', 'any', 'dev', tenant, true, '', '0af7651916cd43dd8448eb211c80319c', '/v1/tenant', 'https://issuer.bench',
            'user-5', 'user-5@example.com', true, '', NULL, '', NULL, p.proof);
            PERFORM tenants.name FROM bench_walled.tenants WHERE tenants.id = tenant AND tenants.env = 'dev';
            COMMIT;
          END LOOP;
        END IF;
        us := extract(epoch FROM clock_timestamp() - began) * 1e6 / n;
        best[what] := least(best[what], us);
      END LOOP;
    END LOOP;
    FOR what IN 1..7 LOOP
      RAISE NOTICE '%% %%', names[what], round(best[what]::numeric, 2);
    END LOOP;
  END $body$
$make$, :'policy') \gexec
GRANT EXECUTE ON PROCEDURE bench.context(integer, integer) TO bench;

VACUUM (ANALYZE);
CHECKPOINT;
