//! Which shards may be read: those whose parent was read to its end, or is not kept any more. So the changes of one
//! item come in their order, whatever shard they went to.

use std::collections::{BTreeMap, BTreeSet};

/// A shard as DescribeStream lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) is_closed: bool,
}

/// The shards of a stream, and how far they are read.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    parents: BTreeMap<String, Option<String>>,
    begun: BTreeSet<String>,
    drained: BTreeSet<String>,
}

impl Lineage {
    /// Takes a new list of all shards. What is not listed is forgotten: it is not kept any more.
    pub(super) fn update(&mut self, listed: &[Listed]) {
        self.parents = listed.iter().map(|shard| (shard.id.clone(), shard.parent.clone())).collect();
        self.begun.retain(|id| self.parents.contains_key(id));
        self.drained.retain(|id| self.parents.contains_key(id));
    }

    /// Takes these shards as read to their end.
    pub(super) fn skip<'a>(&mut self, shards: impl Iterator<Item = &'a Listed>) {
        for shard in shards {
            self.begun.insert(shard.id.clone());
            self.drained.insert(shard.id.clone());
        }
    }

    /// The shards that may be read now and were not begun, the oldest first. They count as begun from here on.
    pub(super) fn begin(&mut self) -> Vec<String> {
        let may_begin = |(id, parent): &(&String, &Option<String>)| {
            let is_waiting =
                |parent: &String| self.parents.contains_key(parent) && !self.drained.contains(parent);
            !self.begun.contains(*id) && !parent.as_ref().is_some_and(is_waiting)
        };
        let ready: Vec<String> = self.parents.iter().filter(may_begin).map(|(id, _)| id.clone()).collect();
        self.begun.extend(ready.iter().cloned());
        ready
    }

    /// A shard was read to its end.
    pub(super) fn drain(&mut self, id: &str) {
        self.drained.insert(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(shards: &[(&str, &str, bool)]) -> Vec<Listed> {
        let shard = |(id, parent, is_closed): &(&str, &str, bool)| Listed {
            id: (*id).to_owned(),
            parent: Some((*parent).to_owned()).filter(|parent| !parent.is_empty()),
            is_closed: *is_closed,
        };
        shards.iter().map(shard).collect()
    }

    #[test]
    fn children_after_their_parent() {
        let mut lineage = Lineage::default();
        lineage.update(&listed(&[
            ("a", "gone", true),
            ("b", "a", true),
            ("c", "b", false),
            ("d", "b", false),
            ("e", "", false),
        ]));
        assert_eq!(lineage.begin(), ["a", "e"]);
        assert_eq!(lineage.begin(), [""; 0]);
        lineage.drain("a");
        assert_eq!(lineage.begin(), ["b"]);
        lineage.drain("b");
        assert_eq!(lineage.begin(), ["c", "d"]);
    }

    #[test]
    fn a_parent_that_is_trimmed_holds_nothing_up() {
        let mut lineage = Lineage::default();
        lineage.update(&listed(&[("a", "", true), ("b", "a", false)]));
        assert_eq!(lineage.begin(), ["a"]);
        lineage.update(&listed(&[("b", "a", false)]));
        assert_eq!(lineage.begin(), ["b"]);
        lineage.update(&listed(&[("b", "a", false)]));
        assert_eq!(lineage.begin(), [""; 0], "not twice");
    }

    #[test]
    fn from_now_on_skips_what_is_closed() {
        let mut lineage = Lineage::default();
        let shards = listed(&[("a", "", true), ("b", "a", true), ("c", "b", false)]);
        lineage.update(&shards);
        lineage.skip(shards.iter().filter(|shard| shard.is_closed));
        assert_eq!(lineage.begin(), ["c"]);
    }
}
