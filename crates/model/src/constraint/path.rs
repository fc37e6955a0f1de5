//! The path of a member: a chain on the stack, so that nothing is allocated unless a constraint is broken.

use std::fmt;

/// The steps from the request to a member.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The request itself.
    Root,
    /// A member of a structure.
    Member(&'a Path<'a>, &'static str),
    /// An element of a list, counted from 1.
    Element(&'a Path<'a>, usize),
    /// The value of a map at a key.
    Value(&'a Path<'a>, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Member(Path::Root, name) => f.write_str(name),
            Path::Member(parent, name) => write!(f, "{parent}.{name}"),
            Path::Element(parent, position) => write!(f, "{parent}.{position}.member"),
            Path::Value(parent, key) => write!(f, "{parent}.{key}.member"),
        }
    }
}
