//! A change as a record of a stream shows it.

use crate::sequence_number;
use engine::feed::Principal;
use engine::stream::{Stream, StreamRecord};
use engine::table::StreamView;
use model::dynamodb_streams as shapes;
use types::MapRef;

/// A record and its size, which counts the key and the images that are shown.
pub fn record(stream: &Stream, record: StreamRecord<'_>) -> (shapes::Record, usize) {
    let (old, new) = shown(stream.view);
    let change = record.change;
    let (old, new) = (change.old.filter(|_| old), change.new.filter(|_| new));
    let size = [Some(change.key), old, new].into_iter().flatten().map(MapRef::item_size_bytes).sum();
    let dynamodb = shapes::StreamRecord {
        approximate_creation_date_time: Some((record.time_micros / 1_000_000) as f64),
        keys: Some(change.key.to_item()),
        new_image: new.map(MapRef::to_item),
        old_image: old.map(MapRef::to_item),
        sequence_number: Some(sequence_number::of_record(record.place)),
        size_bytes: Some(size as i64),
        stream_view_type: Some(view_type(stream.view).to_owned()),
    };
    let record = shapes::Record {
        event_id: Some(format!("{:032x}", stream.event_id(record.place))),
        event_name: Some(event_name(change.existed, change.exists).to_owned()),
        event_version: Some("1.1".to_owned()),
        event_source: Some("aws:dynamodb".to_owned()),
        aws_region: Some(stream.scope.region.to_string()),
        dynamodb: Some(dynamodb),
        user_identity: (change.principal == Principal::Ttl).then(service),
    };
    (record, size)
}

/// Whether the old and the new image are shown.
fn shown(view: StreamView) -> (bool, bool) {
    match view {
        StreamView::KeysOnly => (false, false),
        StreamView::NewImage => (false, true),
        StreamView::OldImage => (true, false),
        StreamView::NewAndOldImages => (true, true),
    }
}

/// INSERT, MODIFY or REMOVE.
pub fn event_name(existed: bool, exists: bool) -> &'static str {
    match (existed, exists) {
        (false, _) => "INSERT",
        (true, true) => "MODIFY",
        (true, false) => "REMOVE",
    }
}

/// The UserIdentity of deletions by time to live.
fn service() -> shapes::Identity {
    let (principal_id, kind) = ("dynamodb.amazonaws.com".to_owned(), "Service".to_owned());
    shapes::Identity { principal_id: Some(principal_id), r#type: Some(kind) }
}

/// The name of a view.
pub fn view_type(view: StreamView) -> &'static str {
    match view {
        StreamView::KeysOnly => "KEYS_ONLY",
        StreamView::NewImage => "NEW_IMAGE",
        StreamView::OldImage => "OLD_IMAGE",
        StreamView::NewAndOldImages => "NEW_AND_OLD_IMAGES",
    }
}
