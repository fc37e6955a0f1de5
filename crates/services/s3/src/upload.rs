//! A multipart upload as it is kept, from its beginning to its end.

use crate::bucket::Bucket;
use crate::checksum::{Algorithm, Covers};
use crate::encryption::Encryption;
use crate::garbage::Garbage;
use crate::object::{About, Bytes, Object};
use crate::part::{self, KeptPart};
use crate::shelf::{Named, Shelf, When, released};
use crate::{errors, keys, rows};
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::fmt;
use store::OldRows;

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) about: About,
    pub(crate) algorithm: Algorithm,
    pub(crate) covers: Covers,
    /// How its parts are encrypted, where it is under a key of KMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<Encryption>,
    /// Counts the parts that came: who completes it has seen all of them.
    pub(crate) revision: u64,
}

/// The id of an upload: its beginning, so that uploads of a key are in that order, and a random number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadId {
    pub(crate) begun_millis: u64,
    pub(crate) id: u128,
}

impl UploadId {
    /// In keys of rows.
    pub(crate) const BYTES: usize = 24;

    pub(crate) fn bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.begun_millis.to_be_bytes());
        bytes[8..].copy_from_slice(&self.id.to_be_bytes());
        bytes
    }

    pub(crate) fn of_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let (begun, id) = bytes.split_at(8);
        UploadId {
            begun_millis: u64::from_be_bytes(begun.try_into().expect("eight bytes")),
            id: u128::from_be_bytes(id.try_into().expect("sixteen bytes")),
        }
    }

    /// By what a client sends; anything else is no upload.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let bytes = stdx::hex::decode(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(|bytes| Self::of_bytes(&bytes)).ok_or_else(|| errors::no_such_upload(text))
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&stdx::hex::encode(&self.bytes()))
    }
}

/// An upload of a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) bucket: &'a Named,
    pub(crate) key: &'a str,
    pub(crate) id: UploadId,
}

impl Place<'_> {
    fn row(&self) -> Vec<u8> {
        keys::upload(self.bucket.1.id, self.key.as_bytes(), self.id)
    }

    fn missing(&self) -> ApiError {
        errors::no_such_upload(&self.id.to_string())
    }
}

impl Shelf {
    /// Begins an upload.
    pub(crate) async fn begin_upload(&self, place: Place<'_>, new: Upload) -> Result<(), ApiError> {
        let ((name, bucket), now_millis) = (place.bucket, self.now_millis());
        let (at_bucket, at_upload) = (keys::bucket(name), place.row());
        let decide = |old: &OldRows<'_>| {
            let found = rows::old::<Bucket>(old, 0)?.filter(|found| found.id == bucket.id);
            found.ok_or_else(|| errors::no_such_bucket(name))?.takes(now_millis)?;
            Ok((vec![rows::put(&at_upload, &new)], ()))
        };
        rows::change(self.store(), &[&at_bucket, &at_upload], decide).await
    }

    /// An upload that has not ended.
    pub(crate) async fn upload(&self, place: Place<'_>) -> Result<Upload, ApiError> {
        rows::get(self.store(), &place.row()).await?.ok_or_else(|| place.missing())
    }

    /// Puts a part whose bytes are on disk, in the place of the one of its number.
    pub(crate) async fn put_part(&self, place: Place<'_>, new: KeptPart) -> Result<(), ApiError> {
        let (name, now_millis) = (&place.bucket.0, self.now_millis());
        let at_upload = place.row();
        let (at_part, at_garbage) = (keys::part(place.id.id, new.number), keys::garbage(new.file.id()));
        let decide = |old: &OldRows<'_>| {
            let upload = rows::old::<Upload>(old, 0)?.ok_or_else(|| place.missing())?;
            let old = rows::old::<KeptPart>(old, 1)?;
            if old.as_ref().is_some_and(|old| old.file == new.file) {
                return Ok((vec![], None));
            }
            let upload = Upload { revision: upload.revision + 1, ..upload };
            let mut changes = vec![rows::put(&at_upload, &upload), rows::put(&at_part, &new)];
            changes.push(rows::delete(&at_garbage));
            changes.extend(old.iter().map(|old| Garbage::now(name, now_millis).row(old.file.id())));
            Ok((changes, old.map(|old| old.file.id())))
        };
        // Where the store cannot tell whether the part is there, its file stays.
        let put = rows::decided(self.store(), &[&at_upload, &at_part, &at_garbage], decide).await?;
        let gone = put.as_ref().map_or(Some(new.file.id()), |old| *old);
        gone.into_iter().for_each(|file| self.remove_file_soon(name, file));
        put.map(|_| ())
    }

    /// Ends an upload with an object of some of its parts; the others go. `revision` is of the upload when they were
    /// read.
    pub(crate) async fn complete(
        &self,
        place: Place<'_>,
        revision: u64,
        others: &[KeptPart],
        new: Object,
        when: &When,
    ) -> Result<(), ApiError> {
        let ((name, bucket), now_millis) = (place.bucket, self.now_millis());
        let (at_bucket, at_upload) = (keys::bucket(name), place.row());
        let at_object = keys::object(bucket.id, place.key.as_bytes());
        let decide = |old: &OldRows<'_>| {
            let found = rows::old::<Bucket>(old, 0)?.filter(|found| found.id == bucket.id);
            found.ok_or_else(|| errors::no_such_bucket(name))?.takes(now_millis)?;
            let (object, upload) = (rows::old::<Object>(old, 1)?, rows::old::<Upload>(old, 2)?);
            if object.as_ref().is_some_and(|object| object.bytes == new.bytes) {
                return Ok((vec![], None));
            }
            if upload.ok_or_else(|| place.missing())?.revision != revision {
                return Err(errors::aborted());
            }
            when.check(place.key, object.as_ref())?;
            let mut changes = vec![rows::put(&at_object, &new), rows::delete(&at_upload)];
            changes.extend(object.iter().map(|object| released(name, object, now_millis)));
            for other in others {
                changes.push(rows::delete(&keys::part(place.id.id, other.number)));
                changes.push(Garbage::now(name, now_millis).row(other.file.id()));
            }
            Ok((changes, object))
        };
        let keys: [&[u8]; 3] = [&at_bucket, &at_object, &at_upload];
        let gone = rows::change(self.store(), &keys, decide).await?;
        self.remove_soon(name, gone);
        others.iter().for_each(|other| self.remove_file_soon(name, other.file.id()));
        Ok(())
    }

    /// Whether an upload has ended with the object that is there.
    pub(crate) async fn completed(&self, place: Place<'_>) -> Result<Option<Object>, ApiError> {
        let object = self.find(place.bucket.1.id, place.key).await?;
        Ok(object.filter(|object| object.bytes == Bytes::Parts(place.id.id)))
    }

    /// Ends an upload with nothing.
    pub(crate) async fn abort(&self, place: Place<'_>) -> Result<(), ApiError> {
        let (name, at_upload, now_millis) = (&place.bucket.0, place.row(), self.now_millis());
        let decide = |old: &OldRows<'_>| {
            rows::old::<Upload>(old, 0)?.ok_or_else(|| place.missing())?;
            let garbage = Garbage::upload(name, now_millis).row(place.id.id);
            Ok((vec![rows::delete(&at_upload), garbage], ()))
        };
        rows::change(self.store(), &[&at_upload], decide).await?;
        self.remove_upload_soon(name, place.id.id);
        Ok(())
    }

    /// The parts of an object; none of one that is in one file.
    pub(crate) async fn parts_of(&self, object: &Object) -> Result<Vec<KeptPart>, ApiError> {
        match object.bytes {
            Bytes::File(_) => Ok(Vec::new()),
            Bytes::Parts(upload) => part::all(self.store(), upload).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_back() {
        let id = UploadId { begun_millis: 5, id: u128::MAX - 1 };
        assert_eq!(UploadId::parse(&id.to_string()).unwrap(), id);
        assert_eq!(keys::upload_of(&keys::upload(1, b"a\0b", id)).unwrap(), ("a\0b".to_owned(), id));
        for wrong in ["", "00", "../x", "\u{fc}"] {
            assert!(UploadId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
