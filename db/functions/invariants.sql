-- What must be true whatever code runs: who may change whom, which status may follow which, and that an open tenant
-- has an owner. The workers' role changes tenants and members only through these triggers.

-- Sets version and time at each change, and refuses changes of columns that must never change.
CREATE OR REPLACE FUNCTION tenantd.stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  is_now jsonb := to_jsonb(NEW);
  fixed text;
BEGIN
  FOREACH fixed IN ARRAY TG_ARGV LOOP
    IF was -> fixed IS DISTINCT FROM is_now -> fixed THEN
      RAISE EXCEPTION '% never changes', fixed USING ERRCODE = 'TD403';
    END IF;
  END LOOP;
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

SET LOCAL ROLE tenantd_context;

-- Which status may follow which, and who may bring that about: docs/joining.md has the same table, and a test compares them.
-- `was` is null for somebody who has no membership yet. `who` is an admin of the tenant, the member themselves, or a function
-- that acts for the user from outside: one that accepts an invitation ('invited'), one that asks to join or withdraws ('asking'),
-- one that joins by a proven domain ('enrolled'), or bootstrap. (No search_path: see audit_action.)
CREATE OR REPLACE FUNCTION tenantd.member_may_become(was tenantd.member_status, is_now tenantd.member_status, who text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT (coalesce(was::text, 'none'), is_now::text, who) IN (
    ('none', 'active', 'bootstrap'), ('none', 'active', 'invited'), ('none', 'active', 'enrolled'), ('none', 'pending', 'asking'),
    ('pending', 'active', 'admin'), ('pending', 'active', 'invited'), ('pending', 'active', 'enrolled'), ('pending', 'rejected', 'admin'), ('pending', 'removed', 'asking'),
    ('active', 'suspended', 'admin'), ('active', 'removed', 'admin'), ('active', 'removed', 'self'),
    ('suspended', 'active', 'admin'), ('suspended', 'removed', 'admin'),
    ('rejected', 'pending', 'asking'), ('rejected', 'active', 'invited'),
    ('removed', 'pending', 'asking'), ('removed', 'active', 'invited'))
$$;

-- This lock is taken before the row of any member. So two statements that lock several members in different orders
-- wait for each other here, and do not deadlock.
CREATE OR REPLACE FUNCTION tenantd.member_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM tenantd.tenants WHERE id = (SELECT c.tenant_id FROM tenantd.context() c) FOR NO KEY UPDATE;
  RETURN NULL;
END $$;

-- Refuses what a context that is not the operator's may not do to this member: a change above the caller, or a status that does
-- not follow. `was` is null when the membership is new.
CREATE OR REPLACE FUNCTION tenantd.member_demand(c record, was tenantd.tenant_members, is_now tenantd.tenant_members) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- The acts of a user who is not inside the tenant have contexts of their own, in which their own membership alone changes.
  is_outside boolean := c.kind IN ('bootstrap', 'invited', 'asking', 'enrolled');
  is_self boolean := is_now.user_id = c.user_id;
  who text := CASE WHEN is_outside THEN c.kind WHEN is_self THEN 'self' ELSE 'admin' END;
  acting tenantd.role;
BEGIN
  IF is_outside THEN
    IF NOT is_self OR was.status = is_now.status THEN
      RAISE EXCEPTION 'not from outside' USING ERRCODE = 'TD403';
    END IF;
  ELSIF c.kind NOT IN ('member', 'tenant_admin', 'owner') THEN
    RAISE EXCEPTION 'not in a context of kind %', c.kind USING ERRCODE = 'TD403';
  ELSE
    -- Read the caller's role now: it may have changed since they entered.
    SELECT m.role INTO acting FROM tenantd.tenant_members m
    WHERE m.tenant_id = is_now.tenant_id AND m.user_id = c.user_id AND m.status = 'active';
    -- The role of an API key never changes, so the context has the present one.
    IF c.issuer = 'tenantd:api-key' THEN acting := c.role; END IF;
    IF acting IS NULL THEN
      RAISE EXCEPTION 'no longer a member' USING ERRCODE = 'TD012';
    ELSIF is_self THEN
      -- Everybody may step down and leave; any other change of oneself is checked.
      IF is_now.role > was.role OR (is_now.status <> was.status AND is_now.status <> 'removed') THEN
        RAISE EXCEPTION 'not for oneself' USING ERRCODE = 'TD403';
      END IF;
    ELSIF acting < 'tenant_admin' OR was.role > acting OR is_now.role > acting THEN
      RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403';
    END IF;
  END IF;
  IF was.status IS DISTINCT FROM is_now.status AND NOT tenantd.member_may_become(was.status, is_now.status, who) THEN
    RAISE EXCEPTION 'a % member does not become %', coalesce(was.status::text, 'new'), is_now.status USING ERRCODE = 'TD409',
      DETAIL = CASE WHEN was.status IS NULL THEN format('nobody becomes %s in this way', is_now.status)
        ELSE format('a membership that is %s does not become %s', was.status, is_now.status) END;
  END IF;
END $$;

-- Members of a tenant are changed one at a time, under a lock on the tenant's row, so that the rules below see the result
-- of the change before. With an older snapshot they would not see it, even under the lock: hence read committed.
CREATE OR REPLACE FUNCTION tenantd.member_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  was tenantd.tenant_members;
  in_status tenantd.tenant_status;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'members are changed at read committed' USING ERRCODE = 'active_sql_transaction';
  END IF;
  SELECT * INTO c FROM tenantd.context();
  SELECT status INTO in_status FROM tenantd.tenants
  WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.tenant_id ELSE OLD.tenant_id END FOR NO KEY UPDATE;
  IF TG_OP <> 'INSERT' THEN was := OLD; END IF;

  -- This check comes first: somebody below a member must not learn by trying whether that member is the only owner.
  IF TG_OP <> 'INSERT' AND c.kind NOT IN ('operator', 'administration', 'ownership') AND OLD.user_id <> c.user_id AND (OLD.role > c.role OR NEW.role > c.role) THEN
    RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403';
  END IF;

  IF in_status IN ('onboarding', 'active') AND was.role = 'owner' AND was.status = 'active'
     AND (TG_OP = 'DELETE' OR NEW.role <> 'owner' OR NEW.status <> 'active')
     AND NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m
                     WHERE m.tenant_id = was.tenant_id AND m.role = 'owner' AND m.status = 'active'
                       AND m.user_id <> was.user_id) THEN
    RAISE EXCEPTION 'the tenant would have no owner' USING ERRCODE = 'TD016';
  END IF;

  -- Only the database's own roles get here without a context, because the workers' role sees no row then. The rules
  -- apply to every context except those of an operator, of a system administrator and of an offer that is accepted. What
  -- these do is checked by their functions (operator.sql, administration.sql, ownership.sql); the last owner stays in any case.
  -- The gate's canary makes tenants of its own; it is known by its user, because the context may be what the gate is about to
  -- find broken.
  IF c.kind NOT IN ('operator', 'administration', 'ownership')
     AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM tenantd.users u WHERE u.id = NEW.user_id AND u.issuer = 'canary')) THEN
    IF TG_OP = 'DELETE' THEN
      RAISE EXCEPTION 'memberships are kept' USING ERRCODE = 'TD403';
    END IF;
    PERFORM tenantd.member_demand(c, was, NEW);
  END IF;

  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND NEW.status <> OLD.status THEN
    NEW.status_at := clock_timestamp();
  END IF;
  IF NEW.status IN ('removed', 'rejected') THEN NEW.ended_at := NEW.status_at; END IF;
  IF NEW.status <> 'pending' THEN NEW.message := NULL; END IF;
  IF NEW.status = 'active' THEN NEW.joined_at := coalesce(was.joined_at, NEW.joined_at, now()); END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tenantd.tenant_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF c.kind NOT IN ('operator', 'administration') THEN
    IF c.role IS NULL OR c.role < 'tenant_admin' THEN
      RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403';
    ELSIF NEW.status <> OLD.status AND (OLD.status, NEW.status) <> ('onboarding', 'active') THEN
      RAISE EXCEPTION 'not the tenant''s own to change' USING ERRCODE = 'TD403';
    ELSIF OLD.organization_name IS NOT NULL AND NEW.organization_name IS NULL THEN
      RAISE EXCEPTION 'an organization keeps a name' USING ERRCODE = 'TD409';
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- Keeps since when and from which status a tenant is closed, and until when it can be reopened: for 30 days unless the one
-- who closes it says otherwise.
CREATE OR REPLACE FUNCTION tenantd.tenant_closes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.status <> 'closed' THEN
    NEW.closed_at := NULL;
    NEW.closed_from := NULL;
    NEW.reopen_until := NULL;
  ELSIF OLD.status IS DISTINCT FROM NEW.status THEN
    NEW.closed_at := now();
    NEW.closed_from := OLD.status;
    NEW.reopen_until := coalesce(NEW.reopen_until, now() + interval '30 days');
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tenantd.demand_owner(tenant uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM tenantd.tenants t WHERE t.id = tenant AND t.status IN ('onboarding', 'active'))
     AND NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m
                     WHERE m.tenant_id = tenant AND m.role = 'owner' AND m.status = 'active') THEN
    RAISE EXCEPTION 'an open tenant has an owner' USING ERRCODE = 'TD016';
  END IF;
END $$;

-- Checked at the end of the transaction, so that a tenant and its first owner can be written in either order.
CREATE OR REPLACE FUNCTION tenantd.tenant_has_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tenantd.demand_owner(NEW.id);
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.member_turn(), tenantd.member_guard(), tenantd.tenant_guard(), tenantd.tenant_closes(),
  tenantd.tenant_has_owner() TO tenantd_owner;
