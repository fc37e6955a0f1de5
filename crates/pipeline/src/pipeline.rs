//! The order of refusals, which is part of the API: [`Pipeline::answer`], [`serve`] (the protocol edge) and
//! [`perform`] (the operation, without HTTP or JSON) are that order.

use crate::access_log::AccessLog;
use crate::body::Held;
use crate::entry::{Entry, Served};
use crate::operation::{Operation, Service};
use crate::request::Request;
use crate::request_id::RequestId;
use crate::respond::{self, Refusal, Response};
use crate::route::{Route, Routes};
use crate::{Cx, Host, authorize, body, credentials, guard};
use identity::Authenticator;
use model::ApiError;
use std::sync::Arc;
use stdx::{Clock, Random};

/// Everything between a request and its response.
pub struct Pipeline {
    edge: Edge,
    log: AccessLog,
    routes: Routes,
}

/// What the protocol edge needs, whatever the service.
pub(crate) struct Edge {
    authenticator: Authenticator,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl Pipeline {
    /// A pipeline without services.
    pub fn new(authenticator: Authenticator, clock: Arc<dyn Clock>, random: Random) -> Self {
        let log = AccessLog::new(Arc::clone(&clock));
        Pipeline { edge: Edge { authenticator, clock, random }, log, routes: Routes::default() }
    }

    /// The same with one more service. Its rows are static: a table of operations is part of the program.
    pub fn with_service<S: Service>(mut self, service: Arc<S>, rows: &'static [Entry<S>]) -> Self {
        self.routes.add(service, rows);
        self
    }

    /// Answers a request; never fails and never panics, whatever the operation does.
    pub async fn answer(&self, request: &Request) -> Response {
        let id = self.draw_request_id();
        let media_type = request.media_type();
        if !body::is_call(request, media_type) {
            return respond::not_a_call(id);
        }
        let started = self.log.start();
        let served = match self.route(request) {
            Ok(route) => {
                let serving = route.serve(&self.edge, &id, request);
                let served = guard::catch_panics(&id, route, serving).await;
                route.metrics().record(&served);
                served
            }
            Err(refusal) => Err(refusal),
        };
        self.log.finish(started, &id, request, &served);
        respond::json(id, media_type, served)
    }

    /// An id for a request that is answered without the pipeline.
    pub fn draw_request_id(&self) -> RequestId {
        RequestId::draw(&self.edge.random)
    }

    /// Refuses a request on behalf of its listener, in the form of every other refusal.
    pub fn refuse(&self, request: &Request, refusal: Refusal) -> Response {
        respond::json(self.draw_request_id(), request.media_type(), Err(refusal.into()))
    }

    /// The rows of all services, for figures and listings.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    /// A body that is not JSON is refused before an unknown target.
    fn route(&self, request: &Request) -> Result<&Route, ApiError> {
        match self.routes.find(request.target_bytes()) {
            Some(route) if route.is_built() => Ok(route),
            found => {
                Err(body::syntax_error(&request.body).unwrap_or_else(|| respond::unknown_operation(found)))
            }
        }
    }
}

/// The protocol edge of one operation: from a request to its input, from its output to a body.
pub(crate) async fn serve<S: Service, O: Operation<S>>(
    edge: &Edge,
    service: &S,
    id: &RequestId,
    request: &Request,
) -> Served {
    let input = Held::<O::Input>::decode(&request.body);
    input.check_syntax()?;
    let now_micros = edge.clock.now_micros();
    let caller = edge.authenticator.authenticate(&signed(request, now_micros), S::SIGNING_NAME);
    let caller = &caller.map_err(credentials::refusal)?;
    let input = input.release()?;
    let (random, host) = (&edge.random, Host::Of(&request.headers));
    let cx = Cx { service, caller, now_micros, request_id: id, host, random };
    Ok(body::encode(&perform::<S, O>(&cx, input).await?))
}

/// Performs one operation for a caller who is known. Everything that is judged after the caller's credentials is
/// judged here, so a call from inside the server meets the refusals of a request, in the same order.
pub async fn perform<S: Service, O: Operation<S>>(
    cx: &Cx<'_, S>,
    input: O::Input,
) -> Result<O::Output, ApiError> {
    let done = match plan::<S, O>(cx, input) {
        Ok(plan) => O::run(cx, plan).await,
        Err(refusal) => Err(refusal),
    };
    cx.service.performed(O::NAME, done.as_ref().err());
    done
}

/// The stages that wait for nothing.
fn plan<S: Service, O: Operation<S>>(cx: &Cx<'_, S>, input: O::Input) -> Result<O::Plan, ApiError> {
    O::VALIDATION.check(&input)?;
    let plan = O::check(input)?;
    authorize::check(cx.caller, || O::access(cx, &plan))?;
    Ok(plan)
}

fn signed(request: &Request, now_micros: u64) -> identity::SignedRequest<'_> {
    identity::SignedRequest {
        method: &request.method,
        uri: &request.uri,
        headers: &request.headers,
        body: request.sent.as_ref().unwrap_or(&request.body),
        now_micros,
    }
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
