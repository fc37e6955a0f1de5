//! IncreaseStreamRetentionPeriod.
//!
//! Order of refusals: the constraints of the model → no stream named → outside of what there is → no such stream → it
//! is being changed → the other direction.

use super::retention::{self, Direction};
use crate::service::Kinesis;
use model::ApiError;
use model::kinesis::{
    IncreaseStreamRetentionPeriod, IncreaseStreamRetentionPeriodInput, IncreaseStreamRetentionPeriodOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for IncreaseStreamRetentionPeriod {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<IncreaseStreamRetentionPeriodInput> = Validation::MODEL;
    type Plan = retention::Plan;

    fn check(input: IncreaseStreamRetentionPeriodInput) -> Result<retention::Plan, ApiError> {
        retention::check(input.stream_name, input.stream_arn, input.retention_period_hours)
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &retention::Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:IncreaseStreamRetentionPeriod")
    }

    async fn run(
        cx: &Cx<'_, Kinesis>,
        plan: retention::Plan,
    ) -> Result<IncreaseStreamRetentionPeriodOutput, ApiError> {
        retention::change(cx, &plan, Direction::Increase).await?;
        Ok(IncreaseStreamRetentionPeriodOutput {})
    }
}
