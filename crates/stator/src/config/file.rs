//! `stator.toml`. An unknown key is refused with its line.

use super::audit::AuditSection;
use super::auth::AuthSection;
use super::data::DataSection;
use super::database::StoreSection;
use super::dax::DaxSection;
use super::http::HttpSection;
use super::keys::KmsSection;
use super::lambda::LambdaSection;
use super::metrics::MetricsSection;
use super::peers::GlobalTablesSection;
use super::s3::S3Section;
use super::tables::TablesSection;
use super::tls::TlsSection;
use crate::failure::Failure;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    pub(super) mode: Mode,
    pub(super) http: HttpSection,
    pub(super) tls: TlsSection,
    pub(super) data: DataSection,
    pub(super) store: Option<StoreSection>,
    pub(super) auth: AuthSection,
    pub(super) tables: TablesSection,
    pub(super) global_tables: GlobalTablesSection,
    pub(super) lambda: LambdaSection,
    pub(super) s3: S3Section,
    pub(super) dax: DaxSection,
    pub(super) metrics: MetricsSection,
    pub(super) kms: KmsSection,
    pub(super) audit: AuditSection,
    pub(super) log: LogSection,
}

/// The kind of deployment.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// A developer on this machine.
    Local,
    /// Production: signatures are verified by default.
    #[default]
    Production,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogSection {
    /// As `--log`.
    pub(super) filter: Option<String>,
}

impl ConfigFile {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = text(path).map_err(|error| {
            Failure::Usage(format!("cannot read the configuration {}: {error}", path.display()))
        })?;
        Self::parse(&text).map_err(|fault| Failure::Usage(format!("{}: {fault}", path.display())))
    }

    /// Reads a text; the fault is a sentence with its line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
            format!("line {}: {}", before.matches('\n').count() + 1, error.message().replace('\n', " "))
        })
    }
}

/// No configuration is longer, and a device that never ends must not fill the memory.
const FILE_BYTES_MAX: u64 = 1 << 20;

pub(super) fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other("it is longer than 1 MB, which no configuration is"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
}
