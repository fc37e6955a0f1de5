//! The functions of a server: kept in the store, so that every server on it has the same.
//!
//! [`Functions`] is what the operations stand on, and what other parts of the server call: a mapping or an alarm
//! invokes a function through it, in process.

use crate::admission::Admission;
use crate::code::{CodeRef, Packages};
use crate::destinations::Destinations;
use crate::event_invoke::{self, EventInvokeConfig};
use crate::events::Events;
use crate::execution::{Call, ExecutionSettings, Executor, Invoked};
use crate::function::{self, Function, Version};
use crate::measures::{self, Measures};
use crate::name::{Arn, LATEST};
use crate::{errors, payload};
use bytes::Bytes;
use model::ApiError;
use pipeline::audit::{Inside, InsideLog};
use pipeline::{Caller, Kind};
use std::sync::{Arc, OnceLock};
use stdx::future::Boxed;
use stdx::{Clock, Random};
use store::Store;
use store::documents::Documents;
use store::lease::Leases;
use store::records::RecordKey;

/// Whether functions may be made and run at all.
#[derive(Debug, Clone)]
pub enum Execution {
    /// They are neither.
    Off,
    /// The machine's owner allows it, within these bounds.
    On(ExecutionSettings),
}

/// How a function is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvocationType {
    /// Now; the caller waits for the answer.
    RequestResponse,
    /// Soon, and again if it fails; the caller does not wait.
    Event,
    /// Not at all: it is only checked whether it could be.
    DryRun,
}

/// The functions of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Functions {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// `None` where functions are switched off.
    executor: Option<Arc<Executor>>,
    documents: Documents,
    packages: Packages,
    events: Events,
    destinations: Destinations,
    admission: Admission,
    measures: Measures,
    audit: OnceLock<InsideLog>,
    random: Random,
}

/// A version of a function that a request has named.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// With the qualifier of the request.
    pub(crate) arn: Arn,
    /// `$LATEST` or a number.
    pub(crate) number: String,
    pub(crate) version: Version,
    pub(crate) function: Function,
}

impl Functions {
    /// The functions that a store has.
    pub fn of(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Random,
        execution: Execution,
        destinations: Destinations,
    ) -> Self {
        let packages = Packages::of(Arc::clone(&store));
        let executor = match execution {
            Execution::Off => None,
            Execution::On(settings) => {
                let clock = Arc::clone(&clock);
                Some(Arc::new(Executor::new(settings, packages.clone(), clock, random.clone())))
            }
        };
        let leases = Leases::of(Arc::clone(&store), Arc::clone(&clock), random.next_u64());
        let documents = Documents::of(store, function::FORMAT);
        let events = Events::new(documents.clone(), leases, clock);
        Functions {
            inner: Arc::new(Inner {
                executor,
                documents,
                packages,
                events,
                destinations,
                admission: Admission::default(),
                measures: Measures::default(),
                audit: OnceLock::new(),
                random,
            }),
        }
    }

    /// Hands out the events whose senders do not wait, for as long as the server runs.
    pub fn run(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            if self.inner.executor.is_some() {
                self.inner.events.run(self.clone()).await;
            }
        })
    }

    /// Tells functions where they reach this server, such as `http://127.0.0.1:8000`. Processes that were started
    /// before do not know.
    pub fn reached_at(&self, endpoint: String) {
        if let Some(executor) = &self.inner.executor {
            executor.reached_at(endpoint);
        }
    }

    /// Invokes a function: what a mapping or an alarm calls in process.
    ///
    /// `function` is a name, a partial or a full ARN of the caller's account and region; `qualifier` a version or
    /// alias, if the name has none. The payload is JSON; an empty one is `{}`. Cancelling the future does not stop the
    /// function.
    ///
    /// A function that fails is no error: [`Invoked::function_error`] says so. It is called once; who wants it to be
    /// tried again does so.
    ///
    /// # Errors
    /// Those of Lambda's Invoke: no such function, no JSON, too large, throttled, functions switched off.
    pub async fn invoke(
        &self,
        caller: &Caller,
        function: &str,
        qualifier: Option<&str>,
        payload: Bytes,
        kind: InvocationType,
    ) -> Result<Invoked, ApiError> {
        let arn = Arn::named(caller, function, qualifier)?;
        let called = self.call(arn.clone(), payload, kind, self.draw_uuid(), None).await;
        self.note_call(caller, &arn, &called);
        called
    }

    /// Has an audit log told what services of this server invoke, from now on.
    pub fn audited_by(&self, log: InsideLog) {
        _ = self.inner.audit.set(log);
    }

    pub(crate) fn note_call(&self, caller: &Caller, function: &Arn, called: &Result<Invoked, ApiError>) {
        if let Some(log) = self.inner.audit.get() {
            let (service, operation, kind) = ("lambda", "Invoke", Kind::Write);
            let call = Inside { service, operation, kind, caller, invoked_by: &caller.arn() };
            log.note(call, function.to_string(), called.as_ref().err());
        }
    }

    /// The same with what a request has beside the payload.
    pub(crate) async fn call(
        &self,
        arn: Arn,
        payload: Bytes,
        kind: InvocationType,
        request_id: String,
        client_context: Option<String>,
    ) -> Result<Invoked, ApiError> {
        let executor = self.executor()?;
        let payload = payload::checked(payload, kind)?;
        let Resolved { arn, number, version, function } = self.resolve(arn).await?;
        match kind {
            InvocationType::DryRun => return Ok(Invoked::without_answer(204, number)),
            InvocationType::Event => {
                self.inner.events.send(&arn, &payload, request_id, client_context).await?;
                self.inner.measures.count(&arn, "AsyncEventsReceived");
                return Ok(Invoked::without_answer(202, number));
            }
            InvocationType::RequestResponse => {}
        }
        let reserved = function.reserved_concurrency;
        let admitted = match self.inner.admission.enter(arn.unqualified().to_string(), reserved) {
            Ok(admitted) => admitted,
            Err(throttled) => {
                self.inner.measures.count(&arn, "Throttles");
                return Err(throttled);
            }
        };
        let (named, running) = (arn.clone(), admitted.running);
        let call = Call { arn, number, version, request_id, client_context, payload, _admitted: admitted };
        let called = executor.invoke(call).await;
        self.inner.measures.called(&named, running, &called);
        called
    }

    /// Has the figures of functions kept from now on.
    pub fn measured_by(&self, keep: Arc<measures::Keep>) {
        self.inner.measures.connect(keep);
    }

    /// Who is told how events ended.
    pub(crate) fn destinations(&self) -> &Destinations {
        &self.inner.destinations
    }

    pub(crate) fn measures(&self) -> &Measures {
        &self.inner.measures
    }

    /// The role of a function; `None` where the function is not there.
    pub fn role<'a>(&'a self, function_arn: &'a str) -> Boxed<'a, Option<String>> {
        Box::pin(async move {
            let resolved = self.resolve(Arn::parse(function_arn)?).await.ok()?;
            Some(resolved.version.role)
        })
    }

    /// Writes what is told of records that a mapping has given up into the log of its function, where the function is
    /// still there.
    pub fn record_given_up<'a>(
        &'a self,
        function_arn: &'a str,
        mapping: &'a str,
        document: &'a str,
    ) -> Boxed<'a, ()> {
        Box::pin(async move {
            let (Some(arn), Ok(executor)) = (Arn::parse(function_arn), self.executor()) else { return };
            if let Ok(Resolved { arn, version, .. }) = self.resolve(arn).await {
                executor.note(&arn, &version, format!("event-source-mapping/{mapping}"), document).await;
            }
        })
    }

    /// What runs functions.
    ///
    /// # Errors
    /// They are switched off.
    pub(crate) fn executor(&self) -> Result<&Arc<Executor>, ApiError> {
        self.inner.executor.as_ref().ok_or_else(errors::switched_off)
    }

    /// Refuses what makes functions run where that is switched off.
    pub(crate) fn check_execution(&self) -> Result<(), ApiError> {
        self.executor().map(|_| ())
    }

    /// A function as a whole.
    pub(crate) async fn function(&self, arn: &Arn) -> Result<Function, ApiError> {
        let function = self.inner.documents.get(&key(arn)).await.map_err(errors::record)?;
        function.ok_or_else(|| errors::function_not_found(arn))
    }

    /// A version of a function; without a qualifier the unpublished one.
    pub(crate) async fn resolve(&self, arn: Arn) -> Result<Resolved, ApiError> {
        let function = self.function(&arn).await?;
        let qualifier = arn.qualifier.as_deref().unwrap_or(LATEST);
        let number = match function.aliases.get(qualifier) {
            Some(alias) => alias.version_for(self.draw_part()).to_owned(),
            None => qualifier.to_owned(),
        };
        let found = if number == LATEST { Some(&function.latest) } else { function.published(&number) };
        let version = found.cloned().ok_or_else(|| errors::function_not_found(&arn))?;
        Ok(Resolved { arn, number, version, function })
    }

    /// What a function says about its events, for the version or alias that an event names.
    pub(crate) async fn event_invoke_config(&self, arn: &Arn) -> EventInvokeConfig {
        let found = self.function(arn).await.ok();
        let kept = event_invoke::kept_under(arn.qualifier.as_deref());
        found.and_then(|mut function| function.event_invoke_configs.remove(kept)).unwrap_or_default()
    }

    /// The functions of a region behind a name, in the order of names.
    pub(crate) async fn list(
        &self,
        account: &str,
        region: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Function>, ApiError> {
        let after = after.map(|name| function::key(account, region, name));
        let scope = function::scope(account, region);
        let listed = self.inner.documents.list(scope, after.as_ref(), limit).await.map_err(errors::record)?;
        Ok(listed.into_iter().map(|(_, function)| function).collect())
    }

    /// Changes a function in one commit; `change` makes the new one of the old and may run again.
    pub(crate) async fn change<R: Send>(
        &self,
        arn: &Arn,
        change: impl FnMut(Option<Function>) -> Result<(Option<Function>, R), ApiError> + Send,
    ) -> Result<R, ApiError> {
        self.inner.documents.change(&key(arn), change).await.map_err(errors::record)?
    }

    /// Keeps a package, before a version has it.
    pub(crate) async fn keep_package(&self, zipped: &[u8]) -> Result<CodeRef, ApiError> {
        let [high, low] = self.inner.random.draw();
        let code = CodeRef::of(zipped, u128::from(high) << 64 | u128::from(low));
        self.inner.packages.write(&code, zipped).await.map_err(|error| errors::store(&error))?;
        Ok(code)
    }

    /// Forgets packages that no version has any more. What cannot be forgotten now takes room and nothing else.
    pub(crate) async fn forget_packages(&self, packages: impl IntoIterator<Item = CodeRef>) {
        for package in packages {
            if let Err(error) = self.inner.packages.forget(&package).await {
                tracing::warn!(%error, package = package.id, "a package was not removed");
            }
        }
    }

    /// The bytes of a package; `None` where they are gone, or damaged.
    pub(crate) async fn package(&self, code: &CodeRef) -> Option<Vec<u8>> {
        self.inner.packages.read(code).await.ok()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.inner.documents.store().as_ref()
    }

    /// How this server is spoken to.
    pub(crate) fn scheme(&self) -> &str {
        let endpoint = self.inner.executor.as_ref().and_then(|executor| executor.endpoint());
        endpoint.and_then(|endpoint| endpoint.split("://").next()).unwrap_or("http")
    }

    /// A number from 0 to 1.
    fn draw_part(&self) -> f64 {
        (self.inner.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A new revision of a version.
    pub(crate) fn draw_uuid(&self) -> String {
        uuid(&self.inner.random)
    }
}

fn key(arn: &Arn) -> RecordKey {
    function::key(&arn.account, &arn.region, &arn.name)
}

/// A random UUID.
pub(crate) fn uuid(random: &Random) -> String {
    let [high, low]: [u64; 2] = random.draw();
    let high = high & !0xF000 | 0x4000;
    let low = low & !(3 << 62) | 2 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}
