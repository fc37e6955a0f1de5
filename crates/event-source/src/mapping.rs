//! A mapping as it is kept: a document of the account and region that it belongs to.

use crate::pattern::Pattern;
use crate::place::Place;
use crate::settings::Settings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A function that is called with the records of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its id.
    pub uuid: String,
    /// The account that made it.
    pub account: String,
    /// The region.
    pub region: String,
    /// The function's ARN, with a qualifier if one was given.
    pub function_arn: String,
    /// The stream's.
    pub event_source_arn: String,
    /// `TRIM_HORIZON`, `LATEST` or `AT_TIMESTAMP`.
    pub starting_position: String,
    /// With the last of them: records from this time on are its, in microseconds since the Unix epoch.
    #[serde(default)]
    pub start_micros: Option<u64>,
    /// Records behind this place are its.
    pub start: Place,
    /// The role of the function, which events of Kinesis name.
    #[serde(default)]
    pub invoke_identity_arn: String,
    /// What it says about batches and failures.
    pub settings: Settings,
    /// Patterns; a record goes to the function if one of them matches, or if there are none.
    #[serde(default)]
    pub filters: Vec<String>,
    /// The ARN that is told of records that are given up.
    #[serde(default)]
    pub on_failure: Option<String>,
    /// Whether the function is called.
    pub enabled: bool,
    /// When it was changed last, in microseconds since the Unix epoch.
    pub modified_micros: u64,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What became of the last batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastResult {
    /// `OK`, or the problem.
    pub text: String,
    /// Since when, in microseconds since the Unix epoch.
    pub since_micros: u64,
}

/// The result of a mapping that has called nothing yet.
pub const NOTHING_PROCESSED: &str = "No records processed";

impl Mapping {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let Mapping { region, account, uuid, .. } = self;
        format!("arn:aws:lambda:{region}:{account}:event-source-mapping:{uuid}")
    }

    /// The patterns, read. They were checked before they were kept.
    pub fn patterns(&self) -> Vec<Pattern> {
        self.filters.iter().filter_map(|text| Pattern::read(text).ok()).collect()
    }

    /// Whether a lane of the one can go on as a lane of the other.
    pub(crate) fn runs_as(&self, other: &Mapping) -> bool {
        let Mapping { function_arn, invoke_identity_arn, settings, filters, on_failure, enabled, .. } = self;
        *function_arn == other.function_arn
            && *invoke_identity_arn == other.invoke_identity_arn
            && *settings == other.settings
            && *filters == other.filters
            && *on_failure == other.on_failure
            && *enabled == other.enabled
    }
}
