//! What other parts of the server call: objects without HTTP, on behalf of a caller, whose policies are asked. A
//! service of this server may do everything in the buckets of its account.

use crate::access::{bucket_arn, object_arn};
use crate::checksum::Expected;
use crate::encryption::{Encryption, Wanted};
use crate::errors;
use crate::folder::Folder;
use crate::listing::{Asked, Line, page};
use crate::locks::{Lock, User, scope_of};
use crate::object::{About, Object, check_key};
use crate::part::KeptPart;
use crate::reading::Download;
use crate::service::S3;
use crate::shelf::{Named, Shelf, When};
use crate::writing::Upload;
use identity::Caller;
use model::ApiError;
use pipeline::{Cx, Service, permitted_inside};
use std::ops::Range;
use std::sync::Arc;
use stdx::future::Boxed;
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
    /// The key of KMS that it is under.
    pub kms_key: Option<String>,
}

impl Objects {
    /// The buckets that a store knows, with their bytes in a folder, and the keys of KMS for those that ask for one.
    pub fn of(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Random,
        folder: Folder,
        keys: Option<kms::Keys>,
    ) -> Self {
        Objects { shelf: Shelf::of(store, clock, random, folder, keys) }
    }

    /// Removes what nothing refers to, for as long as it is polled.
    pub fn run(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            self.shelf.run().await;
        })
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
        self.to_put(by, bucket, key).await.map(|_| ())
    }

    /// Begins an object. It is there once [`Upload::finish`] has answered, whole and durable.
    ///
    /// # Errors
    /// NoSuchBucket, AccessDenied, or when it cannot be written.
    pub async fn put(&self, by: &Caller, bucket: &str, key: &str, about: About) -> Result<Upload, ApiError> {
        let bucket = self.to_put(by, bucket, key).await?;
        Upload::begin(&self.shelf, bucket, key, about, &Expected::default(), Lock::own()).await
    }

    /// The same under a key of KMS, by a service whose client may use it.
    ///
    /// # Errors
    /// As well where the key is not there or cannot be used.
    pub async fn put_under(
        &self,
        by: &Caller,
        bucket: &str,
        key: &str,
        about: About,
        kms_key: &str,
    ) -> Result<Upload, ApiError> {
        let bucket = self.to_put(by, bucket, key).await?;
        let (wanted, may) = (Wanted::Kms(Some(kms_key.to_owned())), [kms_key.to_owned()]);
        let lock = self.shelf.lock(User::Inside(by, &may), &wanted, (&bucket, key)).await?;
        Upload::begin(&self.shelf, bucket, key, about, &Expected::default(), lock).await
    }

    /// The key of KMS that `S3SseKmsKeyId` or a header names; without a name the one that S3 manages in this account
    /// and region.
    ///
    /// # Errors
    /// There is none.
    pub async fn kms_key(&self, by: &Caller, named: Option<&str>) -> Result<kms::Key, ApiError> {
        self.shelf.key_named(&scope_of(by), named).await
    }

    /// What a service needs of a key of KMS on behalf of a client, to put or read an object.
    ///
    /// # Errors
    /// The denial.
    pub async fn permit_key<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        kms_key: &kms::Key,
        action: &'static str,
        (bucket, key): (&str, &str),
    ) -> Result<(), ApiError> {
        self.shelf.permit_client(cx, kms_key, action, (bucket, key)).await
    }

    /// Opens an object, or the part of it in a range of bytes, which ends where the object does. It may be under one of
    /// these keys of KMS, which the client of the calling service may use.
    ///
    /// # Errors
    /// NoSuchBucket, NoSuchKey, AccessDenied, InvalidRange, those of its key of KMS, or when it cannot be read.
    pub async fn get_under(
        &self,
        by: &Caller,
        bucket: &str,
        key: &str,
        range: Option<Range<u64>>,
        kms_keys: &[String],
    ) -> Result<Download, ApiError> {
        self.open(by, User::<S3>::Inside(by, kms_keys), (bucket, key), range).await
    }

    /// Opens an object for a client of another service, of whom is asked what GetObject asks: the key of the object
    /// too.
    ///
    /// # Errors
    /// NoSuchBucket, NoSuchKey, AccessDenied, those of its key of KMS, or when it cannot be read.
    pub async fn get_for_client<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        bucket: &str,
        key: &str,
    ) -> Result<Download, ApiError> {
        self.open(cx.caller, User::Client(cx), (bucket, key), None).await
    }

    async fn open<S: Service>(
        &self,
        by: &Caller,
        user: User<'_, S>,
        (bucket, key): (&str, &str),
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
        Download::open(&self.shelf, user, &bucket, key, choose).await
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
                kms_key: object.encryption.as_ref().and_then(Encryption::key_arn),
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

    /// The bucket that a caller may put an object into, under a key that one can have.
    async fn to_put(&self, by: &Caller, bucket: &str, key: &str) -> Result<Named, ApiError> {
        self.permitted(by, "s3:PutObject", &object_arn(bucket, key))?;
        check_key(key)?;
        self.bucket(by, bucket).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept_file::KeptFile;
    use crate::object::Bytes;
    use crate::{bucket, keys, rows};
    use std::fs;
    use std::path::{Path, PathBuf};
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::change_row::{RowChange, change_row};

    const BUCKET: &str = "bucket";
    const SIZE: usize = 600_000;

    struct World {
        objects: Objects,
        by: Caller,
        folder: tempfile::TempDir,
    }

    impl World {
        async fn new() -> Self {
            let clock = Arc::new(ManualClock::at(0));
            let (store, folder) = (Arc::new(MemoryStore::new(clock.clone())), tempfile::tempdir().unwrap());
            let (random, by) = (Random::from_seed(1), Caller::of_service("test", "1", "r"));
            let objects = Objects::of(store, clock, random, Folder::at(folder.path(), false), None);
            let bucket = objects.shelf.draw_bucket(&by.account, "r");
            objects.shelf.make_bucket(BUCKET, bucket).await.unwrap();
            World { objects, by, folder }
        }

        /// The file that it is in.
        async fn put(&self, key: &str, bytes: &[u8]) -> PathBuf {
            let before = files(self.folder.path());
            let mut upload = self.objects.put(&self.by, BUCKET, key, About::default()).await.unwrap();
            for piece in bytes.chunks(100_000) {
                upload.write(piece).await.unwrap();
            }
            upload.finish().await.unwrap();
            files(self.folder.path()).into_iter().find(|file| !before.contains(file)).unwrap()
        }

        async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Vec<u8>, ApiError> {
            let mut download = self.objects.get_under(&self.by, BUCKET, key, range, &[]).await?;
            let mut whole = Vec::new();
            while let Some(piece) = download.next().await? {
                whole.extend_from_slice(&piece);
            }
            Ok(whole)
        }
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
        }
        found
    }

    fn lines(word: &str) -> Vec<u8> {
        word.bytes().chain([b'\n']).cycle().take(SIZE).collect()
    }

    #[tokio::test]
    async fn files_are_sealed_and_any_range_is_read() {
        let world = World::new().await;
        let bytes = lines("planted");
        let file = fs::read(world.put("key", &bytes).await).unwrap();
        assert!(file.len() > SIZE && !file.windows(7).any(|seen| seen == b"planted"));
        assert_eq!(world.get("key", None).await.unwrap(), bytes);
        let size = SIZE as u64;
        for range in [0..1, 65_535..65_537, 262_143..262_145, 100_000..524_289, size - 1..size, 0..size + 9] {
            let found = world.get("key", Some(range.clone())).await.unwrap();
            assert_eq!(found, bytes[range.start as usize..(range.end as usize).min(SIZE)], "{range:?}");
        }
        world.put("empty", b"").await;
        assert!(world.get("empty", None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn files_of_other_objects_and_what_was_cut_are_refused() {
        let world = World::new().await;
        let (one, two) = (world.put("one", &lines("one")).await, world.put("two", &lines("two")).await);
        let (first, second) = (fs::read(&one).unwrap(), fs::read(&two).unwrap());
        fs::write(&one, &second).unwrap();
        assert!(world.get("one", Some(0..1)).await.is_err(), "another object's");
        fs::write(&one, &first[..first.len() - 1]).unwrap();
        assert!(world.get("one", None).await.is_err(), "cut");
        assert_eq!(
            world.get("one", Some(5..9)).await.unwrap(),
            lines("one")[5..9],
            "chunks before are whole"
        );
        let mut changed = first.clone();
        changed[300_000] ^= 1;
        fs::write(&one, changed).unwrap();
        assert!(world.get("one", None).await.is_err(), "changed");
        fs::write(&one, first).unwrap();
        assert_eq!(world.get("one", None).await.unwrap(), lines("one"));
    }

    /// What an older version has put is read as it is, and nothing is told of encryption.
    #[tokio::test]
    async fn files_of_older_versions_are_read() {
        let world = World::new().await;
        world.put("key", &lines("new")).await;
        let shelf = &world.objects.shelf;
        let bucket: bucket::Bucket = rows::get(shelf.store(), &keys::bucket(BUCKET)).await.unwrap().unwrap();
        let new = shelf.find(bucket.id, "key").await.unwrap().unwrap();
        assert!(new.encryption.is_some());
        let old = Object { bytes: Bytes::File(KeptFile::Open(7)), encryption: None, ..new };
        let row = rows::row(&old);
        change_row(shelf.store(), &keys::object(bucket.id, b"key"), |_| RowChange::Put(row.clone()))
            .await
            .unwrap();
        fs::create_dir_all(world.folder.path().join("bucket/00")).unwrap();
        fs::write(world.folder.path().join(format!("bucket/00/{:032x}", 7)), lines("old")).unwrap();
        assert_eq!(world.get("key", None).await.unwrap(), lines("old"));
        assert_eq!(world.get("key", Some(5..300_000)).await.unwrap(), lines("old")[5..300_000]);
    }
}
