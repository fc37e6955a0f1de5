//! A statistic of a set of values, by the name that requests give it: `Sum`, `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:9)`.

use crate::metrics::Point;

/// What is computed of a set of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// How many values.
    SampleCount,
    /// Their mean.
    Average,
    /// Their sum.
    Sum,
    /// The smallest one.
    Minimum,
    /// The largest one.
    Maximum,
    /// The smallest value that so many of a hundred do not exceed.
    Percentile(f64),
    /// Something of the values within bounds.
    Within(Of, Bounds),
}

/// What is computed of the values within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Their mean.
    Mean,
    /// How many.
    Count,
    /// Their sum.
    Sum,
    /// The mean of all values, those outside taken for the nearest bound.
    WinsorizedMean,
    /// How many of a hundred values they are.
    Rank,
}

/// From where to where: the lower one is excluded, the upper one included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Shares of a hundred of all values.
    Percent(f64, f64),
    /// Values.
    Values(f64, f64),
}

impl Statistic {
    /// The statistic that `Statistics` names so.
    pub fn simple(name: &str) -> Option<Self> {
        match name {
            "SampleCount" => Some(Statistic::SampleCount),
            "Average" => Some(Statistic::Average),
            "Sum" => Some(Statistic::Sum),
            "Minimum" => Some(Statistic::Minimum),
            "Maximum" => Some(Statistic::Maximum),
            _ => None,
        }
    }

    /// The statistic that `ExtendedStatistics` names so.
    pub fn extended(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if name == "iqm" {
            return Some(Statistic::Within(Of::Mean, Bounds::Percent(25.0, 75.0)));
        }
        if let Some(percent) = name.strip_prefix('p').and_then(percent) {
            return Some(Statistic::Percentile(percent));
        }
        let (kind, rest) = name.split_at_checked(2)?;
        let of = match kind {
            "tm" => Of::Mean,
            "tc" => Of::Count,
            "ts" => Of::Sum,
            "wm" => Of::WinsorizedMean,
            "pr" => Of::Rank,
            _ => return None,
        };
        let bounds = match rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(bounds) => parse_bounds(bounds)?,
            None if of != Of::Rank => Bounds::Percent(0.0, percent(rest)?),
            None => return None,
        };
        let is_of_values = matches!(bounds, Bounds::Values(..));
        (of != Of::Rank || is_of_values).then_some(Statistic::Within(of, bounds))
    }

    /// The statistic of any name.
    pub fn named(name: &str) -> Option<Self> {
        Statistic::simple(name).or_else(|| Statistic::extended(name))
    }

    /// Its value; `None` where the distribution must be known and is not, or nothing is within the bounds.
    pub fn of(self, point: &Point) -> Option<f64> {
        match self {
            Statistic::SampleCount => Some(point.samples),
            Statistic::Sum => Some(point.sum),
            Statistic::Average => Some(point.sum / point.samples),
            Statistic::Minimum => Some(point.minimum),
            Statistic::Maximum => Some(point.maximum),
            Statistic::Percentile(percent) => percentile(&point.values()?, percent),
            Statistic::Within(of, bounds) => within(&point.values()?, of, bounds),
        }
    }
}

/// A share of a hundred, with two decimals at most.
fn percent(text: &str) -> Option<f64> {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let is_plain = text.starts_with(|first: char| first.is_ascii_digit());
    let percent = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.filter(|_| decimals <= 2 && is_plain)
}

fn parse_bounds(text: &str) -> Option<Bounds> {
    let (low, high) = text.split_once(':')?;
    if low.is_empty() && high.is_empty() {
        return None;
    }
    if low.ends_with('%') || high.ends_with('%') {
        let share = |text: &str, absent| match text {
            "" => Some(absent),
            text => percent(text.strip_suffix('%')?),
        };
        let (low, high) = (share(low, 0.0)?, share(high, 100.0)?);
        return (low < high).then_some(Bounds::Percent(low, high));
    }
    let value = |text: &str, absent| match text {
        "" => Some(absent),
        text => text.parse().ok().filter(|value: &f64| value.is_finite()),
    };
    let (low, high) = (value(low, f64::NEG_INFINITY)?, value(high, f64::INFINITY)?);
    (low < high).then_some(Bounds::Values(low, high))
}

fn samples(values: &[(f64, f64)]) -> f64 {
    values.iter().map(|(_, count)| count).sum()
}

fn percentile(values: &[(f64, f64)], percent: f64) -> Option<f64> {
    // A rank that is whole but for rounding is that rank.
    let rank = percent / 100.0 * samples(values) - 1e-9;
    let mut seen = 0.0;
    let found = values.iter().find(|(_, count)| {
        seen += count;
        seen >= rank
    });
    found.or(values.last()).map(|(value, _)| *value)
}

fn within(values: &[(f64, f64)], of: Of, bounds: Bounds) -> Option<f64> {
    let inside = inside(values, bounds);
    let (count, sum) =
        inside.iter().fold((0.0, 0.0), |(n, sum), (value, count)| (n + count, sum + value * count));
    match of {
        Of::Count => Some(count),
        Of::Sum => Some(sum),
        Of::Mean => (count > 0.0).then(|| sum / count),
        Of::Rank => Some(count / samples(values) * 100.0),
        Of::WinsorizedMean => winsorized(values, bounds),
    }
}

fn inside(values: &[(f64, f64)], bounds: Bounds) -> Vec<(f64, f64)> {
    match bounds {
        Bounds::Values(low, high) => {
            values.iter().copied().filter(|(value, _)| *value > low && *value <= high).collect()
        }
        Bounds::Percent(low, high) => {
            let all = samples(values);
            let (low, high) = (low / 100.0 * all, high / 100.0 * all);
            let mut before = 0.0;
            let part = |(value, count): &(f64, f64)| {
                let (from, to) = (before, before + count);
                before = to;
                let share = f64::min(to, high) - f64::max(from, low);
                (share > 0.0).then_some((*value, share))
            };
            values.iter().filter_map(part).collect()
        }
    }
}

fn winsorized(values: &[(f64, f64)], bounds: Bounds) -> Option<f64> {
    let (low, high) = match bounds {
        Bounds::Values(low, high) => (low, high),
        Bounds::Percent(low, high) => (percentile(values, low)?, percentile(values, high)?),
    };
    let sum: f64 = values.iter().map(|(value, count)| value.clamp(low, high) * count).sum();
    Some(sum / samples(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(values: &[f64]) -> Point {
        values.iter().fold(Point::default(), |mut all, value| {
            all.merge(&Point::of(*value, 1.0));
            all
        })
    }

    #[test]
    fn names_are_read_or_refused() {
        for name in ["p0", "p99.99", "p100", "tm90", "TM(10%:90%)", "tc(:5)", "WM(5%:)", "IQM", "PR(10:20)"] {
            assert!(Statistic::extended(name).is_some(), "{name}");
        }
        for name in [
            "90",
            "p",
            "p101",
            "p-1",
            "p1.234",
            "pNaN",
            "tm",
            "tm(:)",
            "TM(90%:10%)",
            "pr90",
            "PR(1%:2%)",
            "Sum",
            "é",
            "pé",
        ] {
            assert_eq!(Statistic::extended(name), None, "{name}");
        }
    }

    #[test]
    fn values_within_bounds() {
        let ten = point(&(1..=10).map(f64::from).collect::<Vec<_>>());
        for (name, expect) in [
            ("p50", 5.0),
            ("p0", 1.0),
            ("p100", 10.0),
            ("tm90", 5.0),
            ("tc90", 9.0),
            ("ts(10%:90%)", 44.0),
            ("TM(2:5)", 4.0),
            ("PR(:3)", 30.0),
            ("IQM", 5.5),
            ("WM(:90%)", 5.4),
        ] {
            let got = Statistic::named(name).and_then(|statistic| statistic.of(&ten));
            assert!(got.is_some_and(|got| (got - expect).abs() < 1e-9), "{name}: {got:?}");
        }
        assert_eq!(Statistic::Percentile(50.0).of(&Point::of_statistics(2.0, 3.0, 1.0, 2.0)), None);
    }

    proptest! {
        #[test]
        fn percentiles_are_near_those_of_the_sorted_values(
            values in prop::collection::vec(-1e6f64..1e6, 1..200),
            percent in 0u32..=100,
        ) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = (f64::from(percent) / 100.0 * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
            let expect = sorted[rank - 1];
            let got = Statistic::Percentile(f64::from(percent)).of(&point(&values)).unwrap();
            prop_assert!((got - expect).abs() <= expect.abs() * 0.01, "{} for {}", got, expect);
        }

        #[test]
        fn simple_statistics_are_those_of_the_values(values in prop::collection::vec(-1000i32..1000, 1..50)) {
            let floats: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
            let all = point(&floats);
            let sum: f64 = floats.iter().sum();
            prop_assert_eq!(Statistic::Sum.of(&all), Some(sum));
            prop_assert_eq!(Statistic::Average.of(&all), Some(sum / floats.len() as f64));
            prop_assert_eq!(Statistic::SampleCount.of(&all), Some(floats.len() as f64));
            prop_assert_eq!(Statistic::Minimum.of(&all), floats.iter().copied().reduce(f64::min));
            prop_assert_eq!(Statistic::Maximum.of(&all), floats.iter().copied().reduce(f64::max));
        }
    }
}
