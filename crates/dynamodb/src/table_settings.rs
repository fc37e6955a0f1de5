//! A table as the shapes of a request describe it, converted to the engine's settings. The reverse of
//! [`crate::describe`]. The checks have been made.

use crate::checks::settings_replication;
use engine::table::{
    BillingMode, Change, Index, IndexKind, IndexStatus, KeyAttribute, KeySchema, KeyType, OnDemandThroughput,
    Projected, ProvisionedThroughput, ResourcePolicy, Settings, Sse, StreamSpecification, StreamView,
    TableClass, Transition, WarmThroughput,
};
use model::dynamodb::{self as shapes, CreateTableInput};
use std::collections::BTreeMap;

/// The attributes that are defined, with their types.
pub fn definitions(definitions: &[shapes::AttributeDefinition]) -> Vec<KeyAttribute> {
    let attribute = |definition: &shapes::AttributeDefinition| KeyAttribute {
        name: definition.attribute_name.clone().unwrap_or_default(),
        ty: definition.attribute_type.as_deref().and_then(KeyType::from_tag).unwrap_or(KeyType::S),
    };
    definitions.iter().map(attribute).collect()
}

/// The checks have made sure that every key attribute is defined.
pub fn key_schema(elements: &[shapes::KeySchemaElement], definitions: &[KeyAttribute]) -> KeySchema {
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

/// The indexes of a new table, local ones first.
pub fn indexes(input: &CreateTableInput, definitions: &[KeyAttribute]) -> Vec<Index> {
    let local = input.local_secondary_indexes.iter().flatten().map(|index| local_index(index, definitions));
    let global =
        input.global_secondary_indexes.iter().flatten().map(|index| global_index(index, definitions));
    local.chain(global).collect()
}

/// A local secondary index.
pub fn local_index(index: &shapes::LocalSecondaryIndex, definitions: &[KeyAttribute]) -> Index {
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

/// A global secondary index.
pub fn global_index(index: &shapes::GlobalSecondaryIndex, definitions: &[KeyAttribute]) -> Index {
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

/// The projection of an index; all attributes by default.
pub fn projected(projection: Option<&shapes::Projection>) -> Projected {
    match projection.and_then(|projection| projection.projection_type.as_deref()) {
        Some("KEYS_ONLY") => Projected::KeysOnly,
        Some("INCLUDE") => Projected::Include(
            projection.and_then(|projection| projection.non_key_attributes.clone()).unwrap_or_default(),
        ),
        _ => Projected::All,
    }
}

/// The settings of a new table, which shows as being created until a time.
pub fn settings(input: &CreateTableInput, now_micros: u64, shows_until_micros: u64) -> Settings {
    let on_demand_mode = input.billing_mode.as_deref() == Some("PAY_PER_REQUEST");
    Settings {
        billing_mode: if on_demand_mode { BillingMode::PayPerRequest } else { BillingMode::Provisioned },
        on_demand_since_micros: on_demand_mode.then_some(now_micros),
        throughput: throughput(input.provisioned_throughput.as_ref()),
        on_demand: on_demand(input.on_demand_throughput.as_ref()),
        warm: warm(input.warm_throughput.as_ref()),
        table_class: input.table_class.as_deref().map(table_class),
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        replicates_settings: settings_replication::is_enabled(
            input.global_table_settings_replication_mode.as_deref(),
        ),
        stream: input
            .stream_specification
            .as_ref()
            .and_then(|stream| stream_specification(stream, now_micros)),
        tags: tag_map(input.tags.as_deref().unwrap_or_default()),
        resource_policies: input
            .resource_policy
            .iter()
            .map(|text| resource_policy(text, now_micros))
            .collect(),
        transitions: vec![Transition { change: Change::Creating, until_micros: shows_until_micros }],
        ..Settings::default()
    }
}

/// The policy that a table begins with, which has no stream's label.
fn resource_policy(document: &str, now_micros: u64) -> (String, ResourcePolicy) {
    let revision = now_micros / 1_000;
    (String::new(), ResourcePolicy { document: document.to_owned(), revision })
}

/// Provisioned units; none by default.
pub fn throughput(throughput: Option<&shapes::ProvisionedThroughput>) -> ProvisionedThroughput {
    let units = |units: Option<i64>| units.and_then(|units| u64::try_from(units).ok()).unwrap_or(0);
    ProvisionedThroughput {
        read_units: units(throughput.and_then(|t| t.read_capacity_units)),
        write_units: units(throughput.and_then(|t| t.write_capacity_units)),
        ..ProvisionedThroughput::default()
    }
}

/// An object without members is the same as none.
pub fn on_demand(throughput: Option<&shapes::OnDemandThroughput>) -> Option<OnDemandThroughput> {
    let throughput = throughput?;
    let (max_read_units, max_write_units) =
        (throughput.max_read_request_units, throughput.max_write_request_units);
    (max_read_units.is_some() || max_write_units.is_some())
        .then_some(OnDemandThroughput { max_read_units, max_write_units })
}

/// Warm throughput.
pub fn warm(warm: Option<&shapes::WarmThroughput>) -> Option<WarmThroughput> {
    warm.map(|warm| WarmThroughput {
        read_units: warm.read_units_per_second,
        write_units: warm.write_units_per_second,
    })
}

/// The class of a table.
pub fn table_class(class: &str) -> TableClass {
    if class == "STANDARD" { TableClass::Standard } else { TableClass::StandardInfrequentAccess }
}

/// The stream that begins now, if it is enabled.
pub fn stream_specification(
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
    Some(StreamSpecification::beginning(view, now_micros))
}

/// Encryption under a key.
pub fn sse(key: &kms::Key) -> Sse {
    Sse { key_arn: (!key.is_managed).then(|| key.arn()) }
}

/// Tags by key.
pub fn tag_map(tags: &[shapes::Tag]) -> BTreeMap<String, String> {
    let pair =
        |tag: &shapes::Tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
    tags.iter().map(pair).collect()
}
