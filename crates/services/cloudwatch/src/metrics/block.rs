//! A row of points: those of one series, unit and tier within a fixed stretch of time.
//!
//! ```text
//! format u8 = 1 | per point: place LEB128 (after the one before), kind u8, [samples], values as numbers, [sketch]
//! kind 0: samples = 1, value            kind 1: samples, value (all the same)
//! kind 2: samples, sum, minimum, maximum       kind 3: the same, then a sketch: shift u8, count, (bucket, count)*
//! ```
//! A number is LEB128 of twice its zigzag if it is whole and small, else the byte 1 and eight bytes, little-endian.

use super::point::{Distribution, Point};
use super::sketch::Sketch;
use std::collections::BTreeMap;

const FORMAT: u8 = 1;
/// Whole numbers up to here are exact as floats and short as LEB128.
const WHOLE_MAX: f64 = (1u64 << 48) as f64;

/// The points of a block by their place in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block(pub BTreeMap<u32, Point>);

/// Why a block cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockFault {
    /// A newer version wrote it.
    #[error("a block of metric points has format {0}, which a newer version wrote")]
    Newer(u8),
    /// It is not what this version writes.
    #[error("a block of metric points is damaged")]
    Damaged,
}

impl Block {
    /// Adds values at a place.
    pub fn merge(&mut self, place: u32, point: &Point) {
        self.0.entry(place).or_default().merge(point);
    }

    /// Its stored form.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        let mut next = 0;
        for (place, point) in &self.0 {
            put_whole(&mut out, u64::from(place - next));
            put_point(&mut out, point);
            next = place + 1;
        }
        out
    }

    /// From its stored form.
    ///
    /// # Errors
    /// When the bytes are no block.
    pub fn read(bytes: &[u8]) -> Result<Self, BlockFault> {
        let (format, rest) = bytes.split_first().ok_or(BlockFault::Damaged)?;
        if *format != FORMAT {
            return Err(BlockFault::Newer(*format));
        }
        let (mut reader, mut block, mut next) = (Reader(rest), Block::default(), 0u32);
        while !reader.0.is_empty() {
            let gap = reader.whole().and_then(|gap| u32::try_from(gap).ok());
            let place = gap.and_then(|gap| next.checked_add(gap)).ok_or(BlockFault::Damaged)?;
            block.0.insert(place, reader.point().ok_or(BlockFault::Damaged)?);
            next = place.checked_add(1).ok_or(BlockFault::Damaged)?;
        }
        Ok(block)
    }
}

fn put_point(out: &mut Vec<u8>, point: &Point) {
    let is_exact = point.sum == point.minimum * point.samples;
    match &point.distribution {
        Distribution::Same if is_exact && point.samples == 1.0 => {
            out.push(0);
            put_number(out, point.minimum);
        }
        Distribution::Same if is_exact => {
            out.push(1);
            put_number(out, point.samples);
            put_number(out, point.minimum);
        }
        Distribution::Unknown => put_statistics(out, 2, point),
        Distribution::Same => {
            let mut sketch = Sketch::default();
            sketch.add(point.minimum, point.samples);
            put_statistics(out, 3, point);
            put_sketch(out, &sketch);
        }
        Distribution::Known(sketch) => {
            put_statistics(out, 3, point);
            put_sketch(out, sketch);
        }
    }
}

fn put_statistics(out: &mut Vec<u8>, kind: u8, point: &Point) {
    out.push(kind);
    for number in [point.samples, point.sum, point.minimum, point.maximum] {
        put_number(out, number);
    }
}

fn put_sketch(out: &mut Vec<u8>, sketch: &Sketch) {
    let (shift, buckets) = sketch.parts();
    out.push(shift);
    put_whole(out, buckets.len() as u64);
    let mut last = 0;
    for (bucket, count) in buckets {
        put_whole(out, u64::from(bucket - last));
        put_number(out, *count);
        last = *bucket;
    }
}

fn put_number(out: &mut Vec<u8>, number: f64) {
    let is_whole =
        number.abs() <= WHOLE_MAX && number.fract() == 0.0 && !(number == 0.0 && number.is_sign_negative());
    if is_whole {
        let whole = number as i64;
        put_whole(out, (((whole << 1) ^ (whole >> 63)) as u64) << 1);
    } else {
        out.push(1);
        out.extend_from_slice(&number.to_le_bytes());
    }
}

fn put_whole(out: &mut Vec<u8>, mut whole: u64) {
    while whole >= 0x80 {
        out.push(whole as u8 | 0x80);
        whole >>= 7;
    }
    out.push(whole as u8);
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn whole(&mut self) -> Option<u64> {
        let mut whole = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            whole |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(whole);
            }
        }
        None
    }

    fn number(&mut self) -> Option<f64> {
        if self.0.first() == Some(&1) {
            let (bytes, rest) = self.0[1..].split_first_chunk()?;
            self.0 = rest;
            return Some(f64::from_le_bytes(*bytes));
        }
        let zigzag = self.whole()? >> 1;
        Some(((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)) as f64)
    }

    fn point(&mut self) -> Option<Point> {
        match self.byte()? {
            0 => Some(Point::of(self.number()?, 1.0)),
            1 => {
                let samples = self.number()?;
                Some(Point::of(self.number()?, samples))
            }
            kind @ (2 | 3) => {
                let [samples, sum, minimum, maximum] =
                    [self.number()?, self.number()?, self.number()?, self.number()?];
                let distribution =
                    if kind == 2 { Distribution::Unknown } else { Distribution::Known(self.sketch()?) };
                Some(Point { samples, sum, minimum, maximum, distribution })
            }
            _ => None,
        }
    }

    fn sketch(&mut self) -> Option<Sketch> {
        let shift = self.byte()?;
        let count = self.whole()?;
        let (mut buckets, mut last) = (Vec::new(), 0u32);
        for _ in 0..count {
            last = last.checked_add(u32::try_from(self.whole()?).ok()?)?;
            buckets.push((last, self.number()?));
        }
        Sketch::from_parts(shift, buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Point> {
        let value = prop_oneof![(-300i32..300).prop_map(f64::from), -1e9f64..1e9];
        let known = prop::collection::vec((value, 1u8..5), 1..20).prop_map(|values| {
            let mut point = Point::default();
            values.iter().for_each(|(value, count)| point.merge(&Point::of(*value, f64::from(*count))));
            point
        });
        prop_oneof![known, Just(Point::of_statistics(3.0, 4.5, 1.0, 2.0)), Just(Point::of(-0.0, 1.0))]
    }

    proptest! {
        #[test]
        fn blocks_come_back(points in prop::collection::btree_map(0u32..720, point(), 0..60)) {
            let block = Block(points);
            let read = Block::read(&block.bytes()).unwrap();
            prop_assert_eq!(read.0.keys().collect::<Vec<_>>(), block.0.keys().collect::<Vec<_>>());
            for (read, point) in read.0.values().zip(block.0.values()) {
                prop_assert_eq!((read.samples, read.sum, read.minimum, read.maximum),
                    (point.samples, point.sum, point.minimum, point.maximum));
                prop_assert_eq!(read.values().is_some(), point.values().is_some());
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Block::read(&bytes);
        }
    }

    /// The stored form of version 1.
    #[test]
    fn the_form_is_fixed() {
        let mut block = Block::default();
        block.merge(0, &Point::of(5.0, 1.0));
        block.merge(2, &Point::of(0.5, 4.0));
        block.merge(3, &Point::of_statistics(2.0, 3.0, 1.0, 2.0));
        block.merge(59, &Point::of(1.0, 1.0));
        block.merge(59, &Point::of(2.0, 1.0));
        let hex: String = block.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "0100001401011001000000000000e03f0002080c04083703080c04082d0280ff87800804800104");
        assert_eq!(Block::read(&block.bytes()).unwrap(), block);
        assert_eq!(Block::read(&[2]), Err(BlockFault::Newer(2)));
    }
}
