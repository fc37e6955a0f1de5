//! The events of several streams in the order of time: a few of each are held at a time.

use crate::events::{self, Read, Stored, StreamId};
use crate::keys::Place;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::Bound;
use store::{Direction, Store, StoreError};

/// Events of a stream that are read in one go.
const READ_MAX: usize = 64;
const READ_BYTES_MAX: usize = 256 * 1024;

/// Where an event is among those of several streams.
pub(crate) type Position = (u64, u64, u64);

/// Streams that are read together.
pub(crate) struct Merge<'a> {
    store: &'a dyn Store,
    group: u64,
    to_millis: u64,
    streams: Vec<Ahead>,
    /// The next event of each stream that has one: time, stream id, sequence, and which stream.
    next: BinaryHeap<Reverse<(Position, usize)>>,
}

struct Ahead {
    id: u64,
    events: VecDeque<Stored>,
    /// Behind which to read on; `None` at the end.
    from: Option<Bound<Place>>,
}

/// The position of an event of a stream: those of equal times are in the order of streams.
pub(crate) fn position(stream: u64, place: Place) -> Position {
    (place.time_millis, stream, place.sequence)
}

impl<'a> Merge<'a> {
    /// Begins at a time, or behind a position.
    pub(crate) async fn begin(
        store: &'a dyn Store,
        group: u64,
        streams: impl Iterator<Item = u64>,
        (from_millis, to_millis): (u64, u64),
        after: Option<Position>,
    ) -> Result<Self, StoreError> {
        let from = |id: u64| match after {
            // Of the streams before the one of the position, all events of its time were seen.
            Some((time_millis, stream, _)) if id < stream => {
                Bound::Included(Place { time_millis: time_millis + 1, sequence: 0 })
            }
            Some((time_millis, stream, sequence)) if id == stream => {
                Bound::Excluded(Place { time_millis, sequence })
            }
            Some((time_millis, _, _)) => Bound::Included(Place { time_millis, sequence: 0 }),
            None => Bound::Included(Place { time_millis: from_millis, sequence: 0 }),
        };
        let streams = streams.map(|id| Ahead { id, events: VecDeque::new(), from: Some(from(id)) }).collect();
        let mut merge = Merge { store, group, to_millis, streams, next: BinaryHeap::new() };
        for index in 0..merge.streams.len() {
            merge.refill(index).await?;
        }
        Ok(merge)
    }

    /// The next event, with the id of its stream.
    pub(crate) async fn next(&mut self) -> Result<Option<(u64, Stored)>, StoreError> {
        let Some(Reverse((_, index))) = self.next.pop() else { return Ok(None) };
        let ahead = &mut self.streams[index];
        let event = ahead.events.pop_front().expect("a stream stands among the next while it has an event");
        let id = ahead.id;
        self.refill(index).await?;
        Ok(Some((id, event)))
    }

    /// Puts the stream among the next, if it has an event.
    async fn refill(&mut self, index: usize) -> Result<(), StoreError> {
        let ahead = &mut self.streams[index];
        if ahead.events.is_empty()
            && let Some(from) = ahead.from
        {
            let to = Bound::Excluded(Place { time_millis: self.to_millis, sequence: 0 });
            let direction = Direction::Forward;
            let what = Read { from, to, direction, limit: READ_MAX, bytes_max: READ_BYTES_MAX };
            let id = StreamId { group: self.group, stream: ahead.id };
            ahead.events = events::read(self.store, id, what).await?.into();
            ahead.from = ahead.events.back().map(|event| Bound::Excluded(event.place));
        }
        if let Some(event) = ahead.events.front() {
            self.next.push(Reverse((position(ahead.id, event.place), index)));
        }
        Ok(())
    }
}
