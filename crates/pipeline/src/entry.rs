//! A row of a service's table of operations. Everything that must know which operations there are (routes,
//! metrics, the access log, coverage pages) reads these rows, so an operation is registered once.

use crate::operation::{Kind, Operation, Service};
use crate::pipeline::{Front, serve};
use crate::request::Request;
use model::ApiError;
use std::future::Future;
use std::pin::Pin;

/// What serving a request gives: the body of a success, or the error.
pub(crate) type Served = Result<Vec<u8>, ApiError>;

/// The one boxed future of a request.
pub(crate) type Serving<'a> = Pin<Box<dyn Future<Output = Served> + Send + 'a>>;

/// One operation of service `S`: built or planned.
pub struct Entry<S> {
    /// The API's name.
    pub name: &'static str,
    /// What it does to data; `None` for a planned one.
    pub kind: Option<Kind>,
    pub(crate) serve: Option<for<'a> fn(&'a Front, &'a S, &'a Request) -> Serving<'a>>,
}

/// The row of an operation that is built.
pub const fn entry<S: Service, O: Operation<S>>() -> Entry<S> {
    Entry {
        name: O::NAME,
        kind: Some(O::KIND),
        serve: Some(|front, service, request| in_place(|| serve::<S, O>(front, service, request))),
    }
}

/// The box comes before the future that goes into it: a future that is made first is copied with all the room it
/// will need.
fn in_place<'a, F: Future<Output = Served> + Send + 'a>(begin: impl FnOnce() -> F) -> Serving<'a> {
    let room = Box::new_uninit();
    let serving: Pin<Box<F>> = Box::into_pin(Box::write(room, begin()));
    serving
}

/// The row of an operation that is known and not built: it answers UnknownOperationException and says so.
pub const fn planned<S: Service>(name: &'static str) -> Entry<S> {
    Entry { name, kind: None, serve: None }
}

impl<S> Entry<S> {
    /// Whether requests for it are served.
    pub fn is_built(&self) -> bool {
        self.serve.is_some()
    }
}

impl<S> std::fmt::Debug for Entry<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}
