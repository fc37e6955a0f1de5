//! CreateLogStream.

use crate::errors;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{CreateLogStream, CreateLogStreamInput, CreateLogStreamOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for CreateLogStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateLogStreamInput> = Validation::Own;
    type Plan = CreateLogStreamInput;

    fn check(input: CreateLogStreamInput) -> Result<CreateLogStreamInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a CreateLogStreamInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:CreateLogStream", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: CreateLogStreamInput,
    ) -> Result<CreateLogStreamOutput, ApiError> {
        let (logs, region) = (&cx.service.logs, region(cx.caller));
        let group = logs.group(&region, input.log_group_name.as_deref().unwrap_or_default()).await?;
        let name = input.log_stream_name.as_deref().unwrap_or_default();
        match logs.make_stream(&region, &group, name).await? {
            (_, true) => Ok(CreateLogStreamOutput {}),
            (_, false) => Err(errors::stream_exists()),
        }
    }
}
