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
  profile_id uuid,
  UNIQUE (tenant_id, sku, location),
  FOREIGN KEY (tenant_id, profile_id) REFERENCES app.item_profiles (tenant_id, id) ON DELETE SET NULL (profile_id)
);
COMMENT ON TABLE app.inventory_items IS 'The stock of an item at a place';
COMMENT ON COLUMN app.inventory_items.location IS 'The place; empty when there is but one';
COMMENT ON COLUMN app.inventory_items.reorder_level IS 'At or below it the tenant orders anew';
COMMENT ON COLUMN app.inventory_items.profile_id IS 'What is known of the kind of item';

SELECT tenantd.register_resource('app.inventory_items');
CREATE INDEX inventory_items_by_profile ON app.inventory_items (tenant_id, profile_id);
CREATE INDEX inventory_items_by_name ON app.inventory_items (tenant_id, name, id);
