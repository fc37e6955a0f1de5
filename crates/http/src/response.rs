//! From the pipeline's response to HTTP's.

use crate::gzip;
use crate::unsent::Unsent;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

/// What a connection writes.
pub(crate) type Outgoing = Response<Full<Bytes>>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");
const SERVER: HeaderValue = HeaderValue::from_static("Server");

/// The API's response, compressed from a size on. The checksum is of the bytes sent.
pub(crate) fn api(answer: pipeline::Response, gzip_from_bytes: Option<usize>, unsent: &Unsent) -> Outgoing {
    let pipeline::Response { status, content_type, request_id, mut crc32, mut body } = answer;
    let compress = gzip_from_bytes.is_some_and(|from| body.len() >= from);
    if compress {
        body = gzip::deflate(&body);
        crc32 = crc32fast::hash(&body);
    }
    let mut response = new(status, content_type, unsent.count(body));
    let headers = response.headers_mut();
    if compress {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CRC32, HeaderValue::from(crc32));
    let id = HeaderValue::from_str(request_id.as_str()).expect("a request id is letters and digits");
    headers.insert(REQUEST_ID, id);
    response
}

/// A response of the listener itself.
pub(crate) fn own(status: u16, text: impl Into<Bytes>) -> Outgoing {
    new(status, "text/plain; charset=utf-8", text.into())
}

/// A response after which the connection is closed: its rest cannot be made sense of.
pub(crate) fn closing(status: u16, text: impl Into<Bytes>) -> Outgoing {
    let mut response = own(status, text);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Status, type, body.
pub(crate) fn new(status: u16, content_type: &'static str, body: Bytes) -> Outgoing {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("the statuses of the API are statuses");
    let headers = response.headers_mut();
    headers.reserve(8);
    headers.insert(header::SERVER, SERVER);
    if !content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}
