//! DescribeExport.
//!
//! Order of refusals: the constraints of the model → what is no ARN of an export → another account's → another
//! region's → no such export.

use crate::export::{Export, description};
use crate::service::DynamoDb;
use crate::transfer::TransferArn;
use model::ApiError;
use model::dynamodb::{DescribeExport, DescribeExportInput, DescribeExportOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeExport {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeExportInput> = Validation::MODEL;
    type Plan = TransferArn<Export>;

    fn check(input: DescribeExportInput) -> Result<TransferArn<Export>, ApiError> {
        TransferArn::read(input.export_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, export: &TransferArn<Export>) -> Access<'static> {
        export.access("dynamodb:DescribeExport")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        export: TransferArn<Export>,
    ) -> Result<DescribeExportOutput, ApiError> {
        let export = export.find(cx).await?;
        Ok(DescribeExportOutput { export_description: Some(description(&export)) })
    }
}
