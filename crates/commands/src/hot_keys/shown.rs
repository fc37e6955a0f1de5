//! Rankings for people: a line for each key, with its share as a bar.

use serde_json::Value;

const BAR: usize = 24;
const KEY_CHARS_MAX: usize = 40;

/// The report as text.
pub(super) fn report(report: &Value) -> String {
    let minutes = &report["minutes"];
    let mut text = format!("{}, the last {minutes} minutes\n", plain(&report["table"]));
    for ranking in report["rankings"].as_array().into_iter().flatten() {
        text += &self::ranking(ranking);
    }
    text
}

fn ranking(ranking: &Value) -> String {
    let of = ranking["index"].as_str().map_or_else(|| "table".to_owned(), |index| format!("index {index}"));
    let (total, keys) = (ranking["total"].as_f64().unwrap_or(0.0), ranking["keys"].as_array());
    let mut text =
        format!("\n{of}, {}: {total:.1} {} in all\n", plain(&ranking["ranking"]), plain(&ranking["unit"]));
    let lines: Vec<_> = keys.into_iter().flatten().map(|one| (key(&one["key"]), &one["value"])).collect();
    let width = lines.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    for (key, value) in &lines {
        text += &line(key, width, value.as_f64().unwrap_or(0.0), total);
    }
    if lines.is_empty() {
        text += "  none\n";
    }
    text
}

fn line(key: &str, width: usize, value: f64, total: f64) -> String {
    let share = if total > 0.0 { value / total } else { 0.0 };
    let filled = ((share * BAR as f64).round() as usize).min(BAR);
    let bar = "█".repeat(filled) + &"·".repeat(BAR - filled);
    format!("  {key:<width$}  {bar} {value:>12.1}  {:>5.1}%\n", share * 100.0)
}

/// The parts of a key on one line, whatever characters it has.
fn key(parts: &Value) -> String {
    let parts = parts.as_array().into_iter().flatten().map(plain);
    let key = parts.collect::<Vec<_>>().join(" / ");
    match key.char_indices().nth(KEY_CHARS_MAX) {
        Some((cut, _)) => format!("{}…", &key[..cut]),
        None => key,
    }
}

/// A text without characters that would steer a terminal.
fn plain(text: &Value) -> String {
    let shown = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    text.as_str().unwrap_or_default().chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bar_is_a_share() {
        let text = report(&json!({
            "table": "orders",
            "minutes": 60,
            "rankings": [
                {
                    "index": null, "ranking": "items by consumed units", "unit": "units", "total": 8.0,
                    "keys": [{"key": ["a\u{1b}", "1"], "value": 6.0}, {"key": ["b", "2"], "value": 2.0}],
                },
                {"index": "by-x", "ranking": "partition keys", "unit": "units", "total": 0.0, "keys": []},
            ],
        }));
        let expect = "orders, the last 60 minutes\n\n\
                      table, items by consumed units: 8.0 units in all\n  \
                      a\u{fffd} / 1  ██████████████████······          6.0   75.0%\n  \
                      b / 2   ██████··················          2.0   25.0%\n\n\
                      index by-x, partition keys: 0.0 units in all\n  none\n";
        assert_eq!(text, expect);
    }

    #[test]
    fn long_keys_are_cut_between_characters() {
        assert_eq!(key(&json!(["ü".repeat(50)])).chars().count(), KEY_CHARS_MAX + 1);
    }
}
