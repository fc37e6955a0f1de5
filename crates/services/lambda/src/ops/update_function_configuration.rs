//! UpdateFunctionConfiguration: what is given replaces what the unpublished version has; the rest stays.
//!
//! Order of refusals: as CreateFunction's; then the function and its revision.

use crate::describe::{Moment, configuration};
use crate::function::{Function, Version};
use crate::name::{Arn, LATEST};
use crate::ops::create_function::{NO_DEAD_LETTERS, bounded, has_dead_letters, logging};
use crate::runtime::Runtime;
use crate::service::Lambda;
use crate::{access, environment, errors};
use model::lambda::{FunctionConfiguration, UpdateFunctionConfiguration, UpdateFunctionConfigurationInput};
use model::{ApiError, Constraints};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for UpdateFunctionConfiguration {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateFunctionConfigurationInput> = Validation::Own;
    type Plan = UpdateFunctionConfigurationInput;

    fn check(input: UpdateFunctionConfigurationInput) -> Result<Self::Plan, ApiError> {
        let mut violations = Vec::new();
        input.violations(&mut violations);
        violations.retain(|violation| violation.path != "runtime");
        refuse(&violations)?;
        bounded(input.timeout, input.memory_size, input.ephemeral_storage.as_ref())?;
        input.runtime.as_deref().map(Runtime::named).transpose()?;
        if input.layers.as_ref().is_some_and(|layers| !layers.is_empty()) {
            return Err(errors::not_offered("layers: put their content into the package"));
        }
        if has_dead_letters(input.dead_letter_config.as_ref()) {
            return Err(errors::not_offered(NO_DEAD_LETTERS));
        }
        if let Some(variables) =
            input.environment.as_ref().and_then(|environment| environment.variables.as_ref())
        {
            environment::check(variables)?;
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a Self::Plan) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        let pass_role = input.role.as_deref().map(access::pass_role);
        [Need::new("lambda:UpdateFunctionConfiguration", arn)].into_iter().chain(pass_role).collect()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: Self::Plan) -> Result<FunctionConfiguration, ApiError> {
        let functions = &cx.service.functions;
        let executor = functions.executor()?;
        input.runtime.as_deref().map(|runtime| executor.check(runtime)).transpose()?;
        let (arn, revision) = (named(cx, &input)?, functions.draw_uuid());
        if let Some(role) = input.role.as_deref() {
            executor.credentials(&arn, role).await?;
        }
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            function.check_revision(input.revision_id.as_deref())?;
            apply(&input, &arn.name, &mut function.latest);
            function.latest.touched(&revision, cx.now_micros);
            let shown = configuration(&arn, LATEST, &function.latest, Moment::Update);
            Ok((Some(function), shown))
        };
        let shown = functions.change(&arn, change).await?;
        executor.function_changed(&arn);
        Ok(shown)
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &UpdateFunctionConfigurationInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}

fn apply(input: &UpdateFunctionConfigurationInput, name: &str, version: &mut Version) {
    let text =
        |given: &Option<String>, kept: &mut String| given.iter().for_each(|given| kept.clone_from(given));
    let number =
        |given: Option<i64>, kept: &mut u64| given.into_iter().for_each(|given| *kept = given as u64);
    text(&input.runtime, &mut version.runtime);
    text(&input.role, &mut version.role);
    text(&input.handler, &mut version.handler);
    text(&input.description, &mut version.description);
    number(input.timeout, &mut version.timeout_seconds);
    number(input.memory_size, &mut version.memory_mb);
    number(
        input.ephemeral_storage.as_ref().and_then(|storage| storage.size),
        &mut version.ephemeral_storage_mb,
    );
    if let Some(environment) = &input.environment {
        version.environment.clone_from(&environment.variables);
    }
    if let Some(tracing) = &input.tracing_config {
        text(&tracing.mode, &mut version.tracing_mode);
    }
    if let Some(given) = &input.logging_config {
        version.logging = logging(given.clone(), name);
    }
    if let Some(dead_letters) = &input.dead_letter_config {
        version.dead_letter_target = dead_letters.target_arn.clone().filter(|arn| !arn.is_empty());
    }
}
