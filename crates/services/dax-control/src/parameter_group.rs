//! Parameter groups: for how long answers may be cached.

use crate::errors;
use crate::service::SERVICE;
use model::ApiError;
use model::dax as api;
use serde::{Deserialize, Serialize};
use store::records::RecordKey;

pub(crate) const KIND: &str = "parameter-group";
/// The group that is always there.
pub(crate) const DEFAULT: &str = "default.dax1.0";
/// Groups of an account and region.
pub(crate) const GROUPS_MAX: usize = 20;
/// The names of the parameters.
pub(crate) const QUERY_TTL: &str = "query-ttl-millis";
pub(crate) const RECORD_TTL: &str = "record-ttl-millis";
const TTL_MILLIS_DEFAULT: u64 = 300_000;
const TTL_MILLIS_MAX: u64 = i32::MAX as u64;

/// A group as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Its name.
    pub name: String,
    /// What its owner says of it.
    #[serde(default)]
    pub description: Option<String>,
    /// For how long items are cached, in milliseconds; 0: as long as there is room. `None` for the default.
    #[serde(default)]
    pub record_ttl_millis: Option<u64>,
    /// For how long pages are cached, in milliseconds; 0: not at all. `None` for the default.
    #[serde(default)]
    pub query_ttl_millis: Option<u64>,
}

/// The document of a name.
pub(crate) fn key(account: &str, region: &str, name: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, account, region, name)
}

/// Refuses a group that is not there, in a change that looks for its document.
pub(crate) fn check(name: &str, has_document: bool) -> Result<(), ApiError> {
    let is_there = has_document || name == DEFAULT;
    if is_there { Ok(()) } else { Err(errors::no_parameter_group(name)) }
}

impl ParameterGroup {
    /// One without values of its own.
    pub(crate) fn new(name: String, description: Option<String>) -> Self {
        ParameterGroup { name, description, record_ttl_millis: None, query_ttl_millis: None }
    }

    /// The one that is always there.
    pub(crate) fn default_group() -> Self {
        let description = "Default parameter group for dax1.0";
        ParameterGroup::new(DEFAULT.to_owned(), Some(description.to_owned()))
    }

    /// Sets a parameter.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        let unfit = || {
            errors::invalid_value(format!(
                "Invalid value {value} of the parameter {name}: it can be 0 to {TTL_MILLIS_MAX}."
            ))
        };
        let parameter = match name {
            QUERY_TTL => &mut self.query_ttl_millis,
            RECORD_TTL => &mut self.record_ttl_millis,
            _ => return Err(errors::invalid_value(format!("There is no parameter {name}."))),
        };
        let millis = value.parse::<u64>().map_err(|_| unfit())?;
        *parameter = Some(Some(millis).filter(|millis| *millis <= TTL_MILLIS_MAX).ok_or_else(unfit)?);
        Ok(())
    }

    /// As it is listed.
    pub(crate) fn shown(&self) -> api::ParameterGroup {
        api::ParameterGroup {
            parameter_group_name: Some(self.name.clone()),
            description: self.description.clone(),
        }
    }

    /// Its parameters.
    pub(crate) fn parameters(&self) -> Vec<api::Parameter> {
        let of_items = "Duration in milliseconds for an item to remain in the item cache.";
        let of_pages = "Duration in milliseconds for a result set to remain in the query cache.";
        vec![
            parameter(QUERY_TTL, self.query_ttl_millis, of_pages),
            parameter(RECORD_TTL, self.record_ttl_millis, of_items),
        ]
    }
}

fn parameter(name: &str, own: Option<u64>, description: &str) -> api::Parameter {
    let text = |text: &str| Some(text.to_owned());
    api::Parameter {
        parameter_name: text(name),
        parameter_type: text("DEFAULT"),
        parameter_value: Some(own.unwrap_or(TTL_MILLIS_DEFAULT).to_string()),
        node_type_specific_values: Some(Vec::new()),
        description: text(description),
        source: text(if own.is_some() { "user" } else { "system" }),
        data_type: text("integer"),
        allowed_values: text("0-"),
        is_modifiable: text("TRUE"),
        change_type: text("IMMEDIATE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_times() {
        let mut group = ParameterGroup::default_group();
        for (name, value, is_taken) in [
            (QUERY_TTL, "0", true),
            (RECORD_TTL, "2147483647", true),
            (RECORD_TTL, "2147483648", false),
            (RECORD_TTL, "-1", false),
            (QUERY_TTL, "soon", false),
            ("other", "1", false),
        ] {
            assert_eq!(group.set(name, value).is_ok(), is_taken, "{name} {value}");
        }
        assert_eq!((group.query_ttl_millis, group.record_ttl_millis), (Some(0), Some(2_147_483_647)));
    }
}
