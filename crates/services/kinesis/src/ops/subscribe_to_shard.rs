//! SubscribeToShard: the records of a shard as they come, for a consumer that was registered, for five minutes at most.
//! A consumer is subscribed to a shard once: a call that comes five seconds later or more takes the place of the one
//! before, which then ends.
//!
//! Order of refusals: the constraints of the model → not the ARN of a consumer → members that the position needs or
//! does not take → no such stream → no such consumer → no such shard → a number that is not the shard's → a time to
//! come → another subscription that has just begun.

use crate::consumer_ref::ConsumerRef;
use crate::errors;
use crate::service::Kinesis;
use crate::starting_position::Start;
use crate::subscription::Subscription;
use model::ApiError;
use model::kinesis::{SubscribeToShard, SubscribeToShardInput, SubscribeToShardOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use tokio::sync::mpsc;
use wire::document::Events;

/// What is asked for, checked.
#[derive(Debug)]
pub struct Plan {
    consumer: ConsumerRef,
    shard_id: String,
    start: Start,
    is_dry: bool,
}

impl Operation<Kinesis> for SubscribeToShard {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<SubscribeToShardInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: SubscribeToShardInput) -> Result<Plan, ApiError> {
        let consumer = ConsumerRef::of(input.consumer_arn, None, None)?;
        let position = input.starting_position.unwrap_or_default();
        let start = Start::of(position.r#type.as_deref(), position.sequence_number, position.timestamp)?;
        let shard_id = input.shard_id.unwrap_or_default();
        Ok(Plan { consumer, shard_id, start, is_dry: input.dry_run == Some(true) })
    }

    fn access(_: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.consumer.access("kinesis:SubscribeToShard")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<SubscribeToShardOutput, ApiError> {
        let Plan { consumer, shard_id, start, is_dry } = plan;
        let (service, now_micros) = (cx.service, cx.now_micros);
        let stream = consumer.stream.find(cx).await?;
        if consumer.find_in(&stream).is_none() {
            return Err(errors::consumer_not_found(&consumer.name));
        }
        let shard = stream.shard(&shard_id, now_micros);
        let shard = shard.ok_or_else(|| errors::no_shard_to_read(&stream, &shard_id))?;
        let after = start.place(&service.streams, &stream, shard, now_micros).await?;
        if is_dry {
            return Err(errors::dry_run());
        }
        let (scope, token) = (stream.scope.clone(), cx.random.uuid());
        let subscriptions = service.subscriptions.clone();
        let place = subscriptions.take(&scope, &consumer, &shard_id, token, now_micros).await?;
        let subscription = Subscription {
            streams: service.streams.clone(),
            clock: service.clock(),
            feed: shard.feed(),
            subscriptions,
            scope,
            consumer,
            after,
            place,
        };
        let (sender, mut receiver) = mpsc::channel(1);
        tokio::spawn(subscription.run(sender));
        let events = Events::of(move |context| receiver.poll_recv(context));
        Ok(SubscribeToShardOutput { event_stream: Some(events) })
    }
}
