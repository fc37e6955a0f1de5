//! What a server does for the transfers of a kind: a task for each that is under way, a few at a time. Where servers
//! share a store, a lease says which of them goes on with one.

use super::documents::Transfers;
use super::{Failure, Order, Task, Transfer};
use model::ApiError;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use stdx::clock::sleep_until;
use store::documents::ChangeError;
use store::lease::{Asked, Lease, Leases};
use store::records::{RecordError, RecordKey};
use store::{Store, StoreError, Watch};
use tokio::task::{Id, JoinSet};

/// Transfers of a kind that this server works on at a time.
const AT_ONCE_MAX: usize = 4;
/// Tasks that are looked at: those of all accounts that may be under way on a server with many.
const TASKS_MAX: usize = 10_000;
/// How often documents that are too old are looked for.
const SWEEP_MICROS: u64 = 3_600 * 1_000_000;
/// The first pause after a failure, and the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Makes the steps of a kind of transfer.
pub trait Carrier: Clone + Send + Sync + 'static {
    /// The kind.
    type Of: Transfer;

    /// Its tasks.
    fn tasks(&self) -> &Tasks<Self::Of>;

    /// Makes the next step, and keeps that it is made.
    fn step(&self, work: &mut Work<'_, Self::Of>) -> impl Future<Output = Result<Step, Trouble>> + Send;

    /// What is next of a transfer that is refused.
    fn refuse(&self, work: &Work<'_, Self::Of>, failure: Failure) -> <Self::Of as Transfer>::Stage;
}

/// The tasks of a kind of transfer, as one server sees them.
pub struct Tasks<T> {
    transfers: Transfers<T>,
    leases: Leases,
    clock: Arc<dyn Clock>,
}

/// A transfer that is being worked on.
pub struct Work<'a, T: Transfer> {
    /// What was ordered.
    pub transfer: T,
    /// How far it is.
    pub task: Task<T::Stage>,
    /// Whether another turn, of this server or another one, may have begun the step.
    pub is_resumed: bool,
    key: &'a RecordKey,
    lease: &'a Lease,
    tasks: &'a Tasks<T>,
}

/// What a step came to.
pub enum Step {
    /// There is more to do.
    More,
    /// There is nothing to do until this changes, since it was looked at.
    Waits(Watch, u64),
    /// Another server does it, at least until then.
    HeldUntil(u64),
    /// All is done.
    Done,
}

/// Why a step was not made.
#[derive(Debug)]
pub enum Trouble {
    /// Another server has taken over.
    LeaseLost,
    /// The store or the bucket cannot be used now: it is tried again.
    Failed(String),
    /// It can never be made: the transfer ends.
    Refused(Failure),
}

/// The transfer ends for this reason.
pub fn refused(code: &str, message: &str) -> Trouble {
    Trouble::Refused(Failure { code: code.to_owned(), message: message.to_owned() })
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Failed(error.to_string())
    }
}

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        Trouble::Failed(error.to_string())
    }
}

impl From<ChangeError> for Trouble {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::LeaseLost => Trouble::LeaseLost,
            ChangeError::Record(error) => error.into(),
        }
    }
}

/// Of S3 and the logs. A server without a folder for objects says that it has none, always.
impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        let spelling = error.code.rest_xml();
        let message = error.message.unwrap_or_default();
        match spelling.status < 500 || spelling.status == 501 {
            true => match spelling.code.strip_prefix("KMS.") {
                Some(of_kms) => refused(&format!("Kms{}", of_kms.trim_start_matches("KMS")), &message),
                None => refused(&format!("S3{}", spelling.code), &message),
            },
            false => Trouble::Failed(format!("{}: {message}", spelling.code)),
        }
    }
}

impl<T: Transfer> Tasks<T> {
    /// Those on a store; the owner of leases is a number that no other server has.
    pub fn of(store: Arc<dyn Store>, clock: Arc<dyn Clock>, owner: u64) -> Self {
        let leases = Leases::of(Arc::clone(&store), Arc::clone(&clock), owner);
        Tasks { transfers: Transfers::of(store), leases, clock }
    }

    /// The time, in microseconds since the Unix epoch.
    pub fn now_micros(&self) -> u64 {
        self.clock.now_micros()
    }

    /// Waits until then.
    pub async fn sleep_until(&self, micros: u64) {
        sleep_until(self.clock.as_ref(), micros).await;
    }
}

impl<T: Transfer> Work<'_, T> {
    /// Refuses what the client must not do, and buckets that are said to be of other accounts.
    pub fn check_rights(&self) -> Result<(), Trouble> {
        if let Some(denial) = &self.task.denial {
            return Err(Trouble::Refused(denial.failure()));
        }
        let Order { account, bucket_owners, .. } = self.transfer.order();
        match bucket_owners.iter().flatten().any(|owner| *owner != account) {
            true => Err(refused("S3AccessDenied", "Access Denied")),
            false => Ok(()),
        }
    }

    /// Keeps what is next.
    pub async fn go_on(&mut self, stage: T::Stage) -> Result<Step, Trouble> {
        self.task.stage = stage;
        self.keep(&[]).await
    }

    /// Keeps how far the task is, and files that are in the bucket.
    pub async fn keep(&self, files: &[(u32, T::File)]) -> Result<Step, Trouble> {
        self.tasks.transfers.advance(self.under(), self.key, &self.task, files).await?;
        Ok(Step::More)
    }

    /// Reads again what was ordered, which a client may have changed.
    pub async fn refresh(&mut self) -> Result<(), Trouble> {
        let found = self.tasks.transfers.task(self.key).await?;
        let (transfer, _) = found.ok_or(Trouble::LeaseLost)?;
        self.transfer = transfer;
        Ok(())
    }

    /// The first files that are in the bucket.
    pub async fn files(&self, count: u32) -> Result<Vec<T::File>, Trouble> {
        let mut files = Vec::new();
        for number in 0..count {
            files.extend(self.tasks.transfers.file(self.key, number).await?);
        }
        Ok(files)
    }

    /// Forgets so many files, and tells the end.
    pub async fn end(&self, files: u32, ended: &T::Ended) -> Result<Step, Trouble> {
        for number in 0..files {
            self.tasks.transfers.forget_file(self.key, number).await?;
        }
        self.tasks.transfers.end(self.under(), self.key, ended).await?;
        Ok(Step::Done)
    }

    fn under(&self) -> (&Lease, u64) {
        (self.lease, self.tasks.now_micros())
    }
}

/// Works on all transfers that are ordered.
pub async fn run<C: Carrier>(carrier: C) {
    let tasks = carrier.tasks().clone();
    let watch = tasks.transfers.watch_tasks();
    let mut running = Running::default();
    let mut sweep_at = 0;
    loop {
        let seen = watch.version();
        if let Err(error) = look(&carrier, &tasks, &mut running, &mut sweep_at).await {
            tracing::warn!("{}s cannot be looked for: {error}", C::Of::NAME);
            tokio::time::sleep(PAUSE_MIN).await;
            continue;
        }
        tokio::select! {
            () = watch.changed(seen) => {}
            () = sleep_until(tasks.clock.as_ref(), sweep_at) => {}
            Some(ended) = running.tasks.join_next_with_id(), if !running.tasks.is_empty() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                running.keys.remove(&id);
            }
        }
    }
}

/// What this server works on.
#[derive(Default)]
struct Running {
    tasks: JoinSet<()>,
    keys: HashMap<Id, RecordKey>,
}

/// Begins what is not worked on yet, and forgets what is too old.
async fn look<C: Carrier>(
    carrier: &C,
    tasks: &Tasks<C::Of>,
    running: &mut Running,
    sweep_at: &mut u64,
) -> Result<(), RecordError> {
    let now = tasks.now_micros();
    if now >= *sweep_at {
        tasks.transfers.sweep(now).await?;
        *sweep_at = now + SWEEP_MICROS;
    }
    for key in tasks.transfers.tasks(TASKS_MAX).await? {
        if running.keys.len() >= AT_ONCE_MAX {
            break;
        }
        if !running.keys.values().any(|known| *known == key) {
            let task = running.tasks.spawn(serve(carrier.clone(), key.clone()));
            running.keys.insert(task.id(), key);
        }
    }
    Ok(())
}

/// Works on a transfer until it has ended.
async fn serve<C: Carrier>(carrier: C, key: RecordKey) {
    let clock = Arc::clone(&carrier.tasks().clock);
    let mut pause = PAUSE_MIN;
    loop {
        match turn(&carrier, &key).await {
            Ok(Step::Done) => return,
            Ok(Step::More) => pause = PAUSE_MIN,
            Ok(Step::Waits(watch, seen)) => watch.changed(seen).await,
            Ok(Step::HeldUntil(until)) => {
                let (now, longest) = (clock.now_micros(), PAUSE_MAX.as_micros() as u64);
                sleep_until(clock.as_ref(), until.clamp(now + 10_000, now + longest)).await;
            }
            Err(Trouble::LeaseLost) => tokio::time::sleep(PAUSE_MIN).await,
            Err(Trouble::Failed(why) | Trouble::Refused(Failure { message: why, .. })) => {
                tracing::warn!(id = key.id, "the {} waits: {why}", C::Of::NAME);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Under the lease: as many steps as there are.
async fn turn<C: Carrier>(carrier: &C, key: &RecordKey) -> Result<Step, Trouble> {
    let tasks = carrier.tasks();
    let name = format!("{}/{}/{}/{}", C::Of::NAME, key.account, key.region, key.id);
    let lease = match tasks.leases.take(&name).await? {
        Asked::Granted(lease) => lease,
        Asked::HeldUntil(until) => return Ok(Step::HeldUntil(until)),
    };
    let (mut step, mut is_resumed) = (Ok(Step::More), true);
    while matches!(step, Ok(Step::More)) {
        let Some((transfer, task)) = tasks.transfers.task(key).await? else {
            step = Ok(Step::Done);
            break;
        };
        let mut work = Work { key, transfer, task, is_resumed, lease: &lease, tasks };
        is_resumed = false;
        step = match carrier.step(&mut work).await {
            Err(Trouble::Refused(failure)) => {
                let stage = carrier.refuse(&work, failure);
                work.go_on(stage).await
            }
            step => step,
        };
    }
    tasks.leases.release(lease).await?;
    step
}

impl<T> Clone for Tasks<T> {
    fn clone(&self) -> Self {
        let Tasks { transfers, leases, clock } = self;
        Tasks { transfers: transfers.clone(), leases: leases.clone(), clock: Arc::clone(clock) }
    }
}
