//! The service: what its operations run on, and what it does once a minute.

use crate::activity::{self, Activity};
use crate::errors;
use crate::policy::{Done, Policy};
use crate::target::{KIND, Place, SERVICE, Target};
use cloudwatch::CloudWatch;
use cloudwatch::alarms::Alarm;
use cloudwatch::alarms::actions::{Policies, Told};
use dynamodb::DynamoDb;
use dynamodb::auto_scaling::Scaler;
use figures::Figures;
use model::{ApiError, Code};
use pipeline::audit::perform_audited;
use pipeline::{AuditLog, Cx, Host, Operation, Protocol, RequestId, Service};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use stdx::future::Boxed;
use stdx::{Clock, Random};
use store::Store;
use store::documents::{Documents, Transaction};
use store::lease::{Asked, Leases};
use store::records::{RecordError, RecordScope};

const FORMAT: u32 = 1;
/// Who calls the other services.
const PRINCIPAL: &str = "dynamodb.application-autoscaling.amazonaws.com";
const LEASE: &str = "application auto scaling";
/// No limit.
const ALL: usize = 1_000_000;
const MICROS_PER_HOUR: u64 = 3_600_000_000;

/// Application Auto Scaling over the tables and the alarms of one server.
pub struct ApplicationAutoScaling {
    documents: Documents,
    leases: Leases,
    dynamodb: Arc<DynamoDb>,
    cloudwatch: Arc<CloudWatch>,
    figures: Arc<Figures>,
    clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    audit: Option<Arc<dyn AuditLog>>,
    trimmed_hour: AtomicU64,
    /// Held while a policy decides: of two alarms at once, the second sees what the first has set.
    deciding: tokio::sync::Mutex<()>,
}

/// What it stands on.
pub struct Parts {
    /// Where its documents are.
    pub store: Arc<dyn Store>,
    /// Whose tables it scales.
    pub dynamodb: Arc<DynamoDb>,
    /// Whose alarms it waits for.
    pub cloudwatch: Arc<CloudWatch>,
    /// Where its calls are counted.
    pub figures: Arc<Figures>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub random: Random,
    /// Where its calls are told.
    pub audit: Option<Arc<dyn AuditLog>>,
}

/// For whom something is done, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now_micros: u64,
}

impl<'a> Caller<'a> {
    pub(crate) fn of(cx: &'a Cx<'_, ApplicationAutoScaling>) -> Self {
        Caller { account: &cx.caller.account, region: &cx.caller.region, now_micros: cx.now_micros }
    }
}

impl ApplicationAutoScaling {
    /// The service on its parts. Its policies hear of alarms from now on.
    pub fn connected(parts: Parts) -> Arc<Self> {
        let Parts { store, dynamodb, cloudwatch, figures, clock, random, audit } = parts;
        let leases = Leases::of(Arc::clone(&store), Arc::clone(&clock), random.next_u64());
        let documents = Documents::of(store, FORMAT);
        let trimmed_hour = AtomicU64::new(0);
        let receiver = Arc::clone(&cloudwatch);
        let service = Arc::new(ApplicationAutoScaling {
            documents,
            leases,
            dynamodb,
            cloudwatch,
            figures,
            clock,
            random,
            audit,
            trimmed_hour,
            deciding: tokio::sync::Mutex::default(),
        });
        let weak: Weak<dyn Policies> = Arc::downgrade(&(Arc::clone(&service) as Arc<dyn Policies>));
        receiver.connect(weak);
        let scaler: Weak<dyn Scaler> = Arc::downgrade(&(Arc::clone(&service) as Arc<dyn Scaler>));
        service.dynamodb.scaling.connect(scaler);
        service
    }

    pub(crate) async fn call_dynamodb<O: Operation<DynamoDb, Input: Clone>>(
        &self,
        caller: &Caller<'_>,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        self.call::<DynamoDb, O>(&self.dynamodb, caller, input).await
    }

    pub(crate) async fn call_cloudwatch<O: Operation<CloudWatch, Input: Clone>>(
        &self,
        caller: &Caller<'_>,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        self.call::<CloudWatch, O>(&self.cloudwatch, caller, input).await
    }

    pub(crate) async fn call_self<O: Operation<Self, Input: Clone>>(
        &self,
        caller: &Caller<'_>,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        self.call::<Self, O>(self, caller, input).await
    }

    async fn call<S: Service, O: Operation<S, Input: Clone>>(
        &self,
        service: &S,
        caller: &Caller<'_>,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let identity = pipeline::Caller::of_service(PRINCIPAL, caller.account, caller.region);
        let (request_id, tally) = (RequestId::draw(&self.random), self.figures.begin(caller.now_micros));
        let cx = Cx {
            service,
            caller: &identity,
            now_micros: caller.now_micros,
            request_id: &request_id,
            host: Host::Named(""),
            random: &self.random,
            tally: &tally,
        };
        Box::pin(perform_audited::<S, O>(&cx, input, PRINCIPAL, self.audit.as_ref())).await
    }

    /// A target, if it is registered.
    pub(crate) async fn target(
        &self,
        caller: &Caller<'_>,
        place: &Place,
    ) -> Result<Option<Target>, RecordError> {
        self.documents.get(&place.key(caller.account, caller.region)).await
    }

    /// All targets of an account and region, in order.
    pub(crate) async fn targets(&self, caller: &Caller<'_>) -> Result<Vec<Target>, RecordError> {
        let Caller { account, region, .. } = *caller;
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        Ok(self.documents.list(scope, None, ALL).await?.into_iter().map(|(_, target)| target).collect())
    }

    /// What the target of an ARN scales.
    pub(crate) async fn place_of(&self, caller: &Caller<'_>, arn: &str) -> Result<Place, ApiError> {
        let targets = self.targets(caller).await.map_err(errors::record)?;
        let found = targets.into_iter().find(|target| target.arn(caller.account, caller.region) == arn);
        found.map(|target| target.place).ok_or_else(|| errors::no_resource(arn))
    }

    /// Changes a target, or what is not there yet.
    pub(crate) async fn change_target<R: Send>(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        change: impl FnMut(Option<Target>) -> Result<(Option<Target>, R), ApiError> + Send,
    ) -> Result<R, ApiError> {
        let key = place.key(caller.account, caller.region);
        self.documents.change(&key, change).await.map_err(errors::record)?
    }

    pub(crate) async fn note(&self, caller: &Caller<'_>, activity: &Activity) -> Result<(), RecordError> {
        let key = activity.key(caller.account, caller.region);
        let put = |documents: &mut Transaction<'_>| -> Result<(), ()> {
            documents.put(0, activity);
            Ok(())
        };
        self.documents.transact(std::slice::from_ref(&key), put).await.map(|_| ())
    }

    /// The activities of an account and region, newest first.
    pub(crate) async fn activities(&self, caller: &Caller<'_>) -> Result<Vec<Activity>, RecordError> {
        let Caller { account, region, .. } = *caller;
        let scope = RecordScope::Region { service: SERVICE, kind: activity::KIND, account, region };
        Ok(self.documents.list(scope, None, ALL).await?.into_iter().map(|(_, activity)| activity).collect())
    }

    pub(crate) async fn note_done(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        policy: &str,
        done: Done,
    ) -> Result<(), ApiError> {
        self.change_existing(caller, place, |target| {
            let mut named = target.policies.iter_mut().filter(|known| known.name == policy);
            if let Some(policy) = named.next() {
                policy.last = Some(done);
            }
        })
        .await
        .map_err(errors::record)
    }

    pub(crate) async fn note_not_scaled(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        code: &str,
    ) -> Result<(), RecordError> {
        self.change_existing(caller, place, |target| target.not_scaled = Some(code.to_owned())).await
    }

    pub(crate) async fn forget_not_scaled(
        &self,
        caller: &Caller<'_>,
        place: &Place,
    ) -> Result<(), RecordError> {
        self.change_existing(caller, place, |target| target.not_scaled = None).await
    }

    async fn change_existing(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        mut change: impl FnMut(&mut Target) + Send,
    ) -> Result<(), RecordError> {
        let key = place.key(caller.account, caller.region);
        let change = |target: Option<Target>| {
            let mut target = target.ok_or(())?;
            change(&mut target);
            Ok((Some(target), ()))
        };
        let _gone: Result<(), ()> = self.documents.change(&key, change).await?;
        Ok(())
    }

    /// Does what is due at this time: scheduled actions, on one of the servers on the store.
    pub fn tick(&self, now_micros: u64) -> Boxed<'_, ()> {
        Box::pin(async move {
            if let Err(error) = self.run_due(now_micros).await {
                tracing::warn!(%error, "scheduled actions were not run; that is tried again in a minute");
            }
        })
    }

    async fn run_due(&self, now_micros: u64) -> Result<(), RecordError> {
        let Asked::Granted(_lease) = self.leases.take(LEASE).await? else { return Ok(()) };
        let scope = RecordScope::Kind { service: SERVICE, kind: KIND };
        for (key, target) in self.documents.list::<Target>(scope, None, ALL).await? {
            let caller = Caller { account: &key.account, region: &key.region, now_micros };
            if target.scheduled.iter().any(|action| action.due(now_micros).is_some()) {
                self.run_scheduled(&caller, &target.place).await?;
            }
        }
        self.trim(now_micros).await
    }

    /// Sets the bounds that the actions of a target say, in the order of their times.
    async fn run_scheduled(&self, caller: &Caller<'_>, place: &Place) -> Result<(), RecordError> {
        let now = caller.now_micros;
        let mut changed = None;
        self.change_existing(caller, place, |target| {
            let mut due: Vec<_> =
                target.scheduled.iter().filter_map(|a| Some((a.due(now)?, a.minimum, a.maximum))).collect();
            due.sort_by_key(|(at, ..)| *at);
            for (_, minimum, maximum) in due.into_iter().filter(|_| !target.suspended.scheduled) {
                target.minimum = minimum.unwrap_or(target.minimum);
                target.maximum = maximum.unwrap_or(target.maximum).max(target.minimum);
            }
            target.scheduled.iter_mut().for_each(|action| action.done_micros = now);
            changed = Some(target.clone());
        })
        .await?;
        if let Some(target) = changed
            && let Err(error) = self.bound(caller, &target).await
        {
            tracing::warn!(?error, table = place.table, "a scheduled action did not change the capacity");
        }
        Ok(())
    }

    /// Forgets activities that are too old, once an hour.
    async fn trim(&self, now_micros: u64) -> Result<(), RecordError> {
        let hour = now_micros / MICROS_PER_HOUR;
        if self.trimmed_hour.swap(hour, Ordering::Relaxed) == hour {
            return Ok(());
        }
        let scope = RecordScope::Kind { service: SERVICE, kind: activity::KIND };
        let oldest = now_micros.saturating_sub(activity::KEPT_MICROS);
        for (key, _) in self
            .documents
            .list::<Activity>(scope, None, ALL)
            .await?
            .iter()
            .filter(|(_, a)| a.at_micros < oldest)
        {
            let delete = |documents: &mut Transaction<'_>| -> Result<(), ()> {
                documents.delete(0);
                Ok(())
            };
            let _done = self.documents.transact(std::slice::from_ref(key), delete).await?;
        }
        Ok(())
    }
}

/// The policy of an ARN, with its target.
fn with_arn<'a>(
    targets: &'a [Target],
    account: &str,
    region: &str,
    arn: &str,
) -> Option<(&'a Target, &'a Policy)> {
    targets.iter().find_map(|target| {
        let mut policies = target.policies.iter();
        let found = policies.find(|policy| policy.arn(account, region, &target.place) == arn)?;
        Some((target, found))
    })
}

impl Policies for ApplicationAutoScaling {
    fn scale<'a>(&'a self, policy_arn: &'a str, alarm: &'a Alarm) -> Told<'a> {
        Box::pin(async move {
            let unknown = || format!("there is no scaling policy {policy_arn}");
            let parts: Vec<&str> = policy_arn.splitn(6, ':').collect();
            let [_, _, _, region, account, _] = parts[..] else { return Err(unknown()) };
            let _alone = self.deciding.lock().await;
            let caller = Caller { account, region, now_micros: self.clock.now_micros() };
            let targets = self.targets(&caller).await.map_err(|error| error.to_string())?;
            let found = with_arn(&targets, account, region, policy_arn);
            let (target, policy) = found.ok_or_else(unknown)?;
            self.decide(&caller, target, policy, alarm).await
        })
    }
}

impl Service for ApplicationAutoScaling {
    const TARGET_PREFIX: &'static str = model::application_autoscaling::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "application-autoscaling";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson11];
    const INTERNAL_ERROR: Code = errors::INTERNAL_SERVICE;
}

impl std::fmt::Debug for ApplicationAutoScaling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApplicationAutoScaling").finish_non_exhaustive()
    }
}
