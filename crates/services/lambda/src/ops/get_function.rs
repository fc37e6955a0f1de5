//! GetFunction: configuration, where the package can be fetched, tags and reserved concurrency.

use crate::describe::{Moment, configuration};
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{Concurrency, FunctionCodeLocation, GetFunction, GetFunctionInput, GetFunctionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetFunction {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetFunctionInput> = Validation::MODEL;
    type Plan = GetFunctionInput;

    fn check(input: GetFunctionInput) -> Result<GetFunctionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a GetFunctionInput) -> Access<'a> {
        Need::new("lambda:GetFunction", resource(cx, input)).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: GetFunctionInput) -> Result<GetFunctionOutput, ApiError> {
        let found = cx.service.functions.resolve(named(cx, &input)?).await?;
        let host = cx.host.name();
        let location = cx.service.functions.location(&found.version.code, host, cx.now_micros).await?;
        let tags = Some(found.function.tags).filter(|tags| !tags.is_empty());
        let concurrency = found.function.reserved_concurrency;
        Ok(GetFunctionOutput {
            configuration: Some(configuration(&found.arn, &found.number, &found.version, Moment::Rest)),
            code: Some(FunctionCodeLocation {
                repository_type: Some("S3".to_owned()),
                location: Some(location),
                ..FunctionCodeLocation::default()
            }),
            tags,
            concurrency: concurrency
                .map(|reserved| Concurrency { reserved_concurrent_executions: Some(reserved as i64) }),
            ..GetFunctionOutput::default()
        })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &GetFunctionInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}

fn resource(cx: &Cx<'_, Lambda>, input: &GetFunctionInput) -> String {
    named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string())
}
