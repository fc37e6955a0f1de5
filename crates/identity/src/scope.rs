//! The credential scope, `keyid/date/region/service/aws4_request`: whose key, and what for.

use crate::refusal;
use model::ApiError;

/// Longest region name that is taken.
const REGION_BYTES_MAX: usize = 64;
const TERMINATOR: &str = "aws4_request";

/// The elements of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) terminator: &'a str,
}

impl<'a> Scope<'a> {
    /// Takes a credential apart.
    pub(crate) fn parse(credential: &'a str) -> Result<Self, ApiError> {
        let mut elements = credential.split('/');
        let mut next = || elements.next().ok_or_else(|| refusal::scope_shape(credential));
        let (access_key_id, date, region, service, terminator) =
            (next()?, next()?, next()?, next()?, next()?);
        if elements.next().is_some() {
            return Err(refusal::scope_shape(credential));
        }
        Ok(Scope { access_key_id, date, region, service, terminator })
    }

    /// Whether the scope is for this service on the day of the request. Any region name is taken, as long as
    /// it is a name.
    pub(crate) fn check(&self, service: &str, date: &str) -> Result<(), ApiError> {
        let mut faults = String::new();
        if !self.has_region() {
            faults += &format!("Credential should be scoped to a valid region, not '{}'. ", self.region);
        }
        if self.service != service {
            faults += &format!("Credential should be scoped to correct service: '{service}'. ");
        }
        if self.terminator != TERMINATOR {
            faults += &format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'. ",
                self.terminator
            );
        }
        if Some(self.date) != date.get(..8) {
            faults += &format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{}' != '{}', from '{date}'. ",
                self.date,
                date.get(..8).unwrap_or(date)
            );
        }
        if faults.is_empty() { Ok(()) } else { Err(refusal::scope_content(faults)) }
    }

    /// Whether the region is a name: letters, digits, `-`, `_`.
    pub(crate) fn has_region(&self) -> bool {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=REGION_BYTES_MAX).contains(&self.region.len()) && self.region.bytes().all(is_name)
    }
}
