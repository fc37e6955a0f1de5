//! A key condition against the key that it is about.

use crate::errors::{self, KeyUse, Layer};
use engine::{KeyFault, KeySchema};
use expr::{BoundKeyCondition, KeyCondition, KeyTest};
use model::ApiError;
use types::value::key_bytes;

/// The condition on a key, if it is one of this key.
pub fn bind(key: &KeyCondition, schema: &KeySchema, layer: Layer) -> Result<BoundKeyCondition, ApiError> {
    key.bind(&key_attributes(&schema.hash), &key_attributes(&schema.range))
        .map_err(|error| layer.refuse(error))
        .and_then(|bound| no_empty_key(key).map(|()| bound))
}

/// No key is empty, so asking for one is a mistake.
fn no_empty_key(key: &KeyCondition) -> Result<(), ApiError> {
    for clause in key.clauses() {
        let KeyTest::Eq(value) = &clause.test else { continue };
        let ty = value.as_ref().kind();
        if key_bytes(value.as_bytes()).is_some_and(<[u8]>::is_empty) {
            let fault = KeyFault::Empty { name: clause.name.clone(), ty };
            return Err(errors::key_fault(&fault, KeyUse::Key));
        }
    }
    Ok(())
}

fn key_attributes(attributes: &[engine::KeyAttribute]) -> Vec<expr::KeyAttribute<'_>> {
    attributes.iter().map(|one| expr::KeyAttribute { name: &one.name, kind: one.ty.as_type() }).collect()
}
