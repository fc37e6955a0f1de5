//! Sends requests to a target and describes how an answer differs from the expected one.

use crate::model::Refusal;
use serde_json::Value as Json;
use testkit::{Request, Target};

/// A refused request.
#[derive(Debug)]
pub struct Refused {
    pub code: String,
    pub message: String,
    pub body: Json,
}

/// One account's way to the server.
pub struct Client<'a> {
    target: &'a dyn Target,
    account: String,
    /// Requests sent.
    pub sent: usize,
}

impl<'a> Client<'a> {
    /// Of this account.
    pub fn new(target: &'a dyn Target, account: u64) -> Self {
        Client { target, account: account.to_string(), sent: 0 }
    }

    /// Sends an operation.
    pub fn call(&mut self, operation: &str, body: &str) -> Result<Json, Refused> {
        self.sent += 1;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000",
            self.account
        );
        let reply = self
            .target
            .send(&Request::json(&format!("DynamoDB_20120810.{operation}"), &authorization, body.as_bytes()))
            .expect("a server in this process answers");
        let answer: Json = serde_json::from_slice(&reply.body).expect("an answer is JSON");
        if reply.status == 200 { Ok(answer) } else { Err(Refused::read(answer)) }
    }

    /// Closes and reopens the server, where that can be done.
    pub fn restart(&self) {
        self.target.restart();
    }
}

impl Refused {
    fn read(body: Json) -> Refused {
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        Refused { code, message: format!("{}{}", text("message"), text("Message")), body }
    }

    /// Whether this is one of the refusals that would be right.
    pub fn expect(&self, refusal: &Refusal) -> Result<(), String> {
        let is_right = |(code, part): &(&str, &str)| self.code == *code && self.message.contains(part);
        if refusal.iter().any(is_right) {
            return Ok(());
        }
        Err(format!("expected one of {refusal:?}, was refused with {}", self.body))
    }
}

/// Two things that must be the same.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, actual: T) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    Err(format!("{what}\n  expected {expected:?}\n       got {actual:?}"))
}

/// The names of an answer's members, in order.
pub fn members(answer: &Json) -> Vec<&str> {
    let mut names: Vec<_> =
        answer.as_object().into_iter().flat_map(|object| object.keys().map(String::as_str)).collect();
    names.sort_unstable();
    names
}
