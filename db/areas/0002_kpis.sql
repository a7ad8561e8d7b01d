-- Figures that a tenant steers by: one row per figure and time.

CREATE TABLE app.kpis (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  name text NOT NULL CHECK (name <> ''),
  unit text,
  period_start date NOT NULL,
  period_end date NOT NULL,
  value numeric NOT NULL,
  target numeric,
  dimensions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dimensions) = 'object'),
  CHECK (period_end >= period_start),
  UNIQUE (tenant_id, name, period_start, period_end, dimensions)
);
COMMENT ON TABLE app.kpis IS 'The value of a figure in a time';
COMMENT ON COLUMN app.kpis.id IS 'The key';
COMMENT ON COLUMN app.kpis.name IS 'Which figure: revenue, returns';
COMMENT ON COLUMN app.kpis.unit IS 'Of value and target: EUR, %, hours';
COMMENT ON COLUMN app.kpis.period_start IS 'The first day of the time';
COMMENT ON COLUMN app.kpis.period_end IS 'The last day of the time';
COMMENT ON COLUMN app.kpis.value IS 'What it was, in the unit';
COMMENT ON COLUMN app.kpis.target IS 'What was hoped for; null when nothing was';
COMMENT ON COLUMN app.kpis.dimensions IS 'What the figure is broken down by: {"region": "north"}';

SELECT tenantd.register_resource('app.kpis', title => 'KPIs');
CREATE INDEX kpis_by_time ON app.kpis (tenant_id, period_start DESC, name, id);
