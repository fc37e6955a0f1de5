//! ImportTable: orders a new table with the items of objects of a bucket. The table is created behind the answer, and
//! everything about the bucket is found out there.
//!
//! Order of refusals: the constraints of the model → options that are not of the format → what is not built → the table
//! as CreateTable judges it → it is there → quotas → another request had the token → too many imports.

use crate::checks::table_ref::TableRef;
use crate::checks::{capacity_quota, deleted_table, not_built, table_definition};
use crate::errors::{codes, invalid_request, record_error};
use crate::import::{Import, LOG_GROUP, OBJECTS_MAX, Stage, Task, as_create_table, description};
use crate::input::{Compression, CsvOptions, Format};
use crate::peering;
use crate::service::{DynamoDb, scope_of};
use crate::table_settings;
use crate::transfer::{self, Added, Bucket, Denial, Failure, Transfer, new_id};
use engine::table::Provisioned;
use model::dynamodb::{
    CreateTableInput, ImportTable, ImportTableInput, ImportTableOutput, TableCreationParameters,
};
use model::{ApiError, Constraints, Violation};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use wire::Encode;

/// What a client needs for what is logged of its items.
const LOG_NEEDS: [&str; 6] = [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
];

/// The checked request.
pub struct Plan {
    table: TableRef,
    table_input: CreateTableInput,
    /// TableCreationParameters, as JSON.
    parameters: String,
    token: String,
    bucket: String,
    bucket_owner: Option<String>,
    prefix: Option<String>,
    format: Format,
    csv: Option<CsvOptions>,
    compression: Compression,
}

impl Operation<DynamoDb> for ImportTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ImportTableInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: ImportTableInput) -> Result<Plan, ApiError> {
        refuse(&violations(&input))?;
        let format = Format::of(input.input_format.as_deref());
        let csv = input.input_format_options.and_then(|options| options.csv);
        if csv.is_some() && format != Format::Csv {
            let format = input.input_format.unwrap_or_default();
            return Err(invalid_request(format_args!(
                "Unsupported InputFormatOptions for the given input format: {format}."
            )));
        }
        let parameters = input.table_creation_parameters.unwrap_or_default();
        let encoded = encoded(&parameters);
        let table_input = as_create_table(parameters);
        not_built::check(&[
            ("VectorIndexes", table_input.vector_indexes.is_some()),
            ("SSESpecification of an import", table_input.sse_specification.is_some()),
        ])?;
        table_definition::check(&table_input)?;
        let source = input.s3_bucket_source.unwrap_or_default();
        Ok(Plan {
            table: TableRef::of(table_input.table_name.clone()),
            table_input,
            parameters: encoded,
            token: input.client_token.unwrap_or_default(),
            bucket: source.s3_bucket.unwrap_or_default(),
            bucket_owner: source.s3_bucket_owner,
            prefix: source.s3_key_prefix,
            format,
            csv: csv.map(|csv| CsvOptions { delimiter: csv.delimiter, header_list: csv.header_list }),
            compression: Compression::of(input.input_compression_type.as_deref()),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        Need::new("dynamodb:ImportTable", format!("{}/import/*", plan.table.arn(cx.caller))).into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ImportTableOutput, ApiError> {
        peering::check_hosted(cx)?;
        not_there(cx, &plan.table).await?;
        has_room(cx, &plan.table_input)?;
        let import = ordered(cx, &plan);
        let denial = denial(cx, &import);
        let kms_keys = if denial.is_none() { kms_keys(cx, &import).await? } else { Vec::new() };
        let task = Task { denial, kms_keys, stage: Stage::New };
        let added = cx.service.imports.add(&import, &task, None).await;
        let import = match added.map_err(|error| record_error(&error))? {
            Added::New => import,
            Added::Known(import) => *import,
            Added::Conflict => {
                let text = "Import conflict: Duplicate request detected with conflicting parameters";
                return Err(ApiError::new(codes::IMPORT_CONFLICT, text));
            }
            Added::Full => {
                let most = Import::RUNNING_MAX;
                let text = format!("There are {most} imports in progress, which is the most at a time");
                return Err(ApiError::new(codes::LIMIT_EXCEEDED, text));
            }
        };
        Ok(ImportTableOutput { import_table_description: Some(description(&import)) })
    }
}

/// Those of the model, and the token, which clients make up where they are not given one.
fn violations(input: &ImportTableInput) -> Vec<Violation> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    if input.client_token.is_none() {
        violations.push(Violation {
            path: "clientToken".to_owned(),
            value: Some("null".to_owned()),
            constraint: "Member must not be null".to_owned(),
        });
    }
    violations
}

fn encoded(parameters: &TableCreationParameters) -> String {
    let mut json = Vec::new();
    parameters.encode(&mut json);
    String::from_utf8_lossy(&json).into_owned()
}

/// A table that is being imported does not count: the later one of two imports fails.
async fn not_there(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<(), ApiError> {
    let exists = || {
        let text = format!("Table already exists: {}", table.name());
        Err(ApiError::new(codes::RESOURCE_IN_USE, text))
    };
    match table.find(cx).await? {
        Some(found) if found.settings.restore.as_ref().is_some_and(|from| from.import.is_some()) => Ok(()),
        Some(_) => exists(),
        None if deleted_table::find(cx, table).await?.is_some() => exists(),
        None => Ok(()),
    }
}

/// The table is created later, which decides it.
fn has_room(cx: &Cx<'_, DynamoDb>, input: &CreateTableInput) -> Result<(), ApiError> {
    capacity_quota::of_new_table(input, &cx.caller.region)?;
    let definitions = table_settings::definitions(input.attribute_definitions.as_deref().unwrap_or_default());
    let settings = table_settings::settings(input, cx.now_micros, 0);
    let comes_to = Provisioned::of(&settings.throughput, &table_settings::indexes(input, &definitions));
    let has_room = cx.service.engine.has_room(&scope_of(cx.caller), comes_to);
    has_room.map_err(|no_room| capacity_quota::no_room(&no_room))
}

fn ordered(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Import {
    Import {
        id: new_id(cx.now_micros, cx.random.next_u64()),
        account: cx.caller.account.to_string(),
        region: cx.caller.region.to_string(),
        table_name: plan.table.name().to_owned(),
        table_uuid: cx.random.uuid(),
        client_token: plan.token.clone(),
        bucket: plan.bucket.clone(),
        bucket_owner: plan.bucket_owner.clone(),
        prefix: plan.prefix.clone(),
        format: plan.format,
        csv: plan.csv.clone(),
        compression: plan.compression,
        parameters: plan.parameters.clone(),
        start_micros: cx.now_micros,
        end: None,
    }
}

/// The keys of KMS that the objects are under, and that the caller may read with.
async fn kms_keys(cx: &Cx<'_, DynamoDb>, import: &Import) -> Result<Vec<String>, ApiError> {
    let Some(objects) = &cx.service.objects else { return Ok(Vec::new()) };
    let bucket = Bucket::of(objects, import, &import.bucket);
    transfer::kms_keys::to_read(cx, &bucket, import.prefix.as_deref(), OBJECTS_MAX).await
}

/// What the caller may not do in the bucket or with the log of imports, if anything.
fn denial(cx: &Cx<'_, DynamoDb>, import: &Import) -> Option<Denial> {
    let bucket = format!("arn:aws:s3:::{}", import.bucket);
    let objects = format!("{bucket}/{}*", import.prefix.as_deref().unwrap_or_default());
    let needs = [Need::new("s3:ListBucket", bucket), Need::new("s3:GetObject", objects)];
    transfer::denial(cx, &needs).or_else(|| {
        let group = format!("arn:aws:logs:{}:{}:log-group:{LOG_GROUP}:*", import.region, import.account);
        let needs = LOG_NEEDS.map(|action| Need::new(action, group.clone()));
        let message = transfer::denied(cx, &needs)?;
        Some(Denial::Of(Failure { code: "CloudWatchLogsAccessDenied".to_owned(), message }))
    })
}
