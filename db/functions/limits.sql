-- Limits on how often something may be asked for: a number of times within a period, in a bucket for whoever it is
-- counted for. They are counted in the database, because all workers share it, and in the round trip of the request
-- itself.
--
-- The algorithm is the generic cell rate algorithm (ITU-T I.371, annex A), which needs one time for a bucket: the bucket
-- leaks at an even rate, and `empty_at` is when it will have run empty. A request pours in one part; what would not fit is
-- refused, and is told when it will fit.

SET LOCAL ROLE tenantd_context;

-- Takes one part of each bucket. `limits` has them parted by commas, each as "DIGEST MOST SECONDS": the bucket in hex, how many
-- may be taken at once, and within how many seconds that many leak. They come in the order of their digests, so that no two
-- transactions wait for each other. When one is full and `refuses` is said, it refuses with TD429, and the hint says how many
-- seconds it takes until there is room; without `refuses` it is counted as far as there is room.
CREATE OR REPLACE FUNCTION tenantd.take_limits(limits text, refuses boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l record;
  at timestamptz := clock_timestamp();
  empty timestamptz;
  seconds integer;
BEGIN
  FOR l IN SELECT decode(v[1], 'hex') AS bucket, make_interval(secs => v[3]::float8) AS span, make_interval(secs => v[3]::float8 / v[2]::float8) AS part
    FROM string_to_table(limits, ',') t, string_to_array(t, ' ') v ORDER BY v[1] LOOP
    INSERT INTO tenantd.limit_buckets AS b (bucket, empty_at) VALUES (l.bucket, at + l.part)
    ON CONFLICT (bucket) DO UPDATE SET empty_at = greatest(b.empty_at, at) + l.part
    WHERE greatest(b.empty_at, at) + l.part <= at + l.span;
    IF NOT FOUND AND refuses THEN
      SELECT b.empty_at INTO empty FROM tenantd.limit_buckets b WHERE b.bucket = l.bucket;
      seconds := greatest(1, ceil(extract(epoch FROM empty + l.part - l.span - clock_timestamp())));
      RAISE EXCEPTION 'the limit is reached' USING ERRCODE = 'TD429', HINT = seconds,
        DETAIL = format('this is asked for too often: try again in %s s', seconds);
    END IF;
  END LOOP;
  -- Each call also deletes two empty buckets, so that the table only keeps those in use.
  DELETE FROM tenantd.limit_buckets WHERE bucket IN (SELECT b.bucket FROM tenantd.limit_buckets b WHERE b.empty_at < at
    ORDER BY b.empty_at LIMIT 2 FOR UPDATE SKIP LOCKED);
END $$;
