//! Items as trees of values: equality, order, DynamoDB's sizes, and the JSON they travel as.

use crate::number::{self, Number};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// An item.
pub type Item = BTreeMap<String, Value>;

/// A value of one of the ten types. Within S, N and B the order is that of keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    S(String),
    N(Number),
    B(Vec<u8>),
    Bool(bool),
    Null,
    Ss(BTreeSet<String>),
    Ns(BTreeSet<Number>),
    Bs(BTreeSet<Vec<u8>>),
    L(Vec<Value>),
    M(Item),
}

impl Value {
    /// A string.
    pub fn s(text: &str) -> Value {
        Value::S(text.to_owned())
    }

    /// How the type is called on the wire.
    pub fn tag(&self) -> &'static str {
        match self {
            Value::S(_) => "S",
            Value::N(_) => "N",
            Value::B(_) => "B",
            Value::Bool(_) => "BOOL",
            Value::Null => "NULL",
            Value::Ss(_) => "SS",
            Value::Ns(_) => "NS",
            Value::Bs(_) => "BS",
            Value::L(_) => "L",
            Value::M(_) => "M",
        }
    }

    /// Whether it may be compared by order, and be a key.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Value::S(_) | Value::N(_) | Value::B(_))
    }

    /// Whether it is a string or binary of no length.
    pub fn is_empty_key(&self) -> bool {
        *self == Value::S(String::new()) || *self == Value::B(vec![])
    }

    /// How many containers enclose its deepest leaf, itself included.
    pub fn depth(&self) -> usize {
        match self {
            Value::L(list) => 1 + list.iter().map(Value::depth).max().unwrap_or(0),
            Value::M(map) => 1 + map.values().map(Value::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The bytes it is billed as.
    pub fn size(&self) -> usize {
        match self {
            Value::S(text) => text.len(),
            Value::N(n) => number::size(*n),
            Value::B(bytes) => bytes.len(),
            Value::Bool(_) | Value::Null => 1,
            Value::Ss(set) => set.iter().map(String::len).sum(),
            Value::Ns(set) => set.iter().map(|n| number::size(*n)).sum(),
            Value::Bs(set) => set.iter().map(Vec::len).sum(),
            Value::L(list) => 3 + list.iter().map(|value| 1 + value.size()).sum::<usize>(),
            Value::M(map) => 3 + map.len() + item_size(map),
        }
    }

    /// As it is sent.
    pub fn to_json(&self) -> Json {
        let inner = match self {
            Value::S(text) => json!(text),
            Value::N(n) => json!(number::text(*n)),
            Value::B(bytes) => json!(base64(bytes)),
            Value::Bool(flag) => json!(flag),
            Value::Null => json!(true),
            Value::Ss(set) => json!(set),
            Value::Ns(set) => set.iter().map(|n| json!(number::text(*n))).collect(),
            Value::Bs(set) => set.iter().map(|bytes| json!(base64(bytes))).collect(),
            Value::L(list) => list.iter().map(Value::to_json).collect(),
            Value::M(map) => item_json(map),
        };
        Json::Object(Map::from_iter([(self.tag().to_owned(), inner)]))
    }

    /// As it came back; anything but the one proper form is an error.
    pub fn from_json(json: &Json) -> Result<Value, String> {
        let fail = || format!("no value: {json}");
        let object = json.as_object().filter(|object| object.len() == 1).ok_or_else(fail)?;
        let (tag, inner) = object.iter().next().ok_or_else(fail)?;
        let text = || inner.as_str().ok_or_else(fail);
        let list = || inner.as_array().ok_or_else(fail);
        Ok(match tag.as_str() {
            "S" => Value::s(text()?),
            "N" => Value::N(number::parse(text()?)?),
            "B" => Value::B(from_base64(text()?)?),
            "BOOL" => Value::Bool(inner.as_bool().ok_or_else(fail)?),
            "NULL" if *inner == json!(true) => Value::Null,
            "SS" => Value::Ss(set(list()?, |text| Ok(text.to_owned()))?),
            "NS" => Value::Ns(set(list()?, number::parse)?),
            "BS" => Value::Bs(set(list()?, from_base64)?),
            "L" => Value::L(list()?.iter().map(Value::from_json).collect::<Result<_, _>>()?),
            "M" => Value::M(item_from_json(inner)?),
            _ => return Err(fail()),
        })
    }
}

/// The bytes an item is billed as.
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// An item as it is sent.
pub fn item_json(item: &Item) -> Json {
    Json::Object(item.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
}

/// An item as it came back.
pub fn item_from_json(json: &Json) -> Result<Item, String> {
    let object = json.as_object().ok_or_else(|| format!("no item: {json}"))?;
    object.iter().map(|(name, value)| Ok((name.clone(), Value::from_json(value)?))).collect()
}

fn set<T: Ord>(list: &[Json], read: impl Fn(&str) -> Result<T, String>) -> Result<BTreeSet<T>, String> {
    let members: BTreeSet<T> =
        list.iter().map(|member| read(member.as_str().unwrap_or("no text"))).collect::<Result<_, _>>()?;
    if members.is_empty() || members.len() != list.len() {
        return Err(format!("a set is neither empty nor has duplicates: {list:?}"));
    }
    Ok(members)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0, 0]).take(3).fold(0usize, |word, byte| word << 8 | *byte as usize);
        for place in 0..4 {
            let letter = char::from(ALPHABET[word >> (18 - 6 * place) & 63]);
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

fn from_base64(text: &str) -> Result<Vec<u8>, String> {
    let (mut word, mut bits, mut out) = (0usize, 0, vec![]);
    for letter in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter);
        word = word << 6 | value.ok_or_else(|| format!("no base64: {text}"))?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits & 255) as u8);
        }
    }
    if base64(&out) == text { Ok(out) } else { Err(format!("no proper base64: {text}")) }
}

#[test]
fn values_travel() {
    for bytes in [vec![], vec![0], vec![255, 1], vec![1, 2, 3], vec![9; 7]] {
        assert_eq!(from_base64(&base64(&bytes)), Ok(bytes));
    }
    let item = Item::from([("l".to_owned(), Value::L(vec![Value::Null, Value::M(Item::new())]))]);
    assert_eq!(item_size(&item), 1 + 3 + (1 + 1) + (1 + 3));
    assert_eq!(item_from_json(&item_json(&item)), Ok(item));
}
