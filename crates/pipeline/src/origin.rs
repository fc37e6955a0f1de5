//! The origin of the page that sends a request: browsers send it, and a page cannot change it.

use crate::request::Request;
use http::{HeaderMap, HeaderValue, header};
use model::{ApiError, code};

/// Refuses what a page from elsewhere sends. A request without an origin is of no page.
pub(crate) fn refuse_foreign(request: &Request) -> Result<(), ApiError> {
    if is_foreign(&request.headers) {
        let text = "Requests of this service are not taken from pages of other origins";
        return Err(ApiError::new(code::ACCESS_DENIED, text));
    }
    Ok(())
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let host = headers.get(header::HOST).map(text).unwrap_or_default();
    let is_own = |origin: String| origin.split_once("://").is_some_and(|(_, authority)| authority == host);
    !headers.get_all(header::ORIGIN).iter().map(text).all(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    #[test]
    fn only_pages_of_this_server_are_its_own() {
        let of = |headers: &[(HeaderName, &'static str)]| {
            let map = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            is_foreign(&map.collect())
        };
        let host = (header::HOST, "localhost:8000");
        assert!(!of(std::slice::from_ref(&host)) && !of(&[]));
        assert!(!of(&[host.clone(), (header::ORIGIN, "http://LOCALHOST:8000")]));
        for origin in ["http://localhost:3000", "https://evil.example", "null", "", "localhost:8000"] {
            assert!(of(&[host.clone(), (header::ORIGIN, origin)]), "{origin}");
        }
    }
}
