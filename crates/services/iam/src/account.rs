//! What an account has: users, groups, roles, managed policies and identity providers, in one document.
//!
//! Names are unique whatever the case of their letters, so maps go by the name in lower case.

mod entity;
mod managed_policy;
mod provider;
mod role;
mod user;

pub use entity::{Entity, Owner};
pub use managed_policy::{ManagedPolicy, Version};
pub use provider::Provider;
pub use role::Role;
pub use user::{AccessKey, Group, User};

use crate::errors;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The newest format of the document.
pub const FORMAT: u32 = 1;

/// An account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Users.
    pub users: BTreeMap<String, User>,
    /// Groups.
    pub groups: BTreeMap<String, Group>,
    /// Roles.
    pub roles: BTreeMap<String, Role>,
    /// Managed policies.
    pub policies: BTreeMap<String, ManagedPolicy>,
    /// Identity providers, by their URL without `https://`.
    pub providers: BTreeMap<String, Provider>,
}

/// The key of a name in the maps.
pub fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

impl Account {
    /// A user.
    pub fn user(&self, name: &str) -> Result<&User, ApiError> {
        self.users.get(&folded(name)).ok_or_else(|| errors::not_found("user", name))
    }

    /// A user that is changed.
    pub fn user_mut(&mut self, name: &str) -> Result<&mut User, ApiError> {
        self.users.get_mut(&folded(name)).ok_or_else(|| errors::not_found("user", name))
    }

    /// A group.
    pub fn group(&self, name: &str) -> Result<&Group, ApiError> {
        self.groups.get(&folded(name)).ok_or_else(|| errors::not_found("group", name))
    }

    /// A role.
    pub fn role(&self, name: &str) -> Result<&Role, ApiError> {
        self.roles.get(&folded(name)).ok_or_else(|| errors::not_found("role", name))
    }

    /// A role that is changed; one of a service is not.
    pub fn role_mut(&mut self, name: &str) -> Result<&mut Role, ApiError> {
        let role = self.roles.get_mut(&folded(name)).ok_or_else(|| errors::not_found("role", name))?;
        if role.service.is_some() { Err(errors::protected_role(&role.entity.name)) } else { Ok(role) }
    }

    /// A user, a group or a role.
    pub fn entity(&self, owner: Owner, name: &str) -> Result<&Entity, ApiError> {
        Ok(match owner {
            Owner::User => &self.user(name)?.entity,
            Owner::Group => &self.group(name)?.entity,
            Owner::Role => &self.role(name)?.entity,
        })
    }

    /// The same to be changed.
    pub fn entity_mut(&mut self, owner: Owner, name: &str) -> Result<&mut Entity, ApiError> {
        Ok(match owner {
            Owner::User => &mut self.user_mut(name)?.entity,
            Owner::Group => {
                let group = self.groups.get_mut(&folded(name));
                &mut group.ok_or_else(|| errors::not_found("group", name))?.entity
            }
            Owner::Role => &mut self.role_mut(name)?.entity,
        })
    }

    /// Every user, group and role.
    pub fn entities(&self) -> impl Iterator<Item = (Owner, &Entity)> {
        let users = self.users.values().map(|user| (Owner::User, &user.entity));
        let groups = self.groups.values().map(|group| (Owner::Group, &group.entity));
        users.chain(groups).chain(self.roles.values().map(|role| (Owner::Role, &role.entity)))
    }

    /// The managed policy of an ARN, of this account.
    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.policies.get(&policy_key(arn)?)
    }

    /// The same to be changed.
    pub fn policy_mut(&mut self, arn: &str) -> Result<&mut ManagedPolicy, ApiError> {
        let key = policy_key(arn).ok_or_else(errors::invalid_arn)?;
        self.policies.get_mut(&key).ok_or_else(|| errors::no_policy(arn))
    }

    /// How often a policy is attached, and how often it is a boundary.
    pub fn uses(&self, arn: &str) -> (usize, usize) {
        let attached = self.entities().filter(|(_, entity)| entity.attached.contains(arn)).count();
        let is_boundary = |entity: &Entity| entity.boundary.as_deref() == Some(arn);
        (attached, self.entities().filter(|(_, entity)| is_boundary(entity)).count())
    }

    /// The groups of a user.
    pub fn groups_of(&self, user: &User) -> impl Iterator<Item = &Group> {
        user.groups.iter().filter_map(|name| self.groups.get(name))
    }
}

/// The name at the end of the ARN of a policy, in lower case.
fn policy_key(arn: &str) -> Option<String> {
    let (_, path) = arn.split_once(":policy/")?;
    path.rsplit('/').next().map(folded)
}
