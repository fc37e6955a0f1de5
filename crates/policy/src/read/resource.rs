//! What a resource of a policy looks like: an ARN of six parts, or `*`.

use crate::arn::{self, PARTS};
use crate::fault::Fault;

const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// An ARN of a partition and a service that ends too early.
pub(super) fn has_too_few_parts(resource: &str) -> bool {
    let parts = arn::split(resource, true);
    parts[0] == "arn" && (3..PARTS).contains(&parts.len()) && is_partition(parts[1]) && !parts[2].is_empty()
}

pub(super) fn check(resource: &str) -> Result<(), Fault> {
    if resource == "*" {
        return Ok(());
    }
    let parts = arn::split(resource, true);
    if parts.len() < 2 || parts[0] != "arn" {
        return Err(Fault::NotArn(resource.to_owned()));
    }
    if !is_partition(parts[1]) {
        let arn = (0..PARTS).map(|place| parts.get(place).filter(|part| !part.is_empty()).unwrap_or(&"*"));
        let arn = arn.copied().collect::<Vec<_>>().join(":");
        return Err(Fault::Partition { partition: parts[1].to_owned(), arn });
    }
    match parts[..] {
        [_, _, service, region, _, name] => check_service(resource, service, region, name),
        _ => Err(Fault::NoResourceVendor),
    }
}

fn is_partition(part: &str) -> bool {
    PARTITIONS.contains(&part) || part.contains(['*', '$'])
}

fn check_service(resource: &str, service: &str, region: &str, name: &str) -> Result<(), Fault> {
    match service {
        "" => Err(Fault::NoResourceVendor),
        "iam" if !region.is_empty() && region != "*" => Err(Fault::IamRegion(resource.to_owned())),
        "iam" if !is_of_iam(name) => Err(Fault::IamPath),
        "s3" if !region.is_empty() && region != "*" => Err(Fault::S3Region(resource.to_owned())),
        _ => Ok(()),
    }
}

fn is_of_iam(name: &str) -> bool {
    name == "*" || name == "root" || IAM_PATHS.iter().any(|path| name.starts_with(path))
}
