use super::*;
use crate::credentials::Secret;
use http::{HeaderName, HeaderValue};

/// 2026-11-23 21:32:31 UTC, when the requests below were signed.
const NOW: u64 = 1_795_469_551;
const NAMES: &str = "SignedHeaders=content-type;host;x-amz-date;x-amz-target";

struct Case {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
    now: u64,
}

impl Case {
    fn new(uri: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let pair = |(name, value): &(&str, &str)| {
            (
                name.parse::<HeaderName>().expect("a name"),
                HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
            )
        };
        let headers = headers.iter().map(pair).collect();
        Case { method: Method::POST, uri: uri.parse().expect("a URI"), headers, body: body.into(), now: NOW }
    }

    fn at(self, now: u64) -> Self {
        Case { now, ..self }
    }

    fn ask(&self, authenticator: &Authenticator) -> Result<Caller, String> {
        let Case { method, uri, headers, body, now } = self;
        let request =
            SignedRequest { method, uri, headers, body, now_micros: now * 1_000_000, address: None };
        let caller = authenticator.authenticate(&request, "dynamodb");
        caller.map(|caller| Caller::clone(&caller)).map_err(|error| format!("{} {error}", kind(&error)))
    }
}

/// What kind of refusal it is.
fn kind(error: &AuthError) -> &'static str {
    match error {
        AuthError::MissingToken => "missing",
        AuthError::UnknownKey | AuthError::InvalidSessionToken => "unrecognized",
        AuthError::IncompleteHeader { .. }
        | AuthError::IncompleteQuery { .. }
        | AuthError::BadDate(_)
        | AuthError::UnsupportedAlgorithm(_)
        | AuthError::ScopeShape(_) => "incomplete",
        _ => "invalid",
    }
}

fn verifying() -> Authenticator {
    let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let credentials = Credentials::default().with("AKIDEXAMPLE", secret);
    Authenticator::new(Strictness::Verify).with_credentials(credentials)
}

/// As botocore signs `{"Limit":1}`.
fn signed_by_botocore() -> Case {
    Case::new(
        "/",
        &[
            ("host", "localhost:8000"),
            ("x-amz-target", "DynamoDB_20120810.ListTables"),
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-date", "20261123T213231Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-west-1/dynamodb/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
                 Signature=18eb93d17139fd73320a2ff3711ca80a0b2eb5f10edfe25dfbb0d26f7d43868d",
            ),
            ("content-length", "11"),
        ],
        "{\"Limit\":1}",
    )
}

const PRESIGNED: &str = "/?b=2&a=1%2F1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261123\
    %2Feu-west-1%2Fdynamodb%2Faws4_request&X-Amz-Date=20261123T213231Z&X-Amz-Expires=600&X-Amz-SignedHeaders=\
    content-type%3Bhost%3Bx-amz-target&X-Amz-Signature=2f17d058e46ab02f52d5c8a6a5537ffd93cadfb9dbfe96f40663b435\
    d9450e90";

fn presigned(body: &str) -> Case {
    let headers = [
        ("host", "localhost:8000"),
        ("x-amz-target", "DynamoDB_20120810.ListTables"),
        ("content-type", "application/x-amz-json-1.0"),
    ];
    Case::new(PRESIGNED, &headers, body)
}

#[test]
fn signatures_of_botocore_match() {
    let authenticator = verifying();
    for _ in 0..2 {
        // The second time with the cached key.
        let caller = signed_by_botocore().ask(&authenticator).expect("a right signature");
        assert_eq!(caller, Caller::of_key("AKIDEXAMPLE", "eu-west-1"));
    }
    let spaces = Case::new(
        "/",
        &[
            ("host", "127.0.0.1:8000"),
            ("x-amz-target", "DynamoDB_20120810.ListTables"),
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-note", "  two   words  "),
            ("x-amz-date", "20261123T213231Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-note;x-amz-target, \
                 Signature=9d66470fc5025b1a2e1f46dc764f4acf0600dea3ffea6a2cc7390ab156128d72",
            ),
        ],
        "{\"TableName\":\"grün\"}",
    );
    assert!(spaces.ask(&authenticator).is_ok());
    assert!(presigned("").at(NOW + 599).ask(&authenticator).is_ok());
}

#[test]
fn anything_else_than_what_was_signed_does_not_match() {
    let authenticator = verifying();
    let mismatch = "invalid The request signature we calculated does not match the signature \
                    you provided. Check your AWS Secret Access Key and signing method. Consult the service \
                    documentation for details.";
    let check =
        |case: Case| assert_eq!(case.ask(&authenticator).expect_err("changed after signing"), mismatch);
    for first in [true, false] {
        if !first {
            signed_by_botocore().ask(&authenticator).expect("the key is remembered now");
        }
        check(Case { body: b"{\"Limit\":2}".into(), ..signed_by_botocore() });
        check(Case { uri: "/?a=b".parse().expect("a URI"), ..signed_by_botocore() });
        check(Case { method: Method::PUT, ..signed_by_botocore() });
        for header in ["host", "x-amz-target", "content-type"] {
            let mut case = signed_by_botocore();
            case.headers.insert(header, HeaderValue::from_static("other"));
            check(case);
            let mut case = signed_by_botocore();
            case.headers.remove(header);
            check(case);
        }
        for signature in ["", "zz", &"0".repeat(64), &"A".repeat(64)] {
            let text = signed_by_botocore().headers["authorization"].to_str().expect("ASCII").to_owned();
            let (start, _) = text.split_once("Signature=").expect("has one");
            let mut case = signed_by_botocore();
            let header = format!("{start}Signature={signature}");
            case.headers.insert("authorization", header.parse().expect("a value"));
            if !signature.is_empty() {
                check(case);
            }
        }
    }
    check(presigned("{}"));
}

/// The request of botocore with another text somewhere in its Authorization header.
fn with_authorization(from: &str, to: &str) -> Case {
    let mut case = signed_by_botocore();
    let text = case.headers["authorization"].to_str().expect("ASCII").replace(from, to);
    case.headers.insert("authorization", text.parse().expect("a value"));
    case
}

#[test]
fn the_operation_must_be_signed() {
    let case = with_authorization(";x-amz-target", "");
    let refused = case.ask(&verifying()).expect_err("the target could be any");
    assert_eq!(refused, "invalid 'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
    let case = with_authorization("host;", "");
    let refused = case.ask(&verifying()).expect_err("the host could be any");
    assert_eq!(refused, "invalid 'Host' must be a 'SignedHeader' in the AWS Authorization.");
}

#[test]
fn nothing_weaker_is_taken_in_place_of_a_signature() {
    let authenticator = verifying();
    for (from, to, expect) in [
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", "incomplete Unsupported AWS 'algorithm'"),
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "incomplete Unsupported AWS 'algorithm'"),
        ("AWS4-HMAC-SHA256", "AWS", "missing "),
        ("aws4_request", "aws3_request", "invalid Credential should be scoped with a valid terminator"),
        ("/dynamodb/", "/s3/", "invalid Credential should be scoped to correct service"),
    ] {
        let refused = with_authorization(from, to).ask(&authenticator).expect_err(to);
        assert!(refused.starts_with(expect), "{to}: {refused}");
    }
    let mut unsigned = signed_by_botocore();
    unsigned.headers.insert("x-amz-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    unsigned.body = b"{\"Limit\":2}".into();
    assert!(unsigned.ask(&authenticator).is_err());
}

#[test]
fn a_signature_holds_for_its_time() {
    let authenticator = verifying();
    assert!(signed_by_botocore().at(NOW + 900).ask(&authenticator).is_ok());
    assert!(signed_by_botocore().at(NOW - 900).ask(&authenticator).is_ok());
    for (case, expect) in [
        (
            signed_by_botocore().at(NOW + 901),
            "invalid Signature expired: 20261123T213231Z is now earlier than 20261123T213232Z \
             (20261123T214732Z - 15 min.)",
        ),
        (
            signed_by_botocore().at(NOW - 901),
            "invalid Signature not yet current: 20261123T213231Z is still later than \
             20261123T213230Z (20261123T211730Z + 15 min.)",
        ),
        (
            presigned("").at(NOW + 601),
            "invalid Signature expired: 20261123T213231Z is now earlier than 20261123T213232Z \
             (20261123T214232Z - 10 min.)",
        ),
    ] {
        assert_eq!(case.ask(&authenticator).expect_err("out of its time"), expect);
    }
}

#[test]
fn unknown_keys_and_sessions_are_refused() {
    let stranger = Authenticator::new(Strictness::Verify);
    let refused = signed_by_botocore().ask(&stranger).expect_err("nobody is known");
    assert_eq!(refused, "unrecognized The security token included in the request is invalid.");
    let mut session = signed_by_botocore();
    session.headers.insert("x-amz-security-token", HeaderValue::from_static("token"));
    let refused = session.ask(&verifying()).expect_err("there are no sessions");
    assert_eq!(refused, "unrecognized The security token included in the request is invalid");
}

/// The result of `form` for an Authorization header with a date.
fn refused(authorization: &str) -> String {
    refused_with(&[("authorization", authorization), ("x-amz-date", "20261123T213231Z")])
}

fn refused_with(headers: &[(&str, &str)]) -> String {
    let case = Case::new("/", headers, "{}");
    case.ask(&Authenticator::new(Strictness::Form)).expect_err("no form of credentials")
}

fn refused_query(query: &str) -> String {
    let case = Case::new(&format!("/?{query}"), &[], "");
    case.ask(&Authenticator::new(Strictness::Form)).expect_err("no form of credentials")
}

#[test]
fn the_form_of_a_header_in_order() {
    let credential = "Credential=k/20261123/r/dynamodb/aws4_request";
    assert_eq!(refused_with(&[]), "missing Request is missing Authentication Token");
    for other in ["Bearer abc", "", "aws4-hmac-sha256 x", "AWS k:s"] {
        assert!(refused(other).starts_with("missing"), "{other}");
    }
    assert_eq!(
        refused("AWS4-HMAC-SHA256"),
        "incomplete Authorization header requires 'Credential' parameter. Authorization header \
         requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
         Authorization=AWS4-HMAC-SHA256"
    );
    let whole = format!("AWS4-HMAC-SHA256 {credential}, {NAMES}, Signature=0");
    assert_eq!(
        refused_with(&[("authorization", &whole)]),
        format!(
            "incomplete Authorization header requires existence of either a 'X-Amz-Date' or a \
             'Date' header. Authorization={whole}"
        )
    );
    assert_eq!(
        refused_with(&[("authorization", &whole), ("x-amz-date", "yesterday")]),
        "incomplete Date must be in ISO-8601 'basic format'. Got 'yesterday'. See \
         http://en.wikipedia.org/wiki/ISO_8601"
    );
    assert_eq!(
        refused(&format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=x-amz-date, Signature=0")),
        "invalid 'Host' must be a 'SignedHeader' in the AWS Authorization."
    );
    assert_eq!(
        refused(&format!("AWS4-ECDSA-P256-SHA256 {credential}, {NAMES}, Signature=0")),
        "incomplete Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only \
         AWS4-HMAC-SHA256 for now). "
    );
    for credential in ["k", "k/20261123/r/dynamodb", "k/20261123/r/dynamodb/aws4_request/more"] {
        assert_eq!(
            refused(&format!("AWS4-HMAC-SHA256 Credential={credential}, {NAMES}, Signature=0")),
            format!(
                "incomplete Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )
        );
    }
    assert_eq!(
        refused(&format!("AWS4-HMAC-SHA256 Credential=k/20200101//s3/aws3, {NAMES}, Signature=0")),
        "invalid Credential should be scoped to a valid region, not ''. Credential should be \
         scoped to correct service: 'dynamodb'. Credential should be scoped with a valid terminator: \
         'aws4_request', not 'aws3'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of \
         date from HTTP: '20200101' != '20261123', from '20261123T213231Z'. "
    );
}

#[test]
fn the_form_of_a_query_in_order() {
    assert_eq!(
        refused_query("X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        "incomplete AWS query-string parameters must include 'X-Amz-Credential'. AWS \
         query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include \
         'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the \
         query-string parameters."
    );
    let mut both = presigned("");
    both.headers.insert("authorization", HeaderValue::from_static("AWS4-HMAC-SHA256"));
    assert_eq!(
        both.ask(&Authenticator::new(Strictness::Form)).expect_err("two signatures"),
        "invalid Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as \
         HTTP header."
    );
    assert!(refused_query("a=b&%zz=%").starts_with("missing"));
}

#[test]
fn the_form_needs_neither_secret_nor_clock() {
    let authenticator = Authenticator::new(Strictness::Form);
    let case = Case::new(
        "/",
        &[
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=123456789012/20200101/local/dynamodb/aws4_request,SignedHeaders=host,Signature=x",
            ),
            ("x-amz-date", "20200101T000000Z"),
        ],
        "{}",
    );
    for _ in 0..2 {
        assert_eq!(case.ask(&authenticator), Ok(Caller::of_key("123456789012", "local")));
    }
    assert!(presigned("anything").ask(&authenticator).is_ok());
}

#[test]
fn off_takes_what_there_is() {
    let authenticator = Authenticator::new(Strictness::Off);
    assert_eq!(Case::new("/", &[], "").ask(&authenticator), Ok(Caller::anonymous("us-east-1")));
    let junk = Case::new("/", &[("authorization", "AWS4-X Credential=////, Signature=")], "");
    assert_eq!(junk.ask(&authenticator), Ok(Caller::anonymous("us-east-1")));
    let caller = signed_by_botocore().ask(&authenticator);
    assert_eq!(caller, Ok(Caller::of_key("AKIDEXAMPLE", "eu-west-1")));
}

#[test]
fn a_shared_region_is_everybodys() {
    let authenticator = verifying().with_shared_region("us-east-1");
    for _ in 0..2 {
        let caller = signed_by_botocore().ask(&authenticator).expect("still signed for its own region");
        assert_eq!(caller, Caller::of_key("AKIDEXAMPLE", "us-east-1"));
    }
}

#[test]
fn no_header_and_no_query_is_too_strange() {
    const PIECES: [&str; 20] = [
        "AWS4-HMAC-SHA256",
        "AWS4-",
        " ",
        ",",
        "=",
        "Credential=",
        "a/20261123/r/dynamodb/aws4_request",
        "/",
        "%",
        "%2",
        "%zz",
        "%ff",
        "SignedHeaders=host",
        ";;",
        "Signature=",
        "20261123T213231Z",
        "X-Amz-Algorithm=",
        "&",
        "X-Amz-Date=",
        "X-Amz-Credential=",
    ];
    let random = stdx::Random::from_seed(4);
    let draw = || -> String {
        (0..random.next_u64() % 12).map(|_| PIECES[(random.next_u64() % 20) as usize]).collect()
    };
    let authenticators = [Strictness::Off, Strictness::Form].map(Authenticator::new);
    for _ in 0..3_000 {
        let query = draw().replace(' ', "+");
        let Ok(uri) = format!("/?{query}").parse::<Uri>() else { continue };
        let mut case = Case::new("/", &[("authorization", &draw()), ("x-amz-date", &draw())], "");
        if random.next_u64().is_multiple_of(2) {
            case.headers.remove("authorization");
        }
        case.uri = uri;
        authenticators.iter().for_each(|authenticator| _ = case.ask(authenticator));
        _ = case.ask(&verifying());
    }
}

#[test]
fn a_scope_that_was_judged_is_judged_again_for_another_day() {
    let authenticator = Authenticator::new(Strictness::Form);
    for _ in 0..2 {
        signed_by_botocore().ask(&authenticator).expect("everything is there");
    }
    let mut next_day = signed_by_botocore();
    next_day.headers.insert("x-amz-date", HeaderValue::from_static("20261124T213231Z"));
    let refusal = next_day.ask(&authenticator).expect_err("the scope is of the day before");
    assert!(refusal.contains("Date in Credential scope does not match"), "{refusal}");
}

#[test]
fn what_is_remembered_of_strangers_is_bounded() {
    for strictness in [Strictness::Form, Strictness::Off] {
        let authenticator = Authenticator::new(strictness);
        for (place, length) in [(0, 10), (1, 128), (2, 129), (3, 100_000)] {
            let id = format!("{place}{}", "k".repeat(length - 1));
            for service in ["dynamodb", &format!("{id}{id}")] {
                let scope = format!("20261123/r/{service}/aws4_request");
                let header =
                    format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders=host,Signature=x");
                let headers = [("authorization", header.as_str()), ("x-amz-date", "20261123T213231Z")];
                let asked = Case::new("/", &headers, "{}").ask(&authenticator);
                let is_taken = strictness == Strictness::Off || (length <= 128 && service == "dynamodb");
                assert_eq!(asked.is_ok(), is_taken, "{strictness:?} {length}");
            }
        }
        let known = authenticator.known.read();
        assert!(known.len() >= 2 && known.keys().all(|credential| credential.len() <= 128 + 64 + 64 + 4));
    }
}
