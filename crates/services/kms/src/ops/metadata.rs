//! A key as the API shows it.

pub(super) use crate::key::{ENCRYPT_DECRYPT, SYMMETRIC};
use crate::key::{Key, State};
use model::kms::KeyMetadata;

/// Of a key in any state.
pub(super) fn metadata(key: &Key) -> KeyMetadata {
    let text = |text: &str| Some(text.to_owned());
    let deletion = match key.state {
        State::PendingDeletion { at_micros } => Some(seconds(at_micros)),
        State::Enabled | State::Disabled => None,
    };
    KeyMetadata {
        aws_account_id: text(&key.account),
        key_id: text(&key.id),
        arn: Some(key.arn()),
        creation_date: Some(seconds(key.created_micros)),
        enabled: Some(key.state == State::Enabled),
        description: text(&key.description),
        key_usage: text(ENCRYPT_DECRYPT),
        key_state: text(key.state.name()),
        deletion_date: deletion,
        origin: text("AWS_KMS"),
        key_manager: text(if key.is_managed { "AWS" } else { "CUSTOMER" }),
        customer_master_key_spec: text(SYMMETRIC),
        key_spec: text(SYMMETRIC),
        encryption_algorithms: Some(vec![SYMMETRIC.to_owned()]),
        multi_region: Some(false),
        current_key_material_id: text(&key.current_material().id),
        ..KeyMetadata::default()
    }
}

/// A time of the API, with milliseconds.
pub(super) fn seconds(micros: u64) -> f64 {
    (micros / 1_000) as f64 / 1_000.0
}
