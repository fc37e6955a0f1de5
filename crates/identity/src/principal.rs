//! The principal behind an access key: its kind and name, its condition keys, and its own policies.
//!
//! Made once for each access key and each change of what an account has; every request of the key shares it.

use foldhash::fast::RandomState;
use policy::{Grants, Requester, Who};
use std::collections::HashMap;

/// Condition keys with their values, their names in lower case.
pub type PrincipalKeys = HashMap<String, Vec<String>, RandomState>;

/// A principal.
#[derive(Debug, Clone, Default)]
pub struct Principal {
    /// The kind and name of the principal.
    pub kind: PrincipalKind,
    /// The condition keys it has in every request (`aws:username`, `aws:principaltag/…`).
    pub keys: PrincipalKeys,
    /// Its policies.
    pub grants: Grants,
    /// Tags that sessions made from this one inherit.
    pub transitive_tags: Vec<(String, String)>,
}

/// A kind of principal with its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The account's own credentials.
    #[default]
    Root,
    /// A user of IAM.
    User {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Its unique id.
        id: String,
        /// Whether it calls by a session of its own, from GetSessionToken.
        by_session: bool,
    },
    /// A session of a role.
    Role {
        /// `arn:aws:sts::…:assumed-role/…`.
        arn: String,
        /// The role's ARN.
        role_arn: String,
        /// The role's unique id.
        role_id: String,
        /// The name of the session.
        session: String,
    },
    /// A federated user, named by GetFederationToken and absent from IAM.
    Federated {
        /// `arn:aws:sts::…:federated-user/…`.
        arn: String,
        /// Its name.
        name: String,
    },
    /// A service of this server.
    Service(String),
    /// A request without credentials.
    Anonymous,
}

impl Principal {
    /// A principal of a kind without policies.
    pub fn of(kind: PrincipalKind) -> Self {
        Principal { kind, ..Principal::default() }
    }

    /// Whether it is the account itself, which needs no policy.
    pub fn is_root(&self) -> bool {
        matches!(self.kind, PrincipalKind::Root)
    }

    /// Whether it calls by a session of a role.
    pub fn is_role(&self) -> bool {
        matches!(self.kind, PrincipalKind::Role { .. })
    }

    /// The name of the user it is.
    pub fn user_name(&self) -> Option<&str> {
        match &self.kind {
            PrincipalKind::User { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Its ARN, in an account.
    pub fn arn(&self, account: &str) -> String {
        match &self.kind {
            PrincipalKind::Root => format!("arn:aws:iam::{account}:root"),
            PrincipalKind::User { arn, .. }
            | PrincipalKind::Role { arn, .. }
            | PrincipalKind::Federated { arn, .. } => arn.clone(),
            PrincipalKind::Service(name) => name.clone(),
            PrincipalKind::Anonymous => "Anonymous".to_owned(),
        }
    }

    /// Its unique id, in an account.
    pub fn user_id(&self, account: &str) -> String {
        match &self.kind {
            PrincipalKind::Root | PrincipalKind::Service(_) => account.to_owned(),
            PrincipalKind::User { id, .. } => id.clone(),
            PrincipalKind::Role { role_id, session, .. } => format!("{role_id}:{session}"),
            PrincipalKind::Federated { name, .. } => format!("{account}:{name}"),
            PrincipalKind::Anonymous => "Anonymous".to_owned(),
        }
    }

    /// The principal in the form that policies judge.
    pub fn requester<'a>(&'a self, account: &'a str) -> Requester<'a> {
        let (account, who) = match &self.kind {
            PrincipalKind::Root => (account, Who::Root),
            PrincipalKind::User { arn, id, .. } => (account, Who::User { arn, id }),
            PrincipalKind::Role { arn, role_arn, role_id, .. } => {
                (account, Who::Session { arn, role_arn, role_id })
            }
            PrincipalKind::Federated { arn, .. } => (account, Who::Federated { arn }),
            PrincipalKind::Service(name) => ("", Who::Service(name)),
            PrincipalKind::Anonymous => ("", Who::Anonymous),
        };
        Requester { account, who }
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Principal {}
