//! DescribeLimits: the quotas of a new account. This server does not enforce them.

use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeLimits, DescribeLimitsInput, DescribeLimitsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use stdx::limits::{ACCOUNT_CAPACITY_UNITS_MAX, TABLE_CAPACITY_UNITS_MAX};

impl Operation<DynamoDb> for DescribeLimits {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeLimitsInput> = Validation::MODEL;
    type Plan = DescribeLimitsInput;

    fn check(input: DescribeLimitsInput) -> Result<DescribeLimitsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &DescribeLimitsInput) -> Access<'static> {
        crate::access::everything("dynamodb:DescribeLimits")
    }

    async fn run(_: &Cx<'_, DynamoDb>, _: DescribeLimitsInput) -> Result<DescribeLimitsOutput, ApiError> {
        let (account, table) = (ACCOUNT_CAPACITY_UNITS_MAX as i64, TABLE_CAPACITY_UNITS_MAX as i64);
        Ok(DescribeLimitsOutput {
            account_max_read_capacity_units: Some(account),
            account_max_write_capacity_units: Some(account),
            table_max_read_capacity_units: Some(table),
            table_max_write_capacity_units: Some(table),
        })
    }
}
