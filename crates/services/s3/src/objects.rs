//! What other parts of the server call: objects without HTTP, on behalf of a caller, whose policies are asked. A
//! service of this server may do everything in the buckets of its account.

use crate::access::{bucket_arn, object_arn};
use crate::checksum::Expected;
use crate::errors;
use crate::folder::Folder;
use crate::listing::{Asked, Line, page};
use crate::object::{About, Object, check_key};
use crate::part::KeptPart;
use crate::reading::Download;
use crate::shelf::{Named, Shelf, When};
use crate::writing::Upload;
use identity::Caller;
use model::ApiError;
use pipeline::permitted_inside;
use std::ops::Range;
use std::sync::Arc;
use stdx::{Clock, Random};
use store::Store;

/// The buckets of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Objects {
    pub(crate) shelf: Shelf,
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
    /// Without quotation marks.
    pub etag: String,
    /// When it was put.
    pub modified_millis: u64,
}

impl Objects {
    /// The buckets that a store knows, with their bytes in a folder.
    pub fn of(store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Random, folder: Folder) -> Self {
        Objects { shelf: Shelf::of(store, clock, random, folder) }
    }

    /// Removes what nothing refers to, for as long as it is polled.
    pub async fn run(self) {
        self.shelf.run().await;
    }

    /// Whether a bucket is there and its caller's: NoSuchBucket or AccessDenied where not.
    ///
    /// # Errors
    /// Also when the store fails.
    pub async fn check_bucket(&self, by: &Caller, bucket: &str) -> Result<(), ApiError> {
        self.permitted(by, "s3:ListBucket", &bucket_arn(bucket))?;
        self.bucket(by, bucket).await.map(|_| ())
    }

    /// Whether a caller may put an object under a key now, into a bucket that is there and its own.
    ///
    /// # Errors
    /// NoSuchBucket, AccessDenied, or when the store fails.
    pub async fn check_put(&self, by: &Caller, bucket: &str, key: &str) -> Result<(), ApiError> {
        self.permitted(by, "s3:PutObject", &object_arn(bucket, key))?;
        check_key(key)?;
        self.bucket(by, bucket).await.map(|_| ())
    }

    /// Begins an object. It is there once [`Upload::finish`] has answered, whole and durable.
    ///
    /// # Errors
    /// NoSuchBucket, AccessDenied, or when it cannot be written.
    pub async fn put(&self, by: &Caller, bucket: &str, key: &str, about: About) -> Result<Upload, ApiError> {
        self.permitted(by, "s3:PutObject", &object_arn(bucket, key))?;
        check_key(key)?;
        let bucket = self.bucket(by, bucket).await?;
        Upload::begin(&self.shelf, bucket, key, about, &Expected::default()).await
    }

    /// Opens an object, or the part of it in a range of bytes, which ends where the object does.
    ///
    /// # Errors
    /// NoSuchBucket, NoSuchKey, AccessDenied, InvalidRange, or when it cannot be read.
    pub async fn get(
        &self,
        by: &Caller,
        bucket: &str,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<Download, ApiError> {
        self.permitted(by, "s3:GetObject", &object_arn(bucket, key))?;
        let bucket = self.bucket(by, bucket).await?;
        let choose = |object: &Object, _: &[KeptPart]| {
            let range = range.clone().unwrap_or(0..object.size_bytes);
            let end = range.end.min(object.size_bytes);
            match range.start <= end {
                true => Ok(range.start..end),
                false => Err(errors::invalid_range(object.size_bytes, &format!("{range:?}"))),
            }
        };
        Download::open(&self.shelf, &bucket, key, choose).await
    }

    /// The objects whose keys begin with `prefix`, in the order of their keys behind `after`, at most `limit`.
    ///
    /// # Errors
    /// NoSuchBucket, AccessDenied, or when the store fails.
    pub async fn list(
        &self,
        by: &Caller,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>, ApiError> {
        self.permitted(by, "s3:ListBucket", &bucket_arn(bucket))?;
        let (_, bucket) = self.bucket(by, bucket).await?;
        let asked = Asked { prefix, delimiter: "", after: after.unwrap_or_default(), limit };
        let page = page(self.shelf.store(), bucket.id, &asked).await?;
        let listed = page.lines.into_iter().filter_map(|line| match line {
            Line::Object(key, object) => Some(Listed {
                key,
                size_bytes: object.size_bytes,
                etag: object.etag,
                modified_millis: object.modified_millis,
            }),
            Line::Prefix(_) => None,
        });
        Ok(listed.collect())
    }

    /// Deletes an object, if it is there.
    ///
    /// # Errors
    /// NoSuchBucket, AccessDenied, or when the store fails.
    pub async fn delete(&self, by: &Caller, bucket: &str, key: &str) -> Result<(), ApiError> {
        self.permitted(by, "s3:DeleteObject", &object_arn(bucket, key))?;
        let bucket = self.bucket(by, bucket).await?;
        self.shelf.delete(&bucket, key, &When::Always).await
    }

    fn permitted(&self, by: &Caller, action: &str, resource: &str) -> Result<(), ApiError> {
        permitted_inside(by, action, resource, self.shelf.now_millis() * 1_000)
    }

    /// A bucket of the caller's account.
    pub(crate) async fn bucket(&self, by: &Caller, name: &str) -> Result<Named, ApiError> {
        let bucket = self.shelf.find_bucket(name).await?.ok_or_else(|| errors::no_such_bucket(name))?;
        match *bucket.account == *by.account {
            true => Ok((name.to_owned(), bucket)),
            false => Err(errors::access_denied()),
        }
    }
}
