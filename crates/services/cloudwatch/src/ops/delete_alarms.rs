//! DeleteAlarms: deletes alarms. Names that no alarm has are passed over.

use crate::alarms::{Alarm, Changed, Item};
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{DeleteAlarms, DeleteAlarmsInput, DeleteAlarmsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for DeleteAlarms {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteAlarmsInput> = Validation::MODEL;
    type Plan = Vec<String>;

    fn check(input: DeleteAlarmsInput) -> Result<Vec<String>, ApiError> {
        Ok(input.alarm_names.unwrap_or_default())
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatch>, names: &'a Vec<String>) -> Access<'a> {
        names
            .iter()
            .map(|name| Need::new("cloudwatch:DeleteAlarms", cx.service.alarm_arn(cx, name)))
            .collect()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, names: Vec<String>) -> Result<DeleteAlarmsOutput, ApiError> {
        let (owner, now) = (cx.service.owner(cx), cx.now_micros);
        for name in &names {
            let change = |current: Option<Alarm>| {
                let item = Item::configured(&current.ok_or(())?, "deleted", now);
                Ok((Changed { alarm: None, item: Some(item) }, ()))
            };
            let _unknown: Result<(), ()> =
                cx.service.alarms.change(owner, name, now, change).await.map_err(errors::record)?;
        }
        Ok(DeleteAlarmsOutput {})
    }
}
