//! Whether functions may be made and run: code of callers on this machine, so only where its owner says so.

use super::auth::AuthConfig;
use super::data::DataConfig;
use crate::cli::Invocation;
use crate::failure::Failure;
use lambda::access::Access;
use lambda::{Execution, ExecutionSettings};
use logs::Writer;
use serde::Deserialize;
use std::path::absolute;

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
    is_on: bool,
}

impl LambdaConfig {
    /// Functions are made by those whose signature is right, also on a server that believes others: without keys there
    /// is nobody who could.
    pub(super) fn resolve(
        told: &Invocation,
        file: &LambdaSection,
        auth: &AuthConfig,
    ) -> Result<Self, Failure> {
        let is_on = told.lambda || file.enabled;
        match is_on && !auth.has_keys() {
            true => Err(Failure::Usage(NO_KEYS.to_owned())),
            false => Ok(LambdaConfig { is_on }),
        }
    }

    /// Whether functions are made and run.
    pub(super) fn is_on(self) -> bool {
        self.is_on
    }

    /// How functions are run, where what they print goes, and how they get credentials. The data is hidden from them.
    pub(crate) fn execution(self, data: &DataConfig, output: Writer, access: Access) -> Execution {
        let hidden = match data {
            DataConfig::Memory | DataConfig::Database(_) => None,
            DataConfig::Directory { path, .. } => absolute(path).ok(),
        };
        let output = Some(output);
        let settings = ExecutionSettings { hidden, output, access, ..ExecutionSettings::default() };
        if self.is_on { Execution::On(settings) } else { Execution::Off }
    }
}

const NO_KEYS: &str = "--lambda runs code of whoever has an access key, so it needs one: set STATOR_ACCESS_KEY_ID and \
                       STATOR_SECRET_ACCESS_KEY, and give clients the same as AWS_ACCESS_KEY_ID and \
                       AWS_SECRET_ACCESS_KEY";
