//! DynamoDB's expression language: conditions and filters, key conditions, updates, projections.
//!
//! Each kind goes through the same steps, so that a caller can put the errors of a request into DynamoDB's
//! order:
//!
//! 1. `parse(text)`: syntax, size, reserved words, functions, bounds. Needs no parameters.
//! 2. Conditions only: `check_statics(&parameters)`: operand counts, distinct operands, types of literals.
//!    What is undefined is passed over, so this may come before or after `check_references`, or together with it
//!    (`check_in_turn`), as the operation has it.
//! 3. `resolve(&parameters, &mut usage)`: undefined names and values, recording which were used. Of an update
//!    this includes the types of literals and overlapping targets, of a projection overlapping paths.
//! 4. [`Usage::check_unused`], once all expressions of the request are resolved.
//! 5. Evaluation against an item in canonical bytes, without building trees.
//!
//! Legacy parameters build the resolved forms ([`Condition`], [`Update`], [`KeyCondition`], [`Projection`]) directly,
//! and so do PartiQL's statements ([`partiql`]). Every text about an expression in an answer is in [`error`]. Pure:
//! no IO, no JSON, no tables.

pub mod condition;
mod cursor;
pub mod error;
#[cfg(test)]
mod fixture;
pub mod key_condition;
mod lexer;
pub mod parameters;
mod part;
pub mod partiql;
pub mod path;
pub mod projection;
pub mod reserved;
mod syntax;
mod syntax_check;
pub mod update;

pub use condition::{Comparator, Condition, Operand, ParsedCondition};
pub use error::{ExprError, Fault, KeyConditionError, KeyUseError, Kind, ParameterError, UpdateError};
pub use key_condition::{BoundKeyCondition, KeyAttribute, KeyClause, KeyCondition, KeyTest, RangeCondition};
pub use parameters::{Parameters, Usage};
pub use path::{Element, Path};
pub use projection::{ParsedProjection, Projection};
pub use update::{Action, Change, ParsedUpdate, Term, Update, Updated};
