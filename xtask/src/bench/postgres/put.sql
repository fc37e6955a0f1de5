\set k random(0, :keys - 1)
\set session :client_id + 1
\startpipeline
BEGIN;
SELECT what, n, old FROM begin_mutation(false, '{28}', '{f}', '{7}', '{1}',
    ARRAY[:k::bigint * 4], ARRAY[:k::bigint * 4 + 1], ARRAY[int8send(:k)]);
\endpipeline
\startpipeline
SELECT write_plan(:session, 1, pg_current_xact_id()::text::bigint, 1,
    ARRAY[int8send(:k)], ARRAY[:row::bytea], '{}', '{}', '{}', '{}', '{1}', '{1}', '{}', '{}', '{}', '{}', '{}', 'bare', NULL);
COMMIT;
\endpipeline
