//! Reads that open what they lend. Where keys are locked a read of rows fails before anything is looked for, so that it
//! tells nothing about what is there.

use super::{SealedStore, Walk, first_of};
use crate::keyring::{Keyring, Subject};
use crate::value::Place;
use store::{
    Consistency, FeedCursor, FeedId, FeedRecord, Position, RangeRead, StoreError, Visit, VisitEntry,
    VisitKeyed, VisitMany, VisitRecord, VisitRow,
};

impl<K: Keyring> SealedStore<K> {
    pub(super) async fn get_opened<'a>(
        &'a self,
        mut walk: Walk<'a, K>,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Result<(), StoreError> {
        walk.check()?;
        let mut opened = Ok(());
        let lend = &mut |row: Option<&[u8]>| {
            let Some(row) = row else { return visit(None) };
            match walk.open(self.keyring.of_row(key), Place::Row(key), row) {
                Ok(row) => visit(Some(row.bytes())),
                Err(fault) => opened = Err(fault),
            }
        };
        self.inner.get(key, consistency, lend).await?;
        opened
    }

    pub(super) async fn get_many_opened<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        consistency: Consistency,
        visit: &'a mut VisitMany<'a>,
    ) -> Result<(), StoreError> {
        let (mut walk, mut opened) = (self.walk_of(keys), Ok(()));
        walk.check()?;
        let lend = &mut |at: usize, row: Option<&[u8]>| {
            let Some(row) = row else { return visit(at, None) };
            match walk.open(self.keyring.of_row(keys[at]), Place::Row(keys[at]), row) {
                Ok(row) => visit(at, Some(row.bytes())),
                Err(fault) => stop(&mut opened, fault),
            }
        };
        self.inner.get_many(keys, consistency, lend).await?;
        opened
    }

    pub(super) async fn range_opened<'a>(
        &'a self,
        read: RangeRead<'a>,
        visit: &'a mut VisitEntry<'a>,
    ) -> Result<(), StoreError> {
        let (mut walk, mut opened) = (self.walk_of(first_of(&read.range).as_slice()), Ok(()));
        walk.check()?;
        let lend =
            &mut |key: &[u8], row: &[u8]| match walk.open(self.keyring.of_row(key), Place::Row(key), row) {
                Ok(_) if self.keyring.is_own(key) => Visit::Continue,
                Ok(row) => visit(key, row.bytes()),
                Err(fault) => stop(&mut opened, fault),
            };
        self.inner.range(read, lend).await?;
        opened
    }

    pub(super) async fn read_opened_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Result<Position, StoreError> {
        let (mut walk, mut opened) = (self.walk_of(keys), Ok(()));
        walk.check()?;
        let lend = &mut |at: usize, row: Option<&[u8]>| {
            let Some(row) = row else { return visit(at, None) };
            match walk.open(self.keyring.of_row(keys[at]), Place::Row(keys[at]), row) {
                Ok(row) => visit(at, Some(row.bytes())),
                Err(fault) => opened = Err(fault),
            }
        };
        let position = self.inner.read_at_one_position(keys, lend).await?;
        opened.map(|()| position)
    }

    /// Records that are not sealed can be read while keys are locked, up to the first one that is.
    pub(super) async fn tail_opened<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Result<Position, StoreError> {
        let (mut walk, mut opened) = (self.walk_of(&[]), Ok(()));
        let lend = &mut |record: FeedRecord<'_>| {
            let subject = self.keyring.of_record(feed, record.bytes);
            match walk.open(subject, Place::Feed(feed), record.bytes) {
                Ok(bytes) => visit(FeedRecord { bytes: bytes.bytes(), ..record }),
                Err(fault) => stop(&mut opened, fault),
            }
        };
        let safe_until = self.inner.tail(feed, after, limit, lend).await?;
        opened.map(|()| safe_until)
    }

    pub(super) async fn document_opened(
        &self,
        subject: Subject,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut walk = self.walk_of(&[]);
        walk.keys(Some(subject));
        let found = self.inner.record(key).await?;
        let open =
            |stored: Vec<u8>| Ok(walk.open(Some(subject), Place::Document(key), &stored)?.bytes().to_vec());
        found.map(open).transpose()
    }

    pub(super) async fn documents_opened<'a>(
        &'a self,
        prefix: &'a [u8],
        visit: &'a mut VisitEntry<'a>,
    ) -> Result<(), StoreError> {
        let (mut walk, mut opened) = (self.walk_of(&[]), Ok(()));
        let lend = &mut |key: &[u8], stored: &[u8]| match walk.open(
            self.keyring.of_document(key),
            Place::Document(key),
            stored,
        ) {
            Ok(document) => visit(key, document.bytes()),
            Err(fault) => stop(&mut opened, fault),
        };
        self.inner.records(prefix, lend).await?;
        opened
    }
}

fn stop(opened: &mut Result<(), StoreError>, fault: StoreError) -> Visit {
    *opened = Err(fault);
    Visit::Stop
}
