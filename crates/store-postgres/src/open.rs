//! Opening a store: what is refused, and why.

use crate::connector::{Connector, Purpose};
use crate::failure::sentence;
use crate::feeds::Feeds;
use crate::flights::Flights;
use crate::hearing::Hearing;
use crate::isolation::LockNames;
use crate::measures::Horizon;
use crate::newest::Newest;
use crate::notices::Outbox;
use crate::options::Options;
use crate::pool::{Readers, Writers};
use crate::postgres_store::{Core, PostgresStore};
use crate::primary::what_it_loses;
use crate::replicas::Replicas;
use crate::resolve::Unknown;
use crate::schema;
use crate::sql::Sql;
use crate::url;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use stdx::Random;
use store::wait::wait;
use store::{LockTable, Position, Stamp, StoreError, Watches};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Error};

/// The oldest server that this works on.
const SERVER_MIN: i32 = 150_000;

/// Threads that drive the connections.
const THREADS: usize = 2;

/// Why a store does not open: a sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The URL cannot be read.
    #[error("not a PostgreSQL URL such as postgres://user:password@host:5432/database: {0}")]
    Url(String),
    /// What the URL says of TLS cannot be done.
    #[error("{0}")]
    Tls(String),
    /// No host took the connection.
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    /// The server is too old.
    #[error("PostgreSQL 15 or later is needed, and the server is {0}")]
    OldServer(String),
    /// The server may lose what it has acknowledged.
    #[error("{0}, so acknowledged writes may be lost; change that, or say --accept-loss")]
    MayLose(&'static str),
    /// A right is missing.
    #[error("a right is missing in the database: {0}; GRANT CREATE ON DATABASE, or own the schema")]
    Rights(String),
    /// A later program has changed the schema.
    #[error(
        "schema {schema} has version {found}, and this program knows versions up to {known}; use a newer one"
    )]
    NewerSchema {
        /// Its name.
        schema: String,
        /// What is there.
        found: i32,
        /// What this program writes.
        known: i32,
    },
    /// The data is another cluster's.
    #[error("the data belongs to cluster {found}, not to {expected}")]
    OtherCluster {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// The schema is being filled from another store.
    #[error("schema {schema} is not whole: stator migrate has not ended; run it again, it goes on")]
    Filling {
        /// Its name.
        schema: String,
    },
    /// What is to be filled has data of its own.
    #[error("schema {schema} has data already; name another one, or drop it")]
    NotEmpty {
        /// Its name.
        schema: String,
    },
    /// It is being filled from something else.
    #[error("schema {schema} is being filled from another data directory; name another schema, or drop it")]
    OtherSource {
        /// Its name.
        schema: String,
    },
    /// What is to be continued is not there.
    #[error("there is no schema {schema}")]
    NoSchema {
        /// Its name.
        schema: String,
    },
    /// Anything else.
    #[error("PostgreSQL: {0}")]
    Failed(String),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        OpenError::Failed(error.to_string())
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        OpenError::Failed(sentence(&error))
    }
}

impl PostgresStore {
    /// Connects, checks the server, makes or migrates the schema. Blocks the calling thread.
    ///
    /// # Errors
    /// When the database cannot be used as it is.
    pub fn open(options: Options) -> Result<PostgresStore, OpenError> {
        let target = url::read(&options.url)?;
        let runtime = runtime()?;
        let connector = Connector::new(target, &options, runtime.handle().clone());
        let opened = wait(runtime.spawn(open(connector, options)));
        let opened = opened.unwrap_or_else(|error| Err(OpenError::Failed(error.to_string())));
        match opened {
            Ok(core) => Ok(PostgresStore::new(core, runtime)),
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }
}

pub(crate) fn runtime() -> Result<Runtime, OpenError> {
    let built =
        Builder::new_multi_thread().worker_threads(THREADS).thread_name("postgres").enable_all().build();
    built.map_err(|error| OpenError::Failed(format!("no threads for its connections: {error}")))
}

async fn open(connector: Connector, options: Options) -> Result<Arc<Core>, OpenError> {
    let lock_names = schema::prepare(&connector, &options).await?;
    let replicas = Replicas::new(&options, connector.runtime())?;
    let core = Arc::new(core(connector, &options, lock_names, replicas));
    core.newest.note(newest(&core).await?);
    let ear = core.listen().await?;
    let runtime = core.connector.runtime();
    runtime.spawn(Arc::clone(&core).hear(ear));
    runtime.spawn(Arc::clone(&core).tell());
    runtime.spawn(Arc::clone(&core).look_again());
    if core.replicas.are_named() {
        runtime.spawn(Arc::clone(&core).mark_the_log());
    }
    Ok(core)
}

fn core(connector: Connector, options: &Options, lock_names: LockNames, replicas: Replicas) -> Core {
    Core {
        writers: Writers::new(connector.clone(), options.writers),
        readers: Readers::new(connector.clone(), Purpose::Read, options.readers),
        replicas,
        connector,
        locks: LockTable::new(),
        lock_names,
        flights: Flights::default(),
        newest: Newest::new(Arc::clone(&options.clock)),
        feeds: Feeds::default(),
        watches: Watches::default(),
        outbox: Outbox::new(Random::from_os().next_u64()),
        hearing: Hearing::default(),
        unknown: Unknown::default(),
        horizon: Horizon::default(),
        closed: AtomicBool::new(false),
    }
}

/// A place behind every commit that has been acknowledged so far.
async fn newest(core: &Core) -> Result<Stamp, OpenError> {
    let session = core.readers.session().await?;
    let next = session.query(Sql::NextNumber, &[]).await?;
    let next = next.first().map_or(0, |row| row.get::<_, i64>(0)) as u64;
    let position = Position(u128::from(session.epoch) << 64 | u128::from(next.saturating_sub(1)));
    Ok(Stamp { position, time_micros: core.newest.time_micros() })
}

/// What the server must be for its acknowledgements to hold.
pub(crate) async fn check_server(client: &Client, options: &Options) -> Result<(), OpenError> {
    let asked = "SELECT current_setting('server_version_num')::integer, current_setting('server_version')";
    let server = client.query_one(asked, &[]).await?;
    if server.get::<_, i32>(0) < SERVER_MIN {
        return Err(OpenError::OldServer(server.get(1)));
    }
    let line = client.query_one(Sql::Durability.text(), &[]).await?;
    if let Some(why) = what_it_loses(&line).filter(|_| !options.accept_loss) {
        return Err(OpenError::MayLose(why));
    }
    Ok(())
}
