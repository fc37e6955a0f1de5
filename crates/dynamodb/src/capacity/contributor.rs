//! The key of a request, where the keys of its table or index are ranked: Contributor Insights. Where they are not, a
//! request pays for a look at the table's settings.

use crate::checks::range_source::Source;
use crate::service::DynamoDb;
use engine::{ItemKey, KeyAttribute, KeyType, Table};
use figures::hot_keys::RankedKey;
use figures::minute_of;
use pipeline::Cx;
use types::{ValueBuf, ValueRef};

/// A key, and where it is counted.
#[derive(Debug, Clone)]
pub struct Contributor {
    /// The number of the index; 0 is the table.
    index: u16,
    /// Whether only throttled requests count.
    is_of_throttles: bool,
    key: RankedKey,
}

impl Contributor {
    /// The key of an item of a table.
    pub fn of_item(table: &Table, key: &ItemKey) -> Option<Box<Self>> {
        if table.settings.contributor_insights.is_empty() {
            return None;
        }
        let is_of_throttles = table.settings.ranked(0)?.is_of_throttles;
        let text = |attribute: Option<&KeyAttribute>, bytes: &[u8]| attribute.map(|one| text_of(one, bytes));
        let sort = table.key.range.first();
        let key = RankedKey {
            partition_hash: key.range_position(),
            partition: text(table.key.hash.first(), key.partition())?,
            sort: sort.map(|sort| (key.sort().to_vec(), text_of(sort, key.sort()))),
        };
        Some(Box::new(Contributor { index: 0, is_of_throttles, key }))
    }

    /// A partition key of what Query reads, by the values of its attributes.
    pub fn of_partition(source: &Source<'_>, values: &[ValueBuf], partition_hash: u64) -> Option<Box<Self>> {
        if source.table.settings.contributor_insights.is_empty() {
            return None;
        }
        let index = source.global_index().map_or(0, |index| index.number);
        let is_of_throttles = source.table.settings.ranked(index)?.is_of_throttles;
        let texts: Vec<_> = values.iter().map(|value| value_text(value.as_ref())).collect();
        let key = RankedKey { partition_hash, partition: texts.join(","), sort: None };
        Some(Box::new(Contributor { index, is_of_throttles, key }))
    }

    /// A request consumed units with it.
    pub fn note_accessed(&self, cx: &Cx<'_, DynamoDb>, table: &Table, units: f64) {
        if !self.is_of_throttles {
            let place = (table.id, self.index);
            cx.tally.figures().hot_keys.accessed(minute_of(cx.now_micros), place, &self.key, units);
        }
    }

    /// A request with it was throttled, or would have been where limits are only observed.
    pub fn note_throttled(&self, cx: &Cx<'_, DynamoDb>, table: &Table) {
        let place = (table.id, self.index);
        cx.tally.figures().hot_keys.throttled(minute_of(cx.now_micros), place, &self.key);
    }
}

/// Key bytes as people read them.
fn text_of(attribute: &KeyAttribute, bytes: &[u8]) -> String {
    match attribute.ty {
        KeyType::S => String::from_utf8_lossy(bytes).into_owned(),
        KeyType::N => {
            let mut decimal = Vec::new();
            types::number::write_decimal(&mut decimal, bytes);
            String::from_utf8_lossy(&decimal).into_owned()
        }
        KeyType::B => wire::json::base64_text(bytes),
    }
}

fn value_text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::S(text) => text.to_owned(),
        ValueRef::N(number) => number.to_string(),
        ValueRef::B(bytes) => wire::json::base64_text(bytes),
        _ => String::new(),
    }
}
