//! An operation as a type, and the service it belongs to. What happens to it is `pipeline`'s matter.

use crate::Validation;
use crate::context::Cx;
use model::{ApiError, Code, Shape, code};
use std::future::Future;

/// What a service is: shared state its operations run on. One value for the whole server.
pub trait Service: Send + Sync + 'static {
    /// Prefix of `X-Amz-Target` without the dot, such as `DynamoDB_20120810`.
    const TARGET_PREFIX: &'static str;
    /// What the credential scope of a signed request names.
    const SIGNING_NAME: &'static str;
    /// What a panic is answered with.
    const INTERNAL_ERROR: Code = code::INTERNAL_FAILURE;

    /// Called once for every call that was performed, whether it came from a socket or from inside, with its
    /// refusal: the place for figures. Credentials and bodies that were refused before are not among them.
    fn performed(&self, _operation: &'static str, _refusal: Option<&ApiError>) {}
}

/// What an operation does to data, for metrics, throttling and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads items.
    Read,
    /// Writes items.
    Write,
    /// Changes or describes tables and settings.
    Control,
}

/// What the caller must be allowed to do: the IAM action on these resources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// Actions with the resource each is about, as ARNs.
    pub needs: Vec<(&'static str, String)>,
}

/// One operation. Its file holds everything that is its own.
/// Generic over the service it belongs to, so that a service implements it for shapes of `model`.
pub trait Operation<S: Service>: Shape {
    /// See [`Kind`].
    const KIND: Kind;
    /// Which layer judges the members of an input.
    const VALIDATION: Validation<Self::Input>;
    /// What `check` makes of an input: all that was parsed on the way, ready for `access` and `run`.
    type Plan: Send;

    /// Rules the model cannot express and that need no table, in DynamoDB's order. An input that breaks none
    /// becomes a plan.
    fn check(input: Self::Input) -> Result<Self::Plan, ApiError>;

    /// What the caller must be allowed to do. Called only where somebody asks.
    fn access(cx: &Cx<'_, S>, plan: &Self::Plan) -> Access;

    /// Does it.
    fn run(cx: &Cx<'_, S>, plan: Self::Plan) -> impl Future<Output = Result<Self::Output, ApiError>> + Send;
}
