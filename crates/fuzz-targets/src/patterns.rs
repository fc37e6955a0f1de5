//! Any text is a pattern of filter criteria or refused; a pattern can be held against any JSON.

use event_source::Pattern;
use event_source::response;
use event_source::settings::Settings;

/// A pattern and the record that it is held against; the record is also read as what a function returned.
pub fn patterns(pattern: &str, record: &str) {
    let settings = Settings { report_batch_item_failures: true, ..Settings::default() };
    _ = response::read(&settings, record.as_bytes(), |number| number.len().checked_sub(1));
    let Ok(record) = serde_json::from_str(record) else { return };
    if let Ok(pattern) = Pattern::read(pattern) {
        _ = pattern.matches(&record);
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    const RECORD: &str = r#"{"eventName":"INSERT","dynamodb":{"SizeBytes":7,"NewImage":{"a":{"L":[{"S":"b"},[]]}}},
        "batchItemFailures":[{"itemIdentifier":"7"}]}"#;

    #[test]
    fn damaged_patterns() {
        let samples: [&[u8]; 6] = [
            br#"{"eventName":["INSERT",{"prefix":"M"},{"suffix":{"equals-ignore-case":"y"}}]}"#,
            br#"{"dynamodb":{"NewImage":{"a":{"L":{"S":[{"wildcard":"b*\\*"},{"anything-but":["c"]}]}}}}}"#,
            br#"{"$or":[{"a":[{"exists":false}]},{"dynamodb":{"SizeBytes":[{"numeric":[">",1,"<=",9]}]}}]}"#,
            br#"{"a":[null,true,1,{"cidr":"10.0.0.0/8"},{"anything-but":{"wildcard":["*x","y*"]}}]}"#,
            br#"{"a":{"b":{"c":{"d":[{"equals-ignore-case":"E"}]}}}}"#,
            br#"{"a":[{"cidr":"2001:db8::/32"},{"anything-but":{"suffix":"z"}}]}"#,
        ];
        each(&samples, 3_000, |input| super::patterns(&String::from_utf8_lossy(input), RECORD));
        each(&[RECORD.as_bytes()], 3_000, |input| {
            super::patterns(&String::from_utf8_lossy(samples[1]), &String::from_utf8_lossy(input));
        });
    }
}
