//! How a function is called, and what is told of records that are given up: handed in by whoever puts the server
//! together.

use serde_json::Value;
use std::future::Future;
use std::pin::Pin;

/// A call of a function, answered when it has returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function's ARN, with a qualifier if the mapping has one.
    pub function_arn: String,
    /// The event, as JSON.
    pub payload: Vec<u8>,
    /// How old its last record is.
    pub iterator_age_micros: Option<u64>,
}

/// Records that are given up.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenUp {
    /// The id of the mapping.
    pub mapping: String,
    /// The function's ARN, with a qualifier if the mapping has one.
    pub function_arn: String,
    /// The shard that the records are of.
    pub shard_id: String,
    /// Who is to be told, if anybody is.
    pub destination: Option<String>,
    /// What is told.
    pub document: Value,
    /// The records as the function got them: `{"Records":[…]}`.
    pub records: Vec<u8>,
    /// When they were given up, in microseconds since the Unix epoch.
    pub given_up_micros: u64,
}

/// How a call went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// The function ran.
    Ran {
        /// What it returned, as JSON, or what is said of its failure.
        payload: Vec<u8>,
        /// The kind of failure.
        function_error: Option<String>,
        /// Which version ran.
        executed_version: String,
        /// The id of the call.
        request_id: String,
    },
    /// It did not run: there is no such function, or no room for another call.
    DidNotRun {
        /// Why, in a sentence.
        why: String,
    },
}

/// What calls functions.
pub type Invoke = dyn Fn(Call) -> Pin<Box<dyn Future<Output = Called> + Send>> + Send + Sync;

/// What keeps what is told of records that are given up.
pub type Tell = dyn Fn(GivenUp) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;
