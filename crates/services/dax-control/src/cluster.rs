//! A cluster: a name for the server's listener, with what an application or a tool asks of one.

use crate::errors;
use crate::service::{DaxControl, Reached, SERVICE, seconds};
use model::ApiError;
use model::dax as api;
use pipeline::Cx;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::records::RecordKey;

pub(crate) const KIND: &str = "cluster";
/// Clusters of an account and region.
pub(crate) const CLUSTERS_MAX: usize = 50;
/// Nodes of a cluster.
pub(crate) const NODES_MAX: usize = 11;
/// Names of nodes and of zones end with one of them.
const LETTERS: &str = "abcdefghijk";
const ZONES: usize = 3;
const NAME_BYTES_MAX: usize = 20;
const FAMILIES: [&str; 6] = ["t2", "t3", "r3", "r4", "r5", "r7i"];
const SIZES: [&str; 10] = [
    "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge",
];

/// A cluster as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// In lower case.
    pub name: String,
    /// What its owner says of it.
    #[serde(default)]
    pub description: Option<String>,
    /// Such as `dax.t3.small`.
    pub node_type: String,
    /// Its nodes, which are all this server.
    pub nodes: Vec<Node>,
    /// The role that it would have.
    pub iam_role_arn: String,
    /// Ids of security groups, which nothing asks.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// Such as `sun:01:00-sun:09:00`.
    pub maintenance_window: String,
    /// Where it would tell of events.
    #[serde(default)]
    pub topic: Option<Topic>,
    /// The name of its subnet group.
    pub subnet_group: String,
    /// The name of its parameter group.
    pub parameter_group: String,
    /// Whether encryption at rest was asked for.
    pub is_encrypted: bool,
    /// Whether TLS was asked for.
    pub is_tls: bool,
    /// `ipv4`, `ipv6` or `dual_stack`.
    pub network_type: String,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What was done to it last, and until when that shows.
    pub change: Change,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The cluster's name and a letter.
    pub id: String,
    /// In microseconds since the Unix epoch.
    pub created_micros: u64,
    /// Such as `eu-west-1a`.
    pub zone: String,
}

/// A topic of notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its ARN.
    pub arn: String,
    /// `active` or `inactive`.
    pub status: String,
}

/// A change of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is done.
    pub doing: Doing,
    /// In microseconds since the Unix epoch.
    pub until_micros: u64,
    /// The node that it is about, where it is one.
    #[serde(default)]
    pub node: Option<String>,
}

/// What is done to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doing {
    /// It is made.
    Creating,
    /// It gets other nodes or settings.
    Modifying,
    /// A node starts again.
    Rebooting,
    /// It goes away.
    Deleting,
}

impl Change {
    /// What is done from now on.
    pub(crate) fn begun(cx: &Cx<'_, DaxControl>, doing: Doing) -> Self {
        Change { doing, until_micros: cx.service.shows_until(cx.now_micros), node: None }
    }
}

impl Doing {
    fn status(self) -> &'static str {
        match self {
            Doing::Creating => "creating",
            Doing::Modifying | Doing::Rebooting => "modifying",
            Doing::Deleting => "deleting",
        }
    }
}

/// The document of a name.
pub(crate) fn key(account: &str, region: &str, name: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, account, region, name)
}

/// The ARN of a cluster of this name.
pub fn arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:dax:{region}:{account}:cache/{name}")
}

/// The name in lower case.
///
/// # Errors
/// When no cluster can have it.
pub(crate) fn checked_name(name: &str) -> Result<String, ApiError> {
    let begins_well = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_odd = name.ends_with('-') || name.contains("--") || name.len() > NAME_BYTES_MAX;
    if begins_well && is_plain && !is_odd {
        Ok(name.to_ascii_lowercase())
    } else {
        Err(errors::invalid_cluster_name())
    }
}

/// Refuses what is no type of nodes.
pub(crate) fn check_node_type(node_type: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = node_type.split('.').collect();
    match parts[..] {
        ["dax", family, size] if FAMILIES.contains(&family) && SIZES.contains(&size) => Ok(()),
        _ => Err(errors::invalid_value(format!("Invalid node type: {node_type}"))),
    }
}

/// How many nodes are asked for.
///
/// # Errors
/// When a cluster cannot have so many.
pub(crate) fn checked_factor(factor: i64) -> Result<usize, ApiError> {
    match usize::try_from(factor) {
        Ok(factor @ 1..=NODES_MAX) => Ok(factor),
        Ok(factor) if factor > NODES_MAX => Err(errors::too_many_nodes(NODES_MAX)),
        _ => Err(errors::invalid_value("ReplicationFactor must be at least 1.")),
    }
}

impl Cluster {
    /// Adds nodes until there are so many. Ids that are free are given again.
    pub(crate) fn grow(&mut self, factor: usize, region: &str, zones: &[String], now_micros: u64) {
        for (at, letter) in LETTERS.chars().enumerate() {
            let id = format!("{}-{letter}", self.name);
            if self.nodes.len() >= factor {
                break;
            }
            if self.nodes.iter().any(|node| node.id == id) {
                continue;
            }
            let own = || format!("{region}{}", &LETTERS[at % ZONES..=at % ZONES]);
            let zone = zones.get(at % zones.len().max(1)).cloned().unwrap_or_else(own);
            self.nodes.push(Node { id, created_micros: now_micros, zone });
        }
    }

    /// Its state, unless it is gone.
    pub(crate) fn status(&self, now_micros: u64) -> Option<&'static str> {
        match now_micros < self.change.until_micros {
            true => Some(self.change.doing.status()),
            false if self.change.doing == Doing::Deleting => None,
            false => Some("available"),
        }
    }

    /// Refuses a change while another one is under way.
    pub(crate) fn check_available(&self, now_micros: u64) -> Result<(), ApiError> {
        match self.status(now_micros) {
            Some("available") => Ok(()),
            Some(status) => Err(errors::not_available(&self.name, status)),
            None => Err(errors::no_cluster(&self.name)),
        }
    }

    /// As it is described. The answer to a change shows the change, however short it is.
    pub(crate) fn shown(&self, place: &Place<'_>, is_answer_to_change: bool) -> api::Cluster {
        let status = match is_answer_to_change {
            true => self.change.doing.status(),
            false => self.status(place.now_micros).unwrap_or("deleting"),
        };
        let is_there = status != "creating";
        let arn = arn(place.account, place.region, &self.name);
        api::Cluster {
            cluster_name: Some(self.name.clone()),
            description: self.description.clone(),
            cluster_arn: Some(arn),
            total_nodes: Some(self.nodes.len() as i64),
            active_nodes: Some(if is_there { self.nodes.len() as i64 } else { 0 }),
            node_type: Some(self.node_type.clone()),
            status: Some(status.to_owned()),
            cluster_discovery_endpoint: is_there.then(|| place.reached.endpoint(place.host, true)),
            node_ids_to_remove: None,
            nodes: Some(self.nodes.iter().map(|node| self.shown_node(node, place, status)).collect()),
            preferred_maintenance_window: Some(self.maintenance_window.clone()),
            notification_configuration: self.topic.as_ref().map(|topic| api::NotificationConfiguration {
                topic_arn: Some(topic.arn.clone()),
                topic_status: Some(topic.status.clone()),
            }),
            subnet_group: Some(self.subnet_group.clone()),
            security_groups: Some(self.security_groups.iter().map(|id| shown_security_group(id)).collect()),
            iam_role_arn: Some(self.iam_role_arn.clone()),
            parameter_group: Some(api::ParameterGroupStatus {
                parameter_group_name: Some(self.parameter_group.clone()),
                parameter_apply_status: Some("in-sync".to_owned()),
                node_ids_to_reboot: Some(Vec::new()),
            }),
            sse_description: Some(api::SSEDescription {
                status: Some(if self.is_encrypted { "ENABLED" } else { "DISABLED" }.to_owned()),
            }),
            cluster_endpoint_encryption_type: Some(if self.is_tls { "TLS" } else { "NONE" }.to_owned()),
            network_type: Some(self.network_type.clone()),
        }
    }

    fn shown_node(&self, node: &Node, place: &Place<'_>, status: &str) -> api::Node {
        let is_rebooting = self.change.doing == Doing::Rebooting
            && status == "modifying"
            && self.change.node.as_deref() == Some(&node.id);
        let status = match status {
            "creating" | "deleting" => status,
            _ if is_rebooting => "rebooting",
            _ => "available",
        };
        api::Node {
            node_id: Some(node.id.clone()),
            endpoint: (status != "creating").then(|| place.reached.endpoint(place.host, false)),
            node_create_time: seconds(node.created_micros),
            availability_zone: Some(node.zone.clone()),
            node_status: Some(status.to_owned()),
            parameter_group_status: Some("in-sync".to_owned()),
        }
    }
}

fn shown_security_group(id: &str) -> api::SecurityGroupMembership {
    api::SecurityGroupMembership {
        security_group_identifier: Some(id.to_owned()),
        status: Some("active".to_owned()),
    }
}

/// From where and when a cluster is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now_micros: u64,
    /// The host by which the client has come.
    pub(crate) host: &'a str,
    pub(crate) reached: &'a Reached,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers() {
        for (name, expected) in [
            ("Social", Some("social")),
            ("a-1", Some("a-1")),
            ("1a", None),
            ("a-", None),
            ("a--b", None),
            ("", None),
            ("a_b", None),
            ("abcdefghijklmnopqrstu", None),
        ] {
            assert_eq!(checked_name(name).ok().as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn node_types_are_families_and_sizes() {
        for (node_type, is_one) in
            [("dax.t3.small", true), ("dax.r5.24xlarge", true), ("dax.t3", false), ("t3.small", false)]
        {
            assert_eq!(check_node_type(node_type).is_ok(), is_one, "{node_type}");
        }
    }
}
