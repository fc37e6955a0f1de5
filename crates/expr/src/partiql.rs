//! PartiQL, as far as DynamoDB has it: statements on one table, in the resolved forms of expressions.
//!
//! [`parse`] reads a statement and puts its parameters in the place of its question marks. What it makes are the same
//! [`Condition`], [`Update`] and values that expressions make, so that a statement is carried out as they are. Which
//! part of a WHERE clause is about a key follows from the schema: [`item_key`] for the one item of a write, [`ranges`]
//! for what a SELECT reads. Pure: no tables, no IO.

mod clauses;
mod cursor;
mod error;
mod item_key;
mod keywords;
mod lexer;
mod literal;
mod ranges;
mod statement;
mod where_clause;

pub use error::StatementError;
pub use item_key::{ItemKeyError, item_key};
pub use ranges::{Ranges, RangesError, ReadRange, partitions, ranges};

use crate::condition::Condition;
use crate::path::Path;
use crate::update::Update;
use types::{Item, ValueBuf};

/// A statement with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// SELECT
    Select(Select),
    /// EXISTS of a SELECT: a check within a transaction.
    Exists(Select),
    /// INSERT
    Insert(Insert),
    /// UPDATE
    Update(UpdateStatement),
    /// DELETE
    Delete(DeleteStatement),
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The table's name or ARN.
    pub table: String,
    /// The index that is read in its place.
    pub index: Option<String>,
}

/// SELECT
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// What is read.
    pub target: Target,
    /// The paths in the order written; `None` is `*`.
    pub paths: Option<Vec<Path>>,
    /// WHERE
    pub condition: Option<Condition>,
    /// ORDER BY
    pub order: Vec<OrderTerm>,
}

/// A term of ORDER BY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTerm {
    /// The attribute.
    pub attribute: String,
    /// DESC
    pub descending: bool,
}

/// INSERT
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    /// The table.
    pub target: Target,
    /// The tuple.
    pub item: Item,
    /// Maps and lists around its deepest leaf.
    pub nesting_levels: usize,
}

/// UPDATE
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateStatement {
    /// The table.
    pub target: Target,
    /// All SET and REMOVE clauses.
    pub update: Update,
    /// WHERE
    pub condition: Option<Condition>,
    /// RETURNING
    pub returning: Option<Returning>,
}

/// DELETE
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteStatement {
    /// The table.
    pub target: Target,
    /// WHERE
    pub condition: Option<Condition>,
    /// `RETURNING ALL OLD *`
    pub returning: Option<Returning>,
}

/// RETURNING
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returning {
    /// `ALL OLD *`
    AllOld,
    /// `ALL NEW *`
    AllNew,
    /// `MODIFIED OLD *`
    ModifiedOld,
    /// `MODIFIED NEW *`
    ModifiedNew,
}

impl Returning {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Returning::AllOld => "ALL OLD *",
            Returning::AllNew => "ALL NEW *",
            Returning::ModifiedOld => "MODIFIED OLD *",
            Returning::ModifiedNew => "MODIFIED NEW *",
        }
    }
}

impl Statement {
    /// What it is about.
    pub fn target(&self) -> &Target {
        match self {
            Statement::Select(select) | Statement::Exists(select) => &select.target,
            Statement::Insert(insert) => &insert.target,
            Statement::Update(update) => &update.target,
            Statement::Delete(delete) => &delete.target,
        }
    }

    /// Whether it reads only. EXISTS is a check beside writes.
    pub fn is_read(&self) -> bool {
        matches!(self, Statement::Select(_))
    }
}

/// Reads a statement. Refuses, in this order: what is no statement, fewer parameters than question marks, operands
/// of types that an operator does not take.
pub fn parse(text: &str, parameters: &[ValueBuf]) -> Result<Statement, StatementError> {
    statement::parse(text, parameters)
}

#[cfg(test)]
mod tests;
