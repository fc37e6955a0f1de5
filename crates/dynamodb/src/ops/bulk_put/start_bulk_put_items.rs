//! StartBulkPutItems: orders puts of what objects of a bucket have into a table. Everything about the buckets is found
//! out behind the answer, but under which keys of KMS the objects are that the client may read with.
//!
//! Order of refusals: the constraints of the model and what its documentation requires → a key that does not go with
//! the encryption → no such table → another request had the token → too many operations.

use crate::bulk_put::{
    BulkPut, InputObjects, OBJECTS_MAX, Outputs, ReportKind, Stage, Task, description, summary_key,
};
use crate::checks::table_ref::TableRef;
use crate::errors::{TOKEN_MISMATCH, codes, invalid_request, record_error, table_not_found};
use crate::input::{Compression, Format};
use crate::service::DynamoDb;
use crate::transfer::kms_keys::{self, Found};
use crate::transfer::{self, Added, Bucket, Denial, Transfer, new_id};
use engine::Table;
use model::dynamodb::{StartBulkPutItems, StartBulkPutItemsInput, StartBulkPutItemsOutput};
use model::{ApiError, Constraints, Violation};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use sha2::{Digest, Sha256};

/// The checked request.
pub struct Plan {
    table: TableRef,
    token: Option<String>,
    input: InputObjects,
    output: Outputs,
    units_per_second: Option<u64>,
    tier: String,
}

impl Operation<DynamoDb> for StartBulkPutItems {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<StartBulkPutItemsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: StartBulkPutItemsInput) -> Result<Plan, ApiError> {
        refuse(&violations(&input))?;
        let from = input.input_s3_configuration.unwrap_or_default();
        let to = input.output_s3_configuration.unwrap_or_default();
        let is_by_kms = to.s3_sse_algorithm.as_deref() == Some("KMS");
        if to.s3_sse_kms_key_id.is_some() && !is_by_kms {
            return Err(invalid_request("KMS Key Id is not supported for this encryption type"));
        }
        let kind = |name: &String| match name.as_str() {
            "ERROR" => ReportKind::Error,
            _ => ReportKind::ConditionCheckFailure,
        };
        Ok(Plan {
            table: TableRef::of(input.table_name),
            token: input.client_token,
            input: InputObjects {
                bucket: from.s3_bucket.unwrap_or_default(),
                bucket_owner: from.s3_bucket_owner,
                prefix: from.s3_key_prefix,
                format: Format::of(from.input_format.as_deref()),
                compression: Compression::of(from.input_compression_type.as_deref()),
            },
            output: Outputs {
                bucket: to.s3_bucket.unwrap_or_default(),
                bucket_owner: to.s3_bucket_owner,
                prefix: to.s3_key_prefix,
                sse_algorithm: to.s3_sse_algorithm,
                sse_kms_key_id: to.s3_sse_kms_key_id,
                kinds: to.output_type.iter().flatten().map(kind).collect(),
            },
            units_per_second: input.max_write_request_units.and_then(|units| u64::try_from(units).ok()),
            tier: input.performance_tier.unwrap_or_else(|| "STANDARD".to_owned()),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:StartBulkPutItems", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<StartBulkPutItemsOutput, ApiError> {
        let table = plan.table.find(cx).await?;
        let table = table.filter(|table| !table.settings.is_creating(cx.now_micros));
        let table = table.ok_or_else(table_not_found)?;
        let print = print_of(&plan);
        let bulk = ordered(cx, &table, plan);
        let (denial, kms_keys) = rights(cx, &bulk).await?;
        let task = Task { denial, kms_keys, stage: Stage::New };
        let added = cx.service.bulk_puts.add(&bulk, &task, Some(print)).await;
        let bulk = match added.map_err(|error| record_error(&error))? {
            Added::New => bulk,
            Added::Known(bulk) => *bulk,
            Added::Conflict => {
                return Err(ApiError::new(codes::IDEMPOTENT_PARAMETER_MISMATCH, TOKEN_MISMATCH));
            }
            Added::Full => {
                let most = BulkPut::RUNNING_MAX;
                let text =
                    format!("There are {most} bulk operations in progress, which is the most at a time");
                return Err(ApiError::new(codes::LIMIT_EXCEEDED, text));
            }
        };
        Ok(StartBulkPutItemsOutput { bulk_operation_description: Some(description(&bulk, None)) })
    }
}

/// Those of the model; the bucket of the output and one type of it are required by its documentation only.
fn violations(input: &StartBulkPutItemsInput) -> Vec<Violation> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    let Some(output) = &input.output_s3_configuration else { return violations };
    let mut require = |member: &str, is_there: bool, value: &str, constraint: &str| {
        if !is_there {
            violations.push(Violation {
                path: format!("outputS3Configuration.{member}"),
                value: Some(value.to_owned()),
                constraint: constraint.to_owned(),
            });
        }
    };
    require("s3Bucket", output.s3_bucket.is_some(), "null", "Member must not be null");
    let has_type = output.output_type.as_ref().is_none_or(|types| !types.is_empty());
    require("outputType", has_type, "'[]'", "Member must have length greater than or equal to 1");
    violations
}

/// What two requests have in common that are the same.
fn print_of(plan: &Plan) -> String {
    let Plan { input, output, units_per_second, tier, .. } = plan;
    let told = format!("{input:?}\n{output:?}\n{units_per_second:?}\n{tier:?}");
    stdx::hex::encode(&Sha256::digest(told.as_bytes()))
}

fn ordered(cx: &Cx<'_, DynamoDb>, table: &Table, plan: Plan) -> BulkPut {
    BulkPut {
        id: new_id(cx.now_micros, cx.random.next_u64()),
        account: table.scope.account.to_string(),
        region: table.scope.region.to_string(),
        table_name: table.name.clone(),
        table_uuid: table.uuid.clone(),
        client_token: plan.token.unwrap_or_else(|| cx.random.uuid()),
        input: plan.input,
        output: plan.output,
        units_per_second: plan.units_per_second,
        tier: plan.tier,
        start_micros: cx.now_micros,
        is_cancelled: false,
        end: None,
    }
}

/// What the caller may not do, if anything; and the keys of KMS that it may use: the one that reports are put under
/// where they are, then those that the objects are under.
async fn rights(cx: &Cx<'_, DynamoDb>, bulk: &BulkPut) -> Result<(Option<Denial>, Vec<String>), ApiError> {
    let denial = denial(cx, bulk);
    let Some(objects) = cx.service.objects.as_ref().filter(|_| denial.is_none()) else {
        return Ok((denial, Vec::new()));
    };
    let mut keys = Vec::new();
    if bulk.is_by_kms() {
        let reports = summary_key(bulk);
        let named = bulk.output.sse_kms_key_id.as_deref();
        match kms_keys::to_put(cx, (&bulk.output.bucket, &reports), named).await? {
            Found::Permitted(key) => keys.push(key),
            Found::Denied(denial) => return Ok((Some(Denial::OfBucket(denial)), keys)),
            Found::Missing => return Ok((Some(Denial::Of(kms_keys::missing())), keys)),
        }
    }
    let bucket = Bucket::of(objects, bulk, &bulk.input.bucket);
    let prefix = bulk.input.prefix.as_deref();
    keys.extend(kms_keys::to_read(cx, &bucket, prefix, OBJECTS_MAX).await?);
    Ok((None, keys))
}

/// What the caller may not do in the buckets, if anything.
fn denial(cx: &Cx<'_, DynamoDb>, bulk: &BulkPut) -> Option<Denial> {
    let bucket = format!("arn:aws:s3:::{}", bulk.input.bucket);
    let objects = format!("{bucket}/{}*", bulk.input.prefix.as_deref().unwrap_or_default());
    let reports = format!("arn:aws:s3:::{}/{}", bulk.output.bucket, summary_key(bulk));
    let needs = [
        Need::new("s3:ListBucket", bucket),
        Need::new("s3:GetObject", objects),
        Need::new("s3:PutObject", reports),
    ];
    transfer::denial(cx, &needs)
}
