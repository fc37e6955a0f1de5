//! Items as Ion text, in the types that DynamoDB gives their attributes: numbers are decimals, binary values blobs, and
//! sets lists with an annotation.

mod reader;

use crate::attribute::Attributes;
use crate::json::write_base64;
use crate::lines::{self, LineFault, PutLine};
use types::{MapRef, SetRef, ValueRef, number};

/// Words that are values and not names.
const KEYWORDS: [&str; 4] = ["null", "true", "false", "nan"];
/// Decimals below this power of ten are written with an exponent.
const SMALLEST_PLAIN: usize = 6;

/// Reads a struct whose field `Item` is an item.
///
/// # Errors
/// When it is none. Faults of values are in what is returned.
pub fn read_item(text: &[u8]) -> Result<Attributes, LineFault> {
    lines::read_json(&reader::to_json(text)?)
}

/// Reads a struct whose field `Item` is an item, with a condition beside it.
///
/// # Errors
/// As [`read_item`].
pub fn read_put(text: &[u8]) -> Result<PutLine, LineFault> {
    lines::read_json_put(&reader::to_json(text)?)
}

/// Appends attributes as a struct. Recursive: values are at most as deep as those that were read.
pub fn write_item(out: &mut Vec<u8>, attributes: MapRef<'_>) {
    out.push(b'{');
    for (at, (name, value)) in attributes.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_name(out, name);
        out.push(b':');
        write_value(out, value);
    }
    out.push(b'}');
}

/// Appends a whole number as a decimal.
pub fn write_whole(out: &mut Vec<u8>, number: u64) {
    write_decimal(out, number.to_string().as_bytes());
}

fn write_value(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Bool(true) => out.extend_from_slice(b"true"),
        ValueRef::Bool(false) => out.extend_from_slice(b"false"),
        ValueRef::S(text) => write_quoted(out, b'"', text),
        ValueRef::N(number) => write_number(out, number.as_bytes()),
        ValueRef::B(bytes) => write_blob(out, bytes),
        ValueRef::SS(set) => write_set(out, "SS", set, |out, text| {
            write_quoted(out, b'"', &String::from_utf8_lossy(text)); // canonical strings are UTF-8
        }),
        ValueRef::NS(set) => write_set(out, "NS", set, write_number),
        ValueRef::BS(set) => write_set(out, "BS", set, write_blob),
        ValueRef::L(list) => write_list(out, list.iter(), write_value),
        ValueRef::M(map) => write_item(out, map),
    }
}

fn write_list<T>(out: &mut Vec<u8>, values: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, value) in values.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, value);
    }
    out.push(b']');
}

fn write_set(out: &mut Vec<u8>, kind: &str, set: SetRef<'_>, write: impl Fn(&mut Vec<u8>, &[u8])) {
    out.extend_from_slice(b"$dynamodb_");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"::");
    write_list(out, set.iter(), write);
}

fn write_blob(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b"{{");
    write_base64(out, bytes);
    out.extend_from_slice(b"}}");
}

fn write_number(out: &mut Vec<u8>, canonical: &[u8]) {
    let mut plain = Vec::new();
    number::write_decimal(&mut plain, canonical);
    write_decimal(out, &plain);
}

/// Appends a number in its plain form, which has no needless zeros, as a decimal: one without a point or an exponent
/// would be an integer.
fn write_decimal(out: &mut Vec<u8>, plain: &[u8]) {
    let (sign, plain) = match plain.split_first() {
        Some((b'-', rest)) => (&b"-"[..], rest),
        _ => (&b""[..], plain),
    };
    out.extend_from_slice(sign);
    let zeros = plain.iter().rev().take_while(|digit| **digit == b'0').count();
    match plain.strip_prefix(b"0.") {
        Some(fraction) => {
            let leading = fraction.iter().take_while(|digit| **digit == b'0').count();
            match leading < SMALLEST_PLAIN {
                true => out.extend_from_slice(plain),
                false => {
                    out.extend_from_slice(&fraction[leading..]);
                    out.extend_from_slice(format!("d-{}", fraction.len()).as_bytes());
                }
            }
        }
        None if plain.contains(&b'.') => out.extend_from_slice(plain),
        None if zeros == 0 || plain == b"0" => {
            out.extend_from_slice(plain);
            out.push(b'.');
        }
        None => {
            out.extend_from_slice(&plain[..plain.len() - zeros]);
            out.extend_from_slice(format!("d{zeros}").as_bytes());
        }
    }
}

/// Appends the name of a field: quoted unless it is an identifier.
fn write_name(out: &mut Vec<u8>, name: &str) {
    match is_identifier(name) {
        true => out.extend_from_slice(name.as_bytes()),
        false => write_quoted(out, b'\'', name),
    }
}

/// A dollar and digits would be the number of a symbol.
fn is_identifier(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
    let is_number = name.strip_prefix('$').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
        && !is_number
        && !KEYWORDS.contains(&name)
}

fn write_quoted(out: &mut Vec<u8>, quote: u8, text: &str) {
    out.push(quote);
    for byte in text.bytes() {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte if byte == quote || byte == b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 | 0x7f => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
            byte => out.push(byte),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attributes;

    fn check(json: &str, expected: &str) {
        let mut out = Vec::new();
        let attributes: Attributes = crate::json::decode(json.as_bytes()).unwrap();
        write_item(&mut out, attributes.item.as_ref());
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{json}");
    }

    #[test]
    fn each_type_has_its_form() {
        check("{}", "{}");
        check(r#"{"a":{"S":"x\"y\\z\n\u0001é"}}"#, r#"{a:"x\"y\\z\n\x01é"}"#);
        check(r#"{"a":{"BOOL":true},"b":{"BOOL":false},"c":{"NULL":true}}"#, "{a:true,b:false,c:null}");
        check(
            r#"{"a":{"B":"AQI="},"b":{"L":[{"S":"x"},{"M":{"y":{"N":"1"}}}]}}"#,
            r#"{a:{{AQI=}},b:["x",{y:1.}]}"#,
        );
        check(
            r#"{"a":{"SS":["x","y"]},"b":{"NS":["1","2.5"]},"c":{"BS":["AQ=="]}}"#,
            r#"{a:$dynamodb_SS::["x","y"],b:$dynamodb_NS::[1.,2.5],c:$dynamodb_BS::[{{AQ==}}]}"#,
        );
    }

    #[test]
    fn numbers_are_decimals() {
        for (number, expected) in [
            ("0", "0."),
            ("103", "103."),
            ("-7", "-7."),
            ("600", "6d2"),
            ("-1e125", "-1d125"),
            ("1.50", "1.5"),
            ("0.001", "0.001"),
            ("0.0000012", "0.0000012"),
            ("0.00000012", "12d-8"),
            ("-1e-130", "-1d-130"),
        ] {
            check(&format!(r#"{{"n":{{"N":"{number}"}}}}"#), &format!("{{n:{expected}}}"));
        }
        let mut out = Vec::new();
        write_whole(&mut out, 1_680_109_764_000_000);
        assert_eq!(out, b"1680109764d6");
    }

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        for (name, expected) in [
            ("a_1", "a_1"),
            ("$x", "$x"),
            ("$1", "'$1'"),
            ("1a", "'1a'"),
            ("a-b", "'a-b'"),
            ("it's", r"'it\'s'"),
            ("null", "'null'"),
            ("é", "'é'"),
        ] {
            check(&format!(r#"{{"{name}":{{"S":""}}}}"#), &format!(r#"{{{expected}:""}}"#));
        }
    }
}
