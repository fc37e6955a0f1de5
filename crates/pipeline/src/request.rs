//! A request in the pipeline: already whole in memory, or with a body in pieces; from a socket or made by a test.

use crate::streams::Streams;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use std::net::IpAddr;
use std::sync::Arc;

/// The name of the header that names the operation.
pub const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// What a body is, by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// `application/x-amz-json-1.0`.
    AmzJson,
    /// `application/x-amz-json-1.1`.
    AmzJson11,
    /// `application/x-amz-cbor-1.1`.
    AmzCbor11,
    /// `application/json`.
    Json,
    /// Nothing that is a call.
    Other,
}

/// One request. The body is decoded: transfer and content encodings are undone.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Path and query as sent: both are part of what a client signs.
    pub uri: Uri,
    /// All headers: any of them may be signed.
    pub headers: HeaderMap,
    /// The body, at most as long as the limit of the listener.
    pub body: Bytes,
    /// The body as sent, where that differs (it was compressed): a signature covers what was sent.
    pub sent: Option<Bytes>,
    /// The connection it came over; `None` for one that came over none.
    pub peer: Option<Peer>,
    /// The bodies of request and answer, where they come and go in pieces: then `body` is empty.
    pub streams: Option<Arc<Streams>>,
}

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The other end of the connection: a client, or a proxy in front of the server.
    pub address: IpAddr,
    /// Whether the connection is under TLS.
    pub is_secure: bool,
}

impl Request {
    /// A POST to an operation, `DynamoDB_20120810.ListTables`, without credentials.
    pub fn call(target: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        if let Ok(target) = HeaderValue::from_str(target) {
            headers.insert(TARGET, target);
        }
        Request {
            method: Method::POST,
            uri: Uri::from_static("/"),
            headers,
            body: body.into(),
            sent: None,
            peer: None,
            streams: None,
        }
    }

    /// The same request with one more header. A value no header can have leaves the request as it is.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The value of `X-Amz-Target`; empty when it is missing.
    pub fn target(&self) -> &str {
        self.header(&TARGET)
    }

    /// The `Host` header; empty when it is missing.
    pub fn host(&self) -> &str {
        self.header(&header::HOST)
    }

    /// The same as bytes: a target is only compared.
    pub(crate) fn target_bytes(&self) -> &[u8] {
        self.header_bytes(&TARGET)
    }

    /// The media type of `Content-Type`, without its parameters.
    pub(crate) fn media_type(&self) -> MediaType {
        MediaType::of(self.header_bytes(&header::CONTENT_TYPE))
    }

    fn header(&self, name: &HeaderName) -> &str {
        std::str::from_utf8(self.header_bytes(name)).unwrap_or_default()
    }

    fn header_bytes(&self, name: &HeaderName) -> &[u8] {
        self.headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default()
    }
}

impl MediaType {
    /// Clients rarely send parameters, so the whole value is compared first.
    fn of(value: &[u8]) -> Self {
        Self::named(value).unwrap_or_else(|| Self::before_parameters(value))
    }

    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"application/x-amz-json-1.0" => Some(MediaType::AmzJson),
            b"application/x-amz-json-1.1" => Some(MediaType::AmzJson11),
            b"application/x-amz-cbor-1.1" => Some(MediaType::AmzCbor11),
            b"application/json" => Some(MediaType::Json),
            _ => None,
        }
    }

    fn before_parameters(value: &[u8]) -> Self {
        let text = std::str::from_utf8(value).unwrap_or_default();
        let name = text.split(';').next().unwrap_or_default().trim();
        Self::named(name.as_bytes()).unwrap_or(MediaType::Other)
    }
}
