//! The neutral table of shapes: the public service model without its prose. Written by
//! `model-import`, read by `codegen`. A shape takes one line of the file, so that a change of the model is a
//! readable difference.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A service: its operations and shapes.
#[derive(Debug, Serialize, Deserialize)]
pub struct ModelTable {
    pub service: String,
    pub version: String,
    pub target_prefix: String,
    /// The namespace of XML answers, where the service has such.
    #[serde(default)]
    pub xml_namespace: String,
    pub operations: Vec<Operation>,
    pub shapes: BTreeMap<String, Shape>,
}

/// An operation with the names of its shapes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Operation {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// Method, path and status, where they are not those of every operation: a POST to `/` that is answered 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
}

/// How REST protocols call an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Http {
    pub method: String,
    pub path: String,
    pub status: u16,
}

impl Default for Http {
    fn default() -> Self {
        Http { method: "POST".into(), path: "/".into(), status: 200 }
    }
}

/// A shape. Which of the fields are there depends on the kind.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Shape {
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exception: bool,
    /// Whether it is one of the events that an answer goes on with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub event_stream: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// The names of elements, or of key and value, on the wire, where they are not `member`, or `key` and `value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_names: Vec<String>,
    /// Whether XML and forms leave out the level of the list or map itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flattened: bool,
    /// The member that is the whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What a shape is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    #[serde(alias = "float")]
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// A member of a structure, in the model's order.
#[derive(Debug, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub shape: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Its name on the wire, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire_name: Option<String>,
    /// Where REST protocols carry it: `header`, `uri`, `querystring`, `statusCode`; absent for the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl ModelTable {
    pub fn read(path: &Path) -> Result<ModelTable, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// The text of the file.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let operations = self.operations.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        let shapes = self
            .shapes
            .iter()
            .map(|(name, shape)| {
                Ok(format!("{}: {}", serde_json::to_string(name)?, serde_json::to_string(shape)?))
            })
            .collect::<Result<Vec<_>, serde_json::Error>>()?;
        let xml_namespace = match self.xml_namespace.as_str() {
            "" => String::new(),
            namespace => format!(" \"xml_namespace\": {},", serde_json::to_string(namespace)?),
        };
        Ok(format!(
            "{{\n\"service\": {}, \"version\": {}, \"target_prefix\": {},{xml_namespace}\n\"operations\": [\n{}\n],\n\"shapes\": {{\n{}\n}}\n}}\n",
            serde_json::to_string(&self.service)?,
            serde_json::to_string(&self.version)?,
            serde_json::to_string(&self.target_prefix)?,
            operations.join(",\n"),
            shapes.join(",\n"),
        ))
    }
}
