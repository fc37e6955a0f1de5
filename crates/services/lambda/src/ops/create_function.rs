//! CreateFunction.
//!
//! Order of refusals: the model's constraints, all together, but an unknown runtime with a text of its own; what is not
//! offered; the sources of the code; the variables; then the package, and whether the function exists.

use crate::code_source::CodeSource;
use crate::describe::{Moment, configuration};
use crate::function::{Function, Logging, Version};
use crate::name::{Arn, LATEST};
use crate::package;
use crate::runtime::Runtime;
use crate::service::Lambda;
use crate::{access, environment, errors, tags};
use model::lambda::{
    CreateFunction, CreateFunctionInput, DeadLetterConfig, EphemeralStorage, FunctionConfiguration,
    LoggingConfig,
};
use model::{ApiError, Constraints};
use pipeline::access::Tags;
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::collections::BTreeMap;

const TIMEOUT_DEFAULT_SECONDS: i64 = 3;
const TIMEOUT_MAX_SECONDS: i64 = 900;
const MEMORY_DEFAULT_MB: i64 = 128;
const MEMORY_MAX_MB: i64 = 10_240;
const STORAGE_DEFAULT_MB: i64 = 512;

impl Operation<Lambda> for CreateFunction {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateFunctionInput> = Validation::Own;
    type Plan = (CreateFunctionInput, CodeSource);

    fn check(mut input: CreateFunctionInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let runtime = input.runtime.as_deref().ok_or_else(errors::needs_runtime_and_handler)?;
        let runtime = Runtime::named(runtime)?;
        refuse_not_offered(&input)?;
        if input.handler.is_none() && runtime != Runtime::Provided {
            return Err(errors::needs_runtime_and_handler());
        }
        if let Some(variables) =
            input.environment.as_ref().and_then(|environment| environment.variables.as_ref())
        {
            environment::check(variables)?;
        }
        input.tags.as_ref().map(tags::check).transpose()?;
        let code = CodeSource::of(input.code.take().unwrap_or_default())?;
        Ok((input, code))
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, (input, _): &'a Self::Plan) -> Access<'a> {
        let name = input.function_name.as_deref().unwrap_or_default();
        let arn = Arn::named(cx.caller, name, None).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        let role = input.role.as_deref().unwrap_or_default();
        let tags = Tags::set(input.tags.clone().unwrap_or_default());
        let create = Need::new("lambda:CreateFunction", arn).tagged(tags);
        [create, access::pass_role(role)].into_iter().collect()
    }

    async fn run(cx: &Cx<'_, Lambda>, (input, code): Self::Plan) -> Result<FunctionConfiguration, ApiError> {
        let functions = &cx.service.functions;
        functions.executor()?.check(input.runtime.as_deref().unwrap_or_default())?;
        let arn =
            Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?.unqualified();
        refuse_long_name(&arn)?;
        if functions.function(&arn).await.is_ok() {
            return Err(errors::function_exists(&arn.name));
        }
        functions.executor()?.credentials(&arn, input.role.as_deref().unwrap_or_default()).await?;
        let zipped = package::checked(code.read(cx).await?).await?;
        let code = functions.keep_package(&zipped).await?;
        let tags = input.tags.clone().unwrap_or_default();
        let publish = input.publish == Some(true);
        let latest = version(input, &arn, functions.draw_uuid(), code.clone(), cx.now_micros);
        let function = new_function(&arn, latest, tags, publish);
        let created = functions.change(&arn, |old| match old {
            Some(_) => Err(errors::function_exists(&arn.name)),
            None => Ok((Some(function.clone()), ())),
        });
        if let Err(refusal) = created.await {
            functions.forget_packages([code]).await;
            return Err(refusal);
        }
        Ok(match function.versions.first_key_value() {
            Some((number, version)) => {
                let number = number.to_string();
                configuration(&arn.qualified(&number), &number, version, Moment::Creation)
            }
            None => configuration(&arn, LATEST, &function.latest, Moment::Creation),
        })
    }
}

/// The model has limits for kinds of functions that are not offered, too.
fn constraints(input: &CreateFunctionInput) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    violations.retain(|violation| violation.path != "runtime");
    refuse(&violations)?;
    bounded(input.timeout, input.memory_size, input.ephemeral_storage.as_ref())
}

/// The limits of functions, which are lower than those of the model.
pub(crate) fn bounded(
    timeout: Option<i64>,
    memory: Option<i64>,
    storage: Option<&EphemeralStorage>,
) -> Result<(), ApiError> {
    if timeout.is_some_and(|timeout| timeout > TIMEOUT_MAX_SECONDS) {
        return Err(errors::above("timeout", timeout, TIMEOUT_MAX_SECONDS));
    }
    if memory.is_some_and(|memory| memory > MEMORY_MAX_MB) {
        return Err(errors::above("memorySize", memory, MEMORY_MAX_MB));
    }
    let storage = storage.and_then(|storage| storage.size);
    match storage.is_some_and(|size| size > MEMORY_MAX_MB) {
        true => Err(errors::above("ephemeralStorage.size", storage, MEMORY_MAX_MB)),
        false => Ok(()),
    }
}

fn refuse_not_offered(input: &CreateFunctionInput) -> Result<(), ApiError> {
    let has = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let asked = [
        (input.package_type.as_deref() == Some("Image"), "functions from container images"),
        (input.image_config.is_some(), "functions from container images"),
        (has(&input.layers), "layers: put their content into the package"),
        (
            input.file_system_configs.as_ref().is_some_and(|list| !list.is_empty()),
            "file systems of functions",
        ),
        (input.code_signing_config_arn.is_some(), "code signing"),
        (input.durable_config.is_some(), "durable executions"),
        (input.capacity_provider_config.is_some(), "capacity providers"),
        (input.tenancy_config.is_some(), "tenant isolation"),
        (input.vpc_config.as_ref().is_some_and(|vpc| has(&vpc.subnet_ids)), "networks of functions"),
        (snap_starts(input), "SnapStart"),
        (has_dead_letters(input.dead_letter_config.as_ref()), NO_DEAD_LETTERS),
    ];
    asked.iter().find(|(is_asked, _)| *is_asked).map_or(Ok(()), |(_, what)| Err(errors::not_offered(what)))
}

/// There is no queue and no topic that could be told.
pub(crate) const NO_DEAD_LETTERS: &str = "queues and topics for DeadLetterConfig: PutFunctionEventInvokeConfig names a function as OnFailure destination";

/// Whether events that are given up are to be told to a queue or topic.
pub(crate) fn has_dead_letters(config: Option<&DeadLetterConfig>) -> bool {
    config.and_then(|config| config.target_arn.as_deref()).is_some_and(|arn| !arn.is_empty())
}

fn snap_starts(input: &CreateFunctionInput) -> bool {
    input.snap_start.as_ref().and_then(|snap| snap.apply_on.as_deref()).is_some_and(|on| on != "None")
}

fn refuse_long_name(arn: &Arn) -> Result<(), ApiError> {
    match arn.is_too_long() {
        true => Err(errors::name_too_long(&arn.name)),
        false => Ok(()),
    }
}

fn version(
    input: CreateFunctionInput,
    arn: &Arn,
    revision_id: String,
    code: crate::code::CodeRef,
    now_micros: u64,
) -> Version {
    let number = |value: Option<i64>, default: i64| value.unwrap_or(default) as u64;
    Version {
        revision_id,
        code,
        runtime: input.runtime.unwrap_or_default(),
        role: input.role.unwrap_or_default(),
        handler: input.handler.unwrap_or_default(),
        description: input.description.unwrap_or_default(),
        timeout_seconds: number(input.timeout, TIMEOUT_DEFAULT_SECONDS),
        memory_mb: number(input.memory_size, MEMORY_DEFAULT_MB),
        ephemeral_storage_mb: number(
            input.ephemeral_storage.and_then(|storage| storage.size),
            STORAGE_DEFAULT_MB,
        ),
        environment: input.environment.and_then(|environment| environment.variables),
        architecture: input
            .architectures
            .and_then(|all| all.into_iter().next())
            .unwrap_or_else(|| "x86_64".to_owned()),
        tracing_mode: input
            .tracing_config
            .and_then(|tracing| tracing.mode)
            .unwrap_or_else(|| "PassThrough".to_owned()),
        logging: logging(input.logging_config.unwrap_or_default(), &arn.name),
        dead_letter_target: input
            .dead_letter_config
            .and_then(|config| config.target_arn)
            .filter(|arn| !arn.is_empty()),
        modified_micros: now_micros,
    }
}

/// Levels have a meaning only where lines are JSON.
pub(crate) fn logging(given: LoggingConfig, name: &str) -> Logging {
    let format = given.log_format.unwrap_or_else(|| "Text".to_owned());
    let level =
        |level: Option<String>| (format == "JSON").then(|| level.unwrap_or_else(|| "INFO".to_owned()));
    Logging {
        group: given.log_group.unwrap_or_else(|| format!("/aws/lambda/{name}")),
        application_level: level(given.application_log_level),
        system_level: level(given.system_log_level),
        format,
    }
}

fn new_function(arn: &Arn, latest: Version, tags: BTreeMap<String, String>, publish: bool) -> Function {
    let versions = publish.then(|| (1, latest.clone())).into_iter().collect();
    Function {
        name: arn.name.clone(),
        latest,
        versions,
        last_version: u64::from(publish),
        aliases: BTreeMap::new(),
        policies: BTreeMap::new(),
        event_invoke_configs: BTreeMap::new(),
        tags,
        reserved_concurrency: None,
    }
}
