//! Golden cases: what the API answers, as data that needs no Rust.
//!
//! ```text
//! # A comment. What stands before the first case is the setup: it runs before every case.
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
//! Each case runs in an account of its own (a 12-digit access key), so cases are independent and the same
//! file runs in process on every store, or against any URL. See [`case`] for the format and [`matcher`] for
//! what an expected body may say.

pub mod case;
pub mod matcher;
pub mod run;
pub mod target;

pub use case::{Case, CaseFile, parse};
pub use run::{Failure, Report, run_directory};
pub use target::in_process::{Engines, InProcess};
pub use target::{HttpTarget, Reply, Request, Target};
