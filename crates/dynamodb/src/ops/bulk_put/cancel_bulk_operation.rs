//! CancelBulkOperation: asks an operation to end. What it has put stays; one that has ended stays as it is.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a bulk operation → another account's → no such
//! operation.

use crate::bulk_put::{BulkPut, status};
use crate::errors::record_error;
use crate::service::DynamoDb;
use crate::transfer::{Transfer, TransferArn};
use model::ApiError;
use model::dynamodb::{CancelBulkOperation, CancelBulkOperationInput, CancelBulkOperationOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for CancelBulkOperation {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CancelBulkOperationInput> = Validation::MODEL;
    type Plan = TransferArn<BulkPut>;

    fn check(input: CancelBulkOperationInput) -> Result<TransferArn<BulkPut>, ApiError> {
        TransferArn::read(input.bulk_operation_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, bulk: &TransferArn<BulkPut>) -> Access<'static> {
        bulk.access("dynamodb:CancelBulkOperation")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        bulk: TransferArn<BulkPut>,
    ) -> Result<CancelBulkOperationOutput, ApiError> {
        let found = bulk.find(cx).await?;
        let cancelled = cx.service.bulk_puts.change(&found, |bulk| bulk.is_cancelled = true).await;
        let cancelled = cancelled.map_err(|error| record_error(&error))?;
        let cancelled = cancelled.ok_or_else(|| BulkPut::not_found(&bulk))?;
        Ok(CancelBulkOperationOutput {
            bulk_operation_arn: Some(cancelled.arn()),
            bulk_operation_status: Some(status(&cancelled).to_owned()),
        })
    }
}
