//! An operation as a type, and a row of a service's table of operations.

use crate::context::Cx;
use model::{ApiError, Shape, Violation};
use std::future::Future;

/// What a service is: shared state its operations run on. One value for the whole server.
pub trait Service: Send + Sync + 'static {
    /// Prefix of `X-Amz-Target` without the dot, such as `DynamoDB_20120810`.
    const TARGET_PREFIX: &'static str;
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
pub trait Operation: Shape {
    /// The service it belongs to.
    type Service: Service;
    /// See [`Kind`].
    const KIND: Kind;

    /// The stage of the model's constraints. The default reports all of them together ("N validation errors
    /// detected"); operations of DynamoDB's newer validation layer have stages of their own in `check`, and
    /// return nothing here.
    fn constraints(input: &Self::Input) -> Vec<Violation> {
        let mut violations = Vec::new();
        model::Constraints::violations(input, &mut violations);
        violations
    }

    /// Rules the model cannot express and that need no table, in DynamoDB's order.
    fn check(_input: &Self::Input) -> Result<(), ApiError> {
        Ok(())
    }

    /// What the caller must be allowed to do.
    fn access(cx: &Cx<'_, Self::Service>, input: &Self::Input) -> Access;

    /// Does it.
    fn run(
        cx: &Cx<'_, Self::Service>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, ApiError>> + Send;
}

/// A row of a service's table of operations. To be completed by the pipeline: `entry::<O>()` builds a row
/// that decodes, checks, runs and encodes `O`; `planned(name)` a row that answers UnknownOperationException.
#[derive(Debug)]
pub struct Entry<S> {
    /// The API's name.
    pub name: &'static str,
    /// The service, for the compiler.
    pub service: std::marker::PhantomData<fn(S)>,
}
