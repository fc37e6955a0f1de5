//! The heaviest keys of a stream in fixed memory: at most [`COUNTERS`] counters, by the algorithm of Misra and Gries
//! with weights.
//!
//! A key without a counter gets one. When there are too many, the middle count is taken from all of them, and those
//! that have nothing left go. What was taken is the sketch's *slack*. A key's weight is never less than its count, and
//! never more than its count with the slack. Each time at least half of the counters lose as much as the slack grows,
//! so the slack is at most 2/[`COUNTERS`] of the weight of all keys, also of sketches that are merged: every key that
//! weighs more has a counter.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Keys of a sketch at most.
pub const COUNTERS: usize = 256;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeySketch {
    /// By the hash of the key.
    counters: BTreeMap<u64, Counter>,
    slack: f64,
    total: f64,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    /// The key's parts.
    pub key: Vec<String>,
    /// Its weight at least.
    pub count: f64,
}

impl KeySketch {
    /// Adds weight to the key of a hash; what the key is called is asked for when it gets a counter.
    pub fn add(&mut self, hash: u64, weight: f64, key: impl FnOnce() -> Vec<String>) {
        if !(weight.is_finite() && weight > 0.0) {
            return;
        }
        self.total += weight;
        self.counters.entry(hash).or_insert_with(|| Counter { key: key(), count: 0.0 }).count += weight;
        self.shrink();
    }

    /// Adds what another sketch has counted.
    pub fn merge(&mut self, other: &KeySketch) {
        self.total += other.total;
        self.slack += other.slack;
        for (hash, counter) in &other.counters {
            let new = || Counter { key: counter.key.clone(), count: 0.0 };
            self.counters.entry(*hash).or_insert_with(new).count += counter.count;
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.counters.len() > COUNTERS {
            let mut counts: Vec<f64> = self.counters.values().map(|counter| counter.count).collect();
            let middle = counts.len() / 2;
            let taken = *counts.select_nth_unstable_by(middle, f64::total_cmp).1;
            self.slack += taken;
            self.counters.retain(|_, counter| {
                counter.count -= taken;
                counter.count > 0.0
            });
        }
    }

    /// The keys, heaviest first.
    pub fn top(&self) -> Vec<&Counter> {
        let mut counters: Vec<_> = self.counters.values().collect();
        counters
            .sort_by(|one, other| other.count.total_cmp(&one.count).then_with(|| one.key.cmp(&other.key)));
        counters
    }

    /// How much more than its count a key may weigh.
    pub fn slack(&self) -> f64 {
        self.slack
    }

    /// The weight of all keys.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// How many keys there were: exact up to [`COUNTERS`], then at least so many.
    pub fn keys(&self) -> usize {
        self.counters.len()
    }

    /// The counter of the key of a hash, for sketches that are looked at beside each other.
    pub fn counter(&self, hash: u64) -> Option<&Counter> {
        self.counters.get(&hash)
    }

    /// The hashes of all keys with their counters.
    pub fn counters(&self) -> impl Iterator<Item = (u64, &Counter)> {
        self.counters.iter().map(|(hash, counter)| (*hash, counter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn add(sketch: &mut KeySketch, key: u64, weight: f64) {
        sketch.add(key, weight, || vec![key.to_string()]);
    }

    /// The bound of the module's header, for all keys there ever were.
    fn check(sketch: &KeySketch, exact: &BTreeMap<u64, f64>) {
        let (total, tiny) = (exact.values().sum::<f64>(), 1e-6);
        assert!(sketch.counters.len() <= COUNTERS);
        assert!((sketch.total() - total).abs() <= tiny * total.max(1.0));
        assert!(sketch.slack() <= 2.0 * total / COUNTERS as f64 + tiny, "{} of {total}", sketch.slack());
        for (key, weight) in exact {
            let count = sketch.counter(*key).map_or(0.0, |counter| counter.count);
            assert!(
                count <= weight + tiny && *weight <= count + sketch.slack() + tiny,
                "{key}: {count} {weight}"
            );
        }
    }

    #[test]
    fn few_keys_are_counted_exactly() {
        let mut sketch = KeySketch::default();
        for key in 0..COUNTERS as u64 {
            add(&mut sketch, key, key as f64 + 0.5);
        }
        assert_eq!((sketch.slack(), sketch.keys()), (0.0, COUNTERS));
        assert_eq!(sketch.top()[0], &Counter { key: vec!["255".to_owned()], count: 255.5 });
    }

    #[test]
    fn weights_that_are_none_count_nothing() {
        let mut sketch = KeySketch::default();
        [0.0, -1.0, f64::NAN, f64::INFINITY].into_iter().for_each(|weight| add(&mut sketch, 1, weight));
        assert_eq!(sketch, KeySketch::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn counts_are_within_the_slack(
            rounds in proptest::collection::vec(
                proptest::collection::vec((0_u32..24, 0_u64..4_000, 1_u32..400), 0..1_500), 1..6),
        ) {
            let (mut merged, mut exact) = (KeySketch::default(), BTreeMap::<u64, f64>::new());
            for round in rounds {
                let mut sketch = KeySketch::default();
                for (skew, key, weight) in round {
                    let (key, weight) = (key >> skew, f64::from(weight) / 2.0);
                    add(&mut sketch, key, weight);
                    *exact.entry(key).or_default() += weight;
                }
                merged.merge(&sketch);
            }
            check(&merged, &exact);
        }
    }
}
