//! CreateTable.
//!
//! Order of refusals: the name alone → members together → the class → what this server has not built → rules
//! between members ([`table_definition`], [`auto_scaling`], [`encryption`]) → tags → the policy → a region of a peer →
//! the key of KMS → the table exists → quotas: of a table ([`capacity_quota`]), of the account, the number of tables.

use crate::auto_scaling;
use crate::checks::table_ref::TableRef;
use crate::checks::{
    capacity_quota, control_table_name, deleted_table, encryption, not_built, resource_policy,
    settings_replication, table_class, table_definition, tags,
};
use crate::describe::{self, Moment};
use crate::errors::{codes, resource_in_use, too_many_tables};
use crate::peering;
use crate::service::{DynamoDb, scope_of};
use crate::table_settings;
use engine::{CreateError, NewTable, TableStatistics};
use model::dynamodb::{self as shapes, CreateTable, CreateTableInput, CreateTableOutput};
use model::{ApiError, Constraints, Violation};
use pipeline::access::Tags;
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for CreateTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateTableInput> = Validation::Own;
    type Plan = CreateTableInput;

    fn check(mut input: CreateTableInput) -> Result<CreateTableInput, ApiError> {
        refuse(&control_table_name::name_violations(input.table_name.as_deref())?)?;
        refuse(&members(&input))?;
        table_class::check(input.table_class.as_deref())?;
        not_built(&input)?;
        table_definition::check(&input)?;
        auto_scaling::check(&input)?;
        settings_replication::check(input.global_table_settings_replication_mode.as_deref())?;
        encryption::check(input.sse_specification.as_ref())?;
        tags::of_new_table(input.tags.as_deref())?;
        if let Some(text) = &mut input.resource_policy {
            *text = resource_policy::document(text)?;
        }
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &CreateTableInput) -> Access<'static> {
        let table = TableRef::of(input.table_name.clone());
        let tags = || Tags::set(tags::of_new_table(input.tags.as_deref()).unwrap_or_default());
        let mut access = crate::access::table_with(cx, "dynamodb:CreateTable", &table, tags());
        if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
            let tagging = crate::access::table_with(cx, "dynamodb:TagResource", &table, tags());
            access.needs.extend(tagging.needs);
        }
        if input.resource_policy.is_some() {
            let putting = crate::access::table(cx, "dynamodb:PutResourcePolicy", &table);
            access.needs.extend(putting.needs);
        }
        if input.auto_scaling_settings.is_some() {
            for action in
                ["application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScalingPolicy"]
            {
                access.needs.extend(crate::access::everything(action).needs);
            }
        }
        access
    }

    async fn run(cx: &Cx<'_, DynamoDb>, input: CreateTableInput) -> Result<CreateTableOutput, ApiError> {
        peering::check_hosted(cx)?;
        let scope = scope_of(cx.caller);
        let key = crate::encryption::key_of(cx, input.sse_specification.as_ref(), &scope).await?;
        not_in_use(cx, &input).await?;
        capacity_quota::of_new_table(&input, &cx.caller.region)?;
        let scaling = auto_scaling::wanted(&input);
        let mut new = new_table(cx, input);
        let name = new.name.clone();
        if let Some(key) = key {
            new.settings.sse = Some(table_settings::sse(&key));
            let begun = crate::encryption::begun(cx, (&scope, &name), &key, None);
            new.settings.sealing = Some(begun.await?);
        }
        let sealing = new.settings.sealing.clone();
        let has_policy = !new.settings.resource_policies.is_empty();
        let table = match cx.service.engine.create_table(new).await {
            Ok(table) => table,
            Err(error) => {
                // Where the store has failed, the table may be there.
                let left = sealing.filter(|_| !matches!(error, CreateError::Store(_)));
                crate::encryption::retire(cx, &scope, left.as_ref()).await;
                return Err(refusal(error, &name));
            }
        };
        if has_policy {
            cx.service.policies.note_one(cx.service.engine.now_micros());
        }
        if let Some(scaling) = scaling {
            auto_scaling::register(cx, &scaling).await?;
        }
        let moment = Moment::of_answer(cx.now_micros);
        let description = describe::table(&table, &TableStatistics::empty(&table), moment);
        Ok(CreateTableOutput { table_description: Some(description) })
    }
}

/// Order in which DynamoDB reports the members; what is not here comes behind in the model's order.
const MEMBER_ORDER: [&str; 6] = [
    "billingMode",
    "provisionedThroughput",
    "keySchema",
    "attributeDefinitions",
    "globalSecondaryIndexes",
    "localSecondaryIndexes",
];

/// The name comes before all other members, the class of the table behind them in words of its own.
const REFUSED_ELSEWHERE: [&str; 2] = ["tableName", "tableClass"];

/// The model's constraints without those that are refused elsewhere, and with those it no longer states: a key schema
/// and definitions must be there, and a table and a local index have at most two key attributes.
fn members(input: &CreateTableInput) -> Vec<Violation> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    violations.retain(|violation| {
        !REFUSED_ELSEWHERE.contains(&violation.path.as_str()) && !violation.path.starts_with("tags.")
    });
    let mut broken = |path: &str, value: &str, constraint: &str| {
        violations.push(Violation {
            path: path.to_owned(),
            value: Some(value.to_owned()),
            constraint: constraint.to_owned(),
        });
    };
    if input.key_schema.is_none() {
        broken("keySchema", "null", "Member must not be null");
    }
    let local = input.local_secondary_indexes.iter().flatten().enumerate();
    let local = local.map(|(at, index)| {
        (format!("localSecondaryIndexes.{}.member.keySchema", at + 1), index.key_schema.as_ref())
    });
    for (path, keys) in std::iter::once(("keySchema".to_owned(), input.key_schema.as_ref())).chain(local) {
        if let Some(keys) = keys.filter(|keys| keys.len() > 2) {
            broken(
                &path,
                &format!("'{}'", java_key_schema(keys)),
                "Member must have length less than or equal to 2",
            );
        }
    }
    if input.attribute_definitions.is_none() {
        broken("attributeDefinitions", "null", "Member must not be null");
    }
    let rank = |violation: &Violation| {
        let member = violation.path.split('.').next().unwrap_or_default();
        MEMBER_ORDER.iter().position(|known| *known == member).unwrap_or(MEMBER_ORDER.len())
    };
    violations.sort_by_key(rank);
    violations
}

fn java_key_schema(keys: &[shapes::KeySchemaElement]) -> String {
    let elements = keys.iter().map(|key| {
        let (name, kind) = (key.attribute_name.as_deref(), key.key_type.as_deref());
        format!(
            "KeySchemaElement(attributeName={}, keyType={})",
            name.unwrap_or_default(),
            kind.unwrap_or_default()
        )
    });
    format!("[{}]", elements.collect::<Vec<_>>().join(", "))
}

/// What this server has not built.
fn not_built(input: &CreateTableInput) -> Result<(), ApiError> {
    not_built::check(&[
        ("VectorIndexes", input.vector_indexes.is_some()),
        ("GlobalTableSourceArn", input.global_table_source_arn.is_some()),
    ])
}

/// A table that is being created has words of its own; one that is being deleted still has its name.
async fn not_in_use(cx: &Cx<'_, DynamoDb>, input: &CreateTableInput) -> Result<(), ApiError> {
    let table = TableRef::of(input.table_name.clone());
    let name = table.name();
    match table.look_up(cx) {
        Some(table) if table.settings.is_being_filled() => {
            Err(resource_in_use(format_args!("Table is being used: {name}")))
        }
        Some(table) if table.settings.is_creating(cx.now_micros) => {
            Err(resource_in_use(format_args!("Table is being created: {name}")))
        }
        Some(_) => Err(exists(name)),
        None if deleted_table::find(cx, &table).await?.is_some() => Err(exists(name)),
        None => Ok(()),
    }
}

fn exists(name: &str) -> ApiError {
    ApiError::new(codes::RESOURCE_IN_USE, format!("Table already exists: {name}"))
}

fn refusal(error: CreateError, name: &str) -> ApiError {
    match error {
        CreateError::Exists => exists(name),
        CreateError::TooManyTables => too_many_tables(),
        CreateError::NoRoom(no_room) => capacity_quota::no_room(&no_room),
        CreateError::Store(error) => crate::errors::store_error(&error),
    }
}

fn new_table(cx: &Cx<'_, DynamoDb>, input: CreateTableInput) -> NewTable {
    let definitions = table_settings::definitions(input.attribute_definitions.as_deref().unwrap_or_default());
    NewTable {
        scope: scope_of(cx.caller),
        key: table_settings::key_schema(input.key_schema.as_deref().unwrap_or_default(), &definitions),
        indexes: table_settings::indexes(&input, &definitions),
        attribute_definitions: definitions,
        settings: table_settings::settings(
            &input,
            cx.now_micros,
            cx.service.shows_until_micros(cx.now_micros),
        ),
        name: input.table_name.unwrap_or_default(),
    }
}
