//! How replicas of version 2017.11.29 at peers are paid for, and how they scale: their servers tell it, judge what is
//! to change about it, and change it. All of them judge before one of them changes anything ([`weigh`], then [`pay`]),
//! and each changes only what it has told: what came between is not undone.

use super::carry::about;
use super::messages::{self, PAY, Pay, WEIGH, Weigh};
use super::{ask, out_of_reach};
use crate::errors::codes;
use crate::global_table::in_use;
use crate::legacy_global_table::{ReplicaSettings, Terms};
use crate::service::DynamoDb;
use engine::Table;
use model::{ApiError, Code};
use peers::{CallError, Peers};
use pipeline::Cx;

pub use super::messages::Weighed;

/// Codes beside that of requests that break a rule which UpdateGlobalTableSettings answers.
const CODES: [Code; 4] =
    [codes::INDEX_NOT_FOUND, codes::RESOURCE_IN_USE, codes::LIMIT_EXCEEDED, codes::RESOURCE_NOT_FOUND];

/// The settings of the replica in a region as its server tells them, unless it would refuse to change them so.
pub async fn weigh(
    cx: &Cx<'_, DynamoDb>,
    member: &Table,
    region: &str,
    terms: &Terms,
) -> Result<Weighed, ApiError> {
    let peers = &cx.service.peers;
    let asked = Weigh { about: about(member, region), terms: terms.clone() };
    ask(peers, region, WEIGH, &asked).await.map_err(|error| refused(peers, region, error))
}

/// Has its server change them, if they are still as they were told. What they are then.
pub async fn pay(
    cx: &Cx<'_, DynamoDb>,
    member: &Table,
    region: &str,
    (terms, seen): (&Terms, &str),
) -> Result<ReplicaSettings, ApiError> {
    let peers = &cx.service.peers;
    let asked = Pay { about: about(member, region), terms: terms.clone(), seen: seen.to_owned() };
    ask(peers, region, PAY, &asked).await.map_err(|error| refused(peers, region, error))
}

fn refused(peers: &Peers, region: &str, error: CallError) -> ApiError {
    let CallError::Said { code, sentence } = &error else { return out_of_reach(peers, region, &error) };
    let known = CODES.into_iter().find(|known| known.name() == code);
    match (known, code.as_str()) {
        (Some(known), _) => ApiError::new(known, sentence.clone()),
        (None, messages::INVALID) => ApiError::validation(sentence.clone()),
        (None, messages::IN_USE) => in_use(),
        (None, _) => out_of_reach(peers, region, &error),
    }
}
