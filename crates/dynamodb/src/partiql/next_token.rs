//! NextToken of a SELECT: where the next page goes on, sealed, good for the same statement only.
//!
//! ```text
//! token = sealed( version u8 = 1 | digest of statement and table (32) | range u32 | key of the last item, if any )
//! ```

use crate::errors;
use engine::Table;
use model::ApiError;
use pipeline::{Seal, SealFault};
use sha2::{Digest, Sha256};
use types::Item;

/// The name of the secret that tokens are sealed with.
pub const SECRET: &str = "statement-token";

const VERSION: u8 = 1;
/// A day: DynamoDB states no life.
const LIFE_MICROS: u64 = 24 * 3600 * 1_000_000;

/// Where a page goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NextToken {
    /// How many of the statement's ranges are read.
    pub range: usize,
    /// The last item that was read in the one after them.
    pub key: Option<Item>,
}

/// Content of a token that may be another statement's.
#[derive(Debug)]
pub struct OpenToken {
    of: [u8; 32],
    token: NextToken,
}

impl NextToken {
    /// As it is handed out.
    pub fn seal(&self, secret: &[u8; 32], now_micros: u64, fingerprint: &[u8; 32], table: &Table) -> String {
        let mut body = vec![VERSION];
        body.extend_from_slice(&bound_to(fingerprint, table));
        body.extend_from_slice(&(self.range as u32).to_be_bytes());
        body.extend_from_slice(self.key.as_ref().map_or(&[], |key| key.as_bytes()));
        seal(secret).seal(now_micros, &body)
    }

    /// Reads what was handed out, for whichever statement.
    pub fn open(text: &str, secret: &[u8; 32], now_micros: u64) -> Result<OpenToken, ApiError> {
        let invalid = || ApiError::validation(errors::INVALID_NEXT_TOKEN);
        let body = seal(secret).open(text, now_micros).map_err(|fault| match fault {
            SealFault::Forged | SealFault::Expired { .. } => invalid(),
        })?;
        read(&body).ok_or_else(invalid)
    }
}

impl OpenToken {
    /// The place, if the token is this statement's on this table.
    pub fn of(self, fingerprint: &[u8; 32], table: &Table) -> Result<NextToken, ApiError> {
        match self.of == bound_to(fingerprint, table) {
            true => Ok(self.token),
            false => Err(ApiError::validation(errors::OTHER_NEXT_TOKEN)),
        }
    }
}

fn read(body: &[u8]) -> Option<OpenToken> {
    let (&VERSION, rest) = body.split_first()? else { return None };
    let (of, rest) = rest.split_first_chunk()?;
    let (range, key) = rest.split_first_chunk()?;
    let key = (!key.is_empty()).then(|| Item::from_canonical(key.to_vec()));
    Some(OpenToken { of: *of, token: NextToken { range: u32::from_be_bytes(*range) as usize, key } })
}

fn bound_to(fingerprint: &[u8; 32], table: &Table) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(fingerprint);
    hash.update(table.id.to_be_bytes());
    hash.finalize().into()
}

fn seal(secret: &[u8; 32]) -> Seal<'_> {
    Seal { secret, context: "", life_micros: LIFE_MICROS }
}
