//! The simulation of policies: the evaluation of requests, on actions, resources and context that are handed in.

use crate::account::{Account, Owner};
use crate::errors;
use crate::facts;
use model::ApiError;
use model::iam::{
    ContextEntry, EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail, Position,
    ResourceSpecificResult, Statement,
};
use policy::request::several;
use policy::{
    Attached, Context, Deciding, Decision, Grants, Kind, Layer, Policy, Request, Requester, ResourceSide,
    SourceKind, Values, Who, statement_spans,
};
use std::sync::Arc;

/// What is asked.
pub(crate) struct Question {
    /// Who would ask; nobody in particular where it is not given.
    pub(crate) caller_arn: Option<String>,
    pub(crate) actions: Vec<String>,
    /// `*` where none is given.
    pub(crate) resources: Vec<String>,
    pub(crate) context: Vec<ContextEntry>,
    pub(crate) resource_policy: Option<String>,
    pub(crate) owner: Option<String>,
}

/// Policies with their texts, whose statements have places in them.
pub(crate) struct Simulated {
    grants: Grants,
    /// The text of each policy, by its name.
    texts: Vec<(String, String)>,
}

/// The context that is handed in.
struct Given<'a>(&'a [ContextEntry]);

impl Context for Given<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let is_key = |entry: &&ContextEntry| {
            entry.context_key_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(key))
        };
        self.0.iter().find(is_key)?.context_key_values.as_ref().map(several)
    }
}

/// Policies that are handed in.
pub(crate) fn custom(policies: &[String], boundaries: &Option<Vec<String>>) -> Result<Simulated, ApiError> {
    let mut simulated = Simulated { grants: Grants::default(), texts: Vec::new() };
    simulated.add(policies)?;
    simulated.limit(boundaries)?;
    Ok(simulated)
}

/// The policies of a user, a group or a role, and such as are handed in.
pub(crate) fn principal(
    account: &Account,
    arn: &str,
    more: &[String],
    boundaries: &Option<Vec<String>>,
) -> Result<Simulated, ApiError> {
    let (owner, name) = entity_of(arn).ok_or_else(errors::invalid_arn)?;
    let entity = account.entity(owner, name)?;
    let grants = match owner {
        Owner::User => facts::grants_of_user(account, account.user(name)?),
        Owner::Group => facts::grants_of(account, SourceKind::Group, entity),
        Owner::Role => facts::grants_of(account, SourceKind::Role, entity),
    };
    let groups = account.user(name).ok().filter(|_| owner == Owner::User);
    let of_groups = groups.iter().flat_map(|user| account.groups_of(user)).map(|group| &group.entity);
    let mut texts = Vec::new();
    for entity in std::iter::once(entity).chain(of_groups) {
        texts.extend(entity.inline.clone());
        let managed = entity.attached.iter().chain(&entity.boundary);
        texts.extend(
            managed
                .filter_map(|arn| Some((arn.clone(), facts::managed_document(account, arn)?.into_owned()))),
        );
    }
    let mut simulated = Simulated { grants, texts };
    simulated.add(more)?;
    simulated.limit(boundaries)?;
    Ok(simulated)
}

fn entity_of(arn: &str) -> Option<(Owner, &str)> {
    let (kind, path) = arn.splitn(6, ':').nth(5)?.split_once('/')?;
    let owner = match kind {
        "user" => Owner::User,
        "group" => Owner::Group,
        "role" => Owner::Role,
        _ => return None,
    };
    Some((owner, path.rsplit('/').next()?))
}

impl Simulated {
    fn add(&mut self, policies: &[String]) -> Result<(), ApiError> {
        for text in policies {
            let name = format!("PolicyInputList.{}", self.texts.len() + 1);
            self.grants.identity.push(attached(&name, text)?);
            self.texts.push((name, text.clone()));
        }
        Ok(())
    }

    fn limit(&mut self, boundaries: &Option<Vec<String>>) -> Result<(), ApiError> {
        if let Some(text) = boundaries.iter().flatten().next() {
            let name = "PermissionsBoundaryPolicyInputList.1".to_owned();
            self.grants.boundary = Some(attached(&name, text)?);
            self.texts.push((name, text.clone()));
        }
        Ok(())
    }

    /// The statement that decided.
    fn statement(&self, by: &Deciding<'_>) -> Statement {
        let name = by.policy.unwrap_or("ResourcePolicy");
        let text = self.texts.iter().find(|(own, _)| own == name).map_or("", |(_, text)| text);
        let span = statement_spans(text).get(by.statement).copied();
        let position = |of: policy::Position| Position {
            line: Some(i64::from(of.line)),
            column: Some(i64::from(of.column)),
        };
        Statement {
            source_policy_id: Some(name.to_owned()),
            source_policy_type: Some("IAM Policy".to_owned()),
            start_position: span.map(|span| position(span.start)),
            end_position: span.map(|span| position(span.end)),
        }
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.grants.identity.iter().chain(&self.grants.boundary).map(|attached| &*attached.policy)
    }
}

fn attached(name: &str, text: &str) -> Result<Attached, ApiError> {
    let policy = Policy::parse(text, Kind::Identity).map_err(|fault| errors::evaluation(&fault))?;
    Ok(Attached { name: name.into(), source: SourceKind::None, policy: Arc::new(policy) })
}

/// Every action on every resource.
pub(crate) fn run(
    question: &Question,
    simulated: &Simulated,
    account: &str,
) -> Result<Vec<EvaluationResult>, ApiError> {
    let of_resource = question.resource_policy.as_deref().map(|text| Policy::parse(text, Kind::Resource));
    let of_resource = of_resource.transpose().map_err(|fault| errors::evaluation(&fault))?;
    let everything = ["*".to_owned()];
    let resources = if question.resources.is_empty() { &everything[..] } else { &question.resources };
    let mut results = Vec::new();
    for action in &question.actions {
        for resource in resources {
            results.push(result(question, simulated, of_resource.as_ref(), account, action, resource));
        }
    }
    Ok(results)
}

fn result(
    question: &Question,
    simulated: &Simulated,
    of_resource: Option<&Policy>,
    account: &str,
    action: &str,
    resource: &str,
) -> EvaluationResult {
    let context = Given(&question.context);
    let caller = question.caller_arn.as_deref().unwrap_or_default();
    let request = Request {
        requester: Requester { account, who: Who::User { arn: caller, id: "" } },
        action,
        resource: resource.into(),
        owner: question.owner.as_deref().unwrap_or(account),
        context: &context,
    };
    let decision = policy::decide(&request, &simulated.grants, ResourceSide::Beside(of_resource));
    let (word, by) = words(&decision);
    let matched: Vec<Statement> = by.map(|by| simulated.statement(by)).into_iter().collect();
    let missing = missing(simulated, &context);
    let specific = ResourceSpecificResult {
        eval_resource_name: Some(resource.to_owned()),
        eval_resource_decision: Some(word.to_owned()),
        matched_statements: Some(matched.clone()),
        missing_context_values: Some(missing.clone()),
        ..ResourceSpecificResult::default()
    };
    EvaluationResult {
        eval_action_name: Some(action.to_owned()),
        eval_resource_name: Some(resource.to_owned()),
        eval_decision: Some(word.to_owned()),
        matched_statements: Some(matched),
        missing_context_values: Some(missing),
        organizations_decision_detail: Some(OrganizationsDecisionDetail {
            allowed_by_organizations: Some(true),
        }),
        permissions_boundary_decision_detail: simulated.grants.boundary.as_ref().map(|_| {
            let is_boundary =
                matches!(&decision, Decision::Denied(denial) if denial.layer == Layer::Boundary);
            PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(!is_boundary) }
        }),
        resource_specific_results: (resource != "*").then(|| vec![specific]),
        ..EvaluationResult::default()
    }
}

fn words<'d>(decision: &'d Decision<'_>) -> (&'static str, Option<&'d Deciding<'d>>) {
    match decision {
        Decision::Allowed(by) => ("allowed", by.as_ref()),
        Decision::Denied(denial) if denial.is_explicit() => ("explicitDeny", denial.by.as_ref()),
        Decision::Denied(_) => ("implicitDeny", None),
    }
}

/// The keys that policies ask for and the context does not have.
fn missing(simulated: &Simulated, context: &dyn Context) -> Vec<String> {
    let mut names = keys_of(simulated);
    names.retain(|name| context.values(name).is_none());
    names
}

/// The condition keys that policies ask for.
pub(crate) fn keys_of(simulated: &Simulated) -> Vec<String> {
    let mut names: Vec<_> =
        simulated.policies().flat_map(Policy::condition_keys).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// The same of documents.
pub(crate) fn context_keys(policies: &[String]) -> Result<Vec<String>, ApiError> {
    let parse =
        |text: &String| Policy::parse(text, Kind::Identity).map_err(|fault| errors::malformed(&fault));
    let policies = policies.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<_> = policies.iter().flat_map(Policy::condition_keys).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
