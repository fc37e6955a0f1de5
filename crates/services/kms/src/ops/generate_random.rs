//! GenerateRandom: bytes nobody can guess.

use super::data_key;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{GenerateRandom, GenerateRandomInput, GenerateRandomOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use wire::document::Blob;

impl Operation<Kms> for GenerateRandom {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GenerateRandomInput> = Validation::MODEL;
    type Plan = GenerateRandomInput;

    fn check(input: GenerateRandomInput) -> Result<GenerateRandomInput, ApiError> {
        if input.number_of_bytes.is_none() {
            return Err(ApiError::validation("NumberOfBytes is required."));
        }
        if input.recipient.is_some() || input.custom_key_store_id.is_some() {
            return Err(errors::unsupported("This server has no enclaves and no stores of keys of others."));
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a GenerateRandomInput) -> Access<'a> {
        _ = (cx, plan);
        Need::new("kms:GenerateRandom", "*").into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: GenerateRandomInput) -> Result<GenerateRandomOutput, ApiError> {
        _ = cx;
        let bytes = plan.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or_default();
        let plaintext = Some(Blob(data_key::random(bytes).to_vec()));
        Ok(GenerateRandomOutput { plaintext, ciphertext_for_recipient: None })
    }
}
