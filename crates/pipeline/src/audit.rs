//! Events for an audit log: who called what, from where, and how it ended. The log selects them by the kind of
//! operation; refused callers are always reported. The form of a record and its place are the log's.
//!
//! Calls of services of this server are events too: see [`inside`].

mod inside;

pub use inside::{Inside, InsideLog, perform_audited};

use crate::entry::Served;
use crate::operation::Kind;
use crate::request::{Peer, Request};
use crate::request_id::RequestId;
use crate::route::Route;
use bytes::Bytes;
use http::{HeaderValue, header};
use identity::Caller;
use model::{ApiError, Code, code};
use std::sync::{Arc, OnceLock};

/// Where events go. Both functions are called by the thread that serves the request, so they must not wait.
pub trait AuditLog: Send + Sync {
    /// Whether it records operations of this kind.
    fn wants(&self, kind: Kind) -> bool;

    /// Takes an event.
    fn note(&self, event: Event);
}

/// A request that was answered.
#[derive(Debug)]
pub struct Event {
    /// The id that the answer carries.
    pub request_id: RequestId,
    /// Microseconds since the Unix epoch.
    pub time_micros: u64,
    /// The signing name of the service, such as `dynamodb`.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// What it does to data.
    pub kind: Kind,
    /// Who called; `None` where nobody was authenticated.
    pub caller: Option<Arc<Caller>>,
    /// The access key that was claimed, where nobody was authenticated.
    pub claimed_key: Option<String>,
    /// The service that made the request, for itself or for the caller; `None` where a client did.
    pub invoked_by: Option<String>,
    /// Where the request came from.
    pub peer: Option<Peer>,
    /// As sent.
    pub user_agent: Option<HeaderValue>,
    /// The path, without its query.
    pub path: String,
    /// The body, where it is short enough to be looked at: see [`BODY_BYTES_MAX`].
    pub body: Bytes,
    /// The ARNs of what it is about, of a call from inside; names in a request are in its body.
    pub resources: Vec<String>,
    /// The code of the error and, of a denial, its sentence.
    pub error: Option<(&'static str, Option<String>)>,
}

/// Longer bodies are left out.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request while it is served: its id, and its caller once it is authenticated.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) id: RequestId,
    /// `None` where no log asks.
    caller: Option<OnceLock<Arc<Caller>>>,
}

impl Attempt {
    pub(crate) fn of(id: RequestId, log: Option<&Arc<dyn AuditLog>>) -> Self {
        Attempt { id, caller: log.map(|_| OnceLock::new()) }
    }

    pub(crate) fn is_by(&self, caller: &Arc<Caller>) {
        if let Some(place) = &self.caller {
            _ = place.set(Arc::clone(caller));
        }
    }
}

/// The codes of refused credentials and of denials.
const REFUSALS: [Code; 7] = [
    code::ACCESS_DENIED,
    code::UNRECOGNIZED_CLIENT,
    code::INVALID_SIGNATURE,
    code::EXPIRED_TOKEN,
    code::MISSING_AUTHENTICATION_TOKEN,
    code::INCOMPLETE_SIGNATURE,
    code::REQUEST_TIME_SKEWED,
];

/// The event of a request, if the log records it.
pub(crate) fn event(
    log: &dyn AuditLog,
    route: &Route,
    attempt: &Attempt,
    request: &Request,
    served: &Served,
    now_micros: u64,
) -> Option<Event> {
    let (kind, error) = (route.kind()?, served.as_ref().err());
    let is_refused = error.is_some_and(is_refusal);
    let caller = attempt.caller.as_ref().and_then(OnceLock::get).cloned();
    let is_wanted = caller.is_some() && log.wants(kind);
    if !is_refused && !is_wanted {
        return None;
    }
    let claimed_key = match caller {
        Some(_) => None,
        None => identity::claimed_access_key(&request.headers, &request.uri),
    };
    Some(Event {
        request_id: attempt.id,
        time_micros: now_micros,
        service: route.service().signing_name,
        operation: route.name(),
        kind,
        caller,
        claimed_key,
        invoked_by: None,
        peer: request.peer,
        user_agent: request.headers.get(header::USER_AGENT).cloned(),
        path: request.uri.path().to_owned(),
        body: Some(&request.body).filter(|body| body.len() <= BODY_BYTES_MAX).cloned().unwrap_or_default(),
        resources: Vec::new(),
        error: error.map(told),
    })
}

fn is_refusal(error: &ApiError) -> bool {
    REFUSALS.contains(&error.code)
}

fn told(error: &ApiError) -> (&'static str, Option<String>) {
    let sentence = error.message.as_ref().filter(|_| error.code == code::ACCESS_DENIED);
    (error.code.name(), sentence.map(|text| text.clone().into_owned()))
}
