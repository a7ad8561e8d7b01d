-- Mail leaves through an outbox: whoever acts queues it in the same transaction, and `tenantctl mail run` sends it later.

SET LOCAL ROLE tenantd_context;

-- Queues a mail of this kind to one address; `params` is what its template shows. For the functions of the database alone:
-- nobody else may call it.
CREATE OR REPLACE FUNCTION tenantd.mail_queue(kind text, in_env tenantd.env, tenant uuid, recipient text, params jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.mail_outbox (kind, env, about_tenant, recipient, params) VALUES (kind, in_env, tenant, recipient, params)
$$;
