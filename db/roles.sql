-- The five roles, and a database that gives nobody more than they need. Run once per database, as a
-- superuser, before the first `tenantctl migrate up`; running it again changes nothing:
--
--   psql -d mydb -f roles.sql
--
-- It sets no passwords: on a command line everybody would see them. Without one the three login roles can only
-- come in by a method that needs none (peer, cert, a private socket with trust); psql's \password sets one.
--
--   tenantd_owner     owns the schema and the tables; nobody logs in as it
--   tenantd_context   owns the SECURITY DEFINER functions; sees tables by policies of its own
--   tenantd_migrator  logs in for `tenantctl migrate` and the operator's commands; acts as the first two
--   tenantd_errands   logs in to send mail and to look up domains; may call the functions for that, and nothing else
--   tenantd_app       logs in for the workers; may do what it was granted, one thing at a time

\set ON_ERROR_STOP on

BEGIN;

DO $$
DECLARE
  r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['tenantd_owner', 'tenantd_context', 'tenantd_migrator', 'tenantd_errands', 'tenantd_app'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I', r);
    END IF;
  END LOOP;
END $$;

ALTER ROLE tenantd_owner    NOLOGIN NOCREATEROLE NOCREATEDB NOINHERIT;
ALTER ROLE tenantd_context  NOLOGIN NOCREATEROLE NOCREATEDB NOINHERIT;
ALTER ROLE tenantd_migrator LOGIN   NOCREATEROLE NOCREATEDB NOINHERIT;
ALTER ROLE tenantd_errands  LOGIN   NOCREATEROLE NOCREATEDB NOINHERIT;
ALTER ROLE tenantd_app      LOGIN   NOCREATEROLE NOCREATEDB NOINHERIT;

-- Only a superuser may say these, and a role is made without them: so they are said where one has more.
SELECT format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOREPLICATION', rolname)
FROM pg_roles WHERE rolname = ANY ('{tenantd_owner,tenantd_context,tenantd_migrator,tenantd_errands,tenantd_app}')
  AND (rolsuper OR rolbypassrls OR rolreplication) \gexec

GRANT tenantd_owner, tenantd_context TO tenantd_migrator;
-- `tenantctl tenant import` stores rows as they were, without the triggers that stamp and audit. The owner of the tables could
-- disable these, too, but would hold back everybody who writes meanwhile. Only a superuser may give this, or whom one lets.
SELECT 'GRANT SET ON PARAMETER session_replication_role TO tenantd_owner'
WHERE NOT has_parameter_privilege('tenantd_owner', 'session_replication_role', 'SET')
  AND has_parameter_privilege('session_replication_role', 'SET WITH GRANT OPTION') \gexec

-- The workers give the settings of their sessions when they connect (src/db/session.c), because a role may change its own
-- settings. It cannot change this one: other sessions must not read the text of its queries.
ALTER ROLE tenantd_app RESET ALL;
SELECT 'ALTER ROLE tenantd_app SET track_activities = off' WHERE has_parameter_privilege('track_activities', 'SET') \gexec
ALTER ROLE tenantd_migrator SET search_path = pg_catalog, pg_temp;
ALTER ROLE tenantd_errands SET search_path = pg_catalog, pg_temp;

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO tenantd_app, tenantd_migrator, tenantd_errands', current_database()) \gexec
SELECT format('GRANT CREATE ON DATABASE %I TO tenantd_owner', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- Rights that PostgreSQL gives to everybody and that the workers must not have: to end each other's sessions; to use
-- large objects, which all tenants would share; and to read the names of a session's prepared statements, because
-- injected SQL could then put other statements under these names.
REVOKE EXECUTE ON FUNCTION pg_prepared_statement(), pg_terminate_backend(integer, bigint), pg_cancel_backend(integer), lo_creat(integer),
  lo_create(oid), lo_from_bytea(oid, bytea), lo_open(oid, integer), loread(integer, integer),
  lowrite(integer, bytea), lo_get(oid), lo_get(oid, bigint, integer), lo_put(oid, bigint, bytea), lo_unlink(oid)
  FROM PUBLIC;
-- These counters include rows that row-level security hid. They would tell whether another tenant has a row with some
-- key: WHERE slug = 'theirs', and then a look at pg_stat_xact_user_tables. Monitoring can still read them.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO pg_monitor', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE 'pg\_stat\_get\_%'
  AND proargtypes = '26'::oidvector \gexec

COMMIT;
