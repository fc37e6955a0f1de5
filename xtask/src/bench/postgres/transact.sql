\set stride :keys / :items
\set base random(0, :stride - 1)
\set session :client_id + 1
\startpipeline
BEGIN;
SELECT what, n, old FROM begin_mutation(true, '{28}', '{f}', '{7}', '{1}',
    ARRAY(SELECT (:base + i * :stride) * 4 FROM generate_series(0, :items::bigint - 1) AS i), '{}',
    ARRAY(SELECT int8send(:base + i * :stride) FROM generate_series(0, :items::bigint - 1) AS i));
\endpipeline
\startpipeline
SELECT write_plan(:session, 1, pg_current_xact_id()::text::bigint, 1,
    ARRAY(SELECT int8send(:base + i * :stride) FROM generate_series(0, :items::bigint - 1) AS i),
    ARRAY(SELECT :row::bytea FROM generate_series(0, :items::bigint - 1) AS i),
    '{}', '{}', '{}', '{}', '{1}', '{1}', '{}', '{}', '{}', '{}', '{}', 'bare', NULL);
COMMIT;
\endpipeline
