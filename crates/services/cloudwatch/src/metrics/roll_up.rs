//! Moves points that are too old for their tier into the next one, and forgets the oldest. A block leaves its tier in
//! the commit that merges it into the next, so nothing is counted twice, whoever does it and whenever it is killed.

use super::block::Block;
use super::series::{SeriesId, Unit};
use super::tier::Tier;
use super::{Metrics, catalogue, keys};
use std::ops::Bound;
use store::{
    Consistency, Decision, Direction, KeyRange, Locking, Mutation, OldRows, Outcome, Plan, RangeRead,
    RowWrite, StoreError, Visit, resolved,
};

/// Blocks of a series and tier that one round moves.
const BLOCKS_A_ROUND: usize = 64;

impl Metrics {
    /// Moves what is too old at this minute, of every series; returns how many blocks were moved.
    ///
    /// # Errors
    /// When the store cannot read or write; what was moved before stays moved.
    pub async fn roll_up(&self, now: u32) -> Result<usize, StoreError> {
        let mut series = Vec::new();
        catalogue::each_row(&*self.store, &keys::ALL_SERIES, &mut |key, row| {
            series.extend(keys::series_in(key).map(|id| (key.to_vec(), id, row.last_minute)));
        })
        .await?;
        let mut moved = 0;
        for (key, (id, unit), last_minute) in series {
            if last_minute.saturating_add(Tier::Hours.kept()) < now {
                self.drop_series(&key, id, unit).await?;
                continue;
            }
            for tier in Tier::ALL {
                moved += self.roll_up_series((id, unit), tier, now).await?;
            }
        }
        Ok(moved)
    }

    async fn roll_up_series(
        &self,
        series: (SeriesId, Unit),
        tier: Tier,
        now: u32,
    ) -> Result<usize, StoreError> {
        let mut moved = 0;
        loop {
            let old = self.old_blocks(series, tier, now).await?;
            for minute in &old {
                let _moving = self.moving.write().await;
                self.move_block(series, tier, *minute).await?;
            }
            moved += old.len();
            if old.len() < BLOCKS_A_ROUND {
                return Ok(moved);
            }
        }
    }

    /// The first minutes of the blocks that are over for so long that their tier need not keep them.
    async fn old_blocks(
        &self,
        (id, unit): (SeriesId, Unit),
        tier: Tier,
        now: u32,
    ) -> Result<Vec<u32>, StoreError> {
        let end = tier.block_of(now.saturating_sub(tier.kept()));
        let [first, last] = [0, end].map(|minute| keys::block(id, unit, tier, minute));
        let range = KeyRange { start: Bound::Included(&first), end: Bound::Excluded(&last) };
        let mut minutes = Vec::new();
        let visit = &mut |key: &[u8], _: &[u8]| {
            minutes.extend(keys::block_minute(key));
            if minutes.len() < BLOCKS_A_ROUND { Visit::Continue } else { Visit::Stop }
        };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        let read = RangeRead { range, direction, consistency, rows_expected: BLOCKS_A_ROUND };
        self.store.range(read, visit).await?;
        Ok(minutes)
    }

    async fn move_block(
        &self,
        (id, unit): (SeriesId, Unit),
        tier: Tier,
        minute: u32,
    ) -> Result<(), StoreError> {
        let key = keys::block(id, unit, tier, minute);
        let next = tier.next().map(|next| (next, next.block_of(minute)));
        let next_key = next.map(|(next, at)| keys::block(id, unit, next, at));
        let keys: Vec<&[u8]> = [&key].into_iter().chain(&next_key).map(Vec::as_slice).collect();
        let mut decide = |rows: &OldRows<'_>| {
            let mut plan = Plan::default();
            plan.rows.push(RowWrite { key: key.clone(), row: None });
            if let (Some((next, at)), Some(next_key)) = (next, &next_key) {
                let read = |row: Option<&[u8]>| row.map_or(Ok(Block::default()), Block::read);
                let (Ok(old), Ok(mut block)) = (read(rows.get(0)), read(rows.get(1))) else {
                    return Decision::Refuse;
                };
                for (place, point) in &old.0 {
                    block.merge((minute - at + place * tier.width()) / next.width(), point);
                }
                plan.rows.push(RowWrite { key: next_key.clone(), row: Some(block.bytes()) });
            }
            Decision::Commit(plan)
        };
        let mutation = Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide: &mut decide };
        match resolved(&*self.store, self.store.mutate(mutation).await?).await {
            Outcome::Committed(_) | Outcome::Fenced | Outcome::Conflict(_) => Ok(()), // what did not move is met again
            Outcome::Refused => Err(StoreError::Corrupt("a block of metric points is damaged".to_owned())),
            outcome => Err(StoreError::Unavailable(format!("metric points were not moved: {outcome:?}"))),
        }
    }
}
