//! Which layer judges the members of an input. DynamoDB has two: the older one reports every constraint of the model
//! that is broken, all in one refusal; behind the newer one each operation has stages and wordings of its own.

use model::{ApiError, Constraints, Violation};

/// More are not listed, nor counted.
const LISTED_MAX: usize = 10;

/// The layer that judges the members of an operation's input.
pub enum Validation<I> {
    /// The older one, by the constraints of the model: [`Validation::MODEL`].
    Model(fn(&I, &mut Vec<Violation>)),
    /// The newer one: the operation's own `check`.
    Own,
}

impl<I: Constraints> Validation<I> {
    /// By the constraints that the model states for the input.
    pub const MODEL: Self = Validation::Model(I::violations);
}

impl<I> Validation<I> {
    /// Refuses an input that breaks constraints of the model, where they judge.
    pub(crate) fn check(&self, input: &I) -> Result<(), ApiError> {
        let Validation::Model(constraints) = self else { return Ok(()) };
        let mut violations = Vec::new();
        constraints(input, &mut violations);
        refuse(&violations)
    }
}

/// Refuses if there are violations. Operations with stages of their own report each stage through this.
pub fn refuse(violations: &[Violation]) -> Result<(), ApiError> {
    if violations.is_empty() { Ok(()) } else { Err(ApiError::validation(text(violations))) }
}

fn text(violations: &[Violation]) -> String {
    let listed = &violations[..violations.len().min(LISTED_MAX)];
    let plural = if listed.len() == 1 { "" } else { "s" };
    let sentences: Vec<String> = listed.iter().map(sentence).collect();
    format!("{} validation error{plural} detected: {}", listed.len(), sentences.join("; "))
}

fn sentence(violation: &Violation) -> String {
    let Violation { path, value, constraint } = violation;
    match value.as_deref() {
        Some(value) => format!("Value {value} at '{path}' failed to satisfy constraint: {constraint}"),
        None => format!("Value at '{path}' failed to satisfy constraint: {constraint}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(path: &str, value: Option<&str>) -> Violation {
        let constraint = "Member must not be null".to_owned();
        Violation { path: path.to_owned(), value: value.map(str::to_owned), constraint }
    }

    #[test]
    fn violations_are_reported_together() {
        let one = text(&[violation("tableName", Some("null"))]);
        assert_eq!(
            one,
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: \
             Member must not be null"
        );
        let two = text(&[violation("a", Some("'x'")), violation("B", None)]);
        assert_eq!(
            two,
            "2 validation errors detected: Value 'x' at 'a' failed to satisfy constraint: Member must not be \
             null; Value at 'B' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn ten_at_most() {
        let many: Vec<Violation> = (0..14).map(|i| violation(&format!("m{i}"), None)).collect();
        let text = text(&many);
        assert!(text.starts_with("10 validation errors detected: "), "{text}");
        assert!(text.contains("'m9'") && !text.contains("'m10'"), "{text}");
    }
}
