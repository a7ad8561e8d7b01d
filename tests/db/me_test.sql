-- me(): the caller, every membership of theirs in this env that is not over, and nothing of anybody else.
SELECT no_plan();
SELECT test.world();

CREATE FUNCTION test.sees(sub text, path text, env text DEFAULT 'prod', tenant text DEFAULT '', slug text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text := test.me('app', sub, env, tenant, slug);
BEGIN
  IF answer LIKE '!%' THEN RETURN answer; END IF;
  RETURN (SELECT string_agg(CASE jsonb_typeof(x) WHEN 'string' THEN x #>> '{}' ELSE x::text END, ',') FROM jsonb_path_query(answer::jsonb, path::jsonpath) x);
END $$;

SELECT is(test.me('app', 'nobody')::jsonb, '{"user": {"id": null}, "tenant": null, "role": null, "env": "prod", "memberships": [], "pending_requests": [], "invitations": [], "joinable_tenants": []}'::jsonb, 'ID 2: an unknown user gets an empty answer');
SELECT is(test.q('admin', $$SELECT count(*)::text FROM tenantd.users WHERE subject = 'nobody'$$), '0', 'ID 2: and is not written down');
SELECT is(test.sees('ann', '$.user.id'), test.person('ann'), 'the caller'), is(test.sees('ann', '$.user.email'), 'ann@example.org', 'their email'), is(test.sees('root', '$.user.system_admin'), 'true', 'a system_admin knows');
SELECT is(test.sees('ann', '$.memberships[*].slug'), 'alpha', 'ann is in alpha'), is(test.sees('ann', '$.tenant'), 'null', 'with no tenant named none is "the" tenant');
SELECT is(test.sees('amy', '$.memberships[*].slug'), 'alpha', 'T19: in prod amy is in alpha'), is(test.sees('amy', '$.memberships[*].slug', 'dev'), 'gamma', 'T19: in dev in gamma');
SELECT is(test.sees('ann', '$.tenant.slug', tenant => test.tenant('alpha')), 'alpha', 'the named tenant'), is(test.sees('ann', '$.role', tenant => test.tenant('alpha')), 'owner', 'and the role in it'),
  is(test.sees('ann', '$.tenant.slug', slug => 'alpha'), 'alpha', 'by its slug, too');
SELECT is(test.sees('ann', '$.tenant', tenant => test.tenant(t)), 'null', 'T25: ' || t || ' is not shown') FROM unnest(ARRAY['beta', 'nowhere', 'gamma']) t;
SELECT is(test.sees('ann', '$.tenant', slug => t), 'null', 'T25: nor by its slug ' || t) FROM unnest(ARRAY['beta', 'nowhere', 'gamma']) t;
SELECT is(test.sees('ann', '$.tenant', tenant => test.tenant('alpha'), slug => 'beta'), '!TD011', 'T27: a slug that names another');
SELECT is(test.sees('ann', '$.tenant', tenant => test.tenant('beta'), slug => 'alpha'), 'null', 'T25: which tells a stranger nothing');
SELECT is(test.sees('pat', '$.memberships[*].status'), 'pending', 'T64: a pending user sees the status'), is(test.sees('pat', '$.pending_requests[*].slug'), 'alpha', 'T64: and the request'),
  is(test.sees('pat', '$.tenant', tenant => test.tenant('alpha')), 'null', 'T64: and not the tenant'), is(test.sees('pat', '$.role', tenant => test.tenant('alpha')), 'null', 'T64: nor a role'),
  is(test.sees('pat', '$.memberships[*].' || f), 'null', 'T64: nor the tenant''s ' || f || ', which whoever asks would learn') FROM unnest(ARRAY['name', 'tenant_status']) f;
SELECT is(test.sees('sue', '$.memberships[*].status'), 'suspended', 'a suspended one sees that'), is(test.sees('sue', '$.tenant', tenant => test.tenant('alpha')), 'null', 'and not the tenant');
SELECT is(test.sees(s, '$.memberships'), '[]', 'CTX 8: ' || s || ' sees what a stranger sees'), is(test.sees(s, '$.tenant', tenant => test.tenant('alpha'), slug => 'beta'), 'null', 'CTX 8: whatever they name') FROM unnest(ARRAY['rex', 'rem']) s;
SELECT test.bootstrap('app', 'sam');
SELECT is(test.sees('sam', '$.memberships[*].role'), 'owner', 'ID 2: a bootstrap shows at once'), is(test.sees('sam', '$.memberships[*].tenant_status'), 'onboarding', 'with the tenant''s status');
SELECT test.script('app', 'ROLLBACK');
SELECT is(test.q('app', 'SELECT tenantd.me()::text'), '!42501', 'T40: without a context there is no me');
SELECT is(test.act('app', 'ann', test.tenant('alpha'), 'SELECT tenantd.me()::text', l), '!42501', 'T40: nor from the context of a ' || l) FROM unnest(ARRAY['member', 'tenant_admin', 'owner']) l;
SELECT is(test.enter('app', 'ann', '', 'token', 'any'), '- ' || test.person('ann') || ' - -', 'ann with a token'), test.q('app', 'SELECT left(tenantd.me()::text, 0)'),
  is(test.q('app', 'SELECT concat_ws('' '', tenant_id, kind, (SELECT count(*) FROM tenantd.tenants)) FROM tenantd.context()'), 'token 0', 'me leaves no other context behind'), test.script('app', 'ROLLBACK');

SELECT * FROM finish();
DROP FUNCTION test.sees;
