//! From the JSON of a document to statements, with IAM's order of faults: the form of everything; then the version;
//! then what IAM calls legacy parsing (effects in another case, ARNs with too few parts, dates); then actions and
//! resources, statement by statement; then statements without resources; then ids that are there twice.

mod action;
mod draft;
mod resource;

use crate::condition::Condition;
use crate::fault::Fault;
use crate::json::Json;
use crate::policy::{DOCUMENT_BYTES_MAX, Kind, Policy, Statement};
use draft::Draft;
use std::collections::HashSet;

/// The version of the language that has variables.
const NEWEST: &str = "2012-10-17";
const OLDEST: &str = "2008-10-17";

pub(crate) fn policy(text: &str, kind: Kind) -> Result<Policy, Fault> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(Fault::TooLong { max: DOCUMENT_BYTES_MAX });
    }
    let not_json = if kind == Kind::Identity { Fault::Syntax } else { Fault::InvalidJson };
    let json = Json::parse(text).filter(|_| text.chars().all(is_allowed)).ok_or(not_json)?;
    let (version, drafts) = document(&json, kind)?;
    check_version(version, kind)?;
    drafts.iter().try_for_each(Draft::check_legacy)?;
    let variables = version == Some(NEWEST);
    let conditions =
        drafts.iter().map(|draft| conditions(draft, variables)).collect::<Result<Vec<_>, _>>()?;
    for draft in &drafts {
        draft.check_actions(kind)?;
        draft.check_resources(kind)?;
    }
    drafts.iter().try_for_each(|draft| draft.check_has_resources(kind))?;
    check_ids(&drafts)?;
    let compiled = drafts.iter().zip(conditions);
    let statements = compiled.map(|(draft, conditions)| statement(draft, conditions, variables)).collect();
    Ok(Policy { statements })
}

fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')
}

/// The version and the statements of a document of the right form.
fn document(json: &Json, kind: Kind) -> Result<(Option<&str>, Vec<Draft<'_>>), Fault> {
    let Json::Object(members) = json else { return Err(Fault::Syntax) };
    let (mut version, mut statements) = (None, None);
    for (name, value) in members {
        match (name.as_str(), value) {
            ("Version", Json::Text(text)) if text == NEWEST || text == OLDEST => {
                version = Some(text.as_str())
            }
            ("Id", Json::Text(_)) => {}
            ("Statement", Json::List(list)) => statements = Some(list.as_slice()),
            ("Statement", one) => statements = Some(std::slice::from_ref(one)),
            _ => return Err(Fault::Syntax),
        }
    }
    let statements = statements.filter(|statements| !statements.is_empty()).ok_or(Fault::NoStatement)?;
    let drafts = statements.iter().map(|statement| Draft::of(statement, kind)).collect::<Result<_, _>>()?;
    Ok((version, drafts))
}

fn check_version(version: Option<&str>, kind: Kind) -> Result<(), Fault> {
    let is_refused = kind == Kind::Identity && version != Some(NEWEST);
    if is_refused { Err(Fault::Version) } else { Ok(()) }
}

fn check_ids(drafts: &[Draft<'_>]) -> Result<(), Fault> {
    let mut ids = HashSet::new();
    let mut given = drafts.iter().filter_map(|draft| draft.sid).filter(|sid| !sid.is_empty());
    if given.all(|sid| ids.insert(sid)) { Ok(()) } else { Err(Fault::SameSid) }
}

fn conditions(draft: &Draft<'_>, variables: bool) -> Result<Box<[Condition]>, Fault> {
    let conditions = draft.conditions.iter();
    conditions.map(|(operator, key, values)| Condition::compile(*operator, key, values, variables)).collect()
}

fn statement(draft: &Draft<'_>, conditions: Box<[Condition]>, variables: bool) -> Statement {
    let (actions, resources) = (draft.compiled_actions(), draft.compiled_resources(variables));
    let of_resources = resources.iter().flat_map(|listed| listed.list()).flat_map(|arn| arn.required());
    let of_conditions = conditions.iter().flat_map(Condition::required);
    let required = of_resources.chain(of_conditions).cloned().collect();
    Statement {
        sid: draft.sid.map(Into::into),
        effect: draft.effect,
        principals: draft.principals.clone(),
        actions,
        resources,
        required,
        conditions,
    }
}
