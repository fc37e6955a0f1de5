//! SimulateCustomPolicy: what policies that are handed in would decide about actions on resources.

use crate::rules::text_list;
use crate::service::{self, Iam};
use crate::simulation;
use crate::simulation::Question;
use model::ApiError;
use model::iam::{SimulateCustomPolicy, SimulateCustomPolicyInput, SimulateCustomPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for SimulateCustomPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<SimulateCustomPolicyInput> = Validation::MODEL;
    type Plan = SimulateCustomPolicyInput;

    fn check(input: SimulateCustomPolicyInput) -> Result<SimulateCustomPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &SimulateCustomPolicyInput) -> Access<'static> {
        service::need_arn("iam:SimulateCustomPolicy", "*")
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: SimulateCustomPolicyInput,
    ) -> Result<SimulateCustomPolicyOutput, ApiError> {
        let policies = text_list(&input.policy_input_list);
        let grants = simulation::custom(&policies, &input.permissions_boundary_policy_input_list)?;
        let question = Question {
            caller_arn: input.caller_arn.clone(),
            actions: text_list(&input.action_names),
            resources: text_list(&input.resource_arns),
            context: input.context_entries.clone().unwrap_or_default(),
            resource_policy: input.resource_policy.clone(),
            owner: input.resource_owner.clone(),
        };
        let results = simulation::run(&question, &grants, &cx.caller.account)?;
        Ok(SimulateCustomPolicyOutput {
            evaluation_results: Some(results),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
