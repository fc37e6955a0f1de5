//! Policies of IAM: documents parsed as strictly as AWS parses them, compiled once, and evaluated by a pure function.
//!
//! [`Policy::parse`] compiles a document or returns its first [`Fault`], in IAM's words. [`decide`]
//! evaluates a [`Request`] against the policies of its requester ([`Grants`]) and of the resource ([`ResourceSide`])
//! and names the statement that decided.
//!
//! Users and storage are outside: the policies of a principal and the context of a request are handed in.
//! Reading order: [`policy`], [`request`], [`decide`]; below them [`read`] (from JSON to statements), `pattern`,
//! `condition`, `principal`.

mod arn;
mod canonical;
mod condition;
pub mod decide;
pub mod fault;
mod json;
mod pattern;
pub mod policy;
mod principal;
mod read;
pub mod request;
pub mod span;

pub use arn::Arn;
pub use canonical::canonical;
pub use decide::{Attached, Deciding, Decision, Denial, Grants, Layer, ResourceSide, SourceKind, decide};
pub use fault::Fault;
pub use policy::{Effect, Kind, Policy};
pub use principal::Reach;
pub use request::{Context, Request, Requester, Values, Who};
pub use span::{Position, Span, statement_spans};
