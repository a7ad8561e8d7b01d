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

-- Which status may follow which, for those inside a tenant. (No search_path: see audit_action.)
CREATE OR REPLACE FUNCTION tenantd.member_may_become(was tenantd.member_status, is_now tenantd.member_status) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT was = is_now OR (was::text, is_now::text) IN (('pending', 'active'), ('pending', 'rejected'),
    ('active', 'suspended'), ('active', 'removed'), ('suspended', 'active'), ('suspended', 'removed'))
$$;

-- This lock is taken before the row of any member. So two statements that lock several members in different orders
-- wait for each other here, and do not deadlock.
CREATE OR REPLACE FUNCTION tenantd.member_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM tenantd.tenants WHERE id = (SELECT c.tenant_id FROM tenantd.context() c) FOR NO KEY UPDATE;
  RETURN NULL;
END $$;

-- Members of a tenant are changed one at a time, under a lock on the tenant's row, so that the rules below see the result
-- of the change before. With an older snapshot they would not see it, even under the lock: hence read committed.
CREATE OR REPLACE FUNCTION tenantd.member_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  acting tenantd.role;
  in_status tenantd.tenant_status;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'members are changed at read committed' USING ERRCODE = 'active_sql_transaction';
  END IF;
  SELECT * INTO c FROM tenantd.context();
  SELECT status INTO in_status FROM tenantd.tenants WHERE id = OLD.tenant_id FOR NO KEY UPDATE;

  -- This check comes first: somebody below a member must not learn by trying whether that member is the only owner.
  IF c.kind NOT IN ('operator', 'administration', 'ownership') AND OLD.user_id <> c.user_id AND (OLD.role > c.role OR NEW.role > c.role) THEN
    RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403';
  END IF;

  IF in_status IN ('onboarding', 'active') AND OLD.role = 'owner' AND OLD.status = 'active'
     AND (TG_OP = 'DELETE' OR NEW.role <> 'owner' OR NEW.status <> 'active')
     AND NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m
                     WHERE m.tenant_id = OLD.tenant_id AND m.role = 'owner' AND m.status = 'active'
                       AND m.user_id <> OLD.user_id) THEN
    RAISE EXCEPTION 'the tenant would have no owner' USING ERRCODE = 'TD016';
  END IF;

  -- Only the database's own roles get here without a context, because the workers' role sees no row then. The rules
  -- apply to every context except those of an operator, of a system administrator and of an offer that is accepted. What
  -- these do is checked by their functions (operator.sql, administration.sql, ownership.sql); the last owner stays in any case.
  IF c.kind NOT IN ('operator', 'administration', 'ownership') THEN
    -- Read the caller's role now: it may have changed since they entered.
    SELECT m.role INTO acting FROM tenantd.tenant_members m
    WHERE m.tenant_id = OLD.tenant_id AND m.user_id = c.user_id AND m.status = 'active';
    -- The role of an API key never changes, so the context has the present one.
    IF c.issuer = 'tenantd:api-key' THEN acting := c.role; END IF;
    IF acting IS NULL THEN
      RAISE EXCEPTION 'no longer a member' USING ERRCODE = 'TD012';
    ELSIF TG_OP = 'DELETE' THEN
      RAISE EXCEPTION 'memberships are kept' USING ERRCODE = 'TD403';
    ELSIF OLD.user_id = c.user_id THEN
      -- Everybody may step down and leave; any other change of oneself is checked.
      IF NEW.role > OLD.role OR (NEW.status <> OLD.status AND NEW.status <> 'removed') THEN
        RAISE EXCEPTION 'not for oneself' USING ERRCODE = 'TD403';
      END IF;
    ELSIF acting < 'tenant_admin' OR OLD.role > acting OR NEW.role > acting THEN
      RAISE EXCEPTION 'above the caller' USING ERRCODE = 'TD403';
    END IF;
    IF NOT tenantd.member_may_become(OLD.status, NEW.status) THEN
      RAISE EXCEPTION 'a % member does not become %', OLD.status, NEW.status USING ERRCODE = 'TD409';
    END IF;
  END IF;

  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF NEW.status = 'active' THEN NEW.joined_at := coalesce(OLD.joined_at, now()); END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tenantd.tenant_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  IF c.kind NOT IN ('operator', 'administration') THEN
    IF c.role IS NULL OR c.role < 'tenant_admin' OR NEW.slug <> OLD.slug THEN
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

-- Checked at the end of the transaction, so that a tenant and its first owner can be written in either order.
CREATE OR REPLACE FUNCTION tenantd.tenant_has_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM tenantd.tenants t WHERE t.id = NEW.id AND t.status IN ('onboarding', 'active'))
     AND NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m
                     WHERE m.tenant_id = NEW.id AND m.role = 'owner' AND m.status = 'active') THEN
    RAISE EXCEPTION 'an open tenant has an owner' USING ERRCODE = 'TD016';
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.member_turn(), tenantd.member_guard(), tenantd.tenant_guard(), tenantd.tenant_closes(),
  tenantd.tenant_has_owner() TO tenantd_owner;
