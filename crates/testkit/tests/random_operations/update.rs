//! Updates: their structure, their text, and what they make of an item. Everything is read from the item as
//! it was; lists lose elements last, so that every index means the old place.

use crate::number;
use crate::path::{Path, Step, at, project};
use crate::text::Text;
use crate::value::{Item, Value};

const BAD_TYPE: &str = "An operand in the update expression has an incorrect data type";
const BAD_PATH: &str = "The document path provided in the update expression is invalid for update";
const MISSING: &str = "The provided expression refers to an attribute that does not exist in the item";

/// An update.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub set: Vec<(Path, Term)>,
    pub remove: Vec<Path>,
    pub add: Vec<(Path, Value)>,
    pub delete: Vec<(Path, Value)>,
}

/// What SET computes.
#[derive(Debug, Clone)]
pub enum Term {
    Path(Path),
    Value(Value),
    IfNotExists(Path, Box<Term>),
    ListAppend(Box<Term>, Box<Term>),
    Sum(Box<Term>, Box<Term>),
    Difference(Box<Term>, Box<Term>),
}

/// What an update did.
pub struct Updated {
    pub item: Item,
    /// The values at the targets before and after.
    pub updated_old: Item,
    pub updated_new: Item,
}

/// What a target becomes: `None` removes it.
type Effect = (Path, Option<Value>);

impl Update {
    /// Applies it, or returns every message that would be a correct refusal.
    pub fn apply(&self, old: &Item) -> Result<Updated, Vec<&'static str>> {
        let results = self.effects(old);
        let (effects, faults): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        let mut faults: Vec<_> = faults.into_iter().filter_map(Result::err).collect();
        let effects: Vec<Effect> = effects.into_iter().filter_map(Result::ok).collect();
        faults.extend(self.targets().filter(|path| !is_place(old, path)).map(|_| BAD_PATH));
        if !faults.is_empty() {
            return Err(faults);
        }
        let targets: Vec<Path> = self.targets().cloned().collect();
        let item = rewritten(old, &effects);
        Ok(Updated { updated_old: project(old, &targets), updated_new: project(&item, &targets), item })
    }

    /// Such an update creates no item.
    pub fn only_removes(&self) -> bool {
        self.set.is_empty() && self.add.is_empty() && !(self.remove.is_empty() && self.delete.is_empty())
    }

    fn targets(&self) -> impl Iterator<Item = &Path> {
        let set = self.set.iter().map(|(path, _)| path);
        set.chain(&self.remove).chain(self.add.iter().chain(&self.delete).map(|(path, _)| path))
    }

    fn effects(&self, old: &Item) -> Vec<Result<Effect, &'static str>> {
        let set = self.set.iter().map(|(path, term)| Ok((path.clone(), Some(term.value(old)?))));
        let remove = self.remove.iter().map(|path| Ok((path.clone(), None)));
        let add = self.add.iter().map(|(path, value)| Ok((path.clone(), Some(added(at(old, path), value)?))));
        let delete =
            self.delete.iter().map(|(path, value)| Ok((path.clone(), deleted(at(old, path), value)?)));
        set.chain(remove).chain(add).chain(delete).collect()
    }

    /// As an expression.
    pub fn text(&self, text: &mut Text<'_>) -> String {
        let set: Vec<_> = self
            .set
            .iter()
            .map(|(path, term)| format!("{} = {}", text.path(path), term.text(text)))
            .collect();
        let remove: Vec<_> = self.remove.iter().map(|path| text.path(path)).collect();
        let mut pairs = |list: &[(Path, Value)]| -> Vec<_> {
            list.iter().map(|(path, value)| format!("{} {}", text.path(path), text.value(value))).collect()
        };
        let (add, delete) = (pairs(&self.add), pairs(&self.delete));
        [("DELETE", delete), ("SET", set), ("REMOVE", remove), ("ADD", add)]
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(section, list)| format!("{section} {}", list.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Term {
    fn value(&self, old: &Item) -> Result<Value, &'static str> {
        match self {
            Term::Value(value) => Ok(value.clone()),
            Term::Path(path) => at(old, path).cloned().ok_or(MISSING),
            Term::IfNotExists(path, other) => at(old, path).cloned().map_or_else(|| other.value(old), Ok),
            Term::ListAppend(left, right) => match (left.value(old)?, right.value(old)?) {
                (Value::L(left), Value::L(right)) => Ok(Value::L([left, right].concat())),
                _ => Err(BAD_TYPE),
            },
            Term::Sum(left, right) => match (left.value(old)?, right.value(old)?) {
                (Value::N(left), Value::N(right)) => number::sum(left, right).map(Value::N),
                _ => Err(BAD_TYPE),
            },
            Term::Difference(left, right) => match (left.value(old)?, right.value(old)?) {
                (Value::N(left), Value::N(right)) => number::sum(left, -right).map(Value::N),
                _ => Err(BAD_TYPE),
            },
        }
    }

    fn text(&self, text: &mut Text<'_>) -> String {
        match self {
            Term::Value(value) => text.value(value),
            Term::Path(path) => text.path(path),
            Term::IfNotExists(path, other) => {
                format!("if_not_exists({}, {})", text.path(path), other.text(text))
            }
            Term::ListAppend(left, right) => {
                format!("list_append({}, {})", left.text(text), right.text(text))
            }
            Term::Sum(left, right) => format!("{} + {}", left.group(text), right.group(text)),
            Term::Difference(left, right) => format!("{} - {}", left.group(text), right.group(text)),
        }
    }

    fn group(&self, text: &mut Text<'_>) -> String {
        let inner = self.text(text);
        match self {
            Term::Sum(..) | Term::Difference(..) => format!("({inner})"),
            _ => inner,
        }
    }
}

fn added(old: Option<&Value>, value: &Value) -> Result<Value, &'static str> {
    match (old, value) {
        (None, _) => Ok(value.clone()),
        (Some(Value::N(a)), Value::N(b)) => number::sum(*a, *b).map(Value::N),
        (Some(Value::Ss(a)), Value::Ss(b)) => Ok(Value::Ss(a | b)),
        (Some(Value::Ns(a)), Value::Ns(b)) => Ok(Value::Ns(a | b)),
        (Some(Value::Bs(a)), Value::Bs(b)) => Ok(Value::Bs(a | b)),
        _ => Err(BAD_TYPE),
    }
}

/// What is left of a set; nothing if no member is.
fn deleted(old: Option<&Value>, value: &Value) -> Result<Option<Value>, &'static str> {
    match (old, value) {
        (None, _) => Ok(None),
        (Some(Value::Ss(a)), Value::Ss(b)) => Ok(Some(a - b).filter(|set| !set.is_empty()).map(Value::Ss)),
        (Some(Value::Ns(a)), Value::Ns(b)) => Ok(Some(a - b).filter(|set| !set.is_empty()).map(Value::Ns)),
        (Some(Value::Bs(a)), Value::Bs(b)) => Ok(Some(a - b).filter(|set| !set.is_empty()).map(Value::Bs)),
        _ => Err(BAD_TYPE),
    }
}

/// Whether the containers a path leads through are there, and are what the path takes them for.
fn is_place(item: &Item, path: &Path) -> bool {
    let Some((last, parent)) = path.split_last() else { return false };
    parent.is_empty()
        || matches!(
            (at(item, parent), last),
            (Some(Value::M(_)), Step::Name(_)) | (Some(Value::L(_)), Step::Index(_))
        )
}

fn rewritten(old: &Item, effects: &[Effect]) -> Item {
    let mut effects: Vec<_> = effects.iter().collect();
    effects.sort();
    let mut root = Value::M(old.clone());
    for (path, value) in &effects {
        if let Some(value) = value {
            put(&mut root, path, value);
        }
    }
    for (path, value) in effects.iter().rev() {
        if value.is_none() && at(old, path).is_some() {
            remove(&mut root, path);
        }
    }
    match root {
        Value::M(item) => item,
        _ => Item::new(),
    }
}

fn inner<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match (value, step) {
        (Value::M(map), Step::Name(name)) => map.get_mut(name),
        (Value::L(list), Step::Index(index)) => list.get_mut(*index),
        _ => None,
    })
}

fn put(root: &mut Value, path: &Path, value: &Value) {
    let Some((last, parent)) = path.split_last() else { return };
    match (inner(root, parent), last) {
        (Some(Value::M(map)), Step::Name(name)) => {
            map.insert(name.clone(), value.clone());
        }
        (Some(Value::L(list)), Step::Index(index)) if *index < list.len() => list[*index] = value.clone(),
        (Some(Value::L(list)), Step::Index(_)) => list.push(value.clone()),
        _ => {}
    }
}

fn remove(root: &mut Value, path: &Path) {
    let Some((last, parent)) = path.split_last() else { return };
    match (inner(root, parent), last) {
        (Some(Value::M(map)), Step::Name(name)) => {
            map.remove(name);
        }
        (Some(Value::L(list)), Step::Index(index)) => {
            list.remove(*index);
        }
        _ => {}
    }
}
