//! A change as text for people: what happened to which item, and below it what differs.

use super::changes::{self, Change};
use super::paint::{Ink, Paint};
use super::record::Record;
use super::stream::Stream;
use super::value::{clip, name, text};
use serde_json::{Map, Value};
use stdx::calendar;

/// Where the differences begin.
const INDENT: &str = "         ";
/// Longest path that the values of others are aligned to.
const ALIGNED_MAX: usize = 24;

/// Writes changes for people.
pub(super) struct Text {
    paint: Paint,
    columns: usize,
    pub(super) key_names: Vec<String>,
    /// The day of the last change, in days since the Unix epoch.
    day: u64,
}

impl Text {
    pub(super) fn new(paint: Paint, columns: usize) -> Text {
        Text { paint, columns: columns.max(40), key_names: Vec::new(), day: 0 }
    }

    /// The first line: what is followed, and how to end it.
    pub(super) fn greeting(&self, stream: &Stream, url: &str) -> String {
        let (view, table) = (&stream.view, &stream.table);
        let hint = match view.as_str() {
            "NEW_AND_OLD_IMAGES" => "",
            _ => "; a stream of NEW_AND_OLD_IMAGES would show what was changed",
        };
        let line = format!("following {table} at {url} ({view}{hint}); times are UTC; Ctrl-C ends it");
        format!("{}\n", self.paint.text(Ink::Faint, &line))
    }

    /// Appends one change.
    pub(super) fn add(&mut self, out: &mut String, record: Record<'_>) {
        self.add_day(out, record.seconds());
        self.add_head(out, record);
        match (record.event(), record.old_image(), record.new_image()) {
            ("MODIFY", Value::Null, image) | ("MODIFY", image, Value::Null) => {
                let shown = changes::between(&Value::Null, &self.other_members(image));
                self.add_changes(out, &shown, Sign::Plain);
            }
            (_, old, new) => {
                let (old, new) = (self.other_members(old), self.other_members(new));
                self.add_changes(out, &changes::between(&old, &new), Sign::New);
            }
        }
    }

    /// A line for a day that begins.
    fn add_day(&mut self, out: &mut String, seconds: u64) {
        let day = seconds / 86_400;
        if day != self.day {
            self.day = day;
            let (year, month, day) = calendar::date_of(day as i64);
            out.push_str(&self.paint.text(Ink::Faint, &format!("── {year:04}-{month:02}-{day:02}")));
            out.push('\n');
        }
    }

    fn add_head(&self, out: &mut String, record: Record<'_>) {
        let second = record.seconds() % 86_400;
        let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        let ink = match record.event() {
            "INSERT" => Ink::New,
            "REMOVE" => Ink::Old,
            _ => Ink::Changed,
        };
        out.push_str(&self.paint.text(Ink::Faint, &time));
        out.push(' ');
        out.push_str(&self.paint.text(ink, record.event()));
        for key in &self.key_names {
            let value = clip(&text(&record.keys()[key]), self.columns / 2);
            out.push_str(&format!("  {}={}", name(key), self.paint.text(Ink::Strong, &value)));
        }
        let remark = match (record.event(), record.old_image(), record.new_image()) {
            _ if record.is_expiry() => "  expired",
            ("MODIFY", Value::Null, Value::Object(_)) => "  new image",
            ("MODIFY", Value::Object(_), Value::Null) => "  old image",
            _ => "",
        };
        out.push_str(&self.paint.text(Ink::Faint, remark));
        out.push('\n');
    }

    /// An image without the key, which the head shows.
    fn other_members(&self, image: &Value) -> Value {
        let members = image.as_object().into_iter().flatten();
        let others = members.filter(|(name, _)| !self.key_names.contains(name));
        Value::Object(others.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
    }

    fn add_changes(&self, out: &mut String, changes: &[Change], added: Sign) {
        let lengths = changes.iter().map(|change| change.path.chars().count());
        let aligned = lengths.filter(|length| *length <= ALIGNED_MAX).max().unwrap_or(0);
        for change in changes {
            self.add_change(out, change, aligned, added);
        }
    }

    fn add_change(&self, out: &mut String, change: &Change, aligned: usize, added: Sign) {
        let values = [&change.old, &change.new].map(|value| value.as_ref().map(text));
        let path = format!("{:aligned$}", change.path);
        let left = self.columns.saturating_sub(INDENT.len() + path.chars().count() + 4).max(16);
        if let [Some(old), Some(new)] = &values
            && old.chars().count() + new.chars().count() + 3 <= left
        {
            let (old, new) = (self.paint.text(Ink::Old, old), self.paint.text(Ink::New, new));
            return self.add_line(out, Sign::Changed, &path, &format!("{old} → {new}"));
        }
        let [old, new] = values.map(|value| value.map(|value| clip(&value, left)));
        if let Some(old) = old {
            self.add_line(out, Sign::Gone, &path, &self.paint.text(Ink::Old, &old));
        }
        if let Some(new) = new {
            let value = if added == Sign::New { self.paint.text(Ink::New, &new) } else { new };
            self.add_line(out, added, &path, &value);
        }
    }

    fn add_line(&self, out: &mut String, sign: Sign, path: &str, value: &str) {
        let sign = match sign {
            Sign::New => self.paint.text(Ink::New, "+"),
            Sign::Gone => self.paint.text(Ink::Old, "-"),
            Sign::Changed => self.paint.text(Ink::Changed, "~"),
            Sign::Plain => " ".to_owned(),
        };
        out.push_str(&format!("{INDENT}{sign} {path}  {value}\n"));
    }
}

/// The prefix of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    New,
    Gone,
    Changed,
    /// The record does not contain whether it was changed.
    Plain,
}

#[cfg(test)]
mod tests {
    use super::super::arguments::Color;
    use super::*;
    use crate::client::Variables;
    use serde_json::json;

    fn shown(color: Color, columns: usize, records: &[Value]) -> String {
        let paint = Paint::new(color, false, &Variables::new(&|_| None, &|_| None));
        let mut text = Text { key_names: vec!["artist".into(), "song".into()], ..Text::new(paint, columns) };
        let mut out = String::new();
        records.iter().for_each(|record| text.add(&mut out, Record::of(record)));
        out
    }

    fn record(event: &str, seconds: u64, old: Value, new: Value) -> Value {
        let keys = json!({"artist": {"S": "Nina Simone"}, "song": {"S": "Sinnerman"}});
        let image = |other: Value| {
            let mut image = keys.clone();
            image.as_object_mut().unwrap().extend(other.as_object()?.clone());
            Some(image)
        };
        json!({"eventName": event, "dynamodb": {"ApproximateCreationDateTime": seconds, "Keys": keys,
            "OldImage": image(old), "NewImage": image(new)}})
    }

    #[test]
    fn what_happened_and_what_differs() {
        let day = 1_769_817_600;
        let (old, new) = (
            json!({"year": {"N": "1965"}, "genre": {"S": "jazz"}}),
            json!({"year": {"N": "1966"}, "label": {"S": "Philips"}}),
        );
        let mut expired = record("REMOVE", day + 86_400, new.clone(), Value::Null);
        expired["userIdentity"] = json!({"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"});
        let records = [
            record("INSERT", day, Value::Null, old.clone()),
            record("MODIFY", day + 3_661, old, new),
            expired,
        ];
        let expect = r#"── 2026-01-31
00:00:00 INSERT  artist="Nina Simone"  song="Sinnerman"
         + genre  "jazz"
         + year   1965
01:01:01 MODIFY  artist="Nina Simone"  song="Sinnerman"
         - genre  "jazz"
         + label  "Philips"
         ~ year   1965 → 1966
── 2026-02-01
00:00:00 REMOVE  artist="Nina Simone"  song="Sinnerman"  expired
         - label  "Philips"
         - year   1966
"#;
        assert_eq!(shown(Color::Never, 100, &records), expect);
        let painted = shown(Color::Always, 100, &records);
        assert!(
            painted.contains("\x1b[33m~\x1b[0m year   \x1b[31m1965\x1b[0m → \x1b[32m1966\x1b[0m\n"),
            "{painted}"
        );
    }

    #[test]
    fn streams_of_one_image_or_of_keys() {
        let one = record("MODIFY", 1, Value::Null, json!({"year": {"N": "1"}}));
        let keys = record("MODIFY", 1, Value::Null, Value::Null);
        let head = "00:00:01 MODIFY  artist=\"Nina Simone\"  song=\"Sinnerman\"";
        let expect = format!("{head}  new image\n           year  1\n{head}\n");
        assert_eq!(shown(Color::Never, 100, &[one, keys]), expect);
    }

    #[test]
    fn what_does_not_fit_a_line_takes_two_and_is_clipped() {
        let old = json!({"text": {"S": "a".repeat(100)}});
        let shown = shown(Color::Never, 60, &[record("MODIFY", 86_400, old, json!({"text": {"S": "b"}}))]);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(
            lines[2].starts_with("         - text  \"aaa")
                && lines[2].ends_with('…')
                && lines[2].chars().count() <= 60,
            "{shown}"
        );
        assert_eq!(lines[3], "         + text  \"b\"");
    }
}
