//! One HTTP request, refusals in order: host, preflight, pages, body; the rest is the pipeline's.

use crate::body::{self, Received, Refused};
use crate::cors;
use crate::gzip;
use crate::in_flight::InFlight;
use crate::pages::{self, Page};
use crate::response::{self, Outgoing};
use crate::server::{Ready, Settings};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, header};
use hyper::body::Incoming;
use pipeline::Pipeline;
use std::sync::Arc;

/// What all connections of a listener share.
pub(crate) struct Front {
    pub(crate) settings: Settings,
    pub(crate) room: InFlight,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) ready: Ready,
}

impl Front {
    /// Answers, and tells browsers who may read the answer.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Outgoing {
        let (head, body) = request.into_parts();
        let origin = head.headers.get(header::ORIGIN).cloned();
        let mut response = self.route(head, body).await;
        if let Some(origin) = origin {
            self.settings.cors.allow(&origin, response.headers_mut());
        }
        response
    }

    async fn route(&self, head: Parts, body: Incoming) -> Outgoing {
        let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if !self.settings.host_rule.takes(host) {
            return unknown_host(host);
        }
        if cors::is_preflight(&head.method, &head.headers) {
            return self.preflight(&head);
        }
        match head.method {
            Method::GET | Method::HEAD => self.page(head),
            _ => self.call(head, body).await,
        }
    }

    fn preflight(&self, head: &Parts) -> Outgoing {
        let mut response = response::new(200, "", Bytes::new());
        self.settings.cors.preflight(&head.headers, response.headers_mut());
        response
    }

    fn page(&self, head: Parts) -> Outgoing {
        match pages::find(head.uri.path(), &head.headers, &self.settings.persona, || (self.ready)()) {
            Page::Text { status, content_type, text } => response::new(status, content_type, text.into()),
            Page::MissingToken => {
                let refusal = identity::missing_token();
                response::api(self.pipeline.refuse(&api_request(head, Bytes::new(), None), refusal), None)
            }
            Page::Unknown => response::new(404, "", Bytes::from_static(pipeline::respond::NOT_A_CALL)),
        }
    }

    async fn call(&self, head: Parts, mut body: Incoming) -> Outgoing {
        let limits = &self.settings.limits;
        let received = body::receive(&head.headers, &mut body, limits, &self.room).await;
        let Received { bytes, sent, _share } = match received {
            Ok(received) => received,
            Err(refused) => return refusal(refused, &head, body),
        };
        let gzip_from_bytes = limits.gzip_from_bytes.filter(|_| gzip::is_accepted(&head.headers));
        let answer = self.pipeline.answer(api_request(head, bytes, sent)).await;
        response::api(answer, gzip_from_bytes)
    }
}

/// A client that waits to be told to continue has not sent its body and must not be told.
fn refusal(refused: Refused, head: &Parts, body: Incoming) -> Outgoing {
    match refused {
        Refused::TooLarge => {
            if !head.headers.contains_key(header::EXPECT) {
                tokio::spawn(body::discard(body));
            }
            response::closing(413, "")
        }
        Refused::BadEncoding => response::own(400, "The body is not gzip.\n"),
        Refused::Incomplete => response::closing(408, ""),
    }
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
