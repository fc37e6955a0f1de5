//! How the servers on one store share the limits of tables, and what of them outlives a server.
//!
//! Time is cut into rounds of [`ROUND_MICROS`]. Once a round each server writes a report, a document: what its buckets
//! hold, and what it was asked for in the two rounds that are over. The parts that servers have in round r follow from
//! the demand of round r − 2, which by then stands in all reports, so all of them compute with the same numbers and
//! their parts are at most the whole. A server without a report of the round before is a newcomer, whether it starts or
//! was delayed: for that round it has an eighth of every limit beside what the others have. So while N servers join,
//! all of them serve at most 1 + N/8 of the limits, and otherwise the limits. Only a server that is delayed for longer
//! than a round and serves requests all the same keeps its old part until it reports.
//!
//! What a bucket holds goes to another server only with the report of a server that is gone, which one other takes out
//! of the store. A bucket that is made beside other servers holds nothing but a second's units. A store that only one
//! process can have open has one report, which is written once a minute while there is demand and read at the start: a
//! kill loses what was spent in that minute, and no table has its whole burst again.

mod report;

use crate::capacity::Direction;
use crate::service::DynamoDb;
use ::capacity::{Began, Held, Share, Side};
use engine::Scope;
pub(super) use report::SideId;
use report::{Report, SideReport};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use stdx::Clock;
use stdx::clock::sleep_until;
use stdx::future::Boxed;
use store::documents::{Documents, Transaction};
use store::records::{RecordError, RecordKey, RecordScope};

/// Of servers on a store that others may have open.
const ROUND_MICROS: u64 = 5_000_000;
/// How often a server that is alone on its store keeps what its buckets hold.
const SAVE_MICROS: u64 = 60_000_000;
/// A server without a report for so many rounds is gone.
const GONE_ROUNDS: u64 = 6;
/// What a bucket held so long ago has been filled again since, whatever it was.
const FILLED_MICROS: u64 = 700_000_000;
/// Tables and indexes in a report, those with the most demand first.
const SIDES_MAX: usize = 4_096;
const SERVERS_MAX: usize = 10_000;

const FORMAT: u32 = 1;
const SERVICE: &str = "dynamodb";
const KIND: &str = "capacity";
/// The report of a server that is alone on its store.
const ALONE: &str = "only";

/// What this server knows of its parts. Requests read it where they make buckets.
#[derive(Debug)]
pub(super) struct Parts {
    /// How many servers there are; 1 where none shares.
    servers: u64,
    /// Nobody counts on this server yet.
    is_newcomer: bool,
    /// What the others were asked for in the round that counts.
    others: BTreeMap<SideId, [u64; 2]>,
    /// What servers left that are gone, for buckets that are not made yet.
    left: BTreeMap<SideId, Held>,
}

impl Default for Parts {
    fn default() -> Self {
        Parts { servers: 1, is_newcomer: false, others: BTreeMap::new(), left: BTreeMap::new() }
    }
}

impl Parts {
    /// This server's part of a limit, with this much of the demand.
    fn share(&self, id: SideId, direction: Direction, own: u64) -> Share {
        let others = self.others.get(&id).map_or(0, |others| others[direction as usize]);
        self.share_of(own, others)
    }

    /// That of an account, or of anything else that others are asked for so much.
    pub(super) fn share_of(&self, own: u64, others: u64) -> Share {
        match self.is_newcomer {
            true => Share::NEWCOMER,
            false => Share::of(own, own.saturating_add(others), self.servers),
        }
    }

    /// The part of a side that has no buckets yet.
    pub(super) fn share_of_new(&self, id: SideId) -> Share {
        self.share(id, Direction::Read, 0).min(self.share(id, Direction::Write, 0))
    }

    /// What the buckets of a side hold that is made now.
    pub(super) fn began(&self, id: SideId, created_micros: u64, now_micros: u64) -> Began {
        match self.left.get(&id) {
            Some(held) => Began::With(*held),
            None if self.servers == 1 && !self.is_newcomer => Began::Since(created_micros),
            None => Began::Since(now_micros.max(created_micros)),
        }
    }
}

/// Keeps a server's parts of the limits right.
#[derive(Debug)]
pub struct Sharing {
    dynamodb: Arc<DynamoDb>,
    documents: Documents,
    /// Whether others may have the store open.
    is_shared: bool,
    id: String,
    rounds: tokio::sync::Mutex<Rounds>,
}

/// What was asked for, by direction, in the rounds that are over.
#[derive(Debug, Default)]
struct Rounds {
    last: u64,
    /// The round of the last report, if there is one.
    reported: u64,
    has_report: bool,
    demand: BTreeMap<SideId, [[u64; 2]; 2]>,
}

/// A table or index with buckets.
struct Used {
    id: SideId,
    scope: Scope,
    side: Arc<Side>,
}

impl Sharing {
    /// Takes over what servers left that are gone; to be called before requests come. The owner is a number that no
    /// other server has.
    ///
    /// # Errors
    /// When the store cannot read or write, or a newer program has written to it.
    pub fn open(
        dynamodb: Arc<DynamoDb>,
        owner: u64,
        now_micros: u64,
    ) -> Boxed<'static, Result<Sharing, RecordError>> {
        Box::pin(async move {
            let store = dynamodb.engine.shared_store();
            let is_shared = store.capabilities().shared;
            let id = if is_shared { format!("{owner:016x}") } else { ALONE.to_owned() };
            let documents = Documents::of(store, FORMAT);
            let sharing = Sharing { dynamodb, documents, is_shared, id, rounds: Default::default() };
            let round = now_micros / ROUND_MICROS;
            if is_shared {
                // Before the others are read: of two servers that start at once, one at least sees the other.
                let mut rounds = sharing.rounds.lock().await;
                rounds.last = round;
                sharing.write(&mut rounds, &[], round, now_micros).await?;
            }
            let mut reports = sharing.reports().await?;
            reports.retain(|(id, _)| !is_shared || *id != sharing.id);
            let (gone, living): (Vec<_>, Vec<_>) =
                reports.into_iter().partition(|(_, report)| !is_shared || report.is_gone(round));
            for (id, report) in gone {
                let is_mine = !is_shared || sharing.take_out(&id).await?;
                if is_mine {
                    sharing.inherit(report, now_micros);
                }
            }
            let mut parts = sharing.dynamodb.limiter.parts.lock();
            parts.is_newcomer = !living.is_empty();
            parts.servers = 1 + living.len() as u64;
            drop(parts);
            Ok(sharing)
        })
    }

    /// Does what is due, for as long as the server runs.
    pub fn run<'a>(&'a self, clock: &'a dyn Clock) -> Boxed<'a, ()> {
        Box::pin(async move {
            let every = if self.is_shared { ROUND_MICROS } else { SAVE_MICROS };
            loop {
                sleep_until(clock, (clock.now_micros() / every + 1) * every).await;
                if let Err(error) = self.exchange(clock.now_micros()).await {
                    tracing::warn!(%error, "what tables may read and write is not shared out; that is tried again");
                }
            }
        })
    }

    /// Reports, and takes the parts that follow from all reports.
    ///
    /// # Errors
    /// When the store cannot read or write.
    pub async fn exchange(&self, now_micros: u64) -> Result<(), RecordError> {
        let round = now_micros / ROUND_MICROS;
        let mut rounds = self.rounds.lock().await;
        if rounds.last == round {
            return Ok(());
        }
        let used = self.used();
        let was_in_last = rounds.has_report && rounds.reported + 1 == round;
        rounds.enter(round, &used);
        if rounds.is_idle() && !self.is_shared {
            return Ok(());
        }
        self.write(&mut rounds, &used, round, now_micros).await?;
        if !self.is_shared {
            return Ok(());
        }
        let mut living = Vec::new();
        for (id, report) in self.reports().await? {
            if id == self.id {
                continue;
            } else if !report.is_gone(round) {
                living.push(report);
            } else if self.take_out(&id).await? {
                self.inherit(report, now_micros);
            }
        }
        self.take_parts(&rounds, &used, &living, was_in_last, round, now_micros);
        Ok(())
    }

    /// Leaves what the buckets hold to whoever comes next; to be called when no more requests come.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn leave(&self, now_micros: u64) -> Result<(), RecordError> {
        let used = self.used();
        let mut rounds = self.rounds.lock().await;
        rounds.enter(now_micros / ROUND_MICROS, &used);
        if rounds.has_report || !rounds.is_idle() {
            self.write(&mut rounds, &used, 0, now_micros).await?;
        }
        Ok(())
    }

    fn used(&self) -> Vec<Used> {
        let tables = self.dynamodb.engine.tables();
        let sides = tables.iter().flat_map(|table| {
            let of = move |(index, side)| Used {
                id: SideId { table: table.id, index },
                scope: table.scope.clone(),
                side,
            };
            table.buckets.sides().into_iter().map(of)
        });
        sides.collect()
    }

    /// The reports of all servers. One that is damaged is removed: it is of bursts alone.
    async fn reports(&self) -> Result<Vec<(String, Report)>, RecordError> {
        let scope = RecordScope::Kind { service: SERVICE, kind: KIND };
        let mut reports = Vec::new();
        for (key, report) in self.documents.list_each(scope, None, SERVERS_MAX).await? {
            match report {
                Ok(report) => reports.push((key.id, report)),
                Err(error @ RecordError::Damaged { .. }) => {
                    tracing::warn!(%error, "the limits of tables begin anew, as if nothing had been used");
                    let delete = |report: &mut Transaction<'_>| {
                        report.delete(0);
                        Ok::<_, Infallible>(())
                    };
                    _ = self.documents.transact(std::slice::from_ref(&key), delete).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(reports)
    }

    /// True: nobody else takes it.
    async fn take_out(&self, id: &str) -> Result<bool, RecordError> {
        let take = |report: Option<Report>| report.map(|_| (None, ())).ok_or(());
        Ok(self.documents.change(&key(id), take).await?.is_ok())
    }

    /// What a server held goes to the buckets that there are, and to those that are made later.
    fn inherit(&self, report: Report, now_micros: u64) {
        let used: BTreeMap<SideId, Arc<Side>> =
            self.used().into_iter().map(|used| (used.id, used.side)).collect();
        let mut parts = self.dynamodb.limiter.parts.lock();
        for side in report.sides {
            let held = side.held();
            match used.get(&side.id()) {
                Some(known) => known.inherit(&held, now_micros),
                None => {
                    let left = parts
                        .left
                        .entry(side.id())
                        .or_insert(Held { at_micros: held.at_micros, ..Held::default() });
                    *left = left.and(&held);
                }
            }
        }
    }

    /// Writes the report of this server. One that another server has taken out meanwhile took with it what the buckets
    /// held.
    async fn write(
        &self,
        rounds: &mut Rounds,
        used: &[Used],
        round: u64,
        now_micros: u64,
    ) -> Result<(), RecordError> {
        let report = self.report(rounds, used, round, now_micros);
        let put = |old: Option<Report>| Ok::<_, ()>((Some(report.clone()), old.is_some()));
        let was_there = self.documents.change(&key(&self.id), put).await?.unwrap_or_default();
        if rounds.has_report && !was_there && self.is_shared {
            used.iter().for_each(|used| used.side.spend(now_micros));
        }
        (rounds.has_report, rounds.reported) = (true, round);
        Ok(())
    }

    fn report(&self, rounds: &Rounds, used: &[Used], round: u64, now_micros: u64) -> Report {
        let mut sides: Vec<SideReport> = used
            .iter()
            .map(|used| SideReport::of(used.id, &used.side.held(now_micros), rounds.demand_of(used.id)))
            .collect();
        let parts = self.dynamodb.limiter.parts.lock();
        let made: BTreeSet<SideId> = used.iter().map(|used| used.id).collect();
        let tables: BTreeSet<u32> = self.dynamodb.engine.tables().iter().map(|table| table.id).collect();
        let is_left = |id: &SideId| !made.contains(id) && tables.contains(&id.table);
        let left = parts.left.iter().filter(|(id, _)| is_left(id));
        sides.extend(left.filter_map(|(id, held)| SideReport::of_left(*id, held, now_micros)));
        sides.sort_by_key(|side| std::cmp::Reverse(side.demand()));
        sides.truncate(SIDES_MAX);
        Report { round, sides }
    }

    fn take_parts(
        &self,
        rounds: &Rounds,
        used: &[Used],
        living: &[Report],
        was_in_last: bool,
        round: u64,
        now_micros: u64,
    ) {
        let limiter = &self.dynamodb.limiter;
        let mut parts = limiter.parts.lock();
        let (mut others, mut peaks) =
            (BTreeMap::<SideId, [u64; 2]>::new(), BTreeMap::<SideId, [u64; 2]>::new());
        let members = living.iter().filter(|report| report.counts_in(round));
        for (report, side) in
            members.clone().flat_map(|report| report.sides.iter().map(move |side| (report, side)))
        {
            let demand = side.demand_in(round.saturating_sub(2), report.round);
            let sums = [(&mut others, demand), (&mut peaks, side.peaks())];
            for (sums, new) in sums {
                let sum = sums.entry(side.id()).or_default();
                *sum = [sum[0].saturating_add(new[0]), sum[1].saturating_add(new[1])];
            }
        }
        parts.servers = 1 + members.count() as u64;
        parts.is_newcomer = !was_in_last && !living.is_empty();
        parts.others = others;
        let mut accounts = BTreeMap::<&Scope, [[u64; 2]; 2]>::new();
        for Used { id, scope, side } in used {
            let own = rounds.demand_of(*id)[1];
            let others = parts.others.get(id).copied().unwrap_or_default();
            for direction in [Direction::Read, Direction::Write] {
                let at = direction as usize;
                side.set_others_peak(direction, peaks.get(id).map_or(0, |peaks| peaks[at]));
                side.share(direction, parts.share(*id, direction, own[at]), now_micros);
                let account = &mut accounts.entry(scope).or_default()[at];
                *account = [account[0].saturating_add(own[at]), account[1].saturating_add(others[at])];
            }
        }
        for (scope, demand) in accounts {
            let account = limiter.account(scope);
            for direction in [Direction::Read, Direction::Write] {
                let [own, others] = demand[direction as usize];
                account.share(direction, parts.share_of(own, others), now_micros);
            }
        }
    }
}

impl Rounds {
    /// What was asked for since the last round counts as that of the round before this one. After a pause nobody knows
    /// when it was, and it counts as that of both.
    fn enter(&mut self, round: u64, used: &[Used]) {
        let is_next = self.last + 1 == round;
        let before = std::mem::take(&mut self.demand);
        self.last = round;
        for used in used {
            let new = [Direction::Read, Direction::Write].map(|direction| used.side.take_demand(direction));
            let old = before.get(&used.id).filter(|_| is_next).map_or(new, |demand| demand[0]);
            if new != [0, 0] || old != [0, 0] {
                self.demand.insert(used.id, [new, old]);
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.demand.is_empty()
    }

    fn demand_of(&self, id: SideId) -> [[u64; 2]; 2] {
        self.demand.get(&id).copied().unwrap_or_default()
    }
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, "", "", id)
}
