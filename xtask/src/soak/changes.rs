//! The changes of each key as a reader of a stream sees them: what a change replaces is what the one before has left.

use serde_json::Value;
use std::collections::BTreeMap;

/// The version that each key was left with; `None`: it was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes(BTreeMap<String, Option<u64>>);

impl Changes {
    /// Takes the next record of a key. One that is lost, comes twice or in another order does not fit.
    pub(super) fn take(&mut self, record: &Value) -> Result<(), String> {
        let change = &record["dynamodb"];
        let key =
            change["Keys"]["pk"]["S"].as_str().ok_or_else(|| format!("a record without a key: {record}"))?;
        let (old, new) = (version(&change["OldImage"]), version(&change["NewImage"]));
        match self.0.insert(key.to_owned(), new) {
            Some(left) if left != old => Err(format!("{key} was left with version {left:?}: {record}")),
            _ => Ok(()),
        }
    }

    /// How many keys have an item.
    pub(super) fn items(&self) -> usize {
        self.0.values().flatten().count()
    }

    /// Notes what a writer has left a key with.
    pub(super) fn leave(&mut self, key: String, version: Option<u64>) {
        self.0.insert(key, version);
    }
}

fn version(image: &Value) -> Option<u64> {
    image["v"]["N"].as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(old: Option<u64>, new: Option<u64>) -> Value {
        let image = |version: Option<u64>| version.map(|version| json!({"v": {"N": version.to_string()}}));
        json!({"dynamodb": {"Keys": {"pk": {"S": "a"}}, "OldImage": image(old), "NewImage": image(new)}})
    }

    #[test]
    fn each_change_follows_the_one_before() {
        let mut changes = Changes::default();
        for (old, new) in [(Some(3), Some(4)), (Some(4), Some(5)), (Some(5), None), (None, Some(6))] {
            changes.take(&record(old, new)).unwrap();
        }
        assert_eq!(changes.items(), 1);
        assert!(changes.clone().take(&record(Some(7), Some(8))).is_err(), "one is lost");
        assert!(changes.take(&record(None, Some(6))).is_err(), "one comes twice");
    }
}
