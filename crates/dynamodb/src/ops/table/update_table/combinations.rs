//! What may be combined in one request: nearly nothing. Throughput goes with a billing mode and with throughput of
//! indexes; on-demand mode goes with a stream or with its own maximum; one index may be created or deleted
//! beside a billing mode and beside throughput of other indexes.

use super::indexes::only_one_online_index;
use crate::errors::invalid_parameter;
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// The first broken rule. DynamoDB names encryption before the class, protection and warm throughput.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    let given = Given::of(input);
    let alone = [
        (given.sse, "Server-Side Encryption modification must be the only operation in the request"),
        (given.table_class, "TableClass modification must be the only operation in the request"),
        (
            given.deletion_protection,
            "DeletionProtection modification must be the only operation in the request",
        ),
        (
            given.disassociation_protection,
            "DisassociationProtection modification must be the only operation in the request",
        ),
        (given.warm, warm_is_alone(given)),
        (given.replicas, replicas_are_alone(input)),
    ];
    if let Some((_, text)) = alone.iter().find(|(given_here, _)| *given_here && given.count() > 1) {
        return Err(invalid_parameter(text));
    }
    let pairs = [
        (
            given.on_demand && given.count() > 1 + usize::from(given.billing_mode),
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ),
        (given.stream && given.units, "You cannot modify stream status while updating table IOPS"),
        (
            given.index_change && given.throughput,
            "You cannot create or delete index while updating table IOPS",
        ),
        (
            given.index_change && given.stream,
            "You cannot create or delete index while changing stream status",
        ),
    ];
    match pairs.iter().find(|(broken, _)| *broken) {
        Some((_, text)) => Err(invalid_parameter(text)),
        None if given.index_changes > 1 => Err(only_one_online_index()),
        None => Ok(()),
    }
}

fn warm_is_alone(given: Given) -> &'static str {
    if given.index_change {
        "Create global secondary index cannot be specified when updating WarmThroughput"
    } else {
        "WarmThroughput must be the only operation in the request"
    }
}

fn replicas_are_alone(input: &UpdateTableInput) -> &'static str {
    if input.global_table_witness_updates.is_some() || input.multi_region_consistency.is_some() {
        "Requests that modify replicas or witnesses must not also modify other fields"
    } else {
        "Replica modification must be the only operation in the request"
    }
}

/// Which kinds of change a request has.
#[derive(Debug, Clone, Copy)]
struct Given {
    sse: bool,
    table_class: bool,
    deletion_protection: bool,
    disassociation_protection: bool,
    warm: bool,
    on_demand: bool,
    replicas: bool,
    stream: bool,
    billing_mode: bool,
    throughput: bool,
    /// Throughput of the table or of indexes, or the mode that needs it.
    units: bool,
    index_updates: bool,
    /// An index is created or deleted.
    index_change: bool,
    index_changes: usize,
}

impl Given {
    fn of(input: &UpdateTableInput) -> Given {
        let updates = || input.global_secondary_index_updates.iter().flatten();
        let index_updates = updates().any(|update| update.update.is_some());
        let changes = updates().map(|update| [update.create.is_some(), update.delete.is_some()]);
        let index_changes = changes.flatten().filter(|change| *change).count();
        let throughput = input.provisioned_throughput.is_some();
        Given {
            sse: input.sse_specification.is_some(),
            table_class: input.table_class.is_some(),
            deletion_protection: input.deletion_protection_enabled.is_some(),
            disassociation_protection: input.disassociation_protection_enabled.is_some(),
            warm: input.warm_throughput.is_some(),
            on_demand: input.on_demand_throughput.is_some(),
            replicas: input.replica_updates.is_some(),
            stream: input.stream_specification.is_some(),
            billing_mode: input.billing_mode.is_some(),
            throughput,
            units: throughput || index_updates || input.billing_mode.as_deref() == Some("PROVISIONED"),
            index_updates,
            index_change: index_changes > 0,
            index_changes,
        }
    }

    fn count(self) -> usize {
        [
            self.sse,
            self.table_class,
            self.deletion_protection,
            self.disassociation_protection,
            self.warm,
            self.on_demand,
            self.replicas,
            self.stream,
            self.billing_mode,
            self.throughput,
            self.index_updates,
            self.index_change,
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}
