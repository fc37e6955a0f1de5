//! The tables: made and brought up to date by one server at a time, under a lock.

use crate::connector::Connector;
use crate::failure::sentence;
use crate::isolation::LockNames;
use crate::open::OpenError;
use crate::options::Options;
use stdx::Random;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

/// What leads from each version to the next, from an empty schema on.
const MIGRATIONS: [&str; 1] = [include_str!("schema/1.sql")];

/// The version that this program writes.
const VERSION: i32 = MIGRATIONS.len() as i32;

/// Held while a schema of the database is made or changed.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext('stator'), hashtext('schema'))";
const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtext('stator'), hashtext('schema'))";

/// A schema that was restored into a server whose transaction ids are behind what it has, such as an earlier copy of
/// the same server: these ids will be given out again there, so the epoch rises.
const NOTE_IDS_TO_COME: &str = "DELETE FROM incarnation WHERE EXISTS (SELECT FROM sessions, meta \
     WHERE sessions.epoch = meta.epoch AND sessions.xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)";

/// What a schema says of itself.
struct Meta {
    version: i32,
    cluster: String,
    lock_key: Vec<u8>,
}

/// Makes or migrates the schema and returns the names of its locks.
pub(crate) async fn prepare(connector: &Connector, options: &Options) -> Result<LockNames, OpenError> {
    let client = connector.client().await.map_err(OpenError::Unreachable)?;
    crate::open::check_server(&client, options).await?;
    connector.prepare_settings(&client).await.map_err(|error| failed(&error))?;
    client.batch_execute(LOCK).await.map_err(|error| failed(&error))?;
    let meta = migrated(&client, connector, options).await?;
    client.batch_execute(UNLOCK).await.map_err(|error| failed(&error))?;
    let lock_key = <[u8; 16]>::try_from(&meta.lock_key[..]);
    Ok(LockNames(lock_key.map_err(|_| OpenError::Failed("the key of its locks is damaged".to_owned()))?))
}

/// Makes the schema, with some statements more, if it is not there and these are given. A connection to it, and whether
/// it [`is_filling`].
pub(crate) async fn prepare_to_fill(
    connector: &Connector,
    options: &Options,
    make_with: Option<&str>,
) -> Result<(Client, bool), OpenError> {
    let client = connector.client().await.map_err(OpenError::Unreachable)?;
    crate::open::check_server(&client, options).await?;
    connector.prepare_settings(&client).await.map_err(|error| failed(&error))?;
    client.batch_execute(LOCK).await.map_err(|error| failed(&error))?;
    if meta(&client, options).await.map_err(|error| failed(&error))?.is_none() {
        let Some(more) = make_with else {
            return Err(OpenError::NoSchema { schema: options.schema.clone() });
        };
        make(&client, connector, options, more).await.map_err(|error| failed(&error))?;
    }
    let is_filling = is_filling(&client, options).await?;
    client.batch_execute(UNLOCK).await.map_err(|error| failed(&error))?;
    Ok((client, is_filling))
}

/// Whether it is being filled from another store.
async fn is_filling(client: &Client, options: &Options) -> Result<bool, OpenError> {
    let is_there = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'filling')";
    let there = client.query_one(is_there, &[&options.schema]).await.map_err(|error| failed(&error))?;
    Ok(there.get(0))
}

async fn migrated(client: &Client, connector: &Connector, options: &Options) -> Result<Meta, OpenError> {
    if meta(client, options).await.map_err(|error| failed(&error))?.is_none() {
        make(client, connector, options, "").await.map_err(|error| failed(&error))?;
    }
    if is_filling(client, options).await? {
        return Err(OpenError::Filling { schema: options.schema.clone() });
    }
    let meta = meta(client, options).await.map_err(|error| failed(&error))?;
    let meta = meta.ok_or_else(|| OpenError::Failed("its schema has no line in meta".to_owned()))?;
    if meta.version > VERSION {
        let schema = options.schema.clone();
        return Err(OpenError::NewerSchema { schema, found: meta.version, known: VERSION });
    }
    if let Some(expected) = options.cluster.clone().filter(|expected| *expected != meta.cluster) {
        return Err(OpenError::OtherCluster { found: meta.cluster, expected });
    }
    for (version, migration) in (1..).zip(MIGRATIONS).skip(meta.version as usize) {
        let update = format!("BEGIN; {migration}; UPDATE meta SET version = {version}; COMMIT");
        client.batch_execute(&update).await.map_err(|error| failed(&error))?;
    }
    client.batch_execute(NOTE_IDS_TO_COME).await.map_err(|error| failed(&error))?;
    Ok(meta)
}

/// What is there, if anything is.
async fn meta(client: &Client, options: &Options) -> Result<Option<Meta>, Error> {
    let is_there = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'meta')";
    if !client.query_one(is_there, &[&options.schema]).await?.get::<_, bool>(0) {
        return Ok(None);
    }
    let line = client.query_opt("SELECT version, cluster, lock_key FROM meta", &[]).await?;
    Ok(line.map(|line| Meta { version: line.get(0), cluster: line.get(1), lock_key: line.get(2) }))
}

/// Makes an empty schema of the first version, with some statements more.
async fn make(client: &Client, connector: &Connector, options: &Options, more: &str) -> Result<(), Error> {
    let exists = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
    let is_there: bool = client.query_one(exists, &[&options.schema]).await?.get(0);
    // Who may not make a schema may still have been given one.
    let schema =
        if is_there { String::new() } else { format!("CREATE SCHEMA {};", connector.quoted_schema()) };
    let random = Random::from_os();
    let cluster = options.cluster.clone().unwrap_or_else(|| random.uuid());
    let (cluster, key) = (cluster.replace('\'', "''"), stdx::hex::encode(&random.bytes16()));
    let first = MIGRATIONS[0];
    let make = format!(
        "BEGIN; {schema} {first}; INSERT INTO meta VALUES (1, '{cluster}', '\\x{key}', 0); \
         INSERT INTO incarnation SELECT system_identifier FROM pg_control_system(); {more} COMMIT"
    );
    client.batch_execute(&make).await
}

/// A missing right is the operator's to give.
fn failed(error: &Error) -> OpenError {
    match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => OpenError::Rights(sentence(error)),
        _ => OpenError::Failed(sentence(error)),
    }
}
