//! What only those want who test their programs: faults on demand, and a clock that can be set forward. A production
//! server has neither.

use super::file::Mode;
use crate::cli::Invocation;
use crate::failure::Failure;
use dynamodb::faults::FaultRule;
use serde_json::{Map, Value};
use std::path::Path;

/// What is there for tests in this run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TestingConfig {
    /// Whether rules may be given while the server runs.
    pub(crate) takes_faults: bool,
    /// The rules it begins with.
    pub(crate) faults: Vec<FaultRule>,
    /// Whether the clock can be set forward.
    pub(crate) adjustable_clock: bool,
}

impl TestingConfig {
    pub(super) fn resolve(told: &Invocation, mode: Mode) -> Result<Self, Failure> {
        if mode == Mode::Production {
            return match told.faults.is_some() || told.adjustable_clock {
                true => {
                    Err(Failure::Usage("--faults and --adjustable-clock are for local servers".to_owned()))
                }
                false => Ok(TestingConfig::default()),
            };
        }
        let faults = told.faults.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(TestingConfig { takes_faults: true, faults, adjustable_clock: told.adjustable_clock })
    }
}

fn read(path: &Path) -> Result<Vec<FaultRule>, Failure> {
    let fault = |why: String| Failure::Usage(format!("--faults {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let rules: Vec<Map<String, Value>> =
        serde_json::from_str(&text).map_err(|error| fault(error.to_string()))?;
    rules
        .iter()
        .enumerate()
        .map(|(at, rule)| of(rule).map_err(|why| fault(format!("rule {}: {why}", at + 1))))
        .collect()
}

/// Values may be texts or numbers.
fn of(rule: &Map<String, Value>) -> Result<FaultRule, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members: Vec<(&str, String)> =
        rule.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    FaultRule::of(members.iter().map(|(name, value)| (*name, value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("faults.json");
        let told = || Invocation { faults: Some(path.clone()), ..Invocation::default() };
        std::fs::write(&path, r#"[{"fault": "error", "count": 2}, {"fault": "delay", "delay_ms": 5}]"#)
            .unwrap();
        let config = TestingConfig::resolve(&told(), Mode::Local).unwrap();
        assert_eq!((config.faults.len(), config.faults[0].count), (2, Some(2)));
        std::fs::write(&path, r#"[{"fault": "error", "count": []}]"#).unwrap();
        let Err(Failure::Usage(why)) = TestingConfig::resolve(&told(), Mode::Local) else {
            panic!("accepted")
        };
        assert!(why.contains("rule 1: count is no number"), "{why}");
        assert!(TestingConfig::resolve(&told(), Mode::Production).is_err());
    }
}
