//! DeleteIdentities: deletes identities; those that are not there are deleted already.

use crate::service::{self, Call, CognitoIdentity};
use crate::{identity, pool};
use model::ApiError;
use model::cognito_identity::{DeleteIdentities, DeleteIdentitiesInput, DeleteIdentitiesOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for DeleteIdentities {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteIdentitiesInput> = Validation::MODEL;
    type Plan = DeleteIdentitiesInput;

    fn check(input: DeleteIdentitiesInput) -> Result<DeleteIdentitiesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, _: &DeleteIdentitiesInput) -> Access<'static> {
        service::need(cx, "cognito-identity:DeleteIdentities", "*")
    }

    async fn run(cx: &Call<'_>, input: DeleteIdentitiesInput) -> Result<DeleteIdentitiesOutput, ApiError> {
        for id in input.identity_ids_to_delete.iter().flatten() {
            let Ok(identity) = identity::find(cx.service, id).await else { continue };
            if pool::own(cx, &identity.pool).await.is_ok() {
                identity::delete(cx.service, &identity).await?;
            }
        }
        Ok(DeleteIdentitiesOutput { unprocessed_identity_ids: Some(Vec::new()) })
    }
}
