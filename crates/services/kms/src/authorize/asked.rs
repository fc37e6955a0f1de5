//! What is asked of a key: an action, with what policies and grants may ask about it.

use crate::context::EncryptionContext;
use crate::grant::Terms;
use pipeline::access::Tags;

/// See the module.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Such as `kms:Encrypt`.
    pub(crate) action: &'static str,
    /// The key as the request names it.
    pub(crate) named: &'a str,
    /// The encryption context, where the action has one.
    pub(crate) context: Option<&'a EncryptionContext>,
    /// The grant that is to be made.
    pub(crate) terms: Option<&'a Terms>,
    /// The service that asks on the caller's behalf.
    pub(crate) via: Option<&'a str>,
    /// The tags that are set or removed.
    pub(crate) tags: Tags,
    /// Condition keys of this action, in lower case.
    pub(crate) others: Vec<(&'static str, String)>,
}

impl<'a> Asked<'a> {
    /// An action on a key.
    pub fn new(action: &'static str, named: &'a str) -> Self {
        let tags = Tags::default();
        Asked { action, named, context: None, terms: None, via: None, tags, others: Vec::new() }
    }

    /// Within an encryption context.
    pub fn with_context(self, context: &'a EncryptionContext) -> Self {
        Asked { context: Some(context), ..self }
    }

    /// To make a grant.
    pub fn with_terms(self, terms: &'a Terms) -> Self {
        Asked { terms: Some(terms), ..self }
    }

    /// By a service on the caller's behalf, such as `dynamodb.us-east-1.amazonaws.com`.
    pub fn via(self, service: &'a str) -> Self {
        Asked { via: Some(service), ..self }
    }

    pub(crate) fn with_tags(self, tags: Tags) -> Self {
        Asked { tags, ..self }
    }

    /// With another condition key, if it has a value.
    pub(crate) fn and(mut self, key: &'static str, value: Option<impl ToString>) -> Self {
        self.others.extend(value.map(|value| (key, value.to_string())));
        self
    }

    /// The action as grants name it.
    pub(crate) fn operation(&self) -> &'static str {
        self.action.strip_prefix("kms:").unwrap_or(self.action)
    }
}
