//! The operations of all services by their full name.

use crate::audit::Attempt;
use crate::entry::{Entry, Row, Serving};
use crate::operation::{Kind, Service, ServiceInfo};
use crate::pipeline::Edge;
use crate::protocol::Protocol;
use crate::request::Request;
use foldhash::fast::RandomState;
use model::Http;
use std::collections::HashMap;
use std::sync::Arc;

/// All rows, and where each is by its full target, `DynamoDB_20120810.PutItem`.
#[derive(Default)]
pub(crate) struct Routes {
    routes: Vec<Route>,
    places: HashMap<Box<[u8]>, usize, RandomState>,
}

impl Routes {
    pub(crate) fn add<S: Service>(&mut self, service: Arc<S>, rows: &'static [Entry<S>]) {
        for entry in rows {
            let target = format!("{}.{}", S::TARGET_PREFIX, entry.name).into_bytes();
            let earlier = self.places.insert(target.into(), self.routes.len());
            assert!(earlier.is_none(), "{} stands twice in the table of operations", entry.name);
            self.routes.push(Route::new(entry, &service));
        }
    }

    pub(crate) fn find(&self, target: &[u8]) -> Option<&Route> {
        self.places.get(target).map(|place| &self.routes[*place])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.routes.len()
    }
}

/// One operation of a running server.
pub struct Route {
    name: &'static str,
    kind: Option<Kind>,
    service: &'static ServiceInfo,
    http: Option<Http>,
    header: Option<&'static str>,
    streams: bool,
    /// `None` for a planned one.
    row: Option<Box<dyn Row>>,
}

impl Route {
    fn new<S: Service>(entry: &'static Entry<S>, service: &Arc<S>) -> Self {
        let row = entry.bind.map(|bind| bind(Arc::clone(service)));
        let Entry { name, kind, http, header, streams, .. } = *entry;
        Route { name, kind, service: ServiceInfo::of::<S>(), http, header, streams, row }
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
        self.row.is_some()
    }

    /// The service it belongs to.
    pub(crate) fn service(&self) -> &'static ServiceInfo {
        self.service
    }

    /// How REST protocols call it.
    pub(crate) fn http(&self) -> Option<Http> {
        self.http
    }

    /// The header that a request for it has, where another is called at the same path.
    pub(crate) fn header(&self) -> Option<&'static str> {
        self.header
    }

    /// Whether its bodies come and go in pieces.
    pub(crate) fn streams(&self) -> bool {
        self.streams
    }

    pub(crate) fn serve<'a>(
        &'a self,
        edge: &'a Edge,
        attempt: &'a Attempt,
        request: &'a Request,
        protocol: Protocol,
    ) -> Serving<'a> {
        let row = self.row.as_deref().expect("a planned operation is refused before it is served");
        row.serve(edge, attempt, request, protocol)
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route").field("name", &self.name).finish_non_exhaustive()
    }
}
