//! A client of the API: one signed call at a time over kept connections.
//!
//! Refusals are returned as data; [`CallError::is_passing`] decides whether a call is tried again.

mod credentials;
mod error;
mod place;
mod profile;
mod variables;

pub use error::CallError;
pub use place::{Named, Place};
pub use variables::Variables;

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use identity::Signer;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

const CONNECT_MAX: Duration = Duration::from_secs(5);
const CALL_MAX: Duration = Duration::from_secs(30);
/// The largest answer that is read: a page of records is a megabyte of items, and larger as JSON.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;
const X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Which of the APIs an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// Tables and items.
    DynamoDb,
    /// Their changes.
    Streams,
    /// What functions print.
    Logs,
    /// Metrics and reports.
    CloudWatch,
}

impl Api {
    fn target_prefix(self) -> &'static str {
        match self {
            Api::DynamoDb => "DynamoDB_20120810",
            Api::Streams => "DynamoDBStreams_20120810",
            Api::Logs => "Logs_20140328",
            Api::CloudWatch => "GraniteServiceVersion20100801",
        }
    }

    fn signing_name(self) -> &'static str {
        match self {
            Api::DynamoDb | Api::Streams => "dynamodb",
            Api::Logs => "logs",
            Api::CloudWatch => "monitoring",
        }
    }

    fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Api::DynamoDb | Api::Streams | Api::CloudWatch => "application/x-amz-json-1.0",
            Api::Logs => "application/x-amz-json-1.1",
        })
    }
}

/// Calls one server as one caller.
pub struct Client {
    agent: Agent,
    place: Place,
    signer: Signer,
    clock: Arc<dyn Clock>,
}

impl Client {
    /// A client of the server at `place`.
    pub fn new(place: Place, signer: Signer, clock: Arc<dyn Clock>) -> Client {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_global(Some(CALL_MAX))
            .max_redirects(0)
            .user_agent(concat!("stator/", env!("CARGO_PKG_VERSION")));
        if !place.is_aws() {
            config = config.proxy(None); // a proxy of the environment is for the world outside
        }
        if let Some(pem) = place.authorities() {
            let roots = RootCerts::new_with_certs(&certificates(pem));
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Client { agent: config.build().into(), place, signer, clock }
    }

    /// Where the server is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Microseconds since the Unix epoch.
    pub fn now_micros(&self) -> u64 {
        self.clock.now_micros()
    }

    /// Calls an operation.
    pub fn call(&self, api: Api, operation: &str, input: &Value) -> Result<Value, CallError> {
        let request = self.request(api, operation, input)?;
        let answer = self.agent.run(request).map_err(|error| CallError::Unreachable(error.to_string()))?;
        let status = answer.status().as_u16();
        let mut body = answer.into_body();
        let body = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let body = body.map_err(|error| CallError::Unreachable(error.to_string()))?;
        error::read(status, &body)
    }

    /// Reads a page of the server's own, signed as a request of a service: status and text.
    pub fn page(&self, path: &str, service: &str) -> Result<(u16, String), CallError> {
        let mut parts = self.place.uri(Api::DynamoDb).clone().into_parts();
        parts.path_and_query = path.parse().ok();
        let uri = Uri::from_parts(parts).map_err(|_| CallError::UnusableKey)?;
        let mut request = Request::new(());
        let headers = request.headers_mut();
        headers.insert(HOST, value(host(&uri))?);
        let signed = self.signer.sign(service, (&Method::GET, &uri), headers, &[], self.clock.now_micros());
        signed.map_err(|_| CallError::UnusableKey)?;
        *request.uri_mut() = uri;
        let unreachable = |error: ureq::Error| CallError::Unreachable(error.to_string());
        let answer = self.agent.run(request).map_err(unreachable)?;
        let status = answer.status().as_u16();
        let text = answer.into_body().read_to_string().map_err(unreachable)?;
        Ok((status, text))
    }

    fn request(&self, api: Api, operation: &str, input: &Value) -> Result<Request<Vec<u8>>, CallError> {
        let uri = self.place.uri(api);
        let target = format!("{}.{operation}", api.target_prefix());
        let body = input.to_string().into_bytes();
        let mut request = Request::new(Vec::new());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, api.media_type());
        headers.insert(HOST, value(host(uri))?);
        headers.insert(X_AMZ_TARGET, value(&target)?);
        let now = self.clock.now_micros();
        let signed = self.signer.sign(api.signing_name(), (&Method::POST, uri), headers, &body, now);
        signed.map_err(|_| CallError::UnusableKey)?;
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        *request.body_mut() = body;
        Ok(request)
    }
}

fn certificates(pem: &str) -> Vec<Certificate<'static>> {
    let items = parse_pem(pem.as_bytes());
    let certificates = items.filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    certificates.collect()
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("place", &self.place).finish_non_exhaustive()
    }
}

fn host(uri: &Uri) -> &str {
    uri.authority().map_or("", |authority| authority.as_str())
}

fn value(text: &str) -> Result<HeaderValue, CallError> {
    HeaderValue::from_str(text).map_err(|_| CallError::UnusableKey)
}
