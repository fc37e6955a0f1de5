//! An attribute value as one line of text for people. Nothing a value holds reaches the terminal as a command.

use serde_json::Value;
use std::fmt::Write;

/// The text of an attribute value (`{"S": "x"}` and so on).
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

fn write(out: &mut String, value: &Value) {
    let Some((tag, inner)) = value.as_object().and_then(|tagged| tagged.iter().next()) else {
        return write_text(out, &value.to_string());
    };
    match (tag.as_str(), inner) {
        ("S", Value::String(text)) => quote(out, text),
        ("N", Value::String(number)) => write_text(out, number),
        ("B", Value::String(base64)) => write_binary(out, base64),
        ("NULL", _) => out.push_str("null"),
        ("L", Value::Array(values)) => list(out, ('[', ']'), values, write),
        ("SS", Value::Array(texts)) => list(out, ('{', '}'), texts, |out, text| quote(out, plain(text))),
        ("NS", Value::Array(numbers)) => {
            list(out, ('{', '}'), numbers, |out, number| write_text(out, plain(number)))
        }
        ("BS", Value::Array(binaries)) => {
            list(out, ('{', '}'), binaries, |out, binary| write_binary(out, plain(binary)))
        }
        ("M", Value::Object(members)) => {
            let members: Vec<_> = members.iter().collect();
            list(out, ('{', '}'), &members, |out, (name, value)| {
                out.push_str(&self::name(name));
                out.push_str(": ");
                write(out, value);
            });
        }
        (_, other) => write_text(out, &other.to_string()),
    }
}

fn list<T>(out: &mut String, (open, close): (char, char), values: &[T], write: impl Fn(&mut String, &T)) {
    out.push(open);
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        write(out, value);
    }
    out.push(close);
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn write_binary(out: &mut String, base64: &str) {
    out.push_str("base64:");
    write_text(out, base64);
}

/// The name of an attribute: as it is where it is a word, else in quotes.
pub(super) fn name(name: &str) -> String {
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-:#@/$".contains(c));
    if is_word {
        return name.to_owned();
    }
    let mut out = String::new();
    quote(&mut out, name);
    out
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other => push_safe(out, other),
        }
    }
    out.push('"');
}

fn write_text(out: &mut String, text: &str) {
    text.chars().for_each(|character| push_safe(out, character));
}

/// Controls of terminals and of the direction of text become escapes.
fn push_safe(out: &mut String, character: char) {
    let turns_text =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turns_text {
        _ = write!(out, "\\u{:04x}", u32::from(character));
    } else {
        out.push(character);
    }
}

/// At most so many characters; what is cut off is marked.
pub(super) fn clip(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    text.chars().take(characters_max.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_type() {
        for (value, expect) in [
            (json!({"S": "a \"b\"\n"}), r#""a \"b\"\n""#),
            (json!({"N": "1.5"}), "1.5"),
            (json!({"B": "AAE="}), "base64:AAE="),
            (json!({"BOOL": true}), "true"),
            (json!({"NULL": true}), "null"),
            (json!({"L": [{"S": "x"}, {"N": "1"}]}), r#"["x", 1]"#),
            (json!({"M": {"a": {"N": "1"}, "b c": {"L": []}}}), r#"{a: 1, "b c": []}"#),
            (json!({"SS": ["b", "a"]}), r#"{"b", "a"}"#),
            (json!({"NS": ["1", "2"]}), "{1, 2}"),
            (json!({"BS": ["AA=="]}), "{base64:AA==}"),
            (json!(3), "3"),
        ] {
            assert_eq!(text(&value), expect);
        }
    }

    #[test]
    fn terminals_are_not_commanded() {
        let hostile = json!({"S": "\u{1b}[2J\u{9b}1m\u{7f}\u{202e}x"});
        assert_eq!(text(&hostile), r#""\u001b[2J\u009b1m\u007f\u202ex""#);
        assert_eq!(name("a\u{1b}"), r#""a\u001b""#);
        assert_eq!(text(&json!({"N": "\u{1b}"})), r"\u001b");
    }

    #[test]
    fn long_texts_are_clipped() {
        assert_eq!(clip("äbcdef", 4), "äbc…");
        assert_eq!(clip("äbc", 3), "äbc");
    }
}
