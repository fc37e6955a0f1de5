//! DescribeImport.
//!
//! Order of refusals: the constraints of the model → what is no ARN of an import → another account's → no such import.

use crate::import::{ImportArn, description};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeImport, DescribeImportInput, DescribeImportOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeImport {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeImportInput> = Validation::MODEL;
    type Plan = ImportArn;

    fn check(input: DescribeImportInput) -> Result<ImportArn, ApiError> {
        ImportArn::read(input.import_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, import: &ImportArn) -> Access<'static> {
        import.access("dynamodb:DescribeImport")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, import: ImportArn) -> Result<DescribeImportOutput, ApiError> {
        let import = import.find(cx).await?;
        Ok(DescribeImportOutput { import_table_description: Some(description(&import)) })
    }
}
