//! UpdateFunctionCode: another package for the unpublished version, which may be published at once.
//!
//! Order of refusals: the model's constraints; where the code is; the function; its revision; the package.

use crate::code_source::CodeSource;
use crate::describe::{Moment, configuration};
use crate::function::{Function, Version};
use crate::name::{Arn, LATEST};
use crate::service::Lambda;
use crate::{errors, package};
use model::ApiError;
use model::lambda::{FunctionCode, FunctionConfiguration, UpdateFunctionCode, UpdateFunctionCodeInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for UpdateFunctionCode {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateFunctionCodeInput> = Validation::MODEL;
    type Plan = (UpdateFunctionCodeInput, CodeSource);

    fn check(mut input: UpdateFunctionCodeInput) -> Result<Self::Plan, ApiError> {
        let code = CodeSource::of(FunctionCode {
            zip_file: input.zip_file.take(),
            s3_bucket: input.s3_bucket.take(),
            s3_key: input.s3_key.take(),
            s3_object_version: input.s3_object_version.take(),
            image_uri: input.image_uri.take(),
            ..FunctionCode::default()
        })?;
        Ok((input, code))
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, (input, _): &'a Self::Plan) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:UpdateFunctionCode", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, (input, code): Self::Plan) -> Result<FunctionConfiguration, ApiError> {
        let functions = &cx.service.functions;
        let executor = functions.executor()?;
        let arn = named(cx, &input)?;
        let function = functions.function(&arn).await?;
        function.check_revision(input.revision_id.as_deref())?;
        let zipped = package::checked(code.read(cx).await?).await?;
        if input.dry_run == Some(true) {
            return Ok(configuration(&arn, LATEST, &function.latest, Moment::Rest));
        }
        let (code, revision) = (functions.keep_package(&zipped).await?, functions.draw_uuid());
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            function.check_revision(input.revision_id.as_deref())?;
            let replaced = std::mem::replace(&mut function.latest.code, code.clone());
            if let Some(architecture) = input.architectures.as_ref().and_then(|all| all.first()) {
                function.latest.architecture.clone_from(architecture);
            }
            function.latest.touched(&revision, cx.now_micros);
            let number = (input.publish == Some(true)).then(|| function.publish(None));
            let unused = (!function.packages().any(|other| other.id == replaced.id)).then_some(replaced);
            Ok((Some(function.clone()), (function, number, unused)))
        };
        let (function, number, unused) = match functions.change(&arn, change).await {
            Ok(changed) => changed,
            Err(refusal) => {
                functions.forget_packages([code]).await;
                return Err(refusal);
            }
        };
        executor.function_changed(&arn);
        functions.forget_packages(unused).await;
        Ok(shown(&arn, number, &function))
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &UpdateFunctionCodeInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}

/// The published version, if one was, or the unpublished one.
fn shown(arn: &Arn, number: Option<u64>, function: &Function) -> FunctionConfiguration {
    let show =
        |arn: &Arn, number: &str, version: &Version| configuration(arn, number, version, Moment::Update);
    match number.and_then(|number| Some((number, function.versions.get(&number)?))) {
        Some((number, version)) => show(&arn.qualified(&number.to_string()), &number.to_string(), version),
        None => show(arn, LATEST, &function.latest),
    }
}
