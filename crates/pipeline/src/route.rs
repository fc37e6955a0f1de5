//! From `X-Amz-Target` to a row. The one place where rows of different services meet.

use crate::entry::{Entry, Serving};
use crate::metrics::OperationMetrics;
use crate::operation::{Kind, Service};
use crate::pipeline::Front;
use crate::request::Request;
use std::sync::Arc;

/// All rows with their full target, `DynamoDB_20120810.PutItem`, in [`order`].
#[derive(Default)]
pub(crate) struct Routes(Vec<(String, Route)>);

impl Routes {
    pub(crate) fn add<S: Service>(&mut self, service: Arc<S>, rows: &'static [Entry<S>]) {
        for entry in rows {
            let target = format!("{}.{}", S::TARGET_PREFIX, entry.name);
            let row = Box::new(Bound { service: Arc::clone(&service), entry });
            let Err(place) = self.place(target.as_bytes()) else {
                panic!("{} stands twice in the table of operations", entry.name);
            };
            self.0.insert(place, (target, Route::new(entry, row)));
        }
    }

    pub(crate) fn find(&self, target: &[u8]) -> Option<&Route> {
        self.place(target).ok().map(|place| &self.0[place].1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter().map(|(_, route)| route)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn place(&self, target: &[u8]) -> Result<usize, usize> {
        self.0.binary_search_by_key(&order(target), |(target, _)| order(target.as_bytes()))
    }
}

/// By length first: targets begin alike, and few are of one length.
fn order(target: &[u8]) -> (usize, &[u8]) {
    (target.len(), target)
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
