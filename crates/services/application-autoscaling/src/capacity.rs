//! The capacity of a table or an index, read and changed as any client does it.

use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::Place;
use model::ApiError;
use model::dynamodb::{
    DescribeTable, DescribeTableInput, GlobalSecondaryIndexUpdate, ProvisionedThroughput, TableDescription,
    UpdateGlobalSecondaryIndexAction, UpdateTable, UpdateTableInput,
};

/// What a table or an index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Read units.
    pub read: i64,
    /// Write units.
    pub write: i64,
}

/// Why there is no capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCapacity {
    /// There is no such table or index.
    NotThere,
    /// The table is paid by the request.
    OnDemand,
}

impl Capacity {
    /// The units that a target is about.
    pub fn of(self, place: &Place) -> i64 {
        if place.dimension.is_read() { self.read } else { self.write }
    }

    fn with(self, place: &Place, units: i64) -> Self {
        if place.dimension.is_read() {
            Capacity { read: units, ..self }
        } else {
            Capacity { write: units, ..self }
        }
    }
}

impl ApplicationAutoScaling {
    /// What a table or an index has now.
    pub(crate) async fn capacity(&self, caller: &Caller<'_>, place: &Place) -> Result<Capacity, NoCapacity> {
        let input = DescribeTableInput { table_name: Some(place.table.clone()) };
        let described = self.call_dynamodb::<DescribeTable>(caller, input).await;
        let table = described.ok().and_then(|output| output.table).ok_or(NoCapacity::NotThere)?;
        let is_on_demand =
            table.billing_mode_summary.as_ref().and_then(|summary| summary.billing_mode.as_deref());
        if is_on_demand == Some("PAY_PER_REQUEST") {
            return Err(NoCapacity::OnDemand);
        }
        provisioned(&table, place).ok_or(NoCapacity::NotThere)
    }

    /// Gives it other units; the other ones stay.
    pub(crate) async fn set_capacity(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        current: Capacity,
        units: i64,
    ) -> Result<(), ApiError> {
        let wanted = current.with(place, units);
        let throughput = ProvisionedThroughput {
            read_capacity_units: Some(wanted.read),
            write_capacity_units: Some(wanted.write),
        };
        let table_name = Some(place.table.clone());
        let input = match &place.index {
            None => UpdateTableInput {
                table_name,
                provisioned_throughput: Some(throughput),
                ..UpdateTableInput::default()
            },
            Some(index) => {
                let update = UpdateGlobalSecondaryIndexAction {
                    index_name: Some(index.clone()),
                    provisioned_throughput: Some(throughput),
                    ..UpdateGlobalSecondaryIndexAction::default()
                };
                let update = GlobalSecondaryIndexUpdate {
                    update: Some(update),
                    ..GlobalSecondaryIndexUpdate::default()
                };
                UpdateTableInput {
                    table_name,
                    global_secondary_index_updates: Some(vec![update]),
                    ..UpdateTableInput::default()
                }
            }
        };
        self.call_dynamodb::<UpdateTable>(caller, input).await.map(|_| ())
    }
}

fn provisioned(table: &TableDescription, place: &Place) -> Option<Capacity> {
    let throughput = match &place.index {
        None => table.provisioned_throughput.as_ref(),
        Some(index) => {
            let indexes = table.global_secondary_indexes.iter().flatten();
            let mut named = indexes.filter(|known| known.index_name.as_ref() == Some(index));
            named.next()?.provisioned_throughput.as_ref()
        }
    }?;
    Some(Capacity { read: throughput.read_capacity_units?, write: throughput.write_capacity_units? })
}
