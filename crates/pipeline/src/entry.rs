//! A row of a service's table of operations. Everything that must know which operations there are (routes,
//! metrics, the access log, coverage pages) reads these rows, so an operation is registered once.

use crate::audit::Attempt;
use crate::operation::{Kind, Operation, Service};
use crate::pipeline::{Edge, serve, serve_document};
use crate::protocol::Protocol;
use crate::request::Request;
use crate::respond::Following;
use crate::streams::Leaving;
use http::{HeaderName, HeaderValue};
use model::{ApiError, DocumentShape, Http, Shape};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use wire::{Decode, Encode};

/// What serving a request gives: a success, or the error.
pub(crate) type Served = Result<Answer, ApiError>;

/// A success.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// The body, where it leaves in pieces.
    pub(crate) leaving: Option<Leaving>,
    /// Status and headers that are not those of every answer.
    pub(crate) head: Option<Box<Head>>,
}

/// Status and headers of one answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// What comes behind the body.
    pub(crate) following: Option<Following>,
}

impl From<Vec<u8>> for Answer {
    fn from(body: Vec<u8>) -> Self {
        Answer { body, leaving: None, head: None }
    }
}

/// The one boxed future of a request.
pub(crate) type Serving<'a> = Pin<Box<dyn Future<Output = Served> + Send + 'a>>;

/// One operation of service `S`: built or planned.
pub struct Entry<S> {
    /// The API's name.
    pub name: &'static str,
    /// What it does to data; `None` for a planned one.
    pub kind: Option<Kind>,
    pub(crate) bind: Option<Bind<S>>,
    /// How REST protocols call it, where its service speaks one.
    pub(crate) http: Option<Http>,
    /// The header that distinguishes it from another at the same path.
    pub(crate) header: Option<&'static str>,
    /// Whether its bodies come and go in pieces.
    pub(crate) streams: bool,
}

/// Puts an operation together with its service.
type Bind<S> = fn(Arc<S>) -> Box<dyn Row>;

/// The row of an operation that is built, of a service with JSON alone, which is read in one pass.
pub const fn entry<S: Service, O>() -> Entry<S>
where
    O: Operation<S> + Shape<Input: Decode, Output: Encode>,
{
    Entry {
        name: O::NAME,
        kind: Some(O::KIND),
        bind: Some(|service| Box::new(Bound { service, operation: PhantomData::<fn() -> O> })),
        http: None,
        header: None,
        streams: false,
    }
}

/// The row of an operation that is built, of a service with any protocols.
pub const fn document_entry<S: Service, O: Operation<S> + DocumentShape>() -> Entry<S> {
    Entry {
        name: O::NAME,
        kind: Some(O::KIND),
        bind: Some(|service| Box::new(BoundDocument { service, operation: PhantomData::<fn() -> O> })),
        http: Some(O::HTTP),
        header: None,
        streams: O::STREAMS,
    }
}

/// An operation with its service, whatever they are.
pub(crate) trait Row: Send + Sync {
    fn serve<'a>(
        &'a self,
        edge: &'a Edge,
        attempt: &'a Attempt,
        request: &'a Request,
        protocol: Protocol,
    ) -> Serving<'a>;
}

struct Bound<S, O> {
    service: Arc<S>,
    operation: PhantomData<fn() -> O>,
}

impl<S: Service, O> Row for Bound<S, O>
where
    O: Operation<S> + Shape<Input: Decode, Output: Encode>,
{
    fn serve<'a>(
        &'a self,
        edge: &'a Edge,
        attempt: &'a Attempt,
        request: &'a Request,
        _: Protocol,
    ) -> Serving<'a> {
        in_place(|| serve::<S, O>(edge, &self.service, attempt, request))
    }
}

struct BoundDocument<S, O> {
    service: Arc<S>,
    operation: PhantomData<fn() -> O>,
}

impl<S: Service, O: Operation<S> + DocumentShape> Row for BoundDocument<S, O> {
    fn serve<'a>(
        &'a self,
        edge: &'a Edge,
        attempt: &'a Attempt,
        request: &'a Request,
        protocol: Protocol,
    ) -> Serving<'a> {
        in_place(|| serve_document::<S, O>(edge, &self.service, attempt, request, protocol))
    }
}

/// The box comes before the future that goes into it: a future that is made first is copied with all the room it
/// will need.
fn in_place<'a, F: Future<Output = Served> + Send + 'a>(begin: impl FnOnce() -> F) -> Serving<'a> {
    let room = Box::new_uninit();
    let serving: Pin<Box<F>> = Box::into_pin(Box::write(room, begin()));
    serving
}

/// The row of an operation that is planned: it answers UnknownOperationException with a text about that.
pub const fn planned<S: Service>(name: &'static str) -> Entry<S> {
    Entry { name, kind: None, bind: None, http: None, header: None, streams: false }
}

impl<S> Entry<S> {
    /// The same at a path of REST that says more than the model's: `/{Bucket}/{Key+}?uploadId`. A planned operation
    /// needs one, or its requests would be taken for another's.
    pub const fn at(mut self, method: &'static str, path: &'static str) -> Self {
        self.http = Some(Http { method, path, status: 200 });
        self
    }

    /// The same, for requests with this header alone.
    pub const fn with_header(mut self, name: &'static str) -> Self {
        self.header = Some(name);
        self
    }

    /// Whether requests for it are served.
    pub fn is_built(&self) -> bool {
        self.bind.is_some()
    }
}

impl<S> std::fmt::Debug for Entry<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}
