//! `model-import`: reads the service model that the PyPI package `botocore` carries and writes the neutral
//! table, which is committed. The package is a wheel (an archive) or an unpacked directory.

mod wheel;

use crate::model_table::{Http, Kind, Member, ModelTable, Operation, Shape};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::path::Path;

/// Services to import: the path of the model in the package, and the table's file.
const MODELS: &[(&str, &str)] = &[
    ("botocore/data/dynamodb/2012-08-10/service-2.json", "dynamodb.json"),
    ("botocore/data/dynamodbstreams/2012-08-10/service-2.json", "dynamodbstreams.json"),
    ("botocore/data/sts/2011-06-15/service-2.json", "sts.json"),
    ("botocore/data/cloudwatch/2010-08-01/service-2.json", "cloudwatch.json"),
    ("botocore/data/lambda/2015-03-31/service-2.json", "lambda.json"),
    ("botocore/data/logs/2014-03-28/service-2.json", "logs.json"),
    ("botocore/data/kinesis/2013-12-02/service-2.json", "kinesis.json"),
    ("botocore/data/application-autoscaling/2016-02-06/service-2.json", "application-autoscaling.json"),
    ("botocore/data/iam/2010-05-08/service-2.json", "iam.json"),
    ("botocore/data/kms/2014-11-01/service-2.json", "kms.json"),
    ("botocore/data/cognito-identity/2014-06-30/service-2.json", "cognito-identity.json"),
    ("botocore/data/dax/2017-04-19/service-2.json", "dax.json"),
    ("botocore/data/s3/2006-03-01/service-2.json", "s3.json"),
];

pub fn run(arguments: &[String]) -> Result<(), String> {
    let [package] = arguments else { return Err("give the path of a botocore wheel or directory".into()) };
    for (model, file) in MODELS {
        let text = wheel::read_model(Path::new(package), model)?;
        let model: Model = serde_json::from_slice(&text).map_err(|e| format!("{model}: {e}"))?;
        let path = crate::root().join("crates/model/shapes").join(file);
        let table = table(model).to_text().map_err(|e| e.to_string())?;
        std::fs::write(&path, table).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Operations, shapes and members of ours beside a service's table, if there are any: a file in the form of botocore,
/// which SDKs take as it is.
pub(crate) fn with_extras(table: ModelTable, path: &Path) -> Result<ModelTable, String> {
    if !path.exists() {
        return Ok(table);
    }
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
    let extras: Extras = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    Ok(merged(table, extras.merge))
}

fn merged(mut table: ModelTable, extras: Merge) -> ModelTable {
    table.operations.extend(operations(extras.operations));
    table.operations.sort_by(|one, other| one.name.cmp(&other.name));
    for (name, shape) in extras.shapes {
        let shape = neutral(shape);
        match table.shapes.get_mut(&name) {
            Some(known) => known.members.extend(shape.members),
            None => _ = table.shapes.insert(name, shape),
        }
    }
    table
}

/// What botocore merges into a model: its maps, key by key.
#[derive(Deserialize)]
struct Extras {
    merge: Merge,
}

#[derive(Deserialize)]
struct Merge {
    operations: BTreeMap<String, ModelOperation>,
    shapes: BTreeMap<String, ModelShape>,
}

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    operations: BTreeMap<String, ModelOperation>,
    shapes: BTreeMap<String, ModelShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    service_id: String,
    api_version: String,
    #[serde(default)]
    target_prefix: String,
    #[serde(default)]
    xml_namespace: String,
}

#[derive(Deserialize)]
struct ModelOperation {
    http: Option<ModelHttp>,
    input: Option<Reference>,
    output: Option<Reference>,
    #[serde(default)]
    errors: Vec<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModelHttp {
    method: String,
    request_uri: String,
    response_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
}

#[derive(Deserialize)]
struct ModelShape {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    exception: bool,
    #[serde(default, rename = "eventstream")]
    event_stream: bool,
    #[serde(default)]
    flattened: bool,
    payload: Option<String>,
    #[serde(default)]
    members: InOrder,
    #[serde(default)]
    required: Vec<String>,
    member: Option<Reference>,
    key: Option<Reference>,
    value: Option<Reference>,
    #[serde(default, deserialize_with = "whole")]
    min: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    max: Option<i64>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
}

/// Members in the order of the file, which is the order DynamoDB reports them in.
#[derive(Default)]
struct InOrder(Vec<(String, Reference)>);

impl<'de> Deserialize<'de> for InOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrderVisitor)
    }
}

struct InOrderVisitor;

impl<'de> Visitor<'de> for InOrderVisitor {
    type Value = InOrder;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the members of a structure")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(InOrder(members))
    }
}

fn operations(named: BTreeMap<String, ModelOperation>) -> impl Iterator<Item = Operation> {
    named.into_iter().map(|(name, operation)| Operation {
        name,
        input: operation.input.map(|reference| reference.shape),
        output: operation.output.map(|reference| reference.shape),
        errors: operation.errors.into_iter().map(|reference| reference.shape).collect(),
        http: operation.http.map(http).filter(|http| *http != Http::default()),
    })
}

fn table(model: Model) -> ModelTable {
    ModelTable {
        service: model.metadata.service_id,
        version: model.metadata.api_version,
        target_prefix: model.metadata.target_prefix,
        xml_namespace: model.metadata.xml_namespace,
        operations: operations(model.operations).collect(),
        shapes: model.shapes.into_iter().map(|(name, shape)| (name, neutral(shape))).collect(),
    }
}

fn http(http: ModelHttp) -> Http {
    Http { method: http.method, path: http.request_uri, status: http.response_code.unwrap_or(200) }
}

/// The wire names of the parts of a list or map, where one of them is not the usual one.
fn part_names(shape: &ModelShape) -> Vec<String> {
    let usual = [(&shape.member, "member"), (&shape.key, "key"), (&shape.value, "value")];
    let parts = usual.into_iter().filter_map(|(part, usual)| Some((part.as_ref()?, usual)));
    let names: Vec<_> =
        parts.map(|(part, usual)| (part.location_name.as_deref().unwrap_or(usual), usual)).collect();
    if names.iter().all(|(name, usual)| name == usual) {
        return Vec::new();
    }
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

fn neutral(shape: ModelShape) -> Shape {
    let part_names = part_names(&shape);
    let required = shape.required;
    let members = shape.members.0.into_iter().map(|(name, reference)| Member {
        required: required.contains(&name),
        wire_name: reference.location_name.filter(|wire_name| *wire_name != name),
        place: reference.location,
        name,
        shape: reference.shape,
    });
    Shape {
        kind: shape.kind,
        exception: shape.exception,
        event_stream: shape.event_stream,
        members: members.collect(),
        part_names,
        flattened: shape.flattened,
        payload: shape.payload,
        element: shape.member.map(|reference| reference.shape),
        key: shape.key.map(|reference| reference.shape),
        value: shape.value.map(|reference| reference.shape),
        min: shape.min,
        max: shape.max,
        pattern: shape.pattern,
        values: shape.values,
    }
}

/// A bound of a length or a number. The models write those of doubles as `1.0`; none has a fraction.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let bound = serde_json::Number::deserialize(from)?;
    let double = bound.as_f64().filter(|double| double.fract() == 0.0);
    let whole = bound.as_i64().or(double.map(|double| double as i64));
    whole.map(Some).ok_or_else(|| serde::de::Error::custom(format!("the bound {bound} is no whole number")))
}
