//! The keys of the sealed tables and of copies of them, unwrapped as long as the key that wraps them can be used.
//!
//! A table's keys are known before its descriptor is shown, so nothing is planned with a descriptor whose keys are not
//! here. They stay when the table is deleted, until what it has left is dropped: its streams can be read for a day.
//! A copy is sealed with the data key that its table had when it was ordered; whoever writes or reads it learns that
//! first.
//! Whoever asks for the state of a key ([`TableKeys::refresh`]) pays a few loads as long as no key has changed.

use super::{KeyService, UnwrapError};
use crate::backup::CopyId;
use crate::feed::is_boundary;
use crate::keys::{copy_of_row, table_of_row};
use crate::stream::Stream;
use crate::table::{Scope, Sealing, Table};
use parking_lot::RwLock;
use sealing::{Keyring, Keys, LentKeys, Subject};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use stdx::Clock;
use stdx::future::Boxed;
use store::{FeedId, StoreError};

pub(crate) struct TableKeys {
    service: Arc<dyn KeyService>,
    clock: Arc<dyn Clock>,
    is_empty: AtomicBool,
    /// By the number of a subject: the id of a table, or that of a copy.
    known: RwLock<BTreeMap<u64, Known>>,
    /// The version of the service up to which the states of keys are known.
    seen: AtomicU64,
    /// Held while keys are unwrapped: an older answer never replaces a newer one.
    unwrapping: tokio::sync::Mutex<()>,
}

/// The keys of one table.
#[derive(Clone)]
struct Known {
    scope: Scope,
    name: String,
    sealing: Sealing,
    keys: Arc<Keys>,
    /// Since when they are locked.
    locked_micros: Option<u64>,
}

impl TableKeys {
    pub(crate) fn new(service: Arc<dyn KeyService>, clock: Arc<dyn Clock>) -> TableKeys {
        let seen = AtomicU64::new(service.version());
        TableKeys {
            service,
            clock,
            is_empty: AtomicBool::new(true),
            known: RwLock::default(),
            seen,
            unwrapping: tokio::sync::Mutex::new(()),
        }
    }

    /// Whether the states of all keys are known.
    pub(crate) fn is_current(&self) -> bool {
        self.is_empty() || self.service.version() == self.seen.load(Ordering::Acquire)
    }

    /// Learns the keys of a table as its descriptor has them.
    pub(crate) async fn learn(&self, table: &Table) -> Result<(), StoreError> {
        match &table.settings.sealing {
            Some(sealing) => self.learn_of(table.id.into(), &table.scope, &table.name, sealing).await,
            None => {
                self.forget(table.id).await;
                Ok(())
            }
        }
    }

    /// Learns the keys of a table that was deleted, for one of its streams.
    pub(crate) async fn learn_of_deleted(&self, stream: &Stream) -> Result<(), StoreError> {
        let Some(sealing) = &stream.sealing else { return Ok(()) };
        if self.known.read().contains_key(&u64::from(stream.table_id)) {
            return Ok(());
        }
        self.learn_of(stream.table_id.into(), &stream.scope, &stream.table_name, sealing).await
    }

    /// Learns the keys of a table that is copied though it was deleted.
    pub(crate) async fn learn_of_gone(&self, table: &Table) -> Result<(), StoreError> {
        let is_known = self.known.read().contains_key(&u64::from(table.id));
        if is_known { Ok(()) } else { self.learn(table).await }
    }

    /// How a copy of a table is sealed: with the current data key of the table, by a permission of its own.
    /// [`StoreError::Locked`] while the table cannot be read.
    pub(crate) async fn sealing_of_copy(&self, table: &Table) -> Result<Option<Sealing>, StoreError> {
        let sealing = table.settings.sealing.as_ref().filter(|sealing| sealing.current.is_some());
        let Some(sealing) = sealing else { return Ok(None) };
        if let Some((_, why)) = self.locked(table) {
            return Err(StoreError::Locked(why));
        }
        let shared = self.service.share(&table.scope, &table.name, sealing).await;
        let grant_id = shared.map_err(|error| match error {
            UnwrapError::Refused(why) => StoreError::Locked(why),
            UnwrapError::Store(error) => error,
        })?;
        let mut sealing = Sealing { grant_id, is_rekeying: false, takes_open: false, ..sealing.clone() };
        sealing.generations.retain(|generation| Some(generation.number) == sealing.current);
        Ok(Some(sealing))
    }

    /// Learns the key of a copy of a table.
    pub(crate) async fn learn_copy(
        &self,
        copy: CopyId,
        table: &Table,
        sealing: Option<&Sealing>,
    ) -> Result<(), StoreError> {
        match sealing {
            Some(sealing) => self.learn_of(copy.subject(), &table.scope, &table.name, sealing).await,
            None => Ok(()),
        }
    }

    /// Why the key of a copy that is written or read cannot be used.
    pub(crate) fn locked_copy(&self, copy: CopyId) -> Option<String> {
        match &*self.known.read().get(&copy.subject())?.keys {
            Keys::Locked(why) => Some(why.clone()),
            Keys::Unlocked { .. } => None,
        }
    }

    /// Whether the key of a copy can be used now: [`StoreError::Locked`] where not.
    pub(crate) async fn check_copy(
        &self,
        table: &Table,
        sealing: Option<&Sealing>,
    ) -> Result<(), StoreError> {
        let Some(sealing) = sealing else { return Ok(()) };
        match self.unwrapped(&table.scope, &table.name, sealing).await? {
            Keys::Locked(why) => Err(StoreError::Locked(why)),
            Keys::Unlocked { .. } => Ok(()),
        }
    }

    /// Forgets the key of a copy that is not written or read for now.
    pub(crate) async fn forget_copy(&self, copy: CopyId) {
        let _alone = self.unwrapping.lock().await;
        let mut known = self.known.write();
        known.remove(&copy.subject());
        self.is_empty.store(known.is_empty(), Ordering::Release);
    }

    /// A copy is gone.
    pub(crate) async fn release_copy(&self, scope: &Scope, sealing: Option<&Sealing>) {
        if let Some(sealing) = sealing {
            self.service.release(scope, sealing).await;
        }
    }

    async fn learn_of(
        &self,
        id: u64,
        scope: &Scope,
        name: &str,
        sealing: &Sealing,
    ) -> Result<(), StoreError> {
        let _alone = self.unwrapping.lock().await;
        if self.known.read().get(&id).is_some_and(|known| known.sealing == *sealing) {
            return Ok(());
        }
        self.unlock(id, scope.clone(), name.to_owned(), sealing.clone()).await
    }

    /// Looks at the keys again where one may have changed.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        if self.is_current() {
            return Ok(());
        }
        let _alone = self.unwrapping.lock().await;
        let version = self.service.version();
        let all: Vec<(u64, Known)> =
            self.known.read().iter().map(|(id, known)| (*id, known.clone())).collect();
        for (id, Known { scope, name, sealing, .. }) in all {
            self.unlock(id, scope, name, sealing).await?;
        }
        self.seen.store(version, Ordering::Release);
        Ok(())
    }

    fn unlock(
        &self,
        id: u64,
        scope: Scope,
        name: String,
        sealing: Sealing,
    ) -> Boxed<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let keys = Arc::new(self.unwrapped(&scope, &name, &sealing).await?);
            let is_locked = matches!(*keys, Keys::Locked(_));
            let mut known = self.known.write();
            let since = known.get(&id).and_then(|known| known.locked_micros);
            let locked_micros = is_locked.then(|| since.unwrap_or_else(|| self.clock.now_micros()));
            if is_locked && since.is_none() {
                tracing::warn!(table = name, key = sealing.key_id, "the key of a table cannot be used");
            }
            known.insert(id, Known { scope, name, sealing, keys, locked_micros });
            self.is_empty.store(false, Ordering::Release);
            Ok(())
        })
    }

    async fn unwrapped(&self, scope: &Scope, name: &str, sealing: &Sealing) -> Result<Keys, StoreError> {
        let mut generations = Vec::with_capacity(sealing.generations.len());
        for generation in &sealing.generations {
            match self.service.unwrap(scope, name, sealing, &generation.wrapped).await {
                Ok(key) => generations.push((generation.number, key)),
                Err(UnwrapError::Refused(why)) => return Ok(Keys::Locked(why)),
                Err(UnwrapError::Store(error)) => return Err(error),
            }
        }
        Ok(Keys::Unlocked { generations, current: sealing.current, takes_open: sealing.takes_open })
    }

    /// Forgets the keys of a table that has nothing sealed any more.
    pub(crate) async fn forget(&self, id: u32) {
        if self.is_empty() {
            return;
        }
        let _alone = self.unwrapping.lock().await;
        let forgotten = {
            let mut known = self.known.write();
            let forgotten = known.remove(&u64::from(id));
            self.is_empty.store(known.is_empty(), Ordering::Release);
            forgotten
        };
        if let Some(Known { scope, sealing, .. }) = forgotten {
            self.service.release(&scope, &sealing).await;
        }
    }

    /// Since when the keys of a table are locked, and why.
    pub(crate) fn locked(&self, table: &Table) -> Option<(u64, String)> {
        if self.is_empty() {
            return None;
        }
        let known = self.known.read();
        let known = known.get(&u64::from(table.id))?;
        match &*known.keys {
            Keys::Locked(why) => Some((known.locked_micros?, why.clone())),
            Keys::Unlocked { .. } => None,
        }
    }
}

impl Keyring for TableKeys {
    fn is_empty(&self) -> bool {
        self.is_empty.load(Ordering::Acquire)
    }

    fn of_row(&self, key: &[u8]) -> Option<Subject> {
        let table = table_of_row(key).map(u64::from);
        table.or_else(|| copy_of_row(key).map(CopyId::subject)).map(Subject)
    }

    /// Feeds of tables have their ids. A boundary has nothing of items, and is written also while the key cannot be
    /// used: a table can be deleted then.
    fn of_record(&self, FeedId(feed): FeedId, record: &[u8]) -> Option<Subject> {
        let is_of_table = u32::try_from(feed).is_ok() && !is_boundary(record);
        is_of_table.then_some(Subject(feed))
    }

    fn of_document(&self, _: &[u8]) -> Option<Subject> {
        None
    }

    fn keys(&self, Subject(id): Subject) -> Option<LentKeys<'_>> {
        self.known.read().get(&id).map(|known| LentKeys::Current(Arc::clone(&known.keys)))
    }
}

impl fmt::Debug for TableKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableKeys").field("service", &self.service).finish_non_exhaustive()
    }
}
