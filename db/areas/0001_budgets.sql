-- What may be spent, by whom it was set aside and for which time.

CREATE SCHEMA IF NOT EXISTS app;

CREATE TABLE app.budgets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (name <> ''),
  category text,
  amount numeric(14, 2) NOT NULL CHECK (amount >= 0),
  spent numeric(14, 2) NOT NULL DEFAULT 0 CHECK (spent >= 0),
  currency text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  notes text,
  CHECK (ends_on >= starts_on)
);
COMMENT ON TABLE app.budgets IS 'An amount set aside for a time';
COMMENT ON COLUMN app.budgets.id IS 'The key';
COMMENT ON COLUMN app.budgets.name IS 'What people call it';
COMMENT ON COLUMN app.budgets.category IS 'What it is for, in the tenant''s own words';
COMMENT ON COLUMN app.budgets.amount IS 'In whole units of the currency';
COMMENT ON COLUMN app.budgets.spent IS 'What the tenant reports as spent; may exceed the amount';
COMMENT ON COLUMN app.budgets.currency IS 'ISO 4217';
COMMENT ON COLUMN app.budgets.starts_on IS 'The first day that counts';
COMMENT ON COLUMN app.budgets.ends_on IS 'The last day that counts';
COMMENT ON COLUMN app.budgets.notes IS 'For people';

-- Money is planned by those who answer for the tenant; everybody may see the plan.
SELECT tenantd.register_resource('app.budgets', create_role => 'tenant_admin', update_role => 'tenant_admin');
CREATE INDEX budgets_by_start ON app.budgets (tenant_id, starts_on DESC, id);
CREATE INDEX budgets_by_end ON app.budgets (tenant_id, ends_on, id);
