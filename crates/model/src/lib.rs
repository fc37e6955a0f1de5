//! What the service model says, as Rust: shapes with their decoders, encoders and constraints (generated
//! from the neutral table in `shapes/`), and the errors of the API. Data only: no rule that the model does
//! not state, no socket, no store.

pub mod api_error;
pub mod code;
pub mod constraint;
mod generated;

pub use api_error::{ApiError, Detail};
pub use code::{Code, CodeInfo};
pub use constraint::{Constraints, Violation};
pub use generated::{dynamodb, dynamodb_streams};

/// An operation's name and its two shapes. Implemented by generated code, one type per operation.
pub trait Shape: 'static {
    /// The API's name, such as `PutItem`.
    const NAME: &'static str;
    /// What a request carries.
    type Input: wire::Decode + Send + 'static;
    /// What a success answers.
    type Output: wire::Encode + Send + 'static;
}

#[cfg(test)]
mod generated_tests;
