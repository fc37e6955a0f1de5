//! DescribeLimits: how many shards and streams there are, and how many there may be.

use super::create_stream::OPEN_SHARDS_MAX;
use crate::errors::store_error;
use crate::service::{Kinesis, scope_of};
use crate::stream::Mode;
use model::ApiError;
use model::kinesis::{DescribeLimits, DescribeLimitsInput, DescribeLimitsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const ON_DEMAND_STREAMS_MAX: i64 = 50;

impl Operation<Kinesis> for DescribeLimits {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeLimitsInput> = Validation::MODEL;
    type Plan = ();

    fn check(_: DescribeLimitsInput) -> Result<(), ApiError> {
        Ok(())
    }

    fn access(_: &Cx<'_, Kinesis>, (): &()) -> Access<'static> {
        Need::new("kinesis:DescribeLimits", "*").into()
    }

    async fn run(cx: &Cx<'_, Kinesis>, (): ()) -> Result<DescribeLimitsOutput, ApiError> {
        let streams = cx.service.streams.list(&scope_of(cx.caller), None, usize::MAX).await;
        let streams = streams.map_err(|error| store_error(&error))?;
        let open: usize = streams.iter().map(|stream| stream.open_shards().count()).sum();
        let on_demand = streams.iter().filter(|stream| stream.mode == Mode::OnDemand).count();
        Ok(DescribeLimitsOutput {
            shard_limit: Some(OPEN_SHARDS_MAX as i64),
            open_shard_count: Some(open as i64),
            on_demand_stream_count: Some(on_demand as i64),
            on_demand_stream_count_limit: Some(ON_DEMAND_STREAMS_MAX),
            ..DescribeLimitsOutput::default()
        })
    }
}
