//! The bytes of an object on their way to its file, which is sealed as it is written. No more than a piece of them is
//! in memory; work on files is done away from the threads that serve requests. What is dropped unfinished is gone.

use crate::checksum::{Digested, Digests, Expected};
use crate::encryption::Encryption;
use crate::errors;
use crate::folder::FileName;
use crate::garbage;
use crate::kept_file::{FileKey, KeptFile};
use crate::locks::Lock;
use crate::object::{About, Object};
use crate::shelf::{Named, Shelf, When};
use model::ApiError;
use sealing::file::Sealer;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};

/// Bytes that are written in one go.
const PIECE_BYTES: usize = 256 * 1024;

/// A file that is being written.
pub(crate) struct Writing {
    shelf: Shelf,
    name: FileName,
    file: KeptFile,
    begun_millis: u64,
    open: Option<Box<Open>>,
    buffer: Vec<u8>,
    size_bytes: u64,
    is_kept: bool,
}

struct Open {
    file: File,
    digests: Digests,
    sealer: Sealer,
    /// What is to be written next.
    sealed: Vec<u8>,
}

/// A file that is on disk.
pub(crate) struct Written {
    pub(crate) file: KeptFile,
    pub(crate) size_bytes: u64,
    pub(crate) digested: Digested,
    pub(crate) written_millis: u64,
}

impl Writing {
    /// Announces a file in a bucket and begins it.
    pub(crate) async fn begin(
        shelf: &Shelf,
        bucket: &str,
        expected: &Expected,
        lock: &Lock,
    ) -> Result<Self, ApiError> {
        let (shelf, begun_millis) = (shelf.clone(), shelf.now_millis());
        let name = shelf.announce(bucket).await?;
        let digests = Digests::new(expected.algorithm());
        let (key, kept) = sealed_file(name.id, lock);
        let (folder, named) = (shelf.folder().clone(), name.clone());
        let file = blocking(move || folder.create(&named)).await?;
        let open = Open { file, digests, sealer: key.sealer(), sealed: Vec::new() };
        let (open, buffer) = (Some(Box::new(open)), Vec::new());
        Ok(Writing { shelf, name, file: kept, begun_millis, open, buffer, size_bytes: 0, is_kept: false })
    }

    /// Appends bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        self.size_bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE_BYTES { self.flush().await } else { Ok(()) }
    }

    /// How many bytes there are.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    async fn flush(&mut self) -> Result<(), ApiError> {
        let mut open = self.open.take().ok_or_else(errors::damaged)?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let write = move || {
            open.digests.update(&buffer);
            open.sealer.seal(&buffer, &mut open.sealed);
            open.file.write_all(&open.sealed)?;
            open.sealed.clear();
            buffer.clear();
            Ok((open, buffer))
        };
        let (open, buffer) = blocking(write).await?;
        (self.open, self.buffer) = (Some(open), buffer);
        Ok(())
    }

    /// Has the file on disk. It stays, whoever refers to it. Refuses one that took so long that it may be deleted.
    pub(crate) async fn finish(mut self, expected: &Expected) -> Result<Written, ApiError> {
        self.flush().await?;
        let Open { mut file, digests, sealer, mut sealed } = *self.open.take().ok_or_else(errors::damaged)?;
        let digested = digests.finish();
        digested.check(expected)?;
        let (folder, name) = (self.shelf.folder().clone(), self.name.clone());
        let end = move || {
            sealer.finish(&mut sealed);
            file.write_all(&sealed)?;
            folder.sync(&file, &name)
        };
        blocking(end).await?;
        let written_millis = self.shelf.now_millis();
        if written_millis > self.begun_millis + garbage::WRITING_MILLIS_MAX {
            return Err(errors::timed_out());
        }
        self.is_kept = true;
        let (file, size_bytes) = (self.file.clone(), self.size_bytes);
        Ok(Written { file, size_bytes, digested, written_millis })
    }
}

/// The key of a new file, and how rows refer to it.
fn sealed_file(id: u128, lock: &Lock) -> (FileKey, KeptFile) {
    match &lock.data_key {
        Some(data_key) => (data_key.of_file(id), KeptFile::Locked { locked: id }),
        None => {
            let key = FileKey::draw();
            (key.clone(), KeptFile::Sealed { id, key })
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.is_kept {
            _ = self.shelf.folder().remove(&self.name);
        }
    }
}

/// Does what may wait for the disk.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| errors::damaged())?;
    done.map_err(|error| errors::file(&error))
}

/// An object that is being put.
pub struct Upload {
    bucket: Named,
    key: String,
    about: About,
    encryption: Encryption,
    writing: Writing,
}

/// An object that was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Without quotation marks: the MD5 in hexadecimal.
    pub etag: String,
    /// Its size.
    pub size_bytes: u64,
    /// When it was put.
    pub modified_millis: u64,
    /// The algorithm of its checksum, and its value in base64.
    pub checksum: (&'static str, String),
    /// How it is encrypted.
    pub encryption: Encryption,
}

impl Upload {
    /// Begins an object in a bucket that is there.
    pub(crate) async fn begin(
        shelf: &Shelf,
        bucket: Named,
        key: &str,
        about: About,
        expected: &Expected,
        lock: Lock,
    ) -> Result<Self, ApiError> {
        let writing = Writing::begin(shelf, &bucket.0, expected, &lock).await?;
        Ok(Upload { bucket, key: key.to_owned(), about, encryption: lock.encryption, writing })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        self.writing.write(bytes).await
    }

    pub(crate) fn writing(&mut self) -> &mut Writing {
        &mut self.writing
    }

    /// Makes the object, in the place of the one that was there.
    ///
    /// # Errors
    /// When the bucket is gone by now, or the store fails.
    pub async fn finish(self) -> Result<Stored, ApiError> {
        self.finish_when(&Expected::default(), When::Always).await
    }

    /// The same if its bytes are as expected, and the one that was there.
    pub(crate) async fn finish_when(self, expected: &Expected, when: When) -> Result<Stored, ApiError> {
        let Upload { bucket, key, about, encryption, writing } = self;
        let shelf = writing.shelf.clone();
        let written = writing.finish(expected).await?;
        let Digested { md5, checksum } = written.digested;
        let modified_millis = written.written_millis;
        let object = Object {
            bytes: crate::object::Bytes::File(written.file),
            size_bytes: written.size_bytes,
            etag: stdx::hex::encode(&md5),
            modified_millis,
            checksum: Some(checksum.clone()),
            encryption: Some(encryption.clone()),
            about: about.without_chunks(),
        };
        let stored = Stored {
            etag: object.etag.clone(),
            size_bytes: object.size_bytes,
            modified_millis,
            checksum: (checksum.algorithm.name(), checksum.value),
            encryption,
        };
        shelf.put(&bucket, &key, object, &when).await?;
        Ok(stored)
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("key", &self.key).finish_non_exhaustive()
    }
}
