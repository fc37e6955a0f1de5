//! The body of an error: its type, its text, and the members some codes add.

use model::api_error::{CancellationReason, ThrottlingReason};
use model::{ApiError, Detail};
use wire::Encode;
use wire::json::ObjectWriter;

/// `{"__type":"<namespace>#<Code>","message":"…"}`, without `<namespace>#` where a service has none. The letter case of
/// `message` is that of the code and the detail.
pub(super) fn write(error: &ApiError) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let mut object = ObjectWriter::begin(&mut out);
    object.member("__type", &Some(error.code.qualified()));
    object.member(message_member(error), &text(error.message.as_deref()));
    match error.detail.as_deref() {
        Some(Detail::Item(item)) => _ = object.member("Item", &Some(Lent(item))),
        Some(Detail::CancellationReasons(reasons)) => {
            let reasons: Vec<Reason<'_>> = reasons.iter().map(Reason).collect();
            object.member("CancellationReasons", &Some(reasons));
        }
        Some(Detail::ThrottlingReasons(reasons)) => {
            let reasons: Vec<Limit<'_>> = reasons.iter().map(Limit).collect();
            object.member(throttling_member(error), &Some(reasons));
        }
        Some(Detail::Members(_) | Detail::Explanation(_)) | None => {}
    }
    object.end();
    out
}

/// ThrottlingException alone begins it with a small letter.
fn throttling_member(error: &ApiError) -> &'static str {
    if error.code.name() == "ThrottlingException" { "throttlingReasons" } else { "ThrottlingReasons" }
}

/// A failed condition that carries an item spells its text as the errors of other families do.
fn message_member(error: &ApiError) -> &'static str {
    match error.detail.as_deref() {
        Some(Detail::Item(_)) => "Message",
        _ => error.code.message_member(),
    }
}

fn text(text: Option<&str>) -> Option<Lent<'_, str>> {
    text.map(Lent)
}

/// A value that is not the writer's own.
struct Lent<'a, T: ?Sized>(&'a T);

impl<T: Encode + ?Sized> Encode for Lent<'_, T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

/// One action's reason; an innocent one has the code `None`, as a text.
struct Reason<'a>(&'a CancellationReason);

impl Encode for Reason<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        let CancellationReason { code, message, item } = self.0;
        let mut object = ObjectWriter::begin(out);
        object.member("Code", &text(Some(code.unwrap_or("None"))));
        object.member("Message", &text(message.as_deref()));
        object.member("Item", &item.as_ref().map(Lent));
        object.end();
    }
}

/// A limit that was reached.
struct Limit<'a>(&'a ThrottlingReason);

impl Encode for Limit<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        let ThrottlingReason { reason, resource } = self.0;
        let mut object = ObjectWriter::begin(out);
        object.member("reason", &text(Some(reason)));
        object.member("resource", &text(Some(resource)));
        object.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Code, CodeInfo, code};

    const CONDITION_FAILED: Code =
        Code::of(&CodeInfo::new("com.example", "ConditionalCheckFailedException", 400));
    const CANCELED: Code = Code::of(
        &CodeInfo::new("com.example", "TransactionCanceledException", 400).with_message_in("Message"),
    );

    fn check(error: ApiError, expect: &str) {
        assert_eq!(String::from_utf8(write(&error)).expect("JSON is UTF-8"), expect);
    }

    #[test]
    fn bodies_of_errors() {
        check(
            ApiError::validation("one \"quoted\" word"),
            r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"one \"quoted\" word"}"#,
        );
        check(
            ApiError::silent(code::SERIALIZATION),
            r#"{"__type":"com.amazon.coral.service#SerializationException"}"#,
        );
        check(
            ApiError::new(code::SERIALIZATION, "NUMBER_VALUE cannot be converted to String"),
            r#"{"__type":"com.amazon.coral.service#SerializationException","Message":"NUMBER_VALUE cannot be converted to String"}"#,
        );
        check(
            ApiError::new(CONDITION_FAILED, "The conditional request failed")
                .with(Detail::Item(types::Item::default())),
            r#"{"__type":"com.example#ConditionalCheckFailedException","Message":"The conditional request failed","Item":{}}"#,
        );
    }

    #[test]
    fn throttled_requests_list_the_limits_they_reached() {
        const EXCEEDED: Code = Code::of(&CodeInfo::new("com.example", "RequestLimitExceeded", 400));
        let reasons = || {
            let (reason, resource) = ("TableReadAccountLimitExceeded".to_owned(), "arn".to_owned());
            Detail::ThrottlingReasons(vec![ThrottlingReason { reason, resource }])
        };
        check(
            ApiError::new(EXCEEDED, "too much").with(reasons()),
            r#"{"__type":"com.example#RequestLimitExceeded","message":"too much","ThrottlingReasons":[{"reason":"TableReadAccountLimitExceeded","resource":"arn"}]}"#,
        );
        check(
            ApiError::new(code::THROTTLING, "too much").with(reasons()),
            r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"too much","throttlingReasons":[{"reason":"TableReadAccountLimitExceeded","resource":"arn"}]}"#,
        );
    }

    #[test]
    fn cancelled_transactions_list_their_reasons() {
        let reasons = vec![
            CancellationReason::default(),
            CancellationReason {
                code: Some("ConditionalCheckFailed"),
                message: Some("The conditional request failed".into()),
                item: None,
            },
        ];
        check(
            ApiError::new(CANCELED, "cancelled").with(Detail::CancellationReasons(reasons)),
            r#"{"__type":"com.example#TransactionCanceledException","Message":"cancelled","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]}"#,
        );
    }
}
