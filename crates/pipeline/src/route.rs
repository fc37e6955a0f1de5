//! From `X-Amz-Target` to a row. The one place where rows of different services meet.

use crate::entry::{Entry, Serving};
use crate::metrics::OperationMetrics;
use crate::operation::{Kind, Service};
use crate::pipeline::Front;
use crate::request::Request;
use std::collections::HashMap;
use std::sync::Arc;

/// All rows by their full target, `DynamoDB_20120810.PutItem`.
#[derive(Default)]
pub(crate) struct Routes(HashMap<String, Route>);

impl Routes {
    pub(crate) fn add<S: Service>(&mut self, service: Arc<S>, rows: &'static [Entry<S>]) {
        for entry in rows {
            let target = format!("{}.{}", S::TARGET_PREFIX, entry.name);
            let row = Box::new(Bound { service: Arc::clone(&service), entry });
            let taken = self.0.insert(target, Route::new(entry, row));
            assert!(taken.is_none(), "{} stands twice in the table of operations", entry.name);
        }
    }

    pub(crate) fn find(&self, target: &str) -> Option<&Route> {
        self.0.get(target)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// One operation of a running server, with its figures.
pub struct Route {
    name: &'static str,
    kind: Option<Kind>,
    metrics: OperationMetrics,
    row: Box<dyn Row>,
}

impl Route {
    fn new<S: Service>(entry: &'static Entry<S>, row: Box<dyn Row>) -> Self {
        Route { name: entry.name, kind: entry.kind, metrics: OperationMetrics::default(), row }
    }

    /// The API's name of the operation.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it does to data; `None` for a planned one.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Whether requests for it are served.
    pub fn is_built(&self) -> bool {
        self.kind.is_some()
    }

    /// Its figures.
    pub fn metrics(&self) -> &OperationMetrics {
        &self.metrics
    }

    pub(crate) fn serve<'a>(&'a self, front: &'a Front, request: &'a Request) -> Serving<'a> {
        self.row.serve(front, request)
    }
}

/// A row together with its service, whatever the service.
trait Row: Send + Sync {
    fn serve<'a>(&'a self, front: &'a Front, request: &'a Request) -> Serving<'a>;
}

struct Bound<S: Service> {
    service: Arc<S>,
    entry: &'static Entry<S>,
}

impl<S: Service> Row for Bound<S> {
    fn serve<'a>(&'a self, front: &'a Front, request: &'a Request) -> Serving<'a> {
        let serve = self.entry.serve.expect("a planned row is refused before it is served");
        serve(front, &self.service, request)
    }
}
