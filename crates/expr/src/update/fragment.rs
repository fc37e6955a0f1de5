//! What an update has put, as an item of the touched paths only: a nested target gives the containers
//! around it, elements of one list come compacted in the order of their indexes.

use crate::part::{ListWriter, Part};
use crate::path::{self, Element};
use crate::update::evaluate::{Edit, Outcome};
use types::{Item, SortedMapWriter};

/// The item of what the edits, sorted by path, have put.
pub(super) fn fragment(edits: &[Edit<'_>]) -> Item {
    let mut bytes = Vec::new();
    map_of(edits, 0).finish(&mut bytes);
    Item::from_canonical(bytes)
}

fn map_of(edits: &[Edit<'_>], depth: usize) -> SortedMapWriter {
    let mut writer = SortedMapWriter::default();
    for (element, group) in path::groups(edits, depth) {
        if let (Element::Name(name), Some(part)) = (element, value_of(group, depth + 1)) {
            part.append_to(writer.entry(name));
        }
    }
    writer
}

fn list_of(edits: &[Edit<'_>], depth: usize) -> ListWriter {
    let mut writer = ListWriter::default();
    path::groups(edits, depth)
        .filter_map(|(_, group)| value_of(group, depth + 1))
        .for_each(|part| writer.push(part));
    writer
}

fn value_of<'v>(edits: &'v [Edit<'_>], depth: usize) -> Option<Part<'v>> {
    match (edits[0].path.elements().get(depth), &edits[0].outcome) {
        (None, Outcome::Put(encoded)) => Some(Part::Whole(encoded)),
        (None, Outcome::Remove | Outcome::Nothing) => None,
        (Some(Element::Name(_)), _) => {
            Some(map_of(edits, depth)).filter(|map| !map.is_empty()).map(Part::Map)
        }
        (Some(Element::Index(_)), _) => {
            Some(list_of(edits, depth)).filter(|list| !list.is_empty()).map(Part::List)
        }
    }
}
