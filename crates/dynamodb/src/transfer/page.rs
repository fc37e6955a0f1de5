//! Where a page of a list of transfers ends, and its token: the place in hexadecimal digits, filled up with zeros,
//! since clients take tokens of so many digits at least, in groups.

use super::Transfer;
use super::id::{document_id, is_document_id};
use crate::errors::invalid_request;
use model::ApiError;

const TOKEN_BYTES_MIN: usize = 56;
const TOKEN_GROUP_BYTES: usize = 8;

/// The place of a transfer in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// That of a transfer.
    pub(super) fn of<T: Transfer>(transfer: &T) -> Place {
        let order = transfer.order();
        Place(document_id(order.table_name, order.id))
    }

    /// Reads the token of a request.
    pub fn read(token: &str) -> Result<Place, ApiError> {
        let place = stdx::hex::decode(token).and_then(|bytes| String::from_utf8(bytes).ok());
        let place = place.map(|place| place.trim_end_matches('\0').to_owned());
        let invalid = || invalid_request(format_args!("Provided nextToken is invalid: {token}"));
        place.filter(|place| is_document_id(place)).map(Place).ok_or_else(invalid)
    }

    /// The id of the document there.
    pub(super) fn document_id(&self) -> &str {
        &self.0
    }

    /// The token for what is behind it.
    pub(super) fn token(self) -> String {
        let mut place = self.0.into_bytes();
        let length = place.len().max(TOKEN_BYTES_MIN).next_multiple_of(TOKEN_GROUP_BYTES);
        place.resize(length, 0);
        stdx::hex::encode(&place)
    }
}
