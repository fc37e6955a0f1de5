//! The service: what its operations run on.

use crate::errors;
use crate::objects::Objects;
use crate::shelf::Named;
use model::{ApiError, Code};
use pipeline::{Caller, Protocol, Service};

/// S3 over the objects of a server.
#[derive(Debug)]
pub struct S3 {
    pub(crate) objects: Objects,
}

impl S3 {
    /// The service on these objects.
    pub fn new(objects: Objects) -> Self {
        S3 { objects }
    }

    /// The bucket that a request names, which must be its caller's.
    pub(crate) async fn bucket(&self, caller: &Caller, name: Option<&str>) -> Result<Named, ApiError> {
        self.objects.bucket(caller, name.unwrap_or_default()).await
    }
}

impl Service for S3 {
    /// It has no targets; this only distinguishes its operations from those of others.
    const TARGET_PREFIX: &'static str = "AmazonS3";
    const SIGNING_NAME: &'static str = "s3";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::RestXml];
    const VERSION: &'static str = model::s3::VERSION;
    const XML_NAMESPACE: &'static str = "http://s3.amazonaws.com/doc/2006-03-01/";
    const XML_ROOTS: &'static [(&'static str, &'static str)] = &[
        ("ListBuckets", "ListAllMyBucketsResult"),
        ("GetBucketLocation", ""),
        ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
        ("DeleteObjects", "DeleteResult"),
        ("ListObjects", "ListBucketResult"),
        ("ListObjectsV2", "ListBucketResult"),
    ];
    /// A thousand keys to be deleted, or ten thousand parts. Bodies of objects come in pieces and have a limit of their
    /// own.
    const BODY_BYTES_MAX: Option<usize> = Some(8 * 1024 * 1024);
    const INTERNAL_ERROR: Code = errors::INTERNAL;
}
