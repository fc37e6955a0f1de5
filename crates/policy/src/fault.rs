//! What is wrong with a policy document, in IAM's words.

use std::fmt;

/// Why a document is no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Longer than any policy may be.
    TooLong {
        /// The most bytes that are read.
        max: usize,
    },
    /// Not JSON.
    InvalidJson,
    /// JSON of another form, or with members that no policy has.
    Syntax,
    /// Without statements.
    NoStatement,
    /// Written for an older version of the language than is taken here.
    Version,
    /// An effect in another case, an ARN with too few parts, a date that is none.
    Legacy,
    /// A statement without actions.
    NoActions,
    /// A statement without resources.
    NoResources,
    /// A statement without a principal where one is needed.
    NoPrincipal,
    /// An action without its service.
    NoVendor,
    /// A service that none can be called.
    Vendor(String),
    /// An action with two colons.
    ActionColons,
    /// A resource that is neither an ARN nor `*`.
    NotArn(String),
    /// An ARN of a partition that does not exist.
    Partition {
        /// The partition.
        partition: String,
        /// The ARN, filled up to six parts.
        arn: String,
    },
    /// An ARN that ends before its service.
    NoResourceVendor,
    /// An ARN of IAM that names nothing IAM has.
    IamPath,
    /// An ARN of IAM with a region.
    IamRegion(String),
    /// An ARN of S3 with a region.
    S3Region(String),
    /// A statement id with other characters than letters and digits.
    Sid,
    /// Two statements of one id.
    SameSid,
    /// A trust policy that names resources.
    HasResource,
    /// A policy of a principal that names principals.
    HasPrincipal,
    /// A trust policy about other actions than those of STS.
    NotAssumeRole,
    /// A principal that cannot exist.
    Principal {
        /// Its kind, such as `AWS`.
        kind: String,
        /// As written.
        value: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::TooLong { max } => return write!(f, "Maximum policy size of {max} bytes exceeded"),
            Self::InvalidJson => "This policy contains invalid Json",
            Self::Syntax | Self::NoStatement => "Syntax errors in policy.",
            Self::Version => "Policy document must be version 2012-10-17 or greater.",
            Self::Legacy => "The policy failed legacy parsing",
            Self::NoActions => "Policy statement must contain actions.",
            Self::NoResources => "Policy statement must contain resources.",
            Self::NoPrincipal => "Missing required field Principal",
            Self::NoVendor => "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            Self::Vendor(vendor) => return write!(f, "Vendor {vendor} is not valid"),
            Self::ActionColons => "Actions/Condition can contain only one colon.",
            Self::NotArn(resource) => {
                return write!(f, "Resource {resource} must be in ARN format or \"*\".");
            }
            Self::Partition { partition, arn } => {
                return write!(f, "Partition \"{partition}\" is not valid for resource \"{arn}\".");
            }
            Self::NoResourceVendor => "Resource vendor must be fully qualified and cannot contain regexes.",
            Self::IamPath => {
                "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
                 instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, \
                 report/, access-report/."
            }
            Self::IamRegion(arn) => {
                return write!(f, "IAM resource {arn} cannot contain region information.");
            }
            Self::S3Region(arn) => return write!(f, "Resource {arn} can not contain region information."),
            Self::Sid => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                 expression [0-9A-Za-z]*"
            }
            Self::SameSid => "Statement IDs (SID) in a single policy must be unique.",
            Self::HasResource => "Has prohibited field Resource",
            Self::HasPrincipal => "Policy document should not specify a principal.",
            Self::NotAssumeRole => "AssumeRole policy may only specify STS AssumeRole actions.",
            Self::Principal { kind, value } => {
                return write!(f, "Invalid principal in policy: \"{kind}\":\"{value}\"");
            }
        };
        f.write_str(text)
    }
}

impl std::error::Error for Fault {}
