//! A request as the pipeline sees it: already whole in memory, from a socket or made by a test.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

/// The name of the header that names the operation.
pub const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// One request. The body is as the client meant it: transfer and content encodings are undone.
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
}

impl Request {
    /// A POST to an operation, `DynamoDB_20120810.ListTables`, without credentials.
    pub fn call(target: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        if let Ok(target) = HeaderValue::from_str(target) {
            headers.insert(TARGET, target);
        }
        Request { method: Method::POST, uri: Uri::from_static("/"), headers, body: body.into(), sent: None }
    }

    /// The same request with one more header. A value no header can have leaves the request as it is.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// What `X-Amz-Target` says; empty when it is missing.
    pub fn target(&self) -> &str {
        self.header(&TARGET)
    }

    /// The `Host` header; empty when it is missing.
    pub fn host(&self) -> &str {
        self.header(&header::HOST)
    }

    /// The media type without its parameters; empty when it is missing.
    pub fn media_type(&self) -> &str {
        self.header(&header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim()
    }

    fn header(&self, name: &HeaderName) -> &str {
        let value = self.headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
        std::str::from_utf8(value).unwrap_or_default()
    }
}
