//! CopyObject: the bytes of one object under another key, with its head or a new one.
//!
//! Order of refusals: the keys and the headers; the buckets; the source and its conditions; a copy onto itself; the
//! keys of KMS; the object that is there.

use crate::access::object_arn;
use crate::checksum::{Algorithm, Expected};
use crate::conditions::Conditions;
use crate::encoding::copy_source;
use crate::encryption::Wanted;
use crate::errors;
use crate::locks::User;
use crate::object::{About, Object, PUT_BYTES_MAX, check_key, quoted};
use crate::part::KeptPart;
use crate::reading::Download;
use crate::sending::{self, about, unsupported, wanted};
use crate::service::S3;
use crate::shelf::When;
use crate::writing::Upload;
use model::ApiError;
use model::s3::{CopyObject, CopyObjectInput, CopyObjectOutput, CopyObjectResult};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// A copy that may be made.
#[derive(Debug)]
pub struct Plan {
    source: (String, String),
    conditions: Conditions,
    bucket: Option<String>,
    key: String,
    /// `None` to copy what the source has.
    about: Option<About>,
    storage_class: Option<String>,
    wanted: Wanted,
    /// Whether the request says how the copy is encrypted.
    says_encryption: bool,
    algorithm: Option<Algorithm>,
    when: When,
}

impl Operation<S3> for CopyObject {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<CopyObjectInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: CopyObjectInput) -> Result<Plan, ApiError> {
        let source = copy_source(input.copy_source.as_deref().unwrap_or_default())?;
        check_key(input.key.as_deref().unwrap_or_default())?;
        unsupported!(input)?;
        let says_encryption = input.server_side_encryption.is_some();
        let wanted = wanted!(input)?;
        let named = input.checksum_algorithm.as_deref();
        let algorithm = named.map(sending::algorithm).transpose()?;
        let conditions = Conditions {
            matches: input.copy_source_if_match.take(),
            none_match: input.copy_source_if_none_match.take(),
            modified_since: input.copy_source_if_modified_since,
            unmodified_since: input.copy_source_if_unmodified_since,
        };
        let when = When::of(input.if_match.take(), input.if_none_match.take())?;
        let storage_class = input.storage_class.clone();
        let about = about!(input);
        about.check()?;
        let about = match input.metadata_directive.as_deref() {
            None | Some("COPY") => None,
            Some("REPLACE") => Some(about),
            Some(other) => {
                let text = "Unknown metadata directive.";
                return Err(errors::invalid_argument(text, "x-amz-metadata-directive", other));
            }
        };
        let (bucket, key) = (input.bucket, input.key.unwrap_or_default());
        Ok(Plan {
            source,
            conditions,
            bucket,
            key,
            about,
            storage_class,
            wanted,
            says_encryption,
            algorithm,
            when,
        })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        let bucket = plan.bucket.as_deref().unwrap_or_default();
        let from = Need::new("s3:GetObject", object_arn(&plan.source.0, &plan.source.1));
        [from, Need::new("s3:PutObject", object_arn(bucket, &plan.key))].into_iter().collect()
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<CopyObjectOutput, ApiError> {
        let shelf = &cx.service.objects.shelf;
        let bucket = cx.service.bucket(cx.caller, plan.bucket.as_deref()).await?;
        let source = cx.service.bucket(cx.caller, Some(&plan.source.0)).await?;
        let is_itself = source == bucket && plan.source.1 == plan.key;
        let changes = plan.about.is_some() || plan.storage_class.is_some() || plan.says_encryption;
        let choose = |object: &Object, _: &[KeptPart]| {
            plan.conditions.check_source(object, cx.now_micros / 1_000_000)?;
            match object.size_bytes {
                _ if is_itself && !changes => Err(errors::copy_to_itself()),
                size if size > PUT_BYTES_MAX => Err(errors::too_large(size, PUT_BYTES_MAX)),
                size => Ok(0..size),
            }
        };
        let mut download = Download::open(shelf, User::Client(cx), &source, &plan.source.1, choose).await?;
        let object = &download.object;
        let kept = object.checksum.as_ref().map(|checksum| checksum.algorithm);
        let algorithm = plan.algorithm.or(kept);
        let mut about = plan.about.unwrap_or_else(|| object.about.clone());
        about.storage_class = plan.storage_class.or(about.storage_class);
        let expected = Expected { algorithm, ..Expected::default() };
        let lock = shelf.lock(User::Client(cx), &plan.wanted, (&bucket, &plan.key)).await?;
        let mut upload = Upload::begin(shelf, bucket, &plan.key, about, &expected, lock).await?;
        while let Some(piece) = download.next().await? {
            upload.write(&piece).await?;
        }
        let stored = upload.finish_when(&expected, plan.when).await?;
        let mut result = CopyObjectResult {
            e_tag: Some(quoted(&stored.etag)),
            last_modified: Some((stored.modified_millis / 1_000) as f64),
            checksum_type: Some("FULL_OBJECT".to_owned()),
            ..CopyObjectResult::default()
        };
        let algorithm = Algorithm::named(stored.checksum.0).ok_or_else(errors::damaged)?;
        sending::show_checksum!(result, algorithm, stored.checksum.1);
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            server_side_encryption: Some(stored.encryption.name()),
            ssekms_key_id: stored.encryption.key_arn(),
            ..CopyObjectOutput::default()
        })
    }
}
