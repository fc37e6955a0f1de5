//! Projections: which paths of an item to return. Absent paths are omitted; several elements of a list are
//! returned compacted, in the order of their indexes.

use crate::cursor::Cursor;
use crate::error::{ExprError, Fault, Kind};
use crate::parameters::{Parameters, Usage};
use crate::part::{ListWriter, Part};
use crate::path::{self, Element, Path};
use crate::syntax::RawPath;
use crate::syntax_check;
use types::{Item, ListRef, MapRef, SortedMapWriter, ValueRef};

/// A projection that has passed the checks that need no parameters.
#[derive(Debug, Clone)]
pub struct ParsedProjection<'a> {
    paths: Vec<RawPath<'a>>,
}

/// Reads a ProjectionExpression. Refuses, in this order: the empty expression, one that is too long, syntax
/// errors, reserved words, paths too deep.
pub fn parse(text: &str) -> Result<ParsedProjection<'_>, ExprError> {
    parse_paths(text).map(|paths| ParsedProjection { paths }).map_err(|fault| Kind::Projection.error(fault))
}

fn parse_paths(text: &str) -> Result<Vec<RawPath<'_>>, Fault> {
    let mut cursor = Cursor::new(text, &[])?;
    let mut paths = vec![cursor.path()?];
    while cursor.take(",") {
        paths.push(cursor.path()?);
    }
    if !cursor.is_at_end() {
        return Err(cursor.syntax_error());
    }
    syntax_check::reserved_words(paths.iter())?;
    syntax_check::path_depths(paths.iter())?;
    Ok(paths)
}

impl ParsedProjection<'_> {
    /// Replaces the aliases, then refuses paths that overlap or conflict.
    pub fn resolve(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<Projection, ExprError> {
        let paths = self.paths.iter().map(|path| path.resolve(parameters, usage));
        let paths = paths.collect::<Result<Vec<_>, _>>().map_err(|fault| Kind::Projection.error(fault))?;
        match path::first_clash(&paths.iter().collect::<Vec<_>>()) {
            Some(clash) => Err(Kind::Projection.error(Fault::path_clash(clash))),
            None => Ok(Projection::of(paths)),
        }
    }
}

/// The paths to return of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Sorted, so that paths with a common prefix are adjacent.
    paths: Vec<Path>,
}

impl Projection {
    /// The projection on whole top-level attributes (legacy AttributesToGet, key attributes).
    pub fn of_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Projection {
        let mut projection = Projection::of(names.into_iter().map(Path::top_level).collect());
        projection.paths.dedup();
        projection
    }

    /// Paths that neither overlap nor conflict.
    pub(crate) fn of(mut paths: Vec<Path>) -> Projection {
        paths.sort();
        Projection { paths }
    }

    /// The paths, sorted.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// The top-level attributes it touches, sorted, each once.
    pub fn top_level_names(&self) -> impl Iterator<Item = &str> {
        self.paths
            .chunk_by(|a, b| a.top_level_name() == b.top_level_name())
            .map(|group| group[0].top_level_name())
    }

    /// The projected part of an item.
    pub fn apply(&self, item: MapRef<'_>) -> Item {
        project(item, &self.paths)
    }
}

/// The part of an item at these sorted paths.
pub(crate) fn project(item: MapRef<'_>, paths: &[impl AsRef<Path>]) -> Item {
    let mut bytes = Vec::new();
    project_map(item, paths, 0).finish(&mut bytes);
    Item::from_canonical(bytes)
}

fn project_map(map: MapRef<'_>, paths: &[impl AsRef<Path>], depth: usize) -> SortedMapWriter {
    let mut writer = SortedMapWriter::default();
    for (element, group) in path::groups(paths, depth) {
        let Element::Name(name) = element else { continue };
        let part = map.get_bytes(name).and_then(|value| project_value(value, group, depth + 1));
        if let Some(part) = part {
            part.append_to(writer.entry(name));
        }
    }
    writer
}

fn project_value<'v>(value: &'v [u8], paths: &[impl AsRef<Path>], depth: usize) -> Option<Part<'v>> {
    if paths[0].as_ref().elements().len() == depth {
        return Some(Part::Whole(value));
    }
    match ValueRef::read(value) {
        ValueRef::M(map) => {
            let writer = project_map(map, paths, depth);
            (!writer.is_empty()).then_some(Part::Map(writer))
        }
        ValueRef::L(list) => {
            let writer = project_list(list, paths, depth);
            (!writer.is_empty()).then_some(Part::List(writer))
        }
        _ => None,
    }
}

fn project_list(list: ListRef<'_>, paths: &[impl AsRef<Path>], depth: usize) -> ListWriter {
    let mut writer = ListWriter::default();
    let (mut rest, mut position) = (list.iter_bytes(), 0);
    for (element, group) in path::groups(paths, depth) {
        let Element::Index(index) = element else { continue };
        let index = *index as usize;
        if index >= list.len() {
            break;
        }
        let part = rest.nth(index - position).and_then(|value| project_value(value, group, depth + 1));
        position = index + 1;
        if let Some(part) = part {
            writer.push(part);
        }
    }
    writer
}

#[cfg(test)]
mod tests;
