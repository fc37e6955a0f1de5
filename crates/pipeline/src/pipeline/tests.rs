use super::*;
use crate::access::Access;
use crate::entry::{entry, planned};
use crate::operation::Kind;
use crate::respond::NOT_A_CALL;
use crate::{Caller, Validation};
use figures::Metric;
use http::{HeaderName, Method, header};
use identity::Strictness;
use model::{ApiError, Code, CodeInfo, Constraints, Shape, Violation, code};
use stdx::ManualClock;
use wire::json::{ObjectWriter, Reader, Structure};
use wire::{DecodeError, Encode};

/// One operation that can be refused at every stage, by the value of its one member.
struct Echo;

#[derive(Default)]
struct Input {
    text: Option<String>,
}

struct Output {
    text: String,
    caller: String,
}

impl Structure for Input {
    const CLASS: &'static str = "com.example.EchoInput";

    fn member(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
        if name != "Text" {
            return Ok(false);
        }
        self.text = reader.optional()?;
        Ok(true)
    }
}

impl Constraints for Input {
    fn violations(&self, out: &mut Vec<Violation>) {
        if self.text.is_none() {
            let constraint = "Member must not be null".to_owned();
            out.push(Violation { path: "text".into(), value: Some("null".into()), constraint });
        }
    }
}

impl Encode for Output {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        object.member("Text", &Some(self.text.clone())).member("Caller", &Some(self.caller.clone())).end();
    }
}

impl Shape for Echo {
    const NAME: &'static str = "Echo";
    type Input = Input;
    type Output = Output;
}

struct Echoes;

impl Service for Echoes {
    const TARGET_PREFIX: &'static str = "Echo_1";
    const SIGNING_NAME: &'static str = "echo";
}

impl Operation<Echoes> for Echo {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<Input> = Validation::MODEL;
    type Plan = String;

    fn check(input: Input) -> Result<String, ApiError> {
        let text = input.text.expect("the constraints require it");
        if text == "unchecked" { Err(ApiError::validation("check")) } else { Ok(text) }
    }

    fn access(_: &Cx<'_, Echoes>, _: &String) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Cx<'_, Echoes>, text: String) -> Result<Output, ApiError> {
        match text.as_str() {
            "fail" => Err(ApiError::silent(RESOURCE_IN_USE)),
            "panic" => panic!("as asked"),
            _ => Ok(Output { text, caller: format!("{}/{}", cx.caller.account, cx.caller.region) }),
        }
    }
}

const RESOURCE_IN_USE: Code = Code::of(&CodeInfo::new("com.example", "ResourceInUseException", 400));

static OPS: &[Entry<Echoes>] = &[entry::<_, Echo>(), planned("Shout")];

const CREDENTIALS: &str =
    "AWS4-HMAC-SHA256 Credential=k/20261123/eu-west-1/echo/aws4_request, SignedHeaders=host, Signature=0";

fn pipeline() -> Pipeline {
    let clock = Arc::new(ManualClock::at(0));
    let authenticator = Authenticator::new(Strictness::Form);
    Pipeline::new(authenticator, clock, Random::from_seed(1)).with_service(Arc::new(Echoes), OPS)
}

fn signed(target: &str, body: &str) -> Request {
    let date = HeaderName::from_static("x-amz-date");
    Request::call(target, body.to_owned())
        .with_header(header::AUTHORIZATION, CREDENTIALS)
        .with_header(date, "20261123T213231Z")
}

fn unsigned(target: &str, body: &str) -> Request {
    Request::call(target, body.to_owned())
}

fn answer(pipeline: &Pipeline, request: Request) -> Response {
    at_once(pipeline.answer(&request))
}

/// The futures of this crate wait for nothing here, so one poll answers.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("nothing to wait for"),
    }
}

fn check(request: Request, status: u16, expect: &str) {
    let response = answer(&pipeline(), request);
    let body = std::str::from_utf8(&response.body).expect("text");
    let short = body.replace("com.amazon.coral.service#", "").replace("com.amazon.coral.validate#", "");
    assert_eq!((response.status, short.as_str()), (status, expect));
    assert_eq!(response.crc32, crc32fast::hash(&response.body));
}

#[test]
fn refusals_in_order() {
    // Every row has the faults of all rows below it, and is refused for its own.
    check(
        unsigned("Echo_1.None", "{"),
        400,
        r#"{"__type":"SerializationException"}"#, // syntax, even of an unknown target
    );
    check(unsigned("Echo_1.None", "{}"), 400, r#"{"__type":"UnknownOperationException"}"#);
    check(
        unsigned("Echo_1.Shout", "{}"),
        400,
        r#"{"__type":"UnknownOperationException","message":"Shout is planned in Stator and not built yet"}"#,
    );
    check(unsigned("Echo_1.Echo", r#"{"Text":1"#), 400, r#"{"__type":"SerializationException"}"#);
    check(
        unsigned("Echo_1.Echo", r#"{"Text":1}"#),
        400,
        r#"{"__type":"MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}"#,
    );
    check(
        unsigned("Echo_1.Echo", ""),
        400,
        r#"{"__type":"MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}"#,
    );
    check(signed("Echo_1.Echo", ""), 400, r#"{"__type":"SerializationException"}"#);
    check(
        signed("Echo_1.Echo", r#"{"Text":1}"#),
        400,
        r#"{"__type":"SerializationException","Message":"NUMBER_VALUE cannot be converted to String"}"#,
    );
    check(
        signed("Echo_1.Echo", "{}"),
        400,
        r#"{"__type":"ValidationException","message":"1 validation error detected: Value null at 'text' failed to satisfy constraint: Member must not be null"}"#,
    );
    check(
        signed("Echo_1.Echo", r#"{"Text":"unchecked"}"#),
        400,
        r#"{"__type":"ValidationException","message":"check"}"#,
    );
    check(
        signed("Echo_1.Echo", r#"{"Text":"fail"}"#),
        400,
        r#"{"__type":"com.example#ResourceInUseException"}"#,
    );
    check(
        signed("Echo_1.Echo", r#"{"Text":"hi"}"#),
        200,
        r#"{"Text":"hi","Caller":"000000000000/eu-west-1"}"#,
    );
}

#[test]
fn a_call_from_inside_meets_the_refusals_of_an_operation() {
    let service = Echoes;
    let (caller, random) = (Caller::of_key("123456789012", "here"), Random::from_seed(1));
    let (request_id, host) = (&RequestId::draw(&random), Host::Named(""));
    let figures = Figures::new(Arc::new(ManualClock::at(0)));
    let echo = |text: Option<&str>| {
        let tally = &figures.begin(0);
        let (service, caller, random) = (&service, &caller, &random);
        let cx = Cx { service, caller, now_micros: 0, request_id, host, random, tally };
        let input = Input { text: text.map(str::to_owned) };
        at_once(perform::<_, Echo>(&cx, input)).map_err(|error| (error.code, error.message))
    };
    let constraint = "1 validation error detected: Value null at 'text' failed to satisfy constraint: Member must \
                      not be null";
    assert_eq!(echo(None).err(), Some((code::VALIDATION, Some(constraint.into()))));
    assert_eq!(echo(Some("unchecked")).err(), Some((code::VALIDATION, Some("check".into()))));
    assert_eq!(echo(Some("fail")).err(), Some((RESOURCE_IN_USE, None)));
    assert_eq!(echo(Some("hi")).ok().map(|output| output.caller).as_deref(), Some("123456789012/here"));
    let series = figures.series("123456789012", "here", 0..=0);
    let [user_errors] = &series[..] else { panic!("{series:?}") };
    assert_eq!(user_errors.metric, Metric::UserErrors);
    assert_eq!(figures.points(user_errors, 0..=0)[0].1.statistic.sum, 3.0);
}

#[test]
fn what_is_no_call() {
    let xml = std::str::from_utf8(NOT_A_CALL).expect("text");
    let call = || signed("Echo_1.Echo", r#"{"Text":"hi"}"#);
    check(Request { method: Method::PUT, ..call() }, 404, xml);
    check(Request { method: Method::GET, ..call() }, 404, xml);
    check(Request { uri: "/elsewhere".parse().expect("a path"), ..call() }, 404, xml);
    for media_type in ["text/plain", "application/x-amz-json-1.1", ""] {
        check(call().with_header(header::CONTENT_TYPE, media_type), 404, xml);
    }
    let empty = signed("Echo_1.Echo", "").with_header(header::CONTENT_TYPE, "text/plain");
    check(empty, 400, r#"{"__type":"SerializationException"}"#);
}

#[test]
fn json_is_answered_as_it_was_asked() {
    let call = || signed("Echo_1.Echo", r#"{"Text":"hi"}"#);
    assert_eq!(answer(&pipeline(), call()).content_type.expect("a type"), "application/x-amz-json-1.0");
    let other = call().with_header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    assert_eq!(answer(&pipeline(), other).content_type.expect("a type"), "application/json");
}

#[test]
fn a_panic_is_a_500_and_the_next_request_is_served() {
    let pipeline = pipeline();
    let response = answer(&pipeline, signed("Echo_1.Echo", r#"{"Text":"panic"}"#));
    assert_eq!(response.status, 500);
    assert!(std::str::from_utf8(&response.body).expect("text").contains("#InternalFailure"));
    assert_eq!(answer(&pipeline, signed("Echo_1.Echo", r#"{"Text":"hi"}"#)).status, 200);
    assert_eq!(pipeline.figures().refused(0..=0), [("Panic", 1)].into());
}

#[test]
fn refusals_before_an_operation_are_counted() {
    let pipeline = pipeline();
    for request in [signed("Echo_1.None", "{}"), unsigned("Echo_1.Echo", "{}"), signed("Echo_1.Echo", "{")] {
        answer(&pipeline, request);
    }
    let request = unsigned("", "");
    pipeline.refuse(&request, pipeline.find(&request), Refusal::Undecodable);
    pipeline.count_refusal("UnknownHost");
    let expect = [
        ("MissingAuthenticationTokenException", 1),
        ("SerializationException", 2),
        ("UnknownHost", 1),
        ("UnknownOperationException", 1),
    ];
    assert_eq!(pipeline.figures().refused(0..=0), expect.into());
}

#[test]
fn every_response_has_an_id_of_its_own() {
    let pipeline = pipeline();
    let ids = [(); 2].map(|()| answer(&pipeline, unsigned("", "")).request_id);
    assert_ne!(ids[0], ids[1]);
}

#[test]
#[should_panic(expected = "twice")]
fn an_operation_stands_once_in_its_table() {
    let _ = pipeline().with_service(Arc::new(Echoes), OPS);
}
