//! What Query and Scan have in common beside their own members: what is read, where the page begins, which of its
//! items and attributes are returned, and the answer's report.

use crate::access::ItemNeed;
use crate::capacity::{Admission, Contributor, Direction, Report, Units};
use crate::checks::range_source::Source;
use crate::checks::select::Selection;
use crate::checks::table_ref::TableRef;
use crate::service::DynamoDb;
use engine::meter::read_units;
use engine::{Page, Table};
use model::ApiError;
use model::dynamodb::ConsumedCapacity;
use pipeline::Cx;
use types::{Item, ValueBuf};
use wire::attribute::Attributes;

/// The plan of a page: the request, parsed and checked as far as possible without the table.
#[derive(Debug)]
pub struct PagePlan {
    /// The table.
    pub table: TableRef,
    /// IndexName
    pub index_name: Option<String>,
    /// ConsistentRead
    pub consistent_read: Option<bool>,
    /// ExclusiveStartKey
    pub start: Option<Item>,
    /// Limit
    pub limit: Option<usize>,
    /// What is returned.
    pub selection: Selection,
    /// ReturnConsumedCapacity
    pub capacity: Report,
    /// Names and values that no expression uses. DynamoDB reports them after it has read the page.
    pub unused: Result<(), ApiError>,
}

impl PagePlan {
    /// What the caller must be allowed to do, a key condition aside.
    pub fn need<'a>(&'a self, cx: &'a Cx<'_, DynamoDb>, action: &'static str) -> ItemNeed<'a> {
        let Selection { select, projection, filter } = &self.selection;
        ItemNeed::new(cx, action, &self.table, self.capacity)
            .index(self.index_name.as_deref())
            .condition(filter.as_ref())
            .select(*select, projection.as_ref())
    }

    /// What is read, in the table that was found.
    pub fn source<'t>(&self, table: &'t Table) -> Result<Source<'t>, ApiError> {
        Source::of(table, self.index_name.as_deref(), self.consistent_read)
    }

    /// Admits a page that begins at a place in the ranges of keys: it is read as far as ever, or not at all.
    pub fn admit<'t>(
        &self,
        cx: &Cx<'_, DynamoDb>,
        source: &Source<'t>,
        (position, partition): (u64, Option<&[ValueBuf]>),
    ) -> Result<Admission<'t>, ApiError> {
        let (direction, least) = (Direction::Read, read_units(0, source.consistency()));
        let contributor = partition.and_then(|key| Contributor::of_partition(source, key, position));
        let units = Units { direction, index: source.index(), position: Some(position), least, contributor };
        Admission::of(cx, source.table, units)
    }

    /// Charges the page, counts it for the figures, and returns the ConsumedCapacity of the answer.
    pub fn report(
        &self,
        cx: &Cx<'_, DynamoDb>,
        source: &Source<'_>,
        admission: &Admission<'_>,
        page: &Page,
    ) -> Option<ConsumedCapacity> {
        let table = source.table;
        cx.tally.returned_items(table.id, page.count);
        cx.tally.item_bytes(table.id, page.evaluated_bytes);
        let consumed = source.consumed(page);
        admission.settle(cx, &consumed);
        consumed.report(cx, Direction::Read, self.capacity, self.table.as_sent(), table)
    }
}

/// Limit, checked to be positive.
pub fn limit(limit: Option<i64>) -> Option<usize> {
    limit.and_then(|limit| usize::try_from(limit).ok())
}

/// ExclusiveStartKey, its values checked.
pub fn start(exclusive_start_key: Option<Attributes>) -> Option<Item> {
    exclusive_start_key.map(|start| start.item)
}
