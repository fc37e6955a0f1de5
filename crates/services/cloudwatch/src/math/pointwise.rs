//! Functions that make a line of a line, point by point.

use super::Line;
use stdx::calendar;

const SECONDS_PER_DAY: u64 = 86_400;

/// What is made of each point, perhaps with the one before.
pub(super) fn function(name: &str) -> Option<fn(&Line) -> Line> {
    Some(match name {
        "ABS" => |line| line.map(|_, value| value.abs()),
        "CEIL" => |line| line.map(|_, value| value.ceil()),
        "FLOOR" => |line| line.map(|_, value| value.floor()),
        "LOG" => |line| line.map(|_, value| value.ln()),
        "LOG10" => |line| line.map(|_, value| value.log10()),
        "DIFF" => |line| line.steps(|before, now| now.1 - before.1),
        "DIFF_TIME" => |line| line.steps(|before, now| (now.0 - before.0) as f64),
        "RATE" => |line| line.steps(|before, now| (now.1 - before.1) / (now.0 - before.0) as f64),
        "RUNNING_SUM" => running_sum,
        "EPOCH" => |line| line.map(|at, _| at as f64),
        "MINUTE" => |line| line.map(|at, _| (at / 60 % 60) as f64),
        "HOUR" => |line| line.map(|at, _| (at / 3_600 % 24) as f64),
        "DAY" => |line| line.map(|at, _| ((at / SECONDS_PER_DAY + 3) % 7 + 1) as f64), // 1970 began with a Thursday
        "DATE" => |line| line.map(|at, _| date(at).2),
        "MONTH" => |line| line.map(|at, _| date(at).1),
        "YEAR" => |line| line.map(|at, _| date(at).0),
        _ => return None,
    })
}

fn running_sum(line: &Line) -> Line {
    let mut sum = 0.0;
    let points = line.points.iter().map(|(at, value)| {
        sum += value;
        (*at, sum)
    });
    Line { points: points.collect(), ..line.same() }
}

fn date(at: u64) -> (f64, f64, f64) {
    let (year, month, day) = calendar::date_of((at / SECONDS_PER_DAY) as i64);
    (year as f64, month as f64, day as f64)
}

/// What stands where a line has no point.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filling {
    Number(f64),
    Line(Line),
    Repeat,
    Linear,
}

/// The line with a point for every period of a stretch of time, as far as the filling has one.
pub(super) fn fill(line: &Line, filling: &Filling, start: u64, end: u64) -> Line {
    let period = line.period.max(1);
    let (mut filled, mut known) = (line.same(), line.points.iter().copied().peekable());
    let mut last: Option<(u64, f64)> = None;
    let mut at = start;
    while at < end {
        if let Some(point) = known.next_if(|(known, _)| *known < at + period) {
            filled.points.push(point);
            last = Some(point);
        } else {
            let value = match filling {
                Filling::Number(number) => Some(*number),
                Filling::Line(other) => other.at(at),
                Filling::Repeat => last.map(|(_, value)| value),
                Filling::Linear => {
                    last.zip(known.peek().copied()).map(|(before, next)| between(before, next, at))
                }
            };
            filled.points.extend(value.map(|value| (at, value)));
        }
        at += period;
    }
    filled
}

fn between(before: (u64, f64), next: (u64, f64), at: u64) -> f64 {
    let share = (at - before.0) as f64 / (next.0 - before.0) as f64;
    before.1 + (next.1 - before.1) * share
}
