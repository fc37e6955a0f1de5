//! Which of the servers on one store does a piece of work that must be done once.
//!
//! A lease is a row with its owner, its end, and a token that rises each time it is taken. Every
//! commit of the work has the lease's row among its keys, and is refused if owner and token are not those it began
//! with: a holder that was delayed beyond the end of its lease commits nothing. A store that only one process can open
//! needs no leases.
//!
//! Who waits for a lease waits for its end at most. A release is told to watches, as a change of a document is: it also
//! deletes a record under the lease's key, which is never there.
//!
//! ```text
//! key:  4 | name
//! row:  format u8 = 1 | owner u64 LE | token u64 LE | expires at µs u64 LE
//! ```

use crate::change_row::{RowChange, change_row};
use crate::contract::{RowWrite, Store, StoreError, Watch};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::Clock;

/// How long a lease lasts unless it is renewed: longer than any step of work.
pub const LEASE_MICROS: u64 = 15_000_000;

/// See [`taken_over`].
static TAKEN_OVER: AtomicU64 = AtomicU64::new(0);

const KEY_KIND: u8 = 4;
const FORMAT: u8 = 1;
const ROW_BYTES: usize = 25;

/// Takes leases for one owner, a server.
#[derive(Clone)]
pub struct Leases {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    owner: u64,
}

/// The right to do a piece of work.
#[derive(Debug, Clone)]
pub enum Lease {
    /// No other process can have the store open.
    NotNeeded,
    /// Held until it expires.
    Held {
        /// The key of its row.
        key: Vec<u8>,
        /// The holder.
        owner: u64,
        /// How often it has been taken.
        token: u64,
    },
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum Asked {
    /// It is the owner's.
    Granted(Lease),
    /// Another owner has it at least until then, in microseconds since the Unix epoch.
    HeldUntil(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    owner: u64,
    token: u64,
    expires_micros: u64,
}

impl Leases {
    /// Leases on this store for an owner with a unique number.
    pub fn of(store: Arc<dyn Store>, clock: Arc<dyn Clock>, owner: u64) -> Leases {
        Leases { store, clock, owner }
    }

    /// Takes the lease of a piece of work. Its owner may take it again, which raises the token.
    ///
    /// # Errors
    /// When the store fails, or the row is damaged or of a newer version.
    pub async fn take(&self, name: &str) -> Result<Asked, StoreError> {
        if !self.store.capabilities().shared {
            return Ok(Asked::Granted(Lease::NotNeeded));
        }
        let (key, owner, now) = (key_of(name), self.owner, self.clock.now_micros());
        let (mut asked, mut before) = (Err(unreadable()), None);
        let decide = |old: Option<&[u8]>| {
            let (decided, change) = taken(old, owner, now);
            before = old.and_then(|old| Row::read(old).ok()).map(|row| row.owner);
            asked = decided;
            change
        };
        change_row(self.store.as_ref(), &key, decide).await?;
        Ok(match asked? {
            Ok(token) => {
                let is_anothers = before.is_some_and(|before| before != owner);
                TAKEN_OVER.fetch_add(u64::from(is_anothers), Ordering::Relaxed);
                Asked::Granted(Lease::Held { key, owner, token })
            }
            Err(until) => Asked::HeldUntil(until),
        })
    }

    /// Makes a lease last from now on as if it was just taken. False if it is lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew(&self, lease: &Lease) -> Result<bool, StoreError> {
        self.change(lease, |row| RowChange::Put(row.renewed(self.clock.now_micros()).encode())).await
    }

    /// Tells, from now on, when the lease of a piece of work is released.
    pub fn watch(&self, name: &str) -> Watch {
        self.store.watch(&key_of(name))
    }

    /// Ends a lease before its time, so that another server need not wait.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.change(&lease, |_| RowChange::Delete).await.map(|_| ())
    }

    async fn change(
        &self,
        lease: &Lease,
        mut to: impl FnMut(Row) -> RowChange + Send,
    ) -> Result<bool, StoreError> {
        let Some(key) = lease.key() else { return Ok(true) };
        let mut held = false;
        let decide = |old: Option<&[u8]>| {
            let row = lease.row(old);
            held = row.is_some();
            row.map_or(RowChange::Keep, &mut to)
        };
        change_row(self.store.as_ref(), key, decide).await?;
        Ok(held)
    }
}

/// How many leases this process has taken that had run out in another owner's hands: where that happens again and
/// again, servers end without releasing, or cannot renew in time.
pub fn taken_over() -> u64 {
    TAKEN_OVER.load(Ordering::Relaxed)
}

impl Lease {
    /// The row to declare with every commit of the work.
    pub fn key(&self) -> Option<&[u8]> {
        match self {
            Lease::NotNeeded => None,
            Lease::Held { key, .. } => Some(key),
        }
    }

    /// `None` if the lease, whose row is `old`, is no longer held; otherwise what to write beside the commit.
    pub fn check(&self, old: Option<&[u8]>, now: u64) -> Option<Option<RowWrite>> {
        let Lease::Held { key, .. } = self else { return Some(None) };
        let row = self.row(old)?;
        let due = row.expires_micros < now + LEASE_MICROS / 2;
        Some(due.then(|| RowWrite { key: key.clone(), row: Some(row.renewed(now).encode()) }))
    }

    /// What ends the lease with the last commit of the work.
    pub fn end(&self) -> Option<RowWrite> {
        self.key().map(|key| RowWrite { key: key.to_vec(), row: None })
    }

    /// The lease's row, if the lease is still held.
    fn row(&self, old: Option<&[u8]>) -> Option<Row> {
        let Lease::Held { owner, token, .. } = self else { return None };
        let row = Row::read(old?).ok()?;
        ((row.owner, row.token) == (*owner, *token)).then_some(row)
    }
}

fn key_of(name: &str) -> Vec<u8> {
    [&[KEY_KIND], name.as_bytes()].concat()
}

/// The new token, or until when another owner has the lease.
type Taken = Result<Result<u64, u64>, StoreError>;

fn taken(old: Option<&[u8]>, owner: u64, now: u64) -> (Taken, RowChange) {
    let old = match old.map(Row::read).transpose() {
        Ok(old) => old,
        Err(fault) => return (Err(fault), RowChange::Keep),
    };
    match old {
        Some(row) if row.owner != owner && row.expires_micros > now => {
            (Ok(Err(row.expires_micros)), RowChange::Keep)
        }
        old => {
            let token = old.map_or(1, |row| row.token + 1);
            let row = Row { owner, token, expires_micros: now + LEASE_MICROS };
            (Ok(Ok(token)), RowChange::Put(row.encode()))
        }
    }
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("the row of a lease is damaged, or written by a newer version".to_owned())
}

impl Row {
    fn renewed(self, now: u64) -> Row {
        Row { expires_micros: now + LEASE_MICROS, ..self }
    }

    fn encode(self) -> Vec<u8> {
        let mut row = Vec::with_capacity(ROW_BYTES);
        row.push(FORMAT);
        for field in [self.owner, self.token, self.expires_micros] {
            row.extend_from_slice(&field.to_le_bytes());
        }
        row
    }

    fn read(row: &[u8]) -> Result<Row, StoreError> {
        let fields = row.split_first().filter(|(format, _)| **format == FORMAT).ok_or_else(unreadable)?.1;
        let fields: &[u8; ROW_BYTES - 1] = fields.try_into().map_err(|_| unreadable())?;
        let field = |at: usize| u64::from_le_bytes(fields[at..at + 8].try_into().expect("eight bytes"));
        Ok(Row { owner: field(0), token: field(8), expires_micros: field(16) })
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").field("owner", &self.owner).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::wait::wait;
    use stdx::ManualClock;

    #[test]
    fn a_lease_is_taken_again_by_its_owner_or_when_it_has_expired() {
        let (token, change) = taken(None, 7, 100);
        assert_eq!(token, Ok(Ok(1)));
        let RowChange::Put(row) = change else { panic!("{change:?}") };
        let expires = 100 + LEASE_MICROS;
        let bytes = [&[1, 7, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 7], &expires.to_le_bytes()].concat();
        assert_eq!(row, bytes);
        assert_eq!(taken(Some(&row), 8, expires - 1), (Ok(Err(expires)), RowChange::Keep));
        assert_eq!(taken(Some(&row), 7, 101).0, Ok(Ok(2)));
        let (token, change) = taken(Some(&row), 8, expires);
        assert_eq!(token, Ok(Ok(2)));
        let RowChange::Put(row) = change else { panic!("{change:?}") };
        let lease = |owner, token| Lease::Held { key: key_of("j"), owner, token };
        assert!(lease(7, 1).check(Some(&row), expires).is_none());
        assert!(lease(8, 2).check(Some(&row), expires).is_some_and(|renewed| renewed.is_none()));
        let late = expires + LEASE_MICROS - 1;
        assert!(lease(8, 2).check(Some(&row), late).is_some_and(|renewed| renewed.is_some()));
        assert!(lease(8, 2).check(None, late).is_none());
        assert_eq!(taken(Some(&[2]), 7, 0), (Err(unreadable()), RowChange::Keep));
    }

    #[test]
    fn a_renewed_lease_lasts_and_a_released_one_is_free() {
        let clock = Arc::new(ManualClock::at(1));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
        let leases = |owner| Leases::of(Arc::clone(&store), clock.clone(), owner);
        let take = |owner| wait(leases(owner).take("work")).unwrap();
        let Asked::Granted(first) = take(1) else { panic!("nobody had it") };
        clock.advance_micros(LEASE_MICROS - 1);
        assert_eq!(wait(leases(1).renew(&first)), Ok(true));
        clock.advance_micros(LEASE_MICROS - 1);
        assert!(matches!(take(2), Asked::HeldUntil(_)));
        clock.advance_micros(1);
        let Asked::Granted(second) = take(2) else { panic!("it had expired") };
        assert_eq!(wait(leases(1).renew(&first)), Ok(false));
        let watch = leases(1).watch("work");
        wait(leases(1).release(first)).unwrap();
        assert!(matches!(take(1), Asked::HeldUntil(_)));
        assert_eq!((wait(leases(2).renew(&second)), watch.version()), (Ok(true), 0), "it is still held");
        wait(leases(2).release(second)).unwrap();
        assert_eq!(watch.version(), 1, "whoever waits for it need not wait for its end");
        assert!(matches!(take(1), Asked::Granted(_)));
    }
}
