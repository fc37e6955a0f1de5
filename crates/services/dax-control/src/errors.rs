//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo};
use std::borrow::Cow;
use store::records::RecordError;

const fn code(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("", name, status)
}

const INVALID_PARAMETER_VALUE: Code = Code::of(&code("InvalidParameterValueException", 400));
const INVALID_PARAMETER_COMBINATION: Code = Code::of(&code("InvalidParameterCombinationException", 400));
const CLUSTER_NOT_FOUND: Code = Code::of(&code("ClusterNotFoundFault", 400));
const CLUSTER_ALREADY_EXISTS: Code = Code::of(&code("ClusterAlreadyExistsFault", 400));
const INVALID_CLUSTER_STATE: Code = Code::of(&code("InvalidClusterStateFault", 400));
const INSUFFICIENT_CLUSTER_CAPACITY: Code = Code::of(&code("InsufficientClusterCapacityFault", 400));
const CLUSTER_QUOTA: Code = Code::of(&code("ClusterQuotaForCustomerExceededFault", 400));
const NODE_QUOTA: Code = Code::of(&code("NodeQuotaForClusterExceededFault", 400));
const NODE_NOT_FOUND: Code = Code::of(&code("NodeNotFoundFault", 400));
const PARAMETER_GROUP_NOT_FOUND: Code = Code::of(&code("ParameterGroupNotFoundFault", 400));
const PARAMETER_GROUP_ALREADY_EXISTS: Code = Code::of(&code("ParameterGroupAlreadyExistsFault", 400));
const PARAMETER_GROUP_QUOTA: Code = Code::of(&code("ParameterGroupQuotaExceededFault", 400));
const INVALID_PARAMETER_GROUP_STATE: Code = Code::of(&code("InvalidParameterGroupStateFault", 400));
const SUBNET_GROUP_NOT_FOUND: Code = Code::of(&code("SubnetGroupNotFoundFault", 400));
const SUBNET_GROUP_ALREADY_EXISTS: Code = Code::of(&code("SubnetGroupAlreadyExistsFault", 400));
const SUBNET_GROUP_QUOTA: Code = Code::of(&code("SubnetGroupQuotaExceededFault", 400));
const SUBNET_GROUP_IN_USE: Code = Code::of(&code("SubnetGroupInUseFault", 400));
const SUBNET_QUOTA: Code = Code::of(&code("SubnetQuotaExceededFault", 400));
const INVALID_SUBNET: Code = Code::of(&code("InvalidSubnet", 400));
const INVALID_ARN: Code = Code::of(&code("InvalidARNFault", 400));
const TAG_NOT_FOUND: Code = Code::of(&code("TagNotFoundFault", 400));
const TAG_QUOTA: Code = Code::of(&code("TagQuotaPerResourceExceeded", 400));
/// Something broke on this side; the server's log says what.
pub const INTERNAL_FAILURE: Code = Code::of(&code("InternalFailure", 500));

/// A value that is not taken.
pub fn invalid_value(text: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// Constraints of the model, under this service's code.
pub(crate) fn constraint(error: ApiError) -> ApiError {
    ApiError { code: INVALID_PARAMETER_VALUE, ..error }
}

/// Values that do not go together.
pub fn invalid_combination(text: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(INVALID_PARAMETER_COMBINATION, text)
}

/// A name that no cluster can have.
pub fn invalid_cluster_name() -> ApiError {
    invalid_value(
        "Cluster ID specified is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII \
         letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.",
    )
}

/// No cluster has the name.
pub fn no_cluster(name: &str) -> ApiError {
    ApiError::new(CLUSTER_NOT_FOUND, format!("Cluster {name} not found."))
}

/// The name is taken.
pub fn cluster_exists(name: &str) -> ApiError {
    ApiError::new(CLUSTER_ALREADY_EXISTS, format!("Cluster {name} already exists."))
}

/// A change is under way.
pub fn not_available(name: &str, status: &str) -> ApiError {
    ApiError::new(INVALID_CLUSTER_STATE, format!("Cluster {name} is not available: it is {status}."))
}

/// Nobody listens.
pub fn not_served() -> ApiError {
    let text = "This server has no DAX: start it with --dax, or write enabled = true into [dax] of its configuration.";
    ApiError::new(INSUFFICIENT_CLUSTER_CAPACITY, text)
}

/// TLS was asked for where there is none.
pub fn no_tls() -> ApiError {
    invalid_combination("This server has no TLS, so a cluster of it cannot have any either.")
}

/// More clusters than an account and region may have.
pub fn too_many_clusters(limit: usize) -> ApiError {
    ApiError::new(CLUSTER_QUOTA, format!("An account can have at most {limit} clusters in a region."))
}

/// More nodes than a cluster may have.
pub fn too_many_nodes(limit: usize) -> ApiError {
    ApiError::new(NODE_QUOTA, format!("A cluster can have at most {limit} nodes."))
}

/// The cluster has no such node.
pub fn no_node(id: &str) -> ApiError {
    ApiError::new(NODE_NOT_FOUND, format!("Node {id} not found."))
}

/// No parameter group has the name.
pub fn no_parameter_group(name: &str) -> ApiError {
    ApiError::new(PARAMETER_GROUP_NOT_FOUND, format!("ParameterGroup {name} not found."))
}

/// The name is taken.
pub fn parameter_group_exists(name: &str) -> ApiError {
    ApiError::new(PARAMETER_GROUP_ALREADY_EXISTS, format!("ParameterGroup {name} already exists."))
}

/// More parameter groups than an account and region may have.
pub fn too_many_parameter_groups(limit: usize) -> ApiError {
    let text = format!("An account can have at most {limit} parameter groups in a region.");
    ApiError::new(PARAMETER_GROUP_QUOTA, text)
}

/// The default group stays as it is.
pub fn default_parameter_group(name: &str) -> ApiError {
    let text = format!("ParameterGroup {name} is the default and cannot be changed or deleted.");
    ApiError::new(INVALID_PARAMETER_GROUP_STATE, text)
}

/// Clusters use it.
pub fn parameter_group_in_use(name: &str) -> ApiError {
    ApiError::new(INVALID_PARAMETER_GROUP_STATE, format!("ParameterGroup {name} is used by a cluster."))
}

/// No subnet group has the name.
pub fn no_subnet_group(name: &str) -> ApiError {
    ApiError::new(SUBNET_GROUP_NOT_FOUND, format!("SubnetGroup {name} not found."))
}

/// The name is taken.
pub fn subnet_group_exists(name: &str) -> ApiError {
    ApiError::new(SUBNET_GROUP_ALREADY_EXISTS, format!("SubnetGroup {name} already exists."))
}

/// More subnet groups than an account and region may have.
pub fn too_many_subnet_groups(limit: usize) -> ApiError {
    ApiError::new(
        SUBNET_GROUP_QUOTA,
        format!("An account can have at most {limit} subnet groups in a region."),
    )
}

/// Clusters use it, or it is the default.
pub fn subnet_group_in_use(name: &str) -> ApiError {
    ApiError::new(SUBNET_GROUP_IN_USE, format!("SubnetGroup {name} is in use."))
}

/// More subnets than a group may have.
pub fn too_many_subnets(limit: usize) -> ApiError {
    ApiError::new(SUBNET_QUOTA, format!("A subnet group can have at most {limit} subnets."))
}

/// What is no subnet's id.
pub fn invalid_subnet(id: &str) -> ApiError {
    ApiError::new(INVALID_SUBNET, format!("Subnet {id} is invalid."))
}

/// An ARN of something else.
pub fn invalid_arn(arn: &str) -> ApiError {
    ApiError::new(INVALID_ARN, format!("{arn} is not the ARN of a cluster of this account and region."))
}

/// A key that the cluster has no tag of.
pub fn no_tag() -> ApiError {
    ApiError::new(TAG_NOT_FOUND, "The specified tag does not exist")
}

/// More tags than a cluster may have.
pub fn too_many_tags(limit: usize) -> ApiError {
    ApiError::new(TAG_QUOTA, format!("A cluster can have at most {limit} tags."))
}

/// A token that no page ended with.
pub fn invalid_token() -> ApiError {
    invalid_value("The NextToken is invalid.")
}

/// The store cannot read or write a document.
pub fn record(error: RecordError) -> ApiError {
    tracing::error!(%error, "a document of DAX cannot be read or written");
    ApiError::silent(INTERNAL_FAILURE)
}
