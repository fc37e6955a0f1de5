//! The resource that a caller needs a right on.

use policy::Arn;
use std::fmt;

/// The ARN of a resource; `*` where an action is about none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource<'a> {
    /// As a text.
    Text(String),
    /// By its parts, of which policies compare one by one: its text is made only where it is shown.
    Parts {
        /// Such as `dynamodb`.
        service: &'static str,
        /// The region.
        region: &'a str,
        /// Whose it is.
        account: &'a str,
        /// What follows, such as `table/music`.
        path: String,
    },
}

impl Resource<'_> {
    /// In the form that policies judge.
    pub fn arn(&self) -> Arn<'_> {
        match self {
            Resource::Text(text) => Arn::from(text.as_str()),
            Resource::Parts { service, region, account, path } => Arn::of(service, region, account, path),
        }
    }

    /// The text of the ARN.
    pub fn into_text(self) -> String {
        match self {
            Resource::Text(text) => text,
            parts @ Resource::Parts { .. } => parts.to_string(),
        }
    }
}

impl fmt::Display for Resource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_one_arn() {
        let text = "arn:aws:dynamodb:here:123456789012:table/music";
        let (service, region, account) = ("dynamodb", "here", "123456789012");
        let parts = Resource::Parts { service, region, account, path: "table/music".to_owned() };
        let whole = Resource::Text(text.to_owned());
        assert_eq!((parts.arn(), parts.to_string().as_str()), (whole.arn(), text));
        assert_eq!((parts.into_text().as_str(), whole.into_text().as_str()), (text, text));
    }
}
