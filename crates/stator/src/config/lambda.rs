//! Whether functions may be made and run: code of callers on this machine, so only where its owner says so.

use super::auth::AuthConfig;
use crate::cli::Invocation;
use crate::failure::Failure;
use lambda::Execution;
use serde::Deserialize;

/// `[lambda]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LambdaSection {
    /// As `--lambda`.
    enabled: bool,
}

/// Whether this run has functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LambdaConfig {
    pub(crate) execution: Execution,
}

impl LambdaConfig {
    /// Whether functions are made and run.
    pub(super) fn is_on(self) -> bool {
        self.execution == Execution::On
    }

    /// Functions are made by those whose signature is right, also on a server that believes others: without keys there
    /// is nobody who could.
    pub(super) fn resolve(
        told: &Invocation,
        file: &LambdaSection,
        auth: &AuthConfig,
    ) -> Result<Self, Failure> {
        if !told.lambda && !file.enabled {
            return Ok(LambdaConfig { execution: Execution::Off });
        }
        if !auth.has_keys() {
            return Err(Failure::Usage(NO_KEYS.to_owned()));
        }
        Ok(LambdaConfig { execution: Execution::On })
    }
}

const NO_KEYS: &str = "--lambda runs code of whoever has an access key, so it needs one: set STATOR_ACCESS_KEY_ID and \
                       STATOR_SECRET_ACCESS_KEY, and give clients the same as AWS_ACCESS_KEY_ID and \
                       AWS_SECRET_ACCESS_KEY";
