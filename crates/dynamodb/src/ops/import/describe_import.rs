//! DescribeImport.
//!
//! Order of refusals: the constraints of the model → what is no ARN of an import → another account's → no such import.

use crate::import::{Import, description};
use crate::service::DynamoDb;
use crate::transfer::TransferArn;
use model::ApiError;
use model::dynamodb::{DescribeImport, DescribeImportInput, DescribeImportOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeImport {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeImportInput> = Validation::MODEL;
    type Plan = TransferArn<Import>;

    fn check(input: DescribeImportInput) -> Result<TransferArn<Import>, ApiError> {
        TransferArn::read(input.import_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, import: &TransferArn<Import>) -> Access<'static> {
        import.access("dynamodb:DescribeImport")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        import: TransferArn<Import>,
    ) -> Result<DescribeImportOutput, ApiError> {
        let import = import.find(cx).await?;
        Ok(DescribeImportOutput { import_table_description: Some(description(&import)) })
    }
}
