//! Sessions of roles: whether the role's trust lets a caller in, and the session.

use crate::errors;
use crate::session::{Made, Wanted, make};
use iam::Directory;
use iam::account::{Owner, Role};
use iam::session::SessionOf;
use model::ApiError;
use model::sts::AssumedRoleUser;
use pipeline::access::{ConditionKeys, Values, one, several};
use pipeline::{Cx, Need, Service, demand};
use policy::{Kind, Layer, Policy, Requester};
use std::sync::Arc;

/// How long a session that is made from a session may last, in seconds.
const CHAINED_SECONDS_MAX: u64 = 3_600;

/// What a trust policy may ask about.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// The action, `sts:AssumeRole` or the like.
    pub action: &'static str,
    /// The name of the session.
    pub session: &'a str,
    /// As the caller was told by the owner of the role.
    pub external_id: Option<&'a str>,
    /// Who is behind the caller.
    pub source_identity: Option<&'a str>,
    /// Tags of the session.
    pub tags: &'a [(String, String)],
    /// Keys that sessions made from it inherit.
    pub transitive: &'a [String],
    /// What an identity provider said, by condition key in lower case.
    pub claims: &'a [(String, Vec<String>)],
    /// Whom an identity provider vouches for, in place of the caller.
    pub requester: Option<Requester<'a>>,
}

impl ConditionKeys for &Asked<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "sts:externalid" => self.external_id.map(one),
            "sts:rolesessionname" => Some(one(self.session)),
            "sts:sourceidentity" => self.source_identity.map(one),
            "sts:transitivetagkeys" => Some(several(self.transitive)),
            "aws:tagkeys" => Some(several(self.tags.iter().map(|(key, _)| key))),
            key => match key.strip_prefix("aws:requesttag/") {
                Some(name) => {
                    let is_named = |(own, _): &&(String, String)| own.to_lowercase() == name;
                    self.tags.iter().find(is_named).map(|(_, value)| one(value))
                }
                None => self.claims.iter().find(|(own, _)| own == key).map(|(_, values)| several(values)),
            },
        }
    }
}

/// A role that was found by its ARN.
#[derive(Debug)]
pub struct Found {
    /// The account that the role is of.
    pub account: String,
    /// The role.
    pub role: Role,
}

/// The account and the name in the ARN of a role.
pub fn parse_arn(arn: &str) -> Result<(&str, &str), ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "iam", "", account, path] = parts[..] else { return Err(errors::invalid_arn(arn)) };
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let name = path.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
    match name.filter(|name| is_account && !name.is_empty()) {
        Some(name) => Ok((account, name)),
        None => Err(errors::invalid_arn(arn)),
    }
}

/// The role, if its trust lets the caller in. That there is no such role reads as that it does not.
pub fn admit<S: Service>(
    cx: &Cx<'_, S>,
    directory: &Directory,
    arn: &str,
    asked: &Asked<'_>,
) -> Result<Found, ApiError> {
    let (account_id, name) = parse_arn(arn)?;
    let account = directory.account(account_id);
    let found = account.role(name).ok().filter(|role| role.entity.arn(Owner::Role, account_id) == arn);
    let trust = found.and_then(|role| Policy::parse(&role.trust, Kind::Trust).ok());
    let trust = Arc::new(trust.unwrap_or_else(Policy::nothing));
    let actions = [asked.action, "sts:TagSession", "sts:SetSourceIdentity"];
    let needed = [true, !asked.tags.is_empty(), asked.source_identity.is_some()];
    for (action, _) in actions.into_iter().zip(needed).filter(|(_, is_needed)| *is_needed) {
        let need = Need::new(action, arn).with_condition_keys(asked);
        let need = need.with_policy(Layer::Trust, Arc::clone(&trust));
        let need = asked.requester.into_iter().fold(need, Need::for_requester);
        demand(cx, &need)?;
    }
    let role = found.cloned().unwrap_or_default();
    Ok(Found { account: account_id.to_owned(), role })
}

/// A session of a role that the caller was admitted to, for so long, or an hour.
pub fn begin<S>(
    cx: &Cx<'_, S>,
    directory: &Directory,
    found: &Found,
    session: &str,
    wanted: Wanted,
) -> Result<(Made, AssumedRoleUser), ApiError> {
    let is_chained = cx.caller.principal.is_role();
    if wanted.seconds > found.role.session_seconds_max.max(CHAINED_SECONDS_MAX) {
        return Err(errors::longer_than_role());
    }
    if is_chained && wanted.seconds > CHAINED_SECONDS_MAX {
        return Err(errors::longer_than_chained());
    }
    let (account, name) = (&found.account, &found.role.entity.name);
    let who = SessionOf::Role { role: name.clone(), session: session.to_owned() };
    let made = make(cx, directory, account, who, wanted)?;
    let user = AssumedRoleUser {
        assumed_role_id: Some(format!("{}:{session}", found.role.entity.id)),
        arn: Some(format!("arn:aws:sts::{account}:assumed-role/{name}/{session}")),
    };
    Ok((made, user))
}
