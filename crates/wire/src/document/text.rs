//! Scalars as texts: in forms, XML, headers, paths and queries.

use super::Document;
use super::timestamp::{format_timestamp, parse_timestamp};
use crate::json::{DecodeError, decode_base64, write_base64};
use crate::schema::Schema;

/// Reads a scalar.
pub fn read_text(schema: Schema, text: &str) -> Result<Document, DecodeError> {
    match schema {
        Schema::Text => Ok(Document::Text(text.to_owned())),
        Schema::Boolean => match text {
            "true" | "1" => Ok(Document::Bool(true)),
            "false" | "0" => Ok(Document::Bool(false)),
            _ => Err(malformed("boolean must follow xsd1.1 definition")),
        },
        Schema::Integer => text
            .parse()
            .map(Document::Integer)
            .map_err(|_| malformed("integer must follow xsd1.1 definition")),
        Schema::Double => {
            text.parse().map(Document::Double).map_err(|_| malformed("double must follow xsd1.1 definition"))
        }
        Schema::Timestamp => {
            let seconds = parse_timestamp(text).or_else(|| text.parse().ok());
            seconds.map(Document::Double).ok_or_else(|| malformed("timestamp must follow ISO8601"))
        }
        Schema::Blob => {
            let mut bytes = Vec::new();
            decode_base64(text, &mut bytes).map_err(|_| malformed("blob must be Base64 encoded"))?;
            Ok(Document::Blob(bytes))
        }
        Schema::List(_) | Schema::Map(_) | Schema::Structure(_) => {
            Err(malformed("Unexpected complex element termination"))
        }
    }
}

/// The text of a scalar; empty for what is none.
pub fn write_text(schema: Schema, document: &Document) -> String {
    match document {
        Document::Bool(value) => value.to_string(),
        Document::Integer(value) => value.to_string(),
        Document::Double(seconds) if matches!(schema, Schema::Timestamp) => format_timestamp(*seconds),
        Document::Double(value) => {
            let mut out = Vec::new();
            crate::json::Encode::encode(value, &mut out);
            String::from_utf8(out).expect("numbers are ASCII")
        }
        Document::Text(text) => text.clone(),
        Document::Blob(bytes) => {
            let mut out = Vec::new();
            write_base64(&mut out, bytes);
            String::from_utf8(out).expect("base64 is ASCII")
        }
        Document::List(_) | Document::Map(_) | Document::Structure(_) => String::new(),
    }
}

fn malformed(message: &'static str) -> DecodeError {
    DecodeError::Type(message.into())
}
