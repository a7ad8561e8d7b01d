-- Invitations: an admin asks an email address into the tenant, and whoever has that address, verified, and the token of the
-- mail accepts or declines. Every change of an invitation is made under the lock on the tenant's row, as changes of
-- members are, so that of two acts at once one comes first and the other sees what it did.

SET LOCAL ROLE tenantd_context;

-- The status as it is shown: one that is pending and past its time has expired.
CREATE OR REPLACE FUNCTION tenantd.invitation_status(status text, expires_at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN status = 'pending' AND expires_at <= now() THEN 'expired' ELSE status END
$$;

-- An invitation as the tenant's admins see it.
CREATE OR REPLACE FUNCTION tenantd.invitation_shown(id uuid, email text, role tenantd.role, status text, invited_by uuid, sent_at timestamptz,
  expires_at timestamptz, created_at timestamptz, token text DEFAULT NULL) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_strip_nulls(json_build_object('id', id, 'email', email, 'role', role, 'status', tenantd.invitation_status(status, expires_at),
    'invited_by', invited_by, 'sent_at', sent_at, 'expires_at', expires_at, 'created_at', created_at, 'token', token))
$$;
GRANT EXECUTE ON FUNCTION tenantd.invitation_status(text, timestamptz),
  tenantd.invitation_shown(uuid, text, tenantd.role, text, uuid, timestamptz, timestamptz, timestamptz, text) TO tenantd_app;

-- What must be true of every change: nobody invites above their own role as it is at this moment, an invitation that was
-- answered or revoked stays so, and only the function that a user accepts or declines with writes either.
CREATE OR REPLACE FUNCTION tenantd.invitation_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  acting tenantd.role;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF TG_OP = 'UPDATE' AND OLD.status <> 'pending' AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
    RAISE EXCEPTION 'the invitation was %', OLD.status USING ERRCODE = 'TD409', DETAIL = format('the invitation was %s already', OLD.status);
  ELSIF c.kind IS NULL OR c.kind = 'operator'
        OR (TG_OP = 'INSERT' AND EXISTS (SELECT FROM tenantd.users u WHERE u.id = NEW.invited_by AND u.issuer = 'canary')) THEN
    -- As with members, only the database's own roles get here without a context, and the gate's canary is known by its user.
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  ELSIF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'invitations are kept' USING ERRCODE = 'TD403';
  ELSIF c.kind = 'enrolled' THEN
    -- domain_invite writes it for the tenant.
    IF TG_OP <> 'INSERT' OR NEW.status <> 'pending' OR NEW.role <> 'member' THEN
      RAISE EXCEPTION 'not for a proven domain' USING ERRCODE = 'TD403';
    END IF;
    RETURN NEW;
  ELSIF c.kind = 'invited' THEN
    IF TG_OP = 'INSERT' OR NEW.status NOT IN ('accepted', 'declined') OR (NEW.role, NEW.token_digest, NEW.invited_by) <> (OLD.role, OLD.token_digest, OLD.invited_by) THEN
      RAISE EXCEPTION 'not for whoever was invited' USING ERRCODE = 'TD403';
    END IF;
    RETURN NEW;
  END IF;
  SELECT m.role INTO acting FROM tenantd.tenant_members m
  WHERE m.tenant_id = NEW.tenant_id AND m.user_id = c.user_id AND m.status = 'active';
  -- An API key revokes as its role allows; it is nobody who could answer for an invitation that waits.
  IF c.issuer = 'tenantd:api-key' THEN acting := c.role; END IF;
  IF acting IS NULL OR acting < 'tenant_admin' OR NEW.role > acting OR (TG_OP = 'UPDATE' AND OLD.role > acting) THEN
    RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403', DETAIL = 'nobody invites above their own role';
  ELSIF NEW.status NOT IN ('pending', 'revoked') OR (NEW.status = 'pending' AND NEW.invited_by <> c.user_id) THEN
    RAISE EXCEPTION 'not for the tenant' USING ERRCODE = 'TD403';
  END IF;
  RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.invitation_guard() TO tenantd_owner;

-- Queues the mail with the token, the only place where it stands besides the answer to the inviter.
CREATE OR REPLACE FUNCTION tenantd.invitation_mail(i tenantd.invitations, token text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.mail_queue('invitation', i.env, i.tenant_id, i.email, jsonb_build_object('tenant_name', t.name,
    'inviter', coalesce(u.name, u.email), 'role', i.role, 'token', token, 'expires_at', i.expires_at))
  FROM tenantd.tenants t, tenantd.users u WHERE t.id = i.tenant_id AND u.id = i.invited_by
$$;

-- Whoever sends an invitation, or sends it again, answers for it.
CREATE OR REPLACE FUNCTION tenantd.invitation_demand_person(issuer text) RETURNS void
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenantd.demand_person(issuer, 'a person invites, whose role is looked at again when somebody accepts: not an API key')
$$;

-- Invites one address to the context's tenant. The verdict is `invited`, and then there is an answer; or it says why not:
-- `member`, `suspended` (both have the address verified) or `pending` (there is an invitation that can still be accepted). One
-- that has expired is made anew in its place.
CREATE OR REPLACE FUNCTION tenantd.invite(to_email text, as_role tenantd.role, OUT verdict text, OUT answer json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  days integer;
  token text := tenantd.secret_new();
  i tenantd.invitations;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.invitation_demand_person(c.issuer);
  SELECT t.invitation_days INTO days FROM tenantd.tenants t WHERE t.id = c.tenant_id FOR NO KEY UPDATE;
  SELECT CASE m.status WHEN 'active' THEN 'member' ELSE 'suspended' END INTO verdict
  FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id
  WHERE m.tenant_id = c.tenant_id AND m.status IN ('active', 'suspended') AND u.email_verified AND lower(u.email COLLATE "C") = lower(to_email COLLATE "C")
  ORDER BY m.status LIMIT 1;
  IF verdict IS NOT NULL THEN RETURN; END IF;
  INSERT INTO tenantd.invitations AS held (tenant_id, env, email, role, token_digest, invited_by, expires_at)
  VALUES (c.tenant_id, c.env, to_email, as_role, tenantd.secret_digest(token), c.user_id, now() + make_interval(days => days))
  ON CONFLICT (tenant_id, lower(email COLLATE "C")) WHERE status = 'pending' DO UPDATE SET role = excluded.role, token_digest = excluded.token_digest,
    invited_by = excluded.invited_by, sent_at = excluded.sent_at, expires_at = excluded.expires_at
  WHERE held.expires_at <= now()
  RETURNING * INTO i;
  verdict := CASE WHEN i.id IS NULL THEN 'pending' ELSE 'invited' END;
  IF verdict = 'invited' THEN
    PERFORM tenantd.invitation_mail(i, token);
    answer := tenantd.invitation_shown(i.id, i.email, i.role, i.status, i.invited_by, i.sent_at, i.expires_at, i.created_at, token);
  END IF;
END $$;

-- Invites one address: {"email": …, "role": …}. The answer has the token, this once.
CREATE OR REPLACE FUNCTION tenantd.invitation_create(given jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v record;
BEGIN
  PERFORM tenantd.demand_kind(c.kind, 'tenant_admin') FROM tenantd.context() c;
  SELECT * INTO v FROM tenantd.invite(given ->> 'email', coalesce(given ->> 'role', 'member')::tenantd.role);
  IF v.verdict <> 'invited' THEN
    RAISE EXCEPTION 'not invited' USING ERRCODE = 'TD409', DETAIL = CASE v.verdict
      WHEN 'member' THEN 'a member has this email address already'
      WHEN 'suspended' THEN 'a suspended member has this email address: make that member active instead'
      ELSE 'this email address has an invitation already: send it again, or revoke it first' END;
  END IF;
  RETURN v.answer;
END $$;

-- Invites several addresses with one role: {"emails": […], "role": …}. It answers each address with its verdict and, when it was
-- invited, with the invitation, whose token is in the mail alone.
CREATE OR REPLACE FUNCTION tenantd.invitation_create_many(given jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  address text;
  v record;
  verdicts jsonb := '[]';
BEGIN
  PERFORM tenantd.demand_kind(c.kind, 'tenant_admin') FROM tenantd.context() c;
  FOR address IN SELECT e FROM jsonb_array_elements_text(given -> 'emails') e LOOP
    SELECT * INTO v FROM tenantd.invite(address, coalesce(given ->> 'role', 'member')::tenantd.role);
    verdicts := verdicts || jsonb_build_object('email', address, 'verdict', v.verdict, 'invitation', v.answer::jsonb - 'token');
  END LOOP;
  RETURN verdicts;
END $$;

-- Sends an invitation again, with a new token and a new time: the old token is worth nothing then. The caller answers for it from
-- now on. No row: there is no such invitation.
CREATE OR REPLACE FUNCTION tenantd.invitation_resend(invitation uuid) RETURNS SETOF json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  days integer;
  token text := tenantd.secret_new();
  i tenantd.invitations;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'tenant_admin');
  PERFORM tenantd.invitation_demand_person(c.issuer);
  SELECT t.invitation_days INTO days FROM tenantd.tenants t WHERE t.id = c.tenant_id FOR NO KEY UPDATE;
  UPDATE tenantd.invitations SET token_digest = tenantd.secret_digest(token), invited_by = c.user_id, sent_at = clock_timestamp(),
    expires_at = now() + make_interval(days => days)
  WHERE tenant_id = c.tenant_id AND env = c.env AND id = invitation RETURNING * INTO i;
  IF i.id IS NOT NULL THEN
    PERFORM tenantd.invitation_mail(i, token);
    RETURN NEXT tenantd.invitation_shown(i.id, i.email, i.role, i.status, i.invited_by, i.sent_at, i.expires_at, i.created_at, token);
  END IF;
END $$;

-- The invitation that the caller of a `token` context names by its token, {"token": …}, or as one that is for their own verified email, {"id": …};
-- and the caller's row, made when there was none; both locked, and the tenant before them. It refuses a token that nobody has and an id that is not
-- for the caller (404), a token that is for somebody else (403), and an invitation that is over (410).
CREATE OR REPLACE FUNCTION tenantd.invitation_held(given jsonb, OUT i tenantd.invitations, OUT person uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  digest bytea := tenantd.secret_digest(given ->> 'token');
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF digest IS NULL THEN
    SELECT * INTO i FROM tenantd.invitations
    WHERE id = (given ->> 'id')::uuid AND env = c.env AND c.email_verified AND lower(email COLLATE "C") = lower(c.email COLLATE "C");
  ELSE
    SELECT * INTO i FROM tenantd.invitations WHERE token_digest = digest AND env = c.env;
  END IF;
  IF i.id IS NOT NULL THEN
    IF c.email_verified IS NOT TRUE OR lower(c.email COLLATE "C") IS DISTINCT FROM lower(i.email COLLATE "C") THEN
      RAISE EXCEPTION 'for somebody else' USING ERRCODE = 'TD403',
        DETAIL = 'the invitation is for another email address, or yours is not verified';
    END IF;
    person := tenantd.user_of_token();
    PERFORM 1 FROM tenantd.tenants t WHERE t.id = i.tenant_id FOR NO KEY UPDATE;
    -- Under the lock it may be another one's turn that is over: it was answered, revoked or sent again.
    SELECT * INTO i FROM tenantd.invitations h
    WHERE h.tenant_id = i.tenant_id AND h.id = i.id AND (digest IS NULL OR h.token_digest = digest) FOR UPDATE;
  END IF;
  IF i.id IS NULL THEN
    RAISE EXCEPTION 'no such invitation' USING ERRCODE = 'TD404', DETAIL = 'there is no such invitation';
  ELSIF tenantd.invitation_status(i.status, i.expires_at) <> 'pending' THEN
    RAISE EXCEPTION 'the invitation is over' USING ERRCODE = 'TD410',
      DETAIL = format('the invitation %s', CASE tenantd.invitation_status(i.status, i.expires_at) WHEN 'expired' THEN 'has expired' ELSE 'was ' || i.status END);
  END IF;
END $$;

-- Accepts an invitation, {"token": …} or {"id": …}: the caller is an active member then. A membership that is active stays as it is (409), and
-- a suspended one too (403). Who was removed or rejected after it was sent needs a new one (410), also when they have asked to join
-- since. The inviter must still be somebody who could send it (403). It answers the membership, as me() shows it.
CREATE OR REPLACE FUNCTION tenantd.invitation_accept(given jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text := current_setting('tenantd.context', true);
  h record;
  t record;
  m record;
BEGIN
  PERFORM tenantd.demand_kind(c.kind, 'token') FROM tenantd.context() c;
  SELECT (f.i).*, f.person INTO h FROM tenantd.invitation_held(given) f;
  SELECT * INTO t FROM tenantd.tenants WHERE id = h.tenant_id;
  IF t.status NOT IN ('onboarding', 'active') THEN
    RAISE EXCEPTION 'nobody joins a tenant that is %', t.status USING ERRCODE = 'TD013';
  END IF;
  SELECT * INTO m FROM tenantd.tenant_members WHERE tenant_id = h.tenant_id AND user_id = h.person;
  IF m.status = 'active' THEN
    RAISE EXCEPTION 'a member already' USING ERRCODE = 'TD409', DETAIL = 'you are a member of this tenant already';
  ELSIF m.status = 'suspended' THEN
    RAISE EXCEPTION 'membership suspended' USING ERRCODE = 'TD015';
  ELSIF h.sent_at <= m.ended_at THEN
    RAISE EXCEPTION 'an old invitation' USING ERRCODE = 'TD410', DETAIL = 'your membership ended after the invitation was sent: ask for a new one';
  ELSIF NOT EXISTS (SELECT 1 FROM tenantd.tenant_members b WHERE b.tenant_id = h.tenant_id AND b.user_id = h.invited_by AND b.status = 'active'
                      AND b.role >= greatest(h.role, 'tenant_admin')) THEN
    RAISE EXCEPTION 'the inviter may not invite' USING ERRCODE = 'TD403',
      DETAIL = 'who invited you may not give this role any more: ask for a new invitation';
  END IF;
  PERFORM tenantd.reseal(h.tenant_id, h.person, 'invited');
  UPDATE tenantd.invitations SET status = 'accepted' WHERE tenant_id = h.tenant_id AND id = h.id;
  IF m.status IS NULL THEN
    INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status) VALUES (h.tenant_id, h.env, h.person, h.role, 'active') RETURNING * INTO m;
  ELSE
    UPDATE tenantd.tenant_members SET role = h.role, status = 'active' WHERE tenant_id = h.tenant_id AND user_id = h.person RETURNING * INTO m;
  END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN json_build_object('tenant_id', t.id, 'slug', t.slug, 'name', t.name, 'env', t.env, 'role', m.role, 'status', m.status,
    'tenant_status', t.status, 'joined_at', m.joined_at, 'access_contact', t.access_contact);
END $$;

-- Declines an invitation, {"token": …} or {"id": …}, in any tenant that it is for.
CREATE OR REPLACE FUNCTION tenantd.invitation_decline(given jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text := current_setting('tenantd.context', true);
  h record;
BEGIN
  PERFORM tenantd.demand_kind(c.kind, 'token') FROM tenantd.context() c;
  SELECT (f.i).tenant_id, (f.i).id, f.person INTO h FROM tenantd.invitation_held(given) f;
  PERFORM tenantd.reseal(h.tenant_id, h.person, 'invited');
  UPDATE tenantd.invitations SET status = 'declined' WHERE tenant_id = h.tenant_id AND id = h.id;
  PERFORM set_config('tenantd.context', held, true);
  RETURN json_build_object('status', 'declined');
END $$;

-- The invitations that wait for the verified email of a `token` context's caller: those that they could accept now.
CREATE OR REPLACE FUNCTION tenantd.my_invitations() RETURNS TABLE (answer json, sent_at timestamptz, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  RETURN QUERY SELECT json_build_object('id', i.id, 'tenant_id', i.tenant_id, 'slug', t.slug, 'name', t.name, 'role', i.role,
      'inviter', coalesce(u.name, u.email), 'sent_at', i.sent_at, 'expires_at', i.expires_at), i.sent_at, i.id
    FROM tenantd.invitations i JOIN tenantd.tenants t ON t.id = i.tenant_id JOIN tenantd.users u ON u.id = i.invited_by
    LEFT JOIN tenantd.tenant_members m ON m.tenant_id = i.tenant_id AND m.user_id = c.user_id
    WHERE c.email_verified AND lower(i.email COLLATE "C") = lower(c.email COLLATE "C") AND i.env = c.env AND i.status = 'pending' AND i.expires_at > now()
      AND t.status IN ('onboarding', 'active')
      AND (m.status IS NULL OR (m.status IN ('pending', 'removed', 'rejected') AND i.sent_at > coalesce(m.ended_at, '-infinity')));
END $$;
GRANT EXECUTE ON FUNCTION tenantd.invitation_create(jsonb), tenantd.invitation_create_many(jsonb), tenantd.invitation_resend(uuid),
  tenantd.invitation_accept(jsonb), tenantd.invitation_decline(jsonb), tenantd.my_invitations() TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.invitation_create(jsonb)', 'makes a token and queues its mail; the tenant and the inviter are those of the sealed context'),
  ('tenantd.invitation_create_many(jsonb)', 'the same for several addresses'),
  ('tenantd.invitation_resend(uuid)', 'makes a new token for an invitation of the sealed context''s tenant, and queues its mail'),
  ('tenantd.invitation_accept(jsonb)', 'brings the caller of the sealed context into the tenant whose token they hold, or whose invitation is for their verified email'),
  ('tenantd.invitation_decline(jsonb)', 'answers an invitation whose token the caller of the sealed context holds, or that is for their verified email'),
  ('tenantd.my_invitations()', 'shows the caller what waits for their own verified email, whatever tenant it is of')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
