//! The members of the request one by one, and whether there is anything to do.

use crate::checks::not_built;
use model::dynamodb::UpdateTableInput;
use model::{ApiError, Constraints, Violation};

/// The model's constraints without those that have stages of their own: the name comes before, the table class
/// is judged behind the combinations.
pub fn violations(input: &UpdateTableInput) -> Vec<Violation> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    violations.retain(|violation| !has_a_stage_of_its_own(violation));
    violations
}

/// The refusal of a unit that is missing for an index names the index.
fn has_a_stage_of_its_own(violation: &Violation) -> bool {
    let Violation { path, constraint, .. } = violation;
    matches!(path.as_str(), "tableName" | "tableClass")
        || path.contains(".update.provisionedThroughput.") && constraint == "Member must not be null"
}

/// Empty structures and lists count as absent.
pub fn without_empty_ones(mut input: UpdateTableInput) -> UpdateTableInput {
    input.global_secondary_index_updates.take_if(|updates| updates.is_empty());
    input.vector_index_updates.take_if(|updates| updates.is_empty());
    input.on_demand_throughput.take_if(|units| *units == Default::default());
    input.warm_throughput.take_if(|units| *units == Default::default());
    input
}

/// The members of which one is required, as the refusal lists them.
const KINDS_OF_CHANGE: [&str; 13] = [
    "ProvisionedThroughput",
    "BillingMode",
    "UpdateStreamEnabled",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "ReplicaUpdates",
    "MultiAccountReplicaReady",
    "ReplicaTransitRoleArn",
    "MultiRegionConsistency",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
    "TableClass",
];

/// DynamoDB reports a request without a change before it looks for the table. Definitions, witnesses and
/// consistency alone are none.
pub fn something_to_do(input: &UpdateTableInput) -> Result<(), ApiError> {
    let asks = input.provisioned_throughput.is_some()
        || input.billing_mode.is_some()
        || input.stream_specification.is_some()
        || input.global_secondary_index_updates.is_some()
        || input.vector_index_updates.is_some()
        || input.sse_specification.is_some()
        || input.replica_updates.is_some()
        || input.deletion_protection_enabled.is_some()
        || input.disassociation_protection_enabled.is_some()
        || input.on_demand_throughput.is_some()
        || input.warm_throughput.is_some()
        || input.table_class.is_some()
        || input.global_table_settings_replication_mode.is_some();
    if asks { Ok(()) } else { Err(nothing_to_do(input)) }
}

/// The list leaves out what the request has.
fn nothing_to_do(input: &UpdateTableInput) -> ApiError {
    let is_missing =
        |kind: &&str| *kind != "MultiRegionConsistency" || input.multi_region_consistency.is_none();
    let missing: Vec<&str> = KINDS_OF_CHANGE.into_iter().filter(is_missing).collect();
    let (last, others) = missing.split_last().expect("a kind is left out at most");
    ApiError::validation(format!("At least one of {} or {last} is required", others.join(", ")))
}

/// What this server has not built.
pub fn not_built(input: &UpdateTableInput) -> Result<(), ApiError> {
    not_built::check(&[("VectorIndexUpdates", input.vector_index_updates.is_some())])
}
