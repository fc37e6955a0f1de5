//! Which keys of tables and indexes are accessed and throttled most, by the minute, for tables that ask for it.
//!
//! A thread counts in a part of its own, whose lock nobody contends for; whoever writes the counts away takes all parts
//! and merges them. What one ranking of a minute takes is bounded ([`KeySketch`]), and so is the number of rankings.

mod sketch;

pub use sketch::{COUNTERS, Counter, KeySketch};

use crate::shard::Shards;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Parts; threads are assigned to them in turn.
const PARTS: usize = 8;
/// Rankings of a part; beyond them the oldest minutes are forgotten.
const RANKINGS_MAX: usize = 1_024;
/// Characters of a key that are kept; what is counted is the whole key.
pub const KEY_CHARS_MAX: usize = 512;

/// The rankings that nobody has taken yet.
#[derive(Debug, Default)]
pub struct HotKeys([Part; PARTS]);

/// On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Part(Mutex<Rankings>);

/// What was counted, by what it is about.
pub type Rankings = BTreeMap<RankingId, KeySketch>;

/// What a ranking is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankingId {
    /// The minute since the Unix epoch; first, so that the oldest come first.
    pub minute: u64,
    /// The number of the table.
    pub table: u32,
    /// The number of the index; 0 is the table.
    pub index: u16,
    /// Which keys, and what of them.
    pub ranking: Ranking,
}

/// Which keys, and what of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ranking {
    /// Units of partition keys.
    AccessedPartitions,
    /// Units of items.
    AccessedItems,
    /// Throttled requests of partition keys.
    ThrottledPartitions,
    /// Throttled requests of items.
    ThrottledItems,
}

/// A key that something is counted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedKey {
    /// A hash of the partition key that is the same on all servers.
    pub partition_hash: u64,
    /// The partition key, for people.
    pub partition: String,
    /// The sort key, where it is known: its bytes and its text.
    pub sort: Option<(Vec<u8>, String)>,
}

/// A ranking that a table asks for, by the name that CloudWatch has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The account.
    pub account: Arc<str>,
    /// The region.
    pub region: Arc<str>,
    /// The number of the table.
    pub table: u32,
    /// The number of the index; 0 is the table.
    pub index: u16,
    /// What is ranked.
    pub ranking: Ranking,
}

impl Ranking {
    /// All of them.
    pub const ALL: [Ranking; 4] = [
        Ranking::AccessedPartitions,
        Ranking::AccessedItems,
        Ranking::ThrottledPartitions,
        Ranking::ThrottledItems,
    ];

    /// What CloudWatch's rules call it.
    pub fn code(self) -> &'static str {
        match self {
            Ranking::AccessedPartitions => "PKC",
            Ranking::AccessedItems => "SKC",
            Ranking::ThrottledPartitions => "PKT",
            Ranking::ThrottledItems => "SKT",
        }
    }

    /// Whether it ranks by units, not by throttled requests.
    pub fn is_of_access(self) -> bool {
        matches!(self, Ranking::AccessedPartitions | Ranking::AccessedItems)
    }

    /// Whether it ranks items, not partition keys.
    pub fn is_of_items(self) -> bool {
        matches!(self, Ranking::AccessedItems | Ranking::ThrottledItems)
    }
}

impl HotKeys {
    /// A request consumed units of an index (0: the table) with a key.
    pub fn accessed(&self, minute: u64, (table, index): (u32, u16), key: &RankedKey, units: f64) {
        let rankings = [Ranking::AccessedPartitions, Ranking::AccessedItems];
        self.count(minute, (table, index), rankings, key, units);
    }

    /// A request with a key was throttled, or would have been.
    pub fn throttled(&self, minute: u64, (table, index): (u32, u16), key: &RankedKey) {
        let rankings = [Ranking::ThrottledPartitions, Ranking::ThrottledItems];
        self.count(minute, (table, index), rankings, key, 1.0);
    }

    fn count(
        &self,
        minute: u64,
        (table, index): (u32, u16),
        [of_partitions, of_items]: [Ranking; 2],
        key: &RankedKey,
        weight: f64,
    ) {
        let mut part = self.0[Shards::mine() % PARTS].0.lock();
        let mut add = |ranking, hash, names: &dyn Fn() -> Vec<String>| {
            part.entry(RankingId { minute, table, index, ranking }).or_default().add(hash, weight, names);
        };
        add(of_partitions, key.partition_hash, &|| vec![shortened(&key.partition)]);
        if let Some((bytes, text)) = &key.sort {
            let names = || vec![shortened(&key.partition), shortened(text)];
            add(of_items, hash_of(key.partition_hash, bytes), &names);
        }
        bound(&mut part);
    }

    /// Takes all rankings, those of the open minute too.
    pub fn take(&self) -> Rankings {
        let mut taken = Rankings::new();
        for part in &self.0 {
            for (id, sketch) in std::mem::take(&mut *part.0.lock()) {
                taken.entry(id).or_default().merge(&sketch);
            }
        }
        taken
    }

    /// Gives back what could not be written away.
    pub fn put_back(&self, rankings: Rankings) {
        let mut part = self.0[0].0.lock();
        for (id, sketch) in rankings {
            part.entry(id).or_default().merge(&sketch);
        }
        bound(&mut part);
    }
}

fn bound(rankings: &mut Rankings) {
    while rankings.len() > RANKINGS_MAX {
        rankings.pop_first();
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(KEY_CHARS_MAX).collect()
}

/// FNV-1a, begun with the hash of the partition: the same on all servers.
fn hash_of(partition_hash: u64, sort: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    sort.iter().fold(partition_hash ^ 0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(partition: &str, sort: Option<&str>) -> RankedKey {
        RankedKey {
            partition_hash: hash_of(0, partition.as_bytes()),
            partition: partition.to_owned(),
            sort: sort.map(|sort| (sort.as_bytes().to_vec(), sort.to_owned())),
        }
    }

    #[test]
    fn partitions_and_items_are_ranked_apart() {
        let keys = HotKeys::default();
        keys.accessed(7, (1, 0), &key("a", Some("x")), 2.0);
        keys.accessed(7, (1, 0), &key("a", Some("y")), 3.0);
        keys.accessed(7, (1, 0), &key("b", None), 4.0);
        keys.throttled(8, (1, 0), &key("a", Some("x")));
        let taken = keys.take();
        let ranked = |minute, ranking| {
            let sketch = &taken[&RankingId { minute, table: 1, index: 0, ranking }];
            let top = sketch.top().into_iter();
            top.map(|counter| (counter.key.join("/"), counter.count)).collect::<Vec<_>>()
        };
        let expect = |ranked: Vec<(String, f64)>, expect: &[(&str, f64)]| {
            assert_eq!(
                ranked,
                expect.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect::<Vec<_>>()
            );
        };
        expect(ranked(7, Ranking::AccessedPartitions), &[("a", 5.0), ("b", 4.0)]);
        expect(ranked(7, Ranking::AccessedItems), &[("a/y", 3.0), ("a/x", 2.0)]);
        expect(ranked(8, Ranking::ThrottledItems), &[("a/x", 1.0)]);
        assert!(keys.take().is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let keys = HotKeys::default();
        let long = "ü".repeat(10_000);
        for minute in 0..2_000 {
            keys.accessed(minute, (1, 0), &key(&long, None), 1.0);
        }
        let taken = keys.take();
        assert_eq!((taken.len(), taken.keys().next().map(|id| id.minute)), (RANKINGS_MAX, Some(976)));
        keys.put_back(taken);
        let taken = keys.take();
        let (_, sketch) = taken.first_key_value().expect("it was given back");
        assert_eq!(sketch.top()[0].key[0].chars().count(), KEY_CHARS_MAX);
    }
}
