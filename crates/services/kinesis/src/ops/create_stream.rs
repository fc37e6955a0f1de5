//! CreateStream. The stream takes records at once; with a delay of the control plane it shows as CREATING for a while.
//!
//! Order of refusals: the constraints of the model → a number of shards that the mode does not take → the stream
//! exists → more shards than an account may have.

use crate::errors::{self, invalid_argument, store_error};
use crate::service::{Kinesis, scope_of};
use crate::stream::{Mode, RECORD_KIB_MIN, Status, Stream};
use engine::Scope;
use model::ApiError;
use model::kinesis::{CreateStream, CreateStreamInput, CreateStreamOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::collections::BTreeMap;

/// Open shards of an account and region.
pub(super) const OPEN_SHARDS_MAX: usize = 1_000;
/// Shards of an on-demand stream.
const ON_DEMAND_SHARDS: u32 = 4;

/// What is asked for, checked.
pub struct Plan {
    name: String,
    mode: Mode,
    shards: u32,
    max_record_kib: u32,
    tags: BTreeMap<String, String>,
}

impl Operation<Kinesis> for CreateStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateStreamInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: CreateStreamInput) -> Result<Plan, ApiError> {
        let mode = input.stream_mode_details.and_then(|details| details.stream_mode);
        let mode = mode.as_deref().map_or(Mode::Provisioned, Mode::of);
        let shards = match (mode, input.shard_count) {
            (Mode::OnDemand, None) => ON_DEMAND_SHARDS,
            (Mode::OnDemand, Some(_)) => {
                return Err(invalid_argument("ShardCount must not be specified for an ON_DEMAND stream."));
            }
            (Mode::Provisioned, Some(count)) => u32::try_from(count).unwrap_or(u32::MAX),
            (Mode::Provisioned, None) => {
                return Err(invalid_argument("ShardCount must be specified for a PROVISIONED stream."));
            }
        };
        let kib = input.max_record_size_in_ki_b.and_then(|kib| u32::try_from(kib).ok());
        Ok(Plan {
            name: input.stream_name.unwrap_or_default(),
            mode,
            shards,
            max_record_kib: kib.unwrap_or(RECORD_KIB_MIN),
            tags: input.tags.unwrap_or_default(),
        })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        Need::new("kinesis:CreateStream", crate::stream::arn(&scope_of(cx.caller), &plan.name))
            .tagged(Tags::set(plan.tags.clone()))
            .into()
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<CreateStreamOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let changing = cx.service.changing(Status::Creating, cx.now_micros);
        let created = cx.service.streams.change_counted(&scope, &plan.name, |old, open, feeds| match old {
            Some(stream) => Err(errors::stream_exists(&stream)),
            None => {
                admit_shards(&scope, open, plan.shards as usize)?;
                let mut stream = Stream::new(scope.clone(), &plan.name, cx.now_micros);
                (stream.mode, stream.max_record_kib) = (plan.mode, plan.max_record_kib);
                (stream.tags, stream.changing) = (plan.tags.clone(), changing);
                stream.open_first(plan.shards, cx.now_micros, feeds);
                Ok((Some(stream), CreateStreamOutput {}))
            }
        });
        created.await.map_err(|error| store_error(&error))?
    }
}

/// Refuses more open shards than an account may have.
pub(super) fn admit_shards(scope: &Scope, open: usize, more: usize) -> Result<(), ApiError> {
    match open + more > OPEN_SHARDS_MAX {
        true => Err(errors::too_many_shards(scope, open, more, OPEN_SHARDS_MAX)),
        false => Ok(()),
    }
}
