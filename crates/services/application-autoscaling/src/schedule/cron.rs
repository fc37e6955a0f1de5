//! `minute hour day-of-month month day-of-week year`: lists, ranges, steps, names, `?`, and for days `L` and `#`. One
//! of the two days is `?`.

use jiff::Zoned;
use jiff::civil::Date;

/// How many days ahead a time is looked for: past the next 29th of February, whatever its weekday.
const DAYS_MAX: usize = 366 * 12;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Cron {
    minutes: Vec<i16>,
    hours: Vec<i16>,
    days: Days,
    months: Vec<i16>,
    years: Vec<i16>,
}

/// Which days of a month.
#[derive(Debug, Clone, PartialEq)]
enum Days {
    OfMonth(Vec<i16>),
    LastOfMonth,
    /// 1 is Sunday.
    OfWeek(Vec<i16>),
    /// The last such weekday of the month.
    LastOfWeek(i16),
    /// The weekday, and the how-manieth of the month.
    Nth(i16, i16),
}

impl Cron {
    /// Reads a pattern; `None` if the text is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, day, months, weekday, years] = fields[..] else { return None };
        let days = match (day, weekday) {
            ("L", "?") => Days::LastOfMonth,
            (day, "?") if day != "?" => Days::OfMonth(numbers(day, 1, 31, &[])?),
            ("?", weekday) if weekday != "?" => days_of_week(weekday)?,
            _ => return None,
        };
        Some(Cron {
            minutes: numbers(minutes, 0, 59, &[])?,
            hours: numbers(hours, 0, 23, &[])?,
            days,
            months: numbers(months, 1, 12, &MONTHS)?,
            years: numbers(years, 1970, 2199, &[])?,
        })
    }

    /// The first time behind one. A time that the zone leaves out is when its gap is over.
    pub(super) fn next(&self, after: &Zoned) -> Option<Zoned> {
        let mut date = after.date();
        for _ in 0..DAYS_MAX {
            if self.has(date) {
                for (hour, minute) in
                    self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (hour, minute)))
                {
                    let at = date.at(i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?, 0, 0);
                    let at = at.to_zoned(after.time_zone().clone()).ok()?;
                    if at > *after {
                        return Some(at);
                    }
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn has(&self, date: Date) -> bool {
        let (day, last) = (i16::from(date.day()), i16::from(date.days_in_month()));
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        let is_day = match &self.days {
            Days::OfMonth(days) => days.contains(&day),
            Days::LastOfMonth => day == last,
            Days::OfWeek(days) => days.contains(&weekday),
            Days::LastOfWeek(wanted) => weekday == *wanted && day + 7 > last,
            Days::Nth(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
        };
        is_day && self.months.contains(&i16::from(date.month())) && self.years.contains(&date.year())
    }
}

fn days_of_week(text: &str) -> Option<Days> {
    if let Some((weekday, nth)) = text.split_once('#') {
        let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
        return Some(Days::Nth(number(weekday, 1, 7, &WEEKDAYS)?, nth));
    }
    match text.strip_suffix('L') {
        Some("") => Some(Days::OfWeek(vec![7])),
        Some(weekday) => Some(Days::LastOfWeek(number(weekday, 1, 7, &WEEKDAYS)?)),
        None => Some(Days::OfWeek(numbers(text, 1, 7, &WEEKDAYS)?)),
    }
}

/// Every number that a field names, in order.
fn numbers(text: &str, first: i16, last: i16, names: &[&str]) -> Option<Vec<i16>> {
    let mut all = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step: &usize| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (first, last),
            Some((from, to)) => (number(from, first, last, names)?, number(to, first, last, names)?),
            None => {
                let from = number(range, first, last, names)?;
                (from, if part.contains('/') { last } else { from })
            }
        };
        if from > to {
            return None;
        }
        all.extend((from..=to).step_by(step));
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}

fn number(text: &str, first: i16, last: i16, names: &[&str]) -> Option<i16> {
    let named =
        names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|place| place as i16 + first);
    named.or_else(|| text.parse().ok()).filter(|number| (first..=last).contains(number))
}
