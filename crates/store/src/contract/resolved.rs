//! Unknown outcomes, resolved by asking the store again.

use super::{Outcome, Store};

/// The outcome of a mutation, resolved if the store answered unknown. One of which nothing happened reads as
/// [`Outcome::Fenced`], which means the same to its caller: nothing was written, plan again. It stays
/// [`Outcome::Unknown`] only where the store cannot resolve it either.
pub async fn resolved(store: &dyn Store, outcome: Outcome) -> Outcome {
    let Outcome::Unknown(commit) = outcome else { return outcome };
    match store.resolve(commit).await {
        Ok(Some(stamp)) => Outcome::Committed(stamp),
        Ok(None) => Outcome::Fenced,
        Err(_) => outcome,
    }
}
