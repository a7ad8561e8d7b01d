-- Mail leaves through an outbox: whoever acts queues it in the same transaction, and `tenantctl mail run` sends it
-- later, as tenantd_errands: the workers' role can neither read what waits nor take it.

SET LOCAL ROLE tenantd_context;

-- Queues a mail of this kind to one address; `params` is what its template shows. For the functions of the database alone:
-- nobody else may call it.
CREATE OR REPLACE FUNCTION tenantd.mail_queue(kind text, in_env tenantd.env, tenant uuid, recipient text, params jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.mail_outbox (kind, env, about_tenant, recipient, params) VALUES (kind, in_env, tenant, recipient, params)
$$;

-- Queues it to each active admin and owner of the tenant whose address is verified: any other address may be a stranger's.
CREATE OR REPLACE FUNCTION tenantd.mail_admins(kind text, in_env tenantd.env, tenant uuid, params jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.mail_queue(kind, in_env, tenant, u.email, params)
  FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id
  WHERE m.tenant_id = tenant AND m.status = 'active' AND m.role >= 'tenant_admin' AND u.email ~ '^[^[:cntrl:]]+$' AND u.email_verified
$$;

-- Takes the mail that has waited longest, for `lease`: until then nobody else takes it, and after that it counts as not
-- sent, because the sender must have ended. So two senders at once never send the same mail, and a sender that ends
-- between sending a mail and saying so costs a second copy, never a lost mail. The attempt counts from the start, so that
-- a mail that ends its senders is given up, too: after `most` attempts.
CREATE OR REPLACE FUNCTION tenantd.mail_next(envs tenantd.env[], most integer, lease interval)
RETURNS TABLE (id uuid, env tenantd.env, kind text, recipient text, params jsonb, attempt integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenantd.mail_outbox o SET state = 'dead', params = NULL, ended_at = now(), error = 'the sender ended during the last attempt'
  WHERE o.state = 'queued' AND o.due_at <= now() AND o.attempts >= most AND o.env = ANY (envs);
  RETURN QUERY UPDATE tenantd.mail_outbox o SET attempts = o.attempts + 1, due_at = now() + lease
  WHERE o.id = (SELECT q.id FROM tenantd.mail_outbox q WHERE q.state = 'queued' AND q.due_at <= now() AND q.env = ANY (envs)
    ORDER BY q.due_at, q.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING o.id, o.env, o.kind, o.recipient, o.params, o.attempts;
END $$;

-- Says how an attempt of mail_next ended: `problem` is null when the mail was sent. Otherwise it is due again after one
-- minute, and twice as long after each further attempt, up to an hour; or it is given up, when that is asked for. Answers
-- the state that it has now, or null when it was taken by another sender meanwhile, whose word counts.
CREATE OR REPLACE FUNCTION tenantd.mail_tried(mail uuid, attempt integer, problem text, give_up boolean) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tenantd.mail_outbox o SET error = problem, state = n.state,
    params = CASE n.state WHEN 'queued' THEN o.params END,
    ended_at = CASE n.state WHEN 'queued' THEN NULL ELSE now() END,
    due_at = CASE n.state WHEN 'queued' THEN now() + least(interval '1 minute' * 2 ^ least(attempt - 1, 10), interval '1 hour') ELSE o.due_at END
  FROM (SELECT CASE WHEN problem IS NULL THEN 'sent' WHEN give_up THEN 'dead' ELSE 'queued' END AS state) n
  WHERE o.id = mail AND o.attempts = attempt AND o.state = 'queued'
  RETURNING o.state
$$;

-- Forgets mails that were sent or given up before `before`: their addresses are personal data.
CREATE OR REPLACE FUNCTION tenantd.mail_forget(envs tenantd.env[], before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM tenantd.mail_outbox o WHERE o.state <> 'queued' AND o.ended_at < before AND o.env = ANY (envs)
$$;

-- What the operator sees: everything but what the mail says, in which secrets are. Newest first.
CREATE OR REPLACE FUNCTION tenantd.operator_mail(in_env tenantd.env, in_state text, most bigint)
RETURNS TABLE (id uuid, env tenantd.env, kind text, recipient text, about_tenant uuid, state text, attempts integer,
  due_at timestamptz, error text, created_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT o.id, o.env, o.kind, o.recipient, o.about_tenant, o.state, o.attempts,
    CASE o.state WHEN 'queued' THEN o.due_at END, o.error, o.created_at, o.ended_at
  FROM tenantd.mail_outbox o
  WHERE (in_env IS NULL OR o.env = in_env) AND (in_state IS NULL OR o.state = in_state)
  ORDER BY o.created_at DESC, o.id LIMIT most
$$;
GRANT EXECUTE ON FUNCTION tenantd.mail_next(tenantd.env[], integer, interval), tenantd.mail_tried(uuid, integer, text, boolean),
  tenantd.mail_forget(tenantd.env[], timestamptz) TO tenantd_errands;
GRANT EXECUTE ON FUNCTION tenantd.operator_mail(tenantd.env, text, bigint) TO tenantd_migrator;
