//! `stator migrate`: copies a data directory into a database, for servers that share it. The directory is only read,
//! and nobody serves it meanwhile; a copy that was interrupted is continued; all of it is read back before the first
//! server is let in.

mod copying;

use crate::cli::Invocation;
use crate::compose::data::{directory, refused_by_database, unreadable};
use crate::compose::keys;
use crate::config::{Config, DataConfig, DatabaseConfig};
use crate::failure::Failure;
use crate::stderr;
use clap::Args;
use copying::{Copied, copy};
use std::path::PathBuf;
use std::sync::Arc;
use stdx::{Random, SystemClock};
use store::wait::wait;
use store::{Store, StoreError};
use store_embedded::EmbeddedStore;
use store_postgres::filling::{Filling, Rest};

/// `stator migrate`'s own arguments.
#[derive(Debug, Clone, Args)]
pub(crate) struct Arguments {
    /// The database, such as postgres://user@host/database
    #[arg(long, value_name = "URL", env = "STATOR_STORE", hide_env = true, hide_env_values = true)]
    to: String,

    /// Its schema, which is made
    #[arg(long, value_name = "NAME", default_value = "stator")]
    schema: String,

    /// Directory of the data [default: ./stator-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// The stator.toml of the server that had the data
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { to, schema, data_dir, config } = arguments;
    let config = Config::resolve(Invocation { config, data_dir, ..Invocation::default() })?;
    let (store, rest) = read(&config)?;
    let database = DatabaseConfig { schema, ..DatabaseConfig::of(to, false) };
    let options = store_postgres::Options {
        schema: database.schema.clone(),
        ..store_postgres::Options::of(&database.url)
    };
    let filling = Filling::begin(&options).map_err(|error| refused_by_database(&database, error))?;
    let failed = |error: StoreError| {
        let advice = match error {
            StoreError::Corrupt(_) => {
                "was the directory served meanwhile? Drop the schema, and run this again"
            }
            _ => "run this again, it goes on",
        };
        Failure::Data(format!("{}: {error}; {advice}", database.shown()))
    };
    let Copied { rows, records } = copy(&store, &filling).map_err(failed)?;
    filling.end(&rest).map_err(failed)?;
    stderr::say(format_args!(
        "{rows} rows, {records} records of feeds and {} documents are in {}, read back and compared; start servers \
         with --store",
        rest.documents.len(),
        database.shown()
    ));
    if let DataConfig::Directory { path, .. } = &config.data
        && path.join("s3").is_dir()
    {
        let objects = path.join("s3");
        stderr::say(format_args!(
            "files of S3's objects stay where they are: --s3-dir {}",
            objects.display()
        ));
    }
    Ok(())
}

/// Opens the directory, and reads what is small.
fn read(config: &Config) -> Result<(Arc<EmbeddedStore>, Rest), Failure> {
    if let DataConfig::Directory { path, .. } = &config.data
        && !path.join("log").is_dir()
    {
        return Err(Failure::Data(format!("{} is no data directory", path.display())));
    }
    let root = keys::root(&config.keys)?;
    let store = Arc::new(directory(&config.data, Arc::new(SystemClock), 2)?);
    // Bytes are copied as they are, sealed or not; only what fences guard has to be understood.
    let open = keys::unsealed(Arc::clone(&store) as _, root.as_ref(), &config.data, Random::from_os())?;
    let fences = wait(engine::fences(open.as_ref())).map_err(|error| unreadable(&config.data, &error))?;
    let mut documents = Vec::new();
    let visit = &mut |key: &[u8], document: &[u8]| {
        documents.push((key.to_vec(), document.to_vec()));
        store::Visit::Continue
    };
    let read = store.records(b"", visit).wait().and_then(|()| store.counters());
    let counters = read.map_err(|error| unreadable(&config.data, &error.into()))?;
    Ok((store, Rest { documents, counters, fences }))
}
