//! Random values, items, paths, conditions and updates that DynamoDB takes: what it refuses from the text
//! alone is the business of the golden cases.

use crate::condition::{Condition, Operand};
use crate::path::{Path, Step, first_name, top};
use crate::random::Random;
use crate::schema::{Attribute, Table};
use crate::update::{Term, Update};
use crate::value::{Item, Value};

/// Attributes that no index has. Some need an alias: they are reserved, or no identifier.
pub const FREE: [&str; 8] = ["v", "w", "m", "t", "n", "s", "size", "odd-name"];
const LETTERS: [&str; 6] = ["a", "b", "ab", "abc", "é", "🦀z"];
const NUMBERS: [i128; 9] = [0, 1_000, -1_500, 2_000, 10_000, 10, 1_200_000, -7_125, 99_999_999];
const LARGEST: i128 = 9 * 10_i128.pow(36) + 1;
const BYTES: [&[u8]; 6] = [&[0], &[0, 1], &[0, 0], &[1], &[255], &[1, 2, 3, 4]];
const RELATIONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
const TAGS: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

/// A value of a key attribute: few different ones, so that requests collide.
pub fn key_value(random: &mut Random, (name, tag): Attribute) -> Value {
    match (name, tag) {
        ("p", _) => Value::s(random.pick(&["a", "b", "c"])),
        (_, "S") => Value::s(random.pick(&["a", "ab", "a\0", "a\0b", "b", "é"])),
        ("q", _) => Value::N(random.pick(&NUMBERS[..6])),
        (_, "N") => Value::N(random.pick(&NUMBERS)),
        _ => Value::B(random.pick(&BYTES).to_vec()),
    }
}

/// The key of one of few items.
pub fn key(random: &mut Random, table: &Table) -> Item {
    table.key().into_iter().map(|attribute| (attribute.0.to_owned(), key_value(random, attribute))).collect()
}

fn string(random: &mut Random) -> String {
    match random.below(60) {
        0 => "long ".repeat(random.below(800)),
        1 => String::new(),
        _ => random.pick(&LETTERS).to_owned(),
    }
}

fn number(random: &mut Random) -> i128 {
    if random.chance(1) { LARGEST * random.pick(&[1, -1, 8]) } else { random.pick(&NUMBERS) }
}

/// A value of this type.
pub fn value_of(random: &mut Random, tag: &str, depth: usize) -> Value {
    let count = 1 + random.below(3);
    match tag {
        "S" => Value::S(string(random)),
        "N" => Value::N(number(random)),
        "B" => Value::B(random.pick(&BYTES).to_vec()),
        "BOOL" => Value::Bool(random.chance(50)),
        "SS" => Value::Ss((0..count).map(|_| random.pick(&LETTERS).to_owned()).collect()),
        "NS" => Value::Ns((0..count).map(|_| random.pick(&NUMBERS)).collect()),
        "BS" => Value::Bs((0..count).map(|_| random.pick(&BYTES).to_vec()).collect()),
        "L" if depth < 3 => Value::L((1..count + 1).map(|_| value(random, depth + 1)).collect()),
        "M" if depth < 3 => Value::M(map(random, depth)),
        _ => Value::Null,
    }
}

fn map(random: &mut Random, depth: usize) -> Item {
    ["x", "y", "t"]
        .into_iter()
        .filter_map(|name| {
            random.maybe(60, |random| {
                let tag = if name == "t" { "L" } else { random.pick(&TAGS) };
                (name.to_owned(), value_of(random, tag, depth + 1))
            })
        })
        .collect()
}

/// Any value.
pub fn value(random: &mut Random, depth: usize) -> Value {
    let tag = random.pick(&TAGS);
    value_of(random, tag, depth)
}

/// Any value for a key of an index, but none that is too long for one.
fn stray(random: &mut Random) -> Value {
    let value = value(random, 0);
    if value.size() > 100 { Value::Null } else { value }
}

/// A value an attribute usually has: so that paths and arithmetic mostly find what they need.
pub fn usual(random: &mut Random, name: &str) -> Value {
    let tag = match name {
        "m" => "M",
        "t" => "L",
        "n" => "N",
        "s" => "SS",
        _ => return value(random, 0),
    };
    if random.chance(90) { value_of(random, tag, 0) } else { value(random, 0) }
}

/// An item with this key.
pub fn item(random: &mut Random, table: &Table, key: Item, faulty: bool) -> Item {
    let mut item = key;
    for attribute in table.index_attributes() {
        if random.chance(65) {
            let wrong = faulty && random.chance(2);
            let value = if wrong { stray(random) } else { key_value(random, attribute) };
            item.insert(attribute.0.to_owned(), value);
        }
    }
    for attribute in table.removed_attributes() {
        if random.chance(65) {
            let any = random.chance(10);
            let value = if any { stray(random) } else { key_value(random, attribute) };
            item.insert(attribute.0.to_owned(), value);
        }
    }
    for name in FREE {
        if random.chance(30) {
            item.insert(name.to_owned(), usual(random, name));
        }
    }
    item
}

/// A path that begins with this attribute.
pub fn path(random: &mut Random, name: &str) -> Path {
    let mut path = top(name);
    let mut at = if random.chance(40) { name } else { "" };
    while matches!(at, "m" | "t") && path.len() < 4 {
        let (step, next) = if at == "m" {
            let name = random.pick(&["x", "y", "t"]);
            (Step::Name(name.to_owned()), if name == "t" { "t" } else { "m" })
        } else {
            (Step::Index(random.below(4)), "m")
        };
        path.push(step);
        at = if random.chance(30) { next } else { "" };
    }
    path
}

fn is_apart(one: &Path, other: &Path) -> bool {
    let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let steps = (one.get(common), other.get(common));
    match steps {
        (Some(a), Some(b)) => matches!(a, Step::Name(_)) == matches!(b, Step::Name(_)),
        _ => false,
    }
}

/// Paths of which none leads into another.
pub fn paths(random: &mut Random, names: &[&str], count: usize) -> Vec<Path> {
    let mut paths: Vec<Path> = vec![];
    for _ in 0..count {
        let name = random.pick(names);
        let next = path(random, name);
        if paths.iter().all(|path| is_apart(path, &next)) {
            paths.push(next);
        }
    }
    paths
}

/// A literal of this type, or now and then another attribute than the first.
fn operand(random: &mut Random, names: &[&str], first: &Path, tag: &str) -> Operand {
    let name = random.pick(names);
    if random.chance(20) && name != first_name(first) {
        return if random.chance(80) { Operand::Path(top(name)) } else { Operand::Size(top(name)) };
    }
    Operand::Value(value_of(random, tag, 0))
}

/// A condition on these attributes.
pub fn condition(random: &mut Random, names: &[&str], depth: usize) -> Condition {
    let name = random.pick(names);
    let path = if FREE.contains(&name) { path(random, name) } else { top(name) };
    let scalar = random.pick(&["S", "N", "B"]);
    let nested = |random: &mut Random| Box::new(condition(random, names, depth + 1));
    match random.below(if depth < 2 { 16 } else { 12 }) {
        0 | 1 => Condition::Exists(path),
        2 => Condition::NotExists(path),
        3 => Condition::Type(path, random.pick(&TAGS)),
        4 => {
            let tag = random.pick(&["S", "B"]);
            Condition::BeginsWith(path, Operand::Value(value_of(random, tag, 0)))
        }
        5 => Condition::Contains(path.clone(), operand(random, names, &path, scalar)),
        6 => between(random, names, path, scalar),
        7 => {
            let list = (0..1 + random.below(3)).map(|_| match random.below(4) {
                0 => operand(random, names, &path, scalar),
                _ => Operand::Value(usual(random, name)),
            });
            let list = list.collect();
            Condition::In(Operand::Path(path), list)
        }
        8 => Condition::Compare(
            Operand::Size(path),
            random.pick(&RELATIONS),
            Operand::Value(Value::N(random.below(4) as i128 * 1000)),
        ),
        9 => {
            let other = operand(random, names, &path, scalar);
            let (left, right) = (Operand::Path(path), other);
            let is_turned = random.chance(40);
            let (left, right) = if is_turned { (right, left) } else { (left, right) };
            Condition::Compare(left, random.pick(&RELATIONS), right)
        }
        10 | 11 => {
            let value = usual(random, name);
            let relations = if value.is_scalar() { &RELATIONS[..] } else { &RELATIONS[..2] };
            Condition::Compare(Operand::Path(path), random.pick(relations), Operand::Value(value))
        }
        12 => Condition::And(nested(random), nested(random)),
        13 | 14 => Condition::Or(nested(random), nested(random)),
        _ => Condition::Not(nested(random)),
    }
}

/// Two literals are in order; a bound may be another attribute, so may be what is between.
fn between(random: &mut Random, names: &[&str], path: Path, tag: &str) -> Condition {
    let (a, b) = (value_of(random, tag, 0), value_of(random, tag, 0));
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    match random.below(6) {
        0 => {
            let high = operand(random, names, &path, tag);
            Condition::Between(Operand::Value(low), Operand::Path(path), high)
        }
        1 => {
            let other = operand(random, names, &path, tag);
            match other {
                Operand::Value(_) => Condition::Exists(path),
                other => Condition::Between(Operand::Path(path), other, Operand::Value(high)),
            }
        }
        _ => Condition::Between(Operand::Path(path), Operand::Value(low), Operand::Value(high)),
    }
}

/// An update that names no key attribute.
pub fn update(random: &mut Random, table: &Table) -> Update {
    let index: Vec<_> = table.index_attributes();
    let mut update = Update::default();
    let mut names = FREE.to_vec();
    if random.chance(40) {
        names.extend(index.iter().map(|(name, _)| *name));
    }
    let count = 1 + random.below(4);
    for path in paths(random, &names, count) {
        let key = index.iter().find(|(name, _)| path == top(name));
        match (key, random.below(10)) {
            (_, 0 | 1) => update.remove.push(path),
            (Some(attribute), _) => {
                let value = if random.chance(3) { stray(random) } else { key_value(random, *attribute) };
                update.set.push((path, Term::Value(value)));
            }
            (_, 2) => {
                let tag = if path == top("n") { "N" } else { random.pick(&["N", "SS", "NS", "BS"]) };
                update.add.push((path, value_of(random, tag, 0)));
            }
            (_, 3) => {
                let tag = if path == top("s") { "SS" } else { random.pick(&["SS", "NS", "BS"]) };
                update.delete.push((path, value_of(random, tag, 0)));
            }
            _ => {
                let term = term(random, &path);
                update.set.push((path, term));
            }
        }
    }
    update
}

fn term(random: &mut Random, target: &Path) -> Term {
    let name = random.pick(&FREE);
    let from = path(random, name);
    match random.below(10) {
        0 => Term::Path(from),
        1 => {
            let other = match random.below(4) {
                0 => Term::Path(top(name)),
                1 => Term::IfNotExists(top("v"), Box::new(Term::Value(value(random, 0)))),
                2 => Term::ListAppend(lists(random, target), lists(random, target)),
                _ => Term::Value(value(random, 0)),
            };
            Term::IfNotExists(from, Box::new(other))
        }
        2 => Term::Sum(numbers(random, target), numbers(random, target)),
        3 => Term::Difference(numbers(random, target), numbers(random, target)),
        4 | 5 => Term::ListAppend(lists(random, target), lists(random, target)),
        _ => Term::Value(usual(random, first_name(target))),
    }
}

/// An operand of arithmetic: usually a number; a literal always is.
fn numbers(random: &mut Random, target: &Path) -> Box<Term> {
    match random.below(8) {
        0 => Box::new(Term::Sum(part(random, target, "n", "N"), part(random, target, "n", "N"))),
        1 => Box::new(Term::Difference(part(random, target, "n", "N"), part(random, target, "n", "N"))),
        _ => part(random, target, "n", "N"),
    }
}

/// An operand of list_append: one of two is short, so that lists do not grow without end.
fn lists(random: &mut Random, target: &Path) -> Box<Term> {
    if random.chance(60) {
        return Box::new(Term::Value(Value::L(vec![value(random, 2)])));
    }
    part(random, target, "t", "L")
}

/// An operand that is usually of this type; as a literal it always is.
fn part(random: &mut Random, target: &Path, name: &str, tag: &str) -> Box<Term> {
    let from = if random.chance(80) { top(name) } else { target.clone() };
    let literal = Box::new(Term::Value(value_of(random, tag, 1)));
    match random.below(6) {
        0 => Box::new(Term::Path(from)),
        1..=3 => Box::new(Term::IfNotExists(from, literal)),
        _ => literal,
    }
}
