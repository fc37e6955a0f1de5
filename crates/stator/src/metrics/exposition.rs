//! The text format, version 0.0.4: families of samples, each family once.

use std::fmt::{Display, Write};

/// `Content-Type` of the format.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the samples of a family are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// It only grows, until the server starts anew.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts below bounds.
    Histogram,
}

/// Names and values of labels; one without a value is left out.
pub(super) type Labels<'a> = &'a [(&'static str, &'a str)];

/// A text that is being written.
#[derive(Debug, Default)]
pub(super) struct Exposition(String);

impl Exposition {
    /// Begins a family, whose samples follow.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
        Family { text: self, name }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    fn line(&mut self, line: impl Display) {
        writeln!(self.0, "{line}").expect("a string takes every write");
    }
}

/// A family that is being written.
pub(super) struct Family<'e> {
    text: &'e mut Exposition,
    name: &'static str,
}

impl Family<'_> {
    /// A sample.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl Display) {
        self.part("", labels, value);
    }

    /// A sample of what is not zero: what never happened has no series.
    pub(super) fn events(&mut self, labels: Labels<'_>, count: u64) {
        if count > 0 {
            self.sample(labels, count);
        }
    }

    /// The same of a sum.
    pub(super) fn sum(&mut self, labels: Labels<'_>, sum: f64) {
        if sum > 0.0 {
            self.sample(labels, sum);
        }
    }

    /// A distribution: how many values are below each bound, how many there are, and their sum.
    pub(super) fn histogram(
        &mut self,
        labels: Labels<'_>,
        within: impl Iterator<Item = (f64, u64)>,
        count: u64,
        sum: f64,
    ) {
        let mut labels = labels.to_vec();
        for (bound, below) in within {
            let bound = bound.to_string();
            self.part("_bucket", &with(&labels, &bound), below);
        }
        self.part("_bucket", &with(&labels, "+Inf"), count);
        labels.retain(|(_, value)| !value.is_empty());
        self.part("_sum", &labels, sum);
        self.part("_count", &labels, count);
    }

    fn part(&mut self, suffix: &str, labels: Labels<'_>, value: impl Display) {
        let name = self.name;
        let text = &mut self.text.0;
        text.push_str(name);
        text.push_str(suffix);
        let mut separator = '{';
        for (name, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
            text.push(separator);
            separator = ',';
            text.push_str(name);
            text.push_str("=\"");
            escape(value, text);
            text.push('"');
        }
        if separator == ',' {
            text.push('}');
        }
        self.text.line(format_args!(" {value}"));
    }
}

fn with<'a>(labels: Labels<'a>, bound: &'a str) -> Vec<(&'static str, &'a str)> {
    labels.iter().copied().chain([("le", bound)]).collect()
}

fn escape(value: &str, text: &mut String) {
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_samples() {
        let mut text = Exposition::default();
        let mut family = text.family("a_total", Kind::Counter, "What a is.");
        family.sample(&[], 1.5);
        family.sample(&[("x", "q\"\\\n"), ("y", ""), ("z", "1")], 2);
        family.events(&[], 0);
        let mut family = text.family("h_seconds", Kind::Histogram, "What h is.");
        family.histogram(&[("x", "v"), ("y", "")], [(0.5, 1), (2.0, 3)].into_iter(), 4, 9.0);
        let expect = "# HELP a_total What a is.\n# TYPE a_total counter\na_total 1.5\na_total{x=\"q\\\"\\\\\\n\",z=\"1\"} 2\n\
                      # HELP h_seconds What h is.\n# TYPE h_seconds histogram\nh_seconds_bucket{x=\"v\",le=\"0.5\"} 1\n\
                      h_seconds_bucket{x=\"v\",le=\"2\"} 3\nh_seconds_bucket{x=\"v\",le=\"+Inf\"} 4\n\
                      h_seconds_sum{x=\"v\"} 9\nh_seconds_count{x=\"v\"} 4\n";
        assert_eq!(String::from_utf8(text.into_bytes()).ok().as_deref(), Some(expect));
    }
}
