//! Idempotency tokens: rows that record a transaction for ten minutes after it was done.
//!
//! ```text
//! format u8 = 1 | done at µs u64 LE | fingerprint of the request, 32 bytes
//!   | per action: size before u32 LE, size after u32 LE
//! ```

use crate::keys::{KeyBuf, token_key};
use crate::row::RowFault;
use crate::write::Written;
use stdx::limits::IDEMPOTENCY_WINDOW_MICROS;
use store::RowWrite;

const FORMAT: u8 = 1;
const HEADER_BYTES: usize = 1 + 8 + 32;

/// The token a client sent along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactToken {
    /// The account and region it belongs to.
    pub scope: String,
    /// The operation it belongs to.
    pub operation: TransactOperation,
    /// ClientRequestToken
    pub token: String,
    /// A hash of what makes the request the same.
    pub fingerprint: [u8; 32],
}

/// The operations that take a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TransactOperation {
    /// TransactWriteItems
    TransactWriteItems = 1,
    /// ExecuteTransaction
    ExecuteTransaction = 2,
}

/// The record of a transaction.
#[derive(Debug, PartialEq)]
pub(super) struct Remembered {
    fingerprint: [u8; 32],
    pub actions: Vec<Written>,
}

impl TransactToken {
    pub(super) fn key(&self) -> KeyBuf {
        token_key(&self.scope, self.operation as u8, &self.token)
    }

    /// The row that records a transaction.
    pub(super) fn row(&self, actions: &[Written], now: u64) -> RowWrite {
        let mut row = Vec::with_capacity(HEADER_BYTES + 8 * actions.len());
        row.push(FORMAT);
        row.extend_from_slice(&now.to_le_bytes());
        row.extend_from_slice(&self.fingerprint);
        for action in actions {
            row.extend_from_slice(&(action.old_size_bytes as u32).to_le_bytes());
            row.extend_from_slice(&(action.new_size_bytes as u32).to_le_bytes());
        }
        RowWrite { key: self.key().to_vec(), row: Some(row) }
    }

    pub(super) fn is_same_request(&self, remembered: &Remembered) -> bool {
        self.fingerprint == remembered.fingerprint
    }
}

/// Whether a token's row no longer counts.
pub(crate) fn is_expired(row: &[u8], now: u64) -> bool {
    done_at(row).is_ok_and(|done| now.saturating_sub(done) >= IDEMPOTENCY_WINDOW_MICROS)
}

/// The contents of a token's row; `None` if it has expired.
pub(super) fn remembered(row: &[u8], now: u64) -> Result<Option<Remembered>, RowFault> {
    done_at(row)?;
    if is_expired(row, now) {
        return Ok(None);
    }
    let (header, sizes) = row.split_at_checked(HEADER_BYTES).ok_or(RowFault::Short)?;
    let size = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("chunks of four bytes")) as usize;
    let actions = sizes.chunks_exact(8).map(|sizes| Written {
        old_size_bytes: size(&sizes[..4]),
        new_size_bytes: size(&sizes[4..]),
        ..Written::default()
    });
    let fingerprint = header[9..].try_into().map_err(|_| RowFault::Short)?;
    Ok(Some(Remembered { fingerprint, actions: actions.collect() }))
}

fn done_at(row: &[u8]) -> Result<u64, RowFault> {
    match row {
        [FORMAT, rest @ ..] => {
            rest.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).ok_or(RowFault::Short)
        }
        [format, ..] => Err(RowFault::Newer { format: *format, flags: 0 }),
        [] => Err(RowFault::Short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_remembered_for_ten_minutes() {
        let token = TransactToken {
            scope: "000000000000".into(),
            operation: TransactOperation::TransactWriteItems,
            token: "t".into(),
            fingerprint: [7; 32],
        };
        let action = Written { old_size_bytes: 3, new_size_bytes: 400_000, ..Written::default() };
        let row = token.row(std::slice::from_ref(&action), 1_000).row.unwrap();
        let fixed = [&[1, 0xe8, 3, 0, 0, 0, 0, 0, 0][..], &[7; 32], &[3, 0, 0, 0, 0x80, 0x1a, 6, 0]].concat();
        assert_eq!(row, fixed);
        let known = remembered(&row, 1_000 + IDEMPOTENCY_WINDOW_MICROS - 1).unwrap().unwrap();
        assert_eq!(known, Remembered { fingerprint: [7; 32], actions: vec![action] });
        assert!(token.is_same_request(&known));
        assert_eq!(remembered(&row, 1_000 + IDEMPOTENCY_WINDOW_MICROS), Ok(None));
        assert_eq!(remembered(&[2; 60], 0), Err(RowFault::Newer { format: 2, flags: 0 }));
        assert_eq!(remembered(&row[..20], 0), Err(RowFault::Short));
    }
}
