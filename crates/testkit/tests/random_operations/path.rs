//! Document paths: the value at a path, and items made of a few paths.

use crate::value::{Item, Value};
use std::collections::BTreeMap;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Name(String),
    Index(usize),
}

/// A path; its first step is a name.
pub type Path = Vec<Step>;

/// A path to a top-level attribute.
pub fn top(name: &str) -> Path {
    vec![Step::Name(name.to_owned())]
}

/// The top-level attribute it leads to or through.
pub fn first_name(path: &Path) -> &str {
    match &path[0] {
        Step::Name(name) => name,
        Step::Index(_) => "",
    }
}

/// The value at the path.
pub fn at<'a>(item: &'a Item, path: &[Step]) -> Option<&'a Value> {
    let Some((Step::Name(name), rest)) = path.split_first() else { return None };
    rest.iter().try_fold(item.get(name)?, |value, step| match (value, step) {
        (Value::M(map), Step::Name(name)) => map.get(name),
        (Value::L(list), Step::Index(index)) => list.get(*index),
        _ => None,
    })
}

/// The item that has these values at these paths and nothing else; elements of a list are adjacent, in the order of
/// their indexes.
fn fragment(pairs: &[(&[Step], &Value)]) -> Item {
    group(pairs)
        .into_iter()
        .filter_map(|(step, pairs)| match step {
            Step::Name(name) => Some((name, inside(&pairs))),
            Step::Index(_) => None,
        })
        .collect()
}

fn inside(pairs: &[(&[Step], &Value)]) -> Value {
    match pairs[0].0.first() {
        None => pairs[0].1.clone(),
        Some(Step::Name(_)) => Value::M(fragment(pairs)),
        Some(Step::Index(_)) => Value::L(group(pairs).values().map(|pairs| inside(pairs)).collect()),
    }
}

fn group<'a>(pairs: &[(&'a [Step], &'a Value)]) -> BTreeMap<Step, Vec<(&'a [Step], &'a Value)>> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for (path, value) in pairs {
        groups.entry(path[0].clone()).or_default().push((&path[1..], *value));
    }
    groups
}

/// The parts of the item at the paths.
pub fn project(item: &Item, paths: &[Path]) -> Item {
    let found: Vec<_> = paths.iter().filter_map(|path| Some((path.as_slice(), at(item, path)?))).collect();
    fragment(&found)
}
