//! Who is subscribed to a shard: each consumer once, on whichever server. A later subscription takes the place of one
//! that has lasted for a while, which then ends. A document each, which goes with the subscription.

use crate::consumer_ref::ConsumerRef;
use crate::errors::{self, record_error};
use engine::Scope;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use store::documents::Documents;
use store::records::{RecordError, RecordKey, RecordScope};
use store::{Store, Watch};

/// The newest format of the documents.
const FORMAT: u32 = 1;
const SERVICE: &str = "kinesis";
const KIND: &str = "subscription";
/// How long a subscription cannot be replaced, in microseconds.
const UNTOUCHED_MICROS: u64 = 5_000_000;

/// The subscriptions of a store.
#[derive(Debug, Clone)]
pub(crate) struct Subscriptions {
    documents: Documents,
}

/// A place in a shard's audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    key: RecordKey,
    token: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    token: String,
    since_micros: u64,
}

impl Subscriptions {
    pub(crate) fn of(store: Arc<dyn Store>) -> Subscriptions {
        Subscriptions { documents: Documents::of(store, FORMAT) }
    }

    /// Takes the place of a consumer before a shard. `token` is nobody else's.
    pub(crate) async fn take(
        &self,
        scope: &Scope,
        consumer: &ConsumerRef,
        shard_id: &str,
        token: String,
        now_micros: u64,
    ) -> Result<Place, ApiError> {
        let key = key(scope, &consumer.stream.name, &format!("{}/{shard_id}", consumer.named()));
        let new = || Taken { token: token.clone(), since_micros: now_micros };
        let taken = self.documents.change(&key, |old: Option<Taken>| match old {
            Some(old) if now_micros < old.since_micros.saturating_add(UNTOUCHED_MICROS) => {
                Err(errors::subscribed(scope, consumer, shard_id))
            }
            _ => Ok((Some(new()), ())),
        });
        taken.await.map_err(|error| record_error(&error))??;
        Ok(Place { key, token })
    }

    /// Tells when a place may be another's.
    pub(crate) fn watch(&self, place: &Place) -> Watch {
        let RecordKey { account, region, .. } = &place.key;
        self.documents.watch(RecordScope::Region { service: SERVICE, kind: KIND, account, region })
    }

    /// Whether a place is still whose it was.
    pub(crate) async fn has(&self, place: &Place) -> Result<bool, RecordError> {
        let taken: Option<Taken> = self.documents.get(&place.key).await?;
        Ok(taken.is_some_and(|taken| taken.token == place.token))
    }

    /// Leaves a place, unless it is another's.
    pub(crate) async fn leave(&self, place: &Place) -> Result<(), RecordError> {
        let leave = self.documents.change(&place.key, |taken: Option<Taken>| {
            Ok::<_, Infallible>((taken.filter(|taken| taken.token != place.token), ()))
        });
        let Ok(()) = leave.await?;
        Ok(())
    }

    /// Forgets what a server that was cut off has left of a stream's consumers, or of one of them.
    pub(crate) async fn forget(
        &self,
        scope: &Scope,
        stream: &str,
        consumer: Option<&str>,
    ) -> Result<(), ApiError> {
        let Scope { account, region } = scope;
        let prefix = match consumer {
            Some(consumer) => format!("{stream}/{consumer}:"),
            None => format!("{stream}/"),
        };
        let after = RecordKey::new(SERVICE, KIND, account, region, &prefix);
        let all = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let listed: Result<Vec<(RecordKey, Taken)>, _> =
            self.documents.list(all, Some(&after), LISTED_MAX).await;
        for (key, _) in listed.map_err(|error| record_error(&error))? {
            if !key.id.starts_with(&prefix) {
                break;
            }
            let gone = self.documents.change(&key, |_: Option<Taken>| Ok::<_, Infallible>((None, ()))).await;
            let Ok(()) = gone.map_err(|error| record_error(&error))?;
        }
        Ok(())
    }
}

/// More than a stream's consumers have.
const LISTED_MAX: usize = 100_000;

fn key(scope: &Scope, stream: &str, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, &scope.account, &scope.region, &format!("{stream}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::MemoryStore;
    use store::wait::wait;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_later_subscription_takes_the_place_of_one_that_has_lasted() {
        let store = Arc::new(MemoryStore::new(Arc::new(stdx::ManualClock::at(1))));
        let subscriptions = Subscriptions::of(store);
        let scope = Scope { account: "000000000000".into(), region: "us-east-1".into() };
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:7";
        let consumer = ConsumerRef::parse(arn).unwrap();
        let take = |shard: &str, token: &str, now| {
            wait(subscriptions.take(&scope, &consumer, shard, token.to_owned(), now))
        };
        let first = take("shard-0", "a", SECOND).unwrap();
        let watch = subscriptions.watch(&first);
        let refusal = take("shard-0", "b", 6 * SECOND - 1).unwrap_err();
        assert_eq!(refusal.code, errors::RESOURCE_IN_USE);
        take("shard-1", "b", SECOND).unwrap();
        let seen = watch.version();
        let second = take("shard-0", "b", 6 * SECOND).unwrap();
        assert!(watch.version() > seen);
        let has = |place| wait(subscriptions.has(place)).unwrap();
        assert_eq!((has(&first), has(&second)), (false, true));
        wait(subscriptions.leave(&first)).unwrap();
        assert!(has(&second), "it is another's");
        wait(subscriptions.forget(&scope, "s", Some("other"))).unwrap();
        assert!(has(&second));
        wait(subscriptions.forget(&scope, "s", Some("c"))).unwrap();
        assert!(!has(&second));
        take("shard-0", "c", 6 * SECOND).unwrap();
    }
}
