//! A policy, compiled: what [`Policy::parse`] makes of a document.

use crate::arn::ArnPattern;
use crate::condition::Condition;
use crate::fault::Fault;
use crate::pattern::{Case, Pattern, Variable};
use crate::principal::{Principals, Reach};
use crate::read;
use crate::request::Request;

/// The longest document that is read, in bytes. What a kind of policy may have is less, and its owner's rule.
pub const DOCUMENT_BYTES_MAX: usize = 131_072;

/// What a document is for: this decides which members it must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of a user, a group or a role, or one that is attached to them.
    Identity,
    /// Of a session.
    Session,
    /// The trust policy of a role.
    Trust,
    /// Of a resource.
    Resource,
}

/// A compiled policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(crate) statements: Box<[Statement]>,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Permits.
    Allow,
    /// Forbids, whatever permits.
    Deny,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// Absent in policies of identities: those apply to the identity they are attached to.
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Listed<ActionPattern>,
    /// Absent in policies of trust: those are about the role.
    pub(crate) resources: Option<Listed<ArnPattern>>,
    pub(crate) conditions: Box<[Condition]>,
    /// Variables without a default: without the value of one the statement matches nothing.
    pub(crate) required: Box<[Variable]>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Listed<T> {
    These(Box<[T]>),
    AllBut(Box<[T]>),
}

impl<T> Listed<T> {
    fn takes(&self, matches: impl FnMut(&T) -> bool) -> bool {
        match self {
            Listed::These(list) => list.iter().any(matches),
            Listed::AllBut(list) => !list.iter().any(matches),
        }
    }

    pub(crate) fn list(&self) -> &[T] {
        match self {
            Listed::These(list) | Listed::AllBut(list) => list,
        }
    }
}

/// An action with wildcards, letters in any case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ActionPattern {
    pub(crate) pattern: Pattern,
    /// As written.
    pub(crate) text: Box<str>,
}

impl Policy {
    /// Compiles a document.
    ///
    /// # Errors
    /// The first thing that is wrong with it, in IAM's order.
    pub fn parse(text: &str, kind: Kind) -> Result<Policy, Fault> {
        read::policy(text, kind)
    }

    /// A policy without statements, which allows nothing.
    pub fn nothing() -> Policy {
        Policy { statements: [].into() }
    }

    /// The statements of both.
    pub fn and(self, other: Policy) -> Policy {
        Policy { statements: self.statements.into_iter().chain(other.statements).collect() }
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether there is no statement.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The condition keys that the policy uses, in lower case.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        let conditions = self.statements.iter().flat_map(|statement| statement.conditions.iter());
        conditions.map(Condition::key)
    }

    /// Whether a condition or a variable without a default asks for a key that begins so, in lower case.
    pub fn asks_for(&self, prefix: &str) -> bool {
        let variables = self.statements.iter().flat_map(|statement| statement.required.iter());
        self.condition_keys().any(|key| key.starts_with(prefix))
            || variables.map(|variable| &*variable.key).any(|key| key.starts_with(prefix))
    }

    /// The actions that the policy names, as written.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| statement.actions.list()).map(|action| &*action.text)
    }
}

impl Statement {
    /// Whether the statement's actions and resources match the request, whatever its principal.
    pub(crate) fn is_about(&self, request: &Request<'_>) -> bool {
        self.actions.takes(|action| action.pattern.matches(request.action, Case::Ignored, request.context))
            && self.resources.as_ref().is_none_or(|resources| {
                resources.takes(|arn| arn.matches(&request.resource, request.context) == Some(true))
            })
            && self.required.iter().all(|variable| variable.value(request.context).is_some())
            && self.conditions.iter().all(|condition| condition.holds(request.context))
    }

    /// How a statement that allows names the requester; a policy of an identity is about it anyway.
    pub(crate) fn allows(&self, request: &Request<'_>) -> Option<Reach> {
        match &self.principals {
            Some(principals) => principals.allowed(&request.requester),
            None => Some(Reach::Itself),
        }
    }

    /// Whether a statement that denies is about the requester.
    pub(crate) fn denies(&self, request: &Request<'_>) -> bool {
        self.principals.as_ref().is_none_or(|principals| principals.denied(&request.requester))
    }
}
