//! CreateMultipartUpload: an object that is to come in parts.
//!
//! Order of refusals: the key and the headers; the checksum; the bucket; the key of KMS.

use crate::access::on_object;
use crate::checksum::{Algorithm, Covers};
use crate::encryption::Wanted;
use crate::errors;
use crate::locks::User;
use crate::object::{About, check_key};
use crate::sending::{self, about, unsupported, wanted};
use crate::service::S3;
use crate::upload::{Place, Upload, UploadId};
use model::ApiError;
use model::s3::{CreateMultipartUpload, CreateMultipartUploadInput, CreateMultipartUploadOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// An upload that may begin.
#[derive(Debug)]
pub struct Plan {
    bucket: Option<String>,
    key: Option<String>,
    upload: Upload,
    wanted: Wanted,
    /// Whether the client has chosen the checksum.
    is_chosen: bool,
}

impl Operation<S3> for CreateMultipartUpload {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<CreateMultipartUploadInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: CreateMultipartUploadInput) -> Result<Plan, ApiError> {
        check_key(input.key.as_deref().unwrap_or_default())?;
        unsupported!(input)?;
        let wanted = wanted!(input)?;
        let named = input.checksum_algorithm.as_deref().map(sending::algorithm).transpose()?;
        let algorithm = named.unwrap_or(Algorithm::Crc64nvme);
        let covers = covers(algorithm, input.checksum_type.as_deref())?;
        let about = about!(input).without_chunks();
        about.check()?;
        let upload = Upload { about, algorithm, covers, encryption: None, revision: 0 };
        Ok(Plan { bucket: input.bucket, key: input.key, upload, wanted, is_chosen: named.is_some() })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        on_object("s3:PutObject", &plan.bucket, &plan.key)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<CreateMultipartUploadOutput, ApiError> {
        let Plan { bucket, key, mut upload, wanted, is_chosen } = plan;
        let bucket = cx.service.bucket(cx.caller, bucket.as_deref()).await?;
        let (shelf, key) = (&cx.service.objects.shelf, key.unwrap_or_default());
        let id = UploadId { begun_millis: shelf.now_millis(), id: shelf.draw_id() };
        let algorithm = is_chosen.then(|| upload.algorithm.name().to_owned());
        let covers = is_chosen.then(|| upload.covers.name().to_owned());
        let lock = shelf.lock(User::Client(cx), &wanted, (&bucket, &key)).await?;
        upload.encryption = lock.data_key.is_some().then(|| lock.encryption.clone());
        shelf.begin_upload(Place { bucket: &bucket, key: &key, id }, upload).await?;
        Ok(CreateMultipartUploadOutput {
            bucket: Some(bucket.0),
            key: Some(key),
            upload_id: Some(id.to_string()),
            server_side_encryption: Some(lock.encryption.name()),
            ssekms_key_id: lock.encryption.key_arn(),
            checksum_algorithm: algorithm,
            checksum_type: covers,
            ..CreateMultipartUploadOutput::default()
        })
    }
}

/// What the checksum of the object will be of.
fn covers(algorithm: Algorithm, asked: Option<&str>) -> Result<Covers, ApiError> {
    let is_sha = matches!(algorithm, Algorithm::Sha1 | Algorithm::Sha256);
    let is_newest = algorithm == Algorithm::Crc64nvme;
    match asked {
        None if is_newest => Ok(Covers::FullObject),
        None => Ok(Covers::Composite),
        Some("FULL_OBJECT") if !is_sha => Ok(Covers::FullObject),
        Some("COMPOSITE") if !is_newest => Ok(Covers::Composite),
        Some(other) => Err(errors::invalid_request(format!(
            "The {other} checksum type cannot be used with the {} checksum algorithm.",
            algorithm.name().to_ascii_lowercase()
        ))),
    }
}
