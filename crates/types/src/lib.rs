//! What a DynamoDB item is, independent of any wire format or store.
//!
//! One representation serves the request, the disk and the response: the *canonical bytes* ([`item`] shows
//! them). Attributes are sorted by name, numbers and sets have one spelling, so equality is a comparison of
//! bytes and looking up an attribute is a binary search. A tree ([`Value`]) is built only where a document
//! is edited. Pure: no IO, no JSON, no limits of requests.

pub mod encode;
pub mod item;
pub mod number;
pub mod size;
pub mod value;

pub use encode::{ItemBuilder, MapWriter, SortedMapWriter};
pub use item::{Item, ListRef, MapRef, SetRef};
pub use number::{Number, NumberError};
pub use value::{Type, Value, ValueBuf, ValueRef};
