//! JSON as the form of the query protocol: `Dimensions.member.1.Name=TableName`.

use super::marked;
use serde_json::Value;

/// The form of an operation.
pub(super) fn write(action: &str, version: &str, input: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action);
    form.append_pair("Version", version);
    append(&mut form, "", input);
    form.finish()
}

fn append(form: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    if let Some(bytes) = marked(value, "$blob") {
        return append(form, name, bytes);
    }
    if let Some(Value::Object(entries)) = marked(value, "$map") {
        for (place, (key, value)) in (1..).zip(entries) {
            form.append_pair(&below(&format!("entry.{place}.key")), key);
            append(form, &below(&format!("entry.{place}.value")), value);
        }
        return;
    }
    match value {
        Value::Null => {}
        Value::Array(list) if list.is_empty() => _ = form.append_pair(name, ""),
        Value::Array(list) => {
            for (place, element) in (1..).zip(list) {
                append(form, &below(&format!("member.{place}")), element);
            }
        }
        Value::Object(members) => members.iter().for_each(|(part, value)| append(form, &below(part), value)),
        Value::String(text) => _ = form.append_pair(name, text),
        scalar => _ = form.append_pair(name, &scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn structures_lists_and_maps() {
        let input =
            json!({"A": [{"B": 1, "C": true}, {"B": 2}], "M": {"$map": {"k": "v"}}, "E": [], "N": null});
        assert_eq!(
            write("Do", "1", &input),
            "Action=Do&Version=1&A.member.1.B=1&A.member.1.C=true&A.member.2.B=2&M.entry.1.key=k&M.entry.1.value=v&E="
        );
    }
}
