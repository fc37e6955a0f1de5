//! A bucket that a transfer reads from or writes into.

use super::{Order, Transfer, Trouble, kms_keys, manifest};
use pipeline::Caller;
use s3::{About, Download, Listed, Objects, Stored, Upload};

/// The service that reads and puts objects, which may do so in every bucket of the account: its client was asked
/// before.
const BY: &str = "dynamodb";

/// A bucket, on behalf of a transfer.
pub struct Bucket<'a> {
    objects: &'a Objects,
    by: Caller,
    name: &'a str,
    /// The keys of KMS that may be used: objects are put under the first where `is_under_key`.
    kms_keys: &'a [String],
    is_under_key: bool,
}

impl<'a> Bucket<'a> {
    /// The bucket of this name.
    pub fn of(objects: &'a Objects, transfer: &impl Transfer, name: &'a str) -> Bucket<'a> {
        let Order { account, region, .. } = transfer.order();
        let by = Caller::of_service(BY, account, region);
        Bucket { objects, by, name, kms_keys: &[], is_under_key: false }
    }

    /// The same with objects that are under one of these keys of KMS.
    pub fn opening_with(self, kms_keys: &'a [String]) -> Bucket<'a> {
        Bucket { kms_keys, ..self }
    }

    /// The same with new objects under the first of these keys of KMS.
    pub fn putting_under(self, kms_keys: &'a [String]) -> Bucket<'a> {
        Bucket { kms_keys, is_under_key: true, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Whether it is there.
    pub async fn check(&self) -> Result<(), Trouble> {
        Ok(self.objects.check_bucket(&self.by, self.name).await?)
    }

    /// The first object behind a key whose key begins so.
    pub async fn next_object(
        &self,
        prefix: Option<&str>,
        after: Option<&str>,
    ) -> Result<Option<Listed>, Trouble> {
        Ok(self.list(prefix, after, 1).await?.into_iter().next())
    }

    /// The first objects behind a key whose keys begin so.
    pub(super) async fn list(
        &self,
        prefix: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>, Trouble> {
        Ok(self.objects.list(&self.by, self.name, prefix.unwrap_or_default(), after, limit).await?)
    }

    /// Opens an object.
    pub async fn open(&self, key: &str) -> Result<Download, Trouble> {
        Ok(self.objects.get_under(&self.by, self.name, key, None, self.kms_keys).await?)
    }

    /// Begins an object.
    pub async fn begin(&self, key: &str, content_type: &str) -> Result<Upload, Trouble> {
        let about = About { content_type: Some(content_type.to_owned()), ..About::default() };
        Ok(match (self.is_under_key, self.kms_keys) {
            (false, _) => self.objects.put(&self.by, self.name, key, about).await?,
            (true, [kms_key, ..]) => self.objects.put_under(&self.by, self.name, key, about, kms_key).await?,
            (true, []) => return Err(Trouble::Refused(kms_keys::missing())),
        })
    }

    /// Puts an object that is in memory.
    pub async fn put(&self, key: &str, content_type: &str, bytes: &[u8]) -> Result<Stored, Trouble> {
        let mut upload = self.begin(key, content_type).await?;
        upload.write(bytes).await?;
        Ok(upload.finish().await?)
    }

    /// Puts a manifest, and its checksum beside it.
    pub async fn put_manifest(&self, [key, md5_key]: &[String; 2], bytes: &[u8]) -> Result<(), Trouble> {
        let stored = self.put(key, "application/json", bytes).await?;
        let md5 = manifest::md5_of_etag(&stored.etag);
        self.put(md5_key, "text/plain", md5.as_bytes()).await.map(|_| ())
    }
}
