//! A file on its way into the bucket: lines are compressed piece by piece, away from the threads that serve requests.

use super::{Bucket, Trouble};
use flate2::Compression;
use flate2::write::GzEncoder;
use s3::{Stored, Upload};
use std::io::{self, Write};

/// A file that is being written.
pub struct DataFile {
    upload: Upload,
    encoder: GzEncoder<Vec<u8>>,
}

impl DataFile {
    /// Begins one.
    pub async fn begin(bucket: &Bucket<'_>, key: &str) -> Result<DataFile, Trouble> {
        let upload = bucket.begin(key, "application/octet-stream").await?;
        Ok(DataFile { upload, encoder: GzEncoder::new(Vec::new(), Compression::fast()) })
    }

    /// Appends lines.
    pub async fn write(self, lines: Vec<u8>) -> Result<DataFile, Trouble> {
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
    pub async fn finish(self) -> Result<Stored, Trouble> {
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
