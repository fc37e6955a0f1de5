//! The variables that a function is given: how much they may be, and which names belong to the platform.

use crate::errors;
use model::ApiError;
use std::collections::BTreeMap;

/// All of them together, as JSON.
const BYTES_MAX: usize = 4 * 1024;

const RESERVED: &[&str] = &[
    "_HANDLER",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];
const RESERVED_PREFIXES: &[&str] = &["AWS_LAMBDA_FUNCTION_", "AWS_LAMBDA_LOG_"];

/// Refuses variables that a function cannot have.
pub(crate) fn check(variables: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| is_reserved(name)).collect();
    if !reserved.is_empty() {
        return Err(errors::reserved_variables(&reserved.join(", ")));
    }
    if let Some(name) = variables.keys().find(|name| !is_name(name)) {
        return Err(ApiError::validation(format!(
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys \
             must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+], \
             which {:?} does not",
            name.chars().take(64).collect::<String>()
        )));
    }
    let json = serde_json::to_string(variables).expect("texts have a JSON form");
    if json.len() > BYTES_MAX {
        return Err(errors::environment_too_large(&json));
    }
    match variables.values().any(|value| value.contains('\0')) {
        true => Err(errors::invalid("Environment variables cannot contain a null character")),
        false => Ok(()),
    }
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && name.len() > 1
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, value: &str) -> String {
        let refused = check(&BTreeMap::from([(name.to_owned(), value.to_owned())]));
        refused.map_or_else(|error| error.message.unwrap_or_default().into_owned(), |()| "ok".to_owned())
    }

    #[test]
    fn names_and_sizes() {
        assert_eq!(text("TABLE_1", "a"), "ok");
        assert!(text("AWS_REGION", "a").ends_with("Reserved keys used in this request: AWS_REGION"));
        assert!(text("AWS_LAMBDA_LOG_LEVEL", "a").contains("Reserved keys"));
        assert!(text("1A", "a").contains("Map keys must satisfy") && text("A=B", "a").contains("Map keys"));
        assert!(text("AB", &"x".repeat(4096)).contains(r#"String measured: {"AB":"xx"#));
        assert!(text("AB", "\0").contains("null character"));
    }
}
