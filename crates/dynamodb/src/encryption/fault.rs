//! What KMS refuses, in DynamoDB's words.

use model::ApiError;

/// An error of KMS as a request to DynamoDB is answered with it. `request_id` is that of the call to KMS.
pub(crate) fn fault(error: &ApiError, request_id: &str) -> ApiError {
    if error.code.status() >= 500 {
        return error.clone();
    }
    ApiError::validation(text(error, request_id))
}

/// The text of it.
pub(super) fn text(error: &ApiError, request_id: &str) -> String {
    let (code, message) = (error.code.name(), error.message.as_deref().unwrap_or_default());
    let kind = if error.code == kms::errors::DISABLED { "key disabled" } else { "validation" };
    format!(
        "KMS {kind} error: com.amazonaws.services.kms.model.{code}: {message} (Service: AWSKMS; Status Code: 400; \
         Error Code: {code}; Request ID: {request_id}; Proxy: null)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disabled_key_has_words_of_its_own() {
        let of = |error: &ApiError| fault(error, "id").message.unwrap_or_default().into_owned();
        assert_eq!(
            of(&kms::errors::disabled("arn")),
            "KMS key disabled error: com.amazonaws.services.kms.model.DisabledException: arn is disabled. (Service: \
             AWSKMS; Status Code: 400; Error Code: DisabledException; Request ID: id; Proxy: null)"
        );
        assert_eq!(
            of(&kms::errors::no_key("arn")),
            "KMS validation error: com.amazonaws.services.kms.model.NotFoundException: Key 'arn' does not exist \
             (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException; Request ID: id; Proxy: null)"
        );
    }
}
