-- What sensors measured. A reading is written once; a wrong one is followed by a right one.

CREATE TABLE app.temperature_readings (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  sensor text NOT NULL CHECK (sensor <> ''),
  location text,
  celsius numeric(7, 3) NOT NULL CHECK (celsius >= -273.15),
  humidity numeric(5, 2) CHECK (humidity BETWEEN 0 AND 100),
  measured_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.temperature_readings IS 'A temperature that a sensor measured';
COMMENT ON COLUMN app.temperature_readings.id IS 'The key; a sensor that may send twice makes it itself, and sends it with resolution=ignore-duplicates';
COMMENT ON COLUMN app.temperature_readings.sensor IS 'The tenant''s name for the sensor';
COMMENT ON COLUMN app.temperature_readings.location IS 'Where the sensor was then';
COMMENT ON COLUMN app.temperature_readings.celsius IS 'The temperature, in degrees Celsius';
COMMENT ON COLUMN app.temperature_readings.humidity IS 'Relative, in percent';
COMMENT ON COLUMN app.temperature_readings.measured_at IS 'By the sensor''s clock; created_at is when it came in';

SELECT tenantd.register_resource('app.temperature_readings', append_only => true);
CREATE INDEX temperature_readings_by_sensor ON app.temperature_readings (tenant_id, sensor, measured_at DESC, id);
CREATE INDEX temperature_readings_by_time ON app.temperature_readings (tenant_id, measured_at DESC, id);
