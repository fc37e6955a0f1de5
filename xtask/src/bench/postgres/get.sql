\set k random(0, :keys - 1)
SELECT row FROM rows WHERE key = int8send(:k);
