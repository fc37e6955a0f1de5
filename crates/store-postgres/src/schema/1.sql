-- Version 1. Keys are compared as bytes; a row of a few kilobytes and more is kept out of line, uncompressed.

CREATE TABLE meta (
    version integer NOT NULL,
    cluster text NOT NULL,
    lock_key bytea NOT NULL,
    epoch bigint NOT NULL
);

-- Empty behind a crash and on a promoted standby, where transaction ids may be given out twice: the epoch rises then.
CREATE UNLOGGED TABLE incarnation (system_identifier bigint NOT NULL);

CREATE TABLE rows (key bytea PRIMARY KEY, row bytea NOT NULL) WITH (fillfactor = 85);
ALTER TABLE rows ALTER row SET STORAGE EXTERNAL;

CREATE TABLE feed (
    feed bigint NOT NULL,
    epoch bigint NOT NULL,
    xid bigint NOT NULL,
    n integer NOT NULL,
    time_micros bigint NOT NULL,
    record bytea NOT NULL,
    PRIMARY KEY (feed, epoch, xid, n)
);
ALTER TABLE feed ALTER record SET STORAGE EXTERNAL;

-- A counter is the sum of what each session has added, so that no row is written by all.
CREATE TABLE counters (
    counter bigint NOT NULL,
    session bigint NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (counter, session)
) WITH (fillfactor = 50);

CREATE TABLE documents (key bytea PRIMARY KEY, document bytea NOT NULL);

CREATE TABLE fences (subject bigint PRIMARY KEY, version bigint NOT NULL) WITH (fillfactor = 50);

-- A session of a server that writes, and its last commit: evidence of a commit whose answer was lost.
CREATE TABLE sessions (
    session bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun timestamptz NOT NULL DEFAULT now(),
    epoch bigint NOT NULL DEFAULT 0,
    xid bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Takes the locks of a mutation, then its transaction id, then reads: nothing waits for a lock behind its id. Each
-- statement of a volatile function has a snapshot of its own, so the rows are read as they are under the locks.
-- Answers lines: 0 = the transaction id; 1 = a busy key; 2 = a fence has moved on; 3 = an old row.
CREATE FUNCTION begin_mutation(
    is_transaction boolean,
    fence_locks bigint[], is_exclusive boolean[],
    subjects bigint[], versions bigint[],
    marks bigint[], serials bigint[], keys bytea[]
) RETURNS TABLE (what integer, n bigint, old bytea) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    wanted bigint;
    is_free boolean;
    is_busy boolean := false;
BEGIN
    FOR i IN 1 .. cardinality(fence_locks) LOOP
        IF is_exclusive[i] THEN
            PERFORM pg_advisory_xact_lock(fence_locks[i]);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(fence_locks[i]);
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(marks) LOOP
        IF is_transaction THEN
            is_free := pg_try_advisory_xact_lock(marks[i]);
        ELSE
            is_free := pg_try_advisory_xact_lock_shared(marks[i]);
        END IF;
        IF NOT is_free THEN
            is_busy := true;
            RETURN QUERY SELECT 1, i::bigint - 1, NULL::bytea;
        END IF;
    END LOOP;
    IF is_busy THEN
        RETURN;
    END IF;
    FOREACH wanted IN ARRAY serials LOOP
        PERFORM pg_advisory_xact_lock(wanted);
    END LOOP;
    PERFORM 1 FROM unnest(subjects, versions) AS planned(subject, version)
        LEFT JOIN fences USING (subject) WHERE coalesce(fences.version, 0) <> planned.version;
    IF FOUND THEN
        RETURN QUERY SELECT 2, 0::bigint, NULL::bytea;
        RETURN;
    END IF;
    RETURN QUERY SELECT 0, pg_current_xact_id()::text::bigint, NULL::bytea;
    RETURN QUERY SELECT 3, asked.n - 1, rows.row
        FROM unnest(keys) WITH ORDINALITY AS asked(key, n) JOIN rows ON rows.key = asked.key;
END $$;

-- Writes a plan; the transaction is committed behind it.
CREATE FUNCTION write_plan(
    of_session bigint, at_epoch bigint, at_xid bigint, at_micros bigint,
    put_keys bytea[], put_rows bytea[], gone_keys bytea[],
    feeds bigint[], places integer[], records bytea[],
    changed_counters bigint[], deltas bigint[],
    document_keys bytea[], new_documents bytea[], gone_documents bytea[],
    subjects bigint[], versions bigint[],
    channel text, notice text
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF cardinality(put_keys) > 0 THEN
        INSERT INTO rows SELECT * FROM unnest(put_keys, put_rows)
            ON CONFLICT (key) DO UPDATE SET row = excluded.row;
    END IF;
    IF cardinality(gone_keys) > 0 THEN
        DELETE FROM rows WHERE key = ANY (gone_keys);
    END IF;
    IF cardinality(feeds) > 0 THEN
        INSERT INTO feed SELECT new.feed, at_epoch, at_xid, new.n, at_micros, new.record
            FROM unnest(feeds, places, records) AS new(feed, n, record);
    END IF;
    IF cardinality(changed_counters) > 0 THEN
        INSERT INTO counters AS known SELECT new.counter, of_session, new.delta
            FROM unnest(changed_counters, deltas) AS new(counter, delta)
            ON CONFLICT (counter, session) DO UPDATE SET value = known.value + excluded.value;
    END IF;
    IF cardinality(document_keys) > 0 THEN
        INSERT INTO documents SELECT * FROM unnest(document_keys, new_documents)
            ON CONFLICT (key) DO UPDATE SET document = excluded.document;
    END IF;
    IF cardinality(gone_documents) > 0 THEN
        DELETE FROM documents WHERE key = ANY (gone_documents);
    END IF;
    FOR i IN 1 .. cardinality(subjects) LOOP
        IF versions[i] = 0 THEN
            DELETE FROM fences WHERE subject = subjects[i];
        ELSE
            INSERT INTO fences AS known VALUES (subjects[i], versions[i])
                ON CONFLICT (subject) DO UPDATE SET version = greatest(known.version, excluded.version);
        END IF;
    END LOOP;
    UPDATE sessions SET epoch = at_epoch, xid = at_xid WHERE session = of_session;
    IF notice IS NOT NULL THEN
        PERFORM pg_notify(channel, notice);
    END IF;
END $$;

-- The epoch of positions: another one where this server may give out transaction ids that were given out before.
CREATE FUNCTION current_epoch() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    here bigint := (SELECT system_identifier FROM pg_control_system());
BEGIN
    IF NOT EXISTS (SELECT FROM incarnation WHERE system_identifier = here) THEN
        LOCK TABLE incarnation IN EXCLUSIVE MODE;
        IF NOT EXISTS (SELECT FROM incarnation WHERE system_identifier = here) THEN
            DELETE FROM incarnation;
            INSERT INTO incarnation VALUES (here);
            UPDATE meta SET epoch = epoch + 1;
        END IF;
    END IF;
    RETURN (SELECT epoch FROM meta);
END $$;

-- Forgets sessions that ended long ago: what they have counted becomes that of session 0.
CREATE FUNCTION fold_sessions() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    ended bigint;
BEGIN
    FOR ended IN SELECT session FROM sessions WHERE begun < now() - interval '1 day' ORDER BY session LIMIT 100 LOOP
        IF pg_try_advisory_xact_lock(hashtext(current_schema()), ended::integer) THEN
            INSERT INTO counters AS known
                SELECT counter, 0, value FROM counters WHERE session = ended ORDER BY counter
                ON CONFLICT (counter, session) DO UPDATE SET value = known.value + excluded.value;
            DELETE FROM counters WHERE session = ended;
            DELETE FROM sessions WHERE session = ended;
        END IF;
    END LOOP;
END $$;
