//! From the head of a request to its service, protocol and operation: by `X-Amz-Target`, by the path of rpc-v2, by a
//! form's `Action`, by the service in the credential scope, by the path. It comes before the body is read, since the
//! limit of the body is the service's. The one place where operations of different services meet.

use crate::entry::Entry;
use crate::operation::{Service, ServiceInfo};
use crate::protocol::{Protocol, form_of, matches_path};
use crate::request::{MediaType, Request};
use crate::respond;
use crate::route::{Route, Routes};
use http::{HeaderName, HeaderValue, Method, header};
use identity::signing_service;
use model::{ApiError, code};
use std::borrow::Cow;
use std::sync::Arc;

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// All services of a server.
#[derive(Default)]
pub(crate) struct Router {
    routes: Routes,
    services: Vec<&'static ServiceInfo>,
}

/// The operation that the head of a request names.
#[derive(Debug, Clone, Copy)]
pub struct Found<'p> {
    pub(crate) protocol: Protocol,
    pub(crate) service: Option<&'static ServiceInfo>,
    pub(crate) route: Option<&'p Route>,
    /// Whether the head itself shows a call.
    is_call: bool,
}

impl<'p> Found<'p> {
    /// The head names none. The body may still be JSON without a target, which is refused as such.
    const NOTHING: Found<'static> =
        Found { protocol: Protocol::AwsJson10, service: None, route: None, is_call: false };

    fn call(protocol: Protocol, service: Option<&'static ServiceInfo>, route: Option<&'p Route>) -> Self {
        Found { protocol, service, route, is_call: true }
    }

    /// Whether this is a call of a service, whatever its method and path; if not, a listener may answer a page.
    pub fn is_call(&self) -> bool {
        self.is_call
    }

    /// The operation, if it is built.
    pub(crate) fn built(&self) -> Result<&'p Route, ApiError> {
        let built = self.route.filter(|route| route.is_built());
        built.ok_or_else(|| respond::unknown_operation(self.route))
    }

    /// Whether its body is to be handed over in pieces, as it arrives.
    pub fn streams(&self) -> bool {
        self.route.is_some_and(|route| route.streams() && route.is_built())
    }

    /// The largest body that the service takes, where it has a limit of its own.
    pub fn body_bytes_max(&self) -> Option<usize> {
        match self.service {
            Some(service) => service.body_bytes_max,
            None if self.is_call && self.protocol != Protocol::AwsJson10 => Some(UNKNOWN_BODY_BYTES_MAX),
            None => None,
        }
    }
}

/// A body for a service that its head does not name.
const UNKNOWN_BODY_BYTES_MAX: usize = 1024 * 1024;

impl Router {
    pub(crate) fn add<S: Service>(&mut self, service: Arc<S>, rows: &'static [Entry<S>]) {
        self.services.push(ServiceInfo::of::<S>());
        self.routes.add(service, rows);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.routes.len()
    }

    /// Routes a head. Nearly every request is a POST with a target, so that comes first.
    pub(crate) fn find(&self, request: &Request) -> Found<'_> {
        let target = request.target_bytes();
        if !target.is_empty() && request.method == Method::POST {
            return self.by_target(target, request);
        }
        let found = self.by_rpc_path(request).or_else(|| self.by_form(request));
        found.or_else(|| self.by_rest_path(request)).unwrap_or(Found::NOTHING)
    }

    /// An operation of a service without JSON is not found.
    fn by_target(&self, target: &[u8], request: &Request) -> Found<'_> {
        let route = self.routes.find(target);
        if let Some(route) = route
            && let Some(protocol) = route.service().json()
        {
            let protocol = in_cbor(protocol, route.service(), request);
            return Found::call(protocol, Some(route.service()), Some(route));
        }
        let prefix = target.split(|byte| *byte == b'.').next().unwrap_or_default();
        let service = self.services.iter().find(|service| service.target_prefix.as_bytes() == prefix);
        let protocol = service.and_then(|service| Some(in_cbor(service.json()?, service, request)));
        let protocol = protocol.unwrap_or(match request.media_type() {
            MediaType::AmzJson11 => Protocol::AwsJson11,
            _ => Protocol::AwsJson10,
        });
        Found::call(protocol, service.copied(), None)
    }

    /// `/service/<name>/operation/<name>`.
    fn by_rpc_path(&self, request: &Request) -> Option<Found<'_>> {
        request.headers.get(SMITHY_PROTOCOL).filter(|value| value.as_bytes() == b"rpc-v2-cbor")?;
        let (name, operation) = request.uri.path().strip_prefix("/service/")?.split_once("/operation/")?;
        let service = self.services.iter().find(|service| service.target_prefix == name).copied();
        let route = service
            .filter(|service| service.speaks(Protocol::RpcCbor) && request.method == Method::POST)
            .and_then(|_| self.routes.find(format!("{name}.{operation}").as_bytes()));
        Some(Found::call(Protocol::RpcCbor, service, route))
    }

    /// A form, or `Action` in the query of a GET. Only the body names the operation.
    fn by_form(&self, request: &Request) -> Option<Found<'_>> {
        let content_type = request.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_form =
            content_type.is_some_and(|value| value.starts_with(b"application/x-www-form-urlencoded"));
        let query = request.uri.query().unwrap_or_default();
        let is_in_query = query.split('&').any(|pair| pair.starts_with("Action="));
        if request.uri.path() != "/" || !(is_form && request.method == Method::POST || is_in_query) {
            return None;
        }
        match signing_service(&request.headers, &request.uri) {
            Some(name) => {
                let service = self.services.iter().find(|service| service.signing_name == name);
                let speaks = service.is_none_or(|service| service.speaks(Protocol::Query));
                speaks.then(|| Found::call(Protocol::Query, service.copied(), None))
            }
            None => Some(Found::call(Protocol::Query, None, None)),
        }
    }

    /// A path of a REST service: of the one that the credentials name, or of any that has such a path.
    fn by_rest_path(&self, request: &Request) -> Option<Found<'_>> {
        let named = signing_service(&request.headers, &request.uri).or_else(|| s3_by_header(request));
        if let Some(name) = named {
            let Some(service) = self.services.iter().find(|service| service.signing_name == name).copied()
            else {
                return unknown_service(request);
            };
            let protocol = service.rest()?;
            return Some(Found::call(protocol, Some(service), self.at_path(service, request)));
        }
        // Without credentials a path does not identify S3, whose paths may be any.
        let mut services = self.services.iter().filter(|service| service.speaks(Protocol::RestJson));
        services.find_map(|service| {
            let route = self.at_path(service, request)?;
            Some(Found::call(Protocol::RestJson, Some(*service), Some(route)))
        })
    }

    fn at_path(&self, service: &'static ServiceInfo, request: &Request) -> Option<&Route> {
        // By name: each crate may have a copy of the constant that describes a service.
        let is_own = |route: &&Route| route.service().target_prefix == service.target_prefix;
        let own = self.routes.iter().filter(is_own);
        let fits = own.filter_map(|route| {
            let http = route.http()?;
            let asks = |name: &'static str| request.headers.contains_key(name);
            if !route.header().is_none_or(asks) {
                return None;
            }
            let fit = matches_path(&http, request.method.as_str(), &request.uri)?;
            Some((fit + usize::from(route.header().is_some()), route))
        });
        fits.max_by_key(|(fit, _)| *fit).map(|(_, route)| route)
    }

    /// The operation of a form, now that its body is here; `None` for what is no call of any.
    pub(crate) fn by_action<'p>(
        &'p self,
        found: Found<'p>,
        request: &Request,
    ) -> Option<Result<Found<'p>, ApiError>> {
        let Some(form) = form_of(request, &request.body) else {
            return Some(Err(ApiError::silent(code::SERIALIZATION)));
        };
        let action = form.get("Action")?;
        let version = form.get("Version").unwrap_or_default();
        let by_version = || {
            let speaks =
                |service: &&&ServiceInfo| service.speaks(Protocol::Query) && service.version == version;
            self.services.iter().find(speaks).copied()
        };
        let service = found.service.or_else(by_version);
        let known = service.filter(|service| version.is_empty() || service.version == version);
        let route = known
            .and_then(|service| self.routes.find(format!("{}.{action}", service.target_prefix).as_bytes()));
        Some(match route {
            Some(route) => Ok(Found { service, route: Some(route), ..found }),
            None => Err(ApiError::new(
                code::UNKNOWN_OPERATION,
                format!(
                    "Could not find operation {action} for version {}",
                    if version.is_empty() { "NO_VERSION_SPECIFIED" } else { version }
                ),
            )),
        })
    }
}

/// Requests of S3 have a header of their own, also where they are not signed.
fn s3_by_header(request: &Request) -> Option<Cow<'static, str>> {
    request.headers.contains_key(CONTENT_SHA256).then_some(Cow::Borrowed("s3"))
}

/// A request signed for a service that is not here, in the protocol of such a service.
fn unknown_service(request: &Request) -> Option<Found<'static>> {
    (request.uri.path() != "/").then(|| Found::call(Protocol::RestJson, None, None))
}

/// A service may have CBOR beside JSON 1.1, selected by the type of the body alone.
fn in_cbor(json: Protocol, service: &ServiceInfo, request: &Request) -> Protocol {
    let is_cbor = json == Protocol::AwsJson11
        && service.speaks(Protocol::AwsCbor11)
        && request.media_type() == MediaType::AmzCbor11;
    if is_cbor { Protocol::AwsCbor11 } else { json }
}
