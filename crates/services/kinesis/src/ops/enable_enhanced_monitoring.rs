//! EnableEnhancedMonitoring: which metrics of each shard are asked for. They are remembered and described.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream → it is being changed.

use super::monitoring;
use crate::service::Kinesis;
use model::ApiError;
use model::kinesis::{EnableEnhancedMonitoring, EnableEnhancedMonitoringInput, EnhancedMonitoringOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for EnableEnhancedMonitoring {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<EnableEnhancedMonitoringInput> = Validation::MODEL;
    type Plan = monitoring::Plan;

    fn check(input: EnableEnhancedMonitoringInput) -> Result<monitoring::Plan, ApiError> {
        monitoring::check(input.stream_name, input.stream_arn, input.shard_level_metrics)
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &monitoring::Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:EnableEnhancedMonitoring")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: monitoring::Plan) -> Result<EnhancedMonitoringOutput, ApiError> {
        monitoring::change(cx, &plan, monitoring::Change::Enable).await
    }
}
