//! Holding a record against a pattern.

use super::Node;
use super::rule::Rule;
use serde_json::Value;

impl Node {
    /// Whether a value, or nothing, is what the node wants. Of an array, one element has to be; within it, all that
    /// the node names.
    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (_, Some(Value::Array(elements))) if !elements.is_empty() => {
                elements.iter().any(|element| self.matches(Some(element)))
            }
            (Node::Fields { all, one_of }, value) => {
                let field = |name: &String| value.and_then(|value| value.get(name));
                all.iter().all(|(name, node)| node.matches(field(name)))
                    && (one_of.is_empty() || one_of.iter().any(|node| node.matches(value)))
            }
            (Node::Rules(rules), value) => rules.iter().any(|rule| takes(rule, value)),
        }
    }
}

fn takes(rule: &Rule, value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Object(_) | Value::Array(_)) => rule.takes_nothing(),
        Some(value) => rule.takes(value),
    }
}
