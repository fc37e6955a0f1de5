//! What a store is opened with.

use std::sync::Arc;
use std::time::Duration;
use stdx::{Clock, SystemClock};

/// How a database is used.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user:password@host:port/database`, as libpq reads it; several hosts are tried in turn.
    /// TLS is as `sslmode`, `sslrootcert`, `sslcert` and `sslkey` say.
    pub url: String,
    /// Standbys that eventually consistent reads may go to, each of them; as `url`.
    pub read_replicas: Option<String>,
    /// The schema that the tables are in; made where it is missing.
    pub schema: String,
    /// The cluster that the data must belong to; a new schema belongs to it. `None` takes what is there.
    pub cluster: Option<String>,
    /// Connections that write, each with one mutation at a time.
    pub writers: usize,
    /// Connections that read, each with many reads at a time.
    pub readers: usize,
    /// Also where the server may lose what it has acknowledged: without fsync, or with standbys that are all
    /// asynchronous.
    pub accept_loss: bool,
    /// How long the database may be silent before its connection is taken for lost; how long a host may take to take
    /// a connection; how long a lost commit is asked for.
    pub patience: Duration,
    /// Where the times of commits come from.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// A database with the defaults of a server.
    pub fn of(url: &str) -> Options {
        Options {
            url: url.to_owned(),
            read_replicas: None,
            schema: "stator".to_owned(),
            cluster: None,
            writers: 16,
            readers: 4,
            accept_loss: false,
            patience: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
        }
    }
}
