//! RotateKeyOnDemand: new material now.

use crate::authorize::Asked;
use crate::errors;
use crate::key::{Key, MaterialOrigin};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{RotateKeyOnDemand, RotateKeyOnDemandInput, RotateKeyOnDemandOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Of one key.
const ROTATIONS_MAX: u32 = 25;

impl Operation<Kms> for RotateKeyOnDemand {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RotateKeyOnDemandInput> = Validation::MODEL;
    type Plan = RotateKeyOnDemandInput;

    fn check(input: RotateKeyOnDemandInput) -> Result<RotateKeyOnDemandInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a RotateKeyOnDemandInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: RotateKeyOnDemandInput,
    ) -> Result<RotateKeyOnDemandOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:RotateKeyOnDemand", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let keys = &cx.service.keys;
        let rotate = |key: &mut Key| {
            key.check_usable()?;
            if key.rotations_on_demand >= ROTATIONS_MAX {
                return Err(errors::rotation_limit(&key.arn()));
            }
            key.rotations_on_demand += 1;
            key.add_material(keys.root(), MaterialOrigin::OnDemand, cx.now_micros);
            Ok(())
        };
        let (key, ()) = keys.change(&scope, &id, cx.now_micros, rotate).await?;
        Ok(RotateKeyOnDemandOutput { key_id: Some(key.arn()) })
    }
}
