//! Rows and files together: what makes a bucket or an object, what finds it, and what removes it. Knows nothing of
//! callers.

use crate::bucket::{Bucket, DELETION_MILLIS, Deletion};
use crate::conditions;
use crate::encryption::BucketEncryption;
use crate::folder::{FileName, Folder};
use crate::garbage::{self, Garbage};
use crate::object::{Bytes, Object};
use crate::upload::Place;
use crate::uploads::{self, UploadsAsked};
use crate::{errors, keys, listing, rows};
use model::ApiError;
use std::fmt;
use std::sync::Arc;
use stdx::{Clock, Random};
use store::{OldRows, Store};
use tokio::sync::Notify;

/// The buckets of a server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shelf(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Random,
    folder: Folder,
    /// The keys of KMS, where there are any.
    keys: Option<kms::Keys>,
    /// Notified when something will be due.
    due: Notify,
}

/// A bucket by its name.
pub(crate) type Named = (String, Bucket);

/// When an object is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// Only where there is none.
    Absent,
    /// Only in the place of one with this ETag.
    Matches(String),
}

impl When {
    /// By `If-Match` and `If-None-Match`, of which the second is `*`.
    pub(crate) fn of(matches: Option<String>, none_match: Option<String>) -> Result<Self, ApiError> {
        match (matches, none_match) {
            (None, None) => Ok(When::Always),
            (None, Some(none)) if none == "*" => Ok(When::Absent),
            (Some(etag), None) => Ok(When::Matches(etag)),
            (_, Some(_)) => Err(errors::not_implemented("If-None-Match")),
        }
    }

    pub(crate) fn check(&self, key: &str, old: Option<&Object>) -> Result<(), ApiError> {
        match (self, old) {
            (When::Absent, Some(_)) => Err(errors::precondition_failed("If-None-Match")),
            (When::Matches(_), None) => Err(errors::no_such_key(key)),
            (When::Matches(wanted), Some(old)) if !conditions::matches(wanted, &old.etag) => {
                Err(errors::precondition_failed("If-Match"))
            }
            _ => Ok(()),
        }
    }
}

impl Shelf {
    pub(crate) fn of(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Random,
        folder: Folder,
        keys: Option<kms::Keys>,
    ) -> Self {
        Shelf(Arc::new(Inner { store, clock, random, folder, keys, due: Notify::new() }))
    }

    /// The keys of KMS.
    pub(crate) fn kms(&self) -> Option<&kms::Keys> {
        self.0.keys.as_ref()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.0.store.as_ref()
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.0.folder
    }

    pub(crate) fn now_millis(&self) -> u64 {
        self.0.clock.now_micros() / 1_000
    }

    pub(crate) fn draw_id(&self) -> u128 {
        u128::from_be_bytes(self.0.random.bytes16())
    }

    /// A bucket, whose ever it is.
    pub(crate) async fn find_bucket(&self, name: &str) -> Result<Option<Bucket>, ApiError> {
        rows::get(self.store(), &keys::bucket(name)).await
    }

    /// Makes a bucket; the one that is there, if it is another.
    pub(crate) async fn make_bucket(&self, name: &str, new: Bucket) -> Result<Option<Bucket>, ApiError> {
        let key = keys::bucket(name);
        let decide = |old: &OldRows<'_>| match rows::old::<Bucket>(old, 0)? {
            Some(bucket) => Ok((vec![], Some(bucket).filter(|bucket| bucket.id != new.id))),
            None => Ok((vec![rows::put(&key, &new)], None)),
        };
        rows::change(self.store(), &[&key], decide).await
    }

    pub(crate) fn draw_bucket(&self, account: &str, region: &str) -> Bucket {
        Bucket {
            id: self.0.random.next_u64(),
            account: account.to_owned(),
            region: region.to_owned(),
            created_millis: self.now_millis(),
            deletion: None,
            encryption: None,
        }
    }

    /// From now on objects are encrypted so whose requests do not say how.
    pub(crate) async fn encrypt_bucket(
        &self,
        (name, bucket): &Named,
        encryption: Option<BucketEncryption>,
    ) -> Result<(), ApiError> {
        let change = |found| Ok(Some(Bucket { encryption: encryption.clone(), ..found }));
        self.change_bucket(name, bucket, change).await
    }

    /// Deletes a bucket that is empty. A mark on it keeps others from putting while it is looked at.
    pub(crate) async fn delete_bucket(&self, named: &Named) -> Result<(), ApiError> {
        let (name, bucket) = named;
        let until_millis = self.now_millis() + DELETION_MILLIS;
        let deletion = Some(Deletion { id: self.0.random.next_u64(), until_millis });
        self.change_bucket(name, bucket, |found| {
            if found.deletion != deletion {
                found.takes(self.now_millis())?;
            }
            Ok(Some(Bucket { deletion, ..found }))
        })
        .await?;
        let is_empty = listing::is_empty(self.store(), bucket.id).await?;
        if is_empty {
            self.abort_all(named).await?;
        }
        self.change_bucket(name, bucket, |found| match (is_empty, found.deletion == deletion) {
            (true, true) if self.now_millis() < until_millis => Ok(None),
            (true, _) => Err(errors::aborted()),
            (false, true) => Ok(Some(Bucket { deletion: None, ..found })),
            (false, false) => Ok(Some(found)),
        })
        .await?;
        if !is_empty {
            return Err(errors::bucket_not_empty(name));
        }
        let (folder, name) = (self.folder().clone(), name.clone());
        _ = tokio::task::spawn_blocking(move || folder.remove_bucket(&name)).await;
        Ok(())
    }

    /// Ends all uploads of a bucket.
    async fn abort_all(&self, bucket: &Named) -> Result<(), ApiError> {
        let asked = UploadsAsked { limit: 1, ..UploadsAsked::default() };
        while let Some(found) = uploads::page(self.store(), bucket.1.id, &asked).await?.uploads.pop() {
            self.abort(Place { bucket, key: &found.key, id: found.id }).await?;
        }
        Ok(())
    }

    /// One that is gone already is no error: a commit may be asked for again.
    async fn change_bucket(
        &self,
        name: &str,
        bucket: &Bucket,
        change: impl Fn(Bucket) -> Result<Option<Bucket>, ApiError> + Send + Sync,
    ) -> Result<(), ApiError> {
        let key = keys::bucket(name);
        let decide = |old: &OldRows<'_>| {
            let found = rows::old::<Bucket>(old, 0)?.filter(|found| found.id == bucket.id);
            let Some(found) = found else { return Ok((vec![], ())) };
            Ok((vec![change(found)?.map_or_else(|| rows::delete(&key), |new| rows::put(&key, &new))], ()))
        };
        rows::change(self.store(), &[&key], decide).await
    }

    /// An object, if there is one.
    pub(crate) async fn find(&self, bucket: u64, key: &str) -> Result<Option<Object>, ApiError> {
        rows::get(self.store(), &keys::object(bucket, key.as_bytes())).await
    }

    /// Announces a file in a bucket: until something refers to it, it is known to be of no use.
    pub(crate) async fn announce(&self, bucket: &str) -> Result<FileName, ApiError> {
        if !self.folder().is_there() {
            return Err(errors::no_folder());
        }
        let name = FileName { bucket: bucket.to_owned(), id: self.draw_id() };
        let key = keys::garbage(name.id);
        let row = Garbage::announced(bucket, self.now_millis()).row(name.id);
        rows::change(self.store(), &[&key], |_| Ok((vec![row.clone()], ()))).await?;
        Ok(name)
    }

    /// Puts an object whose bytes are on disk, in the place of the one that was there.
    pub(crate) async fn put(
        &self,
        (name, bucket): &Named,
        key: &str,
        new: Object,
        when: &When,
    ) -> Result<(), ApiError> {
        let Bytes::File(own) = &new.bytes else { return Err(errors::damaged()) };
        let own = own.id();
        let now_millis = self.now_millis();
        let places = [keys::bucket(name), keys::object(bucket.id, key.as_bytes()), keys::garbage(own)];
        let [at_bucket, at_object, at_garbage] = &places;
        let decide = |old: &OldRows<'_>| {
            let found = rows::old::<Bucket>(old, 0)?.filter(|found| found.id == bucket.id);
            found.ok_or_else(|| errors::no_such_bucket(name))?.takes(now_millis)?;
            let old = rows::old::<Object>(old, 1)?;
            if old.as_ref().is_some_and(|old| old.bytes == new.bytes) {
                return Ok((vec![], None));
            }
            when.check(key, old.as_ref())?;
            let mut changes = vec![rows::put(at_object, &new), rows::delete(at_garbage)];
            changes.extend(old.as_ref().map(|old| released(name, old, now_millis)));
            Ok((changes, old))
        };
        // Where the store cannot tell whether the object is there, its file stays.
        match rows::decided(self.store(), &[at_bucket, at_object, at_garbage], decide).await? {
            Ok(old) => {
                self.remove_soon(name, old);
                Ok(())
            }
            Err(refused) => {
                self.remove_file_soon(name, own);
                Err(refused)
            }
        }
    }

    /// Deletes an object, if it is there.
    pub(crate) async fn delete(
        &self,
        (name, bucket): &Named,
        key: &str,
        when: &When,
    ) -> Result<(), ApiError> {
        let now_millis = self.now_millis();
        let at_object = keys::object(bucket.id, key.as_bytes());
        let decide = |old: &OldRows<'_>| {
            let Some(old) = rows::old::<Object>(old, 0)? else { return Ok((vec![], None)) };
            when.check(key, Some(&old))?;
            Ok((vec![rows::delete(&at_object), released(name, &old, now_millis)], Some(old)))
        };
        let old = rows::change(self.store(), &[&at_object], decide).await?;
        self.remove_soon(name, old);
        Ok(())
    }

    /// Removes the bytes of an object that is gone, in the background; what fails is left to the sweep.
    pub(crate) fn remove_soon(&self, bucket: &str, gone: Option<Object>) {
        match gone.map(|gone| gone.bytes) {
            Some(Bytes::File(file)) => self.remove_file_soon(bucket, file.id()),
            Some(Bytes::Parts(_)) => self.0.due.notify_one(),
            None => {}
        }
    }

    pub(crate) fn remove_file_soon(&self, bucket: &str, id: u128) {
        let (shelf, name) = (self.clone(), FileName { bucket: bucket.to_owned(), id });
        tokio::spawn(async move { garbage::remove(shelf.store(), shelf.folder(), name).await });
    }

    pub(crate) fn remove_upload_soon(&self, bucket: &str, upload: u128) {
        let (shelf, bucket) = (self.clone(), bucket.to_owned());
        tokio::spawn(
            async move { garbage::remove_upload(shelf.store(), shelf.folder(), &bucket, upload).await },
        );
    }

    /// Removes what nothing refers to, when it is due.
    pub(crate) async fn run(self) {
        loop {
            let next = garbage::sweep(self.store(), self.folder(), self.now_millis()).await;
            let next = next.unwrap_or_else(|_| self.now_millis() + garbage::RETRY_MILLIS);
            tokio::select! {
                () = self.0.due.notified() => {}
                () = stdx::clock::sleep_until(self.0.clock.as_ref(), next * 1_000) => {}
            }
        }
    }
}

/// The row of what an object leaves behind.
pub(crate) fn released(bucket: &str, old: &Object, now_millis: u64) -> store::RowWrite {
    match &old.bytes {
        Bytes::File(file) => Garbage::now(bucket, now_millis).row(file.id()),
        Bytes::Parts(upload) => Garbage::read_parts(bucket, now_millis).row(*upload),
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}
