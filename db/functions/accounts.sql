-- The accounts of tenantd's own issuer. A password never gets here: a worker computes argon2id of password and salt, and
-- the database compares. What the database keeps never leaves it, so that injected SQL learns nothing of value.
--
-- Here and wherever emails are compared, only the capitals A to Z are the same as their small letters (COLLATE "C"), as in the workers'
-- limits. What a locale makes of other letters would be a second spelling: for most, the sign of Kelvin is a k.

SET LOCAL ROLE tenantd_context;

-- The cost and the salt with which a worker computes the password of the account that has this email, or that is the
-- caller's when they have a session. Where there is no such account it makes up a salt, so that it takes the same time.
CREATE OR REPLACE FUNCTION tenantd.account_salt(email text, present_cost integer) RETURNS TABLE (cost integer, salt text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor', 'token');
  IF c.kind = 'token' THEN
    PERFORM tenantd.demand_session(c.session);
  END IF;
  RETURN QUERY SELECT coalesce(a.cost, present_cost), encode(coalesce(a.salt, uuid_send(gen_random_uuid())), 'hex')
  FROM (VALUES (1)) one LEFT JOIN tenantd.accounts a
    ON CASE c.kind WHEN 'token' THEN a.user_id = c.user_id ELSE a.email = lower(account_salt.email COLLATE "C") END;
END $$;

-- Refuses a caller whose token was not made by tenantd's own issuer.
CREATE OR REPLACE FUNCTION tenantd.demand_session(session uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF session IS NULL THEN
    RAISE EXCEPTION 'not for tokens of another issuer' USING ERRCODE = 'TD403',
      DETAIL = 'this is for those who signed in here; your token was made by another issuer';
  END IF;
END $$;

-- Ends sessions of a user, all but `kept`.
CREATE OR REPLACE FUNCTION tenantd.sessions_end(of_user uuid, kept uuid, why text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tenantd.sessions SET ended_at = now(), ended_by = why WHERE user_id = of_user AND ended_at IS NULL AND id IS DISTINCT FROM kept
$$;

-- Gives a new refresh token to the session and answers what a token is made of: the claims that the database knows, the
-- user, the tenant, and the refresh token. The tenant is the session's while its user is an active member there; else it is
-- that of their earliest active membership in this env, and there may be none.
CREATE OR REPLACE FUNCTION tenantd.session_answer(of_session uuid) RETURNS TABLE (claims json, user_json json, tenant_json json, refresh_token text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  s tenantd.sessions;
  u tenantd.users;
  t record;
BEGIN
  SELECT * INTO s FROM tenantd.sessions WHERE id = of_session;
  SELECT * INTO u FROM tenantd.users WHERE id = s.user_id;
  SELECT t.id, t.slug, t.name, t.organization_name, t.status, m.role INTO t
  FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id AND t.env = m.env
  WHERE m.user_id = s.user_id AND m.env = s.env AND m.status = 'active'
  ORDER BY m.tenant_id IS DISTINCT FROM s.at_tenant, t.status = 'closed', m.joined_at, m.tenant_id LIMIT 1;
  refresh_token := tenantd.secret_new();
  INSERT INTO tenantd.refresh_tokens (digest, session_id) VALUES (tenantd.secret_digest(refresh_token), s.id);
  UPDATE tenantd.sessions SET at_tenant = t.id, used_at = now() WHERE id = s.id;
  claims := json_strip_nulls(json_build_object('sub', u.subject, 'email', u.email, 'email_verified', u.email_verified, 'name', u.name, 'env', s.env,
    'sid', s.id, 'app_metadata', json_build_object('tenant_id', t.id, 'roles', CASE WHEN t.role IS NULL THEN '[]' ELSE json_build_array(t.role) END)));
  user_json := (SELECT row_to_json(x) FROM (SELECT u.id, u.email, u.email_verified, u.name, u.system_admin, u.created_at) x);
  IF t.id IS NOT NULL THEN
    tenant_json := row_to_json(t);
  END IF;
  RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION tenantd.session_open(of_user uuid, in_env tenantd.env, client text, lifetime_s integer) RETURNS uuid
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tenantd.sessions (user_id, env, client, expires_at) VALUES (of_user, in_env, nullif(client, ''), now() + make_interval(secs => lifetime_s))
  RETURNING id
$$;

-- Makes the secret that a mail carries, and queues the mail, whose kind is named as its purpose unless another one is said. The
-- secrets before it are worth nothing then.
CREATE OR REPLACE FUNCTION tenantd.account_mail(of_user uuid, in_env tenantd.env, purpose text, lifetime interval, kind text DEFAULT NULL,
  params jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  secret text := tenantd.secret_new();
  until timestamptz := now() + lifetime;
BEGIN
  DELETE FROM tenantd.account_secrets s WHERE s.user_id = of_user AND s.purpose = account_mail.purpose;
  INSERT INTO tenantd.account_secrets (digest, user_id, purpose, expires_at) VALUES (tenantd.secret_digest(secret), of_user, purpose, until);
  PERFORM tenantd.mail_queue(coalesce(kind, purpose), in_env, NULL, u.email, params || jsonb_build_object('token', secret, 'expires_at', until))
  FROM tenantd.users u WHERE u.id = of_user;
END $$;

-- Uses the secret up and answers whose it is. Of two who bring it at once, one gets it.
CREATE OR REPLACE FUNCTION tenantd.account_secret_take(secret text, of_purpose text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose uuid;
BEGIN
  UPDATE tenantd.account_secrets s SET used_at = now()
  WHERE s.digest = tenantd.secret_digest(secret) AND s.purpose = of_purpose AND s.used_at IS NULL AND s.expires_at > now()
  RETURNING s.user_id INTO whose;
  IF whose IS NULL THEN
    RAISE EXCEPTION 'no such secret' USING ERRCODE = 'TD404', DETAIL = 'this link was used before, has expired, or a newer one was sent';
  END IF;
  RETURN whose;
END $$;

-- Makes the account, its user, and a tenant in onboarding of which they are the owner; and mails a link that proves the address.
-- Null, and nothing is made: there is an account with this email.
CREATE OR REPLACE FUNCTION tenantd.signup_make(own_issuer text, to_email text, name text, cost integer, salt text, password text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  new_user uuid := gen_random_uuid();
  new_tenant uuid := gen_random_uuid();
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.reseal(new_tenant, new_user, 'bootstrap');
  BEGIN
    INSERT INTO tenantd.users (id, issuer, subject, email, name) VALUES (new_user, own_issuer, new_user::text, to_email, signup_make.name);
    INSERT INTO tenantd.accounts (user_id, email, cost, salt, password)
    VALUES (new_user, lower(to_email COLLATE "C"), signup_make.cost, decode(signup_make.salt, 'hex'), sha256(decode(signup_make.password, 'hex')));
  EXCEPTION WHEN unique_violation THEN
    RETURN NULL;
  END;
  PERFORM tenantd.tenant_found(new_tenant, c.env, new_user);
  PERFORM tenantd.account_mail(new_user, c.env, 'email_verify', interval '3 days');
  RETURN new_user;
END $$;

-- Signs up, and opens a session.
CREATE OR REPLACE FUNCTION tenantd.signup(own_issuer text, email text, name text, cost integer, salt text, password text, client text, lifetime_s integer)
RETURNS TABLE (claims json, user_json json, tenant_json json, refresh_token text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  new_user uuid;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  new_user := tenantd.signup_make(own_issuer, email, name, cost, salt, password);
  IF new_user IS NULL THEN
    RAISE EXCEPTION 'the address is taken' USING ERRCODE = 'TD409',
      DETAIL = 'there is an account with this email already: sign in, or reset the password';
  END IF;
  RETURN QUERY SELECT * FROM tenantd.session_answer(tenantd.session_open(new_user, c.env, client, lifetime_s));
  PERFORM set_config('tenantd.context', held, true);
END $$;

-- Signs up without a session, where the address must be confirmed first. Whether there was an account is told by mail alone, to the one
-- who reads the mail of that address.
CREATE OR REPLACE FUNCTION tenantd.signup_confirmed(own_issuer text, email text, name text, cost integer, salt text, password text) RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  IF tenantd.signup_make(own_issuer, email, name, cost, salt, password) IS NULL THEN
    PERFORM tenantd.mail_queue('account_exists', c.env, NULL, u.email, '{}')
    FROM tenantd.accounts a JOIN tenantd.users u ON u.id = a.user_id WHERE a.email = lower(signup_confirmed.email COLLATE "C");
  END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT true;
END $$;

-- Makes an account for somebody who did not sign up, because a tenant is made for them. Nobody knows its password: the mail leads to
-- choosing one, which also proves the address.
CREATE OR REPLACE FUNCTION tenantd.account_make(own_issuer text, to_email text, in_env tenantd.env, params jsonb) RETURNS tenantd.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_user uuid := gen_random_uuid();
  made tenantd.users;
BEGIN
  INSERT INTO tenantd.users (id, issuer, subject, email) VALUES (new_user, own_issuer, new_user::text, to_email) RETURNING * INTO made;
  INSERT INTO tenantd.accounts (user_id, email, cost, salt, password)
  VALUES (new_user, lower(to_email COLLATE "C"), 1, uuid_send(gen_random_uuid()), tenantd.secret_digest(tenantd.secret_new())) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    PERFORM tenantd.refuse_act('TD409', 'somebody has signed up with this email and has not verified it: it cannot be told whose it is');
  END IF;
  PERFORM tenantd.account_mail(new_user, in_env, 'password_reset', interval '7 days', 'account_made', params);
  RETURN made;
END $$;

-- Signs in. A wrong password and an unknown email are one refusal; so is an address that is not confirmed, where it must be.
CREATE OR REPLACE FUNCTION tenantd.login(email text, password text, client text, lifetime_s integer, only_confirmed boolean)
RETURNS TABLE (claims json, user_json json, tenant_json json, refresh_token text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  whose uuid;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  SELECT a.user_id INTO whose FROM tenantd.accounts a JOIN tenantd.users u ON u.id = a.user_id
  WHERE a.email = lower(login.email COLLATE "C") AND a.password = sha256(decode(login.password, 'hex')) AND (u.email_verified OR NOT only_confirmed);
  IF whose IS NULL THEN
    RAISE EXCEPTION 'sign-in refused' USING ERRCODE = 'TD401', DETAIL = CASE WHEN only_confirmed
      THEN 'email or password is wrong, or the address is not confirmed yet by the link of the mail' ELSE 'email or password is wrong' END;
  END IF;
  -- Sessions that ended long ago tell nobody anything: each sign-in takes a few away.
  DELETE FROM tenantd.sessions s WHERE s.id IN (SELECT o.id FROM tenantd.sessions o
    WHERE o.expires_at < now() - interval '7 days' ORDER BY o.expires_at LIMIT 5 FOR UPDATE SKIP LOCKED);
  PERFORM tenantd.reseal(NULL, whose, 'account');
  RETURN QUERY SELECT * FROM tenantd.session_answer(tenantd.session_open(whose, c.env, client, lifetime_s));
  PERFORM set_config('tenantd.context', held, true);
END $$;

-- Exchanges a refresh token for the next one. Each is good once: when one comes again, either it or the answer to its first
-- use was stolen, and the whole session ends (RFC 9700, 4.14.2). There is no row then, and the end is committed.
CREATE OR REPLACE FUNCTION tenantd.refresh(refresh_token text)
RETURNS TABLE (claims json, user_json json, tenant_json json, next_token text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  given bytea := tenantd.secret_digest(refresh_token);
  s record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  SELECT s.id, s.user_id INTO s FROM tenantd.sessions s
  WHERE s.id = (SELECT r.session_id FROM tenantd.refresh_tokens r WHERE r.digest = given)
    AND s.env = c.env AND s.ended_at IS NULL AND s.expires_at > now() FOR NO KEY UPDATE;
  IF s.id IS NULL THEN
    RETURN;
  END IF;
  UPDATE tenantd.refresh_tokens r SET used_at = now() WHERE r.digest = given AND r.used_at IS NULL;
  IF NOT FOUND THEN
    PERFORM tenantd.reseal(NULL, s.user_id, 'account');
    UPDATE tenantd.sessions SET ended_at = now(), ended_by = 'reuse' WHERE id = s.id;
    PERFORM set_config('tenantd.context', held, true);
    RETURN;
  END IF;
  RETURN QUERY SELECT * FROM tenantd.session_answer(s.id);
END $$;

-- A token for another tenant in which the caller is an active member. The refresh tokens before it are used up.
CREATE OR REPLACE FUNCTION tenantd.switch_tenant(body jsonb) RETURNS TABLE (claims json, user_json json, tenant_json json, refresh_token text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
  found tenantd.member_status;
  wanted uuid := body ->> 'tenant_id';
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  PERFORM 1 FROM tenantd.sessions WHERE id = c.session FOR NO KEY UPDATE;
  SELECT m.status INTO found FROM tenantd.tenant_members m WHERE m.tenant_id = wanted AND m.env = c.env AND m.user_id = c.user_id;
  IF found = 'active' THEN
    UPDATE tenantd.sessions SET at_tenant = wanted WHERE id = c.session;
    UPDATE tenantd.refresh_tokens SET used_at = now() WHERE session_id = c.session AND used_at IS NULL;
    RETURN QUERY SELECT * FROM tenantd.session_answer(c.session);
  ELSE
    RAISE EXCEPTION 'not an active member' USING ERRCODE = CASE found WHEN 'pending' THEN 'TD014' WHEN 'suspended' THEN 'TD015' ELSE 'TD012' END;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION tenantd.logout() RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  UPDATE tenantd.sessions SET ended_at = now(), ended_by = 'logout' WHERE id = c.session AND ended_at IS NULL;
  RETURN NEXT true;
END $$;

CREATE OR REPLACE FUNCTION tenantd.logout_everywhere() RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  PERFORM tenantd.sessions_end(c.user_id, NULL, 'logout');
  RETURN NEXT true;
END $$;

-- The caller's sessions that have not ended, in every env, the newest first.
CREATE OR REPLACE FUNCTION tenantd.session_list() RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  RETURN (SELECT coalesce(json_agg(json_build_object('id', s.id, 'env', s.env, 'client', s.client, 'created_at', s.created_at,
      'used_at', s.used_at, 'expires_at', s.expires_at, 'current', s.id = c.session) ORDER BY s.created_at DESC, s.id), '[]')
    FROM tenantd.sessions s WHERE s.user_id = c.user_id AND s.ended_at IS NULL AND s.expires_at > now());
END $$;

CREATE OR REPLACE FUNCTION tenantd.session_end(session_id uuid) RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  UPDATE tenantd.sessions s SET ended_at = now(), ended_by = 'user'
  WHERE s.id = session_end.session_id AND s.user_id = c.user_id AND s.ended_at IS NULL;
  IF FOUND THEN
    RETURN NEXT true;
  END IF;
END $$;

-- Changes the caller's password, and ends their other sessions.
CREATE OR REPLACE FUNCTION tenantd.password_change(present text, cost integer, salt text, password text) RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  PERFORM 1 FROM tenantd.accounts a WHERE a.user_id = c.user_id AND a.password = sha256(decode(present, 'hex')) FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the present password is wrong' USING ERRCODE = 'TD403', DETAIL = 'the present password is wrong';
  END IF;
  PERFORM tenantd.password_set(c.user_id, cost, salt, password, c.session);
  RETURN NEXT true;
END $$;

CREATE OR REPLACE FUNCTION tenantd.password_set(of_user uuid, new_cost integer, new_salt text, new_password text, kept_session uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tenantd.accounts SET cost = new_cost, salt = decode(new_salt, 'hex'), password = sha256(decode(new_password, 'hex')), password_changed_at = now()
  WHERE user_id = of_user;
  PERFORM tenantd.sessions_end(of_user, kept_session, 'password');
  DELETE FROM tenantd.account_secrets s WHERE s.user_id = of_user AND s.purpose = 'password_reset' AND s.used_at IS NULL;
  PERFORM tenantd.mail_queue('password_changed', c.env, NULL, u.email, jsonb_build_object('at', now()))
  FROM tenantd.users u, tenantd.context() c WHERE u.id = of_user;
END $$;

-- Mails a link to the account with this email. Whether there is one is not told, nor by the time that it takes: for nobody, a mail to some
-- account is written and taken back (T119).
CREATE OR REPLACE FUNCTION tenantd.password_reset_request(body jsonb) RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  whose uuid;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  SELECT a.user_id INTO whose FROM tenantd.accounts a WHERE a.email = lower((body ->> 'email') COLLATE "C");
  BEGIN
    PERFORM tenantd.account_mail(w.user_id, c.env, 'password_reset', interval '1 hour')
    FROM (SELECT a.user_id FROM tenantd.accounts a JOIN tenantd.users u ON u.id = a.user_id
      WHERE u.email ~ '^[^[:cntrl:]]+$' AND (whose IS NULL OR a.user_id = whose) ORDER BY a.user_id LIMIT 1) w;
    IF whose IS NULL THEN
      RAISE EXCEPTION 'nobody' USING ERRCODE = 'TD404';
    END IF;
  EXCEPTION WHEN SQLSTATE 'TD404' THEN
    NULL;
  END;
  RETURN NEXT true;
END $$;

-- Sets the password by the secret of the mail, which proves the address as well. All sessions end.
CREATE OR REPLACE FUNCTION tenantd.password_reset(secret text, cost integer, salt text, password text) RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  whose uuid;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  whose := tenantd.account_secret_take(secret, 'password_reset');
  PERFORM tenantd.reseal(NULL, whose, 'account');
  UPDATE tenantd.users SET email_verified = true WHERE id = whose AND NOT email_verified;
  PERFORM tenantd.domain_welcome(whose, c.env);
  PERFORM tenantd.password_set(whose, cost, salt, password, NULL);
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT true;
END $$;

CREATE OR REPLACE FUNCTION tenantd.email_verify_request() RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM tenantd.demand_session(c.session);
  IF c.email_verified THEN
    RAISE EXCEPTION 'verified already' USING ERRCODE = 'TD409', DETAIL = 'this address is verified already';
  END IF;
  PERFORM tenantd.account_mail(c.user_id, c.env, 'email_verify', interval '3 days');
  RETURN NEXT true;
END $$;

CREATE OR REPLACE FUNCTION tenantd.email_verify(body jsonb) RETURNS SETOF boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  whose uuid;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'visitor');
  whose := tenantd.account_secret_take(body ->> 'token', 'email_verify');
  PERFORM tenantd.reseal(NULL, whose, 'account');
  UPDATE tenantd.users SET email_verified = true WHERE id = whose AND NOT email_verified;
  PERFORM tenantd.domain_welcome(whose, c.env);
  PERFORM set_config('tenantd.context', held, true);
  RETURN NEXT true;
END $$;

GRANT EXECUTE ON FUNCTION tenantd.account_salt(text, integer), tenantd.signup(text, text, text, integer, text, text, text, integer),
  tenantd.signup_confirmed(text, text, text, integer, text, text),
  tenantd.login(text, text, text, integer, boolean), tenantd.refresh(text), tenantd.switch_tenant(jsonb), tenantd.logout(), tenantd.logout_everywhere(),
  tenantd.session_list(), tenantd.session_end(uuid), tenantd.password_change(text, integer, text, text), tenantd.password_reset_request(jsonb),
  tenantd.password_reset(text, integer, text, text), tenantd.email_verify_request(), tenantd.email_verify(jsonb) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;
INSERT INTO tenantd.open_functions VALUES
  ('tenantd.account_salt(text,integer)', 'a worker needs the salt to compute a password; it shows nothing else of an account'),
  ('tenantd.signup(text,text,text,integer,text,text,text,integer)', 'a visitor makes an account and a tenant of their own'),
  ('tenantd.signup_confirmed(text,text,text,integer,text,text)', 'the same without a session'),
  ('tenantd.login(text,text,text,integer,boolean)', 'a visitor proves by their password whose account it is'),
  ('tenantd.refresh(text)', 'a visitor proves by a refresh token whose session it is'),
  ('tenantd.switch_tenant(jsonb)', 'the caller gets a token for another tenant of theirs'),
  ('tenantd.logout()', 'ends the session of the caller'),
  ('tenantd.logout_everywhere()', 'ends all sessions of the caller'),
  ('tenantd.session_list()', 'shows the caller their own sessions'),
  ('tenantd.session_end(uuid)', 'ends a session of the caller'),
  ('tenantd.password_change(text,integer,text,text)', 'changes the caller''s own password'),
  ('tenantd.password_reset_request(jsonb)', 'mails a link to the account''s own address'),
  ('tenantd.password_reset(text,integer,text,text)', 'the secret of the mail proves whose account it is'),
  ('tenantd.email_verify_request()', 'mails a link to the caller''s own address'),
  ('tenantd.email_verify(jsonb)', 'the secret of the mail proves whose address it is')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
