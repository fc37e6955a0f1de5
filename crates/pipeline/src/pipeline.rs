//! The order of refusals, which is part of the API: [`Pipeline::answer`], [`serve`] (the protocol edge) and
//! [`perform`] (the operation, without HTTP or JSON) are that order.

mod asked;

use crate::access::Tags;
use crate::access_log::AccessLog;
use crate::audit::{self, Attempt, AuditLog};
use crate::body::Held;
use crate::denials::Denials;
use crate::entry::{Entry, Served};
use crate::operation::{Operation, Service, ServiceInfo};
use crate::protocol::{self, Protocol};
use crate::request::{MediaType, Request};
use crate::request_id::RequestId;
use crate::respond::{self, Refusal, Response};
use crate::route::Route;
use crate::router::{Found, Router};
use crate::streams;
use crate::{Caller, Cx, Host, authorize, body, credentials, guard};
use asked::Asked;
use figures::{Figures, Outcome};
use identity::{AuthError, Authenticator};
use model::{ApiError, DocumentShape, Shape};
use std::sync::Arc;
use stdx::{Clock, Random};
use wire::{Decode, Documented, Encode, Structured};

/// Everything between a request and its response.
pub struct Pipeline {
    edge: Edge,
    log: AccessLog,
    audit: Option<Arc<dyn AuditLog>>,
    router: Router,
}

/// What the protocol edge needs, whatever the service.
pub(crate) struct Edge {
    authenticator: Authenticator,
    clock: Arc<dyn Clock>,
    random: Random,
    figures: Arc<Figures>,
    denials: Denials,
}

impl Edge {
    /// Access keys and policies that another server has changed hold here too.
    async fn refresh(&self) -> Result<(), ApiError> {
        if self.authenticator.is_current() {
            return Ok(());
        }
        self.authenticator.refresh().await.map_err(credentials::refusal)
    }
}

impl Pipeline {
    /// A pipeline without services.
    pub fn new(authenticator: Authenticator, clock: Arc<dyn Clock>, random: Random) -> Self {
        let log = AccessLog::new(Arc::clone(&clock));
        let figures = Arc::new(Figures::new(Arc::clone(&clock)));
        let edge = Edge { authenticator, clock, random, figures, denials: Denials::default() };
        Pipeline { edge, log, audit: None, router: Router::default() }
    }

    /// The same that tells an audit log what was asked for.
    pub fn with_audit_log(self, log: Arc<dyn AuditLog>) -> Self {
        Pipeline { audit: Some(log), ..self }
    }

    /// The same with one more service. Its rows are static: a table of operations is part of the program.
    pub fn with_service<S: Service>(mut self, service: Arc<S>, rows: &'static [Entry<S>]) -> Self {
        self.router.add(service, rows);
        self
    }

    /// Answers a request; never fails and never panics, whatever the operation does.
    pub async fn answer(&self, request: &Request) -> Response {
        let mut response = self.answer_call(request, self.find(request)).await;
        if let Some(leaving) = response.leaving.take() {
            response.body = streams::collect(leaving).await.unwrap_or_default();
            response.crc32 = crc32fast::hash(&response.body);
        }
        response
    }

    /// Routes a request by its head, before its body is read.
    pub fn find(&self, request: &Request) -> Found<'_> {
        self.router.find(request)
    }

    /// Answers a request whose head was routed before.
    pub async fn answer_call(&self, request: &Request, found: Found<'_>) -> Response {
        let (id, asked) = (self.draw_request_id(), request.media_type());
        let Some((found, route)) = self.called(request, found, asked) else { return respond::not_a_call(id) };
        let started = self.log.start();
        let served = match route {
            Ok(route) => {
                let attempt = Attempt::of(id, self.audit.as_ref());
                let serving = route.serve(&self.edge, &attempt, request, found.protocol);
                let served = guard::catch_panics(&id, route, &self.edge.figures, serving).await;
                if let Some(log) = &self.audit {
                    let now_micros = self.edge.clock.now_micros();
                    let event = audit::event(&**log, route, &attempt, request, &served, now_micros);
                    event.into_iter().for_each(|event| log.note(event));
                }
                served
            }
            Err(refusal) => {
                self.count_refusal(refusal.code.name());
                Err(refusal)
            }
        };
        if let Err(error) = &served {
            self.edge.denials.note(&id, error);
        }
        self.log.finish(started, &id, request, &served);
        found.protocol.respond(found.service, asked, id, served)
    }

    /// An id for a request that is answered without the pipeline.
    pub fn draw_request_id(&self) -> RequestId {
        RequestId::draw(&self.edge.random)
    }

    /// Refuses a request on behalf of its listener, in the form of every other refusal.
    pub fn refuse(&self, request: &Request, found: Found<'_>, refusal: Refusal) -> Response {
        let error = ApiError::from(refusal);
        self.count_refusal(error.code.name());
        found.protocol.respond(found.service, request.media_type(), self.draw_request_id(), Err(error))
    }

    /// Who sends a request that is no call, signed for a service: an account by its own key, since no policy says what
    /// its users may do beside operations.
    pub fn authenticate(&self, request: &Request, signing_name: &str) -> Result<Arc<Caller>, Refusal> {
        let signed = signed(request, self.edge.clock.now_micros());
        let caller =
            self.edge.authenticator.authenticate(&signed, signing_name).map_err(Refusal::Credentials)?;
        let is_root = caller.principal.is_root();
        if is_root { Ok(caller) } else { Err(Refusal::Credentials(AuthError::UnknownKey)) }
    }

    /// Who knows the callers: for a listener of another protocol.
    pub fn authenticator(&self) -> &Authenticator {
        &self.edge.authenticator
    }

    /// Where such a listener tells what was asked of it.
    pub fn audit_log(&self) -> Option<&dyn AuditLog> {
        self.audit.as_deref()
    }

    /// Keeps why a request was denied that such a listener has answered.
    pub fn note_denial(&self, id: &RequestId, error: &ApiError) {
        self.edge.denials.note(id, error);
    }

    /// Why a recent request was denied, in some lines.
    pub fn explain_denial(&self, request_id: &str) -> Option<String> {
        self.edge.denials.explain(request_id)
    }

    /// What requests cost and how they ended.
    pub fn figures(&self) -> Arc<Figures> {
        Arc::clone(&self.edge.figures)
    }

    /// Counts a request that was refused before its operation was known.
    pub fn count_refusal(&self, reason: &'static str) {
        self.edge.figures.refuse(reason);
    }

    /// The rows of all services, for figures and listings.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.router.iter()
    }

    /// The operation that is called, now that the body is here; `None` for what is no call at all.
    fn called<'p>(&'p self, request: &Request, found: Found<'p>, asked: MediaType) -> Option<Called<'p>> {
        match found.protocol {
            Protocol::AwsJson10 | Protocol::AwsJson11 => {
                // A body that is not JSON is refused before an unknown target.
                let refused = |unknown| body::syntax_error(&request.body).unwrap_or(unknown);
                let is_call = protocol::is_call(found.protocol, request, asked);
                is_call.then(|| (found, found.built().map_err(refused)))
            }
            Protocol::Query => Some(match self.router.by_action(found, request)? {
                Ok(found) => (found, found.built()),
                Err(refusal) => (found, Err(refusal)),
            }),
            _ => Some((found, found.built())),
        }
    }
}

/// What a request calls, and the operation or why it cannot be served.
type Called<'p> = (Found<'p>, Result<&'p Route, ApiError>);

/// The protocol edge of one operation: from a request to its input, from its output to a body.
pub(crate) async fn serve<S: Service, O>(
    edge: &Edge,
    service: &S,
    attempt: &Attempt,
    request: &Request,
) -> Served
where
    O: Operation<S> + Shape<Input: Decode, Output: Encode>,
{
    let now_micros = edge.clock.now_micros();
    let tally = &edge.figures.begin(now_micros);
    let count = |refusal: &ApiError| edge.figures.refuse(refusal.code.name());
    let input = Held::<O::Input>::decode(&request.body);
    input.check_syntax().inspect_err(count)?;
    edge.refresh().await.inspect_err(count)?;
    let caller = edge.authenticator.authenticate(&signed(request, now_micros), S::SIGNING_NAME);
    let caller = &caller.map_err(credentials::refusal).inspect_err(count)?;
    attempt.is_by(caller);
    let input = input.release().inspect_err(count)?;
    let (random, host) = (&edge.random, Host::Of(request));
    let cx = Cx { service, caller, now_micros, request_id: &attempt.id, host, random, tally };
    Ok(body::encode(&perform::<S, O>(&cx, input).await?).into())
}

/// The same for an operation of a service with any protocols.
pub(crate) async fn serve_document<S: Service, O: Operation<S> + DocumentShape>(
    edge: &Edge,
    service: &S,
    attempt: &Attempt,
    request: &Request,
    protocol: Protocol,
) -> Served {
    let streaming = O::STREAMS.then(|| Box::new(request.streaming()));
    let request = streaming.as_deref().unwrap_or(request);
    let now_micros = edge.clock.now_micros();
    let tally = &edge.figures.begin(now_micros);
    let operation = protocol::Operation {
        name: O::NAME,
        http: O::HTTP,
        service: ServiceInfo::of::<S>(),
        id: &attempt.id,
    };
    let asked = Asked { operation: &operation, callers: S::CALLERS, is_open: O::IS_OPEN, request, protocol };
    let (caller, document) = asked.receive(edge, attempt, O::Input::SCHEMA, now_micros).await?;
    let input = O::Input::from_document(document).ok_or_else(|| asked.refuse_document(edge))?;
    let (caller, random, host) = (&caller, &edge.random, Host::Of(request));
    let cx = Cx { service, caller, now_micros, request_id: &attempt.id, host, random, tally };
    let mut output = perform::<S, O>(&cx, input).await?;
    let events = output.take_events();
    Ok(asked.answer(O::Output::SCHEMA, &output.into_document(), events))
}

/// Performs one operation for an authenticated caller. Everything that is judged after the caller's credentials is
/// judged here, so a call from inside the server gets the refusals of a request, in the same order.
pub async fn perform<S: Service, O: Operation<S>>(
    cx: &Cx<'_, S>,
    input: O::Input,
) -> Result<O::Output, ApiError> {
    let done = match plan::<S, O>(input) {
        Ok(plan) => match cx.service.refresh().await {
            Ok(()) => {
                let arns = resources_by_tag::<S, O>(cx, &plan);
                let tags = if arns.is_empty() { Ok(Vec::new()) } else { Box::pin(read_tags(cx, arns)).await };
                match tags.and_then(|tags| admit::<S, O>(cx, &plan, tags)) {
                    Ok(()) => match S::interfere(cx, O::NAME, O::KIND, || O::access(cx, &plan)) {
                        None => O::run(cx, plan).await,
                        Some(interference) => match interference.await {
                            Ok(()) => O::run(cx, plan).await,
                            Err(refusal) => Err(refusal),
                        },
                    },
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        },
        Err(refusal) => Err(refusal),
    };
    cx.tally.finish(O::NAME, (&cx.caller.account, &cx.caller.region), outcome::<S, _>(&done));
    done
}

/// Refuses what [`perform`] would refuse before it runs an operation: for an answer that is known already.
///
/// # Errors
/// The refusal.
pub async fn permit<S: Service, O: Operation<S>>(cx: &Cx<'_, S>, input: O::Input) -> Result<(), ApiError> {
    let plan = plan::<S, O>(input)?;
    cx.service.refresh().await?;
    let tags = read_tags(cx, resources_by_tag::<S, O>(cx, &plan)).await?;
    admit::<S, O>(cx, &plan, tags)
}

/// The stage of permissions, behind the refreshing: which attributes are keys is known of tables that are there.
fn admit<S: Service, O: Operation<S>>(
    cx: &Cx<'_, S>,
    plan: &O::Plan,
    tags: Vec<Tags>,
) -> Result<(), ApiError> {
    if authorize::decides(cx) { authorize::check(cx, O::access(cx, plan), tags) } else { Ok(()) }
}

/// The ARNs that an operation needs rights on; none where the request itself is refused.
pub(crate) fn resources<S: Service, O: Operation<S>>(cx: &Cx<'_, S>, input: O::Input) -> Vec<String> {
    let Ok(plan) = plan::<S, O>(input) else { return Vec::new() };
    O::access(cx, &plan).needs.into_iter().map(|need| need.resource.into_text()).collect()
}

/// The resources whose tags the stage has to read, in the order of the needs: none, as nearly always.
fn resources_by_tag<S: Service, O: Operation<S>>(cx: &Cx<'_, S>, plan: &O::Plan) -> Vec<String> {
    if !S::HAS_TAGS || !authorize::asks_for_tags(cx.caller) {
        return Vec::new();
    }
    O::access(cx, plan).needs.into_iter().map(|need| need.resource.into_text()).collect()
}

async fn read_tags<S: Service>(cx: &Cx<'_, S>, arns: Vec<String>) -> Result<Vec<Tags>, ApiError> {
    let mut tags = Vec::with_capacity(arns.len());
    for arn in &arns {
        tags.push(match S::tags_of(cx, arn).await {
            Err(error) if error.code.status() >= 500 => return Err(error),
            found => Tags::default().on(found.unwrap_or_default()),
        });
    }
    Ok(tags)
}

/// The stages that need the request alone.
fn plan<S: Service, O: Operation<S>>(input: O::Input) -> Result<O::Plan, ApiError> {
    O::VALIDATION.check(&input)?;
    O::check(input)
}

fn outcome<S: Service, T>(done: &Result<T, ApiError>) -> Outcome {
    match done {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Failed { error: error.code.name(), fault: S::fault(error) },
    }
}

fn signed(request: &Request, now_micros: u64) -> identity::SignedRequest<'_> {
    identity::SignedRequest {
        method: &request.method,
        uri: &request.uri,
        headers: &request.headers,
        body: request.sent.as_ref().unwrap_or(&request.body),
        now_micros,
        address: request.peer.map(|peer| peer.address),
    }
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("routes", &self.router.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
