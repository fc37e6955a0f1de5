//! Records of CSV: fields in double quotes may have delimiters, ends of lines and doubled quotes; empty lines are no
//! records. A record is bounded.

use super::records::RECORD_BYTES_MAX;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::io::{self, BufRead};

/// Fields of a record at most.
const FIELDS_MAX: usize = 65_536;

/// The records of a text.
pub(super) struct CsvRecords<R> {
    text: R,
    reader: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

impl<R: BufRead> CsvRecords<R> {
    pub(super) fn of(text: R, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        CsvRecords { text, reader, output: vec![0; 4_096], ends: vec![0; 64], fields: 0 }
    }

    /// Reads the next record: how many bytes of the text it took, and whether there was one.
    pub(super) fn advance(&mut self) -> io::Result<(u64, bool)> {
        let (mut bytes, mut written, mut fields) = (0, 0, 0);
        loop {
            let input = self.text.fill_buf()?;
            let output = (&mut self.output[written..], &mut self.ends[fields..]);
            let (result, read, out, ended) = self.reader.read_record(input, output.0, output.1);
            self.text.consume(read);
            (bytes, written, fields) = (bytes + read as u64, written + out, fields + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    grow(&mut self.output, RECORD_BYTES_MAX, "The record is too long")?
                }
                ReadRecordResult::OutputEndsFull => {
                    grow(&mut self.ends, FIELDS_MAX, "The record has too many fields")?;
                }
                ReadRecordResult::Record => {
                    self.fields = fields;
                    return Ok((bytes, true));
                }
                ReadRecordResult::End => return Ok((bytes, false)),
            }
        }
    }

    /// The fields of the record; `None` where one is not UTF-8.
    pub(super) fn fields(&self) -> Option<Vec<&str>> {
        let starts = std::iter::once(&0).chain(&self.ends[..self.fields]);
        let fields = starts.zip(&self.ends[..self.fields]).map(|(start, end)| &self.output[*start..*end]);
        fields.map(|field| std::str::from_utf8(field).ok()).collect()
    }
}

fn grow<T: Clone + Default>(buffer: &mut Vec<T>, most: usize, refusal: &str) -> io::Result<()> {
    if buffer.len() >= most {
        return Err(io::Error::other(refusal.to_owned()));
    }
    buffer.resize((buffer.len() * 2).min(most), T::default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_be_quoted() {
        let text = "a,b\r\n\n\"x,\"\"y\"\"\nz\",\n1,2";
        let mut records = CsvRecords::of(text.as_bytes(), b',');
        let mut found = Vec::new();
        while records.advance().unwrap().1 {
            found.push(records.fields().unwrap().join("|"));
        }
        assert_eq!(found, ["a|b", "x,\"y\"\nz|", "1|2"]);
    }

    #[test]
    fn records_are_bounded() {
        let endless = std::io::BufReader::new(std::io::Read::chain(&b"\""[..], std::io::repeat(b'x')));
        assert!(CsvRecords::of(endless, b',').advance().is_err());
        let endless = std::io::BufReader::new(std::io::repeat(b','));
        assert!(CsvRecords::of(endless, b',').advance().is_err());
    }
}
