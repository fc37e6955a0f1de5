//! Reads Ion text as the JSON of DynamoDB, so that values have one reader: bounded in depth and linear in the text.

use crate::json::write_string;
use crate::lines::{LineFault, NAMES};
use std::str;

/// Lists and structs around a value, at most: deeper than any item may be.
const DEPTH_MAX: usize = 100;

/// A struct whose fields are items or other values, as an object of JSON.
pub(super) fn to_json(text: &[u8]) -> Result<Vec<u8>, LineFault> {
    let text = str::from_utf8(text).map_err(|_| LineFault::Malformed)?;
    let mut reader = Reader { text, at: 0 };
    reader.white_space();
    while reader.take("$ion_1_0") {
        reader.white_space();
    }
    let mut out = Vec::with_capacity(text.len() * 2);
    reader.document(&mut out)?;
    reader.white_space();
    if reader.at == text.len() { Ok(out) } else { Err(LineFault::Malformed) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// What a list is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    Values,
    Texts,
    Numbers,
    Blobs,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, expected: &str) -> bool {
        let is_there = self.rest().starts_with(expected);
        self.at += if is_there { expected.len() } else { 0 };
        is_there
    }

    fn expect(&mut self, expected: &str) -> Result<(), LineFault> {
        if self.take(expected) { Ok(()) } else { Err(LineFault::Malformed) }
    }

    fn white_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{b}', '\u{c}']).len();
    }

    /// The struct of the whole text, whose fields are structs without a type of their own, or texts.
    fn document(&mut self, out: &mut Vec<u8>) -> Result<(), LineFault> {
        self.structure(out, |reader, name, out| match reader.peek() {
            Some(b'{') if name == NAMES => reader.structure(out, |reader, _, out| match reader.peek() {
                Some(b'"') => reader.text(out),
                _ => Err(LineFault::Malformed),
            }),
            Some(b'{') if !reader.rest().starts_with("{{") => {
                reader.structure(out, |reader, _, out| reader.value(out, 0))
            }
            Some(b'"') => reader.text(out),
            _ => {
                // Not an item: its value does not matter, but must be one.
                let mut ignored = Vec::new();
                reader.value(&mut ignored, 0)?;
                out.extend_from_slice(b"0");
                Ok(())
            }
        })
    }

    /// `{name: value, …}`, each value by `read`.
    fn structure(
        &mut self,
        out: &mut Vec<u8>,
        mut read: impl FnMut(&mut Self, &str, &mut Vec<u8>) -> Result<(), LineFault>,
    ) -> Result<(), LineFault> {
        self.expect("{")?;
        out.push(b'{');
        let mut is_first = true;
        loop {
            self.white_space();
            if self.take("}") {
                out.push(b'}');
                return Ok(());
            }
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            let name = self.name()?;
            write_string(out, &name);
            self.white_space();
            self.expect(":")?;
            out.push(b':');
            self.white_space();
            read(self, &name, out)?;
            self.white_space();
            if !self.take(",") && self.peek() != Some(b'}') {
                return Err(LineFault::Malformed);
            }
        }
    }

    /// The name of a field: quoted, or an identifier.
    fn name(&mut self) -> Result<String, LineFault> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote),
            _ => Ok(self.identifier()?.to_owned()),
        }
    }

    fn identifier(&mut self) -> Result<&'a str, LineFault> {
        let rest = self.rest();
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        if length == 0 || rest.as_bytes()[0].is_ascii_digit() {
            return Err(LineFault::Malformed);
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// A value with its type, as `{"S":"…"}`.
    fn value(&mut self, out: &mut Vec<u8>, depth: usize) -> Result<(), LineFault> {
        if depth > DEPTH_MAX {
            return Err(LineFault::Malformed);
        }
        for (annotation, kind, members) in [
            ("$dynamodb_SS", "SS", Members::Texts),
            ("$dynamodb_NS", "NS", Members::Numbers),
            ("$dynamodb_BS", "BS", Members::Blobs),
        ] {
            let quoted = format!("'{annotation}'");
            if self.take(annotation) || self.take(&quoted) {
                self.white_space();
                self.expect("::")?;
                self.white_space();
                return typed(out, kind, |out| self.list(out, members, depth));
            }
        }
        match self.peek() {
            Some(b'{') if self.rest().starts_with("{{") => typed(out, "B", |out| self.blob(out)),
            Some(b'{') => {
                typed(out, "M", |out| self.structure(out, |reader, _, out| reader.value(out, depth + 1)))
            }
            Some(b'[') => typed(out, "L", |out| self.list(out, Members::Values, depth)),
            Some(b'"') => typed(out, "S", |out| self.text(out)),
            Some(b'-' | b'0'..=b'9') => typed(out, "N", |out| self.number(out)),
            _ => self.word(out),
        }
    }

    fn word(&mut self, out: &mut Vec<u8>) -> Result<(), LineFault> {
        let json: &[u8] = match self.identifier()? {
            "true" => b"{\"BOOL\":true}",
            "false" => b"{\"BOOL\":false}",
            "null" => {
                if self.take(".") {
                    self.identifier()?;
                }
                b"{\"NULL\":true}"
            }
            _ => return Err(LineFault::Malformed),
        };
        out.extend_from_slice(json);
        Ok(())
    }

    fn list(&mut self, out: &mut Vec<u8>, members: Members, depth: usize) -> Result<(), LineFault> {
        self.expect("[")?;
        out.push(b'[');
        let mut is_first = true;
        loop {
            self.white_space();
            if self.take("]") {
                out.push(b']');
                return Ok(());
            }
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            match members {
                Members::Values => self.value(out, depth + 1)?,
                Members::Texts => self.text(out)?,
                Members::Numbers => self.number(out)?,
                Members::Blobs => self.blob(out)?,
            }
            self.white_space();
            if !self.take(",") && self.peek() != Some(b']') {
                return Err(LineFault::Malformed);
            }
        }
    }

    fn text(&mut self, out: &mut Vec<u8>) -> Result<(), LineFault> {
        let text = self.quoted(b'"')?;
        write_string(out, &text);
        Ok(())
    }

    /// A number as a text: with `e` before its exponent, and without a point at its end.
    fn number(&mut self, out: &mut Vec<u8>) -> Result<(), LineFault> {
        let rest = self.rest();
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_');
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        self.at += length;
        let number = rest[..length].replace('_', "").replace(['d', 'D', 'E'], "e");
        let (digits, exponent) = number.split_once('e').unwrap_or((&number, ""));
        let digits = digits.strip_suffix('.').unwrap_or(digits);
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
        if digits.is_empty() || !is_plain || number.ends_with('e') {
            return Err(LineFault::Malformed);
        }
        let point = if number.contains('e') { "e" } else { "" };
        write_string(out, &format!("{digits}{point}{exponent}"));
        Ok(())
    }

    /// `{{base64}}`, as a text.
    fn blob(&mut self, out: &mut Vec<u8>) -> Result<(), LineFault> {
        self.expect("{{")?;
        let (inside, _) = self.rest().split_once("}}").ok_or(LineFault::Malformed)?;
        self.at += inside.len() + 2;
        let base64: String = inside.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        if base64.contains(['"', '\'']) {
            return Err(LineFault::Malformed); // text that is not of Unicode
        }
        write_string(out, &base64);
        Ok(())
    }

    fn quoted(&mut self, quote: u8) -> Result<String, LineFault> {
        if self.peek() != Some(quote) {
            return Err(LineFault::Malformed);
        }
        let mut text = String::new();
        self.at += 1;
        if quote == b'\'' && self.rest().starts_with("''") {
            return Err(LineFault::Malformed); // texts of several lines
        }
        loop {
            let character = self.character()?;
            match character {
                '\\' => self.escaped(&mut text)?,
                c if c == char::from(quote) => return Ok(text),
                c => text.push(c),
            }
        }
    }

    fn character(&mut self) -> Result<char, LineFault> {
        let character = self.rest().chars().next().ok_or(LineFault::Malformed)?;
        self.at += character.len_utf8();
        Ok(character)
    }

    fn escaped(&mut self, text: &mut String) -> Result<(), LineFault> {
        let escaped = match self.character()? {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'v' => '\u{b}',
            plain @ ('?' | '\'' | '"' | '/' | '\\') => plain,
            'x' => self.code_point(2)?,
            'u' => self.code_point(4)?,
            'U' => self.code_point(8)?,
            _ => return Err(LineFault::Malformed),
        };
        text.push(escaped);
        Ok(())
    }

    fn code_point(&mut self, digits: usize) -> Result<char, LineFault> {
        let text = self.rest().get(..digits).ok_or(LineFault::Malformed)?;
        self.at += digits;
        let code = u32::from_str_radix(text, 16).map_err(|_| LineFault::Malformed)?;
        char::from_u32(code).ok_or(LineFault::Malformed)
    }
}

/// `{"kind":…}` around what `write` appends.
fn typed(
    out: &mut Vec<u8>,
    kind: &str,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), LineFault>,
) -> Result<(), LineFault> {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\":");
    write(out)?;
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ion_as_json() {
        for (ion, json) in [
            ("$ion_1_0 {Item:{a:\"x\"}}", r#"{"Item":{"a":{"S":"x"}}}"#),
            ("{ Item : { 'a b' : 103. , \"c\" : 6d2, } }", r#"{"Item":{"a b":{"N":"103"},"c":{"N":"6e2"}}}"#),
            (
                "{Item:{a:-1_000.50,b:1e-3,c:12}}",
                r#"{"Item":{"a":{"N":"-1000.50"},"b":{"N":"1e-3"},"c":{"N":"12"}}}"#,
            ),
            (
                "{Item:{a:true,b:null,c:null.string}}",
                r#"{"Item":{"a":{"BOOL":true},"b":{"NULL":true},"c":{"NULL":true}}}"#,
            ),
            (
                "{Item:{a:{{ AQ== }},b:[1,[{}]]}}",
                r#"{"Item":{"a":{"B":"AQ=="},"b":{"L":[{"N":"1"},{"L":[{"M":{}}]}]}}}"#,
            ),
            (
                "{Item:{a:$dynamodb_SS::[\"x\"],b:'$dynamodb_NS'::[1.],c:$dynamodb_BS::[{{AQ==}}]}}",
                r#"{"Item":{"a":{"SS":["x"]},"b":{"NS":["1"]},"c":{"BS":["AQ=="]}}}"#,
            ),
            (r#"{Item:{a:"\x41\u00e9\U0001f600\n\"\\"}}"#, "{\"Item\":{\"a\":{\"S\":\"Aé😀\\n\\\"\\\\\"}}}"),
            ("{Other:1,Item:{}}", r#"{"Other":0,"Item":{}}"#),
        ] {
            assert_eq!(
                to_json(ion.as_bytes()).map(|json| String::from_utf8(json).unwrap()),
                Ok(json.to_owned()),
                "{ion}"
            );
        }
    }

    #[test]
    fn what_is_no_item_is_refused() {
        let deep = format!("{{Item:{{a:{}1{}}}}}", "[".repeat(200), "]".repeat(200));
        for ion in [
            "",
            "{",
            "{Item:{a:}}",
            "{Item:{a:symbol}}",
            "{Item:{a:2020-01-01T}}",
            "{Item:{a:0x1F}}",
            "{Item:{a:(1 2)}}",
            "{Item:{a:{{\"clob\"}}}}",
            "{Item:{a:\"x}}",
            "{Item:{a:1}} {}",
            "{Item:{a:'''x'''}}",
            "{Item:{a:nan}}",
            "{Item:{a:\"\\ud800\"}}",
            "{Item:{a:1 b:2}}",
            "{Item:{a:$dynamodb_SS::[",
            "{Item:{a:$dynamodb_SS::[xy\"]}}",
            "{Item:{a:$dynamodb_SS::[é\"]}}",
            &deep,
        ] {
            assert_eq!(to_json(ion.as_bytes()), Err(LineFault::Malformed), "{ion}");
        }
    }
}
