-- Domains that a tenant has proven. The proof is a TXT record with the row's challenge (as draft-ietf-dnsop-domain-verification-techniques
-- advises); `tenantctl domains check` or the master's timer looks it up, as tenantd_errands, and says here what it found.

SET LOCAL ROLE tenantd_context;

-- The providers with which anybody can get an address. An operator may add others.
INSERT INTO tenantd.public_mail_domains SELECT regexp_split_to_table(trim(E' \n' FROM '
126.com 139.com 163.com 21cn.com aim.com aliyun.com alice.it aol.com arcor.de att.net bellsouth.net bigpond.com bluewin.ch bol.com.br
btinternet.com centrum.cz charter.net comcast.net cox.net daum.net disroot.org duck.com earthlink.net email.com email.cz fastmail.com
fastmail.fm foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk
hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.com inbox.lv inbox.ru interia.pl juno.com
kolabnow.com laposte.net libero.it list.ru live.ca live.co.uk live.com live.de live.fr live.nl mac.com mail.com mail.de mail.ru mailbox.org
mailfence.com mailinator.com me.com msn.com naver.com neuf.fr o2.pl onet.pl online.de orange.fr outlook.com outlook.de outlook.es
outlook.fr pm.me posteo.de posteo.net proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com runbox.com
sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com startmail.com sympatico.ca t-online.de talktalk.net terra.com.br tiscali.it
tuta.com tuta.io tutanota.com tutanota.de ukr.net uol.com.br verizon.net virgilio.it virginmedia.com vodafone.de wanadoo.fr web.de
wp.pl xtra.co.nz ya.ru yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it
yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.com'), '\s+') ON CONFLICT DO NOTHING;

-- The domain of an email address, as domains.name has it. Only ASCII letters change, so that no other letter becomes one of them.
CREATE OR REPLACE FUNCTION tenantd.domain_of(email text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT lower(substring(email FROM '@([^@]*)$') COLLATE "C")
$$;

-- A domain as the tenant's admins see it.
CREATE OR REPLACE FUNCTION tenantd.domain_shown(d tenantd.domains) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT row_to_json(x) FROM (SELECT d.id, d.name, CASE WHEN d.verified_at IS NULL THEN 'pending' ELSE 'verified' END AS status, d.enrollment,
    (SELECT row_to_json(r) FROM (SELECT 'TXT' AS type, '_tenantd-challenge.' || d.name AS name, d.challenge AS value) r) AS record,
    d.problem, d.verified_at, d.checked_at, d.due_at AS next_check_at, d.missing_since, d.added_by, d.created_at) x
$$;
GRANT EXECUTE ON FUNCTION tenantd.domain_shown(tenantd.domains) TO tenantd_app;

-- Adds a domain to the context's tenant: {"name", "enrollment"}. It counts for nothing until it is proven.
CREATE OR REPLACE FUNCTION tenantd.domain_add(given jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  wanted text := lower(rtrim(given ->> 'name', '.') COLLATE "C");
  made tenantd.domains;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM tenantd.demand_kind(c.kind, 'tenant_admin');
  PERFORM tenantd.demand_person(c.issuer, 'a person adds a domain, in whose name people there are invited: not an API key');
  IF EXISTS (SELECT 1 FROM tenantd.public_mail_domains p WHERE p.name = wanted) THEN
    RAISE EXCEPTION 'a public provider' USING ERRCODE = 'TD400', DETAIL = format('anybody can get an address at %s: it is no tenant''s domain', wanted);
  END IF;
  PERFORM 1 FROM tenantd.tenants t WHERE t.id = c.tenant_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM tenantd.proven_domains p WHERE p.env = c.env AND p.name = wanted AND p.holder <> c.tenant_id) THEN
    RAISE EXCEPTION 'another tenant''s' USING ERRCODE = 'TD409', DETAIL = 'another tenant has proven this domain, and must give it up first';
  ELSIF (SELECT count(*) FROM tenantd.domains d WHERE d.tenant_id = c.tenant_id) >= 20 THEN
    RAISE EXCEPTION 'too many domains' USING ERRCODE = 'TD409', DETAIL = 'a tenant has 20 domains at most';
  END IF;
  INSERT INTO tenantd.domains (tenant_id, env, name, enrollment, challenge, added_by)
  VALUES (c.tenant_id, c.env, wanted, given ->> 'enrollment', 'tenantd-domain-verification=' || tenantd.secret_new(), c.user_id)
  ON CONFLICT (tenant_id, name) DO NOTHING RETURNING * INTO made;
  IF made.id IS NULL THEN
    RAISE EXCEPTION 'there already' USING ERRCODE = 'TD409', DETAIL = 'the tenant has this domain already';
  END IF;
  RETURN tenantd.domain_shown(made);
EXCEPTION WHEN check_violation THEN
  RAISE EXCEPTION 'no domain' USING ERRCODE = 'TD400',
    DETAIL = 'name is a domain such as example.com; an international one is written in its form with xn--';
END $$;

-- What a tenant asks for is done soon: a check, or inviting those whom it wants to invite now.
CREATE OR REPLACE FUNCTION tenantd.domain_asked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.asked_at IS DISTINCT FROM OLD.asked_at THEN
    NEW.asked_at := now();
    NEW.due_at := now();
  ELSIF NEW.enrollment <> OLD.enrollment AND NEW.verified_at IS NOT NULL THEN
    NEW.due_at := now();
  END IF;
  RETURN NEW;
END $$;

-- Keeps proven_domains the same as domains.verified_at. The workers have no grant for verified_at.
CREATE OR REPLACE FUNCTION tenantd.domain_proven() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.verified_at IS NULL THEN
    DELETE FROM tenantd.proven_domains p WHERE p.env = OLD.env AND p.name = OLD.name AND p.holder = OLD.tenant_id;
  ELSE
    INSERT INTO tenantd.proven_domains (env, name, holder) VALUES (NEW.env, NEW.name, NEW.tenant_id);
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.domain_asked(), tenantd.domain_proven() TO tenantd_owner;

-- Whether a person whose verified email this is may come into the tenant by themselves. Somebody who was kept out, or went, is let in
-- by an admin alone, however often they ask.
CREATE OR REPLACE FUNCTION tenantd.domain_opens(tenant uuid, in_env tenantd.env, email text, person uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM tenantd.proven_domains p JOIN tenantd.domains d ON d.tenant_id = p.holder AND d.name = p.name
    WHERE p.env = in_env AND p.name = tenantd.domain_of(domain_opens.email) AND p.holder = tenant AND d.enrollment = 'join')
    AND NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.tenant_id = tenant AND m.user_id = person AND (m.status <> 'pending' OR m.ended_at IS NOT NULL))
$$;

-- Invites a user of a proven domain, in the name of the admin who added it, or of the tenant's oldest owner when that admin could not
-- invite any more. Somebody who was ever a member, asked or invited is left alone.
CREATE OR REPLACE FUNCTION tenantd.domain_invite(d tenantd.domains, person uuid, to_email text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := tenantd.secret_new();
  i tenantd.invitations;
BEGIN
  INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at)
  SELECT d.tenant_id, d.env, to_email, tenantd.secret_digest(token), inviter.user_id, now() + make_interval(days => t.invitation_days)
  FROM tenantd.tenants t, LATERAL (SELECT m.user_id FROM tenantd.tenant_members m
    WHERE m.tenant_id = d.tenant_id AND m.status = 'active' AND (m.role = 'owner' OR (m.role = 'tenant_admin' AND m.user_id = d.added_by))
    ORDER BY m.user_id = d.added_by DESC, m.joined_at LIMIT 1) inviter
  WHERE t.id = d.tenant_id AND t.status IN ('onboarding', 'active')
    AND NOT EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.tenant_id = d.tenant_id AND m.user_id = person)
    AND NOT EXISTS (SELECT 1 FROM tenantd.invitations h WHERE h.tenant_id = d.tenant_id AND lower(h.email COLLATE "C") = lower(to_email COLLATE "C"))
  ON CONFLICT DO NOTHING RETURNING * INTO i;
  IF i.id IS NOT NULL THEN
    PERFORM tenantd.invitation_mail(i, token);
  END IF;
END $$;

-- Looks, when a user's email has become known or verified, whether a tenant wants to invite them for it.
CREATE OR REPLACE FUNCTION tenantd.domain_welcome(person uuid, in_env tenantd.env) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text := current_setting('tenantd.context', true);
  u tenantd.users;
  d tenantd.domains;
BEGIN
  SELECT * INTO u FROM tenantd.users WHERE id = person AND email_verified;
  SELECT w.* INTO d FROM tenantd.proven_domains p JOIN tenantd.domains w ON w.tenant_id = p.holder AND w.name = p.name
  WHERE p.env = in_env AND p.name = tenantd.domain_of(u.email) AND w.enrollment = 'invite';
  IF d.id IS NULL THEN RETURN; END IF;
  PERFORM 1 FROM tenantd.tenants t WHERE t.id = d.tenant_id FOR NO KEY UPDATE;
  PERFORM tenantd.reseal(d.tenant_id, person, 'enrolled');
  PERFORM tenantd.domain_invite(d, person, u.email);
  PERFORM set_config('tenantd.context', held, true);
END $$;

-- The domains that are due, of the envs that are served here, longest waiting first. Each is due again after `lease`, whatever
-- becomes of the check.
CREATE OR REPLACE FUNCTION tenantd.due_domains(envs tenantd.env[], most integer, lease interval) RETURNS TABLE (tenant_id uuid, id uuid, name text, challenge text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tenantd.domains d SET due_at = now() + lease
  FROM (SELECT w.tenant_id, w.id FROM tenantd.domains w WHERE w.due_at <= now() AND w.env = ANY (envs) ORDER BY w.due_at, w.id LIMIT most
    FOR NO KEY UPDATE SKIP LOCKED) q
  WHERE (d.tenant_id, d.id) = (q.tenant_id, q.id)
  RETURNING d.tenant_id, d.id, d.name, d.challenge
$$;

-- Says what a check found: `is_there` is null when DNS did not answer, and `what` says what was found in place of the record. A domain
-- that is not proven yet is looked up for three days after its tenant asked, less and less often. A proven one is looked up each day; when
-- its record is gone, the admins are told, and after seven days it is proven no more. The same becomes of a closed tenant's. Answers the status that it has now.
CREATE OR REPLACE FUNCTION tenantd.domain_checked(tenant uuid, domain uuid, is_there boolean, what text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t tenantd.tenants;
  d tenantd.domains;
  u record;
BEGIN
  SELECT * INTO t FROM tenantd.tenants h WHERE h.id = tenant FOR NO KEY UPDATE;
  SELECT * INTO d FROM tenantd.domains h WHERE h.tenant_id = tenant AND h.id = domain;
  IF d.id IS NULL THEN RETURN NULL; END IF;
  PERFORM tenantd.operator_begin(tenant, d.env, 'domains check', 'DNS', NULL);
  IF t.status = 'closed' THEN
    is_there := false;
    what := 'the tenant is closed';
  ELSIF is_there AND EXISTS (SELECT 1 FROM tenantd.proven_domains p WHERE p.env = d.env AND p.name = d.name AND p.holder <> tenant) THEN
    is_there := NULL;
    what := 'another tenant has proven this domain, and must give it up first';
  END IF;
  d.checked_at := now();
  d.problem := CASE WHEN is_there IS NOT TRUE THEN what END;
  IF is_there THEN
    d.verified_at := coalesce(d.verified_at, now());
    d.missing_since := NULL;
    d.due_at := now() + interval '1 day';
  ELSIF d.verified_at IS NULL THEN
    d.due_at := CASE WHEN now() < d.asked_at + interval '3 days'
      THEN now() + least(greatest((now() - d.asked_at) / 2, interval '1 minute'), interval '1 hour') END;
  ELSE
    IF NOT is_there AND d.missing_since IS NULL THEN
      d.missing_since := now();
      IF t.status <> 'closed' THEN
        PERFORM tenantd.mail_admins('domain_missing', d.env, tenant, jsonb_build_object('tenant_name', t.name, 'domain', d.name,
          'record', '_tenantd-challenge.' || d.name, 'value', d.challenge, 'until', now() + interval '7 days'));
      END IF;
    END IF;
    d.due_at := now() + interval '1 hour';
    IF NOT is_there AND d.missing_since < now() - interval '7 days' THEN
      d.verified_at := NULL;
      d.missing_since := NULL;
      d.due_at := NULL;
    END IF;
  END IF;
  UPDATE tenantd.domains h SET verified_at = d.verified_at, missing_since = d.missing_since, due_at = d.due_at, checked_at = d.checked_at, problem = d.problem
  WHERE h.tenant_id = tenant AND h.id = domain;
  IF d.verified_at IS NOT NULL AND is_there AND d.enrollment = 'invite' THEN
    -- Users belong to no env: those who have to do with this one are known by a membership in it. (The domain is written as the index
    -- users_verified_domain has it.)
    FOR u IN SELECT w.id, w.email FROM tenantd.users w
        WHERE w.email_verified AND lower(substring(w.email FROM '@([^@]*)$') COLLATE "C") = d.name
          AND EXISTS (SELECT 1 FROM tenantd.tenant_members m WHERE m.user_id = w.id AND m.env = d.env) LOOP
      PERFORM tenantd.domain_invite(d, u.id, u.email);
    END LOOP;
  END IF;
  RETURN CASE WHEN d.verified_at IS NULL THEN 'pending' ELSE 'verified' END;
END $$;
GRANT EXECUTE ON FUNCTION tenantd.domain_add(jsonb) TO tenantd_app;
GRANT EXECUTE ON FUNCTION tenantd.due_domains(tenantd.env[], integer, interval), tenantd.domain_checked(uuid, uuid, boolean, text) TO tenantd_errands;

SET LOCAL ROLE tenantd_owner;

INSERT INTO tenantd.open_functions VALUES
  ('tenantd.domain_add(jsonb)', 'looks in all tenants whether one has proven the domain; the row is of the sealed context''s tenant')
  ON CONFLICT (signature) DO UPDATE SET reason = excluded.reason;
