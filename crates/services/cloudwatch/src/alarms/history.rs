//! What has happened to alarms: an item each, kept for 14 days.

use super::alarm::{Alarm, State};
use super::{ALL, Alarms, SERVICE};
use crate::metrics::Owner;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::documents::Transaction;
use store::records::{RecordError, RecordKey, RecordScope};

const KIND: &str = "alarm-history";
/// How long items are kept.
const KEPT_MICROS: u64 = 14 * 86_400_000_000;
/// Between name and time in an id; sorts before everything that a name may have.
const SEPARATOR: char = '\u{1}';

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The name of the alarm.
    pub alarm: String,
    /// `MetricAlarm` or `CompositeAlarm`.
    pub alarm_kind: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// What kind of item.
    pub kind: ItemKind,
    /// In words.
    pub summary: String,
    /// As JSON.
    pub data: String,
}

/// What kinds of items there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemKind {
    /// The alarm was put, changed or deleted.
    ConfigurationUpdate,
    /// Its state changed.
    StateUpdate,
    /// Somebody was told.
    Action,
}

impl ItemKind {
    /// The service's word.
    pub fn name(self) -> &'static str {
        match self {
            ItemKind::ConfigurationUpdate => "ConfigurationUpdate",
            ItemKind::StateUpdate => "StateUpdate",
            ItemKind::Action => "Action",
        }
    }
}

impl Item {
    /// The alarm was `created`, `updated` or `deleted`.
    pub(crate) fn configured(alarm: &Alarm, what: &str, now_micros: u64) -> Self {
        let kind = match what {
            "created" => "Create",
            "deleted" => "Delete",
            _ => "Update",
        };
        let data = json!({"version": "1.0", "type": kind}).to_string();
        let summary = format!("Alarm \"{}\" {what}", alarm.name);
        Item::of(alarm, ItemKind::ConfigurationUpdate, summary, data, now_micros)
    }

    /// Its state changed.
    pub(crate) fn changed(alarm: &Alarm, old: &State, now_micros: u64) -> Self {
        let (from, to) = (old.value.name(), alarm.state.value.name());
        let data =
            json!({"version": "1.0", "oldState": shown(old), "newState": shown(&alarm.state)}).to_string();
        Item::of(alarm, ItemKind::StateUpdate, format!("Alarm updated from {from} to {to}"), data, now_micros)
    }

    /// Somebody was told, or could not be.
    pub(crate) fn told(alarm: &Alarm, whom: &str, outcome: &Result<(), String>, now_micros: u64) -> Self {
        let summary = match outcome {
            Ok(()) => format!("Successfully executed action {whom}"),
            Err(why) => format!("Failed to execute action {whom}. Received error: \"{why}\""),
        };
        let state = if outcome.is_ok() { "Succeeded" } else { "Failed" };
        let data = json!({
            "actionState": state, "notificationResource": whom, "stateUpdateTimestamp": alarm.state.updated_micros / 1_000,
        });
        Item::of(alarm, ItemKind::Action, summary, data.to_string(), now_micros)
    }

    fn of(alarm: &Alarm, kind: ItemKind, summary: String, data: String, at_micros: u64) -> Self {
        Item {
            alarm: alarm.name.clone(),
            alarm_kind: alarm.kind().to_owned(),
            at_micros,
            kind,
            summary,
            data,
        }
    }
}

fn shown(state: &State) -> Value {
    let mut shown = json!({"stateValue": state.value.name(), "stateReason": state.reason});
    let data = state.reason_data.as_deref().and_then(|data| serde_json::from_str::<Value>(data).ok());
    if let Some(data) = data {
        shown["stateReasonData"] = data;
    }
    shown
}

/// The key of an item, in the order of time; `number` tells apart those of one time.
pub(super) fn item_key(owner: Owner<'_>, alarm: &str, at_micros: u64, number: u64) -> RecordKey {
    let id = format!("{alarm}{SEPARATOR}{at_micros:020}{number:016x}");
    RecordKey::new(SERVICE, KIND, owner.account, owner.region, &id)
}

impl Alarms {
    /// Adds an item.
    pub(crate) async fn note(&self, owner: Owner<'_>, item: &Item) -> Result<(), RecordError> {
        let key = item_key(owner, &item.alarm, item.at_micros, self.next_number());
        let add = |documents: &mut Transaction<'_>| -> Result<(), ()> {
            documents.put(0, item);
            Ok(())
        };
        self.documents.transact(std::slice::from_ref(&key), add).await.map(|_| ())
    }

    /// The items of an alarm, or of all, oldest first.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn history(&self, owner: Owner<'_>, alarm: Option<&str>) -> Result<Vec<Item>, RecordError> {
        let Owner { account, region } = owner;
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let mut after = alarm.map(|alarm| item_key(owner, alarm, 0, 0));
        let mut items = Vec::new();
        loop {
            let page = self.documents.list::<Item>(scope, after.as_ref(), 500).await?;
            let is_last = page.len() < 500;
            after = page.last().map(|(key, _)| key.clone());
            let before = items.len();
            let count = page.len();
            items.extend(
                page.into_iter()
                    .map(|(_, item)| item)
                    .take_while(|item| alarm.is_none_or(|alarm| item.alarm == alarm)),
            );
            if is_last || items.len() - before < count {
                break;
            }
        }
        items.sort_by_key(|item| item.at_micros);
        Ok(items)
    }

    /// Forgets what is too old.
    ///
    /// # Errors
    /// When the store cannot read or write.
    pub(crate) async fn trim(&self, now_micros: u64) -> Result<(), RecordError> {
        let oldest = now_micros.saturating_sub(KEPT_MICROS);
        let all = self
            .documents
            .list::<Item>(RecordScope::Kind { service: SERVICE, kind: KIND }, None, ALL)
            .await?;
        for (key, _) in all.iter().filter(|(_, item)| item.at_micros < oldest) {
            let delete = |documents: &mut Transaction<'_>| -> Result<(), ()> {
                documents.delete(0);
                Ok(())
            };
            let _ = self.documents.transact(std::slice::from_ref(key), delete).await?;
        }
        Ok(())
    }
}
