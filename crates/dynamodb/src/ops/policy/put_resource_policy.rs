//! PutResourcePolicy: the policy of a table or of a stream.
//!
//! Order of refusals: the ARN → the size → the document → region and account → no such resource → the revision that is
//! expected → a policy that forbids its author to change it again, unless that is confirmed. A document that means the
//! same as the one that is there keeps its revision.

use crate::checks::resource_policy;
use crate::checks::tagged_resource::TaggedResource;
use crate::errors::resource_policies::{other_revision, own_lockout};
use crate::errors::tags_being_updated;
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::table::ResourcePolicy;
use model::ApiError;
use model::dynamodb::{PutResourcePolicy, PutResourcePolicyInput, PutResourcePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use policy::{Decision, Layer, Policy, Request, ResourceSide, decide};

/// The ExpectedRevisionId that requires the absence of a policy.
const NO_POLICY: &str = "NO_POLICY";

/// A policy that is to be put.
#[derive(Debug)]
pub struct Plan {
    resource: TaggedResource,
    document: String,
    expected: Option<String>,
    may_lock_out: bool,
}

impl Operation<DynamoDb> for PutResourcePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutResourcePolicyInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: PutResourcePolicyInput) -> Result<Plan, ApiError> {
        let resource = TaggedResource::read(input.resource_arn)?;
        let document = resource_policy::document(&input.policy.unwrap_or_default())?;
        let may_lock_out = input.confirm_remove_self_resource_access == Some(true);
        Ok(Plan { resource, document, expected: input.expected_revision_id, may_lock_out })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::policy_of(cx, "dynamodb:PutResourcePolicy", &plan.resource)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<PutResourcePolicyOutput, ApiError> {
        let label = plan.resource.stream.clone().unwrap_or_default();
        for _ in 0..ATTEMPTS_MAX {
            let table = plan.resource.find(cx).await?;
            let old = table.settings.resource_policies.get(&label);
            expect(plan.expected.as_deref(), old.map(|old| old.revision), &table.name)?;
            if let Some(old) = old.filter(|old| old.document == plan.document) {
                return Ok(PutResourcePolicyOutput { revision_id: Some(old.revision.to_string()) });
            }
            if !plan.may_lock_out && locks_out(cx, &plan) {
                return Err(own_lockout());
            }
            let revision = (cx.now_micros / 1_000).max(old.map_or(0, |old| old.revision + 1));
            let new = ResourcePolicy { document: plan.document.clone(), revision };
            let put = table_change::attempt(cx, &table, |table| {
                table.settings.resource_policies.insert(label.clone(), new);
            });
            if put.await?.is_some() {
                cx.service.policies.note_one(cx.service.engine.now_micros());
                return Ok(PutResourcePolicyOutput { revision_id: Some(revision.to_string()) });
            }
        }
        Err(tags_being_updated(&plan.resource.table))
    }
}

/// Whether the policy forbids the caller to change it. An account itself always may.
fn locks_out(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> bool {
    if cx.caller.principal.is_root() {
        return false;
    }
    let account = &cx.caller.account;
    let policy = Policy::parse(&plan.document, policy::Kind::Resource).unwrap_or_else(|_| Policy::nothing());
    let access = crate::access::policy_of(cx, "dynamodb:PutResourcePolicy", &plan.resource);
    access.needs.iter().any(|need| {
        let request = Request {
            requester: cx.caller.principal.requester(account),
            action: need.action,
            resource: need.resource.arn(),
            owner: account,
            context: &(),
        };
        let grants = &cx.caller.principal.grants;
        let decided = decide(&request, grants, ResourceSide::Beside(Some(&policy)));
        matches!(decided, Decision::Denied(denial) if denial.is_explicit() && denial.layer == Layer::Resource)
    })
}

/// Whether the revision is the one that is expected.
pub fn expect(expected: Option<&str>, current: Option<u64>, table: &str) -> Result<(), ApiError> {
    let is_met = match (expected, current) {
        (None, _) | (Some(NO_POLICY), None) => true,
        (Some(expected), Some(current)) => expected == current.to_string(),
        (Some(_), None) => false,
    };
    if is_met { Ok(()) } else { Err(other_revision(expected.unwrap_or_default(), current, table)) }
}
