-- What is known of a kind of item, whether it is in stock or not.

CREATE TABLE app.item_profiles (
  id uuid DEFAULT gen_random_uuid(),
  tenant_id uuid,
  sku text NOT NULL CHECK (sku <> ''),
  name text NOT NULL CHECK (name <> ''),
  description text,
  brand text,
  category text,
  attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
  weight_grams numeric CHECK (weight_grams >= 0),
  is_active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, sku)
);
COMMENT ON TABLE app.item_profiles IS 'A kind of item that the tenant deals with';
COMMENT ON COLUMN app.item_profiles.id IS 'The key';
COMMENT ON COLUMN app.item_profiles.sku IS 'The tenant''s own number for it';
COMMENT ON COLUMN app.item_profiles.name IS 'What lists show';
COMMENT ON COLUMN app.item_profiles.description IS 'For those who buy or use it';
COMMENT ON COLUMN app.item_profiles.brand IS 'Whose it is';
COMMENT ON COLUMN app.item_profiles.category IS 'In the tenant''s own words';
COMMENT ON COLUMN app.item_profiles.attributes IS 'Colour, size, what the tenant''s trade needs';
COMMENT ON COLUMN app.item_profiles.weight_grams IS 'Of one, in grams';
COMMENT ON COLUMN app.item_profiles.is_active IS 'False when it is no longer dealt with';

SELECT tenantd.register_resource('app.item_profiles');
CREATE INDEX item_profiles_by_name ON app.item_profiles (tenant_id, name, id);
CREATE INDEX item_profiles_by_category ON app.item_profiles (tenant_id, category, name, id);
