//! Tags of resources as conditions see them, on services whose resources only the store knows.

use super::world::{Keys, World, root};
use serde_json::{Value, json};

fn is_allowed((status, body): (u16, Value)) -> bool {
    let is_denied = body["__type"].as_str().is_some_and(|code| code.ends_with("AccessDeniedException"));
    assert!(status == 200 || is_denied, "{body}");
    status == 200
}

#[test]
fn conditions_see_tags_of_streams_and_groups() {
    let world = World::new();
    let red = r#"{"Effect":"Allow","Action":["kinesis:*","logs:*"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}"#;
    let ann = world.user("Ann", red);
    let kinesis = |keys: &Keys, operation: &str, body: Value| {
        world.json(keys, "kinesis", &format!("Kinesis_20131202.{operation}"), &body)
    };
    let logs = |keys: &Keys, operation: &str, body: Value| {
        world.json(keys, "logs", &format!("Logs_20140328.{operation}"), &body)
    };
    for (name, team) in [("one", "red"), ("two", "blue")] {
        let tags = json!({"Team": team});
        assert_eq!(
            kinesis(&root(), "CreateStream", json!({"StreamName": name, "ShardCount": 1, "Tags": tags})).0,
            200
        );
        assert_eq!(logs(&root(), "CreateLogGroup", json!({"logGroupName": name, "tags": tags})).0, 200);
    }
    for _ in 0..2 {
        for (name, is_red) in [("one", true), ("two", false)] {
            let stream = json!({"StreamName": name});
            assert_eq!(is_allowed(kinesis(&ann, "DescribeStreamSummary", stream)), is_red, "{name}");
            let group = json!({"logGroupName": name});
            assert_eq!(is_allowed(logs(&ann, "DescribeLogStreams", group)), is_red, "{name}");
        }
    }
    let missing = json!({"StreamName": "none"});
    assert!(!is_allowed(kinesis(&ann, "DescribeStreamSummary", missing)));
    let retagged = json!({"StreamName": "two", "Tags": {"team": "red"}});
    assert!(!is_allowed(kinesis(&ann, "AddTagsToStream", retagged)));
    let untagged = json!({"StreamName": "one", "TagKeys": ["Team"]});
    assert!(is_allowed(kinesis(&ann, "RemoveTagsFromStream", untagged)));
    for _ in 0..2 {
        assert!(!is_allowed(kinesis(&ann, "DescribeStreamSummary", json!({"StreamName": "one"}))));
    }
}
