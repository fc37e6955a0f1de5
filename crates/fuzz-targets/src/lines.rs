//! Any line of an import, of a bulk put or of a peer's changes is an item or refused; an item that was read is the same
//! when it is written and read again, in both formats, and a condition beside it is nothing to it.

use wire::attribute::Attributes;
use wire::lines::{read_ion, read_ion_put, read_json, read_json_put};

/// A line in JSON or in Ion.
pub fn lines(line: &[u8]) {
    let (json, ion) = (read_json(line).ok(), read_ion(line).ok());
    json.iter().chain(&ion).filter(|read| read.fault.is_none()).for_each(is_the_same_again);
    for (put, plain) in [(read_json_put(line), json), (read_ion_put(line), ion)] {
        if let Ok(put) = put {
            assert_eq!(Some(put.item), plain);
        }
    }
}

fn is_the_same_again(read: &Attributes) {
    let mut json = b"{\"Item\":".to_vec();
    wire::attribute::write_item(&mut json, read.item.as_ref());
    json.push(b'}');
    let again = read_json(&json).expect("what was written is a line");
    assert_eq!((again.item, again.fault), (read.item.clone(), None));
    let mut ion = b"$ion_1_0 {Item:".to_vec();
    wire::ion::write_item(&mut ion, read.item.as_ref());
    ion.push(b'}');
    let again = read_ion(&ion).expect("what was written is a line");
    assert_eq!((again.item, again.fault), (read.item.clone(), None));
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_lines() {
        let samples: [&[u8]; 4] = [
            br#"{"Item":{"pk":{"S":"a\u00e9\ud83d\ude00"},"n":{"N":"-1.5E-3"},"b":{"B":"AAEC"},"l":{"L":[{"NULL":true},{"M":{"x":{"BOOL":false}}}]}}}"#,
            br##"{"Other":[1,{"a":null}],"Item":{"s":{"SS":["a","b"]},"n":{"NS":["1","2.50"]},"b":{"BS":["AA==","AQ=="]}},"ConditionExpression":"#a <> :v","ExpressionAttributeNames":{"#a":"a"},"ExpressionAttributeValues":{":v":{"N":"1"}}}"##,
            b"$ion_1_0 {Item:{pk:\"a\\x41\\u00e9\",n:-1.5d-3,b:{{AAEC}},l:[null,{x:false}],'s t':$dynamodb_SS::[\"a\",\"b\"],n2:$dynamodb_NS::[1.,25d-1]}}",
            b"$ion_1_0 {Other:[1,'a b',0x1F,2026-01-01T],Item:{b:$dynamodb_BS::[{{AA==}},{{AQ==}}],t:'''a''' '''b'''},ConditionExpression:\"a\",ExpressionAttributeNames:{'#a':\"a\"} /* end */}",
        ];
        each(&samples, 20_000, super::lines);
    }
}
