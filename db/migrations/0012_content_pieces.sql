-- Bytes that are too large to be held by a worker come in pieces, in the transaction that then puts them together where
-- they belong and takes them away. A piece is seen by that transaction alone, whatever is left of it.

CREATE UNLOGGED TABLE tenantd.content_pieces (
  tenant_id uuid NOT NULL,
  env tenantd.env NOT NULL,
  upload xid8 NOT NULL DEFAULT pg_current_xact_id(),
  number integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (tenant_id, upload, number)
);
COMMENT ON TABLE tenantd.content_pieces IS 'Pieces of an upload on their way; empty between transactions, not audited';
COMMENT ON COLUMN tenantd.content_pieces.upload IS 'The transaction that brings it';
-- They are read once, and compressing what is compressed already only costs time.
ALTER TABLE tenantd.content_pieces ALTER bytes SET STORAGE EXTERNAL;

SELECT tenantd.wall('tenantd.content_pieces');
CREATE POLICY tenant_isolation ON tenantd.content_pieces TO tenantd_app
  USING ((tenant_id, env, upload) = (SELECT split_part(s.sealed, E'\n', 1)::uuid,
      split_part(s.sealed, E'\n', 2)::tenantd.env, pg_current_xact_id()
    FROM (SELECT tenantd.sealed() OFFSET 0) s));
GRANT SELECT, INSERT (tenant_id, env, number, bytes), DELETE ON tenantd.content_pieces TO tenantd_app;
SELECT tenantd.expect('tenantd.content_pieces', '(tenant_id, env) IS DISTINCT FROM ($1, $2)',
  '(tenant_id, env, number, bytes) VALUES ($1, $2, 0, '''')');
