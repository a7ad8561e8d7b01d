-- The acts that concern a user and not one tenant. Each is one function that takes the caller from the sealed context
-- of a `token` route: bootstrap and me.

SET LOCAL ROLE tenantd_context;

-- Replaces the context with one of another kind, for what a function of the database does on its own.
CREATE OR REPLACE FUNCTION tenantd.reseal(tenant_id uuid, user_id uuid, kind text, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.seal(substr(current_setting('tenantd.context'), 97, 16), reseal.tenant_id, c.env, reseal.user_id, c.role, reseal.kind, c.trace_id,
    c.route, c.label, c.issuer, c.subject, c.email, c.email_verified, c.name, c.named_tenant, c.is_claimed, c.named_slug, c.session,
    reseal.reason)
  FROM tenantd.context() c;
END $$;

-- Makes a tenant in onboarding, and its owner. Its slug and its name are made up, until they give it others.
CREATE OR REPLACE FUNCTION tenantd.tenant_found(new_tenant uuid, in_env tenantd.env, founder uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO tenantd.tenants (id, env, slug, name, bootstrapped_by)
  SELECT new_tenant, in_env, s, s, founder FROM (SELECT 't-' || left(replace(new_tenant::text, '-', ''), 16)) v (s);
  INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at) VALUES (new_tenant, in_env, founder, 'owner', 'active', now());
END $$;

-- Makes the row of the context's caller when there is none, lets it say what their token says, and locks it, so that of a user's
-- acts at once one comes after the other. For functions that take the caller from a `token` context.
CREATE OR REPLACE FUNCTION tenantd.user_of_token() RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  person uuid;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  INSERT INTO tenantd.users (issuer, subject, email, email_verified, name)
  VALUES (c.issuer, c.subject, c.email, c.email_verified, c.name) ON CONFLICT DO NOTHING;
  UPDATE tenantd.users SET email = c.email, email_verified = c.email_verified, name = c.name
  WHERE users.issuer = c.issuer AND users.subject = c.subject
    AND (users.email, users.email_verified, users.name) IS DISTINCT FROM (c.email, c.email_verified, c.name);
  SELECT users.id INTO person FROM tenantd.users WHERE users.issuer = c.issuer AND users.subject = c.subject FOR NO KEY UPDATE;
  IF c.email_verified THEN
    PERFORM tenantd.domain_welcome(person, c.env);
  END IF;
  RETURN person;
END $$;

-- Gives the caller a tenant in the context's env: the one that their token names (joining it as a member),
-- else the one they bootstrapped before, else a new one. Never changes a membership that exists.
--
-- Looks first, without a lock, because most calls find everything in place; when something is missing it
-- makes the user's row, locks it, and looks again: of any number of calls at once one creates. When it is
-- done the context is the token's again: the one it wrote under must not serve for anything else.
CREATE OR REPLACE FUNCTION tenantd.bootstrap(OUT tenant_id uuid, OUT user_id uuid, OUT role tenantd.role, OUT env tenantd.env,
  OUT tenant_status tenantd.tenant_status, OUT created boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  held text := current_setting('tenantd.context', true);
  claimed uuid;
  u record;
  found_slug text;
  membership tenantd.member_status;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  env := c.env;
  created := false;
  IF c.is_claimed THEN claimed := c.named_tenant; END IF;

  FOR attempt IN 1..2 LOOP
    SELECT users.id, users.email, users.email_verified, users.name INTO u
    FROM tenantd.users WHERE users.issuer = c.issuer AND users.subject = c.subject;
    user_id := u.id;
    IF claimed IS NOT NULL THEN
      SELECT t.id, t.slug, t.status INTO tenant_id, found_slug, tenant_status
      FROM tenantd.tenants t WHERE t.id = claimed AND t.env = c.env;
      IF tenant_id IS NULL THEN
        RAISE EXCEPTION 'the token''s tenant does not exist' USING ERRCODE = 'TD012';
      END IF;
    ELSE
      SELECT t.id, t.slug, t.status INTO tenant_id, found_slug, tenant_status
      FROM tenantd.tenants t WHERE t.bootstrapped_by = user_id AND t.env = c.env;
    END IF;
    IF c.named_slug <> found_slug OR (c.named_slug IS NOT NULL AND found_slug IS NULL)
       OR c.named_tenant <> tenant_id OR (c.named_tenant IS NOT NULL AND tenant_id IS NULL) THEN
      RAISE EXCEPTION 'another tenant is named beside' USING ERRCODE = 'TD011';
    END IF;
    SELECT m.role, m.status INTO role, membership
    FROM tenantd.tenant_members m WHERE m.tenant_id = bootstrap.tenant_id AND m.user_id = u.id;
    IF membership IN ('removed', 'rejected') THEN
      RAISE EXCEPTION 'tenant not found' USING ERRCODE = 'TD012';
    ELSIF membership = 'pending' THEN
      RAISE EXCEPTION 'membership pending' USING ERRCODE = 'TD014';
    ELSIF membership = 'suspended' THEN
      RAISE EXCEPTION 'membership suspended' USING ERRCODE = 'TD015';
    END IF;
    EXIT WHEN membership = 'active' AND (u.email, u.email_verified, u.name) IS NOT DISTINCT FROM
      (c.email, c.email_verified, c.name);

    IF attempt = 1 THEN
      PERFORM tenantd.reseal(NULL, user_id, 'bootstrap');
      PERFORM tenantd.user_of_token();
    ELSE
      created := tenant_id IS NULL;
      IF tenant_status IN ('suspended', 'closed') THEN
        RAISE EXCEPTION 'nobody joins a tenant that is %', tenant_status USING ERRCODE = 'TD013';
      END IF;
      tenant_id := coalesce(tenant_id, gen_random_uuid());
      PERFORM tenantd.reseal(tenant_id, user_id, 'bootstrap');
      IF created THEN
        PERFORM tenantd.tenant_found(tenant_id, c.env, u.id);
      ELSE
        INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status, joined_at)
        VALUES (bootstrap.tenant_id, c.env, u.id, 'member', 'active', now());
      END IF;
      role := CASE WHEN created THEN 'owner' ELSE 'member' END;
      tenant_status := coalesce(tenant_status, 'onboarding');
    END IF;
  END LOOP;
  PERFORM set_config('tenantd.context', held, true);
END $$;

-- The caller as this env knows them: the row of the user, the tenant that the token or a header names if they
-- are active in it, every membership that is not over, every request that waits, the invitations that wait (the first
-- hundred: there is a list of them in pages), and the tenant that their email's domain lets them into. Of a tenant that they only asked
-- to join it shows what they named and whom the tenant lets them ask, so that nobody learns more by asking. Nothing is written.
CREATE OR REPLACE FUNCTION tenantd.me() RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  named record;
  answer json;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'token');
  SELECT t.id, t.slug, m.role, m.status INTO named
  FROM tenantd.tenants t JOIN tenantd.tenant_members m ON m.tenant_id = t.id AND m.user_id = c.user_id
  WHERE t.env = c.env AND m.status NOT IN ('removed', 'rejected')
    AND CASE WHEN c.named_tenant IS NOT NULL THEN t.id = c.named_tenant ELSE t.slug = c.named_slug END;
  IF c.named_slug <> named.slug THEN
    RAISE EXCEPTION 'the slug names another tenant' USING ERRCODE = 'TD011';
  END IF;
  SELECT json_build_object(
    'user', coalesce((SELECT row_to_json(u) FROM (SELECT id, email, email_verified, name, system_admin, created_at
             FROM tenantd.users WHERE users.id = c.user_id) u), '{"id": null}'),
    'tenant', (SELECT row_to_json(a) FROM (SELECT id, slug, name, organization_name, status, created_at, updated_at
               FROM tenantd.tenants WHERE tenants.id = named.id AND named.status = 'active') a),
    'role', CASE WHEN named.status = 'active' THEN named.role END,
    'env', c.env,
    'memberships', coalesce(json_agg(json_build_object('tenant_id', m.tenant_id, 'slug', t.slug, 'name', CASE WHEN m.status <> 'pending' THEN t.name END,
      'env', m.env, 'role', m.role, 'status', m.status, 'tenant_status', CASE WHEN m.status <> 'pending' THEN t.status END, 'joined_at', m.joined_at,
      'access_contact', t.access_contact) ORDER BY m.created_at, m.tenant_id), '[]'),
    'pending_requests', coalesce(json_agg(json_build_object('tenant_id', m.tenant_id, 'slug', t.slug,
      'requested_at', m.status_at, 'access_contact', t.access_contact) ORDER BY m.status_at, m.tenant_id) FILTER (WHERE m.status = 'pending'), '[]'),
    'invitations', (SELECT coalesce(json_agg(i.answer ORDER BY i.sent_at, i.id), '[]')
      FROM (SELECT * FROM tenantd.my_invitations() ORDER BY sent_at, id LIMIT 100) i),
    'joinable_tenants', (SELECT coalesce(json_agg(json_build_object('tenant_id', t.id, 'slug', t.slug, 'name', t.name, 'domain', p.name)), '[]')
      FROM tenantd.proven_domains p JOIN tenantd.tenants t ON t.id = p.holder
      WHERE c.email_verified AND p.env = c.env AND p.name = tenantd.domain_of(c.email) AND t.status IN ('onboarding', 'active')
        AND tenantd.domain_opens(t.id, t.env, c.email, c.user_id)))
  INTO answer
  FROM tenantd.tenant_members m JOIN tenantd.tenants t ON t.id = m.tenant_id
  WHERE m.user_id = c.user_id AND m.env = c.env AND m.status NOT IN ('removed', 'rejected');
  RETURN answer;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.bootstrap(), tenantd.me() TO tenantd_app;

SET LOCAL ROLE tenantd_owner;
INSERT INTO tenantd.open_functions VALUES ('tenantd.bootstrap()', 'a caller without a tenant gets one; the caller is taken from the sealed context')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
INSERT INTO tenantd.open_functions VALUES ('tenantd.me()', 'shows the caller their own memberships, whatever tenant they are in')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
