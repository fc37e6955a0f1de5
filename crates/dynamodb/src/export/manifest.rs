//! The two manifests of an export: what was exported, and which files there are. Beside each is its MD5.

use super::description::view_name;
use super::document::{Ended, Export, FileOfExport, Format, Outcome, What};
use super::layout::manifest_files_keys;
use crate::transfer::Transfer;
use stdx::calendar::iso_8601;
use wire::json::{base64_text, write_string};

/// What was exported. Exports that are not complete have none.
pub(super) fn summary(export: &Export, ended: &Ended) -> Vec<u8> {
    let (items, size_bytes) = match ended.outcome {
        Outcome::Completed { items, size_bytes } => (items, size_bytes),
        Outcome::Failed(_) => (0, 0),
    };
    let mut json = Json::begin();
    let version = match export.what {
        What::Full { .. } => "2020-06-30",
        What::Incremental { .. } => "2023-08-01",
    };
    json.text("version", version).text("exportArn", &export.arn());
    json.text("startTime", &time(export.start_micros)).text("endTime", &time(ended.at_micros));
    json.text("tableArn", &export.table.arn).text("tableId", &export.table.uuid);
    match export.what {
        What::Full { time_micros } => json.text("exportTime", &time(time_micros)),
        What::Incremental { from_micros, to_micros, .. } => {
            json.text("exportFromTime", &time(from_micros)).text("exportToTime", &time(to_micros))
        }
    };
    json.text("s3Bucket", &export.bucket).text_or_null("s3Prefix", export.prefix.as_deref());
    json.text("s3SseAlgorithm", &export.sse_algorithm).text_or_null("s3SseKmsKeyId", None);
    let [files, _] = manifest_files_keys(export);
    json.text("manifestFilesS3Key", &files);
    json.number("billedSizeBytes", size_bytes).number("itemCount", items);
    json.text("outputFormat", format_name(export.format));
    match export.what {
        What::Full { .. } => json.text("exportType", "FULL_EXPORT"),
        What::Incremental { view, .. } => {
            json.text("outputView", view_name(view)).text("exportType", "INCREMENTAL_EXPORT")
        }
    };
    json.end()
}

/// A file, as a line.
pub(super) fn file_line(file: &FileOfExport) -> Vec<u8> {
    let mut json = Json::begin();
    json.number("itemCount", file.items).text("md5Checksum", &md5_of_etag(&file.etag));
    json.text("etag", &file.etag).text("dataFileS3Key", &file.key);
    let mut line = json.end();
    line.push(b'\n');
    line
}

/// What the object beside a manifest has, by the manifest's etag: its MD5 in hexadecimal.
pub(super) fn md5_of_etag(etag: &str) -> String {
    base64_text(&stdx::hex::decode(etag).unwrap_or_default())
}

/// The name of a format, in requests, answers and manifests.
pub(super) fn format_name(format: Format) -> &'static str {
    match format {
        Format::DynamoDbJson => "DYNAMODB_JSON",
        Format::Ion => "ION",
    }
}

/// With milliseconds.
fn time(micros: u64) -> String {
    let text = iso_8601(micros / 1_000_000);
    format!("{}.{:03}Z", text.trim_end_matches('Z'), micros / 1_000 % 1_000)
}

/// An object of JSON.
struct Json(Vec<u8>);

impl Json {
    fn begin() -> Json {
        Json(vec![b'{'])
    }

    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_string(&mut self.0, name);
        self.0.push(b':');
        &mut self.0
    }

    fn text(&mut self, name: &str, text: &str) -> &mut Json {
        write_string(self.name(name), text);
        self
    }

    fn text_or_null(&mut self, name: &str, text: Option<&str>) -> &mut Json {
        match text {
            Some(text) => write_string(self.name(name), text),
            None => self.name(name).extend_from_slice(b"null"),
        }
        self
    }

    fn number(&mut self, name: &str, number: u64) -> &mut Json {
        self.name(name).extend_from_slice(number.to_string().as_bytes());
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
