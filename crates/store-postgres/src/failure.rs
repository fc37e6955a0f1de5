//! What the errors of the database mean to a caller of the store.

use store::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// The error of a statement, for the caller of the store.
pub(crate) fn refused(error: &Error) -> StoreError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreError::Full("the database".to_owned()),
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
            StoreError::Unavailable("the database is read-only".to_owned())
        }
        _ => StoreError::Unavailable(sentence(error)),
    }
}

/// Whether nothing has happened, and the same may well succeed now: the connection was lost, or the database gave up
/// the transaction for another's sake.
pub(crate) fn is_passing(error: &Error) -> bool {
    let codes = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
    ];
    error.code().is_none_or(|code| codes.contains(code))
}

/// Whether the connection cannot be used any more.
pub(crate) fn ends_the_session(error: &Error) -> bool {
    error.code().is_none_or(|code| {
        [
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(code)
    })
}

/// The error in the server's words, or the client's, with what caused it.
pub(crate) fn sentence(error: &Error) -> String {
    if let Some(known) = error.as_db_error() {
        return known.message().to_owned();
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
