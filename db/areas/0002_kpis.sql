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
COMMENT ON COLUMN app.kpis.unit IS 'Of value and target: EUR, %, hours';
COMMENT ON COLUMN app.kpis.target IS 'What was hoped for; null when nothing was';
COMMENT ON COLUMN app.kpis.dimensions IS 'What the figure is broken down by: {"region": "north"}';

SELECT tenantd.register_resource('app.kpis');
