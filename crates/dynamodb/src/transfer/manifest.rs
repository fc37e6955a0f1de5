//! What transfers put beside the files they write: where they are, and the JSON of what lists them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stdx::calendar::iso_8601;
use wire::json::{base64_text, write_string};

/// Characters of the name of a file, without what follows its point.
const NAME_CHARACTERS: usize = 26;

/// A file that is in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Its key.
    pub key: String,
    /// Its items.
    pub items: u64,
    /// The MD5 in hexadecimal.
    pub etag: String,
}

/// Where the objects of a transfer are: under `<prefix>/AWSDynamoDB/<id>/`.
#[derive(Debug, Clone)]
pub struct Folder {
    /// `<prefix>/AWSDynamoDB/`
    pub base: String,
    id: String,
}

impl Folder {
    /// That of the transfer with an id.
    pub fn of(prefix: Option<&str>, id: &str) -> Folder {
        let base = match prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => format!("{prefix}/AWSDynamoDB/"),
            None => "AWSDynamoDB/".to_owned(),
        };
        Folder { base, id: id.to_owned() }
    }

    /// An object in it.
    pub fn key(&self, name: &str) -> String {
        format!("{}{}/{name}", self.base, self.id)
    }

    /// What is put first: that the bucket takes objects.
    pub fn started(&self) -> String {
        self.key("_started")
    }

    /// The manifest that lists the files, and its checksum.
    pub fn manifest_files(&self) -> [String; 2] {
        ["manifest-files.json", "manifest-files.md5"].map(|name| self.key(name))
    }

    /// The manifest that tells what was done, and its checksum.
    pub fn manifest_summary(&self) -> [String; 2] {
        ["manifest-summary.json", "manifest-summary.md5"].map(|name| self.key(name))
    }
}

/// The name of a file of a transfer, which tells nothing and is always the same.
pub fn file_name(arn: &str, number: u32) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(format!("{arn}/{number}").as_bytes());
    digest.iter().take(NAME_CHARACTERS).map(|byte| char::from(DIGITS[usize::from(byte & 31)])).collect()
}

/// A file in the list of them, to which more may be added; a line ends behind it.
pub fn listed(file: &WrittenFile) -> Json {
    let mut json = Json::begin();
    json.number("itemCount", file.items).text("md5Checksum", &md5_of_etag(&file.etag));
    json.text("etag", &file.etag).text("dataFileS3Key", &file.key);
    json
}

/// Where a record is that something is told of.
pub fn pointer(bucket: &str, key: &str, record: u64) -> Vec<u8> {
    let mut json = Json::begin();
    json.text("bucket", bucket).text("key", key).number("itemIndex", record);
    json.end()
}

/// What the object beside a manifest has, by the manifest's etag: its MD5 in hexadecimal.
pub(super) fn md5_of_etag(etag: &str) -> String {
    base64_text(&stdx::hex::decode(etag).unwrap_or_default())
}

/// A time, with milliseconds.
pub fn time(micros: u64) -> String {
    let text = iso_8601(micros / 1_000_000);
    format!("{}.{:03}Z", text.trim_end_matches('Z'), micros / 1_000 % 1_000)
}

/// An object of JSON.
pub struct Json(Vec<u8>);

impl Json {
    /// None yet.
    pub fn begin() -> Json {
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

    /// With a text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Json {
        write_string(self.name(name), text);
        self
    }

    /// With a text, or null where there is none.
    pub fn text_or_null(&mut self, name: &str, text: Option<&str>) -> &mut Json {
        match text {
            Some(text) => write_string(self.name(name), text),
            None => self.name(name).extend_from_slice(b"null"),
        }
        self
    }

    /// With a number.
    pub fn number(&mut self, name: &str, number: u64) -> &mut Json {
        self.name(name).extend_from_slice(number.to_string().as_bytes());
        self
    }

    /// With a list of texts.
    pub fn texts(&mut self, name: &str, texts: &[&str]) -> &mut Json {
        let out = self.name(name);
        for (at, text) in texts.iter().enumerate() {
            out.push(if at == 0 { b'[' } else { b',' });
            write_string(out, text);
        }
        out.extend_from_slice(if texts.is_empty() { b"[]" } else { b"]" });
        self
    }

    /// With a value that is written so.
    pub fn raw(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> &mut Json {
        write(self.name(name));
        self
    }

    /// Its text, as a line.
    pub fn line(self) -> Vec<u8> {
        let mut line = self.end();
        line.push(b'\n');
        line
    }

    /// Its text.
    pub fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
