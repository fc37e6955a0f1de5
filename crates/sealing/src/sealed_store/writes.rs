//! Mutations that decide on opened rows and write sealed ones.

use super::{SealedStore, Walk};
use crate::keyring::Keyring;
use crate::keys::Opened;
use crate::value::Place;
use smallvec::SmallVec;
use store::{Decision, Mutation, OldRows, Outcome, Plan, StoreError};

impl<K: Keyring> SealedStore<K> {
    pub(super) async fn mutate_sealed(&self, mutation: Mutation<'_>) -> Result<Outcome, StoreError> {
        let Mutation { keys, fences, locking, decide } = mutation;
        self.walk_of(keys).check()?;
        let mut fault = None;
        let decide = &mut |old: &OldRows<'_>| {
            let decided = self.decide_opened(keys, old, |old| decide(old));
            let (decision, found) =
                decided.map_or_else(|found| (Decision::Refuse, Some(found)), |decision| (decision, None));
            fault = found;
            decision
        };
        let outcome = self.inner.mutate(Mutation { keys, fences, locking, decide }).await?;
        match (fault, outcome) {
            (Some(fault), Outcome::Refused) => Err(fault),
            (_, outcome) => Ok(outcome),
        }
    }

    fn decide_opened(
        &self,
        keys: &[&[u8]],
        old: &OldRows<'_>,
        decide: impl FnOnce(&OldRows<'_>) -> Decision,
    ) -> Result<Decision, StoreError> {
        let mut walk = self.walk_of(&[]);
        let mut opened: SmallVec<[Option<Opened<'_>>; 4]> = SmallVec::new();
        for (key, row) in keys.iter().zip(old.0) {
            let open = |row| walk.open(self.keyring.of_row(key), Place::Row(key), row);
            opened.push(row.map(open).transpose()?);
        }
        let lent: SmallVec<[Option<&[u8]>; 4]> =
            opened.iter().map(|row| row.as_ref().map(Opened::bytes)).collect();
        match decide(&OldRows(&lent)) {
            Decision::Commit(mut plan) => seal(walk, &mut plan).map(|()| Decision::Commit(plan)),
            Decision::Refuse => Ok(Decision::Refuse),
        }
    }
}

/// Seals what a plan writes, which was decided on what was opened with the same keys.
fn seal<K: Keyring>(mut walk: Walk<'_, K>, plan: &mut Plan) -> Result<(), StoreError> {
    let SealedStore { keyring, random, .. } = walk.store;
    let mut seal = |subject, place: Place<'_>, value: &mut Vec<u8>| -> Result<(), StoreError> {
        let Some(keys) = walk.keys(subject) else { return Ok(()) };
        if let Some(sealed) = keys.seal(place, value, random)? {
            *value = sealed;
        }
        Ok(())
    };
    for write in &mut plan.rows {
        let (key, row) = (&write.key, &mut write.row);
        row.as_mut().map_or(Ok(()), |row| seal(keyring.of_row(key), Place::Row(key), row))?;
    }
    for (feed, record) in &mut plan.feed {
        seal(keyring.of_record(*feed, record), Place::Feed(*feed), record)?;
    }
    for write in &mut plan.records {
        let (key, document) = (&write.key, &mut write.document);
        document
            .as_mut()
            .map_or(Ok(()), |document| seal(keyring.of_document(key), Place::Document(key), document))?;
    }
    Ok(())
}
