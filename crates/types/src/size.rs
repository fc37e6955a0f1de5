//! DynamoDB's size of items and values: what limits, capacity units and table sizes are counted in.
//!
//! An item is the sum over its attributes of the UTF-8 bytes of the name plus the size of the value. S and B
//! are their bytes, N as [`Number::size_bytes`](crate::Number::size_bytes), BOOL and NULL 1, sets the sum of
//! their members, a list 3 plus 1 and the size of each element, a map 3 plus 1, the name and the size of
//! each value. The spelling of a number does not matter.

use crate::item::MapRef;
use crate::number;
use crate::value::{Tag, ValueRef, number_bytes, text_bytes};

impl MapRef<'_> {
    /// Size of these attributes as a whole item.
    pub fn item_size_bytes(self) -> usize {
        self.iter_bytes().map(|(name, value)| name.len() + encoded_size_bytes(value)).sum()
    }

    /// Maps and lists around the deepest leaf of any attribute: 0 where all are scalars and sets.
    pub fn nesting_levels(self) -> usize {
        self.iter_bytes().map(|(_, value)| encoded_nesting_levels(value)).max().unwrap_or(0)
    }
}

/// Size of an encoded value. Most are texts and numbers, whose bytes need not be checked to be counted.
#[inline(always)]
fn encoded_size_bytes(encoded: &[u8]) -> usize {
    match (text_bytes(encoded), number_bytes(encoded)) {
        (Some(text), _) => text.len(),
        (_, Some(number)) => number::size_bytes(number),
        _ => ValueRef::read(encoded).size_bytes(),
    }
}

#[inline(always)]
fn encoded_nesting_levels(encoded: &[u8]) -> usize {
    let is_document = [Tag::L as u8, Tag::M as u8].contains(&encoded[0]);
    if is_document { ValueRef::read(encoded).nesting_levels() } else { 0 }
}

impl ValueRef<'_> {
    /// Size of the value without any name.
    pub fn size_bytes(self) -> usize {
        match self {
            ValueRef::S(s) => s.len(),
            ValueRef::N(n) => n.size_bytes(),
            ValueRef::B(b) => b.len(),
            ValueRef::Null | ValueRef::Bool(_) => 1,
            ValueRef::SS(set) | ValueRef::BS(set) => set.iter().map(<[u8]>::len).sum(),
            ValueRef::NS(set) => set.iter().map(number::size_bytes).sum(),
            ValueRef::L(list) => {
                3 + list.iter_bytes().map(|element| 1 + encoded_size_bytes(element)).sum::<usize>()
            }
            ValueRef::M(map) => 3 + map.len() + map.item_size_bytes(),
        }
    }

    /// Maps and lists around the deepest leaf: 0 for a scalar or set, 1 for a list of scalars, and so on.
    pub fn nesting_levels(self) -> usize {
        match self {
            ValueRef::L(list) => 1 + list.iter_bytes().map(encoded_nesting_levels).max().unwrap_or(0),
            ValueRef::M(map) => 1 + map.nesting_levels(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Number, Value, ValueBuf};

    fn size(value: Value) -> usize {
        ValueBuf::from(&value).as_ref().size_bytes()
    }

    #[test]
    fn sizes_are_dynamodbs() {
        let n = |t: &str| Value::N(Number::parse(t).unwrap());
        assert_eq!(size(Value::S("é".into())), 2);
        assert_eq!(size(Value::Null), 1);
        assert_eq!(size(Value::SS(["a".into(), "bc".into()].into())), 3);
        assert_eq!(size(Value::L(vec![n("42"), Value::Bool(true)])), 3 + 1 + 2 + 1 + 1);
        assert_eq!(size(Value::M([("ab".into(), n("-42"))].into())), 3 + 1 + 2 + 3);
        assert_eq!(size(Value::L(vec![])), 3);
    }
}
