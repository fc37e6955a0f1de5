//! CreateGrant: somebody may use a key. The same terms under the same name are the same grant.

use crate::authorize::Asked;
use crate::errors;
use crate::grant::{self, Grant, Terms};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{CreateGrant, CreateGrantInput, CreateGrantOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for CreateGrant {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateGrantInput> = Validation::MODEL;
    type Plan = CreateGrantInput;

    fn check(input: CreateGrantInput) -> Result<CreateGrantInput, ApiError> {
        let named = [&input.grantee_principal, &input.retiring_principal];
        let wrong = named.into_iter().flatten().find(|text| !grant::is_principal(text));
        wrong.map_or(Ok(()), |text| Err(errors::invalid_principal(text)))?;
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a CreateGrantInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: CreateGrantInput) -> Result<CreateGrantOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let (dry_run, named) = (plan.dry_run == Some(true), plan.key_id.clone().unwrap_or_default());
        let terms = terms(plan);
        let asked = Asked::new("kms:CreateGrant", &named).with_terms(&terms);
        let key = cx.service.keys.permitted_id(cx, asked).await?;
        key.check_usable()?;
        if dry_run {
            return Err(errors::dry_run());
        }
        let same = cx.service.keys.grants(&scope).await?.into_iter();
        let same =
            same.filter(|_| terms.name.is_some()).find(|old| old.key_id == key.id && old.terms == terms);
        let grant = match same {
            Some(grant) => grant,
            None => {
                let grant = Grant::new(&key, terms, cx.now_micros);
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
