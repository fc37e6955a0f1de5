//! What clients ask for, told to the audit log as requests over HTTP are: operations on items, where the log records
//! such, and whoever is refused. How a client finds nodes, schemas and lists is no operation.

use crate::Dax;
use crate::codec::Method;
use crate::errors::Refused;
use crate::lazy_id::LazyId;
use http::HeaderValue;
use identity::Caller;
use model::code;
use parking_lot::Mutex;
use pipeline::audit::Event;
use pipeline::{Kind, Peer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tables that a request names.
pub(crate) type Tables = Mutex<BTreeSet<String>>;

/// A request that was answered.
pub(crate) struct Asked<'a> {
    pub(crate) request_id: &'a LazyId<'a>,
    pub(crate) method: Method,
    pub(crate) peer: Peer,
    pub(crate) user_agent: &'a str,
    pub(crate) now_micros: u64,
}

fn kind(method: Method) -> Option<Kind> {
    Some(match method {
        Method::AuthorizeConnection
        | Method::Endpoints
        | Method::DefineKeySchema
        | Method::DefineAttributeListId
        | Method::DefineAttributeList => return None,
        Method::GetItem | Method::Query | Method::Scan | Method::BatchGetItem | Method::TransactGetItems => {
            Kind::Read
        }
        Method::PutItem
        | Method::UpdateItem
        | Method::DeleteItem
        | Method::BatchWriteItem
        | Method::TransactWriteItems => Kind::Write,
    })
}

/// Where the tables of a request are collected; `None` where no log asks.
pub(crate) fn tables(dax: &Dax, method: Method) -> Option<Tables> {
    let kind = kind(method)?;
    dax.pipeline.audit_log().filter(|log| log.wants(kind)).map(|_| Tables::default())
}

/// A known caller was answered.
pub(crate) fn note(
    dax: &Dax,
    asked: Asked<'_>,
    caller: &Arc<Caller>,
    tables: Option<&Tables>,
    refused: Option<&Refused>,
) {
    let (Some(log), Some(kind)) = (dax.pipeline.audit_log(), kind(asked.method)) else { return };
    let denied = match refused {
        Some(Refused::Operation(error)) if error.code == code::ACCESS_DENIED => Some(error),
        _ => None,
    };
    if tables.is_none() && denied.is_none() {
        return;
    }
    let body = tables.map(|tables| body(&tables.lock()));
    let sentence = denied.and_then(|error| error.message.clone()).map(|text| text.into_owned());
    log.note(Event {
        caller: Some(Arc::clone(caller)),
        body: body.unwrap_or_default().into(),
        error: refused.map(|refused| (refused.name(), sentence)),
        ..asked.event(kind)
    });
}

/// A caller was refused who is not known, and has claimed this access key.
pub(crate) fn note_unknown(dax: &Dax, asked: Asked<'_>, claimed_key: Option<&str>, refused: &Refused) {
    let Some(log) = dax.pipeline.audit_log() else { return };
    let kind = kind(asked.method).unwrap_or(Kind::Read);
    log.note(Event {
        claimed_key: claimed_key.map(str::to_owned),
        error: Some((refused.name(), None)),
        ..asked.event(kind)
    });
}

impl Asked<'_> {
    fn event(&self, kind: Kind) -> Event {
        Event {
            request_id: *self.request_id.get(),
            time_micros: self.now_micros,
            service: "dax",
            operation: self.method.name(),
            kind,
            caller: None,
            claimed_key: None,
            invoked_by: None,
            peer: Some(self.peer),
            user_agent: HeaderValue::from_str(self.user_agent).ok(),
            path: "/".to_owned(),
            body: Vec::new().into(),
            resources: Vec::new(),
            error: None,
        }
    }
}

/// The tables as a request over HTTP names them.
fn body(tables: &BTreeSet<String>) -> Vec<u8> {
    let mut tables = tables.iter();
    let body = match (tables.next(), tables.len()) {
        (None, _) => return Vec::new(),
        (Some(one), 0) => serde_json::json!({ "TableName": one }),
        (Some(one), _) => {
            let all: Map<String, Value> =
                std::iter::once(one).chain(tables).map(|name| (name.clone(), Value::Null)).collect();
            serde_json::json!({ "RequestItems": all })
        }
    };
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn tables_are_named_as_over_http() {
        let body = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            String::from_utf8(super::body(&names)).unwrap()
        };
        assert_eq!(body(&[]), "");
        assert_eq!(body(&["a\""]), r#"{"TableName":"a\""}"#);
        assert_eq!(body(&["b", "a"]), r#"{"RequestItems":{"a":null,"b":null}}"#);
    }
}
