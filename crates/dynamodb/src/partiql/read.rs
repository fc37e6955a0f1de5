//! A page of a SELECT: the ranges that its clause names one after the other, or a scan. Its units are those of the
//! queries and scans that it is made of.

use super::{NextToken, Prepared, project};
use crate::capacity::{Consumed, Direction, Report};
use crate::checks::page_plan::PagePlan;
use crate::checks::range_source::Source;
use crate::checks::select::{Select, Selection};
use crate::checks::{key_condition, key_paths, start_key};
use crate::errors::{self, Layer};
use crate::service::DynamoDb;
use engine::table::IndexStatus;
use engine::{IndexKind, Page, QueryRequest, ScanRequest, Table};
use expr::partiql::{self, Ranges, ReadRange, Statement};
use expr::{Condition, KeyClause, KeyCondition, KeyTest, Path};
use model::ApiError;
use model::dynamodb::ConsumedCapacity;
use pipeline::Cx;
use stdx::limits::PAGE_BYTES_MAX;
use store::Direction as Order;
use types::Item;

/// Ranges that a page goes through at most: some may be empty.
const RANGES_PER_PAGE_MAX: usize = 100;

/// What a SELECT reads, bound to its table.
#[derive(Debug)]
pub struct Reader<'t> {
    table: &'t Table,
    source: Source<'t>,
    ranges: Ranges,
    order: Order,
    paths: Option<Vec<Path>>,
    plan: PagePlan,
}

/// A page.
#[derive(Debug)]
pub struct StatementPage {
    /// What was found, as the statement names it.
    pub items: Vec<Item>,
    /// Where the next page goes on, if more may follow.
    pub next: Option<NextToken>,
    /// ConsumedCapacity
    pub consumed_capacity: Option<ConsumedCapacity>,
}

impl<'t> Reader<'t> {
    /// Refuses, in this order: an index that is not there, a consistent read of a global one, ORDER BY, ranges that
    /// overlap, attributes that the index does not hold.
    pub fn of(
        prepared: Prepared,
        table: &'t Table,
        (consistent_read, limit, capacity): (Option<bool>, Option<usize>, Report),
    ) -> Result<Reader<'t>, ApiError> {
        let Prepared { statement, table: name, projection, .. } = prepared;
        let (Statement::Select(select) | Statement::Exists(select)) = statement else {
            return Err(errors::internal_error());
        };
        let source = source(table, select.target.index.as_deref(), consistent_read)?;
        let (hash, range) = (&source.key().hash[0].name, source.key().range.first());
        let range = range.map(|attribute| attribute.name.as_str());
        let refuse = |error: partiql::RangesError| ApiError::validation(error.to_string());
        let mut ranges = partiql::ranges(select.condition, hash, range).map_err(refuse)?;
        let reversed = ranges.ordered(&select.order, hash, range).map_err(refuse)?;
        let plan = PagePlan {
            table: name,
            index_name: select.target.index,
            consistent_read,
            start: None,
            limit,
            selection: Selection { select: Select::Implied, projection, filter: None },
            capacity,
            unused: Ok(()),
        };
        plan.selection.check_projected(&source)?;
        let order = if reversed { Order::Reverse } else { Order::Forward };
        Ok(Reader { table, source, ranges, order, paths: select.paths, plan })
    }

    /// Reads a page.
    pub async fn page(mut self, cx: &Cx<'_, DynamoDb>, from: NextToken) -> Result<StatementPage, ApiError> {
        let mut consumed = Consumed::default();
        let (items, next) = match std::mem::replace(&mut self.ranges, Ranges::All(None)) {
            Ranges::All(filter) => self.scan(cx, filter, from, &mut consumed).await?,
            Ranges::Keyed(ranges) => self.query(cx, ranges, from, &mut consumed).await?,
        };
        let PagePlan { capacity, table: name, .. } = &self.plan;
        let consumed_capacity = consumed.report(cx, Direction::Read, *capacity, name.as_sent(), self.table);
        let items = match &self.paths {
            Some(paths) => items.iter().map(|item| project(item.as_ref(), paths)).collect(),
            None => items,
        };
        Ok(StatementPage { items, next, consumed_capacity })
    }

    async fn scan(
        &mut self,
        cx: &Cx<'_, DynamoDb>,
        filter: Option<Condition>,
        from: NextToken,
        consumed: &mut Consumed,
    ) -> Result<(Vec<Item>, Option<NextToken>), ApiError> {
        key_paths::check_filter(self.table, filter.as_ref())?;
        let fetch = self.plan.selection.needs_fetch(&self.source);
        let request = ScanRequest {
            table: self.table,
            index: self.source.index(),
            segment: None,
            exclusive_start_key: from.key.as_ref(),
            limit: self.plan.limit,
            filter: filter.as_ref(),
            attributes: self.plan.selection.attributes(&self.source, fetch),
            consistency: self.source.consistency(),
            fetch,
        };
        let admission = self.plan.admit(cx, &self.source, (request.range_position(), None))?;
        let page = cx.service.engine.scan(&request).await.map_err(errors::read_error)?;
        let of_page = self.count(cx, &page);
        admission.settle(cx, &of_page);
        consumed.add(of_page);
        let next = page.last_evaluated_key.map(|key| NextToken { range: 0, key: Some(key) });
        Ok((page.items, next))
    }

    /// The ranges up to where the page is full.
    async fn query(
        &mut self,
        cx: &Cx<'_, DynamoDb>,
        ranges: Vec<ReadRange>,
        from: NextToken,
        consumed: &mut Consumed,
    ) -> Result<(Vec<Item>, Option<NextToken>), ApiError> {
        let (mut items, mut bytes, mut left) = (Vec::new(), 0, self.plan.limit);
        let (count, mut start) = (ranges.len(), from.key);
        for (at, range) in ranges.into_iter().enumerate().skip(from.range) {
            let is_single =
                matches!(range.range, Some(KeyTest::Eq(_))) || start_key::is_single_item(&self.source);
            let is_single = is_single && self.source.index().is_none();
            let page = self.query_range(cx, range, (start.take(), left), consumed).await?;
            items.extend(page.items);
            if let Some(key) = page.last_evaluated_key.filter(|_| !is_single) {
                return Ok((items, Some(NextToken { range: at, key: Some(key) })));
            }
            bytes += page.evaluated_bytes;
            left = left.map(|left| left.saturating_sub(page.scanned_count));
            let is_full =
                left == Some(0) || bytes >= PAGE_BYTES_MAX || at + 1 - from.range >= RANGES_PER_PAGE_MAX;
            if at + 1 < count && is_full {
                return Ok((items, Some(NextToken { range: at + 1, key: None })));
            }
        }
        Ok((items, None))
    }

    async fn query_range(
        &mut self,
        cx: &Cx<'_, DynamoDb>,
        range: ReadRange,
        (start, limit): (Option<Item>, Option<usize>),
        consumed: &mut Consumed,
    ) -> Result<Page, ApiError> {
        let schema = self.source.key();
        let hash = KeyClause { name: schema.hash[0].name.clone(), test: KeyTest::Eq(range.hash) };
        let sort = schema.range.first().zip(range.range);
        let sort = sort.map(|(attribute, test)| KeyClause { name: attribute.name.clone(), test });
        let key = KeyCondition::new([hash].into_iter().chain(sort).collect());
        let key = key.map_err(|error| ApiError::validation(error.to_string()))?;
        let key = key_condition::bind(&key, schema, Layer::Older)?;
        self.plan.selection.filter = range.filter;
        let selection = &self.plan.selection;
        key_paths::check_filter(self.table, selection.filter.as_ref())?;
        selection.check_filter_projected(&self.source)?;
        let fetch = selection.needs_fetch(&self.source);
        let request = QueryRequest {
            table: self.table,
            index: self.source.index(),
            key: &key,
            direction: self.order,
            exclusive_start_key: start.as_ref(),
            limit,
            filter: selection.filter.as_ref(),
            attributes: selection.attributes(&self.source, fetch),
            consistency: self.source.consistency(),
            fetch,
        };
        let place = (request.range_position(), Some(key.hash.as_slice()));
        let admission = self.plan.admit(cx, &self.source, place)?;
        let page = cx.service.engine.query(&request).await;
        let page = page.map_err(|error| start_key::query_error(error, &key))?;
        let of_page = self.count(cx, &page);
        admission.settle(cx, &of_page);
        consumed.add(of_page);
        Ok(page)
    }

    /// Counts a page for the figures; what it cost.
    fn count(&self, cx: &Cx<'_, DynamoDb>, page: &Page) -> Consumed {
        cx.tally.returned_items(self.table.id, page.count);
        cx.tally.item_bytes(self.table.id, page.evaluated_bytes);
        self.source.consumed(page)
    }
}

/// As [`Source::of`], in this operation's words.
fn source<'t>(
    table: &'t Table,
    index: Option<&str>,
    consistent_read: Option<bool>,
) -> Result<Source<'t>, ApiError> {
    let is_there = |name: &str| table.index(name).filter(|(_, index)| index.status != IndexStatus::Deleting);
    match index.map(is_there) {
        Some(None) => return Err(ApiError::validation(errors::STATEMENT_INDEX_NOT_FOUND)),
        Some(Some((_, found))) if consistent_read == Some(true) && found.kind == IndexKind::Global => {
            return Err(ApiError::validation(errors::STATEMENT_CONSISTENT_READ));
        }
        _ => {}
    }
    Source::of(table, index, consistent_read)
}
