//! Sequence numbers: 56 decimal digits that name a place in one shard.
//!
//! ```text
//! 188 bits:  2 (4 bits) | second the shard was made (36) | position of the commit (96)
//!            | index in the commit (16) | number of the shard (32) | 2 (4)
//! ```
//!
//! Numbers rise within a shard. A child is made at least a second after its parents, so all its numbers are behind
//! theirs.

use crate::stream::Shard;
use store::{FeedCursor, Position};

const MARK: u128 = 2;
const POSITION_MAX: u128 = (1 << 96) - 1;
const INDEX_MAX: u32 = (1 << 16) - 1;

/// The number of the record that a place lies behind.
pub fn of_record(shard: &Shard, place: FeedCursor) -> String {
    number(shard, place.position.0.min(POSITION_MAX), place.index.min(INDEX_MAX))
}

/// The first number of a shard, which no record has.
pub fn starting(shard: &Shard) -> String {
    number(shard, 0, 0)
}

/// The last number of a closed shard, which no record has.
pub fn ending(shard: &Shard) -> String {
    number(shard, POSITION_MAX, INDEX_MAX)
}

/// The place behind the record of a number; `None` if no record of the shard can have it.
pub fn place_behind(shard: &Shard, text: &str) -> Option<FeedCursor> {
    let (high, low) = parse(text)?;
    let is_marked = high >> 56 == MARK && low & 0xf == MARK;
    let is_here = (high >> 20 & 0xf_ffff_ffff) as u64 == shard.made_secs
        && low >> 4 & 0xffff_ffff == u128::from(shard.number);
    let position = (high & 0xf_ffff) << 76 | low >> 52;
    let index = (low >> 36 & 0xffff) as u32;
    (is_marked && is_here).then_some(FeedCursor { position: Position(position), index })
}

/// The 188 bits as a high part of 60 and a low part of 128.
fn number(shard: &Shard, position: u128, index: u32) -> String {
    let high = MARK << 56 | u128::from(shard.made_secs) << 20 | position >> 76;
    let low = position << 52 | u128::from(index) << 36 | u128::from(shard.number) << 4 | MARK;
    decimal(high, low)
}

/// Digits are taken nine at a time from the value as six limbs of 32 bits.
fn decimal(high: u128, low: u128) -> String {
    let mut limbs = [high >> 32, high, low >> 96, low >> 64, low >> 32, low].map(|part| part as u32);
    let mut groups = [0; 7];
    for group in groups.iter_mut().rev() {
        let mut rest = 0;
        for limb in &mut limbs {
            let value = rest << 32 | u64::from(*limb);
            (*limb, rest) = ((value / GROUP) as u32, value % GROUP);
        }
        *group = rest;
    }
    let digits: String = groups.iter().map(|group| format!("{group:09}")).collect();
    digits.trim_start_matches('0').to_owned()
}

const GROUP: u64 = 1_000_000_000;

/// The value of a decimal text, in the same two parts; `None` beyond 188 bits.
fn parse(text: &str) -> Option<(u128, u128)> {
    let is_number = !text.is_empty() && text.len() <= 57 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut limbs = [0_u32; 6];
    for digit in text.bytes().filter(|_| is_number) {
        let mut carry = u64::from(digit - b'0');
        for limb in limbs.iter_mut().rev() {
            let value = u64::from(*limb) * 10 + carry;
            (*limb, carry) = (value as u32, value >> 32);
        }
        if carry > 0 {
            return None;
        }
    }
    let [a, b, c, d, e, f] = limbs.map(u128::from);
    (is_number && a < 1 << 28).then_some((a << 32 | b, c << 96 | d << 64 | e << 32 | f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(number: u32, made_secs: u64) -> Shard {
        Shard { made_secs, ..Shard::first(number) }
    }

    fn place(position: u128, index: u32) -> FeedCursor {
        FeedCursor { position: Position(position), index }
    }

    #[test]
    fn numbers_rise_within_a_shard_and_from_parents_to_children() {
        let (parent, child) = (shard(0, 1_767_225_600), shard(1, 1_767_225_601));
        let numbers = [
            starting(&parent),
            of_record(&parent, place(1, 0)),
            of_record(&parent, place(1, 1)),
            of_record(&parent, place(u128::from(u64::MAX), 499)),
            ending(&parent),
            starting(&child),
            of_record(&child, place(2, 0)),
        ];
        assert!(numbers.iter().all(|number| number.len() == 56 && number.starts_with("49")), "{numbers:?}");
        assert!(numbers.is_sorted_by(|one, other| one < other), "{numbers:?}");
    }

    #[test]
    fn a_number_names_its_place_in_its_shard_alone() {
        let here = shard(7, 1_767_225_600);
        for place in [place(0, 0), place(1, 0), place(70_000, 499), place(POSITION_MAX, INDEX_MAX)] {
            let number = of_record(&here, place);
            assert_eq!(place_behind(&here, &number), Some(place), "{number}");
            assert_eq!(place_behind(&shard(8, 1_767_225_600), &number), None);
            assert_eq!(place_behind(&shard(7, 1_767_225_601), &number), None);
        }
        for wrong in ["", "0", "x", "-1", &"9".repeat(56), &"9".repeat(57), &"9".repeat(200)] {
            assert_eq!(place_behind(&here, wrong), None, "{wrong}");
        }
    }
}
