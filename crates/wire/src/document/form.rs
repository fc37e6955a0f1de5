//! Form bodies of the query protocol: `Action=ListMetrics&Dimensions.member.1.Name=TableName`.

use super::{Bounds, Document, read_text};
use crate::json::DecodeError;
use crate::schema::{self, Schema};
use std::collections::BTreeMap;

/// Parameters of one request.
const PARAMETERS_MAX: usize = 10_000;

/// The parameters of a request by name. Of two with one name the first counts.
#[derive(Debug, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a form; `None` where it has too many parameters.
    pub fn read(form: &[u8]) -> Option<Form> {
        let mut parameters = BTreeMap::new();
        for (place, (name, value)) in form_urlencoded::parse(form).enumerate() {
            if place == PARAMETERS_MAX {
                return None;
            }
            parameters.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Some(Form(parameters))
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The parameters as a structure.
    pub fn document(&self, schema: &'static schema::Structure) -> Result<Document, DecodeError> {
        let document = self.value("", Schema::Structure(schema), &mut Bounds::new())?;
        Ok(document.unwrap_or(Document::Structure(Vec::new())))
    }

    /// The value at a name; `None` where no parameter is at it or below it.
    fn value(
        &self,
        name: &str,
        schema: Schema,
        bounds: &mut Bounds,
    ) -> Result<Option<Document>, DecodeError> {
        bounds.count().and_then(|()| bounds.enter()).ok_or_else(|| DecodeError::Type(String::new()))?;
        let read = match schema {
            Schema::Structure(schema) => self.structure(name, schema, bounds)?,
            Schema::List(schema) => self.list(name, schema, bounds)?,
            Schema::Map(schema) => self.map(name, schema, bounds)?,
            schema => self.0.get(name).map(|text| read_text(schema, text)).transpose()?,
        };
        bounds.leave();
        Ok(read)
    }

    fn structure(
        &self,
        name: &str,
        schema: &'static schema::Structure,
        bounds: &mut Bounds,
    ) -> Result<Option<Document>, DecodeError> {
        if !name.is_empty() && !self.is_any_below(name) {
            return Ok(None);
        }
        let mut members = Vec::new();
        for member in schema.members {
            if let Some(document) = self.value(&below(name, member.wire_name), member.schema, bounds)? {
                members.push((member.name, document));
            }
        }
        Ok(Some(Document::Structure(members)))
    }

    /// `Name.member.1`, `Name.member.2`; flattened without the word. `Name=` alone is an empty list.
    fn list(
        &self,
        name: &str,
        schema: &'static schema::List,
        bounds: &mut Bounds,
    ) -> Result<Option<Document>, DecodeError> {
        let base = if schema.is_flattened { name.to_owned() } else { below(name, schema.element_name) };
        let mut elements = Vec::new();
        for place in self.places(&base) {
            elements.extend(self.value(&below(&base, &place), schema.element, bounds)?);
        }
        let is_there = !elements.is_empty() || self.0.get(name).is_some_and(String::is_empty);
        Ok(is_there.then_some(Document::List(elements)))
    }

    fn map(
        &self,
        name: &str,
        schema: &'static schema::Map,
        bounds: &mut Bounds,
    ) -> Result<Option<Document>, DecodeError> {
        let base = if schema.is_flattened { name.to_owned() } else { below(name, "entry") };
        let mut entries = Vec::new();
        for place in self.places(&base) {
            let entry = below(&base, &place);
            let key = self.0.get(&below(&entry, schema.entry_names.0));
            let value = self.value(&below(&entry, schema.entry_names.1), schema.value, bounds)?;
            if let (Some(key), Some(value)) = (key, value) {
                entries.push((key.clone(), value));
            }
        }
        Ok((!entries.is_empty()).then_some(Document::Map(entries)))
    }

    /// The numbers that follow a name, in order.
    fn places(&self, name: &str) -> Vec<String> {
        let start = format!("{name}.");
        let names = self.0.range(start.clone()..).map(|(name, _)| name);
        let below = names.map_while(|name| name.strip_prefix(&start));
        let mut places: Vec<(u32, String)> = below
            .map(|rest| rest.split('.').next().unwrap_or(rest))
            .filter_map(|place| Some((place.parse().ok()?, place.to_owned())))
            .collect();
        places.sort_unstable();
        places.dedup_by_key(|(place, _)| *place);
        places.into_iter().map(|(_, place)| place).collect()
    }

    fn is_any_below(&self, name: &str) -> bool {
        let start = format!("{name}.");
        self.0.range(start.clone()..).next().is_some_and(|(name, _)| name.starts_with(&start))
    }
}

fn below(name: &str, part: &str) -> String {
    if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") }
}
