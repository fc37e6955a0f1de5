//! What is this engine's own: how writers of a key are kept serial, and how commits are numbered.
//!
//! Locks are advisory, on keyed 64-bit hashes, taken sorted and before anything that assigns a transaction id. Row
//! locks would not do: a transaction has its id before it waits for its second row, so the item that it waits for
//! could be written by a later id first, and the feed would have the item's records out of order. Two keys with one
//! hash wait for each other without need; they never fail.
//!
//! A key has two locks. A *mark* is taken without waiting: shared by single writes, alone by a transaction, so that
//! each finds the other. Its *serial* lock is taken by single writes, which wait for each other. A fence is held
//! shared by who planned with it and alone by who raises it.
//!
//! Transaction ids are 64 bits wide. They may be given out twice after a crash or a promotion, if what used them never
//! came to the log or the standby; the epoch beside them is another one then.

use crate::session::Session;
use crate::sql::Sql;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use store::{FeedCursor, Fence, Locking, Position};
use tokio_postgres::{Error, Row};

/// How an engine isolates mutations and orders commits. An engine that shards by itself would be another
/// implementation.
pub(crate) trait Isolation {
    /// Behind BEGIN: takes the locks, then the number of the commit, then reads the rows.
    async fn enter(session: &Session, wanted: &Wanted<'_>) -> Result<Entered, Error>;

    /// Up to where feeds are complete: nothing appears at or below it any more.
    async fn safe_until(session: &Session) -> Result<Position, Error>;

    /// Behind all that is committed.
    async fn newest(session: &Session) -> Result<Position, Error>;

    /// The position of a commit of this session.
    fn position(session: &Session, number: u64) -> Position;
}

/// What a mutation needs held.
pub(crate) struct Wanted<'a> {
    is_transaction: bool,
    fence_locks: Vec<i64>,
    is_exclusive: Vec<bool>,
    subjects: Vec<i64>,
    versions: Vec<i64>,
    marks: Vec<i64>,
    serials: Vec<i64>,
    keys: &'a [&'a [u8]],
}

/// What came of asking for it.
pub(crate) enum Entered {
    /// These keys are held by others.
    Busy(Vec<usize>),
    /// A fence has moved on.
    Fenced,
    /// All is held; the number of the commit, and the old rows.
    Begun(u64, Old),
}

/// The old rows as they came.
pub(crate) struct Old {
    rows: Vec<Row>,
    keys: usize,
}

impl Old {
    /// In the order of the keys.
    pub(crate) fn rows(&self) -> Vec<Option<&[u8]>> {
        let mut old = vec![None; self.keys];
        for row in self.rows.iter().filter(|row| row.get::<_, i32>(0) == 3) {
            old[row.get::<_, i64>(1) as usize] = Some(row.get(2));
        }
        old
    }
}

/// Names the locks of a schema, with the key that all its servers share.
#[derive(Clone, Copy)]
pub(crate) struct LockNames(pub(crate) [u8; 16]);

/// The two low bits of a lock tell what it is of.
#[derive(Clone, Copy)]
enum Kind {
    Mark = 0,
    Serial = 1,
    Fence = 2,
}

impl LockNames {
    fn name(&self, kind: Kind, of: &[u8]) -> i64 {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        hasher.write(of);
        (hasher.finish() & !3 | kind as u64) as i64
    }

    /// What names the schema itself.
    pub(crate) fn of_schema(&self) -> i64 {
        self.name(Kind::Mark, b"schema")
    }

    /// The locks of a mutation that also raises the fences of `raises`.
    pub(crate) fn wanted<'a>(
        &self,
        locking: Locking,
        keys: &'a [&'a [u8]],
        fences: &[Fence],
        raises: &[u64],
    ) -> Wanted<'a> {
        let is_transaction = locking == Locking::Transaction;
        let names = |kind| keys.iter().map(|key| self.name(kind, key)).collect::<Vec<_>>();
        let mut serials = if is_transaction { Vec::new() } else { names(Kind::Serial) };
        serials.sort_unstable();
        serials.dedup();
        let (fence_locks, is_exclusive) = self.fence_locks(fences, raises);
        Wanted {
            is_transaction,
            fence_locks,
            is_exclusive,
            subjects: fences.iter().map(|fence| fence.subject as i64).collect(),
            versions: fences.iter().map(|fence| fence.version as i64).collect(),
            marks: names(Kind::Mark),
            serials,
            keys,
        }
    }

    /// Sorted, each once, exclusive where one of both wants it so.
    fn fence_locks(&self, fences: &[Fence], raises: &[u64]) -> (Vec<i64>, Vec<bool>) {
        let name = |subject: u64| self.name(Kind::Fence, &subject.to_le_bytes());
        let shared = fences.iter().map(|fence| (name(fence.subject), false));
        let mut locks: Vec<_> = raises.iter().map(|subject| (name(*subject), true)).chain(shared).collect();
        locks.sort_unstable_by_key(|(lock, is_exclusive)| (*lock, !is_exclusive));
        locks.dedup_by_key(|(lock, _)| *lock);
        locks.into_iter().unzip()
    }
}

/// One PostgreSQL database.
pub(crate) struct AdvisoryLocks;

impl Isolation for AdvisoryLocks {
    async fn enter(session: &Session, wanted: &Wanted<'_>) -> Result<Entered, Error> {
        let rows = session
            .query(
                Sql::BeginMutation,
                &[
                    &wanted.is_transaction,
                    &wanted.fence_locks,
                    &wanted.is_exclusive,
                    &wanted.subjects,
                    &wanted.versions,
                    &wanted.marks,
                    &wanted.serials,
                    &wanted.keys,
                ],
            )
            .await?;
        Ok(entered(rows, wanted.keys.len()))
    }

    async fn safe_until(session: &Session) -> Result<Position, Error> {
        before(session, Sql::Horizon).await
    }

    async fn newest(session: &Session) -> Result<Position, Error> {
        before(session, Sql::NextNumber).await
    }

    fn position(session: &Session, number: u64) -> Position {
        Position(u128::from(session.epoch) << 64 | u128::from(number))
    }
}

/// The position before the number that a statement tells.
async fn before(session: &Session, sql: Sql) -> Result<Position, Error> {
    let rows = session.query(sql, &[]).await?;
    let number = rows.first().map_or(0, |row| row.get::<_, i64>(0)) as u64;
    Ok(AdvisoryLocks::position(session, number.saturating_sub(1)))
}

fn entered(rows: Vec<Row>, keys: usize) -> Entered {
    let line = |row: &Row| (row.get::<_, i32>(0), row.get::<_, i64>(1));
    let busy: Vec<_> =
        rows.iter().map(line).filter(|(what, _)| *what == 1).map(|(_, n)| n as usize).collect();
    if !busy.is_empty() {
        return Entered::Busy(busy);
    }
    match rows.first().map(line) {
        Some((0, number)) => Entered::Begun(number as u64, Old { rows, keys }),
        _ => Entered::Fenced,
    }
}

/// A position as its two columns; beyond their range nothing was ever written.
pub(crate) fn columns(position: Position) -> (i64, i64) {
    let column = |bits: u64| i64::try_from(bits).unwrap_or(i64::MAX);
    (column((position.0 >> 64) as u64), column(position.0 as u64))
}

/// A cursor as its three columns.
pub(crate) fn cursor_columns(cursor: FeedCursor) -> (i64, i64, i32) {
    let (epoch, xid) = columns(cursor.position);
    (epoch, xid, i32::try_from(cursor.index).unwrap_or(i32::MAX))
}

/// The position of two columns.
pub(crate) fn position_of(epoch: i64, xid: i64) -> Position {
    Position(u128::from(epoch as u64) << 64 | u128::from(xid as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_come_back_from_their_columns() {
        for position in [0, 7, 3 << 64 | 9].map(Position) {
            let (epoch, xid) = columns(position);
            assert_eq!(position_of(epoch, xid), position);
        }
        assert_eq!(columns(Position(u128::MAX)), (i64::MAX, i64::MAX), "beyond every commit");
    }

    #[test]
    fn a_fence_that_is_planned_with_and_raised_is_held_once_and_alone() {
        let names = LockNames([7; 16]);
        let fence = |subject| Fence { subject, version: 1 };
        let (locks, is_exclusive) = names.fence_locks(&[fence(1), fence(2)], &[2, 3]);
        assert!(locks.is_sorted() && locks.len() == 3);
        assert_eq!(is_exclusive.iter().filter(|is_exclusive| **is_exclusive).count(), 2);
    }

    #[test]
    fn keys_have_marks_and_serials_apart() {
        let names = LockNames([7; 16]);
        let keys: [&[u8]; 2] = [b"a", b"b"];
        let single = names.wanted(Locking::Single, &keys, &[], &[]);
        assert!(single.serials.is_sorted() && single.serials.len() == 2);
        assert!(single.marks.iter().all(|mark| !single.serials.contains(mark)));
        assert!(names.wanted(Locking::Transaction, &keys, &[], &[]).serials.is_empty());
    }
}
