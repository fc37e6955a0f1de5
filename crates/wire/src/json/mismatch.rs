//! The texts of type errors: DynamoDB's answers to JSON of another type than the member's.

use super::{DecodeError, Reader, Token};

/// The position of a value; some texts depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The body, or a member of a structure.
    Member,
    /// An element of a list or a value of a map.
    Element,
}

/// What is wanted, with the Java name that DynamoDB would print.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// `String`, `Boolean`, `Long`, `Integer`, `Double`.
    Scalar(&'static str),
    /// Base64 text.
    Blob,
    /// A list.
    List(Place),
    /// A map, with its full Java name.
    Map(Place, fn() -> String),
    /// A structure, with its Java class.
    Structure(Place, &'static str),
}

const STRUCTURE_FOUND: &str = "Start of structure or map found where not expected";
const UNEXPECTED_FIELD: &str = "Unexpected field type";
const UNEXPECTED_VALUE: &str = "Unexpected value type in payload";
const PARAMETERIZED: &str = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class \
    java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module \
    java.base of loader 'bootstrap')";

/// The error for a value of type `found` where `wanted` is expected. Reads the value if its text matters.
#[cold]
pub(crate) fn mismatch(reader: &mut Reader<'_>, found: Token, wanted: Wanted) -> DecodeError {
    let text = match (wanted, found) {
        (_, Token::Null) => Ok(String::new()),
        (Wanted::Scalar(_) | Wanted::Blob | Wanted::List(_), Token::Object) => Ok(STRUCTURE_FOUND.into()),
        (Wanted::Scalar(name), Token::Array) => {
            Ok(format!("Unrecognized collection type class java.lang.{name}"))
        }
        (Wanted::Blob, Token::Array) => Ok("Unrecognized collection type class java.nio.ByteBuffer".into()),
        (Wanted::Scalar(name), _) => {
            value_word(reader, found).map(|word| format!("{word} cannot be converted to {name}"))
        }
        (Wanted::Blob, _) => Ok("only base-64-encoded strings are convertible to bytes".into()),
        (Wanted::Map(_, name), Token::Array) => Ok(format!("Unrecognized collection type {}", name())),
        (Wanted::Structure(_, name), Token::Array) => {
            Ok(format!("Unrecognized collection type class {name}"))
        }
        (Wanted::List(Place::Element) | Wanted::Map(Place::Element, _), _) => Ok(PARAMETERIZED.into()),
        (Wanted::Structure(Place::Element, _), _) => Ok(UNEXPECTED_VALUE.into()),
        _ => Ok(UNEXPECTED_FIELD.into()),
    };
    text.map_or_else(|error| error, DecodeError::Type)
}

/// A text where a boolean is expected, in none of the accepted spellings.
pub(crate) fn no_boolean() -> DecodeError {
    DecodeError::Type("Unexpected token received from parser".into())
}

fn value_word(reader: &mut Reader<'_>, found: Token) -> Result<&'static str, DecodeError> {
    Ok(match found {
        Token::Number if reader.number()?.contains(['.', 'e', 'E']) => "DECIMAL_VALUE",
        Token::Number => "NUMBER_VALUE",
        Token::True => "TRUE_VALUE",
        Token::False => "FALSE_VALUE",
        _ => "STRING_VALUE",
    })
}
