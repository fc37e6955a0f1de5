//! Tags: which resources may have them, how many, and where they are kept.

use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use event_source::mappings::Refused;
use model::ApiError;
use pipeline::Cx;
use std::collections::BTreeMap;

const COUNT_MAX: usize = 50;
/// Changes of one mapping at the same time are made one after the other.
const TRIES_MAX: usize = 8;

/// Tags of a resource.
pub(crate) type Tags = BTreeMap<String, String>;

/// What may have tags.
enum Tagged {
    /// Versions and aliases of a function have none of their own.
    Function(Arn),
    /// A mapping, by its id.
    Mapping(String),
}

impl Tagged {
    fn of(cx: &Cx<'_, Lambda>, resource: &str) -> Result<Tagged, ApiError> {
        let parts: Vec<&str> = resource.split(':').collect();
        let own = (&*cx.caller.region, &*cx.caller.account);
        match parts[..] {
            [_, _, _, region, account, "event-source-mapping", uuid] => match (region, account) == own {
                true => Ok(Tagged::Mapping(uuid.to_owned())),
                false => Err(errors::mapping_not_found()),
            },
            [_, _, _, _, _, "function", ..] => {
                let arn = Arn::named(cx.caller, resource, None)?;
                let is_whole = arn.qualifier.is_none();
                if is_whole { Ok(Tagged::Function(arn)) } else { Err(errors::tags_of_qualifier()) }
            }
            _ => Err(errors::not_offered("tags of this kind of resource")),
        }
    }
}

/// The tags of a resource.
pub(crate) async fn read(cx: &Cx<'_, Lambda>, resource: &str) -> Result<Tags, ApiError> {
    match Tagged::of(cx, resource)? {
        Tagged::Function(arn) => Ok(cx.service.functions.function(&arn).await?.tags),
        Tagged::Mapping(uuid) => Ok(mapping(cx, &uuid).await?.tags),
    }
}

/// The tags that policies see: those of the function also for its versions and aliases.
pub(crate) async fn seen(cx: &Cx<'_, Lambda>, resource: &str) -> Result<Tags, ApiError> {
    if resource.contains(":function:") {
        let arn = Arn::named(cx.caller, resource, None)?;
        return Ok(cx.service.functions.function(&arn).await?.tags);
    }
    read(cx, resource).await
}

/// Changes the tags of a resource, which may not become too many. `change` may run again.
pub(crate) async fn change(
    cx: &Cx<'_, Lambda>,
    resource: &str,
    change: impl Fn(&mut Tags) + Send + Sync,
) -> Result<(), ApiError> {
    match Tagged::of(cx, resource)? {
        Tagged::Function(arn) => {
            let changed = |old: Option<Function>| {
                let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
                change(&mut function.tags);
                check(&function.tags)?;
                Ok((Some(function), ()))
            };
            cx.service.functions.change(&arn, changed).await
        }
        Tagged::Mapping(uuid) => change_mapping(cx, &uuid, change).await,
    }
}

async fn change_mapping(
    cx: &Cx<'_, Lambda>,
    uuid: &str,
    change: impl Fn(&mut Tags) + Send + Sync,
) -> Result<(), ApiError> {
    for _ in 0..TRIES_MAX {
        let old = mapping(cx, uuid).await?;
        let mut new = old.clone();
        change(&mut new.tags);
        check(&new.tags)?;
        match cx.service.event_sources.mappings.replace(&old, &new).await.map_err(errors::record)? {
            Ok(()) => return Ok(()),
            Err(Refused::NotFound | Refused::PairExists(_)) => {}
        }
    }
    Err(errors::mapping_in_use())
}

async fn mapping(cx: &Cx<'_, Lambda>, uuid: &str) -> Result<event_source::Mapping, ApiError> {
    let mappings = &cx.service.event_sources.mappings;
    let found = mappings.get(&cx.caller.account, &cx.caller.region, uuid).await.map_err(errors::record)?;
    found.map(|(mapping, _)| mapping).ok_or_else(errors::mapping_not_found)
}

/// Refuses more tags than a resource may have.
pub(crate) fn check(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() > COUNT_MAX { Err(errors::too_many_tags()) } else { Ok(()) }
}
