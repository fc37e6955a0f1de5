//! Whom alarms tell: functions, scaling policies, and any server on this machine by HTTP. Topics are accepted and noted
//! in the history, for there are none here.

mod http;
mod payload;
mod region;

use super::alarm::{Alarm, StateValue};
use super::history::Item;
use super::{Alarms, alarm};
use crate::metrics::Owner;
use lambda::{Functions, InvocationType};
use pipeline::Caller;
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use stdx::future::Boxed;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// How long one of them may take.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Who invokes functions.
const PRINCIPAL: &str = "lambda.alarms.cloudwatch.amazonaws.com";
/// How many are told at once.
const AT_ONCE: usize = 32;

/// What telling comes to: nothing, or why it failed.
pub type Told<'a> = Boxed<'a, Result<(), String>>;

/// Who decides because of alarms. It stands on CloudWatch itself and connects itself to it.
pub trait Policies: Send + Sync + fmt::Debug {
    /// Lets a scaling policy decide, because of an alarm.
    fn scale<'a>(&'a self, policy_arn: &'a str, alarm: &'a Alarm) -> Told<'a>;
}

/// How alarms tell.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    functions: Functions,
    /// Weak: what has them stands on CloudWatch itself.
    policies: Arc<OnceLock<Weak<dyn Policies>>>,
    room: Arc<Semaphore>,
}

/// Scaling policies that were told. They decide whether or not somebody waits for it.
#[derive(Debug, Default)]
pub(crate) struct Deciding(Vec<JoinHandle<()>>);

impl Deciding {
    pub(crate) fn add(&mut self, more: Deciding) {
        self.0.extend(more.0);
    }

    /// Resolves once all have decided, or had [`TIME_MAX`] for it.
    pub(crate) async fn end(self) {
        for policy in self.0 {
            _ = policy.await;
        }
    }
}

/// Who is told, by what their names begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom<'a> {
    Function(&'a str),
    Policy(&'a str),
    Url(&'a str),
    Topic,
    Unknown,
}

impl<'a> Whom<'a> {
    fn of(action: &'a str) -> Self {
        let service = action.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(1));
        match service {
            Some("lambda") => Whom::Function(action),
            Some("autoscaling") => Whom::Policy(action),
            Some("sns") => Whom::Topic,
            _ if action.starts_with("http://") => Whom::Url(action),
            _ => Whom::Unknown,
        }
    }
}

impl Teller {
    pub(crate) fn of(functions: Functions) -> Self {
        Teller { functions, policies: Arc::default(), room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Connects the scaling policies; the first time counts.
    pub(crate) fn connect(&self, policies: Weak<dyn Policies>) {
        _ = self.policies.set(policies);
    }

    /// Tells everybody that an alarm names for its state, which it has just entered. They are told behind the call.
    pub(crate) fn tell(
        &self,
        alarms: &Alarms,
        owner: Owner<'_>,
        alarm: &Alarm,
        before: &alarm::State,
        now_micros: u64,
    ) -> Deciding {
        let mut deciding = Deciding::default();
        if alarm.actions.are_enabled {
            for action in alarm.actions.of(alarm.state.value) {
                let told = self.start(alarms, owner, alarm, before, action, now_micros);
                if matches!(Whom::of(action), Whom::Policy(_)) {
                    deciding.0.push(told);
                }
            }
        }
        deciding
    }

    /// Tells the scaling policies again: an alarm that lasts goes on scaling.
    pub(crate) fn repeat(
        &self,
        alarms: &Alarms,
        owner: Owner<'_>,
        alarm: &Alarm,
        now_micros: u64,
    ) -> Deciding {
        if !alarm.actions.are_enabled || alarm.state.value != StateValue::Alarm {
            return Deciding::default();
        }
        let policies =
            alarm.actions.alarm.iter().filter(|action| matches!(Whom::of(action), Whom::Policy(_)));
        let tell = |action: &String| self.start(alarms, owner, alarm, &alarm.state, action, now_micros);
        Deciding(policies.map(tell).collect())
    }

    fn start(
        &self,
        alarms: &Alarms,
        owner: Owner<'_>,
        alarm: &Alarm,
        before: &alarm::State,
        action: &str,
        now_micros: u64,
    ) -> JoinHandle<()> {
        let (teller, alarms) = (self.clone(), alarms.clone());
        let (alarm, before, action) = (alarm.clone(), before.clone(), action.to_owned());
        let (account, region) = (owner.account.to_owned(), owner.region.to_owned());
        tokio::spawn(async move {
            let _room = teller.room.acquire().await;
            let owner = Owner { account: &account, region: &region };
            let told = tokio::time::timeout(TIME_MAX, teller.call(owner, &alarm, &before, &action)).await;
            let told = told.unwrap_or_else(|_| Err("it did not answer in time".to_owned()));
            if let Err(why) = &told {
                tracing::warn!(alarm = alarm.name, action, why, "an action of an alarm failed");
            }
            if let Err(error) = alarms.note(owner, &Item::told(&alarm, &action, &told, now_micros)).await {
                tracing::warn!(%error, "the history of an alarm was not written");
            }
        })
    }

    async fn call(
        &self,
        owner: Owner<'_>,
        alarm: &Alarm,
        before: &alarm::State,
        action: &str,
    ) -> Result<(), String> {
        match Whom::of(action) {
            Whom::Function(arn) => self.invoke(owner, arn, payload::event(owner, alarm, before)).await,
            Whom::Policy(arn) => {
                let policies = self.policies.get().and_then(Weak::upgrade);
                policies.ok_or("there are no scaling policies")?.scale(arn, alarm).await
            }
            Whom::Url(url) => http::post(url, &payload::notification(owner, alarm, before)).await,
            Whom::Topic => Ok(()),
            Whom::Unknown => Err("actions of this kind are not supported".to_owned()),
        }
    }

    /// The service of functions takes the event and tries it again by itself, as with any sender that does not wait.
    async fn invoke(&self, owner: Owner<'_>, arn: &str, event: String) -> Result<(), String> {
        let caller = Caller::of_service(PRINCIPAL, owner.account, owner.region);
        let sent = self.functions.invoke(&caller, arn, None, event.into(), InvocationType::Event).await;
        sent.map(drop).map_err(|error| error.message.unwrap_or(error.code.name().into()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_apart_by_what_they_begin_with() {
        for (action, expect) in [
            ("arn:aws:lambda:r:1:function:f", "Function"),
            ("arn:aws:autoscaling:r:1:scalingPolicy:x:resource/dynamodb/table/t:policyName/p", "Policy"),
            ("arn:aws:sns:r:1:t", "Topic"),
            ("http://127.0.0.1:9/", "Url"),
            ("https://example.com/", "Unknown"),
            ("arn:aws", "Unknown"),
        ] {
            let whom = format!("{:?}", Whom::of(action));
            assert!(whom.starts_with(expect), "{action}: {whom}");
        }
    }
}
