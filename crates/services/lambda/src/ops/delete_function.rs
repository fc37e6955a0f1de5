//! DeleteFunction: a function with all that hangs on it, or one published version. A version that is not there is
//! deleted already; a function that is not there is an error.

use crate::code::CodeRef;
use crate::errors;
use crate::function::Function;
use crate::name::{Arn, LATEST};
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{DeleteFunction, DeleteFunctionInput, DeleteFunctionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for DeleteFunction {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteFunctionInput> = Validation::MODEL;
    type Plan = DeleteFunctionInput;

    fn check(input: DeleteFunctionInput) -> Result<DeleteFunctionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a DeleteFunctionInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:DeleteFunction", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: DeleteFunctionInput) -> Result<DeleteFunctionOutput, ApiError> {
        let functions = &cx.service.functions;
        let executor = functions.executor()?;
        let arn = named(cx, &input)?;
        let unused = match arn.qualifier.as_deref() {
            Some(LATEST) => return Err(errors::latest_cannot_be_deleted()),
            Some(number) => functions.change(&arn, |old| without_version(&arn, old, number)).await?,
            None => functions.change(&arn, |old| without_function(&arn, old)).await?,
        };
        executor.function_changed(&arn);
        functions.forget_packages(unused).await;
        Ok(DeleteFunctionOutput { status_code: Some(204) })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &DeleteFunctionInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}

type Changed = Result<(Option<Function>, Vec<CodeRef>), ApiError>;

fn without_function(arn: &Arn, old: Option<Function>) -> Changed {
    let function = old.ok_or_else(|| errors::function_not_found(arn))?;
    let mut unused: Vec<CodeRef> = function.packages().cloned().collect();
    unused.sort_by(|a, b| a.id.cmp(&b.id));
    unused.dedup();
    Ok((None, unused))
}

fn without_version(arn: &Arn, old: Option<Function>, number: &str) -> Changed {
    let mut function = old.ok_or_else(|| errors::function_not_found(&arn.unqualified()))?;
    if let Some((alias, _)) = function.aliases.iter().find(|(_, alias)| alias.version == number) {
        return Err(errors::version_is_used(arn, alias));
    }
    let removed = number.parse().ok().and_then(|number: u64| function.versions.remove(&number));
    function.event_invoke_configs.remove(number);
    let is_used = |code: &CodeRef| function.packages().any(|other| other.id == code.id);
    let unused = removed.map(|version| version.code).filter(|code| !is_used(code));
    Ok((Some(function), unused.into_iter().collect()))
}
