//! Random policies and requests over a small vocabulary, so that most requests match some statement.

use crate::naive;
use crate::world::{Question, World, document};
use serde_json::{Map, Value, json};
use stdx::Random;

const ACTIONS: [&str; 7] = ["*", "a:*", "a:Get", "A:get*", "a:P?t", "b:*", "a:Put"];
const RESOURCES: [&str; 8] = [
    "*",
    "arn:aws:a:r:1:t/x",
    "arn:aws:a:*:*:t/*",
    "arn:aws:a:r:1:t/${k}",
    "arn:aws:a:r:1:${k, 't'}/*",
    "arn:aws:?:r:1:*x",
    "arn:aws:a:r:1:t/${m:n}",
    "arn:aws:b:::y",
];
const KEYS: [&str; 4] = ["k", "K2", "m:n", "ip"];
const VALUES: [&str; 16] = [
    "x",
    "X",
    "y",
    "x*",
    "?",
    "${k}",
    "${k2, 'x'}",
    "1",
    "1.0",
    "-3",
    "true",
    "False",
    "10.0.0.1",
    "arn:aws:a:r:1:t/x",
    "2026-01-01T00:00:00Z",
    "",
];
const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];
const PRINCIPALS: [&str; 8] = [
    r#""*""#,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:user/U"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:role/R","111111111111"]}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/R/S"}"#,
    r#"{"Service":"lambda.amazonaws.com"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::111111111111:user/U"]}"#,
    r#"{"Federated":"idp.example.com"}"#,
];
const ASKERS: [&str; 9] =
    ["user", "user", "session", "session", "root", "federated", "service", "user@222222222222", "anonymous"];

struct Draw(Random);

impl Draw {
    fn below(&self, limit: usize) -> usize {
        (self.0.next_u64() % limit as u64) as usize
    }

    fn of<'a>(&self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn some(&self, list: &[&str]) -> Vec<String> {
        (0..=self.below(2)).map(|_| self.of(list).to_owned()).collect()
    }

    fn condition(&self) -> Value {
        let mut operators = Map::new();
        for _ in 0..self.below(3) {
            let plain = self.of(&OPERATORS);
            let is_null = plain == "Null";
            let set = if is_null { "" } else { self.of(&["", "", "ForAllValues:", "ForAnyValue:"]) };
            let end = if is_null { "" } else { self.of(&["", "IfExists"]) };
            let values = match plain {
                "Null" => self.some(&["true", "false"]),
                date if date.starts_with("Date") => {
                    self.some(&["2026-01-01", "1767225600", "2025-12-31T23:00:00-01:00"])
                }
                ip if ip.contains("Ip") => self.some(&["10.0.0.0/8", "10.0.0.1", "::/0", "0.0.0.0/0"]),
                number if number.starts_with("Numeric") => self.some(&["1", "2.5", "-3"]),
                "Bool" => self.some(&["true", "FALSE"]),
                arn if arn.starts_with("Arn") => self.some(&RESOURCES),
                _ => self.some(&VALUES),
            };
            operators.insert(format!("{set}{plain}{end}"), json!({ self.of(&KEYS): values }));
        }
        Value::Object(operators)
    }

    fn statement(&self, of_resource: bool) -> Value {
        let mut statement = json!({
            "Effect": self.of(&["Allow", "Allow", "Allow", "Deny"]),
            self.of(&["Action", "Action", "NotAction"]): self.some(&ACTIONS),
            self.of(&["Resource", "Resource", "NotResource"]): self.some(&RESOURCES),
            "Condition": self.condition(),
        });
        if of_resource {
            let principal = serde_json::from_str(self.of(&PRINCIPALS)).unwrap();
            statement[self.of(&["Principal", "Principal", "NotPrincipal"])] = principal;
        }
        statement
    }

    fn policy(&self, of_resource: bool) -> Value {
        let statements: Vec<_> = (0..=self.below(2)).map(|_| self.statement(of_resource)).collect();
        let mut document = document(Value::Array(statements));
        if self.below(8) == 0 {
            document["Version"] = "2008-10-17".into();
        }
        document
    }

    fn world(&self) -> World {
        let maybe = |of_resource| (self.below(3) == 0).then(|| self.policy(of_resource));
        World {
            who: Some(self.of(&ASKERS).to_owned()),
            owner: None,
            identity: (0..self.below(3)).map(|_| self.policy(false)).collect(),
            boundary: maybe(false),
            session: maybe(false).map(|policy| vec![policy]),
            resource: (self.below(2) == 0).then(|| self.policy(true)),
            trust: None,
        }
    }

    fn question(&self) -> Question {
        let mut keys = std::collections::BTreeMap::new();
        for key in KEYS {
            if self.below(3) > 0 {
                let values = (0..self.below(3)).map(|_| self.of(&VALUES).replace('$', "")).collect();
                keys.insert(key.to_lowercase(), values);
            }
        }
        let action = self.of(&["a:Get", "a:Put", "b:Get"]).to_owned();
        let resource = self.of(&["arn:aws:a:r:1:t/x", "arn:aws:a:r:1:t/y", "*", "arn:aws:b:::y"]).to_owned();
        Question { action, resource, keys }
    }
}

/// Compares the crate with the naive evaluator so many times.
pub fn compare(count: usize) {
    let draw = Draw(Random::from_seed(11));
    let (mut allowed, mut explicit) = (0, 0);
    for _ in 0..count / 4 {
        let world = draw.world();
        for _ in 0..4 {
            let question = draw.question();
            let (ours, naive) = (world.decide(&question), naive::decide(&world, &question));
            assert_eq!(ours, naive, "{world:#?} {question:#?}");
            allowed += usize::from(ours.starts_with("allow"));
            explicit += usize::from(ours.starts_with("deny"));
        }
    }
    assert!(allowed > count / 20 && explicit > count / 20, "{allowed} allowed, {explicit} denied of {count}");
}
