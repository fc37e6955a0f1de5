//! Opens connections and sets them up.

use crate::failure::sentence;
use crate::hosts::{Driver, Hosts};
use crate::options::Options;
use crate::primary::Primary;
use crate::session::Session;
use crate::silence::Silence;
use crate::sql::Sql;
use crate::url::Target;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use stdx::Clock;
use store::StoreError;
use tokio::runtime::Handle;
use tokio_postgres::Client;
use tokio_postgres::config::TargetSessionAttrs;

/// How long an address of a host may take to accept a connection.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long the other side may be silent before it is taken for dead.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// How long a connection that writes is used. Its row in `sessions` is evidence of its last commit, and is forgotten no
/// sooner than a day after it was opened.
const AGE_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// What every connection begins with. All statements here find their rows by an index: the planner is told so, since it
/// may know a table only as it was when it was empty.
const SET_UP: &str = "\
    SET client_min_messages = warning; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
    SET enable_bitmapscan = off; SET enable_sort = off; \
    SET plan_cache_mode = force_generic_plan; SET jit = off; SET idle_in_transaction_session_timeout = '10s'; \
    SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0; SET lock_timeout = 0; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply'); ";

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reads of many callers.
    Read,
    /// One mutation at a time.
    Write,
    /// Reads of a standby, which shows no positions.
    ReadReplica,
}

/// Opens connections to the one database. Cloning it shares it.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Shared>);

struct Shared {
    hosts: Hosts,
    schema: String,
    patience: Duration,
    runtime: Handle,
    clock: Arc<dyn Clock>,
    primary: Primary,
    /// Attempts to connect so far.
    attempts: AtomicU64,
    /// The attempt that began last of those that have ended, and why it failed, if it did.
    last: Mutex<(u64, Option<StoreError>)>,
    /// How many attempts have failed.
    failures: AtomicU64,
}

impl Connector {
    /// Connects to the host that takes writes.
    pub(crate) fn new(target: Target, options: &Options, runtime: Handle) -> Connector {
        Connector::to(TargetSessionAttrs::ReadWrite, target, options, runtime)
    }

    /// Connects to whatever the one host is.
    pub(crate) fn to_replica(target: Target, options: &Options, runtime: Handle) -> Connector {
        Connector::to(TargetSessionAttrs::Any, target, options, runtime)
    }

    fn to(kind: TargetSessionAttrs, mut target: Target, options: &Options, runtime: Handle) -> Connector {
        let config = &mut target.config;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_MAX);
        }
        config.keepalives_idle(SILENCE_MAX).tcp_user_timeout(SILENCE_MAX);
        config.target_session_attrs(kind).application_name("stator");
        let (schema, patience) = (options.schema.clone(), options.patience);
        let hosts = Hosts::of(target, patience);
        let (clock, primary) = (Arc::clone(&options.clock), Primary::new(options.accept_loss));
        let (attempts, last, failures) = Default::default();
        let shared = Shared { hosts, schema, patience, runtime, clock, primary, attempts, last, failures };
        Connector(Arc::new(shared))
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    /// How long the database may be silent.
    pub(crate) fn patience(&self) -> Duration {
        self.0.patience
    }

    /// What is known of the primary that it connects to.
    pub(crate) fn primary(&self) -> &Primary {
        &self.0.primary
    }

    /// Whether a session can be given out: it stands, no later primary has been seen, and it is not too old to write.
    pub(crate) fn takes(&self, session: &Session) -> bool {
        let age = self.0.clock.monotonic().saturating_sub(session.begun);
        let is_old = session.number != 0 && age >= AGE_MAX;
        !session.is_closed() && !is_old && session.epoch >= self.0.primary.epoch()
    }

    /// The schema, which is also the name of the channel of notices.
    pub(crate) fn schema(&self) -> &str {
        &self.0.schema
    }

    /// The schema as an identifier of a statement.
    pub(crate) fn quoted_schema(&self) -> String {
        format!("\"{}\"", self.0.schema.replace('"', "\"\""))
    }

    /// Why the database could not be reached, if that was so the last time.
    pub(crate) fn failure(&self) -> Option<StoreError> {
        self.0.last.lock().1.clone()
    }

    /// How many attempts to connect have failed.
    pub(crate) fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::SeqCst)
    }

    /// Why an attempt failed since there were so many failures, if one did. Who has waited for it shares it, and does
    /// not begin another one that would last as long.
    pub(crate) fn failed_since(&self, failures: u64) -> Result<(), StoreError> {
        match self.failures() == failures {
            true => Ok(()),
            false => self.failure().map_or(Ok(()), Err),
        }
    }

    /// A bare connection, or why there is none. On the runtime.
    pub(crate) async fn dial(&self) -> Result<(Client, Driver), String> {
        self.0.hosts.connect().await
    }

    /// A connection whose other half the runtime drives. On the runtime.
    pub(crate) async fn client(&self) -> Result<Client, String> {
        let (client, driver) = self.dial().await?;
        self.0.runtime.spawn(driver);
        Ok(client)
    }

    /// A session, from whatever thread it is asked for.
    pub(crate) async fn session(&self, purpose: Purpose) -> Result<Session, StoreError> {
        let (connector, attempt) = (self.clone(), self.0.attempts.fetch_add(1, Ordering::SeqCst) + 1);
        let made = self.0.runtime.spawn(async move { connector.set_up(purpose).await }).await;
        let session = match made {
            Ok(Ok(session)) => Ok(session),
            Ok(Err(why)) => Err(StoreError::Unavailable(format!("the database: {why}"))),
            Err(_) => Err(StoreError::Unavailable("it is closing".to_owned())),
        };
        let mut last = self.0.last.lock();
        if last.0 < attempt {
            *last = (attempt, session.as_ref().err().cloned());
        }
        drop(last);
        self.0.failures.fetch_add(u64::from(session.is_err()), Ordering::SeqCst);
        session
    }

    /// At another host where one takes writes and has been replaced.
    async fn set_up(&self, purpose: Purpose) -> Result<Session, String> {
        for _ in 0..self.0.hosts.count() {
            let session = self.set_up_at_one(purpose).await?;
            if self.0.primary.is_latest(session.epoch) {
                return Ok(session);
            }
            self.0.hosts.pass_over();
        }
        Err("the primary that takes connections has been replaced by another one".to_owned())
    }

    async fn set_up_at_one(&self, purpose: Purpose) -> Result<Session, String> {
        let (client, driver) = self.dial().await?;
        let (silence, patience) = (Arc::<Silence>::default(), self.0.patience);
        let watched = Arc::clone(&silence);
        self.0.runtime.spawn(async move {
            tokio::select! {
                biased;
                _ = driver => (),
                () = watched.lasts(patience) => (),
            }
        });
        let asked = silence.ask();
        let begun = self.begin(&client, purpose).await.map_err(|error| sentence(&error));
        drop(asked);
        let (number, epoch) = begun?;
        Ok(Session::new(client, silence, (number, epoch as u64), self.0.clock.monotonic()))
    }

    /// Its number, and the epoch. Nothing is written at a primary that has been replaced, where no commit may end.
    async fn begin(&self, client: &Client, purpose: Purpose) -> Result<(i64, i64), tokio_postgres::Error> {
        self.prepare_settings(client).await?;
        if purpose == Purpose::ReadReplica {
            return Ok((0, 0));
        }
        let epoch = current_epoch(client).await?;
        if !self.0.primary.is_latest(epoch as u64) {
            return Ok((0, epoch));
        }
        let line = client.query_one(Sql::Durability.text(), &[]).await?;
        self.0.primary.note(&line);
        let number = if purpose == Purpose::Write { begin_session(client).await? } else { 0 };
        Ok((number, epoch))
    }

    /// The settings of a connection.
    pub(crate) async fn prepare_settings(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let schema = self.quoted_schema();
        client.batch_execute(&format!("{SET_UP} SET search_path = {schema};")).await
    }
}

/// The epoch of positions; see [`crate::isolation`]. Where it rises that is a commit, which its standby has.
pub(crate) async fn current_epoch(client: &Client) -> Result<i64, tokio_postgres::Error> {
    Ok(client.query_one("SELECT current_epoch()", &[]).await?.get(0))
}

/// Enters a session that writes, and holds its lock until the connection ends.
async fn begin_session(client: &Client) -> Result<i64, tokio_postgres::Error> {
    client.batch_execute("SELECT fold_sessions()").await?;
    let begun = client.query_one("INSERT INTO sessions DEFAULT VALUES RETURNING session", &[]).await?;
    let number: i64 = begun.get(0);
    let lock = "SELECT pg_advisory_lock(hashtext(current_schema()), $1::bigint::integer)";
    client.query_one(lock, &[&number]).await?;
    Ok(number)
}
