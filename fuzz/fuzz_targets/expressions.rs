//! Any text is an expression or refused; what resolves can be evaluated on any item.
#![no_main]

use expr::{Kind, Parameters, Usage};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use types::{Item, ItemBuilder, Value, ValueBuf};

fn item() -> Item {
    let list = Value::L(vec![Value::S("x".into()), Value::N(7.into())]);
    let map = Value::M([("b".to_owned(), list.clone())].into());
    ItemBuilder::new().put("a", &map).put("l", &list).put("n", &Value::N(3.into())).put("s", &Value::S("é".into())).build()
}

fuzz_target!(|text: &str| {
    let names: BTreeMap<String, String> = [("#a".to_owned(), "a".to_owned()), ("#n".to_owned(), "n".to_owned())].into();
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
});
