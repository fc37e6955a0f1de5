//! One HTTP request, refusals in order: host, preflight, pages of what is no call, body; the rest is the pipeline's.

use crate::body::{self, Received, Refused};
use crate::body_budget::BodyBudget;
use crate::body_pieces::BodyPieces;
use crate::coding::{self, Coders};
use crate::cors;
use crate::pages::{Page, Pages};
use crate::request_state::AwaitingClient;
use crate::response::{self, Outgoing};
use crate::response_budget::ResponseBudget;
use crate::server::Settings;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, Version, header};
use hyper::body::{Body, Incoming};
use pipeline::{Found, Peer, Pipeline, Refusal, Streams};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::watch;

/// What all connections of a listener share.
pub(crate) struct Handler {
    pub(crate) settings: Settings,
    pub(crate) bodies: BodyBudget,
    pub(crate) responses: ResponseBudget,
    pub(crate) coders: Coders,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) pages: Arc<dyn Pages>,
    /// Turns true when the server stops.
    pub(crate) closing: watch::Receiver<bool>,
}

impl Handler {
    /// Answers, with the headers of CORS. The request stays in one place all the way.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: Peer,
        awaiting: &AwaitingClient,
    ) -> Result<Outgoing, Infallible> {
        awaiting.clear();
        let (head, body) = request.into_parts();
        let mut request = api_request(head, peer);
        let origin = request.headers.get(header::ORIGIN).cloned();
        let found = self.pipeline.find(&request);
        let mut response = match self.without_operation(&request, found).await {
            Some(response) => {
                leave_unread(&request, body, awaiting);
                response
            }
            None => match self.pages_body(&request, found) {
                Some(limit) => Box::pin(self.act(&mut request, found, (body, limit), awaiting)).await,
                None => self.call(&mut request, found, body, awaiting).await,
            },
        };
        if let Some(origin) = origin {
            self.settings.cors.allow(&origin, response.headers_mut());
        }
        Ok(response)
    }

    /// The answer to what is no call.
    async fn without_operation(&self, request: &pipeline::Request, found: Found<'_>) -> Option<Outgoing> {
        if let Some(host) = names(request).find(|host| !self.settings.host_rule.takes(host)) {
            self.pipeline.count_refusal("UnknownHost");
            return Some(unknown_host(host));
        }
        if cors::is_preflight(&request.method, &request.headers) {
            return Some(self.preflight(request));
        }
        if found.is_call() {
            return None;
        }
        if self.pages_body(request, found).is_some() {
            return None;
        }
        if let Some(act) = self.pages.act(request) {
            return Some(self.show(act.await, request, found));
        }
        let may_be_page = matches!(request.method, Method::GET | Method::HEAD);
        may_be_page.then(|| self.show(self.pages.find(request), request, found))
    }

    fn preflight(&self, request: &pipeline::Request) -> Outgoing {
        let mut response = response::empty(200);
        response::set_request_id(response.headers_mut(), &self.pipeline.draw_request_id());
        self.settings.cors.preflight(&request.headers, response.headers_mut());
        response
    }

    fn show(&self, page: Page, request: &pipeline::Request, found: Found<'_>) -> Outgoing {
        match page {
            Page::Document { status, content_type, cache_control, body } => {
                response::page(status, content_type, cache_control, body)
            }
            Page::Refused(refusal) => self.refuse(request, found, refusal),
            Page::Unknown => response::unknown_page(),
        }
    }

    async fn call(
        &self,
        request: &mut pipeline::Request,
        found: Found<'_>,
        mut body: Incoming,
        awaiting: &AwaitingClient,
    ) -> Outgoing {
        let limits = &self.settings.limits;
        if found.streams() {
            let pieces = BodyPieces::new(&request.headers, body, limits.body_timeout, awaiting);
            request.streams = Some(Streams::arriving(Box::new(pieces), None));
            return self.answer_call(request, found).await;
        }
        let limit = found.body_bytes_max().unwrap_or(limits.body_bytes).min(limits.in_flight_bytes);
        let sizes = body::Sizes { limit, timeout: limits.body_timeout };
        let received =
            body::receive(&request.headers, &mut body, sizes, &self.bodies, &self.coders, awaiting).await;
        let _share = match received {
            Ok(Received { bytes, sent, share }) => {
                (request.body, request.sent) = (bytes, sent);
                share
            }
            Err(refused) => return self.not_received(refused, (request, found), body, awaiting),
        };
        self.answer_call(request, found).await
    }

    fn not_received(
        &self,
        refused: Refused,
        (request, found): (&pipeline::Request, Found<'_>),
        body: Incoming,
        awaiting: &AwaitingClient,
    ) -> Outgoing {
        match refused {
            Refused::BadEncoding => self.refuse(request, found, Refusal::Undecodable),
            Refused::TooLarge => {
                leave_unread(request, body, awaiting);
                self.too_large(request, found)
            }
            Refused::Malformed => {
                self.pipeline.count_refusal("MalformedBody");
                response::closing(400, "")
            }
            Refused::Incomplete => {
                self.pipeline.count_refusal("RequestTimeout");
                response::closing(408, "")
            }
        }
    }

    /// The largest body of the page that a request is for, where that takes one.
    fn pages_body(&self, request: &pipeline::Request, found: Found<'_>) -> Option<usize> {
        if found.is_call() { None } else { self.pages.body_bytes_max(request) }
    }

    /// What a page does with a body.
    async fn act(
        &self,
        request: &mut pipeline::Request,
        found: Found<'_>,
        (mut body, limit): (Incoming, usize),
        awaiting: &AwaitingClient,
    ) -> Outgoing {
        let limits = &self.settings.limits;
        let sizes = body::Sizes { limit: limit.min(limits.in_flight_bytes), timeout: limits.body_timeout };
        let received =
            body::receive(&request.headers, &mut body, sizes, &self.bodies, &self.coders, awaiting).await;
        let _share = match received {
            Ok(Received { bytes, share, .. }) => {
                request.body = bytes;
                share
            }
            Err(refused) => return self.not_received(refused, (request, found), body, awaiting),
        };
        match self.pages.act(request) {
            Some(act) => self.show(act.await, request, found),
            None => response::unknown_page(),
        }
    }

    async fn answer_call(&self, request: &mut pipeline::Request, found: Found<'_>) -> Outgoing {
        let limits = &self.settings.limits;
        self.responses.below_cap().await;
        let answer = self.pipeline.answer_call(request, found).await;
        if answer.following.is_some() {
            return response::begun(answer, &self.responses, &self.closing);
        }
        let headers = std::mem::take(&mut request.headers);
        let is_whole = answer.leaving.is_none();
        let is_large = is_whole && limits.compress_from_bytes.is_some_and(|from| answer.body.len() >= from);
        match is_large.then(|| coding::accepted(&headers)).flatten() {
            None => response::api(answer, headers, &self.responses),
            Some(coding) => {
                Box::pin(response::encoded(answer, coding, &self.coders, headers, &self.responses)).await
            }
        }
    }

    /// Services with a limit of their own have words for it.
    fn too_large(&self, request: &pipeline::Request, found: Found<'_>) -> Outgoing {
        match found.body_bytes_max() {
            Some(_) => response::closed(self.refuse(request, found, Refusal::TooLarge)),
            None => {
                self.pipeline.count_refusal("BodyTooLarge");
                response::closing(413, "")
            }
        }
    }

    fn refuse(&self, request: &pipeline::Request, found: Found<'_>, refusal: Refusal) -> Outgoing {
        response::api(self.pipeline.refuse(request, found, refusal), HeaderMap::new(), &self.responses)
    }
}

/// A client that waits for `100 Continue` has not sent its body and must not be answered so.
fn leave_unread(request: &pipeline::Request, body: Incoming, awaiting: &AwaitingClient) {
    if !body.is_end_stream() && !request.headers.contains_key(header::EXPECT) {
        awaiting.set();
        tokio::spawn(body::discard(body));
    }
}

/// Every name a request gives this server. One that is not a text matches no server.
fn names(request: &pipeline::Request) -> impl Iterator<Item = &str> {
    let hosts = request.headers.get_all(header::HOST).iter();
    hosts.map(|host| host.to_str().unwrap_or("?")).chain(request.uri.authority().map(|name| name.as_str()))
}

/// HTTP/2 has the host beside the path; signatures are over the header.
fn name_host(uri: &Uri, headers: &mut HeaderMap) {
    let host = uri.authority().map(|host| HeaderValue::from_str(host.as_str()));
    if let (Some(Ok(host)), header::Entry::Vacant(place)) = (host, headers.entry(header::HOST)) {
        place.insert(host);
    }
}

/// The request in the pipeline's form, before its body is read.
fn api_request(head: Parts, peer: Peer) -> pipeline::Request {
    let Parts { method, uri, mut headers, version, .. } = head;
    if version == Version::HTTP_2 {
        name_host(&uri, &mut headers);
    }
    pipeline::Request {
        method,
        uri,
        headers,
        body: Bytes::new(),
        sent: None,
        peer: Some(peer),
        streams: None,
    }
}

fn unknown_host(host: &str) -> Outgoing {
    let text = format!(
        "This server listens on loopback and is not called {host:?}. Use localhost or 127.0.0.1, or add the \
         name to `hosts` in the [http] section of stator.toml.\n"
    );
    response::own(403, text)
}
