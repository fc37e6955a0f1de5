//! How changes of tables go.

use super::duration;
use crate::cli::Invocation;
use crate::failure::Failure;
use serde::Deserialize;
use std::time::Duration;

/// `[tables]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TablesSection {
    /// As `--control-plane-delay`.
    control_plane_delay: Option<String>,
}

/// How changes of tables go in this run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TablesConfig {
    /// How long a change shows as under way.
    pub(crate) control_plane_delay: Duration,
}

/// Waiters give up long before.
const DELAY_MAX: Duration = Duration::from_secs(3_600);
/// What `-delayTransientStatuses` of DynamoDB Local means.
const LOCAL_DELAY: Duration = Duration::from_secs(2);

impl TablesConfig {
    pub(super) fn resolve(told: &Invocation, file: TablesSection) -> Result<Self, Failure> {
        let written = told.control_plane_delay.as_ref().or(file.control_plane_delay.as_ref());
        let delay = written.map(|text| delay(text)).transpose()?;
        let of_local = if told.delay_transient_statuses { LOCAL_DELAY } else { Duration::ZERO };
        Ok(TablesConfig { control_plane_delay: delay.unwrap_or(of_local) })
    }
}

fn delay(text: &str) -> Result<Duration, Failure> {
    let named = |fault: String| Failure::Usage(format!("--control-plane-delay: {fault}"));
    match duration::parse(text).map_err(named)? {
        delay if delay > DELAY_MAX => Err(named("an hour at most".to_owned())),
        delay => Ok(delay),
    }
}
