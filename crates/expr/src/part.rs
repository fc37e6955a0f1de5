//! Part of a document on its way into a new one: bytes that are copied unchanged, or a container rebuilt around
//! such bytes.

use types::{SortedMapWriter, encode};

pub(crate) enum Part<'v> {
    /// An encoded value (tag, length, payload).
    Whole(&'v [u8]),
    Map(SortedMapWriter),
    List(ListWriter),
}

impl Part<'_> {
    pub(crate) fn append_to(self, out: &mut Vec<u8>) {
        match self {
            Part::Whole(encoded) => out.extend_from_slice(encoded),
            Part::Map(map) => map.finish_value(out),
            Part::List(list) => encode::put_list(out, list.count, &list.elements),
        }
    }
}

/// The elements of a list, encoded one after another.
#[derive(Default)]
pub(crate) struct ListWriter {
    count: usize,
    elements: Vec<u8>,
}

impl ListWriter {
    pub(crate) fn push(&mut self, element: Part<'_>) {
        element.append_to(&mut self.elements);
        self.count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn len_bytes(&self) -> usize {
        self.elements.len()
    }
}
