//! An operation as a type, and the service it belongs to. What happens to it is `pipeline`'s matter.

use crate::Validation;
use crate::access::Access;
use crate::context::Cx;
use crate::protocol::Protocol;
use figures::Fault;
use model::{ApiError, Code, Shape, code};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// The properties of a service that the pipeline uses.
#[derive(Debug)]
pub struct ServiceInfo {
    pub(crate) target_prefix: &'static str,
    pub(crate) signing_name: &'static str,
    pub(crate) protocols: &'static [Protocol],
    pub(crate) version: &'static str,
    pub(crate) xml_namespace: &'static str,
    pub(crate) xml_roots: &'static [(&'static str, &'static str)],
    pub(crate) body_bytes_max: Option<usize>,
    pub(crate) internal_error: Code,
}

/// Whose requests a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Callers as `--auth` accepts them.
    Believed,
    /// Only of those whose signature is right, also where the server believes others; and never of a page that a
    /// browser has from elsewhere. For services that can do more to the machine than keep data.
    Verified,
}

impl ServiceInfo {
    pub(crate) fn of<S: Service>() -> &'static Self {
        &Described::<S>::INFO
    }

    pub(crate) fn speaks(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }

    /// Its JSON protocol with targets, where it has one; it is the first of `protocols`.
    pub(crate) fn json(&self) -> Option<Protocol> {
        let first = self.protocols.first().copied();
        first.filter(|first| matches!(first, Protocol::AwsJson10 | Protocol::AwsJson11))
    }

    /// Its REST protocol, where it has one.
    pub(crate) fn rest(&self) -> Option<Protocol> {
        [Protocol::RestJson, Protocol::RestXml].into_iter().find(|protocol| self.speaks(*protocol))
    }
}

struct Described<S>(std::marker::PhantomData<S>);

impl<S: Service> Described<S> {
    const INFO: ServiceInfo = ServiceInfo {
        target_prefix: S::TARGET_PREFIX,
        signing_name: S::SIGNING_NAME,
        protocols: S::PROTOCOLS,
        version: S::VERSION,
        xml_namespace: S::XML_NAMESPACE,
        xml_roots: S::XML_ROOTS,
        body_bytes_max: S::BODY_BYTES_MAX,
        internal_error: S::INTERNAL_ERROR,
    };
}

/// What a service is: shared state its operations run on. One value for the whole server.
pub trait Service: Send + Sync + 'static {
    /// Prefix of `X-Amz-Target` without the dot, such as `DynamoDB_20120810`.
    const TARGET_PREFIX: &'static str;
    /// What the credential scope of a signed request names.
    const SIGNING_NAME: &'static str;
    /// Its protocols, one with JSON and targets first.
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson10];
    /// `Version` in the query protocol.
    const VERSION: &'static str = "";
    /// The namespace of its XML.
    const XML_NAMESPACE: &'static str = "";
    /// Operations of rest-xml whose answers have another root than their name and `Result`; an empty one for those
    /// whose only member is the root.
    const XML_ROOTS: &'static [(&'static str, &'static str)] = &[];
    /// The largest body that it takes; `None` for what the listener takes.
    const BODY_BYTES_MAX: Option<usize> = None;
    /// Whose requests it answers.
    const CALLERS: Callers = Callers::Believed;
    /// What a panic is answered with.
    const INTERNAL_ERROR: Code = code::INTERNAL_FAILURE;

    /// Brings what the service keeps in memory up to what other servers on the same store have changed. Called before
    /// each operation runs.
    fn refresh(&self) -> impl Future<Output = Result<(), ApiError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Whether any resource of the service has a policy of its own, which may deny what its account may do.
    fn has_resource_policies(&self) -> bool {
        false
    }

    /// Whether policies may ask for tags of its resources that the stage of permissions has to read.
    const HAS_TAGS: bool = false;

    /// The tags of a resource by its ARN. Of one that is not there the operation says so.
    fn tags_of<'a>(
        _: &'a Cx<'_, Self>,
        _arn: &'a str,
    ) -> impl Future<Output = Result<BTreeMap<String, String>, ApiError>> + Send
    where
        Self: Sized,
    {
        std::future::ready(Ok(BTreeMap::new()))
    }

    /// Refuses or delays an operation that may run; `None`, except for injected faults.
    fn interfere<'a>(
        _: &'a Cx<'_, Self>,
        _: &'static str,
        _: Kind,
        _access: impl FnOnce() -> Access<'a>,
    ) -> Option<Interference>
    where
        Self: Sized,
    {
        None
    }

    /// Whose fault an error is, for the figures.
    fn fault(error: &ApiError) -> Fault {
        if error.code.status() >= 500 { Fault::System } else { Fault::User }
    }
}

/// What is awaited before an operation runs, or the refusal that takes its place.
pub type Interference = Pin<Box<dyn Future<Output = Result<(), ApiError>> + Send>>;

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

/// One operation. Its file holds everything that is its own.
/// Generic over the service it belongs to, so that a service implements it for shapes of `model`.
pub trait Operation<S: Service>: Shape {
    /// See [`Kind`].
    const KIND: Kind;
    /// Whether requests without credentials are served.
    const IS_OPEN: bool = false;
    /// Whether its bodies come and go in pieces ([`Streams`](crate::Streams)); only operations of documents may.
    const STREAMS: bool = false;
    /// Which layer judges the members of an input.
    const VALIDATION: Validation<Self::Input>;
    /// What `check` makes of an input: all that was parsed on the way, ready for `access` and `run`.
    type Plan: Send;

    /// Rules the model cannot express and that need no table, in DynamoDB's order. An input that breaks none
    /// becomes a plan.
    fn check(input: Self::Input) -> Result<Self::Plan, ApiError>;

    /// What the caller must be allowed to do. Called only where there are policies.
    fn access<'a>(cx: &'a Cx<'_, S>, plan: &'a Self::Plan) -> Access<'a>;

    /// Does it.
    fn run(cx: &Cx<'_, S>, plan: Self::Plan) -> impl Future<Output = Result<Self::Output, ApiError>> + Send;
}
