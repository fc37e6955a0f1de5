//! The services that have a role of their own in each account.

use crate::account::{Entity, Role};

/// A service with its role.
pub(crate) struct Linked {
    service: &'static str,
    pub(crate) role: &'static str,
    /// The managed policy of AWS that the role has.
    policy: &'static str,
}

static SERVICES: [Linked; 4] = [
    Linked {
        service: "dynamodb.application-autoscaling.amazonaws.com",
        role: "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
        policy: "AWSApplicationAutoscalingDynamoDBTablePolicy",
    },
    Linked {
        service: "replication.dynamodb.amazonaws.com",
        role: "AWSServiceRoleForDynamoDBReplication",
        policy: "DynamoDBReplicationServiceRolePolicy",
    },
    Linked { service: "dax.amazonaws.com", role: "AWSServiceRoleForDAX", policy: "DAXServiceRolePolicy" },
    Linked {
        service: "kinesisreplication.dynamodb.amazonaws.com",
        role: "AWSServiceRoleForDynamoDBKinesisDataStreamsReplication",
        policy: "DynamoDBKinesisReplicationServiceRolePolicy",
    },
];

/// The service of a name.
pub(crate) fn of_service(service: &str) -> Option<&'static Linked> {
    SERVICES.iter().find(|linked| linked.service == service)
}

impl Linked {
    /// Its role.
    pub(crate) fn role(&self, id: &str, created: u64, description: Option<String>) -> Role {
        let service = self.service;
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{{"Service":"{service}"}}}}]}}"#
        );
        let entity = Entity {
            path: format!("/aws-service-role/{service}/"),
            name: self.role.to_owned(),
            id: id.to_owned(),
            created,
            attached: [format!("arn:aws:iam::aws:policy/aws-service-role/{}", self.policy)].into(),
            ..Entity::default()
        };
        Role { entity, trust, description, session_seconds_max: 3_600, service: Some(service.to_owned()) }
    }
}
