//! The data keys of a table: made, and wrapped by another key of KMS when that changes.

use super::{context, fault, managed, of_service, permit, unwrapped};
use crate::service::DynamoDb;
use engine::table::{Generation, Sealing};
use engine::{Scope, Table};
use kms::Key;
use model::ApiError;
use pipeline::Cx;
use sealing::DataKey;
use stdx::hex;

/// How long a replaced data key is kept where the feed may need it: longer than any record is, also of point-in-time
/// recovery.
const KEPT_MICROS: u64 = 37 * 86_400 * 1_000_000;

/// How a table is sealed under a key from now on: under a new data key. `before`: the table as it is; a new table has
/// nothing to be sealed again.
pub(crate) async fn begun(
    cx: &Cx<'_, DynamoDb>,
    (scope, name): (&Scope, &str),
    key: &Key,
    before: Option<&Table>,
) -> Result<Sealing, ApiError> {
    let old = before.and_then(|table| table.settings.sealing.as_ref());
    let mut generations = match old {
        Some(old) => rewrapped(cx, (scope, name), old, key).await?,
        None => Vec::new(),
    };
    let number = old.map_or(1, Sealing::next_number);
    let wrapped = wrap(cx, (scope, name), key, &DataKey::random_bytes()[..])?;
    generations.push(Generation { number, wrapped, retired_micros: None });
    let grant_id = permit(cx, (scope, name), key).await?; // the last that can fail: it stays behind
    Ok(Sealing {
        key_id: key.id.clone(),
        grant_id,
        generations,
        current: Some(number),
        is_rekeying: before.is_some(),
        takes_open: before.is_some_and(|_| old.is_none_or(|old| old.takes_open)),
    })
}

/// How a table is left once encryption is switched off. What stays in its feed is wrapped by the key that the service
/// manages: the one that was used may go.
pub(crate) async fn ended(cx: &Cx<'_, DynamoDb>, table: &Table) -> Result<Option<Sealing>, ApiError> {
    let Some(old) = &table.settings.sealing else { return Ok(None) };
    let (scope, name) = (&table.scope, table.name.as_str());
    let key = managed(of_service(cx)?, scope, cx.now_micros).await;
    let key = key.map_err(|error| fault(&error, &cx.random.uuid()))?;
    let generations = rewrapped(cx, (scope, name), old, &key).await?;
    let key_id = key.id.clone();
    Ok(Some(Sealing {
        key_id,
        grant_id: None,
        generations,
        current: None,
        is_rekeying: true,
        takes_open: true,
    }))
}

/// The data keys there are, wrapped by another key.
async fn rewrapped(
    cx: &Cx<'_, DynamoDb>,
    (scope, name): (&Scope, &str),
    old: &Sealing,
    key: &Key,
) -> Result<Vec<Generation>, ApiError> {
    let is_kept = |since: Option<u64>| since.is_none_or(|since| since + KEPT_MICROS > cx.now_micros);
    let mut generations = Vec::new();
    for generation in old.generations.iter().filter(|generation| is_kept(generation.retired_micros)) {
        let opened = unwrapped(of_service(cx)?, (scope, name), old, &generation.wrapped, cx.now_micros).await;
        let opened = opened.map_err(|error| fault(&error, &cx.random.uuid()))?;
        generations.push(Generation {
            number: generation.number,
            wrapped: wrap(cx, (scope, name), key, &opened)?,
            // While rows are sealed again, the old keys are in use.
            retired_micros: generation.retired_micros.or(Some(cx.now_micros)).filter(|_| !old.is_rekeying),
        });
    }
    Ok(generations)
}

fn wrap(
    cx: &Cx<'_, DynamoDb>,
    (scope, name): (&Scope, &str),
    key: &Key,
    bytes: &[u8],
) -> Result<String, ApiError> {
    let encrypted = of_service(cx)?.encrypt(key, &context(scope, name), bytes);
    let encrypted = encrypted.map_err(|error| fault(&error, &cx.random.uuid()))?;
    Ok(hex::encode(&encrypted.blob))
}
