-- Requests to join: a user asks for a tenant by its slug, and its admins decide. The request is the pending membership.

SET LOCAL ROLE tenantd_context;

-- Asks to join: {"slug": …, "message": …}. Whoever has a verified email at a domain that the tenant has proven, and opened, is a member
-- at once. A tenant of another env, one that is not open and one that does not exist are the
-- same answer (404). It answers the request.
CREATE OR REPLACE FUNCTION tenantd.join_ask(given jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  t record;
  m record;
  person uuid;
  becomes tenantd.member_status := 'pending';
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  person := tenantd.user_of_token();
  SELECT * INTO t FROM tenantd.tenants WHERE env = c.env AND slug = given ->> 'slug' AND status IN ('onboarding', 'active') FOR NO KEY UPDATE;
  IF t.id IS NULL THEN
    RAISE EXCEPTION 'tenant not found' USING ERRCODE = 'TD012';
  END IF;
  SELECT * INTO m FROM tenantd.tenant_members WHERE tenant_id = t.id AND user_id = person;
  IF c.email_verified AND tenantd.domain_opens(t.id, t.env, c.email, person) THEN
    becomes := 'active';
  END IF;
  IF m.status IN ('active', becomes) THEN
    RAISE EXCEPTION 'no need to ask' USING ERRCODE = 'TD409', DETAIL = CASE m.status
      WHEN 'active' THEN 'you are a member of this tenant already' ELSE 'you have asked already, and nobody has decided yet' END;
  ELSIF m.status = 'suspended' THEN
    RAISE EXCEPTION 'membership suspended' USING ERRCODE = 'TD015';
  ELSIF becomes = 'pending' AND NOT t.joinable THEN
    RAISE EXCEPTION 'no requests' USING ERRCODE = 'TD403', DETAIL = 'this tenant takes no requests to join';
  ELSIF m.status = 'rejected' AND m.status_at + make_interval(days => t.ask_again_days) > now() THEN
    RAISE EXCEPTION 'asked too soon' USING ERRCODE = 'TD409', DETAIL = format('your request was rejected: you can ask again after %s',
      to_char((m.status_at + make_interval(days => t.ask_again_days)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
  END IF;
  PERFORM tenantd.reseal(t.id, person, CASE becomes WHEN 'active' THEN 'enrolled' ELSE 'asking' END);
  IF m.status IS NULL THEN
    INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, status, message) VALUES (t.id, t.env, person, becomes, given ->> 'message')
    RETURNING * INTO m;
  ELSE
    -- Whatever they were before, they ask as anybody does.
    UPDATE tenantd.tenant_members SET status = becomes, role = 'member', message = given ->> 'message'
    WHERE tenant_id = t.id AND user_id = person RETURNING * INTO m;
  END IF;
  PERFORM set_config('tenantd.context', held, true);
  RETURN json_build_object('tenant_id', t.id, 'slug', t.slug, 'status', m.status, 'message', m.message, 'requested_at', m.status_at, 'access_contact', t.access_contact);
END $$;

-- The caller takes their own request back. No row: there is none.
CREATE OR REPLACE FUNCTION tenantd.join_withdraw(tenant uuid) RETURNS SETOF json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  PERFORM 1 FROM tenantd.tenants WHERE id = tenant FOR NO KEY UPDATE;
  PERFORM tenantd.reseal(tenant, c.user_id, 'asking');
  RETURN QUERY UPDATE tenantd.tenant_members SET status = 'removed'
    WHERE tenant_id = tenant AND env = c.env AND user_id = c.user_id AND status = 'pending' RETURNING NULL::json;
  PERFORM set_config('tenantd.context', held, true);
END $$;

-- The caller's requests that wait.
CREATE OR REPLACE FUNCTION tenantd.my_join_requests() RETURNS TABLE (answer json, requested_at timestamptz, tenant_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  RETURN QUERY SELECT json_build_object('tenant_id', t.id, 'slug', t.slug, 'status', m.status, 'message', m.message, 'requested_at', m.status_at,
      'access_contact', t.access_contact),
      m.status_at, m.tenant_id
    FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id
    WHERE m.user_id = c.user_id AND m.env = c.env AND m.status = 'pending';
END $$;

-- Mail about requests, by whatever way they are decided: the admins hear of a request, and who asked hears what became of it. Only
-- to verified addresses, because any other may be a stranger's. Without a context there is none: a restored or imported
-- membership is no news.
CREATE OR REPLACE FUNCTION tenantd.join_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was tenantd.member_status;
  c record;
BEGIN
  IF TG_OP = 'UPDATE' THEN was := OLD.status; END IF;
  SELECT * INTO c FROM tenantd.context();
  IF c.kind IS NULL THEN
    RETURN NULL;
  ELSIF NEW.status = 'pending' AND was IS DISTINCT FROM 'pending' THEN
    PERFORM tenantd.mail_admins('join_requested', NEW.env, NEW.tenant_id, jsonb_build_object('tenant_name', t.name, 'tenant_id', t.id,
      'asker', coalesce(u.name, u.email, 'Somebody'), 'email', CASE WHEN u.email_verified THEN u.email END,
      'unverified_email', CASE WHEN NOT u.email_verified THEN u.email END, 'message', NEW.message))
    FROM tenantd.tenants t, tenantd.users u WHERE t.id = NEW.tenant_id AND u.id = NEW.user_id;
  ELSIF was = 'pending' AND NEW.status IN ('active', 'rejected') AND NEW.user_id IS DISTINCT FROM c.user_id THEN
    PERFORM tenantd.mail_queue(CASE NEW.status WHEN 'active' THEN 'join_approved' ELSE 'join_rejected' END, NEW.env, NEW.tenant_id, u.email,
      jsonb_build_object('tenant_name', t.name) || CASE NEW.status WHEN 'active' THEN jsonb_build_object('role', NEW.role, 'tenant_id', t.id) ELSE '{}' END)
    FROM tenantd.tenants t, tenantd.users u WHERE t.id = NEW.tenant_id AND u.id = NEW.user_id AND u.email ~ '^[^[:cntrl:]]+$' AND u.email_verified;
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.join_tell() TO tenantd_owner;
GRANT EXECUTE ON FUNCTION tenantd.join_ask(jsonb), tenantd.join_withdraw(uuid), tenantd.my_join_requests() TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

-- Decides a request: it `becomes` active, with a role, or rejected. It answers the member. A request that was decided already is a
-- conflict; somebody who never asked, or who was removed, does not exist. It runs as its caller: the policies and the guard hold.
CREATE OR REPLACE FUNCTION tenantd.join_decide(tenant uuid, in_env tenantd.env, person uuid, becomes tenantd.member_status, as_role tenantd.role)
RETURNS SETOF json
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer json;
  found_status tenantd.member_status;
BEGIN
  UPDATE tenantd.tenant_members m SET status = becomes, role = coalesce(as_role, 'member')
  WHERE m.tenant_id = tenant AND m.env = in_env AND m.user_id = person AND m.status = 'pending'
  RETURNING (SELECT row_to_json(x) FROM (SELECT m.user_id, u.email, u.name, m.role, m.status, m.joined_at
    FROM tenantd.users u WHERE u.id = m.user_id) x) INTO answer;
  IF answer IS NOT NULL THEN
    RETURN NEXT answer;
    RETURN;
  END IF;
  SELECT m.status INTO found_status FROM tenantd.tenant_members m WHERE m.tenant_id = tenant AND m.env = in_env AND m.user_id = person;
  IF found_status <> 'removed' THEN
    RAISE EXCEPTION 'decided already' USING ERRCODE = 'TD409', DETAIL = format('there is no request: the membership is %s', found_status);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.join_decide(uuid, tenantd.env, uuid, tenantd.member_status, tenantd.role) TO tenantd_app;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.join_ask(jsonb)', 'writes the request of the caller of the sealed context; the tenant shows nothing but its slug'),
  ('tenantd.join_withdraw(uuid)', 'ends the request of the caller of the sealed context'),
  ('tenantd.my_join_requests()', 'shows the caller their own requests, whatever tenant they are for')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
