//! The records of an object: its bytes unpacked, taken apart, and read as items. Works away from the threads that
//! serve requests; what is in memory is bounded, whatever the object says.

use super::columns::Columns;
use super::csv::CsvRecords;
use super::{Compression, Format, Input, Records};
use crate::checks::attribute_values as values;
use crate::checks::single_write::SingleWrite;
use crate::errors::{KeyUse, Layer, key_text};
use crate::service::DynamoDb;
use engine::{Table, Write};
use expr::Condition;
use flate2::read::MultiGzDecoder;
use model::ApiError;
use model::dynamodb::{PutItem, PutItemInput};
use pipeline::Operation;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use types::Item;
use wire::attribute::Attributes;
use wire::lines::{self, LineFault, PutLine};

/// Longest record: an item in its longest spelling is shorter.
pub(super) const RECORD_BYTES_MAX: usize = 8 << 20;
/// Records of a batch, and their bytes.
pub const BATCH_RECORDS_MAX: u64 = 512;
const BATCH_BYTES_MAX: u64 = 1 << 20;
/// Of a condition that fails, the item that is there is kept until that is reported.
const BATCH_CONDITIONS_MAX: u64 = 64;
const BUFFER_BYTES: usize = 128 << 10;
/// The name of a table for what does not depend on it.
const ANY_TABLE: &str = "any";

/// Some records of an object.
#[derive(Debug, Default)]
pub struct Batch {
    /// Items that are to be put, each under another key.
    pub writes: Vec<(Arc<Table>, Write)>,
    /// Which records of the object they are.
    pub places: Vec<u64>,
    /// What is wrong with other records.
    pub errors: Vec<(u64, String)>,
    /// Records of the object up to the end of the batch.
    pub records: u64,
    /// Bytes that it was read from, unpacked.
    pub bytes: u64,
    /// Whether the object ends with it.
    pub is_end: bool,
    keys: HashSet<Vec<u8>>,
    /// How many of the writes have conditions.
    conditions: u64,
}

/// Why an object is not read on.
enum Stop {
    /// A record, or the whole, is not what it should be: nothing behind it is read.
    Unreadable(String),
    /// Nobody takes batches any more.
    Unwanted,
}

/// Reads an object behind so many records, and hands over batches, until `hand_over` says false. Bytes that cannot be
/// unpacked or taken apart end the object with an error of a record.
pub(super) fn read(
    input: &Input,
    table: &Arc<Table>,
    object: impl Read,
    skipped: u64,
    hand_over: impl FnMut(Batch) -> bool,
) {
    let mut batches = Batches { table, skipped, records: 0, bytes: 0, batch: Batch::default(), hand_over };
    let object = BufReader::with_capacity(BUFFER_BYTES, object);
    let read = match input.compression {
        Compression::None => batches.read(input, object),
        Compression::Gzip => {
            batches.read(input, BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(object)))
        }
        Compression::Zstd => batches.read(input, BufReader::with_capacity(BUFFER_BYTES, Frames::of(object))),
    };
    batches.end(read);
}

struct Batches<'a, H> {
    table: &'a Arc<Table>,
    /// Records that are done already.
    skipped: u64,
    /// Records that were met.
    records: u64,
    /// Bytes behind the last of them.
    bytes: u64,
    batch: Batch,
    hand_over: H,
}

impl<H: FnMut(Batch) -> bool> Batches<'_, H> {
    fn read(&mut self, input: &Input, unpacked: impl BufRead) -> Result<(), Stop> {
        match (input.format, input.records) {
            (Format::Csv, _) => self.read_csv(input, unpacked),
            (Format::DynamoDbJson, Records::Items) => self.read_lines(unpacked, lines::read_json, item),
            (Format::Ion, Records::Items) => self.read_lines(unpacked, lines::read_ion, item),
            (Format::DynamoDbJson, Records::Puts) => self.read_lines(unpacked, lines::read_json_put, put),
            (Format::Ion, Records::Puts) => self.read_lines(unpacked, lines::read_ion_put, put),
        }
    }

    fn read_lines<L>(
        &mut self,
        mut unpacked: impl BufRead,
        read: impl Fn(&[u8]) -> Result<L, LineFault>,
        check: impl Fn(L) -> Result<Put, String>,
    ) -> Result<(), Stop> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = (&mut unpacked).take(RECORD_BYTES_MAX as u64);
            let bytes = limited.read_until(b'\n', &mut line).map_err(|error| unpacking(&error))?;
            if bytes == 0 {
                return Ok(());
            }
            self.count(bytes as u64);
            if bytes == RECORD_BYTES_MAX && !line.ends_with(b"\n") {
                return Err(Stop::Unreadable("The line is too long".to_owned()));
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let line = read(text).map_err(|fault| Stop::Unreadable(line_fault(fault).to_owned()))?;
            self.take(check(line))?;
        }
    }

    fn read_csv(&mut self, input: &Input, unpacked: impl BufRead) -> Result<(), Stop> {
        let options = input.csv.clone().unwrap_or_default();
        let mut records = CsvRecords::of(unpacked, options.delimiter());
        let given = options.header_list.map(|names| Columns::of(self.table, names));
        let mut columns = given.transpose().map_err(Stop::Unreadable)?;
        loop {
            let (bytes, is_record) = records.advance().map_err(|error| unpacking(&error))?;
            self.count(bytes);
            if !is_record {
                return Ok(());
            }
            let fields =
                records.fields().ok_or_else(|| Stop::Unreadable("The text is not UTF-8".to_owned()))?;
            match &columns {
                Some(columns) => {
                    let item = columns.item(&fields).map_err(Stop::Unreadable)?;
                    self.take(item.map(|item| Put { item, condition: None }))?;
                }
                None => {
                    let names = fields.iter().map(|name| (*name).to_owned()).collect();
                    columns = Some(Columns::of(self.table, names).map_err(Stop::Unreadable)?);
                }
            }
        }
    }

    fn count(&mut self, bytes: u64) {
        if self.records >= self.skipped {
            self.bytes += bytes;
        }
    }

    /// The next record is an item, or one that the table does not take.
    fn take(&mut self, put: Result<Put, String>) -> Result<(), Stop> {
        let place = self.records;
        self.records += 1;
        if place < self.skipped {
            return Ok(());
        }
        let is_conditional = put.as_ref().is_ok_and(|put| put.condition.is_some());
        let write = put.and_then(|Put { item, condition }| {
            let write = Write::put(self.table, item).map_err(|fault| key_text(&fault, KeyUse::Item))?;
            Ok(write.with_condition(condition).returning_old_on_failure(is_conditional))
        });
        match write {
            Ok(write) => {
                let key = write.key().as_bytes().to_vec();
                if self.batch.keys.contains(&key) {
                    self.hand_over(place, false)?; // of two items with one key the later one stays
                }
                self.batch.keys.insert(key);
                self.batch.conditions += u64::from(is_conditional);
                self.batch.places.push(place);
                self.batch.writes.push((Arc::clone(self.table), write));
            }
            Err(fault) => self.batch.errors.push((place, fault)),
        }
        self.batch.bytes += std::mem::take(&mut self.bytes);
        let records = (self.batch.places.len() + self.batch.errors.len()) as u64;
        let is_full = records >= BATCH_RECORDS_MAX || self.batch.bytes >= BATCH_BYTES_MAX;
        if is_full || self.batch.conditions >= BATCH_CONDITIONS_MAX {
            self.hand_over(self.records, false)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, records: u64, is_end: bool) -> Result<(), Stop> {
        let batch = std::mem::take(&mut self.batch);
        let is_taken = (self.hand_over)(Batch { records, is_end, ..batch });
        if is_taken { Ok(()) } else { Err(Stop::Unwanted) }
    }

    fn end(&mut self, read: Result<(), Stop>) {
        match read {
            Err(Stop::Unwanted) => return,
            Err(Stop::Unreadable(why)) => {
                let place = self.records;
                self.records += 1;
                if place >= self.skipped {
                    self.batch.errors.push((place, why));
                }
            }
            Ok(()) => {}
        }
        self.batch.bytes += std::mem::take(&mut self.bytes);
        _ = self.hand_over(self.records, true); // whether anybody takes the last one makes no difference here
    }
}

fn unpacking(error: &io::Error) -> Stop {
    Stop::Unreadable(format!("The object cannot be read: {error}"))
}

fn line_fault(fault: LineFault) -> &'static str {
    match fault {
        LineFault::Malformed => "The line cannot be parsed",
        LineFault::NoItem => "The line has no Item",
    }
}

/// What a record asks for.
struct Put {
    item: Item,
    condition: Option<Condition>,
}

/// What PutItem would make of the record.
fn put(line: PutLine) -> Result<Put, String> {
    let input = PutItemInput {
        table_name: Some(ANY_TABLE.to_owned()),
        item: Some(line.item),
        condition_expression: line.condition_expression,
        expression_attribute_names: line.expression_attribute_names,
        expression_attribute_values: line.expression_attribute_values,
        ..PutItemInput::default()
    };
    match <PutItem as Operation<DynamoDb>>::check(input) {
        Ok(SingleWrite { attributes, condition, .. }) => Ok(Put { item: attributes, condition }),
        Err(ApiError { message, .. }) => Err(message.unwrap_or_default().into_owned()),
    }
}

/// An item whose values are without fault.
fn item(attributes: Attributes) -> Result<Put, String> {
    let layer = Layer::Plain;
    let judged = values::no_empty_name(&attributes, layer)
        .and_then(|()| values::no_false_null(attributes.has_false_null, layer))
        .and_then(|()| values::item(&attributes, layer));
    match judged {
        Ok(()) => Ok(Put { item: attributes.item, condition: None }),
        Err(ApiError { message, .. }) => Err(message.unwrap_or_default().into_owned()),
    }
}

/// The frames of a Zstandard file, one behind the other.
struct Frames<R: BufRead> {
    packed: Option<R>,
    frame: Option<ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>,
}

impl<R: BufRead> Frames<R> {
    fn of(packed: R) -> Self {
        Frames { packed: Some(packed), frame: None }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut frame) = self.frame.take() {
                let bytes = frame.read(out)?;
                if bytes > 0 || out.is_empty() {
                    self.frame = Some(frame);
                    return Ok(bytes);
                }
                self.packed = Some(frame.into_inner());
            }
            let Some(mut packed) = self.packed.take() else { return Ok(0) };
            if packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let frame = ruzstd::decoding::StreamingDecoder::new(packed);
            self.frame = Some(frame.map_err(|error| io::Error::other(error.to_string()))?);
        }
    }
}
