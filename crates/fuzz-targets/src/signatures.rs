//! Authentication of any head and body ends in a caller or a refusal, at every strictness; with verification always in
//! a refusal, since no input contains the secret.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use identity::{Authenticator, Credentials, Secret, SignedRequest, Strictness};

/// When the requests come, in microseconds since the Unix epoch: 2026-11-23 21:32:31 UTC.
const NOW_MICROS: u64 = 1_795_469_551_000_000;

/// A request: path and query, headers, an empty line, the body. What HTTP itself refuses is left out.
pub fn signatures(input: &[u8]) {
    let Some((uri, headers, body)) = request(input) else { return };
    for strictness in [Strictness::Off, Strictness::Form, Strictness::Verify] {
        let credentials = Credentials::default().with("AKIDEXAMPLE", Secret::new("secret"));
        let authenticator = Authenticator::new(strictness).with_credentials(credentials);
        let request = SignedRequest {
            method: &Method::POST,
            uri: &uri,
            headers: &headers,
            body,
            now_micros: NOW_MICROS,
            address: Some([10, 0, 0, 1].into()),
        };
        let caller = authenticator.authenticate(&request, "dynamodb");
        assert!(strictness != Strictness::Verify || caller.is_err(), "the secret is nowhere in the input");
    }
    let _ = identity::decode_chunks(&headers, body);
    let _ = identity::signing_service(&headers, &uri);
    let _ = identity::claimed_access_key(&headers, &uri);
}

/// Path and query, headers, and behind a zero the body.
pub(crate) fn request(input: &[u8]) -> Option<(Uri, HeaderMap, &[u8])> {
    let mut parts = input.splitn(2, |byte| *byte == 0);
    let (head, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut lines = head.split(|byte| *byte == b'\n');
    let uri = Uri::try_from(lines.next().unwrap_or_default()).ok()?;
    Some((uri, lines.filter_map(header).collect(), body))
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((HeaderName::from_bytes(&line[..colon]).ok()?, HeaderValue::from_bytes(&line[colon + 1..]).ok()?))
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_requests() {
        let samples: [&[u8]; 4] = [
            b"/\nhost:localhost\nx-amz-date:20261123T213231Z\nauthorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\0{}",
            b"/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Fus-east-1%2Fdynamodb%2Faws4_request&X-Amz-Date=20261123T213231Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00\nhost:localhost\0",
            b"/a%20b/%2e%2e/c?b=2&a=%zz&a\nhost:localhost\nx-amz-date:20261123T213231Z\nx-amz-security-token:abc\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nauthorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/r/s3/aws4_request,SignedHeaders=host;x-amz-date;x-amz-content-sha256,Signature=00\0x",
            b"/\ncontent-encoding:aws-chunked\nx-amz-content-sha256:STREAMING-AWS4-HMAC-SHA256-PAYLOAD\nx-amz-decoded-content-length:5\x005;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n",
        ];
        each(&samples, 5_000, super::signatures);
    }
}
