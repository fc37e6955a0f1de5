//! The order of refusals, which is part of the API: [`Pipeline::answer`] and [`serve`] are that order.

use crate::access_log::AccessLog;
use crate::body::Held;
use crate::entry::{Entry, Served};
use crate::operation::{Operation, Service};
use crate::request::Request;
use crate::request_id::RequestId;
use crate::respond::{self, Response};
use crate::route::{Route, Routes};
use crate::{Cx, authorize, body, constraints, guard};
use identity::Authenticator;
use std::sync::Arc;
use stdx::{Clock, Random};

/// Everything between a request and its response.
pub struct Pipeline {
    front: Front,
    log: AccessLog,
    routes: Routes,
}

/// What every row needs, whatever its service.
pub(crate) struct Front {
    pub(crate) authenticator: Authenticator,
    pub(crate) clock: Arc<dyn Clock>,
    random: Random,
}

impl Pipeline {
    /// A pipeline without services.
    pub fn new(authenticator: Authenticator, clock: Arc<dyn Clock>, random: Random) -> Self {
        let log = AccessLog::new(Arc::clone(&clock));
        Pipeline { front: Front { authenticator, clock, random }, log, routes: Routes::default() }
    }

    /// The same with one more service. Its rows are static: a table of operations is part of the program.
    pub fn with_service<S: Service>(mut self, service: Arc<S>, rows: &'static [Entry<S>]) -> Self {
        self.routes.add(service, rows);
        self
    }

    /// Answers a request; never fails and never panics, whatever the operation does.
    pub async fn answer(&self, request: &Request) -> Response {
        let id = RequestId::draw(&self.front.random);
        let media_type = request.media_type();
        if !body::is_call(request, media_type) {
            return respond::not_a_call(id);
        }
        let started = self.log.start();
        let served = match self.route(request) {
            Ok(route) => {
                let served = guard::catch_panics(&id, route.name(), route.serve(&self.front, request)).await;
                route.metrics().record(&served);
                served
            }
            Err(refusal) => Err(refusal),
        };
        self.log.finish(started, &id, request, &served);
        respond::json(id, media_type, served)
    }

    /// A refusal that is decided outside (a listener's own), in the form of every other.
    pub fn refuse(&self, request: &Request, refusal: model::ApiError) -> Response {
        respond::json(RequestId::draw(&self.front.random), request.media_type(), Err(refusal))
    }

    /// The rows of all services, for figures and listings.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    /// A body that is not JSON is refused before an unknown target.
    fn route(&self, request: &Request) -> Result<&Route, model::ApiError> {
        match self.routes.find(request.target_bytes()) {
            Some(route) if route.is_built() => Ok(route),
            found => {
                Err(body::syntax_error(&request.body).unwrap_or_else(|| respond::unknown_operation(found)))
            }
        }
    }
}

/// One request for one operation, refusals in order.
pub(crate) async fn serve<S: Service, O: Operation<S>>(
    front: &Front,
    service: &S,
    request: &Request,
) -> Served {
    let input = Held::<O::Input>::decode(&request.body);
    input.check_syntax()?;
    let now_micros = front.clock.now_micros();
    let caller = front.authenticator.authenticate(&signed(request, now_micros), S::SIGNING_NAME)?;
    let input = input.release()?;
    constraints::check::<S, O>(&input)?;
    O::check(&input)?;
    let cx = Cx { service, caller: &caller, now_micros, request };
    authorize::check(&caller, || O::access(&cx, &input))?;
    let done = O::run(&cx, input).await;
    service.settle().await?;
    Ok(body::encode(&done?))
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
