//! A bucket that a transfer reads from or writes into.

use super::{Order, Transfer, Trouble, manifest};
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
}

impl<'a> Bucket<'a> {
    /// The bucket of this name.
    pub fn of(objects: &'a Objects, transfer: &impl Transfer, name: &'a str) -> Bucket<'a> {
        let Order { account, region, .. } = transfer.order();
        Bucket { objects, by: Caller::of_service(BY, account, region), name }
    }

    /// Whether it is there.
    pub async fn check(&self) -> Result<(), Trouble> {
        Ok(self.objects.check_bucket(&self.by, self.name).await?)
    }

    /// The first objects behind a key whose keys begin so.
    pub async fn list(
        &self,
        prefix: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>, Trouble> {
        Ok(self.objects.list(&self.by, self.name, prefix.unwrap_or_default(), after, limit).await?)
    }

    /// Opens an object.
    pub async fn open(&self, key: &str) -> Result<Download, Trouble> {
        Ok(self.objects.get(&self.by, self.name, key, None).await?)
    }

    /// Begins an object.
    pub async fn begin(&self, key: &str, content_type: &str) -> Result<Upload, Trouble> {
        let about = About { content_type: Some(content_type.to_owned()), ..About::default() };
        Ok(self.objects.put(&self.by, self.name, key, about).await?)
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
