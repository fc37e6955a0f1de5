//! GetAccountSummary: how much of everything an account has, and how much it may have.

use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{GetAccountSummary, GetAccountSummaryInput, GetAccountSummaryOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const QUOTAS: [(&str, usize); 25] = [
    ("AccessKeysPerUserQuota", 2),
    ("AccountAccessKeysPresent", 0),
    ("AccountMFAEnabled", 0),
    ("AccountPasswordPresent", 0),
    ("AccountSigningCertificatesPresent", 0),
    ("AssumeRolePolicySizeQuota", 2_048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GlobalEndpointTokenVersion", 1),
    ("GroupPolicySizeQuota", 5_120),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfiles", 0),
    ("InstanceProfilesQuota", 1_000),
    ("MFADevices", 0),
    ("MFADevicesInUse", 0),
    ("PoliciesQuota", 1_500),
    ("PolicySizeQuota", 6_144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("RolePolicySizeQuota", 10_240),
    ("RolesQuota", 1_000),
    ("ServerCertificates", 0),
    ("ServerCertificatesQuota", 20),
    ("UserPolicySizeQuota", 2_048),
];

impl Operation<Iam> for GetAccountSummary {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetAccountSummaryInput> = Validation::MODEL;
    type Plan = ();

    fn check(_: GetAccountSummaryInput) -> Result<(), ApiError> {
        Ok(())
    }

    fn access(_: &Cx<'_, Iam>, (): &()) -> Access<'static> {
        service::need_arn("iam:GetAccountSummary", "*")
    }

    async fn run(cx: &Cx<'_, Iam>, (): ()) -> Result<GetAccountSummaryOutput, ApiError> {
        let account = service::account(cx);
        let versions: usize = account.policies.values().map(|policy| policy.versions.len()).sum();
        let counted = [
            ("Users", account.users.len()),
            ("Groups", account.groups.len()),
            ("Roles", account.roles.len()),
            ("Policies", account.policies.len()),
            ("PolicyVersionsInUse", versions),
            ("Providers", account.providers.len()),
        ];
        let all = counted.into_iter().chain(QUOTAS).map(|(name, count)| (name.to_owned(), count as i64));
        Ok(GetAccountSummaryOutput { summary_map: Some(all.collect()) })
    }
}
