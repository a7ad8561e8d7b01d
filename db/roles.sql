-- The four roles, and a database that gives nobody more than they need. Run once per database, as a
-- superuser, before the first `tenantctl migrate up`; running it again changes nothing:
--
--   psql -d mydb -f roles.sql
--
-- It sets no passwords: on a command line everybody would see them. Without one the two login roles can only
-- come in by a method that needs none (peer, cert, a private socket with trust); psql's \password sets one.
--
--   tenantd_owner     owns the schema and the tables; nobody logs in as it
--   tenantd_context   owns the SECURITY DEFINER functions; sees tables by policies of its own
--   tenantd_migrator  logs in for `tenantctl migrate` and the operator's commands; acts as the first two
--   tenantd_app       logs in for the workers; may do what it was granted, one thing at a time

\set ON_ERROR_STOP on

BEGIN;

DO $$
DECLARE
  r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['tenantd_owner', 'tenantd_context', 'tenantd_migrator', 'tenantd_app'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I', r);
    END IF;
  END LOOP;
END $$;

ALTER ROLE tenantd_owner    NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT;
ALTER ROLE tenantd_context  NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT;
ALTER ROLE tenantd_migrator LOGIN   NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT;
ALTER ROLE tenantd_app      LOGIN   NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT;

GRANT tenantd_owner, tenantd_context TO tenantd_migrator;

-- What the workers' sessions are like is given by the workers when they connect (src/db/session.c), and what a role may
-- change for itself is left to nobody's memory here. This one it cannot change: other sessions must not read the text of
-- its queries.
ALTER ROLE tenantd_app RESET ALL;
ALTER ROLE tenantd_app SET track_activities = off;
ALTER ROLE tenantd_migrator SET search_path = pg_catalog, pg_temp;

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO tenantd_app, tenantd_migrator', current_database()) \gexec
SELECT format('GRANT CREATE ON DATABASE %I TO tenantd_owner', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- What PostgreSQL gives to everybody and the workers must not have: ending each other's sessions, and large
-- objects, which would be theirs in common, whatever the tenant; and the names of a session's prepared
-- statements, under which SQL that was slipped in could put others.
REVOKE EXECUTE ON FUNCTION pg_prepared_statement(), pg_terminate_backend(integer, bigint), pg_cancel_backend(integer), lo_creat(integer),
  lo_create(oid), lo_from_bytea(oid, bytea), lo_open(oid, integer), loread(integer, integer),
  lowrite(integer, bytea), lo_get(oid), lo_get(oid, bigint, integer), lo_put(oid, bigint, bytea), lo_unlink(oid)
  FROM PUBLIC;
-- How many rows a scan met, though row-level security hid them, would tell whether another tenant has a row of
-- this key: WHERE slug = 'theirs', then one look at pg_stat_xact_user_tables. Monitoring keeps these counters.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO pg_monitor', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE 'pg\_stat\_get\_%'
  AND proargtypes = '26'::oidvector \gexec

COMMIT;
