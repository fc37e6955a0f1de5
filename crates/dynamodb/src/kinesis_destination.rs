//! The rules of a table's Kinesis destinations: which state lets what, how a descriptor changes, how it shows.
//!
//! One destination of a table is live at a time. One that was disabled is listed for some minutes; one that failed
//! stays, by its ARN, until another attempt with that ARN.

use crate::hand_over::RETENTION_MICROS;
use engine::feed::{Consumer, ConsumerKind};
use engine::table::{DestinationState, KinesisDestination, StreamView, TimePrecision};
use engine::{Scope, Table};
use kinesis::{StreamRef, Streams};
use model::ApiError;
use store::StoreError;

/// How long a disabled destination is listed.
const LISTED_MICROS: u64 = 10 * 60 * 1_000_000;

/// The requested configuration of a destination.
#[derive(Debug, Clone)]
pub struct NewDestination {
    /// The ARN of the stream.
    pub stream_arn: String,
    /// How exact times are to be.
    pub precision: Option<TimePrecision>,
    /// Why it cannot be, if it cannot.
    pub failure: Option<String>,
    /// Changes up to this position are not for it.
    pub since_position: u128,
}

/// Whether a stream can be a destination; if not, why not.
pub async fn failure(streams: &Streams, scope: &Scope, arn: &str) -> Result<Option<String>, StoreError> {
    let named = StreamRef::parse(arn).ok().filter(|stream| stream.is_of(scope));
    let found = match &named {
        Some(named) => streams.find(scope, &named.name).await?,
        None => None,
    };
    Ok(found.is_none().then(|| format!("The Kinesis data stream {arn} does not exist.")))
}

/// Refuses a second live destination.
pub fn check_enable(table: &Table) -> Result<(), ApiError> {
    match table.settings.kinesis.iter().any(KinesisDestination::is_live) {
        false => Ok(()),
        true => Err(invalid_state(
            "enable",
            "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.",
        )),
    }
}

/// Sends changes to a stream from now on, or records that it does not exist.
pub fn enable(table: &mut Table, new: &NewDestination, now_micros: u64, shows_until_micros: u64) {
    let NewDestination { stream_arn, precision, failure, since_position } = new.clone();
    forget(table, now_micros);
    table.settings.kinesis.retain(|known| known.stream_arn != stream_arn);
    if failure.is_none() {
        table.consumers.push(Consumer {
            kind: ConsumerKind::Kinesis,
            id: stream_arn.clone(),
            view: Some(StreamView::NewAndOldImages),
            retention_micros: RETENTION_MICROS,
            acknowledges: true,
        });
    }
    let state =
        failure.map_or(DestinationState::Active, |description| DestinationState::Failed { description });
    let (enabled_micros, changed_micros) = (now_micros, now_micros);
    table.settings.kinesis.push(KinesisDestination {
        stream_arn,
        state,
        precision,
        since_position,
        enabled_micros,
        changed_micros,
        shows_until_micros,
    });
}

/// Refuses to disable what is not active.
pub fn check_disable(table: &Table, arn: &str, now_micros: u64) -> Result<(), ApiError> {
    match find(table, arn).is_some_and(|known| status(known, now_micros) == "ACTIVE") {
        true => Ok(()),
        false => Err(invalid_state(
            "disable",
            "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.",
        )),
    }
}

/// Lets no further changes go there; those that were recorded still do.
pub fn disable(table: &mut Table, arn: &str, now_micros: u64) {
    let consumers = table.consumers.iter_mut();
    consumers.filter(|one| is_of(one, arn)).for_each(|one| one.view = None);
    set_state(table, arn, DestinationState::Disabling, now_micros);
}

/// All is there.
pub fn end(table: &mut Table, arn: &str, now_micros: u64) {
    table.consumers.retain(|one| !is_of(one, arn));
    set_state(table, arn, DestinationState::Disabled, now_micros);
}

/// Refuses another precision where there is no active destination, or it has that one.
pub fn check_update(
    table: &Table,
    arn: &str,
    precision: TimePrecision,
    now_micros: u64,
) -> Result<(), ApiError> {
    let name = &table.name;
    let known = find(table, arn).ok_or_else(|| {
        let text =
            format!("No streaming destination with streamArn: {arn} found for table with tableName: {name}");
        invalid_state("enable", &text)
    })?;
    if status(known, now_micros) != "ACTIVE" {
        let text = format!(
            "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: {name}, \
             kdsArn: {arn}"
        );
        return Err(invalid_state("enable", &text));
    }
    if known.precision.unwrap_or(TimePrecision::Millisecond) == precision {
        let (value, id) = (precision_name(precision), &table.uuid);
        return Err(ApiError::validation(format!(
            "Invalid Request: Precision is already set to the desired value of {value} for tableId: {id}, kdsArn: \
             {arn}"
        )));
    }
    Ok(())
}

/// Sets the precision of times.
pub fn update(table: &mut Table, arn: &str, precision: TimePrecision, now: u64, shows_until_micros: u64) {
    for known in table.settings.kinesis.iter_mut().filter(|known| known.stream_arn == arn) {
        (known.precision, known.changed_micros) = (Some(precision), now);
        known.shows_until_micros = shows_until_micros;
    }
}

/// Those that are listed at a time.
pub fn listed(table: &Table, now_micros: u64) -> impl Iterator<Item = &KinesisDestination> {
    table.settings.kinesis.iter().filter(move |known| is_listed(known, now_micros))
}

/// The state as the API shows it at a time.
pub fn status(known: &KinesisDestination, now_micros: u64) -> &'static str {
    match known.state {
        DestinationState::Active if now_micros < known.shows_until_micros => match known.is_updated() {
            true => "UPDATING",
            false => "ENABLING",
        },
        DestinationState::Active => "ACTIVE",
        DestinationState::Disabling => "DISABLING",
        DestinationState::Disabled => "DISABLED",
        DestinationState::Failed { .. } => "ENABLE_FAILED",
    }
}

/// The precision of a word that has been checked.
pub fn precision_of(name: &str) -> TimePrecision {
    if name == "MICROSECOND" { TimePrecision::Microsecond } else { TimePrecision::Millisecond }
}

/// The API's word.
pub fn precision_name(precision: TimePrecision) -> &'static str {
    match precision {
        TimePrecision::Millisecond => "MILLISECOND",
        TimePrecision::Microsecond => "MICROSECOND",
    }
}

fn find<'a>(table: &'a Table, arn: &str) -> Option<&'a KinesisDestination> {
    table.settings.kinesis.iter().find(|known| known.stream_arn == arn)
}

fn is_of(consumer: &Consumer, arn: &str) -> bool {
    consumer.kind == ConsumerKind::Kinesis && consumer.id == arn
}

fn set_state(table: &mut Table, arn: &str, state: DestinationState, now_micros: u64) {
    forget(table, now_micros);
    for known in table.settings.kinesis.iter_mut().filter(|known| known.stream_arn == arn) {
        (known.state, known.changed_micros) = (state.clone(), now_micros);
    }
}

fn forget(table: &mut Table, now_micros: u64) {
    table.settings.kinesis.retain(|known| is_listed(known, now_micros));
}

fn is_listed(known: &KinesisDestination, now_micros: u64) -> bool {
    known.state != DestinationState::Disabled || now_micros < known.changed_micros + LISTED_MICROS
}

fn invalid_state(verb: &str, why: &str) -> ApiError {
    ApiError::validation(format!(
        "Table is not in a valid state to {verb} Kinesis Streaming Destination: {why}"
    ))
}
