-- Ownership changes hands in two steps: an owner offers it to a member, and the member accepts. By default the one who
-- offered is a tenant_admin afterwards. Only these functions write offers.

SET LOCAL ROLE tenantd_context;

-- True as long as the user is an active owner of the context's tenant.
CREATE OR REPLACE FUNCTION tenantd.is_owner(tenant uuid, who uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.tenant_id = tenant AND m.user_id = who AND m.role = 'owner' AND m.status = 'active')
$$;

-- True of an active member who was none at some moment after that time. What a member was promised ends with the membership: who
-- comes back comes back as what they are let in as.
CREATE OR REPLACE FUNCTION tenantd.is_back_since(tenant uuid, who uuid, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.tenant_id = tenant AND m.user_id = who AND m.status = 'active' AND m.status_at > since)
$$;

-- An offer as the routes show it. One that nobody answered in time is expired, whatever its row says.
CREATE OR REPLACE FUNCTION tenantd.ownership_shown(o tenantd.ownership_offers) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_build_object('id', o.id, 'user_id', o.user_id, 'offered_by', o.offered_by, 'step_down', o.step_down,
    'status', CASE WHEN o.status = 'pending' AND o.expires_at <= now() THEN 'expired' ELSE o.status END,
    'expires_at', o.expires_at, 'created_at', o.created_at)
$$;
GRANT EXECUTE ON FUNCTION tenantd.ownership_shown(tenantd.ownership_offers) TO tenantd_app;

-- An owner offers ownership to an active member: {user_id, step_down}. The member is told by mail, at a
-- verified address alone: any other may be a stranger's.
CREATE OR REPLACE FUNCTION tenantd.ownership_offer(fields jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  receiver uuid := fields ->> 'user_id';
  held tenantd.role;
  o tenantd.ownership_offers;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'owner');
  PERFORM tenantd.demand_person(c.issuer, 'a person offers ownership, and must still be an owner when it is accepted: not an API key');
  -- Every change of members locks the tenant first.
  PERFORM 1 FROM tenantd.tenants WHERE id = c.tenant_id FOR NO KEY UPDATE;
  SELECT m.role INTO held FROM tenantd.tenant_members m WHERE m.tenant_id = c.tenant_id AND m.user_id = receiver AND m.status = 'active';
  IF NOT tenantd.is_owner(c.tenant_id, c.user_id) THEN
    PERFORM tenantd.refuse_act('TD403', 'you are no owner any more');
  ELSIF held IS NULL THEN
    PERFORM tenantd.refuse_act('TD404', 'no active member of the tenant has this user_id');
  ELSIF held = 'owner' THEN
    PERFORM tenantd.refuse_act('TD409', 'this member is an owner already');
  END IF;
  -- An offer that cannot be accepted any more stands in nobody's way.
  UPDATE tenantd.ownership_offers h SET status = 'expired'
  WHERE h.tenant_id = c.tenant_id AND h.user_id = receiver AND h.status = 'pending'
    AND (h.expires_at <= now() OR NOT tenantd.is_owner(h.tenant_id, h.offered_by) OR tenantd.is_back_since(h.tenant_id, receiver, h.created_at));
  INSERT INTO tenantd.ownership_offers (tenant_id, env, offered_by, user_id, step_down)
  VALUES (c.tenant_id, c.env, c.user_id, receiver,
    CASE WHEN fields ? 'step_down' THEN (fields ->> 'step_down')::tenantd.role ELSE 'tenant_admin' END)
  ON CONFLICT DO NOTHING RETURNING * INTO o;
  IF o.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD409', 'an offer to this member waits for an answer already');
  END IF;
  PERFORM tenantd.mail_queue('ownership_offered', c.env, c.tenant_id, u.email, jsonb_build_object('tenant_name', t.name, 'tenant_id', t.id,
    'offerer', coalesce(g.name, g.email), 'expires_at', o.expires_at))
  FROM tenantd.users u, tenantd.users g, tenantd.tenants t WHERE u.id = receiver AND u.email ~ '^[^[:cntrl:]]+$' AND u.email_verified AND g.id = c.user_id AND t.id = c.tenant_id;
  RETURN tenantd.ownership_shown(o);
END $$;

-- The receiver accepts or declines. When they accept, the one who offered must still be an owner, and they themselves a member
-- without a break since then. What is written then is
-- written under a context of its own kind, because nobody may promote themselves under another.
CREATE OR REPLACE FUNCTION tenantd.ownership_answer(offer uuid, accepts boolean) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  o tenantd.ownership_offers;
  held text := current_setting('tenantd.context', true);
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'member');
  PERFORM 1 FROM tenantd.tenants WHERE id = c.tenant_id FOR NO KEY UPDATE;
  SELECT ownership_offers.* INTO o FROM tenantd.ownership_offers WHERE tenant_id = c.tenant_id AND id = offer AND user_id = c.user_id;
  IF o.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD404', 'no such offer was made to you');
  ELSIF o.status <> 'pending' OR o.expires_at <= now() THEN
    PERFORM tenantd.refuse_act('TD409', format('the offer is %s', tenantd.ownership_shown(o) ->> 'status'));
  ELSIF accepts AND NOT tenantd.is_owner(c.tenant_id, o.offered_by) THEN
    PERFORM tenantd.refuse_act('TD409', 'the one who offered ownership is no owner any more');
  ELSIF accepts AND tenantd.is_back_since(c.tenant_id, c.user_id, o.created_at) THEN
    PERFORM tenantd.refuse_act('TD409', 'your membership was suspended or ended after the offer was made: ask for a new one');
  END IF;
  IF accepts THEN
    PERFORM tenantd.reseal(c.tenant_id, c.user_id, 'ownership');
    UPDATE tenantd.tenant_members SET role = 'owner' WHERE tenant_id = c.tenant_id AND user_id = c.user_id AND status = 'active';
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no longer a member' USING ERRCODE = 'TD012';
    END IF;
    UPDATE tenantd.tenant_members SET role = o.step_down
    WHERE tenant_id = c.tenant_id AND user_id = o.offered_by AND o.step_down IS NOT NULL;
    PERFORM set_config('tenantd.context', held, true);
  END IF;
  UPDATE tenantd.ownership_offers SET status = CASE WHEN accepts THEN 'accepted' ELSE 'declined' END
  WHERE tenant_id = c.tenant_id AND id = o.id RETURNING * INTO o;
  RETURN tenantd.ownership_shown(o);
END $$;

-- The owner who made an offer takes it back.
CREATE OR REPLACE FUNCTION tenantd.ownership_withdraw(offer uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  o tenantd.ownership_offers;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'owner');
  -- Every change of members locks the tenant first.
  PERFORM 1 FROM tenantd.tenants WHERE id = c.tenant_id FOR NO KEY UPDATE;
  SELECT ownership_offers.* INTO o FROM tenantd.ownership_offers WHERE tenant_id = c.tenant_id AND id = offer;
  IF o.id IS NULL THEN
    PERFORM tenantd.refuse_act('TD404', 'there is no such offer');
  ELSIF o.offered_by <> c.user_id THEN
    PERFORM tenantd.refuse_act('TD403', 'only the one who made an offer withdraws it');
  ELSIF o.status <> 'pending' THEN
    PERFORM tenantd.refuse_act('TD409', format('the offer is %s', o.status));
  END IF;
  UPDATE tenantd.ownership_offers SET status = 'withdrawn' WHERE tenant_id = c.tenant_id AND id = o.id;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.ownership_offer(jsonb), tenantd.ownership_answer(uuid, boolean), tenantd.ownership_withdraw(uuid) TO tenantd_app;

SET LOCAL ROLE tenantd_owner;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.ownership_offer(jsonb)', 'an owner offers ownership to a member of their own tenant, who gets a mail'),
  ('tenantd.ownership_answer(uuid,boolean)', 'a member accepts an offer of ownership made to them, or declines it'),
  ('tenantd.ownership_withdraw(uuid)', 'an owner takes back an offer that they made')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
