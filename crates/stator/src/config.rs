//! The settings of one run: flags and environment first, then `stator.toml`, then the defaults. One struct
//! per subsystem; states that are half one thing and half another are refused here.

mod audit;
mod auth;
mod data;
mod database;
mod dax;
mod duration;
mod file;
mod http;
mod keys;
mod lambda;
mod metrics;
mod peers;
mod print;
mod s3;
mod tables;
mod testing;
mod tls;

use crate::cli::Invocation;
use crate::failure::Failure;
pub(crate) use audit::AuditConfig;
pub(crate) use auth::AuthConfig;
pub(crate) use data::{DataConfig, Size};
pub(crate) use database::DatabaseConfig;
pub(crate) use dax::{DaxConfig, Mode as DaxCacheMode};
use file::{ConfigFile, Mode};
pub(crate) use http::HttpConfig;
use http_server::{Persona, TlsFiles};
pub(crate) use keys::KeysConfig;
pub(crate) use lambda::LambdaConfig;
pub(crate) use metrics::MetricsConfig;
pub(crate) use peers::PeersConfig;
pub(crate) use s3::S3Config;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
pub(crate) use tables::TablesConfig;
pub(crate) use testing::TestingConfig;

/// The whole configuration of a run.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) http: HttpConfig,
    /// The certificate of a listener with TLS; `None` for plain HTTP.
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) data: DataConfig,
    pub(crate) auth: AuthConfig,
    pub(crate) tables: TablesConfig,
    pub(crate) peers: PeersConfig,
    pub(crate) keys: KeysConfig,
    pub(crate) lambda: LambdaConfig,
    pub(crate) s3: S3Config,
    /// How DAX's clients are served; `None` where they are not.
    pub(crate) dax: Option<DaxConfig>,
    pub(crate) testing: TestingConfig,
    pub(crate) metrics: MetricsConfig,
    /// Where what is done is written down; `None` for nowhere.
    pub(crate) audit: Option<AuditConfig>,
    /// How the server presents itself.
    pub(crate) persona: Persona,
    pub(crate) log: String,
    pub(crate) ready_file: Option<PathBuf>,
    /// Announce as DynamoDB Local does.
    pub(crate) as_dynamodb_local: bool,
}

impl Config {
    /// Puts the sources together and refuses what does not fit.
    pub(crate) fn resolve(told: Invocation) -> Result<Self, Failure> {
        let file = told.config.as_deref().map(ConfigFile::read).transpose()?;
        let mode = file.as_ref().map_or(Mode::Local, |file| file.mode);
        let ConfigFile {
            http,
            tls,
            data,
            store,
            auth,
            tables,
            global_tables,
            lambda,
            s3,
            dax,
            metrics,
            kms,
            audit,
            log,
            ..
        } = file.unwrap_or_default();
        let insecure = told.insecure;
        let auth = AuthConfig::resolve(&told, auth, mode)?;
        let tls = tls::resolve(&told, tls)?;
        let data = DataConfig::resolve(&told, data, store, mode)?;
        let http = HttpConfig::resolve(&told, http, mode, tls.is_some())?;
        let config = Config {
            persona: persona(mode, &auth),
            metrics: MetricsConfig::resolve(metrics, &auth)?,
            audit: audit::resolve(told.config.as_deref(), audit, &data, mode)?,
            data,
            lambda: LambdaConfig::resolve(&told, &lambda, &auth)?,
            s3: S3Config::resolve(&told, s3),
            auth,
            keys: KeysConfig::resolve(&told, kms)?,
            tables: TablesConfig::resolve(&told, tables, mode)?,
            peers: PeersConfig::resolve(&told, global_tables)?,
            testing: TestingConfig::resolve(&told, mode)?,
            dax: dax::resolve(&told, &dax, http.address.ip(), tls.is_some()),
            http,
            tls,
            log: told.log.or(log.filter).unwrap_or_else(|| "info".to_owned()),
            ready_file: told.ready_file,
            as_dynamodb_local: told.as_dynamodb_local,
        };
        config.refuse_open_doors(insecure)?;
        config.refuse_keys_beside_the_data()?;
        Ok(config)
    }

    /// A root key that stands in the store cannot seal it.
    fn refuse_keys_beside_the_data(&self) -> Result<(), Failure> {
        let is_encrypted = matches!(self.data, DataConfig::Directory { encrypted: true, .. });
        if !(is_encrypted && matches!(self.keys, KeysConfig::Store)) {
            return Ok(());
        }
        Err(Failure::Usage(
            "--encrypt needs a root key that is not in the data directory: name a root_key_file or a \
             root_key_command in [kms] of stator.toml, or set STATOR_KMS_ROOT_KEY"
                .to_owned(),
        ))
    }

    /// A server that other machines reach and that verifies no signatures needs an explicit flag.
    fn refuse_open_doors(&self, insecure: bool) -> Result<(), Failure> {
        let address = self.http.address.ip();
        if address.is_loopback() || self.auth.verifies() || insecure {
            return Ok(());
        }
        Err(Failure::Usage(format!(
            "listening on {address} lets others in without verified signatures; add --auth verify with keys, or \
             say --insecure if that is what you want"
        )))
    }
}

/// A path in a file, relative to the folder of that file.
fn beside(file: Option<&Path>, path: &Path) -> PathBuf {
    file.and_then(Path::parent).map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

/// Tables of several regions leave no region to name.
fn persona(mode: Mode, auth: &AuthConfig) -> Persona {
    match mode {
        Mode::Local => Persona::Local,
        Mode::Production => Persona::Production { region: auth.shared_region().map(str::to_owned) },
    }
}

/// A number of `stator.toml` that is within its range, or the sentence that names both.
fn allowed(section: &str, key: &str, range: RangeInclusive<i64>, value: i64) -> Result<u64, Failure> {
    if let (true, Ok(value)) = (range.contains(&value), u64::try_from(value)) {
        return Ok(value);
    }
    let (least, most) = range.into_inner();
    Err(Failure::Usage(format!("[{section}] has {key} = {value}; it can be {least} to {most}")))
}

#[cfg(test)]
mod tests;
