//! Constraints the service model states for members: required, length, range, pattern, enum.

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
