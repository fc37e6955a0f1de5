//! Projections. Clients want each value under the position of its path, and put documents together themselves.
//!
//! DynamoDB's answer has the documents already put together, with lists closed up; so where a path goes into a list,
//! whole attributes are asked for and the paths are followed here.

use crate::codec::Fault;
use crate::codec::expression::{Element, Paths, Placeholders};
use crate::codec::value::put_value;
use crate::codec::writer::{put_int, put_map};
use std::collections::BTreeMap;
use types::{MapRef, ValueRef};

/// A projection of a request.
#[derive(Debug)]
pub(super) struct Projection {
    paths: Paths,
}

/// A projection as an input has it: the text, and the names in it.
pub(super) type Text = (Option<String>, Option<BTreeMap<String, String>>);

impl Projection {
    /// Reads one, and writes it as a text with names among these placeholders.
    pub(super) fn read(bytes: &[u8], placeholders: &mut Placeholders) -> Result<(Projection, String), Fault> {
        let (text, paths) = placeholders.projection(bytes)?;
        Ok((Projection { paths }, text))
    }

    /// Whether whole attributes must be asked for.
    pub(super) fn goes_into_lists(&self) -> bool {
        self.paths.iter().flatten().any(|element| matches!(element, Element::Index(_)))
    }

    /// The names of the whole attributes.
    pub(super) fn attributes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for path in &self.paths {
            if let Some(Element::Name(name)) = path.first()
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// Appends the map from position to value of an item.
    pub(super) fn put(&self, item: MapRef<'_>, out: &mut Vec<u8>) {
        let found: Vec<_> = self.paths.iter().map(|path| find(item, path)).enumerate().collect();
        let found = found.into_iter().filter_map(|(at, value)| value.map(|value| (at, value)));
        let found: Vec<_> = found.collect();
        put_map(out, found.len());
        for (at, value) in found {
            put_int(out, at as i64);
            put_value(out, value);
        }
    }
}

fn find<'i>(item: MapRef<'i>, path: &[Element]) -> Option<ValueRef<'i>> {
    let (Element::Name(first), rest) = path.split_first()? else { return None };
    rest.iter().try_fold(item.get(first)?, |value, element| match (value, element) {
        (ValueRef::M(map), Element::Name(name)) => map.get(name),
        (ValueRef::L(list), Element::Index(index)) => list.get(usize::try_from(*index).ok()?),
        _ => None,
    })
}

/// A projection on whole attributes, with names of its own (`#p0`, …).
pub(super) fn of_attributes(names: &[&str]) -> Text {
    let aliases = (0..names.len()).map(|at| format!("#p{at}"));
    let text = aliases.clone().collect::<Vec<_>>().join(",");
    let names = aliases.zip(names).map(|(alias, name)| (alias, (*name).to_owned())).collect();
    (Some(text), Some(names))
}

/// The same in place of a projection that goes into lists, beside the names that other expressions use.
pub(super) fn instead_of(
    projection: &Projection,
    others: &[&Option<String>],
    names: Option<BTreeMap<String, String>>,
) -> Text {
    let (text, own) = of_attributes(&projection.attributes());
    let is_used = |alias: &str| others.iter().copied().flatten().any(|text| uses(text, alias));
    let kept = names.into_iter().flatten().filter(|(alias, _)| is_used(alias));
    (text, own.map(|own| own.into_iter().chain(kept).collect()))
}

/// Whether an expression names this alias, and not one that only begins like it.
fn uses(text: &str, alias: &str) -> bool {
    let goes_on = |at: usize| text.as_bytes().get(at + alias.len()).is_some_and(u8::is_ascii_digit);
    text.match_indices(alias).any(|(at, _)| !goes_on(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_used_as_a_whole() {
        assert!(uses("#1=:0", "#1") && uses("#10=:0 AND #1=:1", "#1") && !uses("#10=:0", "#1"));
    }
}
