//! What policies must know of a principal: its condition keys and its own policies, put together from the account.

use crate::account::{Account, Entity, Owner, Role, User};
use crate::managed::Managed;
use crate::session::{Session, SessionOf, SessionPolicy};
use identity::{Principal, PrincipalKeys, PrincipalKind};
use policy::{Attached, Grants, Kind, Policy, SourceKind};
use std::borrow::Cow;
use std::sync::Arc;

/// What the account itself may do for those whom it names.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A user with a key of its own.
pub(crate) fn of_user(account_id: &str, account: &Account, user: &User) -> Principal {
    let entity = &user.entity;
    let arn = entity.arn(Owner::User, account_id);
    let mut keys = keys(account_id, "User", &arn, &entity.id);
    set(&mut keys, "aws:username", &entity.name);
    tags(&mut keys, &entity.tags);
    let (name, id) = (entity.name.clone(), entity.id.clone());
    let kind = PrincipalKind::User { name, arn, id, by_session: false };
    Principal { kind, keys, grants: grants_of_user(account, user), transitive_tags: Vec::new() }
}

/// Whoever calls by a session; `None` where the user or the role is gone.
pub(crate) fn of_session(account: &Account, session: &Session) -> Option<Principal> {
    let mut principal = match &session.who {
        SessionOf::Root => Principal::default(),
        SessionOf::User(name) => by_session(of_user(&session.account, account, account.user(name).ok()?)),
        SessionOf::Role { role, session: name } => {
            of_role(&session.account, account, account.role(role).ok()?, name)
        }
        SessionOf::Federated { user, name } => {
            let grants = match user {
                Some(user) => grants_of_user(account, account.user(user).ok()?),
                None => Grants {
                    identity: of_arn(account, ADMINISTRATOR).into_iter().collect(),
                    ..Grants::default()
                },
            };
            federated(&session.account, grants, name)
        }
    };
    let is_inherited = |(key, _): &&(String, String)| session.transitive.contains(key);
    principal.transitive_tags = session.tags.iter().filter(is_inherited).cloned().collect();
    principal.grants.session = session
        .policies
        .as_ref()
        .map(|policies| policies.iter().filter_map(|policy| of_policy(account, policy)).collect());
    let keys = &mut principal.keys;
    tags(keys, &session.tags);
    set(keys, "aws:tokenissuetime", &session.issued.to_string());
    if let Some(source) = &session.source_identity {
        set(keys, "aws:sourceidentity", source);
    }
    keys.extend(session.claims.clone());
    Some(principal)
}

fn by_session(principal: Principal) -> Principal {
    let kind = match principal.kind {
        PrincipalKind::User { name, arn, id, .. } => PrincipalKind::User { name, arn, id, by_session: true },
        other => other,
    };
    Principal { kind, ..principal }
}

fn of_role(account_id: &str, account: &Account, role: &Role, session: &str) -> Principal {
    let entity = &role.entity;
    let role_arn = entity.arn(Owner::Role, account_id);
    let arn = format!("arn:aws:sts::{account_id}:assumed-role/{}/{session}", entity.name);
    let mut keys = keys(account_id, "AssumedRole", &role_arn, &format!("{}:{session}", entity.id));
    tags(&mut keys, &entity.tags);
    let (role_id, session) = (entity.id.clone(), session.to_owned());
    let kind = PrincipalKind::Role { arn, role_arn, role_id, session };
    Principal {
        kind,
        keys,
        grants: grants_of(account, SourceKind::Role, entity),
        transitive_tags: Vec::new(),
    }
}

fn federated(account_id: &str, grants: Grants, name: &str) -> Principal {
    let arn = format!("arn:aws:sts::{account_id}:federated-user/{name}");
    let keys = keys(account_id, "FederatedUser", &arn, &format!("{account_id}:{name}"));
    let kind = PrincipalKind::Federated { arn, name: name.to_owned() };
    Principal { kind, keys, grants, transitive_tags: Vec::new() }
}

fn keys(account: &str, kind: &str, arn: &str, id: &str) -> PrincipalKeys {
    let mut keys = PrincipalKeys::default();
    set(&mut keys, "aws:principalaccount", account);
    set(&mut keys, "aws:principaltype", kind);
    set(&mut keys, "aws:principalarn", arn);
    set(&mut keys, "aws:userid", id);
    keys
}

fn set(keys: &mut PrincipalKeys, key: &str, value: &str) {
    keys.insert(key.to_owned(), vec![value.to_owned()]);
}

/// Tags of a session go before those of the role.
fn tags(keys: &mut PrincipalKeys, tags: &[(String, String)]) {
    for (key, value) in tags {
        set(keys, &format!("aws:principaltag/{}", key.to_lowercase()), value);
    }
}

/// The policies of a user and of its groups.
pub(crate) fn grants_of_user(account: &Account, user: &User) -> Grants {
    let mut grants = grants_of(account, SourceKind::User, &user.entity);
    for group in account.groups_of(user) {
        grants.identity.extend(grants_of(account, SourceKind::Group, &group.entity).identity);
    }
    grants
}

/// The policies of an entity by itself.
pub(crate) fn grants_of(account: &Account, source: SourceKind, entity: &Entity) -> Grants {
    let inline = entity.inline.iter().filter_map(|(name, text)| attached(name, source, text));
    let managed = entity.attached.iter().filter_map(|arn| of_arn(account, arn));
    let boundary = entity.boundary.as_deref().map(|arn| of_arn(account, arn).unwrap_or_else(|| nothing(arn)));
    Grants { identity: inline.chain(managed).collect(), boundary, session: None }
}

fn of_policy(account: &Account, policy: &SessionPolicy) -> Option<Attached> {
    match policy {
        SessionPolicy::Inline(text) => {
            let policy = Arc::new(Policy::parse(text, Kind::Session).ok()?);
            Some(Attached { name: "session".into(), source: SourceKind::None, policy })
        }
        SessionPolicy::Managed(arn) => of_arn(account, arn),
    }
}

/// The text of a managed policy, of the account or of AWS.
pub(crate) fn managed_document<'a>(account: &'a Account, arn: &str) -> Option<Cow<'a, str>> {
    match Managed::named(arn) {
        Some(managed) => Some(managed.document().into()),
        None => account.policy(arn).map(|policy| policy.document().into()),
    }
}

fn of_arn(account: &Account, arn: &str) -> Option<Attached> {
    let source =
        if arn.starts_with("arn:aws:iam::aws:") { SourceKind::AwsManaged } else { SourceKind::Managed };
    attached(arn, source, &managed_document(account, arn)?)
}

/// In place of a boundary that is not there any more: nothing is allowed.
fn nothing(arn: &str) -> Attached {
    Attached { name: arn.into(), source: SourceKind::None, policy: Arc::new(Policy::nothing()) }
}

/// What is kept was parsed when it was written.
fn attached(name: &str, source: SourceKind, text: &str) -> Option<Attached> {
    let policy = Policy::parse(text, Kind::Identity).ok()?;
    Some(Attached { name: name.into(), source, policy: Arc::new(policy) })
}
