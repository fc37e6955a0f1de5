//! Which shards may be read: one whose parents have been read to their end, or are not there any more, so that the
//! records of a key stay in order when shards are split or replaced.

use crate::source::Shard;
use std::collections::HashSet;

/// The shards that may be read now, of all that are listed, each with its parents. `ended` are those read to their end.
pub fn readable<'a>(shards: &'a [Shard], ended: &'a HashSet<String>) -> impl Iterator<Item = &'a str> {
    let listed: HashSet<&str> = shards.iter().map(|shard| shard.id.as_str()).collect();
    let is_behind = move |parent: &String| ended.contains(parent) || !listed.contains(parent.as_str());
    shards.iter().filter_map(move |Shard { id, parents }| {
        (!ended.contains(id) && parents.iter().all(&is_behind)).then_some(id.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_read_behind_their_parents() {
        let shard = |id: &str, parents: &[&str]| {
            let parents = parents.iter().map(|id| (*id).to_owned()).collect();
            Shard { id: id.to_owned(), parents }
        };
        let shards = [shard("a", &["gone"]), shard("b", &["a"]), shard("c", &["a"]), shard("d", &["b", "c"])];
        let readable = |ended: &[&str]| {
            let ended = ended.iter().map(|id| (*id).to_owned()).collect();
            super::readable(&shards, &ended).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(readable(&[]), ["a"]);
        assert_eq!(readable(&["a"]), ["b", "c"]);
        assert_eq!(readable(&["a", "b"]), ["c"]);
        assert_eq!(readable(&["a", "b", "c"]), ["d"]);
        assert_eq!(readable(&["a", "b", "c", "d"]), [""; 0]);
    }
}
