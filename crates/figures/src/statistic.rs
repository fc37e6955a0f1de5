//! Count, sum and extremes of a set of values: all that a minute keeps of most of them.

/// A set of values. Statistics of disjoint sets can be merged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistic {
    /// How many values.
    pub samples: u64,
    /// Their sum.
    pub sum: f64,
    /// The smallest one; infinite in an empty set.
    pub minimum: f64,
    /// The largest one; minus infinity in an empty set.
    pub maximum: f64,
}

impl Default for Statistic {
    fn default() -> Self {
        Statistic { samples: 0, sum: 0.0, minimum: f64::INFINITY, maximum: f64::NEG_INFINITY }
    }
}

impl Statistic {
    /// `count` events, each of which is one value of 1.
    pub fn of_events(count: u64) -> Self {
        match count {
            0 => Statistic::default(),
            _ => Statistic { samples: count, sum: count as f64, minimum: 1.0, maximum: 1.0 },
        }
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// The same values in another unit.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Statistic {
            samples: self.samples,
            sum: self.sum * factor,
            minimum: self.minimum * factor,
            maximum: self.maximum * factor,
        }
    }

    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.samples += 1;
        self.sum += value;
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
    }

    /// The values that were added since it was `before`. Their extremes are not known: they are within those of all.
    pub(crate) fn since(&self, before: &Statistic) -> Self {
        Statistic {
            samples: self.samples.saturating_sub(before.samples),
            sum: self.sum - before.sum,
            ..*self
        }
    }

    /// Adds the values of another set.
    pub fn merge(&mut self, other: &Statistic) {
        self.samples += other.samples;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_sets_are_one_set() {
        let (mut all, mut parts) = (Statistic::default(), [Statistic::default(); 2]);
        for (place, value) in [2.0, 0.5, 7.0].into_iter().enumerate() {
            all.add(value);
            parts[place % 2].add(value);
        }
        let [mut first, second] = parts;
        first.merge(&second);
        first.merge(&Statistic::default());
        assert_eq!(first, all);
        assert_eq!(all, Statistic { samples: 3, sum: 9.5, minimum: 0.5, maximum: 7.0 });
    }
}
