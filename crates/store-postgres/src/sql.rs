//! The statements, each prepared once a session, when it is first needed.

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sql {
    Get,
    GetMany,
    Forward,
    ForwardToTheEnd,
    Reverse,
    ReverseFromTheEnd,
    Horizon,
    Tail,
    HasRecord,
    Trim,
    Counter,
    Document,
    Documents,
    DocumentsToTheEnd,
    Fence,
    BeginMutation,
    WritePlan,
    DropLot,
    DropLotToTheEnd,
    HasEnded,
    LastCommit,
    Notify,
    Ears,
    NextNumber,
    Running,
    Standbys,
    LogPlace,
    HasReplayed,
    Durability,
    Barrier,
}

impl Sql {
    /// How many there are.
    pub(crate) const COUNT: usize = Sql::Barrier as usize + 1;

    pub(crate) fn text(self) -> &'static str {
        match self {
            Sql::Get => "SELECT row FROM rows WHERE key = $1",
            Sql::GetMany => {
                "SELECT asked.n - 1, rows.row FROM unnest($1::bytea[]) WITH ORDINALITY AS asked(key, n) \
                 JOIN rows ON rows.key = asked.key"
            }
            Sql::Forward => "SELECT key, row FROM rows WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3",
            Sql::ForwardToTheEnd => "SELECT key, row FROM rows WHERE key >= $1 ORDER BY key LIMIT $2",
            Sql::Reverse => {
                "SELECT key, row FROM rows WHERE key >= $1 AND key < $2 ORDER BY key DESC LIMIT $3"
            }
            Sql::ReverseFromTheEnd => "SELECT key, row FROM rows WHERE key >= $1 ORDER BY key DESC LIMIT $2",
            Sql::Horizon => "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
            Sql::Tail => {
                "SELECT epoch, xid, n, time_micros, record FROM feed \
                 WHERE feed = $1 AND (epoch, xid, n) > ($2, $3, $4) ORDER BY epoch, xid, n LIMIT $5"
            }
            Sql::HasRecord => {
                "SELECT epoch, xid, n FROM feed WHERE feed = $1 AND (epoch, xid, n) > ($2, $3, $4) \
                 ORDER BY epoch, xid, n LIMIT 1"
            }
            Sql::Trim => {
                "WITH gone AS (DELETE FROM feed WHERE (feed, epoch, xid, n) IN (SELECT feed, epoch, xid, n FROM feed \
                 WHERE feed = $1 AND (epoch, xid, n) <= ($2, $3, $4) ORDER BY epoch, xid, n LIMIT $5) RETURNING 1) \
                 SELECT pg_current_xact_id()::text::bigint, count(*) FROM gone"
            }
            Sql::Counter => "SELECT coalesce(sum(value), 0)::bigint FROM counters WHERE counter = $1",
            Sql::Document => "SELECT document FROM documents WHERE key = $1",
            Sql::Documents => {
                "SELECT key, document FROM documents WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3"
            }
            Sql::DocumentsToTheEnd => {
                "SELECT key, document FROM documents WHERE key >= $1 ORDER BY key LIMIT $2"
            }
            Sql::Fence => "SELECT version FROM fences WHERE subject = $1",
            Sql::BeginMutation => "SELECT what, n, old FROM begin_mutation($1, $2, $3, $4, $5, $6, $7, $8)",
            Sql::WritePlan => {
                "SELECT write_plan($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
                 $19)"
            }
            Sql::DropLot => {
                "WITH gone AS (DELETE FROM rows WHERE key IN (SELECT key FROM rows WHERE key >= $1 AND key < $2 \
                 ORDER BY key LIMIT $3) RETURNING key) \
                 SELECT pg_current_xact_id()::text::bigint, (SELECT key FROM gone ORDER BY key DESC LIMIT 1)"
            }
            Sql::DropLotToTheEnd => {
                "WITH gone AS (DELETE FROM rows WHERE key IN (SELECT key FROM rows WHERE key >= $1 \
                 ORDER BY key LIMIT $2) RETURNING key) \
                 SELECT pg_current_xact_id()::text::bigint, (SELECT key FROM gone ORDER BY key DESC LIMIT 1)"
            }
            Sql::HasEnded => {
                "SELECT pg_try_advisory_xact_lock_shared(hashtext(current_schema()), $1::bigint::integer)"
            }
            // A write, so that its answer waits for the standby: the commit that it tells of may be on the primary
            // alone, where it was terminated while it waited.
            Sql::LastCommit => "UPDATE sessions SET xid = xid WHERE session = $1 RETURNING epoch, xid",
            Sql::Notify => "SELECT pg_notify($1, $2)",
            Sql::Ears => {
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 \
                 AND pid <> $2"
            }
            Sql::NextNumber => "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
            Sql::LogPlace => {
                // The name of a file of the log begins with its timeline.
                "SELECT (at - '0/0'::pg_lsn)::bigint, ('x' || substr(pg_walfile_name(at), 1, 8))::bit(32)::integer \
                 FROM pg_current_wal_flush_lsn() AS at"
            }
            // A standby's timeline is that of the last checkpoint it has replayed, or of the log it is sent: it is
            // sent none of a timeline that begins before what it has replayed.
            Sql::HasReplayed => {
                "SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint >= $1 AND pg_is_in_recovery() \
                 AND (timeline_id = $2 OR EXISTS (SELECT FROM pg_stat_wal_receiver \
                 WHERE status = 'streaming' AND received_tli = $2)) FROM pg_control_checkpoint()"
            }
            Sql::Durability => {
                "SELECT NOT current_setting('fsync')::boolean, NOT current_setting('full_page_writes')::boolean, \
                 current_setting('synchronous_standby_names') = '' AND EXISTS (SELECT FROM pg_stat_replication \
                 WHERE application_name NOT IN ('pg_basebackup', 'pg_receivewal')), \
                 current_setting('synchronous_standby_names') <> ''"
            }
            Sql::Barrier => "UPDATE sessions SET xid = xid WHERE session = $1",
            Sql::Running => {
                "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint \
                 FROM pg_current_snapshot() AS now"
            }
            // What a user may not see of them is null.
            Sql::Standbys => {
                "SELECT coalesce(sync_state, 'unknown'), count(*), \
                 coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 FROM pg_stat_replication \
                 WHERE application_name NOT IN ('pg_basebackup', 'pg_receivewal') GROUP BY 1 ORDER BY 1"
            }
        }
    }
}
