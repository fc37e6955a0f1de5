//! Any bytes of a DAX connection are a preamble, requests, or refused, the same in one piece and in two; any value,
//! key, item and expression in them is read or refused, and a value that was read says the same when it is written and
//! read again.

use dax::codec::expression::Placeholders;
use dax::codec::{Framer, Preamble, Reader, item, key, value};
use engine::{KeyAttribute, KeySchema, KeyType};

/// What a client has sent.
pub fn dax_frames(bytes: &[u8]) {
    let stream = match Preamble::read(bytes) {
        Ok(Some((_, len))) => &bytes[len..],
        _ => bytes,
    };
    let whole = Framer::default().next(stream);
    let mut framer = Framer::default();
    let half = framer.next(&stream[..stream.len() / 2]);
    let both = if half == Ok(None) { framer.next(stream) } else { half };
    assert_eq!(whole, both, "a request is the same in one piece and in two");
    if let Ok(Some(frame)) = whole {
        let mut arguments = frame.arguments(stream);
        while let Ok(argument) = arguments.skip() {
            read(argument);
            let _ = Reader::new(argument).bytes().map(read);
        }
    }
    read(bytes);
}

fn read(bytes: &[u8]) {
    if let Ok(read) = value::read(&mut Reader::new(bytes))
        && read.fault.is_none()
    {
        let mut written = Vec::new();
        value::put(&mut written, read.value.as_bytes());
        let again = value::read(&mut Reader::new(&written)).expect("what was written is a value");
        assert_eq!(again.value, read.value);
    }
    for ty in [KeyType::S, KeyType::N, KeyType::B] {
        let attribute = |name: &str| KeyAttribute { name: name.to_owned(), ty };
        let schema = KeySchema { hash: vec![attribute("p")], range: vec![attribute("s")] };
        if let Ok(read) = key::read(&schema, bytes) {
            let mut written = Vec::new();
            key::put(&mut written, &schema, read.as_ref());
            assert_eq!(key::read(&schema, &written), Ok(read));
        }
    }
    if let Ok((_, values)) = item::split(bytes) {
        let _ = item::read(["a", "b"].into_iter(), values, types::Item::empty().as_ref());
    }
    let _ = Placeholders::default().condition(bytes);
    let _ = Placeholders::default().update(bytes);
    let _ = Placeholders::default().projection(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutations::each;

    /// A preamble; requests; an expression; an item.
    const SAMPLES: [&[u8]; 4] = [
        b"\x67J7yne5G\x00\xf6\xa1\x69UserAgent\x61x\x00\x01\x1a\x0f\xb0\xcc\x6a\x44TabS\x41a\xbf\x03\x01\xff",
        b"\x01\x3a\x7d\x8e\x7e\x56\x44TabS\x41a\x45\x02\x63Ann\xbf\x04\x4c\x83\x01\x82\x0c\x82\x12\x61a\x80\xff",
        b"\x83\x01\x83\x06\x83\x00\x82\x12\x61a\x82\x11\x00\x83\x09\x82\x12\x61b\x82\x11\x01\x82\x11\x00\x82\x01\xc4\x82\x21\x05",
        b"\x02\xa2\x61a\x82\xd9\x0c\xfa\x82\x01\x02\xf6\x61b\xfb\x40\x09\x21\xfb\x54\x44\x2d\x18\xc2\x49\x01\0\0\0\0\0\0\0\0",
    ];

    #[test]
    fn damaged_bytes_are_read_or_refused() {
        each(&SAMPLES, 20_000, dax_frames);
    }
}
