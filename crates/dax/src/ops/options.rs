//! The optional parameters of a request: a map from number to value, in any order.

use crate::codec::{Fault, Reader};

/// What a client may ask for. A number that comes twice counts as it comes last.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    pub(super) projection: Option<&'a [u8]>,
    pub(super) consistent_read: Option<bool>,
    pub(super) capacity: Option<String>,
    pub(super) condition: Option<&'a [u8]>,
    pub(super) collection_metrics: Option<String>,
    pub(super) return_values: Option<String>,
    pub(super) update: Option<&'a [u8]>,
    pub(super) start_key: Option<&'a [u8]>,
    pub(super) filter: Option<&'a [u8]>,
    pub(super) index: Option<&'a str>,
    pub(super) limit: Option<i64>,
    pub(super) is_forward: Option<bool>,
    pub(super) select: Option<String>,
    pub(super) segment: Option<i64>,
    pub(super) total_segments: Option<i64>,
    pub(super) token: Option<String>,
}

const CAPACITY: [&str; 3] = ["NONE", "TOTAL", "INDEXES"];
const COLLECTION_METRICS: [&str; 2] = ["NONE", "SIZE"];
const RETURN_VALUES: [&str; 5] = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];
const SELECT: [&str; 4] = ["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES"];

impl<'a> Options<'a> {
    /// Reads them; null stands for none.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Options<'a>, Fault> {
        let mut options = Options::default();
        options.fill(reader)?;
        Ok(options)
    }

    /// Reads them in place.
    pub(super) fn fill(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        if reader.take_null()? {
            return Ok(());
        }
        let mut left = reader.map()?;
        while left.next(reader)? {
            let number = reader.int()?;
            if reader.take_null()? {
                continue;
            }
            self.take(number, reader)?;
        }
        Ok(())
    }

    fn take(&mut self, number: i64, reader: &mut Reader<'a>) -> Result<(), Fault> {
        match number {
            0 => self.projection = Some(reader.bytes()?),
            2 => self.consistent_read = Some(reader.bool()?),
            3 => self.capacity = spelled(&CAPACITY, 0, reader)?,
            4 => self.condition = Some(reader.bytes()?),
            6 => self.collection_metrics = spelled(&COLLECTION_METRICS, 0, reader)?,
            7 => self.return_values = spelled(&RETURN_VALUES, 1, reader)?,
            8 => self.update = Some(reader.bytes()?),
            9 => self.start_key = Some(reader.bytes()?),
            10 => self.filter = Some(reader.bytes()?),
            11 => self.index = Some(std::str::from_utf8(reader.bytes()?).map_err(|_| Fault::NotCbor)?),
            13 => self.limit = Some(reader.int()?),
            14 => self.is_forward = Some(reader.bool()?),
            15 => self.select = spelled(&SELECT, 1, reader)?,
            16 => self.segment = Some(reader.int()?),
            17 => self.total_segments = Some(reader.int()?),
            19 => self.token = Some(reader.text()?.to_owned()),
            // Names and values that the expressions have in place.
            _ => _ = reader.skip()?,
        }
        Ok(())
    }
}

/// The API's word for a number.
fn spelled(words: &[&str], first: i64, reader: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    let at = reader.int()?.checked_sub(first).and_then(|at| usize::try_from(at).ok());
    match at.and_then(|at| words.get(at)) {
        Some(word) => Ok(Some((*word).to_owned())),
        None => Err(Fault::OtherType),
    }
}
