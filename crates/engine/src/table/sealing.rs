//! How what a table holds is sealed: its data keys, wrapped by a key of KMS.

use serde::{Deserialize, Serialize};

/// See the module. A table that was never encrypted under a key of KMS has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealing {
    /// The id of the key that wraps all data keys.
    pub key_id: String,
    /// The grant by which the service uses that key; absent for the key that the service manages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// The data keys: all of them open what they have sealed, the current one seals.
    pub generations: Vec<Generation>,
    /// The number of the current one; `None` since encryption was switched off.
    pub current: Option<u32>,
    /// Whether there may be rows that are not as `current` says.
    pub is_rekeying: bool,
    /// Whether there may be rows and records that are not sealed.
    pub takes_open: bool,
}

/// A data key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Higher than all before.
    pub number: u32,
    /// The key as KMS has encrypted it, in hexadecimal digits.
    pub wrapped: String,
    /// Since when another seals, in microseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_micros: Option<u64>,
}

impl Sealing {
    /// The number of the next data key.
    pub fn next_number(&self) -> u32 {
        self.generations.iter().map(|generation| generation.number).max().unwrap_or(0) + 1
    }

    /// The same once all rows are as `current` says; `None`: nothing is sealed any more. Records of a feed stay as they
    /// were written.
    pub(crate) fn completed(&self, has_feed: bool) -> Option<Sealing> {
        let mut done =
            Sealing { is_rekeying: false, takes_open: self.takes_open && has_feed, ..self.clone() };
        if !has_feed {
            done.generations.retain(|generation| Some(generation.number) == self.current);
        }
        (!done.generations.is_empty()).then_some(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealing(current: Option<u32>) -> Sealing {
        let generation = |number| Generation { number, wrapped: "00".into(), retired_micros: None };
        Sealing {
            key_id: "k".into(),
            grant_id: None,
            generations: vec![generation(1), generation(2)],
            current,
            is_rekeying: true,
            takes_open: true,
        }
    }

    #[test]
    fn old_keys_stay_while_a_feed_may_need_them() {
        let numbers = |sealing: Sealing| sealing.generations.iter().map(|one| one.number).collect::<Vec<_>>();
        assert_eq!(sealing(Some(2)).next_number(), 3);
        let without = sealing(Some(2)).completed(false).unwrap();
        assert!(!without.is_rekeying && !without.takes_open);
        assert_eq!(numbers(without), [2]);
        assert_eq!(numbers(sealing(Some(2)).completed(true).unwrap()), [1, 2]);
        assert!(sealing(None).completed(false).is_none());
        assert!(sealing(None).completed(true).is_some_and(|sealing| sealing.takes_open));
    }
}
