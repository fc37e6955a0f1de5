//! The format of a case file.
//!
//! A file is a setup and named cases (`== name`), each a list of steps:
//! * `Operation {json}` sends an operation of DynamoDB (the JSON may go over several lines; none means `{}`). The
//!   prefix names another service and optionally one of its protocols; `*` sends the operation in each of them:
//!   `cloudwatch:PutMetricData {…}`, `cloudwatch/query:ListMetrics {…}`, `cloudwatch/*:ListMetrics {…}`. The protocols
//!   are `json`, `cbor`, `query` and `rest`; the services and their protocols, the first of which is meant where none
//!   is named, are those of [`crate::services`]. Input and output are JSON whatever the protocol: see
//!   [`crate::protocol`].
//! * `lambda:GET /2015-03-31/functions/f {json}` sends a method and a path with its query; without JSON, no body.
//! * `-> status` and what is expected: nothing (the body is not compared), JSON (see [`crate::matcher`]), an error
//!   as `Code: exact message`, `Code ~ part of the message` or `Code` alone, or `TEXT` and the body, up to white space
//!   at its end. Lines `< Name: value` below name headers that the answer must have.
//! * `RAW operation body` sends exactly this body, up to the end of the line: for bodies that are not JSON. An
//!   operation of `-` sends no target. The body of a call in CBOR is in hexadecimal.
//! * `NOAUTH`, `AUTH value`, before a step, change its Authorization header; `REGION name` sends it to another region
//!   than us-east-1; `> Name: value` adds a header.
//! * `REPEAT n` before a step sends it n times; each answer must be as expected.
//! * `EVENTUALLY` before a step sends it again until the answer is as expected, for a minute at least: for what a
//!   job does behind requests.
//! * `TOGETHER` … `END` sends the steps between at the same time.
//! * `ENFORCED` is for servers that refuse what is above the limits of tables; on others the case is skipped.
//! * `DELAYED seconds` is for servers that show changes of tables for so long; on others the case is skipped.
//! * `ADVANCE seconds` moves the server's clock, `RESTART` closes and reopens the server: both only where the
//!   target can; elsewhere the case is counted as skipped.
//!
//! `${name}` in a path, a text or an expected message is a value that the case has remembered; `${account}` is the
//! account that the case runs in, `$get now` the second since the Unix epoch in which it began, by
//! the server's clock, `$get millis` the same in milliseconds, and `$get hour` the one in which the last hour began
//! that was over then.

mod call;
mod parser;

pub use call::{Asked, Call};
pub use parser::parse;

use serde_json::Value;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Steps before every case.
    pub setup: Vec<Step>,
    /// The cases in order.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// The text after `==`.
    pub name: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send and compare.
    Send(Box<Send>),
    /// Send all at once, compare each.
    Together(Vec<Send>),
    /// Move the clock.
    Advance(u64),
    /// Close and reopen.
    Restart,
    /// Only where the limits of tables are enforced.
    Enforced,
    /// Only where changes of tables show for so many seconds.
    Delayed(u64),
}

/// A request and what must come back.
#[derive(Debug, Clone)]
pub struct Send {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is called.
    pub call: Call,
    /// The body; captures (`$get name`) in JSON bodies are filled in before sending.
    pub body: Body,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Which Authorization header.
    pub authorization: Authorization,
    /// How often.
    pub repeat: usize,
    /// Whether it is sent until the answer is as expected.
    pub eventually: bool,
    /// What must come back.
    pub expect: Expect,
}

/// What is sent.
#[derive(Debug, Clone)]
pub enum Body {
    /// No body.
    None,
    /// A JSON value, in the protocol of the call.
    Json(Value),
    /// These characters; in CBOR, the bytes that these hexadecimal digits stand for.
    Raw(String),
}

/// Which Authorization header a step sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// The case's own account in a region.
    Account(String),
    /// None at all.
    None,
    /// These characters.
    Text(String),
}

impl Default for Authorization {
    fn default() -> Self {
        Authorization::Account("us-east-1".to_owned())
    }
}

/// What must come back.
#[derive(Debug, Clone)]
pub struct Expect {
    /// The HTTP status.
    pub status: u16,
    /// Headers with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: ExpectBody,
}

/// How the body must look.
#[derive(Debug, Clone)]
pub enum ExpectBody {
    /// Not compared.
    Any,
    /// Matches this JSON.
    Json(Value),
    /// Is this text, up to white space at its end.
    Text(String),
    /// An error with this code and exactly this message.
    Error(String, String),
    /// An error with this code and a message that contains this.
    ErrorContains(String, String),
    /// An error with this code.
    ErrorCode(String),
}
