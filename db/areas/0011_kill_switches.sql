-- Switches that stop a part of the tenant's operation. Everybody reads them, those who answer for the tenant set them.

CREATE TABLE app.kill_switches (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  name text NOT NULL CHECK (name <> ''),
  is_engaged boolean NOT NULL DEFAULT false,
  reason text,
  engaged_until timestamptz,
  UNIQUE (tenant_id, name)
);
COMMENT ON TABLE app.kill_switches IS 'What is stopped when the switch is engaged is the application''s to know';
COMMENT ON COLUMN app.kill_switches.id IS 'The key';
COMMENT ON COLUMN app.kill_switches.name IS 'The part that stops: payments, outgoing_mail';
COMMENT ON COLUMN app.kill_switches.is_engaged IS 'Whether it is stopped';
COMMENT ON COLUMN app.kill_switches.reason IS 'For those who find it stopped';
COMMENT ON COLUMN app.kill_switches.engaged_until IS 'When it is meant to end; nothing ends it by itself';

SELECT tenantd.register_resource('app.kill_switches', create_role => 'tenant_admin', update_role => 'tenant_admin');
