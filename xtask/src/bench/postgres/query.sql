\set k random(0, :keys / 20 - 1) * 20
SELECT key, row FROM rows WHERE key >= int8send(:k) AND key < int8send(:k::bigint + 20) ORDER BY key LIMIT 21;
