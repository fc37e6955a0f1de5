//! Calls that change what replicas there are are served once: a copy of one, however it came about, is refused, by
//! whichever server of a store it reaches. Calls older than [`SKEW_MICROS_MAX`] are refused anyway, so a nonce is kept
//! for twice that.

use peers::{Incoming, SKEW_MICROS_MAX};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Store;
use store::documents::Documents;
use store::records::{RecordError, RecordKey};

/// More are not kept: a peer that makes so many calls waits.
const KEPT_MAX: usize = 4_096;
const NONCE_BYTES_MAX: usize = 64;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Nonces {
    seen: Vec<(u64, String)>,
}

/// Whether a call was not made before.
///
/// # Errors
/// When the store fails.
pub async fn is_new(
    store: Arc<dyn Store>,
    incoming: &Incoming,
    now_micros: u64,
) -> Result<bool, RecordError> {
    if incoming.nonce.len() > NONCE_BYTES_MAX {
        return Ok(false);
    }
    let key = RecordKey::new("peers", "nonces", "", "", "");
    let documents = Documents::of(store, 1);
    let changed = documents.change::<Nonces, (), ()>(&key, |nonces| {
        let Nonces { mut seen } = nonces.unwrap_or_default();
        seen.retain(|(time, _)| time.saturating_add(2 * SKEW_MICROS_MAX) > now_micros);
        if seen.len() >= KEPT_MAX || seen.iter().any(|(_, nonce)| *nonce == incoming.nonce) {
            return Err(());
        }
        seen.push((incoming.time_micros, incoming.nonce.clone()));
        Ok((Some(Nonces { seen }), ()))
    });
    Ok(changed.await?.is_ok())
}
