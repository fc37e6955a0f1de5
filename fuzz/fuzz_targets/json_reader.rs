//! Any body is read or refused, and what was read survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::generated::{BatchWriteItemInput, CreateTableInput, PutItemInput, QueryInput, TransactWriteItemsInput};
use wire::attribute::Attributes;

fuzz_target!(|body: &[u8]| {
    let _ = wire::json::decode::<PutItemInput>(body);
    let _ = wire::json::decode::<QueryInput>(body);
    let _ = wire::json::decode::<CreateTableInput>(body);
    let _ = wire::json::decode::<BatchWriteItemInput>(body);
    let _ = wire::json::decode::<TransactWriteItemsInput>(body);
    if let Ok(read) = wire::json::decode::<Attributes>(body)
        && read.fault.is_none()
        && read.nesting_levels <= 31
    {
        let mut written = Vec::new();
        wire::attribute::write_item(&mut written, read.item.as_ref());
        let again = wire::json::decode::<Attributes>(&written).expect("what was written is JSON");
        assert_eq!(again.item, read.item);
        assert!(read.item.size_bytes() <= body.len() * 2 + 16);
    }
});
