//! The coding that `Accept-Encoding` selects.

use super::{Coding, is};
use http::{HeaderMap, HeaderValue, header};

/// The coding of a response for a client: the known one of the greatest weight, of several the first. `None` is a
/// plain one. As at DynamoDB, only the first line of the header counts.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Coding> {
    let value = headers.get(header::ACCEPT_ENCODING)?;
    let mut best = Asked { coding: None, weight: 0 };
    for asked in value.as_bytes().split(|byte| *byte == b',').filter_map(|element| asked(element, value)) {
        if asked.weight > best.weight {
            best = asked;
        }
    }
    best.coding
}

/// A coding, or none, and how much it is wanted: thousandths.
#[derive(Debug, Clone, Copy)]
struct Asked {
    coding: Option<Coding>,
    weight: u16,
}

/// An element of the list; `None` if the coding is unknown or the weight is none.
fn asked(element: &[u8], list: &HeaderValue) -> Option<Asked> {
    let mut parts = element.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let name = parts.next()?;
    let coding = match name {
        b"*" => Some(any_but_named(list)?),
        name if is(name, "identity") => None,
        name => Some(Coding::named(name)?),
    };
    Some(Asked { coding, weight: parts.try_fold(WEIGHT_MAX, |_, part| weight(part))? })
}

/// `*` is whatever the list does not name.
fn any_but_named(list: &HeaderValue) -> Option<Coding> {
    let names = || list.as_bytes().split(|byte| matches!(byte, b',' | b';')).map(<[u8]>::trim_ascii);
    let is_named = |coding: &Coding| names().any(|name| Coding::named(name) == Some(*coding));
    [Coding::Gzip, Coding::Deflate].into_iter().find(|coding| !is_named(coding))
}

const WEIGHT_MAX: u16 = 1_000;

/// `q=0.25`, to three digits.
fn weight(parameter: &[u8]) -> Option<u16> {
    let digits = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="))?;
    let value: f32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (0.0..=1.0).contains(&value).then_some((value * f32::from(WEIGHT_MAX)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_coding_of_the_greatest_weight() {
        let (gzip, deflate) = (Some(Coding::Gzip), Some(Coding::Deflate));
        for (value, expect) in [
            ("gzip", gzip),
            ("GZIP ; q=0.5", gzip),
            ("deflate", deflate),
            ("zstd, deflate, gzip", deflate),
            ("deflate;q=0.3, gzip;q=0.7", gzip),
            ("gzip;q=0, deflate", deflate),
            ("gzip;q=0.000", None),
            ("*", gzip),
            ("gzip;q=0, *", deflate),
            ("gzip;q=0, deflate;q=0, *", None),
            ("*;q=0", None),
            ("br, identity", None),
            ("identity, gzip", None),
            ("gzip;q=0.5, identity;q=0.7", None),
            ("gzip, identity", gzip),
            ("gzip;q=2", None),
            ("gzip;q=x", None),
            ("gzip;q=NaN", None),
            (",;,", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().expect("a header value"));
            assert_eq!(accepted(&headers), expect, "{value:?}");
        }
        assert_eq!(accepted(&HeaderMap::new()), None);
    }

    #[test]
    fn only_the_first_line_counts() {
        for (lines, expect) in [(["gzip", "identity"], Some(Coding::Gzip)), (["identity", "gzip"], None)] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
            }
            assert_eq!(accepted(&headers), expect, "{lines:?}");
        }
    }
}
