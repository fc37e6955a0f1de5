//! Signatures over any path, query and payload: requests as botocore signs them, and changed afterwards.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use identity::{
    AuthError, Authenticator, Caller, CredentialSource, Credentials, Identified, Secret, SignedRequest,
    Signer, Strictness, decode_chunks,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// 2026-11-23 21:32:31 UTC, when the requests below were signed.
const NOW: u64 = 1_795_469_551;
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Signed {
    service: &'static str,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Signed {
    fn new(service: &'static str, method: Method, uri: &str, body: &[u8]) -> Self {
        let mut signed = Signed {
            service,
            method,
            uri: uri.parse().expect("a URI"),
            headers: HeaderMap::new(),
            body: body.to_vec(),
        };
        signed.set("host", "localhost:8000");
        signed.set("x-amz-date", "20261123T213231Z");
        signed
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    fn by(self, names: &str, signature: &str) -> Self {
        let credential = format!("{KEY}/20261123/eu-west-1/{}/aws4_request", self.service);
        let header =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
        self.with("authorization", &header)
    }

    fn ask(&self, authenticator: &Authenticator) -> Result<Arc<Caller>, AuthError> {
        let Signed { service, method, uri, headers, body } = self;
        let request =
            SignedRequest { method, uri, headers, body, now_micros: NOW * 1_000_000, address: None };
        authenticator.authenticate(&request, service)
    }
}

fn verifying() -> Authenticator {
    let credentials = Credentials::default().with(KEY, Secret::new(SECRET));
    Authenticator::new(Strictness::Verify).with_credentials(credentials)
}

/// Right as it is, and wrong with another path.
fn check(signed: Signed) {
    let authenticator = verifying();
    let uri = signed.uri.clone();
    assert_eq!(signed.ask(&authenticator).map(|_| ()), Ok(()), "{} {uri}", signed.service);
    let other: Uri = format!("/other{uri}").parse().expect("a URI");
    let refused = Signed { uri: other, ..signed }.ask(&authenticator);
    assert_eq!(refused.err(), Some(AuthError::SignatureMismatch), "{uri}");
}

#[test]
fn paths_and_queries_with_every_kind_of_escaping() {
    for (method, uri, signature) in [
        (
            Method::GET,
            "/2015-03-31/functions/my%20f%3A1/code",
            "b4a70f2319175d87a909ef31f6496a9e53b6deefb0f11f42f7efb24c3466a50d",
        ),
        (Method::GET, "/a//b/../c/./d/", "d5f3aa5c5984ef048318ae13cee0c1d25ddcbdf84428241b30711b02bff91d1f"),
        (
            Method::POST,
            "/service/X/operation/Y",
            "f36a30a2c9e3a237b5bee376c1ca07c174d3962d39285763dacd2f9448ccf04b",
        ),
        (
            Method::GET,
            "/gr%C3%BCn/~x/a+b",
            "da3cd74b7e85c708dbf471da421e4f9b5fc06db05517e5004b18206ac2cc53f1",
        ),
        (
            Method::GET,
            "/?b=2&a=1&a=0&empty=&space=a%20b&plus=%2B&star=%2A&tilde=~&bad=%FF",
            "eadbcafc4582a5095fbd2117b4053aab0c8f22bb80b04ad83fff31f18d75872a",
        ),
    ] {
        check(Signed::new("lambda", method, uri, b"").by("host;x-amz-date", signature));
    }
}

fn signer(session_token: Option<&str>) -> Signer {
    Signer {
        access_key_id: KEY.to_owned(),
        secret: Secret::new(SECRET),
        session_token: session_token.map(str::to_owned),
        region: "us-east-1".to_owned(),
    }
}

#[test]
fn a_signer_signs_as_botocore_does() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "localhost:8000"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "DynamoDB_20120810.ListTables"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let (root, now_micros) = (Uri::from_static("/"), 1_440_938_160_000_000);
    signer(None)
        .sign("dynamodb", (&Method::POST, &root), &mut headers, b"{}", now_micros)
        .expect("plain keys");
    assert_eq!(headers["x-amz-date"], "20150830T123600Z");
    assert_eq!(
        headers["authorization"],
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/dynamodb/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
         Signature=2c15ed7ee8360be5191c4f7fa4c3786076090b77a41d66fafd26efa4f0cd0e21"
    );
}

#[test]
fn what_a_signer_signs_is_verified() {
    for (uri, body, token) in [
        ("/", &b"{}"[..], None),
        ("/a%20b/../c?b=2&a=%2F", b"", None),
        ("/2015-03-31/functions", b"x", Some("temporary")),
    ] {
        let mut signed = Signed::new("lambda", Method::POST, uri, body).with("x-amz-meta", " two  words ");
        let parts = (&signed.method, &signed.uri);
        signer(token).sign("lambda", parts, &mut signed.headers, body, NOW * 1_000_000).expect("plain keys");
        match token {
            None => check(signed),
            // A static key has no session token: refused for the token, which is checked first.
            Some(_) => {
                assert!(signed.headers["authorization"].to_str().unwrap().contains("x-amz-security-token"))
            }
        }
    }
    let broken = Signer { access_key_id: "a\nb".to_owned(), ..signer(None) };
    let signed = broken.sign("x", (&Method::GET, &Uri::from_static("/")), &mut HeaderMap::new(), b"", 0);
    assert!(signed.is_err());
}

#[test]
fn s3_signs_paths_as_they_are() {
    let names = "host;x-amz-content-sha256;x-amz-date";
    for (uri, signature) in [
        ("/bucket/a//b/../c", "f28ee4ba0c3282fcbb9225ea079d20c4fd14f0a0e0408c6055ed7f57f23ed45e"),
        ("/bucket/key%20with%20space", "55b130b5a78665154841d2599be107fd356103c83a2ba31457f35a7dbb743ef0"),
        ("/bucket/~tilde%28paren%29%27", "2fe236d66e429884be92839e34bdf2d28985cfaf9747776396bd74e1d1db8562"),
    ] {
        let signed = Signed::new("s3", Method::GET, uri, b"").with("x-amz-content-sha256", EMPTY);
        check(signed.by(names, signature));
    }
}

#[test]
fn s3_refuses_another_body_by_its_hash() {
    let put = |body: &[u8]| {
        Signed::new("s3", Method::PUT, "/bucket/gr%C3%BCn%2Bplus", body)
            .with("x-amz-content-sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
            .by(
                "host;x-amz-content-sha256;x-amz-date",
                "97463428e13b0b1b331c3bf4a1980504ee7d5ab4cd5dca50c6ccec7babf5605c",
            )
    };
    check(put(b"hello"));
    assert_eq!(put(b"hullo").ask(&verifying()).err(), Some(AuthError::ContentMismatch));
}

#[test]
fn only_s3_leaves_bodies_unsigned() {
    let names = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length";
    let unsigned = |service, body: &[u8]| {
        Signed::new(service, Method::PUT, "/bucket/chunks", body)
            .with("content-encoding", "aws-chunked")
            .with("x-amz-decoded-content-length", "11")
            .with("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
            .by(names, "1e8c3f9034bbf80f65e0f055f45dac5bfe47c1c4fe1483bedc196d948dae54cd")
    };
    assert!(unsigned("s3", b"anything").ask(&verifying()).is_ok());
    assert!(unsigned("s3", b"else").ask(&verifying()).is_ok());
    assert_eq!(unsigned("lambda", b"").ask(&verifying()).err(), Some(AuthError::SignatureMismatch));
    let presigned = "/bucket/key%20x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2F\
                     eu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261123T213231Z&X-Amz-Expires=600&\
                     X-Amz-SignedHeaders=host&X-Amz-Signature=\
                     d806e566f3a92863670cdb462fa72d893a67bd25cbe8bb168572da6b15327885";
    check(Signed::new("s3", Method::GET, presigned, b""));
}

/// A body of `hello world` in chunks.
struct Chunks {
    word: &'static str,
    signature: &'static str,
    body: &'static str,
}

const CHUNKS: [Chunks; 3] = [
    Chunks {
        word: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        signature: "da40c1727d23c043c04667451fdf28f36e3d1603e9cbcbd9865b4110caf593a3",
        body: "6;chunk-signature=7776159008ea03ff204d286b3e305a118ee13d711195b7b6ba665571c5175b5d\r\nhello \r\n\
               5;chunk-signature=bc1a76df851b45a38b43c269ca4036be403e310b715505fd348897604fed5084\r\nworld\r\n\
               0;chunk-signature=a925060cfad42b650d0316e9f0ebaa22839e2e5b12919202e184f16765856879\r\n\r\n",
    },
    Chunks {
        word: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        signature: "c6b149b70afe4c2841352c6453156eb8333187d1dae6af7a657f613e3dd3f692",
        body: "6;chunk-signature=c7df38d9b3eb632a49b8d74e08c41117b5ab9dba144ab1c913439b3c23bed401\r\nhello \r\n\
               5;chunk-signature=e9d1641c16334068922210f83af14cd00dda83b4e0bbc1f62208a51cdf5320ae\r\nworld\r\n\
               0;chunk-signature=8bb0b032cc202d2f47b9feee9bbf913caf361095e5b63357538f28248deab19a\r\n\
               x-amz-checksum-crc32:DUoRhQ==\r\n\
               x-amz-trailer-signature:96b07e2fec8e017a9f95949ed5685542e36fc49b2c44183a4a173211b7a8d467\r\n\r\n",
    },
    Chunks {
        word: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        signature: "1b5786605a99bf66ad2585ac6190cb6c0ae48cec164c0c67e44e1c9edfd724ec",
        body: "6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n",
    },
];

fn chunked(chunks: &Chunks, body: &[u8]) -> Signed {
    Signed::new("s3", Method::PUT, "/bucket/chunks", body)
        .with("content-encoding", "aws-chunked")
        .with("x-amz-decoded-content-length", "11")
        .with("x-amz-content-sha256", chunks.word)
        .by(
            "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length",
            chunks.signature,
        )
}

#[test]
fn chunks_are_checked_one_by_one_and_taken_out() {
    for chunks in &CHUNKS {
        let signed = chunked(chunks, chunks.body.as_bytes());
        check(signed);
        let signed = chunked(chunks, chunks.body.as_bytes());
        let decoded = decode_chunks(&signed.headers, &signed.body).expect("chunks").expect("in chunks");
        assert_eq!(decoded.body, b"hello world", "{}", chunks.word);
        let has_trailer = chunks.word.ends_with("TRAILER");
        let trailer = ("x-amz-checksum-crc32".to_owned(), "DUoRhQ==".to_owned());
        assert_eq!(decoded.trailers.contains(&trailer), has_trailer, "{}", chunks.word);
    }
}

#[test]
fn chunks_that_were_changed_do_not_match() {
    for chunks in &CHUNKS[..2] {
        let cut = chunks.body.split_once("5;").expect("two chunks").0;
        for (body, expect) in [
            (chunks.body.replace("world", "wurld"), AuthError::SignatureMismatch),
            (chunks.body.replace("DUoRhQ", "AAAAAA"), AuthError::SignatureMismatch),
            (chunks.body.replace("0;chunk", "x;chunk"), AuthError::BrokenChunks),
            (chunks.body.replace("\r\nworld", "\r\nwor"), AuthError::BrokenChunks),
            (cut.to_owned(), AuthError::BrokenChunks),
            (String::new(), AuthError::BrokenChunks),
            ("ffffffffffffffff;chunk-signature=00\r\n".to_owned(), AuthError::BrokenChunks),
            ("6;other=00\r\nhello \r\n".to_owned(), AuthError::BrokenChunks),
        ] {
            if body != chunks.body {
                assert_eq!(chunked(chunks, body.as_bytes()).ask(&verifying()).err(), Some(expect), "{body}");
            }
        }
    }
    let unsigned = &CHUNKS[2];
    let signed = chunked(unsigned, b"6\r\nhel");
    assert_eq!(decode_chunks(&signed.headers, &signed.body), Err(AuthError::BrokenChunks));
}

/// Keys that can be revoked.
#[derive(Debug, Default, Clone)]
struct Revocable {
    keys: Arc<Mutex<Credentials>>,
    generation: Arc<AtomicU64>,
}

impl Revocable {
    fn set(&self, keys: Credentials) {
        *self.keys.lock().expect("no test panics while it holds the lock") = keys;
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}

impl CredentialSource for Revocable {
    fn find(&self, access_key_id: &str, token: Option<&str>) -> Result<Identified, AuthError> {
        self.keys.lock().expect("no test panics while it holds the lock").find(access_key_id, token)
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }
}

#[test]
fn a_revoked_key_ends_at_once() {
    let source = Revocable::default();
    let authenticator = Authenticator::new(Strictness::Verify).with_credentials(source.clone());
    let signed = || {
        Signed::new("lambda", Method::POST, "/service/X/operation/Y", b"")
            .by("host;x-amz-date", "f36a30a2c9e3a237b5bee376c1ca07c174d3962d39285763dacd2f9448ccf04b")
    };
    source.set(Credentials::default().with(KEY, Secret::new(SECRET)));
    assert!(signed().ask(&authenticator).is_ok());
    assert!(signed().ask(&authenticator).is_ok(), "remembered");
    source.set(Credentials::default().with(KEY, Secret::new("another")));
    assert_eq!(signed().ask(&authenticator).err(), Some(AuthError::SignatureMismatch));
    source.set(Credentials::default());
    assert_eq!(signed().ask(&authenticator).err(), Some(AuthError::UnknownKey));
    source.set(Credentials::default().with(KEY, Secret::new(SECRET)));
    assert!(signed().ask(&authenticator).is_ok(), "and comes back");
}
