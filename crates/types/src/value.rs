//! Values: the view of one in place ([`ValueRef`]), one that owns its bytes ([`ValueBuf`]), and the tree
//! that documents are edited in ([`Value`]).

use crate::encode;
use crate::item::{self, ListRef, MapRef, SetRef};
use crate::number::Number;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The ten types of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// String
    S,
    /// Number
    N,
    /// Binary
    B,
    /// Null
    Null,
    /// Boolean
    Bool,
    /// String set
    SS,
    /// Number set
    NS,
    /// Binary set
    BS,
    /// List
    L,
    /// Map
    M,
}

impl Type {
    /// The API's tag: `S`, `N`, `B`, `NULL`, `BOOL`, `SS`, `NS`, `BS`, `L`, `M`.
    pub fn tag(self) -> &'static str {
        match self {
            Type::S => "S",
            Type::N => "N",
            Type::B => "B",
            Type::Null => "NULL",
            Type::Bool => "BOOL",
            Type::SS => "SS",
            Type::NS => "NS",
            Type::BS => "BS",
            Type::L => "L",
            Type::M => "M",
        }
    }

    /// The type of an encoded value; its payload is not read.
    #[inline]
    pub fn of_encoded(encoded: &[u8]) -> Type {
        match Tag::from_byte(encoded[0]) {
            Tag::S => Type::S,
            Tag::N => Type::N,
            Tag::B => Type::B,
            Tag::Null => Type::Null,
            Tag::False | Tag::True => Type::Bool,
            Tag::SS => Type::SS,
            Tag::NS => Type::NS,
            Tag::BS => Type::BS,
            Tag::L => Type::L,
            Tag::M => Type::M,
        }
    }

    /// The type behind an API tag.
    pub fn from_tag(tag: &str) -> Option<Type> {
        Some(match tag {
            "S" => Type::S,
            "N" => Type::N,
            "B" => Type::B,
            "NULL" => Type::Null,
            "BOOL" => Type::Bool,
            "SS" => Type::SS,
            "NS" => Type::NS,
            "BS" => Type::BS,
            "L" => Type::L,
            "M" => Type::M,
            _ => return None,
        })
    }
}

/// First byte of an encoded value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    S = 1,
    N = 2,
    B = 3,
    Null = 4,
    False = 5,
    True = 6,
    SS = 7,
    NS = 8,
    BS = 9,
    L = 10,
    M = 11,
}

impl Tag {
    #[inline]
    pub(crate) fn from_byte(byte: u8) -> Tag {
        use Tag::*;
        [S, N, B, Null, False, True, SS, NS, BS, L, M][usize::from(byte) - 1]
    }
}

/// A value in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// String
    S(&'a str),
    /// Number
    N(Number),
    /// Binary
    B(&'a [u8]),
    /// Null
    Null,
    /// Boolean
    Bool(bool),
    /// String set
    SS(SetRef<'a>),
    /// Number set
    NS(SetRef<'a>),
    /// Binary set
    BS(SetRef<'a>),
    /// List
    L(ListRef<'a>),
    /// Map
    M(MapRef<'a>),
}

impl<'a> ValueRef<'a> {
    /// Views an encoded value (tag, length, payload).
    #[inline]
    pub fn read(encoded: &'a [u8]) -> Self {
        let (tag, payload) = item::split(encoded);
        match tag {
            Tag::S => ValueRef::S(item::text(payload)),
            Tag::N => ValueRef::N(Number::from_trusted(payload)),
            Tag::B => ValueRef::B(payload),
            Tag::Null => ValueRef::Null,
            Tag::False => ValueRef::Bool(false),
            Tag::True => ValueRef::Bool(true),
            Tag::SS => ValueRef::SS(SetRef::new(payload)),
            Tag::NS => ValueRef::NS(SetRef::new(payload)),
            Tag::BS => ValueRef::BS(SetRef::new(payload)),
            Tag::L => ValueRef::L(ListRef::new(payload)),
            Tag::M => ValueRef::M(MapRef::new(payload)),
        }
    }

    /// Its type.
    pub fn kind(self) -> Type {
        match self {
            ValueRef::S(_) => Type::S,
            ValueRef::N(_) => Type::N,
            ValueRef::B(_) => Type::B,
            ValueRef::Null => Type::Null,
            ValueRef::Bool(_) => Type::Bool,
            ValueRef::SS(_) => Type::SS,
            ValueRef::NS(_) => Type::NS,
            ValueRef::BS(_) => Type::BS,
            ValueRef::L(_) => Type::L,
            ValueRef::M(_) => Type::M,
        }
    }

    /// The tree of the value.
    pub fn to_value(self) -> Value {
        match self {
            ValueRef::S(s) => Value::S(s.to_owned()),
            ValueRef::N(n) => Value::N(n),
            ValueRef::B(b) => Value::B(b.to_vec()),
            ValueRef::Null => Value::Null,
            ValueRef::Bool(b) => Value::Bool(b),
            ValueRef::SS(set) => Value::SS(set.iter().map(|m| item::text(m).to_owned()).collect()),
            ValueRef::NS(set) => Value::NS(set.iter().map(Number::from_trusted).collect()),
            ValueRef::BS(set) => Value::BS(set.iter().map(<[u8]>::to_vec).collect()),
            ValueRef::L(list) => Value::L(list.iter().map(ValueRef::to_value).collect()),
            ValueRef::M(map) => {
                Value::M(map.iter().map(|(name, v)| (name.to_owned(), v.to_value())).collect())
            }
        }
    }
}

/// The bytes a key of this value sorts by: UTF-8, the canonical number, or the binary itself. `None` for a
/// type that cannot be a key. Takes the encoded value.
#[inline]
pub fn key_bytes(encoded: &[u8]) -> Option<&[u8]> {
    let is_key = [Tag::S as u8, Tag::N as u8, Tag::B as u8].contains(&encoded[0]);
    is_key.then(|| item::payload(encoded))
}

/// The UTF-8 bytes of an encoded string value, `None` for other types. For writers, which pass them on.
#[inline]
pub fn text_bytes(encoded: &[u8]) -> Option<&[u8]> {
    (encoded[0] == Tag::S as u8).then(|| item::payload(encoded))
}

/// The canonical bytes of an encoded number value, `None` for other types.
#[inline]
pub fn number_bytes(encoded: &[u8]) -> Option<&[u8]> {
    (encoded[0] == Tag::N as u8).then(|| item::payload(encoded))
}

impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

/// An encoded value that owns its bytes; equality is that of the value. Operands of expressions.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ValueBuf(Vec<u8>);

impl ValueBuf {
    /// Takes an encoded value (tag, length, payload) that a writer of this crate has made.
    pub fn from_encoded(bytes: Vec<u8>) -> Self {
        ValueBuf(bytes)
    }

    /// The encoded value.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A view of the value.
    pub fn as_ref(&self) -> ValueRef<'_> {
        ValueRef::read(&self.0)
    }
}

impl From<&Value> for ValueBuf {
    fn from(value: &Value) -> Self {
        let mut bytes = Vec::new();
        encode::put_value(&mut bytes, value);
        ValueBuf(bytes)
    }
}

impl fmt::Debug for ValueBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// A value as a tree: what an update edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// String
    S(String),
    /// Number
    N(Number),
    /// Binary
    B(Vec<u8>),
    /// Null
    Null,
    /// Boolean
    Bool(bool),
    /// String set
    SS(BTreeSet<String>),
    /// Number set
    NS(BTreeSet<Number>),
    /// Binary set
    BS(BTreeSet<Vec<u8>>),
    /// List
    L(Vec<Value>),
    /// Map
    M(BTreeMap<String, Value>),
}

impl Value {
    /// Its type.
    pub fn kind(&self) -> Type {
        match self {
            Value::S(_) => Type::S,
            Value::N(_) => Type::N,
            Value::B(_) => Type::B,
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Bool,
            Value::SS(_) => Type::SS,
            Value::NS(_) => Type::NS,
            Value::BS(_) => Type::BS,
            Value::L(_) => Type::L,
            Value::M(_) => Type::M,
        }
    }
}
