//! PublishVersion: the unpublished version under the next number. If nothing has changed since the last one, that is
//! the answer.

use crate::describe::{Moment, configuration};
use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{FunctionConfiguration, PublishVersion, PublishVersionInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for PublishVersion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PublishVersionInput> = Validation::MODEL;
    type Plan = PublishVersionInput;

    fn check(input: PublishVersionInput) -> Result<PublishVersionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a PublishVersionInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:PublishVersion", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: PublishVersionInput) -> Result<FunctionConfiguration, ApiError> {
        let functions = &cx.service.functions;
        functions.executor()?;
        let arn = named(cx, &input)?;
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            function.check_revision(input.revision_id.as_deref())?;
            let current = &function.latest.code.sha256;
            if let Some(given) = input.code_sha256.as_ref().filter(|given| *given != current) {
                return Err(errors::code_differs(given, current));
            }
            let number = function.publish(input.description.clone());
            let version = function.versions.get(&number).expect("it was published just now").clone();
            Ok((Some(function), (number, version)))
        };
        let (number, version) = functions.change(&arn, change).await?;
        let number = number.to_string();
        Ok(configuration(&arn.qualified(&number), &number, &version, Moment::Rest))
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &PublishVersionInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
