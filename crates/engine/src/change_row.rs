//! Changes of a single row that is no item: leases of jobs, secrets.

use store::{Decision, Locking, Mutation, OldRows, Outcome, Plan, RowWrite, Store, StoreError, resolved};

/// How often a change is tried again of which nothing happened.
const TRIES_MAX: usize = 16;

/// Changes one row if `decide` says how. What `decide` was shown last is durable when this resolves.
pub(crate) async fn change_row(
    store: &dyn Store,
    key: &[u8],
    mut decide: impl FnMut(Option<&[u8]>) -> Option<Vec<u8>> + Send,
) -> Result<(), StoreError> {
    let mut decide = |old: &OldRows<'_>| match decide(old.get(0)) {
        None => Decision::Refuse,
        Some(row) => {
            let rows = vec![RowWrite { key: key.to_vec(), row: Some(row) }];
            Decision::Commit(Plan { rows, ..Plan::default() })
        }
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
