//! The counters' values, owned by the committer: a plan brings a change, the log gets the value after it.

use crate::trees::system_key;
use crate::trees::{Name, TreeError, Trees};
use std::collections::HashMap;

/// Values of the counters that were touched since the store was opened. A counter that is 0 is not kept, here nor on
/// the disk: the counters of a deleted table leave nothing behind.
#[derive(Default)]
pub(crate) struct Counters {
    values: HashMap<u64, i64>,
    /// Became 0 in the group that is being committed.
    zeros: Vec<u64>,
}

impl Counters {
    /// Adds a change; returns the new value.
    pub(crate) fn add(
        &mut self,
        trees: &Trees,
        published: u64,
        id: u64,
        delta: i64,
    ) -> Result<i64, TreeError> {
        let value = match self.values.get(&id) {
            Some(value) => *value,
            None => read(trees, published, id)?,
        };
        let value = value.wrapping_add(delta);
        self.values.insert(id, value);
        if value == 0 {
            self.zeros.push(id);
        }
        Ok(value)
    }

    /// The group is published, so the tree knows its values.
    pub(crate) fn forget_zeros(&mut self) {
        for id in self.zeros.drain(..) {
            if self.values.get(&id) == Some(&0) {
                self.values.remove(&id);
            }
        }
    }
}

/// A counter's value as of a position; 0 if it was never touched.
pub(crate) fn read(trees: &Trees, at: u64, id: u64) -> Result<i64, TreeError> {
    let stored = trees.get(Name::System, &system_key::counter(id), at)?;
    let value = stored.as_deref().and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_le_bytes);
    Ok(value)
}
