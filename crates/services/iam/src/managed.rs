//! The managed policies of AWS that every account has: those that tutorials attach, as far as they are about services
//! here.

/// A managed policy of AWS.
#[derive(Debug)]
pub(crate) struct Managed {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    /// What it allows: actions, separated by blanks, on everything.
    actions: &'static str,
}

const fn policy(name: &'static str, actions: &'static str) -> Managed {
    Managed { path: "/", name, actions }
}

const fn service_role(name: &'static str, actions: &'static str) -> Managed {
    Managed { path: "/service-role/", name, actions }
}

const fn service_linked(name: &'static str, actions: &'static str) -> Managed {
    Managed { path: "/aws-service-role/", name, actions }
}

const READ_DYNAMODB: &str = "dynamodb:BatchGetItem dynamodb:Describe* dynamodb:List* dynamodb:GetAbacStatus \
                             dynamodb:GetItem dynamodb:GetResourcePolicy dynamodb:Query dynamodb:Scan \
                             dynamodb:PartiQLSelect dynamodb:GetRecords dynamodb:GetShardIterator dax:Describe* \
                             dax:List* dax:GetItem dax:BatchGetItem dax:Query dax:Scan cloudwatch:DescribeAlarms \
                             cloudwatch:GetMetricData cloudwatch:GetMetricStatistics cloudwatch:ListMetrics \
                             application-autoscaling:Describe* kms:DescribeKey kms:ListAliases";

const FULL_DYNAMODB: &str = "dynamodb:* dax:* application-autoscaling:* cloudwatch:DeleteAlarms \
                             cloudwatch:DescribeAlarm* cloudwatch:GetMetric* cloudwatch:ListMetrics \
                             cloudwatch:PutMetricAlarm iam:GetRole iam:ListRoles kms:DescribeKey kms:ListAliases \
                             lambda:CreateFunction lambda:ListFunctions lambda:ListEventSourceMappings \
                             lambda:CreateEventSourceMapping lambda:DeleteEventSourceMapping \
                             lambda:GetFunctionConfiguration lambda:DeleteFunction kinesis:ListStreams \
                             kinesis:DescribeStream kinesis:DescribeStreamSummary";

const LOGS: &str = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents";

/// Every one of them.
pub(crate) static POLICIES: &[Managed] = &[
    policy("AdministratorAccess", "*"),
    policy("AmazonDynamoDBFullAccess", FULL_DYNAMODB),
    policy("AmazonDynamoDBFullAccess_v2", FULL_DYNAMODB),
    policy("AmazonDynamoDBReadOnlyAccess", READ_DYNAMODB),
    policy("AmazonKinesisFullAccess", "kinesis:*"),
    policy("AmazonKinesisReadOnlyAccess", "kinesis:Get* kinesis:List* kinesis:Describe*"),
    policy("AmazonS3FullAccess", "s3:* s3-object-lambda:*"),
    policy(
        "AmazonS3ReadOnlyAccess",
        "s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*",
    ),
    policy(
        "AWSLambdaInvocation-DynamoDB",
        "lambda:InvokeFunction dynamodb:DescribeStream dynamodb:GetRecords \
                                            dynamodb:GetShardIterator dynamodb:ListStreams",
    ),
    policy(
        "AWSLambda_FullAccess",
        "lambda:* logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents \
                                    cloudwatch:ListMetrics cloudwatch:GetMetricData iam:GetPolicy \
                                    iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies \
                                    iam:ListRolePolicies iam:ListRoles kms:ListAliases tag:GetResources",
    ),
    policy(
        "CloudWatchFullAccess",
        "cloudwatch:* logs:* autoscaling:Describe* sns:* iam:GetPolicy \
                                    iam:GetPolicyVersion iam:GetRole",
    ),
    policy(
        "CloudWatchReadOnlyAccess",
        "cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* logs:Get* logs:List* \
                                        logs:Describe* logs:FilterLogEvents",
    ),
    policy("CloudWatchLogsFullAccess", "logs:*"),
    policy("IAMFullAccess", "iam:* organizations:DescribeAccount"),
    policy(
        "IAMReadOnlyAccess",
        "iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* \
                                 iam:List* iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy",
    ),
    policy(
        "ReadOnlyAccess",
        "dynamodb:BatchGet* dynamodb:Describe* dynamodb:Get* dynamodb:List* dynamodb:Query \
                              dynamodb:Scan dynamodb:PartiQLSelect cloudwatch:Describe* cloudwatch:Get* \
                              cloudwatch:List* logs:Describe* logs:Get* logs:List* logs:FilterLogEvents kinesis:Get* \
                              kinesis:List* kinesis:Describe* lambda:Get* lambda:List* iam:Get* iam:List* s3:Get* \
                              s3:List* kms:Describe* kms:Get* kms:List* application-autoscaling:Describe* dax:Describe* \
                              dax:List* dax:GetItem dax:BatchGetItem dax:Query dax:Scan cognito-identity:Describe* \
                              cognito-identity:Get* cognito-identity:List* sts:GetCallerIdentity sts:GetSessionToken",
    ),
    service_role("AWSLambdaBasicExecutionRole", LOGS),
    service_role(
        "AWSLambdaDynamoDBExecutionRole",
        "dynamodb:DescribeStream dynamodb:GetRecords \
                                                    dynamodb:GetShardIterator dynamodb:ListStreams \
                                                    logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
    ),
    service_role(
        "AWSLambdaKinesisExecutionRole",
        "kinesis:DescribeStream kinesis:DescribeStreamSummary \
                                                   kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards \
                                                   kinesis:ListStreams kinesis:SubscribeToShard logs:CreateLogGroup \
                                                   logs:CreateLogStream logs:PutLogEvents",
    ),
    service_linked(
        "AWSApplicationAutoscalingDynamoDBTablePolicy",
        "dynamodb:DescribeTable dynamodb:UpdateTable \
                                                                    cloudwatch:PutMetricAlarm \
                                                                    cloudwatch:DescribeAlarms \
                                                                    cloudwatch:DeleteAlarms",
    ),
    service_linked("DynamoDBReplicationServiceRolePolicy", "dynamodb:*"),
    service_linked(
        "DynamoDBKinesisReplicationServiceRolePolicy",
        "kinesis:PutRecord kinesis:PutRecords \
                                                                   kinesis:DescribeStream",
    ),
    service_linked("DAXServiceRolePolicy", "dynamodb:DescribeTable"),
];

/// PowerUserAccess is the one that names what it does not allow.
const POWER_USER: Managed = policy("PowerUserAccess", "");
static POWER_USERS: [Managed; 1] = [POWER_USER];

impl Managed {
    /// Seconds since the Unix epoch: the day of the oldest ones.
    pub(crate) const CREATED: f64 = 1_423_161_600.0;

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// A unique id, the same on every server.
    pub(crate) fn id(&self) -> String {
        let letters = self.name.bytes().rev().map(|byte| char::from(b'A' + byte % 26));
        "ANPA".chars().chain(letters.chain(std::iter::repeat('A')).take(17)).collect()
    }

    /// Its document.
    pub(crate) fn document(&self) -> String {
        let statement = match self.actions {
            "" => r#""NotAction":["iam:*","organizations:*","account:*"]"#.to_owned(),
            actions => {
                let quoted: Vec<_> =
                    actions.split_whitespace().map(|action| format!("\"{action}\"")).collect();
                format!("\"Action\":[{}]", quoted.join(","))
            }
        };
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{statement},"Resource":"*"}}]}}"#)
    }

    /// Every one of them.
    pub(crate) fn all() -> impl Iterator<Item = &'static Managed> {
        POLICIES.iter().chain(&POWER_USERS)
    }

    /// By its ARN.
    pub(crate) fn named(arn: &str) -> Option<&'static Managed> {
        let name = arn.strip_prefix("arn:aws:iam::aws:policy")?;
        Managed::all().find(|policy| name.strip_prefix(policy.path) == Some(policy.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::{Kind, Policy};

    #[test]
    fn each_is_a_policy() {
        for managed in Managed::all() {
            assert!(Policy::parse(&managed.document(), Kind::Identity).is_ok(), "{}", managed.name);
            let found = Managed::named(&managed.arn()).map(|found| found.name);
            assert_eq!(found, Some(managed.name));
        }
        assert!(Managed::named("arn:aws:iam::aws:policy/Nothing").is_none());
    }
}
