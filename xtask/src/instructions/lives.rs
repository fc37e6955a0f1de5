//! The cheapest lives of a server: without counted requests, and with those of each kind. What a request costs is the
//! difference of two of them.

use super::requests::{Kind, REQUESTS};
use std::collections::BTreeMap;

/// Requests of the kind that is counted; so many that the noise of starting and stopping a server is a fraction of a
/// per cent.
pub(super) const REQUESTS_EACH: u64 = 1000;

/// A life is repeated until the two cheapest agree to within one part of so many, because work in the background
/// falls into some lives and not into others; or so often, and then the cheapest counts. Two alone may agree on an odd
/// life: the allocator clears the pages of the row cache in one of three or so, which is 4.2 million instructions.
const AGREEMENT: u64 = 300;
const LIVES_MIN: usize = 3;
const LIVES_MAX: usize = 6;

/// Instructions of whole lives.
#[derive(Debug, PartialEq)]
pub(super) struct Lives {
    idle: u64,
    /// By operation.
    busy: BTreeMap<&'static str, u64>,
}

impl Lives {
    /// `life` counts one life, with requests of a kind or without any.
    pub(super) fn count(mut life: impl FnMut(Option<&Kind>) -> Result<u64, String>) -> Result<Lives, String> {
        let idle = steady(|| life(None))?;
        let busy = REQUESTS.iter().map(|kind| Ok((kind.operation, steady(|| life(Some(kind)))?)));
        Ok(Lives { idle, busy: busy.collect::<Result<_, String>>()? })
    }

    /// Of two counts of the same build, the cheaper life of each kind.
    pub(super) fn least(mut self, other: Lives) -> Lives {
        self.idle = self.idle.min(other.idle);
        for (operation, life) in other.busy {
            self.busy.entry(operation).and_modify(|least| *least = life.min(*least)).or_insert(life);
        }
        self
    }

    /// Instructions of one request, by operation.
    pub(super) fn per_request(&self) -> BTreeMap<String, u64> {
        let request = |life: &u64| life.saturating_sub(self.idle) / REQUESTS_EACH;
        self.busy.iter().map(|(operation, life)| ((*operation).to_owned(), request(life))).collect()
    }
}

fn steady(mut life: impl FnMut() -> Result<u64, String>) -> Result<u64, String> {
    let mut lives = vec![life()?];
    while lives.len() < LIVES_MAX {
        lives.push(life()?);
        lives.sort_unstable();
        if lives.len() >= LIVES_MIN && lives[1] - lives[0] <= lives[0] / AGREEMENT {
            break;
        }
    }
    Ok(lives[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(idle: u64, get: u64) -> Lives {
        Lives { idle, busy: [("GetItem", get)].into() }
    }

    #[test]
    fn an_odd_life_does_not_count() {
        let check = |lives: &[u64]| {
            let mut lives = lives.iter();
            steady(|| lives.next().copied().ok_or("one life too many".into()))
        };
        assert_eq!(check(&[30_000, 30_100, 34_000]), Ok(30_000));
        assert_eq!(check(&[34_000, 34_100, 30_000, 30_050]), Ok(30_000));
        assert_eq!(check(&[34_000, 30_000, 35_000, 30_050]), Ok(30_000));
        assert_eq!(check(&[1000, 2000, 3000, 4000, 5000, 6000]), Ok(1000));
    }

    #[test]
    fn a_dear_life_without_requests_does_not_make_them_cheap() {
        let (first, second) = (lives(1_000_000, 45_000_000), lives(9_000_000, 41_000_000));
        assert_eq!(first.least(second), lives(1_000_000, 41_000_000));
        assert_eq!(lives(1_000_000, 41_000_000).per_request(), [("GetItem".to_owned(), 40_000)].into());
    }

    #[test]
    fn each_kind_is_counted() {
        let counted = Lives::count(|kind| Ok(kind.map_or(5000, |_| 45_000))).unwrap();
        assert_eq!(counted.per_request().into_values().collect::<Vec<_>>(), vec![40; REQUESTS.len()]);
    }
}
