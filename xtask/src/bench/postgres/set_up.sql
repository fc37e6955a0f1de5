-- Behind the store's own schema, in another one: items like those of the load, a fence, and a session for each client.
INSERT INTO meta VALUES (1, 'bare', '\x', 1);
INSERT INTO sessions (epoch) SELECT 1 FROM generate_series(1, :sessions);
INSERT INTO fences VALUES (7, 1);
INSERT INTO rows SELECT int8send(k), :'row'::bytea FROM generate_series(0, :keys - 1) AS k;
VACUUM ANALYZE rows;
CHECKPOINT;
