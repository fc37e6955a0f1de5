//! The events of one stream: rows in the order of time, and one row that says how the stream stands. A batch is one
//! commit.
//!
//! ```text
//! stands: format u8 = 1 | next sequence u64 | first time ms u64 | last time ms u64 | last arrival ms u64
//! event:  format u8 = 1 | arrival ms u64 | message
//! ```

use crate::keys::{self, Place};
use std::ops::Bound;
use store::{
    Consistency, Decision, Direction, KeyRange, Locking, Mutation, OldRows, Outcome, Plan, RangeRead,
    RowWrite, Store, StoreError, Visit, resolved,
};

const FORMAT: u8 = 1;
const TRIES_MAX: usize = 16;

/// Which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamId {
    pub(crate) group: u64,
    pub(crate) stream: u64,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    pub(crate) arrived_millis: u64,
    pub(crate) message: String,
}

/// How a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) next_sequence: u64,
    pub(crate) first_millis: u64,
    pub(crate) last_millis: u64,
    pub(crate) arrived_millis: u64,
}

impl Standing {
    fn read(row: &[u8]) -> Option<Self> {
        let fields: &[u8; 32] = row.strip_prefix(&[FORMAT])?.try_into().ok()?;
        let field = |at: usize| u64::from_le_bytes(fields[at..at + 8].try_into().expect("eight bytes"));
        let (next_sequence, first_millis, last_millis) = (field(0), field(8), field(16));
        Some(Standing { next_sequence, first_millis, last_millis, arrived_millis: field(24) })
    }

    fn write(self) -> Vec<u8> {
        let mut row = vec![FORMAT];
        for field in [self.next_sequence, self.first_millis, self.last_millis, self.arrived_millis] {
            row.extend(field.to_le_bytes());
        }
        row
    }
}

/// Appends events, which are times and messages.
pub(crate) async fn append(
    store: &dyn Store,
    id: StreamId,
    events: &[(u64, String)],
    now_millis: u64,
) -> Result<(), StoreError> {
    let key = keys::stream(id.group, id.stream);
    for _ in 0..TRIES_MAX {
        let mut damaged = false;
        let decide = &mut |old: &OldRows<'_>| {
            let standing = old.get(0).map(Standing::read);
            damaged = standing == Some(None);
            if damaged {
                return Decision::Refuse;
            }
            Decision::Commit(Plan {
                rows: rows(id, standing.flatten(), events, now_millis),
                ..Plan::default()
            })
        };
        let mutation = Mutation { keys: &[&key], fences: &[], locking: Locking::Single, decide };
        match resolved(store, store.mutate(mutation).await?).await {
            Outcome::Committed(_) => return Ok(()),
            Outcome::Refused => {
                return Err(StoreError::Corrupt("a row of Logs is damaged or newer".to_owned()));
            }
            Outcome::Fenced => {}
            outcome => return Err(StoreError::Unavailable(format!("no event was written: {outcome:?}"))),
        }
    }
    Err(StoreError::Unavailable("the store loses commits".to_owned()))
}

fn rows(
    id: StreamId,
    standing: Option<Standing>,
    events: &[(u64, String)],
    now_millis: u64,
) -> Vec<RowWrite> {
    let times = || events.iter().map(|(time, _)| *time);
    let first = standing.map(|standing| standing.first_millis).into_iter().chain(times()).min();
    let last = standing.map(|standing| standing.last_millis).into_iter().chain(times()).max();
    let from = standing.map_or(0, |standing| standing.next_sequence);
    let standing = Standing {
        next_sequence: from + events.len() as u64,
        first_millis: first.unwrap_or_default(),
        last_millis: last.unwrap_or_default(),
        arrived_millis: now_millis,
    };
    let mut rows = vec![RowWrite { key: keys::stream(id.group, id.stream), row: Some(standing.write()) }];
    rows.extend(events.iter().zip(from..).map(|((time_millis, message), sequence)| {
        let place = Place { time_millis: *time_millis, sequence };
        let row = [&[FORMAT], &now_millis.to_le_bytes()[..], message.as_bytes()].concat();
        RowWrite { key: keys::event(id.group, id.stream, place), row: Some(row) }
    }));
    rows
}

/// How a stream stands; `None` before its first event.
pub(crate) async fn standing(store: &dyn Store, id: StreamId) -> Result<Option<Standing>, StoreError> {
    let key = keys::stream(id.group, id.stream);
    let mut found = None;
    store.get(&key, Consistency::Strong, &mut |row| found = row.and_then(Standing::read)).await?;
    Ok(found)
}

/// What is read of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) from: Bound<Place>,
    pub(crate) to: Bound<Place>,
    pub(crate) direction: Direction,
    pub(crate) limit: usize,
    pub(crate) bytes_max: usize,
}

/// Events of a stream, in the direction that is asked for.
pub(crate) async fn read(store: &dyn Store, id: StreamId, read: Read) -> Result<Vec<Stored>, StoreError> {
    let key = |place: Place| keys::event(id.group, id.stream, place);
    let (first, last) = (Place::default(), Place { time_millis: u64::MAX, sequence: u64::MAX });
    let from = match read.from {
        Bound::Unbounded => Bound::Included(key(first)),
        bound => bound.map(key),
    };
    let to = match read.to {
        Bound::Unbounded => Bound::Included(key(last)),
        bound => bound.map(key),
    };
    let range = KeyRange { start: slice(&from), end: slice(&to) };
    let (mut found, mut bytes) = (Vec::new(), 0);
    let visit = &mut |key: &[u8], row: &[u8]| {
        if found.len() == read.limit || bytes > read.bytes_max {
            return Visit::Stop;
        }
        bytes += row.len();
        found.extend(stored(key, row));
        Visit::Continue
    };
    let rows_expected = read.limit.min(1_000);
    let (direction, consistency) = (read.direction, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected }, visit).await?;
    Ok(found)
}

fn slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
        Bound::Unbounded => Bound::Unbounded,
    }
}

fn stored(key: &[u8], row: &[u8]) -> Option<Stored> {
    let (arrived, message) = row.strip_prefix(&[FORMAT])?.split_first_chunk::<8>()?;
    let message = String::from_utf8_lossy(message).into_owned();
    Some(Stored { place: keys::place(key)?, arrived_millis: u64::from_le_bytes(*arrived), message })
}

/// Deletes events before a time, at most so many; how many were deleted.
pub(crate) async fn expire(
    store: &dyn Store,
    id: StreamId,
    before_millis: u64,
    limit: usize,
) -> Result<usize, StoreError> {
    let to = Bound::Excluded(Place { time_millis: before_millis, sequence: 0 });
    let what =
        Read { from: Bound::Unbounded, to, direction: Direction::Forward, limit, bytes_max: usize::MAX };
    let expired = read(store, id, what).await?;
    if expired.is_empty() {
        return Ok(0);
    }
    let key = keys::stream(id.group, id.stream);
    let rows: Vec<RowWrite> = expired
        .iter()
        .map(|event| RowWrite { key: keys::event(id.group, id.stream, event.place), row: None })
        .collect();
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(Plan { rows: rows.clone(), ..Plan::default() });
    let mutation = Mutation { keys: &[&key], fences: &[], locking: Locking::Single, decide };
    store.mutate(mutation).await?;
    Ok(rows.len())
}
