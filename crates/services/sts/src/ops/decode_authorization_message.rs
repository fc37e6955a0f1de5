//! DecodeAuthorizationMessage: what an encoded message of a denial says. No service here encodes its denials, so no
//! message is one: `stator explain-denial` tells why a request was denied.

use crate::errors;
use crate::service::Sts;
use model::ApiError;
use model::sts::{
    DecodeAuthorizationMessage, DecodeAuthorizationMessageInput, DecodeAuthorizationMessageOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Sts> for DecodeAuthorizationMessage {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DecodeAuthorizationMessageInput> = Validation::MODEL;
    type Plan = ();

    fn check(_: DecodeAuthorizationMessageInput) -> Result<(), ApiError> {
        Ok(())
    }

    fn access(_: &Cx<'_, Sts>, (): &()) -> Access<'static> {
        Need::new("sts:DecodeAuthorizationMessage", "*").into()
    }

    async fn run(_: &Cx<'_, Sts>, (): ()) -> Result<DecodeAuthorizationMessageOutput, ApiError> {
        Err(errors::invalid_message())
    }
}
