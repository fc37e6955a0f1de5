//! What accounts have, as answers show it.

use crate::account::{AccessKey, Account, Entity, Group, ManagedPolicy, Owner, Role, User, Version};
use crate::managed::Managed;
use model::iam;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A document as answers carry it.
pub(crate) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

pub(crate) fn tags(tags: &[(String, String)]) -> Option<Vec<iam::Tag>> {
    let tag =
        |(key, value): &(String, String)| iam::Tag { key: Some(key.clone()), value: Some(value.clone()) };
    Some(tags.iter().map(tag).collect::<Vec<_>>()).filter(|tags| !tags.is_empty())
}

fn boundary(entity: &Entity) -> Option<iam::AttachedPermissionsBoundary> {
    entity.boundary.clone().map(|arn| iam::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn),
    })
}

/// A user as lists show it.
pub(crate) fn user_listed(user: &User, account: &str) -> iam::User {
    let entity = &user.entity;
    iam::User {
        path: Some(entity.path.clone()),
        user_name: Some(entity.name.clone()),
        user_id: Some(entity.id.clone()),
        arn: Some(entity.arn(Owner::User, account)),
        create_date: Some(entity.created as f64),
        ..iam::User::default()
    }
}

/// A user with its boundary and tags.
pub(crate) fn user(user: &User, account: &str) -> iam::User {
    iam::User {
        permissions_boundary: boundary(&user.entity),
        tags: tags(&user.entity.tags),
        ..user_listed(user, account)
    }
}

pub(crate) fn group(group: &Group, account: &str) -> iam::Group {
    let entity = &group.entity;
    iam::Group {
        path: Some(entity.path.clone()),
        group_name: Some(entity.name.clone()),
        group_id: Some(entity.id.clone()),
        arn: Some(entity.arn(Owner::Group, account)),
        create_date: Some(entity.created as f64),
    }
}

/// A role as the answer to its creation shows it.
pub(crate) fn role_created(role: &Role, account: &str) -> iam::Role {
    let entity = &role.entity;
    iam::Role {
        path: Some(entity.path.clone()),
        role_name: Some(entity.name.clone()),
        role_id: Some(entity.id.clone()),
        arn: Some(entity.arn(Owner::Role, account)),
        create_date: Some(entity.created as f64),
        assume_role_policy_document: Some(encoded(&role.trust)),
        description: role.description.clone(),
        permissions_boundary: boundary(entity),
        tags: tags(&entity.tags),
        ..iam::Role::default()
    }
}

/// A role as lists show it.
pub(crate) fn role_listed(role: &Role, account: &str) -> iam::Role {
    iam::Role {
        max_session_duration: Some(role.session_seconds_max as i64),
        permissions_boundary: None,
        tags: None,
        ..role_created(role, account)
    }
}

/// A role by itself.
pub(crate) fn role(role: &Role, account: &str) -> iam::Role {
    iam::Role {
        max_session_duration: Some(role.session_seconds_max as i64),
        role_last_used: Some(iam::RoleLastUsed::default()),
        ..role_created(role, account)
    }
}

/// A policy as lists show it.
pub(crate) fn policy_listed(policy: &ManagedPolicy, account: &Account, id: &str) -> iam::Policy {
    let arn = policy.arn(id);
    let (attached, boundaries) = account.uses(&arn);
    iam::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(arn),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default_version)),
        attachment_count: Some(attached as i64),
        permissions_boundary_usage_count: Some(boundaries as i64),
        is_attachable: Some(true),
        create_date: Some(policy.created as f64),
        update_date: Some(policy.updated as f64),
        ..iam::Policy::default()
    }
}

/// A policy by itself.
pub(crate) fn policy(policy: &ManagedPolicy, account: &Account, id: &str) -> iam::Policy {
    iam::Policy {
        description: policy.description.clone(),
        tags: tags(&policy.tags),
        ..policy_listed(policy, account, id)
    }
}

/// A policy of AWS.
pub(crate) fn aws_policy(policy: &Managed, account: &Account) -> iam::Policy {
    let arn = policy.arn();
    let (attached, boundaries) = account.uses(&arn);
    iam::Policy {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id()),
        arn: Some(arn),
        path: Some(policy.path.to_owned()),
        default_version_id: Some("v1".to_owned()),
        attachment_count: Some(attached as i64),
        permissions_boundary_usage_count: Some(boundaries as i64),
        is_attachable: Some(true),
        create_date: Some(Managed::CREATED),
        update_date: Some(Managed::CREATED),
        ..iam::Policy::default()
    }
}

/// A version, with its document where it is asked for.
pub(crate) fn version(version: &Version, default: u64, with_document: bool) -> iam::PolicyVersion {
    iam::PolicyVersion {
        document: with_document.then(|| encoded(&version.document)),
        version_id: Some(format!("v{}", version.number)),
        is_default_version: Some(version.number == default),
        create_date: Some(version.created as f64),
    }
}

pub(crate) fn key(key: &AccessKey, user: &str) -> iam::AccessKeyMetadata {
    iam::AccessKeyMetadata {
        user_name: Some(user.to_owned()),
        access_key_id: Some(key.id.clone()),
        status: Some(if key.is_active { "Active" } else { "Inactive" }.to_owned()),
        create_date: Some(key.created as f64),
    }
}

/// The managed policies of an entity, by their names.
pub(crate) fn attached(entity: &Entity) -> impl Iterator<Item = (String, iam::AttachedPolicy)> {
    let shown = entity.attached.iter().map(|arn| {
        let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
        let shown = iam::AttachedPolicy { policy_name: Some(name.clone()), policy_arn: Some(arn.clone()) };
        (name.to_ascii_lowercase(), shown)
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by(|one, other| one.0.cmp(&other.0));
    shown.into_iter()
}
