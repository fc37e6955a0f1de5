//! Changes of a single row that is no item: leases, secrets.

use crate::contract::{
    Decision, Locking, Mutation, OldRows, Outcome, Plan, RecordWrite, RowWrite, Store, StoreError, resolved,
};

/// How often a change is tried again of which nothing happened.
pub(crate) const TRIES_MAX: usize = 16;

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// It stays as it is.
    Keep,
    /// It becomes this.
    Put(Vec<u8>),
    /// It goes, which is told to watches on its key.
    Delete,
}

/// Changes one row by `decide`, which may be called again. The row of its last call is durable when this resolves.
///
/// # Errors
/// When the store refuses the change, or its outcome is unknown.
pub async fn change_row(
    store: &dyn Store,
    key: &[u8],
    mut decide: impl FnMut(Option<&[u8]>) -> RowChange + Send,
) -> Result<(), StoreError> {
    let mut decide = |old: &OldRows<'_>| {
        let (row, records) = match decide(old.get(0)) {
            RowChange::Keep => return Decision::Refuse,
            RowChange::Put(row) => (Some(row), Vec::new()),
            RowChange::Delete => (None, vec![RecordWrite { key: key.to_vec(), document: None }]),
        };
        Decision::Commit(Plan { rows: vec![RowWrite { key: key.to_vec(), row }], records, ..Plan::default() })
    };
    for _ in 0..TRIES_MAX {
        let (keys, decide) = ([key], &mut decide);
        let mutation = Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide };
        match resolved(store, store.mutate(mutation).await?).await {
            Outcome::Committed(_) | Outcome::Refused => return Ok(()),
            Outcome::Fenced => {}
            outcome => return Err(StoreError::Unavailable(format!("a row was not changed: {outcome:?}"))),
        }
    }
    Err(StoreError::Unavailable("the store loses commits".to_owned()))
}
