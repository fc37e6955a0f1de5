//! What was done to clusters and groups, for fourteen days.

use crate::service::{SERVICE, seconds};
use model::dax as api;
use serde::{Deserialize, Serialize};
use store::records::RecordKey;

pub(crate) const KIND: &str = "event";
/// How long an event is told.
pub(crate) const KEPT_MICROS: u64 = 14 * 24 * 3_600_000_000;
/// Events that are kept of an account and region.
pub(crate) const EVENTS_MAX: usize = 1_000;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The cluster or the group.
    pub source: String,
    /// Which of them it is.
    pub of: Of,
    /// What was done.
    pub message: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Of {
    /// A cluster.
    Cluster,
    /// A parameter group.
    ParameterGroup,
    /// A subnet group.
    SubnetGroup,
}

impl Of {
    /// The API's word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Of::Cluster => "CLUSTER",
            Of::ParameterGroup => "PARAMETER_GROUP",
            Of::SubnetGroup => "SUBNET_GROUP",
        }
    }
}

impl Event {
    /// The document: in the order of time. What is done at the same time differs in what is told of it.
    pub(crate) fn key(&self, account: &str, region: &str) -> RecordKey {
        let id = format!("{:020}|{}|{}|{}", self.at_micros, self.of.name(), self.source, self.message);
        RecordKey::new(SERVICE, KIND, account, region, &id)
    }

    /// As it is told.
    pub(crate) fn shown(&self) -> api::Event {
        api::Event {
            source_name: Some(self.source.clone()),
            source_type: Some(self.of.name().to_owned()),
            message: Some(self.message.clone()),
            date: seconds(self.at_micros),
        }
    }
}
