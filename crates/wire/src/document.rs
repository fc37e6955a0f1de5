//! A value of a service that speaks several protocols: a tree between the protocol's syntax and the operation's
//! shapes. Reading follows a [`Schema`](crate::schema::Schema), so a document always has the types of its shape, and
//! what the shape does not know is passed over. Depth and number of values are bounded by this module, not by what a
//! request holds. DynamoDB's requests never become documents.

mod cbor;
mod events;
mod form;
mod json;
mod text;
mod timestamp;
mod xml;

pub use cbor::{read_cbor, read_cbor_in_millis, write_cbor, write_cbor_in_millis};
pub use events::{DocumentEvents, Events};
pub use form::Form;
pub use json::{read_json, write_json};
pub use text::{read_text, write_text};
pub use xml::{XmlWriter, read_xml};

use std::collections::BTreeMap;

/// How deep structures, lists and maps may lie in each other.
pub const DEPTH_MAX: usize = 32;
/// How many values one document may have.
const VALUES_MAX: usize = 250_000;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number, or a point in time in seconds.
    Double(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// A list.
    List(Vec<Document>),
    /// A map.
    Map(Vec<(String, Document)>),
    /// A structure: the members that are there.
    Structure(Vec<(&'static str, Document)>),
}

/// A type that becomes a document and back.
pub trait Documented: Sized {
    /// From a document of the type's schema; `None` from any other.
    fn from_document(document: Document) -> Option<Self>;

    /// To a document.
    fn into_document(self) -> Document;
}

/// A generated structure.
pub trait Structured: Documented {
    /// Its table.
    const SCHEMA: &'static crate::schema::Structure;

    /// The events that it has beside its members.
    fn take_events(&mut self) -> Option<DocumentEvents> {
        None
    }
}

/// Bytes in a shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

impl Document {
    /// A structure of the members that have a value, which are taken.
    pub fn structure(members: &mut [(&'static str, Option<Document>)]) -> Document {
        let present = members.iter_mut().filter_map(|(name, value)| Some((*name, value.take()?)));
        Document::Structure(present.collect())
    }

    /// Of two members of one name the last counts.
    fn put(members: &mut Vec<(&'static str, Document)>, name: &'static str, value: Document) {
        members.retain(|(known, _)| *known != name);
        members.push((name, value));
    }

    /// The members of a structure.
    pub fn members(self) -> Option<Members> {
        match self {
            Document::Structure(members) => Some(Members(members)),
            _ => None,
        }
    }
}

/// The members of a structure that were not taken yet.
#[derive(Debug)]
pub struct Members(Vec<(&'static str, Document)>);

impl Members {
    /// Takes a member.
    pub fn take<T: Documented>(&mut self, name: &str) -> Option<T> {
        T::from_document(self.take_document(name)?)
    }

    fn take_document(&mut self, name: &str) -> Option<Document> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

/// A part of a document that is being read: how deep it lies, and how many values may still come.
#[derive(Debug)]
struct Bounds {
    depth: usize,
    values: usize,
}

impl Bounds {
    fn new() -> Self {
        Bounds { depth: 0, values: 0 }
    }

    /// Counts a value; `None` where there are too many.
    fn count(&mut self) -> Option<()> {
        self.values += 1;
        (self.values <= VALUES_MAX).then_some(())
    }

    /// Enters a level; `None` where it is too deep.
    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEPTH_MAX).then_some(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

macro_rules! scalar {
    ($type:ty, $variant:ident) => {
        impl Documented for $type {
            fn from_document(document: Document) -> Option<Self> {
                match document {
                    Document::$variant(value) => Some(value),
                    _ => None,
                }
            }

            fn into_document(self) -> Document {
                Document::$variant(self)
            }
        }
    };
}

scalar!(bool, Bool);
scalar!(i64, Integer);
scalar!(f64, Double);
scalar!(String, Text);

impl Documented for Blob {
    fn from_document(document: Document) -> Option<Self> {
        match document {
            Document::Blob(bytes) => Some(Blob(bytes)),
            _ => None,
        }
    }

    fn into_document(self) -> Document {
        Document::Blob(self.0)
    }
}

// Loops, where adapters would be shorter: this is compiled for each of a thousand shapes.

impl<T: Documented> Documented for Vec<T> {
    fn from_document(document: Document) -> Option<Self> {
        let Document::List(elements) = document else { return None };
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            values.push(T::from_document(element)?);
        }
        Some(values)
    }

    fn into_document(self) -> Document {
        let mut elements = Vec::with_capacity(self.len());
        for value in self {
            elements.push(value.into_document());
        }
        Document::List(elements)
    }
}

impl<T: Documented> Documented for BTreeMap<String, T> {
    fn from_document(document: Document) -> Option<Self> {
        let Document::Map(entries) = document else { return None };
        let mut values = BTreeMap::new();
        for (key, value) in entries {
            values.insert(key, T::from_document(value)?);
        }
        Some(values)
    }

    fn into_document(self) -> Document {
        let mut entries = Vec::with_capacity(self.len());
        for (key, value) in self {
            entries.push((key, value.into_document()));
        }
        Document::Map(entries)
    }
}

#[cfg(test)]
mod tests;
