//! GetFunctionCodeSigningConfig: no function has one, which deploy tools ask for.
//!
//! Order of refusals: the model's constraints; no such function.

use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    GetFunctionCodeSigningConfig, GetFunctionCodeSigningConfigInput, GetFunctionCodeSigningConfigOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetFunctionCodeSigningConfig {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetFunctionCodeSigningConfigInput> = Validation::MODEL;
    type Plan = GetFunctionCodeSigningConfigInput;

    fn check(input: GetFunctionCodeSigningConfigInput) -> Result<Self::Plan, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a Self::Plan) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:GetFunctionCodeSigningConfig", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: Self::Plan,
    ) -> Result<GetFunctionCodeSigningConfigOutput, ApiError> {
        cx.service.functions.function(&named(cx, &input)?).await?;
        Ok(GetFunctionCodeSigningConfigOutput::default())
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &GetFunctionCodeSigningConfigInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
