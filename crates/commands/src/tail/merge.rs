//! The changes of several shards in the order of their times, as far as that is known.
//!
//! A shard may have an older change than another one's while it has not been read on. One that had nothing when it was
//! read last holds nothing up: what it gets next is new.

use super::record::Record;
use super::shard::Shard;

/// The shard whose oldest change comes next; none before all have been read on that may have an older one.
pub(super) fn next(shards: &[Shard]) -> Option<usize> {
    if shards.iter().any(|shard| shard.changes.is_empty() && shard.has_more()) {
        return None;
    }
    let oldest = shards.iter().enumerate().filter_map(|(at, shard)| Some((place(shard)?, at)));
    oldest.min().map(|(_, at)| at)
}

/// Times are whole seconds; within one, sequence numbers rise with the order of commits, or tell nothing.
fn place(shard: &Shard) -> Option<(u64, usize, &str)> {
    let record = Record::of(shard.changes.front()?);
    let number = record.sequence_number().unwrap_or_default();
    Some((record.seconds(), number.len(), number))
}

#[cfg(test)]
mod tests {
    use super::super::shard::Position;
    use super::*;
    use serde_json::json;

    fn shard(changes: &[(u64, &str)], has_next: bool) -> Shard {
        let records = changes.iter().map(|(seconds, number)| {
            json!({"dynamodb": {"ApproximateCreationDateTime": seconds, "SequenceNumber": number}})
        });
        let records: Vec<_> = records.collect();
        let mut shard = Shard::at("s".into(), Position::Oldest);
        shard.advance(&json!({"Records": records, "NextShardIterator": has_next.then_some("i")}), 0);
        shard
    }

    #[test]
    fn the_oldest_change_of_all_comes_next() {
        let one = |changes| shard(changes, true);
        assert_eq!(next(&[one(&[(2, "30")]), one(&[(1, "40")])]), Some(1));
        assert_eq!(next(&[one(&[(2, "100")]), one(&[(2, "99")])]), Some(1), "numbers are no texts");
        assert_eq!(next(&[one(&[(2, "9")]), one(&[])]), Some(0), "one that has nothing is not waited for");
        let mut read_on = one(&[(1, "1")]);
        read_on.changes.clear();
        assert_eq!(next(&[one(&[(2, "9")]), read_on]), None, "one that may have more is");
        let mut at_its_end = shard(&[(1, "1")], false);
        at_its_end.changes.clear();
        assert_eq!(next(&[one(&[(2, "9")]), at_its_end]), Some(0));
        assert_eq!(next(&[]), None);
    }
}
