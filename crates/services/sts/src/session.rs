//! What all sessions have in common: how they are made, the policies that limit them, their tags.

use crate::errors;
use iam::session::{Session, SessionOf, SessionPolicy};
use iam::{Directory, draw_key_id, draw_secret, tag_keys_are_distinct};
use model::ApiError;
use model::sts::{Credentials, PolicyDescriptorType, Tag};
use pipeline::Cx;
use policy::{Kind, Policy};
use std::collections::BTreeMap;

/// Bytes that policies and tags of a session may have together.
const PACKED_BYTES_MAX: usize = 4_096;

/// A session that is to be made.
#[derive(Debug, Default)]
pub struct Wanted {
    /// For how long.
    pub seconds: u64,
    /// Policies that limit it.
    pub policies: Option<Vec<SessionPolicy>>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Keys of tags that sessions made from it inherit.
    pub transitive: Vec<String>,
    /// What an identity provider said, by condition key.
    pub claims: BTreeMap<String, Vec<String>>,
    /// Its source identity.
    pub source_identity: Option<String>,
}

/// A session as its maker sees it.
#[derive(Debug)]
pub struct Made {
    /// Its credentials.
    pub credentials: Credentials,
    /// How much of the room for policies and tags is used, in percent; `None` where it has none.
    pub packed_percent: Option<i64>,
}

/// Makes a session.
pub fn make<S>(
    cx: &Cx<'_, S>,
    directory: &Directory,
    account: &str,
    who: SessionOf,
    wanted: Wanted,
) -> Result<Made, ApiError> {
    let packed_percent = packed_percent(&wanted)?;
    let issued = cx.now_micros / 1_000_000;
    let session = Session {
        key_id: draw_key_id("ASIA", account, cx.random),
        secret: draw_secret(),
        account: account.to_owned(),
        who,
        issued,
        expires: issued + wanted.seconds,
        policies: wanted.policies,
        tags: wanted.tags,
        transitive: wanted.transitive,
        claims: wanted.claims,
        source_identity: wanted.source_identity,
    };
    let credentials = Credentials {
        session_token: Some(session.seal(directory.sealing())),
        access_key_id: Some(session.key_id),
        secret_access_key: Some(session.secret),
        expiration: Some(session.expires as f64),
    };
    Ok(Made { credentials, packed_percent })
}

fn packed_percent(wanted: &Wanted) -> Result<Option<i64>, ApiError> {
    let of_policy = |policy: &SessionPolicy| match policy {
        SessionPolicy::Inline(text) | SessionPolicy::Managed(text) => text.len(),
    };
    let policies: usize = wanted.policies.iter().flatten().map(of_policy).sum();
    let tags: usize = wanted.tags.iter().map(|(key, value)| key.len() + value.len()).sum();
    let percent = ((policies + tags) * 100).div_ceil(PACKED_BYTES_MAX);
    match (percent, policies + tags) {
        (_, 0) => Ok(None),
        (percent, _) if percent > 100 => Err(errors::too_large(percent)),
        (percent, _) => Ok(Some(percent as i64)),
    }
}

/// The policies of a session as they are given; `None` where none is.
pub fn policies(
    inline: &Option<String>,
    arns: &Option<Vec<PolicyDescriptorType>>,
) -> Result<Option<Vec<SessionPolicy>>, ApiError> {
    let mut policies = Vec::new();
    if let Some(text) = inline {
        Policy::parse(text, Kind::Session).map_err(|fault| errors::malformed(&fault))?;
        policies.push(SessionPolicy::Inline(text.clone()));
    }
    let arns = arns.iter().flatten().filter_map(|descriptor| descriptor.arn.clone());
    policies.extend(arns.map(SessionPolicy::Managed));
    Ok(Some(policies).filter(|policies| !policies.is_empty()))
}

/// Tags as they are given.
pub fn tags(given: &Option<Vec<Tag>>) -> Result<Vec<(String, String)>, ApiError> {
    let tags: Vec<_> = given
        .iter()
        .flatten()
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect();
    let are_distinct = tag_keys_are_distinct(tags.iter().map(|(key, _)| key.as_str()));
    if are_distinct { Ok(tags) } else { Err(errors::same_tag_keys()) }
}
