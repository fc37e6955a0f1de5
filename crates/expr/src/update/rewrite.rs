//! Writes an item anew with edits at some of its paths. What no edit touches is copied as bytes; recursion
//! is bounded by the length of paths.

use crate::error::UpdateError;
use crate::part::{ListWriter, Part};
use crate::path::{self, Element};
use crate::update::evaluate::{Edit, Outcome};
use stdx::limits::NESTING_LEVELS_MAX;
use types::{Item, ListRef, MapRef, SortedMapWriter, ValueRef};

/// The item with the edits, which are sorted by path.
pub(super) fn rewrite(old: MapRef<'_>, edits: &[Edit<'_>]) -> Result<Item, UpdateError> {
    let mut bytes = Vec::new();
    rewrite_map(old, edits, 0)?.finish(&mut bytes);
    Ok(Item::from_canonical(bytes))
}

fn rewrite_map(map: MapRef<'_>, edits: &[Edit<'_>], depth: usize) -> Result<SortedMapWriter, UpdateError> {
    let (mut writer, mut position) = (SortedMapWriter::with_room_for(map), 0);
    for (element, group) in path::groups(edits, depth) {
        let Element::Name(name) = element else { return Err(UpdateError::InvalidPath) };
        let (at, old) = match map.find(name) {
            Ok(at) => (at, Some(map.value_bytes(at))),
            Err(at) => (at, None),
        };
        writer.copy(map, position..at);
        position = at + usize::from(old.is_some());
        if let Some(part) = rewrite_value(old, group, depth + 1)? {
            part.append_to(writer.entry(name));
        }
    }
    writer.copy(map, position..map.len());
    Ok(writer)
}

/// The replacement of a value that all these edits lead to or into.
fn rewrite_value<'v>(
    old: Option<&'v [u8]>,
    edits: &'v [Edit<'_>],
    depth: usize,
) -> Result<Option<Part<'v>>, UpdateError> {
    if edits[0].path.elements().len() == depth {
        return outcome(&edits[0].outcome, depth);
    }
    match old.map(ValueRef::read) {
        Some(ValueRef::M(map)) => Ok(Some(Part::Map(rewrite_map(map, edits, depth)?))),
        Some(ValueRef::L(list)) => Ok(Some(Part::List(rewrite_list(list, edits, depth)?))),
        _ => Err(UpdateError::InvalidPath),
    }
}

fn outcome<'v>(outcome: &'v Outcome<'_>, depth: usize) -> Result<Option<Part<'v>>, UpdateError> {
    let Outcome::Put(encoded) = outcome else { return Ok(None) };
    let containers = depth - 1 + ValueRef::read(encoded).nesting_levels();
    if containers > NESTING_LEVELS_MAX { Err(UpdateError::Nesting) } else { Ok(Some(Part::Whole(encoded))) }
}

/// Indexes refer to the old list: removed elements leave no gap, and what is put past the end is appended in
/// the order of the indexes.
fn rewrite_list(list: ListRef<'_>, edits: &[Edit<'_>], depth: usize) -> Result<ListWriter, UpdateError> {
    let mut writer = ListWriter::default();
    let mut rest = list.iter_bytes().enumerate().peekable();
    for (element, group) in path::groups(edits, depth) {
        let Element::Index(index) = element else { return Err(UpdateError::InvalidPath) };
        while let Some((_, untouched)) = rest.next_if(|(at, _)| *at < *index as usize) {
            writer.push(Part::Whole(untouched));
        }
        let old = rest.next().map(|(_, encoded)| encoded);
        if let Some(part) = rewrite_value(old, group, depth + 1)? {
            writer.push(part);
        }
    }
    rest.for_each(|(_, untouched)| writer.push(Part::Whole(untouched)));
    Ok(writer)
}
