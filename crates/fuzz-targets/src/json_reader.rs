//! Any body is read or refused, and what was read survives being written and read again.

use model::dynamodb::*;
use wire::attribute::Attributes;

/// The body of a request.
pub fn json_reader(body: &[u8]) {
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
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_bodies() {
        let samples: [&[u8]; 4] = [
            br#"{"a":{"S":"text \u00e9\n"},"n":{"N":"-1.5e3"},"l":{"L":[{"NULL":true},{"BOOL":false}]}}"#,
            br#"{"TableName":"Music","Item":{"artist":{"S":"x"},"m":{"M":{"deep":{"NS":["1","2"]}}}}}"#,
            br#"{"b":{"B":"AAECAw=="},"bs":{"BS":["AA==","AQ=="]},"ss":{"SS":["a","b"]}}"#,
            br#"{"TableName":"t","KeyConditionExpression":"a = :a","Limit":3,"ExclusiveStartKey":{"a":{"S":"k"}}}"#,
        ];
        each(&samples, 5_000, super::json_reader);
    }
}
