//! Whether the body of a dashboard is one: an object with widgets, each with a type and properties.

use serde_json::Value;

/// Widgets of a dashboard.
const WIDGETS_MAX: usize = 500;
const TYPES: [&str; 6] = ["metric", "text", "log", "alarm", "explorer", "custom"];

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) message: String,
}

/// What is wrong with a body; nothing if it is one.
pub(crate) fn check(body: &str) -> Vec<Problem> {
    let problem = |path: &str, message: &str| Problem { path: path.to_owned(), message: message.to_owned() };
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return vec![problem("/", "The dashboard body is not valid JSON")];
    };
    let Some(widgets) = body.get("widgets") else {
        return vec![problem("/", "Should have required property 'widgets'")];
    };
    let Some(widgets) = widgets.as_array() else { return vec![problem("/widgets", "Should be an array")] };
    if widgets.len() > WIDGETS_MAX {
        return vec![problem("/widgets", "Should NOT have more than 500 items")];
    }
    let of_widget = |(place, widget): (usize, &Value)| {
        let path = format!("/widgets/{place}");
        let mut found = Vec::new();
        match widget.get("type").and_then(Value::as_str) {
            Some(kind) if TYPES.contains(&kind) => {}
            Some(_) => {
                found.push(problem(&format!("{path}/type"), "Should be equal to one of the allowed values"))
            }
            None => found.push(problem(&path, "Should have required property 'type'")),
        }
        if !widget.get("properties").is_some_and(Value::is_object) {
            found.push(problem(&path, "Should have required property 'properties'"));
        }
        for member in ["x", "y", "width", "height"] {
            if widget.get(member).is_some_and(|value| value.as_u64().is_none()) {
                found.push(problem(&format!("{path}/{member}"), "Should be integer"));
            }
        }
        found
    };
    widgets.iter().enumerate().flat_map(of_widget).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_with_their_place() {
        let paths = |body: &str| check(body).into_iter().map(|problem| problem.path).collect::<Vec<_>>();
        assert!(
            paths(r#"{"widgets": [{"type": "text", "x": 1, "properties": {"markdown": "hi"}}]}"#).is_empty()
        );
        assert_eq!(paths("{"), ["/"]);
        assert_eq!(paths("{}"), ["/"]);
        assert_eq!(paths(r#"{"widgets": 1}"#), ["/widgets"]);
        assert_eq!(
            paths(r#"{"widgets": [{"type": "x", "y": "a", "properties": {}}, {}]}"#),
            ["/widgets/0/type", "/widgets/0/y", "/widgets/1", "/widgets/1",]
        );
    }
}
