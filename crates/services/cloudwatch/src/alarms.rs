//! Alarms: what they are, what their state is, and what follows from it.
//!
//! # Layout
//!
//! An [`Alarm`] is a document; [`Alarms`] reads and changes them, each change in one commit with its item of the
//! [`history`]. [`evaluation`] says what state points make, [`reason`] in which words; [`rule`] is that of composite
//! alarms. [`evaluator`] does this once a minute for all alarms of the store, on one of its servers; [`actions`] are
//! whom a change of state is told to.

pub mod actions;
mod alarm;
mod evaluation;
mod evaluator;
pub mod history;
mod reason;
pub(crate) mod rule;

pub(crate) use alarm::arn;
pub use alarm::{
    Actions, Alarm, Comparison, CompositeRule, MetricRule, Missing, Rule, State, StateValue, Watched,
};
pub(crate) use history::Item;

use crate::metrics::Owner;
use history::item_key;
use serde::de::IgnoredAny;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::Random;
use store::Store;
use store::documents::{Documents, Transaction};
use store::records::{RecordError, RecordKey, RecordScope};

/// The newest format of the documents.
const FORMAT: u32 = 1;
pub(crate) const SERVICE: &str = "cloudwatch";
const KIND: &str = "alarm";
/// No limit.
pub(crate) const ALL: usize = 1_000_000;
/// Alarms of an account in a region.
pub const ALARMS_MAX: usize = 5_000;

/// The alarms of a store.
#[derive(Debug, Clone)]
pub struct Alarms {
    pub(crate) documents: Documents,
    /// Tells items of the history apart that are of one time.
    number: Arc<AtomicU64>,
}

/// What a change makes of an alarm, with the item of its history.
pub(crate) struct Changed {
    pub(crate) alarm: Option<Alarm>,
    pub(crate) item: Option<Item>,
}

impl Changed {
    /// Into the documents of the alarm and of the item.
    fn write(&self, documents: &mut Transaction<'_>) {
        match &self.alarm {
            Some(alarm) => documents.put(0, alarm),
            None => documents.delete(0),
        }
        if let Some(item) = &self.item {
            documents.put(1, item);
        }
    }
}

impl Alarms {
    /// The alarms of a store. Servers draw different numbers to begin with.
    pub fn of(store: Arc<dyn Store>, random: &Random) -> Self {
        let first = random.next_u64() >> 32 << 24;
        Alarms { documents: Documents::of(store, FORMAT), number: Arc::new(AtomicU64::new(first)) }
    }

    fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// An alarm, if there is one of this name.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn get(&self, owner: Owner<'_>, name: &str) -> Result<Option<Alarm>, RecordError> {
        self.documents.get(&key(owner, name)).await
    }

    /// Alarms of an owner in the order of their names, behind one, at most so many.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Alarm>, RecordError> {
        let Owner { account, region } = owner;
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let after = after.map(|name| key(owner, name));
        let found = self.documents.list(scope, after.as_ref(), limit).await?;
        Ok(found.into_iter().map(|(_, alarm)| alarm).collect())
    }

    /// Every alarm of the store, with whose it is.
    ///
    /// # Errors
    /// When the store cannot read.
    pub(crate) async fn all(&self) -> Result<Vec<(RecordKey, Alarm)>, RecordError> {
        self.documents.list(RecordScope::Kind { service: SERVICE, kind: KIND }, None, ALL).await
    }

    /// Changes an alarm, and notes it in its history.
    ///
    /// # Errors
    /// When the store cannot read or write.
    pub(crate) async fn change<R: Send, E: Send>(
        &self,
        owner: Owner<'_>,
        name: &str,
        now_micros: u64,
        mut change: impl FnMut(Option<Alarm>) -> Result<(Changed, R), E> + Send,
    ) -> Result<Result<R, E>, RecordError> {
        let keys = [key(owner, name), item_key(owner, name, now_micros, self.next_number())];
        let decide = |documents: &mut Transaction<'_>| {
            let (changed, result) = change(documents.get(0))?;
            changed.write(documents);
            Ok(result)
        };
        self.documents.transact(&keys, decide).await
    }

    /// The same for a change that depends on how many alarms the owner has: no other server adds one meanwhile.
    ///
    /// # Errors
    /// When the store cannot read or write.
    pub(crate) async fn change_counted<R: Send, E: Send>(
        &self,
        owner: Owner<'_>,
        name: &str,
        now_micros: u64,
        mut change: impl FnMut(Option<Alarm>, usize) -> Result<(Changed, R), E> + Send,
    ) -> Result<Result<R, E>, RecordError> {
        let Owner { account, region } = owner;
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let keys = [key(owner, name), item_key(owner, name, now_micros, self.next_number())];
        let decide = |documents: &mut Transaction<'_>, all: &[IgnoredAny]| {
            let (changed, result) = change(documents.get(0), all.len())?;
            changed.write(documents);
            Ok(result)
        };
        self.documents.transact_over(scope, &keys, decide).await
    }
}

fn key(owner: Owner<'_>, name: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, owner.account, owner.region, name)
}
