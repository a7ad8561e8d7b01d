-- Mailings. A tenant may prepare them while it is still being set up; to send one it must be active.

CREATE TYPE app.campaign_status AS ENUM ('draft', 'scheduled', 'sending', 'sent', 'cancelled');

CREATE TABLE app.campaigns (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (name <> ''),
  channel text NOT NULL DEFAULT 'email' CHECK (channel <> ''),
  subject text,
  body text NOT NULL DEFAULT '',
  audience jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(audience) = 'object'),
  status app.campaign_status NOT NULL DEFAULT 'draft',
  scheduled_for timestamptz,
  sent_at timestamptz
);
COMMENT ON TABLE app.campaigns IS 'A message to many';
COMMENT ON COLUMN app.campaigns.id IS 'The key';
COMMENT ON COLUMN app.campaigns.name IS 'What lists show; receivers do not see it';
COMMENT ON COLUMN app.campaigns.channel IS 'How it goes out: email, sms';
COMMENT ON COLUMN app.campaigns.subject IS 'What receivers see first';
COMMENT ON COLUMN app.campaigns.body IS 'What it says, in the markup of the sending program';
COMMENT ON COLUMN app.campaigns.audience IS 'Whom it goes to, in terms that the sending program knows';
COMMENT ON COLUMN app.campaigns.status IS 'Becomes sending by POST …/{id}/send alone';
COMMENT ON COLUMN app.campaigns.scheduled_for IS 'When it is meant to be sent; the application calls the action then';
COMMENT ON COLUMN app.campaigns.sent_at IS 'When sending was asked for';

-- Only the action starts to send: it names the campaign for the rest of its transaction.
CREATE FUNCTION app.campaign_sending() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was app.campaign_status := CASE TG_OP WHEN 'UPDATE' THEN OLD.status END;
BEGIN
  IF TG_OP = 'INSERT' OR NEW.sent_at IS DISTINCT FROM OLD.sent_at THEN
    NEW.sent_at := CASE WHEN current_setting('app.sending', true) = NEW.id::text THEN now()
                        WHEN TG_OP = 'UPDATE' THEN OLD.sent_at END;
  END IF;
  IF NEW.status = 'sending' AND was IS DISTINCT FROM 'sending' AND current_setting('app.sending', true) IS DISTINCT FROM NEW.id::text
     OR NEW.status = 'sent' AND was IS DISTINCT FROM 'sent' AND was IS DISTINCT FROM 'sending' THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD409', DETAIL = 'a campaign is sent by its action';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sending BEFORE INSERT OR UPDATE ON app.campaigns FOR EACH ROW EXECUTE FUNCTION app.campaign_sending();

SELECT tenantd.register_resource('app.campaigns', tenant_guard => 'open');
CREATE INDEX campaigns_by_status ON app.campaigns (tenant_id, status, created_at DESC, id);
CREATE INDEX campaigns_to_send ON app.campaigns (tenant_id, scheduled_for, id) WHERE status = 'scheduled';

-- Hands a campaign over to be sent, once, and answers it.
CREATE FUNCTION app.campaign_send(campaign uuid) RETURNS json
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  sent app.campaigns;
BEGIN
  SELECT * INTO c FROM tenantd.context();
  PERFORM set_config('app.sending', campaign::text, true);
  UPDATE app.campaigns SET status = 'sending', sent_at = now()
  WHERE tenant_id = c.tenant_id AND env = c.env AND id = campaign AND status IN ('draft', 'scheduled')
  RETURNING * INTO sent;
  PERFORM set_config('app.sending', '', true);
  IF sent.id IS NOT NULL THEN
    RETURN row_to_json(sent);
  ELSIF EXISTS (SELECT 1 FROM app.campaigns WHERE tenant_id = c.tenant_id AND env = c.env AND id = campaign) THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD409', DETAIL = 'the campaign was sent or cancelled';
  END IF;
  RAISE EXCEPTION 'refused' USING ERRCODE = 'TD404', DETAIL = 'there is no such campaign';
END $$;
COMMENT ON FUNCTION app.campaign_send(uuid) IS 'Hands a campaign over to be sent';
SELECT tenantd.register_action('campaigns', 'send', 'app.campaign_send(uuid)', tenant_guard => 'active');
