//! GetFunctionConfiguration: what waiters look at.

use crate::describe::{Moment, configuration};
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{FunctionConfiguration, GetFunctionConfiguration, GetFunctionConfigurationInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetFunctionConfiguration {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetFunctionConfigurationInput> = Validation::MODEL;
    type Plan = GetFunctionConfigurationInput;

    fn check(input: GetFunctionConfigurationInput) -> Result<GetFunctionConfigurationInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a GetFunctionConfigurationInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:GetFunctionConfiguration", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: GetFunctionConfigurationInput,
    ) -> Result<FunctionConfiguration, ApiError> {
        let found = cx.service.functions.resolve(named(cx, &input)?).await?;
        Ok(configuration(&found.arn, &found.number, &found.version, Moment::Rest))
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &GetFunctionConfigurationInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}
