//! A record, as CloudTrail has it.

use crate::parameters;
use identity::{Caller, PrincipalKind};
use pipeline::Kind;
use pipeline::audit::Event;
use serde::Serialize;
use serde_json::{Map, Value};
use stdx::calendar::iso_8601;

/// Client software says who it is in less.
const USER_AGENT_CHARACTERS_MAX: usize = 1_024;

/// A record. Members are in the order of CloudTrail's documentation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<'a> {
    event_version: &'static str,
    user_identity: UserIdentity<'a>,
    event_time: String,
    event_source: String,
    event_name: &'static str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: String,
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<Map<String, Value>>,
    response_elements: Option<()>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Resource<'a>>,
    #[serde(rename = "requestID")]
    request_id: String,
    #[serde(rename = "eventID")]
    event_id: String,
    read_only: bool,
    event_type: &'static str,
    management_event: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_account_id: Option<&'a str>,
    event_category: &'static str,
    is_secure_transport: bool,
}

/// What a call from inside is about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(rename = "ARN")]
    arn: &'a str,
}

/// Who called.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_issuer: Option<SessionIssuer<'a>>,
    attributes: Attributes,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer<'a> {
    r#type: &'static str,
    principal_id: &'a str,
    arn: &'a str,
    account_id: &'a str,
    user_name: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_date: Option<String>,
    mfa_authenticated: &'static str,
}

impl<'a> Record<'a> {
    /// The record of an event, with an id of its own.
    pub fn of(event: &'a Event, event_id: String) -> Record<'a> {
        let (code, message) = match &event.error {
            Some((code, message)) => (Some(*code), message.as_deref()),
            None => (None, None),
        };
        let caller = event.caller.as_deref();
        let is_data = matches!(event.kind, Kind::Read | Kind::Write);
        let parameters = parameters::of(event);
        Record {
            event_version: "1.11",
            user_identity: UserIdentity::of(event),
            event_time: iso_8601(event.time_micros / 1_000_000),
            event_source: format!("{}.amazonaws.com", event.service),
            event_name: event.operation,
            aws_region: caller.map_or("", |caller| &caller.region),
            source_ip_address: match (&event.invoked_by, event.peer) {
                (Some(service), _) => service.clone(),
                (None, peer) => peer.map(|peer| peer.address.to_canonical().to_string()).unwrap_or_default(),
            },
            user_agent: match &event.invoked_by {
                Some(service) => Some(service.clone()),
                None => event.user_agent.as_ref().map(|sent| user_agent(sent.as_bytes())),
            },
            error_code: code,
            error_message: message,
            request_parameters: Some(parameters).filter(|parameters| !parameters.is_empty()),
            response_elements: None,
            resources: event.resources.iter().map(|arn| Resource::of(arn)).collect(),
            request_id: event.request_id.to_string(),
            event_id,
            read_only: event.kind == Kind::Read || reads(event.operation),
            event_type: "AwsApiCall",
            management_event: !is_data,
            recipient_account_id: caller.map(|caller| &*caller.account),
            event_category: if is_data { "Data" } else { "Management" },
            is_secure_transport: event.peer.is_some_and(|peer| peer.is_secure),
        }
    }
}

impl<'a> Resource<'a> {
    fn of(arn: &'a str) -> Self {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, service, _, account, rest] = parts[..] else {
            return Resource { account_id: None, r#type: None, arn };
        };
        let r#type = match (service, rest.split(['/', ':']).next().unwrap_or_default()) {
            ("dynamodb", "table") if rest.contains("/stream/") => Some("AWS::DynamoDB::Stream"),
            ("dynamodb", "table") => Some("AWS::DynamoDB::Table"),
            ("iam", "role") => Some("AWS::IAM::Role"),
            ("kms", "key") => Some("AWS::KMS::Key"),
            ("lambda", "function") => Some("AWS::Lambda::Function"),
            _ => None,
        };
        Resource { account_id: Some(account).filter(|account| !account.is_empty()), r#type, arn }
    }
}

fn user_agent(sent: &[u8]) -> String {
    String::from_utf8_lossy(sent).chars().take(USER_AGENT_CHARACTERS_MAX).collect()
}

fn reads(operation: &str) -> bool {
    ["Describe", "Get", "List", "Lookup", "Simulate", "Filter", "Decode"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

impl<'a> UserIdentity<'a> {
    fn of(event: &'a Event) -> Self {
        match event.caller.as_deref() {
            Some(caller) => {
                let identity = Self::of_caller(caller);
                UserIdentity { invoked_by: event.invoked_by.as_deref().or(identity.invoked_by), ..identity }
            }
            None => UserIdentity {
                r#type: "Unknown",
                access_key_id: event.claimed_key.as_deref(),
                ..UserIdentity::default()
            },
        }
    }

    fn of_caller(caller: &'a Caller) -> Self {
        let known = |kind| UserIdentity {
            r#type: kind,
            principal_id: Some(caller.user_id()),
            arn: Some(caller.arn()),
            account_id: Some(&caller.account),
            access_key_id: Some(&*caller.access_key_id).filter(|id| !id.is_empty()),
            session_context: session(caller),
            ..UserIdentity::default()
        };
        match &caller.principal.kind {
            PrincipalKind::Root => known("Root"),
            PrincipalKind::User { name, .. } => UserIdentity { user_name: Some(name), ..known("IAMUser") },
            PrincipalKind::Role { .. } => known("AssumedRole"),
            PrincipalKind::Federated { .. } => known("FederatedUser"),
            PrincipalKind::Service(name) => {
                UserIdentity { r#type: "AWSService", invoked_by: Some(name), ..UserIdentity::default() }
            }
            PrincipalKind::Anonymous => UserIdentity { r#type: "Unknown", ..UserIdentity::default() },
        }
    }
}

/// What a session is of, and when it began; `None` for a key that lasts.
fn session(caller: &Caller) -> Option<SessionContext<'_>> {
    let began = caller.principal.keys.get("aws:tokenissuetime")?.first()?.parse().ok();
    let session_issuer = match &caller.principal.kind {
        PrincipalKind::Role { role_arn, role_id, .. } => Some(SessionIssuer {
            r#type: "Role",
            principal_id: role_id,
            arn: role_arn,
            account_id: &caller.account,
            user_name: role_arn.rsplit('/').next().unwrap_or_default(),
        }),
        _ => None,
    };
    let attributes = Attributes { creation_date: began.map(iso_8601), mfa_authenticated: "false" };
    Some(SessionContext { session_issuer, attributes })
}
