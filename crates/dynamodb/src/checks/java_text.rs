//! Members as messages repeat them: as Java prints the objects it has read them into, with every field named.
//! At most one megabyte of it, because an object's text is many times longer than the object.

use super::java_hash_order::{Table, java_hash_order};
use std::collections::BTreeMap;
use types::item::number_of;
use types::{MapRef, SetRef, ValueRef};
use wire::attribute::{AttributeValue, Attributes};

const BYTES_MAX: usize = 1024 * 1024;
/// Larger maps are printed in the order of their names: it shows only in texts that are cut anyhow.
const NAMES_IN_HASH_ORDER_MAX: usize = 1_000;
const FIELDS: [&str; 16] = [
    "s",
    "n",
    "b",
    "iNT",
    "dECIMAL",
    "dOUBLE",
    "sS",
    "nS",
    "bS",
    "iNTSET",
    "dECIMALSET",
    "dOUBLESET",
    "m",
    "l",
    "nULL",
    "bOOL",
];

/// A text as it grows.
#[derive(Debug, Default)]
pub struct JavaText {
    text: String,
    is_cut: bool,
}

impl JavaText {
    /// The text, with `...` where it was cut.
    pub fn finish(mut self) -> String {
        if self.is_cut {
            self.text.push_str("...");
        }
        self.text
    }

    /// These characters.
    pub fn put(&mut self, text: &str) -> &mut Self {
        let mut end = text.len().min(BYTES_MAX - self.text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&text[..end]);
        self.is_cut |= end < text.len();
        self
    }

    /// A text that may be absent.
    pub fn optional(&mut self, text: Option<&str>) -> &mut Self {
        self.put(text.unwrap_or("null"))
    }

    /// An item or key.
    pub fn attributes(&mut self, attributes: Option<&Attributes>) -> &mut Self {
        match attributes {
            Some(attributes) => self.map(attributes.item.as_ref()),
            None => self.put("null"),
        }
    }

    /// ExpressionAttributeNames
    pub fn names(&mut self, names: Option<&BTreeMap<String, String>>) -> &mut Self {
        let Some(names) = names else { return self.put("null") };
        self.entries(names.keys().map(String::as_str), |text, name| {
            text.optional(names.get(name).map(String::as_str));
        })
    }

    /// ExpressionAttributeValues
    pub fn values(&mut self, values: Option<&BTreeMap<String, AttributeValue>>) -> &mut Self {
        let Some(values) = values else { return self.put("null") };
        self.entries(values.keys().map(String::as_str), |text, key| {
            if let Some(value) = values.get(key) {
                text.value(value.value.as_ref());
            }
        })
    }

    /// `[a, b]`. Elements after the cut are not evaluated.
    pub fn list<T>(
        &mut self,
        all: impl IntoIterator<Item = T>,
        mut put: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.put("[");
        for (at, one) in all.into_iter().enumerate() {
            if self.is_cut {
                return self;
            }
            self.put(if at > 0 { ", " } else { "" });
            put(self, one);
        }
        self.put("]")
    }

    fn entries<'n>(
        &mut self,
        names: impl ExactSizeIterator<Item = &'n str>,
        mut put: impl FnMut(&mut Self, &str),
    ) -> &mut Self {
        let names = match names.len() {
            0..=NAMES_IN_HASH_ORDER_MAX => java_hash_order(names, Table::SizedToCount),
            _ => names.collect(),
        };
        self.put("{");
        for (at, name) in names.into_iter().enumerate() {
            if self.is_cut {
                return self;
            }
            self.put(if at > 0 { ", " } else { "" }).put(name).put("=");
            put(self, name);
        }
        self.put("}")
    }

    fn map(&mut self, map: MapRef<'_>) -> &mut Self {
        self.entries(map.iter().map(|(name, _)| name), |text, name| {
            if let Some(value) = map.get(name) {
                text.value(value);
            }
        })
    }

    fn value(&mut self, value: ValueRef<'_>) {
        self.put("AttributeValue(");
        for (at, field) in FIELDS.into_iter().enumerate() {
            self.put(if at > 0 { ", " } else { "" }).put(field).put("=");
            match field == field_of(value) {
                true => self.shown(value),
                false => self.put("null"),
            };
        }
        self.put(")");
    }

    fn shown(&mut self, value: ValueRef<'_>) -> &mut Self {
        match value {
            ValueRef::S(text) => self.put(text),
            ValueRef::N(number) => self.put(&number.to_string()),
            ValueRef::B(bytes) => self.buffer(bytes),
            ValueRef::Null => self.put("true"),
            ValueRef::Bool(bool) => self.put(if bool { "true" } else { "false" }),
            ValueRef::SS(set) => self.set(set, |text, member| {
                text.put(&String::from_utf8_lossy(member));
            }),
            ValueRef::NS(set) => self.set(set, |text, member| {
                text.put(&number_of(member).to_string());
            }),
            ValueRef::BS(set) => self.set(set, |text, member| {
                text.buffer(member);
            }),
            ValueRef::L(list) => self.list(list.iter(), JavaText::value),
            ValueRef::M(map) => self.map(map),
        }
    }

    fn set(&mut self, set: SetRef<'_>, put: impl FnMut(&mut Self, &[u8])) -> &mut Self {
        self.list(set.iter(), put)
    }

    fn buffer(&mut self, bytes: &[u8]) -> &mut Self {
        let length = bytes.len();
        self.put(&format!("java.nio.HeapByteBuffer[pos=0 lim={length} cap={length}]"))
    }
}

fn field_of(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::S(_) => "s",
        ValueRef::N(_) => "n",
        ValueRef::B(_) => "b",
        ValueRef::SS(_) => "sS",
        ValueRef::NS(_) => "nS",
        ValueRef::BS(_) => "bS",
        ValueRef::M(_) => "m",
        ValueRef::L(_) => "l",
        ValueRef::Null => "nULL",
        ValueRef::Bool(_) => "bOOL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        let attributes: Attributes = wire::json::decode(json.as_bytes()).unwrap();
        let mut text = JavaText::default();
        text.attributes(Some(&attributes));
        let text = text.finish().replace("AttributeValue(", "(");
        FIELDS.iter().fold(text, |text, field| text.replace(&format!(", {field}=null"), ""))
    }

    #[test]
    fn every_type() {
        for (json, shown) in [
            (r#"{"a":{"N":"1.0"}}"#, "n=1"),
            (r#"{"a":{"B":"AAEC"}}"#, "b=java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]"),
            (r#"{"a":{"SS":["y","x"]}}"#, "sS=[x, y]"),
            (r#"{"a":{"NULL":true}}"#, "nULL=true"),
        ] {
            assert!(text(json).contains(shown), "{json}: {}", text(json));
        }
        assert!(text(r#"{"a":{"M":{"b":{"L":[{"S":"x"}]}}}}"#).contains("m={b=(s=null, l=[(s=x)])}"));
    }

    #[test]
    fn in_the_order_of_a_hash_table() {
        let json = r#"{"ss":{"SS":["a"]},"b":{"BOOL":true},"nul":{"NULL":true},"bin":{"B":"AAEC"},"pk":{"S":"p"},
            "l":{"L":[]},"m":{"M":{}}}"#;
        assert_eq!(
            text(json),
            "{ss=(s=null, sS=[a]), b=(s=null, bOOL=true), nul=(s=null, nULL=true), bin=(s=null, \
             b=java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]), pk=(s=p), l=(s=null, l=[]), m=(s=null, m={})}"
        );
    }

    #[test]
    fn one_megabyte_at_most() {
        let mut text = JavaText::default();
        text.list(0..100_000, |text, _| {
            text.put("é--------------------");
        });
        let text = text.finish();
        assert!(text.ends_with("...") && text.len() <= BYTES_MAX + 3 && text.len() > BYTES_MAX - 30);
    }
}
