//! The keys of the rows of events.
//!
//! ```text
//! 10 | group u64 | stream u64                                  how a stream stands
//! 10 | group u64 | stream u64 | time ms u64 | sequence u64     an event
//! ```
//!
//! Numbers are big-endian, so the events of a stream are in the order of their times, and of their arrival where those
//! are equal. Ids of groups and streams are random and not used again.

const KIND: u8 = 10;
const STREAM_BYTES: usize = 17;

/// Where an event is in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Place {
    pub(crate) time_millis: u64,
    pub(crate) sequence: u64,
}

/// What all rows of a group begin with.
pub(crate) fn group(group: u64) -> Vec<u8> {
    [&[KIND], &group.to_be_bytes()[..]].concat()
}

/// The row that says how a stream stands; its events' keys begin with it.
pub(crate) fn stream(group: u64, stream: u64) -> Vec<u8> {
    [&self::group(group)[..], &stream.to_be_bytes()].concat()
}

/// An event.
pub(crate) fn event(group: u64, stream: u64, place: Place) -> Vec<u8> {
    let mut key = self::stream(group, stream);
    key.extend(place.time_millis.to_be_bytes());
    key.extend(place.sequence.to_be_bytes());
    key
}

/// The place of an event by its key.
pub(crate) fn place(key: &[u8]) -> Option<Place> {
    let number = |at: usize| Some(u64::from_be_bytes(key.get(at..at + 8)?.try_into().ok()?));
    Some(Place { time_millis: number(STREAM_BYTES)?, sequence: number(STREAM_BYTES + 8)? })
}
