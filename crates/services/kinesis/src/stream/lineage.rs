//! How shards follow one another. A shard is closed in the change that opens its children, so an active stream takes
//! every hash key at any time.

use super::{HashRange, Shard, Stream};
use store::FeedId;

/// Why shards were not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineageError {
    /// No such shard.
    NotFound {
        /// The id that was asked for.
        shard_id: String,
    },
    /// The shard is closed.
    Closed {
        /// Its id.
        shard_id: String,
    },
    /// A new starting hash key that does not split the range of the shard.
    NoSplit {
        /// The hash key.
        at: u128,
        /// The shard.
        shard_id: String,
    },
    /// The ranges of the two shards do not meet.
    NotAdjacent {
        /// The one.
        shard_id: String,
        /// The other.
        adjacent_id: String,
    },
}

/// Gives a feed to a new shard.
pub type GiveFeed<'a> = dyn FnMut() -> FeedId + 'a;

impl Stream {
    /// Opens shards for all hash keys, in a stream that has none yet.
    pub fn open_first(&mut self, count: u32, now_micros: u64, feeds: &mut GiveFeed<'_>) {
        for range in HashRange::evenly(count) {
            self.open(range, [None, None], now_micros, feeds);
        }
    }

    /// Replaces a shard by two, the second of which begins at a hash key.
    pub fn split(
        &mut self,
        shard_id: &str,
        at: u128,
        now_micros: u64,
        feeds: &mut GiveFeed<'_>,
    ) -> Result<(), LineageError> {
        let shard = self.open_shard(shard_id, now_micros)?.clone();
        let HashRange { first, last } = shard.range;
        if at <= first || at > last {
            return Err(LineageError::NoSplit { at, shard_id: shard_id.to_owned() });
        }
        self.close(shard.number, now_micros);
        let parents = [Some(shard.number), None];
        self.open(HashRange { first, last: at - 1 }, parents, now_micros, feeds);
        self.open(HashRange { first: at, last }, parents, now_micros, feeds);
        Ok(())
    }

    /// Replaces two shards whose ranges meet by one.
    pub fn merge(
        &mut self,
        shard_id: &str,
        adjacent_id: &str,
        now_micros: u64,
        feeds: &mut GiveFeed<'_>,
    ) -> Result<(), LineageError> {
        let one = self.open_shard(shard_id, now_micros)?.clone();
        let other = self.open_shard(adjacent_id, now_micros)?.clone();
        let (low, high) = if one.range.first < other.range.first { (&one, &other) } else { (&other, &one) };
        if low.range.last.checked_add(1) != Some(high.range.first) {
            let (shard_id, adjacent_id) = (shard_id.to_owned(), adjacent_id.to_owned());
            return Err(LineageError::NotAdjacent { shard_id, adjacent_id });
        }
        let range = HashRange { first: low.range.first, last: high.range.last };
        self.close(one.number, now_micros);
        self.close(other.number, now_micros);
        self.open(range, [Some(one.number), Some(other.number)], now_micros, feeds);
        Ok(())
    }

    /// Changes the number of open shards to one whose ranges are all of the same size. Shards whose range stays are
    /// kept; the others are split where a new range begins and merged where one goes on, by way of shards that no
    /// record goes into, as Kinesis does.
    pub fn scale(&mut self, count: u32, now_micros: u64, feeds: &mut GiveFeed<'_>) {
        let wanted: Vec<HashRange> = HashRange::evenly(count).collect();
        for at in wanted.iter().map(|range| range.first) {
            let whole = self.shard_of(at).filter(|shard| shard.range.first != at);
            if let Some(id) = whole.map(Shard::id) {
                self.split(&id, at, now_micros, feeds).expect("an open shard with this hash key inside");
            }
        }
        for range in wanted {
            while let Some(low) = self.shard_of(range.first).filter(|shard| shard.range != range) {
                let next = low.range.last.checked_add(1).and_then(|next| self.shard_of(next));
                let (low, next) = (low.id(), next.expect("open shards cover every hash key").id());
                self.merge(&low, &next, now_micros, feeds).expect("two open shards that meet");
            }
        }
    }

    fn open_shard(&self, id: &str, now_micros: u64) -> Result<&Shard, LineageError> {
        let shard_id = || id.to_owned();
        let shard =
            self.shard(id, now_micros).ok_or_else(|| LineageError::NotFound { shard_id: shard_id() })?;
        if shard.is_open() { Ok(shard) } else { Err(LineageError::Closed { shard_id: shard_id() }) }
    }

    fn close(&mut self, number: u32, now_micros: u64) {
        let mut shards = self.shards.iter_mut();
        let shard = shards.find(|shard| shard.number == number).expect("a shard that was found before");
        shard.closed_micros = Some(now_micros);
    }

    fn open(
        &mut self,
        range: HashRange,
        [parent, adjacent_parent]: [Option<u32>; 2],
        now_micros: u64,
        feeds: &mut GiveFeed<'_>,
    ) {
        let is_parent = |shard: &&Shard| [parent, adjacent_parent].contains(&Some(shard.number));
        let parents = self.shards.iter().filter(is_parent);
        let after = parents.map(|shard| shard.made_secs + 1).max().unwrap_or(0);
        self.shards.push(Shard {
            number: self.shards_made,
            feed: feeds().0,
            made_secs: after.max(now_micros / 1_000_000),
            range,
            parent,
            adjacent_parent,
            closed_micros: None,
        });
        self.shards_made += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;

    fn stream(count: u32) -> (Stream, u64) {
        let mut stream = Stream::new(engine::Scope { account: "a".into(), region: "r".into() }, "s", 1);
        let mut feeds = 0;
        stream.open_first(count, 1, &mut counting(&mut feeds));
        (stream, feeds)
    }

    fn counting(feeds: &mut u64) -> impl FnMut() -> FeedId {
        move || {
            *feeds += 1;
            keys::feed(*feeds)
        }
    }

    fn check(stream: &Stream) {
        let mut ranges: Vec<_> = stream.open_shards().map(|shard| shard.range).collect();
        ranges.sort_by_key(|range| range.first);
        assert_eq!((ranges[0].first, ranges[ranges.len() - 1].last), (0, u128::MAX));
        assert!(ranges.windows(2).all(|pair| pair[0].last + 1 == pair[1].first), "{ranges:?}");
        for shard in &stream.shards {
            let parents = stream.shards.iter().filter(|other| shard.parents().any(|one| one == other.number));
            parents.for_each(|parent| assert!(!parent.is_open() && parent.made_secs < shard.made_secs));
        }
    }

    #[test]
    fn shards_are_split_and_merged() {
        let (mut stream, mut feeds) = stream(2);
        let half = stream.shards[1].range.first;
        let feeds = &mut counting(&mut feeds);
        stream.split("shardId-000000000001", half + 1, 2, feeds).unwrap();
        check(&stream);
        let refused = stream.split("shardId-000000000001", half + 9, 3, feeds);
        assert_eq!(refused, Err(LineageError::Closed { shard_id: "shardId-000000000001".into() }));
        for at in [0, half] {
            let refused = stream.split("shardId-000000000000", at, 3, feeds);
            assert_eq!(refused, Err(LineageError::NoSplit { at, shard_id: "shardId-000000000000".into() }));
        }
        let merge = |stream: &mut Stream, one: u32, other: u32, feeds: &mut GiveFeed<'_>| {
            let id = super::super::shard::id;
            stream.merge(&id(one), &id(other), 4, feeds)
        };
        assert!(matches!(merge(&mut stream, 0, 3, feeds), Err(LineageError::NotAdjacent { .. })));
        assert_eq!(
            merge(&mut stream, 2, 9, feeds),
            Err(LineageError::NotFound { shard_id: "shardId-000000000009".into() })
        );
        merge(&mut stream, 2, 0, feeds).unwrap();
        check(&stream);
        assert_eq!((stream.shards[4].parent, stream.shards[4].adjacent_parent), (Some(2), Some(0)));
    }

    #[test]
    fn any_number_of_shards_becomes_any_other() {
        for (from, to) in [(1, 2), (2, 1), (3, 4), (4, 3), (5, 10), (10, 5), (7, 6), (4, 4)] {
            let (mut stream, mut feeds) = stream(from);
            stream.scale(to, 2, &mut counting(&mut feeds));
            check(&stream);
            let mut ranges: Vec<_> = stream.open_shards().map(|shard| shard.range).collect();
            ranges.sort_by_key(|range| range.first);
            assert_eq!(ranges, HashRange::evenly(to).collect::<Vec<_>>(), "{from} to {to}");
        }
    }
}
