//! DynamoDB validates requests in two layers, an older and a newer one, operation by operation. They differ
//! in words and in form, never in the error's code.

use model::ApiError;
use std::fmt::Display;

/// How an operation words what is wrong with the values and expressions of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// PutItem, UpdateItem, DeleteItem: newer words, in the envelope of one error.
    Enveloped,
    /// GetItem, BatchGetItem, Query, Scan: newer words, bare.
    Plain,
    /// BatchWriteItem, transactions, PartiQL: older words, bare.
    Older,
}

impl Layer {
    /// The refusal with this text, in this layer's form.
    pub fn refuse(self, text: impl Display) -> ApiError {
        match self {
            Layer::Enveloped => enveloped(text),
            Layer::Plain | Layer::Older => ApiError::validation(text.to_string()),
        }
    }
}

/// A refusal in the envelope of one error.
pub fn enveloped(text: impl Display) -> ApiError {
    ApiError::validation(format!("1 validation error detected: {text}"))
}

/// Several refusals in one envelope; `None` if there is none. More than ten are neither listed nor counted.
pub fn enveloped_together(texts: &[String]) -> Option<ApiError> {
    let listed = &texts[..texts.len().min(10)];
    match listed {
        [] => None,
        [text] => Some(enveloped(text)),
        several => Some(ApiError::validation(format!(
            "{} validation errors detected: {}",
            several.len(),
            several.join("; ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(error: Option<ApiError>) -> String {
        error.and_then(|error| error.message).map(String::from).unwrap_or_default()
    }

    #[test]
    fn one_several_and_too_many() {
        let texts: Vec<String> = (0..12).map(|i| format!("t{i}")).collect();
        assert_eq!(text(enveloped_together(&[])), "");
        assert_eq!(text(enveloped_together(&texts[..1])), "1 validation error detected: t0");
        assert_eq!(text(enveloped_together(&texts[..2])), "2 validation errors detected: t0; t1");
        assert!(text(enveloped_together(&texts)).ends_with("; t9"));
        assert!(text(enveloped_together(&texts)).starts_with("10 validation errors"));
    }

    #[test]
    fn only_single_writes_have_the_envelope() {
        assert_eq!(text(Some(Layer::Enveloped.refuse("x"))), "1 validation error detected: x");
        assert_eq!(text(Some(Layer::Plain.refuse("x"))), "x");
        assert_eq!(text(Some(Layer::Older.refuse("x"))), "x");
    }
}
