//! Events: calls whose callers do not wait. Each is a document until its function has had it, so it survives the
//! server; one of the servers on a store hands them out. A call that fails is repeated twice, after one minute and
//! after two more; an event is given up after six hours, or when its function is gone.
//!
//! A server that dies while a function has an event leaves it to be called again: at least once, as at AWS.

use crate::errors;
use crate::execution::Invoked;
use crate::function::SERVICE;
use crate::functions::{Functions, InvocationType};
use crate::name::Arn;
use bytes::Bytes;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use store::documents::Documents;
use store::lease::{Asked, Lease, Leases};
use store::records::{RecordError, RecordKey, RecordScope};
use tokio::task::JoinSet;

const KIND: &str = "event";
const LEASE: &str = "lambda/events";
/// Calls after the first.
const RETRIES_MAX: u64 = 2;
const RETRY_AFTER_MICROS: u64 = 60_000_000;
const AGE_MAX_MICROS: u64 = 6 * 3_600 * 1_000_000;
/// Events that are called at a time.
const RUNNING_MAX: usize = 16;
/// Events that are looked at in one go.
const PAGE: usize = 256;
/// How often a lease is renewed while events are being called.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How long to wait after trouble with the store.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// An event that waits for its function.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
        let event = Waiting {
            function: arn.name.clone(),
            qualifier: arn.qualifier.clone(),
            client_context,
            payload: String::from_utf8_lossy(payload).into_owned(),
            sent_micros: now,
            due_micros: now,
            failures: 0,
            request_id,
        };
        let id = format!("{now:020}-{}", event.request_id);
        let key = RecordKey::new(SERVICE, KIND, &arn.account, &arn.region, &id);
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
                Some(due) => {
                    let left = Duration::from_micros(due.saturating_sub(self.clock.now_micros()));
                    tokio::select! {
                        () = watch.changed(seen) => {}
                        () = tokio::time::sleep(left) => {}
                    }
                }
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
        let payload = Bytes::from(event.payload.clone());
        let (id, context) = (event.request_id.clone(), event.client_context.clone());
        let called = functions.call(arn, payload, InvocationType::RequestResponse, id, context).await;
        let now = self.clock.now_micros();
        let next = next_of(event, &called, now);
        let keys = std::slice::from_ref(key);
        let put = self.documents.transact_under(lease, now, keys, |documents| {
            match &next {
                Some(event) => documents.put(0, event),
                None => documents.delete(0),
            }
            Ok::<_, ApiError>(())
        });
        match put.await {
            Ok(_) | Err(store::documents::ChangeError::LeaseLost) => Ok(()),
            Err(store::documents::ChangeError::Record(error)) => Err(error),
        }
    }
}

/// What becomes of an event after a call: `None` where it is done or given up. A call that found no room is no failure
/// of the function.
fn next_of(event: Waiting, called: &Result<Invoked, ApiError>, now: u64) -> Option<Waiting> {
    let failures = match called {
        Ok(invoked) if invoked.function_error.is_none() => return None,
        Ok(_) => event.failures + 1,
        Err(error) if error.code.status() == 429 || error.code.status() >= 500 => event.failures,
        Err(error) => {
            tracing::warn!(function = event.function, code = error.code.name(), "an event was given up");
            return None;
        }
    };
    let due_micros = now + RETRY_AFTER_MICROS * failures.max(1);
    if failures > RETRIES_MAX || due_micros > event.sent_micros + AGE_MAX_MICROS {
        tracing::warn!(function = event.function, failures, "an event was given up");
        return None;
    }
    Some(Waiting { failures, due_micros, ..event })
}

fn scope() -> RecordScope<'static> {
    RecordScope::Kind { service: SERVICE, kind: KIND }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
