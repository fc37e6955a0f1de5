//! ARNs with wildcards: six parts, compared one by one, so that a wildcard does not reach from one part into the next.
//! Only the last part contains colons.

use crate::pattern::{Case, Dialect, Pattern, Variable};
use crate::request::Context;
use std::fmt;

/// The parts of an ARN.
pub(crate) const PARTS: usize = 6;

/// What should be an ARN, taken apart once for all patterns it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a>(Form<'a>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form<'a> {
    Parts([&'a str; PARTS]),
    /// A text that is none.
    Other(&'a str),
}

impl<'a> From<&'a str> for Arn<'a> {
    fn from(text: &'a str) -> Self {
        Arn(parts(text).map_or(Form::Other(text), Form::Parts))
    }
}

impl<'a> Arn<'a> {
    /// Of a resource of a service, whose text nobody may need.
    pub fn of(service: &'a str, region: &'a str, account: &'a str, resource: &'a str) -> Self {
        Arn(Form::Parts(["arn", "aws", service, region, account, resource]))
    }

    /// The account in it.
    pub fn account(&self) -> Option<&'a str> {
        match self.0 {
            Form::Parts([_, _, _, _, account, _]) if !account.is_empty() => Some(account),
            _ => None,
        }
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Parts([first, rest @ ..]) => {
                f.write_str(first)?;
                rest.iter().try_for_each(|part| write!(f, ":{part}"))
            }
            Form::Other(text) => f.write_str(text),
        }
    }
}

/// A compiled ARN, or the `*` that takes everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    Any,
    Parts(Box<[Pattern; PARTS]>),
    /// Not the form of an ARN: matches nothing.
    None,
}

impl ArnPattern {
    pub(crate) fn compile(text: &str, variables: bool) -> ArnPattern {
        if text == "*" {
            return ArnPattern::Any;
        }
        let dialect = Dialect { wildcards: true, variables };
        let parts: Vec<_> =
            split(text, variables).into_iter().map(|part| Pattern::compile(part, dialect)).collect();
        parts.try_into().map_or(ArnPattern::None, |parts| ArnPattern::Parts(Box::new(parts)))
    }

    /// Whether an ARN matches; `None` for a text that is no ARN and does not match.
    pub(crate) fn matches(&self, arn: &Arn<'_>, context: &dyn Context) -> Option<bool> {
        match (self, &arn.0) {
            (ArnPattern::Any, _) => Some(true),
            (ArnPattern::None, _) => Some(false),
            (ArnPattern::Parts(_), Form::Other(_)) => None,
            (ArnPattern::Parts(patterns), Form::Parts(parts)) => {
                let mut pairs = patterns.iter().zip(parts);
                Some(pairs.all(|(pattern, part)| pattern.matches(part, Case::Sensitive, context)))
            }
        }
    }

    pub(crate) fn required(&self) -> impl Iterator<Item = &Variable> {
        let parts: &[Pattern] = match self {
            ArnPattern::Parts(parts) => &**parts,
            _ => &[],
        };
        parts.iter().flat_map(Pattern::required)
    }
}

/// The parts of an ARN; `None` for a text that is none.
fn parts(text: &str) -> Option<[&str; PARTS]> {
    let (mut parts, mut rest) = ([text; PARTS], text);
    for part in &mut parts[..PARTS - 1] {
        let end = rest.bytes().position(|byte| byte == b':')?;
        (*part, rest) = (&rest[..end], &rest[end + 1..]);
    }
    parts[PARTS - 1] = rest;
    Some(parts)
}

/// The parts of an ARN that may contain variables, whose names contain colons.
pub(crate) fn split(text: &str, variables: bool) -> Vec<&str> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < text.len() && parts.len() < PARTS - 1 {
        let rest = &text[at..];
        if variables && rest.starts_with("${") {
            at += rest.find('}').map_or(2, |end| end + 1);
        } else if rest.starts_with(':') {
            parts.push(&text[start..at]);
            at += 1;
            start = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_compared_one_by_one() {
        let matches = |pattern: &str, arn: &str| ArnPattern::compile(pattern, true).matches(&arn.into(), &());
        let arn = "arn:aws:dynamodb:eu-west-1:1:table/a:b";
        assert_eq!(matches("arn:aws:dynamodb:*:*:table/*", arn), Some(true));
        assert_eq!(matches("arn:aws:dynamodb:*:table/*:x", arn), Some(false));
        assert_eq!(matches("arn:aws:dynamodb:*:*:table/?:b", arn), Some(true));
        assert_eq!(matches("*", "x"), Some(true));
        assert_eq!(matches("arn:*", arn), Some(false));
        assert_eq!(matches("arn:aws:dynamodb:*:*:table/*", "*"), None);
        assert_eq!(parts("a:b:c:d:e:f:g"), Some(["a", "b", "c", "d", "e", "f:g"]));
        assert_eq!(parts("::::é:"), Some(["", "", "", "", "é", ""]));
        assert_eq!(parts("a:b:c:d:e"), None);
    }

    #[test]
    fn an_arn_by_its_parts_is_that_of_its_text() {
        let text = "arn:aws:dynamodb:eu-west-1:000000000001:table/a:b";
        let arn = Arn::of("dynamodb", "eu-west-1", "000000000001", "table/a:b");
        assert_eq!((arn, arn.to_string().as_str(), arn.account()), (text.into(), text, Some("000000000001")));
        assert_eq!((Arn::from("*").to_string().as_str(), Arn::from("*").account()), ("*", None));
        assert_eq!(Arn::of("s3", "", "", "bucket").account(), None);
    }

    #[test]
    fn names_of_variables_are_not_cut() {
        let arn = "arn:aws:s3:::b/${cognito-identity.amazonaws.com:sub}";
        assert_eq!(split(arn, true).len(), PARTS);
        assert_eq!(split("a:${b:c}:d", true), ["a", "${b:c}", "d"]);
        assert_eq!(split("a:${b:c", true), ["a", "${b", "c"]);
    }
}
