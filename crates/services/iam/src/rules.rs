//! Rules that several operations share: names and paths, tags, documents.

use crate::account::{Account, Entity, Owner};
use crate::errors;
use crate::managed::Managed;
use model::ApiError;
use policy::{Kind, Policy};

/// Tags of one entity.
const TAGS_MAX: usize = 50;
/// Managed policies of one entity.
const ATTACHED_MAX: usize = 10;
/// Bytes of a managed policy, white space apart.
const MANAGED_BYTES_MAX: usize = 6_144;
/// Bytes of a role's trust, white space apart.
const TRUST_BYTES_MAX: usize = 4_096;

/// A member that the model requires.
pub(crate) fn text(member: &Option<String>) -> &str {
    member.as_deref().unwrap_or_default()
}

/// A path, `/` where none is given.
pub(crate) fn path(member: &Option<String>) -> String {
    member.clone().unwrap_or_else(|| "/".to_owned())
}

/// A document of a permission policy.
pub(crate) fn document(text: &str) -> Result<(), ApiError> {
    Policy::parse(text, Kind::Identity).map(drop).map_err(|fault| errors::malformed(&fault))
}

/// A document of a managed policy, which has a size of its own.
pub(crate) fn managed_document(text: &str) -> Result<(), ApiError> {
    document(text)?;
    let fits = dense_len(text) <= MANAGED_BYTES_MAX;
    if fits { Ok(()) } else { Err(errors::quota("PolicySize", MANAGED_BYTES_MAX)) }
}

/// The trust of a role.
pub fn trust_document(text: &str) -> Result<Policy, ApiError> {
    let policy = Policy::parse(text, Kind::Trust).map_err(|fault| errors::malformed(&fault))?;
    let fits = dense_len(text) <= TRUST_BYTES_MAX;
    if fits { Ok(policy) } else { Err(errors::quota("ACLSizePerRole", TRUST_BYTES_MAX)) }
}

/// White space does not count.
pub(crate) fn dense_len(text: &str) -> usize {
    text.chars().filter(|char| !char.is_ascii_whitespace()).count()
}

/// Whether no two keys are the same but for the case of letters.
pub fn tag_keys_are_distinct<'a>(keys: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = std::collections::HashSet::new();
    keys.into_iter().all(|key| seen.insert(key.to_lowercase()))
}

/// What is said where two keys are the same.
pub(crate) const SAME_TAG_KEYS: &str =
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.";

/// Tags as they are kept.
pub(crate) fn tags(given: &Option<Vec<model::iam::Tag>>) -> Result<Vec<(String, String)>, ApiError> {
    let tags: Vec<_> = given
        .iter()
        .flatten()
        .map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
        .collect();
    if !tag_keys_are_distinct(tags.iter().map(|(key, _)| key.as_str())) {
        return Err(errors::invalid_input(SAME_TAG_KEYS));
    }
    if tags.len() > TAGS_MAX { Err(errors::quota("TagsPerResource", TAGS_MAX)) } else { Ok(tags) }
}

/// Adds tags; one with the same key is replaced.
pub(crate) fn add_tags(own: &mut Vec<(String, String)>, new: &[(String, String)]) -> Result<(), ApiError> {
    for (key, value) in new {
        own.retain(|(own, _)| own.to_lowercase() != key.to_lowercase());
        own.push((key.clone(), value.clone()));
    }
    if own.len() > TAGS_MAX { Err(errors::quota("TagsPerResource", TAGS_MAX)) } else { Ok(()) }
}

/// Takes tags away; keys that are not there are passed over.
pub(crate) fn remove_tags(own: &mut Vec<(String, String)>, keys: &Option<Vec<String>>) {
    let is_named = |own: &str| keys.iter().flatten().any(|key| key.to_lowercase() == own.to_lowercase());
    own.retain(|(key, _)| !is_named(key));
}

/// Attaches a managed policy.
pub(crate) fn attach(entity: &mut Entity, quota: &str, arn: &str) -> Result<(), ApiError> {
    entity.attached.insert(arn.to_owned());
    let fits = entity.attached.len() <= ATTACHED_MAX;
    if fits { Ok(()) } else { Err(errors::quota(quota, ATTACHED_MAX)) }
}

/// Detaches a managed policy.
pub(crate) fn detach(entity: &mut Entity, arn: &str) -> Result<(), ApiError> {
    if entity.attached.remove(arn) { Ok(()) } else { Err(errors::not_attached(arn)) }
}

/// Whether a user, a group or a role may go: it has no policies any more.
pub(crate) fn has_no_policies(entity: &Entity) -> Result<(), ApiError> {
    match (entity.attached.is_empty(), entity.inline.is_empty()) {
        (false, _) => Err(errors::delete_conflict("detach all policies")),
        (_, false) => Err(errors::delete_conflict("delete policies")),
        _ => Ok(()),
    }
}

/// The ARN of a managed policy: something that could be one.
pub(crate) fn policy_arn(arn: &str) -> Result<(), ApiError> {
    let is_arn = arn.starts_with("arn:aws:iam::") && arn.contains(":policy/");
    if is_arn { Ok(()) } else { Err(errors::invalid_arn()) }
}

/// A policy that can be attached: one of the account or of AWS.
pub(crate) fn attachable(account: &Account, arn: &str) -> Result<(), ApiError> {
    let is_there = Managed::named(arn).is_some() || account.policy(arn).is_some();
    if is_there { Ok(()) } else { Err(errors::not_attachable(arn)) }
}

/// A policy that can be a boundary.
pub(crate) fn boundary_exists(account: &Account, arn: &str) -> Result<(), ApiError> {
    policy_arn(arn)?;
    attachable(account, arn).map_err(|_| errors::no_policy(arn))
}

/// Puts an inline policy, in place of the one of its name.
pub(crate) fn put_inline(
    entity: &mut Entity,
    owner: Owner,
    name: &str,
    document: &str,
) -> Result<(), ApiError> {
    entity.inline.insert(name.to_owned(), document.to_owned());
    let size: usize = entity.inline.values().map(|document| dense_len(document)).sum();
    let limit = owner.inline_bytes_max();
    let fits = size <= limit;
    if fits { Ok(()) } else { Err(errors::inline_size(limit, owner.name(), &entity.name)) }
}

/// A list that may be absent.
pub(crate) fn text_list(member: &Option<Vec<String>>) -> Vec<String> {
    member.clone().unwrap_or_default()
}
