//! Lists and maps. Both are bounded: one request cannot make the server hold millions of empty structures.

use super::{Decode, DecodeError, Encode, Place, Reader, Token, Wanted, mismatch, write_string};
use std::collections::BTreeMap;

/// Elements of a list or map that are read; a document with more is refused without words. Far above every
/// limit of the API.
const ELEMENTS_MAX: usize = 100_000;

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.list(Place::Member, ELEMENTS_MAX)
    }

    fn decode_element(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.list(Place::Element, ELEMENTS_MAX)
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
    /// Opens a list, or reports what stands there instead.
    pub(crate) fn open_list(&mut self, place: Place) -> Result<(), DecodeError> {
        match self.peek()? {
            Token::Array => self.open(),
            other => Err(mismatch(self, other, Wanted::List(place))),
        }
    }

    /// Opens a map whose Java name is asked for only if something else stands there.
    pub(crate) fn open_map(&mut self, place: Place, name: fn() -> String) -> Result<(), DecodeError> {
        match self.peek()? {
            Token::Object => self.open(),
            other => Err(mismatch(self, other, Wanted::Map(place, name))),
        }
    }

    fn list<T: Decode>(&mut self, place: Place, max: usize) -> Result<Vec<T>, DecodeError> {
        self.open_list(place)?;
        let mut list = Vec::new();
        while self.next_element()? {
            refuse_from(list.len(), max)?;
            list.push(self.element()?);
        }
        Ok(list)
    }

    /// A member that is a list of at most `max` elements by the model. Those after `max` + 1 are read and
    /// dropped: what is kept suffices to see that there are too many.
    pub fn optional_list<T: Decode>(&mut self, max: usize) -> Result<Option<Vec<T>>, DecodeError> {
        if self.null()? {
            return Ok(None);
        }
        self.open_list(Place::Member)?;
        let mut list = Vec::new();
        while self.next_element()? {
            let element = self.element()?;
            if list.len() <= max {
                list.push(element);
            }
        }
        Ok(Some(list))
    }
}

fn map<T: Decode>(reader: &mut Reader<'_>, place: Place) -> Result<BTreeMap<String, T>, DecodeError> {
    reader.open_map(place, <BTreeMap<String, T>>::java_type)?;
    let mut map = BTreeMap::new();
    while let Some(name) = reader.next_member()? {
        refuse_from(map.len(), ELEMENTS_MAX)?;
        map.insert(name.into_owned(), reader.element()?);
    }
    Ok(map)
}

fn refuse_from(len: usize, max: usize) -> Result<(), DecodeError> {
    if len < max { Ok(()) } else { Err(DecodeError::Type(String::new())) }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
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
