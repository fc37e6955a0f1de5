//! Any text is an expression or refused; what resolves can be evaluated on any item.

use expr::{Kind, Parameters, Usage};
use std::collections::BTreeMap;
use types::{Item, ItemBuilder, Value, ValueBuf};

fn item() -> Item {
    let list = Value::L(vec![Value::S("x".into()), Value::N(7.into())]);
    let map = Value::M([("b".to_owned(), list.clone())].into());
    ItemBuilder::new()
        .put("a", &map)
        .put("l", &list)
        .put("n", &Value::N(3.into()))
        .put("s", &Value::S("é".into()))
        .build()
}

/// The text of an expression, tried as each kind.
pub fn expressions(text: &str) {
    let names: BTreeMap<String, String> =
        [("#a".to_owned(), "a".to_owned()), ("#n".to_owned(), "n".to_owned())].into();
    let value = |value: Value| ValueBuf::from(&value);
    let values: BTreeMap<String, ValueBuf> = [
        (":n".to_owned(), value(Value::N(1.into()))),
        (":s".to_owned(), value(Value::S("x".into()))),
        (":l".to_owned(), value(Value::L(vec![Value::Null]))),
        (":t".to_owned(), value(Value::SS(["a".to_owned()].into()))),
    ]
    .into();
    let parameters = Parameters { names: Some(&names), values: Some(&values) };
    let (mut usage, item) = (Usage::default(), item());
    if let Ok(parsed) = expr::condition::parse(text, Kind::Condition) {
        let _ = parsed.check_statics(&parameters);
        if let Ok(condition) = parsed.resolve(&parameters, &mut usage) {
            let _ = condition.matches(item.as_ref());
        }
    }
    if let Ok(parsed) = expr::update::parse(text)
        && let Ok(update) = parsed.resolve(&parameters, &mut usage)
        && let Ok(updated) = update.apply(item.as_ref())
    {
        let _ = (updated.updated_old(), updated.updated_new());
    }
    if let Ok(parsed) = expr::projection::parse(text)
        && let Ok(projection) = parsed.resolve(&parameters, &mut usage)
    {
        let _ = projection.apply(item.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_expressions() {
        let samples: [&[u8]; 5] = [
            b"a = :s AND (n BETWEEN :n AND :n OR NOT contains(l, :s))",
            b"SET #a.b[0] = if_not_exists(#n, :n) + :n, l = list_append(l, :l) REMOVE s ADD n :n DELETE t :t",
            b"#a.b[1], l[0], n, s",
            b"attribute_type(a, :s) AND size(#a.b) IN (:n, :s) AND begins_with(s, :s)",
            b"((((((a <> :n))))))",
        ];
        each(&samples, 5_000, |input| super::expressions(&String::from_utf8_lossy(input)));
    }
}
