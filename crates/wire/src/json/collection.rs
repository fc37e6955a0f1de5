//! Lists and maps. Their elements are counted over the whole body: one request cannot make the server hold
//! millions of empty structures.

use super::{Decode, DecodeError, Encode, Place, Reader, Token, Wanted, mismatch, write_string};
use std::collections::BTreeMap;

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.list(Place::Member)
    }

    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.list(Place::Element)
    }

    fn java_type() -> String {
        format!("java.util.List<{}>", T::java_type())
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        map(reader, Place::Member)
    }

    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        map(reader, Place::Element)
    }

    fn java_type() -> String {
        format!("java.util.Map<java.lang.String, {}>", T::java_type())
    }
}

impl Reader<'_> {
    /// Opens a list, or reports the value that is there instead.
    pub(crate) fn open_list(&mut self, place: Place) -> Result<(), DecodeError> {
        match self.peek()? {
            Token::Array => self.open(),
            other => Err(mismatch(self, other, Wanted::List(place))),
        }
    }

    /// Opens a map; its Java name is computed only to report another value.
    pub(crate) fn open_map(&mut self, place: Place, name: fn() -> String) -> Result<(), DecodeError> {
        match self.peek()? {
            Token::Object => self.open(),
            other => Err(mismatch(self, other, Wanted::Map(place, name))),
        }
    }

    fn list<T: Decode>(&mut self, place: Place) -> Result<Vec<T>, DecodeError> {
        self.open_list(place)?;
        let mut list = Vec::new();
        while self.next_element()? {
            self.count_element()?;
            list.push(self.element()?);
        }
        Ok(list)
    }
}

fn map<T: Decode>(reader: &mut Reader<'_>, place: Place) -> Result<BTreeMap<String, T>, DecodeError> {
    reader.open_map(place, <BTreeMap<String, T>>::java_type)?;
    let mut map = BTreeMap::new();
    while let Some(name) = reader.next_member()? {
        reader.count_element()?;
        map.insert(name.into_owned(), reader.element()?);
    }
    Ok(map)
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(2 + self.iter().map(Encode::bytes_expected).sum::<usize>());
        out.push(b'[');
        for (index, element) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            element.encode(out);
        }
        out.push(b']');
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (index, (name, value)) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_string(out, name);
            out.push(b':');
            value.encode(out);
        }
        out.push(b'}');
    }
}
