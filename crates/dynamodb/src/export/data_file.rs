//! Objects of an export on their way into the bucket: manifests at once, files of lines compressed piece by piece, away
//! from the threads that serve requests.

use super::document::Export;
use crate::transfer::Trouble;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::ApiError;
use pipeline::Caller;
use s3::{About, Objects, Stored, Upload};
use std::io::{self, Write};

/// The service that puts objects, which may do so in every bucket of the account: its client was asked before.
const PUTS: &str = "dynamodb";

/// Puts an object that is in memory.
pub(super) async fn put(
    objects: &Objects,
    export: &Export,
    key: &str,
    content_type: &str,
    bytes: &[u8],
) -> Result<Stored, Trouble> {
    let mut upload = begin(objects, export, key, content_type).await?;
    upload.write(bytes).await?;
    Ok(upload.finish().await?)
}

async fn begin(
    objects: &Objects,
    export: &Export,
    key: &str,
    content_type: &str,
) -> Result<Upload, ApiError> {
    let by = Caller::of_service(PUTS, &export.table.account, &export.table.region);
    let about = About { content_type: Some(content_type.to_owned()), ..About::default() };
    objects.put(&by, &export.bucket, key, about).await
}

/// A file that is being written.
pub(super) struct DataFile {
    upload: Upload,
    encoder: GzEncoder<Vec<u8>>,
}

impl DataFile {
    /// Begins one.
    pub(super) async fn begin(objects: &Objects, export: &Export, key: &str) -> Result<DataFile, Trouble> {
        let upload = begin(objects, export, key, "application/octet-stream").await?;
        Ok(DataFile { upload, encoder: GzEncoder::new(Vec::new(), Compression::fast()) })
    }

    /// Appends lines.
    pub(super) async fn write(self, lines: Vec<u8>) -> Result<DataFile, Trouble> {
        let DataFile { mut upload, mut encoder } = self;
        let (encoder, compressed) = blocking(move || {
            encoder.write_all(&lines)?;
            let compressed = std::mem::take(encoder.get_mut());
            Ok((encoder, compressed))
        })
        .await?;
        upload.write(&compressed).await?;
        Ok(DataFile { upload, encoder })
    }

    /// Has it in the bucket.
    pub(super) async fn finish(self) -> Result<Stored, Trouble> {
        let DataFile { mut upload, encoder } = self;
        let compressed = blocking(move || encoder.finish()).await?;
        upload.write(&compressed).await?;
        Ok(upload.finish().await?)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Trouble> {
    let failed =
        |error: &dyn std::fmt::Display| Trouble::Failed(format!("lines were not compressed: {error}"));
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))?;
    done.map_err(|error| failed(&error))
}
