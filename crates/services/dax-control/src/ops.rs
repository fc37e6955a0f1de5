//! The table of operations: every operation of the service once.

mod create_cluster;
mod create_parameter_group;
mod create_subnet_group;
mod decrease_replication_factor;
mod delete_cluster;
mod delete_parameter_group;
mod delete_subnet_group;
mod describe_clusters;
mod describe_default_parameters;
mod describe_events;
mod describe_parameter_groups;
mod describe_parameters;
mod describe_subnet_groups;
mod increase_replication_factor;
mod list_tags;
mod reboot_node;
mod tag_resource;
mod untag_resource;
mod update_cluster;
mod update_parameter_group;
mod update_subnet_group;

use crate::cluster;
use crate::errors;
use crate::service::DaxControl;
use model::dax::{
    CreateCluster, CreateParameterGroup, CreateSubnetGroup, DecreaseReplicationFactor, DeleteCluster,
    DeleteParameterGroup, DeleteSubnetGroup, DescribeClusters, DescribeDefaultParameters, DescribeEvents,
    DescribeParameterGroups, DescribeParameters, DescribeSubnetGroups, IncreaseReplicationFactor, ListTags,
    RebootNode, TagResource, UntagResource, UpdateCluster, UpdateParameterGroup, UpdateSubnetGroup,
};
use model::{ApiError, Constraints};
use pipeline::{Cx, Entry, Need, document_entry};

/// DAX's operations.
pub static OPERATIONS: [Entry<DaxControl>; 21] = [
    // Clusters
    document_entry::<_, CreateCluster>(),
    document_entry::<_, DescribeClusters>(),
    document_entry::<_, UpdateCluster>(),
    document_entry::<_, DeleteCluster>(),
    document_entry::<_, IncreaseReplicationFactor>(),
    document_entry::<_, DecreaseReplicationFactor>(),
    document_entry::<_, RebootNode>(),
    document_entry::<_, DescribeEvents>(),
    // Parameter groups
    document_entry::<_, CreateParameterGroup>(),
    document_entry::<_, DescribeParameterGroups>(),
    document_entry::<_, UpdateParameterGroup>(),
    document_entry::<_, DeleteParameterGroup>(),
    document_entry::<_, DescribeParameters>(),
    document_entry::<_, DescribeDefaultParameters>(),
    // Subnet groups
    document_entry::<_, CreateSubnetGroup>(),
    document_entry::<_, DescribeSubnetGroups>(),
    document_entry::<_, UpdateSubnetGroup>(),
    document_entry::<_, DeleteSubnetGroup>(),
    // Tags
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
    document_entry::<_, ListTags>(),
];

/// The constraints of the model, under this service's code.
pub(crate) fn constraints<I: Constraints>(input: &I) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    pipeline::validation::refuse(&violations).map_err(errors::constraint)
}

/// The permission for an action on a cluster; on all of them where none is named.
pub(crate) fn on_cluster(cx: &Cx<'_, DaxControl>, action: &'static str, name: Option<&str>) -> Need<'static> {
    match name {
        Some(name) => {
            Need::new(action, cluster::arn(&cx.caller.account, &cx.caller.region, &name.to_ascii_lowercase()))
        }
        None => Need::new(action, "*"),
    }
}

/// The name of the cluster with an ARN of the caller's account and region.
pub(crate) fn name_of(cx: &Cx<'_, DaxControl>, arn: &str) -> Result<String, ApiError> {
    let name = arn.rsplit_once(":cache/").map(|(_, name)| name.to_owned());
    let own = |name: &String| cluster::arn(&cx.caller.account, &cx.caller.region, name) == arn;
    name.filter(own).ok_or_else(|| errors::invalid_arn(arn))
}

/// A name of a group: letters, digits, points and hyphens, in lower case.
pub(crate) fn checked_group_name(name: Option<String>, member: &str) -> Result<String, ApiError> {
    let name = name.unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if name.is_empty() || name.len() > 255 || !name.bytes().all(is_plain) {
        return Err(errors::invalid_value(format!("{member} {name} is not a valid identifier.")));
    }
    Ok(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::dax::OPERATIONS);
    }
}
