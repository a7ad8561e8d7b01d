-- Points in a space of many dimensions, and their neighbours inside the tenant. The search is exact: it looks at
-- every point of the collection, which is right up to some ten thousand; an index of pgvector comes beyond that.

CREATE TABLE app.vector_points (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  collection text NOT NULL DEFAULT 'default' CHECK (collection <> ''),
  external_id text,
  -- A number that is NaN or infinite has no distance.
  embedding real[] NOT NULL CHECK (cardinality(embedding) BETWEEN 1 AND 4096 AND array_ndims(embedding) = 1
    AND array_position(embedding, NULL) IS NULL AND array_position(embedding, 'NaN') IS NULL
    AND array_position(embedding, 'Infinity') IS NULL AND array_position(embedding, '-Infinity') IS NULL),
  payload jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
  UNIQUE (tenant_id, collection, external_id)
);
COMMENT ON TABLE app.vector_points IS 'A point, such as the embedding of a text, with what it stands for';
COMMENT ON COLUMN app.vector_points.id IS 'The key';
COMMENT ON COLUMN app.vector_points.collection IS 'Points of one space: the same model, the same dimensions';
COMMENT ON COLUMN app.vector_points.external_id IS 'What the point stands for, so that writing it again finds it';
COMMENT ON COLUMN app.vector_points.embedding IS 'Its place: as many numbers as the collection''s model gives';
COMMENT ON COLUMN app.vector_points.payload IS 'Goes with the point, and comes back with its neighbours';
-- The numbers of a model do not compress, and trying to only costs time.
ALTER TABLE app.vector_points ALTER embedding SET STORAGE EXTERNAL;

SELECT tenantd.register_resource('app.vector_points');

-- {"embedding": [0.1, …], "collection": "default", "metric": "cosine" or "euclidean", "limit": 10} answers the
-- nearest points of as many dimensions, nearest first, each with its distance: 1 - cosine (0 same direction, 2
-- opposite), or the euclidean one. A point without direction (all zeros) has no cosine and comes last.
CREATE FUNCTION app.vector_points_nearest(body json) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  wanted real[];
  space text := coalesce(body ->> 'collection', 'default');
  metric text := coalesce(body ->> 'metric', 'cosine');
  most numeric := coalesce((body ->> 'limit')::numeric, 10);
  found json;
BEGIN
  IF json_typeof(body -> 'embedding') IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'embedding must be an array of numbers';
  ELSIF EXISTS (SELECT 1 FROM json_array_elements(body -> 'embedding') e WHERE json_typeof(e) <> 'number') THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'embedding must be an array of numbers';
  END IF;
  wanted := ARRAY(SELECT json_array_elements_text(body -> 'embedding')::real);
  IF cardinality(wanted) NOT BETWEEN 1 AND 4096 THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'embedding must be 1 to 4096 numbers';
  ELSIF metric NOT IN ('cosine', 'euclidean') THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'metric must be cosine or euclidean';
  ELSIF most NOT BETWEEN 1 AND 100 OR most <> trunc(most) THEN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'TD400', DETAIL = 'limit must be 1 to 100';
  END IF;
  SELECT * INTO c FROM tenantd.context();
  SELECT coalesce(json_agg(n), '[]') INTO found FROM (
    SELECT p.id, p.collection, p.external_id, p.payload, d.distance
    FROM app.vector_points p,
    LATERAL (SELECT CASE metric WHEN 'euclidean' THEN sqrt(sum((a::float8 - b) ^ 2))
        ELSE 1 - sum(a::float8 * b) / nullif(sqrt(sum(a::float8 ^ 2)) * sqrt(sum(b::float8 ^ 2)), 0) END AS distance
      FROM unnest(p.embedding, wanted) u (a, b)) d
    WHERE p.tenant_id = c.tenant_id AND p.env = c.env AND p.collection = space
      AND cardinality(p.embedding) = cardinality(wanted)
    ORDER BY d.distance NULLS LAST, p.id LIMIT most) n;
  RETURN found;
END $$;
COMMENT ON FUNCTION app.vector_points_nearest(json) IS 'The nearest points of the caller''s tenant, nearest first';
SELECT tenantd.register_action('vector_points', 'nearest', 'app.vector_points_nearest(json)', on_collection => true);
