-- How much of what lies where.

CREATE TABLE app.inventory_items (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  sku text NOT NULL CHECK (sku <> ''),
  name text NOT NULL CHECK (name <> ''),
  quantity numeric(14, 3) NOT NULL DEFAULT 0 CHECK (quantity >= 0),
  unit text NOT NULL DEFAULT 'piece',
  location text NOT NULL DEFAULT '',
  reorder_level numeric(14, 3) CHECK (reorder_level >= 0),
  price numeric(14, 2) CHECK (price >= 0),
  currency text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
  profile_id uuid,
  -- The grammar of queries compares with values, not with other columns.
  is_low boolean GENERATED ALWAYS AS (coalesce(quantity <= reorder_level, false)) STORED,
  UNIQUE (tenant_id, sku, location),
  FOREIGN KEY (tenant_id, profile_id) REFERENCES app.item_profiles (tenant_id, id) ON DELETE SET NULL (profile_id)
);
COMMENT ON TABLE app.inventory_items IS 'The stock of an item at a place';
COMMENT ON COLUMN app.inventory_items.id IS 'The key';
COMMENT ON COLUMN app.inventory_items.sku IS 'The tenant''s own number for the item';
COMMENT ON COLUMN app.inventory_items.name IS 'What people call it';
COMMENT ON COLUMN app.inventory_items.quantity IS 'How many units lie there';
COMMENT ON COLUMN app.inventory_items.unit IS 'What quantity counts: piece, kg, m';
COMMENT ON COLUMN app.inventory_items.location IS 'The place; empty when there is but one';
COMMENT ON COLUMN app.inventory_items.reorder_level IS 'At or below it the tenant orders anew';
COMMENT ON COLUMN app.inventory_items.price IS 'Of one unit, in the currency; null when it is not known';
COMMENT ON COLUMN app.inventory_items.currency IS 'Of the price, ISO 4217';
COMMENT ON COLUMN app.inventory_items.profile_id IS 'What is known of the kind of item';
COMMENT ON COLUMN app.inventory_items.is_low IS 'At or below its reorder level';

SELECT tenantd.register_resource('app.inventory_items');
CREATE INDEX inventory_items_by_profile ON app.inventory_items (tenant_id, profile_id);
CREATE INDEX inventory_items_by_name ON app.inventory_items (tenant_id, name, id);
CREATE INDEX inventory_items_low ON app.inventory_items (tenant_id, name, id) WHERE is_low;
CREATE INDEX inventory_items_by_location ON app.inventory_items (tenant_id, location, name, id);
