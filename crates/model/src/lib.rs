//! The service model as Rust: shapes with their decoders, encoders and constraints (generated
//! from the neutral table in `shapes/`), and the errors of the API. Data only: no rule that the model does
//! not state, no socket, no store.

pub mod api_error;
pub mod code;
pub mod constraint;
mod generated;

pub use api_error::{ApiError, Detail};
pub use code::{Code, CodeInfo};
pub use constraint::{Constraints, Violation};
pub use generated::{
    application_autoscaling, cloudwatch, cognito_identity, dax, dynamodb, dynamodb_streams, iam, kinesis,
    kms, lambda, logs, s3, sts,
};

/// What this program has beside the public model of DynamoDB, in the form that botocore merges into its own.
pub const DYNAMODB_SDK_EXTRAS: &str = include_str!("../shapes/dynamodb.sdk-extras.json");

/// An operation's name and its two shapes. Implemented by generated code, one type per operation.
pub trait Shape: 'static {
    /// The API's name, such as `PutItem`.
    const NAME: &'static str;
    /// What a request carries.
    type Input: Send + 'static;
    /// What a success answers.
    type Output: Send + 'static;
}

/// An operation of a service with several protocols.
pub trait DocumentShape: Shape<Input: wire::Structured, Output: wire::Structured> {
    /// How REST protocols call it.
    const HTTP: Http;
}

/// How REST protocols call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Http {
    /// The method.
    pub method: &'static str,
    /// The path, with members in braces: `/functions/{FunctionName}`, or `{Key+}` for the rest of it.
    pub path: &'static str,
    /// The status of a success.
    pub status: u16,
}

#[cfg(test)]
mod generated_tests;
