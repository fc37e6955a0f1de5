//! Golden cases: what the API answers, as data that needs no Rust.
//!
//! ```text
//! # A comment. The lines before the first case are the setup, which runs before every case.
//! CreateTable
//! {"TableName": "t", "...": "..."}
//! -> 200
//!
//! == a missing item is an empty answer
//! GetItem {"TableName": "t", "Key": {"pk": {"S": "no"}}}
//! -> 200 {}
//!
//! == a bad number
//! PutItem {"TableName": "t", "Item": {"pk": {"N": "abc"}}}
//! -> 400 ValidationException: The parameter cannot be converted to a numeric value: abc
//! ```
//!
//! Each case runs in an account of its own (a 12-digit access key), so cases are independent and the same file runs in
//! process on every store, or against any URL. Services beside DynamoDB are called by name, in any of their protocols,
//! with input and output as JSON:
//!
//! ```text
//! == metrics are listed in every protocol
//! cloudwatch/*:ListMetrics {"Namespace": "AWS/EC2"}
//! -> 200 {"Metrics": []}
//!
//! == a function that is not there
//! lambda:GET /2015-03-31/functions/none
//! -> 404 ResourceNotFoundException ~ Function not found
//! ```
//!
//! See [`case`] for the format, [`protocol`] for how JSON becomes other protocols, [`services`] for their names and
//! [`matcher`] for what an expected body may say.

pub mod case;
pub mod matcher;
pub mod protocol;
pub mod run;
pub mod services;
pub mod target;

pub use case::{Case, CaseFile, parse};
pub use run::{Failure, Report, run_directory};
pub use target::in_process::{Engines, InProcess};
pub use target::{HttpTarget, Reply, Request, Target};
