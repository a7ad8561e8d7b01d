-- The outbox of mail, as its sender works on it: who may, one sender for one mail, pauses, giving up, and that secrets go.
SELECT no_plan();
SELECT test.world();
SELECT test.connect('m' || i, 'tenantd_errands') FROM generate_series(1, 8) i;

-- Queues as a function of the database does; answers the id.
CREATE FUNCTION test.mail(kind text, recipient text DEFAULT 'ann@example.com', env text DEFAULT 'prod', params text DEFAULT '{"token":"the-secret"}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM test.q('admin', format('SELECT tenantd.mail_queue(%L, %L, NULL, %L, %L)::text', kind, env, recipient, params));
  RETURN test.q('admin', format('SELECT id::text FROM tenantd.mail_outbox WHERE kind = %L ORDER BY created_at DESC LIMIT 1', kind));
END $$;
-- 'kind attempt', or null when nothing is due.
CREATE FUNCTION test.next(conn text DEFAULT 'errands', envs text DEFAULT '{prod}', most integer DEFAULT 3) RETURNS text LANGUAGE sql AS $$
  SELECT test.q(conn, format('SELECT kind || '' '' || attempt FROM tenantd.mail_next(%L, %s, ''300 s'')', envs, most))
$$;
CREATE FUNCTION test.tried(id text, attempt integer, problem text DEFAULT NULL, give_up boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('errands', format('SELECT tenantd.mail_tried(%L, %s, %L, %L)', id, attempt, problem, give_up))
$$;
-- 'state attempts params error', with the minutes until it is due when it waits.
CREATE FUNCTION test.outbox(id text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format($q$SELECT concat_ws(' ', state, attempts, coalesce(params::text, '-'), coalesce(error, '-'),
    CASE state WHEN 'queued' THEN round(extract(epoch FROM due_at - now()) / 60)::text END) FROM tenantd.mail_outbox WHERE id = %L$q$, id))
$$;
CREATE FUNCTION test.make_due(id text) RETURNS text LANGUAGE sql AS $$
  SELECT test.q('admin', format('UPDATE tenantd.mail_outbox SET due_at = now() - interval ''1 s'' WHERE id = %L', id))
$$;

-- One mail, from the queue to its end.
SELECT test.mail('first') AS first \gset
SELECT is(test.next('errands', '{dev,staging}'), NULL, 'a sender takes no mail of an env that it does not serve'), is(test.next(), 'first 1', 'it takes one of its own'),
  is(test.next(), NULL, 'which is then nobody else''s'), is(test.outbox(:'first'), 'queued 1 {"token": "the-secret"} - 5', 'for the time of the lease');
SELECT is(test.tried(:'first', 1), 'sent', 'and says that it was sent'), is(test.outbox(:'first'), 'sent 1 - -', 'T116: the secret is gone as soon as it is sent'), is(test.next(), NULL, 'it is not sent again'),
  is(test.tried(:'first', 1, 'no'), NULL, 'what has ended does not change'), is(test.outbox(:'first'), 'sent 1 - -', 'indeed');

-- Failing: the pauses double up to an hour, and the attempt that ends it.
SELECT test.mail('second') AS second \gset
SELECT is(test.next(), 'second 1', 'a first attempt'), is(test.tried(:'second', 1, 'sendmail exited with 75'), 'queued', 'that failed'), is(test.outbox(:'second'), 'queued 1 {"token": "the-secret"} sendmail exited with 75 1', 'is followed by a pause of a minute'),
  is(test.next(), NULL, 'in which it is not due');
SELECT is(test.make_due(:'second'), 'UPDATE 1', 'later'), is(test.next(), 'second 2', 'it is tried again'), is(test.tried(:'second', 2, 'x'), 'queued', 'fails again'), is(split_part(test.outbox(:'second'), ' ', 6), '2', 'and the pause is twice as long');
SELECT is(test.q('admin', format('UPDATE tenantd.mail_outbox SET attempts = 40, due_at = now() WHERE id = %L', :'second')), 'UPDATE 1', 'after many attempts'), is(test.next(most => 99), 'second 41', 'one more'), is(test.tried(:'second', 41, 'x'), 'queued', 'fails'), is(split_part(test.outbox(:'second'), ' ', 6), '60', 'and the pause is an hour, no more');
SELECT test.make_due(:'second'), is(test.next(most => 99), 'second 42', 'the last'), is(test.tried(:'second', 42, 'no such user', true), 'dead', 'is given up'), is(test.outbox(:'second'), 'dead 42 - no such user', 'T116: with the reason and without the secret'), is(test.next(), NULL, 'for good');

-- A sender that ends before it says how it went.
SELECT test.mail('third') AS third \gset
SELECT is(test.next(), 'third 1', 'a sender takes a mail and ends'), test.make_due(:'third'), is(test.next('m1'), 'third 2', 'after the lease another one takes it');
SELECT is(test.tried(:'third', 1), NULL, 'the first one''s word does not count any more'), is(split_part(test.outbox(:'third'), ' ', 1), 'queued', 'indeed'), is(test.tried(:'third', 2), 'sent', 'the second one''s does');
SELECT test.mail('fourth') AS fourth \gset
SELECT test.next(), test.make_due(:'fourth'), test.next(), test.make_due(:'fourth'), is(test.next(), 'fourth 3', 'a mail that ends its senders'), test.make_due(:'fourth'), is(test.next(), NULL, 'is not taken for ever'),
  is(test.outbox(:'fourth'), 'dead 3 - the sender ended during the last attempt', 'but given up');

-- The table itself holds the rule, whoever writes it.
SELECT test.mail('fifth') AS fifth \gset
SELECT is(test.q('admin', format('UPDATE tenantd.mail_outbox SET state = %L, ended_at = now() WHERE id = %L', state, :'fifth')), '!23514', 'T116: params cannot stay in a mail that is ' || state) FROM unnest(ARRAY['sent', 'dead']) state;
SELECT is(test.q('admin', format('INSERT INTO tenantd.mail_outbox (env, kind, recipient, params) VALUES (''prod'', %L, %L, ''{}'')', kind, recipient)), '!23514', 'T123: no such row: ' || quote_literal(kind || ' ' || recipient))
FROM (VALUES ('x', ''), ('x', E'a@b.example\nBcc: c@d.example'), ('x', E'a@b.example\r'), ('../etc/x', 'a@b.example'), (E'x\ny', 'a@b.example'), ('', 'a@b.example')) v (kind, recipient);
SELECT is(test.next(), 'fifth 1', 'the oldest goes first'), is(test.tried(:'fifth', 1), 'sent', 'and away');

-- Nobody but the migrator, and even that one only through the functions.
SELECT is(test.q('app', query), '!42501', 'T116: the workers'' role is refused: ' || query) FROM unnest(ARRAY['SELECT count(*)::text FROM tenantd.mail_outbox', 'SELECT params::text FROM tenantd.mail_next(''{prod}'', 9, ''1 s'')',
  'SELECT tenantd.mail_tried(NULL, 1, NULL, true)', 'SELECT tenantd.mail_forget(''{prod}'', now())::text', 'SELECT recipient FROM tenantd.operator_mail(NULL, NULL, 9)', 'SELECT tenantd.mail_queue(''x'', ''prod'', NULL, ''a@b.example'', ''{}'')::text', 'INSERT INTO tenantd.mail_outbox (env, kind, recipient) VALUES (''prod'', ''x'', ''a@b.example'')']) query;
SELECT is(test.q('migrator', query), '!42501', 'the migrator''s own login has no grant on the table: ' || query) FROM unnest(ARRAY['SELECT params::text FROM tenantd.mail_outbox', 'DELETE FROM tenantd.mail_outbox']) query;
SELECT is(test.q('migrator', 'SELECT string_agg(kind || '' '' || state, '', '' ORDER BY kind) FROM tenantd.operator_mail(''prod'', ''dead'', 9)'), 'fourth dead, second dead', 'the operator sees what was given up'),
  is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.operator_mail(NULL, NULL, 2)'), '2', 'at most as many as asked for'), is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.operator_mail(''dev'', NULL, 9)'), '0', 'of one env'),
  is(test.q('migrator', 'SELECT count(*)::text FROM tenantd.operator_mail(NULL, NULL, 9) m WHERE row_to_json(m)::text LIKE ''%secret%'''), '0', 'T116: and never what a mail says');

-- Several senders at once: each mail has one.
SELECT is(test.q('admin', 'INSERT INTO tenantd.mail_outbox (env, kind, recipient, params) SELECT ''prod'', ''many'', ''ann@example.com'', ''{}'' FROM generate_series(1, 200)'), 'INSERT 0 200', 'two hundred mails wait');
CREATE TABLE test.taken (id text);
CREATE FUNCTION test.take(rounds integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR r IN 1..rounds LOOP
    FOR i IN 1..8 LOOP
      PERFORM dblink_send_query('m' || i, 'SELECT id::text FROM tenantd.mail_next(''{prod}'', 3, ''300 s'')');
    END LOOP;
    FOR i IN 1..8 LOOP
      INSERT INTO test.taken SELECT t.id FROM dblink_get_result('m' || i) AS t (id text);
      PERFORM 1 FROM dblink_get_result('m' || i) AS t (id text);
    END LOOP;
  END LOOP;
END $$;
SELECT test.take(40);
SELECT is((SELECT count(*) || ' ' || count(DISTINCT id) FROM test.taken), '200 200', 'eight senders at once take each of them once, and all of them');

-- What ended is forgotten after its time, and what waits is not.
SELECT is(test.q('errands', 'SELECT tenantd.mail_forget(''{dev}'', now() + interval ''1 day'')::text'), NULL, 'another env''s sender forgets nothing here'), is(test.q('errands', 'SELECT tenantd.mail_forget(''{prod}'', now() - interval ''1 day'')::text'), NULL, 'nothing is old enough'),
  is(test.q('admin', 'SELECT count(*)::text FROM tenantd.mail_outbox'), '205', 'so all are there'), is(test.q('errands', 'SELECT tenantd.mail_forget(''{prod}'', now() + interval ''1 day'')::text'), NULL, 'later'),
  is(test.q('admin', 'SELECT string_agg(DISTINCT kind || '' '' || state, '','') FROM tenantd.mail_outbox'), 'many queued', 'the ended ones are gone');

SELECT test.close('m' || i) FROM generate_series(1, 8) i;
SELECT * FROM finish();
DROP TABLE test.taken;
DROP FUNCTION test.mail, test.next, test.tried, test.outbox, test.make_due, test.take;
