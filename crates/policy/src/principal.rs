//! The principals of a statement in a resource's policy.

use crate::fault::Fault;
use crate::json::Json;
use crate::request::{Requester, Who};

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principals {
    These(Box<[Principal]>),
    AllBut(Box<[Principal]>),
}

/// One principal of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    Everyone,
    /// The account, by its id or its root's ARN.
    Account(Box<str>),
    /// A user, a role, or a session of either.
    Arn(Box<str>),
    /// A user or role that had this id; it may not be there any more.
    UniqueId(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
    CanonicalUser(Box<str>),
}

/// How closely a principal names a requester. What it is worth grows in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It names the account, whose own policies decide further.
    Account,
    /// It names everyone or the role: enough, within the boundary and the policies of the session.
    Role,
    /// It names the user or the session itself: enough.
    Itself,
}

impl Principals {
    /// How an Allow names a requester.
    pub(crate) fn allowed(&self, requester: &Requester<'_>) -> Option<Reach> {
        match self {
            Principals::These(list) => list.iter().filter_map(|one| one.reach(requester)).max(),
            Principals::AllBut(list) => {
                let is_named = list.iter().any(|one| one.reach(requester).is_some());
                (!is_named).then_some(Reach::Role)
            }
        }
    }

    /// Whether a Deny is about a requester. `NotPrincipal` spares whom it names by every name: a session by its own
    /// ARN, its role and its account.
    pub(crate) fn denied(&self, requester: &Requester<'_>) -> bool {
        match self {
            Principals::These(list) => list.iter().any(|one| one.reach(requester).is_some()),
            Principals::AllBut(list) => !is_spared(list, requester),
        }
    }
}

fn is_spared(list: &[Principal], requester: &Requester<'_>) -> bool {
    let names = |reach| list.iter().any(|one| one.reach(requester) == Some(reach));
    if list.contains(&Principal::Everyone) {
        return true;
    }
    match requester.who {
        Who::Session { .. } => names(Reach::Itself) && names(Reach::Role) && names(Reach::Account),
        Who::User { .. } | Who::Federated { .. } => names(Reach::Itself) && names(Reach::Account),
        Who::Root | Who::Service(_) | Who::WebIdentity(_) => names(Reach::Itself),
        Who::Anonymous => false,
    }
}

impl Principal {
    fn reach(&self, requester: &Requester<'_>) -> Option<Reach> {
        match self {
            Principal::Everyone => Some(match requester.who {
                Who::WebIdentity(_) | Who::Service(_) | Who::Root => Reach::Itself,
                _ => Reach::Role,
            }),
            Principal::Account(account) => (**account == *requester.account && !account.is_empty())
                .then_some(match requester.who {
                    Who::Root => Reach::Itself,
                    _ => Reach::Account,
                }),
            Principal::Arn(arn) => by_arn(arn, requester),
            Principal::UniqueId(id) => match requester.who {
                Who::User { id: own, .. } => (**id == *own).then_some(Reach::Itself),
                Who::Session { role_id, .. } => (**id == *role_id).then_some(Reach::Role),
                _ => None,
            },
            Principal::Service(name) => {
                matches!(requester.who, Who::Service(own) if **name == *own).then_some(Reach::Itself)
            }
            Principal::Federated(provider) => {
                matches!(requester.who, Who::WebIdentity(own) if **provider == *own).then_some(Reach::Itself)
            }
            Principal::CanonicalUser(_) => None,
        }
    }

    /// Every principal of `"*"` or of an object by kind.
    pub(crate) fn parse_all(json: &Json) -> Result<Box<[Principal]>, Fault> {
        match json {
            Json::Text(text) if text == "*" => Ok([Principal::Everyone].into()),
            Json::Text(text) => Err(Fault::Principal { kind: "AWS".to_owned(), value: text.clone() }),
            Json::Object(kinds) if !kinds.is_empty() => {
                let lists = kinds.iter().map(|(kind, values)| of_kind(kind, values));
                Ok(lists.collect::<Result<Vec<_>, _>>()?.concat().into())
            }
            _ => Err(Fault::Syntax),
        }
    }
}

fn by_arn(arn: &str, requester: &Requester<'_>) -> Option<Reach> {
    match requester.who {
        Who::User { arn: own, .. } | Who::Federated { arn: own } => (arn == own).then_some(Reach::Itself),
        Who::Session { arn: own, role_arn, .. } => match arn {
            arn if arn == own => Some(Reach::Itself),
            arn if arn == role_arn => Some(Reach::Role),
            _ => None,
        },
        _ => None,
    }
}

fn of_kind<'j>(kind: &str, values: &'j Json) -> Result<Vec<Principal>, Fault> {
    let values: Vec<&'j String> = match values {
        Json::Text(value) => vec![value],
        Json::List(list) if !list.is_empty() => {
            let text =
                |value: &'j Json| if let Json::Text(text) = value { Ok(text) } else { Err(Fault::Syntax) };
            list.iter().map(text).collect::<Result<_, _>>()?
        }
        _ => return Err(Fault::Syntax),
    };
    let bad = |value: &str| Fault::Principal { kind: kind.to_owned(), value: value.to_owned() };
    let one = |value: &String| match kind {
        "AWS" => of_aws(value).ok_or_else(|| bad(value)),
        "Service" if value.contains('.') => Ok(Principal::Service(value.as_str().into())),
        "Federated" if !value.is_empty() => Ok(Principal::Federated(value.as_str().into())),
        "CanonicalUser" => Ok(Principal::CanonicalUser(value.as_str().into())),
        "Service" | "Federated" => Err(bad(value)),
        _ => Err(Fault::Syntax),
    };
    values.into_iter().map(one).collect()
}

fn of_aws(value: &str) -> Option<Principal> {
    if value == "*" {
        return Some(Principal::Everyone);
    }
    if is_account(value) {
        return Some(Principal::Account(value.into()));
    }
    let is_id = |value: &str| {
        value.len() >= 16
            && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && ["AIDA", "AROA"].iter().any(|prefix| value.starts_with(prefix))
    };
    if is_id(value) {
        return Some(Principal::UniqueId(value.into()));
    }
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let ["arn", partition, service @ ("iam" | "sts"), "", account, name] = parts[..] else { return None };
    let named = !name.contains(['*', '?']) && partition.starts_with("aws") && is_account(account);
    match (service, name) {
        _ if !named => None,
        ("iam", "root") => Some(Principal::Account(account.into())),
        ("iam", name) if name.starts_with("user/") || name.starts_with("role/") => {
            Some(Principal::Arn(value.into()))
        }
        ("sts", name) if name.starts_with("assumed-role/") || name.starts_with("federated-user/") => {
            Some(Principal::Arn(value.into()))
        }
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
