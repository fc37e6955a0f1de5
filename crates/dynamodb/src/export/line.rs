//! A line of an export: what the copy has of an item.

use super::document::{Format, View};
use engine::Copied;
use types::MapRef;
use wire::attribute::write_item;
use wire::ion;

/// What lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) format: Format,
    pub(super) view: View,
}

/// Appends a line.
pub(super) fn write(out: &mut Vec<u8>, lines: Lines, copied: Copied<'_>) {
    match (lines.format, copied) {
        (Format::DynamoDbJson, Copied::Item(item)) => {
            out.extend_from_slice(b"{\"Item\":");
            write_item(out, item);
            out.extend_from_slice(b"}\n");
        }
        (Format::Ion, Copied::Item(item)) => {
            out.extend_from_slice(b"$ion_1_0 {Item:");
            ion::write_item(out, item);
            out.extend_from_slice(b"}\n");
        }
        (Format::DynamoDbJson, Copied::Change { time_micros, key, old, new }) => {
            let time = format!("{{\"Metadata\":{{\"WriteTimestampMicros\":{{\"N\":\"{time_micros}\"}}}}");
            out.extend_from_slice(time.as_bytes());
            for (name, image) in images(lines.view, key, old, new) {
                out.extend_from_slice(format!(",\"{name}\":").as_bytes());
                write_item(out, image);
            }
            out.extend_from_slice(b"}\n");
        }
        (Format::Ion, Copied::Change { time_micros, key, old, new }) => {
            out.extend_from_slice(b"$ion_1_0 {Record:{Metadata:{WriteTimestampMicros:");
            ion::write_whole(out, time_micros);
            out.push(b'}');
            for (name, image) in images(lines.view, key, old, new) {
                out.extend_from_slice(format!(",{name}:").as_bytes());
                ion::write_item(out, image);
            }
            out.extend_from_slice(b"}}\n");
        }
    }
}

/// What is told of a change, by its name.
fn images<'a>(
    view: View,
    key: MapRef<'a>,
    old: Option<MapRef<'a>>,
    new: Option<MapRef<'a>>,
) -> impl Iterator<Item = (&'static str, MapRef<'a>)> {
    let old = old.filter(|_| view == View::NewAndOld);
    let named = [("Keys", Some(key)), ("OldImage", old), ("NewImage", new)];
    named.into_iter().filter_map(|(name, image)| Some((name, image?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{Item, ItemBuilder, Value};

    fn item(n: i64) -> Item {
        ItemBuilder::new().put("n", &Value::N(n.into())).build()
    }

    fn check(format: Format, view: View, copied: Copied<'_>, expected: &str) {
        let mut out = Vec::new();
        write(&mut out, Lines { format, view }, copied);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn lines() {
        use Format::{DynamoDbJson, Ion};
        let (key, old, new) = (item(1), item(2), item(3));
        let all = Copied::Item(key.as_ref());
        check(DynamoDbJson, View::New, all, "{\"Item\":{\"n\":{\"N\":\"1\"}}}\n");
        check(Ion, View::New, all, "$ion_1_0 {Item:{n:1.}}\n");
        let of = |old, new| Copied::Change { time_micros: 1_000_001, key: key.as_ref(), old, new };
        let begun =
            "{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"1000001\"}},\"Keys\":{\"n\":{\"N\":\"1\"}}";
        let both = of(Some(old.as_ref()), Some(new.as_ref()));
        let ends = ",\"OldImage\":{\"n\":{\"N\":\"2\"}},\"NewImage\":{\"n\":{\"N\":\"3\"}}}\n";
        check(DynamoDbJson, View::NewAndOld, both, &format!("{begun}{ends}"));
        let ends = ",\"NewImage\":{\"n\":{\"N\":\"3\"}}}\n";
        check(DynamoDbJson, View::New, both, &format!("{begun}{ends}"));
        check(DynamoDbJson, View::NewAndOld, of(None, None), &format!("{begun}}}\n"));
        let expected =
            "$ion_1_0 {Record:{Metadata:{WriteTimestampMicros:1000001.},Keys:{n:1.},OldImage:{n:2.}}}\n";
        check(Ion, View::NewAndOld, of(Some(old.as_ref()), None), expected);
    }
}
