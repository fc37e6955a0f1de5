//! CreateKey: a symmetric key of this server. Other kinds are refused.

use super::metadata::{ENCRYPT_DECRYPT, SYMMETRIC, metadata};
use super::{put_key_policy, tags};
use crate::errors;
use crate::key::Key;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{CreateKey, CreateKeyInput, CreateKeyOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const NO_USAGE: &str =
    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";

impl Operation<Kms> for CreateKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateKeyInput> = Validation::MODEL;
    type Plan = CreateKeyInput;

    fn check(input: CreateKeyInput) -> Result<CreateKeyInput, ApiError> {
        let spec =
            input.key_spec.as_deref().or(input.customer_master_key_spec.as_deref()).unwrap_or(SYMMETRIC);
        match (spec, input.key_usage.as_deref()) {
            (SYMMETRIC, None | Some(ENCRYPT_DECRYPT)) => {}
            (SYMMETRIC, Some(usage)) => return Err(errors::incompatible_usage(usage, spec)),
            (_, None) => return Err(ApiError::validation(NO_USAGE)),
            (spec, Some(_)) => {
                return Err(errors::unsupported(format!("This server has no keys of KeySpec {spec}.")));
            }
        }
        if input.origin.as_deref().is_some_and(|origin| origin != "AWS_KMS")
            || input.custom_key_store_id.is_some()
        {
            return Err(errors::unsupported(
                "This server makes the material of its keys itself: Origin is AWS_KMS.",
            ));
        }
        if input.multi_region == Some(true) {
            return Err(errors::unsupported("This server has no keys of several regions."));
        }
        tags::check(input.tags.as_deref().unwrap_or_default())?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a CreateKeyInput) -> Access<'a> {
        _ = (cx, plan);
        Need::new("kms:CreateKey", "*").tagged(Tags::set(super::tags::pairs(&plan.tags))).into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: CreateKeyInput) -> Result<CreateKeyOutput, ApiError> {
        let (scope, id) = (scope_of(cx.caller), cx.random.uuid());
        let mut key = Key::new(&scope, id, cx.service.keys.root(), cx.now_micros);
        if let Some(policy) = plan.policy {
            put_key_policy::check(
                cx,
                &key.id,
                &policy,
                plan.bypass_policy_lockout_safety_check.unwrap_or(false),
            )?;
            key.policy = policy;
        }
        key.description = plan.description.unwrap_or_default();
        key.tags = tags::checked(plan.tags)?;
        cx.service.keys.create(&scope, &key).await?;
        Ok(CreateKeyOutput { key_metadata: Some(metadata(&key)) })
    }
}
