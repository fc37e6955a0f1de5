//! The points of all series: those of the open minute in memory, all others as rows of the store.
//!
//! # Layout
//!
//! A [`Series`] has a [`Point`] for each minute: a statistic set with a [`sketch`] of the distribution. Points are put
//! into [`open`], from where [`Metrics::flush`] merges them into [`block`]s of an hour, many blocks a commit, once a
//! minute; a kill loses the open minute at most. [`tier`]s say how finely and how long points are kept, [`roll_up`]
//! moves them from one to the next. The [`catalogue`] is which series there are, and bounds their number.
//!
//! Several servers may write to one store: a block is changed under the lock of its row, so what two of them put into
//! one minute is merged. A server on a store that others may have open writes what it is given at once, so that all see
//! it.

mod block;
mod catalogue;
mod keys;
mod open;
mod point;
mod roll_up;
mod series;
mod sketch;
mod tier;

pub use catalogue::SERIES_MAX;
pub use point::{Distribution, Point};
pub use series::{Owner, Series, SeriesId, Unit};
pub use sketch::Sketch;
pub(crate) use tier::Tier;

use block::Block;
use catalogue::{Catalogue, Row};
use open::{Batch, Open};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::Arc;
use store::{
    Consistency, Decision, Direction, KeyRange, Locking, Mutation, OldRows, Outcome, Plan, RangeRead,
    RowWrite, Store, StoreError, Visit, resolved,
};
use tokio::sync::RwLock;

/// How often a commit is tried of which nothing happened.
const TRIES_MAX: usize = 16;

/// The points of all series of a store.
#[derive(Debug)]
pub struct Metrics {
    store: Arc<dyn Store>,
    open: Mutex<Open>,
    /// Held by a reader while it looks at store and memory, and by whoever moves points from the one to the other.
    moving: RwLock<()>,
    catalogue: tokio::sync::Mutex<Catalogue>,
}

/// Values for a minute of a series.
#[derive(Debug, Clone)]
pub struct Datum {
    /// Which series.
    pub series: Arc<Series>,
    /// In which unit.
    pub unit: Unit,
    /// In which minute since the Unix epoch.
    pub minute: u32,
    /// The values.
    pub point: Point,
}

impl Metrics {
    /// The points of a store.
    pub fn of(store: Arc<dyn Store>) -> Self {
        let (moving, catalogue) = (RwLock::new(()), tokio::sync::Mutex::default());
        Metrics { store, open: Mutex::default(), moving, catalogue }
    }

    /// Adds values to series of an account and region. They are readable when this resolves.
    ///
    /// # Errors
    /// When so much is waiting to be written that nothing more is taken, or the store cannot write.
    pub async fn put(
        &self,
        account: &Arc<str>,
        region: &Arc<str>,
        data: Vec<Datum>,
    ) -> Result<(), StoreError> {
        if self.open.lock().points() > 2 * open::POINTS_MAX {
            self.flush().await?;
        }
        self.note(account, region, &data);
        let is_much = self.open.lock().points() > open::POINTS_MAX;
        if is_much || self.store.capabilities().shared {
            self.flush().await?;
        }
        Ok(())
    }

    /// Adds values in memory alone: the next flush writes them.
    pub(crate) fn note(&self, account: &Arc<str>, region: &Arc<str>, data: &[Datum]) {
        let mut open = self.open.lock();
        for Datum { series, unit, minute, point } in data {
            open.add((account, region), (series, *unit), *minute, point);
        }
    }

    /// Writes all points in memory to the store.
    ///
    /// # Errors
    /// When the store cannot write. What was not written stays in memory.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let mut catalogue = self.catalogue.lock().await;
        catalogue.load(&*self.store).await?;
        loop {
            let moving = self.moving.write().await;
            let batch = self.open.lock().take();
            if batch.is_empty() {
                return Ok(());
            }
            if let Err(error) = self.commit(&mut catalogue, &batch).await {
                self.open.lock().put_back(batch);
                return Err(error);
            }
            drop(moving);
            self.evict(&mut catalogue).await?;
        }
    }

    async fn commit(&self, catalogue: &mut Catalogue, batch: &Batch) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        let mut noted = Vec::new();
        for ((id, unit), open) in batch {
            let Some(last_minute) = open.points.last_key_value().map(|(minute, _)| *minute) else { continue };
            let key = keys::series(open.owner(), *id, *unit);
            if catalogue.note(*id, *unit, &open.series, &key, last_minute) {
                let row = Row { last_minute, series: Series::clone(&open.series) };
                rows.push(RowWrite { key, row: Some(row.bytes()) });
                noted.push((*id, *unit));
            }
        }
        let blocks: Vec<_> = batch
            .iter()
            .flat_map(|(id, open)| open.blocks().into_iter().map(move |block| (id, open, block)))
            .collect();
        let keys: Vec<_> =
            blocks.iter().map(|((id, unit), _, at)| keys::block(*id, *unit, Tier::Minutes, *at)).collect();
        let committed = self.change_blocks(&keys, &rows, |place, block| {
            let (_, open, at) = blocks[place];
            for (minute, point) in open.points.range(at..at + Tier::Minutes.block()) {
                block.merge(minute - at, point);
            }
        });
        let outcome = committed.await;
        if outcome.is_err() {
            noted.into_iter().for_each(|(id, unit)| catalogue.forget(id, unit));
        }
        outcome
    }

    /// Changes blocks under the locks of their rows, in one commit with other rows.
    async fn change_blocks(
        &self,
        block_keys: &[Vec<u8>],
        rows: &[RowWrite],
        change: impl Fn(usize, &mut Block) + Send + Sync,
    ) -> Result<(), StoreError> {
        let keys: Vec<&[u8]> =
            block_keys.iter().chain(rows.iter().map(|row| &row.key)).map(Vec::as_slice).collect();
        for _ in 0..TRIES_MAX {
            let mut fault = None;
            let mut decide = |old: &OldRows<'_>| {
                let changed = block_keys.iter().enumerate().map(|(place, key)| {
                    let mut block = old.get(place).map_or(Ok(Block::default()), Block::read)?;
                    change(place, &mut block);
                    Ok(RowWrite { key: key.clone(), row: Some(block.bytes()) })
                });
                match changed
                    .chain(rows.iter().cloned().map(Ok))
                    .collect::<Result<Vec<_>, block::BlockFault>>()
                {
                    Ok(rows) => Decision::Commit(Plan { rows, ..Plan::default() }),
                    Err(damaged) => {
                        fault = Some(damaged);
                        Decision::Refuse
                    }
                }
            };
            let mutation =
                Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide: &mut decide };
            match resolved(&*self.store, self.store.mutate(mutation).await?).await {
                Outcome::Committed(_) => return Ok(()),
                Outcome::Refused => {
                    return Err(StoreError::Corrupt(
                        fault.map_or_else(String::new, |fault| fault.to_string()),
                    ));
                }
                Outcome::Fenced | Outcome::Conflict(_) => {}
                outcome @ Outcome::Unknown(_) => {
                    return Err(StoreError::Unavailable(format!(
                        "metric points were not written: {outcome:?}"
                    )));
                }
            }
        }
        Err(StoreError::Unavailable("metric points were not written: the store loses commits".to_owned()))
    }

    async fn evict(&self, catalogue: &mut Catalogue) -> Result<(), StoreError> {
        let evicted = catalogue.evict();
        if evicted.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            series = evicted.len(),
            limit = SERIES_MAX,
            "too many metric series: dropped those idle for longest"
        );
        for gone in evicted {
            self.drop_series(&gone.key, gone.id, gone.unit).await?;
        }
        Ok(())
    }

    async fn drop_series(&self, key: &[u8], id: SeriesId, unit: Unit) -> Result<(), StoreError> {
        let _ = self.store.drop_range(&keys::blocks_of(id, unit)).await?;
        self.change_blocks(&[], &[RowWrite { key: key.to_vec(), row: None }], |_, _| {}).await
    }

    /// Hands the points of a series within the minutes to `see`: several of one minute may come, which merge. `now`
    /// is the current minute.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn read(
        &self,
        (id, unit): (SeriesId, Unit),
        minutes: Range<u32>,
        now: u32,
        see: &mut (dyn FnMut(u32, &Point) + Send),
    ) -> Result<(), StoreError> {
        let _still = self.moving.read().await;
        for tier in Tier::ALL {
            let finer =
                Tier::ALL.into_iter().filter(|finer| *finer < tier).map(Tier::kept).max().unwrap_or(0);
            if minutes.start.saturating_add(finer) <= now || finer == 0 {
                self.read_tier((id, unit), tier, &minutes, see).await?;
            }
        }
        if let Some(points) = self.open.lock().of(id, unit) {
            points.range(minutes).for_each(|(minute, point)| see(*minute, point));
        }
        Ok(())
    }

    async fn read_tier(
        &self,
        (id, unit): (SeriesId, Unit),
        tier: Tier,
        minutes: &Range<u32>,
        see: &mut (dyn FnMut(u32, &Point) + Send),
    ) -> Result<(), StoreError> {
        if minutes.is_empty() {
            return Ok(());
        }
        let [first, last] =
            [minutes.start, minutes.end - 1].map(|at| keys::block(id, unit, tier, tier.block_of(at)));
        let range = KeyRange { start: Bound::Included(&first), end: Bound::Included(&last) };
        let mut fault = None;
        let visit = &mut |key: &[u8], bytes: &[u8]| match (keys::block_minute(key), Block::read(bytes)) {
            (Some(first), Ok(block)) => {
                let placed = block.0.iter().map(|(place, point)| (first + place * tier.width(), point));
                placed
                    .filter(|(minute, _)| minutes.contains(minute))
                    .for_each(|(minute, point)| see(minute, point));
                Visit::Continue
            }
            (_, read) => {
                fault = read.err();
                Visit::Stop
            }
        };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        let rows_expected = minutes.len() / tier.block() as usize + 2;
        self.store.range(RangeRead { range, direction, consistency, rows_expected }, visit).await?;
        fault.map_or(Ok(()), |fault| Err(StoreError::Corrupt(fault.to_string())))
    }

    /// The units in which a series has points.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn units(&self, owner: Owner<'_>, series: &Series) -> Result<BTreeSet<Unit>, StoreError> {
        let _still = self.moving.read().await;
        let id = series.id(owner);
        let mut units: BTreeSet<_> = self.open.lock().units(id).collect();
        catalogue::each_row(&*self.store, &keys::units_of(owner, id), &mut |key, _| {
            units.extend(keys::series_in(key).map(|(_, unit)| unit));
        })
        .await?;
        Ok(units)
    }

    /// Every series of an owner in order, with the minute of its last point, within an hour.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn series(&self, owner: Owner<'_>) -> Result<BTreeMap<Series, u32>, StoreError> {
        let _still = self.moving.read().await;
        let mut found = BTreeMap::<SeriesId, (Series, u32)>::new();
        let mut note = |id, series: &Series, last: u32| {
            let known = found.entry(id).or_insert_with(|| (series.clone(), last));
            known.1 = last.max(known.1);
        };
        catalogue::each_row(&*self.store, &keys::series_of(owner), &mut |key, row| {
            if let Some((id, _)) = keys::series_in(key) {
                note(id, &row.series, row.last_minute);
            }
        })
        .await?;
        self.open.lock().series_of(owner).for_each(|(id, series, last)| note(id, series, last));
        Ok(found.into_values().collect())
    }
}

#[cfg(test)]
mod tests;
