//! The records of an object that is imported: its bytes unpacked, taken apart, and read as items. Works away from the
//! threads that serve requests; what is in memory is bounded, whatever the object says.

use super::columns::Columns;
use super::csv::CsvRecords;
use super::document::{Compression, Format, Import};
use crate::checks::attribute_values as values;
use crate::errors::{KeyUse, Layer, key_text};
use engine::{Table, Write};
use flate2::read::MultiGzDecoder;
use model::ApiError;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use types::Item;
use wire::attribute::Attributes;
use wire::lines::{self, LineFault};

/// Longest record: an item in its longest spelling is shorter.
pub(super) const RECORD_BYTES_MAX: usize = 8 << 20;
/// Records of a batch, and their bytes.
const BATCH_RECORDS_MAX: u64 = 512;
const BATCH_BYTES_MAX: u64 = 1 << 20;
const BUFFER_BYTES: usize = 128 << 10;

/// Some records of an object.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Items that are to be put, each under another key.
    pub(super) writes: Vec<(Arc<Table>, Write)>,
    /// Which records of the object they are.
    pub(super) places: Vec<u64>,
    /// What is wrong with other records.
    pub(super) errors: Vec<(u64, String)>,
    /// Records of the object up to the end of the batch.
    pub(super) records: u64,
    /// Bytes that it was read from, unpacked.
    pub(super) bytes: u64,
    /// Whether the object ends with it.
    pub(super) is_end: bool,
    keys: HashSet<Vec<u8>>,
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
    import: &Import,
    table: &Arc<Table>,
    object: impl Read,
    skipped: u64,
    hand_over: impl FnMut(Batch) -> bool,
) {
    let mut batches = Batches { table, skipped, records: 0, bytes: 0, batch: Batch::default(), hand_over };
    let object = BufReader::with_capacity(BUFFER_BYTES, object);
    let read = match import.compression {
        Compression::None => batches.read(import, object),
        Compression::Gzip => {
            batches.read(import, BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(object)))
        }
        Compression::Zstd => batches.read(import, BufReader::with_capacity(BUFFER_BYTES, Frames::of(object))),
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
    fn read(&mut self, import: &Import, unpacked: impl BufRead) -> Result<(), Stop> {
        match import.format {
            Format::Csv => self.read_csv(import, unpacked),
            Format::DynamoDbJson => self.read_lines(unpacked, lines::read_json),
            Format::Ion => self.read_lines(unpacked, lines::read_ion),
        }
    }

    fn read_lines(
        &mut self,
        mut unpacked: impl BufRead,
        item_of: impl Fn(&[u8]) -> Result<Attributes, LineFault>,
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
            let attributes = item_of(text).map_err(|fault| Stop::Unreadable(line_fault(fault).to_owned()))?;
            self.take(checked(attributes))?;
        }
    }

    fn read_csv(&mut self, import: &Import, unpacked: impl BufRead) -> Result<(), Stop> {
        let options = import.csv.clone().unwrap_or_default();
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
                    self.take(item)?;
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
    fn take(&mut self, item: Result<Item, String>) -> Result<(), Stop> {
        let place = self.records;
        self.records += 1;
        if place < self.skipped {
            return Ok(());
        }
        let write = item
            .and_then(|item| Write::put(self.table, item).map_err(|fault| key_text(&fault, KeyUse::Item)));
        match write {
            Ok(write) => {
                let key = write.key().as_bytes().to_vec();
                if self.batch.keys.contains(&key) {
                    self.hand_over(place, false)?; // of two items with one key the later one stays
                }
                self.batch.keys.insert(key);
                self.batch.places.push(place);
                self.batch.writes.push((Arc::clone(self.table), write));
            }
            Err(fault) => self.batch.errors.push((place, fault)),
        }
        self.batch.bytes += std::mem::take(&mut self.bytes);
        let records = (self.batch.places.len() + self.batch.errors.len()) as u64;
        if records >= BATCH_RECORDS_MAX || self.batch.bytes >= BATCH_BYTES_MAX {
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

/// An item whose values are without fault.
fn checked(attributes: Attributes) -> Result<Item, String> {
    let layer = Layer::Plain;
    let judged = values::no_empty_name(&attributes, layer)
        .and_then(|()| values::no_false_null(attributes.has_false_null, layer))
        .and_then(|()| values::item(&attributes, layer));
    match judged {
        Ok(()) => Ok(attributes.item),
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
