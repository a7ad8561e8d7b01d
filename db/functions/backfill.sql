-- What `tenantctl backfill metadata` does here: it brings the users of an identity provider, and says in which tenants they
-- are. It only adds. A user, a tenant or a membership that exists stays as it is, whatever the operator's file says, so that
-- a run can be repeated, and so that somebody who was removed is not brought back by an old file.

SET LOCAL ROLE tenantd_context;

-- Lets the user with this issuer and subject be a member of the tenant that `named` names in its env, by id or by slug. The
-- outcome is one of these words; what is not the first two changed nothing.
--   joined     the membership is new
--   present    it is there as wanted
--   kept       it is there with another role or status (`role` and `status` say which)
--   no_tenant  there is no such tenant, and none may be made
--   no_owner   it may be made, but this is not its owner
--   other_env  there is one with this id in another env
--   not_open   it is suspended or closed: nobody joins it
CREATE OR REPLACE FUNCTION tenantd.backfill_member(in_issuer text, in_subject text, in_email text, in_verified boolean, in_name text,
  named text, in_env tenantd.env, wanted tenantd.role, may_found boolean, label text, OUT outcome text, OUT tenant_id uuid, OUT slug text,
  OUT role tenantd.role, OUT status tenantd.member_status, OUT made_user boolean, OUT made_tenant boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_id boolean := named ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  t record;
  member uuid;
BEGIN
  made_user := false;
  made_tenant := false;
  -- Of two runs at once, one waits here: so each of them finds the tenant that the other made.
  PERFORM pg_advisory_xact_lock(hashtextextended('tenantd.backfill_member', 0));
  -- A slug can look like the id of another tenant: the id is tried first.
  SELECT a.id, a.slug, a.status INTO t FROM tenantd.tenants a
  WHERE a.env = in_env AND (a.id::text = named OR a.slug = named)
  ORDER BY a.id::text = named DESC LIMIT 1 FOR NO KEY UPDATE;
  tenant_id := t.id;
  slug := t.slug;
  SELECT u.id INTO member FROM tenantd.users u WHERE u.issuer = in_issuer AND u.subject = in_subject;
  SELECT m.role, m.status INTO role, status
  FROM tenantd.tenant_members m WHERE m.tenant_id = t.id AND m.user_id = member;
  outcome := CASE
    WHEN status = 'active' AND role = wanted THEN 'present'
    WHEN status IS NOT NULL THEN 'kept'
    WHEN t.id IS NULL AND is_id AND EXISTS (SELECT FROM tenantd.tenants a WHERE a.id::text = named) THEN 'other_env'
    WHEN t.id IS NULL AND NOT may_found THEN 'no_tenant'
    WHEN t.id IS NULL AND wanted <> 'owner' THEN 'no_owner'
    WHEN t.status IN ('suspended', 'closed') THEN 'not_open'
    ELSE 'joined' END;
  IF outcome <> 'joined' THEN
    RETURN;
  END IF;

  -- A user is in no tenant, so that their row is audited in the system's log.
  PERFORM tenantd.operator_begin(NULL, in_env, 'backfill metadata', label, NULL);
  SELECT b.id, b.made INTO member, made_user
  FROM tenantd.user_bring(gen_random_uuid(), in_issuer, in_subject, in_email, in_email IS NOT NULL AND in_verified, in_name) b;

  made_tenant := tenant_id IS NULL;
  IF made_tenant THEN
    tenant_id := CASE WHEN is_id THEN named::uuid ELSE gen_random_uuid() END;
    slug := CASE WHEN is_id THEN 't-' || left(replace(named, '-', ''), 16) ELSE named END;
  END IF;
  PERFORM tenantd.operator_begin(tenant_id, in_env, 'backfill metadata', label, NULL);
  IF made_tenant THEN
    INSERT INTO tenantd.tenants (id, env, slug, name) VALUES (tenant_id, in_env, slug, slug);
  END IF;
  INSERT INTO tenantd.tenant_members AS m (tenant_id, env, user_id, role, status, joined_at)
  VALUES (backfill_member.tenant_id, in_env, member, wanted, 'active', now()) ON CONFLICT DO NOTHING;
  -- Somebody who signed in at this very moment may have joined by themselves.
  IF NOT FOUND THEN
    outcome := 'kept';
  END IF;
  SELECT m.role, m.status INTO role, status
  FROM tenantd.tenant_members m WHERE m.tenant_id = backfill_member.tenant_id AND m.user_id = member;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.backfill_member(text, text, text, boolean, text, text, tenantd.env, tenantd.role, boolean, text) TO
  tenantd_migrator;
