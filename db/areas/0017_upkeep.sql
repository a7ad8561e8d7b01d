-- What the areas lacked: a comment on every column, the indexes that their lists want, the currency of a price, and
-- constraints for what was never meant to be stored; rows that are there already stay (NOT VALID).

-- Stock with a price has its currency, and says itself when it is low: the REST grammar compares with values, not with
-- other columns.
ALTER TABLE app.inventory_items
  ADD COLUMN currency text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
  ADD COLUMN is_low boolean GENERATED ALWAYS AS (coalesce(quantity <= reorder_level, false)) STORED;
CREATE INDEX inventory_items_low ON app.inventory_items (tenant_id, name, id) WHERE is_low;
CREATE INDEX inventory_items_by_location ON app.inventory_items (tenant_id, location, name, id);
COMMENT ON COLUMN app.inventory_items.id IS 'The key';
COMMENT ON COLUMN app.inventory_items.sku IS 'The tenant''s own number for the item';
COMMENT ON COLUMN app.inventory_items.name IS 'What people call it';
COMMENT ON COLUMN app.inventory_items.quantity IS 'How many units lie there';
COMMENT ON COLUMN app.inventory_items.unit IS 'What quantity counts: piece, kg, m';
COMMENT ON COLUMN app.inventory_items.price IS 'Of one unit, in the currency; null when it is not known';
COMMENT ON COLUMN app.inventory_items.currency IS 'Of the price, ISO 4217';
COMMENT ON COLUMN app.inventory_items.is_low IS 'At or below its reorder level';

ALTER TABLE app.budgets ADD CHECK (spent >= 0) NOT VALID;
CREATE INDEX budgets_by_end ON app.budgets (tenant_id, ends_on, id);
COMMENT ON COLUMN app.budgets.id IS 'The key';
COMMENT ON COLUMN app.budgets.name IS 'What people call it';
COMMENT ON COLUMN app.budgets.starts_on IS 'The first day that counts';
COMMENT ON COLUMN app.budgets.notes IS 'For people';

CREATE INDEX kpis_by_time ON app.kpis (tenant_id, period_start DESC, name, id);
COMMENT ON COLUMN app.kpis.id IS 'The key';
COMMENT ON COLUMN app.kpis.name IS 'Which figure: revenue, returns';
COMMENT ON COLUMN app.kpis.period_start IS 'The first day of the time';
COMMENT ON COLUMN app.kpis.period_end IS 'The last day of the time';
COMMENT ON COLUMN app.kpis.value IS 'What it was, in the unit';

COMMENT ON COLUMN app.temperature_readings.id IS 'The key; a sensor that may send twice makes it itself, and sends it with resolution=ignore-duplicates';
COMMENT ON COLUMN app.temperature_readings.location IS 'Where the sensor was then';
COMMENT ON COLUMN app.temperature_readings.celsius IS 'The temperature, in degrees Celsius';

ALTER TABLE app.nexus_documents ADD CHECK (external_id IS NULL OR source IS NOT NULL) NOT VALID;
COMMENT ON COLUMN app.nexus_documents.id IS 'The key';
COMMENT ON COLUMN app.nexus_documents.title IS 'What lists show';
COMMENT ON COLUMN app.nexus_documents.body IS 'The document, in its format; never cleaned: whoever shows it does that';
COMMENT ON COLUMN app.nexus_documents.format IS 'How body is written';
COMMENT ON COLUMN app.nexus_documents.tags IS 'In the tenant''s own words';
COMMENT ON COLUMN app.nexus_documents.metadata IS 'What else its source knows of it';

-- A number that is none has no distance. Numbers of a model do not compress: that only costs time.
ALTER TABLE app.vector_points
  ADD CHECK (array_position(embedding, 'NaN') IS NULL AND array_position(embedding, 'Infinity') IS NULL
    AND array_position(embedding, '-Infinity') IS NULL) NOT VALID,
  ALTER embedding SET STORAGE EXTERNAL;
COMMENT ON COLUMN app.vector_points.id IS 'The key';
COMMENT ON COLUMN app.vector_points.embedding IS 'Its place: as many numbers as the collection''s model gives';

CREATE OR REPLACE FUNCTION app.vector_points_nearest(body json) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  wanted real[];
  space text := coalesce(body ->> 'collection', 'default');
  metric text := coalesce(body ->> 'metric', 'cosine');
  most numeric := coalesce((body ->> 'limit')::numeric, 10);
  found json;
BEGIN
  IF json_typeof(body -> 'embedding') IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'embedding must be an array of numbers';
  ELSIF EXISTS (SELECT 1 FROM json_array_elements(body -> 'embedding') e WHERE json_typeof(e) <> 'number') THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'embedding must be an array of numbers';
  END IF;
  wanted := ARRAY(SELECT json_array_elements_text(body -> 'embedding')::real);
  IF cardinality(wanted) NOT BETWEEN 1 AND 4096 THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'embedding must be 1 to 4096 numbers';
  ELSIF metric NOT IN ('cosine', 'euclidean') THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'metric must be cosine or euclidean';
  ELSIF most NOT BETWEEN 1 AND 100 OR most <> trunc(most) THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'limit must be 1 to 100';
  END IF;
  SELECT * INTO c FROM tenantd.context();
  SELECT coalesce(json_agg(n), '[]') INTO found FROM (
    SELECT p.id, p.collection, p.external_id, p.payload, d.distance
    FROM app.vector_points p,
    LATERAL (SELECT CASE metric WHEN 'euclidean' THEN sqrt(sum((a::float8 - b) ^ 2))
        ELSE 1 - sum(a::float8 * b) / nullif(sqrt(sum(a::float8 ^ 2)) * sqrt(sum(b::float8 ^ 2)), 0) END AS distance
      FROM unnest(p.embedding, wanted) u (a, b)) d
    WHERE p.tenant_id = c.tenant_id AND p.env = c.env AND p.collection = space
      AND cardinality(p.embedding) = cardinality(wanted)
    ORDER BY d.distance NULLS LAST, p.id LIMIT most) n;
  RETURN found;
END $$;

ALTER TABLE app.bossman_tasks ADD CHECK (parent_id <> id) NOT VALID;
CREATE INDEX bossman_tasks_by_status ON app.bossman_tasks (tenant_id, status, priority, due_at, id);
COMMENT ON COLUMN app.bossman_tasks.id IS 'The key';
COMMENT ON COLUMN app.bossman_tasks.title IS 'What lists show';
COMMENT ON COLUMN app.bossman_tasks.description IS 'What is to be done';
COMMENT ON COLUMN app.bossman_tasks.status IS 'How far it is; any may follow any';
COMMENT ON COLUMN app.bossman_tasks.due_at IS 'When it is to be done; null when there is no hurry';
COMMENT ON COLUMN app.bossman_tasks.completed_at IS 'When it was done, as it was reported';

COMMENT ON COLUMN app.media_objects.id IS 'The key';
COMMENT ON COLUMN app.media_objects.title IS 'What lists show; null for the name';
COMMENT ON COLUMN app.media_objects.metadata IS 'What else the application knows of it: width, author';
COMMENT ON COLUMN app.media_contents.id IS 'The media object';
COMMENT ON COLUMN app.media_contents.content IS 'As they came';
COMMENT ON COLUMN app.media_contents.content_type IS 'What the upload said they are';
COMMENT ON COLUMN app.media_contents.size IS 'How many';
COMMENT ON COLUMN app.media_contents.sha256 IS 'In hex; the ETag';

CREATE INDEX analytics_events_by_session ON app.analytics_events (tenant_id, session, occurred_at) WHERE session IS NOT NULL;
COMMENT ON COLUMN app.analytics_events.id IS 'The key; a client that may send twice makes it itself, and sends it with resolution=ignore-duplicates';
COMMENT ON COLUMN app.analytics_events.properties IS 'What the event is about: {"invoice": "2024-17"}';

CREATE INDEX log_events_by_source ON app.log_events (tenant_id, source, occurred_at DESC);
COMMENT ON COLUMN app.log_events.id IS 'The key; a source that may send twice makes it itself, and sends it with resolution=ignore-duplicates';
COMMENT ON COLUMN app.log_events.level IS 'How bad it is';
COMMENT ON COLUMN app.log_events.message IS 'For people';
COMMENT ON COLUMN app.log_events.attributes IS 'For programs: {"disk": "sda"}';

COMMENT ON COLUMN app.page_contents.id IS 'The key';
COMMENT ON COLUMN app.page_contents.block IS 'Which part of the page';
COMMENT ON COLUMN app.page_contents.title IS 'The heading of the block';
COMMENT ON COLUMN app.page_contents.body IS 'Its text, in the markup of the application';
COMMENT ON COLUMN app.page_contents.is_published IS 'Whether visitors are to see it; the application asks for it';

COMMENT ON COLUMN app.kill_switches.id IS 'The key';
COMMENT ON COLUMN app.kill_switches.is_engaged IS 'Whether it is stopped';
COMMENT ON COLUMN app.kill_switches.reason IS 'For those who find it stopped';

COMMENT ON COLUMN app.strategy_locks.id IS 'The key';
COMMENT ON COLUMN app.strategy_locks.strategy IS 'The application''s name for the strategy';
COMMENT ON COLUMN app.strategy_locks.reason IS 'For those who want to change it';
COMMENT ON COLUMN app.strategy_locks.locked_at IS 'Since when';

CREATE INDEX item_profiles_by_name ON app.item_profiles (tenant_id, name, id);
CREATE INDEX item_profiles_by_category ON app.item_profiles (tenant_id, category, name, id);
COMMENT ON COLUMN app.item_profiles.id IS 'The key';
COMMENT ON COLUMN app.item_profiles.name IS 'What lists show';
COMMENT ON COLUMN app.item_profiles.description IS 'For those who buy or use it';
COMMENT ON COLUMN app.item_profiles.brand IS 'Whose it is';
COMMENT ON COLUMN app.item_profiles.category IS 'In the tenant''s own words';
COMMENT ON COLUMN app.item_profiles.weight_grams IS 'Of one, in grams';

ALTER TABLE app.jobs ADD CHECK (finished_at >= started_at) NOT VALID;
COMMENT ON COLUMN app.jobs.id IS 'The key';
COMMENT ON COLUMN app.jobs.status IS 'How far it is. A program takes a queued one by PATCH to running with If-Match: of two one gets 412';
COMMENT ON COLUMN app.jobs.payload IS 'What the program is to work on';
COMMENT ON COLUMN app.jobs.result IS 'What came of it';
COMMENT ON COLUMN app.jobs.error IS 'Why it failed, for people';
COMMENT ON COLUMN app.jobs.attempts IS 'How often it was begun';
COMMENT ON COLUMN app.jobs.started_at IS 'When it was begun last';
COMMENT ON COLUMN app.jobs.finished_at IS 'When it succeeded, failed or was cancelled';

CREATE INDEX campaigns_to_send ON app.campaigns (tenant_id, scheduled_for, id) WHERE status = 'scheduled';
COMMENT ON COLUMN app.campaigns.id IS 'The key';
COMMENT ON COLUMN app.campaigns.name IS 'What lists show; receivers do not see it';
COMMENT ON COLUMN app.campaigns.channel IS 'How it goes out: email, sms';
COMMENT ON COLUMN app.campaigns.subject IS 'What receivers see first';
COMMENT ON COLUMN app.campaigns.body IS 'What it says, in the markup of the sending program';
COMMENT ON COLUMN app.campaigns.scheduled_for IS 'When it is meant to be sent; the application calls the action then';

SELECT tenantd.refresh_resource(name) FROM unnest(ARRAY['budgets', 'kpis', 'temperature_readings', 'nexus_documents',
  'vector_points', 'bossman_tasks', 'media_objects', 'media_contents', 'analytics_events', 'log_events', 'page_contents',
  'kill_switches', 'strategy_locks', 'item_profiles', 'inventory_items', 'jobs', 'campaigns']) name;

-- As before, and the caller is told why.
CREATE OR REPLACE FUNCTION app.campaign_sending() RETURNS trigger
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
CREATE OR REPLACE FUNCTION app.campaign_send(campaign uuid) RETURNS json
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
