//! CompleteMultipartUpload: the object of the parts that are named. Nothing is copied. Who asks again for what was done
//! gets the same answer.
//!
//! Order of refusals: the list of parts; the bucket; the upload; each part; the size and the checksum of the object;
//! the object that is there.

use crate::access::on_object;
use crate::checksum::{self, Algorithm};
use crate::encryption::Encryption;
use crate::errors;
use crate::object::{Bytes, Object, quoted};
use crate::part::{self, BYTES_MIN, KeptPart};
use crate::sending::{self, checksums};
use crate::service::S3;
use crate::shelf::When;
use crate::upload::{Place, Upload, UploadId};
use md5::{Digest, Md5};
use model::ApiError;
use model::s3::{
    CompleteMultipartUpload, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// An upload that may end.
#[derive(Debug)]
pub struct Plan {
    bucket: Option<String>,
    key: Option<String>,
    id: UploadId,
    parts: Vec<CompletedPart>,
    size_bytes: Option<i64>,
    checksum: Option<(Algorithm, String)>,
    when: When,
}

impl Operation<S3> for CompleteMultipartUpload {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<CompleteMultipartUploadInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: CompleteMultipartUploadInput) -> Result<Plan, ApiError> {
        let parts = input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default();
        if parts.is_empty() {
            return Err(errors::invalid_request("You must specify at least one part"));
        }
        let text = input.upload_id.as_deref().unwrap_or_default();
        let numbers = || parts.iter().map(|part| part.part_number.unwrap_or_default());
        if numbers().zip(numbers().skip(1)).any(|(one, next)| one >= next) {
            return Err(errors::invalid_part_order(text));
        }
        let id = UploadId::parse(text)?;
        let mut given =
            checksums!(input).into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
        let checksum = given.next();
        let when = When::of(input.if_match.take(), input.if_none_match.take())?;
        let size_bytes = input.mpu_object_size;
        Ok(Plan { bucket: input.bucket, key: input.key, id, parts, size_bytes, checksum, when })
    }

    fn access<'a>(_: &'a Cx<'_, S3>, plan: &'a Plan) -> Access<'a> {
        on_object("s3:PutObject", &plan.bucket, &plan.key)
    }

    async fn run(cx: &Cx<'_, S3>, plan: Plan) -> Result<CompleteMultipartUploadOutput, ApiError> {
        let bucket = cx.service.bucket(cx.caller, plan.bucket.as_deref()).await?;
        let (shelf, key) = (&cx.service.objects.shelf, plan.key.clone().unwrap_or_default());
        let place = Place { bucket: &bucket, key: &key, id: plan.id };
        let upload = match shelf.upload(place).await {
            Ok(upload) => upload,
            Err(missing) => {
                let object = shelf.completed(place).await?.ok_or(missing)?;
                return Ok(shown(cx.host.name(), &bucket.0, &key, &object));
            }
        };
        let kept = part::all(shelf.store(), plan.id.id).await?;
        let (chosen, others) = choose(&plan, &upload, kept)?;
        let object = assembled(&plan, &upload, &chosen, shelf.now_millis())?;
        shelf.complete(place, upload.revision, &others, object.clone(), &plan.when).await?;
        Ok(shown(cx.host.name(), &bucket.0, &key, &object))
    }
}

/// The parts that are named, and the others.
fn choose(
    plan: &Plan,
    upload: &Upload,
    kept: Vec<KeptPart>,
) -> Result<(Vec<KeptPart>, Vec<KeptPart>), ApiError> {
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    let mut named = plan.parts.iter().peekable();
    for part in kept {
        match named.next_if(|named| named.part_number == Some(i64::from(part.number))) {
            Some(named) if is_meant(named, upload, &part) => chosen.push(part),
            Some(named) => return Err(invalid(plan, named)),
            None => others.push(part),
        }
    }
    if let Some(named) = named.next() {
        return Err(invalid(plan, named));
    }
    let small = chosen.iter().rev().skip(1).find(|part| part.size_bytes < BYTES_MIN);
    match small {
        Some(part) => Err(errors::too_small(part.size_bytes, BYTES_MIN, part.number, &part.etag)),
        None => Ok((chosen, others)),
    }
}

fn is_meant(named: &CompletedPart, upload: &Upload, part: &KeptPart) -> bool {
    let mut named = named.clone();
    let etag = named.e_tag.take().unwrap_or_default();
    let is_same = |(algorithm, value): (Algorithm, Option<String>)| {
        value.is_none_or(|value| algorithm == upload.algorithm && value == part.checksum)
    };
    etag.trim_matches('"') == part.etag && checksums!(named).into_iter().all(is_same)
}

fn invalid(plan: &Plan, named: &CompletedPart) -> ApiError {
    let etag = named.e_tag.as_deref().unwrap_or_default().trim_matches('"');
    errors::invalid_part(&plan.id.to_string(), named.part_number.unwrap_or_default(), etag)
}

/// The object of some parts.
fn assembled(
    plan: &Plan,
    upload: &Upload,
    parts: &[KeptPart],
    modified_millis: u64,
) -> Result<Object, ApiError> {
    let size_bytes = parts.iter().map(|part| part.size_bytes).sum();
    if plan.size_bytes.is_some_and(|size| u64::try_from(size) != Ok(size_bytes)) {
        return Err(errors::invalid_request(
            "The provided 'x-amz-mp-object-size' header does not match what was computed.",
        ));
    }
    let values = parts.iter().map(|part| (part.checksum.as_str(), part.size_bytes));
    let checksum = checksum::of_parts(upload.algorithm, upload.covers, values);
    if let (Some((algorithm, value)), Some(computed)) = (&plan.checksum, &checksum)
        && (*algorithm != computed.algorithm || *value != computed.value)
    {
        return Err(errors::bad_checksum(algorithm.name()));
    }
    let mut md5 = Md5::new();
    parts.iter().filter_map(|part| stdx::hex::decode(&part.etag)).for_each(|digest| md5.update(digest));
    Ok(Object {
        bytes: Bytes::Parts(plan.id.id),
        size_bytes,
        etag: format!("{}-{}", stdx::hex::encode(&md5.finalize()), parts.len()),
        modified_millis,
        checksum,
        encryption: Encryption::of_parts(upload.encryption.as_ref(), parts),
        about: upload.about.clone(),
    })
}

fn shown(host: &str, bucket: &str, key: &str, object: &Object) -> CompleteMultipartUploadOutput {
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("http://{host}/{bucket}/{key}")),
        bucket: Some(bucket.to_owned()),
        key: Some(key.to_owned()),
        e_tag: Some(quoted(&object.etag)),
        server_side_encryption: object.encryption.as_ref().map(Encryption::name),
        ssekms_key_id: object.encryption.as_ref().and_then(Encryption::key_arn),
        ..CompleteMultipartUploadOutput::default()
    };
    if let Some(checksum) = &object.checksum {
        sending::show_checksum!(output, checksum.algorithm, checksum.value.clone());
        output.checksum_type = Some(checksum.covers.name().to_owned());
    }
    output
}
