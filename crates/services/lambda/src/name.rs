//! How functions are named: by name, `name:qualifier`, partial ARN (`‹account›:function:‹name›`) or full ARN, wherever
//! an operation takes a `FunctionName`. The model's pattern has let the text through before.

use crate::errors;
use model::ApiError;
use pipeline::Caller;
use std::fmt;

/// The version that is not published.
pub const LATEST: &str = "$LATEST";
/// Names have at most so many characters. In a path a longer one is of no function.
const NAME_CHARS_MAX: usize = 64;

/// The ARN of a function, or of a version or alias of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    /// The region.
    pub region: String,
    /// The account.
    pub account: String,
    /// The function's name.
    pub name: String,
    /// The version or alias.
    pub qualifier: Option<String>,
}

impl Arn {
    /// The ARN of the caller's function of a name.
    pub fn of(caller: &Caller, name: &str) -> Self {
        let (region, account) = (caller.region.to_string(), caller.account.to_string());
        Arn { region, account, name: name.to_owned(), qualifier: None }
    }

    /// The function that a request names, with the qualifier of the name or of the parameter beside it.
    ///
    /// # Errors
    /// A function of another region or account, and two qualifiers that differ.
    pub fn named(caller: &Caller, text: &str, qualifier: Option<&str>) -> Result<Self, ApiError> {
        let parts = Parts::of(text);
        if let Some(region) = parts.region.filter(|region| **region != *caller.region) {
            return Err(errors::other_region(region, &caller.region));
        }
        if parts.account.is_some_and(|account| *account != *caller.account) {
            return Err(errors::other_account(text));
        }
        let qualifier = match (parts.qualifier, qualifier) {
            (Some(derived), Some(given)) if derived != given => return Err(errors::qualifiers_differ()),
            (derived, given) => given.or(derived).map(str::to_owned),
        };
        Ok(Arn { qualifier, ..Arn::of(caller, parts.name) })
    }

    /// A full ARN as it was kept.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Parts { region, account, name, qualifier } = Parts::of(text);
        let (region, account) = (region?.to_owned(), account?.to_owned());
        Some(Arn { region, account, name: name.to_owned(), qualifier: qualifier.map(str::to_owned) })
    }

    /// The same without a qualifier.
    pub fn unqualified(&self) -> Self {
        Arn { qualifier: None, ..self.clone() }
    }

    /// The same with a qualifier.
    pub fn qualified(&self, qualifier: &str) -> Self {
        Arn { qualifier: Some(qualifier.to_owned()), ..self.clone() }
    }

    /// Whether a function can have the name.
    pub(crate) fn is_too_long(&self) -> bool {
        self.name.len() > NAME_CHARS_MAX
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { region, account, name, qualifier } = self;
        write!(f, "arn:aws:lambda:{region}:{account}:function:{name}")?;
        qualifier.iter().try_for_each(|qualifier| write!(f, ":{qualifier}"))
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Parts<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let parts: Vec<&str> = text.split(':').collect();
        let (region, account, rest) = match parts[..] {
            ["arn", _, "lambda", region, account, "function", ..] => {
                (Some(region), Some(account), &parts[6..])
            }
            [account, "function", ..] if parts.len() > 2 => (None, Some(account), &parts[2..]),
            _ => (None, None, &parts[..]),
        };
        let (name, qualifier) = (rest.first().copied().unwrap_or_default(), rest.get(1).copied());
        Parts { region, account, name, qualifier }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, qualifier: Option<&str>) -> Result<String, String> {
        let caller = Caller::of_key("123456789012", "eu-west-1");
        let arn = Arn::named(&caller, text, qualifier);
        arn.map(|arn| arn.to_string()).map_err(|error| error.message.unwrap_or_default().into_owned())
    }

    #[test]
    fn every_form_names_the_function() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f";
        for text in ["f", "123456789012:function:f", arn] {
            assert_eq!(named(text, None).as_deref(), Ok(arn), "{text}");
            assert_eq!(named(&format!("{text}:7"), None), Ok(format!("{arn}:7")), "{text}");
            assert_eq!(named(&format!("{text}:7"), Some("7")), Ok(format!("{arn}:7")), "{text}");
            assert_eq!(named(text, Some("live")), Ok(format!("{arn}:live")), "{text}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_refused() {
        let differ = "The derived qualifier from the function name does not match the specified qualifier.";
        assert_eq!(named("f:1", Some("2")).unwrap_err(), differ);
        let region = "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')";
        assert_eq!(named("arn:aws:lambda:us-east-1:123456789012:function:f", None).unwrap_err(), region);
        assert!(named("000000000000:function:f", None).unwrap_err().contains("another account"));
    }
}
