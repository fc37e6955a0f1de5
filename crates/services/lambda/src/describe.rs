//! How a version of a function is shown: as `FunctionConfiguration`.

use crate::function::{Logging, Version};
use crate::name::Arn;
use model::lambda::{
    DeadLetterConfig, EnvironmentResponse, EphemeralStorage, FunctionConfiguration, LoggingConfig,
    RuntimeVersionConfig, SnapStartResponse, TracingConfigResponse,
};
use stdx::calendar;

/// What a change answers about itself. A later look shows the version as it is: active and updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The function is being created.
    Creation,
    /// A change of it is under way.
    Update,
    /// Nothing is under way.
    Rest,
    /// In a list, which leaves states out.
    List,
}

/// A version of a function, whose ARN is `arn`, under its number or `$LATEST`.
pub(crate) fn configuration(
    arn: &Arn,
    number: &str,
    version: &Version,
    moment: Moment,
) -> FunctionConfiguration {
    let shown = FunctionConfiguration {
        function_name: Some(arn.name.clone()),
        function_arn: Some(arn.to_string()),
        runtime: Some(version.runtime.clone()),
        role: Some(version.role.clone()),
        handler: Some(version.handler.clone()).filter(|handler| !handler.is_empty()),
        code_size: Some(version.code.size_bytes as i64),
        code_sha256: Some(version.code.sha256.clone()),
        description: Some(version.description.clone()),
        timeout: Some(version.timeout_seconds as i64),
        memory_size: Some(version.memory_mb as i64),
        last_modified: Some(last_modified(version.modified_micros)),
        version: Some(number.to_owned()),
        environment: version
            .environment
            .clone()
            .map(|variables| EnvironmentResponse { variables: Some(variables), error: None }),
        dead_letter_config: version
            .dead_letter_target
            .clone()
            .map(|target| DeadLetterConfig { target_arn: Some(target) }),
        tracing_config: Some(TracingConfigResponse { mode: Some(version.tracing_mode.clone()) }),
        revision_id: Some(version.revision_id.clone()),
        package_type: Some("Zip".to_owned()),
        architectures: Some(vec![version.architecture.clone()]),
        ephemeral_storage: Some(EphemeralStorage { size: Some(version.ephemeral_storage_mb as i64) }),
        snap_start: Some(SnapStartResponse {
            apply_on: Some("None".to_owned()),
            optimization_status: Some("Off".to_owned()),
        }),
        runtime_version_config: Some(RuntimeVersionConfig {
            runtime_version_arn: Some(runtime_version(arn, &version.runtime)),
            error: None,
        }),
        logging_config: Some(logging(&version.logging)),
        ..FunctionConfiguration::default()
    };
    with_state(shown, moment)
}

fn with_state(shown: FunctionConfiguration, moment: Moment) -> FunctionConfiguration {
    let text = |text: &str| Some(text.to_owned());
    let reason = "The function is being created.";
    match moment {
        Moment::List => shown,
        Moment::Creation => FunctionConfiguration {
            state: text("Pending"),
            state_reason: text(reason),
            state_reason_code: text("Creating"),
            ..shown
        },
        Moment::Update => FunctionConfiguration {
            state: text("Active"),
            last_update_status: text("InProgress"),
            last_update_status_reason: text(reason),
            last_update_status_reason_code: text("Creating"),
            ..shown
        },
        Moment::Rest => {
            FunctionConfiguration { state: text("Active"), last_update_status: text("Successful"), ..shown }
        }
    }
}

fn logging(logging: &Logging) -> LoggingConfig {
    LoggingConfig {
        log_format: Some(logging.format.clone()),
        application_log_level: logging.application_level.clone(),
        system_log_level: logging.system_level.clone(),
        log_group: Some(logging.group.clone()),
    }
}

/// The ARN of the runtime's version, in the form of AWS's.
pub(crate) fn runtime_version(arn: &Arn, runtime: &str) -> String {
    let digest = <sha2::Sha256 as sha2::Digest>::digest(runtime.as_bytes());
    format!("arn:aws:lambda:{}::runtime:{}", arn.region, stdx::hex::encode(&digest))
}

/// `2026-11-29T03:04:05.000+0000`.
pub(crate) fn last_modified(micros: u64) -> String {
    let (date, time) = date_and_time(micros);
    format!("{date}T{time}.{:03}+0000", micros / 1_000 % 1_000)
}

/// The date and the time of day, to the second.
pub(crate) fn date_and_time(micros: u64) -> (String, String) {
    let seconds = micros / 1_000_000;
    let (year, month, day) = calendar::date_of((seconds / 86_400) as i64);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_time_as_lambda_writes_it() {
        assert_eq!(super::last_modified(1_796_008_149_250_000), "2026-11-30T03:09:09.250+0000");
    }
}
