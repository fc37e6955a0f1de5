//! Which web pages may read answers. DynamoDB allows any origin, and so does the default; errors carry the
//! headers too, or a browser would report every refusal as a CORS problem.

use http::{HeaderMap, HeaderValue, Method, header};

/// The allowed origins of a listener.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cors {
    /// Any origin.
    #[default]
    Any,
    /// These, as browsers write them: `https://app.example`.
    Origins(Vec<String>),
}

const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,x-amz-crc32,Date",
);
/// Two days, in seconds.
const PREFLIGHT_AGE: HeaderValue = HeaderValue::from_static("172800");

impl Cors {
    /// The rule a comma-separated list states; `*` anywhere in it is any origin.
    pub fn parse(list: &str) -> Self {
        let origins: Vec<String> = list.split(',').map(|origin| origin.trim().to_owned()).collect();
        if origins.iter().any(|origin| origin == "*") { Cors::Any } else { Cors::Origins(origins) }
    }

    /// Adds to `response` the headers that let a page of `origin` read it.
    pub(crate) fn allow(&self, origin: &HeaderValue, response: &mut HeaderMap) {
        let Some(allowed) = self.allowed(origin) else { return };
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if *self != Cors::Any {
            response.insert(header::VARY, HeaderValue::from_static("Origin"));
        }
    }

    /// Adds the headers that a preflight requests.
    pub(crate) fn preflight(&self, request: &HeaderMap, response: &mut HeaderMap) {
        for (asked, answered) in [
            (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS),
            (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS),
        ] {
            if let Some(value) = request.get(asked) {
                response.insert(answered, value.clone());
            }
        }
        response.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_AGE);
    }

    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match self {
            Cors::Any => Some(HeaderValue::from_static("*")),
            Cors::Origins(origins) => {
                origins.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
            }
        }
    }
}

/// Whether the request is a preflight of a browser.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ORIGIN)
}
