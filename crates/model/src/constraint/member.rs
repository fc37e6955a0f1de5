//! One member under check: a chain of rules, each adding a violation if it is broken.

use super::{Echo, Length, Path, Violation, expression};
use std::collections::BTreeMap;

/// A structure whose members have rules. Implemented by generated code.
pub(crate) trait Checked {
    /// Its Java class, which an echo prints.
    const CLASS: &'static str;

    /// Appends the broken constraints; `path` is the path of the structure.
    fn check(&self, path: &Path<'_>, out: &mut Vec<Violation>);
}

/// A member or a part of one. An absent one satisfies every rule but `required`.
pub(crate) struct Member<'a, T> {
    value: Option<&'a T>,
    path: Path<'a>,
    out: &'a mut Vec<Violation>,
}

/// A member of the structure at `path`.
pub(crate) fn member<'a, T>(
    path: &'a Path<'a>,
    name: &'static str,
    value: &'a Option<T>,
    out: &'a mut Vec<Violation>,
) -> Member<'a, T> {
    Member { value: value.as_ref(), path: Path::Member(path, name), out }
}

/// The characters of names of tables and indexes.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// The pattern of namespaces: anything that does not begin with a colon.
pub(crate) fn has_no_colon_first(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(':')
}

/// The characters of keys and values of tags: letters, numbers and spaces of any script, and some signs.
pub(crate) fn is_tag_text(text: &str) -> bool {
    let takes = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    text.chars().all(takes)
}

/// The same, at least one.
pub(crate) fn is_tag_key(text: &str) -> bool {
    !text.is_empty() && is_tag_text(text)
}

/// A name of an alias, which no number is: that would be a version.
pub(crate) fn is_alias(text: &str) -> bool {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.bytes().all(takes) && !text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The characters of names of buckets.
pub(crate) fn is_bucket_name(text: &str) -> bool {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    text.bytes().all(takes) && !text.ends_with('.')
}

impl<T> Member<'_, T> {
    pub(crate) fn required(self) -> Self {
        if self.value.is_none() {
            violate(&self.path, Some("null".to_owned()), "Member must not be null".to_owned(), self.out);
        }
        self
    }
}

impl<T: Echo + Length> Member<'_, T> {
    pub(crate) fn length(self, min: Option<i64>, max: Option<i64>) -> Self {
        let length = self.value.map(|value| value.length() as i64);
        self.bounds("length", length, min, max)
    }
}

impl<T: Echo> Member<'_, T> {
    fn bounds(mut self, what: &str, amount: Option<i64>, min: Option<i64>, max: Option<i64>) -> Self {
        for constraint in broken_bounds(what, amount, min, max) {
            self.refuse(constraint);
        }
        self
    }

    fn refuse(&mut self, constraint: String) {
        let value = self.value.map(|value| format!("'{}'", value.echo()));
        violate(&self.path, value, constraint, self.out);
    }
}

fn broken_bounds(what: &str, amount: Option<i64>, min: Option<i64>, max: Option<i64>) -> Vec<String> {
    let Some(amount) = amount else { return Vec::new() };
    let above = max.filter(|max| amount > *max).map(|max| at_most(what, max));
    let below = min.filter(|min| amount < *min).map(|min| at_least(what, min));
    above.into_iter().chain(below).collect()
}

fn violate(path: &Path<'_>, value: Option<String>, constraint: String, out: &mut Vec<Violation>) {
    out.push(Violation { path: path.to_string(), value, constraint });
}

fn at_least(what: &str, min: i64) -> String {
    format!("Member must have {what} greater than or equal to {min}")
}

fn at_most(what: &str, max: i64) -> String {
    format!("Member must have {what} less than or equal to {max}")
}

impl Member<'_, String> {
    pub(crate) fn pattern(mut self, pattern: &str, matches: fn(&str) -> bool) -> Self {
        if self.value.is_some_and(|text| !matches(text)) {
            self.refuse(format!("Member must satisfy regular expression pattern: {pattern}"));
        }
        self
    }

    /// The same with a regular expression.
    pub(crate) fn expression(self, pattern: &'static str) -> Self {
        let Some(text) = self.value else { return self };
        let matches = expression::matches(pattern, text);
        self.pattern(pattern, if matches { |_| true } else { |_| false })
    }

    pub(crate) fn one_of(mut self, values: &[&str]) -> Self {
        if self.value.is_some_and(|text| !values.contains(&text.as_str())) {
            self.refuse(format!("Member must satisfy enum value set: [{}]", values.join(", ")));
        }
        self
    }
}

impl Member<'_, i64> {
    pub(crate) fn range(self, min: Option<i64>, max: Option<i64>) -> Self {
        let value = self.value.copied();
        self.bounds("value", value, min, max)
    }
}

impl<T: Checked> Member<'_, T> {
    pub(crate) fn nested(self) -> Self {
        if let Some(structure) = self.value {
            structure.check(&self.path, self.out);
        }
        self
    }
}

impl<T> Member<'_, Vec<T>> {
    pub(crate) fn each(self, check: impl Fn(Member<'_, T>)) -> Self {
        let Some(elements) = self.value else { return self };
        for index in 0..elements.len() {
            let path = Path::Element(&self.path, index + 1);
            check(Member { value: elements.get(index), path, out: self.out });
        }
        self
    }
}

impl<T> Member<'_, BTreeMap<String, T>> {
    pub(crate) fn each_value(self, check: impl Fn(Member<'_, T>)) -> Self {
        for (key, value) in self.value.into_iter().flatten() {
            let path = Path::Value(&self.path, key);
            check(Member { value: Some(value), path, out: self.out });
        }
        self
    }
}

impl<T: Echo> Member<'_, BTreeMap<String, Vec<T>>> {
    /// The length of every value; reported once, for the map.
    pub(crate) fn value_length(mut self, min: Option<i64>, max: Option<i64>) -> Self {
        let is_outside = |value: &Vec<T>| {
            let length = value.len() as i64;
            min.is_some_and(|min| length < min) || max.is_some_and(|max| length > max)
        };
        if self.value.is_some_and(|map| map.values().any(is_outside)) {
            let bounds = [max.map(|max| at_most("length", max)), min.map(|min| at_least("length", min))];
            let bounds: Vec<String> = bounds.into_iter().flatten().collect();
            self.refuse(format!("Map value must satisfy constraint: [{}]", bounds.join(", ")));
        }
        self
    }
}
