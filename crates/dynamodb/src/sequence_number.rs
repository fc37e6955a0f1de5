//! Sequence numbers: a place in a stream as a decimal number of 21 to 40 digits, the position of the commit and then
//! 20 digits that count within it.
//!
//! The records of a commit count from 1, so that a boundary without records has two numbers of its own: 0 ends
//! the shards before it, 1 begins those behind it. Numbers rise with the order of records, from parents to children
//! too.

use store::{FeedCursor, Position};

const TAIL_DIGITS: usize = 20;
const ENDING: u128 = 0;
const STARTING: u128 = 1;

/// The number of the record that a place lies behind.
pub fn of_record(place: FeedCursor) -> String {
    number(place.position, u128::from(place.index) + 1)
}

/// The first number of a shard that begins behind a position.
pub fn starting(start: Position) -> String {
    number(start, STARTING)
}

/// The last number of a shard that ends at a position.
pub fn ending(end: Position) -> String {
    number(end, ENDING)
}

fn number(Position(position): Position, tail: u128) -> String {
    format!("{position}{tail:020}")
}

/// A number that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SequenceNumber {
    position: u128,
    tail: u128,
}

impl SequenceNumber {
    /// Reads a number; `None` if no record and no shard can have it.
    pub fn parse(text: &str) -> Option<SequenceNumber> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() > TAIL_DIGITS;
        let (position, tail) =
            text.split_at_checked(text.len().checked_sub(TAIL_DIGITS)?).filter(|_| is_number)?;
        Some(SequenceNumber { position: position.parse().ok()?, tail: tail.parse().ok()? })
    }

    /// Of a shard that begins behind a position.
    pub fn starting(start: Position) -> SequenceNumber {
        SequenceNumber { position: start.0, tail: STARTING }
    }

    /// Of a shard that ends at a position.
    pub fn ending(end: Position) -> SequenceNumber {
        SequenceNumber { position: end.0, tail: ENDING }
    }

    /// The place before the record of this number.
    pub fn before(self) -> FeedCursor {
        SequenceNumber { tail: self.tail.saturating_sub(1), ..self }.behind()
    }

    /// The place behind it.
    pub fn behind(self) -> FeedCursor {
        match self.tail.checked_sub(1) {
            Some(index) => {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                FeedCursor { position: Position(self.position), index }
            }
            None => FeedCursor::behind(Position(self.position.saturating_sub(1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(position: u128, index: u32) -> FeedCursor {
        FeedCursor { position: Position(position), index }
    }

    #[test]
    fn numbers_rise_with_places() {
        let numbers = [
            starting(Position(1)),
            of_record(place(2, 0)),
            of_record(place(2, 1)),
            of_record(place(10, 0)),
            ending(Position(11)),
            starting(Position(11)),
            of_record(place(u128::from(u64::MAX), u32::MAX)),
        ];
        assert_eq!(numbers[0], "100000000000000000001");
        assert!(numbers.iter().all(|number| (21..=40).contains(&number.len())));
        let parsed: Vec<_> = numbers.iter().map(|number| SequenceNumber::parse(number).unwrap()).collect();
        assert!(parsed.is_sorted_by(|one, other| one < other), "{parsed:?}");
    }

    #[test]
    fn a_number_lies_between_two_places() {
        let read = |place| SequenceNumber::parse(&of_record(place)).unwrap();
        assert_eq!(
            (read(place(7, 0)).before(), read(place(7, 0)).behind()),
            (place(6, u32::MAX), place(7, 0))
        );
        assert_eq!((read(place(7, 3)).before(), read(place(7, 3)).behind()), (place(7, 2), place(7, 3)));
        let starting = SequenceNumber::starting(Position(7));
        assert_eq!(SequenceNumber::parse(&super::starting(Position(7))), Some(starting));
        for wrong in ["", "1", "00000000000000000001", "10000000000000000000x", "-00000000000000000000"] {
            assert_eq!(SequenceNumber::parse(wrong), None, "{wrong}");
        }
        assert_eq!(SequenceNumber::parse(&"9".repeat(80)), None);
    }
}
