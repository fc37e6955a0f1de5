//! A store that behaves as one behind a network: it answers late, decides twice, and may lose the answer of a
//! commit: of a mutation, a drop or a trim. Equal seeds make equal choices.
//!
//! Over the memory store it passes `store-suite`, so that no caller relies on what only a local store does:
//! on an answer before the first poll, on a `decide` that runs once, on the order of mutations under way.

use crate::contract::*;
use crate::memory::MemoryStore;
use crate::wait::yield_once;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use stdx::Random;

/// See the module.
#[derive(Debug)]
pub struct SlowStore {
    inner: Arc<MemoryStore>,
    random: Random,
    /// One commit of so many ends as unknown; 0 for none.
    unknown_one_of: u64,
    /// Whether the store itself resolves those, as its callers do.
    asks_again: bool,
    /// What became of those.
    unknown: Mutex<HashMap<CommitId, Option<Stamp>>>,
}

/// An answer takes at most this many polls.
const POLLS_MAX: u64 = 4;

impl SlowStore {
    /// Slow, but never without an answer.
    pub fn new(inner: Arc<MemoryStore>, seed: u64) -> Self {
        Self {
            inner,
            random: Random::from_seed(seed),
            unknown_one_of: 0,
            asks_again: false,
            unknown: Mutex::default(),
        }
    }

    /// One commit of so many ends as [`Outcome::Unknown`]: half of them have happened, half have not.
    pub fn losing_one_of(self, commits: u64) -> Self {
        Self { unknown_one_of: commits, ..self }
    }

    /// The same store with a caller that resolves each unknown outcome, and tries again what did not happen.
    pub fn asking_again(self) -> Self {
        Self { asks_again: true, ..self }
    }

    fn below(&self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    /// Is polled a few times before it is done.
    async fn late(&self) {
        for _ in 0..=self.below(POLLS_MAX) {
            yield_once().await;
        }
    }

    /// A read that is not begun before it is late.
    fn read<'a, T: Send + Unpin>(
        &'a self,
        begin: impl FnOnce(&'a MemoryStore) -> Reading<'a, T> + Send + 'a,
    ) -> Reading<'a, T> {
        Reading::waiting(async move {
            self.late().await;
            begin(&self.inner).await
        })
    }

    /// A drop or a trim, which may be begun again.
    fn commit<'a>(
        &'a self,
        begin: impl Fn(&'a MemoryStore) -> Pending<'a> + Send + Sync + 'a,
    ) -> Pending<'a> {
        Pending::running(async move {
            loop {
                let outcome = self.losing(|| begin(&self.inner)).await?;
                if let Some(outcome) = self.asked_again(outcome).await? {
                    return Ok(outcome);
                }
            }
        })
    }

    /// Whether the answer of a commit is lost, and then whether the commit happens.
    fn lost(&self) -> Option<bool> {
        let lost = self.unknown_one_of > 0 && self.below(self.unknown_one_of) == 0;
        lost.then(|| self.below(2) == 0)
    }

    async fn run(&self, mutation: Mutation<'_>) -> Result<Outcome, StoreError> {
        let Mutation { keys, fences, locking, decide } = mutation;
        loop {
            let twice = self.below(2) == 0;
            let decide = &mut |old: &OldRows<'_>| {
                if twice {
                    let _refused_by_the_far_side = decide(old);
                }
                decide(old)
            };
            let attempt = Mutation { keys, fences, locking, decide };
            let outcome = self.losing(move || self.inner.mutate(attempt)).await?;
            if let Some(outcome) = self.asked_again(outcome).await? {
                return Ok(outcome);
            }
        }
    }

    /// Runs an attempt late, and may lose its answer: before anything happens, or behind it.
    async fn losing<'p>(&self, attempt: impl FnOnce() -> Pending<'p> + Send) -> Result<Outcome, StoreError> {
        self.late().await;
        let lost = self.lost();
        if lost == Some(false) {
            return Ok(self.unknown(None));
        }
        let outcome = attempt().await;
        self.late().await;
        match outcome {
            Ok(Outcome::Committed(stamp)) if lost.is_some() => Ok(self.unknown(Some(stamp))),
            _ if lost.is_some() => Ok(self.unknown(None)),
            outcome => outcome,
        }
    }

    /// An unknown outcome, resolved where the store itself does that. `None`: nothing happened.
    async fn asked_again(&self, outcome: Outcome) -> Result<Option<Outcome>, StoreError> {
        match outcome {
            Outcome::Unknown(commit) if self.asks_again => {
                Ok(self.resolve(commit).await?.map(Outcome::Committed))
            }
            outcome => Ok(Some(outcome)),
        }
    }

    /// Keeps for [`Store::resolve`] what became of a mutation.
    fn unknown(&self, committed: Option<Stamp>) -> Outcome {
        let mut unknown = self.unknown.lock();
        let commit = CommitId(unknown.len() as u128);
        unknown.insert(commit, committed);
        Outcome::Unknown(commit)
    }
}

impl Store for SlowStore {
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()> {
        self.read(move |store| store.get(key, consistency, visit))
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        self.read(move |store| store.range(read, visit))
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        self.read(move |store| store.read_at_one_position(keys, visit))
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        Pending::running(self.run(mutation))
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        mutations.into_iter().map(|mutation| self.mutate(mutation)).collect()
    }

    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>> {
        Reading::waiting(async move {
            self.late().await;
            let known = self.unknown.lock().get(&commit).copied();
            known.ok_or_else(|| StoreError::Unavailable(format!("{commit:?} was not unknown")))
        })
    }

    fn settled(&self) -> Pending<'_> {
        Pending::running(async move {
            self.late().await;
            self.inner.settled().await
        })
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        self.commit(move |store| store.drop_range(prefix))
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        self.read(move |store| store.tail(feed, after, limit, visit))
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.inner.changed(feed, after)
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        self.commit(move |store| store.trim(feed, up_to))
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        self.read(move |store| store.counter(counter))
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        self.read(move |store| store.record(key))
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        self.read(move |store| store.records(prefix, visit))
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        self.read(move |store| store.fence(subject))
    }

    fn watch(&self, prefix: &[u8]) -> Watch {
        self.inner.watch(prefix)
    }

    fn durable(&self) -> Stamp {
        self.inner.durable()
    }

    fn newest(&self) -> Reading<'_, Position> {
        self.read(|store| store.newest())
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn health(&self) -> Result<(), StoreError> {
        self.inner.health()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use stdx::SystemClock;

    fn slow(seed: u64) -> SlowStore {
        SlowStore::new(Arc::new(MemoryStore::new(Arc::new(SystemClock))), seed)
    }

    #[test]
    fn an_unknown_commit_may_have_happened_or_not() {
        let store = slow(1).losing_one_of(2);
        let mut seen = BTreeSet::new();
        for key in 0..64u8 {
            let plan =
                Plan { rows: vec![RowWrite { key: vec![key], row: Some(vec![key]) }], ..Plan::default() };
            let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
            let keys: [&[u8]; 1] = [&[key]];
            let mutation = Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide };
            let known = match store.mutate(mutation).wait().unwrap() {
                Outcome::Committed(_) => true,
                Outcome::Unknown(_) => false,
                other => panic!("{other:?}"),
            };
            let mut there = false;
            let visit = &mut |row: Option<&[u8]>| there = row.is_some();
            store.get(&[key], Consistency::Strong, visit).wait().unwrap();
            seen.insert((known, there));
        }
        assert_eq!(seen, BTreeSet::from([(true, true), (false, true), (false, false)]));
    }

    /// What 64 calls end as, and whether each has happened.
    fn ends(call: impl Fn(&SlowStore) -> Outcome) -> BTreeSet<(bool, bool)> {
        let store = slow(1).losing_one_of(2);
        let position = || store.durable().position;
        let one = |_| {
            let before = position();
            let is_known = matches!(call(&store), Outcome::Committed(_));
            (is_known, position() > before)
        };
        (0..64).map(one).collect()
    }

    #[test]
    fn an_unknown_drop_or_trim_may_have_happened_or_not() {
        let both = BTreeSet::from([(true, true), (false, true), (false, false)]);
        assert_eq!(ends(|store| store.drop_range(b"k").wait().unwrap()), both);
        assert_eq!(ends(|store| store.trim(FeedId(1), FeedCursor::START).wait().unwrap()), both);
    }

    #[test]
    fn a_mutation_that_is_dropped_before_it_decides_does_nothing() {
        let store = slow(1);
        let decide = &mut |_: &OldRows<'_>| -> Decision { panic!("nobody has polled it") };
        drop(store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide }));
    }
}
