//! Whether alarms tell whom they name.

use crate::alarms::{Alarm, Changed, Item};
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use pipeline::Cx;

/// Sets it for the alarms of these names, as far as there are any.
pub(super) async fn set_enabled(
    cx: &Cx<'_, CloudWatch>,
    names: &[String],
    are_enabled: bool,
) -> Result<(), ApiError> {
    let (owner, now) = (cx.service.owner(cx), cx.now_micros);
    for name in names {
        let change = |current: Option<Alarm>| {
            let mut alarm = current.filter(|alarm| alarm.actions.are_enabled != are_enabled).ok_or(())?;
            alarm.actions.are_enabled = are_enabled;
            alarm.configured_micros = now;
            let item = Item::configured(&alarm, "updated", now);
            Ok((Changed { alarm: Some(alarm), item: Some(item) }, ()))
        };
        let _unchanged: Result<(), ()> =
            cx.service.alarms.change(owner, name, now, change).await.map_err(errors::record)?;
    }
    Ok(())
}
