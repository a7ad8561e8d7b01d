-- What `tenantctl seed` does here: it fills an env for trying things out with the people, tenants, members, invitations and
-- requests to join that a file describes. It only adds. What exists stays as it is, whatever the file says, so that a run
-- can be repeated at any time; what it makes goes through the functions, triggers and constraints of everybody's acts.
-- What stands first in the file is older, though all of it is one transaction: so lists have the order of the file, and whoever
-- signs in is in the tenant in which the file has them first.

SET LOCAL ROLE tenantd_context;

-- The id of something that a seed makes, by the names that it has in the file: the same file gives the same ids in every database.
-- An id is no secret, so that it does no harm to know it before.
CREATE OR REPLACE FUNCTION tenantd.seed_id(VARIADIC names text[]) RETURNS uuid
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT concat_ws('-', substr(h, 1, 8), substr(h, 9, 4), '8' || substr(h, 13, 3), 'a' || substr(h, 16, 3), substr(h, 19, 12))::uuid
  FROM encode(sha256(convert_to('tenantd.seed ' || array_to_string(names, E'\n'), 'UTF8')), 'hex') h
$$;

-- Brings one person: {email, name, system_admin, issuer}, and `subject` when they come with tokens of another issuer, or `cost`, `salt`
-- and `password`, as signup has them, when they sign in here. The outcome is made, present, or kept when they are there but not
-- as the file says; `has` then says how. Nobody who is there already gets anything by this: an account that somebody else
-- made with this address ends the run.
CREATE OR REPLACE FUNCTION tenantd.seed_person(p jsonb, in_env tenantd.env, label text, OUT id uuid, OUT outcome text, OUT has text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  is_admin boolean := coalesce((p ->> 'system_admin')::boolean, false);
  address text := lower(p ->> 'email');
  found_id uuid;
  found_admin boolean;
BEGIN
  id := CASE WHEN p ? 'subject' THEN tenantd.seed_id('user', p ->> 'issuer', p ->> 'subject') ELSE tenantd.seed_id('account', address) END;
  IF p ? 'subject' THEN
    SELECT u.id, u.system_admin INTO found_id, found_admin FROM tenantd.users u WHERE u.issuer = p ->> 'issuer' AND u.subject = p ->> 'subject';
  ELSE
    SELECT u.id, u.system_admin INTO found_id, found_admin FROM tenantd.accounts a JOIN tenantd.users u ON u.id = a.user_id WHERE a.email = address;
    IF found_id <> id THEN
      PERFORM tenantd.refuse_act('TD409', format('%s has an account that no seed made: use another address', p ->> 'email'));
    END IF;
  END IF;
  IF found_id IS NOT NULL THEN
    id := found_id;
    outcome := CASE WHEN found_admin = is_admin THEN 'present' ELSE 'kept' END;
    has := CASE WHEN found_admin = is_admin THEN NULL WHEN found_admin THEN 'a system administrator' ELSE 'no system administrator' END;
    RETURN;
  -- Accounts and system administrators are those of every env of a database, and who knows the file knows their passwords.
  ELSIF (is_admin OR NOT p ? 'subject') AND EXISTS (SELECT FROM tenantd.tenants t WHERE t.env = 'prod') THEN
    PERFORM tenantd.refuse_act('TD409', 'there are tenants in prod in this database, where the people of a seed could sign in, too: seed another database');
  END IF;
  PERFORM tenantd.operator_begin(NULL, in_env, 'seed', label, NULL);
  PERFORM tenantd.user_bring(id, p ->> 'issuer', coalesce(p ->> 'subject', id::text), p ->> 'email', true, p ->> 'name');
  IF NOT p ? 'subject' THEN
    INSERT INTO tenantd.accounts (user_id, email, cost, salt, password)
    VALUES (id, address, (p ->> 'cost')::integer, decode(p ->> 'salt', 'hex'), sha256(decode(p ->> 'password', 'hex')));
  END IF;
  UPDATE tenantd.users SET system_admin = true WHERE users.id = seed_person.id AND is_admin;
  outcome := 'made';
END $$;

-- Seals an operator's context in the tenant: with `acting`, for what one of its members must have done.
CREATE OR REPLACE FUNCTION tenantd.seed_begin(t tenantd.tenants, label text, acting uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.operator_begin(t.id, t.env, 'seed', label, NULL);
  PERFORM tenantd.reseal(t.id, acting, 'operator');
END $$;

-- Brings one member: {role, status, message}. Who is suspended, rejected or removed was a member, or asked, before that.
CREATE OR REPLACE FUNCTION tenantd.seed_member(t tenantd.tenants, person uuid, m jsonb, label text, OUT outcome text, OUT has text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted tenantd.member_status := coalesce(m ->> 'status', 'active');
  wanted_role tenantd.role := coalesce(m ->> 'role', 'member');
  found tenantd.tenant_members;
BEGIN
  SELECT * INTO found FROM tenantd.tenant_members b WHERE b.tenant_id = t.id AND b.user_id = person;
  IF found.status IS NOT NULL THEN
    outcome := CASE WHEN (found.status, found.role) = (wanted, wanted_role) THEN 'present' ELSE 'kept' END;
    has := CASE outcome WHEN 'kept' THEN format('%s, %s', found.role, found.status) END;
    RETURN;
  ELSIF t.status NOT IN ('onboarding', 'active') THEN
    outcome := 'kept';
    has := format('no member: nobody joins a tenant that is %s', t.status);
    RETURN;
  END IF;
  PERFORM tenantd.seed_begin(t, label);
  INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, message, created_at, joined_at)
  SELECT t.id, t.env, person, wanted_role, CASE WHEN asks THEN 'pending' ELSE 'active' END::tenantd.member_status, m ->> 'message', clock_timestamp(),
    CASE WHEN NOT asks THEN clock_timestamp() END
  FROM (SELECT wanted IN ('pending', 'rejected')) v (asks);
  UPDATE tenantd.tenant_members b SET status = wanted WHERE b.tenant_id = t.id AND b.user_id = person AND b.status <> wanted;
  outcome := 'made';
END $$;

-- Invites an address, {email, role}, as the tenant's founder does; once, whatever became of it. The token is shown this once.
CREATE OR REPLACE FUNCTION tenantd.seed_invitation(t tenantd.tenants, founder uuid, i jsonb, label text, OUT id uuid, OUT outcome text, OUT has text, OUT token text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v record;
BEGIN
  SELECT h.id, tenantd.invitation_status(h.status, h.expires_at) INTO id, has FROM tenantd.invitations h
  WHERE h.tenant_id = t.id AND lower(h.email) = lower(i ->> 'email') ORDER BY h.created_at DESC LIMIT 1;
  IF id IS NULL AND t.status IN ('onboarding', 'active') THEN
    PERFORM tenantd.seed_begin(t, label, founder);
    SELECT * INTO v FROM tenantd.invite(i ->> 'email', coalesce(i ->> 'role', 'member')::tenantd.role);
    id := v.answer ->> 'id';
    token := v.answer ->> 'token';
    has := v.verdict;
  ELSIF id IS NULL THEN
    has := format('none: nobody joins a tenant that is %s', t.status);
  END IF;
  outcome := CASE WHEN token IS NOT NULL THEN 'made' WHEN has = 'pending' THEN 'present' ELSE 'kept' END;
  has := CASE outcome WHEN 'kept' THEN has END;
END $$;

-- Founds a tenant, {slug, name}, in onboarding. Its founder is the one of whom bootstrap would find it, unless they bootstrapped
-- another in this env.
CREATE OR REPLACE FUNCTION tenantd.seed_found(t jsonb, own uuid, in_env tenantd.env, founder uuid, label text) RETURNS tenantd.tenants
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made tenantd.tenants;
BEGIN
  IF founder IS NULL THEN
    PERFORM tenantd.refuse_act('TD400', format('the tenant ''%s'' has no owner who is active', t ->> 'slug'));
  ELSIF EXISTS (SELECT FROM tenantd.tenants b WHERE b.env = in_env AND b.slug = t ->> 'slug') THEN
    PERFORM tenantd.refuse_act('TD409', format('there is a tenant ''%s'' in this env that no seed made: use another slug', t ->> 'slug'));
  END IF;
  PERFORM tenantd.operator_begin(own, in_env, 'seed', label, NULL);
  INSERT INTO tenantd.tenants (id, env, slug, name, created_at, bootstrapped_by)
  VALUES (own, in_env, t ->> 'slug', coalesce(t ->> 'name', t ->> 'organization_name', t ->> 'slug'), clock_timestamp(),
    CASE WHEN NOT EXISTS (SELECT FROM tenantd.tenants b WHERE b.bootstrapped_by = founder AND b.env = in_env) THEN founder END)
  RETURNING * INTO made;
  PERFORM tenantd.seed_member(made, founder, '{"role": "owner"}', label);
  RETURN made;
END $$;

-- Takes a tenant that was just founded from onboarding to the status in which the file has it.
CREATE OR REPLACE FUNCTION tenantd.seed_become(made tenantd.tenants, t jsonb, founder uuid, label text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted tenantd.tenant_status := coalesce(t ->> 'status', 'active');
BEGIN
  IF (wanted = 'active' AND NOT t ? 'organization_name') OR (wanted = 'onboarding' AND t ? 'organization_name') THEN
    PERFORM tenantd.refuse_act('TD400', format('the tenant ''%s'' is to be %s: a tenant has an organization_name when its onboarding is complete, and not before', t ->> 'slug', wanted));
  END IF;
  PERFORM tenantd.seed_begin(made, label, founder);
  IF t ? 'organization_name' THEN
    PERFORM tenantd.onboarding_complete(made.id, made.env, t);
  END IF;
  PERFORM tenantd.seed_begin(made, label);
  PERFORM tenantd.tenant_become(b, CASE wanted WHEN 'suspended' THEN 'suspend' ELSE 'close' END, NULL)
  FROM tenantd.tenants b WHERE b.id = made.id AND wanted IN ('suspended', 'closed');
END $$;

-- Brings all that a file describes, {people, tenants}, into an env. A row for each thing: what it is (person, tenant, member or
-- invitation), in which tenant, its name, what became of it, and what it is instead when it was kept.
CREATE OR REPLACE FUNCTION tenantd.seed(plan jsonb, in_env tenantd.env, label text)
RETURNS TABLE (what text, tenant text, who text, outcome text, id uuid, has text, token text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  p jsonb;
  t jsonb;
  ids jsonb := '{}';
  founder uuid;
  own uuid;
  is_made boolean;
  row_of tenantd.tenants;
BEGIN
  IF in_env = 'prod' THEN
    PERFORM tenantd.refuse_act('TD400', 'nothing is seeded in prod');
  END IF;
  -- Of two runs at once one waits here, and then finds what the other made.
  PERFORM pg_advisory_xact_lock(hashtextextended('tenantd.seed', 0));
  what := 'person';
  FOR p IN SELECT e FROM jsonb_array_elements(plan -> 'people') e LOOP
    who := p ->> 'email';
    SELECT s.id, s.outcome, s.has INTO id, outcome, has FROM tenantd.seed_person(p, in_env, label) s;
    ids := ids || jsonb_build_object(lower(who), id);
    RETURN NEXT;
  END LOOP;

  FOR t IN SELECT e FROM jsonb_array_elements(plan -> 'tenants') e LOOP
    tenant := t ->> 'slug';
    own := tenantd.seed_id('tenant', in_env::text, tenant);
    founder := (SELECT ids ->> lower(e ->> 'email') FROM jsonb_array_elements(t -> 'members') WITH ORDINALITY m (e, n)
      WHERE e ->> 'role' = 'owner' AND coalesce(e ->> 'status', 'active') = 'active' ORDER BY n LIMIT 1);
    -- One that was renamed since is still the same, and one that somebody else made with this slug is not.
    SELECT b.* INTO row_of FROM tenantd.tenants b WHERE b.id = own FOR NO KEY UPDATE;
    is_made := row_of.id IS NULL;
    IF is_made THEN
      row_of := tenantd.seed_found(t, own, in_env, founder, label);
    END IF;
    what := 'tenant';
    who := tenant;
    id := row_of.id;
    has := CASE WHEN NOT is_made AND (row_of.slug, row_of.status::text) <> (tenant, coalesce(t ->> 'status', 'active')) THEN concat_ws(', ', row_of.slug, row_of.status) END;
    outcome := CASE WHEN is_made THEN 'made' WHEN has IS NULL THEN 'present' ELSE 'kept' END;
    RETURN NEXT;

    FOR p IN SELECT e FROM jsonb_array_elements(t -> 'members') e LOOP
      what := 'member';
      who := p ->> 'email';
      id := ids ->> lower(who);
      SELECT s.outcome, s.has INTO outcome, has FROM tenantd.seed_member(row_of, id, p, label) s;
      IF is_made AND id = founder THEN outcome := 'made'; END IF;
      RETURN NEXT;
    END LOOP;
    FOR p IN SELECT e FROM jsonb_array_elements(t -> 'invitations') e LOOP
      what := 'invitation';
      who := p ->> 'email';
      SELECT s.id, s.outcome, s.has, s.token INTO id, outcome, has, token FROM tenantd.seed_invitation(row_of, founder, p, label) s;
      RETURN NEXT;
      token := NULL;
    END LOOP;
    IF is_made THEN
      PERFORM tenantd.seed_become(row_of, t, founder, label);
    END IF;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.seed(jsonb, tenantd.env, text) TO tenantd_migrator;
