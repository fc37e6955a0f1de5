//! From the pipeline's response to HTTP's.

use crate::coding::{Coders, Coding};
use crate::outgoing;
use crate::response_budget::ResponseBudget;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use pipeline::RequestId;
use tokio::sync::watch;

/// What a connection writes.
pub(crate) type Outgoing = Response<outgoing::Outgoing>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");
const SERVER: HeaderValue = HeaderValue::from_static("Server");

/// Room for every header of a response.
const HEADERS_MAX: usize = 8;
/// Largest map of a request's headers that becomes the response's: the connection keeps it for its next request.
const REUSED_HEADERS_MAX: usize = 24;

/// The API's response. Its headers take the place of those of the request, so that most requests need no memory for
/// either.
pub(crate) fn api(
    answer: pipeline::Response,
    request_headers: HeaderMap,
    budget: &ResponseBudget,
) -> Outgoing {
    let pipeline::Response { status, content_type, request_id, crc32, headers: own, body, leaving, .. } =
        answer;
    let mut response = new(status, content_type, budget.count(body), emptied(request_headers));
    match leaving {
        Some(leaving) => *response.body_mut() = outgoing::Outgoing::Pieces(leaving),
        None => _ = response.headers_mut().insert(CRC32, HeaderValue::from(crc32)),
    }
    let headers = response.headers_mut();
    set_request_id(headers, &request_id);
    if !own.is_empty() {
        headers.extend(own);
    }
    response
}

/// The API's response where it goes on behind its body, until the server stops. What is to come has no checksum.
pub(crate) fn begun(
    mut answer: pipeline::Response,
    budget: &ResponseBudget,
    closing: &watch::Receiver<bool>,
) -> Outgoing {
    let Some(following) = answer.following.take() else { return api(answer, HeaderMap::new(), budget) };
    let body = std::mem::take(&mut answer.body);
    let mut response = api(answer, HeaderMap::new(), budget);
    response.headers_mut().remove(CRC32);
    *response.body_mut() = outgoing::Outgoing::begun(body, following, budget, closing.clone());
    response
}

/// The API's response in a coding. The checksum is of the bytes sent.
pub(crate) async fn encoded(
    mut answer: pipeline::Response,
    coding: Coding,
    coders: &Coders,
    request_headers: HeaderMap,
    budget: &ResponseBudget,
) -> Outgoing {
    let plain = budget.count(std::mem::take(&mut answer.body));
    answer.body = coders.encode(coding, &plain).await;
    answer.crc32 = crc32fast::hash(&answer.body);
    let mut response = api(answer, request_headers, budget);
    response.headers_mut().insert(header::CONTENT_ENCODING, coding.header());
    response
}

/// Names the request that a response answers.
pub(crate) fn set_request_id(headers: &mut HeaderMap, id: &RequestId) {
    let id = HeaderValue::from_bytes(id.as_bytes()).expect("a request id is letters and digits");
    headers.insert(REQUEST_ID, id);
}

fn emptied(mut headers: HeaderMap) -> HeaderMap {
    if !(HEADERS_MAX..=REUSED_HEADERS_MAX).contains(&headers.capacity()) {
        return HeaderMap::with_capacity(HEADERS_MAX);
    }
    headers.clear();
    headers
}

/// A response of the listener itself.
pub(crate) fn own(status: u16, text: impl Into<Bytes>) -> Outgoing {
    page(status, "text/plain; charset=utf-8", None, text.into())
}

/// A page.
pub(crate) fn page(
    status: u16,
    content_type: &'static str,
    cache_control: Option<&'static str>,
    body: Bytes,
) -> Outgoing {
    let headers = HeaderMap::with_capacity(HEADERS_MAX);
    let mut response = new(status, Some(HeaderValue::from_static(content_type)), body, headers);
    if let Some(cache_control) = cache_control {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    }
    response
}

/// What a page that does not exist is answered with: the service's answer to what is no call.
pub(crate) fn unknown_page() -> Outgoing {
    let body = Bytes::from_static(pipeline::respond::NOT_A_CALL);
    new(404, None, body, HeaderMap::with_capacity(HEADERS_MAX))
}

/// Only a status.
pub(crate) fn empty(status: u16) -> Outgoing {
    new(status, None, Bytes::new(), HeaderMap::with_capacity(HEADERS_MAX))
}

/// A response after which the connection is closed: its rest cannot be made sense of.
pub(crate) fn closing(status: u16, text: impl Into<Bytes>) -> Outgoing {
    closed(own(status, text))
}

/// A response of the API after which the connection is closed.
pub(crate) fn closed(mut response: Outgoing) -> Outgoing {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Status, type, body, and an empty map for the headers.
fn new(status: u16, content_type: Option<HeaderValue>, body: Bytes, mut headers: HeaderMap) -> Outgoing {
    headers.insert(header::SERVER, SERVER);
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("the statuses of the API are statuses");
    *response.headers_mut() = headers;
    response
}
