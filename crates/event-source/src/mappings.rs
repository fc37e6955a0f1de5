//! The mappings of a server, kept in the store, so that every server on it has the same; and how far each has come.
//!
//! Four kinds of documents: the mapping; who has a pair of stream and function, which only one mapping may; what became
//! of the last batch; the progress of each lane. Progress is written only while there is the mapping.

use crate::lane::Progress;
use crate::mapping::{LastResult, Mapping};
use crate::place::Place;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use store::documents::{ChangeError, Documents};
use store::lease::Lease;
use store::records::{RecordError, RecordKey, RecordScope};
use store::{Store, Watch};

/// The newest format of the documents that this build writes.
const FORMAT: u32 = 1;
const SERVICE: &str = "lambda";
const MAPPING: &str = "event-source-mapping";
const PAIR: &str = "event-source-pair";
const RESULT: &str = "event-source-result";
const PROGRESS: &str = "event-source-progress";

/// The mappings of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mappings {
    documents: Documents,
}

/// Why a mapping was not made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Another mapping, of this id, has the pair of stream and function.
    PairExists(String),
    /// There is no such mapping.
    NotFound,
}

/// Which lane of which shard, of how many.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LaneId {
    /// The shard.
    pub shard: String,
    /// Counted from 0.
    pub lane: u32,
    /// How many lanes the shard has.
    pub of: u32,
}

#[derive(Serialize, Deserialize)]
struct Pair {
    uuid: String,
}

#[derive(Serialize, Deserialize)]
struct LaneProgress {
    lane: LaneId,
    progress: Progress,
}

impl Mappings {
    /// The mappings that a store has.
    pub fn of(store: Arc<dyn Store>) -> Mappings {
        Mappings { documents: Documents::of(store, FORMAT) }
    }

    /// Keeps a new mapping.
    ///
    /// # Errors
    /// When the store fails. Refused where there is one of the pair already.
    pub async fn create(&self, mapping: &Mapping) -> Result<Result<(), Refused>, RecordError> {
        let keys = [key(MAPPING, mapping, &mapping.uuid), pair_key(mapping)];
        let create = self.documents.transact(&keys, |documents| match documents.get::<Pair>(1) {
            Some(Pair { uuid }) => Err(Refused::PairExists(uuid)),
            None => {
                documents.put(0, mapping);
                documents.put(1, &Pair { uuid: mapping.uuid.clone() });
                Ok(())
            }
        });
        create.await
    }

    /// A mapping of an account and region, and what became of its last batch.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(
        &self,
        account: &str,
        region: &str,
        uuid: &str,
    ) -> Result<Option<(Mapping, Option<LastResult>)>, RecordError> {
        let key = |kind| RecordKey::new(SERVICE, kind, account, region, uuid);
        let Some(mapping) = self.documents.get(&key(MAPPING)).await? else { return Ok(None) };
        Ok(Some((mapping, self.documents.get(&key(RESULT)).await?)))
    }

    /// Mappings of an account and region, in the order of their ids, behind one of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        account: &str,
        region: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Mapping>, RecordError> {
        let scope = RecordScope::Region { service: SERVICE, kind: MAPPING, account, region };
        let after = after.map(|uuid| RecordKey::new(SERVICE, MAPPING, account, region, uuid));
        let listed = self.documents.list(scope, after.as_ref(), limit).await?;
        Ok(listed.into_iter().map(|(_, mapping)| mapping).collect())
    }

    /// What became of the last batch of a mapping.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn last_result(&self, mapping: &Mapping) -> Result<Option<LastResult>, RecordError> {
        self.documents.get(&key(RESULT, mapping, &mapping.uuid)).await
    }

    /// All mappings there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn all(&self) -> Result<Vec<Mapping>, RecordError> {
        let scope = RecordScope::Kind { service: SERVICE, kind: MAPPING };
        let listed = self.documents.list(scope, None, usize::MAX).await?;
        Ok(listed.into_iter().map(|(_, mapping)| mapping).collect())
    }

    /// Tells when mappings change.
    pub fn watch(&self) -> Watch {
        self.documents.watch(RecordScope::Kind { service: SERVICE, kind: MAPPING })
    }

    /// Replaces `old`, as it was read, by `new`. Refused as [`Refused::NotFound`] where it is gone or another one now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn replace(&self, old: &Mapping, new: &Mapping) -> Result<Result<(), Refused>, RecordError> {
        let keys = [key(MAPPING, old, &old.uuid), pair_key(old), pair_key(new)];
        let is_same_pair = keys[1] == keys[2];
        let distinct = if is_same_pair { &keys[..2] } else { &keys[..] };
        let replace = self.documents.transact(distinct, |documents| {
            if documents.get::<Mapping>(0).as_ref() != Some(old) {
                return Err(Refused::NotFound);
            }
            if !is_same_pair {
                if let Some(Pair { uuid }) = documents.get::<Pair>(2) {
                    return Err(Refused::PairExists(uuid));
                }
                documents.delete(1);
                documents.put(2, &Pair { uuid: new.uuid.clone() });
            }
            documents.put(0, new);
            Ok(())
        });
        replace.await
    }

    /// Forgets a mapping and how far it has come.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, mapping: &Mapping) -> Result<(), RecordError> {
        let Mapping { uuid, .. } = mapping;
        let keys = [key(MAPPING, mapping, uuid), pair_key(mapping), key(RESULT, mapping, uuid)];
        let delete = self.documents.transact(&keys, |documents| {
            (0..3).for_each(|index| documents.delete(index));
            Ok::<_, Infallible>(())
        });
        let Ok(()) = delete.await?;
        self.forget_progress(mapping, |_| false).await
    }

    /// How far the lanes of a mapping have come.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn progress(&self, mapping: &Mapping) -> Result<Vec<(LaneId, Progress)>, RecordError> {
        let Mapping { account, region, uuid, .. } = mapping;
        let scope = RecordScope::Region { service: SERVICE, kind: PROGRESS, account, region };
        let (prefix, mut found) = (format!("{uuid}/"), Vec::new());
        let mut after = key(PROGRESS, mapping, &prefix);
        loop {
            let page = self.documents.list::<LaneProgress>(scope, Some(&after), PAGE).await?;
            let is_last = page.len() < PAGE || page.iter().any(|(key, _)| !key.id.starts_with(&prefix));
            if let Some((key, _)) = page.last() {
                after = key.clone();
            }
            let of_mapping = page.into_iter().filter(|(key, _)| key.id.starts_with(&prefix));
            found.extend(of_mapping.map(|(_, LaneProgress { lane, progress })| (lane, progress)));
            if is_last {
                return Ok(found);
            }
        }
    }

    /// Keeps how far a lane has come. False: there is no such mapping any more.
    ///
    /// # Errors
    /// When the store fails, or another server has the lease of the mapping now.
    pub(crate) async fn save(
        &self,
        lease: &Lease,
        now_micros: u64,
        mapping: &Mapping,
        lane: &LaneId,
        progress: &Progress,
    ) -> Result<bool, ChangeError> {
        let keys = [progress_key(mapping, lane), key(MAPPING, mapping, &mapping.uuid)];
        let document = LaneProgress { lane: lane.clone(), progress: progress.clone() };
        let save = self.documents.transact_under(lease, now_micros, &keys, |documents| {
            if documents.is_there(1) {
                documents.put(0, &document);
            }
            Ok::<_, Infallible>(documents.is_there(1))
        });
        let Ok(is_there) = save.await?;
        Ok(is_there)
    }

    /// Keeps what became of the last batch, while there is the mapping.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn note(&self, mapping: &Mapping, result: &LastResult) -> Result<(), RecordError> {
        let keys = [key(RESULT, mapping, &mapping.uuid), key(MAPPING, mapping, &mapping.uuid)];
        let note = self.documents.transact(&keys, |documents| {
            if documents.is_there(1) {
                documents.put(0, result);
            }
            Ok::<_, Infallible>(())
        });
        let Ok(()) = note.await?;
        Ok(())
    }

    /// Lets the lanes of a shard go on as another number of lanes: each from where the last of them is. One whose
    /// progress was never saved has not left `start`.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn regroup(
        &self,
        mapping: &Mapping,
        start: Place,
        old: &[(LaneId, Progress)],
        new: &[LaneId],
    ) -> Result<Progress, RecordError> {
        let is_whole = old.first().is_some_and(|(lane, _)| old.len() >= lane.of as usize);
        let unsaved = (!is_whole).then_some(start);
        let after = old.iter().map(|(_, progress)| progress.after).chain(unsaved).min().unwrap_or(start);
        let ended = is_whole && old.iter().all(|(_, progress)| progress.ended);
        let progress = Progress { ended, ..Progress::behind(after) };
        let lanes = old.iter().map(|(lane, _)| lane).chain(new);
        let keys: Vec<_> = lanes.map(|lane| progress_key(mapping, lane)).collect();
        let regroup = self.documents.transact(&keys, |documents| {
            (0..old.len()).for_each(|index| documents.delete(index));
            for (index, lane) in new.iter().enumerate() {
                let document = LaneProgress { lane: lane.clone(), progress: progress.clone() };
                documents.put(old.len() + index, &document);
            }
            Ok::<_, Infallible>(())
        });
        let Ok(()) = regroup.await?;
        Ok(progress)
    }

    /// Forgets the progress of lanes that are not to be kept.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn forget_progress(
        &self,
        mapping: &Mapping,
        keeps: impl Fn(&LaneId) -> bool,
    ) -> Result<(), RecordError> {
        for (lane, _) in self.progress(mapping).await?.iter().filter(|(lane, _)| !keeps(lane)) {
            let forget = |_: Option<LaneProgress>| Ok::<_, Infallible>((None, ()));
            let Ok(()) = self.documents.change(&progress_key(mapping, lane), forget).await?;
        }
        Ok(())
    }
}

const PAGE: usize = 100;

fn key(kind: &str, mapping: &Mapping, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, kind, &mapping.account, &mapping.region, id)
}

fn pair_key(mapping: &Mapping) -> RecordKey {
    key(PAIR, mapping, &format!("{} {}", mapping.event_source_arn, mapping.function_arn))
}

fn progress_key(mapping: &Mapping, LaneId { shard, lane, of }: &LaneId) -> RecordKey {
    key(PROGRESS, mapping, &format!("{}/{shard}/{lane}-{of}", mapping.uuid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use store::MemoryStore;
    use store::wait::wait;

    fn mapping() -> Mapping {
        Mapping {
            uuid: "u".to_owned(),
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            function_arn: "f".to_owned(),
            event_source_arn: "s".to_owned(),
            starting_position: "LATEST".to_owned(),
            start_micros: None,
            start: at(1),
            invoke_identity_arn: String::new(),
            settings: Settings::default(),
            filters: Vec::new(),
            on_failure: None,
            enabled: true,
            modified_micros: 0,
            tags: Default::default(),
        }
    }

    fn at(position: u128) -> Place {
        Place { position, index: 0 }
    }

    fn lane(lane: u32, of: u32) -> LaneId {
        LaneId { shard: "a".to_owned(), lane, of }
    }

    fn ended(position: u128) -> Progress {
        Progress { ended: true, ..Progress::behind(at(position)) }
    }

    #[test]
    fn lanes_go_on_from_where_the_last_of_the_former_ones_is() {
        let mappings = Mappings::of(Arc::new(MemoryStore::new(Arc::new(stdx::ManualClock::at(1)))));
        let regrouped = |old: &[(LaneId, Progress)]| {
            wait(mappings.regroup(&mapping(), at(1), old, &[lane(0, 1)])).unwrap()
        };
        let both = [(lane(0, 2), ended(7)), (lane(1, 2), ended(5))];
        assert_eq!(regrouped(&both), ended(5));
        let one = [(lane(0, 2), ended(7)), (lane(1, 2), Progress::behind(at(5)))];
        assert_eq!(regrouped(&one), Progress::behind(at(5)));
        assert_eq!(regrouped(&both[..1]), Progress::behind(at(1)), "the other was not saved yet");
        let kept = wait(mappings.progress(&mapping())).unwrap();
        assert_eq!(kept, [(lane(0, 1), Progress::behind(at(1)))]);
    }
}
