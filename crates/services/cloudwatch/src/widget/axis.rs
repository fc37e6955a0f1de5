//! Axes: where their ticks are, and how those are written.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Steps of the time axis, in seconds.
const STEPS: [u64; 20] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    4 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    56 * DAY,
    112 * DAY,
    364 * DAY,
];

/// A range of values with its ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Values {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
}

impl Values {
    /// The axis of values between two, with so many ticks or fewer; a bound that is given stays as it is.
    pub(super) fn of((low, high): (f64, f64), given: (Option<f64>, Option<f64>), ticks: i32) -> Values {
        let low = given.0.unwrap_or(low.min(0.0));
        let given_high = given.1.filter(|high| *high > low);
        let high = Some(given_high.unwrap_or(high)).filter(|high| *high > low);
        let high = high.unwrap_or(low + low.abs().max(1.0));
        let step = nice((high - low) / f64::from(ticks.max(1)));
        Values {
            low: given.0.unwrap_or_else(|| (low / step + 1e-9).floor() * step),
            high: given_high.unwrap_or_else(|| (high / step - 1e-9).ceil() * step),
            step,
        }
    }

    /// Values and how they are written.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.low / self.step - 1e-9).ceil();
        let count = ((self.high / self.step + 1e-9).floor() - first).clamp(0.0, 100.0) as u32;
        let tick = |place| (first + f64::from(place)) * self.step;
        (0..=count).map(tick).map(|value| (value, written(value, self.step))).collect()
    }

    /// How far up a value is, from 0 to 1.
    pub(super) fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// 1, 2 or 5 times a power of ten, at least.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|nice| *nice >= step * (1.0 - 1e-9)).unwrap_or(step)
}

/// A number as people read it, as finely as its neighbours are apart.
pub(super) fn written(value: f64, step: f64) -> String {
    let size = value.abs().max(step);
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];
    let (unit, name) = units.into_iter().find(|(unit, _)| size >= *unit).unwrap_or((1.0, ""));
    if size >= 1e15 || size > 0.0 && size < 1e-6 {
        return format!("{value:.1e}");
    }
    let decimals = (-(step / unit).log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
    let text = format!("{:.decimals$}", value / unit);
    if text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.')) {
        "0".to_owned()
    } else {
        text + name
    }
}

/// A number that stands alone, to four places.
pub(super) fn alone(value: f64) -> String {
    let is_small = value.fract() == 0.0 && value.abs() < 10_000.0;
    written(value, if is_small { 1.0 } else { value.abs() / 1_000.0 })
}

/// Seconds from one tick of the time axis to the next, with so many of them or fewer.
pub(super) fn time_step(seconds: u64, ticks: i32) -> u64 {
    let least = seconds.div_ceil(ticks.max(1) as u64);
    STEPS.into_iter().find(|step| *step >= least).unwrap_or(least)
}

/// Whether ticks so far apart are days.
pub(super) fn are_days(step: u64) -> bool {
    step >= DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: Values) -> Vec<String> {
        values.ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(texts(Values::of((3.0, 97.0), (None, None), 5)), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(texts(Values::of((0.1, 0.32), (None, None), 4)), ["0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(texts(Values::of((-4.0, 4.0), (None, None), 4)), ["-4", "-2", "0", "2", "4"]);
        assert_eq!(
            texts(Values::of((0.0, 2_400.0), (None, None), 5)),
            ["0", "500", "1.0k", "1.5k", "2.0k", "2.5k"]
        );
        assert_eq!(texts(Values::of((0.0, 7e6), (Some(0.0), Some(7e6)), 4)), ["0", "2M", "4M", "6M"]);
        assert_eq!(texts(Values::of((0.0, 0.0), (None, None), 2)), ["0", "0.5", "1.0"]);
    }

    #[test]
    fn numbers_alone_have_four_places() {
        let texts = [0.0, 20.0, -7.0, 1_234.0, 12_345.0, 0.5, 3.2456].map(alone);
        assert_eq!(texts, ["0", "20", "-7", "1.234k", "12.35k", "0.5000", "3.246"]);
    }

    #[test]
    fn any_numbers_have_an_axis() {
        for range in
            [(1e300, 1.5e300), (-1e-300, 1e-300), (5.0, 5.0), (-7.0, -7.0), (f64::MIN / 4.0, f64::MAX / 4.0)]
        {
            let values = Values::of(range, (None, None), 5);
            assert!(values.high > values.low && values.ticks().len() <= 101, "{range:?}: {values:?}");
        }
    }

    #[test]
    fn times_are_minutes_hours_or_days_apart() {
        assert_eq!(time_step(3 * HOUR, 7), 30 * MINUTE);
        assert_eq!(time_step(DAY, 7), 6 * HOUR);
        assert_eq!(time_step(400 * DAY, 1), 400 * DAY);
        assert!(are_days(time_step(14 * DAY, 7)) && !are_days(time_step(DAY, 3)));
    }
}
