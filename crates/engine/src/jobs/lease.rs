//! Which of the engines on one store does a job.
//!
//! A lease is a row that names its owner, says until when, and has a token that rises with every taking. Every
//! step of the job is committed with the lease's row among its keys, and refused if owner and token are not those
//! it began with: whoever was held up beyond the end of its lease cannot do harm. A store that only one process
//! can open needs no leases.
//!
//! ```text
//! format u8 = 1 | owner u64 LE | token u64 LE | expires at µs u64 LE
//! ```

use super::Surroundings;
use crate::change_row::change_row;
use crate::keys::{KeyBuf, lease_key};
use crate::row::RowFault;
use store::wait::wait;
use store::{OldRows, RowWrite, StoreError};

/// How long a lease lasts unless it is renewed; longer than any step.
pub(crate) const LEASE_MICROS: u64 = 15_000_000;
const FORMAT: u8 = 1;
const ROW_BYTES: usize = 25;

/// The right to do a job.
#[derive(Debug, Clone)]
pub(super) enum Lease {
    /// No other process can have the store open.
    NotNeeded,
    Held {
        key: KeyBuf,
        owner: u64,
        token: u64,
    },
}

/// What came of asking for a lease.
pub(super) enum Asked {
    Granted(Lease),
    /// Somebody else does the job at least until then.
    HeldUntil(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    owner: u64,
    token: u64,
    expires_micros: u64,
}

impl Lease {
    /// Asks for the lease of a job.
    pub(super) fn take(around: &Surroundings, job: &str, now: u64) -> Result<Asked, StoreError> {
        if !around.store().capabilities().shared {
            return Ok(Asked::Granted(Lease::NotNeeded));
        }
        let (key, owner) = (lease_key(job), around.owner);
        let mut asked = Err(RowFault::Short);
        let change = change_row(around.store(), &key, |old| {
            let (decided, row) = decide(old, owner, now);
            asked = decided;
            row
        });
        wait(change)?;
        Ok(match asked? {
            Ok(token) => Asked::Granted(Lease::Held { key, owner, token }),
            Err(until) => Asked::HeldUntil(until),
        })
    }

    /// The row to declare with every step.
    pub(super) fn key(&self) -> Option<&KeyBuf> {
        match self {
            Lease::NotNeeded => None,
            Lease::Held { key, .. } => Some(key),
        }
    }

    /// `None` if the lease is no longer held; otherwise what to write beside the step to keep it.
    pub(super) fn check(&self, old: &OldRows<'_>, now: u64) -> Option<Option<RowWrite>> {
        let Lease::Held { key, owner, token } = self else { return Some(None) };
        let row = Row::read(old.get(0)?).ok()?;
        if (row.owner, row.token) != (*owner, *token) {
            return None;
        }
        let renewed = Row { expires_micros: now + LEASE_MICROS, ..row };
        let due = row.expires_micros < now + LEASE_MICROS / 2;
        Some(due.then(|| RowWrite { key: key.to_vec(), row: Some(renewed.encode()) }))
    }

    /// What ends the lease with the job.
    pub(super) fn end(&self) -> Option<RowWrite> {
        self.key().map(|key| RowWrite { key: key.to_vec(), row: None })
    }
}

/// The new token and row, or until when another owner has the lease.
type Decided = (Result<Result<u64, u64>, RowFault>, Option<Vec<u8>>);

fn decide(old: Option<&[u8]>, owner: u64, now: u64) -> Decided {
    let old = match old.map(Row::read).transpose() {
        Ok(old) => old,
        Err(fault) => return (Err(fault), None),
    };
    match old {
        Some(row) if row.owner != owner && row.expires_micros > now => (Ok(Err(row.expires_micros)), None),
        old => {
            let token = old.map_or(1, |row| row.token + 1);
            let row = Row { owner, token, expires_micros: now + LEASE_MICROS };
            (Ok(Ok(token)), Some(row.encode()))
        }
    }
}

impl Row {
    fn encode(self) -> Vec<u8> {
        let mut row = Vec::with_capacity(ROW_BYTES);
        row.push(FORMAT);
        for field in [self.owner, self.token, self.expires_micros] {
            row.extend_from_slice(&field.to_le_bytes());
        }
        row
    }

    fn read(row: &[u8]) -> Result<Row, RowFault> {
        let (format, fields) = row.split_first().ok_or(RowFault::Short)?;
        if *format != FORMAT {
            return Err(RowFault::Newer { format: *format, flags: 0 });
        }
        let fields: &[u8; ROW_BYTES - 1] = fields.try_into().map_err(|_| RowFault::Short)?;
        let field = |at: usize| u64::from_le_bytes(fields[at..at + 8].try_into().expect("eight bytes"));
        Ok(Row { owner: field(0), token: field(8), expires_micros: field(16) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_taken_again_by_its_owner_or_when_it_has_expired() {
        let (taken, row) = decide(None, 7, 100);
        assert_eq!(taken, Ok(Ok(1)));
        let row = row.unwrap();
        let expires = 100 + LEASE_MICROS;
        let bytes = [&[1, 7, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 7], &expires.to_le_bytes()].concat();
        assert_eq!(row, bytes);
        assert_eq!(decide(Some(&row), 8, expires - 1), (Ok(Err(expires)), None));
        assert_eq!(decide(Some(&row), 7, 101).0, Ok(Ok(2)));
        let (taken, row) = decide(Some(&row), 8, expires);
        assert_eq!(taken, Ok(Ok(2)));
        let lease = |owner, token| Lease::Held { key: lease_key("j"), owner, token };
        let old = [row.as_deref()];
        assert!(lease(7, 1).check(&OldRows(&old), expires).is_none());
        assert!(lease(8, 2).check(&OldRows(&old), expires).is_some_and(|renewed| renewed.is_none()));
        let late = expires + LEASE_MICROS - 1;
        assert!(lease(8, 2).check(&OldRows(&old), late).is_some_and(|renewed| renewed.is_some()));
        assert!(lease(8, 2).check(&OldRows(&[None]), late).is_none());
        assert_eq!(decide(Some(&[2]), 7, 0).0, Err(RowFault::Newer { format: 2, flags: 0 }));
    }
}
