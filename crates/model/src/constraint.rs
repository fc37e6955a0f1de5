//! Constraints the service model states for members: required, length, range, pattern, enum.
//!
//! The wordings are those of DynamoDB's older validation layer, which reports every broken constraint of a
//! request together, in the model's order of members. Rules that the model does not state are not here: how a table
//! may be named, say, is judged by the operations (the model allows any ARN there).

mod echo;
mod expression;
mod member;
mod path;

pub(crate) use echo::{Echo, Length};
pub(crate) use member::{
    Checked, has_no_colon_first, is_alias, is_bucket_name, is_name, is_tag_key, is_tag_text, member,
};
pub(crate) use path::Path;

/// One broken constraint. Several are reported together, see `pipeline`'s constraints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The member's path in lower camel case, list positions 1-based: `keySchema.1.member.keyType`.
    pub path: String,
    /// The offending value as DynamoDB echoes it (`null`, or in quotes), `None` for the wordings without one.
    pub value: Option<String>,
    /// Such as `Member must not be null`.
    pub constraint: String,
}

/// Implemented by generated inputs.
pub trait Constraints {
    /// Appends every broken constraint in the model's order of members, nested members included.
    fn violations(&self, out: &mut Vec<Violation>);
}

#[cfg(test)]
mod tests;
