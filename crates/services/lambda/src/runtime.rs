//! The runtimes that a function may ask for: those of AWS that are current, and which of them this server has.

use crate::errors;
use model::ApiError;

/// What creating a function takes at AWS, in the order of its message.
const CURRENT: &[&str] = &[
    "nodejs24.x",
    "nodejs22.x",
    "nodejs20.x",
    "nodejs18.x",
    "nodejs16.x",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.9",
    "python3.8",
    "java25",
    "java21",
    "java17",
    "java11",
    "java8.al2",
    "dotnet10",
    "dotnet8",
    "dotnet6",
    "ruby3.4",
    "ruby3.3",
    "ruby3.2",
    "provided.al2023",
    "provided.al2",
];
/// What it took once.
const RETIRED: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "java8",
    "python2.7",
    "python3.6",
    "python3.7",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet5.0",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// What runs the code of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// A Python interpreter and the bootstrap of this server.
    Python,
    /// Node.js and the bootstrap of this server.
    Node,
    /// The executable `bootstrap` of the package.
    Provided,
}

impl Runtime {
    /// The runtime of a name.
    ///
    /// # Errors
    /// Names that AWS does not know or takes no longer, and runtimes that are not offered here.
    pub fn named(name: &str) -> Result<Self, ApiError> {
        if RETIRED.contains(&name) {
            return Err(errors::retired_runtime(name));
        }
        if !CURRENT.contains(&name) {
            return Err(errors::unknown_runtime(unknown(name)));
        }
        Runtime::of(name).ok_or_else(|| {
            errors::not_offered(&format!("the runtime {name}: it has python3.x, nodejs2x.x and provided.*"))
        })
    }

    /// The same for a name that was accepted once.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            name if name.starts_with("python3.") => Runtime::Python,
            name if name.starts_with("nodejs") => Runtime::Node,
            name if name.starts_with("provided.") => Runtime::Provided,
            _ => return None,
        })
    }
}

fn unknown(name: &str) -> String {
    let name: String = name.chars().take(256).collect();
    format!(
        "Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a \
         valid ARN",
        CURRENT.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runtimes() {
        let text = |name| Runtime::named(name).unwrap_err().message.unwrap_or_default().into_owned();
        assert_eq!(Runtime::named("python3.13").ok(), Some(Runtime::Python));
        assert_eq!(Runtime::named("nodejs22.x").ok(), Some(Runtime::Node));
        assert_eq!(Runtime::named("provided.al2023").ok(), Some(Runtime::Provided));
        assert!(text("python2.7").starts_with("The runtime parameter of python2.7 is no longer supported"));
        assert!(text("java21").contains("does not offer the runtime java21"));
        assert!(text("python9").starts_with("Value python9 at 'runtime' failed to satisfy constraint"));
    }
}
