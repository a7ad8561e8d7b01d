-- Strategies that must not be changed while a lock is on them. Everybody reads them, those who answer for the
-- tenant set them.

CREATE TABLE app.strategy_locks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  strategy text NOT NULL CHECK (strategy <> ''),
  reason text NOT NULL CHECK (reason <> ''),
  locked_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  UNIQUE (tenant_id, strategy),
  CHECK (expires_at > locked_at)
);
COMMENT ON TABLE app.strategy_locks IS 'While there is a row, the application leaves the strategy as it is';
COMMENT ON COLUMN app.strategy_locks.id IS 'The key';
COMMENT ON COLUMN app.strategy_locks.strategy IS 'The application''s name for the strategy';
COMMENT ON COLUMN app.strategy_locks.reason IS 'For those who want to change it';
COMMENT ON COLUMN app.strategy_locks.locked_at IS 'Since when';
COMMENT ON COLUMN app.strategy_locks.expires_at IS 'When the application may disregard it; null is never';

SELECT tenantd.register_resource('app.strategy_locks', create_role => 'tenant_admin', update_role => 'tenant_admin');
