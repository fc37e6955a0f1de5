//! A change as a record of a Kinesis stream: JSON with both images, without a sequence number. Its partition key says
//! nothing but which changes are of one item.

use crate::stream_record::event_name;
use engine::Table;
use engine::feed::{ChangeRecord, Principal};
use engine::table::TimePrecision;
use kinesis::{NewRecord, hash_of};
use store::FeedCursor;
use types::MapRef;
use wire::attribute::write_item;
use wire::json::write_string;

/// The record of a change that was committed at a time.
pub(super) fn record(
    table: &Table,
    change: &ChangeRecord<'_>,
    place: FeedCursor,
    time_micros: u64,
    precision: Option<TimePrecision>,
) -> NewRecord {
    let images = [Some(change.key), change.new, change.old];
    let mut out = Vec::with_capacity(
        512 + images.iter().flatten().map(|image| image.as_bytes().len() * 2).sum::<usize>(),
    );
    member(&mut out, b"{\"awsRegion\":", &table.scope.region);
    member(&mut out, b",\"eventID\":", &uuid(table.change_id(place)));
    member(&mut out, b",\"eventName\":", event_name(change.existed, change.exists));
    out.extend_from_slice(user_identity(change.principal));
    member(&mut out, b",\"recordFormat\":\"application/json\",\"tableName\":", &table.name);
    out.extend_from_slice(b",\"dynamodb\":{\"ApproximateCreationDateTime\":");
    out.extend_from_slice(time(time_micros, precision).as_bytes());
    for (name, image) in [&b",\"Keys\":"[..], b",\"NewImage\":", b",\"OldImage\":"].iter().zip(images) {
        if let Some(image) = image {
            out.extend_from_slice(name);
            write_item(&mut out, image);
        }
    }
    let size: usize = images.into_iter().flatten().map(MapRef::item_size_bytes).sum();
    out.extend_from_slice(format!(",\"SizeBytes\":{size}").as_bytes());
    out.extend_from_slice(told_precision(precision));
    out.extend_from_slice(b"},\"eventSource\":\"aws:dynamodb\"}");
    let partition_key = format!("{:032X}", table.key_digest(change.key));
    NewRecord { hash: hash_of(&partition_key), partition_key, data: out }
}

fn member(out: &mut Vec<u8>, name: &[u8], value: &str) {
    out.extend_from_slice(name);
    write_string(out, value);
}

/// Null, but for what time to live deletes.
fn user_identity(principal: Principal) -> &'static [u8] {
    match principal {
        Principal::Ttl => {
            b",\"userIdentity\":{\"type\":\"Service\",\"principalId\":\"dynamodb.amazonaws.com\"}"
        }
        _ => b",\"userIdentity\":null",
    }
}

fn time(micros: u64, precision: Option<TimePrecision>) -> String {
    match precision {
        Some(TimePrecision::Microsecond) => micros.to_string(),
        _ => (micros / 1_000).to_string(),
    }
}

fn told_precision(precision: Option<TimePrecision>) -> &'static [u8] {
    match precision {
        None => b"",
        Some(TimePrecision::Millisecond) => b",\"ApproximateCreationDateTimePrecision\":\"MILLISECOND\"",
        Some(TimePrecision::Microsecond) => b",\"ApproximateCreationDateTimePrecision\":\"MICROSECOND\"",
    }
}

fn uuid(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
