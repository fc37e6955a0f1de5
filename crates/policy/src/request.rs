//! A request as policies judge it: principal, action, resource and context.

use crate::arn::Arn;
use smallvec::SmallVec;
use std::borrow::Cow;

/// The values of a condition key: one, nearly always, which is lent where it is there as text.
pub type Values<'a> = SmallVec<[Cow<'a, str>; 1]>;

/// One value.
pub fn one<'a>(value: impl Into<Cow<'a, str>>) -> Values<'a> {
    Values::from([value.into()])
}

/// Any number of values.
pub fn several<'a>(values: impl IntoIterator<Item: Into<Cow<'a, str>>>) -> Values<'a> {
    values.into_iter().map(Into::into).collect()
}

/// What the conditions of a policy may ask about a request.
pub trait Context {
    /// The values of a key, whose name is in lower case (`aws:sourceip`, `dynamodb:leadingkeys`); `None` where the
    /// request does not have the key. An empty list is as good as none.
    fn values(&self, key: &str) -> Option<Values<'_>>;

    /// The value of a key that has one, which is what a variable stands for: a key of several has none here.
    fn value(&self, key: &str) -> Option<Cow<'_, str>> {
        let mut values = self.values(key)?;
        if values.len() == 1 { values.pop() } else { None }
    }
}

/// A context without keys.
impl Context for () {
    fn values(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}

impl<T: Context + ?Sized> Context for &T {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (**self).values(key)
    }

    fn value(&self, key: &str) -> Option<Cow<'_, str>> {
        (**self).value(key)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requester<'a> {
    /// The account; empty for principals without one.
    pub account: &'a str,
    /// Who of it.
    pub who: Who<'a>,
}

/// A kind of principal, with its names in policies of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'a> {
    /// The account's own credentials.
    Root,
    /// A user.
    User {
        /// Its ARN.
        arn: &'a str,
        /// Its unique id.
        id: &'a str,
    },
    /// A session of a role.
    Session {
        /// `arn:aws:sts::…:assumed-role/…`.
        arn: &'a str,
        /// The role's ARN.
        role_arn: &'a str,
        /// The role's unique id.
        role_id: &'a str,
    },
    /// A user that GetFederationToken has named.
    Federated {
        /// `arn:aws:sts::…:federated-user/…`.
        arn: &'a str,
    },
    /// A service, such as `lambda.amazonaws.com`.
    Service(&'a str),
    /// A web identity, by its provider as trust policies name it.
    WebIdentity(&'a str),
    /// A request without credentials.
    Anonymous,
}

/// The action.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub requester: Requester<'a>,
    /// The action, such as `dynamodb:GetItem`.
    pub action: &'a str,
    /// The ARN of the resource; `*` where the action is about none.
    pub resource: Arn<'a>,
    /// The account that the resource belongs to.
    pub owner: &'a str,
    /// The rest.
    pub context: &'a dyn Context,
}
