//! PutObject: bytes under a key, in the place of those that were there. They are on disk when it answers.
//!
//! Order of refusals: the key and the headers; the bucket; the length of the body; the key of KMS; its signature and
//! checksums, when it is here; the object that is there.

use crate::access::on_object;
use crate::checksum::{Algorithm, Expected};
use crate::encryption::Wanted;
use crate::errors;
use crate::locks::User;
use crate::object::{About, check_key, quoted};
use crate::sending::{self, Incoming, about, checksums, unsupported, wanted};
use crate::service::S3;
use crate::shelf::When;
use crate::writing::Upload;
use model::ApiError;
use model::s3::{PutObject, PutObjectInput, PutObjectOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// An object that may be put.
#[derive(Debug)]
pub struct Plan {
    bucket: Option<String>,
    key: Option<String>,
    about: About,
    wanted: Wanted,
    expected: Expected,
    when: When,
}

impl Operation<S3> for PutObject {
    const KIND: Kind = Kind::Write;
    const STREAMS: bool = true;
    const VALIDATION: Validation<PutObjectInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: PutObjectInput) -> Result<Plan, ApiError> {
        check_key(input.key.as_deref().unwrap_or_default())?;
        unsupported!(input)?;
        let wanted = wanted!(input)?;
        let checksums = checksums!(input);
        let expected =
            sending::expected(input.content_md5.take(), input.checksum_algorithm.as_deref(), checksums)?;
        let when = When::of(input.if_match.take(), input.if_none_match.take())?;
        let about = about!(input);
        about.check()?;
        Ok(Plan { bucket: input.bucket, key: input.key, about, wanted, expected, when })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        on_object("s3:PutObject", &plan.bucket, &plan.key)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<PutObjectOutput, ApiError> {
        let Plan { bucket, key, about, wanted, mut expected, when } = plan;
        let bucket = cx.service.bucket(cx.caller, bucket.as_deref()).await?;
        let incoming = Incoming::of(cx, &mut expected)?;
        let (shelf, key) = (&cx.service.objects.shelf, key.unwrap_or_default());
        let lock = shelf.lock(User::Client(cx), &wanted, (&bucket, &key)).await?;
        let mut upload = Upload::begin(shelf, bucket, &key, about, &expected, lock).await?;
        incoming.write_to(upload.writing(), &mut expected).await?;
        let stored = upload.finish_when(&expected, when).await?;
        let mut output = PutObjectOutput {
            e_tag: Some(quoted(&stored.etag)),
            checksum_type: Some("FULL_OBJECT".to_owned()),
            server_side_encryption: Some(stored.encryption.name()),
            ssekms_key_id: stored.encryption.key_arn(),
            ..PutObjectOutput::default()
        };
        let (name, value) = stored.checksum;
        let algorithm = Algorithm::named(name).ok_or_else(errors::damaged)?;
        sending::show_checksum!(output, algorithm, value);
        Ok(output)
    }
}
