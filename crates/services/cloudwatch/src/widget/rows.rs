//! The metrics of a widget: rows of namespace, name, and names and values of dimensions, with `.` for what the row
//! above has in this place and `...` for several such, and a last element with settings.

use super::color::{self, Color};
use crate::errors;
use crate::queries::{self, Query};
use model::ApiError;
use model::cloudwatch::{Dimension, Metric, MetricDataQuery, MetricStat};
use serde::Deserialize;
use serde_json::Value;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rows {
    pub(super) rows: Vec<Row>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) color: Option<Color>,
    pub(super) is_right: bool,
    query: MetricDataQuery,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    id: Option<String>,
    label: Option<String>,
    color: Option<String>,
    visible: Option<bool>,
    period: Option<u64>,
    stat: Option<String>,
    y_axis: Option<String>,
    expression: Option<String>,
}

impl Rows {
    /// As queries.
    ///
    /// # Errors
    /// As those of GetMetricData.
    pub(crate) fn queries(&self) -> Result<Vec<Query>, ApiError> {
        let queries: Vec<_> = self.rows.iter().map(|row| row.query.clone()).collect();
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        if queries.iter().any(|query| query.id.as_deref().is_none_or(str::is_empty)) {
            return Err(errors::invalid_id("", "MetricWidget"));
        }
        queries::read(queries, "MetricWidget")
    }

    /// The row of a query.
    pub(super) fn of(&self, id: &str) -> Option<(usize, &Row)> {
        self.rows.iter().enumerate().find(|(_, row)| row.id == id)
    }
}

/// Reads the rows; a row without a period or statistic has those of the widget.
pub(super) fn read(rows: Vec<Vec<Value>>, period: u64, stat: &str) -> Result<Rows, String> {
    let mut above = Vec::new();
    let mut read = Vec::new();
    for (place, mut row) in rows.into_iter().enumerate() {
        let settings = match row.pop_if(|last| last.is_object()) {
            Some(settings) => serde_json::from_value(settings).map_err(|error| error.to_string())?,
            None => Settings::default(),
        };
        let texts: Option<Vec<&str>> = row.iter().map(Value::as_str).collect();
        let texts = texts.ok_or("a metric should be texts and settings")?;
        let query = match &settings.expression {
            Some(expression) => of_expression(expression, settings.period),
            None => {
                above = filled(&texts, &above)?;
                of_metric(
                    &above,
                    settings.period.unwrap_or(period),
                    settings.stat.as_deref().unwrap_or(stat),
                )?
            }
        };
        let id = settings.id.unwrap_or_else(|| format!("unnamed_{place}"));
        let color =
            settings.color.map(|text| color::parse(&text).ok_or_else(|| format!("{text} is no color")));
        let (label, is_shown) = (settings.label, settings.visible.unwrap_or(true));
        read.push(Row {
            color: color.transpose()?,
            is_right: settings.y_axis.as_deref() == Some("right"),
            query: MetricDataQuery { id: Some(id.clone()), label, return_data: Some(is_shown), ..query },
            id,
        });
    }
    Ok(Rows { rows: read })
}

/// A row with what stands for that of the row above.
fn filled(row: &[&str], above: &[String]) -> Result<Vec<String>, String> {
    let mut filled: Vec<String> = Vec::new();
    for (place, text) in row.iter().enumerate() {
        match *text {
            "..." => {
                let end = above.len().saturating_sub(row.len() - place - 1);
                filled.extend(above.get(filled.len()..end).into_iter().flatten().cloned());
            }
            "." => filled.push(above.get(filled.len()).cloned().ok_or("there is nothing above a dot")?),
            text => filled.push(text.to_owned()),
        }
    }
    Ok(filled)
}

fn of_metric(row: &[String], period: u64, stat: &str) -> Result<MetricDataQuery, String> {
    let [namespace, name, dimensions @ ..] = row else {
        return Err("a metric should have a namespace and a name".to_owned());
    };
    let (pairs, []) = dimensions.as_chunks::<2>() else {
        return Err(format!("each dimension of {name} should have a value"));
    };
    let dimension =
        |[name, value]: &[String; 2]| Dimension { name: Some(name.clone()), value: Some(value.clone()) };
    let metric = Metric {
        namespace: Some(namespace.clone()),
        metric_name: Some(name.clone()),
        dimensions: Some(pairs.iter().map(dimension).collect()),
    };
    let stat = MetricStat {
        metric: Some(metric),
        period: i64::try_from(period).ok(),
        stat: Some(stat.to_owned()),
        ..MetricStat::default()
    };
    Ok(MetricDataQuery { metric_stat: Some(stat), ..MetricDataQuery::default() })
}

fn of_expression(text: &str, period: Option<u64>) -> MetricDataQuery {
    let period = period.and_then(|period| i64::try_from(period).ok());
    MetricDataQuery { expression: Some(text.to_owned()), period, ..MetricDataQuery::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::Source;

    fn rows(json: &str) -> Result<Rows, String> {
        read(serde_json::from_str(json).unwrap(), 300, "Sum")
    }

    #[test]
    fn dots_stand_for_what_is_above() {
        let rows = rows(
            r#"[["AWS/DynamoDB", "Read", "TableName", "a", {"id": "r", "visible": false}], [".", "Write", ".", "."],
                ["...", "b", {"yAxis": "right", "period": 60}], [{"expression": "r * 2", "label": "twice", "id": "e"}]]"#,
        )
        .unwrap();
        let queries = rows.queries().unwrap();
        let series = |at: usize| match &queries[at].source {
            Source::Metric(stat) => (stat.series.name.clone(), stat.series.dimensions.clone(), stat.period),
            Source::Expression { .. } => panic!("a metric"),
        };
        let table = |name: &str| vec![("TableName".to_owned(), name.to_owned())];
        assert_eq!(series(1), ("Write".to_owned(), table("a"), 300));
        assert_eq!(series(2), ("Write".to_owned(), table("b"), 60));
        assert_eq!(
            queries.iter().map(|query| query.is_returned).collect::<Vec<_>>(),
            [false, true, true, true]
        );
        assert!(rows.of("unnamed_2").is_some_and(|(place, row)| place == 2 && row.is_right));
    }

    #[test]
    fn rows_that_are_none() {
        for json in [r#"[["."]]"#, r#"[["a", "b", "c"]]"#, r#"[["a", 5]]"#, r#"[["..."]]"#, r#"[[]]"#] {
            assert!(rows(json).is_err(), "{json}");
        }
        assert!(rows(r#"[["a", "b", {"id": "A"}]]"#).unwrap().queries().is_err());
    }
}
