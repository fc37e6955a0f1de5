//! Where the package of a function comes from: the request itself, or an object of S3 that its caller may read.

use crate::errors;
use crate::package::ZIPPED_BYTES_MAX;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::FunctionCode;
use pipeline::Cx;

/// A package that a request names.
#[derive(Debug)]
pub enum CodeSource {
    /// It is in the request.
    Zip(Vec<u8>),
    /// It is an object of S3.
    Object(CodeObject),
}

/// The object that is a package.
#[derive(Debug)]
pub struct CodeObject {
    bucket: String,
    key: String,
    version: Option<String>,
}

impl CodeSource {
    /// What a request says of the code.
    pub(crate) fn of(code: FunctionCode) -> Result<Self, ApiError> {
        if code.image_uri.is_some() {
            return Err(errors::not_offered("functions from container images"));
        }
        let FunctionCode { zip_file, s3_bucket, s3_key, s3_object_version: version, .. } = code;
        match (zip_file, s3_bucket, s3_key) {
            (Some(zip), None, None) => Ok(CodeSource::Zip(zip.0)),
            (Some(_), ..) => Err(errors::two_sources_of_code()),
            (None, Some(bucket), Some(key)) => Ok(CodeSource::Object(CodeObject { bucket, key, version })),
            (None, ..) => Err(errors::no_code()),
        }
    }

    /// The bytes. Nothing of them is checked but their number.
    pub(crate) async fn read(self, cx: &Cx<'_, Lambda>) -> Result<Vec<u8>, ApiError> {
        match self {
            CodeSource::Zip(bytes) => Ok(bytes),
            CodeSource::Object(object) => object.read(cx).await,
        }
    }
}

impl CodeObject {
    async fn read(&self, cx: &Cx<'_, Lambda>) -> Result<Vec<u8>, ApiError> {
        let CodeObject { bucket, key, version } = self;
        let unreadable = |error| errors::code_unreadable(bucket, key, error);
        s3::check_version(version.as_deref()).map_err(unreadable)?;
        let mut download = cx.service.objects.get_for_client(cx, bucket, key).await.map_err(unreadable)?;
        if download.object.size_bytes >= ZIPPED_BYTES_MAX as u64 {
            return Err(errors::zipped_too_large());
        }
        let mut bytes = Vec::with_capacity(download.object.size_bytes as usize);
        while let Some(piece) = download.next().await.map_err(unreadable)? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}
