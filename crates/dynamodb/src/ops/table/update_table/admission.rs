//! Which changes may start while another is under way. Protection, warm throughput and encryption of the table always
//! may; others are refused until the conflicting change is done.

use super::indexes::{index_name, only_one_online_index, updates};
use crate::checks::under_way::UnderWay;
use crate::errors::{codes, resource_in_use};
use engine::Table;
use engine::table::BillingMode;
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// The first change under way that excludes the request.
pub fn check(table: &Table, input: &UpdateTableInput, now_micros: u64) -> Result<(), ApiError> {
    let under_way = UnderWay::at(table, now_micros);
    if input.deletion_protection_enabled.is_some() && under_way.table_is_ready().is_err() {
        return Err(ApiError::new(
            codes::RESOURCE_IN_USE,
            "Table needs to be in ACTIVE status to modify deletion protection setting.",
        ));
    }
    under_way.table_is_ready()?;
    let gate = Gate { table: &table.name, under_way };
    if input.provisioned_throughput.is_some() || input.billing_mode.is_some() {
        gate.throughput(input)?;
    }
    if input.stream_specification.is_some() {
        gate.stream()?;
    }
    if input.table_class.is_some() {
        gate.table_class()?;
    }
    if input.sse_specification.is_some() && gate.under_way.encrypting {
        return gate.in_use("Server-Side Encryption is still being updated");
    }
    if input.on_demand_throughput.is_some() && input.billing_mode.is_none() {
        gate.on_demand_throughput()?;
    }
    gate.indexes(input)
}

struct Gate<'t> {
    table: &'t str,
    under_way: UnderWay<'t>,
}

impl Gate<'_> {
    /// On-demand mode requested while a table leaves it is accepted without effect.
    fn throughput(&self, input: &UpdateTableInput) -> Result<(), ApiError> {
        let leaves_on_demand = self.under_way.throughput == Some(BillingMode::Provisioned);
        let is_swallowed = leaves_on_demand && input.billing_mode.as_deref() == Some("PAY_PER_REQUEST");
        if self.under_way.throughput.is_some() && !is_swallowed {
            return self
                .in_use(format_args!("Table IOPS are currently being updated. Table: {}", self.table));
        }
        self.no_stream_change("Can't change table IOPS")?;
        self.no_class_change("Can't change table IOPS")?;
        self.no_index_change("Can't change table IOPS")
    }

    fn stream(&self) -> Result<(), ApiError> {
        if let Some(stream) = self.under_way.stream_text() {
            return self.in_use(format_args!("A stream status change is currently in progress. {stream}"));
        }
        self.no_throughput_change("Can't enable or disable stream")?;
        self.no_class_change("Can't change stream status")?;
        self.no_index_change("Can't change stream status")
    }

    fn table_class(&self) -> Result<(), ApiError> {
        self.no_class_change("Can't update table class")?;
        self.no_stream_change("Can't update table class")?;
        self.no_throughput_change("Can't update table class")?;
        self.no_index_change("Can't update table class")
    }

    fn on_demand_throughput(&self) -> Result<(), ApiError> {
        if self.under_way.throughput.is_some() {
            return self
                .in_use("OnDemandThroughput cannot be updated while BillingMode update is in progress");
        }
        self.no_stream_change("Can't update OnDemandThroughput")?;
        self.no_class_change("Can't update OnDemandThroughput")
    }

    fn indexes(&self, input: &UpdateTableInput) -> Result<(), ApiError> {
        for update in updates(input) {
            let name = index_name(update);
            self.no_update_of(name)?;
            if update.update.is_some() {
                self.is_ready_for_an_update(name)?;
                continue;
            }
            self.no_stream_change("Can't create or delete index")?;
            self.no_throughput_change("Can't create or delete index")?;
            self.no_class_change("Can't create or delete index")?;
            self.is_the_only_online_index(name, update.delete.is_some())?;
        }
        Ok(())
    }

    fn no_update_of(&self, index: &str) -> Result<(), ApiError> {
        let table = self.table;
        if self.under_way.removing.contains(&index) {
            return self.in_use(format_args!("Index is being deleted. Table: {table} Index: {index}"));
        }
        if self.under_way.updating.contains(&index) {
            return self.in_use(format_args!("Index is being updated. Table: {table} Index: {index}"));
        }
        Ok(())
    }

    fn is_ready_for_an_update(&self, index: &str) -> Result<(), ApiError> {
        let table = self.table;
        if self.under_way.allocating.contains(&index) {
            return self.in_use(format_args!(
                "Index is being created but is not backfilling yet. Table: {table} Index: {index}"
            ));
        }
        if self.under_way.backfilling.contains(&index) {
            return self.in_use(format_args!("Index is being created. Table: {table} Index: {index}"));
        }
        Ok(())
    }

    /// One that is being built may be deleted.
    fn is_the_only_online_index(&self, index: &str, is_deletion: bool) -> Result<(), ApiError> {
        let UnderWay { allocating, backfilling, removing, .. } = &self.under_way;
        if is_deletion && allocating.contains(&index) {
            return self.in_use(format_args!(
                "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when \
                 the index is active. Table: {} Index: {index}",
                self.table
            ));
        }
        match allocating.iter().chain(backfilling).chain(removing).any(|other| *other != index) {
            true => Err(only_one_online_index()),
            false => Ok(()),
        }
    }

    fn no_stream_change(&self, what: &str) -> Result<(), ApiError> {
        match self.under_way.stream_text() {
            Some(stream) => self.in_use(format_args!("{what} when stream status is being updated. {stream}")),
            None => Ok(()),
        }
    }

    fn no_throughput_change(&self, what: &str) -> Result<(), ApiError> {
        match self.under_way.throughput {
            Some(_) => {
                self.in_use(format_args!("{what} while table IOPS are being updated. Table: {}", self.table))
            }
            None => Ok(()),
        }
    }

    fn no_class_change(&self, what: &str) -> Result<(), ApiError> {
        match self.under_way.table_class_text() {
            Some(class) => {
                self.in_use(format_args!("{what} when a table class update is in progress. {class}"))
            }
            None => Ok(()),
        }
    }

    fn no_index_change(&self, what: &str) -> Result<(), ApiError> {
        let UnderWay { allocating, removing, .. } = &self.under_way;
        for (indexes, change) in [(allocating, "created"), (removing, "deleted")] {
            if !indexes.is_empty() {
                return self.in_use(format_args!(
                    "{what} when an index is being {change}. Table: {} Indexes: [{}]",
                    self.table,
                    indexes.join(", ")
                ));
            }
        }
        Ok(())
    }

    fn in_use(&self, what: impl std::fmt::Display) -> Result<(), ApiError> {
        Err(resource_in_use(what))
    }
}
