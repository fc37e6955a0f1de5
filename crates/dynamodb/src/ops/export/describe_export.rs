//! DescribeExport.
//!
//! Order of refusals: the constraints of the model → what is no ARN of an export → another account's → another
//! region's → no such export.

use crate::export::{ExportArn, description};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeExport, DescribeExportInput, DescribeExportOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeExport {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeExportInput> = Validation::MODEL;
    type Plan = ExportArn;

    fn check(input: DescribeExportInput) -> Result<ExportArn, ApiError> {
        ExportArn::read(input.export_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, export: &ExportArn) -> Access<'static> {
        export.access("dynamodb:DescribeExport")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, export: ExportArn) -> Result<DescribeExportOutput, ApiError> {
        let export = export.find(cx).await?;
        Ok(DescribeExportOutput { export_description: Some(description(&export)) })
    }
}
