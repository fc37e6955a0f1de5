//! What differs between the old and the new image of an item: whole attributes, and inside of maps, lists and sets
//! only what was changed there.

use super::value::name;
use serde_json::{Map, Value, json};

/// One difference. Without an old value it was added, without a new one it was removed.
#[derive(Debug, PartialEq)]
pub(super) struct Change {
    /// Where: `address.city`, `tags[2]`.
    pub(super) path: String,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

/// The differences between two images, attribute by attribute in the order of their names.
pub(super) fn between(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    members(&mut changes, "", old.as_object(), new.as_object());
    changes
}

fn members(
    changes: &mut Vec<Change>,
    prefix: &str,
    old: Option<&Map<String, Value>>,
    new: Option<&Map<String, Value>>,
) {
    let mut names: Vec<&String> = old.into_iter().chain(new).flat_map(Map::keys).collect();
    names.sort_unstable();
    names.dedup();
    for member in names {
        let path = if prefix.is_empty() { name(member) } else { format!("{prefix}.{}", name(member)) };
        let of = |image: Option<&Map<String, Value>>| image.and_then(|image| image.get(member)).cloned();
        compare(changes, path, of(old), of(new));
    }
}

fn compare(changes: &mut Vec<Change>, path: String, old: Option<Value>, new: Option<Value>) {
    if old == new {
        return;
    }
    if let (Some(before), Some(after)) = (&old, &new) {
        if let (Value::Object(before), Value::Object(after)) = (&before["M"], &after["M"]) {
            return members(changes, &path, Some(before), Some(after));
        }
        if let (Value::Array(before), Value::Array(after)) = (&before["L"], &after["L"]) {
            return elements(changes, &path, before, after);
        }
        for tag in ["SS", "NS", "BS"] {
            if let (Value::Array(before), Value::Array(after)) = (&before[tag], &after[tag]) {
                return set(changes, path, tag, before, after);
            }
        }
    }
    changes.push(Change { path, old, new });
}

/// Lists: what both begin and end with is left out; what is between is compared place by place where it is of one
/// length, else it is gone and new.
fn elements(changes: &mut Vec<Change>, path: &str, old: &[Value], new: &[Value]) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let at = |place: usize| format!("{path}[{}]", start + place);
    if old.len() == new.len() {
        for (place, (old, new)) in old.iter().zip(new).enumerate() {
            compare(changes, at(place), Some(old.clone()), Some(new.clone()));
        }
        return;
    }
    let gone = old.iter().enumerate().map(|(place, value)| Change {
        path: at(place),
        old: Some(value.clone()),
        new: None,
    });
    let come = new.iter().enumerate().map(|(place, value)| Change {
        path: at(place),
        old: None,
        new: Some(value.clone()),
    });
    changes.extend(gone.chain(come));
}

fn set(changes: &mut Vec<Change>, path: String, tag: &str, old: &[Value], new: &[Value]) {
    let without = |these: &[Value], those: &[Value]| {
        let rest: Vec<&Value> = these.iter().filter(|value| !those.contains(value)).collect();
        (!rest.is_empty()).then(|| json!({ tag: rest }))
    };
    let (gone, come) = (without(old, new), without(new, old));
    if let Some(gone) = gone {
        changes.push(Change { path: path.clone(), old: Some(gone), new: None });
    }
    if let Some(come) = come {
        changes.push(Change { path, old: None, new: Some(come) });
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::text;
    use super::*;

    fn check(old: Value, new: Value, expect: &[&str]) {
        let line = |change: &Change| {
            let side = |value: &Option<Value>| value.as_ref().map_or("∅".to_owned(), text);
            format!("{} {} → {}", change.path, side(&change.old), side(&change.new))
        };
        let lines: Vec<String> = between(&old, &new).iter().map(line).collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn attributes_come_go_and_change() {
        check(
            json!({"a": {"N": "1"}, "b": {"S": "x"}, "c": {"BOOL": true}}),
            json!({"a": {"N": "2"}, "c": {"BOOL": true}, "d": {"NULL": true}}),
            &["a 1 → 2", "b \"x\" → ∅", "d ∅ → null"],
        );
        check(Value::Null, json!({"a": {"N": "1"}}), &["a ∅ → 1"]);
        check(json!({"a": {"N": "1"}}), json!({"a": {"S": "1"}}), &["a 1 → \"1\""]);
    }

    #[test]
    fn inside_of_documents() {
        check(
            json!({"m": {"M": {"x": {"N": "1"}, "deep er": {"M": {"y": {"N": "1"}}}}}}),
            json!({"m": {"M": {"x": {"N": "1"}, "deep er": {"M": {"y": {"N": "2"}}}}}}),
            &["m.\"deep er\".y 1 → 2"],
        );
        let list =
            |values: &[&str]| json!({"l": {"L": values.iter().map(|v| json!({"N": v})).collect::<Vec<_>>()}});
        check(list(&["1", "2", "3"]), list(&["1", "9", "3"]), &["l[1] 2 → 9"]);
        check(list(&["1", "3"]), list(&["1", "2", "3"]), &["l[1] ∅ → 2"]);
        check(list(&["1", "2", "3"]), list(&["3"]), &["l[0] 1 → ∅", "l[1] 2 → ∅"]);
    }

    #[test]
    fn sets_whatever_their_order() {
        let set = |texts: &[&str]| json!({"s": {"SS": texts}});
        check(set(&["a", "b"]), set(&["b", "a"]), &[]);
        check(set(&["a", "b"]), set(&["b", "c"]), &["s {\"a\"} → ∅", "s ∅ → {\"c\"}"]);
    }
}
