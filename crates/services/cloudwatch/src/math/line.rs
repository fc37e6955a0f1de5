//! A series of numbers by their times.

/// Numbers at times, which rise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// What it is called where a list of lines is the result.
    pub label: String,
    /// Seconds from one point to the next.
    pub period: u64,
    /// Seconds since the Unix epoch, and numbers.
    pub points: Vec<(u64, f64)>,
}

impl Line {
    /// The same points with other numbers; those that are none are left out.
    pub(super) fn map(&self, change: impl Fn(u64, f64) -> f64) -> Line {
        let points = self.points.iter().map(|(at, value)| (*at, change(*at, *value)));
        Line { points: points.filter(|(_, value)| value.is_finite()).collect(), ..self.same() }
    }

    /// Where both have a point.
    pub(super) fn zip(&self, other: &Line, meet: impl Fn(f64, f64) -> f64) -> Line {
        let (mut others, mut points) = (other.points.iter().peekable(), Vec::new());
        for (at, left) in &self.points {
            while others.next_if(|(other, _)| other < at).is_some() {}
            if let Some((_, right)) = others.next_if(|(other, _)| other == at) {
                points.push((*at, meet(*left, *right)));
            }
        }
        points.retain(|(_, value)| value.is_finite());
        Line { points, period: self.period.max(other.period), label: self.label.clone() }
    }

    /// The number at a time.
    pub(super) fn at(&self, time: u64) -> Option<f64> {
        let place = self.points.binary_search_by_key(&time, |(at, _)| *at).ok()?;
        Some(self.points[place].1)
    }

    /// From each point and the one before.
    pub(super) fn steps(&self, step: impl Fn((u64, f64), (u64, f64)) -> f64) -> Line {
        let pairs = self.points.windows(2).map(|pair| (pair[1].0, step(pair[0], pair[1])));
        Line { points: pairs.filter(|(_, value)| value.is_finite()).collect(), ..self.same() }
    }

    /// The numbers alone.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|(_, value)| *value)
    }

    /// A line of the same name without points.
    pub(super) fn same(&self) -> Line {
        Line { label: self.label.clone(), period: self.period, points: Vec::new() }
    }
}
