-- The walls of tenantd's own tables: policies, triggers, and what the isolation gate attacks. The functions that they
-- call are in the other files. This file runs last, because its name is the last one.

SELECT tenantd.wall(t) FROM unnest(ARRAY['tenantd.context_keys', 'tenantd.system_events', 'tenantd.idempotency_keys',
  'tenantd.limit_buckets', 'tenantd.mail_outbox', 'tenantd.header_uses', 'tenantd.cutovers', 'tenantd.accounts', 'tenantd.sessions', 'tenantd.refresh_tokens', 'tenantd.account_secrets',
  'tenantd.proven_domains', 'tenantd.public_mail_domains', 'tenantd.erasures', 'tenantd.audit_checkpoints']::regclass[]) t;
SELECT tenantd.wall('tenantd.tenants', tenantd.in_context('id'));
SELECT tenantd.wall('tenantd.tenant_members', tenantd.in_context());
SELECT tenantd.wall('tenantd.api_keys', tenantd.in_context(least_role => 'tenant_admin'));
SELECT tenantd.wall('tenantd.onboarding_progress', tenantd.in_context(), takes => tenantd.in_context(user_column => 'completed_by'));
SELECT tenantd.wall('tenantd.invitations', tenantd.in_context(least_role => 'tenant_admin'));
SELECT tenantd.wall('tenantd.domains', tenantd.in_context(least_role => 'tenant_admin'));
SELECT tenantd.wall('tenantd.audit_events', tenantd.in_context(least_role => 'tenant_admin'), 'SELECT');
-- Whom of the tenant an offer concerns is said by the statement; only functions write.
SELECT tenantd.wall('tenantd.ownership_offers', tenantd.in_context(), 'SELECT');
-- A piece is seen by the transaction that brings it alone, whatever is left of it.
SELECT tenantd.wall('tenantd.content_pieces', tenantd.in_context(more => 'upload', is_value => 'pg_current_xact_id()'));
-- A user is seen by those who share the context's tenant: the policy of tenant_members holds inside, too.
SELECT tenantd.wall('tenantd.users', 'EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.user_id = users.id)', 'SELECT');

SELECT tenantd.isolate('tenantd.users', 'id IS DISTINCT FROM $3 AND $1 IS NOT DISTINCT FROM $1 AND $2 IS NOT DISTINCT FROM $2',
  '(id, issuer, subject) VALUES ($3, $1::text, $2::text)');
SELECT tenantd.isolate('tenantd.tenants', '(id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3',
  '(id, env, slug, name, bootstrapped_by) VALUES ($1, $2, $1::text, $1::text, $3)');
SELECT tenantd.isolate('tenantd.' || t, '(tenant_id, env) IS DISTINCT FROM ($1, $2) AND $3 IS NOT DISTINCT FROM $3', r)
FROM (VALUES
  ('tenant_members', '(tenant_id, env, user_id, status) VALUES ($1, $2, $3, ''active'')'),
  ('api_keys', '(tenant_id, env, name, role, digest, created_by, expires_at) VALUES ($1, $2, ''canary'', ''member'', sha256($3::text::bytea), $3, now())'),
  ('domains', '(tenant_id, env, name, enrollment, challenge, added_by) VALUES ($1, $2, ''canary.example'', ''join'', ''canary'', $3)'),
  ('invitations', '(tenant_id, env, email, token_digest, invited_by, expires_at) VALUES ($1, $2, ''canary'', sha256(''canary''), $3, now())'),
  ('onboarding_progress', '(tenant_id, env, step, completed_by) VALUES ($1, $2, ''canary'', $3)'),
  ('audit_events', '(tenant_id, env, action, actor_kind, actor_id, object_type) VALUES ($1, $2, ''canary.tried'', ''user'', $3, ''canary'')'),
  ('ownership_offers', '(tenant_id, env, offered_by, user_id) VALUES ($1, $2, $3, $1)')
) AS v (t, r);
SELECT tenantd.isolate('tenantd.content_pieces', '(tenant_id, env) IS DISTINCT FROM ($1, $2)',
  '(tenant_id, env, number, bytes) VALUES ($1, $2, 0, '''')');

-- Triggers of one event fire in the order of their names: closes, guard, then stamp.
-- Who is erased is from then on nobody that an issuer could name.
CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON tenantd.users
  FOR EACH ROW WHEN (NEW.issuer <> 'tenantd:erased') EXECUTE FUNCTION tenantd.stamp('id', 'issuer', 'subject', 'created_at');
CREATE OR REPLACE TRIGGER stamp_erased BEFORE UPDATE ON tenantd.users
  FOR EACH ROW WHEN (NEW.issuer = 'tenantd:erased') EXECUTE FUNCTION tenantd.stamp('id', 'created_at');
CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON tenantd.tenants
  FOR EACH ROW EXECUTE FUNCTION tenantd.stamp('id', 'env', 'created_at', 'bootstrapped_by');
CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON tenantd.tenant_members
  FOR EACH ROW EXECUTE FUNCTION tenantd.stamp('tenant_id', 'env', 'user_id', 'created_at');
CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON tenantd.ownership_offers
  FOR EACH ROW EXECUTE FUNCTION tenantd.stamp('tenant_id', 'env', 'id', 'offered_by', 'user_id', 'step_down', 'expires_at', 'created_at');
CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON tenantd.invitations
  FOR EACH ROW EXECUTE FUNCTION tenantd.stamp('tenant_id', 'env', 'id', 'email', 'created_at');
CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON tenantd.domains
  FOR EACH ROW EXECUTE FUNCTION tenantd.stamp('tenant_id', 'env', 'id', 'name', 'challenge', 'added_by', 'created_at');
CREATE OR REPLACE TRIGGER turn BEFORE UPDATE ON tenantd.tenant_members
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.member_turn();
CREATE OR REPLACE TRIGGER turn BEFORE UPDATE ON tenantd.invitations
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.member_turn();
CREATE OR REPLACE TRIGGER turn BEFORE UPDATE OR DELETE ON tenantd.domains
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.member_turn();
CREATE OR REPLACE TRIGGER asked BEFORE UPDATE ON tenantd.domains
  FOR EACH ROW EXECUTE FUNCTION tenantd.domain_asked();
CREATE OR REPLACE TRIGGER proven AFTER UPDATE ON tenantd.domains
  FOR EACH ROW WHEN ((OLD.verified_at IS NULL) <> (NEW.verified_at IS NULL)) EXECUTE FUNCTION tenantd.domain_proven();
CREATE OR REPLACE TRIGGER given_up AFTER DELETE ON tenantd.domains
  FOR EACH ROW WHEN (OLD.verified_at IS NOT NULL) EXECUTE FUNCTION tenantd.domain_proven();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON tenantd.tenant_members
  FOR EACH ROW EXECUTE FUNCTION tenantd.member_guard();
CREATE OR REPLACE TRIGGER closes BEFORE INSERT OR UPDATE ON tenantd.tenants
  FOR EACH ROW EXECUTE FUNCTION tenantd.tenant_closes();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON tenantd.invitations
  FOR EACH ROW EXECUTE FUNCTION tenantd.invitation_guard();
CREATE OR REPLACE TRIGGER tell AFTER INSERT OR UPDATE ON tenantd.tenant_members
  FOR EACH ROW EXECUTE FUNCTION tenantd.join_tell();
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON tenantd.tenants
  FOR EACH ROW EXECUTE FUNCTION tenantd.tenant_guard();
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON tenantd.api_keys
  FOR EACH ROW EXECUTE FUNCTION tenantd.api_key_guard();
-- A constraint trigger cannot be replaced, and dropping one that need not change would lock the table for no reason.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = 'tenantd.tenants'::regclass AND tgname = 'has_owner') THEN
    CREATE CONSTRAINT TRIGGER has_owner AFTER INSERT OR UPDATE ON tenantd.tenants
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tenantd.tenant_has_owner();
  END IF;
END $$;

CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.users
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('user', 'id', '');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.tenants
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('tenant', 'id', 'id');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.tenant_members
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('member', 'user_id', 'tenant_id');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.invitations
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('invitation', 'id', 'tenant_id');
-- That a domain was looked up is not a change of it.
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE ON tenantd.domains
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('domain', 'id', 'tenant_id');
CREATE OR REPLACE TRIGGER audit_change AFTER UPDATE ON tenantd.domains
  FOR EACH ROW WHEN ((OLD.enrollment, OLD.verified_at) IS DISTINCT FROM (NEW.enrollment, NEW.verified_at))
  EXECUTE FUNCTION tenantd.audit('domain', 'id', 'tenant_id');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.onboarding_progress
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('onboarding_step', 'step', 'tenant_id');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.ownership_offers
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('ownership_offer', 'id', 'tenant_id');

-- That a key was used is not a change of it.
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OF revoked_at OR DELETE ON tenantd.api_keys
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('api_key', 'id', 'tenant_id');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.accounts
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('account', 'user_id', '');
-- A session is used again and again; what counts is that it begins and ends.
CREATE OR REPLACE TRIGGER audit AFTER INSERT ON tenantd.sessions
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('session', 'id', '');
CREATE OR REPLACE TRIGGER audit_end AFTER UPDATE OF ended_at ON tenantd.sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION tenantd.audit('session', 'id', '');
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON tenantd.cutovers
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit('cutover', 'env', '');

CREATE OR REPLACE TRIGGER forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tenantd.audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.audit_is_forever();
CREATE OR REPLACE TRIGGER forever_row BEFORE UPDATE ON tenantd.audit_events
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit_is_forever();
CREATE OR REPLACE TRIGGER forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tenantd.system_events
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.audit_is_forever();
CREATE OR REPLACE TRIGGER forever_row BEFORE UPDATE ON tenantd.system_events
  FOR EACH ROW EXECUTE FUNCTION tenantd.audit_is_forever();
CREATE OR REPLACE TRIGGER released AFTER DELETE ON tenantd.audit_events
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tenantd.audit_is_released();
CREATE OR REPLACE TRIGGER released AFTER DELETE ON tenantd.system_events
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tenantd.audit_is_released();
CREATE OR REPLACE TRIGGER forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tenantd.audit_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.checkpoint_is_forever();

CREATE OR REPLACE TRIGGER catalog_changed AFTER INSERT OR UPDATE OR DELETE ON tenantd.resources
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.catalog_changed();
CREATE OR REPLACE TRIGGER catalog_changed AFTER INSERT OR UPDATE OR DELETE ON tenantd.resource_actions
  FOR EACH STATEMENT EXECUTE FUNCTION tenantd.catalog_changed();
