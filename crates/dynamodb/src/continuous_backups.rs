//! Point-in-time recovery of a table: what it is switched to, and how it shows.
//!
//! While it is on, a consumer of the table's feed has old images recorded and keeps them for the recovery period. The
//! latest time that can be restored is now: this server need not wait for changes to arrive elsewhere.

use crate::describe::seconds;
use engine::Table;
use engine::feed::{Consumer, ConsumerKind};
use engine::table::{PointInTimeRecovery, StreamView};
use model::dynamodb as shapes;

/// RecoveryPeriodInDays where it is not given.
pub const PERIOD_DAYS: u64 = 35;

const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;

/// Switches it on for so many days, or off.
pub fn switch(table: &mut Table, period_days: Option<u64>, now_micros: u64) {
    table.consumers.retain(|consumer| consumer.kind != ConsumerKind::PointInTime);
    let before = table.settings.point_in_time_recovery;
    table.settings.point_in_time_recovery = period_days.map(|period_days| PointInTimeRecovery {
        // What a shorter period has forgotten stays forgotten.
        since_micros: before.map_or(now_micros, |before| earliest_micros(before, now_micros)),
        period_days,
    });
    table.consumers.extend(period_days.map(|period_days| Consumer {
        kind: ConsumerKind::PointInTime,
        id: String::new(),
        view: Some(StreamView::OldImage),
        // A day longer: what a restore has been promised is there when its job begins to read it.
        retention_micros: (period_days + 1) * MICROS_PER_DAY,
        acknowledges: false,
    }));
}

/// Whether a table is as it would be switched.
pub fn is_switched(table: &Table, period_days: Option<u64>) -> bool {
    table.settings.point_in_time_recovery.map(|recovery| recovery.period_days) == period_days
}

/// The earliest and the latest time that can be restored, in microseconds since the Unix epoch.
pub fn window(recovery: PointInTimeRecovery, now_micros: u64) -> (u64, u64) {
    let earliest = earliest_micros(recovery, now_micros);
    (earliest, now_micros.max(earliest))
}

fn earliest_micros(recovery: PointInTimeRecovery, now_micros: u64) -> u64 {
    recovery.since_micros.max(now_micros.saturating_sub(recovery.period_days * MICROS_PER_DAY))
}

/// As answers show it.
pub fn description(table: &Table, now_micros: u64) -> shapes::ContinuousBackupsDescription {
    let recovery = match table.settings.point_in_time_recovery {
        None => shapes::PointInTimeRecoveryDescription {
            point_in_time_recovery_status: Some("DISABLED".to_owned()),
            ..Default::default()
        },
        Some(recovery) => {
            let (earliest, latest) = window(recovery, now_micros);
            shapes::PointInTimeRecoveryDescription {
                point_in_time_recovery_status: Some("ENABLED".to_owned()),
                recovery_period_in_days: i64::try_from(recovery.period_days).ok(),
                earliest_restorable_date_time: Some(seconds(earliest)),
                latest_restorable_date_time: Some(seconds(latest)),
            }
        }
    };
    shapes::ContinuousBackupsDescription {
        continuous_backups_status: Some("ENABLED".to_owned()),
        point_in_time_recovery_description: Some(recovery),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_ends_now_and_is_as_long_as_the_period_at_most() {
        let recovery = PointInTimeRecovery { since_micros: 5 * MICROS_PER_DAY, period_days: 2 };
        let check = |now, expected| assert_eq!(window(recovery, now), expected, "{now}");
        check(5 * MICROS_PER_DAY - 1, (5 * MICROS_PER_DAY, 5 * MICROS_PER_DAY));
        check(6 * MICROS_PER_DAY, (5 * MICROS_PER_DAY, 6 * MICROS_PER_DAY));
        check(9 * MICROS_PER_DAY, (7 * MICROS_PER_DAY, 9 * MICROS_PER_DAY));
    }
}
