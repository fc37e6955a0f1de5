//! The services that cases call, by the name before the operation.

use application_autoscaling::ApplicationAutoScaling;
use cloudwatch::CloudWatch;
use cognito_identity::CognitoIdentity;
use dax_control::DaxControl;
use dynamodb::DynamoDb;
use dynamodb::service::DynamoDbStreams;
use iam::Iam;
use kinesis::Kinesis;
use kms::Kms;
use lambda::Lambda;
use logs::CloudWatchLogs;
use pipeline::{Callers, Protocol, Service};
use s3::S3;
use sts::Sts;

/// The properties of a service that a client needs to call it.
#[derive(Debug, PartialEq, Eq)]
pub struct ServiceEntry {
    /// Its name in cases.
    pub name: &'static str,
    /// The prefix of `X-Amz-Target`, and the service in paths of rpc-v2-CBOR.
    pub target_prefix: &'static str,
    /// The service in the credential scope.
    pub signing_name: &'static str,
    /// `Version` of its forms.
    pub version: &'static str,
    /// Whose requests it answers.
    pub callers: Callers,
    /// Its protocols; the first is meant where a case names none.
    pub protocols: &'static [Protocol],
}

/// Every service. The first is meant where a case names none.
pub static SERVICES: &[ServiceEntry] = &[
    entry::<DynamoDb>("dynamodb"),
    entry::<DynamoDbStreams>("dynamodbstreams"),
    entry::<CloudWatch>("cloudwatch"),
    entry::<ApplicationAutoScaling>("application-autoscaling"),
    entry::<DaxControl>("dax"),
    entry::<Kinesis>("kinesis"),
    entry::<CognitoIdentity>("cognito-identity"),
    entry::<Iam>("iam"),
    entry::<Kms>("kms"),
    entry::<Sts>("sts"),
    entry::<Lambda>("lambda"),
    entry::<CloudWatchLogs>("logs"),
    entry::<S3>("s3"),
];

const fn entry<S: Service>(name: &'static str) -> ServiceEntry {
    ServiceEntry {
        name,
        target_prefix: S::TARGET_PREFIX,
        signing_name: S::SIGNING_NAME,
        version: S::VERSION,
        callers: S::CALLERS,
        protocols: S::PROTOCOLS,
    }
}

impl ServiceEntry {
    /// The service of this name.
    pub fn named(name: &str) -> Option<&'static ServiceEntry> {
        SERVICES.iter().find(|service| service.name == name)
    }

    /// Its protocols that a case calls so; all of them for `*`, the first one for no name.
    pub fn protocols_named(&self, name: Option<&str>) -> Vec<Protocol> {
        match name {
            None => self.protocols.first().copied().into_iter().collect(),
            Some("*") => self.protocols.to_vec(),
            Some(name) => self.protocols.iter().copied().filter(|known| name_of(*known) == name).collect(),
        }
    }
}

fn name_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => "json",
        Protocol::Query => "query",
        Protocol::AwsCbor11 | Protocol::RpcCbor => "cbor",
        Protocol::RestJson | Protocol::RestXml => "rest",
    }
}
