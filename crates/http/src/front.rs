//! One HTTP request, refusals in order: host, preflight, pages, body; the rest is the pipeline's.

use crate::body::{self, Received, Refused};
use crate::cors;
use crate::gzip;
use crate::in_flight::InFlight;
use crate::pages::{self, Page};
use crate::response::{self, Outgoing};
use crate::server::{Ready, Settings};
use crate::turn::Turn;
use crate::unsent::Unsent;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, header};
use hyper::body::{Body, Incoming};
use pipeline::Pipeline;
use std::sync::Arc;

/// What all connections of a listener share.
pub(crate) struct Front {
    pub(crate) settings: Settings,
    pub(crate) room: InFlight,
    pub(crate) unsent: Unsent,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) ready: Ready,
}

impl Front {
    /// Answers, and tells browsers who may read the answer.
    pub(crate) async fn answer(&self, request: Request<Incoming>, turn: &Turn) -> Outgoing {
        turn.take();
        let (head, body) = request.into_parts();
        let origin = head.headers.get(header::ORIGIN).cloned();
        let mut response = self.route(head, body, turn).await;
        if let Some(origin) = origin {
            self.settings.cors.allow(&origin, response.headers_mut());
        }
        response
    }

    async fn route(&self, head: Parts, body: Incoming, turn: &Turn) -> Outgoing {
        match self.without_body(&head) {
            Some(response) => {
                leave_unread(&head, body, turn);
                response
            }
            None => self.call(head, body, turn).await,
        }
    }

    /// The answer to what is no call.
    fn without_body(&self, head: &Parts) -> Option<Outgoing> {
        if let Some(host) = names(head).find(|host| !self.settings.host_rule.takes(host)) {
            return Some(unknown_host(host));
        }
        if cors::is_preflight(&head.method, &head.headers) {
            return Some(self.preflight(head));
        }
        matches!(head.method, Method::GET | Method::HEAD).then(|| self.page(head))
    }

    fn preflight(&self, head: &Parts) -> Outgoing {
        let mut response = response::new(200, "", Bytes::new());
        self.settings.cors.preflight(&head.headers, response.headers_mut());
        response
    }

    fn page(&self, head: &Parts) -> Outgoing {
        match pages::find(head.uri.path(), &head.headers, &self.settings.persona, || (self.ready)()) {
            Page::Text { status, content_type, text } => response::new(status, content_type, text.into()),
            Page::MissingToken => {
                let refusal = identity::missing_token();
                response::api(
                    self.pipeline.refuse(&api_request(head.clone(), Bytes::new(), None), refusal),
                    None,
                    &self.unsent,
                )
            }
            Page::Unknown => response::new(404, "", Bytes::from_static(pipeline::respond::NOT_A_CALL)),
        }
    }

    async fn call(&self, head: Parts, mut body: Incoming, turn: &Turn) -> Outgoing {
        let limits = &self.settings.limits;
        let received = body::receive(&head.headers, &mut body, limits, &self.room, turn).await;
        let Received { bytes, sent, _share } = match received {
            Ok(received) => received,
            Err(refused) => return refusal(refused, &head, body, turn),
        };
        let gzip_from_bytes = limits.gzip_from_bytes.filter(|_| gzip::is_accepted(&head.headers));
        self.unsent.below_cap().await;
        let answer = self.pipeline.answer(api_request(head, bytes, sent)).await;
        response::api(answer, gzip_from_bytes, &self.unsent)
    }
}

fn refusal(refused: Refused, head: &Parts, body: Incoming, turn: &Turn) -> Outgoing {
    match refused {
        Refused::TooLarge => {
            leave_unread(head, body, turn);
            response::closing(413, "")
        }
        Refused::BadEncoding => response::own(400, "The body is not gzip.\n"),
        Refused::Malformed => response::closing(400, ""),
        Refused::Incomplete => response::closing(408, ""),
    }
}

/// A client that waits to be told to continue has not sent its body and must not be told.
fn leave_unread(head: &Parts, body: Incoming, turn: &Turn) {
    if !body.is_end_stream() && !head.headers.contains_key(header::EXPECT) {
        turn.give();
        tokio::spawn(body::discard(body));
    }
}

/// Every name a request gives this server. One that is not a text is nobody's.
fn names(head: &Parts) -> impl Iterator<Item = &str> {
    let hosts = head.headers.get_all(header::HOST).iter();
    hosts.map(|host| host.to_str().unwrap_or("?")).chain(head.uri.authority().map(|name| name.as_str()))
}

fn api_request(head: Parts, body: Bytes, sent: Option<Bytes>) -> pipeline::Request {
    pipeline::Request { method: head.method, uri: head.uri, headers: head.headers, body, sent }
}

fn unknown_host(host: &str) -> Outgoing {
    let text = format!(
        "This server listens on loopback and is not called {host:?}. Use localhost or 127.0.0.1, or add the \
         name to `hosts` in the [http] section of stator.toml.\n"
    );
    response::own(403, text)
}
