//! GetPolicy: the policy of a function, or of a version or alias of it.

use crate::errors;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{GetPolicy, GetPolicyInput, GetPolicyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetPolicyInput> = Validation::MODEL;
    type Plan = GetPolicyInput;

    fn check(input: GetPolicyInput) -> Result<GetPolicyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a GetPolicyInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:GetPolicy", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: GetPolicyInput) -> Result<GetPolicyOutput, ApiError> {
        let arn = named(cx, &input)?;
        let function = cx.service.functions.function(&arn).await?;
        let policy = function.policies.get(arn.qualifier.as_deref().unwrap_or_default());
        let policy = policy.ok_or_else(errors::no_policy)?;
        Ok(GetPolicyOutput { policy: Some(policy.json()), revision_id: Some(policy.revision_id.clone()) })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &GetPolicyInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}
