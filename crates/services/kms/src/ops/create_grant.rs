//! CreateGrant: somebody may use a key. The same terms under the same name are the same grant.

use crate::errors;
use crate::grant::{Grant, Terms};
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{CreateGrant, CreateGrantInput, CreateGrantOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use stdx::Random;
use stdx::hex;

impl Operation<Kms> for CreateGrant {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateGrantInput> = Validation::MODEL;
    type Plan = CreateGrantInput;

    fn check(input: CreateGrantInput) -> Result<CreateGrantInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a CreateGrantInput) -> Access<'a> {
        Need::new(
            "kms:CreateGrant",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: CreateGrantInput) -> Result<CreateGrantOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let key = cx.service.keys.of_id(&scope, &id, cx.now_micros).await?;
        key.check_usable()?;
        if plan.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let terms = terms(plan);
        let same = cx.service.keys.grants(&scope).await?.into_iter();
        let same = same.filter(|_| terms.name.is_some()).find(|old| old.key_id == id && old.terms == terms);
        let grant = match same {
            Some(grant) => grant,
            None => {
                let grant = Grant {
                    id: hex::encode(&Random::secret()),
                    key_id: id,
                    created_micros: cx.now_micros,
                    terms,
                };
                let keep = |_| Ok((Some(grant.clone()), ()));
                cx.service.keys.change_grant(&scope, &grant.key_id, &grant.id, keep).await?;
                grant
            }
        };
        Ok(CreateGrantOutput { grant_token: Some(grant.token()), grant_id: Some(grant.id) })
    }
}

fn terms(input: CreateGrantInput) -> Terms {
    let constraints = input.constraints.unwrap_or_default();
    Terms {
        name: input.name,
        grantee: input.grantee_principal,
        retiring: input.retiring_principal,
        grantee_service: input.grantee_service_principal,
        retiring_service: input.retiring_service_principal,
        operations: input.operations.unwrap_or_default(),
        context_subset: constraints.encryption_context_subset,
        context_equals: constraints.encryption_context_equals,
        source_arn: constraints.source_arn,
    }
}
