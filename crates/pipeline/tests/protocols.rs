//! One operation of a toy service, answered over every protocol; and what is refused, in the protocol's own form.

use http::{HeaderName, HeaderValue, Method, header};
use identity::{Authenticator, Strictness};
use model::{ApiError, Code, CodeInfo, DocumentShape, Http, Shape};
use pipeline::{
    Access, Cx, Entry, Kind, Operation, Pipeline, Protocol, Request, Response, Service, Validation,
    document_entry, planned,
};
use std::sync::Arc;
use stdx::{ManualClock, Random};
use wire::document::{Blob, Document, Documented, Structured};
use wire::schema::{Member, Place, Schema, Structure};

/// Returns the place of a thing, or the error that its input names.
struct GetThing;

struct Input {
    bucket: Option<String>,
    key: Option<String>,
    times: Option<i64>,
}

struct Output {
    place: String,
    times: Option<i64>,
}

static INPUT: Structure = Structure {
    class: "com.example.GetThingInput",
    members: &[
        Member::new("Bucket", Schema::Text).at(Place::Path),
        Member::new("Key", Schema::Text).at(Place::Path),
        Member::new("Times", Schema::Integer).named("times").at(Place::Query),
    ],
};

static OUTPUT: Structure = Structure {
    class: "com.example.GetThingOutput",
    members: &[
        Member::new("Place", Schema::Text),
        Member::new("Times", Schema::Integer).named("x-times").at(Place::Header),
    ],
};

impl Documented for Input {
    fn from_document(document: Document) -> Option<Self> {
        let mut members = document.members()?;
        Some(Input { bucket: members.take("Bucket"), key: members.take("Key"), times: members.take("Times") })
    }

    fn into_document(self) -> Document {
        unreachable!("inputs are only read")
    }
}

impl Structured for Input {
    const SCHEMA: &'static Structure = &INPUT;
}

impl Documented for Output {
    fn from_document(_: Document) -> Option<Self> {
        unreachable!("outputs are only written")
    }

    fn into_document(self) -> Document {
        let times = self.times.map(Documented::into_document);
        Document::structure(&mut [("Place", Some(self.place.into_document())), ("Times", times)])
    }
}

impl Structured for Output {
    const SCHEMA: &'static Structure = &OUTPUT;
}

impl Shape for GetThing {
    const NAME: &'static str = "GetThing";
    type Input = Input;
    type Output = Output;
}

impl DocumentShape for GetThing {
    const HTTP: Http = Http { method: "GET", path: "/{Bucket}/{Key+}", status: 200 };
}

/// Keeps bytes: its body is a member.
struct PutThing;

struct Put {
    bucket: Option<String>,
    body: Option<Blob>,
}

static PUT: Structure = Structure {
    class: "com.example.PutThingInput",
    members: &[
        Member::new("Bucket", Schema::Text).at(Place::Path),
        Member::new("Key", Schema::Text).at(Place::Path),
        Member::new("Body", Schema::Blob).at(Place::Payload),
    ],
};

impl Documented for Put {
    fn from_document(document: Document) -> Option<Self> {
        let mut members = document.members()?;
        Some(Put { bucket: members.take("Bucket"), body: members.take("Body") })
    }

    fn into_document(self) -> Document {
        unreachable!("inputs are only read")
    }
}

impl Structured for Put {
    const SCHEMA: &'static Structure = &PUT;
}

impl Shape for PutThing {
    const NAME: &'static str = "PutThing";
    type Input = Put;
    type Output = Output;
}

impl DocumentShape for PutThing {
    const HTTP: Http = Http { method: "PUT", path: "/{Bucket}/{Key+}", status: 201 };
}

const NO_SUCH_THING: Code = Code::of(
    &CodeInfo::new("com.example", "NoSuchThingException", 400)
        .in_query("NoSuchThing", 404)
        .in_rest_json(404)
        .in_rest_xml("NoSuchKey", 404),
);

/// The toy with a JSON and the query protocol, CBOR, and one of the REST protocols.
struct Toy;
struct Store;

impl Service for Toy {
    const TARGET_PREFIX: &'static str = "Toy_1";
    const SIGNING_NAME: &'static str = "toy";
    const PROTOCOLS: &'static [Protocol] =
        &[Protocol::AwsJson11, Protocol::RpcCbor, Protocol::Query, Protocol::RestJson];
    const VERSION: &'static str = "2026-01-01";
    const XML_NAMESPACE: &'static str = "http://example.com/toy/";
    const BODY_BYTES_MAX: Option<usize> = Some(1000);
}

impl Service for Store {
    const TARGET_PREFIX: &'static str = "Store_1";
    const SIGNING_NAME: &'static str = "s3";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::RestXml];
    const XML_NAMESPACE: &'static str = "http://example.com/store/";
}

impl<S: Service> Operation<S> for GetThing {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<Input> = Validation::Own;
    type Plan = Input;

    fn check(input: Input) -> Result<Input, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, S>, _: &Input) -> Access<'static> {
        Access::default()
    }

    async fn run(_: &Cx<'_, S>, input: Input) -> Result<Output, ApiError> {
        let (bucket, key) = (input.bucket.unwrap_or_default(), input.key.unwrap_or_default());
        match key.as_str() {
            "none" => Err(ApiError::new(NO_SUCH_THING, "none <here>")),
            _ => Ok(Output { place: format!("{bucket}:{key}"), times: input.times }),
        }
    }
}

impl<S: Service> Operation<S> for PutThing {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<Put> = Validation::Own;
    type Plan = Put;

    fn check(input: Put) -> Result<Put, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, S>, _: &Put) -> Access<'static> {
        Access::default()
    }

    async fn run(_: &Cx<'_, S>, input: Put) -> Result<Output, ApiError> {
        let bytes = input.body.unwrap_or_default().0;
        let text = String::from_utf8_lossy(&bytes);
        Ok(Output { place: format!("{}={text}", input.bucket.unwrap_or_default()), times: None })
    }
}

static TOYS: [Entry<Toy>; 2] = [document_entry::<_, GetThing>(), planned("CountThings")];
static THINGS: [Entry<Store>; 2] = [document_entry::<_, GetThing>(), document_entry::<_, PutThing>()];

fn pipeline() -> Pipeline {
    Pipeline::new(Authenticator::new(Strictness::Form), Arc::new(ManualClock::at(0)), Random::from_seed(1))
        .with_service(Arc::new(Toy), &TOYS)
        .with_service(Arc::new(Store), &THINGS)
}

fn request(
    service: &str,
    method: Method,
    uri: &str,
    headers: &[(&'static str, &str)],
    body: &[u8],
) -> Request {
    let mut request = Request::call("", body.to_vec());
    request.headers.clear();
    (request.method, request.uri) = (method, uri.parse().expect("a URI"));
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential=k/20261123/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    if !service.is_empty() {
        request = request
            .with_header(header::AUTHORIZATION, &credential)
            .with_header(HeaderName::from_static("x-amz-date"), "20261123T213231Z");
    }
    headers
        .iter()
        .fold(request, |request, (name, value)| request.with_header(HeaderName::from_static(name), value))
}

fn answer(request: &Request) -> Response {
    let pipeline = pipeline();
    let mut answering = std::pin::pin!(pipeline.answer(request));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match answering.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(response) => response,
        std::task::Poll::Pending => panic!("nothing to wait for"),
    }
}

/// Status, type and body, with the id of the request replaced.
fn told(request: &Request) -> (u16, String, String) {
    let response = answer(request);
    let body = String::from_utf8_lossy(&response.body).replace(response.request_id.as_str(), "ID");
    let content_type = response.content_type.as_ref().and_then(|value| value.to_str().ok());
    (response.status, content_type.unwrap_or_default().to_owned(), body)
}

fn check(request: &Request, status: u16, content_type: &str, body: &str) {
    assert_eq!(told(request), (status, content_type.to_owned(), body.to_owned()));
}

fn header_of<'a>(response: &'a Response, name: &str) -> Option<&'a HeaderValue> {
    response.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

const JSON_11: &str = "application/x-amz-json-1.1";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
const CBOR: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");

fn json(operation: &str, body: &str) -> Request {
    let target = format!("Toy_1.{operation}");
    let headers = [("x-amz-target", target.as_str()), ("content-type", JSON_11)];
    request("toy", Method::POST, "/", &headers, body.as_bytes())
}

fn form(service: &str, body: &str) -> Request {
    request(service, Method::POST, "/", &[FORM], body.as_bytes())
}

fn cbor(operation: &str, body: &[u8]) -> Request {
    request("toy", Method::POST, &format!("/service/Toy_1/operation/{operation}"), &[CBOR], body)
}

#[test]
fn json_with_targets() {
    check(&json("GetThing", r#"{"Bucket":"b","Key":"k"}"#), 200, JSON_11, r#"{"Place":"b:k"}"#);
    check(
        &json("GetThing", r#"{"Key":"none"}"#),
        400,
        JSON_11,
        r#"{"__type":"com.example#NoSuchThingException","message":"none <here>"}"#,
    );
    let query_error = answer(&json("GetThing", r#"{"Key":"none"}"#));
    assert_eq!(header_of(&query_error, "x-amzn-query-error").expect("it has one"), "NoSuchThing;Sender");
    let unknown = r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#;
    check(&json("Nothing", "{}"), 400, JSON_11, unknown);
    check(
        &json("GetThing", r#"{"Key":[]}"#),
        400,
        JSON_11,
        r#"{"__type":"com.amazon.coral.service#SerializationException","Message":"Unrecognized collection type class java.lang.String"}"#,
    );
    // A service that is not here, and one without JSON.
    for target in ["TrentService.ListKeys", "Store_1.GetThing"] {
        let headers = [("x-amz-target", target), ("content-type", JSON_11)];
        check(&request("s3", Method::POST, "/", &headers, b"{}"), 400, JSON_11, unknown);
    }
}

#[test]
fn forms() {
    let place = "<GetThingResponse xmlns=\"http://example.com/toy/\"><GetThingResult><Place>b:k</Place></GetThingResult>\
                 <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></GetThingResponse>";
    let call = "Action=GetThing&Version=2026-01-01&Bucket=b&Key=k";
    check(&form("toy", call), 200, "text/xml", place);
    check(&request("toy", Method::GET, &format!("/?{call}"), &[], b""), 200, "text/xml", place);
    let error = |inside: &str| {
        format!(
            "<ErrorResponse xmlns=\"http://example.com/toy/\"><Error><Type>Sender</Type>{inside}</Error>\
             <RequestId>ID</RequestId></ErrorResponse>"
        )
    };
    for (body, status, inside) in [
        ("Action=GetThing&Key=none", 404, "<Code>NoSuchThing</Code><Message>none &lt;here&gt;</Message>"),
        (
            "Action=Nothing&Version=2026-01-01",
            400,
            "<Code>InvalidAction</Code><Message>Could not find operation Nothing for version 2026-01-01</Message>",
        ),
        (
            "Action=GetThing&Version=1999-01-01",
            400,
            "<Code>InvalidAction</Code><Message>Could not find operation GetThing for version 1999-01-01</Message>",
        ),
        (
            "Action=CountThings",
            400,
            "<Code>InvalidAction</Code><Message>CountThings is planned in Stator and not built yet</Message>",
        ),
        (
            "Action=GetThing&times=many",
            400,
            "<Code>MalformedInput</Code><Message>integer must follow xsd1.1 definition</Message>",
        ),
    ] {
        check(&form("toy", body), status, "text/xml", &error(inside));
    }
    let unsigned = form("", call);
    let (status, _, body) = told(&unsigned);
    assert!(status == 403 && body.contains("<Code>MissingAuthenticationToken</Code>"), "{status} {body}");
    let (status, _, body) = told(&form("iam", "Action=ListUsers&Version=2010-05-08"));
    assert!(status == 400 && body.contains("<Code>InvalidAction</Code>"), "{status} {body}");
    let (status, _, body) = told(&form("toy", &"a=b&".repeat(20_000)));
    assert!(status == 400 && body.contains("<Code>MalformedInput</Code>"), "{status} {body}");
}

#[test]
fn cbor_bodies() {
    let response = answer(&cbor("GetThing", b"\xbf\x63Key\x61k\xff"));
    assert_eq!((response.status, &response.body[..]), (200, &b"\xa1\x65Place\x62:k"[..]));
    assert_eq!(header_of(&response, "smithy-protocol").expect("it has one"), "rpc-v2-cbor");
    let (status, content_type, body) = told(&cbor("GetThing", b"\xa1\x63Key\x64none"));
    assert_eq!((status, content_type.as_str()), (400, "application/cbor"));
    assert!(body.contains("com.example#NoSuchThingException") && body.contains("none <here>"), "{body}");
    for (operation, body, expect) in [
        ("GetThing", &b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff"[..], "SerializationException"),
        ("GetThing", b"\xa1\x63Key\x01", "SerializationException"),
        ("GetThing", &b"\x81".repeat(900), "SerializationException"),
        ("Nothing", b"\xa0", "UnknownOperationException"),
        ("CountThings", b"\xa0", "UnknownOperationException"),
    ] {
        let (status, content_type, body) = told(&cbor(operation, body));
        assert!(status == 400 && content_type == "application/cbor" && body.contains(expect), "{body}");
    }
}

#[test]
fn rest_with_json() {
    let get = |uri| request("toy", Method::GET, uri, &[], b"");
    check(&get("/b/k%20x/y?times=3"), 200, "application/json", r#"{"Place":"b:k x/y"}"#);
    let response = answer(&get("/b/k?times=3"));
    assert_eq!(header_of(&response, "x-times").expect("it has one"), "3");
    check(&get("/b/none"), 404, "application/json", r#"{"message":"none <here>"}"#);
    let response = answer(&get("/b/none"));
    assert_eq!(header_of(&response, "x-amzn-errortype").expect("it has one"), "NoSuchThingException");
    for (uri, status, error) in [
        ("/b/k?times=x", 400, "SerializationException"),
        ("/b/%ff", 400, "SerializationException"),
        ("/b", 404, "UnknownOperationException"),
    ] {
        let response = answer(&get(uri));
        assert_eq!(response.status, status, "{uri}");
        assert_eq!(header_of(&response, "x-amzn-errortype").expect("it has one"), error, "{uri}");
    }
    let (status, content_type, _) = told(&request("lambda", Method::GET, "/2015-03-31/functions/", &[], b""));
    assert_eq!((status, content_type.as_str()), (404, "application/json"));
}

#[test]
fn rest_with_xml() {
    let get = |uri| request("s3", Method::GET, uri, &[], b"");
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let result = format!(
        "{head}<GetThingResult xmlns=\"http://example.com/store/\"><Place>bucket:key</Place></GetThingResult>"
    );
    check(&get("/bucket/key"), 200, "application/xml", &result);
    let put = request("s3", Method::PUT, "/bucket/key", &[], b"\x00bytes");
    let (status, _, body) = told(&put);
    assert!(status == 201 && body.contains("<Place>bucket=&#x0;bytes</Place>"), "{status} {body}");
    let chunks = [("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")];
    let put = request("s3", Method::PUT, "/bucket/key", &chunks, b"3\r\nabc\r\n0\r\n\r\n");
    assert!(told(&put).2.contains("<Place>bucket=abc</Place>"));
    let put = request("s3", Method::PUT, "/bucket/key", &chunks, b"3\r\nab");
    let (status, _, body) = told(&put);
    assert!(status == 400 && body.contains("<Code>IncompleteBody</Code>"), "{status} {body}");
    let error = |code: &str, message: &str| {
        format!(
            "{head}<Error><Code>{code}</Code>{message}<RequestId>ID</RequestId><HostId>ID</HostId></Error>"
        )
    };
    let none = error("NoSuchKey", "<Message>none &lt;here&gt;</Message>");
    check(&get("/bucket/none"), 404, "application/xml", &none);
    check(&get("/bucket"), 501, "application/xml", &error("NotImplemented", ""));
    let response = answer(&get("/bucket/none"));
    assert_eq!(header_of(&response, "x-amz-request-id").expect("it has one"), response.request_id.as_str());
}

#[test]
fn heads_are_judged_before_bodies() {
    let pipeline = pipeline();
    for (request, is_call, limit) in [
        (json("GetThing", ""), true, Some(1000)),
        (form("toy", ""), true, Some(1000)),
        (form("", ""), true, Some(1 << 20)),
        (cbor("GetThing", b""), true, Some(1000)),
        (request("toy", Method::GET, "/a/b", &[], b""), true, Some(1000)),
        (request("s3", Method::GET, "/", &[], b""), true, None),
        (request("", Method::GET, "/", &[], b""), false, None),
        (request("", Method::GET, "/health", &[], b""), false, None),
        (request("dynamodb", Method::POST, "/", &[], b""), false, None),
    ] {
        let found = pipeline.find(&request);
        assert_eq!((found.is_call(), found.body_bytes_max()), (is_call, limit), "{request:?}");
    }
    let refused = pipeline.refuse(
        &cbor("GetThing", b""),
        pipeline.find(&cbor("GetThing", b"")),
        pipeline::Refusal::TooLarge,
    );
    assert_eq!(refused.status, 413);
    assert!(String::from_utf8_lossy(&refused.body).contains("RequestEntityTooLargeException"));
}
