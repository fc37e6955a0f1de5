//! How values are distributed, within an eighth of each value: for percentiles.

/// Buckets per doubling of the value.
const BUCKETS_PER_DOUBLING: u32 = 1 << SUBDIVISION_BITS;
const SUBDIVISION_BITS: u32 = 3;

/// Counts of whole numbers in buckets whose width grows with the value. Holds the buckets between the smallest and
/// the largest value; histograms can be merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The bucket that `counts[0]` is of.
    first: u32,
    counts: Vec<u32>,
}

impl Histogram {
    /// Adds a value.
    pub fn add(&mut self, value: u64) {
        *self.count_mut(bucket_of(value)) += 1;
    }

    /// Adds the values of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        for (bucket, count) in (other.first..).zip(&other.counts).filter(|(_, count)| **count > 0) {
            *self.count_mut(bucket) += count;
        }
    }

    /// How many values.
    pub fn samples(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// How many values are below a bound that is the edge of a bucket, as powers of two are.
    pub fn below(&self, bound: u64) -> u64 {
        let buckets = bucket_of(bound).saturating_sub(self.first) as usize;
        self.counts.iter().take(buckets).map(|count| u64::from(*count)).sum()
    }

    /// The value below which `percent` of the values lie, as the middle of its bucket; `None` without values.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let rank = (percent / 100.0 * self.samples() as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let buckets = (self.first..).zip(&self.counts);
        let found = buckets.into_iter().find(|(_, count)| {
            seen += u64::from(**count);
            seen >= rank
        });
        found.map(|(bucket, _)| middle_of(bucket))
    }

    /// The values in order with their counts, each as the middle of its bucket.
    pub fn values(&self) -> impl Iterator<Item = (f64, u32)> {
        let buckets = (self.first..).zip(&self.counts).filter(|(_, count)| **count > 0);
        buckets.map(|(bucket, count)| (middle_of(bucket), *count))
    }

    /// The values that were added since it was `before`.
    pub(crate) fn since(&self, before: &Histogram) -> Histogram {
        let mut new = self.clone();
        for (bucket, count) in (before.first..).zip(&before.counts).filter(|(_, count)| **count > 0) {
            let known = new.count_mut(bucket);
            *known = known.saturating_sub(*count);
        }
        new
    }

    fn count_mut(&mut self, bucket: u32) -> &mut u32 {
        if self.counts.is_empty() {
            self.first = bucket;
        } else if bucket < self.first {
            let missing = (self.first - bucket) as usize;
            self.counts.splice(..0, std::iter::repeat_n(0, missing));
            self.first = bucket;
        }
        let place = (bucket - self.first) as usize;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        &mut self.counts[place]
    }
}

/// Values below `BUCKETS_PER_DOUBLING` have a bucket each; every doubling from there has as many.
fn bucket_of(value: u64) -> u32 {
    if value < u64::from(BUCKETS_PER_DOUBLING) {
        return value as u32;
    }
    let doublings = value.ilog2() - SUBDIVISION_BITS;
    let within = (value >> doublings) as u32 - BUCKETS_PER_DOUBLING;
    (doublings + 1) * BUCKETS_PER_DOUBLING + within
}

fn middle_of(bucket: u32) -> f64 {
    (lowest_of(bucket) + (lowest_of(bucket + 1) - 1)) as f64 / 2.0
}

/// The smallest value of a bucket.
fn lowest_of(bucket: u32) -> u64 {
    let (doublings, within) = (bucket / BUCKETS_PER_DOUBLING, bucket % BUCKETS_PER_DOUBLING);
    match doublings.checked_sub(1) {
        None => u64::from(within),
        Some(shift) => u64::from(BUCKETS_PER_DOUBLING + within).checked_shl(shift).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_no_gaps_and_are_narrow() {
        for value in (0..5_000).chain([1 << 20, (1 << 40) - 1, u64::MAX / 2]) {
            let bucket = bucket_of(value);
            let (low, next) = (lowest_of(bucket), lowest_of(bucket + 1));
            assert!(low <= value && value < next, "{value} in {low}..{next}");
            assert!((next - low) * 8 <= value.max(8), "{value} in {low}..{next}");
        }
        assert!(bucket_of(u64::MAX) < 500);
    }

    #[test]
    fn percentiles_of_merged_parts() {
        let mut parts = [Histogram::default(), Histogram::default()];
        for value in (1..=1_000).rev() {
            parts[value as usize % 2].add(value);
        }
        let [mut all, odd] = parts;
        all.merge(&odd);
        assert_eq!((all.samples(), Histogram::default().percentile(50.0)), (1_000, None));
        for (percent, expect) in [(0.0, 1.0), (50.0, 500.0), (99.0, 990.0), (100.0, 1_000.0)] {
            let got = all.percentile(percent).expect("there are values");
            assert!((got - expect).abs() <= expect / 8.0, "p{percent}: {got}");
        }
    }
}
