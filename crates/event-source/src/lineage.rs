//! Which shards may be read: one whose parent has been read to its end, or is not there any more, so that the records
//! of a key stay in order when shards are split or replaced.

use std::collections::HashSet;

/// The shards that may be read now, of all that are listed, each with its parent. `ended` are those read to their end.
pub fn readable<'a>(
    shards: &'a [(String, Option<String>)],
    ended: &'a HashSet<String>,
) -> impl Iterator<Item = &'a str> {
    let listed: HashSet<&str> = shards.iter().map(|(id, _)| id.as_str()).collect();
    let is_behind = move |parent: &String| ended.contains(parent) || !listed.contains(parent.as_str());
    shards.iter().filter_map(move |(id, parent)| {
        (!ended.contains(id) && parent.as_ref().is_none_or(&is_behind)).then_some(id.as_str())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn children_are_read_behind_their_parents() {
        let shard = |id: &str, parent: Option<&str>| (id.to_owned(), parent.map(str::to_owned));
        let shards =
            [shard("a", Some("gone")), shard("b", Some("a")), shard("c", Some("a")), shard("d", Some("b"))];
        let readable = |ended: &[&str]| {
            let ended = ended.iter().map(|id| (*id).to_owned()).collect();
            super::readable(&shards, &ended).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(readable(&[]), ["a"]);
        assert_eq!(readable(&["a"]), ["b", "c"]);
        assert_eq!(readable(&["a", "b"]), ["c", "d"]);
        assert_eq!(readable(&["a", "b", "c", "d"]), [""; 0]);
    }
}
