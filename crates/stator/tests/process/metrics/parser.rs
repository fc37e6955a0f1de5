//! A strict reader of the text format: each family has its help and type once, before its samples, which stand
//! together; names and labels have their form; no series comes twice; distributions add up.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// The families of a page.
#[derive(Debug, Default)]
pub struct Page {
    types: BTreeMap<String, String>,
    samples: BTreeMap<(String, Labels), f64>,
}

impl Page {
    /// The value of the series with exactly these labels.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.samples.get(&(name.to_owned(), labels)).copied()
    }

    /// Whether this page can have been read after another one: what is counted has not become less.
    pub fn continues(&self, earlier: &Page) -> Result<(), String> {
        for ((name, labels), before) in &earlier.samples {
            let kind = self.types.get(family_of(name, &self.types).ok_or(name.as_str())?);
            let now = self.samples.get(&(name.clone(), labels.clone()));
            if kind.is_some_and(|kind| kind != "gauge") && now.is_none_or(|now| now < before) {
                return Err(format!("{name} {labels:?} was {before} and is {now:?}"));
            }
        }
        Ok(())
    }
}

/// The family that a sample is of.
fn family_of<'a>(name: &'a str, types: &BTreeMap<String, String>) -> Option<&'a str> {
    let is_histogram = |family: &&str| types.get(*family).is_some_and(|kind| kind == "histogram");
    let part = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
    part.filter(is_histogram).or_else(|| types.contains_key(name).then_some(name))
}

/// Reads a page.
pub fn parse(text: &str) -> Result<Page, String> {
    let (mut page, mut helped, mut current) = (Page::default(), BTreeSet::new(), String::new());
    if !text.ends_with('\n') {
        return Err("the last line has no end".into());
    }
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').ok_or(line)?;
            if help.is_empty() || !is_name(name) || !helped.insert(name.to_owned()) {
                return Err(format!("bad help: {line}"));
            }
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or(line)?;
            let is_kind = ["counter", "gauge", "histogram"].contains(&kind);
            let is_named = (kind == "counter") == name.ends_with("_total");
            if !is_kind
                || !is_named
                || !helped.contains(name)
                || page.types.insert(name.into(), kind.into()).is_some()
            {
                return Err(format!("bad type: {line}"));
            }
            current = name.to_owned();
        } else {
            let (name, labels, value) = sample(line).ok_or_else(|| format!("bad sample: {line}"))?;
            if family_of(&name, &page.types) != Some(&current) {
                return Err(format!("{name} is not in its family: {line}"));
            }
            if page.samples.insert((name, labels), value).is_some() {
                return Err(format!("a series comes twice: {line}"));
            }
        }
    }
    distributions(&page).map(|()| page)
}

/// `name{label="value"} number`
fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let value: f64 = value.parse().ok().filter(|value: &f64| value.is_finite())?;
    let (name, mut rest) = match series.split_once('{') {
        None => (series, None),
        Some((name, rest)) => (name, Some(rest)),
    };
    let mut labels = Labels::new();
    while let Some(text) = rest {
        let (label, after) = text.split_once("=\"")?;
        let (value, after) = quoted(after)?;
        if !is_name(label) || label.contains(':') || labels.insert(label.into(), value).is_some() {
            return None;
        }
        rest = match after {
            "}" => None,
            _ => Some(after.strip_prefix(',')?),
        };
    }
    is_name(name).then(|| (name.to_owned(), labels, value))
}

/// A value up to its quote, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut characters) = (String::new(), text.char_indices());
    loop {
        match characters.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => value.push(match characters.next()?.1 {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                _ => return None,
            }),
            (_, character) => value.push(character),
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    name.chars().all(is_inside) && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty()
}

/// Buckets grow with their bounds, and the last one is the count.
fn distributions(page: &Page) -> Result<(), String> {
    let mut buckets = BTreeMap::<(String, Labels), Vec<(f64, f64)>>::new();
    for ((name, labels), value) in &page.samples {
        if let Some(family) = name.strip_suffix("_bucket") {
            let mut labels = labels.clone();
            let bound = labels.remove("le").ok_or("a bucket without a bound")?;
            let bound = bound.replace("+Inf", "inf").parse().map_err(|_| format!("bad bound {bound}"))?;
            buckets.entry((family.to_owned(), labels)).or_default().push((bound, *value));
        }
    }
    for ((family, labels), mut buckets) in buckets {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let grow = buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        let count = page.samples.get(&(format!("{family}_count"), labels.clone()));
        let last = buckets.last().filter(|(bound, _)| bound.is_infinite()).map(|(_, value)| value);
        if !grow || last != count || !page.samples.contains_key(&(format!("{family}_sum"), labels.clone())) {
            return Err(format!("{family} {labels:?} does not add up: {buckets:?}"));
        }
    }
    Ok(())
}

#[test]
fn what_is_no_page_is_refused() {
    let family = "# HELP a_total h\n# TYPE a_total counter\n";
    assert!(parse(&format!("{family}a_total{{x=\"1\\n\"}} 1\na_total 2\n")).is_ok());
    for wrong in [
        "a_total 1\n".to_owned(),
        format!("{family}a_total 1"),
        format!("{family}a_total 1\na_total 2\n"),
        format!("{family}a_total{{x=1}} 1\n"),
        format!("{family}a_total NaN\n"),
        format!("{family}{family}"),
        "# HELP a h\n# TYPE a counter\na 1\n".to_owned(),
        "# HELP h h\n# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n"
            .to_owned(),
    ] {
        assert!(parse(&wrong).is_err(), "{wrong}");
    }
}
