//! SimulatePrincipalPolicy: what the policies of a user, a group or a role, and such as are handed in, would decide.
//!
//! Order of refusals: the ARN, the entity, the documents.

use crate::rules::{text, text_list};
use crate::service::{self, Iam};
use crate::simulation;
use crate::simulation::Question;
use model::ApiError;
use model::iam::{SimulatePrincipalPolicy, SimulatePrincipalPolicyInput, SimulatePrincipalPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for SimulatePrincipalPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<SimulatePrincipalPolicyInput> = Validation::MODEL;
    type Plan = SimulatePrincipalPolicyInput;

    fn check(input: SimulatePrincipalPolicyInput) -> Result<SimulatePrincipalPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &SimulatePrincipalPolicyInput) -> Access<'static> {
        service::need_arn("iam:SimulatePrincipalPolicy", text(&input.policy_source_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: SimulatePrincipalPolicyInput,
    ) -> Result<SimulatePrincipalPolicyOutput, ApiError> {
        let account = service::account(cx);
        let more = text_list(&input.policy_input_list);
        let source = text(&input.policy_source_arn);
        let boundary = &input.permissions_boundary_policy_input_list;
        let grants = simulation::principal(&account, source, &more, boundary)?;
        let question = Question {
            caller_arn: input.caller_arn.clone().or_else(|| Some(source.to_owned())),
            actions: text_list(&input.action_names),
            resources: text_list(&input.resource_arns),
            context: input.context_entries.clone().unwrap_or_default(),
            resource_policy: input.resource_policy.clone(),
            owner: input.resource_owner.clone(),
        };
        let results = simulation::run(&question, &grants, &cx.caller.account)?;
        Ok(SimulatePrincipalPolicyOutput {
            evaluation_results: Some(results),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
