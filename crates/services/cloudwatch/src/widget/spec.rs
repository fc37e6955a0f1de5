//! What a widget is asked to be: the JSON of GetMetricWidgetImage. Members that it does not know are left alone, as
//! dashboards have many that are for consoles.

use super::color::{self, Color};
use super::rows::{self, Rows};
use super::time;
use crate::queries::Span;
use serde::Deserialize;
use serde_json::Value;

const SIZE_MAX: i64 = 2_000;
const SIZE_MIN: i64 = 60;
const METRICS_MAX: usize = 500;
const ANNOTATIONS_MAX: usize = 100;

/// A widget that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Widget {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) title: Option<String>,
    pub(super) view: View,
    pub(super) is_stacked: bool,
    pub(super) left: Axis,
    pub(super) right: Axis,
    pub(super) legend: Legend,
    pub(super) horizontal: Vec<Level>,
    pub(super) vertical: Vec<Moment>,
    /// Seconds that its clock is ahead.
    pub(super) zone_seconds: i64,
    /// From when to when.
    pub(crate) span: Span,
    /// Its metrics.
    pub(crate) rows: Rows,
}

/// An axis of values.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Axis {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) label: Option<String>,
}

/// How the metrics are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum View {
    /// Curves over time; the others show the latest values.
    #[default]
    TimeSeries,
    SingleValue,
    Gauge,
    Bar,
    Pie,
}

impl View {
    fn named(name: &str) -> Option<View> {
        match name {
            "timeSeries" => Some(View::TimeSeries),
            "singleValue" => Some(View::SingleValue),
            "gauge" => Some(View::Gauge),
            "bar" => Some(View::Bar),
            "pie" => Some(View::Pie),
            _ => None,
        }
    }

    /// Whether names are beside the picture, and not in it.
    pub(super) fn has_legend(self) -> bool {
        self != View::SingleValue
    }
}

/// Where the names of the curves are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Legend {
    #[default]
    Bottom,
    Right,
    Hidden,
}

/// A value that is marked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Level {
    pub(super) value: f64,
    pub(super) label: Option<String>,
    pub(super) color: Option<Color>,
    pub(super) fill: Option<Fill>,
    pub(super) is_right: bool,
}

/// A time that is marked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    pub(super) seconds: u64,
    pub(super) label: Option<String>,
    pub(super) color: Option<Color>,
    pub(super) fill: Option<Fill>,
}

/// On which side of a mark there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fill {
    Above,
    Below,
    Before,
    After,
    None,
}

/// A widget as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Spec {
    #[serde(default)]
    metrics: Vec<Vec<Value>>,
    width: Option<i64>,
    height: Option<i64>,
    title: Option<String>,
    view: Option<String>,
    #[serde(default)]
    stacked: bool,
    period: Option<u64>,
    stat: Option<String>,
    start: Option<String>,
    end: Option<String>,
    timezone: Option<String>,
    #[serde(default)]
    y_axis: Axes,
    #[serde(default)]
    legend: Position,
    #[serde(default)]
    annotations: Annotations,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Axes {
    left: Axis,
    right: Axis,
}

#[derive(Debug, Default, Deserialize)]
struct Position {
    #[serde(default)]
    position: Legend,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Annotations {
    horizontal: Vec<Value>,
    vertical: Vec<Value>,
}

/// One mark as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark<T> {
    value: T,
    label: Option<String>,
    color: Option<String>,
    fill: Option<Fill>,
    y_axis: Option<String>,
}

impl Spec {
    /// Reads one.
    ///
    /// # Errors
    /// In words: what is not as it must be.
    pub(crate) fn parse(text: &str) -> Result<Spec, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The widget at a time.
    ///
    /// # Errors
    /// In words: what is not as it must be.
    pub(crate) fn widget(self, now_seconds: u64) -> Result<Widget, String> {
        let view = view(self.view.as_deref(), &self.y_axis.left)?;
        if self.metrics.is_empty() && self.annotations.horizontal.is_empty() {
            return Err("it should have metrics".to_owned());
        }
        if self.metrics.len() > METRICS_MAX {
            return Err(format!("it should not have more than {METRICS_MAX} metrics"));
        }
        let at = |text: Option<String>, or: &str| {
            let text = text.as_deref().unwrap_or(or);
            time::parse(text, now_seconds).ok_or_else(|| format!("{text} is no time"))
        };
        let (start, end) = (at(self.start, "-PT3H")?, at(self.end, "PT0H")?);
        if start >= end {
            return Err("its start should be before its end".to_owned());
        }
        let zone = self.timezone.as_deref().unwrap_or("+0000");
        Ok(Widget {
            width: size(self.width, 600, "width")?,
            height: size(self.height, 400, "height")?,
            title: self.title.filter(|title| !title.is_empty()),
            view,
            is_stacked: self.stacked,
            left: self.y_axis.left,
            right: self.y_axis.right,
            legend: self.legend.position,
            horizontal: horizontal(self.annotations.horizontal)?,
            vertical: vertical(self.annotations.vertical, now_seconds)?,
            zone_seconds: time::zone(zone).ok_or_else(|| format!("{zone} is no time zone"))?,
            span: Span { start: start as f64, end: end as f64 },
            rows: rows::read(
                self.metrics,
                self.period.unwrap_or(300),
                self.stat.as_deref().unwrap_or("Average"),
            )?,
        })
    }
}

/// A gauge is of bounds that are given.
fn view(name: Option<&str>, axis: &Axis) -> Result<View, String> {
    let Some(name) = name else { return Ok(View::default()) };
    let view = View::named(name).ok_or_else(|| format!("the view {name} is not supported"))?;
    let has_bounds = matches!((axis.min, axis.max), (Some(min), Some(max)) if min < max);
    if view == View::Gauge && !has_bounds {
        return Err("a gauge should have a left axis with a min below its max".to_owned());
    }
    Ok(view)
}

fn size(given: Option<i64>, or: i64, name: &str) -> Result<i32, String> {
    let size = given.unwrap_or(or);
    match i32::try_from(size) {
        Ok(pixels) if (SIZE_MIN..=SIZE_MAX).contains(&size) => Ok(pixels),
        _ => Err(format!("its {name} should be from {SIZE_MIN} to {SIZE_MAX}")),
    }
}

/// A band is two values; both are marked.
fn horizontal(marks: Vec<Value>) -> Result<Vec<Level>, String> {
    let level = |mark: Mark<f64>| {
        Ok(Level {
            value: mark.value,
            label: mark.label,
            color: parsed(mark.color)?,
            fill: mark.fill,
            is_right: mark.y_axis.as_deref() == Some("right"),
        })
    };
    flat(marks)?.into_iter().map(level).collect()
}

fn vertical(marks: Vec<Value>, now_seconds: u64) -> Result<Vec<Moment>, String> {
    let moment = |mark: Mark<String>| {
        let seconds = time::parse(&mark.value, now_seconds);
        Ok(Moment {
            seconds: seconds.ok_or_else(|| format!("{} is no time", mark.value))?,
            label: mark.label,
            color: parsed(mark.color)?,
            fill: mark.fill,
        })
    };
    flat(marks)?.into_iter().map(moment).collect()
}

fn flat<T: serde::de::DeserializeOwned>(marks: Vec<Value>) -> Result<Vec<Mark<T>>, String> {
    let ends = marks.into_iter().flat_map(|mark| match mark {
        Value::Array(ends) => ends,
        one => vec![one],
    });
    let marks: Vec<_> = ends.take(ANNOTATIONS_MAX + 1).collect();
    if marks.len() > ANNOTATIONS_MAX {
        return Err(format!("it should not have more than {ANNOTATIONS_MAX} annotations"));
    }
    marks.into_iter().map(|mark| serde_json::from_value(mark).map_err(|error| error.to_string())).collect()
}

fn parsed(color: Option<String>) -> Result<Option<Color>, String> {
    let parse = |text: String| color::parse(&text).ok_or_else(|| format!("{text} is no color"));
    color.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_764_400_000;

    fn widget(text: &str) -> Result<Widget, String> {
        Spec::parse(text)?.widget(NOW)
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let widget =
            widget(r#"{"metrics": [["a", "b"]], "liveData": false, "region": "us-east-1"}"#).unwrap();
        assert_eq!((widget.width, widget.height, widget.legend), (600, 400, Legend::Bottom));
        assert_eq!(widget.span, Span { start: (NOW - 10_800) as f64, end: NOW as f64 });
    }

    #[test]
    fn marks_are_values_times_and_bands() {
        let text = r##"{"metrics": [["a", "b"]], "annotations": {
            "horizontal": [{"value": 5, "label": "limit", "color": "#f00", "fill": "above"}, [{"value": 1}, {"value": 2}]],
            "vertical": [{"value": "2025-11-29T03:04:00Z", "label": "deployed"}]}}"##;
        let widget = widget(text).unwrap();
        assert_eq!(widget.horizontal.iter().map(|level| level.value).collect::<Vec<_>>(), [5.0, 1.0, 2.0]);
        assert_eq!(
            (widget.horizontal[0].fill, widget.vertical[0].seconds),
            (Some(Fill::Above), 1_764_385_440)
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        for (text, part) in [
            ("{", "EOF"),
            ("[]", "invalid"),
            ("{}", "should have metrics"),
            (r#"{"metrics": [["a", "b"]], "width": 5000}"#, "width"),
            (r#"{"metrics": [["a", "b"]], "height": -1}"#, "height"),
            (r#"{"metrics": [["a", "b"]], "start": "x"}"#, "x is no time"),
            (r#"{"metrics": [["a", "b"]], "start": "P0D"}"#, "before its end"),
            (r#"{"metrics": [["a", "b"]], "timezone": "CET"}"#, "CET is no time zone"),
            (r#"{"metrics": [["a", "b"]], "view": "table"}"#, "the view table"),
            (r#"{"metrics": [["a", "b"]], "view": "gauge"}"#, "a gauge should have"),
            (r#"{"metrics": [["a"]]}"#, "namespace"),
            (r#"{"metrics": [["a", "b", {"color": "red"}]]}"#, "red is no color"),
            (
                r#"{"metrics": [["a", "b"]], "annotations": {"vertical": [{"value": 7}]}}"#,
                "expected a string",
            ),
        ] {
            let refused = widget(text).expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
