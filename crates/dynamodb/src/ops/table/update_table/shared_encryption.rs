//! The kind of encryption, which all replicas share: under a key of KMS or under none. The key is each region's own;
//! one that becomes encrypted with another one is under the key that the service manages in its region.

use super::{When, altered_here, replicas, sealing};
use crate::checks::encryption::check_unlocked;
use crate::encryption::{key_of, retire};
use crate::service::DynamoDb;
use engine::Table;
use model::ApiError;
use model::dynamodb::{SSESpecification, UpdateTableInput};
use pipeline::Cx;
use std::sync::Arc;

/// Another replica after a change of one of them.
pub async fn other(
    cx: &Cx<'_, DynamoDb>,
    member: &Arc<Table>,
    (input, next): (&UpdateTableInput, &Table),
    when: When,
) -> Result<Table, ApiError> {
    let kind = input.sse_specification.as_ref().and_then(|_| change_of_kind(member, next));
    let input = UpdateTableInput { sse_specification: kind, ..replicas::shared(input) };
    let key = key_of(cx, input.sse_specification.as_ref(), &member.scope).await?;
    let mut other = altered_here(member, &input, key.as_ref(), when)?;
    if input.sse_specification.is_some() {
        check_unlocked(&cx.service.engine, member)?;
        other.settings.sealing = sealing(cx, member, key.as_ref()).await?;
    }
    Ok(other)
}

/// What a replica would be asked for to be like another one; `None`: it is.
fn change_of_kind(member: &Table, next: &Table) -> Option<SSESpecification> {
    let is_sealed = next.settings.sse.is_some();
    let sse_type = is_sealed.then(|| "KMS".to_owned());
    let asked = SSESpecification { enabled: Some(is_sealed), sse_type, kms_master_key_id: None };
    (member.settings.sse.is_some() != is_sealed).then_some(asked)
}

/// Takes back what was granted for replicas that are under other keys now, or under none.
pub async fn retire_replaced(cx: &Cx<'_, DynamoDb>, members: &[Arc<Table>], nexts: &[Table]) {
    for (member, next) in members.iter().zip(nexts) {
        if member.settings.sealing != next.settings.sealing {
            retire(cx, &member.scope, member.settings.sealing.as_ref()).await;
        }
    }
}
