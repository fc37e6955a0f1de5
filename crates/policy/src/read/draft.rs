//! A statement whose form is right: its members, not yet compiled.

use super::{action, resource};
use crate::arn::ArnPattern;
use crate::condition::Operator;
use crate::fault::Fault;
use crate::json::Json;
use crate::pattern::{Dialect, Pattern};
use crate::policy::{ActionPattern, Effect, Kind, Listed};
use crate::principal::{Principal, Principals};

/// Operator, key and values of a condition.
pub(super) type Comparing<'j> = (Operator, &'j str, Vec<&'j str>);

/// A statement.
pub(super) struct Draft<'j> {
    pub(super) sid: Option<&'j str>,
    pub(super) effect: Effect,
    /// The effect is written in another case.
    has_odd_effect: bool,
    pub(super) principals: Option<Principals>,
    actions: Option<Listed<&'j str>>,
    resources: Option<Listed<&'j str>>,
    pub(super) conditions: Vec<Comparing<'j>>,
}

impl<'j> Draft<'j> {
    /// The members of a statement, each at most once and of its form.
    pub(super) fn of(json: &'j Json, kind: Kind) -> Result<Self, Fault> {
        let Json::Object(members) = json else { return Err(Fault::Syntax) };
        let member = |name: &str| members.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        if !members.iter().all(|(name, _)| MEMBERS.contains(&name.as_str())) {
            return Err(Fault::Syntax);
        }
        let effect = text(member("Effect").ok_or(Fault::Syntax)?)?;
        let sid = member("Sid").map(text).transpose()?;
        let conditions = member("Condition").map(conditions).transpose()?.unwrap_or_default();
        let draft = Draft {
            sid,
            effect: effect_of(effect)?,
            has_odd_effect: !matches!(effect, "Allow" | "Deny"),
            principals: principals(member("Principal"), member("NotPrincipal"))?,
            actions: listed(member("Action"), member("NotAction"))?,
            resources: listed(member("Resource"), member("NotResource"))?,
            conditions,
        };
        draft.check_members(kind)?;
        Ok(draft)
    }

    fn check_members(&self, kind: Kind) -> Result<(), Fault> {
        let is_of_identity = matches!(kind, Kind::Identity | Kind::Session);
        let is_plain = |sid: &str| sid.bytes().all(|b| b.is_ascii_alphanumeric());
        match (&self.principals, &self.resources) {
            (Some(_), _) if is_of_identity => Err(Fault::HasPrincipal),
            (None, _) if !is_of_identity => Err(Fault::NoPrincipal),
            (_, Some(_)) if kind == Kind::Trust => Err(Fault::HasResource),
            _ if kind != Kind::Resource && !self.sid.is_none_or(is_plain) => Err(Fault::Sid),
            _ => Ok(()),
        }
    }

    pub(super) fn check_legacy(&self) -> Result<(), Fault> {
        let mut resources = self.resources.iter().flat_map(|listed| listed.list());
        let is_broken = self.has_odd_effect || resources.any(|arn| resource::has_too_few_parts(arn));
        if is_broken { Err(Fault::Legacy) } else { Ok(()) }
    }

    pub(super) fn check_actions(&self, kind: Kind) -> Result<(), Fault> {
        let actions = self.actions.as_ref().map(|listed| listed.list()).unwrap_or_default();
        if actions.is_empty() {
            return Err(Fault::NoActions);
        }
        actions.iter().try_for_each(|text| action::check(text, kind))
    }

    pub(super) fn check_resources(&self, kind: Kind) -> Result<(), Fault> {
        let resources = self.resources.iter().flat_map(|listed| listed.list());
        if kind == Kind::Trust {
            return Ok(());
        }
        resources.into_iter().try_for_each(|arn| resource::check(arn))
    }

    pub(super) fn check_has_resources(&self, kind: Kind) -> Result<(), Fault> {
        let has = self.resources.as_ref().is_some_and(|listed| !listed.list().is_empty());
        if has || kind == Kind::Trust { Ok(()) } else { Err(Fault::NoResources) }
    }

    pub(super) fn compiled_actions(&self) -> Listed<ActionPattern> {
        let dialect = Dialect { wildcards: true, variables: false };
        let compile =
            |text: &&str| ActionPattern { pattern: Pattern::compile(text, dialect), text: (*text).into() };
        self.actions.as_ref().map_or(Listed::These([].into()), |listed| listed.map(compile))
    }

    pub(super) fn compiled_resources(&self, variables: bool) -> Option<Listed<ArnPattern>> {
        let compile = |text: &&str| ArnPattern::compile(text, variables);
        self.resources.as_ref().map(|listed| listed.map(compile))
    }
}

impl<T> Listed<T> {
    fn map<U>(&self, change: impl FnMut(&T) -> U) -> Listed<U> {
        match self {
            Listed::These(list) => Listed::These(list.iter().map(change).collect()),
            Listed::AllBut(list) => Listed::AllBut(list.iter().map(change).collect()),
        }
    }
}

const MEMBERS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn text(json: &Json) -> Result<&str, Fault> {
    if let Json::Text(text) = json { Ok(text) } else { Err(Fault::Syntax) }
}

/// One text or a list of them.
fn texts(json: &Json) -> Result<Vec<&str>, Fault> {
    match json {
        Json::Text(text) => Ok(vec![text]),
        Json::List(list) => list.iter().map(text).collect(),
        _ => Err(Fault::Syntax),
    }
}

fn effect_of(text: &str) -> Result<Effect, Fault> {
    match text {
        text if text.eq_ignore_ascii_case("Allow") => Ok(Effect::Allow),
        text if text.eq_ignore_ascii_case("Deny") => Ok(Effect::Deny),
        _ => Err(Fault::Syntax),
    }
}

fn listed<'j>(these: Option<&'j Json>, all_but: Option<&'j Json>) -> Result<Option<Listed<&'j str>>, Fault> {
    Ok(match (these, all_but) {
        (Some(_), Some(_)) => return Err(Fault::Syntax),
        (Some(json), None) => Some(Listed::These(texts(json)?.into())),
        (None, Some(json)) => Some(Listed::AllBut(texts(json)?.into())),
        (None, None) => None,
    })
}

fn principals(these: Option<&Json>, all_but: Option<&Json>) -> Result<Option<Principals>, Fault> {
    Ok(match (these, all_but) {
        (Some(_), Some(_)) => return Err(Fault::Syntax),
        (Some(json), None) => Some(Principals::These(Principal::parse_all(json)?)),
        (None, Some(json)) => Some(Principals::AllBut(Principal::parse_all(json)?)),
        (None, None) => None,
    })
}

fn conditions(json: &Json) -> Result<Vec<Comparing<'_>>, Fault> {
    let Json::Object(operators) = json else { return Err(Fault::Syntax) };
    let mut conditions = Vec::new();
    for (name, keys) in operators {
        let operator = Operator::parse(name).ok_or(Fault::Syntax)?;
        let Json::Object(keys) = keys else { return Err(Fault::Syntax) };
        for (key, values) in keys {
            conditions.push((operator, key.as_str(), condition_values(values)?));
        }
    }
    Ok(conditions)
}

/// Numbers and booleans are their texts.
fn condition_values(json: &Json) -> Result<Vec<&str>, Fault> {
    let value = |json| match json {
        &Json::Text(ref text) | &Json::Scalar(ref text) => Ok(text.as_str()),
        _ => Err(Fault::Syntax),
    };
    match json {
        Json::List(list) => list.iter().map(value).collect(),
        one => Ok(vec![value(one)?]),
    }
}
