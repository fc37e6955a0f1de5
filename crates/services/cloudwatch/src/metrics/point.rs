//! What a series has for one stretch of time: a statistic set, and how its values are distributed where that is known.

use super::sketch::Sketch;

/// A set of values. Points of disjoint sets can be merged, in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// How many values.
    pub samples: f64,
    /// Their sum.
    pub sum: f64,
    /// The smallest one; infinite in an empty set.
    pub minimum: f64,
    /// The largest one; minus infinity in an empty set.
    pub maximum: f64,
    /// How they are distributed.
    pub distribution: Distribution,
}

/// How the values of a point are distributed.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// All are the same: smallest and largest tell all.
    Same,
    /// By counts.
    Known(Sketch),
    /// Only a statistic set was sent.
    Unknown,
}

impl Default for Point {
    fn default() -> Self {
        let (minimum, maximum) = (f64::INFINITY, f64::NEG_INFINITY);
        Point { samples: 0.0, sum: 0.0, minimum, maximum, distribution: Distribution::Same }
    }
}

impl Point {
    /// One value, so many times.
    pub fn of(value: f64, count: f64) -> Self {
        Point {
            samples: count,
            sum: value * count,
            minimum: value,
            maximum: value,
            distribution: Distribution::Same,
        }
    }

    /// A statistic set, of which the distribution is known if it leaves no choice.
    pub fn of_statistics(samples: f64, sum: f64, minimum: f64, maximum: f64) -> Self {
        let distribution = if minimum == maximum { Distribution::Same } else { Distribution::Unknown };
        Point { samples, sum, minimum, maximum, distribution }
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        self.samples == 0.0
    }

    /// Adds the values of another set.
    pub fn merge(&mut self, other: &Point) {
        if other.is_empty() {
            return;
        }
        let merged = self.merged_distribution(other);
        self.distribution = merged;
        self.samples += other.samples;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }

    /// The values in order with their counts; `None` where they are not known.
    pub fn values(&self) -> Option<Vec<(f64, f64)>> {
        match &self.distribution {
            Distribution::Same => Some(vec![(self.minimum, self.samples)]),
            Distribution::Known(sketch) => {
                let within = |value: f64| value.clamp(self.minimum, self.maximum);
                Some(sketch.values().map(|(value, count)| (within(value), count)).collect())
            }
            Distribution::Unknown => None,
        }
    }

    fn merged_distribution(&mut self, other: &Point) -> Distribution {
        if self.is_empty() {
            return other.distribution.clone();
        }
        match (std::mem::replace(&mut self.distribution, Distribution::Same), &other.distribution) {
            (Distribution::Unknown, _) | (_, Distribution::Unknown) => Distribution::Unknown,
            (Distribution::Same, Distribution::Same) if self.minimum == other.minimum => Distribution::Same,
            (mine, theirs) => {
                let mut sketch = sketch(mine, self.minimum, self.samples);
                match theirs {
                    Distribution::Known(theirs) => sketch.merge(theirs),
                    _ => sketch.add(other.minimum, other.samples),
                }
                Distribution::Known(sketch)
            }
        }
    }
}

fn sketch(distribution: Distribution, value: f64, count: f64) -> Sketch {
    match distribution {
        Distribution::Known(sketch) => sketch,
        _ => {
            let mut sketch = Sketch::default();
            sketch.add(value, count);
            sketch
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(points: &[Point]) -> Point {
        points.iter().fold(Point::default(), |mut all, point| {
            all.merge(point);
            all
        })
    }

    #[test]
    fn values_and_their_counts_are_one_set() {
        let all = merged(&[Point::of(1.0, 2.0), Point::of(10.0, 4.0), Point::default()]);
        assert_eq!((all.samples, all.sum, all.minimum, all.maximum), (6.0, 42.0, 1.0, 10.0));
        assert_eq!(all.values(), Some(vec![(1.0, 2.0), (10.0, 4.0)]));
        assert_eq!(merged(&[Point::of(3.0, 1.0), Point::of(3.0, 1.0)]).distribution, Distribution::Same);
    }

    #[test]
    fn a_statistic_set_hides_the_distribution_unless_it_leaves_no_choice() {
        let spread = Point::of_statistics(2.0, 3.0, 1.0, 2.0);
        assert_eq!(merged(&[Point::of(1.0, 1.0), spread]).values(), None);
        assert_eq!(Point::of_statistics(2.0, 4.0, 2.0, 2.0).values(), Some(vec![(2.0, 2.0)]));
    }
}
