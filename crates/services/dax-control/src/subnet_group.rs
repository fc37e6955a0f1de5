//! Subnet groups: names of subnets, which nothing here is in.

use crate::errors;
use crate::service::SERVICE;
use model::ApiError;
use model::dax as api;
use serde::{Deserialize, Serialize};
use store::records::RecordKey;

pub(crate) const KIND: &str = "subnet-group";
/// The group that is always there.
pub(crate) const DEFAULT: &str = "default";
/// Groups of an account and region.
pub(crate) const GROUPS_MAX: usize = 50;
const SUBNETS_MAX: usize = 20;
const ZONES: [&str; 3] = ["a", "b", "c"];
const VPC: &str = "vpc-00000000000000000";

/// A group as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetGroup {
    /// Its name.
    pub name: String,
    /// What its owner says of it.
    #[serde(default)]
    pub description: Option<String>,
    /// Ids of subnets.
    pub subnets: Vec<String>,
}

/// The document of a name.
pub(crate) fn key(account: &str, region: &str, name: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, account, region, name)
}

/// Refuses a group that is not there, in a change that looks for its document.
pub(crate) fn check(name: &str, has_document: bool) -> Result<(), ApiError> {
    let is_there = has_document || name == DEFAULT;
    if is_there { Ok(()) } else { Err(errors::no_subnet_group(name)) }
}

/// Refuses what are no subnets.
pub(crate) fn check_subnets(ids: &[String]) -> Result<(), ApiError> {
    if ids.is_empty() {
        return Err(errors::invalid_value("SubnetIds must have at least one subnet."));
    }
    if ids.len() > SUBNETS_MAX {
        return Err(errors::too_many_subnets(SUBNETS_MAX));
    }
    let is_id = |id: &&String| id.strip_prefix("subnet-").is_some_and(|rest| !rest.is_empty());
    ids.iter().find(|id| !is_id(id)).map_or(Ok(()), |id| Err(errors::invalid_subnet(id)))
}

impl SubnetGroup {
    /// The one that is always there.
    pub(crate) fn default_group() -> Self {
        SubnetGroup {
            name: DEFAULT.to_owned(),
            description: Some("Default CacheSubnetGroup".to_owned()),
            subnets: Vec::new(),
        }
    }

    /// As it is described.
    pub(crate) fn shown(&self, region: &str) -> api::SubnetGroup {
        let networks = || Some(vec!["ipv4".to_owned()]);
        let subnet = |(at, id): (usize, &String)| api::Subnet {
            subnet_identifier: Some(id.clone()),
            subnet_availability_zone: Some(format!("{region}{}", ZONES[at % ZONES.len()])),
            supported_network_types: networks(),
        };
        api::SubnetGroup {
            subnet_group_name: Some(self.name.clone()),
            description: self.description.clone(),
            vpc_id: Some(VPC.to_owned()),
            subnets: Some(self.subnets.iter().enumerate().map(subnet).collect()),
            supported_network_types: networks(),
        }
    }
}
