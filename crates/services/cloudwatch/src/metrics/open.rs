//! The points that are not in the store yet: those of the open minute. What stands here is lost when the process is
//! killed.

use super::point::Point;
use super::series::{Owner, Series, SeriesId, Unit};
use super::tier::Tier;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Points in memory, from which on they are written early.
pub(super) const POINTS_MAX: usize = 100_000;
/// Blocks of one commit.
const BLOCKS_A_COMMIT: usize = 512;

/// All points that are not in the store yet.
#[derive(Debug, Default)]
pub(super) struct Open {
    series: BTreeMap<(SeriesId, Unit), OpenSeries>,
    points: usize,
}

/// Those of a series.
#[derive(Debug, Clone)]
pub(super) struct OpenSeries {
    pub(super) account: Arc<str>,
    pub(super) region: Arc<str>,
    pub(super) series: Arc<Series>,
    pub(super) points: BTreeMap<u32, Point>,
}

/// What one commit takes.
pub(super) type Batch = Vec<((SeriesId, Unit), OpenSeries)>;

impl OpenSeries {
    pub(super) fn owner(&self) -> Owner<'_> {
        Owner { account: &self.account, region: &self.region }
    }

    /// The first minutes of the blocks that the points belong to.
    pub(super) fn blocks(&self) -> Vec<u32> {
        let mut blocks: Vec<_> = self.points.keys().map(|minute| Tier::Minutes.block_of(*minute)).collect();
        blocks.dedup();
        blocks
    }
}

impl Open {
    /// How many points there are.
    pub(super) fn points(&self) -> usize {
        self.points
    }

    /// Adds values to a minute of a series.
    pub(super) fn add(
        &mut self,
        (account, region): (&Arc<str>, &Arc<str>),
        (series, unit): (&Arc<Series>, Unit),
        minute: u32,
        point: &Point,
    ) {
        let id = series.id(Owner { account, region });
        let open = self.series.entry((id, unit)).or_insert_with(|| OpenSeries {
            account: Arc::clone(account),
            region: Arc::clone(region),
            series: Arc::clone(series),
            points: BTreeMap::new(),
        });
        let before = open.points.len();
        open.points.entry(minute).or_default().merge(point);
        self.points += open.points.len() - before;
    }

    /// Takes what fits into a commit.
    pub(super) fn take(&mut self) -> Batch {
        let (mut batch, mut blocks) = (Batch::new(), 0);
        while blocks < BLOCKS_A_COMMIT
            && let Some((id, open)) = self.series.pop_first()
        {
            self.points -= open.points.len();
            blocks += open.blocks().len();
            batch.push((id, open));
        }
        batch
    }

    /// Takes back what was not written.
    pub(super) fn put_back(&mut self, batch: Batch) {
        for (id, open) in batch {
            let names = (Arc::clone(&open.account), Arc::clone(&open.region), Arc::clone(&open.series));
            for (minute, point) in &open.points {
                self.add((&names.0, &names.1), (&names.2, id.1), *minute, point);
            }
        }
    }

    /// The points of a series.
    pub(super) fn of(&self, id: SeriesId, unit: Unit) -> Option<&BTreeMap<u32, Point>> {
        self.series.get(&(id, unit)).map(|open| &open.points)
    }

    /// The units in which a series has points here.
    pub(super) fn units(&self, id: SeriesId) -> impl Iterator<Item = Unit> {
        self.series.range((id, Unit(0))..=(id, Unit(u8::MAX))).map(|((_, unit), _)| *unit)
    }

    /// Every series of an owner, with the minute of its last point.
    pub(super) fn series_of(&self, owner: Owner<'_>) -> impl Iterator<Item = (SeriesId, &Series, u32)> {
        let of_owner = self.series.iter().filter(move |(_, open)| open.owner() == owner);
        of_owner.filter_map(|((id, _), open)| Some((*id, &*open.series, *open.points.last_key_value()?.0)))
    }
}
