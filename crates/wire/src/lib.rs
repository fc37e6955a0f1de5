//! The only JSON on the request path. [`json`] reads a body in one pass straight into typed inputs, items
//! as canonical bytes, and writes outputs straight from those bytes. It has the syntax and DynamoDB's type
//! errors, no operation and no rule about values beyond how they are read.

pub mod attribute;
pub mod document;
pub mod ion;
pub mod json;
pub mod lines;
pub mod schema;

pub use document::{Document, Documented, Structured};
pub use json::{Decode, DecodeError, Encode};
