//! Figures as series of points: what CloudWatch calls a metric with its dimensions.

use crate::TableNames;
use crate::histogram::Histogram;
use crate::history::History;
use crate::metric::Metric;
use crate::minute::{Build, Capacity, Facet, Fault, Minute, Operation, Subject, Throttle};
use crate::statistic::Statistic;
use std::sync::Arc;

/// One series: a metric with exactly these dimensions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId {
    /// The account the series belongs to.
    pub account: Arc<str>,
    /// The region the series is in.
    pub region: Arc<str>,
    /// What it measures.
    pub metric: Metric,
    /// The dimension `TableName`.
    pub table: Option<Arc<str>>,
    /// The dimension `GlobalSecondaryIndexName`.
    pub index: Option<Arc<str>>,
    /// The dimension `Operation`.
    pub operation: Option<&'static str>,
    /// A dimension that few metrics have.
    pub facet: Option<Facet>,
}

impl SeriesId {
    /// The dimensions, as names and values.
    pub fn dimensions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let table = self.table.as_deref().map(|table| ("TableName", table));
        let index = self.index.as_deref().map(|index| ("GlobalSecondaryIndexName", index));
        let operation = self.operation.map(|operation| ("Operation", operation));
        let facet = self.facet.as_ref().map(Facet::dimension);
        table.into_iter().chain(index).chain(operation).chain(facet)
    }
}

impl Facet {
    fn dimension(&self) -> (&'static str, &str) {
        match self {
            Facet::Stream(label) => ("StreamLabel", label),
            Facet::ChangeDataCapture => ("DelegatedOperation", "ChangeDataCaptureForKinesisDataStreams"),
            Facet::ReceivingRegion(region) => ("ReceivingRegion", region),
        }
    }

    /// The operation that is the only one to have it.
    fn operation(&self) -> Option<&'static str> {
        match self {
            Facet::Stream(_) => Some("GetRecords"),
            Facet::ChangeDataCapture | Facet::ReceivingRegion(_) => None,
        }
    }
}

/// What a series has for one minute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Point {
    /// The values, in the metric's unit.
    pub statistic: Statistic,
    /// The distribution of latencies in microseconds; empty for other metrics.
    pub micros: Histogram,
}

impl Point {
    fn of(statistic: Statistic) -> Self {
        Point { statistic, micros: Histogram::default() }
    }

    fn of_events(count: u64) -> Self {
        Point::of(Statistic::of_events(count))
    }

    /// What was added since it was `before`. Merged with what was there before, it gives this point again.
    pub fn since(&self, before: &Point) -> Point {
        Point {
            statistic: self.statistic.since(&before.statistic),
            micros: self.micros.since(&before.micros),
        }
    }

    /// Adds the values of another part of the minute.
    pub fn merge(&mut self, other: &Point) {
        self.statistic.merge(&other.statistic);
        self.micros.merge(&other.micros);
    }
}

/// Whose series a subject's figures make.
pub(crate) enum Owner<'a> {
    Table(&'a TableNames),
    Account { account: &'a Arc<str>, region: &'a Arc<str> },
}

impl<'a> Owner<'a> {
    pub(crate) fn is(&self, account: &str, region: &str) -> bool {
        let (own_account, own_region) = self.place();
        **own_account == *account && **own_region == *region
    }

    pub(crate) fn table(&self) -> Option<&'a Arc<str>> {
        match self {
            Owner::Table(names) => Some(&names.table),
            Owner::Account { .. } => None,
        }
    }

    fn place(&self) -> (&'a Arc<str>, &'a Arc<str>) {
        match self {
            Owner::Table(names) => (&names.account, &names.region),
            Owner::Account { account, region } => (account, region),
        }
    }

    fn id(&self, metric: Metric) -> SeriesId {
        let (account, region) = self.place();
        SeriesId {
            account: Arc::clone(account),
            region: Arc::clone(region),
            metric,
            table: self.table().cloned(),
            index: None,
            operation: None,
            facet: None,
        }
    }
}

/// The owner of the series; `None` for those of the server, which are shown to no account.
pub(crate) fn owner<'a>(subject: &'a Subject, history: &'a History) -> Option<Owner<'a>> {
    match subject {
        Subject::Server => None,
        Subject::Table(table) => history.names(*table).map(Owner::Table),
        Subject::Account { account, region } => Some(Owner::Account { account, region }),
    }
}

/// Hands every series of a subject's minute that has data to `put`.
pub(crate) fn each(owner: &Owner<'_>, minute: &Minute, put: &mut impl FnMut(SeriesId, Point)) {
    let mut put = |id: SeriesId, point: Point| {
        if !point.statistic.is_empty() {
            put(id, point);
        }
    };
    match owner {
        Owner::Account { .. } => put(owner.id(Metric::UserErrors), Point::of_events(minute.user_errors)),
        Owner::Table(names) => {
            for (index, capacity) in &minute.capacity {
                of_capacity(owner, names, *index, capacity, &mut put);
            }
            for (throttle, count) in minute.operations.iter().flat_map(|operation| &operation.throttles) {
                of_throttle(owner, names, throttle, *count, &mut put);
            }
            for (index, build) in &minute.builds {
                of_build(owner, names, *index, build, &mut put);
            }
            for (metric, facet, statistic) in &minute.facets {
                let (operation, facet) = (facet.operation(), Some(facet.clone()));
                put(SeriesId { operation, facet, ..owner.id(*metric) }, Point::of(*statistic));
            }
            of_table(owner, minute, &mut put);
            for operation in &minute.operations {
                of_operation(owner, operation, &mut put);
            }
        }
    }
}

/// Reads and writes of the table or of an index.
fn of_capacity(
    owner: &Owner<'_>,
    names: &TableNames,
    index: u16,
    capacity: &Capacity,
    put: &mut impl FnMut(SeriesId, Point),
) {
    let name = names.indexes.get(&index);
    if index != 0 && name.is_none() {
        return;
    }
    for (metric, point) in [
        (Metric::ConsumedReadCapacityUnits, Point::of(capacity.read)),
        (Metric::ConsumedWriteCapacityUnits, Point::of(capacity.write)),
    ] {
        put(SeriesId { index: name.cloned(), ..owner.id(metric) }, point);
    }
}

/// Each event counts once as one, and once under each of its reasons.
fn of_throttle(
    owner: &Owner<'_>,
    names: &TableNames,
    throttle: &Throttle,
    count: u64,
    put: &mut impl FnMut(SeriesId, Point),
) {
    let name = names.indexes.get(&throttle.index);
    if throttle.index != 0 && name.is_none() {
        return;
    }
    for metric in Metric::of_throttle(throttle) {
        put(SeriesId { index: name.cloned(), ..owner.id(metric) }, Point::of_events(count));
    }
}

/// How far an index is that is being built.
fn of_build(
    owner: &Owner<'_>,
    names: &TableNames,
    index: u16,
    build: &Build,
    put: &mut impl FnMut(SeriesId, Point),
) {
    let Some(name) = names.indexes.get(&index) else { return };
    for (metric, statistic) in [
        (Metric::OnlineIndexPercentageProgress, build.percent),
        (Metric::OnlineIndexConsumedWriteCapacity, build.write),
    ] {
        put(SeriesId { index: Some(Arc::clone(name)), ..owner.id(metric) }, Point::of(statistic));
    }
}

/// What has the dimension `TableName` alone. The service has errors and throttled requests only with `Operation`;
/// they are published without it too, so that one alarm covers a table.
fn of_table(owner: &Owner<'_>, minute: &Minute, put: &mut impl FnMut(SeriesId, Point)) {
    let errors = |fault| minute.operations.iter().map(|operation| operation.errors_of(fault)).sum();
    for (metric, events) in [
        (Metric::ConditionalCheckFailedRequests, minute.condition_failures),
        (Metric::TransactionConflict, minute.transaction_conflicts),
        (Metric::TimeToLiveDeletedItemCount, minute.expired_items),
        (Metric::ThrottledRequests, errors(Fault::Throttled)),
        (Metric::SystemErrors, errors(Fault::System)),
        (Metric::UserErrors, errors(Fault::User)),
    ] {
        put(owner.id(metric), Point::of_events(events));
    }
}

/// What has the dimensions `TableName` and `Operation`.
fn of_operation(owner: &Owner<'_>, operation: &Operation, put: &mut impl FnMut(SeriesId, Point)) {
    let latency = operation.latency.scaled(1.0 / MICROS_PER_MILLISECOND);
    for (metric, point) in [
        (Metric::SuccessfulRequestLatency, Point { statistic: latency, micros: operation.latencies.clone() }),
        (Metric::ReturnedItemCount, Point::of(operation.returned_items)),
        (Metric::ThrottledRequests, Point::of_events(operation.errors_of(Fault::Throttled))),
        (Metric::SystemErrors, Point::of_events(operation.errors_of(Fault::System))),
    ] {
        put(SeriesId { operation: Some(operation.name), ..owner.id(metric) }, point);
    }
}

const MICROS_PER_MILLISECOND: f64 = 1_000.0;
