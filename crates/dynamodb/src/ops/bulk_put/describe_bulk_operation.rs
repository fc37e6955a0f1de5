//! DescribeBulkOperation. What was read and put shows while it goes on.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a bulk operation → another account's → no such
//! operation.

use crate::bulk_put::{BulkPut, description};
use crate::errors::record_error;
use crate::service::DynamoDb;
use crate::transfer::TransferArn;
use model::ApiError;
use model::dynamodb::{DescribeBulkOperation, DescribeBulkOperationInput, DescribeBulkOperationOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeBulkOperation {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeBulkOperationInput> = Validation::MODEL;
    type Plan = TransferArn<BulkPut>;

    fn check(input: DescribeBulkOperationInput) -> Result<TransferArn<BulkPut>, ApiError> {
        TransferArn::read(input.bulk_operation_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, bulk: &TransferArn<BulkPut>) -> Access<'static> {
        bulk.access("dynamodb:DescribeBulkOperation")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        bulk: TransferArn<BulkPut>,
    ) -> Result<DescribeBulkOperationOutput, ApiError> {
        let mut found = bulk.find(cx).await?;
        let mut task = None;
        if found.end.is_none() {
            let progress = cx.service.bulk_puts.progress(&found).await;
            task = progress.map_err(|error| record_error(&error))?;
            if task.is_none() {
                found = bulk.find(cx).await?; // it has ended meanwhile
            }
        }
        let shown = description(&found, task.as_ref());
        Ok(DescribeBulkOperationOutput { bulk_operation_description: Some(shown) })
    }
}
