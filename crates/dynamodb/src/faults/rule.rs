//! A rule: which requests it is about, how often it takes effect, and what it does.

use ::capacity::Reason;
use std::time::Duration;

/// No longer than clients wait.
const DELAY_MAX: Duration = Duration::from_secs(60);

/// A rule as it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// The operation; `None`: any.
    pub operation: Option<String>,
    /// The name of the table; `None`: any.
    pub table: Option<String>,
    /// The text of the partition key of one of the items; `None`: any.
    pub key: Option<String>,
    /// How many of the requests it takes effect on, 0 to 1.
    pub probability: f64,
    /// How often it takes effect at most; `None`: for ever.
    pub count: Option<u64>,
    /// What it does.
    pub effect: Effect,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Answers as if this limit were reached.
    Throttle(Reason),
    /// Answers InternalServerError.
    Error,
    /// Answers later.
    Delay(Duration),
    /// Answers as if a transaction held the item.
    Conflict,
    /// Leaves members of a batch unprocessed.
    Unprocessed,
}

impl FaultRule {
    /// A rule of names and values, such as `fault=throttle` and `table=orders`. The error names the faulty part.
    pub fn of<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> Result<FaultRule, String> {
        let (mut operation, mut table, mut key, mut probability, mut count) = (None, None, None, 1.0, None);
        let (mut fault, mut reason, mut delay) = (None, Reason::ProvisionedThroughput, None);
        for (name, value) in members {
            let number = || format!("{name} is no number: {value}");
            match name {
                "operation" => operation = Some(value.to_owned()),
                "table" => table = Some(value.to_owned()),
                "key" => key = Some(value.to_owned()),
                "probability" => probability = value.parse().map_err(|_| number())?,
                "count" => count = Some(value.parse().map_err(|_| number())?),
                "fault" => fault = Some(value),
                "reason" => reason = reason_of(value)?,
                "delay_ms" => delay = Some(Duration::from_millis(value.parse().map_err(|_| number())?)),
                _ => return Err(format!("a rule has no {name}")),
            }
        }
        if !(0.0..=1.0).contains(&probability) {
            return Err(format!("probability is 0 to 1, not {probability}"));
        }
        let effect = effect(fault, reason, delay)?;
        Ok(FaultRule { operation, table, key, probability, count, effect })
    }

    pub(super) fn is_about_operation(&self, operation: &str) -> bool {
        self.operation.as_ref().is_none_or(|wanted| wanted == operation)
    }

    /// Keys are computed only where a rule names some.
    pub(super) fn is_about(&self, table: &str, keys: impl FnOnce() -> Vec<String>) -> bool {
        self.table.as_ref().is_none_or(|wanted| wanted == table)
            && self.key.as_ref().is_none_or(|wanted| keys().contains(wanted))
    }
}

fn effect(fault: Option<&str>, reason: Reason, delay: Option<Duration>) -> Result<Effect, String> {
    match (fault, delay) {
        (Some("delay"), Some(delay)) if delay <= DELAY_MAX => Ok(Effect::Delay(delay)),
        (Some("delay"), _) => Err(format!("a delay has delay_ms, at most {}", DELAY_MAX.as_millis())),
        (_, Some(_)) => Err("only a delay has delay_ms".to_owned()),
        (Some("throttle"), _) => Ok(Effect::Throttle(reason)),
        (Some("error"), _) => Ok(Effect::Error),
        (Some("conflict"), _) => Ok(Effect::Conflict),
        (Some("unprocessed"), _) => Ok(Effect::Unprocessed),
        _ => Err("fault is throttle, error, delay, conflict or unprocessed".to_owned()),
    }
}

/// The end of a reason's name is enough.
fn reason_of(text: &str) -> Result<Reason, String> {
    let found = Reason::ALL.into_iter().find(|reason| text.ends_with(reason.name()));
    found.ok_or_else(|| format!("reason ends in {}", Reason::ALL.map(Reason::name).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<FaultRule, String> {
        FaultRule::of(query.split('&').filter_map(|pair| pair.split_once('=')))
    }

    #[test]
    fn rules_are_read() {
        let rule = of("fault=throttle&operation=GetItem&table=t&key=a&probability=0.5&count=3&reason=TableReadKeyRangeThroughputExceeded").unwrap();
        assert_eq!(rule.effect, Effect::Throttle(Reason::KeyRangeThroughput));
        assert_eq!((rule.probability, rule.count), (0.5, Some(3)));
        assert!(rule.is_about_operation("GetItem") && !rule.is_about_operation("PutItem"));
        let keys = |key: &str| vec![key.to_owned()];
        assert!(
            rule.is_about("t", || keys("a"))
                && !rule.is_about("t", || keys("b"))
                && !rule.is_about("u", || keys("a"))
        );
        assert_eq!(of("fault=delay&delay_ms=20").unwrap().effect, Effect::Delay(Duration::from_millis(20)));
    }

    #[test]
    fn rules_that_cannot_be_are_refused() {
        for query in [
            "",
            "fault=x",
            "fault=delay",
            "fault=delay&delay_ms=99999999",
            "fault=error&delay_ms=1",
            "fault=error&probability=2",
            "fault=error&probability=NaN",
            "fault=error&count=-1",
            "fault=throttle&reason=x",
            "fault=error&colour=red",
        ] {
            assert!(of(query).is_err(), "{query}");
        }
    }
}
