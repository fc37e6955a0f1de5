//! ListSigningCertificates: the signing certificates of a user: there are none.

use crate::account::Owner;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{ListSigningCertificates, ListSigningCertificatesInput, ListSigningCertificatesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListSigningCertificates {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListSigningCertificatesInput> = Validation::MODEL;
    type Plan = ListSigningCertificatesInput;

    fn check(input: ListSigningCertificatesInput) -> Result<ListSigningCertificatesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListSigningCertificatesInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:ListSigningCertificates",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListSigningCertificatesInput,
    ) -> Result<ListSigningCertificatesOutput, ApiError> {
        service::account(cx).user(&service::user_or_own(cx, input.user_name.as_deref())?)?;
        Ok(ListSigningCertificatesOutput {
            certificates: Some(Vec::new()),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
