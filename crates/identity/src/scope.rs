//! The credential scope, `keyid/date/region/service/aws4_request`: whose key, and what for.

use crate::auth_error::{AuthError, ScopeFault, TERMINATOR};

/// Longest access key id there is.
pub(crate) const ACCESS_KEY_ID_BYTES_MAX: usize = 128;
/// Longest region name that is taken.
const REGION_BYTES_MAX: usize = 64;

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
    pub(crate) fn parse(credential: &'a str) -> Result<Self, AuthError> {
        let shape = || AuthError::ScopeShape(credential.to_owned());
        let mut elements = credential.split('/');
        let mut next = || elements.next().ok_or_else(shape);
        let (access_key_id, date, region, service, terminator) =
            (next()?, next()?, next()?, next()?, next()?);
        if elements.next().is_some() {
            return Err(shape());
        }
        Ok(Scope { access_key_id, date, region, service, terminator })
    }

    /// Whether the scope is for this service on the day of the request. Any region name is taken, as long as
    /// it is a name.
    pub(crate) fn check(&self, service: &str, date: &str) -> Result<(), AuthError> {
        let mut faults = Vec::new();
        if !self.has_region() {
            faults.push(ScopeFault::Region(self.region.to_owned()));
        }
        if self.service != service {
            faults.push(ScopeFault::Service(service.to_owned()));
        }
        if self.terminator != TERMINATOR {
            faults.push(ScopeFault::Terminator(self.terminator.to_owned()));
        }
        if Some(self.date) != date.get(..8) {
            faults.push(ScopeFault::Day { scope: self.date.to_owned(), date: date.to_owned() });
        }
        if !faults.is_empty() {
            return Err(AuthError::Scope(faults));
        }
        if self.has_key_id() { Ok(()) } else { Err(AuthError::UnknownKey) }
    }

    /// Whether the access key id is short enough to be one.
    pub(crate) fn has_key_id(&self) -> bool {
        self.access_key_id.len() <= ACCESS_KEY_ID_BYTES_MAX
    }

    /// Whether the region is a name: letters, digits, `-`, `_`.
    pub(crate) fn has_region(&self) -> bool {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=REGION_BYTES_MAX).contains(&self.region.len()) && self.region.bytes().all(is_name)
    }
}
