//! A mutation: locks of this process, then of the database, `decide`, and a commit that goes on whether or not its
//! caller waits.

use crate::commit::Ended;
use crate::failure::{ends_the_session, is_passing, refused};
use crate::isolation::{AdvisoryLocks, Entered, Isolation, Wanted};
use crate::pool::Writer;
use crate::postgres_store::{Core, TRIES_MAX};
use crate::session::{Parameters, Session};
use crate::sql::Sql;
use std::sync::Arc;
use store::lock_table::{Busy, SingleGuard, TransactionGuard};
use store::{Decision, Fence, Locking, Mutation, OldRows, Outcome, Plan, StoreError};
use tokio::sync::oneshot;
use tokio_postgres::Error;

/// The keys as this process has them locked.
pub(crate) enum Guard {
    Single { _held: SingleGuard },
    Transaction { _held: TransactionGuard },
}

/// A transaction of the database that is open. Dropping it rolls it back, and frees the keys behind that.
pub(crate) struct Transaction {
    writer: Option<Writer>,
    guard: Arc<Guard>,
    core: Arc<Core>,
}

impl Transaction {
    pub(crate) fn writer(&self) -> &Writer {
        self.writer.as_ref().expect("an open transaction has its writer")
    }

    /// It has ended, and its session can be used again.
    pub(crate) fn ended(mut self) {
        self.writer = None;
    }

    /// How it stands is not known.
    pub(crate) fn abandon(mut self) {
        self.writer.take().into_iter().for_each(Writer::end);
    }

    async fn roll_back(mut self) {
        if let Some(writer) = self.writer.take() {
            rolled_back(writer).await;
        }
    }
}

async fn rolled_back(writer: Writer) {
    if writer.session().execute("ROLLBACK").await.is_err() {
        writer.end();
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            let guard = Arc::clone(&self.guard);
            self.core.connector.runtime().spawn(async move {
                rolled_back(writer).await;
                drop(guard);
            });
        }
    }
}

/// What came of one attempt.
enum Attempt {
    Ended(Outcome),
    /// The plan raises these fences, which have to be held alone from the beginning.
    Raises(Vec<u64>),
    /// Nothing happened, for a reason that may pass.
    Lost(StoreError),
}

impl Core {
    pub(crate) async fn mutate(self: &Arc<Self>, mutation: Mutation<'_>) -> Result<Outcome, StoreError> {
        self.open()?;
        self.connector.primary().may_write()?;
        let guard = match self.lock(mutation.locking, mutation.keys).await {
            Ok(guard) => Arc::new(guard),
            Err(busy) => return Ok(Outcome::Conflict(busy)),
        };
        let Mutation { keys, fences, locking, decide } = mutation;
        let (mut raises, mut tries) = (Vec::new(), 0);
        loop {
            let wanted = self.lock_names.wanted(locking, keys, fences, &raises);
            match Box::pin(self.attempt(&wanted, &guard, &raises, decide)).await? {
                Attempt::Ended(outcome) => return Ok(outcome),
                Attempt::Raises(more) => raises.extend(more),
                Attempt::Lost(error) => {
                    tries += 1;
                    if tries == TRIES_MAX {
                        return Err(error);
                    }
                    self.pause(tries).await;
                }
            }
        }
    }

    async fn lock(&self, locking: Locking, keys: &[&[u8]]) -> Result<Guard, Vec<usize>> {
        if locking == Locking::Transaction {
            return self.locks.transaction(keys).map(|held| Guard::Transaction { _held: held });
        }
        loop {
            match self.locks.single(keys) {
                Ok(held) => return Ok(Guard::Single { _held: held }),
                Err(Busy::Transaction(busy)) => return Err(busy),
                Err(Busy::Single(freed)) => drop(freed.await),
            }
        }
    }

    async fn attempt(
        self: &Arc<Self>,
        wanted: &Wanted<'_>,
        guard: &Arc<Guard>,
        raised: &[u64],
        decide: &mut store::Decide<'_>,
    ) -> Result<Attempt, StoreError> {
        let writer = Some(self.writers.take().await?);
        self.connector.primary().may_write()?;
        let transaction = Transaction { writer, guard: Arc::clone(guard), core: Arc::clone(self) };
        let (number, old) = match begin(&transaction, wanted).await {
            Ok(Entered::Begun(number, old)) => (number, old),
            Ok(Entered::Busy(busy)) => return Ok(refusal(transaction, Outcome::Conflict(busy)).await),
            Ok(Entered::Fenced) => return Ok(refusal(transaction, Outcome::Fenced).await),
            Err(error) => return failed(transaction, &error).await,
        };
        let decision = decide(&OldRows(&old.rows()));
        drop(old);
        let plan = match decision {
            Decision::Commit(plan) => plan,
            Decision::Refuse => return self.refuse(transaction).await,
        };
        let raises = not_held(&plan.raise, raised);
        if !raises.is_empty() {
            transaction.roll_back().await;
            return Ok(Attempt::Raises(raises));
        }
        self.commit_anyway(transaction, plan, number).await
    }

    /// What a refusal was computed from may be on the primary alone, where a commit was terminated while it waited for
    /// its standby. So it is told once a commit behind all that was read is there too.
    async fn refuse(&self, transaction: Transaction) -> Result<Attempt, StoreError> {
        if !self.connector.primary().waits_for_standbys() {
            return Ok(refusal(transaction, Outcome::Refused).await);
        }
        match barrier(transaction.writer().session()).await {
            Ok(()) => {
                transaction.ended();
                Ok(Attempt::Ended(Outcome::Refused))
            }
            Err(error) => failed(transaction, &error).await,
        }
    }

    /// Commits in a task of its own.
    async fn commit_anyway(
        self: &Arc<Self>,
        transaction: Transaction,
        plan: Plan,
        number: u64,
    ) -> Result<Attempt, StoreError> {
        let (send, ended) = oneshot::channel();
        let (core, flight) = (Arc::clone(self), self.flights.begin());
        self.connector.runtime().spawn(async move {
            let ended = core.commit(transaction, plan, number).await;
            drop(flight);
            send.send(ended).ok();
        });
        match ended.await {
            Ok(Ended::Committed(stamp)) => Ok(Attempt::Ended(Outcome::Committed(stamp))),
            Ok(Ended::Unknown(commit)) => Ok(Attempt::Ended(Outcome::Unknown(commit))),
            Ok(Ended::Lost(error)) => Ok(Attempt::Lost(error)),
            Ok(Ended::Failed(error)) => Err(error),
            Err(_) => Err(StoreError::Unavailable("it is closing".to_owned())),
        }
    }
}

/// BEGIN and what follows it, sent together.
async fn begin(transaction: &Transaction, wanted: &Wanted<'_>) -> Result<Entered, Error> {
    let session = transaction.writer().session();
    session.statement(Sql::BeginMutation).await?;
    let (begun, entered) =
        tokio::join!(biased; session.execute("BEGIN"), AdvisoryLocks::enter(session, wanted));
    begun.and(entered)
}

/// Something that is written, and COMMIT, sent together: only a commit that has written waits for standbys.
async fn barrier(session: &Session) -> Result<(), Error> {
    session.statement(Sql::Barrier).await?;
    let number = session.number;
    let parameters: Parameters<'_> = &[&number];
    let (wrote, committed) =
        tokio::join!(biased; session.query(Sql::Barrier, parameters), session.execute("COMMIT"));
    wrote.and(committed)
}

async fn refusal(transaction: Transaction, outcome: Outcome) -> Attempt {
    transaction.roll_back().await;
    Attempt::Ended(outcome)
}

async fn failed(transaction: Transaction, error: &Error) -> Result<Attempt, StoreError> {
    match ends_the_session(error) {
        true => transaction.abandon(),
        false => transaction.roll_back().await,
    }
    match is_passing(error) {
        true => Ok(Attempt::Lost(refused(error))),
        false => Err(refused(error)),
    }
}

/// The subjects of fences that a plan raises and that are not held alone.
fn not_held(raise: &[Fence], held: &[u64]) -> Vec<u64> {
    raise.iter().map(|fence| fence.subject).filter(|subject| !held.contains(subject)).collect()
}
