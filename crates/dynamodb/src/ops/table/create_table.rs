//! CreateTable.
//!
//! Order of refusals: the name alone → members together → what this server has not built → rules between
//! members ([`table_definition`], [`encryption`]) → tags → the key of KMS → the table exists → quota.

use crate::checks::{control_table_name, encryption, table_definition};
use crate::describe::{self, Status};
use crate::errors::codes;
use crate::service::{DynamoDb, scope_of};
use engine::table::{
    BillingMode, Index, IndexKind, IndexStatus, KeyAttribute, KeySchema, KeyType, OnDemandThroughput,
    Projected, ProvisionedThroughput, Settings, Sse, StreamSpecification, StreamView, TableClass,
    WarmThroughput,
};
use engine::{CreateError, NewTable, TableStatistics};
use model::dynamodb::{self as shapes, CreateTable, CreateTableInput, CreateTableOutput};
use model::{ApiError, Constraints, Violation};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeSet;
use stdx::limits::TAGS_PER_RESOURCE_MAX;

impl Operation<DynamoDb> for CreateTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateTableInput> = Validation::Own;
    type Plan = CreateTableInput;

    fn check(input: CreateTableInput) -> Result<CreateTableInput, ApiError> {
        refuse(&control_table_name::new_name(input.table_name.as_deref())?)?;
        refuse(&members(&input))?;
        not_built(&input)?;
        table_definition::check(&input)?;
        encryption::check(input.sse_specification.as_ref())?;
        tags(&input)?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &CreateTableInput) -> Access {
        crate::access::table(cx, "dynamodb:CreateTable", input.table_name.as_deref())
    }

    async fn run(cx: &Cx<'_, DynamoDb>, input: CreateTableInput) -> Result<CreateTableOutput, ApiError> {
        encryption::find_key(input.sse_specification.as_ref(), &scope_of(cx.caller), || cx.random.uuid())?;
        let new = new_table(cx, input);
        let name = new.name.clone();
        let table = cx.service.engine.create_table(new).await.map_err(|error| refusal(error, &name))?;
        let description = describe::table(&table, &TableStatistics::empty(&table), Status::Creating);
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

/// The model's constraints without the name's, and those it no longer states: a key schema and definitions must
/// be there, and a table and a local index have at most two key attributes.
fn members(input: &CreateTableInput) -> Vec<Violation> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    violations.retain(|violation| violation.path != "tableName");
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

/// Members that would change what the table does and are not built: refused rather than ignored.
fn not_built(input: &CreateTableInput) -> Result<(), ApiError> {
    let members = [
        ("VectorIndexes", input.vector_indexes.is_some()),
        ("ResourcePolicy", input.resource_policy.is_some()),
        ("GlobalTableSourceArn", input.global_table_source_arn.is_some()),
    ];
    match members.iter().find(|(_, given)| *given) {
        Some((member, _)) => Err(ApiError::validation(format!(
            "{member} is not supported by this version of Stator; leave it out"
        ))),
        None => Ok(()),
    }
}

fn tags(input: &CreateTableInput) -> Result<(), ApiError> {
    let tags = input.tags.as_deref().unwrap_or_default();
    if tags.len() > TAGS_PER_RESOURCE_MAX {
        return Err(ApiError::validation("Too many tags: a resource can have at most 50 tags"));
    }
    let distinct: BTreeSet<_> = tags.iter().map(|tag| &tag.key).collect();
    if distinct.len() < tags.len() {
        return Err(ApiError::validation("One or more parameter values were invalid: Duplicate tag keys"));
    }
    let is_reserved = |tag: &shapes::Tag| tag.key.as_deref().is_some_and(|key| key.starts_with("aws:"));
    if tags.iter().any(is_reserved) {
        return Err(ApiError::validation(
            "One or more parameter values were invalid: Tag keys must not begin with aws:",
        ));
    }
    Ok(())
}

fn refusal(error: CreateError, name: &str) -> ApiError {
    match error {
        CreateError::Exists => ApiError::new(codes::RESOURCE_IN_USE, format!("Table already exists: {name}")),
        CreateError::TooManyTables => ApiError::new(
            codes::LIMIT_EXCEEDED,
            "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
        ),
        CreateError::Store(error) => crate::errors::store_error(&error),
    }
}

fn new_table(cx: &Cx<'_, DynamoDb>, input: CreateTableInput) -> NewTable {
    let definitions = definitions(input.attribute_definitions.as_deref().unwrap_or_default());
    let key = key_schema(input.key_schema.as_deref().unwrap_or_default(), &definitions);
    let local = input.local_secondary_indexes.iter().flatten().map(|index| local_index(index, &definitions));
    let global =
        input.global_secondary_indexes.iter().flatten().map(|index| global_index(index, &definitions));
    NewTable {
        scope: scope_of(cx.caller),
        name: input.table_name.clone().unwrap_or_default(),
        key,
        indexes: local.chain(global).collect(),
        attribute_definitions: definitions,
        settings: settings(cx, &input),
    }
}

fn definitions(definitions: &[shapes::AttributeDefinition]) -> Vec<KeyAttribute> {
    let attribute = |definition: &shapes::AttributeDefinition| KeyAttribute {
        name: definition.attribute_name.clone().unwrap_or_default(),
        ty: definition.attribute_type.as_deref().and_then(KeyType::from_tag).unwrap_or(KeyType::S),
    };
    definitions.iter().map(attribute).collect()
}

/// The checks have made sure that every key attribute is defined.
fn key_schema(elements: &[shapes::KeySchemaElement], definitions: &[KeyAttribute]) -> KeySchema {
    let mut schema = KeySchema::default();
    for element in elements {
        let name = element.attribute_name.as_deref().unwrap_or_default();
        let Some(attribute) = definitions.iter().find(|definition| definition.name == name) else { continue };
        match element.key_type.as_deref() {
            Some("HASH") => schema.hash.push(attribute.clone()),
            _ => schema.range.push(attribute.clone()),
        }
    }
    schema
}

fn local_index(index: &shapes::LocalSecondaryIndex, definitions: &[KeyAttribute]) -> Index {
    Index {
        number: 0,
        name: index.index_name.clone().unwrap_or_default(),
        kind: IndexKind::Local,
        key: key_schema(index.key_schema.as_deref().unwrap_or_default(), definitions),
        projected: projected(index.projection.as_ref()),
        status: IndexStatus::Active,
        throughput: ProvisionedThroughput::default(),
        on_demand: None,
        warm: None,
    }
}

fn global_index(index: &shapes::GlobalSecondaryIndex, definitions: &[KeyAttribute]) -> Index {
    Index {
        number: 0,
        name: index.index_name.clone().unwrap_or_default(),
        kind: IndexKind::Global,
        key: key_schema(index.key_schema.as_deref().unwrap_or_default(), definitions),
        projected: projected(index.projection.as_ref()),
        status: IndexStatus::Active,
        throughput: throughput(index.provisioned_throughput.as_ref()),
        on_demand: on_demand(index.on_demand_throughput.as_ref()),
        warm: warm(index.warm_throughput.as_ref()),
    }
}

fn projected(projection: Option<&shapes::Projection>) -> Projected {
    match projection.and_then(|projection| projection.projection_type.as_deref()) {
        Some("KEYS_ONLY") => Projected::KeysOnly,
        Some("INCLUDE") => Projected::Include(
            projection.and_then(|projection| projection.non_key_attributes.clone()).unwrap_or_default(),
        ),
        _ => Projected::All,
    }
}

fn settings(cx: &Cx<'_, DynamoDb>, input: &CreateTableInput) -> Settings {
    let on_demand_mode = input.billing_mode.as_deref() == Some("PAY_PER_REQUEST");
    Settings {
        billing_mode: if on_demand_mode { BillingMode::PayPerRequest } else { BillingMode::Provisioned },
        on_demand_since_micros: on_demand_mode.then_some(cx.now_micros),
        throughput: throughput(input.provisioned_throughput.as_ref()),
        on_demand: on_demand(input.on_demand_throughput.as_ref()),
        warm: warm(input.warm_throughput.as_ref()),
        table_class: input.table_class.as_deref().map(table_class),
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        stream: input
            .stream_specification
            .as_ref()
            .and_then(|stream| stream_specification(stream, cx.now_micros)),
        sse: input.sse_specification.as_ref().and_then(sse),
        tags: tag_map(input.tags.as_deref().unwrap_or_default()),
        ..Settings::default()
    }
}

fn throughput(throughput: Option<&shapes::ProvisionedThroughput>) -> ProvisionedThroughput {
    let units = |units: Option<i64>| units.and_then(|units| u64::try_from(units).ok()).unwrap_or(0);
    ProvisionedThroughput {
        read_units: units(throughput.and_then(|t| t.read_capacity_units)),
        write_units: units(throughput.and_then(|t| t.write_capacity_units)),
        ..ProvisionedThroughput::default()
    }
}

/// An object without members is the same as none.
fn on_demand(throughput: Option<&shapes::OnDemandThroughput>) -> Option<OnDemandThroughput> {
    let throughput = throughput?;
    let (max_read_units, max_write_units) =
        (throughput.max_read_request_units, throughput.max_write_request_units);
    (max_read_units.is_some() || max_write_units.is_some())
        .then_some(OnDemandThroughput { max_read_units, max_write_units })
}

fn warm(warm: Option<&shapes::WarmThroughput>) -> Option<WarmThroughput> {
    warm.map(|warm| WarmThroughput {
        read_units: warm.read_units_per_second,
        write_units: warm.write_units_per_second,
    })
}

fn table_class(class: &str) -> TableClass {
    if class == "STANDARD" { TableClass::Standard } else { TableClass::StandardInfrequentAccess }
}

fn stream_specification(
    stream: &shapes::StreamSpecification,
    now_micros: u64,
) -> Option<StreamSpecification> {
    if stream.stream_enabled != Some(true) {
        return None;
    }
    let view = match stream.stream_view_type.as_deref() {
        Some("KEYS_ONLY") => StreamView::KeysOnly,
        Some("NEW_IMAGE") => StreamView::NewImage,
        Some("OLD_IMAGE") => StreamView::OldImage,
        _ => StreamView::NewAndOldImages,
    };
    Some(StreamSpecification { enabled: true, view, label: crate::stream_label::at(now_micros) })
}

/// Remembered for the day when rows are sealed.
fn sse(specification: &shapes::SSESpecification) -> Option<Sse> {
    encryption::is_asked_for(specification).then_some(Sse { key_arn: None })
}

fn tag_map(tags: &[shapes::Tag]) -> std::collections::BTreeMap<String, String> {
    let pair =
        |tag: &shapes::Tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
    tags.iter().map(pair).collect()
}
