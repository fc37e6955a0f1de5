//! The name of an operator taken apart: `ForAnyValue:StringNotLikeIfExists`.

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) family: Family,
    pub(super) negated: bool,
    pub(super) values: Values,
    if_exists: bool,
}

/// How the several values of a key are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Plain,
    ForAll,
    ForAny,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// The value of the request against that of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => ordering.is_eq(),
            Comparison::Less => ordering.is_lt(),
            Comparison::LessOrEqual => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// By the end of an operator's name; whether it is negated.
    fn named(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "equals" => (Comparison::Equal, false),
            "notequals" => (Comparison::Equal, true),
            "lessthan" => (Comparison::Less, false),
            "lessthanequals" => (Comparison::LessOrEqual, false),
            "greaterthan" => (Comparison::Greater, false),
            "greaterthanequals" => (Comparison::GreaterOrEqual, false),
            _ => return None,
        })
    }
}

impl Operator {
    /// An operator by its name, in any case.
    pub(crate) fn parse(name: &str) -> Option<Operator> {
        let name = name.to_ascii_lowercase();
        let (values, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Values::ForAll, rest),
            Some(("foranyvalue", rest)) => (Values::ForAny, rest),
            Some(_) => return None,
            None => (Values::Plain, name.as_str()),
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (family, negated) = family(name)?;
        let is_bare = values == Values::Plain && !if_exists;
        (family != Family::Null || is_bare).then_some(Operator { family, negated, values, if_exists })
    }

    /// What holds where the request does not have the key.
    pub(super) fn without_key(&self) -> bool {
        match self.values {
            _ if self.if_exists => true,
            Values::ForAll => true,
            Values::ForAny => false,
            Values::Plain => self.negated,
        }
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    Some(match name {
        "stringequals" => (Family::StringEquals, false),
        "stringnotequals" => (Family::StringEquals, true),
        "stringequalsignorecase" => (Family::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Family::StringEqualsIgnoreCase, true),
        "stringlike" => (Family::StringLike, false),
        "stringnotlike" => (Family::StringLike, true),
        "bool" => (Family::Bool, false),
        "binaryequals" => (Family::Binary, false),
        "ipaddress" => (Family::Ip, false),
        "notipaddress" => (Family::Ip, true),
        "arnequals" | "arnlike" => (Family::Arn, false),
        "arnnotequals" | "arnnotlike" => (Family::Arn, true),
        "null" => (Family::Null, false),
        _ => return compared(name),
    })
}

fn compared(name: &str) -> Option<(Family, bool)> {
    let of = |prefix| name.strip_prefix(prefix).and_then(Comparison::named);
    let number = of("numeric").map(|(comparison, negated)| (Family::Numeric(comparison), negated));
    number.or_else(|| of("date").map(|(comparison, negated)| (Family::Date(comparison), negated)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "StringEquals",
            "ForAllValues:StringNotLikeIfExists",
            "foranyvalue:dategreaterthanequals",
            "NumericNotEquals",
            "BoolIfExists",
            "Null",
        ] {
            assert!(Operator::parse(name).is_some(), "{name}");
        }
        for name in
            ["", "x", "ForAnyValue::StringEquals", "Foo:StringEquals", "NullIfExists", "ForAllValues:Null"]
        {
            assert!(Operator::parse(name).is_none(), "{name}");
        }
    }
}
