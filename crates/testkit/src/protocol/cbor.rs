//! JSON as CBOR and back.

use super::marked;
use minicbor::data::{Tag, Type};
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Value};
use wire::json::{base64_text, decode_base64};

/// A point in time, in seconds.
const TIMESTAMP: Tag = Tag::new(1);

/// The bytes that hexadecimal digits stand for.
pub(super) fn of_hexadecimal(digits: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = digits.chars().filter(|digit| !digit.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.ok_or_else(|| "a body in CBOR is hexadecimal digits".to_owned())
}

pub(super) fn write(value: &Value) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    encode(value, &mut Encoder::new(&mut out)).map_err(|error| error.to_string())?;
    Ok(out)
}

type Encoded = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn encode(value: &Value, out: &mut Encoder<&mut Vec<u8>>) -> Encoded {
    if let Some(Value::String(text)) = marked(value, "$blob") {
        let mut bytes = Vec::new();
        decode_base64(text, &mut bytes).map_err(|_| minicbor::encode::Error::message("no Base64"))?;
        out.bytes(&bytes)?;
        return Ok(());
    }
    match marked(value, "$map").unwrap_or(value) {
        Value::Null => drop(out.null()?),
        Value::Bool(value) => drop(out.bool(*value)?),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => drop(out.i64(integer)?),
            None => drop(out.f64(number.as_f64().unwrap_or(f64::NAN))?),
        },
        Value::String(text) => drop(out.str(text)?),
        Value::Array(list) => {
            out.array(list.len() as u64)?;
            list.iter().try_for_each(|element| encode(element, out))?;
        }
        Value::Object(members) => {
            out.map(members.len() as u64)?;
            for (name, value) in members {
                encode(value, out.str(name)?)?;
            }
        }
    }
    Ok(())
}

pub(super) fn read(body: &[u8]) -> Result<Value, String> {
    let mut decoder = Decoder::new(body);
    let value = decode(&mut decoder).map_err(|error| format!("the body is no CBOR ({error})"))?;
    if decoder.position() != body.len() {
        return Err("the body has something behind its CBOR".to_owned());
    }
    Ok(value)
}

fn decode(decoder: &mut Decoder<'_>) -> Result<Value, minicbor::decode::Error> {
    Ok(match decoder.datatype()? {
        Type::Null | Type::Undefined => decoder.skip().map(|()| Value::Null)?,
        Type::Bool => decoder.bool()?.into(),
        Type::F16 | Type::F32 | Type::F64 => decoder.f64()?.into(),
        Type::String => decoder.str()?.into(),
        Type::Bytes => base64_text(decoder.bytes()?).into(),
        Type::Tag if decoder.tag()? == TIMESTAMP => decode(decoder)?,
        Type::Array => {
            let length = decoder.array()?.unwrap_or_default();
            (0..length).map(|_| decode(decoder)).collect::<Result<Value, _>>()?
        }
        Type::Map => {
            let (mut members, length) = (Map::new(), decoder.map()?.unwrap_or_default());
            for _ in 0..length {
                let name = decoder.str()?.to_owned();
                members.insert(name, decode(decoder)?);
            }
            Value::Object(members)
        }
        _ => decoder.i64()?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_survive() {
        let value = json!({"a": [1, -5, 2.5, true, null, "x"], "b": {"c": {"$blob": "AQID"}}});
        let back = json!({"a": [1, -5, 2.5, true, null, "x"], "b": {"c": "AQID"}});
        assert_eq!(read(&write(&value).unwrap()).unwrap(), back);
        assert_eq!(of_hexadecimal("a1 0fZ").ok(), None);
        assert_eq!(of_hexadecimal("a10f").unwrap(), [0xa1, 0x0f]);
    }
}
