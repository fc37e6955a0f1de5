//! The function of a mapping.

use crate::errors;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use pipeline::Cx;

/// The function that a request names, with its qualifier, which must be there.
pub(crate) async fn named(cx: &Cx<'_, Lambda>, name: &str) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, name, None)?;
    match cx.service.functions.resolve(arn).await {
        Ok(resolved) => Ok(resolved.arn),
        Err(error) if errors::is_not_found(&error) => Err(errors::mapped_function_not_found()),
        Err(error) => Err(error),
    }
}

/// Refuses a function whose role may not read the stream.
pub(crate) async fn check_reads(
    cx: &Cx<'_, Lambda>,
    function: &Arn,
    source_arn: &str,
) -> Result<(), ApiError> {
    match cx.service.event_sources.permission.permits(&function.to_string(), source_arn).await {
        true => Ok(()),
        false => Err(errors::stream_not_readable(source_arn)),
    }
}

/// The role of a function; empty where the function has gone meanwhile.
pub(crate) async fn role(cx: &Cx<'_, Lambda>, arn: &Arn) -> String {
    let resolved = cx.service.functions.resolve(arn.clone()).await;
    resolved.map(|resolved| resolved.version.role).unwrap_or_default()
}

/// The name as conflicts show it.
pub(crate) fn shown(arn: &Arn) -> String {
    match &arn.qualifier {
        Some(qualifier) => format!("{}:{qualifier}", arn.name),
        None => arn.name.clone(),
    }
}
