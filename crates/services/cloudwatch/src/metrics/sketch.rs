//! How values are distributed, within half a percent of each value: what percentiles are told from.

/// Bits of a float that a bucket leaves away at first: sign, exponent and seven bits of the mantissa remain, so whole
/// numbers up to 255 have a bucket each.
const SHIFT_MIN: u8 = 45;
/// Buckets of one sketch. Beyond so many, buckets become twice as wide.
const BUCKETS_MAX: usize = 256;

/// Counts of values in buckets whose width grows with the value. Bounded; sketches can be merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Sketch {
    shift: u8,
    /// In the order of the values.
    buckets: Vec<(u32, f64)>,
}

impl Default for Sketch {
    fn default() -> Self {
        Sketch { shift: SHIFT_MIN, buckets: Vec::new() }
    }
}

impl Sketch {
    /// Adds a value, so many times.
    pub fn add(&mut self, value: f64, count: f64) {
        let bucket = bucket_of(value, self.shift);
        match self.buckets.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(place) => self.buckets[place].1 += count,
            Err(place) => self.buckets.insert(place, (bucket, count)),
        }
        self.shorten();
    }

    /// Adds the values of another sketch.
    pub fn merge(&mut self, other: &Sketch) {
        self.widen(other.shift);
        for (value, count) in other.values() {
            self.add(value, count);
        }
    }

    /// The values in order, each as its bucket knows it, with their counts.
    pub fn values(&self) -> impl Iterator<Item = (f64, f64)> {
        self.buckets.iter().map(|(bucket, count)| (value_of(*bucket, self.shift), *count))
    }

    /// Its parts, for its stored form.
    pub(super) fn parts(&self) -> (u8, &[(u32, f64)]) {
        (self.shift, &self.buckets)
    }

    /// From its stored form; `None` if that is none.
    pub(super) fn from_parts(shift: u8, buckets: Vec<(u32, f64)>) -> Option<Self> {
        let is_sound = (SHIFT_MIN..64).contains(&shift) && buckets.is_sorted_by(|a, b| a.0 < b.0);
        is_sound.then_some(Sketch { shift, buckets })
    }

    fn shorten(&mut self) {
        while self.buckets.len() > BUCKETS_MAX && self.shift < 63 {
            self.widen(self.shift + 1);
        }
    }

    fn widen(&mut self, shift: u8) {
        if shift <= self.shift {
            return;
        }
        let narrow = std::mem::replace(self, Sketch { shift, buckets: Vec::new() });
        for (value, count) in narrow.values() {
            let bucket = bucket_of(value, shift);
            match self.buckets.last_mut() {
                Some((last, sum)) if *last == bucket => *sum += count,
                _ => self.buckets.push((bucket, count)),
            }
        }
    }
}

/// The bucket of zero; negative values are below it.
const ZERO: u32 = 1 << 31;

/// The nearest bucket. Values are within 2^360, so none rounds to infinity.
fn bucket_of(value: f64, shift: u8) -> u32 {
    let magnitude = ((value.abs().to_bits() + (1 << (shift - 1))) >> shift) as u32;
    if value < 0.0 { ZERO - magnitude } else { ZERO + magnitude }
}

fn value_of(bucket: u32, shift: u8) -> f64 {
    let magnitude = f64::from_bits(u64::from(bucket.abs_diff(ZERO)) << shift);
    if bucket < ZERO { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_are_exact_and_others_near() {
        for value in (-255..=255).map(f64::from).chain([0.5, 21.5, -0.25]) {
            assert_eq!(value_of(bucket_of(value, SHIFT_MIN), SHIFT_MIN), value);
        }
        for value in [1_000.7, 1e-9, -3.3e40, 2f64.powi(360), std::f64::consts::PI] {
            let near = value_of(bucket_of(value, SHIFT_MIN), SHIFT_MIN);
            assert!((near - value).abs() <= value.abs() * 0.005, "{value}: {near}");
        }
    }

    proptest! {
        #[test]
        fn merged_parts_keep_every_count_in_bounds(values in prop::collection::vec(-1e12f64..1e12, 1..600)) {
            let (mut first, mut second) = (Sketch::default(), Sketch::default());
            for (place, value) in values.iter().enumerate() {
                if place % 3 == 0 { first.add(*value, 1.0) } else { second.add(*value, 1.0) }
            }
            first.merge(&second);
            prop_assert!(first.buckets.len() <= BUCKETS_MAX);
            prop_assert_eq!(first.values().map(|(_, count)| count).sum::<f64>(), values.len() as f64);
            prop_assert!(first.values().map(|(value, _)| value).collect::<Vec<_>>().is_sorted());
        }
    }
}
