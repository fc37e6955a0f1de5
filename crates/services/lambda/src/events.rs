//! Events: calls whose callers do not wait. Each is a document until its function has had it, so it survives the
//! server; one of the servers on a store hands them out. A call that fails is repeated as often as the function says,
//! after one minute and after two more; an event is given up when it is too old, or when its function is gone. The
//! function that is told how an event ended gets an event of its own, in the commit that ends the first one; a bucket
//! gets its object before that commit.
//!
//! A server that dies while a function has an event leaves it to be called again: at least once, as at AWS.

mod outcome;

use crate::destinations;
use crate::errors;
use crate::function::SERVICE;
use crate::functions::{Functions, InvocationType};
use crate::name::Arn;
use crate::payload;
use bytes::Bytes;
use model::ApiError;
use outcome::{Outcome, outcome, told};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use store::documents::{ChangeError, Documents};
use store::lease::{Asked, Lease, Leases};
use store::records::{RecordError, RecordKey, RecordScope};
use tokio::task::JoinSet;

const KIND: &str = "event";
const LEASE: &str = "lambda/events";
/// How many functions may be told of one another's events: more are a loop.
const HOPS_MAX: u32 = 16;
/// Events that are called at a time.
const RUNNING_MAX: usize = 16;
/// Events that are looked at in one go.
const PAGE: usize = 256;
/// How often a lease is renewed while events are being called.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How long to wait after trouble with the store.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// An event that waits for its function.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Waiting {
    function: String,
    #[serde(default)]
    qualifier: Option<String>,
    request_id: String,
    #[serde(default)]
    client_context: Option<String>,
    /// JSON.
    payload: String,
    sent_micros: u64,
    due_micros: u64,
    #[serde(default)]
    failures: u64,
    /// How many functions were told of one another's events before.
    #[serde(default)]
    hops: u32,
}

/// The events of a store.
#[derive(Clone)]
pub(crate) struct Events {
    documents: Documents,
    leases: Leases,
    clock: Arc<dyn Clock>,
}

impl Events {
    pub(crate) fn new(documents: Documents, leases: Leases, clock: Arc<dyn Clock>) -> Self {
        Events { documents, leases, clock }
    }

    /// Keeps an event. Once this has returned, the function will be called.
    pub(crate) async fn send(
        &self,
        arn: &Arn,
        payload: &Bytes,
        request_id: String,
        client_context: Option<String>,
    ) -> Result<(), ApiError> {
        let now = self.clock.now_micros();
        let payload = String::from_utf8_lossy(payload).into_owned();
        let event = Waiting { client_context, ..Waiting::of(arn, payload, request_id, now) };
        let key = event.key(arn);
        let put = |_: Option<Waiting>| Ok::<_, ApiError>((Some(event.clone()), ()));
        self.documents.change(&key, put).await.map_err(errors::record)?
    }

    /// Hands events out for as long as the server runs. Costs nothing while there are none.
    pub(crate) async fn run(&self, functions: Functions) {
        let watch = self.documents.watch(scope());
        loop {
            let seen = watch.version();
            let due = match self.hand_out_due(&functions).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "events of functions wait");
                    Some(self.clock.now_micros() + AFTER_TROUBLE.as_micros() as u64)
                }
            };
            match due {
                None => watch.changed(seen).await,
                Some(due) => tokio::select! {
                    () = watch.changed(seen) => {}
                    () = stdx::clock::sleep_until(self.clock.as_ref(), due) => {}
                },
            }
        }
    }

    /// Calls what is due. When there is more to do, if anything waits.
    async fn hand_out_due(&self, functions: &Functions) -> Result<Option<u64>, RecordError> {
        let waiting: Vec<(RecordKey, Waiting)> = self.documents.list(scope(), None, PAGE).await?;
        let now = self.clock.now_micros();
        if waiting.is_empty() {
            return Ok(None);
        }
        let next = waiting.iter().map(|(_, event)| event.due_micros).min();
        if next.is_some_and(|next| next > now) {
            return Ok(next);
        }
        match self.leases.take(LEASE).await? {
            Asked::HeldUntil(until) => Ok(Some(until)),
            Asked::Granted(lease) => {
                let due = waiting.into_iter().filter(|(_, event)| event.due_micros <= now).collect();
                self.call_all(functions, &lease, due).await?;
                self.leases.release(lease).await?;
                Ok(Some(now))
            }
        }
    }

    /// Calls events, several at a time. Once the lease is lost, nothing more is begun.
    async fn call_all(
        &self,
        functions: &Functions,
        lease: &Lease,
        due: Vec<(RecordKey, Waiting)>,
    ) -> Result<(), RecordError> {
        let mut due = due.into_iter();
        let (mut running, mut is_held) = (JoinSet::new(), true);
        loop {
            while is_held && running.len() < RUNNING_MAX {
                let Some((key, event)) = due.next() else { break };
                let (events, functions, lease) = (self.clone(), functions.clone(), lease.clone());
                running.spawn(async move { events.call(&functions, &lease, &key, event).await });
            }
            tokio::select! {
                done = running.join_next() => match done {
                    None => return Ok(()),
                    Some(Ok(ended)) => ended?,
                    Some(Err(_)) => {}
                },
                () = tokio::time::sleep(RENEW_EVERY) => is_held = self.leases.renew(lease).await?,
            }
        }
    }

    async fn call(
        &self,
        functions: &Functions,
        lease: &Lease,
        key: &RecordKey,
        event: Waiting,
    ) -> Result<(), RecordError> {
        let arn = Arn {
            region: key.region.clone(),
            account: key.account.clone(),
            name: event.function.clone(),
            qualifier: event.qualifier.clone(),
        };
        let config = functions.event_invoke_config(&arn).await;
        let payload = Bytes::from(event.payload.clone());
        let (id, context) = (event.request_id.clone(), event.client_context.clone());
        let called = functions.call(arn.clone(), payload, InvocationType::RequestResponse, id, context).await;
        let now = self.clock.now_micros();
        let outcome = outcome(&event, &config, &called, now);
        functions.measures().age(&arn, "AsyncEventAge", now.saturating_sub(event.sent_micros));
        if let Outcome::GivenUp(why) = &outcome {
            functions.measures().count(&arn, "AsyncEventsDropped");
            tracing::warn!(
                function = event.function,
                request_id = event.request_id,
                ?why,
                "an event was given up"
            );
        }
        let told = told(&outcome, (&event, &arn, &config), &called, now);
        let told = match told {
            Some((target, document)) => self.tell(functions, (&event, &arn), &target, &document, now).await,
            None => None,
        };
        self.settle(lease, key, &outcome, told.as_ref(), now).await
    }

    /// Tells a destination how an event ended: a bucket now, a function by the event that this returns.
    async fn tell(
        &self,
        functions: &Functions,
        (event, arn): (&Waiting, &Arn),
        target: &str,
        document: &Value,
        now: u64,
    ) -> Option<(RecordKey, Waiting)> {
        let destinations = functions.destinations();
        let told = match destinations::bucket(target) {
            Some(bucket) => destinations.deliver_event(arn, bucket, document, now).await.map(|()| None),
            None => match for_target(event, target, document, functions.draw_uuid(), now) {
                Ok((to, next)) => {
                    destinations.check_call(arn, &to, now).await.map(|()| Some((next.key(&to), next)))
                }
                Err(refused) => Err(refused),
            },
        };
        told.unwrap_or_else(|error| {
            functions.measures().count(arn, "DestinationDeliveryFailures");
            let (function, why) = (&event.function, error.message.as_deref());
            tracing::warn!(function, target, why, "a destination was not told of an event");
            None
        })
    }

    /// Ends an event or keeps it for another call, and hands on what is told of it, in one commit.
    async fn settle(
        &self,
        lease: &Lease,
        key: &RecordKey,
        outcome: &Outcome,
        told: Option<&(RecordKey, Waiting)>,
        now: u64,
    ) -> Result<(), RecordError> {
        let keys: Vec<RecordKey> = [key].into_iter().chain(told.map(|(key, _)| key)).cloned().collect();
        let put = self.documents.transact_under(lease, now, &keys, |documents| {
            match outcome {
                Outcome::Again(event) => documents.put(0, event),
                Outcome::Done | Outcome::GivenUp(_) => documents.delete(0),
            }
            if let Some((_, event)) = told {
                documents.put(1, event);
            }
            Ok::<_, Infallible>(())
        });
        match put.await {
            Ok(_) | Err(ChangeError::LeaseLost) => Ok(()),
            Err(ChangeError::Record(error)) => Err(error),
        }
    }
}

impl Waiting {
    fn of(arn: &Arn, payload: String, request_id: String, now: u64) -> Waiting {
        let (function, qualifier) = (arn.name.clone(), arn.qualifier.clone());
        let (sent_micros, due_micros) = (now, now);
        Waiting { function, qualifier, payload, request_id, sent_micros, due_micros, ..Waiting::default() }
    }

    /// Where it is kept: events of a region in the order in which they were sent.
    fn key(&self, arn: &Arn) -> RecordKey {
        let id = format!("{:020}-{}", self.sent_micros, self.request_id);
        RecordKey::new(SERVICE, KIND, &arn.account, &arn.region, &id)
    }
}

/// The event for a function that is told of another one's. A document that is too large for an event is not delivered,
/// nor is one that would go round in a circle.
fn for_target(
    event: &Waiting,
    target: &str,
    document: &Value,
    request_id: String,
    now: u64,
) -> Result<(Arn, Waiting), ApiError> {
    let arn = Arn::parse(target).ok_or_else(|| errors::unknown_destination(target))?;
    let payload = document.to_string();
    if payload.len() > payload::EVENT_BYTES_MAX {
        let kind = InvocationType::Event;
        return Err(errors::payload_too_large(payload.len(), kind, payload::EVENT_BYTES_MAX));
    }
    if event.hops >= HOPS_MAX {
        return Err(errors::recursive_destination(event.hops));
    }
    let told = Waiting { hops: event.hops + 1, ..Waiting::of(&arn, payload, request_id, now) };
    Ok((arn, told))
}

fn scope() -> RecordScope<'static> {
    RecordScope::Kind { service: SERVICE, kind: KIND }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
