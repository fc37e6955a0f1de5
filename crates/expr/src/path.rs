//! Document paths: `a.b[3].c` with every alias replaced. Resolving one in an item allocates nothing.

use std::fmt;
use types::{ListRef, MapRef, ValueRef};

/// Elements a path may have.
pub const PATH_ELEMENTS_MAX: usize = 32;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// An attribute, at the top or of a map.
    Name(String),
    /// An element of a list.
    Index(u32),
}

/// A document path. The first element is a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Element>);

impl Path {
    /// A path of these elements, of which the first must be a name.
    pub fn new(elements: Vec<Element>) -> Path {
        assert!(matches!(elements.first(), Some(Element::Name(_))), "a path begins with a name");
        Path(elements)
    }

    /// The path of a top-level attribute, whatever characters its name has.
    pub fn top_level(name: impl Into<String>) -> Path {
        Path(vec![Element::Name(name.into())])
    }

    /// The steps, first to last.
    pub fn elements(&self) -> &[Element] {
        &self.0
    }

    /// The top-level attribute the path begins at.
    pub fn top_level_name(&self) -> &str {
        match &self.0[0] {
            Element::Name(name) => name,
            Element::Index(_) => unreachable!("a path begins with a name"),
        }
    }

    /// Whether the path leads into an attribute rather than naming one.
    pub fn is_nested(&self) -> bool {
        self.0.len() > 1
    }

    /// The value at the path.
    pub fn find<'v>(&self, item: MapRef<'v>) -> Option<ValueRef<'v>> {
        self.find_bytes(item).map(ValueRef::read)
    }

    /// The encoded value (tag, length, payload) at the path: for copying without decoding.
    pub fn find_bytes<'v>(&self, item: MapRef<'v>) -> Option<&'v [u8]> {
        let mut value = item.get_bytes(self.top_level_name())?;
        for element in &self.0[1..] {
            value = element.step(value)?;
        }
        Some(value)
    }

    /// How the two paths exclude each other, if they do.
    pub(crate) fn clash(&self, other: &Path) -> Option<Clash> {
        for (mine, theirs) in self.0.iter().zip(&other.0) {
            match (mine, theirs) {
                (Element::Name(_), Element::Index(_)) | (Element::Index(_), Element::Name(_)) => {
                    return Some(Clash::Conflict);
                }
                _ if mine != theirs => return None,
                _ => {}
            }
        }
        Some(Clash::Overlap)
    }
}

/// How two paths of one expression exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// One is the other, or leads into it.
    Overlap,
    /// One treats as a map what the other treats as a list.
    Conflict,
}

impl Element {
    fn step<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        match (self, ValueRef::read(value)) {
            (Element::Name(name), ValueRef::M(map)) => map.get_bytes(name),
            (Element::Index(index), ValueRef::L(list)) => element_bytes(list, *index),
            _ => None,
        }
    }
}

fn element_bytes(list: ListRef<'_>, index: u32) -> Option<&[u8]> {
    let index = index as usize;
    if index < list.len() { list.iter_bytes().nth(index) } else { None }
}

/// As error messages show it: `[a, b, [3], c]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, element) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match element {
                Element::Name(name) => write!(f, "{comma}{name}")?,
                Element::Index(index) => write!(f, "{comma}[{index}]")?,
            }
        }
        f.write_str("]")
    }
}

/// The first clash among paths in the order they were written: an overlap anywhere goes before a conflict.
pub(crate) fn first_clash<'p>(paths: &[&'p Path]) -> Option<(Clash, &'p Path, &'p Path)> {
    let mut conflict = None;
    for (i, second) in paths.iter().enumerate() {
        for first in &paths[..i] {
            match first.clash(second) {
                Some(Clash::Overlap) => return Some((Clash::Overlap, first, second)),
                Some(Clash::Conflict) => conflict = conflict.or(Some((Clash::Conflict, *first, *second))),
                None => {}
            }
        }
    }
    conflict
}

/// Groups `items` by the step of their paths at `depth`, one slice for each step. Their paths are sorted and
/// all longer than `depth`.
pub(crate) fn groups<T: AsRef<Path>>(items: &[T], depth: usize) -> impl Iterator<Item = (&Element, &[T])> {
    items
        .chunk_by(move |a, b| a.as_ref().elements()[depth] == b.as_ref().elements()[depth])
        .map(move |group| (&group[0].as_ref().elements()[depth], group))
}

impl AsRef<Path> for Path {
    fn as_ref(&self) -> &Path {
        self
    }
}
