//! Which series the store has, as this server knows it: so that a series is written down once an hour, not with every
//! point, and so that there is a bound on their number. The one idle for longest is removed for a new one; those of
//! services of this server are removed last, so that a client that puts many series does not make tables lose theirs.
//!
//! ```text
//! format u8 = 1 | minute of the last point u32 LE | namespace, name, (dimension, value)*: length u16 LE, UTF-8
//! ```

use super::keys;
use super::series::{Series, SeriesId, Unit};
use std::collections::HashMap;
use store::{Consistency, Direction, KeyRange, RangeRead, Store, StoreError, Visit};

/// Series of a store, all accounts together.
pub const SERIES_MAX: usize = 20_000;
/// Let go of at once where there are too many.
const EVICTED_AT_ONCE: usize = 200;
/// How long a written series stays as it is.
const REWRITTEN_AFTER_MINUTES: u32 = 60;
const FORMAT: u8 = 1;
/// Nobody puts metrics into these.
const OWN_NAMESPACES: &str = "AWS/";

/// The row of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its last point, within an hour.
    pub last_minute: u32,
    /// Its names.
    pub series: Series,
}

/// A series that gives way.
pub(super) struct Evicted {
    pub(super) key: Box<[u8]>,
    pub(super) id: SeriesId,
    pub(super) unit: Unit,
}

/// The series of the store.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    known: HashMap<(SeriesId, Unit), Known>,
    is_loaded: bool,
}

#[derive(Debug)]
struct Known {
    /// The minute of its last point.
    last_minute: u32,
    /// What its row says.
    written_minute: u32,
    /// Of a service of this server.
    is_own: bool,
    key: Box<[u8]>,
}

impl Catalogue {
    pub(super) async fn load(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        if self.is_loaded {
            return Ok(());
        }
        let mut known = HashMap::new();
        each_row(store, &keys::ALL_SERIES, &mut |key, row| {
            if let Some(id) = keys::series_in(key) {
                known.insert(id, Known::of(&row.series, row.last_minute, key));
            }
        })
        .await?;
        *self = Catalogue { known, is_loaded: true };
        Ok(())
    }

    /// Whether the row must be written: there is a point in this minute.
    pub(super) fn note(
        &mut self,
        id: SeriesId,
        unit: Unit,
        series: &Series,
        key: &[u8],
        minute: u32,
    ) -> bool {
        let Some(known) = self.known.get_mut(&(id, unit)) else {
            self.known.insert((id, unit), Known::of(series, minute, key));
            return true;
        };
        known.last_minute = known.last_minute.max(minute);
        let is_due = minute >= known.written_minute.saturating_add(REWRITTEN_AFTER_MINUTES);
        if is_due {
            known.written_minute = minute;
        }
        is_due
    }

    pub(super) fn forget(&mut self, id: SeriesId, unit: Unit) {
        self.known.remove(&(id, unit));
    }

    /// Forgets the series idle for longest, if there are too many.
    pub(super) fn evict(&mut self) -> Vec<Evicted> {
        let Some(excess) = self.known.len().checked_sub(SERIES_MAX + 1) else { return Vec::new() };
        let order = |known: &Known| (known.is_own, known.last_minute);
        let mut idle: Vec<_> = self.known.iter().map(|(id, known)| (order(known), *id)).collect();
        let count = (excess + EVICTED_AT_ONCE).min(idle.len());
        idle.sort_unstable();
        let gone = idle.into_iter().take(count).filter_map(|(_, id)| Some((id, self.known.remove(&id)?)));
        gone.map(|((id, unit), known)| Evicted { key: known.key, id, unit }).collect()
    }
}

impl Known {
    fn of(series: &Series, minute: u32, key: &[u8]) -> Self {
        let is_own = series.namespace.starts_with(OWN_NAMESPACES);
        Known { last_minute: minute, written_minute: minute, is_own, key: key.into() }
    }
}

impl Row {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        out.extend_from_slice(&self.last_minute.to_le_bytes());
        let dimensions = self.series.dimensions.iter().flat_map(|(name, value)| [name, value]);
        for text in [&self.series.namespace, &self.series.name].into_iter().chain(dimensions) {
            out.extend_from_slice(&(text.len() as u16).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out
    }

    fn read(bytes: &[u8]) -> Result<Row, StoreError> {
        let damaged = || StoreError::Corrupt("the row of a metric series is damaged".to_owned());
        let (format, rest) = bytes.split_first().ok_or_else(damaged)?;
        if *format != FORMAT {
            let newer = "the row of a metric series was written by a newer version".to_owned();
            return Err(StoreError::Corrupt(newer));
        }
        let (minute, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let mut texts = texts(rest).ok_or_else(damaged)?.into_iter();
        let (namespace, name) = texts.next().zip(texts.next()).ok_or_else(damaged)?;
        let mut dimensions = Vec::new();
        while let Some(dimension) = texts.next() {
            dimensions.push((dimension, texts.next().ok_or_else(damaged)?));
        }
        let series = Series { namespace, name, dimensions };
        Ok(Row { last_minute: u32::from_le_bytes(*minute), series })
    }
}

fn texts(mut bytes: &[u8]) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        texts.push(String::from_utf8(text.to_vec()).ok()?);
        bytes = rest;
    }
    Some(texts)
}

/// Hands every series whose key begins with a prefix to `see`, in the order of the keys.
pub(super) async fn each_row(
    store: &dyn Store,
    prefix: &[u8],
    see: &mut (dyn FnMut(&[u8], Row) + Send),
) -> Result<(), StoreError> {
    let mut damaged = None;
    let visit = &mut |key: &[u8], bytes: &[u8]| {
        if !key.starts_with(prefix) {
            return Visit::Stop;
        }
        match Row::read(bytes) {
            Ok(row) => see(key, row),
            Err(error) => damaged = Some(error),
        }
        if damaged.is_none() { Visit::Continue } else { Visit::Stop }
    };
    let range = KeyRange { start: std::ops::Bound::Included(prefix), end: std::ops::Bound::Unbounded };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected: 1_000 }, visit).await?;
    damaged.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let row = Row { last_minute: 7, series: Series::new("n", "m", [pair("a", "ü"), pair("b", "")]) };
        assert_eq!(Row::read(&row.bytes()), Ok(row.clone()));
        for cut in 0..row.bytes().len() - 1 {
            let _ = Row::read(&row.bytes()[..cut]);
        }
        assert!(Row::read(&[2]).is_err());
    }

    #[test]
    fn the_series_idle_for_longest_gives_way() {
        let mut catalogue = Catalogue::default();
        let id = |number: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            SeriesId(id)
        };
        let [mine, tables] = ["app", "AWS/DynamoDB"].map(|namespace| Series::new(namespace, "m", []));
        for number in 0..=SERIES_MAX as u32 {
            let series = if number == 0 { &tables } else { &mine };
            assert!(catalogue.note(id(number), Unit(0), series, &id(number).0, number));
            assert!(!catalogue.note(id(number), Unit(0), series, &id(number).0, number));
        }
        catalogue.note(id(1), Unit(0), &mine, &id(1).0, 1_000_000);
        let evicted = catalogue.evict();
        assert_eq!(evicted.len(), EVICTED_AT_ONCE);
        assert!(
            (2..2 + EVICTED_AT_ONCE as u32).all(|gone| evicted.iter().any(|evicted| evicted.id == id(gone)))
        );
        assert!(catalogue.evict().is_empty());
    }
}
