//! DeleteLogStream: a stream with its events.

use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{DeleteLogStream, DeleteLogStreamInput, DeleteLogStreamOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatchLogs> for DeleteLogStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteLogStreamInput> = Validation::Own;
    type Plan = DeleteLogStreamInput;

    fn check(input: DeleteLogStreamInput) -> Result<DeleteLogStreamInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a DeleteLogStreamInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:DeleteLogStream", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: DeleteLogStreamInput,
    ) -> Result<DeleteLogStreamOutput, ApiError> {
        let (logs, region) = (&cx.service.logs, region(cx.caller));
        let group = logs.group(&region, input.log_group_name.as_deref().unwrap_or_default()).await?;
        logs.delete_stream(&region, &group, input.log_stream_name.as_deref().unwrap_or_default()).await?;
        Ok(DeleteLogStreamOutput {})
    }
}
