//! The status of a stream. Enabling and disabling take effect at once; they show as under way as long as the change of
//! the table does.

use crate::errors::store_error;
use crate::service::DynamoDbStreams;
use engine::Table;
use engine::stream::Stream;
use engine::table::Change;
use model::ApiError;
use pipeline::Cx;

/// ENABLING, ENABLED, DISABLING or DISABLED.
pub async fn status(cx: &Cx<'_, DynamoDbStreams>, stream: &Stream) -> Result<&'static str, ApiError> {
    let table = cx.service.engine.table(&stream.scope, &stream.table_name);
    let shows = |is: fn(&Change) -> bool| {
        let table = table.as_ref().filter(|table| is_of(table, stream));
        table.is_some_and(|table| table.settings.shows(cx.now_micros, is))
    };
    Ok(match stream.disabled_micros {
        None if shows(|change| matches!(change, Change::Creating | Change::Stream { enabling: true })) => {
            "ENABLING"
        }
        None => "ENABLED",
        Some(_) if shows(|change| matches!(change, Change::Stream { enabling: false })) => "DISABLING",
        Some(_) if is_deleted_with_its_table(cx, stream).await? => "DISABLING",
        Some(_) => "DISABLED",
    })
}

/// Whether it is the latest stream of the table.
fn is_of(table: &Table, stream: &Stream) -> bool {
    table.settings.stream.as_ref().is_some_and(|latest| latest.label == stream.label)
}

/// A table that still shows as being deleted has disabled the stream that it had enabled.
async fn is_deleted_with_its_table(cx: &Cx<'_, DynamoDbStreams>, stream: &Stream) -> Result<bool, ApiError> {
    let deleted = cx.service.engine.deleted_table(&stream.scope, &stream.table_name, cx.now_micros).await;
    let deleted = deleted.map_err(|error| store_error(&error))?.filter(|table| is_of(table, stream));
    Ok(deleted.and_then(|table| table.settings.stream).is_some_and(|latest| latest.enabled))
}
