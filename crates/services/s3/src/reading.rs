//! The bytes of an object on their way out, in pieces. Of a range no more is read than the chunks that it lies in.

use crate::errors;
use crate::folder::{FileName, Folder};
use crate::kept_file::{DataKey, KeptFile};
use crate::locks::User;
use crate::object::{Bytes as Place, Object};
use crate::part::KeptPart;
use crate::shelf::{Named, Shelf};
use crate::writing::blocking;
use bytes::Bytes;
use model::ApiError;
use pipeline::{Leaving, Pieces, Service};
use sealing::file::Opener;
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// A piece: some chunks.
const PIECE_BYTES: u64 = 256 * 1024;
/// How often a file that is gone is looked for under the object's next name.
const TRIES_MAX: usize = 16;

/// An object that is being read. It stays whole for its reader, whatever becomes of it.
pub struct Download {
    /// The object.
    pub object: Object,
    folder: Folder,
    data_key: Option<DataKey>,
    open: Option<OpenFile>,
    /// What follows.
    segments: VecDeque<Segment>,
    left: u64,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    bucket: String,
    file: KeptFile,
    /// The bytes of the whole file.
    size_bytes: u64,
    range: Range<u64>,
}

impl Segment {
    /// `None` where the file is not there.
    async fn open(&self, folder: &Folder, data_key: Option<&DataKey>) -> Result<Option<OpenFile>, ApiError> {
        let (folder, Segment { bucket, file, size_bytes, range }) = (folder.clone(), self.clone());
        let opener = file.opener(size_bytes, data_key)?;
        let name = FileName { bucket, id: file.id() };
        blocking(move || match folder.open(&name) {
            Ok(opened) => Ok(Some(OpenFile { file: opened, opener, left: range, name })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }
}

/// A file that is open.
struct OpenFile {
    name: FileName,
    file: File,
    opener: Option<Opener>,
    /// The bytes of it that are to be read.
    left: Range<u64>,
}

impl OpenFile {
    /// The next piece. Pieces end where chunks do, so that none is opened twice.
    fn read(mut self) -> io::Result<(OpenFile, Vec<u8>)> {
        let Range { start, end } = self.left;
        let piece = start..end.min((start / PIECE_BYTES + 1) * PIECE_BYTES);
        let bytes = match &self.opener {
            None => read_at(&mut self.file, &piece)?,
            Some(opener) => {
                let mut chunks = read_at(&mut self.file, &opener.place(&piece))?;
                opener.open(&piece, &mut chunks).ok_or_else(|| self.not_as_sealed())?
            }
        };
        self.left.start = piece.end;
        Ok((self, bytes))
    }

    fn not_as_sealed(&self) -> io::Error {
        let FileName { bucket, id } = &self.name;
        io::Error::other(format!(
            "{id:032x} of bucket {bucket} does not open under its key: it was changed, or is another file"
        ))
    }
}

fn read_at(file: &mut File, range: &Range<u64>) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Download {
    /// Opens an object, or a part of it: what `choose` says of the object and its parts.
    pub(crate) async fn open<S: Service>(
        shelf: &Shelf,
        user: User<'_, S>,
        (name, bucket): &Named,
        key: &str,
        mut choose: impl FnMut(&Object, &[KeptPart]) -> Result<Range<u64>, ApiError>,
    ) -> Result<Self, ApiError> {
        let folder = shelf.folder().clone();
        for _ in 0..TRIES_MAX {
            let object = shelf.find(bucket.id, key).await?.ok_or_else(|| errors::no_such_key(key))?;
            let parts = shelf.parts_of(&object).await?;
            let range = choose(&object, &parts)?;
            let left = range.end - range.start;
            let lock = shelf.unlock(user, object.encryption.as_ref(), (name, key)).await?;
            let data_key = lock.data_key;
            let mut segments = segments(name, &object, &parts, range);
            let Some(first) = segments.pop_front() else {
                return Ok(Download { object, folder, data_key, open: None, segments, left });
            };
            // Where it is not there, the object was replaced since its row was read.
            if let Some(open) = first.open(&folder, data_key.as_ref()).await? {
                return Ok(Download { object, folder, data_key, open: Some(open), segments, left });
            }
        }
        tracing::error!("the file of an object is not there");
        Err(errors::damaged())
    }

    /// The next piece, of at most 256 KB; `None` at the end.
    ///
    /// # Errors
    /// When the files cannot be read, or are shorter than they were.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let file = match self.open.take() {
            Some(open) => open,
            None => match self.segments.pop_front() {
                None => return Ok(None),
                Some(segment) => {
                    let opened = segment.open(&self.folder, self.data_key.as_ref()).await?;
                    opened.ok_or_else(errors::damaged)?
                }
            },
        };
        let (file, piece) = blocking(move || file.read()).await?;
        self.open = Some(file).filter(|file| !file.left.is_empty());
        self.left -= piece.len() as u64;
        Ok(Some(piece.into()))
    }

    /// The rest as the body of an answer.
    pub(crate) fn into_body(mut self) -> Leaving {
        let length = self.left;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let piece = match self.next().await {
                    Ok(None) => return,
                    Ok(Some(piece)) => Ok(piece),
                    Err(_) => Err(io::Error::other("the object cannot be read")),
                };
                let is_last = piece.is_err();
                if sender.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        Leaving { length, pieces: Box::new(Received(receiver)) }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("left", &self.left).finish_non_exhaustive()
    }
}

/// Where a range of an object lies.
fn segments(bucket: &str, object: &Object, parts: &[KeptPart], range: Range<u64>) -> VecDeque<Segment> {
    let segment = |file: &KeptFile, size_bytes, range: Range<u64>| {
        let (bucket, file) = (bucket.to_owned(), file.clone());
        (!range.is_empty()).then_some(Segment { bucket, file, size_bytes, range })
    };
    if let Place::File(file) = &object.bytes {
        return segment(file, object.size_bytes, range).into_iter().collect();
    }
    let mut from = 0;
    let segments = parts.iter().filter_map(|part| {
        let (start, end) = (from, from + part.size_bytes);
        from = end;
        let range = range.start.clamp(start, end) - start..range.end.clamp(start, end) - start;
        segment(&part.file, part.size_bytes, range)
    });
    segments.collect()
}

/// Pieces that a task reads, one ahead of the client.
struct Received(mpsc::Receiver<io::Result<Bytes>>);

impl Pieces for Received {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.0.poll_recv(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::About;

    #[test]
    fn a_range_over_parts() {
        let part = |file, size_bytes| KeptPart {
            number: 0,
            file: KeptFile::Open(file),
            size_bytes,
            etag: String::new(),
            checksum: String::new(),
            modified_millis: 0,
        };
        let parts = [part(1, 10), part(2, 10), part(3, 5)];
        let object = Object {
            bytes: Place::Parts(9),
            size_bytes: 25,
            etag: String::new(),
            modified_millis: 0,
            checksum: None,
            encryption: None,
            about: About::default(),
        };
        let seen = |range| {
            let found = segments("b", &object, &parts, range).into_iter();
            found.map(|segment| (segment.file.id(), segment.range)).collect::<Vec<_>>()
        };
        assert_eq!(seen(0..25), [(1, 0..10), (2, 0..10), (3, 0..5)]);
        assert_eq!(seen(9..21), [(1, 9..10), (2, 0..10), (3, 0..1)]);
        assert_eq!(seen(10..20), [(2, 0..10)]);
        assert!(seen(5..5).is_empty());
    }
}
