//! What a cluster's caches may hold, and for how long.

use super::entry::NEVER;
use std::time::Duration;

/// What ends answers beside time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheMode {
    /// Every write to the table.
    #[default]
    Coherent,
    /// As in AWS: writes by DAX end those of items, and none those of queries.
    Aws,
}

/// A time to live as parameter groups have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ttl(Duration);

impl Ttl {
    /// DAX's default.
    pub const DEFAULT: Ttl = Ttl(Duration::from_secs(300));

    /// So many milliseconds, where a parameter group says so.
    pub(crate) fn or(self, millis: Option<u64>) -> Ttl {
        millis.map_or(self, |millis| Ttl(Duration::from_millis(millis)))
    }

    /// So long; zero means without end.
    pub const fn of(time: Duration) -> Ttl {
        Ttl(time)
    }

    /// In the unit of parameter groups.
    pub fn millis(self) -> u128 {
        self.0.as_millis()
    }

    pub(super) fn is_endless(self) -> bool {
        self.0.is_zero()
    }

    /// When what is read now ends.
    pub(super) fn end(self, now_micros: u64) -> u64 {
        match self.is_endless() {
            true => NEVER,
            false => now_micros.saturating_add(self.0.as_micros() as u64),
        }
    }
}

/// See the fields.
#[derive(Debug, Clone, Copy)]
pub struct CacheSettings {
    /// Bytes of both caches together.
    pub bytes: u64,
    /// What ends answers.
    pub mode: CacheMode,
    /// How long answers about items hold; zero: as long as there is room.
    pub item_ttl: Ttl,
    /// How long pages hold; zero: no pages are kept.
    pub query_ttl: Ttl,
}

impl Default for CacheSettings {
    fn default() -> Self {
        let (item_ttl, query_ttl) = (Ttl::DEFAULT, Ttl::DEFAULT);
        CacheSettings { bytes: 64 << 20, mode: CacheMode::Coherent, item_ttl, query_ttl }
    }
}
